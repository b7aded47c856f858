//! Losses.

use tensor::{Real, Shape, Tensor};

use crate::Var;

/// How the losses of the rows become one number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reduction {
    /// Their mean; NaN for no rows.
    #[default]
    Mean,
    /// Their sum.
    Sum,
}

/// Options of [`Var::cross_entropy_with`]; by default the mean, and targets as they are.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CrossEntropy {
    /// How the losses of the rows become one number.
    pub reduction: Reduction,
    /// The share ε of each target that is spread evenly over all classes, in 0..=1 (label smoothing, Szegedy et
    /// al. 2016).
    pub smoothing: f64,
}

impl<T: Real> Var<'_, T> {
    /// The mean of `−ln softmax(x)ᵢ[targetᵢ]` over rows i: `[m, classes]`, m targets `→ []`.
    /// Pullback: `x̄ = (softmax(x) − onehot(target))·ȳ/m`.
    ///
    /// # Panics
    /// If this is not a matrix with one row a target, or a target is not below `classes`.
    #[track_caller]
    pub fn cross_entropy(self, targets: &[usize]) -> Self {
        self.cross_entropy_with(targets, CrossEntropy::default())
    }

    /// The mean or sum of `−Σ qᵢ·ln softmax(x)ᵢ` over rows i, where `qᵢ = (1 − ε)·onehot(targetᵢ) + ε/classes`:
    /// `[m, classes]`, m targets `→ []`. Pullback: `x̄ = (softmax(x) − q)·ȳ`, over m for the mean.
    ///
    /// # Panics
    /// If this is not a matrix with one row a target, a target is not below `classes`, or the smoothing is not in
    /// 0..=1.
    #[track_caller]
    pub fn cross_entropy_with(self, targets: &[usize], options: CrossEntropy) -> Self {
        let CrossEntropy { reduction, smoothing } = options;
        assert!((0.0..=1.0).contains(&smoothing), "cross_entropy: smoothing {smoothing} is not in 0..=1");
        let logits = self.value();
        let classes = checked_classes(logits.shape(), targets);
        let log_p = logits.log_softmax_rows();
        let count = match reduction {
            Reduction::Mean => T::of(targets.len() as f64),
            Reduction::Sum => T::ONE,
        };
        let (on, spread) = (T::of(1.0 - smoothing), T::of(smoothing / classes.max(1) as f64));
        let value = log_p.full_beside([], -expected(&log_p, targets, on, spread) / count);
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

    /// The mean of `(x − target)²`, equal shapes `→ []`; NaN when empty. Pullback: `x̄ = 2(x − target)·ȳ/n`,
    /// and its negative.
    ///
    /// # Panics
    /// If the shapes differ.
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

/// The number of classes, of logits that have one row a target.
#[track_caller]
fn checked_classes(logits: &Shape, targets: &[usize]) -> usize {
    let classes = match logits.matrix() {
        Some((rows, classes)) if rows == targets.len() => classes,
        _ => panic!("cross_entropy: logits {logits} for {} targets", targets.len()),
    };
    if let Some(target) = targets.iter().find(|&&target| target >= classes) {
        panic!("cross_entropy: target {target} among {classes} classes");
    }
    classes
}

/// `Σ on·ln p[target] + spread·Σ ln p`; what has no weight is left out, as ln p may be −∞.
fn expected<T: Real>(log_p: &Tensor<T>, targets: &[usize], on: T, spread: T) -> T {
    let classes = log_p.shape().dims()[1].max(1);
    let mut picked = log_p.full_beside([targets.len()], T::ZERO);
    let rows = log_p.data().chunks_exact(classes).zip(targets);
    for (place, (row, &target)) in picked.data_mut().iter_mut().zip(rows) {
        *place = row[target];
    }
    let picked = picked.sum();
    match (on > T::ZERO, spread > T::ZERO) {
        (true, false) => on * picked,
        (false, _) => spread * log_p.sum(),
        (true, true) => on * picked + spread * log_p.sum(),
    }
}
