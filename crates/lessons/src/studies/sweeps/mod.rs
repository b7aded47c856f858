//! Figures of sweeps: small versions of the plans in `plans/`, computed on all cores.

mod boundary;
mod boxes;
mod computed;
mod coordinate_check;
mod phase;
mod residual_depth;
mod small;
mod theory_and_width;
mod unlucky;

pub use boundary::BoundaryMap;
pub use computed::ComputedSweep;
pub use small::SmallSweeps;

use std::path::Path;

use cli::{Failure, Outcome};
use sweep::CpuLevel;

use crate::artifact::Artifact;
use crate::catalogue::{ArtifactOptions, Catalogue};

/// The figures of sweeps.
pub const CATALOGUE: Catalogue<SmallSweeps> =
    Catalogue { artifacts: ALL, on_request: &[], request: "", folder: "sweeps", page: "Sweeps, reproduced" };

/// Every figure, in the order of the book.
const ALL: &[Artifact<SmallSweeps>] = &[
    phase::ACTIVATIONS,
    phase::BIASES,
    unlucky::ARTIFACT,
    boundary::BOUNDARY,
    boundary::ZOOMS,
    theory_and_width::ARTIFACT,
    coordinate_check::ARTIFACT,
];

/// The level of vector instructions that the committed files were computed with.
const COMMITTED: &str = "avx2";

/// `cargo xtask reproduce sweeps`; the committed files are below `root`, the root of the repository.
pub fn command(options: &ArtifactOptions, root: &Path) -> Result<Outcome, Failure> {
    let here = CpuLevel::here().name();
    if options.check && here != COMMITTED {
        // Products differ in their last bits, and training makes more of it.
        return Ok(Outcome::clean(format!(
            "nothing was compared: the committed files were computed with {COMMITTED}, and this processor has {here}\n"
        )));
    }
    CATALOGUE.command(options, false, root, || Ok((SmallSweeps::default(), true)))
}
