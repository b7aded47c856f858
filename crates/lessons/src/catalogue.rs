//! A catalogue: the artifacts of one source, chosen by name, computed, and written or compared.

use std::path::{Path, PathBuf};

use clap::Args;
use cli::{Failure, Format, Outcome};

use crate::artifact::Artifact;
use crate::outputs;

/// The artifacts that are functions of an `L`.
pub struct Catalogue<L: 'static> {
    /// Artifacts that run if none is named, in their order.
    pub artifacts: &'static [Artifact<L>],
    /// Artifacts that run only on request.
    pub on_request: &'static [Artifact<L>],
    /// The remark of the list on those that run only on request.
    pub request: &'static str,
    /// The folder of their files below the directories for output; empty for none.
    pub folder: &'static str,
    /// The title of their page.
    pub page: &'static str,
}

/// The options of every command that makes artifacts.
#[derive(Args)]
pub struct ArtifactOptions {
    /// Artifacts to make; all if none is named (see --list).
    #[arg(value_name = "ARTIFACT")]
    pub artifacts: Vec<String>,

    /// Directory for CSV, SVG and PNG files [default: the committed docs/out for the lesson and the lecture themselves,
    /// target/reproduce for anything else].
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,

    /// Format of the text that is printed.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,

    /// List the artifacts and exit.
    #[arg(long)]
    pub list: bool,

    /// Compare with the committed files to three significant digits, write nothing, and exit with 1 if a value moved.
    #[arg(long, conflicts_with = "list")]
    pub check: bool,
}

impl<L> Catalogue<L> {
    /// Every artifact, those on request last.
    pub fn all(&self) -> impl Iterator<Item = &'static Artifact<L>> {
        self.artifacts.iter().chain(self.on_request)
    }

    /// The artifact with this id.
    pub fn find(&self, id: &str) -> Option<&'static Artifact<L>> {
        self.all().find(|artifact| artifact.id == id)
    }

    /// The named artifacts in the catalogue's order; if there are no names, all, with those on request if `everything`.
    ///
    /// # Errors
    /// If there is no artifact of a name.
    pub fn chosen(&self, names: &[String], everything: bool) -> Result<Vec<&'static Artifact<L>>, Failure> {
        if let Some(unknown) = names.iter().find(|name| self.find(name).is_none()) {
            let ids: Vec<&str> = self.all().map(|artifact| artifact.id).collect();
            return Err(Failure::new(format!(
                "there is no artifact '{unknown}'; choose from {}",
                ids.join(", ")
            )));
        }
        Ok(match (names, everything) {
            ([], false) => self.artifacts.iter().collect(),
            ([], true) => self.all().collect(),
            _ => self.all().filter(|artifact| names.iter().any(|name| name == artifact.id)).collect(),
        })
    }

    /// One line per artifact.
    pub fn list(&self) -> String {
        let line =
            |artifact: &Artifact<L>, more: &str| format!("{:<20} {}{more}\n", artifact.id, artifact.title);
        let request = format!(" ({})", self.request);
        let artifacts = self.artifacts.iter().map(|artifact| line(artifact, ""));
        artifacts.chain(self.on_request.iter().map(|artifact| line(artifact, &request))).collect()
    }

    /// The directory for files: the committed one for the record itself, so that nothing else overwrites it.
    pub fn directory(&self, out: Option<&Path>, committed: bool, root: &Path) -> PathBuf {
        match out {
            Some(directory) => directory.to_owned(),
            None if committed => root.join("docs").join("out").join(self.folder),
            None => root.join("target").join("reproduce").join(self.folder),
        }
    }
}

impl<L: Sync> Catalogue<L> {
    /// A whole command: the chosen artifacts of a source, and whether it is the one whose files are committed.
    ///
    /// # Errors
    /// If an option is wrong, the source cannot be had, or a file cannot be read or written.
    pub fn command(
        &self,
        options: &ArtifactOptions,
        everything: bool,
        root: &Path,
        source: impl FnOnce() -> Result<(L, bool), Failure>,
    ) -> Result<Outcome, Failure> {
        let chosen = self.chosen(&options.artifacts, everything)?;
        if options.list {
            return Ok(Outcome::clean(self.list()));
        }
        let (source, committed) = source()?;
        let directory = self.directory(options.out.as_deref(), options.check || committed, root);
        if options.check {
            return outputs::check(&chosen, &source, &directory, options.format);
        }
        let page = outputs::ArtifactPage {
            title: self.page,
            directory: self.directory(options.out.as_deref(), false, root),
        };
        outputs::write(&chosen, &source, &directory, &page, options.format)
    }
}
