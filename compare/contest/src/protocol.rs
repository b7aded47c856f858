//! What the comparison and a program say to each other, a line each.
//!
//! ```text
//! program:    ready PyTorch 2.15.0
//! comparison: run step/100x3 2
//! program:    took 0.00112 0.00109 gave 3.2958 0.4142
//! ```
//!
//! `took` has the seconds of each round, `gave` numbers of the result, the same in every program. `lacks` in their place
//! says that the program has nothing for this work, `cannot` and a reason that it failed.

use std::fmt;
use std::str::FromStr;

use super::work::Work;

/// What the comparison asks for: a work, so many times over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// Which.
    pub work: Work,
    /// How often.
    pub rounds: usize,
}

/// What a program says.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// It has started: its name and version.
    Ready(String),
    /// It has done what was asked for.
    Took(Took),
    /// It has nothing for this work.
    Lacks,
    /// It failed.
    Cannot(String),
}

/// What a program has done.
#[derive(Clone, Debug, PartialEq)]
pub struct Took {
    /// The seconds of each round.
    pub seconds: Vec<f64>,
    /// Numbers of the result.
    pub gave: Vec<f64>,
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
        let rounds = count.ok_or_else(|| format!("'{rounds}' is no number of rounds"))?;
        Ok(Self { work: work.parse()?, rounds })
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ready(name) => write!(f, "ready {name}"),
            Self::Took(Took { seconds, gave }) => {
                let list = |all: &[f64]| all.iter().map(|x| format!(" {x}")).collect::<String>();
                write!(f, "took{} gave{}", list(seconds), list(gave))
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
            ("took", rest) => took(rest).map(Self::Took).map_err(|what| format!("'{line}': {what}")),
            ("lacks", "") => Ok(Self::Lacks),
            ("cannot", why) => Ok(Self::Cannot(why.to_owned())),
            _ => Err(format!("'{line}' is no answer")),
        }
    }
}

/// The seconds and numbers of an answer.
fn took(rest: &str) -> Result<Took, String> {
    let (seconds, gave) = rest.split_once("gave").ok_or("there is no 'gave'")?;
    let numbers = |text: &str| {
        let number = |word: &str| word.parse::<f64>().map_err(|_| format!("'{word}' is no number"));
        text.split_whitespace().map(number).collect::<Result<Vec<f64>, String>>()
    };
    let (seconds, gave) = (numbers(seconds)?, numbers(gave)?);
    let impossible = |seconds: &&f64| !(seconds.is_finite() && **seconds > 0.0);
    match seconds.iter().find(impossible) {
        Some(seconds) => Err(format!("no round takes {seconds} seconds")),
        None => Ok(Took { seconds, gave }),
    }
}

#[cfg(test)]
mod tests {
    use super::{Answer, Request, Took};
    use crate::work::Work;

    #[test]
    fn what_is_said_is_read_back() {
        let request = Request { work: Work::Step(100, 3), rounds: 20 };
        assert_eq!(request.to_string(), "run step/100x3 20");
        assert_eq!(request.to_string().parse(), Ok(request));
        let took = Took { seconds: vec![1.5e-3, 2e-3], gave: vec![3.25, -0.5, f64::INFINITY] };
        let answers = [
            Answer::Ready("PyTorch 2.15.0".to_owned()),
            Answer::Took(took),
            Answer::Lacks,
            Answer::Cannot("No module named 'jax'".to_owned()),
        ];
        for answer in answers {
            assert_eq!(format!("{answer}\n").parse(), Ok(answer));
        }
    }

    #[test]
    fn what_is_malformed_is_refused() {
        let request = |line: &str| line.parse::<Request>().unwrap_err();
        assert_eq!(request("step/100x3"), "'step/100x3' is not 'run WORK ROUNDS'");
        assert_eq!(request("run tanh 0"), "'0' is no number of rounds");
        assert!(request("run sleep 1").starts_with("no work is named 'sleep'"));
        let answer = |line: &str| line.parse::<Answer>().unwrap_err();
        assert_eq!(answer(""), "'' is no answer");
        assert_eq!(answer("ready"), "'ready' is no answer");
        assert_eq!(answer("lacks it"), "'lacks it' is no answer");
        assert_eq!(answer("took 0.1 0.2"), "'took 0.1 0.2': there is no 'gave'");
        assert_eq!(answer("took 0.1 fast gave 1"), "'took 0.1 fast gave 1': 'fast' is no number");
        assert_eq!(answer("took 0 gave 1"), "'took 0 gave 1': no round takes 0 seconds");
        assert_eq!(answer("took NaN gave 1"), "'took NaN gave 1': no round takes NaN seconds");
    }
}
