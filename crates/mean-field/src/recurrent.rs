//! Recurrent networks before training: LSTM's memory and states, and the step sizes of state-space models.

use tensor::Activation;

use crate::{ActivationMoments, value_squared};

/// The number of steps in which a forget gate `σ(h)`, `h ~ N(bias, variance)`, lets the cell's state decay e-fold:
/// `−1/E ln σ(h)`.
///
/// | bias | steps |
/// |---|---|
/// | 0 | 1.4427 |
/// | 1 | 3.1922 |
/// | 2 | 7.8785 |
///
/// ```
/// use mean_field::memory_horizon;
/// assert!((memory_horizon(1.0, 0.0) - 3.1922).abs() < 1e-4);
/// ```
pub fn memory_horizon(bias: f64, variance: f64) -> f64 {
    -1.0 / ActivationMoments::at(Activation::LogSigmoid, bias, variance).mean
}

/// The expected scales of an LSTM's gates and states after many steps, over inputs that are independent from step to step.
///
/// With i, f, o sigmoids and g tanh of normal gates, `E c² = E i²·E g²/(1 − E f²)` and `E h² = E o²·E tanh²c` (derived
/// here). Gates are taken as independent of the state; they are correlated in time, and measured states are 2 to 5% larger.
///
/// ```
/// use mean_field::LstmScales;
/// // torch.nn.LSTM(256, 256): weights and both biases U(±1/√256), inputs of mean square 1.
/// let third = 1.0 / 3.0;
/// let scales = LstmScales::of(third, third, 2.0 * third / 256.0, 0.0).unwrap();
/// assert!((scales.hidden - 0.1359).abs() < 1e-4); // measured 0.1384 ± 0.0005
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LstmScales {
    /// The variance of a gate's pre-activation.
    pub gate_variance: f64,
    /// The root mean square of the cell's state c.
    pub cell: f64,
    /// The root mean square of the hidden state h.
    pub hidden: f64,
}

impl LstmScales {
    /// The scales for gates of variance `input + recurrent·E h² + bias`, where `input` is what the inputs add, `recurrent`
    /// the variance of a recurrent weight times the number of units, and `bias` that of the sum of biases, whose mean is 0
    /// but for `forget_bias` at the forget gate.
    ///
    /// `None` if the states settle nowhere.
    pub fn of(input: f64, recurrent: f64, bias: f64, forget_bias: f64) -> Option<Self> {
        let step = |hidden: f64| {
            let gate_variance = input + recurrent * hidden + bias;
            let open = value_squared(Activation::Sigmoid, gate_variance);
            let keep = ActivationMoments::at(Activation::Sigmoid, forget_bias, gate_variance).second;
            let cell = open * value_squared(Activation::Tanh, gate_variance) / (1.0 - keep);
            (gate_variance, cell, open * value_squared(Activation::Tanh, cell))
        };
        let mut hidden = 0.0;
        for _ in 0..1000 {
            let (gate_variance, cell, next) = step(hidden);
            if (next - hidden).abs() <= 1e-12 * next {
                return Some(Self { gate_variance, cell: cell.sqrt(), hidden: next.sqrt() });
            }
            hidden = next;
        }
        None
    }
}

/// The bias with which `softplus` starts at the step size `dt`: `ln(e^dt − 1)`, as Mamba's (Gu & Dao 2023).
///
/// ```
/// use mean_field::{log_uniform_mean, step_bias};
/// // Mamba draws dt log-uniformly from 0.001 to 0.1. A bias set to 0 makes it ln 2, 70 times the median.
/// assert!((step_bias(0.001) + 6.907_255).abs() < 1e-6 && (step_bias(0.1) + 2.252_168).abs() < 1e-6);
/// assert!((log_uniform_mean(0.001, 0.1) - 0.021_498).abs() < 1e-6);
/// assert!(step_bias(2_f64.ln()).abs() < 1e-15);
/// ```
pub fn step_bias(dt: f64) -> f64 {
    // The form that neither overflows nor cancels.
    dt + (-(-dt).exp_m1()).ln()
}

/// The mean of a log-uniform distribution: `(hi − lo)/ln(hi/lo)`.
pub fn log_uniform_mean(lo: f64, hi: f64) -> f64 {
    (hi - lo) / (hi / lo).ln()
}
