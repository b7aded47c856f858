//! `checkpoint FILE SCHEME`: prints what a safetensors file holds, and which weights do not follow the scheme.

use std::error::Error;
use std::process::ExitCode;

use checkpoint_example::judge;
use nn_init::Scheme;

fn main() -> ExitCode {
    match run() {
        Ok(text) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<String, Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(path), Some(scheme), None) = (arguments.next(), arguments.next(), arguments.next()) else {
        return Err(
            "usage: checkpoint FILE SCHEME, for instance model.safetensors 'kaiming_normal(fan_in, relu)'"
                .into(),
        );
    };
    let scheme: Scheme = scheme.parse()?;
    Ok(judge(path.as_ref(), scheme)?.to_string())
}
