//! The initialisation of a network: a scheme per role, the order of the draws, and the scalings that follow.

use diagnostics::Expected;
use nn_init::{
    Bias, Distribution, Element, FanMode, Fans, Gain, InitError, Layout, Moments, Preset, Scheme, Source,
    VarianceScaling,
};
use tensor::{Activation, Shape, Tensor};

use crate::scalings::NoParameter;
use crate::{Network, Parameter, Parameters, Role, Scalings};

/// One scheme for each role of a parameter, the way in which random numbers become values, and the scalings that are
/// applied afterwards.
///
/// The scale γ of a normalisation starts at 1 and its shift β at 0; neither takes a random number.
///
/// ```
/// use nn_init::Scheme;
/// use specimen::{Init, Network, Norm, Parameters};
/// use torch_rng::Generator;
///
/// let network = Network { hidden: vec![64; 4], norm: Some(Norm::LECTURE), ..Network::lesson() };
/// let init = Init::direct(Scheme::orthogonal(), Scheme::ZEROS);
/// let parameters: Parameters = init.draw(&network, &mut Generator::manual_seed(1));
/// assert_eq!(parameters.get("gamma1").unwrap().value.data(), [1.0; 64]);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Init {
    /// The scheme of C.
    pub embedding: Scheme,
    /// The scheme of W1, W2, ….
    pub weight: Scheme,
    /// The scheme of b1, b2, ….
    pub bias: Scheme,
    /// The way from random numbers to values.
    pub draw: Draw,
    /// The factors by which parameters are scaled after they are drawn.
    pub scalings: Scalings,
}

/// The way from a random source to a scheme's values; it decides which numbers a seed gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Draw {
    /// Each tensor is filled by its scheme, weights in PyTorch's order `[out, in]`, as `torch.nn.init` does it. A
    /// constant takes nothing from the source.
    Direct,
    /// Each tensor is filled from N(0, 1), weights in the order `[in, out]`, and multiplied by the std of its scheme, as
    /// notebooks do it. The distribution is normal, whatever the scheme's.
    Normal {
        /// If true, a constant takes as many numbers from the source as it has values and discards them, as the lesson's
        /// biases of 0 do.
        discards: bool,
    },
}

/// An [`Init`] that does not fit a network.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum InitMismatch {
    /// A scheme cannot fill a parameter.
    Scheme(InitError),
    /// A scaling names a parameter that the network does not have.
    Name(NoParameter),
}

impl std::fmt::Display for InitMismatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Scheme(error) => error.fmt(f),
            Self::Name(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for InitMismatch {}

/// The lesson divides C too by the square root of its rows, as if a lookup summed over them.
const fn lesson_init(gain: f64) -> Init {
    let scheme = Scheme::Scaled(VarianceScaling {
        gain: Gain::number(gain),
        mode: FanMode::FanIn,
        distribution: Distribution::Normal,
    });
    Init {
        embedding: scheme,
        weight: scheme,
        bias: Scheme::ZEROS,
        draw: Draw::Normal { discards: true },
        scalings: Scalings::NONE,
    }
}

/// Named initialisations.
impl Init {
    /// The lesson's random init, and the numbers that the lecture's notebook starts from: N(0, 1) for everything, biases
    /// included.
    pub const LESSON_RANDOM: Self = Self {
        embedding: Scheme::STANDARD_NORMAL,
        weight: Scheme::STANDARD_NORMAL,
        bias: Scheme::STANDARD_NORMAL,
        draw: Draw::Normal { discards: true },
        scalings: Scalings::NONE,
    };

    /// The init that the lesson calls Kaiming: σ = √(2/rows) for C and every W, biases 0.
    pub const LESSON_KAIMING: Self = lesson_init(std::f64::consts::SQRT_2);

    /// The init that the lesson calls Xavier: σ = √(1/rows) for C and every W, biases 0. It is LeCun's.
    pub const LESSON_XAVIER: Self = lesson_init(1.0);

    /// He et al. 2015 with PyTorch's gain, biases 0 and C from N(0, 1), which is PyTorch's default for a lookup; `None`
    /// where PyTorch has no gain for the activation.
    pub fn textbook_kaiming(activation: Activation) -> Option<Self> {
        Some(Self::direct(Scheme::kaiming_normal(Gain::torch(activation)?), Scheme::ZEROS))
    }

    /// Glorot & Bengio 2010 with PyTorch's gain, biases 0 and C from N(0, 1); `None` where PyTorch has no gain for the
    /// activation.
    pub fn textbook_xavier(activation: Activation) -> Option<Self> {
        Some(Self::direct(Scheme::xavier_normal(Gain::torch(activation)?), Scheme::ZEROS))
    }

    /// These schemes for the weights and biases, and C from N(0, 1), drawn as `torch.nn.init` draws.
    pub const fn direct(weight: Scheme, bias: Scheme) -> Self {
        let embedding = Scheme::STANDARD_NORMAL;
        Self { embedding, weight, bias, draw: Draw::Direct, scalings: Scalings::NONE }
    }

    /// A framework's default for linear layers, and C from N(0, 1).
    ///
    /// A bias of `U(±1/√fan_in)` has its bound within an ulp of the preset's own.
    pub fn preset(preset: &Preset) -> Self {
        let bias = match preset.bias {
            Some(Bias::FanIn) => Scheme::kaiming_uniform(1.0 / 3f64.sqrt()),
            Some(Bias::Xavier) => Scheme::xavier_normal(1.0),
            Some(Bias::Zeros) | None => Scheme::ZEROS,
        };
        Self::direct(preset.weight, bias)
    }
}

/// Initialising a network.
impl Init {
    /// Checks that every scheme can fill the parameters that it is for, and that every scaling names a parameter.
    ///
    /// # Errors
    /// The first scheme or name that does not fit.
    pub fn check(&self, network: &Network) -> Result<(), InitMismatch> {
        for planned in plan(network) {
            self.moments(&planned).map_err(InitMismatch::Scheme)?;
        }
        self.scalings.check(network).map_err(InitMismatch::Name)
    }

    /// Draws the parameters of `network` in the order of its plan, then scales them.
    ///
    /// A bias takes the fans of its weight.
    ///
    /// # Panics
    /// If [`check`](Self::check) fails.
    #[track_caller]
    pub fn draw<T: Element>(
        &self,
        network: &Network,
        source: &mut (impl Source<T> + ?Sized),
    ) -> Parameters<T> {
        let mut drawn = Vec::new();
        for planned in plan(network) {
            let mut value = self.value(&planned, source);
            for scaling in self.scalings.of(network, &planned.name, planned.role) {
                value = scaling.apply(&value);
            }
            drawn.push(Parameter { name: planned.name, role: planned.role, value });
        }
        Parameters(drawn)
    }

    /// The distribution of each parameter of `network`, by name: what theory says of its scheme and scalings.
    ///
    /// # Panics
    /// If [`check`](Self::check) fails.
    #[track_caller]
    pub fn expected(&self, network: &Network) -> Vec<(String, Expected)> {
        let mut expected = Vec::new();
        for planned in plan(network) {
            let Moments { mean, std, kurtosis, .. } = fitting(self.moments(&planned));
            let rows = planned.shape.dims()[0];
            let scalings = self.scalings.of(network, &planned.name, planned.role);
            let factor: f64 = scalings.iter().map(|scaling| scaling.factor(rows)).product();
            let distribution = Expected { mean: mean * factor, std: std * factor.abs(), kurtosis };
            expected.push((planned.name, distribution));
        }
        expected
    }

    #[track_caller]
    fn value<T: Element>(&self, planned: &Planned, source: &mut (impl Source<T> + ?Sized)) -> Tensor<T> {
        let Planned { role, shape, .. } = planned;
        let scheme = self.scheme(planned);
        match (self.draw, role) {
            (_, Role::NormScale | Role::NormShift) => {
                fitting(scheme.sample(shape.dims(), Layout::IN_OUT, source))
            }
            (Draw::Normal { discards }, _) => self.scaled_normal(planned, discards, source),
            (Draw::Direct, Role::Weight) => {
                let stored: Vec<usize> = shape.dims().iter().rev().copied().collect();
                fitting(scheme.sample(&stored, Layout::OUT_IN, source)).transpose()
            }
            (Draw::Direct, _) => fitting(scheme.sample(shape.dims(), Layout::IN_OUT, source)),
        }
    }

    /// A value of [`Draw::Normal`].
    #[track_caller]
    fn scaled_normal<T: Element>(
        &self,
        planned: &Planned,
        discards: bool,
        source: &mut (impl Source<T> + ?Sized),
    ) -> Tensor<T> {
        let mut value = Tensor::zeros(&planned.shape);
        let constant = match self.scheme(planned) {
            Scheme::Constant(constant) => Some(constant),
            _ => None,
        };
        if constant.is_none() || discards {
            source.normal(0.0, 1.0, value.data_mut());
        }
        match (constant, fitting(self.moments(planned)).std) {
            (Some(constant), _) => Tensor::full(&planned.shape, T::of(constant)),
            (None, 1.0) => value,
            (None, std) => value.scale(T::of(std)),
        }
    }

    /// The scheme of a parameter, for its fans.
    fn scheme(&self, planned: &Planned) -> Scheme {
        let scheme = match planned.role {
            Role::Embedding => self.embedding,
            Role::Weight => self.weight,
            Role::Bias => self.bias,
            Role::NormScale => Scheme::ONES,
            Role::NormShift => Scheme::ZEROS,
            role => unreachable!("networks have no parameter of role {role:?}"),
        };
        scheme.with_fans(planned.fans)
    }

    /// The moments of a parameter before it is scaled.
    fn moments(&self, planned: &Planned) -> Result<Moments, InitError> {
        let scheme = self.scheme(planned);
        let moments = scheme.moments(planned.shape.dims(), Layout::IN_OUT)?;
        Ok(match (self.draw, scheme) {
            (Draw::Direct, _) | (_, Scheme::Constant(_)) => moments,
            (Draw::Normal { .. }, _) => Moments { mean: 0.0, skew: 0.0, kurtosis: 3.0, ..moments },
        })
    }
}

/// A parameter before it has values.
struct Planned {
    name: String,
    role: Role,
    shape: Shape,
    /// The fans that its scheme takes.
    fans: Fans,
}

/// The network's parameters in the order of their draws.
fn plan(network: &Network) -> impl Iterator<Item = Planned> {
    network.plan().into_iter().scan(Fans { fan_in: 1.0, fan_out: 1.0 }, |weight, (name, role, shape)| {
        *weight = fans(role, &shape, *weight);
        Some(Planned { name, role, shape, fans: *weight })
    })
}

/// The fans of an `[in, out]` matrix; a row takes those of the weight before it.
fn fans(role: Role, shape: &Shape, weight: Fans) -> Fans {
    match (role, shape.matrix()) {
        (Role::Embedding | Role::Weight, Some((fan_in, fan_out))) => {
            Fans { fan_in: fan_in as f64, fan_out: fan_out as f64 }
        }
        _ => weight,
    }
}

/// The value of a scheme that fits, or a panic with its error at the caller's line.
#[track_caller]
fn fitting<V>(result: Result<V, InitError>) -> V {
    match result {
        Ok(value) => value,
        Err(error) => panic!("{error}"),
    }
}
