//! The lines that the comparison and a program exchange.
//!
//! ```text
//! program:    ready PyTorch 2.15.0
//! comparison: run step/100x3 2
//! program:    took 0.00112 0.00109 gave 3.2958 0.4142
//! ```
//!
//! After `took` come the seconds of each round, after `gave` numbers of the result, the same in every program. The
//! answer `lacks` says that the program has nothing for this work; `cannot` says that it failed, and gives the reason.

use std::fmt;
use std::str::FromStr;

use crate::Work;

/// The comparison's request: a work, and the number of times to do it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// The work to do.
    pub work: Work,
    /// The number of rounds, at least one.
    pub rounds: usize,
}

/// A program's answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// It has started: its name and version.
    Ready(String),
    /// It has done the work.
    Took(Timing),
    /// It has nothing for this work.
    Lacks,
    /// It failed, and why.
    Cannot(String),
}

/// The seconds of each round, and numbers of the result.
#[derive(Clone, Debug, PartialEq)]
pub struct Timing {
    /// One per round, each finite and greater than 0.
    pub seconds: Vec<f64>,
    /// Numbers of the last round's result.
    pub numbers: Vec<f64>,
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "run {} {}", self.work, self.rounds)
    }
}

impl FromStr for Request {
    type Err = String;

    fn from_str(line: &str) -> Result<Self, String> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let &["run", work, rounds] = &words[..] else {
            return Err(format!("'{line}' is not 'run WORK ROUNDS'"));
        };
        let count = rounds.parse().ok().filter(|&rounds| rounds > 0);
        let rounds = count.ok_or_else(|| format!("'{rounds}' is not a number of rounds"))?;
        Ok(Self { work: work.parse()?, rounds })
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ready(name) => write!(f, "ready {name}"),
            Self::Took(Timing { seconds, numbers }) => {
                let list = |all: &[f64]| all.iter().map(|x| format!(" {x}")).collect::<String>();
                write!(f, "took{} gave{}", list(seconds), list(numbers))
            }
            Self::Lacks => f.write_str("lacks"),
            Self::Cannot(why) => write!(f, "cannot {why}"),
        }
    }
}

impl FromStr for Answer {
    type Err = String;

    fn from_str(line: &str) -> Result<Self, String> {
        let line = line.trim();
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match (word, rest) {
            ("ready", name) if !name.is_empty() => Ok(Self::Ready(name.to_owned())),
            ("took", rest) => timing(rest).map(Self::Took).map_err(|what| format!("'{line}': {what}")),
            ("lacks", "") => Ok(Self::Lacks),
            ("cannot", why) => Ok(Self::Cannot(why.to_owned())),
            _ => Err(format!("'{line}' is not an answer; expected ready, took, lacks or cannot")),
        }
    }
}

/// The seconds and numbers behind `took`.
fn timing(rest: &str) -> Result<Timing, String> {
    let (seconds, numbers) = rest.split_once("gave").ok_or("there is no 'gave'")?;
    let list = |text: &str| {
        let number = |word: &str| word.parse::<f64>().map_err(|_| format!("'{word}' is not a number"));
        text.split_whitespace().map(number).collect::<Result<Vec<f64>, String>>()
    };
    let (seconds, numbers) = (list(seconds)?, list(numbers)?);
    let impossible = |seconds: &&f64| !(seconds.is_finite() && **seconds > 0.0);
    match seconds.iter().find(impossible) {
        Some(seconds) => Err(format!("a round cannot take {seconds} seconds")),
        None => Ok(Timing { seconds, numbers }),
    }
}

#[cfg(test)]
mod tests {
    use super::{Answer, Request, Timing};
    use crate::Work;

    #[test]
    fn lines_are_read_back() {
        let request = Request { work: Work::Step(100, 3), rounds: 20 };
        assert_eq!(request.to_string(), "run step/100x3 20");
        assert_eq!(request.to_string().parse(), Ok(request));
        let timing = Timing { seconds: vec![1.5e-3, 2e-3], numbers: vec![3.25, -0.5, f64::INFINITY] };
        let answers = [
            Answer::Ready("PyTorch 2.15.0".to_owned()),
            Answer::Took(timing),
            Answer::Lacks,
            Answer::Cannot("No module named 'jax'".to_owned()),
        ];
        for answer in answers {
            assert_eq!(format!("{answer}\n").parse(), Ok(answer));
        }
    }

    #[test]
    fn malformed_lines_are_refused() {
        let request = |line: &str| line.parse::<Request>().unwrap_err();
        assert_eq!(request("step/100x3"), "'step/100x3' is not 'run WORK ROUNDS'");
        assert_eq!(request("run tanh 0"), "'0' is not a number of rounds");
        assert!(request("run sleep 1").starts_with("unknown work 'sleep'"));
        let answer = |line: &str| line.parse::<Answer>().unwrap_err();
        for line in ["", "ready", "lacks it"] {
            assert_eq!(
                answer(line),
                format!("'{line}' is not an answer; expected ready, took, lacks or cannot")
            );
        }
        assert_eq!(answer("took 0.1 0.2"), "'took 0.1 0.2': there is no 'gave'");
        assert_eq!(answer("took 0.1 fast gave 1"), "'took 0.1 fast gave 1': 'fast' is not a number");
        assert_eq!(answer("took 0 gave 1"), "'took 0 gave 1': a round cannot take 0 seconds");
        assert_eq!(answer("took NaN gave 1"), "'took NaN gave 1': a round cannot take NaN seconds");
    }
}
