//! The expectation that a tensor is held to.

use nn_init::{Element, InitError, Layout, Moments, Scheme, Source};

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

    /// The moments of all values, if every part has the same ones and no row is set to 0.
    ///
    /// ```
    /// use checkpoint::ExpectedDraw;
    /// use nn_init::{Layout, Scheme};
    ///
    /// let draw = ExpectedDraw::divided(Scheme::xavier_uniform(1.0), &[192, 64], Layout::OUT_IN, 0, 3);
    /// assert_eq!(draw.moments().unwrap().std, (2.0_f64 / 128.0).sqrt()); // of each [64, 64]
    /// ```
    pub fn moments(&self) -> Option<Moments> {
        let of = |part: &ExpectedPart| part.moments(self.layout).ok();
        let first = self.parts.first().and_then(of)?;
        // The kurtosis of a constant is no number, and equal by its bits.
        let key = |moments: Moments| [moments.mean, moments.std, moments.kurtosis].map(f64::to_bits);
        let same = self.parts.iter().all(|part| of(part).map(key) == Some(key(first)));
        (same && self.zero_rows.is_empty()).then_some(first)
    }

    /// Fills a tensor of this shape as it is expected to be drawn: part by part, then the rows of zeros.
    ///
    /// ```
    /// use checkpoint::ExpectedDraw;
    /// use nn_init::{Layout, Scheme};
    /// use torch_rng::Generator;
    ///
    /// // Three square matrices, one above the other, each orthogonal by itself.
    /// let draw = ExpectedDraw::divided(Scheme::orthogonal(), &[6, 2], Layout::OUT_IN, 0, 3);
    /// let mut values = [0_f64; 12];
    /// draw.fill(&[6, 2], &mut values, &mut Generator::manual_seed(1))?;
    /// let [a, b, c, d] = values[4..8] else { unreachable!() };
    /// assert!((a * c + b * d).abs() < 1e-12);
    /// # Ok::<(), nn_init::InitError>(())
    /// ```
    ///
    /// # Errors
    /// If a scheme does not fit its part. Never for what [`NameRules::resolve`](crate::NameRules::resolve) made.
    ///
    /// # Panics
    /// If there are not as many values as the shape has, or the shape is not the one that this was made for.
    pub fn fill<T: Element>(
        &self,
        shape: &[usize],
        values: &mut [T],
        source: &mut (impl Source<T> + ?Sized),
    ) -> Result<(), InitError> {
        let count = shape.iter().product::<usize>();
        assert!(values.len() == count, "{} values for the shape {shape:?}", values.len());
        let inner: usize = shape.iter().skip(self.axis + 1).product();
        let length = shape.get(self.axis).copied().unwrap_or(1) * inner;
        for part in &self.parts {
            let mut own = vec![T::of(0.0); part.shape.iter().product()];
            part.scheme.fill(&part.shape, self.layout, &mut own, source)?;
            let (start, size) = (part.start * inner, part.size * inner);
            for (slab, drawn) in values.chunks_mut(length.max(1)).zip(own.chunks(size.max(1))) {
                slab[start..start + size].copy_from_slice(drawn);
            }
        }
        let row: usize = shape.iter().skip(1).product();
        for &at in &self.zero_rows {
            values[at * row..(at + 1) * row].fill(T::of(0.0));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use nn_init::{Layout, Scheme};
    use torch_rng::Generator;

    use super::ExpectedDraw;

    /// A draw of [4, 6, 2] in three parts along the axis 1 is three draws of [4, 2, 2], one after the other.
    #[test]
    fn parts_lie_along_their_axis() {
        let (shape, part) = ([4, 6, 2], [4, 2, 2]);
        let draw = ExpectedDraw::divided(Scheme::STANDARD_NORMAL, &shape, Layout::OUT_IN, 1, 3);
        let mut values = [0_f32; 48];
        draw.fill(&shape, &mut values, &mut Generator::manual_seed(3)).unwrap();
        let mut source = Generator::manual_seed(3);
        for at in 0..3 {
            let own = Scheme::STANDARD_NORMAL.sample::<f32>(&part, Layout::OUT_IN, &mut source).unwrap();
            for (slab, drawn) in values.chunks(12).zip(own.data().chunks(4)) {
                assert_eq!(&slab[at * 4..(at + 1) * 4], drawn);
            }
        }
    }

    #[test]
    fn a_whole_tensor_has_the_schemes_numbers_and_its_rows_of_zeros() {
        let mut draw = ExpectedDraw::new(Scheme::STANDARD_NORMAL, &[5, 7], Layout::OUT_IN);
        draw.zero_rows = vec![1];
        let mut values = [f32::NAN; 35];
        draw.fill(&[5, 7], &mut values, &mut Generator::manual_seed(4)).unwrap();
        let mut source = Generator::manual_seed(4);
        let own = Scheme::STANDARD_NORMAL.sample::<f32>(&[5, 7], Layout::OUT_IN, &mut source).unwrap();
        assert_eq!(
            (&values[..7], &values[7..14], &values[14..]),
            (&own.data()[..7], &[0.0; 7][..], &own.data()[14..])
        );
    }

    #[test]
    fn a_scalar_is_drawn() {
        let draw = ExpectedDraw::new(Scheme::ONES, &[], Layout::OUT_IN);
        let mut values = [0_f32];
        draw.fill(&[], &mut values, &mut Generator::manual_seed(4)).unwrap();
        assert_eq!(values, [1.0]);
    }
}
