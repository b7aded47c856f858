//! The curvature of the loss: both ends of the spectra of its Hessian and of its Gauss–Newton matrix.

use autograd::{Tape, hvp, jvp};
use nn_init::Source;
use tensor::{Real, Tensor};

use crate::lanczos::{SpectrumEnds, lanczos};
use crate::model::AT_ONCE;
use crate::{Batch, Model};

/// A matrix over all parameters θ that says how the loss curves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Curvature {
    /// The Hessian `∂²loss/∂θ²`. At an initialisation it is indefinite.
    Hessian,
    /// The Gauss–Newton matrix `Jᵀ·L·J`, with the Jacobian J of the logits and the Hessian L of the loss in the logits:
    /// `(diag(p) − ppᵀ)/m` for each of m rows with the probabilities p (Schraudolph 2002). It is the Hessian without the
    /// curvature of the network itself, and has no negative eigenvalue.
    GaussNewton,
}

impl<T: Real> Model<T> {
    /// Both ends of the spectrum of a curvature at a batch, or at all data, in double precision and by the statistics of that
    /// batch. Each end has converged to `tolerance` of the larger, or the residuals say how far it came with `limit` products;
    /// [`RitzValue`](crate::RitzValue) says what they bound. The iteration starts in a direction that `source` draws.
    ///
    /// `2/λ_max` is where full-batch descent on the local quadratic diverges. At init it gives the order of magnitude of the
    /// largest learning rate, not a limit: curvature changes within steps, and small batches need less.
    ///
    /// ```
    /// use specimen::{Curvature, Generator, Init, Model, Network, lesson};
    ///
    /// let network = Network { hidden: vec![8], ..Network::lesson() };
    /// let model: Model = Model::new(network.clone(), Init::LESSON_KAIMING.draw(&network, &mut Generator::manual_seed(1)));
    /// let batch = lesson::bigrams().batch;
    /// let ends = model.curvature(Curvature::Hessian, &batch, 1e-3, 100, &mut Generator::manual_seed(0));
    /// assert!(ends.converged(1e-3) && ends.smallest.value < 0.0 && ends.largest.value > 0.0);
    /// ```
    ///
    /// # Panics
    /// As [`Network::forward`](crate::Network::forward).
    #[track_caller]
    pub fn curvature(
        &self,
        of: Curvature,
        batch: &Batch,
        tolerance: f64,
        limit: usize,
        source: &mut (impl Source<f64> + ?Sized),
    ) -> SpectrumEnds {
        let at = self.values();
        let mut start = vec![0.0; self.parameters.count()];
        source.normal(0.0, 1.0, &mut start);
        lanczos(&start, tolerance, limit, |direction| self.product_at(&at, of, batch, direction))
    }

    /// The product of a curvature at a batch with a direction over all parameters, one entry per value in their order, in
    /// double precision.
    ///
    /// # Panics
    /// As [`Network::forward`](crate::Network::forward), and if the direction has not one entry per value.
    #[track_caller]
    pub fn curvature_product(&self, of: Curvature, batch: &Batch, direction: &[f64]) -> Vec<f64> {
        let (count, got) = (self.parameters.count(), direction.len());
        assert!(got == count, "curvature_product: a direction of {got} values for {count} parameters");
        self.product_at(&self.values(), of, batch, direction)
    }

    /// The values of the parameters in double precision.
    fn values(&self) -> Vec<Tensor<f64>> {
        self.parameters.cast::<f64>().0.into_iter().map(|parameter| parameter.value).collect()
    }

    #[track_caller]
    fn product_at(&self, at: &[Tensor<f64>], of: Curvature, batch: &Batch, direction: &[f64]) -> Vec<f64> {
        let (direction, mut sum) = (split(direction, at), vec![0.0; direction.len()]);
        for part in self.parts(batch) {
            let product = match of {
                Curvature::Hessian => hvp(|_, vars| self.network.loss(vars, &part), at, &direction).1,
                Curvature::GaussNewton => self.gauss_newton(&part, at, &direction),
            };
            let share = part.targets.len() as f64 / batch.targets.len() as f64;
            let values = product.iter().flat_map(Tensor::data);
            sum.iter_mut().zip(values).for_each(|(sum, value)| *sum += share * value);
        }
        sum
    }

    /// The batch in parts whose losses are independent: a thousand examples each, or all that are normalised together.
    fn parts(&self, batch: &Batch) -> Vec<Batch> {
        if self.network.norm.is_some() {
            return vec![batch.clone()];
        }
        let inputs = batch.inputs.chunks(AT_ONCE * self.network.context);
        let parts = inputs.zip(batch.targets.chunks(AT_ONCE));
        parts.map(|(inputs, targets)| Batch { inputs: inputs.to_vec(), targets: targets.to_vec() }).collect()
    }

    /// `Jᵀ·L·J·v`: forward mode to the logits, the Hessian of the loss there, and backward mode.
    #[track_caller]
    fn gauss_newton(&self, batch: &Batch, at: &[Tensor<f64>], direction: &[Tensor<f64>]) -> Vec<Tensor<f64>> {
        let (logits, moved) = jvp(|_, vars| self.network.logits(vars, batch), at, direction);
        let p = logits.softmax_rows();
        let weighted = p.mul(&moved);
        let through_sum = p.mul_column(&weighted.sum_columns());
        let cotangent = weighted.sub(&through_sum).scale((batch.targets.len() as f64).recip());
        let tape = Tape::new();
        let vars: Vec<_> = at.iter().map(|value| tape.leaf(value.clone())).collect();
        let grads = self.network.logits(&vars, batch).backward_from(cotangent);
        let zeros = |value: &Tensor<f64>| Tensor::zeros(value.shape());
        vars.iter().zip(at).map(|(&var, at)| grads.get(var).cloned().unwrap_or_else(|| zeros(at))).collect()
    }
}

/// A direction as tensors of the shapes of the parameters.
fn split(mut direction: &[f64], like: &[Tensor<f64>]) -> Vec<Tensor<f64>> {
    let part = |like: &Tensor<f64>| {
        let (here, rest) = direction.split_at(like.data().len());
        direction = rest;
        Tensor::from_vec(here.to_vec(), like.shape()).expect("as many values")
    };
    like.iter().map(part).collect()
}
