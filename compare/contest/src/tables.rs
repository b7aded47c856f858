//! The measured times as tables.

use cli::{Cell, Table};
use diagnostics::significant;
use shared::Work;

use crate::contest::{Times, WorkTimes, median};
use crate::networks::flops;

/// The times of every program for every work.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TimeComparison {
    /// The programs, ours first.
    pub(super) names: Vec<&'static str>,
    /// One entry per work.
    pub(super) works: Vec<WorkTimes>,
    /// Threads of each program.
    pub(super) threads: usize,
}

/// Our time over theirs: the median over the turns, the smallest and the largest.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Ratio {
    middle: f64,
    low: f64,
    high: f64,
}

impl Ratio {
    fn of(ours: &Times, theirs: &Times) -> Self {
        let each: Vec<f64> =
            ours.turns.iter().zip(&theirs.turns).map(|(ours, theirs)| ours / theirs).collect();
        let (low, high) = (f64::INFINITY, f64::NEG_INFINITY);
        Self {
            middle: median(&each),
            low: each.iter().copied().fold(low, f64::min),
            high: each.iter().copied().fold(high, f64::max),
        }
    }
}

const MICRO: f64 = 1e6;

impl TimeComparison {
    /// Floating-point operations per second of all threads: those of one core in its fastest round, times the threads.
    pub(super) fn peak(&self) -> Option<f64> {
        let fma = self.works.iter().find(|work| work.work == Work::Fma)?;
        let rates = fma.times.iter().flatten().map(|times| Work::FMA as f64 / times.best);
        Some(rates.fold(0.0, f64::max) * self.threads as f64)
    }

    /// The microseconds that the matrix products of a work take at the peak.
    pub(super) fn floor(&self, work: Work) -> Option<f64> {
        let flops = flops(work).filter(|_| work != Work::Fma)?;
        self.peak().map(|peak| MICRO * flops as f64 / peak)
    }

    /// A program's median microseconds per round.
    pub(super) fn micros(work: &WorkTimes, program: usize) -> Option<f64> {
        work.times[program].as_ref().map(|times| MICRO * times.median)
    }

    fn ratio(work: &WorkTimes, program: usize) -> Option<Ratio> {
        Some(Ratio::of(work.times[0].as_ref()?, work.times[program].as_ref()?))
    }

    /// The record: one row per work and program.
    pub(super) fn record(&self) -> Table {
        let mut table = Table::new(&[
            ("work", "Work"),
            ("program", "Program"),
            ("median_us", "Median, µs"),
            ("ratio", "Ours / theirs"),
            ("ratio_low", "Lowest"),
            ("ratio_high", "Highest"),
            ("floor_us", "Floor, µs"),
        ]);
        for times in &self.works {
            let floor = self.floor(times.work);
            for (program, name) in self.names.iter().enumerate() {
                let pair = (Self::micros(times, program), Self::ratio(times, program));
                let (Some(micros), Some(Ratio { middle, low, high })) = pair else { continue };
                let mut cells = vec![Cell::text(times.work.to_string()), Cell::text(*name), number(micros)];
                cells.extend([middle, low, high].map(number));
                cells.push(floor.map_or_else(|| Cell::text(""), number));
                table.push(cells);
            }
        }
        table
    }

    /// Medians in microseconds: the floor, then one column per program.
    pub(super) fn times(&self) -> Table {
        let columns = self.names.iter().map(|&name| (name, name));
        let mut table =
            Table::new(&[WORK, ("floor", "Floor")].into_iter().chain(columns).collect::<Vec<_>>());
        for times in &self.works {
            let programs = (0..self.names.len()).map(|program| optional(Self::micros(times, program)));
            let first = [Cell::text(times.work.title()), optional(self.floor(times.work))];
            table.push(first.into_iter().chain(programs).collect());
        }
        table
    }

    /// Our time over theirs with the extremes of the turns, one column per program; works that only we did are left out.
    pub(super) fn ratios(&self) -> Table {
        let columns = self.names.iter().skip(1).map(|&name| (name, name));
        let mut table = Table::new(&[WORK].into_iter().chain(columns).collect::<Vec<_>>());
        for times in self.works.iter().filter(|work| work.times.iter().skip(1).any(Option::is_some)) {
            let programs = (1..self.names.len()).map(|program| {
                Cell::text(Self::ratio(times, program).map_or_else(
                    || MISSING.to_owned(),
                    |ratio| {
                        let [middle, low, high] =
                            [ratio.middle, ratio.low, ratio.high].map(|x| significant(x, 2));
                        format!("{middle} ({low}–{high})")
                    },
                ))
            });
            table.push(std::iter::once(Cell::text(times.work.title())).chain(programs).collect());
        }
        table
    }
}

const WORK: (&str, &str) = ("work", "Work");
const MISSING: &str = "–";

fn number(x: f64) -> Cell {
    Cell::Number(x, significant(x, 3))
}

fn optional(x: Option<f64>) -> Cell {
    x.map_or_else(|| Cell::text(MISSING), number)
}

#[cfg(test)]
pub(super) mod tests {
    use shared::Work;

    use super::TimeComparison;
    use crate::contest::{Times, WorkTimes};
    use crate::networks::flops;

    /// Two programs: ours, and one that takes twice as long and lacks training.
    pub(crate) fn comparison() -> TimeComparison {
        let times = |turns: [f64; 3]| Some(Times { median: turns[1], best: turns[0], turns: turns.to_vec() });
        let both = |work, ours, theirs| WorkTimes { work, times: vec![ours, theirs] };
        let step = |width, depth, seconds: f64| {
            let all = [0.9, 1.0, 1.1].map(|x| x * seconds);
            both(Work::Step(width, depth), times(all), times([2.0 * seconds; 3]))
        };
        // 2²⁶ operations in 2⁻¹⁰ s at best: 2³⁶ a second.
        let fma = times([1.0 / 1024.0, 1.0 / 512.0, 1.0 / 256.0]);
        let train = both(Work::Train, times([0.1, 0.1, 0.1]), None);
        let works = vec![
            both(Work::Fma, fma, None),
            step(100, 3, 4e-4),
            step(1024, 3, 0.03),
            step(100, 10, 1e-3),
            train,
        ];
        TimeComparison { names: vec!["Step Zero", "PyTorch"], works, threads: 1 }
    }

    #[test]
    fn the_floor_is_operations_over_the_peak() {
        let one = comparison();
        assert_eq!(one.peak(), Some(2f64.powi(36)));
        let flops = flops(Work::Step(100, 3)).unwrap() as f64;
        assert_eq!(one.floor(Work::Step(100, 3)), Some(1e6 * flops / 2f64.powi(36)));
        assert_eq!((one.floor(Work::Fma), one.floor(Work::Tanh)), (None, None));
        let two = TimeComparison { threads: 2, ..one };
        assert_eq!(two.peak(), Some(2f64.powi(37)));
        let without = TimeComparison { works: two.works[1..].to_vec(), ..two };
        assert_eq!((without.peak(), without.floor(Work::Train)), (None, None));
    }

    #[test]
    fn a_ratio_is_of_turns_side_by_side() {
        insta::assert_snapshot!(comparison().ratios().markdown(), @"
        | Work           | PyTorch         |
        |----------------|-----------------|
        | step, 100 × 3  | 0.5 (0.45–0.55) |
        | step, 1024 × 3 | 0.5 (0.45–0.55) |
        | step, 100 × 10 | 0.5 (0.45–0.55) |
        ");
        insta::assert_snapshot!(comparison().times().markdown(), @"
        | Work                  | Floor | Step Zero | PyTorch |
        |-----------------------|-------|-----------|---------|
        | 2²⁶ operations, fused | –     |      1950 | –       |
        | step, 100 × 3         | 269   |       400 | 800     |
        | step, 1024 × 3        | 24200 |     30000 | 60000   |
        | step, 100 × 10        | 1060  |      1000 | 2000    |
        | training, 100 steps   | 3190  |    100000 | –       |
        ");
        insta::assert_snapshot!(String::from_utf8(comparison().record().csv()).unwrap(), @"
        work,program,median_us,ratio,ratio_low,ratio_high,floor_us
        fma,Step Zero,1953.12,1,1,1,
        step/100x3,Step Zero,400,1,1,1,269.007
        step/100x3,PyTorch,800,0.5,0.45,0.55,269.007
        step/1024x3,Step Zero,30000,1,1,1,24233.8
        step/1024x3,PyTorch,60000,0.5,0.45,0.55,24233.8
        step/100x10,Step Zero,1000,1,1,1,1063.54
        step/100x10,PyTorch,2000,0.5,0.45,0.55,1063.54
        train,Step Zero,100000,1,1,1,3185.12
        ");
    }
}
