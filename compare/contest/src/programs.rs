//! Who is compared, and how each is started.

use std::path::Path;
use std::process::Command;

use super::agree::Stream;
use super::contest::Entrant;
use super::peer::Peer;
use cli::Failure;
use crate::root;

/// A program of others.
struct Other {
    name: &'static str,
    stream: Stream,
    by: By,
    /// Its name as an argument.
    argument: &'static str,
}

/// What it is written in.
#[derive(Clone, Copy, PartialEq)]
enum By {
    Python,
    Rust,
}

/// Ours in every table.
pub(super) const OURS: &str = "Step Zero";

const OTHERS: [Other; 6] = [
    Other { name: "PyTorch", stream: Stream::PyTorch, by: By::Python, argument: "torch" },
    Other { name: "torch.compile", stream: Stream::PyTorch, by: By::Python, argument: "compile" },
    Other { name: "JAX", stream: Stream::Own, by: By::Python, argument: "jax" },
    Other { name: "candle", stream: Stream::Own, by: By::Rust, argument: "candle" },
    Other { name: "burn", stream: Stream::Own, by: By::Rust, argument: "burn" },
    Other { name: "loops", stream: Stream::Own, by: By::Rust, argument: "loops" },
];

/// The scripts and crate of the other programs.
const FOLDER: &str = "compare";

/// What programs are started with.
pub(super) struct Setting<'a> {
    /// The data files.
    pub(super) data: &'a Path,
    /// Threads of each.
    pub(super) threads: usize,
    /// The Python that has PyTorch and JAX, and whether it must be there.
    pub(super) python: (&'a Path, bool),
    /// Whether candle, burn and the loops are built and run.
    pub(super) rust: bool,
}

/// Those that have started, ours first.
#[derive(Default)]
pub(super) struct Started {
    pub(super) entrants: Vec<Entrant<'static>>,
    /// What each calls itself.
    pub(super) versions: Vec<String>,
    /// Who was left out, and why.
    pub(super) notes: Vec<String>,
}

impl Setting<'_> {
    /// Starts everyone.
    ///
    /// # Errors
    /// If we cannot be started, the Python that was named cannot be run, or the Rust peers cannot be built.
    pub(super) fn start(&self) -> Result<Started, Failure> {
        let mut started = Started::default();
        let own =
            std::env::current_exe().map_err(|error| Failure::new(format!("cannot find xtask: {error}")))?;
        let mut own = Command::new(own);
        own.arg("serve").arg(self.data);
        started.add(OURS, Stream::PyTorch, Peer::start(self.held(own))?);
        self.check_python()?;
        if self.rust {
            build()?;
        } else {
            started.notes.push(
                "candle, burn and hand-written loops are left out: add --peers, which builds them".to_owned(),
            );
        }
        for other in OTHERS.iter().filter(|other| self.rust || other.by != By::Rust) {
            match Peer::start(self.held(self.command(other))) {
                Ok(peer) => started.add(other.name, other.stream, peer),
                Err(why) => started.notes.push(format!("{} is left out: {why}", other.name)),
            }
        }
        Ok(started)
    }

    /// A Python that was asked for by name must be there.
    fn check_python(&self) -> Result<(), Failure> {
        let (python, must) = self.python;
        let runs = Command::new(python).arg("--version").output();
        match runs {
            Err(error) if must => Err(Failure::new(format!(
                "cannot run {}: {error}; name a Python that has torch and jax with --python",
                python.display()
            ))),
            _ => Ok(()),
        }
    }

    fn command(&self, other: &Other) -> Command {
        let folder = root().join(FOLDER);
        let mut command = match other.by {
            By::Python => {
                let mut python = Command::new(self.python.0);
                python.arg(folder.join("peers.py"));
                python
            }
            By::Rust => {
                let mut run = cargo("run", &folder);
                run.args(["--quiet", "--"]);
                run
            }
        };
        command.arg(other.argument).arg(self.data).arg(self.threads.to_string());
        command
    }

    /// A command held to its threads: OpenMP's, MKL's, XLA's and rayon's.
    fn held(&self, mut command: Command) -> Command {
        let threads = self.threads.to_string();
        for name in ["OMP_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS", "NPROC"] {
            command.env(name, &threads);
        }
        if self.threads == 1 {
            command.env("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false");
        }
        command
    }
}

impl Started {
    fn add(&mut self, name: &'static str, stream: Stream, (peer, version): (Peer, String)) {
        self.entrants.push(Entrant { name, stream, program: Box::new(peer) });
        self.versions.push(version);
    }
}

/// Builds the Rust peers; what cargo says goes to the terminal, since it takes minutes.
fn build() -> Result<(), Failure> {
    let built = cargo("build", &root().join(FOLDER)).stdout(std::process::Stdio::null()).status();
    match built {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => {
            Err(Failure::new("candle, burn and the hand-written loops cannot be built; cargo says above why"))
        }
        Err(error) => Err(Failure::new(format!("cannot run cargo: {error}"))),
    }
}

fn cargo(what: &str, folder: &Path) -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args([what, "--release", "--locked", "--manifest-path"]).arg(folder.join("Cargo.toml"));
    cargo
}
