//! How a network's parameters are started.

use diagnostics::Expected;
use nn_init::{
    Bias, Distribution, Element, FanMode, Fans, Gain, InitError, Layout, Moments, Preset, Scheme, Source,
    VarianceScaling,
};
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
    Scheme::Scaled(VarianceScaling {
        gain: Gain::number(gain),
        mode: FanMode::FanIn,
        distribution: Distribution::Normal,
    })
}

/// C too is divided by the square root of its rows, as if a lookup summed over them.
const fn lesson_start(gain: f64) -> Start {
    let scheme = lesson_scheme(gain);
    Start { embedding: scheme, weight: scheme, bias: Scheme::ZEROS, draw: Draw::ThenScale }
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
        Some(Self::textbook(Scheme::kaiming_normal(Gain::torch(activation)?)))
    }

    /// Glorot & Bengio 2010 with PyTorch's gain, biases 0 and C from N(0, 1); `None` where PyTorch has no
    /// gain for the activation.
    pub fn textbook_xavier(activation: Activation) -> Option<Self> {
        Some(Self::textbook(Scheme::xavier_normal(Gain::torch(activation)?)))
    }

    fn textbook(weight: Scheme) -> Self {
        Self::direct(weight, Scheme::ZEROS)
    }

    /// Any schemes for the weights and biases, and C from N(0, 1), drawn as `torch.nn.init` draws.
    pub fn direct(weight: Scheme, bias: Scheme) -> Self {
        Self { embedding: Scheme::STANDARD_NORMAL, weight, bias, draw: Draw::Direct }
    }

    /// A framework's default for linear layers, and C from N(0, 1).
    ///
    /// A bias of `U(±1/√fan_in)` has its bound within an ulp of the preset's own.
    pub fn preset(preset: &Preset) -> Self {
        let bias = match preset.bias {
            Some(Bias::FanIn) => Scheme::kaiming_uniform(1.0 / 3f64.sqrt()),
            Some(Bias::Zeros) | None => Scheme::ZEROS,
        };
        Self::direct(preset.weight, bias)
    }

    /// Whether every scheme can fill the parameters that it is for.
    ///
    /// # Errors
    /// The first that cannot, with its shape.
    pub fn check(&self, mlp: &Mlp) -> Result<(), InitError> {
        plan(mlp).try_for_each(|(_, role, shape, fans)| {
            self.scheme(role).with_fans(fans).moments(shape.dims(), Layout::IN_OUT).map(drop)
        })
    }

    /// Draws the parameters of `mlp` in the order of its plan.
    ///
    /// Weights are drawn as PyTorch's layers store them for [`Draw::Direct`], `[out, in]`, and transposed to
    /// the `[in, out]` that the network multiplies by; the lesson draws `[in, out]`. A bias takes the fans of its
    /// weight.
    ///
    /// # Panics
    /// If [`check`](Self::check) fails.
    #[track_caller]
    pub fn draw<T: Element>(&self, mlp: &Mlp, source: &mut (impl Source<T> + ?Sized)) -> Parameters<T> {
        if self.draw == Draw::ThenScale {
            return self.rescale(&standard_normal(mlp, source));
        }
        let mut drawn = Vec::new();
        for (name, role, shape, fans) in plan(mlp) {
            let scheme = self.scheme(role).with_fans(fans);
            let value = match role {
                Role::Weight => {
                    let stored: Vec<usize> = shape.dims().iter().rev().copied().collect();
                    expect(scheme.sample(&stored, Layout::OUT_IN, source)).transpose()
                }
                _ => expect(scheme.sample(shape.dims(), Layout::IN_OUT, source)),
            };
            drawn.push(Parameter { name, role, value });
        }
        Parameters(drawn)
    }

    /// The distribution that the scheme of each parameter of `mlp` implies, by name.
    ///
    /// # Panics
    /// If [`check`](Self::check) fails.
    #[track_caller]
    pub fn expected(&self, mlp: &Mlp) -> Vec<(String, Expected)> {
        let mut all = Vec::new();
        for (name, role, shape, fans) in plan(mlp) {
            let (scheme, layout) = (self.scheme(role).with_fans(fans), Layout::IN_OUT);
            let Moments { mean, std, kurtosis, .. } = expect(scheme.moments(shape.dims(), layout));
            // Values that are scaled after the draw are normal, whatever the scheme's distribution.
            let kurtosis = if self.draw == Draw::ThenScale { 3.0 } else { kurtosis };
            all.push((name, Expected { mean, std, kurtosis }));
        }
        all
    }

    /// Scales parameters that were drawn from N(0, 1), as [`Draw::ThenScale`] does: one draw serves several
    /// starts.
    ///
    /// # Panics
    /// As [`draw`](Self::draw).
    #[track_caller]
    pub fn rescale<T: Real>(&self, standard: &Parameters<T>) -> Parameters<T> {
        let (mut scaled, mut layer) = (Vec::new(), NO_FANS);
        for Parameter { name, role, value } in &standard.0 {
            layer = fans(*role, value.shape(), layer);
            let value = match self.scheme(*role) {
                Scheme::Constant(constant) => Tensor::full(value.shape(), T::of(constant)),
                Scheme::STANDARD_NORMAL => value.clone(),
                scheme => {
                    let moments = scheme.with_fans(layer).moments(value.shape().dims(), Layout::IN_OUT);
                    value.scale(T::of(expect(moments).std))
                }
            };
            scaled.push(Parameter { name: name.clone(), role: *role, value });
        }
        Parameters(scaled)
    }

    fn scheme(&self, role: Role) -> Scheme {
        match role {
            Role::Embedding => self.embedding,
            Role::Weight => self.weight,
            Role::Bias => self.bias,
            Role::NormScale => Scheme::Constant(1.0),
            Role::NormShift => Scheme::ZEROS,
            _ => panic!("no scheme for a parameter of role {role:?}"),
        }
    }
}

/// Every parameter of `mlp` from N(0, 1), in the order of its plan: the lesson's `torch.randn` calls.
pub fn standard_normal<T: Element>(mlp: &Mlp, source: &mut (impl Source<T> + ?Sized)) -> Parameters<T> {
    let mut drawn = Parameters::zeros(mlp.plan());
    fill_normal(&mut drawn.0, source);
    drawn
}

/// Each parameter anew from N(0, 1), in their order: what [`standard_normal`] does, in room that is there.
pub fn fill_normal<T: Element>(parameters: &mut [Parameter<T>], source: &mut (impl Source<T> + ?Sized)) {
    for parameter in parameters {
        source.normal(0.0, 1.0, parameter.value.data_mut());
    }
}

/// The network's parameters with the fans that each one's scheme takes.
fn plan(mlp: &Mlp) -> impl Iterator<Item = (String, Role, Shape, Fans)> {
    mlp.plan().into_iter().scan(NO_FANS, |layer, (name, role, shape)| {
        *layer = fans(role, &shape, *layer);
        Some((name, role, shape, *layer))
    })
}

/// Before the first matrix.
const NO_FANS: Fans = Fans { fan_in: 1, fan_out: 1 };

/// Fans of an `[in, out]` matrix; a bias takes those of the weight before it.
fn fans(role: Role, shape: &Shape, weight: Fans) -> Fans {
    match (role, shape.matrix()) {
        (Role::Embedding | Role::Weight, Some((fan_in, fan_out))) => Fans { fan_in, fan_out },
        _ => weight,
    }
}

/// What a scheme gave, or a panic with its error at the caller's line.
#[track_caller]
fn expect<V>(result: Result<V, InitError>) -> V {
    match result {
        Ok(value) => value,
        Err(error) => panic!("{error}"),
    }
}
