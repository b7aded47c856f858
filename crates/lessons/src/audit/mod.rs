//! Every claim that the lesson makes about a number, held against its own network at many seeds.

mod claims;
mod draw;
mod evidence;
mod share;

use rayon::prelude::*;

use crate::lesson::Stream;
use cli::Progress;
use cli::{Cell, Table};

pub use claims::{Claim, Finding, Kind};
pub use evidence::{Evidence, Layer, Net};
pub use share::{Share, Verdict};

/// Seeds beside the lesson's own.
pub const SEEDS: usize = 1000;

/// A claim with what was found.
pub struct Row {
    /// The claim.
    pub claim: &'static Claim,
    /// Whether it is true at the lesson's own seed.
    pub holds: bool,
    /// The figure that decides it there.
    pub measured: String,
    /// Of the other seeds.
    pub share: Share,
    /// What follows.
    pub verdict: Verdict,
}

/// All claims with what was found.
pub struct Audit {
    /// The lesson's own seed.
    pub seed: u64,
    /// How many others were looked at.
    pub others: usize,
    /// One row a claim, in the lesson's order.
    pub rows: Vec<Row>,
}

/// Audits the lesson's own network at `seed` and at [`SEEDS`] others.
pub fn run(stream: Stream, seed: u64) -> Audit {
    over(stream, seed, SEEDS)
}

/// Audits it at `seed` and at so many others, the first from 0 on; all threads of rayon's pool take part.
pub fn over(stream: Stream, seed: u64, others: usize) -> Audit {
    let lab = evidence::Lab::new(stream);
    let evidence = lab.evidence(seed, &mut evidence::Room::new());
    let own: Vec<Finding<'_>> = claims::all().map(|claim| (claim.measure)(&evidence)).collect();
    let own_holds: Vec<bool> = own.iter().map(|finding| finding.holds).collect();
    let others: Vec<u64> = (0..).filter(|&other| other != seed).take(others).collect();
    let progress = Progress::bar("audit, seeds", others.len());
    let holding = at_each(&lab, &others, |evidence| {
        progress.step();
        let holds = |(claim, own): (&Claim, &bool)| match claim.kind {
            Kind::ByDefinition => *own,
            Kind::Always | Kind::Often => (claim.measure)(evidence).holds,
        };
        claims::all().zip(&own_holds).map(holds).collect::<Vec<bool>>()
    });
    let row = |(at, (claim, own)): (usize, (&'static Claim, &Finding<'_>))| {
        let share = Share { holding: holding.iter().filter(|seed| seed[at]).count(), of: holding.len() };
        Row { claim, holds: own.holds, measured: own.measured(), share, verdict: claim.kind.verdict(share) }
    };
    Audit { seed, others: others.len(), rows: claims::all().zip(&own).enumerate().map(row).collect() }
}

/// What is found at each seed, in their order, on all threads of the pool: whole seeds in parallel, and nothing of one
/// depends on another, so it is the same whatever their number.
fn at_each<R: Send>(
    lab: &evidence::Lab,
    seeds: &[u64],
    find: impl Fn(&Evidence) -> R + Send + Sync,
) -> Vec<R> {
    seeds.par_iter().map_init(evidence::Room::new, |room, &seed| find(&lab.evidence(seed, room))).collect()
}

impl Audit {
    /// One row a claim: what is said, what was measured, the share of seeds, the verdict, and why.
    pub fn table(&self) -> Table {
        let mut table = Table::new(&[
            ("section", "§"),
            ("claim", "id"),
            ("says", "the lesson says"),
            ("measured", "measured at its seed"),
            ("own", "holds there"),
            ("share", "holds at other seeds"),
            ("verdict", "verdict"),
            ("why", "why"),
        ]);
        for Row { claim, holds, measured, share, verdict } in &self.rows {
            table.push(vec![
                Cell::text(claim.section),
                Cell::text(claim.id),
                Cell::text(claim.says),
                Cell::text(measured),
                Cell::text(if *holds { "yes" } else { "no" }),
                match claim.kind {
                    Kind::ByDefinition => Cell::Number(f64::NAN, "no seed in it".to_owned()),
                    _ => Cell::Number(share.holding as f64 / share.of as f64, share.text()),
                },
                Cell::text(verdict.text()),
                Cell::text(claim.why),
            ]);
        }
        table
    }

    /// The same for the terminal: verdict and section beside what is said, what was found, and why.
    pub fn list(&self) -> Vec<(String, String)> {
        let entry = |Row { claim, holds, measured, share, verdict }: &Row| {
            let found = match claim.kind {
                Kind::ByDefinition => format!("→ {measured}"),
                _ => {
                    let so = if *holds { "so" } else { "not so" };
                    format!("→ seed {}: {so}, {measured}; others: so at {}", self.seed, share.text())
                }
            };
            let text = format!("{}\n{found}\n{}\n ", claim.says, claim.why);
            (format!("{} §{}", verdict.text(), claim.section), text)
        };
        self.rows.iter().map(entry).collect()
    }

    /// What the columns mean.
    pub fn notes(&self) -> Vec<String> {
        let count = |verdict| self.rows.iter().filter(|row| row.verdict == verdict).count();
        vec![
            format!(
                "{} claims: {} hold, {} fail, {} depend on the seed.",
                self.rows.len(),
                count(Verdict::Holds),
                count(Verdict::Fails),
                count(Verdict::Depends)
            ),
            format!(
                "Its seed is {}; the others are the first {} from 0 on. In brackets, Wilson's 95 % interval. A claim holds when that lies above 90 % of seeds (above 50 % where the lesson says \"often\" or \"tends to\"), and fails when it lies below 10 % (below 50 %).",
                self.seed, self.others
            ),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every number, to the digits that tell it from all others.
    fn evidence(threads: usize) -> Vec<String> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        let (lab, seeds) = (evidence::Lab::new(Stream::Torch), (0..8).collect::<Vec<u64>>());
        pool.install(|| at_each(&lab, &seeds, |evidence| format!("{evidence:?}")))
    }

    #[test]
    fn seeds_have_the_same_bits_on_any_number_of_threads() {
        let alone = evidence(1);
        assert!(alone[0] != alone[1], "the text tells seeds apart");
        assert_eq!(evidence(2), alone);
        assert_eq!(evidence(3), alone);
    }
}
