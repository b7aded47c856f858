//! Ops that let a mask or nothing pass.

use tensor::{Real, Tensor};

use crate::Var;

impl<T: Real> Var<'_, T> {
    /// x where `mask` is true and `other` elsewhere, of equal shapes: `torch.where`. `mask` has one entry per value, in
    /// row-major order. Pullback: each value of x and of `other` gets `ȳ` where it was taken and 0 elsewhere, even if
    /// `ȳ` is not finite.
    ///
    /// ```
    /// use autograd::{Tape, Tensor};
    ///
    /// let tape = Tape::<f64>::new();
    /// let (x, zero) = (tape.leaf(Tensor::full([3], 2.0)), tape.leaf(Tensor::zeros([3])));
    /// assert_eq!(x.where_mask(&[true, false, true], zero).value().data(), [2.0, 0.0, 2.0]);
    /// ```
    ///
    /// # Panics
    /// Panics if the shapes differ, or `mask` has not one entry per value.
    #[track_caller]
    pub fn where_mask(self, mask: &[bool], other: Self) -> Self {
        let (x, y, entries) = (self.value(), other.value(), mask.len());
        let (shape, second) = (x.shape(), y.shape());
        assert!(shape == second, "where_mask: shapes {shape} and {second} differ");
        assert!(
            entries == shape.numel(),
            "where_mask: got {entries} mask entries for shape {shape}; expected one per value"
        );
        let mask = mask.to_vec();
        let value = taken(&x, &mask, true, Some(&y));
        self.tape().record_each("where_mask", &[self, other], value, move |g, parent| {
            taken(g, &mask, parent == 0, None)
        })
    }

    /// The same value as a constant: no gradient passes, in no mode. It is a leaf to [`backward`](Self::backward).
    ///
    /// ```
    /// use autograd::{Tape, Tensor};
    ///
    /// let tape = Tape::<f64>::new();
    /// let x = tape.leaf(Tensor::scalar(3.0));
    /// assert_eq!((x * x.detach()).backward().get(x).unwrap().item(), 3.0); // not 6
    /// ```
    pub fn detach(self) -> Self {
        let value = self.value().map(|x| T::of(x.to_f64()));
        self.tape().record_each("detach", &[], value, |g, _| g.clone())
    }
}

/// x where the mask has the entry `when`, and `other` or 0 elsewhere.
fn taken<T: Real>(x: &Tensor<T>, mask: &[bool], when: bool, other: Option<&Tensor<T>>) -> Tensor<T> {
    let mut out = other.cloned().unwrap_or_else(|| x.full_beside(x.shape(), T::ZERO));
    for ((out, &x), &mask) in out.data_mut().iter_mut().zip(x.data()).zip(mask) {
        if mask == when {
            *out = x;
        }
    }
    out
}
