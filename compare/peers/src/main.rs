//! candle, burn and hand-written loops at the work of `cargo xtask compare`.
//!
//! `peers candle|burn|loops DATA THREADS`. The lines that are read and written are in xtask/src/compare/protocol.rs, the
//! files of DATA in xtask/src/compare/data.rs.

mod burn;
mod candle;
mod data;
mod loops;

use std::collections::HashMap;
use std::error::Error;
use std::fmt::Write as _;
use std::io::{self, BufRead, Write};
use std::time::Instant;

use data::Data;

/// Whatever an interface of others may fail with.
type Fallible<T> = Result<T, Box<dyn Error>>;

/// A work that has all it needs.
trait Job {
    /// Does it once; this is what is timed.
    fn round(&mut self) -> Fallible<()>;
    /// Numbers of what the last round computed.
    fn gave(&self) -> Fallible<Vec<f64>>;
}

/// Makes a work of a size ready; `None` of one that the program has nothing for.
type Prepare = fn(&Data, work: &str, size: &[usize]) -> Fallible<Option<Box<dyn Job>>>;

fn main() -> Fallible<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, data, _threads] = &arguments[..] else {
        return Err("usage: peers candle|burn|loops DATA THREADS".into());
    };
    let (package, prepare): (_, Prepare) = match name.as_str() {
        "candle" => ("candle-core", candle::prepare),
        "burn" => ("burn-flex", burn::prepare),
        "loops" => ("faer", loops::prepare),
        _ => return Err(format!("no program is named '{name}'; there are candle, burn and loops").into()),
    };
    say(&format!("ready {package} {}", version(package)))?;
    let (data, mut jobs) = (Data::at(data), HashMap::new());
    for line in io::stdin().lock().lines() {
        let answer = answer(&line?, &data, prepare, &mut jobs);
        say(&answer.unwrap_or_else(|error| format!("cannot {error}").replace('\n', " ")))?;
    }
    Ok(())
}

/// The version of a package that this was built with.
fn version(package: &str) -> &'static str {
    let lock = include_str!("../Cargo.lock");
    let version = lock.split_once(&format!("name = \"{package}\"\nversion = \""));
    version.and_then(|(_, rest)| rest.split('"').next()).unwrap_or_default()
}

fn say(line: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{line}")?;
    stdout.flush()
}

fn answer(
    line: &str,
    data: &Data,
    prepare: Prepare,
    jobs: &mut HashMap<String, Option<Box<dyn Job>>>,
) -> Fallible<String> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let &["run", work, rounds] = &words[..] else { return Err(format!("'{line}' is no request").into()) };
    if !jobs.contains_key(work) {
        let (kind, size) = work.split_once('/').unwrap_or((work, ""));
        let size =
            size.split('x').filter(|part| !part.is_empty()).map(str::parse).collect::<Result<Vec<_>, _>>()?;
        jobs.insert(work.to_owned(), prepare(data, kind, &size)?);
    }
    let Some(Some(job)) = jobs.get_mut(work) else { return Ok("lacks".to_owned()) };
    let mut answer = "took".to_owned();
    for _ in 0..rounds.parse()? {
        let began = Instant::now();
        job.round()?;
        write!(answer, " {}", began.elapsed().as_secs_f64())?;
    }
    answer += " gave";
    for number in job.gave()? {
        write!(answer, " {number}")?;
    }
    Ok(answer)
}

/// Root mean square, first and last value.
fn seen(values: &[f32]) -> Vec<f64> {
    let ends = [values[0], values[values.len() - 1]].map(f64::from);
    vec![norm(values) / (values.len() as f64).sqrt(), ends[0], ends[1]]
}

/// `√Σx²`.
fn norm(values: &[f32]) -> f64 {
    values.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>().sqrt()
}
