//! Schemes as text: `kaiming_normal(fan_out, relu)`.
//!
//! [`FORMS`] lists every form that can be read. [`Display`](fmt::Display) can only print those: the compiler looks each
//! name up in the list.

use std::fmt;
use std::str::FromStr;

use tensor::{Activation, Call, ExpressionError, evaluate};

use crate::depth::{Fixup, residual_factor};
use crate::{Constants, Distribution, FanMode, Gain, ParseError, Scheme, VarianceScaling};

/// A form in which a [`Scheme`] can be written; see [`Scheme::FORMS`].
#[derive(Clone, Copy, Debug)]
pub struct SchemeForm {
    name: &'static str,
    arguments: &'static str,
    example: &'static str,
    read: fn(&Arguments) -> Result<Scheme, String>,
}

const fn form(
    name: &'static str,
    arguments: &'static str,
    example: &'static str,
    read: fn(&Arguments) -> Result<Scheme, String>,
) -> SchemeForm {
    SchemeForm { name, arguments, example, read }
}

/// Every form: its name, its arguments (`[]` if they may be omitted), an example, and the reader of the arguments.
const FORMS: &[SchemeForm] = &[
    form("zeros", "", "zeros", |_| Ok(Scheme::ZEROS)),
    form("ones", "", "ones", |_| Ok(Scheme::ONES)),
    form("constant", "value", "constant(0.1)", |a| Ok(Scheme::Constant(a.number(0)?))),
    form("normal", "mean, std", "normal(0, 0.02)", |a| {
        Ok(Scheme::Normal { mean: a.number(0)?, std: a.number(1)? })
    }),
    form("uniform", "lo, hi", "uniform(-0.1, 0.1)", |a| {
        Ok(Scheme::Uniform { lo: a.number(0)?, hi: a.number(1)? })
    }),
    form("truncated_normal", "mean, std, lo, hi", "truncated_normal(0, 0.02, -0.04, 0.04)", |a| {
        let [mean, std, lo, hi] = [a.number(0)?, a.number(1)?, a.number(2)?, a.number(3)?];
        Ok(Scheme::TruncatedNormal { mean, std, lo, hi })
    }),
    form("kaiming_normal", "[mode], [gain], [a]", "kaiming_normal(fan_out, relu)", |a| {
        kaiming(a, Distribution::Normal)
    }),
    form("kaiming_uniform", "[mode], [gain], [a]", "kaiming_uniform(fan_in, 1.5)", |a| {
        kaiming(a, Distribution::Uniform)
    }),
    form("xavier_normal", "[gain]", "xavier_normal", |a| Ok(Scheme::xavier_normal(a.gain(0)?))),
    form("xavier_uniform", "[gain]", "xavier_uniform(tanh)", |a| Ok(Scheme::xavier_uniform(a.gain(0)?))),
    form("he_normal", "", "he_normal", |_| Ok(Scheme::he_normal())),
    form("he_uniform", "", "he_uniform", |_| Ok(Scheme::he_uniform())),
    form("glorot_normal", "", "glorot_normal", |_| Ok(Scheme::glorot_normal())),
    form("glorot_uniform", "", "glorot_uniform", |_| Ok(Scheme::glorot_uniform())),
    form("lecun_normal", "", "lecun_normal", |_| Ok(Scheme::lecun_normal())),
    form("lecun_uniform", "", "lecun_uniform", |_| Ok(Scheme::lecun_uniform())),
    form("spectral", "[gain]", "spectral", |a| Ok(Scheme::spectral(a.gain(0)?))),
    form("siren_first", "", "siren_first", |_| Ok(Scheme::siren_first())),
    form("siren", "[omega]", "siren(30)", |a| Ok(Scheme::siren(a.number_or(0, 30.0)?))),
    form("gpt2", "", "gpt2", |_| Ok(Scheme::GPT2)),
    form("gpt2_residual", "blocks", "gpt2_residual(12)", |a| {
        Ok(Scheme::GPT2.times(residual_factor(a.count(0, "blocks")?)))
    }),
    form("t5", "[factor]", "t5", |a| Ok(Scheme::t5(a.number_or(0, 1.0)?))),
    form("t5_query", "head_size, [factor]", "t5_query(64)", |a| {
        Ok(Scheme::t5_query(a.count(0, "values")?, a.number_or(1, 1.0)?))
    }),
    form("scaled", "gain, mode, distribution", "scaled(forward(gelu), fan_geo_avg, uniform)", |a| {
        Ok(Scheme::scaled(a.gain(0)?, a.read(1)?, a.read(2)?))
    }),
    form(
        "variance_scaling",
        "scale, mode, distribution",
        "variance_scaling(2, fan_in, truncated_normal)",
        |a| Ok(Scheme::scaled(root(a.number(0)?)?, a.read(1)?, a.read(2)?)),
    ),
    form("residual", "blocks, scheme", "residual(12, normal(0, 0.02))", |a| {
        Ok(a.scheme(1)?.times(residual_factor(a.count(0, "blocks")?)))
    }),
    form("fixup", "branches, layers, scheme", "fixup(16, 2, kaiming_normal)", |a| {
        let (branches, layers) = (a.count(0, "branches")?, a.count(1, "layers")?);
        Ok(Fixup { branches, layers }.scheme(0, a.scheme(2)?))
    }),
    form("mup_output", "base, width, scheme", "mup_output(128, 512, kaiming_normal(fan_in, 1))", by_width),
    form("complete_p", "base, width, scheme", "complete_p(256, 1024, normal(0, 0.02))", by_width),
    form("orthogonal", "[gain]", "orthogonal(critical(tanh))", |a| {
        Ok(Scheme::Orthogonal { gain: a.gain(0)? })
    }),
    form("delta_orthogonal", "[gain]", "delta_orthogonal(2)", |a| {
        Ok(Scheme::DeltaOrthogonal { gain: a.gain(0)? })
    }),
    form("identity", "[gain]", "identity", |a| Ok(Scheme::Identity { gain: a.gain(0)? })),
    form("dirac", "[groups], [gain]", "dirac(2, 0.5)", |a| {
        let groups = if a.text(0).is_some() { a.whole(0, "groups")? } else { 1 };
        Ok(Scheme::Dirac { groups, gain: a.gain(1)? })
    }),
    form("sparse", "sparsity, std", "sparse(0.9, 0.01)", |a| {
        Ok(Scheme::Sparse { sparsity: a.number(0)?, std: a.number(1)? })
    }),
];

/// PyTorch's defaults are `fan_in` and the gain of ReLU; `a` alone is the slope of a leaky ReLU.
fn kaiming(a: &Arguments, distribution: Distribution) -> Result<Scheme, String> {
    let mode = if a.text(0).is_some() { a.read(0)? } else { FanMode::FanIn };
    let gain = match (a.text(1), a.text(2)) {
        (None | Some("leaky_relu"), Some(_)) => Gain::torch(Activation::LeakyRelu(a.number(2)?)),
        (Some(gain), Some(_)) => {
            return Err(format!("`a` is the slope of leaky_relu, and the gain is `{gain}`"));
        }
        (None, None) => Gain::torch(Activation::Relu),
        (Some(_), None) => Some(a.gain(1)?),
    };
    Ok(Scheme::scaled(gain.expect("PyTorch's table has both"), mode, distribution))
}

/// `√(base/width)`: the output of μP, given a scheme that divides by the fan-in, and `CompleteP`'s hidden weights, given that
/// of the base network.
fn by_width(a: &Arguments) -> Result<Scheme, String> {
    let (base, width) = (a.count(0, "units")?, a.count(1, "units")?);
    Ok(a.scheme(2)?.times((base as f64 / width as f64).sqrt()))
}

impl Scheme {
    /// Every form that [`FromStr`](#impl-FromStr-for-Scheme) reads.
    ///
    /// ```
    /// use nn_init::Scheme;
    /// let sparse = Scheme::FORMS.iter().find(|form| form.name() == "sparse").unwrap();
    /// assert_eq!(sparse.to_string(), "sparse(sparsity, std)");
    /// assert_eq!(sparse.example().parse(), Ok(Scheme::Sparse { sparsity: 0.9, std: 0.01 }));
    /// ```
    pub const FORMS: &[SchemeForm] = FORMS;
}

impl SchemeForm {
    /// The name before the brackets.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// A text of this form.
    pub const fn example(&self) -> &'static str {
        self.example
    }

    /// The names of the arguments, and whether each may be omitted.
    fn parameters(&self) -> impl Iterator<Item = (&'static str, bool)> {
        let arguments = self.arguments.split(", ").filter(|argument| !argument.is_empty());
        arguments.map(|argument| (argument.trim_matches(['[', ']']), argument.starts_with('[')))
    }

    /// The arguments in the order of the parameters, each by its name or its place; `None` if they do not fit.
    fn arrange<'a>(&self, args: &[&'a str]) -> Option<Vec<Option<&'a str>>> {
        let mut given = vec![None; self.parameters().count()];
        for (place, arg) in args.iter().enumerate() {
            let (place, value) = match arg.split_once('=') {
                Some((name, value)) => (self.place_of(name.trim())?, value.trim()),
                None => (place, *arg),
            };
            let free = given.get_mut(place).filter(|there| there.is_none())?;
            *free = Some(value);
        }
        let complete =
            self.parameters().zip(&given).all(|((_, optional), there)| optional || there.is_some());
        complete.then_some(given)
    }

    /// The place of a parameter; PyTorch's name for a gain is read too.
    fn place_of(&self, name: &str) -> Option<usize> {
        let name = if name == "nonlinearity" { "gain" } else { name };
        self.parameters().position(|(parameter, _)| parameter == name)
    }
}

/// The name and the arguments, those in `[]` optional: `kaiming_normal([mode], [gain])`.
impl fmt::Display for SchemeForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let arguments: &[&dyn fmt::Display] =
            if self.arguments.is_empty() { &[] } else { &[&self.arguments] };
        call(f, self.name, arguments)
    }
}

// ---- Reading ----

/// A name and, in brackets, arguments separated by commas; spaces are ignored.
///
/// | text | scheme |
/// |---|---|
/// | `zeros`, `ones`, `constant(0.1)` | the same value everywhere |
/// | `normal(0, 0.02)`, `uniform(-0.1, 0.1)` | mean and std; bounds |
/// | `truncated_normal(0, 0.02, -0.04, 0.04)` | mean, std, bounds as values |
/// | `kaiming_normal(fan_out, relu)`, `kaiming_uniform` | mode and [`Gain`], by default `fan_in` and `relu`, or a slope `a` |
/// | `xavier_normal`, `xavier_uniform(tanh)` | gain, by default 1 |
/// | `he_normal`, `he_uniform`, `glorot_normal`, `glorot_uniform`, `lecun_normal`, `lecun_uniform` | as in Keras and JAX |
/// | `scaled(1.3, fan_geo_avg, uniform)` | gain, mode, distribution |
/// | `variance_scaling(2, fan_in, truncated_normal)` | as `scaled`, with the square of the gain, as in JAX and Keras |
/// | `spectral` | gain, by default 1; std `min(1, √(out/in))/√in` |
/// | `siren_first`, `siren(30)` | the layers of a SIREN, with its frequency |
/// | `gpt2`, `gpt2_residual(12)` | N(0, 0.02²); divided by √(2·blocks) at the end of a residual branch |
/// | `t5`, `t5_query(64)` | std `1/√fan_in`; for queries also over the root of a head's size; and a factor |
/// | `residual(12, scheme)`, `fixup(16, 2, scheme)` | another scheme, scaled by [`residual_factor`] and [`Fixup`] |
/// | `mup_output(128, 512, scheme)`, `complete_p(256, 1024, scheme)` | another scheme, scaled by the base and the width |
/// | `orthogonal`, `delta_orthogonal(2)`, `identity` | gain, by default 1 |
/// | `dirac`, `dirac(2)` | groups and gain, by default 1 |
/// | `sparse(0.9, 0.01)` | fraction of zeros, std |
///
/// Numbers are expressions: `normal(0, 0.02/sqrt(24))`. Arguments may be named as in the errors:
/// `kaiming_uniform(a=sqrt(5))`, `kaiming_normal(mode=fan_out, nonlinearity=relu)`. For expressions with constants such as
/// the number of layers, use [`Scheme::parse_with`].
///
/// ```
/// use nn_init::Scheme;
///
/// let scheme: Scheme = "kaiming_normal(fan_out, relu)".parse()?;
/// assert_eq!(scheme.to_string(), "kaiming_normal(fan_out, relu)");
///
/// let error = "normal(0, -1)".parse::<Scheme>().unwrap_err().to_string();
/// assert_eq!(error, "invalid scheme `normal(0, -1)`: the standard deviation must not be negative");
/// # Ok::<(), nn_init::ParseError>(())
/// ```
impl FromStr for Scheme {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse_with(text, &[])
    }
}

impl Scheme {
    /// Reads a scheme whose numbers are expressions with constants of the caller's.
    ///
    /// The forms are those of [`FromStr`](#impl-FromStr-for-Scheme), which has no constants. The scheme holds the values of
    /// the expressions and not their text.
    ///
    /// ```
    /// use nn_init::Scheme;
    ///
    /// let constants = [("layers", 12.0), ("d_model", 768.0)];
    /// let scheme = Scheme::parse_with("normal(0, 0.02/sqrt(2*layers))", &constants)?;
    /// assert_eq!(scheme, Scheme::Normal { mean: 0.0, std: 0.02 / 24f64.sqrt() });
    ///
    /// let error = Scheme::parse_with("normal(0, width^-0.5)", &constants).unwrap_err().to_string();
    /// assert_eq!(
    ///     error,
    ///     "invalid scheme `normal(0, width^-0.5)`: unknown constant `width`; the constants are layers, d_model"
    /// );
    /// # Ok::<(), nn_init::ParseError>(())
    /// ```
    ///
    /// # Errors
    /// If the text has no form of [`FORMS`](Self::FORMS), an argument is wrong, or a constant is unknown.
    pub fn parse_with(text: &str, constants: Constants) -> Result<Self, ParseError> {
        scheme(text, constants).map_err(|reason| ParseError::new("scheme", text, reason))
    }
}

fn scheme(text: &str, constants: Constants) -> Result<Scheme, String> {
    let Call { name, args } = Call::parse(text).map_err(|error| error.to_string())?;
    let form = FORMS.iter().find(|form| form.name == name).ok_or_else(|| {
        let names: Vec<_> = FORMS.iter().map(|form| form.name).collect();
        format!("expected one of {}", names.join(", "))
    })?;
    let given = form.arrange(&args).ok_or_else(|| format!("expected `{form}`"))?;
    let scheme = (form.read)(&Arguments { given, constants })?;
    scheme.wrong_parameter(f64::MAX).map_or(Ok(scheme), Err)
}

/// The arguments of a form in the order of its parameters.
struct Arguments<'a> {
    given: Vec<Option<&'a str>>,
    constants: Constants<'a>,
}

impl Arguments<'_> {
    /// An argument, if it is given.
    fn text(&self, at: usize) -> Option<&str> {
        self.given[at]
    }

    /// An argument that every text of the form has.
    fn required(&self, at: usize) -> &str {
        self.given[at].expect("arrange refuses a text without it")
    }

    fn number(&self, at: usize) -> Result<f64, String> {
        let text = self.required(at);
        evaluate(text, self.constants).map_err(|error| match error {
            ExpressionError::Unknown { .. } => error.to_string(),
            _ => format!("`{text}` is not a number: {error}"),
        })
    }

    fn number_or(&self, at: usize, default: f64) -> Result<f64, String> {
        if self.text(at).is_some() { self.number(at) } else { Ok(default) }
    }

    /// A whole number.
    fn whole(&self, at: usize, what: &str) -> Result<usize, String> {
        let value = self.number(at)?;
        let whole = value >= 0.0 && value.fract() == 0.0 && value < 2f64.powi(53);
        if whole {
            Ok(value as usize)
        } else {
            Err(format!("`{}` is not a number of {what}", self.required(at)))
        }
    }

    /// A whole number of at least 1.
    fn count(&self, at: usize, what: &str) -> Result<usize, String> {
        let count = self.whole(at, what)?;
        if count > 0 { Ok(count) } else { Err(format!("the number of {what} must be at least 1")) }
    }

    /// A gain; 1 if it is not given.
    fn gain(&self, at: usize) -> Result<Gain, String> {
        let read = |text| Gain::parse_with(text, self.constants).map_err(|error| error.to_string());
        self.text(at).map_or(Ok(Gain::ONE), read)
    }

    fn scheme(&self, at: usize) -> Result<Scheme, String> {
        Scheme::parse_with(self.required(at), self.constants).map_err(|error| error.to_string())
    }

    fn read<T: FromStr<Err = ParseError>>(&self, at: usize) -> Result<T, String> {
        self.required(at).parse().map_err(|error: ParseError| error.to_string())
    }
}

/// The square root of a scale.
fn root(scale: f64) -> Result<f64, String> {
    if scale < 0.0 { Err("the scale must not be negative".to_owned()) } else { Ok(scale.sqrt()) }
}

// ---- Printing ----

/// A name that [`FORMS`] has; another one does not compile.
macro_rules! name {
    ($name:literal) => {
        const { known($name) }
    };
}

/// The text that [`FromStr`] reads, without arguments that have their default.
impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Constant(value) => match value {
                0.0 if value.is_sign_positive() => call(f, name!("zeros"), &[]),
                1.0 => call(f, name!("ones"), &[]),
                _ => call(f, name!("constant"), &[&value]),
            },
            Self::Normal { mean, std } => call(f, name!("normal"), &[&mean, &std]),
            Self::Uniform { lo, hi } => call(f, name!("uniform"), &[&lo, &hi]),
            Self::TruncatedNormal { mean, std, lo, hi } => {
                call(f, name!("truncated_normal"), &[&mean, &std, &lo, &hi])
            }
            Self::Scaled(scaling) => scaling.fmt(f),
            Self::Orthogonal { gain } => with_gain(f, name!("orthogonal"), gain),
            Self::DeltaOrthogonal { gain } => with_gain(f, name!("delta_orthogonal"), gain),
            Self::Identity { gain } => with_gain(f, name!("identity"), gain),
            Self::Dirac { groups, gain } => match (groups, gain) {
                (1, Gain::ONE) => call(f, name!("dirac"), &[]),
                (_, Gain::ONE) => call(f, name!("dirac"), &[&groups]),
                _ => call(f, name!("dirac"), &[&groups, &gain]),
            },
            Self::Sparse { sparsity, std } => call(f, name!("sparse"), &[&sparsity, &std]),
        }
    }
}

/// The shortest of its names.
impl fmt::Display for VarianceScaling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let &Self { gain, mode, distribution } = self;
        match (distribution, mode) {
            (Distribution::Normal, FanMode::FanAvg) => with_gain(f, name!("xavier_normal"), gain),
            (Distribution::Uniform, FanMode::FanAvg) => with_gain(f, name!("xavier_uniform"), gain),
            (Distribution::Normal, FanMode::FanIn | FanMode::FanOut) => {
                call(f, name!("kaiming_normal"), &[&mode, &gain])
            }
            (Distribution::Uniform, FanMode::FanIn | FanMode::FanOut) => {
                call(f, name!("kaiming_uniform"), &[&mode, &gain])
            }
            _ => match Scheme::Scaled(*self) {
                scheme if scheme == Scheme::he_normal() => call(f, name!("he_normal"), &[]),
                scheme if scheme == Scheme::glorot_normal() => call(f, name!("glorot_normal"), &[]),
                scheme if scheme == Scheme::lecun_normal() => call(f, name!("lecun_normal"), &[]),
                scheme if scheme == Scheme::spectral(gain) => with_gain(f, name!("spectral"), gain),
                scheme if scheme == Scheme::siren_first() => call(f, name!("siren_first"), &[]),
                _ => call(f, name!("scaled"), &[&gain, &mode, &distribution]),
            },
        }
    }
}

fn with_gain(f: &mut fmt::Formatter<'_>, name: &str, gain: Gain) -> fmt::Result {
    if gain == Gain::ONE { call(f, name, &[]) } else { call(f, name, &[&gain]) }
}

fn call(f: &mut fmt::Formatter<'_>, name: &str, arguments: &[&dyn fmt::Display]) -> fmt::Result {
    let Some((first, rest)) = arguments.split_first() else { return f.pad(name) };
    write!(f, "{name}({first}")?;
    rest.iter().try_for_each(|argument| write!(f, ", {argument}"))?;
    f.write_str(")")
}

/// Returns `name` if it is in [`FORMS`] and stops the compiler otherwise.
const fn known(name: &'static str) -> &'static str {
    let mut at = 0;
    while at < FORMS.len() {
        if same(FORMS[at].name.as_bytes(), name.as_bytes()) {
            return name;
        }
        at += 1;
    }
    panic!("a scheme is printed under a name that FORMS lacks")
}

/// Equality, which `==` does not offer in constants.
const fn same(a: &[u8], b: &[u8]) -> bool {
    let mut at = 0;
    while at < a.len() && at < b.len() && a[at] == b[at] {
        at += 1;
    }
    at == a.len() && at == b.len()
}
