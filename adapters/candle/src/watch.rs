//! A model of candle's under observation: what each layer makes, and the gradient that reaches it.

use std::cell::RefCell;

use candle_core::backprop::GradStore;
use candle_core::{Error, Result, Tensor, Var};
use diagnostics::{Activation, Expected, LayerView, Report, Role, Settings, WeightView};
use nn_init::Layout;

use crate::Initializer;

/// Layers that were noted on their way forwards.
#[derive(Default)]
pub struct Watch(RefCell<Vec<Seen>>);

struct Seen {
    name: String,
    activation: Activation,
    weight: Option<String>,
    pre: Tensor,
    post: Tensor,
    probe: Var,
}

impl Watch {
    /// Notes a layer's values and hands its activations on.
    ///
    /// Candle keeps the gradients of variables alone, so a variable of zeros is added: its gradient is that of the
    /// activations. `weight` is the path of a linear layer whose input is the layer noted before, or the model's.
    ///
    /// # Errors
    /// Candle's own.
    pub fn layer(
        &self,
        name: &str,
        weight: Option<&str>,
        activation: Activation,
        pre: &Tensor,
        post: &Tensor,
    ) -> Result<Tensor> {
        let probe = Var::zeros(post.shape(), post.dtype(), post.device())?;
        let (name, weight) = (name.to_owned(), weight.map(str::to_owned));
        let handed_on = post.add(&probe)?;
        self.0.borrow_mut().push(Seen {
            name,
            activation,
            weight,
            pre: pre.clone(),
            post: post.clone(),
            probe,
        });
        Ok(handed_on)
    }

    /// The report: the layers, every variable with the distribution that it was drawn from, and the loss over so many classes.
    ///
    /// # Errors
    /// Candle's own, and a scheme without moments.
    pub fn report<S, F>(
        &self,
        input: &Tensor,
        initializer: &Initializer<S, F>,
        loss: &Tensor,
        classes: usize,
    ) -> Result<Report>
    where
        S: nn_init::Source<f32> + Send,
        F: Fn(&str, nn_init::Scheme) -> nn_init::Scheme + Send + Sync,
    {
        let gradients = loss.backward()?;
        let seen = self.0.borrow();
        let layers: Vec<[Vec<f32>; 3]> =
            seen.iter().map(|layer| of_layer(layer, &gradients)).collect::<Result<_>>()?;
        let views = seen.iter().zip(&layers).map(|(layer, [pre, post, gradient])| {
            let units = layer.post.dims()[layer.post.rank() - 1];
            let view = LayerView::new(&layer.name, units, post)
                .pre(pre)
                .gradient(gradient)
                .activation(layer.activation);
            layer.weight.as_deref().map_or(view, |weight| view.weight(weight))
        });
        let parameters = parameters(initializer, &gradients)?;
        let weights = parameters.iter().map(|parameter| {
            let view = WeightView::new(&parameter.name, &parameter.values)
                .role(parameter.role)
                .expected(parameter.expected);
            let view = parameter.rows.map_or(view, |rows| view.rows(rows));
            view.gradient(&parameter.gradient)
        });
        let features = input.dims()[input.rank() - 1];
        let report = Report::of(views, weights, Settings::default());
        Ok(report
            .with_inputs(features, &values(input)?)
            .with_loss(f64::from(loss.to_scalar::<f32>()?), classes))
    }
}

fn of_layer(layer: &Seen, gradients: &GradStore) -> Result<[Vec<f32>; 3]> {
    Ok([values(&layer.pre)?, values(&layer.post)?, gradient(gradients, &layer.probe, &layer.name)?])
}

struct Parameter {
    name: String,
    role: Role,
    /// The number of rows of an embedding.
    rows: Option<usize>,
    values: Vec<f32>,
    gradient: Vec<f32>,
    expected: Expected,
}

fn parameters<S, F>(initializer: &Initializer<S, F>, gradients: &GradStore) -> Result<Vec<Parameter>>
where
    S: nn_init::Source<f32> + Send,
    F: Fn(&str, nn_init::Scheme) -> nn_init::Scheme + Send + Sync,
{
    let variables = initializer.variables().data().lock().unwrap();
    let drawn = initializer.drawn().into_iter().map(|drawn| {
        let variable = &variables[&drawn.name];
        let moments = drawn.scheme.moments(&drawn.shape, Layout::OUT_IN).map_err(Error::wrap)?;
        let role = match drawn.name.as_str() {
            "embedding.weight" => Role::Embedding,
            name if name.ends_with("bias") => Role::Bias,
            _ if drawn.shape.len() > 1 => Role::Weight,
            _ => Role::Other,
        };
        Ok(Parameter {
            role,
            rows: (role == Role::Embedding).then(|| drawn.shape[0]),
            values: values(variable)?,
            gradient: gradient(gradients, variable, &drawn.name)?,
            expected: Expected { mean: moments.mean, std: moments.std, kurtosis: moments.kurtosis },
            name: drawn.name,
        })
    });
    drawn.collect()
}

fn gradient(gradients: &GradStore, of: &Tensor, name: &str) -> Result<Vec<f32>> {
    values(gradients.get(of).ok_or_else(|| Error::msg(format!("{name} has no gradient")))?)
}

fn values(tensor: &Tensor) -> Result<Vec<f32>> {
    tensor.flatten_all()?.to_vec1()
}
