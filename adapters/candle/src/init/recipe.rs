//! A recipe: the scheme of each variable, and the drawing of them all.

use std::collections::HashMap;

use candle_core::{DType, Device, Result, Tensor, Var};
use candle_nn::{VarBuilder, VarMap};
use checkpoint::{Dtype, ExpectedDraw, Mention, NameRules, ResolvedRules, RuleSettings, TensorInfo};
use nn_init::{Scheme, Source};
use torch_rng::Generator;

use super::builders::{Asked, collect, hand_out};
use super::{Drawn, Initialised, LAYOUT, candles_own, insert, shipped};

/// A variable that a model asks for, as a closure sees it that picks its scheme.
#[derive(Clone, Copy, Debug)]
pub struct Variable<'a> {
    /// Its path: `hidden.weight`.
    pub name: &'a str,
    /// Its shape: `[out, in, kernel…]` for a weight.
    pub shape: &'a [usize],
    /// The scheme of candle's layer.
    pub candles: Scheme,
}

/// The schemes of a model's variables.
///
/// ```
/// use candle_nn::linear;
/// use nn_init::Scheme;
/// use step_zero_candle::Recipe;
///
/// let orthogonal = Recipe::by(|variable| variable.name.ends_with("weight").then(Scheme::orthogonal));
/// let init = orthogonal.init(42, |vb| linear(10, 100, vb.pp("hidden")))?;
/// assert_eq!(init.drawn[0].scheme, "orthogonal");
/// assert_eq!(init.variables.all_vars().len(), 2); // for an optimiser, or a file
/// # Ok::<(), candle_core::Error>(())
/// ```
pub struct Recipe {
    choice: Choice,
    set: Vec<(String, f64)>,
    config: Option<String>,
    rest_by_candle: bool,
    dtype: DType,
    device: Device,
}

type Choose = dyn Fn(Variable<'_>) -> Option<Scheme> + Send + Sync;

enum Choice {
    Closure(Box<Choose>),
    Rules(Box<NameRules>),
}

/// Choosing the schemes.
impl Recipe {
    /// Candle's own schemes, drawn from a seed, which candle itself does not do on the CPU.
    pub fn candles_own() -> Self {
        Self::by(|_| None)
    }

    /// The scheme that a closure picks; `None` stands for candle's own. Weights are read as `[out, in, kernel…]`, which
    /// exchanges the fans of a transposed convolution, as in PyTorch's initialisers; rules can state another layout.
    pub fn by(choose: impl Fn(Variable<'_>) -> Option<Scheme> + Send + Sync + 'static) -> Self {
        Self::of(Choice::Closure(Box::new(choose)))
    }

    /// The rules of a file for `step-zero check`, which `docs/rules-file.md` describes. What a file is checked by is also
    /// what it is drawn by: blocks, rows of zeros, the fans of other tensors and ties included.
    ///
    /// A variable that no rule matches is an error, unless [`rest_by_candle`](Self::rest_by_candle) is set. A variable that
    /// the rules ignore is drawn by candle's own scheme.
    pub fn rules(rules: NameRules) -> Self {
        Self::of(Choice::Rules(Box::new(rules)))
    }

    /// Rules that are shipped with `step-zero check`, such as `hf/bert`.
    ///
    /// # Errors
    /// If there are none of that name.
    pub fn shipped(name: &str) -> Result<Self> {
        shipped(name).map(Self::rules)
    }

    fn of(choice: Choice) -> Self {
        let (set, config, rest_by_candle) = (vec![], None, false);
        Self { choice, set, config, rest_by_candle, dtype: DType::F32, device: Device::Cpu }
    }

    /// Leaves variables that no rule matches to candle's own schemes. A rule that matches none is an error then, because
    /// a pattern with a typing error would otherwise be lost.
    #[must_use]
    pub fn rest_by_candle(self) -> Self {
        Self { rest_by_candle: true, ..self }
    }

    /// Sets a constant of the rules, whatever they say.
    #[must_use]
    pub fn set(mut self, name: &str, value: f64) -> Self {
        self.set.push((name.to_owned(), value));
        self
    }

    /// Gives the rules the text of the model's `config.json`.
    #[must_use]
    pub fn config(self, text: &str) -> Self {
        Self { config: Some(text.to_owned()), ..self }
    }

    /// Sets the type of the variables, `f32` unless set. Numbers are drawn in single precision and rounded, as by PyTorch's
    /// `model.to(torch.bfloat16)`.
    #[must_use]
    pub fn dtype(self, dtype: DType) -> Self {
        Self { dtype, ..self }
    }

    /// Sets the device of the variables, the CPU unless set. The numbers are the CPU's on every device.
    #[must_use]
    pub fn device(self, device: &Device) -> Self {
        Self { device: device.clone(), ..self }
    }
}

/// Drawing.
impl Recipe {
    /// Builds a model whose variables are drawn from PyTorch's stream of a seed, in the order in which the model asks for
    /// them. The model is built twice: once to learn what it asks for, and once with the variables.
    ///
    /// # Errors
    /// In one line with the variable, the rule and the reason: if no rule matches a variable, a rule does not fit its shape,
    /// or two tied variables have different shapes. And those of the model's own building.
    pub fn init<M>(
        &self,
        seed: u64,
        build: impl FnMut(VarBuilder<'static>) -> Result<M>,
    ) -> Result<Initialised<M>> {
        let init = self.init_from(&mut Generator::manual_seed(seed), build)?;
        Ok(Initialised { seed: Some(seed), ..init })
    }

    /// [`init`](Self::init) from any source of random numbers.
    ///
    /// # Errors
    /// As [`init`](Self::init).
    pub fn init_from<M>(
        &self,
        source: &mut (impl Source<f32> + ?Sized),
        mut build: impl FnMut(VarBuilder<'static>) -> Result<M>,
    ) -> Result<Initialised<M>> {
        let asked = collect(self.dtype, &self.device, &mut build)?;
        let drawn = self.plan(&asked)?;
        let variables = VarMap::new();
        let mut handed: HashMap<String, Var> = HashMap::new();
        for (asked, drawn) in asked.iter().zip(&drawn) {
            let variable = match &drawn.tied_to {
                Some(first) => handed[first].clone(),
                None => {
                    let variable = draw(asked, drawn, source)?;
                    insert(&variables, &asked.name, variable.clone());
                    variable
                }
            };
            handed.insert(asked.name.clone(), variable);
        }
        let model = hand_out(handed, self.dtype, &self.device, build)?;
        Ok(Initialised { model, variables, drawn, seed: None })
    }

    /// The draw of each variable.
    fn plan(&self, asked: &[Asked]) -> Result<Vec<Drawn>> {
        match &self.choice {
            Choice::Closure(choose) => {
                Ok(asked.iter().map(|asked| by_scheme(asked, pick(choose, asked), None)).collect())
            }
            Choice::Rules(rules) => self.by_rules(rules, asked),
        }
    }

    fn by_rules(&self, rules: &NameRules, asked: &[Asked]) -> Result<Vec<Drawn>> {
        let tensors: Vec<TensorInfo> = asked.iter().map(info).collect();
        let set: Vec<(&str, f64)> = self.set.iter().map(|(name, value)| (name.as_str(), *value)).collect();
        let settings = RuleSettings { set: &set, config: self.config.as_deref() };
        let resolved = rules.resolve(&tensors, &settings).map_err(crate::error)?;
        if self.rest_by_candle {
            all_used(&resolved, &tensors)?;
        }
        let mentioned = asked.iter().zip(&resolved.tensors);
        let mut drawn: Vec<Drawn> =
            mentioned.map(|(asked, mention)| self.by_mention(asked, mention)).collect::<Result<_>>()?;
        for group in &resolved.tied {
            let (first, others) = group.tensors.split_first().expect("a group has a tensor");
            for &other in others {
                let (first, other) = (&asked[*first], &asked[other]);
                if first.shape != other.shape || first.dtype != other.dtype {
                    return Err(crate::error(format!(
                        "{}: the recipe ties it to {} ({}), but {:?} of {:?} is not {:?} of {:?}",
                        other.name,
                        first.name,
                        group.names,
                        other.shape,
                        other.dtype,
                        first.shape,
                        first.dtype
                    )));
                }
            }
            for &other in others {
                drawn[other].tied_to = Some(asked[*first].name.clone());
            }
        }
        Ok(drawn)
    }

    fn by_mention(&self, asked: &Asked, mention: &Mention) -> Result<Drawn> {
        let Asked { name, shape, .. } = asked;
        match mention {
            Mention::Expected(expected) => Ok(Drawn {
                scheme: expected.text.clone(),
                draw: Some(expected.draw.clone()),
                ..by_scheme(asked, candles_own(asked.init), Some(expected.rule.clone()))
            }),
            Mention::Unmentioned if !self.rest_by_candle => Err(crate::error(format!(
                "{name} {:?}: no rule matches it; add one, or leave the rest to candle by rest_by_candle",
                shape.dims()
            ))),
            Mention::Unfit { rule, why } => {
                Err(crate::error(format!("{name} {:?}: rule {rule} does not fit it: {why}", shape.dims())))
            }
            Mention::Ignored { .. } | Mention::NotJudged | Mention::Unmentioned => {
                Ok(by_scheme(asked, candles_own(asked.init), None))
            }
        }
    }
}

/// Fails if a rule matches nothing.
fn all_used(resolved: &ResolvedRules, tensors: &[TensorInfo]) -> Result<()> {
    let Some(unused) = resolved.unused.first() else { return Ok(()) };
    let why = if unused.shadowed {
        "earlier entries match all of its variables".to_owned()
    } else {
        format!("it matches none of the model's {} variables", tensors.len())
    };
    Err(crate::error(format!(
        "{} {}: {why}; mark it `optional` if that may be",
        unused.entry, unused.patterns
    )))
}

fn pick(choose: &Choose, asked: &Asked) -> Scheme {
    let candles = candles_own(asked.init);
    choose(Variable { name: &asked.name, shape: asked.shape.dims(), candles }).unwrap_or(candles)
}

fn by_scheme(asked: &Asked, scheme: Scheme, rule: Option<String>) -> Drawn {
    let shape = asked.shape.dims().to_vec();
    Drawn {
        name: asked.name.clone(),
        draw: asked.dtype.is_float().then(|| ExpectedDraw::new(scheme, &shape, LAYOUT)),
        shape,
        dtype: asked.dtype,
        scheme: scheme.to_string(),
        rule,
        tied_to: None,
    }
}

fn info(asked: &Asked) -> TensorInfo {
    let dtype = match asked.dtype {
        DType::F64 => Dtype::F64,
        DType::F32 => Dtype::F32,
        DType::F16 => Dtype::F16,
        DType::BF16 => Dtype::Bf16,
        other => Dtype::Other(other.as_str().to_owned()),
    };
    TensorInfo { name: asked.name.clone(), dtype, shape: asked.shape.dims().to_vec() }
}

/// Draws a variable in single precision, whatever its type.
fn draw(asked: &Asked, drawn: &Drawn, source: &mut (impl Source<f32> + ?Sized)) -> Result<Var> {
    let Asked { name, shape, dtype, device, init } = asked;
    let Some(draw) = &drawn.draw else { return init.var(shape, *dtype, device) };
    let mut values = vec![0_f32; shape.elem_count()];
    draw.fill(shape.dims(), &mut values, source).map_err(|why| {
        let rule = drawn.rule.as_ref().map_or(String::new(), |rule| format!(" of rule {rule}"));
        crate::error(format!("{name}: scheme {}{rule}: {why}", drawn.scheme))
    })?;
    Var::from_tensor(&Tensor::from_vec(values, shape, device)?.to_dtype(*dtype)?)
}
