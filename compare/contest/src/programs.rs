//! The programs that are compared, and how each is started.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cli::Failure;

use crate::agree::GeneratorKind;
use crate::contest::Entrant;
use crate::peer::Peer;
use crate::root;

/// A program of other people.
struct OtherProgram {
    name: &'static str,
    generator: GeneratorKind,
    language: Language,
    /// Its name as an argument of `peers.py` or `peers`.
    argument: &'static str,
}

/// The language that a program is written in.
#[derive(Clone, Copy, PartialEq)]
enum Language {
    /// Run by `peers.py`.
    Python,
    /// Run by the package `peers`.
    Rust,
}

/// Our name in every table.
const OURS: &str = "Step Zero";

const OTHERS: [OtherProgram; 6] = [
    python("PyTorch", GeneratorKind::PyTorch, "torch"),
    python("torch.compile", GeneratorKind::PyTorch, "compile"),
    python("JAX", GeneratorKind::Own, "jax"),
    rust("candle"),
    rust("burn"),
    rust("loops"),
];

const fn python(name: &'static str, generator: GeneratorKind, argument: &'static str) -> OtherProgram {
    OtherProgram { name, generator, language: Language::Python, argument }
}

const fn rust(name: &'static str) -> OtherProgram {
    OtherProgram { name, generator: GeneratorKind::Own, language: Language::Rust, argument: name }
}

/// The folder of `peers.py` and of the package `peers`, below the root.
const FOLDER: &str = "compare";

/// The settings that programs are started with.
pub(super) struct Launch<'a> {
    /// The directory of the data files.
    pub(super) data: &'a Path,
    /// Threads of each program.
    pub(super) threads: usize,
    /// The Python that has PyTorch and JAX, and whether it was named and so must run.
    pub(super) python: (&'a Path, bool),
    /// True if candle, burn and the loops are built and run.
    pub(super) rust: bool,
}

/// The programs that have started, ours first.
#[derive(Default)]
pub(super) struct Started {
    pub(super) entrants: Vec<Entrant<'static>>,
    /// The name and version of each.
    pub(super) versions: Vec<String>,
    /// The programs that were left out, and why.
    pub(super) notes: Vec<String>,
}

impl Launch<'_> {
    /// Starts every program.
    ///
    /// # Errors
    /// If ours cannot be started, the Python that was named cannot be run, or the Rust peers cannot be built.
    pub(super) fn start(&self) -> Result<Started, Failure> {
        let mut started = Started::default();
        let mut ours = Command::new(own_executable()?);
        ours.arg("serve").arg(self.data);
        started.add(OURS, GeneratorKind::PyTorch, Peer::start(self.limited(ours))?);
        self.check_python()?;
        if self.rust {
            build()?;
        } else {
            started.notes.push(
                "candle, burn and hand-written loops are left out: add --peers, which builds them".to_owned(),
            );
        }
        for other in OTHERS.iter().filter(|other| self.rust || other.language != Language::Rust) {
            match Peer::start(self.limited(self.command(other)?)) {
                Ok(peer) => started.add(other.name, other.generator, peer),
                Err(why) => started.notes.push(format!("{} is left out: {why}", other.name)),
            }
        }
        Ok(started)
    }

    /// A Python that was named must run.
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

    fn command(&self, other: &OtherProgram) -> Result<Command, Failure> {
        let mut command = match other.language {
            Language::Python => {
                let mut python = Command::new(self.python.0);
                python.arg(root().join(FOLDER).join("peers.py"));
                python
            }
            Language::Rust => {
                let mut run = cargo("run")?;
                run.args(["--quiet", "--"]);
                run
            }
        };
        command.arg(other.argument).arg(self.data).arg(self.threads.to_string());
        Ok(command)
    }

    /// A command that is limited to the threads of OpenMP, MKL, XLA and rayon.
    fn limited(&self, mut command: Command) -> Command {
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
    fn add(&mut self, name: &'static str, generator: GeneratorKind, (peer, version): (Peer, String)) {
        self.entrants.push(Entrant { name, generator, program: Box::new(peer) });
        self.versions.push(version);
    }
}

fn own_executable() -> Result<PathBuf, Failure> {
    std::env::current_exe().map_err(|error| Failure::new(format!("cannot find our own program: {error}")))
}

/// Builds the Rust peers; cargo's progress goes to the terminal, since it takes minutes.
fn build() -> Result<(), Failure> {
    match cargo("build")?.stdout(Stdio::null()).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(Failure::new("cannot build candle, burn and the loops; cargo says why above")),
        Err(error) => Err(Failure::new(format!("cannot run cargo: {error}"))),
    }
}

/// cargo for the package `peers`, in the target directory that we were built in.
fn cargo(command: &str) -> Result<Command, Failure> {
    let own = own_executable()?;
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args([command, "--release", "--locked", "--package", "peers", "--manifest-path"]);
    cargo.arg(root().join(FOLDER).join("Cargo.toml"));
    // target/debug/compare
    if let Some(target) = own.ancestors().nth(2) {
        cargo.arg("--target-dir").arg(target);
    }
    Ok(cargo)
}
