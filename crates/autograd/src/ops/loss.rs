//! Losses.

use tensor::{Real, Tensor};

use crate::Var;

impl<'t, T: Real> Var<'t, T> {
    /// The mean of `−ln softmax(x)ᵢ[targetᵢ]` over rows i: `[m, classes]`, m targets `→ []`.
    /// Pullback: `x̄ = (softmax(x) − onehot(target))·ȳ/m`.
    ///
    /// # Panics
    /// If this is not a matrix with one row a target, or a target is not below `classes`.
    #[track_caller]
    pub fn cross_entropy(self, targets: &[usize]) -> Self {
        let logits = self.value();
        let classes = match logits.shape().matrix() {
            Some((rows, classes)) if rows == targets.len() => classes,
            _ => panic!("cross_entropy: logits {} for {} targets", logits.shape(), targets.len()),
        };
        if let Some(target) = targets.iter().find(|&&target| target >= classes) {
            panic!("cross_entropy: target {target} among {classes} classes");
        }
        let log_p = logits.log_softmax_rows();
        let picked: T = log_p.data().chunks_exact(classes.max(1)).zip(targets).map(|(row, &t)| row[t]).sum();
        let count = T::of(targets.len() as f64);
        let targets = targets.to_vec();
        self.tape().record("cross_entropy", [self], Tensor::scalar(-picked / count), move |g| {
            let share = g.item() / count;
            let mut cotangent = log_p.map(|x| share * x.exp());
            for (row, &target) in cotangent.data_mut().chunks_exact_mut(classes.max(1)).zip(&targets) {
                row[target] = row[target] - share;
            }
            [cotangent]
        })
    }
}
