//! One parameter: the values to measure, and the measurements.

use super::parameter_statistics::RowLayout;
use super::{ParameterStatistics, SiteValues};
use crate::report::{Expected, Role};

/// The values of one parameter, with the meaning of its axes.
///
/// ```
/// use diagnostics::ParameterView;
///
/// // A weight of two outputs and three inputs, whose rows are equal.
/// let weight = [0.1_f32, -0.2, 0.3, 0.1, -0.2, 0.3];
/// let parameter = ParameterView::new("fc1.weight", &weight[..], &[2, 3]).measure();
/// assert_eq!(parameter.statistics.equal_rows, 1.0);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ParameterView<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its values.
    pub values: SiteValues<'a>,
    /// Its shape.
    pub shape: &'a [usize],
    /// Its purpose.
    pub role: Role,
    /// The axis of its outputs: 0 in most of PyTorch's layers, 1 in transposed convolutions and in GPT-2's.
    pub output_axis: usize,
    /// The axis of its inputs.
    pub input_axis: usize,
    /// The number of groups of the convolution that reads it.
    pub groups: usize,
    /// The product of the strides of the convolution that reads it.
    pub stride: usize,
    /// The number of blocks of outputs that were drawn on their own, such as 3 for packed queries, keys and values.
    pub blocks: usize,
    /// The gradient of the loss by it.
    pub gradient: Option<SiteValues<'a>>,
}

impl<'a> ParameterView<'a> {
    /// A weight `[outputs, inputs, …]`, or a row.
    pub fn new(name: &'a str, values: impl Into<SiteValues<'a>>, shape: &'a [usize]) -> Self {
        let role = if shape.len() > 1 { Role::Weight } else { Role::Other };
        let values = values.into();
        let (output_axis, input_axis, groups, stride, blocks) = (0, 1, 1, 1, 1);
        Self { name, values, shape, role, output_axis, input_axis, groups, stride, blocks, gradient: None }
    }

    /// Measures the values.
    ///
    /// # Panics
    /// If the number of values or gradients is not that of the shape.
    #[track_caller]
    pub fn measure(&self) -> RecordedParameter {
        let &Self { name, shape, output_axis, blocks, .. } = self;
        let count = shape.iter().product::<usize>();
        assert!(self.values.len() == count, "{name}: {} values for the shape {shape:?}", self.values.len());
        let mut statistics = ParameterStatistics::of(self.values, RowLayout::of(shape, output_axis, blocks));
        if let Some(gradient) = self.gradient {
            assert!(gradient.len() == count, "{name}: {} gradients for the shape {shape:?}", gradient.len());
            statistics.add_gradient_size(&gradient.summary());
        }
        RecordedParameter {
            hash: Some(self.values.hash()),
            ..self.unmeasured(self.values.dtype(), statistics)
        }
    }

    /// The parameter with statistics that were measured before.
    pub(super) fn unmeasured(&self, dtype: &str, statistics: ParameterStatistics) -> RecordedParameter {
        let &Self { role, output_axis, input_axis, groups, stride, blocks, .. } = self;
        RecordedParameter {
            name: self.name.to_owned(),
            role,
            shape: self.shape.to_vec(),
            dtype: dtype.to_owned(),
            output_axis,
            input_axis,
            groups,
            stride,
            blocks,
            trainable: true,
            hash: None,
            expected: None,
            statistics,
        }
    }
}

/// The measurements of one parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordedParameter {
    /// Its name.
    pub name: String,
    /// Its purpose.
    pub role: Role,
    /// Its shape.
    pub shape: Vec<usize>,
    /// The type of its values in files.
    pub dtype: String,
    /// The axis of its outputs.
    pub output_axis: usize,
    /// The axis of its inputs.
    pub input_axis: usize,
    /// The number of groups of the convolution that reads it.
    pub groups: usize,
    /// The product of the strides of that convolution.
    pub stride: usize,
    /// The number of blocks of outputs that were drawn on their own.
    pub blocks: usize,
    /// False if training leaves it as it is.
    pub trainable: bool,
    /// A hash of its values, by which equal tensors are found, if they were at hand.
    pub hash: Option<u64>,
    /// The distribution that its scheme implies.
    pub expected: Option<Expected>,
    /// The measurements.
    pub statistics: ParameterStatistics,
}

impl RecordedParameter {
    /// Measures the gradient of the loss by the parameter, which the backward pass computes later.
    pub fn add_gradient<'a>(&mut self, gradient: impl Into<SiteValues<'a>>) {
        self.statistics.add_gradient_size(&gradient.into().summary());
    }
}
