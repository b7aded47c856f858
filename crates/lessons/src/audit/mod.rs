//! The audit: every quantitative claim of the lesson, measured on its own network at many seeds.

mod claims;
mod distinct;
mod draw;
mod evidence;
mod share;

use cli::{Cell, Progress, Table};
use rayon::prelude::*;

use crate::lesson::RandomSource;

pub use claims::{Claim, ClaimKind, Finding};
pub use evidence::{Evidence, LayerEvidence, Net};
pub use share::{Conclusion, Share};

/// The number of seeds besides the lesson's own.
pub const SEEDS: usize = 1000;

/// A claim and its outcome.
pub struct AuditRow {
    /// The claim.
    pub claim: &'static Claim,
    /// True if it holds at the lesson's own seed.
    pub holds: bool,
    /// The measured value that decides it at that seed.
    pub measured: String,
    /// The share of the other seeds at which it holds.
    pub share: Share,
    /// The verdict over the other seeds.
    pub verdict: Conclusion,
}

/// All claims and their outcomes.
pub struct Audit {
    /// The lesson's own seed.
    pub seed: u64,
    /// The number of other seeds.
    pub others: usize,
    /// One row per claim, in the lesson's order.
    pub rows: Vec<AuditRow>,
}

/// Audits the lesson's own network at `seed` and at [`SEEDS`] others.
pub fn run(source: RandomSource, seed: u64) -> Audit {
    over(source, seed, SEEDS)
}

/// Audits the network at `seed` and at the first `others` other seeds from 0 on, on all threads of rayon's pool.
pub fn over(source: RandomSource, seed: u64, others: usize) -> Audit {
    let lab = evidence::Lab::new(source);
    let evidence = lab.evidence(seed, &mut evidence::Room::new());
    let own: Vec<Finding<'_>> = claims::all().map(|claim| (claim.measure)(&evidence)).collect();
    let own_holds: Vec<bool> = own.iter().map(|finding| finding.holds).collect();
    let others: Vec<u64> = (0..).filter(|&other| other != seed).take(others).collect();
    let progress = Progress::bar("audit, seeds", others.len());
    let holding = at_each(&lab, &others, |evidence| {
        progress.step();
        let holds = |(claim, own): (&Claim, &bool)| match claim.kind {
            ClaimKind::ByDefinition => *own,
            ClaimKind::Always | ClaimKind::Often => (claim.measure)(evidence).holds,
        };
        claims::all().zip(&own_holds).map(holds).collect::<Vec<bool>>()
    });
    let row = |(at, (claim, own)): (usize, (&'static Claim, &Finding<'_>))| {
        let share = Share { holding: holding.iter().filter(|seed| seed[at]).count(), of: holding.len() };
        AuditRow {
            claim,
            holds: own.holds,
            measured: own.measured(),
            share,
            verdict: claim.kind.verdict(share),
        }
    };
    Audit { seed, others: others.len(), rows: claims::all().zip(&own).enumerate().map(row).collect() }
}

/// Evaluates `find` at each seed and returns the results in the order of the seeds. Each seed is computed whole on one
/// thread of the pool and depends on no other seed, so the results are the same for any number of threads.
fn at_each<R: Send>(
    lab: &evidence::Lab,
    seeds: &[u64],
    find: impl Fn(&Evidence) -> R + Send + Sync,
) -> Vec<R> {
    seeds.par_iter().map_init(evidence::Room::new, |room, &seed| find(&lab.evidence(seed, room))).collect()
}

impl Audit {
    /// One row per claim: the claim, the measured value, the share of seeds, the verdict and the reason.
    pub fn table(&self) -> Table {
        let mut table = Table::new(&[
            ("section", "§"),
            ("claim", "id"),
            ("says", "the lesson claims"),
            ("measured", "measured at the lesson's seed"),
            ("holds_at_seed", "holds at that seed"),
            ("share_of_seeds", "holds at other seeds"),
            ("verdict", "verdict"),
            ("why", "why"),
        ]);
        for AuditRow { claim, holds, measured, share, verdict } in &self.rows {
            table.push(vec![
                Cell::text(claim.section),
                Cell::text(claim.id),
                Cell::text(claim.says),
                Cell::text(measured),
                Cell::text(if *holds { "yes" } else { "no" }),
                seeds(claim, *share),
                Cell::text(verdict.text()),
                Cell::text(claim.why),
            ]);
        }
        table
    }

    /// The claims that fail or depend on the seed, one line each.
    pub fn brief(&self) -> Table {
        let mut table = Table::new(&[
            ("section", "§"),
            ("says", "the lesson claims"),
            ("verdict", "verdict"),
            ("measured", "measured at the lesson's seed"),
            ("share_of_seeds", "holds at other seeds"),
        ]);
        for AuditRow { claim, measured, share, verdict, .. } in &self.rows {
            if *verdict != Conclusion::Holds {
                let texts = [claim.section, claim.says, verdict.text(), measured].map(Cell::text);
                table.push(texts.into_iter().chain([seeds(claim, *share)]).collect());
            }
        }
        table
    }

    /// The table for the terminal: verdict and section, then the claim, the measured value and the reason.
    pub fn list(&self) -> Vec<(String, String)> {
        let entry = |AuditRow { claim, holds, measured, share, verdict }: &AuditRow| {
            let found = match claim.kind {
                ClaimKind::ByDefinition => format!("→ {measured}"),
                _ => {
                    let holds = if *holds { "holds" } else { "does not hold" };
                    let share = share.text();
                    format!("→ seed {}: {holds} ({measured}); other seeds: holds at {share}", self.seed)
                }
            };
            let text = format!("{}\n{found}\n{}\n ", claim.says, claim.why);
            (format!("{} §{}", verdict.text(), claim.section), text)
        };
        self.rows.iter().map(entry).collect()
    }

    /// The counts, and the meaning of the columns.
    pub fn notes(&self) -> Vec<String> {
        let count = |verdict| self.rows.iter().filter(|row| row.verdict == verdict).count();
        vec![
            format!(
                "{} claims: {} hold, {} fail, {} depend on the seed.",
                self.rows.len(),
                count(Conclusion::Holds),
                count(Conclusion::Fails),
                count(Conclusion::Depends)
            ),
            format!(
                "The lesson's seed is {}; the other seeds are the first {} from 0 on. Brackets hold Wilson's 95% interval. A claim holds if that interval lies above 90% of seeds (above 50% where the lesson says \"often\" or \"tends to\"), fails if it lies below 10% (below 50%), and otherwise depends on the seed.",
                self.seed, self.others
            ),
        ]
    }
}

/// The share of seeds at which a claim holds, as a cell.
fn seeds(claim: &Claim, share: Share) -> Cell {
    match claim.kind {
        ClaimKind::ByDefinition => Cell::Number(f64::NAN, "deterministic".to_owned()),
        _ => Cell::Number(share.holding as f64 / share.of as f64, share.text()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every number with all its digits.
    fn evidence(threads: usize) -> Vec<String> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        let (lab, seeds) = (evidence::Lab::new(RandomSource::Torch), (0..8).collect::<Vec<u64>>());
        pool.install(|| at_each(&lab, &seeds, |evidence| format!("{evidence:?}")))
    }

    #[test]
    fn seeds_have_the_same_bits_on_any_number_of_threads() {
        let alone = evidence(1);
        assert!(alone[0] != alone[1], "the text differs between seeds");
        assert_eq!(evidence(2), alone);
        assert_eq!(evidence(3), alone);
    }
}
