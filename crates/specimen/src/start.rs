//! How a network's parameters are started.

use nn_init::{Fans, Law, Mode, Scheme, Source, VarianceScaling, torch_gain};
use tensor::{Activation, Real, Shape, Tensor};

use crate::{Mlp, Parameter, Parameters, Role};

/// One scheme for each role of a parameter, and the way in which they are drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Start {
    /// For C.
    pub embedding: Scheme,
    /// For W1, W2, ….
    pub weight: Scheme,
    /// For b1, b2, ….
    pub bias: Scheme,
    /// Straight from the scheme, or scaled afterwards.
    pub draw: Draw,
}

/// The way from a random source to a scheme's values; it decides which numbers a seed gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Draw {
    /// Each tensor from its scheme: `torch.nn.init`. A constant takes nothing from the source.
    Direct,
    /// Every tensor from N(0, 1), then multiplied by its scheme's std; a constant replaces what was drawn.
    /// The lesson's way. The law is normal, whatever the scheme's.
    ThenScale,
}

const fn lesson_scheme(gain: f64) -> Scheme {
    Scheme::Scaled(VarianceScaling { gain, mode: Mode::FanIn, law: Law::Normal })
}

/// C too is divided by the square root of its rows, as if a lookup summed over them.
const fn lesson_start(gain: f64) -> Start {
    let scheme = lesson_scheme(gain);
    Start { embedding: scheme, weight: scheme, bias: Scheme::Constant(0.0), draw: Draw::ThenScale }
}

impl Start {
    /// The lesson's random init: N(0, 1) for everything, biases included.
    pub const LESSON_RANDOM: Self = Self {
        embedding: Scheme::STANDARD_NORMAL,
        weight: Scheme::STANDARD_NORMAL,
        bias: Scheme::STANDARD_NORMAL,
        draw: Draw::ThenScale,
    };

    /// What the lesson calls Kaiming: σ = √(2/rows) for C and every W, biases 0.
    pub const LESSON_KAIMING: Self = lesson_start(std::f64::consts::SQRT_2);

    /// What the lesson calls Xavier: σ = √(1/rows) for C and every W, biases 0. It is LeCun's.
    pub const LESSON_XAVIER: Self = lesson_start(1.0);

    /// He et al. 2015 with PyTorch's gain, biases 0 and C from N(0, 1), which is PyTorch's default for a
    /// lookup; `None` where PyTorch has no gain for the activation.
    pub fn textbook_kaiming(activation: Activation) -> Option<Self> {
        Some(Self::textbook(Scheme::kaiming_normal(torch_gain(activation)?)))
    }

    /// Glorot & Bengio 2010 with PyTorch's gain, biases 0 and C from N(0, 1); `None` where PyTorch has no
    /// gain for the activation.
    pub fn textbook_xavier(activation: Activation) -> Option<Self> {
        Some(Self::textbook(Scheme::xavier_normal(torch_gain(activation)?)))
    }

    fn textbook(weight: Scheme) -> Self {
        Self { embedding: Scheme::STANDARD_NORMAL, weight, bias: Scheme::Constant(0.0), draw: Draw::Direct }
    }

    /// Draws the parameters of `mlp` in the order of its plan.
    ///
    /// Weights are drawn as PyTorch's layers store them for [`Draw::Direct`], `[out, in]`, and transposed to
    /// the `[in, out]` that the network multiplies by; the lesson draws `[in, out]`.
    pub fn draw<T: Real>(&self, mlp: &Mlp, source: &mut (impl Source<T> + ?Sized)) -> Parameters<T> {
        match self.draw {
            Draw::ThenScale => self.rescale(&standard_normal(mlp, source)),
            Draw::Direct => parameters(mlp, |role, shape| {
                let stored: Vec<usize> = match role {
                    Role::Weight => shape.dims().iter().rev().copied().collect(),
                    Role::Embedding | Role::Bias => shape.dims().to_vec(),
                };
                let mut value = Tensor::zeros(&*stored);
                self.scheme(role).fill(fans(role, shape), value.data_mut(), source);
                if role == Role::Weight { value.transpose() } else { value }
            }),
        }
    }

    /// Scales parameters that were drawn from N(0, 1), as [`Draw::ThenScale`] does: one draw serves several
    /// starts.
    pub fn rescale<T: Real>(&self, standard: &Parameters<T>) -> Parameters<T> {
        let scaled = |parameter: &Parameter<T>| {
            let Parameter { name, role, value } = parameter;
            let value = match self.scheme(*role) {
                Scheme::Constant(constant) => Tensor::full(value.shape(), T::of(constant)),
                Scheme::STANDARD_NORMAL => value.clone(),
                scheme => value.scale(T::of(scheme.std(fans(*role, value.shape())))),
            };
            Parameter { name: name.clone(), role: *role, value }
        };
        Parameters(standard.0.iter().map(scaled).collect())
    }

    fn scheme(&self, role: Role) -> Scheme {
        match role {
            Role::Embedding => self.embedding,
            Role::Weight => self.weight,
            Role::Bias => self.bias,
        }
    }
}

/// Every parameter of `mlp` from N(0, 1), in the order of its plan: the lesson's `torch.randn` calls.
pub fn standard_normal<T: Real>(mlp: &Mlp, source: &mut (impl Source<T> + ?Sized)) -> Parameters<T> {
    parameters(mlp, |_, shape| {
        let mut value = Tensor::zeros(shape);
        source.normal(0.0, 1.0, value.data_mut());
        value
    })
}

fn parameters<T: Real>(mlp: &Mlp, mut value: impl FnMut(Role, &Shape) -> Tensor<T>) -> Parameters<T> {
    let parameter = |(name, role, shape)| Parameter { name, role, value: value(role, &shape) };
    Parameters(mlp.plan().into_iter().map(parameter).collect())
}

/// Fans of an `[in, out]` matrix; a bias has none, and its schemes ask for none.
fn fans(role: Role, shape: &Shape) -> Fans {
    match (role, shape.matrix()) {
        (Role::Embedding | Role::Weight, Some((fan_in, fan_out))) => Fans { fan_in, fan_out },
        _ => Fans { fan_in: 1, fan_out: 1 },
    }
}
