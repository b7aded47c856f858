//! Schemes as text: `kaiming_normal(fan_out, relu)`.
//!
//! [`FORMS`] lists every form that can be read. [`Display`](fmt::Display) can only print those: the compiler looks each
//! name up in the list.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use tensor::Call;

use crate::{Distribution, FanMode, Gain, ParseError, Scheme, VarianceScaling};

/// A form in which a [`Scheme`] can be written; see [`Scheme::FORMS`].
#[derive(Clone, Copy, Debug)]
pub struct SchemeForm {
    name: &'static str,
    arguments: &'static str,
    example: &'static str,
    read: fn(&[&str]) -> Result<Scheme, String>,
}

const fn form(
    name: &'static str,
    arguments: &'static str,
    example: &'static str,
    read: fn(&[&str]) -> Result<Scheme, String>,
) -> SchemeForm {
    SchemeForm { name, arguments, example, read }
}

/// Every form: its name, its arguments (`[]` if they may be omitted), an example, and the reader of the arguments.
const FORMS: &[SchemeForm] = &[
    form("zeros", "", "zeros", |_| Ok(Scheme::ZEROS)),
    form("ones", "", "ones", |_| Ok(Scheme::ONES)),
    form("constant", "value", "constant(0.1)", |a| Ok(Scheme::Constant(number(a[0])?))),
    form("normal", "mean, std", "normal(0, 0.02)", |a| {
        Ok(Scheme::Normal { mean: number(a[0])?, std: number(a[1])? })
    }),
    form("uniform", "lo, hi", "uniform(-0.1, 0.1)", |a| {
        Ok(Scheme::Uniform { lo: number(a[0])?, hi: number(a[1])? })
    }),
    form("truncated_normal", "mean, std, lo, hi", "truncated_normal(0, 0.02, -0.04, 0.04)", |a| {
        let [mean, std, lo, hi] = [number(a[0])?, number(a[1])?, number(a[2])?, number(a[3])?];
        Ok(Scheme::TruncatedNormal { mean, std, lo, hi })
    }),
    form("kaiming_normal", "[mode], [gain]", "kaiming_normal(fan_out, relu)", |a| {
        kaiming(a, Distribution::Normal)
    }),
    form("kaiming_uniform", "[mode], [gain]", "kaiming_uniform(fan_in, 1.5)", |a| {
        kaiming(a, Distribution::Uniform)
    }),
    form("xavier_normal", "[gain]", "xavier_normal", |a| Ok(Scheme::xavier_normal(gain_or_1(a)?))),
    form("xavier_uniform", "[gain]", "xavier_uniform(tanh)", |a| Ok(Scheme::xavier_uniform(gain_or_1(a)?))),
    form("he_normal", "", "he_normal", |_| Ok(Scheme::he_normal())),
    form("he_uniform", "", "he_uniform", |_| Ok(Scheme::he_uniform())),
    form("glorot_normal", "", "glorot_normal", |_| Ok(Scheme::glorot_normal())),
    form("glorot_uniform", "", "glorot_uniform", |_| Ok(Scheme::glorot_uniform())),
    form("lecun_normal", "", "lecun_normal", |_| Ok(Scheme::lecun_normal())),
    form("lecun_uniform", "", "lecun_uniform", |_| Ok(Scheme::lecun_uniform())),
    form("scaled", "gain, mode, distribution", "scaled(forward(gelu), fan_geo_avg, uniform)", |a| {
        Ok(Scheme::scaled(read::<Gain>(a[0])?, read(a[1])?, read(a[2])?))
    }),
    form(
        "variance_scaling",
        "scale, mode, distribution",
        "variance_scaling(2, fan_in, truncated_normal)",
        |a| Ok(Scheme::scaled(root(a[0])?, read(a[1])?, read(a[2])?)),
    ),
    form("orthogonal", "[gain]", "orthogonal(critical(tanh))", |a| {
        Ok(Scheme::Orthogonal { gain: gain_or_1(a)? })
    }),
    form("delta_orthogonal", "[gain]", "delta_orthogonal(2)", |a| {
        Ok(Scheme::DeltaOrthogonal { gain: gain_or_1(a)? })
    }),
    form("identity", "[gain]", "identity", |a| Ok(Scheme::Identity { gain: gain_or_1(a)? })),
    form("dirac", "[groups], [gain]", "dirac(2, 0.5)", |a| {
        let (groups, gain) = a.split_at(a.len().min(1));
        Ok(Scheme::Dirac {
            groups: groups.first().map_or(Ok(1), |text| count(text))?,
            gain: gain_or_1(gain)?,
        })
    }),
    form("sparse", "sparsity, std", "sparse(0.9, 0.01)", |a| {
        Ok(Scheme::Sparse { sparsity: number(a[0])?, std: number(a[1])? })
    }),
];

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

    /// The numbers of arguments that the form can have.
    fn arity(&self) -> RangeInclusive<usize> {
        let arguments = || self.arguments.split(", ").filter(|argument| !argument.is_empty());
        arguments().filter(|argument| !argument.starts_with('[')).count()..=arguments().count()
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
/// | `kaiming_normal(fan_out, relu)`, `kaiming_uniform` | mode and [`Gain`], by default `fan_in` and `relu` |
/// | `xavier_normal`, `xavier_uniform(tanh)` | gain, by default 1 |
/// | `he_normal`, `he_uniform`, `glorot_normal`, `glorot_uniform`, `lecun_normal`, `lecun_uniform` | as in Keras and JAX |
/// | `scaled(1.3, fan_geo_avg, uniform)` | gain, mode, distribution |
/// | `variance_scaling(2, fan_in, truncated_normal)` | as `scaled`, with the square of the gain, as in JAX and Keras |
/// | `orthogonal`, `delta_orthogonal(2)`, `identity` | gain, by default 1 |
/// | `dirac`, `dirac(2)` | groups and gain, by default 1 |
/// | `sparse(0.9, 0.01)` | fraction of zeros, std |
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
        scheme(text).map_err(|reason| ParseError::new("scheme", text, reason))
    }
}

fn scheme(text: &str) -> Result<Scheme, String> {
    let Call { name, args } = Call::parse(text).map_err(|error| error.to_string())?;
    let form = FORMS.iter().find(|form| form.name == name).ok_or_else(|| {
        let names: Vec<_> = FORMS.iter().map(|form| form.name).collect();
        format!("expected one of {}", names.join(", "))
    })?;
    if !form.arity().contains(&args.len()) {
        return Err(format!("expected `{form}`"));
    }
    let scheme = (form.read)(&args)?;
    scheme.wrong_parameter::<f64>().map_or(Ok(scheme), Err)
}

/// PyTorch's defaults are `fan_in` and the gain of ReLU.
fn kaiming(a: &[&str], distribution: Distribution) -> Result<Scheme, String> {
    let mode = a.first().map_or(Ok(FanMode::FanIn), |text| read(text))?;
    Ok(Scheme::scaled(read::<Gain>(a.get(1).unwrap_or(&"relu"))?, mode, distribution))
}

fn read<T: FromStr<Err = ParseError>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|error: ParseError| error.to_string())
}

fn gain_or_1(a: &[&str]) -> Result<Gain, String> {
    a.first().map_or(Ok(Gain::ONE), |text| read(text))
}

fn number(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|x: &f64| !x.is_nan());
    number.ok_or_else(|| format!("`{text}` is not a number"))
}

/// The square root of a scale.
fn root(text: &str) -> Result<f64, String> {
    let scale = number(text)?;
    if scale < 0.0 { Err("the scale must not be negative".to_owned()) } else { Ok(scale.sqrt()) }
}

fn count(text: &str) -> Result<usize, String> {
    text.parse().map_err(|_| format!("`{text}` is not a number of groups"))
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
