//! Softmax of independent normal logits: the random energy model.

/// Softmax of `keys` independent logits of `N(0, s²)`, in expectation over the logits: attention scores before training,
/// or the logits of a classifier (the random energy model of physics).
///
/// | keys | s | entropy | `E Σp²` |
/// |---|---|---|---|
/// | 64 | 0.3072 | 4.112542 | 0.017140 |
/// | 64 | 1 | 3.684746 | 0.038804 |
/// | 64 | 3 | 1.810468 | 0.326311 |
/// | 1024 | 3 | 3.429257 | 0.134946 |
///
/// The entropy is about `ln keys − s²/2` for small s; beyond `s = √(2·ln keys)` a few keys hold most of the probability.
///
/// ```
/// use mean_field::RandomSoftmax;
/// // The scores of GPT-2's first layer have a std of 0.3: attention is nearly uniform.
/// let scores = RandomSoftmax::of(64, 0.3072);
/// assert!((scores.entropy - 4.112_542).abs() < 1e-6 && scores.entropy > 0.98 * 64_f64.ln());
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RandomSoftmax {
    /// `F = E ln Σ e^sᵢ`: also the expected cross-entropy loss if the logits do not depend on the target.
    pub log_sum: f64,
    /// `E −Σ pᵢ·ln pᵢ`, in nats: the number of keys that share the probability is about its exponential.
    pub entropy: f64,
    /// `E Σ pᵢ²`: 1/keys if attention is uniform, 1 if one key has everything.
    pub sum_of_squares: f64,
}

/// The largest std of logits that is integrated. Beyond it, F is taken as `s·E max z + c/s`, which is true to 1e-7 of F, and
/// to 1e-4 for the entropy.
const WIDEST: f64 = 256.0;

/// The Euler-Mascheroni constant γ, the mean of the standard Gumbel distribution.
const EULER: f64 = 0.577_215_664_901_532_9;

impl RandomSoftmax {
    /// The expectations for logits of standard deviation `std`, to 1e-6 up to 256; beyond, F to 1e-7 of itself and the entropy
    /// to 1e-4. It takes 5 to 25 µs up to 30, and 150 at 256.
    ///
    /// All are NaN without keys, or unless `std` is finite and at least 0.
    pub fn of(keys: usize, std: f64) -> Self {
        if keys == 0 || !(0.0..f64::INFINITY).contains(&std) {
            return Self { log_sum: f64::NAN, entropy: f64::NAN, sum_of_squares: f64::NAN };
        }
        if std > WIDEST {
            return Self::of(keys, WIDEST).widened(WIDEST, std);
        }
        let integral = Integral::over(keys as f64, std, f64::NEG_INFINITY);
        let entropy = (integral.log_sum - integral.mean).clamp(0.0, (keys as f64).ln());
        Self { log_sum: integral.log_sum, entropy, sum_of_squares: integral.squares.min(1.0) }
    }

    /// From one large std to a larger one: `F = as + c/s`, entropy `F − s·F′ = 2c/s`, `E Σp² = 1 − F′/s`.
    fn widened(self, from: f64, std: f64) -> Self {
        let c = self.entropy * from / 2.0;
        let a = (self.log_sum - c / from) / from;
        let (log_sum, slope) = (a * std + c / std, a - c / (std * std));
        Self { log_sum, entropy: 2.0 * c / std, sum_of_squares: 1.0 - slope / std }
    }
}

/// `E ln(e^own + Σ e^sᵢ)` for one fixed logit beside `keys` random ones of `N(0, std²)`, as exact as
/// [`RandomSoftmax::of`]; `own` without keys, NaN unless `std` is finite and at least 0.
///
/// ```
/// use mean_field::log_sum_with;
/// // A logit far above the others decides the sum.
/// assert!((log_sum_with(50.0, 999, 1.0) - 50.0).abs() < 1e-9);
/// ```
pub fn log_sum_with(own: f64, keys: usize, std: f64) -> f64 {
    if own.is_nan() || !(0.0..f64::INFINITY).contains(&std) {
        return f64::NAN;
    }
    let logs = (keys.max(1) as f64).ln();
    if keys == 0 || own > logs + std * ((2.0 * logs).sqrt() + 8.0) + 40.0 {
        return own;
    }
    if std > WIDEST {
        // ln(e^own + Σ e^sᵢ) is the larger of the two, but for differences of order 1.
        return std / WIDEST * log_sum_with(own * WIDEST / std, keys, WIDEST);
    }
    Integral::over(keys as f64, std, own).log_sum
}

/// Three expectations as integrals over one variable (derived here).
///
/// `φ(x) = E exp(−e^(sz − x))` is the distribution function of `sz + G` with G standard Gumbel, so `φᴺ` is that of
/// `max(sᵢ + Gᵢ)`, whose mean is `E ln Σe^sᵢ + γ`. With `1/Z = ∫e^−x·exp(−e^−x·Z)dx` and the same for `1/Z²`,
/// `E Σ pᵢsᵢ = N∫E[sz·d·e^−d]·φ^(N − 1)dx` and `E Σ pᵢ² = N∫E[d²·e^−d]·φ^(N − 1)dx`, where `d = e^(sz − x)`.
///
/// Both z and x run over equidistant nodes: for analytic functions that vanish at the ends, the error of that rule falls
/// exponentially with the step, and these are analytic within π/2 of the real axis.
struct Integral {
    /// `E ln(e^own + Σ e^sᵢ)`.
    log_sum: f64,
    /// `E Σ pᵢsᵢ`.
    mean: f64,
    /// `E Σ pᵢ²`.
    squares: f64,
}

impl Integral {
    fn over(keys: f64, std: f64, own: f64) -> Self {
        let nodes = Nodes::of(std, keys);
        let logs = keys.max(1.0).ln();
        let middle = (logs + std * std / 2.0).min(std * (2.0 * logs).sqrt() + 1.0).max(own);
        // The distribution function of the maximum rises from 0 to 1 within s/√(2 ln N), or within a Gumbel's 1.
        let stride = (std / ((2.0 * logs).sqrt() + 1.0)).max(1.0) as i64;
        let step = stride as f64 * STEP;
        let start = (middle / step).round() as i64;
        let mut sums = Self { log_sum: 0.0, mean: 0.0, squares: 0.0 };
        let mut add = |k: i64| {
            let at = nodes.at(k * stride);
            let own = if own > f64::NEG_INFINITY { (-(own - k as f64 * step).exp()).exp() } else { 1.0 };
            let all = own * (keys * at.distribution.ln()).exp();
            let rest = if all > 0.0 { keys * all / at.distribution } else { 0.0 };
            // The mean of a distribution is `a + ∫[1(x > a) − its function]dx` for any a; half of the jump at a = start.
            let unit = 0.5 + 0.5 * (k - start).signum() as f64;
            sums.log_sum += step * (unit - all);
            sums.mean += step * at.weighted * rest;
            sums.squares += step * at.squared * rest;
            all
        };
        let mut k = start;
        while add(k) > 1e-12 {
            k -= 1;
        }
        k = start + 1;
        while 1.0 - add(k) > 1e-9 {
            k += 1;
        }
        Self { log_sum: start as f64 * step + sums.log_sum - EULER, ..sums }
    }
}

/// The step of x, and of `u = sz` for s of at least 1.
const STEP: f64 = 0.4;

/// Equidistant nodes of u with their normal weights.
struct Nodes {
    step: f64,
    /// The number of nodes on each side of 0.
    half: i64,
    weights: Vec<f64>,
    /// The sum of the weights before each node, and 1.
    before: Vec<f64>,
    /// `(d, e^−d)` for `d = e^(k·STEP)`, from `-below` on; or `e^u` of each node.
    table: Vec<(f64, f64)>,
    /// The number of steps below x from which `e^−d` counts as 1 for every key; `None` if s is below 1, where steps of u
    /// are smaller than those of x and all nodes are near 0.
    below: Option<i64>,
}

/// Expectations over one logit at one x.
struct AtNode {
    /// `φ(x)`.
    distribution: f64,
    /// `E[sz·d·e^−d]`.
    weighted: f64,
    /// `E[d²·e^−d]`.
    squared: f64,
}

/// The number of steps above x at which `e^−d` is 1e-16.
const ABOVE: i64 = 9;

impl Nodes {
    fn of(std: f64, keys: f64) -> Self {
        let logs = keys.max(1.0).ln();
        // The tail beyond is 1e-9 of the probability of a larger maximum.
        let reach = (2.0 * logs + 40.0).sqrt();
        let step = if std < 1.0 { std / 2.0 } else { STEP };
        let half = if std == 0.0 { 0 } else { (reach * std / step).ceil() as i64 };
        let density = |u: f64| (-(u / std.max(f64::MIN_POSITIVE)).powi(2) / 2.0).exp();
        let us = (-half..=half).map(|k| k as f64 * step);
        let mut weights: Vec<f64> = us.clone().map(density).collect();
        let total: f64 = weights.iter().sum();
        weights.iter_mut().for_each(|weight| *weight /= total);
        let sums = weights.iter().scan(0.0, |sum, weight| Some(std::mem::replace(sum, *sum + weight)));
        let before = sums.chain([1.0]).collect();
        let below = ((logs + 18.0) / STEP) as i64;
        let table = if std < 1.0 {
            us.map(f64::exp).map(|d| (d, 0.0)).collect()
        } else {
            (-below..ABOVE).map(|k| (k as f64 * STEP).exp()).map(|d| (d, (-d).exp())).collect()
        };
        Self { step, half, weights, before, table, below: if std < 1.0 { None } else { Some(below) } }
    }

    /// The expectations at `x = k·STEP`.
    fn at(&self, k: i64) -> AtNode {
        let Some(below) = self.below else {
            let scale = (-k as f64 * STEP).exp();
            return self.sum(0, self.weights.len(), |index| {
                let d = scale * self.table[index].0;
                (d, (-d).exp())
            });
        };
        let last = self.weights.len() as i64;
        let first = k - below + self.half;
        let (from, to) = (first.clamp(0, last), (k + ABOVE + self.half).clamp(0, last));
        self.sum(from as usize, to as usize, |index| self.table[(index as i64 - first) as usize])
    }

    /// The sums over nodes `from..to`, and over those before, at which d is 0.
    fn sum(&self, from: usize, to: usize, survival: impl Fn(usize) -> (f64, f64)) -> AtNode {
        let mut sums = AtNode { distribution: self.before[from], weighted: 0.0, squared: 0.0 };
        for index in from..to {
            let u = (index as i64 - self.half) as f64 * self.step;
            let (d, survival) = survival(index);
            let weighted = self.weights[index] * survival;
            sums.distribution += weighted;
            sums.weighted += u * d * weighted;
            sums.squared += d * d * weighted;
        }
        sums
    }
}
