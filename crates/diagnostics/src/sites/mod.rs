//! Networks as lists of sites: places where values were observed, with the parameters that they read.

mod axes;
mod fields;
#[cfg(feature = "recording")]
mod file;
mod kind;
mod parameter;
mod parameter_statistics;
mod predict;
mod probability_rows;
mod recording;
mod site;
mod site_statistics;
mod values;

pub use axes::{AxisName, SiteAxes};
#[cfg(feature = "recording")]
pub use file::FileError;
pub use kind::{InputRole, NormKind, SiteKind};
pub use parameter::{ParameterView, RecordedParameter};
pub use parameter_statistics::ParameterStatistics;
pub use predict::SitePrediction;
pub use recording::{PassMode, RecordedLoss, Recording, RecordingError};
pub use site::{Site, SiteInput, SiteView};
pub use site_statistics::SiteStatistics;
pub use values::{OwnedValues, SiteValues};
