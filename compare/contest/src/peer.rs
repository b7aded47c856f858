//! A program in a process of its own.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use cli::Failure;
use shared::protocol::{Answer, Request};

use crate::contest::Responder;

/// A child process that speaks the protocol; it is killed when dropped.
pub(super) struct Peer {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Peer {
    /// Starts a program, and reads its name and version.
    ///
    /// # Errors
    /// If it cannot be started, or its first line is not `ready`.
    pub(super) fn start(mut command: Command) -> Result<(Self, String), Failure> {
        let name = command.get_program().display().to_string();
        // A framework's warnings would appear between the lines of a table.
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child =
            command.spawn().map_err(|error| Failure::new(format!("cannot run {name}: {error}")))?;
        let pipes = child.stdin.take().zip(child.stdout.take());
        let Some((input, output)) = pipes else { unreachable!("both were asked for") };
        let mut peer = Self { child, input, output: BufReader::new(output) };
        match peer.answer()? {
            Answer::Ready(version) => Ok((peer, version)),
            Answer::Cannot(why) => Err(Failure::new(why)),
            other => Err(Failure::new(format!("the first line of {name} is '{other}'; expected 'ready'"))),
        }
    }

    fn answer(&mut self) -> Result<Answer, Failure> {
        let mut line = String::new();
        let lost = |error| Failure::new(format!("its answer cannot be read: {error}"));
        match self.output.read_line(&mut line).map_err(lost)? {
            0 => Err(Failure::new("it ended without an answer")),
            _ => line.parse().map_err(Failure::new),
        }
    }
}

impl Responder for Peer {
    fn ask(&mut self, request: Request) -> Result<Answer, Failure> {
        let lost = |error| Failure::new(format!("it has ended: {error}"));
        writeln!(self.input, "{request}").map_err(lost)?;
        self.answer()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // It may have ended already.
        _ = self.child.kill();
        _ = self.child.wait();
    }
}
