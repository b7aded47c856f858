//! Every claim that the lesson makes about a number, held against its own network at many seeds.

mod claims;
mod evidence;
mod share;

use rayon::prelude::*;

use crate::lesson::Stream;
use crate::progress::Progress;
use crate::table::{Cell, Table};

pub use claims::{Claim, Finding, Kind};
pub use evidence::{Evidence, Layer, Net};
pub use share::{Share, Verdict};

/// Seeds beside the lesson's own.
pub const SEEDS: usize = 1000;

/// A claim with what was found.
pub struct Row {
    /// The claim.
    pub claim: &'static Claim,
    /// At the lesson's own seed.
    pub own: Finding,
    /// Of the other seeds.
    pub share: Share,
    /// What follows.
    pub verdict: Verdict,
}

/// All claims with what was found.
pub struct Audit {
    /// The lesson's own seed.
    pub seed: u64,
    /// One row a claim, in the lesson's order.
    pub rows: Vec<Row>,
}

/// Audits the lesson's own network at `seed` and at [`SEEDS`] others.
pub fn run(stream: Stream, seed: u64) -> Audit {
    let lab = evidence::Lab::new(stream);
    let own = lab.evidence(seed);
    let others: Vec<u64> = (0..).filter(|&other| other != seed).take(SEEDS).collect();
    let progress = Progress::bar("audit, seeds", others.len());
    let holding: Vec<Vec<bool>> = others
        .par_iter()
        .map(|&other| {
            let evidence = lab.evidence(other);
            progress.step();
            claims::all().map(|claim| (claim.measure)(&evidence).holds).collect()
        })
        .collect();
    let row = |(at, claim): (usize, &'static Claim)| {
        let share = Share { holding: holding.iter().filter(|seed| seed[at]).count(), of: holding.len() };
        Row { claim, own: (claim.measure)(&own), share, verdict: claim.kind.verdict(share) }
    };
    Audit { seed, rows: claims::all().enumerate().map(row).collect() }
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
        for Row { claim, own, share, verdict } in &self.rows {
            table.push(vec![
                Cell::text(claim.section),
                Cell::text(claim.id),
                Cell::text(claim.says),
                Cell::text(&own.measured),
                Cell::text(if own.holds { "yes" } else { "no" }),
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
        let entry = |Row { claim, own, share, verdict }: &Row| {
            let found = match claim.kind {
                Kind::ByDefinition => format!("→ {}", own.measured),
                _ => {
                    let so = if own.holds { "so" } else { "not so" };
                    format!("→ seed {}: {so}, {}; others: so at {}", self.seed, own.measured, share.text())
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
                "Its seed is {}; the others are the first {SEEDS} from 0 on. In brackets, Wilson's 95 % interval. A claim holds when that lies above 90 % of seeds (above 50 % where the lesson says \"often\" or \"tends to\"), and fails when it lies below 10 % (below 50 %).",
                self.seed
            ),
        ]
    }
}
