//! Tensors that are not independent values: identities, Dirac kernels, orthogonal matrices.

use nn_init::{Layout, Scheme};
use torch_rng::Generator;

use super::sample::DrawnSample;
use crate::{Dtype, TensorSummary};

/// More values are not compared with an identity.
const MOST_VALUES: usize = 1 << 26;

/// The identity or Dirac kernel that a tensor is, bit for bit.
pub(super) fn pattern(summary: &TensorSummary) -> Option<Scheme> {
    let ones = summary.count - summary.zeros;
    let is_candidate = summary.shape.len() >= 2
        && summary.shape.iter().product::<usize>() <= MOST_VALUES
        && (summary.min == 0.0 && summary.at_max == ones || summary.max == 0.0 && summary.at_min == ones);
    if !is_candidate {
        return None;
    }
    let value = if summary.min == 0.0 { summary.max } else { summary.min };
    let (gain, sign) = (value.abs(), value.signum());
    if sign < 0.0 {
        return None;
    }
    let groups = summary.shape[0] / summary.shape[1].max(1);
    let candidates = [
        Scheme::Identity { gain: gain.into() },
        Scheme::Dirac { groups: 1, gain: gain.into() },
        Scheme::Dirac { groups: groups.max(1), gain: gain.into() },
    ];
    candidates.into_iter().find(|scheme| draws(*scheme, summary))
}

/// True if a scheme without randomness gives these values.
fn draws(scheme: Scheme, summary: &TensorSummary) -> bool {
    let tensor = scheme.sample::<f64>(&summary.shape, Layout::OUT_IN, &mut Generator::manual_seed(0));
    tensor.is_ok_and(|tensor| {
        let bytes: Vec<u8> = tensor.data().iter().flat_map(|&x| stored(x, &summary.dtype)).collect();
        TensorSummary::of(&summary.shape, &summary.dtype, &bytes).hash == summary.hash
    })
}

/// The bytes of a number that the type can hold.
fn stored(x: f64, dtype: &Dtype) -> Vec<u8> {
    let single = (x as f32).to_bits();
    match dtype {
        Dtype::F64 => x.to_le_bytes().to_vec(),
        Dtype::Bf16 => ((single >> 16) as u16).to_le_bytes().to_vec(),
        Dtype::F16 if single == 0 => vec![0, 0],
        Dtype::F16 => (((single >> 13) - (112 << 10)) as u16).to_le_bytes().to_vec(),
        _ => single.to_le_bytes().to_vec(),
    }
}

/// The factor of a matrix of orthonormal rows or columns.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct OrthogonalFit {
    pub(super) gain: f64,
    /// True if products with random vectors showed it; otherwise the lengths of rows alone are known.
    pub(super) is_certain: bool,
}

/// The factor if all rows, or all columns of a tall matrix, have the same length to the type's precision, although lengths of
/// independent values would differ much more.
pub(super) fn orthogonal(summary: &TensorSummary, sample: &DrawnSample) -> Option<OrthogonalFit> {
    let (rows, columns) = (summary.rows.as_ref()?, summary.columns.as_ref()?);
    let is_wide = rows.len() <= columns.len();
    let squares: Vec<f64> = if is_wide {
        rows.iter().map(|row| row.squares).collect()
    } else {
        columns.iter().map(|column| column.squares).collect()
    };
    let length = rows.len().max(columns.len()) as f64;
    let mean = squares.iter().sum::<f64>() / squares.len() as f64;
    let tolerance = 8.0 * sample.rounding().max(1e-6);
    let is_equal = squares.iter().all(|square| (square / mean - 1.0).abs() <= tolerance);
    if squares.len() < 2 || !is_equal || tolerance > (2.0 / length).sqrt() / 10.0 {
        return None;
    }
    let expected = mean * squares.len() as f64;
    let agrees = |projection: &crate::Projection| {
        let measured = if is_wide { projection.of_columns } else { projection.of_rows };
        (measured / expected - 1.0).abs() <= tolerance * 8.0
    };
    if !summary.projections.iter().all(agrees) {
        return None;
    }
    Some(OrthogonalFit { gain: mean.sqrt(), is_certain: !summary.projections.is_empty() })
}
