//! The gradient check: gradients against finite differences, for this crate's ops and for yours.

use std::fmt;

use tensor::Tensor;

use crate::{Tape, Var};

/// The failure of a [`gradcheck`] at one entry of one input.
#[derive(Clone, Debug, PartialEq)]
pub struct GradError {
    /// The kind of failure: the slopes differ, or the slope could not be measured.
    pub kind: GradErrorKind,
    /// The op that made the value under check.
    pub op: &'static str,
    /// The index of the input.
    pub input: usize,
    /// The index of the entry in that input, in row-major order.
    pub entry: usize,
    /// The slope by the backward pass.
    pub analytic: f64,
    /// The slope by finite differences.
    pub numeric: f64,
    /// The largest difference that is allowed.
    pub tolerance: f64,
}

/// The two ways to fail a [`gradcheck`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GradErrorKind {
    /// The slopes differ by more than rounding and truncation explain.
    Mismatch,
    /// The slope could not be measured. Differences with several step sizes disagree, or the slopes of the two sides
    /// do, as at a kink, a jump or a value that is not finite; or the values are so large that their rounding hides
    /// the slope.
    NotSmooth,
}

impl fmt::Display for GradError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { op, input, entry, analytic, numeric, tolerance, .. } = self;
        match self.kind {
            GradErrorKind::Mismatch => write!(f, "{op}: input {input}, entry {entry}: ")?,
            GradErrorKind::NotSmooth => write!(f, "{op}: not smooth at input {input}, entry {entry}: ")?,
        }
        write!(f, "backward gives {analytic:e}, finite differences give {numeric:e} ± {tolerance:.1e}")
    }
}

impl std::error::Error for GradError {}

/// The step size, about ε^(1/5): it balances the truncation of the stencil, h⁴, with its rounding, ε/h.
const STEP: f64 = 1e-3;
/// The fraction of the slope by which step sizes may disagree before a point counts as not smooth. For smooth
/// functions of order 1 they disagree by 16·h⁴ ≈ 2e-11; with a kink inside the stencil, by a fraction of order 1.
const SMOOTH: f64 = 1e-6;
/// The largest tolerance, as a fraction of the slope or of 1, with which a slope counts as measured. A larger tolerance
/// would accept a wrong gradient.
const HIDDEN: f64 = 1e-3;
/// The number of successive roundings that the tolerance allows for.
const ROUNDINGS: f64 = 20.0;

/// Compares the gradient of `⟨u, f(inputs)⟩` with finite differences, entry by entry, in double precision. The fixed
/// vector `u` has unequal weights, so that every output counts.
///
/// The numeric slope is the five-point central difference with the step h = 1e-3·max(1, |x|). Its truncation error is
/// h⁴f⁽⁵⁾/30; it is estimated from a second difference with the step 2h, whose error is sixteen times as large. Its
/// rounding error is at most 1.5·ε·s/h for each rounding in f, where s is the largest finite value that f depends on
/// or `Σ|uᵢfᵢ|`, whichever is larger. The tolerance allows for 20 successive roundings, or for √n if the largest
/// tensor has n > 400 values, because the rounding errors of a long sum behave like a random walk (Higham & Mary
/// 2019). It is the sum of both errors.
///
/// A kink near x, within four steps, makes step sizes disagree. A kink at x itself does not, because every central
/// difference is then the mean of both slopes; it is detected because `f(x + t) + f(x − t) − 2f(x)` grows with t
/// instead of t².
///
/// ```
/// use autograd::check::gradcheck;
/// use autograd::{Activation, Tensor};
///
/// let x = Tensor::from_vec(vec![0.3, -1.2], [1, 2])?;
/// gradcheck(|_, vars| vars[0].activation(Activation::Tanh), &[x.clone()]).unwrap();
///
/// // A tanh with the wrong slope 1 − y.
/// let wrong = gradcheck(
///     |tape, vars| {
///         let y = vars[0].value().map(f64::tanh);
///         tape.record("tanh", [vars[0]], y.clone(), move |g| [g.mul(&y.map(|y| 1.0 - y))])
///     },
///     &[x],
/// );
/// assert!(wrong.unwrap_err().to_string().starts_with("tanh: input 0, entry 0: backward gives"));
/// # Ok::<(), autograd::ShapeError>(())
/// ```
///
/// # Errors
/// Returns the first entry whose slopes differ, or at or near which `f` is not smooth.
pub fn gradcheck(
    f: impl for<'t> Fn(&'t Tape<f64>, &[Var<'t, f64>]) -> Var<'t, f64>,
    inputs: &[Tensor<f64>],
) -> Result<(), GradError> {
    check_every_entry(&f, inputs)
}

/// [`gradcheck`] for inputs that are too large to be visited entry by entry; it takes six evaluations of `f` for
/// inputs of any size.
///
/// It compares one number, the derivative of `⟨v, f⟩` along a direction `u` of all inputs at once: `⟨vᵀJ, u⟩`, with
/// `vᵀJ` from one backward pass, against the differences of [`gradcheck`] along u. Both vectors are pseudo-random and
/// fixed, so that a structured error, such as a transposed cotangent, is not orthogonal to them. `u` has length 1, so
/// that the curvature along it is an average over the axes and not their sum; an error of δ in one of n entries
/// changes the number by about δ/√n. The tolerance includes the rounding of the n products of `⟨vᵀJ, u⟩`.
///
/// If the numbers differ or step sizes disagree, [`gradcheck`] decides, and the entry with the largest error is
/// reported.
///
/// ```
/// use autograd::Tensor;
/// use autograd::check::gradcheck_projected;
///
/// let (x, w) = (Tensor::full([50, 40], 0.3), Tensor::full([40, 60], -0.2));
/// gradcheck_projected(|_, v| v[0].matmul(v[1]), &[x, w]).unwrap();
/// # Ok::<(), autograd::ShapeError>(())
/// ```
///
/// # Errors
/// Returns the entry with the largest error: one whose slopes differ, else one at or near which `f` is not smooth.
pub fn gradcheck_projected(
    f: impl for<'t> Fn(&'t Tape<f64>, &[Var<'t, f64>]) -> Var<'t, f64>,
    inputs: &[Tensor<f64>],
) -> Result<(), GradError> {
    check_one_direction(&f, inputs)
}

fn check_every_entry(f: &Function<'_>, inputs: &[Tensor<f64>]) -> Result<(), GradError> {
    PointCheck::new(f, inputs).failures().next().map_or(Ok(()), Err)
}

fn check_one_direction(f: &Function<'_>, inputs: &[Tensor<f64>]) -> Result<(), GradError> {
    let check = PointCheck::new(f, inputs);
    if check.agrees_along(&direction(inputs)) {
        return Ok(());
    }
    let severity = |e: &GradError| {
        let excess = (e.analytic - e.numeric).abs() / e.tolerance;
        (e.kind == GradErrorKind::Mismatch, if excess.is_nan() { f64::INFINITY } else { excess })
    };
    let worst = check.failures().max_by(|a, b| {
        let (a, b) = (severity(a), severity(b));
        a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
    });
    worst.map_or(Ok(()), Err)
}

/// A function to check. The code below is not generic over it, or it would be compiled again for each check: more
/// than half of the code of a test with 65 checks.
type Function<'f> = dyn for<'t> Fn(&'t Tape<f64>, &[Var<'t, f64>]) -> Var<'t, f64> + 'f;

/// The check of a function at a point.
struct PointCheck<'a> {
    f: &'a Function<'a>,
    inputs: &'a [Tensor<f64>],
    op: &'static str,
    /// `⟨v, f(inputs)⟩`.
    value: f64,
    /// `vᵀJ` for each input; `None` if the backward pass did not reach it.
    analytic: Vec<Option<Tensor<f64>>>,
}

/// A slope by finite differences.
struct Slope {
    numeric: f64,
    tolerance: f64,
    /// True if different step sizes agree on the slope.
    smooth: bool,
}

impl<'a> PointCheck<'a> {
    fn new(f: &'a Function<'a>, inputs: &'a [Tensor<f64>]) -> Self {
        let tape = Tape::new();
        let vars: Vec<_> = inputs.iter().map(|input| tape.leaf(input.clone())).collect();
        let output = f(&tape, &vars);
        let v = weights(&output.value(), 0);
        let value = output.value().mul(&v).sum();
        let grads = output.backward_from(v);
        let analytic = vars.iter().map(|&var| grads.get(var).cloned()).collect();
        Self { f, inputs, op: output.op(), value, analytic }
    }

    /// The failures, entry by entry.
    fn failures(&self) -> impl Iterator<Item = GradError> {
        let entries = |input: usize| (0..self.inputs[input].data().len()).map(move |entry| (input, entry));
        (0..self.inputs.len()).flat_map(entries).filter_map(|(input, entry)| self.error_at(input, entry))
    }

    fn error_at(&self, input: usize, entry: usize) -> Option<GradError> {
        let analytic = self.analytic[input].as_ref().map_or(0.0, |g| g.data()[entry]);
        let x = self.inputs[input].data()[entry];
        let Slope { numeric, tolerance, smooth } = self.slope(STEP * x.abs().max(1.0), |step| {
            let mut moved = self.inputs.to_vec();
            moved[input].data_mut()[entry] = x + step;
            moved
        });
        let kind = match (smooth, (analytic - numeric).abs() <= tolerance) {
            (true, true) => return None,
            (true, false) => GradErrorKind::Mismatch,
            (false, _) => GradErrorKind::NotSmooth,
        };
        Some(GradError { kind, op: self.op, input, entry, analytic, numeric, tolerance })
    }

    /// True if the backward pass and differences agree on the derivative along `u`.
    fn agrees_along(&self, u: &[Tensor<f64>]) -> bool {
        let reached = self.analytic.iter().zip(u).filter_map(|(g, u)| Some(g.as_ref()?.mul(u)));
        let terms: Vec<f64> = reached.flat_map(|terms| terms.data().to_vec()).collect();
        let (analytic, total) = (terms.iter().sum::<f64>(), terms.iter().map(|x| x.abs()).sum::<f64>());
        let rounding = (ROUNDINGS + terms.len() as f64) * f64::EPSILON * total;
        let slope = self.slope(STEP, |step| {
            let along = |(x, u): (&Tensor<f64>, &Tensor<f64>)| x.add(&u.scale(step));
            self.inputs.iter().zip(u).map(along).collect()
        });
        slope.smooth && (analytic - slope.numeric).abs() <= slope.tolerance + rounding
    }

    /// The derivative of `⟨v, f⟩` by differences with the step `h`; `moved(step)` returns the inputs after a step.
    fn slope(&self, h: f64, moved: impl Fn(f64) -> Vec<Tensor<f64>>) -> Slope {
        let mut size = 0.0_f64;
        let [one, two, four] = [1.0, 2.0, 4.0].map(|steps| {
            let [ahead, behind] = [h, -h].map(|h| projected(self.f, &moved(steps * h)));
            size = size.max(ahead.1).max(behind.1);
            Sides { odd: ahead.0 - behind.0, even: ahead.0 + behind.0 - 2.0 * self.value }
        });
        let (numeric, wide) =
            ((8.0 * one.odd - two.odd) / (12.0 * h), (8.0 * two.odd - four.odd) / (24.0 * h));
        // This combination cancels the terms t² and t⁴ of the even part. A jump of the slope at x leaves 28·h times
        // the jump; a smooth function leaves 8h⁶f⁽⁶⁾.
        let jump = (64.0 * one.even - 20.0 * two.even + four.even) / (28.0 * h);
        let rounding = 1.5 * f64::EPSILON * size / h;
        let (disagreement, scale) = ((numeric - wide).abs(), numeric.abs().max(1.0));
        Slope {
            numeric,
            tolerance: disagreement + rounding,
            // The jump has 260/28 roundings, of which 1.5 are one `rounding`.
            smooth: disagreement <= SMOOTH * scale + rounding
                && jump.abs() <= SMOOTH * scale + 6.2 * rounding
                && rounding <= HIDDEN * scale,
        }
    }
}

/// The values at one distance on either side of a point.
struct Sides {
    /// Their difference.
    odd: f64,
    /// Their sum minus twice the value at the point.
    even: f64,
}

/// `⟨v, f(inputs)⟩`, and a bound of its rounding error in units of ε.
fn projected(f: &Function<'_>, inputs: &[Tensor<f64>]) -> (f64, f64) {
    let tape = Tape::new();
    let vars: Vec<_> = inputs.iter().map(|input| tape.leaf(input.clone())).collect();
    let output = f(&tape, &vars);
    let terms = output.value().mul(&weights(&output.value(), 0));
    let total: f64 = terms.data().iter().map(|x| x.abs()).sum();
    let ancestors = output.ancestors();
    let (largest, longest) = tape.with(|arena| {
        let values = || ancestors.iter().map(|&id| arena.nodes[id].value.data());
        // Infinite values and NaN have no rounding error; if f depends on them, its differences are not finite.
        let finite = values().flatten().filter(|x| x.is_finite());
        let longest = values().map(<[f64]>::len).max().unwrap_or(0);
        (finite.fold(0.0_f64, |largest, x| largest.max(x.abs())), longest)
    });
    (terms.sum(), total.max(largest) * ROUNDINGS.max((longest as f64).sqrt()))
}

/// A direction of length 1 in the space of all inputs, where each entry is measured in units of max(1, |x|).
fn direction(inputs: &[Tensor<f64>]) -> Vec<Tensor<f64>> {
    let u: Vec<_> = inputs.iter().zip(1..).map(|(input, stream)| weights(input, stream)).collect();
    let squares: f64 = u.iter().flat_map(Tensor::data).map(|u| u * u).sum();
    let scaled = |(x, u): (&Tensor<f64>, &Tensor<f64>)| {
        x.zip("direction", u, |x, u| x.abs().max(1.0) * u / squares.sqrt())
    };
    inputs.iter().zip(&u).map(scaled).collect()
}

/// Weights in ±(0.5..1.5): hashes of position and stream by the finaliser of `SplitMix64` (Steele, Lea & Flood 2014),
/// so that they share no structure with an error.
fn weights(like: &Tensor<f64>, stream: u64) -> Tensor<f64> {
    let hash = |position: u64| {
        let z = position.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ stream.rotate_left(32);
        let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    };
    let weight = |position: u64| {
        let bits = hash(position);
        let magnitude = 0.5 + (bits >> 11) as f64 / (1_u64 << 53) as f64;
        if bits & 1 == 0 { magnitude } else { -magnitude }
    };
    let mut u = like.clone();
    u.data_mut().iter_mut().zip(0..).for_each(|(x, position)| *x = weight(position));
    u
}
