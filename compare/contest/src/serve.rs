//! Our own side of the protocol, in a process of its own as every other program.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io::{self, BufRead, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Parser;

use super::ours::{Job, prepare};
use super::protocol::{Answer, Request, Took};
use super::work::Work;
use cli::Outcome;
use cli::Failure;

/// Answer the comparison's questions on stdin and stdout.
#[derive(Parser)]
#[command(name = "compare serve")]
pub(crate) struct Serve {
    /// Where the data files are.
    data: PathBuf,
}

pub(crate) fn command(options: &Serve) -> Result<Outcome, Failure> {
    let lost = |error: io::Error| Failure::new(format!("the comparison has gone: {error}"));
    let (mut jobs, mut stdout) = (HashMap::new(), io::stdout().lock());
    let mut say = |answer: &Answer| writeln!(stdout, "{answer}").and_then(|()| stdout.flush()).map_err(lost);
    say(&Answer::Ready(format!("Step Zero {}", env!("CARGO_PKG_VERSION"))))?;
    for line in io::stdin().lock().lines() {
        let line = line.map_err(lost)?;
        say(&answer(&line, &mut jobs, &options.data).unwrap_or_else(Answer::Cannot))?;
    }
    Ok(Outcome { text: String::new(), findings: false })
}

/// Does what a line asks for; works stay ready for the next time.
fn answer(line: &str, jobs: &mut HashMap<Work, Box<dyn Job>>, directory: &Path) -> Result<Answer, String> {
    let Request { work, rounds } = line.parse()?;
    let job = match jobs.entry(work) {
        Entry::Occupied(ready) => ready.into_mut(),
        Entry::Vacant(place) => place.insert(prepare(work, directory).map_err(|fault| fault.to_string())?),
    };
    let seconds = (0..rounds).map(|_| timed(job.as_mut())).collect();
    Ok(Answer::Took(Took { seconds, gave: job.gave() }))
}

fn timed(job: &mut dyn Job) -> f64 {
    let began = Instant::now();
    job.round();
    began.elapsed().as_secs_f64()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use tempfile::TempDir;

    use super::answer;
    use crate::data::Data;
    use crate::protocol::Answer;
    use crate::work::Work;

    #[test]
    fn every_work_is_done_as_often_as_asked() {
        let directory = TempDir::new().unwrap();
        // The widest take seconds of a test that is not about them.
        let quick = |work: &Work| work.mlp().is_none_or(|mlp| mlp.width < 200);
        let works: Vec<Work> = Work::all().into_iter().filter(quick).collect();
        Data::at(directory.path()).write(&works).unwrap();
        let mut jobs = HashMap::new();
        for work in works {
            let said = answer(&format!("run {work} 2"), &mut jobs, directory.path()).unwrap();
            let Answer::Took(took) = said else { panic!("{work}: {said}") };
            assert_eq!(took.seconds.len(), 2, "{work}");
            assert!(!took.gave.is_empty() && took.gave.iter().all(|x| x.is_finite()), "{work}: {took:?}");
        }
    }

    #[test]
    fn what_cannot_be_done_is_said() {
        let directory = TempDir::new().unwrap();
        let refused = |line: &str| answer(line, &mut HashMap::new(), directory.path()).unwrap_err();
        assert_eq!(refused("go"), "'go' is not 'run WORK ROUNDS'");
        assert!(refused("run tanh 1").contains("normals.f32"));
    }
}
