//! Losses.

use tensor::{Real, Shape, Tensor};

use crate::Var;

/// The way in which the losses of the rows are combined.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reduction {
    /// Their mean; NaN if there are no rows.
    #[default]
    Mean,
    /// Their sum.
    Sum,
}

/// The options of [`Var::cross_entropy_with`]; the default is the mean without label smoothing.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CrossEntropy {
    /// The way in which the losses of the rows are combined.
    pub reduction: Reduction,
    /// Label smoothing: the share ε of each target, between 0 and 1, that is spread evenly over all classes (Szegedy
    /// et al. 2016).
    pub smoothing: f64,
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

    /// The mean or sum over the rows i of `−Σ qᵢ·ln softmax(x)ᵢ`, where `qᵢ = (1 − ε)·onehot(targetᵢ) + ε/classes`:
    /// `[m, classes]` and m targets `→ []`. Pullback: `x̄ = (softmax(x) − q)·ȳ`, divided by m for the mean.
    ///
    /// # Panics
    /// Panics if this is not a matrix with one row per target, a target is not below the number of classes, or the
    /// smoothing is not between 0 and 1.
    #[track_caller]
    pub fn cross_entropy_with(self, targets: &[usize], options: CrossEntropy) -> Self {
        let CrossEntropy { reduction, smoothing } = options;
        assert!(
            (0.0..=1.0).contains(&smoothing),
            "cross_entropy: the smoothing is {smoothing}; expected 0 to 1"
        );
        let logits = self.value();
        let classes = checked_classes(logits.shape(), targets);
        let log_p = logits.log_softmax_rows();
        let count = match reduction {
            Reduction::Mean => T::of(targets.len() as f64),
            Reduction::Sum => T::ONE,
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

/// The number of classes of logits that have one row per target.
#[track_caller]
fn checked_classes(logits: &Shape, targets: &[usize]) -> usize {
    let classes = match logits.matrix() {
        Some((rows, classes)) if rows == targets.len() => classes,
        _ => panic!(
            "cross_entropy: got logits {logits} and {} targets; expected one row per target",
            targets.len()
        ),
    };
    if let Some(target) = targets.iter().find(|&&target| target >= classes) {
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
