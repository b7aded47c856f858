//! The values of a network.

use diagnostics::Role;
use tensor::{Real, Shape, Tensor};

/// One named tensor.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter<T: Real = f32> {
    /// `C`, `W1`, `b1`, …, as the lesson calls them.
    pub name: String,
    /// Its purpose.
    pub role: Role,
    /// Its values.
    pub value: Tensor<T>,
}

/// All tensors of a network in the order of [`Network::plan`](crate::Network::plan): C, W1, b1, W2, b2, …; `gamma1`
/// and `beta1` in place of b1, or behind it, where the product is normalised.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameters<T: Real = f32>(pub Vec<Parameter<T>>);

impl<T: Real> Parameters<T> {
    /// Zeros with these names, roles and shapes.
    pub fn zeros(plan: impl IntoIterator<Item = (String, Role, Shape)>) -> Self {
        let zeros = |(name, role, shape)| Parameter { name, role, value: Tensor::zeros(shape) };
        Self(plan.into_iter().map(zeros).collect())
    }

    /// The parameter of that name.
    pub fn get(&self, name: &str) -> Option<&Parameter<T>> {
        self.0.iter().find(|parameter| parameter.name == name)
    }

    /// One step of gradient descent: `p + (−rate)·g`, rounded as `p.data += -rate * p.grad` in PyTorch. A parameter
    /// without a gradient stays.
    ///
    /// # Panics
    /// If there is not one gradient per parameter, of its shape.
    #[track_caller]
    pub fn sgd_step(&mut self, gradients: &[Option<Tensor<T>>], rate: f64) {
        self.sgd_step_each(gradients, |_| rate);
    }

    /// The same with a learning rate for each parameter, by its place among them: μP, for example, needs that.
    ///
    /// # Panics
    /// As [`sgd_step`](Self::sgd_step).
    #[track_caller]
    pub fn sgd_step_each(&mut self, gradients: &[Option<Tensor<T>>], rate: impl Fn(usize) -> f64) {
        let (count, got) = (self.0.len(), gradients.len());
        assert!(got == count, "sgd_step: {got} gradients for {count} parameters");
        for (place, (parameter, gradient)) in self.0.iter_mut().zip(gradients).enumerate() {
            let Some(gradient) = gradient else { continue };
            let back = T::of(-rate(place));
            let (shape, of) = (parameter.value.shape(), gradient.shape());
            assert!(
                shape == of,
                "sgd_step: a gradient of shape {of} for {} of shape {shape}",
                parameter.name
            );
            let (values, gradient) = (parameter.value.data_mut(), gradient.data());
            tensor::dispatch(
                #[inline(always)]
                move || {
                    for (p, &g) in values.iter_mut().zip(gradient) {
                        *p += back * g;
                    }
                },
            );
        }
    }

    /// The number of values.
    pub fn count(&self) -> usize {
        self.0.iter().map(|parameter| parameter.value.shape().numel()).sum()
    }

    /// The same values in another precision.
    pub fn cast<U: Real>(&self) -> Parameters<U> {
        let cast = |p: &Parameter<T>| Parameter { name: p.name.clone(), role: p.role, value: p.value.cast() };
        Parameters(self.0.iter().map(cast).collect())
    }
}
