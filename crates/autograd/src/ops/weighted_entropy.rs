//! Cross-entropy with weights, ignored rows or without a reduction: the general form of [`Var::cross_entropy`].

use tensor::{Real, Tensor};

use super::loss::{CrossEntropy, Reduction};
use crate::Var;

/// Records the losses `−Σ q·ln softmax(x)` of the rows, reduced, for targets that were checked.
#[track_caller]
pub(super) fn record<'t, T: Real>(x: Var<'t, T>, targets: &[usize], options: CrossEntropy<'_>) -> Var<'t, T> {
    let log_p = x.value().log_softmax_rows();
    let classes = log_p.shape().dims()[1];
    let q: Tensor<T> = desired(&log_p, targets, options);
    let count = match options.reduction {
        Reduction::Mean => {
            let kept = targets.iter().filter(|&&target| Some(target) != options.ignore_index);
            T::of(kept.map(|&target| weight(options, target)).sum())
        }
        Reduction::Sum | Reduction::None => T::ONE,
    };
    // A class of weight 0 is left out, because its logarithm may be −∞.
    let terms = q.zip("cross_entropy", &log_p, |q, log_p| if q == T::ZERO { T::ZERO } else { -(q * log_p) });
    let each = options.reduction == Reduction::None;
    let value = if each { terms.sum_columns() } else { terms.full_beside([], terms.sum() / count) };
    x.tape().record("cross_entropy", [x], value, move |g| {
        let mut cotangent = log_p.clone();
        let rows =
            cotangent.data_mut().chunks_exact_mut(classes.max(1)).zip(q.data().chunks_exact(classes.max(1)));
        for (i, (row, q)) in rows.enumerate() {
            let share = if each { g.data()[i] } else { g.item() / count };
            let total: T = q.iter().copied().sum();
            for (x, &q) in row.iter_mut().zip(q) {
                // A row of weight 0 gets nothing, whatever its logits.
                *x = if total == T::ZERO { T::ZERO } else { share * (x.exp() * total - q) };
            }
        }
        [cotangent]
    })
}

/// The weight of a class.
fn weight(options: CrossEntropy<'_>, class: usize) -> f64 {
    options.weights.map_or(1.0, |weights| weights[class])
}

/// The probabilities that the targets ask for, times the weights of their classes; 0 in ignored rows.
fn desired<T: Real>(like: &Tensor<T>, targets: &[usize], options: CrossEntropy<'_>) -> Tensor<T> {
    let classes = like.shape().dims()[1];
    let mut q = like.full_beside(like.shape(), T::ZERO);
    for (row, &target) in q.data_mut().chunks_exact_mut(classes.max(1)).zip(targets) {
        if Some(target) == options.ignore_index {
            continue;
        }
        for (class, q) in row.iter_mut().enumerate() {
            let asked = if class == target { 1.0 - options.smoothing } else { 0.0 };
            *q = T::of(weight(options, class) * (asked + options.smoothing / classes as f64));
        }
    }
    q
}
