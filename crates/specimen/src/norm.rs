//! Batch normalisation as the lecture has it, and its running statistics.

use autograd::{BatchStatistics, Var};
use tensor::{Real, Tensor};

/// `γ·(x − μ)/√(s² + ε) + β` over the columns of a batch, s² divided by m − 1.
///
/// The lecture's; PyTorch's own layer divides by m while it trains.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Norm {
    /// ε.
    pub eps: f64,
    /// The weight of each batch in the running statistics.
    pub momentum: f64,
    /// The measure of spread that the running statistics average.
    pub keeps: Spread,
    /// `true` to normalise the logits too.
    pub logits: bool,
    /// `true` to keep the bias of a normalised product, which the normalisation subtracts again.
    pub bias: bool,
}

/// A measure of how far values spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spread {
    /// s².
    Variance,
    /// s; an average of it is not the root of an average of s².
    Deviation,
}

impl Spread {
    /// Both measures.
    pub const ALL: [Self; 2] = [Self::Variance, Self::Deviation];

    /// `variance` or `deviation`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Variance => "variance",
            Self::Deviation => "deviation",
        }
    }
}

/// Running mean and spread of each column at one normalisation: two tensors `[n]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Running<T: Real = f32> {
    /// Averages of μ, 0 before the first batch.
    pub mean: Tensor<T>,
    /// Averages of s² or s, 1 before the first batch.
    pub spread: Tensor<T>,
}

impl<T: Real> Running<T> {
    /// The statistics of `columns` columns before the first batch.
    pub fn new(columns: usize) -> Self {
        Self { mean: Tensor::zeros([columns]), spread: Tensor::full([columns], T::ONE) }
    }
}

impl Norm {
    /// The lecture's `BatchNorm1d` behind every product, the logits' included.
    pub const LECTURE: Self =
        Self { eps: 1e-5, momentum: 0.1, keeps: Spread::Variance, logits: true, bias: false };

    /// The normalisation that the lecture first writes by hand, behind the hidden layer: no ε, and averages of s.
    pub const BY_HAND: Self =
        Self { eps: 0.0, momentum: 0.001, keeps: Spread::Deviation, logits: false, bias: false };

    /// Normalises by the statistics of this batch, and returns them.
    ///
    /// autograd's op divides by m, so with c = (m − 1)/m: `s² + ε = (σ² + c·ε)/c`.
    #[track_caller]
    pub(crate) fn training<'t, T: Real>(
        &self,
        x: Var<'t, T>,
        gamma: Var<'t, T>,
        beta: Var<'t, T>,
    ) -> (Var<'t, T>, BatchStatistics<T>) {
        let m = x.shape().dims()[0] as f64;
        let c = (m - 1.0) / m;
        x.batch_norm(gamma.scale(c.sqrt()), beta, c * self.eps)
    }

    /// Normalises by running statistics.
    #[track_caller]
    pub(crate) fn evaluation<'t, T: Real>(
        &self,
        x: Var<'t, T>,
        gamma: Var<'t, T>,
        beta: Var<'t, T>,
        running: &Running<T>,
    ) -> Var<'t, T> {
        let variance = match self.keeps {
            Spread::Variance => running.spread.clone(),
            Spread::Deviation => running.spread.map(|s| s * s),
        };
        let running = BatchStatistics { mean: running.mean.clone(), variance };
        x.batch_norm_running(gamma, beta, &running, self.eps)
    }

    /// Moves running statistics towards a batch's: `(1 − momentum)·running + momentum·batch`.
    ///
    /// # Panics
    /// If their columns differ in number.
    #[track_caller]
    pub fn update<T: Real>(&self, running: &mut Running<T>, batch: &BatchStatistics<T>) {
        self.update_by(running, batch, self.momentum);
    }

    #[track_caller]
    pub(crate) fn update_by<T: Real>(
        &self,
        running: &mut Running<T>,
        batch: &BatchStatistics<T>,
        share: f64,
    ) {
        let (rest, share) = (T::of(1.0 - share), T::of(share));
        let towards = move |old, new| rest * old + share * new;
        let spread = match self.keeps {
            Spread::Variance => batch.variance.clone(),
            Spread::Deviation => batch.variance.map(T::sqrt),
        };
        running.mean = running.mean.zip("update", &batch.mean, towards);
        running.spread = running.spread.zip("update", &spread, towards);
    }
}
