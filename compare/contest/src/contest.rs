//! Programs at the same work, in turns.

use cli::{Failure, Progress};
use shared::Work;
use shared::protocol::{Answer, Request, Timing};

use crate::agree::{GeneratorKind, agree};

/// A program that answers requests.
pub trait Responder {
    /// The answer to one request.
    ///
    /// # Errors
    /// If the program has ended or its answer cannot be understood.
    fn ask(&mut self, request: Request) -> Result<Answer, Failure>;
}

/// A program that takes part.
pub struct Entrant<'a> {
    /// Its name in tables.
    pub name: &'static str,
    /// The generator that its random numbers come from.
    pub generator: GeneratorKind,
    /// The program itself.
    pub program: Box<dyn Responder + 'a>,
}

/// The number of turns and the length of each.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plan {
    /// Turns of each program.
    pub turns: usize,
    /// Approximate seconds per turn; a turn has at least one round.
    pub seconds: f64,
}

/// More rounds per turn than this say nothing more about a median.
const MOST_ROUNDS: f64 = 1000.0;

impl Plan {
    /// For a page.
    pub const FULL: Self = Self { turns: 9, seconds: 0.1 };
    /// For a quick look.
    pub const QUICK: Self = Self { turns: 3, seconds: 0.02 };

    fn rounds(self, seconds: f64) -> usize {
        (self.seconds / seconds).clamp(1.0, MOST_ROUNDS) as usize
    }
}

/// The times of one program for one work.
#[derive(Clone, Debug, PartialEq)]
pub struct Times {
    /// Seconds per round: the median over all rounds.
    pub median: f64,
    /// Seconds of the fastest round.
    pub best: f64,
    /// The median of each turn.
    pub turns: Vec<f64>,
}

/// One work, and the times of each program; `None` for a program that has nothing for it.
#[derive(Clone, Debug, PartialEq)]
pub struct WorkTimes {
    /// The work.
    pub work: Work,
    /// In the order of the programs.
    pub times: Vec<Option<Times>>,
}

/// All times, and what failed meanwhile.
pub struct Measurements {
    /// One entry per work.
    pub works: Vec<WorkTimes>,
    /// Which program failed at which work, and why.
    pub notes: Vec<String>,
}

/// Runs every work in every program, in turns. The first program is ours, and every answer is compared with its first
/// one.
///
/// # Errors
/// If a program's numbers differ from ours, if its answer cannot be understood, or if ours fails.
pub fn measure(entrants: &mut [Entrant<'_>], works: &[Work], plan: Plan) -> Result<Measurements, Failure> {
    let progress = Progress::bar("comparing", works.len());
    let mut all = Measurements { works: Vec::new(), notes: Vec::new() };
    for &work in works {
        progress.say(&work.to_string());
        let times = work_times(entrants, work, plan, &mut all.notes)?;
        all.works.push(times);
        progress.step();
    }
    Ok(all)
}

/// A program's rounds so far.
struct Rounds {
    per_turn: usize,
    seconds: Vec<f64>,
    turns: Vec<f64>,
}

impl Rounds {
    fn new(per_turn: usize) -> Self {
        Self { per_turn, seconds: Vec::new(), turns: Vec::new() }
    }

    fn times(self) -> Times {
        let best = self.seconds.iter().copied().fold(f64::INFINITY, f64::min);
        Times { median: median(&self.seconds), best, turns: self.turns }
    }
}

fn work_times(
    entrants: &mut [Entrant<'_>],
    work: Work,
    plan: Plan,
    notes: &mut Vec<String>,
) -> Result<WorkTimes, Failure> {
    let mut checked = CheckedWork { work, ours: None };
    let mut all = Vec::new();
    for entrant in entrants.iter_mut() {
        // The first round compiles and fills caches; the second says how many a turn has time for.
        all.push(match checked.run(entrant, 1).and_then(|_| checked.run(entrant, 1)) {
            Ok(seconds) => Some(Rounds::new(plan.rounds(seconds[0]))),
            Err(NoTimes::Without(why)) if checked.ours.is_some() => {
                notes.extend(why.map(|why| format!("{} cannot do {work}: {why}", entrant.name)));
                None
            }
            Err(none) => return Err(none.failure(entrant, work)),
        });
    }
    for turn in 0..plan.turns {
        // Each begins as often as the others, so that what one leaves in the caches does not always cost the same one.
        let count = entrants.len();
        for at in (0..count).map(|at| (at + turn) % count) {
            let (entrant, Some(rounds)) = (&mut entrants[at], &mut all[at]) else { continue };
            let seconds =
                checked.run(entrant, rounds.per_turn).map_err(|none| none.failure(entrant, work))?;
            rounds.turns.push(median(&seconds));
            rounds.seconds.extend(seconds);
        }
    }
    Ok(WorkTimes { work, times: all.into_iter().map(|rounds| rounds.map(Rounds::times)).collect() })
}

/// One work, and the numbers that our program computed for it.
struct CheckedWork {
    work: Work,
    ours: Option<Vec<f64>>,
}

/// Why a request gave no times.
enum NoTimes {
    /// The program has nothing for the work, or says why it failed.
    Without(Option<String>),
    /// The comparison cannot go on.
    Wrong(String),
}

impl CheckedWork {
    /// The seconds of a number of rounds of a program, once its numbers are found to be ours.
    fn run(&mut self, entrant: &mut Entrant<'_>, rounds: usize) -> Result<Vec<f64>, NoTimes> {
        let request = Request { work: self.work, rounds };
        let Timing { seconds, numbers } = match entrant.program.ask(request) {
            Ok(Answer::Took(timing)) => timing,
            Ok(Answer::Lacks) => return Err(NoTimes::Without(None)),
            Ok(Answer::Cannot(why)) => return Err(NoTimes::Without(Some(why))),
            Ok(other) => return Err(NoTimes::Wrong(format!("the answer to '{request}' is '{other}'"))),
            Err(failure) => return Err(NoTimes::Wrong(failure.to_string())),
        };
        if seconds.len() != rounds {
            return Err(NoTimes::Wrong(format!("the answer to '{request}' has {} rounds", seconds.len())));
        }
        let ours = self.ours.get_or_insert_with(|| numbers.clone());
        agree(self.work, entrant.generator, ours, &numbers)
            .map_err(|what| NoTimes::Wrong(format!("the result has {what}")))?;
        Ok(seconds)
    }
}

impl NoTimes {
    fn failure(self, entrant: &Entrant<'_>, work: Work) -> Failure {
        let what = match self {
            Self::Without(None) => "the program has nothing for this work".to_owned(),
            Self::Without(Some(what)) | Self::Wrong(what) => what,
        };
        Failure::new(format!("{}, {work}: {what}", entrant.name))
    }
}

/// The median; NaN if there are no numbers.
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

    use super::{
        Answer, Entrant, GeneratorKind, Measurements, Plan, Request, Responder, Timing, Work, measure, median,
    };
    use cli::Failure;

    const PLAN: Plan = Plan { turns: 2, seconds: 0.01 };

    /// Answers from a script, and logs each request.
    struct Scripted<'a> {
        name: &'static str,
        log: &'a RefCell<Vec<String>>,
        says: fn(Request) -> Answer,
    }

    impl Responder for Scripted<'_> {
        fn ask(&mut self, request: Request) -> Result<Answer, Failure> {
            self.log.borrow_mut().push(format!("{} {}", self.name, request.rounds));
            Ok((self.says)(request))
        }
    }

    fn took(request: Request, seconds: f64, number: f64) -> Answer {
        Answer::Took(Timing { seconds: vec![seconds; request.rounds], numbers: vec![number] })
    }

    fn honest(request: Request) -> Answer {
        took(request, 0.004, 3.0)
    }

    /// Our honest program against a peer with these answers.
    fn against(says: fn(Request) -> Answer) -> (Result<Measurements, Failure>, Vec<String>) {
        let log = RefCell::new(Vec::new());
        let entrant = |name, says| {
            let program = Box::new(Scripted { name, log: &log, says });
            Entrant { name, generator: GeneratorKind::Own, program }
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
        let row = &measured.unwrap().works[0];
        let medians: Vec<f64> = row.times.iter().flatten().map(|times| times.median).collect();
        assert_eq!((medians, row.times[1].as_ref().unwrap().turns.len()), (vec![0.004, 0.002], 2));
    }

    #[test]
    fn a_program_without_the_work_has_no_times() {
        let row = |says| against(says).0.map(|all| (all.works[0].times[1].clone(), all.notes)).unwrap();
        assert_eq!(row(|_| Answer::Lacks), (None, vec![]));
        let (none, notes) = row(|_| Answer::Cannot("no compiler".to_owned()));
        assert_eq!((none, notes), (None, vec!["peer cannot do tanh: no compiler".to_owned()]));
    }

    #[test]
    fn other_numbers_end_the_comparison() {
        let wrong = refused(|request| took(request, 1e-6, 3.01));
        assert_eq!(wrong, "peer, tanh: the result has 3.01 where ours is 3 (relative tolerance 1e-4)");
        refused(|request| took(request, 1e-6, f64::NAN));
        // Right at first, and wrong when it is measured.
        refused(|request| took(request, 0.002, if request.rounds == 1 { 3.0 } else { 4.0 }));
        let fewer = refused(|_| Answer::Took(Timing { seconds: vec![], numbers: vec![3.0] }));
        assert_eq!(fewer, "peer, tanh: the answer to 'run tanh 1' has 0 rounds");
        let strange = refused(|_| Answer::Ready("again".to_owned()));
        assert_eq!(strange, "peer, tanh: the answer to 'run tanh 1' is 'ready again'");
    }

    #[test]
    fn the_median_of_two_is_between_them() {
        assert_eq!([median(&[3.0, 1.0, 2.0]), median(&[4.0, 1.0, 2.0, 3.0])], [2.0, 2.5]);
        assert!(median(&[]).is_nan());
    }
}
