//! Programs at the same work, in turns.

use super::agree::{Stream, agree};
use super::protocol::{Answer, Request, Took};
use super::work::Work;
use cli::Failure;
use crate::progress::Progress;

/// Whatever answers requests.
pub trait Program {
    /// The answer to one request.
    ///
    /// # Errors
    /// If none can be understood.
    fn ask(&mut self, request: Request) -> Result<Answer, Failure>;
}

/// One that takes part.
pub struct Entrant<'a> {
    /// As tables call it.
    pub name: &'static str,
    /// Where its random numbers come from.
    pub stream: Stream,
    /// Itself.
    pub program: Box<dyn Program + 'a>,
}

/// How long it goes on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plan {
    /// Turns of each program.
    pub turns: usize,
    /// About how many seconds a turn takes; at least one round.
    pub seconds: f64,
}

/// More rounds than this say nothing more about a median.
const MOST_ROUNDS: f64 = 1000.0;

impl Plan {
    /// For a page.
    pub const FULL: Self = Self { turns: 9, seconds: 0.1 };
    /// For a look.
    pub const QUICK: Self = Self { turns: 3, seconds: 0.02 };

    fn rounds(self, seconds: f64) -> usize {
        (self.seconds / seconds).clamp(1.0, MOST_ROUNDS) as usize
    }
}

/// What one program took for one work.
#[derive(Clone, Debug, PartialEq)]
pub struct Times {
    /// Seconds of a round: the median over all of them.
    pub median: f64,
    /// Seconds of the fastest round.
    pub best: f64,
    /// The median of each turn.
    pub turns: Vec<f64>,
}

/// One work, and what each program took for it; `None` of one that has nothing for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The work.
    pub work: Work,
    /// In the order of the programs.
    pub times: Vec<Option<Times>>,
}

/// What was measured, and what failed meanwhile.
pub struct Measured {
    /// One row a work.
    pub rows: Vec<Row>,
    /// Who could not do what, and why.
    pub notes: Vec<String>,
}

/// Every work in every program, in turns; the first program is ours, and every answer is held to its first one.
///
/// # Errors
/// If a program's numbers are not ours, if it cannot be understood, or if we cannot do a work.
pub fn measure(entrants: &mut [Entrant<'_>], works: &[Work], plan: Plan) -> Result<Measured, Failure> {
    let progress = Progress::bar("comparing", works.len());
    let mut measured = Measured { rows: Vec::new(), notes: Vec::new() };
    for &work in works {
        progress.say(&work.to_string());
        let row = row(entrants, work, plan, &mut measured.notes)?;
        measured.rows.push(row);
        progress.step();
    }
    Ok(measured)
}

/// A program's rounds so far.
struct Seen {
    rounds: usize,
    all: Vec<f64>,
    turns: Vec<f64>,
}

fn row(entrants: &mut [Entrant<'_>], work: Work, plan: Plan, notes: &mut Vec<String>) -> Result<Row, Failure> {
    let mut bench = Bench { work, ours: None };
    let mut seen = Vec::new();
    for entrant in entrants.iter_mut() {
        // The first round compiles and fills caches; the second says how many a turn has time for.
        seen.push(match bench.run(entrant, 1).and_then(|_| bench.run(entrant, 1)) {
            Ok(seconds) => Some(Seen { rounds: plan.rounds(seconds[0]), all: vec![], turns: vec![] }),
            Err(Trouble::Without(why)) if bench.ours.is_some() => {
                notes.extend(why.map(|why| format!("{} cannot do {work}: {why}", entrant.name)));
                None
            }
            Err(trouble) => return Err(trouble.fault(entrant, work)),
        });
    }
    for turn in 0..plan.turns {
        // Each begins as often as the others: what one leaves in the caches is not always the same one's loss.
        let count = entrants.len();
        for at in (0..count).map(|at| (at + turn) % count) {
            let (entrant, Some(seen)) = (&mut entrants[at], &mut seen[at]) else { continue };
            let seconds = bench.run(entrant, seen.rounds).map_err(|trouble| trouble.fault(entrant, work))?;
            seen.turns.push(median(&seconds));
            seen.all.extend(seconds);
        }
    }
    let best = |all: &[f64]| all.iter().copied().fold(f64::INFINITY, f64::min);
    let times = |seen: Seen| Times { median: median(&seen.all), best: best(&seen.all), turns: seen.turns };
    Ok(Row { work, times: seen.into_iter().map(|seen| seen.map(times)).collect() })
}

/// One work, and the numbers that the first to do it gave.
struct Bench {
    work: Work,
    ours: Option<Vec<f64>>,
}

/// Why there are no seconds.
enum Trouble {
    /// The program has nothing for the work, or says why it failed.
    Without(Option<String>),
    /// The comparison cannot go on.
    Wrong(String),
}

impl Bench {
    /// So many rounds of a program, and its numbers held to ours.
    fn run(&mut self, entrant: &mut Entrant<'_>, rounds: usize) -> Result<Vec<f64>, Trouble> {
        let request = Request { work: self.work, rounds };
        let Took { seconds, gave } = match entrant.program.ask(request) {
            Ok(Answer::Took(took)) => took,
            Ok(Answer::Lacks) => return Err(Trouble::Without(None)),
            Ok(Answer::Cannot(why)) => return Err(Trouble::Without(Some(why))),
            Ok(other) => return Err(Trouble::Wrong(format!("it answers '{other}' to '{request}'"))),
            Err(fault) => return Err(Trouble::Wrong(fault.to_string())),
        };
        if seconds.len() != rounds {
            return Err(Trouble::Wrong(format!("it answers {} rounds to '{request}'", seconds.len())));
        }
        let ours = self.ours.get_or_insert_with(|| gave.clone());
        agree(self.work, entrant.stream, ours, &gave)
            .map_err(|what| Trouble::Wrong(format!("it gave {what}")))?;
        Ok(seconds)
    }
}

impl Trouble {
    fn fault(self, entrant: &Entrant<'_>, work: Work) -> Failure {
        let what = match self {
            Self::Without(None) => "it has nothing for it".to_owned(),
            Self::Without(Some(what)) | Self::Wrong(what) => what,
        };
        Failure::new(format!("{}, {work}: {what}", entrant.name))
    }
}

/// The middle of some numbers; NaN of none.
pub(super) fn median(numbers: &[f64]) -> f64 {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => f64::NAN,
        n if n % 2 == 1 => sorted[n / 2],
        n => f64::midpoint(sorted[n / 2 - 1], sorted[n / 2]),
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::{Answer, Entrant, Measured, Plan, Program, Request, Stream, Took, Work, measure, median};
    use cli::Failure;

    const PLAN: Plan = Plan { turns: 2, seconds: 0.01 };

    /// Answers from a script of its own, and writes down who was asked for what.
    struct Scripted<'a> {
        name: &'static str,
        log: &'a RefCell<Vec<String>>,
        says: fn(Request) -> Answer,
    }

    impl Program for Scripted<'_> {
        fn ask(&mut self, request: Request) -> Result<Answer, Failure> {
            self.log.borrow_mut().push(format!("{} {}", self.name, request.rounds));
            Ok((self.says)(request))
        }
    }

    fn took(request: Request, seconds: f64, gave: f64) -> Answer {
        Answer::Took(Took { seconds: vec![seconds; request.rounds], gave: vec![gave] })
    }

    fn honest(request: Request) -> Answer {
        took(request, 0.004, 3.0)
    }

    /// We, honest, against a peer that says something.
    fn against(says: fn(Request) -> Answer) -> (Result<Measured, Failure>, Vec<String>) {
        let log = RefCell::new(Vec::new());
        let entrant = |name, says| {
            let program = Box::new(Scripted { name, log: &log, says });
            Entrant { name, stream: Stream::Own, program }
        };
        let measured = measure(&mut [entrant("we", honest), entrant("peer", says)], &[Work::Tanh], PLAN);
        (measured, log.into_inner())
    }

    #[track_caller]
    fn refused(says: fn(Request) -> Answer) -> String {
        against(says).0.err().expect("a refusal").to_string()
    }

    #[test]
    fn turns_alternate_and_last_equally_long() {
        let (measured, log) = against(|request| took(request, 0.002, 3.0));
        assert_eq!(
            log,
            ["we 1", "we 1", "peer 1", "peer 1", "we 2", "peer 5", "peer 5", "we 2"],
            "two to warm up, then ten milliseconds each"
        );
        let row = &measured.unwrap().rows[0];
        let medians: Vec<f64> = row.times.iter().flatten().map(|times| times.median).collect();
        assert_eq!((medians, row.times[1].as_ref().unwrap().turns.len()), (vec![0.004, 0.002], 2));
    }

    #[test]
    fn who_has_nothing_is_left_out() {
        let row = |says| against(says).0.map(|all| (all.rows[0].times[1].clone(), all.notes)).unwrap();
        assert_eq!(row(|_| Answer::Lacks), (None, vec![]));
        let (none, notes) = row(|_| Answer::Cannot("no compiler".to_owned()));
        assert_eq!((none, notes), (None, vec!["peer cannot do tanh: no compiler".to_owned()]));
    }

    #[test]
    fn a_liar_ends_the_comparison() {
        let wrong = refused(|request| took(request, 1e-6, 3.01));
        assert_eq!(wrong, "peer, tanh: it gave 3.01 where we have 3; 1e-4 of it is allowed");
        refused(|request| took(request, 1e-6, f64::NAN));
        // Right at first, and wrong when it is measured.
        refused(|request| took(request, 0.002, if request.rounds == 1 { 3.0 } else { 4.0 }));
        let fewer = refused(|_| Answer::Took(Took { seconds: vec![], gave: vec![3.0] }));
        assert_eq!(fewer, "peer, tanh: it answers 0 rounds to 'run tanh 1'");
        let strange = refused(|_| Answer::Ready("again".to_owned()));
        assert_eq!(strange, "peer, tanh: it answers 'ready again' to 'run tanh 1'");
    }

    #[test]
    fn the_middle_of_two_is_between_them() {
        assert_eq!([median(&[3.0, 1.0, 2.0]), median(&[4.0, 1.0, 2.0, 3.0])], [2.0, 2.5]);
        assert!(median(&[]).is_nan());
    }
}
