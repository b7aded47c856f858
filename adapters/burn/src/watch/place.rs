//! The description of a place in a network: the operation, the parameters that it reads, and the axis of its units.

use burn_core::module::{Param, ParamId};
use burn_core::tensor::Tensor;
use diagnostics::{Activation, NormKind, SiteKind};

/// A place in a network whose values are recorded.
///
/// ```
/// use diagnostics::{Activation, SiteKind};
/// use step_zero_burn::Place;
///
/// let relu: Place = Activation::Relu.into();
/// let pooled = Place::new(SiteKind::Pooling).named("mean over time").along(1);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    pub(crate) kind: SiteKind,
    pub(crate) function: Option<Activation>,
    pub(crate) norm: Option<NormKind>,
    pub(crate) name: Option<String>,
    pub(crate) weight: Option<PlaceWeight>,
    pub(crate) bias: Option<ParamId>,
    /// The axis of the units, if it is known.
    pub(crate) axis: Option<UnitAxis>,
    /// The number of units that the parameters imply.
    pub(crate) units: Option<usize>,
}

/// The weight that a place reads.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PlaceWeight {
    pub(crate) id: ParamId,
    pub(crate) shape: Vec<usize>,
    pub(crate) output_axis: usize,
    pub(crate) input_axis: usize,
    pub(crate) groups: usize,
    /// The product of the strides.
    pub(crate) stride: usize,
}

/// The axis of values along which the units lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UnitAxis {
    At(usize),
    Last,
}

impl UnitAxis {
    pub(crate) fn of_rank(self, rank: usize) -> usize {
        match self {
            Self::At(axis) => axis,
            Self::Last => rank - 1,
        }
    }
}

impl Place {
    /// A place of this kind. The axis of its units is that of what it reads, unless [`along`](Self::along) states another.
    pub fn new(kind: SiteKind) -> Self {
        let (function, norm, name, weight, bias, axis, units) = (None, None, None, None, None, None, None);
        Self { kind, function, norm, name, weight, bias, axis, units }
    }

    /// A place with this name, instead of one that is made from its weight's or from what it reads.
    #[must_use]
    pub fn named(self, name: &str) -> Self {
        Self { name: Some(name.to_owned()), ..self }
    }

    /// A place whose units lie along this axis of its values; axis 0 is that of the examples. If the place has a weight, the
    /// axis is held to the weight's shape.
    #[must_use]
    pub fn along(self, axis: usize) -> Self {
        Self { axis: Some(UnitAxis::At(axis)), ..self }
    }

    /// A place that multiplies by this weight, whose outputs and inputs lie along these two axes: `(0, 1)` for `[out, in]`,
    /// `(1, 0)` for `[in, out]`.
    #[must_use]
    pub fn weight<const D: usize>(
        self,
        weight: &Param<Tensor<D>>,
        (output_axis, input_axis): (usize, usize),
    ) -> Self {
        let shape = weight.lazy_shape().to_vec();
        let units = shape.get(output_axis).copied();
        let weight = PlaceWeight { id: weight.id, shape, output_axis, input_axis, groups: 1, stride: 1 };
        Self { weight: Some(weight), units, ..self }
    }

    /// A place that adds this bias.
    #[must_use]
    pub fn bias(self, bias: &Param<Tensor<1>>) -> Self {
        Self { bias: Some(bias.id), ..self }
    }

    /// A bias or shift that may be absent.
    pub(crate) fn perhaps_bias(self, bias: Option<&Param<Tensor<1>>>) -> Self {
        match bias {
            Some(bias) => self.bias(bias),
            None => self,
        }
    }

    pub(crate) fn along_last(self) -> Self {
        Self { axis: Some(UnitAxis::Last), ..self }
    }

    /// A table, `[rows, units]`, from which rows are looked up.
    pub(crate) fn table(rows: &Param<Tensor<2>>) -> Self {
        let place = Self::new(SiteKind::Embedding).weight(rows, (0, 1)).along_last();
        Self { units: rows.lazy_shape().last().copied(), ..place }
    }

    /// A norm with its scale and shift, which may be absent.
    pub(crate) fn norm_of(
        kind: NormKind,
        scale: Option<&Param<Tensor<1>>>,
        shift: Option<&Param<Tensor<1>>>,
    ) -> Self {
        let place = Self::from(kind).perhaps_bias(shift);
        match scale {
            Some(scale) => place.weight(scale, (0, 1)),
            None => place,
        }
    }

    /// The groups and strides of the weight, which must be there already. The outputs of a transposed convolution are stored
    /// by group.
    pub(crate) fn grouped(mut self, groups: usize, strides: &[usize]) -> Self {
        if let Some(weight) = &mut self.weight {
            (weight.groups, weight.stride) = (groups, strides.iter().product());
            if weight.output_axis == 1 {
                self.units = self.units.map(|units| units * groups);
            }
        }
        self
    }
}

impl From<SiteKind> for Place {
    fn from(kind: SiteKind) -> Self {
        Self::new(kind)
    }
}

impl From<Activation> for Place {
    fn from(function: Activation) -> Self {
        Self { function: Some(function), ..Self::new(SiteKind::Activation) }
    }
}

impl From<NormKind> for Place {
    fn from(norm: NormKind) -> Self {
        Self { norm: Some(norm), ..Self::new(SiteKind::Norm) }
    }
}
