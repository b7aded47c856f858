//! PyTorch for comparison, in a process of its own that times itself.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

const DRIVER: &str = include_str!("driver.py");

/// A Python process that runs `driver.py`.
pub(crate) struct Torch {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Torch {
    /// Starts the interpreter that `TORCH_PYTHON` names. Without it, prints how to set it.
    #[expect(clippy::print_stderr, reason = "a benchmark's reader is at the terminal")]
    pub(crate) fn start() -> Option<Self> {
        let Some(python) = std::env::var_os("TORCH_PYTHON") else {
            eprintln!(
                "To time PyTorch as well, set TORCH_PYTHON to a Python that has it: TORCH_PYTHON=venv/bin/python"
            );
            return None;
        };
        let mut child = Command::new(&python)
            .args(["-c", DRIVER])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("TORCH_PYTHON={}: {error}", python.display()));
        let input = child.stdin.take().expect("a pipe");
        let output = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut torch = Self { child, input, output };
        assert_eq!(torch.answer(), "ready", "TORCH_PYTHON cannot run the driver; its error is above");
        Some(torch)
    }

    /// The time that n executions of `statement` take.
    pub(crate) fn time(&mut self, n: u64, statement: &str) -> Duration {
        writeln!(self.input, "{n}\t{statement}").expect("the interpreter is running");
        Duration::from_secs_f64(self.answer().parse().expect("seconds; the interpreter's error is above"))
    }

    fn answer(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("the interpreter is running");
        line.trim().to_owned()
    }
}

impl Drop for Torch {
    fn drop(&mut self) {
        // Otherwise it might wait for input.
        _ = self.child.kill();
        _ = self.child.wait();
    }
}
