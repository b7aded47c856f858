//! The expectation that a tensor is held to.

use nn_init::{InitError, Layout, Moments, Scheme};

/// The expectation of a tensor: its schemes, with the layout by which their fans are read.
#[derive(Clone, Debug, PartialEq)]
pub struct ExpectedDraw {
    /// The layout by which fans are read.
    pub layout: Layout,
    /// The axis along which the parts lie.
    pub axis: usize,
    /// The parts that were drawn by themselves, in order; one if the tensor is not divided.
    pub parts: Vec<ExpectedPart>,
    /// Rows along axis 0 that are 0, as those of padding.
    pub zero_rows: Vec<usize>,
}

/// A part of a tensor that was drawn at once.
#[derive(Clone, Debug, PartialEq)]
pub struct ExpectedPart {
    /// Its first index along the axis of the parts.
    pub start: usize,
    /// Its number of indices along that axis.
    pub size: usize,
    /// The shape by which its fans are counted.
    pub shape: Vec<usize>,
    /// The scheme.
    pub scheme: Scheme,
}

impl ExpectedPart {
    /// The moments that its scheme expects; `layout` is that of the [`ExpectedDraw`].
    ///
    /// # Errors
    /// If the scheme does not fit the shape. Never for a part that [`NameRules::resolve`](crate::NameRules::resolve) made,
    /// which has tried it.
    pub fn moments(&self, layout: Layout) -> Result<Moments, InitError> {
        self.scheme.moments(&self.shape, layout)
    }
}

impl ExpectedDraw {
    /// A tensor that is drawn at once.
    pub fn new(scheme: Scheme, shape: &[usize], layout: Layout) -> Self {
        let size = shape.first().copied().unwrap_or(1);
        let whole = ExpectedPart { start: 0, size, shape: shape.to_vec(), scheme };
        Self { layout, axis: 0, parts: vec![whole], zero_rows: vec![] }
    }

    /// A tensor of equal parts along an axis, each drawn with its own fans: a stacked query, key and value, for example.
    ///
    /// ```
    /// use checkpoint::ExpectedDraw;
    /// use nn_init::{InitError, Layout, Moments, Scheme};
    ///
    /// let expected = ExpectedDraw::divided(Scheme::xavier_uniform(1.0), &[192, 64], Layout::OUT_IN, 0, 3);
    /// assert_eq!(expected.parts[1].shape, [64, 64]);
    /// ```
    ///
    /// # Panics
    /// If the shape lacks the axis, or its size is no multiple of the number of parts.
    pub fn divided(scheme: Scheme, shape: &[usize], layout: Layout, axis: usize, parts: usize) -> Self {
        assert!(
            axis < shape.len() && shape[axis].is_multiple_of(parts),
            "{parts} parts of axis {axis} of {shape:?}"
        );
        let size = shape[axis] / parts;
        let mut own = shape.to_vec();
        own[axis] = size;
        let part = |i| ExpectedPart { start: i * size, size, shape: own.clone(), scheme };
        Self { layout, axis, parts: (0..parts).map(part).collect(), zero_rows: vec![] }
    }
}
