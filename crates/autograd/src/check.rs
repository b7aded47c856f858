//! The gradient check that every op is held to, open to ops of your own.

use std::fmt;

use tensor::Tensor;

use crate::{Tape, Var};

/// What [`gradcheck`] found wrong at one entry of one input.
#[derive(Clone, Debug, PartialEq)]
pub struct GradError {
    /// Whether the two slopes differ, or none could be measured.
    pub kind: GradErrorKind,
    /// The op that made the checked value.
    pub op: &'static str,
    /// Which input.
    pub input: usize,
    /// Which entry of it, in row-major order.
    pub entry: usize,
    /// The slope that backward gave.
    pub analytic: f64,
    /// The slope that differences gave.
    pub numeric: f64,
    /// How far they may be apart.
    pub tolerance: f64,
}

/// The two ways to fail a [`gradcheck`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GradErrorKind {
    /// The slopes are further apart than rounding and truncation explain.
    Mismatch,
    /// Differences at two step sizes disagree: a kink, a jump or a value that is not finite is near.
    NotSmooth,
}

impl fmt::Display for GradError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { op, input, entry, analytic, numeric, tolerance, .. } = self;
        match self.kind {
            GradErrorKind::Mismatch => write!(f, "{op}: input {input}, entry {entry}: ")?,
            GradErrorKind::NotSmooth => write!(f, "{op}: not smooth near input {input}, entry {entry}: ")?,
        }
        write!(f, "backward says {analytic:e}, differences say {numeric:e} ± {tolerance:.1e}")
    }
}

impl std::error::Error for GradError {}

/// A step of about ε^(1/5): it balances the stencil's truncation, h⁴, with its rounding, ε/h.
const STEP: f64 = 1e-3;
/// Step sizes may disagree by this share of the slope before a point counts as not smooth. Smooth
/// functions of order 1 reach 16·h⁴ ≈ 2e-11; a kink within reach shows as a share of order 1.
const SMOOTH: f64 = 1e-6;

/// Compares the gradient of `⟨u, f(inputs)⟩` with differences, entry by entry, in double precision;
/// `u` is a fixed vector of unequal weights, so that every output counts.
///
/// The numeric slope is the five-point central difference with step h = 1e-3·max(1, |x|). Its
/// truncation error is h⁴f⁽⁵⁾/30, which a second difference at 2h shows sixteenfold. Its rounding error is
/// at most 1.5·ε·s/h for each rounding behind f, where s is the largest value on the tape or `Σ|uᵢfᵢ|`,
/// whichever is more; 20 in sequence are allowed for. The tolerance is the sum of both.
///
/// ```
/// use autograd::check::gradcheck;
/// use tensor::{Activation, Tensor};
///
/// let x = Tensor::from_vec(vec![0.3, -1.2], [1, 2])?;
/// gradcheck(|_, vars| vars[0].activation(Activation::Tanh), &[x.clone()]).unwrap();
///
/// // A tanh whose slope is 1 − y.
/// let wrong = gradcheck(
///     |tape, vars| {
///         let y = vars[0].value().map(f64::tanh);
///         tape.record("tanh", [vars[0]], y.clone(), move |g| [g.mul(&y.map(|y| 1.0 - y))])
///     },
///     &[x],
/// );
/// assert!(wrong.unwrap_err().to_string().starts_with("tanh: input 0, entry 0: backward says"));
/// # Ok::<(), tensor::ShapeError>(())
/// ```
///
/// # Errors
/// At the first entry whose slopes differ, or near which `f` is not smooth.
pub fn gradcheck(
    f: impl for<'t> Fn(&'t Tape<f64>, &[Var<'t, f64>]) -> Var<'t, f64>,
    inputs: &[Tensor<f64>],
) -> Result<(), GradError> {
    let tape = Tape::new();
    let vars: Vec<_> = inputs.iter().map(|input| tape.leaf(input.clone())).collect();
    let output = f(&tape, &vars);
    let grads = output.backward_from(weights(&output.value()));

    for (input, tensor) in inputs.iter().enumerate() {
        for entry in 0..tensor.data().len() {
            let analytic = grads.get(vars[input]).map_or(0.0, |g| g.data()[entry]);
            let (numeric, tolerance, smooth) = slope(&f, inputs, input, entry);
            let error =
                |kind| GradError { kind, op: output.op(), input, entry, analytic, numeric, tolerance };
            if !smooth {
                return Err(error(GradErrorKind::NotSmooth));
            }
            if (analytic - numeric).abs() > tolerance || analytic.is_nan() {
                return Err(error(GradErrorKind::Mismatch));
            }
        }
    }
    Ok(())
}

/// The numeric slope along one entry, its tolerance, and whether two step sizes agree on it.
fn slope(
    f: &impl for<'t> Fn(&'t Tape<f64>, &[Var<'t, f64>]) -> Var<'t, f64>,
    inputs: &[Tensor<f64>],
    input: usize,
    entry: usize,
) -> (f64, f64, bool) {
    let x = inputs[input].data()[entry];
    let h = STEP * x.abs().max(1.0);
    let mut size = 0.0_f64;
    let mut at = |steps: f64| {
        let mut moved = inputs.to_vec();
        moved[input].data_mut()[entry] = x + steps * h;
        let (value, largest) = projected(f, &moved);
        size = size.max(largest);
        value
    };
    let mut stencil = |wide: f64| {
        let (near, far) = (at(wide) - at(-wide), at(2.0 * wide) - at(-2.0 * wide));
        (8.0 * near - far) / (12.0 * wide * h)
    };
    let (numeric, wide) = (stencil(1.0), stencil(2.0));
    let rounding = 30.0 * f64::EPSILON * size / h;
    let disagreement = (numeric - wide).abs();
    (numeric, disagreement + rounding, disagreement <= SMOOTH * numeric.abs().max(1.0) + rounding)
}

/// `⟨u, f(inputs)⟩`, and the size that scales its rounding error.
fn projected(
    f: &impl for<'t> Fn(&'t Tape<f64>, &[Var<'t, f64>]) -> Var<'t, f64>,
    inputs: &[Tensor<f64>],
) -> (f64, f64) {
    let tape = Tape::new();
    let vars: Vec<_> = inputs.iter().map(|input| tape.leaf(input.clone())).collect();
    let terms = f(&tape, &vars).value();
    let terms = terms.mul(&weights(&terms));
    let total: f64 = terms.data().iter().map(|x| x.abs()).sum();
    let largest = tape.with_nodes(|nodes| {
        let values = nodes.iter().flat_map(|node| node.value.data());
        values.fold(0.0_f64, |largest, x| largest.max(x.abs()))
    });
    (terms.sum(), total.max(largest))
}

/// Weights in ±(0.5..1.5), never equal and never near 0: steps of the golden ratio, no randomness.
fn weights(like: &Tensor<f64>) -> Tensor<f64> {
    const GOLDEN: f64 = 0.618_033_988_749_894_8;
    let weight = |i: usize| {
        let t = (i as f64 * GOLDEN).fract();
        if i.is_multiple_of(2) { 0.5 + t } else { -0.5 - t }
    };
    let mut u = like.clone();
    u.data_mut().iter_mut().enumerate().for_each(|(i, x)| *x = weight(i));
    u
}
