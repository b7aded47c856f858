//! Dropout with a mask from the caller.

use tensor::{Real, Tensor};

use crate::Var;

impl<T: Real> Var<'_, T> {
    /// `x/(1 − p)` where `keep` is true and 0 elsewhere, even if x is not finite there (Srivastava et al. 2014).
    /// Pullback: the same function of `ȳ`.
    ///
    /// `keep` has one entry per value, in row-major order; each is true with probability 1 − p. The caller draws it,
    /// because this crate has no randomness. Drawn from `torch_rng`, it is the mask of `torch.nn.functional.dropout`:
    ///
    /// ```
    /// use autograd::{Tape, Tensor};
    /// use torch_rng::Generator;
    ///
    /// let (p, mut keep) = (0.5, [false; 8]);
    /// Generator::manual_seed(1).bernoulli(1.0 - p, &mut keep);
    /// let tape = Tape::<f32>::new();
    /// let y = tape.leaf(Tensor::full([8], 1.0)).dropout(&keep, p);
    /// assert_eq!(y.value().sum(), 2.0 * keep.iter().filter(|&&kept| kept).count() as f32);
    /// ```
    ///
    /// # Panics
    /// Panics if `keep` has not one entry per value, or p is not between 0 and 1.
    #[track_caller]
    pub fn dropout(self, keep: &[bool], p: f64) -> Self {
        assert!((0.0..=1.0).contains(&p), "dropout: the probability p is {p}; expected 0 to 1");
        let (x, entries) = (self.value(), keep.len());
        assert!(
            entries == x.shape().numel(),
            "dropout: got {entries} mask entries for shape {}; expected one per value",
            x.shape()
        );
        let (keep, share) = (keep.to_vec(), T::of(1.0 - p));
        self.tape().record("dropout", [self], kept(&x, &keep, share), move |g| [kept(g, &keep, share)])
    }
}

/// `x/share` where `keep` is true, 0 elsewhere.
fn kept<T: Real>(x: &Tensor<T>, keep: &[bool], share: T) -> Tensor<T> {
    let mut out = x.clone();
    for (x, &keep) in out.data_mut().iter_mut().zip(keep) {
        *x = if keep { *x / share } else { T::ZERO };
    }
    out
}
