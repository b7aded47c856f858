//! The weights of a safetensors file against the scheme that they were to be drawn from.

use std::fmt;
use std::path::{Path, PathBuf};

use diagnostics::{Expected, Report, Settings, WeightView};
use half::{bf16, f16};
use nn_init::{Layout, Scheme};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};

/// A file that cannot be judged: which, and why.
#[derive(Debug)]
pub struct CheckpointError {
    path: PathBuf,
    why: String,
}

impl fmt::Display for CheckpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.why)
    }
}

impl std::error::Error for CheckpointError {}

/// Measures every tensor of two axes or more, in PyTorch's order `[out, in, kernel…]`, and tells the report what the
/// scheme promises of its shape. Vectors are left out: a scheme of fans says nothing about them.
///
/// # Errors
/// If the file cannot be read, is no safetensors file, has numbers of another type than F64, F32, F16 and BF16, or the
/// scheme cannot fill one of the shapes.
pub fn judge(path: &Path, scheme: Scheme) -> Result<Report, CheckpointError> {
    let fail = |why: String| CheckpointError { path: path.to_owned(), why };
    let bytes = std::fs::read(path).map_err(|error| fail(format!("cannot be read: {error}")))?;
    let file =
        SafeTensors::deserialize(&bytes).map_err(|error| fail(format!("is no safetensors file: {error}")))?;
    let mut weights = Vec::new();
    for (name, tensor) in file.iter().filter(|(_, tensor)| tensor.shape().len() > 1) {
        let why = |error: &dyn fmt::Display| fail(format!("{name}: {error}"));
        let moments = scheme.moments(tensor.shape(), Layout::OUT_IN).map_err(|error| why(&error))?;
        let expected = Expected { mean: moments.mean, std: moments.std, kurtosis: moments.kurtosis };
        let values = values(&tensor).map_err(|error| why(&error))?;
        weights.push((name.to_owned(), values, tensor.shape().to_vec(), expected));
    }
    if weights.is_empty() {
        return Err(fail("has no tensor of two axes or more".to_owned()));
    }
    // The order in a file is its writer's.
    weights.sort_by(|a, b| a.0.cmp(&b.0));
    let views = weights.iter().map(|(name, values, shape, expected)| {
        WeightView::new(name, values).shape(shape, 0).expected(*expected)
    });
    Ok(Report::of([], views, Settings::default()))
}

/// Little-endian numbers of any floating type, as doubles.
fn values(tensor: &TensorView<'_>) -> Result<Vec<f64>, String> {
    fn each<const N: usize>(bytes: &[u8], number: impl Fn([u8; N]) -> f64) -> Vec<f64> {
        bytes.as_chunks::<N>().0.iter().map(|&bytes| number(bytes)).collect()
    }
    let bytes = tensor.data();
    match tensor.dtype() {
        Dtype::F64 => Ok(each(bytes, f64::from_le_bytes)),
        Dtype::F32 => Ok(each(bytes, |bytes| f32::from_le_bytes(bytes).into())),
        Dtype::F16 => Ok(each(bytes, |bytes| f16::from_le_bytes(bytes).into())),
        Dtype::BF16 => Ok(each(bytes, |bytes| bf16::from_le_bytes(bytes).into())),
        other => Err(format!("numbers of type {other:?}; convert them to F32")),
    }
}
