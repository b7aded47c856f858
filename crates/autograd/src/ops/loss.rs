//! Losses.

use tensor::{Real, Shape, Tensor};

use super::weighted_entropy;
use crate::Var;

/// The way in which losses are combined.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reduction {
    /// Their mean; NaN if there are no rows.
    #[default]
    Mean,
    /// Their sum.
    Sum,
    /// None: the losses themselves.
    None,
}

/// The options of [`Var::cross_entropy_with`]; the default is the mean over all rows, without label smoothing and weights.
///
/// ```
/// use autograd::{CrossEntropy, Reduction, Tape, Tensor};
///
/// let tape = Tape::<f64>::new();
/// let logits = tape.leaf(Tensor::zeros([2, 4]));
/// let (padding, weights) = (9, [1.0, 2.0, 1.0, 1.0]);
/// let options = CrossEntropy { ignore_index: Some(padding), weights: Some(&weights), ..CrossEntropy::default() };
/// assert_eq!(logits.cross_entropy_with(&[1, padding], options).value().item(), 4_f64.ln());
/// let each = CrossEntropy { reduction: Reduction::None, ..options };
/// assert_eq!(logits.cross_entropy_with(&[1, padding], each).value().data(), [2.0 * 4_f64.ln(), 0.0]);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CrossEntropy<'w> {
    /// The way in which the losses of the rows are combined. With weights, the mean is the sum divided by the sum of
    /// the weights of the targets.
    pub reduction: Reduction,
    /// Label smoothing: the share ε of each target, between 0 and 1, that is spread evenly over all classes (Szegedy
    /// et al. 2016).
    pub smoothing: f64,
    /// The target of rows that do not count: padding. It need not be a class.
    pub ignore_index: Option<usize>,
    /// The weight of each class; 1 if there are none.
    pub weights: Option<&'w [f64]>,
}

impl CrossEntropy<'_> {
    /// Panics if an option does not fit the number of classes.
    #[track_caller]
    fn check(self, classes: usize) {
        let smoothing = self.smoothing;
        assert!(
            (0.0..=1.0).contains(&smoothing),
            "cross_entropy: the smoothing is {smoothing}; expected 0 to 1"
        );
        let weights = self.weights.map_or(classes, <[f64]>::len);
        assert!(
            weights == classes,
            "cross_entropy: got {weights} weights for {classes} classes; expected one per class"
        );
    }
}

impl<T: Real> Var<'_, T> {
    /// The mean over the rows i of `−ln softmax(x)ᵢ[targetᵢ]`: `[m, classes]` and m targets `→ []`. Pullback:
    /// `x̄ = (softmax(x) − onehot(target))·ȳ/m`.
    ///
    /// # Panics
    /// Panics if this is not a matrix with one row per target, or a target is not below the number of classes.
    #[track_caller]
    pub fn cross_entropy(self, targets: &[usize]) -> Self {
        self.cross_entropy_with(targets, CrossEntropy::default())
    }

    /// The mean or sum over the rows i of `−Σ qᵢ·ln softmax(x)ᵢ`, or all of these: `[m, classes]` and m targets `→ []`
    /// or `[m]`. The desired probabilities are `qᵢ = (1 − ε)·onehot(targetᵢ) + ε/classes`, times the weights of the
    /// classes, and 0 for an ignored target. The mean is divided by the sum of the weights of the targets that are not
    /// ignored, which is their number if there are no weights, as in PyTorch; NaN if there are none.
    ///
    /// Pullback: `x̄ᵢ = (softmax(x)ᵢ·Σ qᵢ − qᵢ)·ȳ`, divided by the same number for the mean. A term of weight 0 adds 0
    /// to value and gradient, even if a logarithm is −∞.
    ///
    /// # Panics
    /// Panics if this is not a matrix with one row per target, a target that is not ignored is not below the number of
    /// classes, the smoothing is not between 0 and 1, or there is not one weight per class.
    #[track_caller]
    pub fn cross_entropy_with(self, targets: &[usize], options: CrossEntropy<'_>) -> Self {
        let CrossEntropy { reduction, smoothing, ignore_index, weights } = options;
        let logits = self.value();
        let classes = checked_classes(logits.shape(), targets, ignore_index);
        options.check(classes);
        if reduction == Reduction::None || ignore_index.is_some() || weights.is_some() {
            return weighted_entropy::record(self, targets, options);
        }
        let log_p = logits.log_softmax_rows();
        let count = match reduction {
            Reduction::Mean => T::of(targets.len() as f64),
            Reduction::Sum | Reduction::None => T::ONE,
        };
        let (on, spread) = (T::of(1.0 - smoothing), T::of(smoothing / classes.max(1) as f64));
        let value = log_p.full_beside([], -log_likelihood(&log_p, targets, on, spread) / count);
        let targets = targets.to_vec();
        self.tape().record("cross_entropy", [self], value, move |g| {
            let share = g.item() / count;
            let mut cotangent = log_p.map(move |x| share * (x.exp() - spread));
            for (row, &target) in cotangent.data_mut().chunks_exact_mut(classes.max(1)).zip(&targets) {
                row[target] = row[target] - share * on;
            }
            [cotangent]
        })
    }

    /// The mean of `(x − target)²` of equal shapes `→ []`; NaN if there are no values. Pullback:
    /// `x̄ = 2(x − target)·ȳ/n`; the target gets the negative.
    ///
    /// # Panics
    /// Panics if the shapes differ.
    #[track_caller]
    pub fn mse(self, target: Self) -> Self {
        let error = self.value().zip("mse", &target.value(), |x, y| x - y);
        let n = T::of(error.shape().numel() as f64);
        let value = error.full_beside([], error.map(|x| x * x).sum() / n);
        self.tape().record_each("mse", &[self, target], value, move |g, parent| {
            let factor = (g.item() + g.item()) / n;
            match parent {
                0 => error.scale(factor),
                _ => error.scale(-factor),
            }
        })
    }
}

impl<T: Real> Var<'_, T> {
    /// [`mse`](Self::mse) with another reduction: the mean or the sum of `(x − target)² → []`, or all of these with the
    /// shape of x. Pullback: `x̄ = 2(x − target)·ȳ`, divided by n for the mean; the target gets the negative.
    ///
    /// # Panics
    /// Panics if the shapes differ.
    #[track_caller]
    pub fn mse_with(self, target: Self, reduction: Reduction) -> Self {
        if reduction == Reduction::Mean {
            return self.mse(target);
        }
        let error = self.value().zip("mse", &target.value(), |x, y| x - y);
        let squares = error.map(|x| x * x);
        let each = reduction == Reduction::None;
        let value = if each { squares } else { squares.full_beside([], squares.sum()) };
        self.tape().record_each("mse", &[self, target], value, move |g, parent| {
            let twice = if parent == 0 { T::of(2.0) } else { T::of(-2.0) };
            let g = if each { g.clone() } else { error.full_beside(error.shape(), g.item()) };
            g.zip("mse", &error, move |g, error| twice * g * error)
        })
    }
}

/// The number of classes of logits that have one row per target.
#[track_caller]
fn checked_classes(logits: &Shape, targets: &[usize], ignored: Option<usize>) -> usize {
    let classes = match logits.matrix() {
        Some((rows, classes)) if rows == targets.len() => classes,
        _ => panic!(
            "cross_entropy: got logits {logits} and {} targets; expected one row per target",
            targets.len()
        ),
    };
    if let Some(target) = targets.iter().find(|&&target| target >= classes && Some(target) != ignored) {
        panic!("cross_entropy: target {target} is out of bounds for {classes} classes");
    }
    classes
}

/// `Σ on·ln p[target] + spread·Σ ln p`. A term of weight 0 is left out, because ln p may be −∞.
fn log_likelihood<T: Real>(log_p: &Tensor<T>, targets: &[usize], on: T, spread: T) -> T {
    let classes = log_p.shape().dims()[1].max(1);
    let mut picked = log_p.full_beside([targets.len()], T::ZERO);
    let rows = log_p.data().chunks_exact(classes).zip(targets);
    for (picked, (row, &target)) in picked.data_mut().iter_mut().zip(rows) {
        *picked = row[target];
    }
    let picked = picked.sum();
    match (on > T::ZERO, spread > T::ZERO) {
        (true, false) => on * picked,
        (false, _) => spread * log_p.sum(),
        (true, true) => on * picked + spread * log_p.sum(),
    }
}
