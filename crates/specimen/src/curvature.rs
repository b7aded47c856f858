//! The largest curvature of the loss, against which a learning rate is large or small.

use autograd::hvp;
use tensor::{Real, Tensor};

use crate::{Batch, Model};

impl<T: Real> Model<T> {
    /// The eigenvalue of the loss's Hessian that is largest in size, in double precision, by `iterations` products
    /// with it (power iteration): H is `∂²loss/∂θ²` over all parameters at this batch.
    ///
    /// Gradient descent of rate η multiplies an error along its eigenvector by `1 − η·λ`: where `η·λ` is more than 2, two
    /// runs that are close move apart. After some tens of products it is near; of two eigenvalues that are equally large
    /// with opposite signs it is neither.
    ///
    /// # Panics
    /// As [`Network::forward`](crate::Network::forward).
    #[track_caller]
    pub fn curvature(&self, batch: &Batch, iterations: usize) -> f64 {
        let at: Vec<Tensor<f64>> = self.parameters.cast::<f64>().0.into_iter().map(|p| p.value).collect();
        let mut direction: Vec<Tensor<f64>> = at.iter().map(waves).collect();
        let mut eigenvalue = f64::NAN;
        for _ in 0..iterations {
            let length = dot(&direction, &direction).sqrt();
            direction = direction.iter().map(|part| part.scale(length.recip())).collect();
            let (_, product) = hvp(|_, parameters| self.network.loss(parameters, batch), &at, &direction);
            eigenvalue = dot(&direction, &product);
            direction = product;
        }
        eigenvalue
    }
}

/// A direction that no eigenvector is likely to be orthogonal to, the same every time.
fn waves(like: &Tensor<f64>) -> Tensor<f64> {
    let mut waves = like.clone();
    for (at, value) in waves.data_mut().iter_mut().enumerate() {
        *value = (at as f64 + 1.0).sqrt().sin();
    }
    waves
}

fn dot(a: &[Tensor<f64>], b: &[Tensor<f64>]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a.mul(b).sum()).sum()
}

#[cfg(test)]
mod tests {
    use crate::{Alphabet, Init, Model, Network};
    use tensor::{Activation, Tensor};
    use torch_rng::Generator;

    /// A network small enough for its whole Hessian, by central differences of its gradient.
    #[test]
    fn it_is_the_largest_of_all_eigenvalues() {
        let alphabet = Alphabet::of(&["ab"]).unwrap();
        let batch = alphabet.examples(&["ab", "ba", "bb"], 2);
        let network = Network {
            classes: 3,
            context: 2,
            embedding: 2,
            hidden: vec![3],
            activation: Activation::Tanh,
            norm: None,
        };
        let parameters = Init::LESSON_RANDOM.draw(&network, &mut Generator::manual_seed(1));
        let model: Model<f64> = Model::new(network, parameters);
        let hessian = hessian(&model, &batch);
        // The Hessian is symmetric: its singular values are the sizes of its eigenvalues.
        let largest = hessian.singular_values()[0];
        let found = model.curvature(&batch, 200);
        // Differences of h = 1e-5 are good to 1e-9 here.
        assert!((found.abs() / largest - 1.0).abs() < 1e-6, "{found} for {largest}");
        assert!((model.curvature(&batch, 1).abs() / largest - 1.0).abs() > 1e-2, "one product is not enough");
    }

    fn hessian(model: &Model<f64>, batch: &crate::Batch) -> Tensor<f64> {
        const H: f64 = 1e-5;
        let count = model.parameters.count();
        let gradient = |at: usize, by: f64| {
            let mut model = model.clone();
            let mut left = at;
            for parameter in &mut model.parameters.0 {
                let values = parameter.value.data_mut();
                if let Some(value) = values.get_mut(left) {
                    *value += by;
                    break;
                }
                left -= values.len();
            }
            let pass = model.pass(&mut autograd::Tape::new(), batch);
            pass.gradients.iter().flatten().flat_map(|g| g.data().to_vec()).collect::<Vec<f64>>()
        };
        let mut entries = Vec::new();
        for at in 0..count {
            let (above, below) = (gradient(at, H), gradient(at, -H));
            entries.extend(above.iter().zip(below).map(|(above, below)| (above - below) / (2.0 * H)));
        }
        Tensor::from_vec(entries, [count, count]).unwrap()
    }
}
