//! One program's side of the protocol: works are made ready once, then run and timed as often as asked.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io::{self, BufRead, Write};
use std::time::Instant;

use crate::protocol::{Answer, Request, Timing};
use crate::{Fallible, Work};

/// A work that has all it needs.
pub trait Job {
    /// Does the work once. This is what is timed.
    ///
    /// # Errors
    /// If the framework fails.
    fn round(&mut self) -> Fallible<()>;

    /// Numbers of what the last round computed, by which programs are held to each other.
    ///
    /// # Errors
    /// If there was no round, or the framework fails.
    fn numbers(&self) -> Fallible<Vec<f64>>;
}

/// The jobs that are ready; `None` for a work that the program has nothing for.
type Jobs = HashMap<Work, Option<Box<dyn Job>>>;

/// Says that a program of this name and version is ready, then answers each line of `input` until it ends.
///
/// # Errors
/// If `input` cannot be read or `output` not be written.
pub fn serve(
    version: &str,
    input: impl BufRead,
    mut output: impl Write,
    prepare: impl Fn(Work) -> Fallible<Option<Box<dyn Job>>>,
) -> io::Result<()> {
    let mut jobs = Jobs::new();
    let mut say = |answer: &Answer| writeln!(output, "{answer}").and_then(|()| output.flush());
    say(&Answer::Ready(version.to_owned()))?;
    for line in input.lines() {
        let line = line?;
        let cannot = |error: Box<dyn std::error::Error>| Answer::Cannot(error.to_string().replace('\n', " "));
        say(&answer(&line, &mut jobs, &prepare).unwrap_or_else(cannot))?;
    }
    Ok(())
}

fn answer(
    line: &str,
    jobs: &mut Jobs,
    prepare: impl Fn(Work) -> Fallible<Option<Box<dyn Job>>>,
) -> Fallible<Answer> {
    let Request { work, rounds } = line.parse()?;
    let job = match jobs.entry(work) {
        Entry::Occupied(ready) => ready.into_mut(),
        Entry::Vacant(free) => free.insert(prepare(work)?),
    };
    let Some(job) = job else { return Ok(Answer::Lacks) };
    let seconds = (0..rounds).map(|_| timed(job.as_mut())).collect::<Fallible<_>>()?;
    Ok(Answer::Took(Timing { seconds, numbers: job.numbers()? }))
}

fn timed(job: &mut dyn Job) -> Fallible<f64> {
    let began = Instant::now();
    job.round()?;
    Ok(began.elapsed().as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::{Job, serve};
    use crate::{Fallible, Work};

    /// Counts its rounds.
    struct Counter(u32);

    impl Job for Counter {
        fn round(&mut self) -> Fallible<()> {
            self.0 += 1;
            std::hint::black_box((0..1000).sum::<u32>());
            Ok(())
        }

        fn numbers(&self) -> Fallible<Vec<f64>> {
            Ok(vec![self.0.into()])
        }
    }

    #[test]
    fn a_program_answers_line_by_line() {
        let prepare = |work| match work {
            Work::Tanh => Ok(Some(Box::new(Counter(0)) as Box<dyn Job>)),
            Work::Normals => Ok(None),
            _ => Err("no such\nfile".into()),
        };
        let (input, mut output) = ("run tanh 2\nrun tanh 1\nrun normals 1\nrun train 1\ngo\n", Vec::new());
        serve("a program 1.0", input.as_bytes(), &mut output, prepare).unwrap();
        let text = String::from_utf8(output).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "ready a program 1.0");
        // The job stays ready: its third round comes in the second answer.
        assert!(lines[1].starts_with("took ") && lines[1].ends_with(" gave 2"), "{text}");
        assert!(lines[2].starts_with("took ") && lines[2].ends_with(" gave 3"), "{text}");
        assert_eq!(lines[3..], ["lacks", "cannot no such file", "cannot 'go' is not 'run WORK ROUNDS'"]);
    }
}
