//! The curvature of the loss before the first step.

/// The ends of the spectra of the loss's Hessian and of its Gauss–Newton matrix, over all parameters.
///
/// Full-batch gradient descent on the local quadratic diverges above a learning rate of `2/λ_max`. At init that gives the order of
/// magnitude of the largest learning rate, not a limit: curvature changes within steps, and small batches need less.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LossCurvature {
    /// The smallest eigenvalue of the Hessian, which at an initialisation is negative.
    pub hessian_min: f64,
    /// The largest eigenvalue of the Hessian.
    pub hessian_max: f64,
    /// The largest eigenvalue of the Gauss–Newton matrix, which leaves out the curvature of the network itself.
    pub gauss_newton_max: f64,
}

impl LossCurvature {
    /// The caveat that belongs beside the numbers.
    pub(crate) const MEANING: &str = "2/λ_max is where full-batch descent on the local quadratic diverges: the order of magnitude of the \
                                      largest learning rate, not a limit, because curvature changes within steps and small batches need less";

    /// The learning rate above which full-batch descent diverges on a quadratic with the Hessian's largest eigenvalue; `None`
    /// if that is not positive.
    pub fn hessian_rate(&self) -> Option<f64> {
        rate(self.hessian_max)
    }

    /// The same of the Gauss–Newton matrix.
    pub fn gauss_newton_rate(&self) -> Option<f64> {
        rate(self.gauss_newton_max)
    }
}

fn rate(largest: f64) -> Option<f64> {
    (largest > 0.0).then(|| 2.0 / largest)
}
