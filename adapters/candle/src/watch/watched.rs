//! A layer of candle under observation.

use candle_core::{Module, Result, Tensor};

use super::{Observable, Watch};

/// A layer under observation; it is applied as the layer itself.
pub struct Watched<'w, L> {
    watch: &'w Watch,
    layer: &'w L,
    name: Option<String>,
    unit_axis: Option<usize>,
}

impl<'w, L> Watched<'w, L> {
    pub(super) fn new(watch: &'w Watch, layer: &'w L) -> Self {
        Self { watch, layer, name: None, unit_axis: None }
    }

    /// Names the site, in place of the name of its weight.
    #[must_use]
    pub fn named(self, name: &str) -> Self {
        Self { name: Some(name.to_owned()), ..self }
    }

    /// States the axis of the units. The layer knows its own; a statement that contradicts it is an error.
    #[must_use]
    pub fn unit_axis(self, axis: usize) -> Self {
        Self { unit_axis: Some(axis), ..self }
    }
}

impl<L: Observable + Module> Module for Watched<'_, L> {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let forward = |x: &Tensor| self.layer.forward(x);
        self.watch.through(&self.layer.site(), self.name.as_deref(), self.unit_axis, x, forward)
    }
}
