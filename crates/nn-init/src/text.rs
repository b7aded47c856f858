//! Schemes as text: `kaiming_normal(fan_out, relu)`.

use std::fmt;
use std::str::FromStr;

use crate::{Distribution, FanMode, Gain, Scheme, VarianceScaling};

/// A text that names no scheme, mode, distribution or preset: what was read and what could have been, in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError(pub(crate) String);

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ParseError {}

/// The one of `all` whose name is `text`.
pub(crate) fn named<T: Copy>(
    what: &str,
    text: &str,
    all: &[T],
    name: impl Fn(T) -> &'static str,
) -> Result<T, ParseError> {
    let names = || all.iter().map(|&one| name(one)).collect::<Vec<_>>().join(", ");
    let found = all.iter().copied().find(|&one| name(one) == text);
    found.ok_or_else(|| ParseError(format!("no {what} is named '{text}'; there are {}", names())))
}

type Read = Result<Scheme, ParseError>;

/// What a scheme looks like as text, and how it is read.
struct Form {
    name: &'static str,
    /// The arguments, as the user is told of them; those in `[]` may be left out.
    takes: &'static str,
    /// The fewest and the most arguments.
    arity: (usize, usize),
    read: fn(&[&str]) -> Read,
}

const fn form(
    name: &'static str,
    takes: &'static str,
    arity: (usize, usize),
    read: fn(&[&str]) -> Read,
) -> Form {
    Form { name, takes, arity, read }
}

impl Form {
    /// The form as the user is told of it.
    fn written(&self) -> String {
        if self.takes.is_empty() { self.name.to_owned() } else { format!("{}({})", self.name, self.takes) }
    }
}

/// Every form, in the order in which they are listed to the user.
const FORMS: [Form; 23] = [
    form("zeros", "", (0, 0), |_| Ok(Scheme::ZEROS)),
    form("ones", "", (0, 0), |_| Ok(Scheme::ONES)),
    form("constant", "value", (1, 1), |a| Ok(Scheme::Constant(number(a[0])?))),
    form("normal", "mean, std", (2, 2), |a| Ok(Scheme::Normal { mean: number(a[0])?, std: number(a[1])? })),
    form("uniform", "lo, hi", (2, 2), |a| Ok(Scheme::Uniform { lo: number(a[0])?, hi: number(a[1])? })),
    form("truncated_normal", "mean, std, lo, hi", (4, 4), truncated_normal),
    form("kaiming_normal", "[mode], [gain]", (0, 2), |a| kaiming(a, Distribution::Normal)),
    form("kaiming_uniform", "[mode], [gain]", (0, 2), |a| kaiming(a, Distribution::Uniform)),
    form("xavier_normal", "[gain]", (0, 1), |a| Ok(Scheme::xavier_normal(gain_or_1(a)?))),
    form("xavier_uniform", "[gain]", (0, 1), |a| Ok(Scheme::xavier_uniform(gain_or_1(a)?))),
    form("he_normal", "", (0, 0), |_| Ok(Scheme::he_normal())),
    form("he_uniform", "", (0, 0), |_| Ok(Scheme::he_uniform())),
    form("glorot_normal", "", (0, 0), |_| Ok(Scheme::glorot_normal())),
    form("glorot_uniform", "", (0, 0), |_| Ok(Scheme::glorot_uniform())),
    form("lecun_normal", "", (0, 0), |_| Ok(Scheme::lecun_normal())),
    form("lecun_uniform", "", (0, 0), |_| Ok(Scheme::lecun_uniform())),
    form("scaled", "gain, mode, distribution", (3, 3), |a| {
        Ok(Scheme::scaled(gain(a[0])?, a[1].parse()?, a[2].parse()?))
    }),
    form("variance_scaling", "scale, mode, distribution", (3, 3), |a| {
        Ok(Scheme::scaled(number(a[0])?.sqrt(), a[1].parse()?, a[2].parse()?))
    }),
    form("orthogonal", "[gain]", (0, 1), |a| Ok(Scheme::Orthogonal { gain: gain_or_1(a)? })),
    form("delta_orthogonal", "[gain]", (0, 1), |a| Ok(Scheme::DeltaOrthogonal { gain: gain_or_1(a)? })),
    form("identity", "[gain]", (0, 1), |a| Ok(Scheme::Identity { gain: gain_or_1(a)? })),
    form("dirac", "[groups], [gain]", (0, 2), dirac),
    form("sparse", "sparsity, std", (2, 2), |a| {
        Ok(Scheme::Sparse { sparsity: number(a[0])?, std: number(a[1])? })
    }),
];

fn truncated_normal(a: &[&str]) -> Read {
    let [mean, std, lo, hi] = [0, 1, 2, 3].map(|i| number(a[i]));
    Ok(Scheme::TruncatedNormal { mean: mean?, std: std?, lo: lo?, hi: hi? })
}

/// PyTorch's defaults: `fan_in`, and the gain of ReLU.
fn kaiming(a: &[&str], distribution: Distribution) -> Read {
    let mode = a.first().map_or(Ok(FanMode::FanIn), |mode| mode.parse())?;
    Ok(Scheme::scaled(gain(a.get(1).unwrap_or(&"relu"))?, mode, distribution))
}

fn dirac(a: &[&str]) -> Read {
    let groups = a.first().unwrap_or(&"1");
    let groups = groups.parse().map_err(|_| ParseError(format!("'{groups}' is no number of groups")))?;
    Ok(Scheme::Dirac { groups, gain: gain_or_1(&a[a.len().min(1)..])? })
}

fn number(text: &str) -> Result<f64, ParseError> {
    let number = text.parse().ok().filter(|x: &f64| !x.is_nan());
    number.ok_or_else(|| ParseError(format!("'{text}' is no number")))
}

fn gain(text: &str) -> Result<Gain, ParseError> {
    text.parse().map_err(|error: crate::GainError| ParseError(error.to_string()))
}

fn gain_or_1(a: &[&str]) -> Result<Gain, ParseError> {
    a.first().map_or(Ok(Gain::ONE), |text| gain(text))
}

/// A name and, in brackets, arguments separated by commas; spaces do not count.
///
/// | text | scheme |
/// |---|---|
/// | `zeros`, `ones`, `constant(0.1)` | the same value everywhere |
/// | `normal(0, 0.02)`, `uniform(-0.1, 0.1)` | mean and std; bounds |
/// | `truncated_normal(0, 0.02, -0.04, 0.04)` | mean, std, bounds as values |
/// | `kaiming_normal(fan_out, relu)`, `kaiming_uniform` | mode and [`Gain`]; `fan_in` and `relu` unless named |
/// | `xavier_normal`, `xavier_uniform(tanh)` | gain, 1 unless named |
/// | `he_normal`, `glorot_normal`, `lecun_normal`, and `_uniform` | as Keras and JAX mean them |
/// | `scaled(1.3, fan_geo_avg, uniform)` | gain, mode, distribution |
/// | `variance_scaling(2, fan_in, truncated_normal)` | the same with the gain's square, as JAX and Keras count |
/// | `orthogonal`, `delta_orthogonal`, `identity` | each with a gain in brackets or without |
/// | `dirac`, `dirac(2)` | groups, then gain |
/// | `sparse(0.9, 0.01)` | share of zeros, std |
///
/// ```
/// use nn_init::Scheme;
///
/// let scheme: Scheme = "kaiming_normal(fan_out, relu)".parse()?;
/// assert_eq!(scheme.to_string(), "kaiming_normal(fan_out, relu)");
///
/// let error = "kaiming_normal(fan_out, gelu)".parse::<Scheme>().unwrap_err().to_string();
/// assert!(error.contains("forward(gelu)"), "{error}");
/// # Ok::<(), nn_init::ParseError>(())
/// ```
impl FromStr for Scheme {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, arguments) = call(text)?;
        let Some(form) = FORMS.iter().find(|form| form.name == name) else {
            let names: Vec<_> = FORMS.iter().map(|form| form.name).collect();
            return Err(ParseError(format!("no scheme is named '{name}'; there are {}", names.join(", "))));
        };
        let inside = |error: ParseError| ParseError(format!("scheme '{}': {error}", text.trim()));
        if arguments.len() < form.arity.0 || arguments.len() > form.arity.1 {
            return Err(inside(ParseError(format!("it is written {}", form.written()))));
        }
        let scheme = (form.read)(&arguments).map_err(inside)?;
        scheme.check::<f64>(scheme).map_err(|error| ParseError(error.to_string()))?;
        Ok(scheme)
    }
}

/// A name and its arguments.
fn call(text: &str) -> Result<(&str, Vec<&str>), ParseError> {
    let text = text.trim();
    let Some((name, rest)) = text.split_once('(') else { return Ok((text, Vec::new())) };
    let unclosed = || ParseError(format!("scheme '{text}': its brackets do not close"));
    let inside = rest.strip_suffix(')').ok_or_else(unclosed)?;
    let mut depth = 0_i32;
    let separates = |c: char| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        c == ',' && depth == 0
    };
    let arguments: Vec<&str> = inside.split(separates).map(str::trim).collect();
    let none = arguments == [""];
    Ok((name.trim(), if none { Vec::new() } else { arguments }))
}

/// The text that [`FromStr`] reads, with every argument that is not a default of its form.
impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Constant(value) => match value {
                0.0 if value.is_sign_positive() => f.pad("zeros"),
                1.0 => f.pad("ones"),
                _ => write!(f, "constant({value})"),
            },
            Self::Normal { mean, std } => write!(f, "normal({mean}, {std})"),
            Self::Uniform { lo, hi } => write!(f, "uniform({lo}, {hi})"),
            Self::TruncatedNormal { mean, std, lo, hi } => {
                write!(f, "truncated_normal({mean}, {std}, {lo}, {hi})")
            }
            Self::Scaled(scaling) => scaling.fmt(f),
            Self::Orthogonal { gain } => with_gain(f, "orthogonal", gain),
            Self::DeltaOrthogonal { gain } => with_gain(f, "delta_orthogonal", gain),
            Self::Identity { gain } => with_gain(f, "identity", gain),
            Self::Dirac { groups: 1, gain: Gain::ONE } => f.pad("dirac"),
            Self::Dirac { groups, gain: Gain::ONE } => write!(f, "dirac({groups})"),
            Self::Dirac { groups, gain } => write!(f, "dirac({groups}, {gain})"),
            Self::Sparse { sparsity, std } => write!(f, "sparse({sparsity}, {std})"),
        }
    }
}

/// The shortest of its names.
impl fmt::Display for VarianceScaling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let &Self { gain, mode, distribution } = self;
        match (distribution, mode) {
            (Distribution::Normal, FanMode::FanAvg) => with_gain(f, "xavier_normal", gain),
            (Distribution::Uniform, FanMode::FanAvg) => with_gain(f, "xavier_uniform", gain),
            (Distribution::Normal, FanMode::FanIn | FanMode::FanOut) => {
                write!(f, "kaiming_normal({mode}, {gain})")
            }
            (Distribution::Uniform, FanMode::FanIn | FanMode::FanOut) => {
                write!(f, "kaiming_uniform({mode}, {gain})")
            }
            _ => match Scheme::Scaled(*self) {
                scheme if scheme == Scheme::he_normal() => f.pad("he_normal"),
                scheme if scheme == Scheme::glorot_normal() => f.pad("glorot_normal"),
                scheme if scheme == Scheme::lecun_normal() => f.pad("lecun_normal"),
                _ => write!(f, "scaled({gain}, {mode}, {distribution})"),
            },
        }
    }
}

fn with_gain(f: &mut fmt::Formatter<'_>, name: &str, gain: Gain) -> fmt::Result {
    if gain == Gain::ONE { f.pad(name) } else { write!(f, "{name}({gain})") }
}
