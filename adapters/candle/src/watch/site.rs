//! Values of any kind, described by the caller.

use candle_core::{Result, Tensor};
use diagnostics::{Activation, InputRole, NormKind, SiteInput, SiteKind};

use super::state::{Seen, check_outputs};
use super::{LayerSite, Watch};

/// Values of any kind, on their way into a recording.
pub struct SiteBuilder<'w> {
    watch: &'w Watch,
    name: &'w str,
    kind: SiteKind,
    function: Option<Activation>,
    norm: Option<NormKind>,
    unit_axis: Option<usize>,
    inputs: Vec<(&'w Tensor, Option<InputRole>)>,
    weight: Option<&'w Tensor>,
    bias: Option<&'w Tensor>,
}

impl<'w> SiteBuilder<'w> {
    pub(super) fn new(watch: &'w Watch, name: &'w str, kind: SiteKind) -> Self {
        let (function, norm, unit_axis, inputs, weight, bias) = (None, None, None, vec![], None, None);
        Self { watch, name, kind, function, norm, unit_axis, inputs, weight, bias }
    }

    /// Adds a tensor that the values were computed from.
    #[must_use]
    pub fn reads(mut self, x: &'w Tensor) -> Self {
        self.inputs.push((x, None));
        self
    }

    /// Adds the stream of a residual sum.
    #[must_use]
    pub fn stream(mut self, x: &'w Tensor) -> Self {
        self.inputs.push((x, Some(InputRole::Stream)));
        self
    }

    /// Adds the branch of a residual sum.
    #[must_use]
    pub fn branch(mut self, x: &'w Tensor) -> Self {
        self.inputs.push((x, Some(InputRole::Branch)));
        self
    }

    /// Sets the function of an activation.
    #[must_use]
    pub fn function(self, function: Activation) -> Self {
        Self { function: Some(function), ..self }
    }

    /// Sets the kind of a norm.
    #[must_use]
    pub fn norm(self, norm: NormKind) -> Self {
        Self { norm: Some(norm), ..self }
    }

    /// Sets the weight, as the `VarBuilder` handed it out: `[outputs, inputs, …]` of a product, a row of a norm.
    #[must_use]
    pub fn weight(self, weight: &'w Tensor) -> Self {
        Self { weight: Some(weight), ..self }
    }

    /// Sets the bias.
    #[must_use]
    pub fn bias(self, bias: &'w Tensor) -> Self {
        Self { bias: Some(bias), ..self }
    }

    /// States the axis of the units: 1 for `[batch, channels, height, width]`, 2 for `[batch, time, features]`, 3 for
    /// `[batch, heads, queries, keys]`. Unless it is stated, it is that of what the values were computed from.
    #[must_use]
    pub fn unit_axis(self, axis: usize) -> Self {
        Self { unit_axis: Some(axis), ..self }
    }

    /// Observes the values, and returns what to compute with.
    ///
    /// # Errors
    /// If the axis of the units is neither stated nor known, does not exist, or has another size than the weight has outputs.
    pub fn values(self, values: &Tensor) -> Result<Tensor> {
        let Some(state) = &self.watch.0 else { return Ok(values.clone()) };
        let state = &mut *state.borrow_mut();
        let mut inputs = vec![];
        for &(x, role) in &self.inputs {
            let site = match state.site_of(x) {
                Some(site) => Some(site),
                None => {
                    let unit_axis = self.unit_axis.filter(|_| x.rank() == values.rank());
                    state.between(self.name, unit_axis, x)?
                }
            };
            inputs.extend(site.map(|site| SiteInput { site, role }));
        }
        if self.inputs.is_empty() {
            inputs = state.nearest(values).into_iter().map(|site| SiteInput { site, role: None }).collect();
        }
        let first = inputs.first().map(|input| input.site);
        let unit_axis = state.unit_axis(self.name, self.unit_axis, first, values)?;
        let (weight, bias) = (self.weight, self.bias);
        let layer = LayerSite { weight, bias, ..LayerSite::new(self.kind) };
        check_outputs(self.name, unit_axis, values, &layer)?;
        let (weight, bias) = state.parameters(self.name, &layer)?;
        let cut = !values.track_op() && self.inputs.iter().any(|(x, _)| x.track_op());
        let (function, norm) = (self.function, self.norm);
        let seen = Seen::new(self.name.to_owned(), self.kind, values, unit_axis);
        let seen = Seen { function, norm, inputs, weight, bias, ..seen };
        state.observe(seen, cut)
    }
}
