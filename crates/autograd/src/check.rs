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
#[non_exhaustive]
pub enum GradErrorKind {
    /// The slopes are further apart than rounding and truncation explain.
    Mismatch,
    /// No slope could be measured: differences at several step sizes disagree, or the slopes of the two sides, as at a
    /// kink, a jump or a value that is not finite; or values are so large that their rounding hides the slope.
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
/// A slope whose tolerance is a larger share of it, or of 1, was not measured: it would excuse a wrong one.
const HIDDEN: f64 = 1e-3;
/// Roundings in sequence that are allowed for.
const ROUNDINGS: f64 = 20.0;

/// Compares the gradient of `⟨u, f(inputs)⟩` with differences, entry by entry, in double precision;
/// `u` is a fixed vector of unequal weights, so that every output counts.
///
/// The numeric slope is the five-point central difference with step h = 1e-3·max(1, |x|). Its
/// truncation error is h⁴f⁽⁵⁾/30, which a second difference at 2h shows sixteenfold. Its rounding error is
/// at most 1.5·ε·s/h for each rounding behind f, where s is the largest finite value that f depends on or `Σ|uᵢfᵢ|`,
/// whichever is more; 20 in sequence are allowed for, or √n where the largest tensor has n > 400 values, since
/// the roundings of a long sum walk at random (Higham & Mary 2019). The tolerance is the sum of both.
///
/// A kink beside x, within four steps, makes step sizes disagree. One at x itself does not, as every central difference
/// answers with the mean of both slopes; there the sums `f(x + t) + f(x − t) − 2f(x)` grow with t and not with t².
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
/// At the first entry whose slopes differ, or at or near which `f` is not smooth.
pub fn gradcheck(
    f: impl for<'t> Fn(&'t Tape<f64>, &[Var<'t, f64>]) -> Var<'t, f64>,
    inputs: &[Tensor<f64>],
) -> Result<(), GradError> {
    everywhere(&f, inputs)
}

/// [`gradcheck`] for inputs too large to visit entry by entry: six evaluations of `f`, whatever their size.
///
/// It compares one number, the derivative of `⟨v, f⟩` along a direction `u` of all inputs at once: `⟨vᵀJ, u⟩`, with `vᵀJ`
/// from one backward pass, against the differences of [`gradcheck`] along u. Both vectors are pseudo-random and
/// fixed, so that a structured error, as of a transposed cotangent, is not orthogonal to them. `u` has length 1:
/// curvature along it is then an average of that along the axes and not their sum, and an error of δ in one of n
/// entries shows as about δ/√n. The tolerance adds the rounding of the n products of `⟨vᵀJ, u⟩`.
///
/// Where the numbers differ, or step sizes disagree, [`gradcheck`] decides, and the entry that is furthest off is reported.
///
/// ```
/// use autograd::check::gradcheck_projected;
/// use tensor::Tensor;
///
/// let (x, w) = (Tensor::full([50, 40], 0.3), Tensor::full([40, 60], -0.2));
/// gradcheck_projected(|_, v| v[0].matmul(v[1]), &[x, w]).unwrap();
/// # Ok::<(), tensor::ShapeError>(())
/// ```
///
/// # Errors
/// At the worst entry: one whose slopes differ before one near which `f` is not smooth.
pub fn gradcheck_projected(
    f: impl for<'t> Fn(&'t Tape<f64>, &[Var<'t, f64>]) -> Var<'t, f64>,
    inputs: &[Tensor<f64>],
) -> Result<(), GradError> {
    along_one_direction(&f, inputs)
}

fn everywhere(f: &Function<'_>, inputs: &[Tensor<f64>]) -> Result<(), GradError> {
    PointCheck::new(f, inputs).entrywise().next().map_or(Ok(()), Err)
}

fn along_one_direction(f: &Function<'_>, inputs: &[Tensor<f64>]) -> Result<(), GradError> {
    let check = PointCheck::new(f, inputs);
    if check.agrees_along(&direction(inputs)) {
        return Ok(());
    }
    let severity = |e: &GradError| {
        let excess = (e.analytic - e.numeric).abs() / e.tolerance;
        (e.kind == GradErrorKind::Mismatch, if excess.is_nan() { f64::INFINITY } else { excess })
    };
    let worst = check.entrywise().max_by(|a, b| {
        let (a, b) = (severity(a), severity(b));
        a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
    });
    worst.map_or(Ok(()), Err)
}

/// A function to check. Not generic from here on: otherwise everything below is compiled anew for each check, which was more
/// than half of the code of a test that has 65.
type Function<'f> = dyn for<'t> Fn(&'t Tape<f64>, &[Var<'t, f64>]) -> Var<'t, f64> + 'f;

/// What is checked, where, and what backward said there.
struct PointCheck<'a> {
    f: &'a Function<'a>,
    inputs: &'a [Tensor<f64>],
    op: &'static str,
    /// `⟨v, f(inputs)⟩`.
    value: f64,
    /// `vᵀJ`, by input; `None` where backward reached nothing.
    analytic: Vec<Option<Tensor<f64>>>,
}

/// A slope by differences.
struct Slope {
    numeric: f64,
    tolerance: f64,
    /// Whether two step sizes agree on it.
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

    /// What is wrong, entry by entry.
    fn entrywise(&self) -> impl Iterator<Item = GradError> {
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

    /// Whether backward and differences agree on the derivative along `u`.
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

    /// The derivative of `⟨v, f⟩` by steps of `h`, `moved(step)` being the inputs at a step.
    fn slope(&self, h: f64, moved: impl Fn(f64) -> Vec<Tensor<f64>>) -> Slope {
        let mut size = 0.0_f64;
        let [one, two, four] = [1.0, 2.0, 4.0].map(|steps| {
            let [ahead, behind] = [h, -h].map(|h| projected(self.f, &moved(steps * h)));
            size = size.max(ahead.1).max(behind.1);
            Sides { odd: ahead.0 - behind.0, even: ahead.0 + behind.0 - 2.0 * self.value }
        });
        let (numeric, wide) =
            ((8.0 * one.odd - two.odd) / (12.0 * h), (8.0 * two.odd - four.odd) / (24.0 * h));
        // Without its terms in t² and t⁴, what is even in t is 28·h of a jump of the slope at x, and 8h⁶f⁽⁶⁾.
        let jump = (64.0 * one.even - 20.0 * two.even + four.even) / (28.0 * h);
        let rounding = 1.5 * f64::EPSILON * size / h;
        let (disagreement, scale) = ((numeric - wide).abs(), numeric.abs().max(1.0));
        Slope {
            numeric,
            tolerance: disagreement + rounding,
            // Of its 260/28 roundings, 1.5 are one `rounding`.
            smooth: disagreement <= SMOOTH * scale + rounding
                && jump.abs() <= SMOOTH * scale + 6.2 * rounding
                && rounding <= HIDDEN * scale,
        }
    }
}

/// Two values on either side of a point, at one distance.
struct Sides {
    /// Their difference.
    odd: f64,
    /// Their sum without the value at the point, twice.
    even: f64,
}

/// `⟨v, f(inputs)⟩`, and the size of its rounding error in units of ε.
fn projected(f: &Function<'_>, inputs: &[Tensor<f64>]) -> (f64, f64) {
    let tape = Tape::new();
    let vars: Vec<_> = inputs.iter().map(|input| tape.leaf(input.clone())).collect();
    let output = f(&tape, &vars);
    let terms = output.value().mul(&weights(&output.value(), 0));
    let total: f64 = terms.data().iter().map(|x| x.abs()).sum();
    let behind = output.ancestors();
    let (largest, longest) = tape.with(|arena| {
        let values = || behind.iter().map(|&id| arena.nodes[id].value.data());
        // What is not finite is not rounded either; where f depends on it, its differences show it.
        let finite = values().flatten().filter(|x| x.is_finite());
        let longest = values().map(<[f64]>::len).max().unwrap_or(0);
        (finite.fold(0.0_f64, |largest, x| largest.max(x.abs())), longest)
    });
    (terms.sum(), total.max(largest) * ROUNDINGS.max((longest as f64).sqrt()))
}

/// A direction of length 1 in the space of all inputs, each entry in units of max(1, |x|).
fn direction(inputs: &[Tensor<f64>]) -> Vec<Tensor<f64>> {
    let u: Vec<_> = inputs.iter().zip(1..).map(|(input, stream)| weights(input, stream)).collect();
    let squares: f64 = u.iter().flat_map(Tensor::data).map(|u| u * u).sum();
    let scaled = |(x, u): (&Tensor<f64>, &Tensor<f64>)| {
        x.zip("direction", u, |x, u| x.abs().max(1.0) * u / squares.sqrt())
    };
    inputs.iter().zip(&u).map(scaled).collect()
}

/// Weights in ±(0.5..1.5), never near 0: hashes of place and stream, by the finalizer of `SplitMix64` (Steele, Lea &
/// Flood 2014), so that they have no structure in common with an error.
fn weights(like: &Tensor<f64>, stream: u64) -> Tensor<f64> {
    let hash = |place: u64| {
        let z = place.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ stream.rotate_left(32);
        let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    };
    let weight = |place: u64| {
        let bits = hash(place);
        let magnitude = 0.5 + (bits >> 11) as f64 / (1_u64 << 53) as f64;
        if bits & 1 == 0 { magnitude } else { -magnitude }
    };
    let mut u = like.clone();
    u.data_mut().iter_mut().zip(0..).for_each(|(x, place)| *x = weight(place));
    u
}
