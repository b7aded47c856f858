//! candle, burn and hand-written loops at the work of `cargo xtask compare`: `peers candle|burn|loops DATA THREADS`.

mod burn;
mod candle;
mod loops;

use std::io;

use shared::{DataFiles, Fallible, Job, Work};

/// Makes a work ready; `None` if the program has nothing for it.
type Prepare = fn(&DataFiles, Work) -> Fallible<Option<Box<dyn Job>>>;

fn main() -> Fallible<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, directory, _threads] = &arguments[..] else {
        return Err("usage: peers candle|burn|loops DATA THREADS".into());
    };
    let (package, prepare): (_, Prepare) = match name.as_str() {
        "candle" => ("candle-core", candle::prepare),
        "burn" => ("burn-flex", burn::prepare),
        "loops" => ("faer", loops::prepare),
        _ => return Err(format!("unknown program '{name}'; expected candle, burn or loops").into()),
    };
    let (version, data) = (format!("{package} {}", version(package)), DataFiles::at(directory));
    shared::serve(&version, io::stdin().lock(), io::stdout().lock(), |work| prepare(&data, work))?;
    Ok(())
}

/// The version of a package that this was built with.
fn version(package: &str) -> &'static str {
    let lock = include_str!("../../Cargo.lock");
    let version = lock.split_once(&format!("name = \"{package}\"\nversion = \""));
    version.and_then(|(_, rest)| rest.split('"').next()).unwrap_or_default()
}
