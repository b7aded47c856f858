//! A model of burn's under observation: what each layer makes, and the gradient that reaches it.

use std::cell::RefCell;

use burn_core::tensor::{Gradients, Tensor};
use diagnostics::{Activation, LayerView};

/// Layers that were noted on their way forwards, with their values and what their gradient is read from.
#[derive(Default)]
pub struct Watch(RefCell<Vec<Seen>>);

/// Reads the gradient of one probe, whatever its rank.
type ReadGradient = Box<dyn Fn(&Gradients) -> Vec<f32>>;

/// One layer.
pub struct Seen {
    name: &'static str,
    activation: Activation,
    weight: &'static str,
    units: usize,
    positions: usize,
    pre: Vec<f32>,
    post: Vec<f32>,
    gradient: ReadGradient,
}

impl Watch {
    /// Notes a layer's values, `[examples, units, …]`, and hands its activations on.
    ///
    /// A tensor of zeros that asks for its gradient is added: it is that of the activations, and it stays readable after
    /// the backward pass.
    ///
    /// # Panics
    /// If the tensors are not the CPU's, of single precision.
    pub fn layer<const R: usize>(
        &self,
        name: &'static str,
        weight: &'static str,
        activation: Activation,
        pre: &Tensor<R>,
        post: Tensor<R>,
    ) -> Tensor<R> {
        let [units, positions] = [post.dims()[1], post.dims()[2..].iter().product()];
        let probe = post.zeros_like().detach().require_grad();
        let seen = Seen {
            name,
            activation,
            weight,
            units,
            positions,
            pre: values(pre.clone()),
            post: values(post.clone()),
            gradient: {
                let probe = probe.clone();
                Box::new(move |gradients| values(probe.grad(gradients).expect("a probe has a gradient")))
            },
        };
        self.0.borrow_mut().push(seen);
        post + probe
    }

    /// The layers, with the gradient that reached each.
    pub fn into_layers(self, gradients: &Gradients) -> Vec<(Seen, Vec<f32>)> {
        let layers = self.0.into_inner().into_iter();
        layers
            .map(|seen| {
                let gradient = (seen.gradient)(gradients);
                (seen, gradient)
            })
            .collect()
    }
}

impl Seen {
    /// For a report.
    pub fn view<'a>(&'a self, gradient: &'a [f32]) -> LayerView<'a> {
        let view = LayerView::new(self.name, self.units, &self.post).positions(self.positions).pre(&self.pre);
        view.gradient(gradient).activation(self.activation).weight(self.weight)
    }
}

/// A tensor's numbers, row-major.
pub(crate) fn values<const R: usize>(tensor: Tensor<R>) -> Vec<f32> {
    tensor.try_into_vec_as().expect("a tensor of the CPU can be read")
}
