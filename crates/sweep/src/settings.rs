//! The one list of settings: names, kinds, defaults, and how a value is applied.

use nn_init::{Mup, MupRole, Scheme};
use specimen::{Init, Network, Norm, Role, Scaling, Scalings};
use tensor::Activation;

use crate::{PlanValue, ValueKind};

/// A setting of a cell, which a plan fixes or varies.
pub struct Setting {
    /// Its name in plans and the heading of its column.
    pub name: &'static str,
    /// The kind of its values.
    pub kind: ValueKind,
    /// Its value in a plan that does not name it.
    pub default: &'static str,
    /// What it sets.
    pub about: &'static str,
    /// Applies a value of its kind, or says why it is not possible.
    pub set: fn(&mut CellSettings, &PlanValue) -> Result<(), String>,
}

impl PartialEq for Setting {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl std::fmt::Debug for Setting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// The optimisers that change the parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CellOptimizer {
    /// Gradient descent.
    Sgd,
    /// Adam with PyTorch's defaults.
    Adam,
}

/// The dependence of scales and learning rates on the width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CellParametrization {
    /// The scheme decides, and one learning rate serves all parameters.
    Standard,
    /// The maximal-update parametrisation: [`Mup`].
    Mup,
}

/// The examples of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CellData {
    /// The lesson's twenty names.
    Lesson,
    /// Random symbols with random targets.
    Random,
    /// Random symbols with the most probable class of a random network as target.
    Teacher,
}

/// All settings of a cell; the [list](Setting::ALL) says what each one is.
#[derive(Clone, Debug, PartialEq)]
pub struct CellSettings {
    /// Hidden layers.
    pub depth: usize,
    /// Units of each hidden layer.
    pub width: usize,
    /// Symbols per example.
    pub context: usize,
    /// Numbers per symbol.
    pub embedding: usize,
    /// Symbols and classes.
    pub classes: usize,
    /// The activation of the hidden layers.
    pub activation: Activation,
    /// Batch normalisation.
    pub norm: Option<Norm>,
    /// The scheme of every weight before the gain.
    pub scheme: Scheme,
    /// The factor of every weight.
    pub gain: f64,
    /// The standard deviation of every bias.
    pub bias: f64,
    /// The scheme of C.
    pub embedding_scheme: Scheme,
    /// The factor of C's learning rate.
    pub embedding_rate: f64,
    /// The dependence of scales and learning rates on the width.
    pub parametrization: CellParametrization,
    /// The width at which all parametrisations agree.
    pub base_width: usize,
    /// The optimiser.
    pub optimizer: CellOptimizer,
    /// Its learning rate.
    pub learning_rate: f64,
    /// Steps of training.
    pub steps: u64,
    /// Examples per step; 0 for all.
    pub batch: usize,
    /// The examples.
    pub data: CellData,
    /// The number of examples that are not the lesson's.
    pub examples: usize,
    /// The seed of the examples that are not the lesson's.
    pub data_seed: u64,
    /// The seed of parameters and batches.
    pub seed: u64,
}

impl Default for CellSettings {
    fn default() -> Self {
        Self {
            depth: 3,
            width: 100,
            context: 1,
            embedding: 10,
            classes: 27,
            activation: Activation::Tanh,
            norm: None,
            scheme: Scheme::kaiming_normal(1.0),
            gain: 1.0,
            bias: 0.0,
            embedding_scheme: Scheme::STANDARD_NORMAL,
            embedding_rate: 1.0,
            parametrization: CellParametrization::Standard,
            base_width: 64,
            optimizer: CellOptimizer::Sgd,
            learning_rate: 0.1,
            steps: 0,
            batch: 0,
            data: CellData::Lesson,
            examples: 128,
            data_seed: 0,
            seed: 0,
        }
    }
}

/// Larger sizes are mistakes.
const MOST: u64 = 1_000_000;

macro_rules! setting {
    ($name:literal, $kind:ident, $default:literal, $about:literal, $set:expr) => {
        Setting { name: $name, kind: ValueKind::$kind, default: $default, about: $about, set: $set }
    };
}

impl Setting {
    /// Every setting.
    pub const ALL: &[Self] = &[
        setting!("depth", Whole, "3", "hidden layers", |cell, value| size(value, 1)
            .map(|size| cell.depth = size)),
        setting!("width", Whole, "100", "units of each hidden layer", |cell, value| {
            size(value, 1).map(|size| cell.width = size)
        }),
        setting!("context", Whole, "1", "symbols per example, side by side", |cell, value| {
            size(value, 1).map(|size| cell.context = size)
        }),
        setting!(
            "embedding",
            Whole,
            "10",
            "numbers per symbol, the rows of C, which are trained",
            |cell, value| { size(value, 1).map(|size| cell.embedding = size) }
        ),
        setting!("classes", Whole, "27", "different symbols, and classes of the logits", |cell, value| {
            size(value, 2).map(|size| cell.classes = size)
        }),
        setting!("activation", Text, "tanh", "activation of the hidden layers", |cell, value| {
            let parsed = text(value)?.parse().map_err(|error: tensor::ActivationError| error.to_string());
            parsed.map(|activation| cell.activation = activation)
        }),
        setting!(
            "norm",
            Text,
            "none",
            "products that batch normalisation follows: none, hidden or all",
            |cell, value| {
                cell.norm = match text(value)? {
                    "none" => None,
                    "hidden" => Some(Norm::LECTURE),
                    "all" => Some(Norm { logits: true, ..Norm::LECTURE }),
                    _ => return Err("choose none, hidden or all".to_owned()),
                };
                Ok(())
            }
        ),
        setting!(
            "scheme",
            Text,
            "kaiming_normal(fan_in, 1)",
            "scheme of every weight, before the gain",
            |cell, value| scheme(value).map(|scheme| cell.scheme = scheme)
        ),
        setting!(
            "gain",
            Number,
            "1.0",
            "factor of every weight: σ_w with the default scheme",
            |cell, value| { positive(value).map(|gain| cell.gain = gain) }
        ),
        setting!(
            "bias",
            Number,
            "0.0",
            "standard deviation of every bias, drawn from a normal distribution: σ_b",
            |cell, value| { positive(value).map(|bias| cell.bias = bias) }
        ),
        setting!("embedding_scheme", Text, "normal(0, 1)", "scheme of C", |cell, value| {
            scheme(value).map(|scheme| cell.embedding_scheme = scheme)
        }),
        setting!(
            "embedding_rate",
            Number,
            "1.0",
            "factor of C's learning rate; 0 leaves C as it was drawn",
            |cell, value| positive(value).map(|rate| cell.embedding_rate = rate)
        ),
        setting!(
            "parametrization",
            Text,
            "standard",
            "standard, or mup: the output's std and the learning rate of each layer by width over base_width",
            |cell, value| {
                cell.parametrization = match text(value)? {
                    "standard" => CellParametrization::Standard,
                    "mup" => CellParametrization::Mup,
                    _ => return Err("choose standard or mup".to_owned()),
                };
                Ok(())
            }
        ),
        setting!(
            "base_width",
            Whole,
            "64",
            "width at which mup is the standard parametrisation",
            |cell, value| { size(value, 1).map(|size| cell.base_width = size) }
        ),
        setting!("optimizer", Text, "sgd", "sgd, or adam with PyTorch's betas and ε", |cell, value| {
            cell.optimizer = match text(value)? {
                "sgd" => CellOptimizer::Sgd,
                "adam" => CellOptimizer::Adam,
                _ => return Err("choose sgd or adam".to_owned()),
            };
            Ok(())
        }),
        setting!("learning_rate", Number, "0.1", "learning rate", |cell, value| {
            positive(value).map(|rate| cell.learning_rate = rate)
        }),
        setting!("steps", Whole, "0", "steps of training", |cell, value| {
            whole(value).map(|steps| cell.steps = steps)
        }),
        setting!(
            "batch",
            Whole,
            "0",
            "examples per step, drawn with replacement; 0 for all of them",
            |cell, value| { size(value, 0).map(|size| cell.batch = size) }
        ),
        setting!(
            "data",
            Text,
            "lesson",
            "lesson (the pairs of twenty names), random, or teacher (targets of a random network)",
            |cell, value| {
                cell.data = match text(value)? {
                    "lesson" => CellData::Lesson,
                    "random" => CellData::Random,
                    "teacher" => CellData::Teacher,
                    _ => return Err("choose lesson, random or teacher".to_owned()),
                };
                Ok(())
            }
        ),
        setting!(
            "examples",
            Whole,
            "128",
            "number of random examples, or of the teacher's",
            |cell, value| { size(value, 1).map(|size| cell.examples = size) }
        ),
        setting!("data_seed", Whole, "0", "seed of random examples and of the teacher", |cell, value| {
            whole(value).map(|seed| cell.data_seed = seed)
        }),
        setting!(
            "seed",
            Whole,
            "0",
            "seed of parameters and batches, from which a cell's own is derived",
            |cell, value| { whole(value).map(|seed| cell.seed = seed) }
        ),
    ];

    /// The setting of that name.
    pub fn named(name: &str) -> Option<&'static Self> {
        Self::ALL.iter().find(|setting| setting.name == name)
    }
}

fn whole(value: &PlanValue) -> Result<u64, String> {
    match value {
        PlanValue::Whole(number) => Ok(*number),
        _ => Err("it must be a whole number".to_owned()),
    }
}

fn size(value: &PlanValue, least: u64) -> Result<usize, String> {
    let number = whole(value)?;
    if !(least..=MOST).contains(&number) {
        return Err(format!("it must be from {least} to {MOST}"));
    }
    Ok(number as usize)
}

/// A number of at least 0.
fn positive(value: &PlanValue) -> Result<f64, String> {
    match value {
        PlanValue::Number(number) if number.is_finite() && *number >= 0.0 => Ok(*number),
        _ => Err("it must be at least 0".to_owned()),
    }
}

fn scheme(value: &PlanValue) -> Result<Scheme, String> {
    text(value)?.parse().map_err(|error: nn_init::ParseError| error.to_string())
}

fn text(value: &PlanValue) -> Result<&str, String> {
    match value {
        PlanValue::Text(text) => Ok(text),
        _ => Err("it must be a text".to_owned()),
    }
}

impl CellSettings {
    /// The network.
    pub fn network(&self) -> Network {
        Network {
            classes: self.classes,
            context: self.context,
            embedding: self.embedding,
            hidden: vec![self.width; self.depth],
            activation: self.activation,
            norm: self.norm,
        }
    }

    /// The initialisation: C by its scheme, weights by scheme and gain, normal biases. With μP the last weight is scaled.
    pub fn init(&self) -> Init {
        let bias = Scheme::Normal { mean: 0.0, std: self.bias };
        let bias = if self.bias == 0.0 { Scheme::ZEROS } else { bias };
        let last = match self.mup() {
            None => Scaling::NONE,
            Some(mup) => Scaling::times((mup.base as f64 / mup.width as f64).sqrt()),
        };
        let scalings = Scalings { last, ..Scalings::NONE };
        Init {
            embedding: self.embedding_scheme,
            scalings,
            ..Init::direct(self.scheme.times(self.gain), bias)
        }
    }

    fn mup(&self) -> Option<Mup> {
        let mup = Mup { base: self.base_width, width: self.width };
        (self.parametrization == CellParametrization::Mup).then_some(mup)
    }

    /// The learning rate of each parameter, in the order of the network's plan.
    ///
    /// C and the last bias have no side that grows with the width, so μP leaves their rate as it is.
    pub fn rates(&self) -> Vec<f64> {
        let network = self.network();
        let last = format!("{}", network.depth());
        let factor = |(name, role): (&str, Role)| {
            if role == Role::Embedding {
                return self.embedding_rate;
            }
            let Some(mup) = self.mup() else { return 1.0 };
            let layer = name.trim_start_matches(|c: char| !c.is_ascii_digit());
            let role = match (role, layer) {
                (Role::Weight, "1") => MupRole::Input,
                (Role::Weight, layer) if layer == last => MupRole::Output,
                (Role::Weight, _) => MupRole::Hidden,
                (_, layer) if layer == last => return 1.0,
                _ => MupRole::Input,
            };
            if self.optimizer == CellOptimizer::Adam { mup.adam_rate(role) } else { mup.sgd_rate(role) }
        };
        let plan = network.plan();
        plan.iter().map(|(name, role, _)| self.learning_rate * factor((name, *role))).collect()
    }

    /// Checks what one setting cannot know of another.
    ///
    /// # Errors
    /// If the data have more symbols than the network has classes, or the scheme cannot fill a weight.
    pub(crate) fn check(&self) -> Result<(), String> {
        let symbols = specimen::lesson::bigrams().symbols.len();
        if self.data == CellData::Lesson && self.classes < symbols {
            return Err(format!(
                "the lesson's data have {symbols} symbols, and `classes` is {}",
                self.classes
            ));
        }
        if self.parametrization == CellParametrization::Mup && self.norm.is_some_and(|norm| norm.logits) {
            return Err("μP has no rule for normalised logits: choose `norm = \"hidden\"` or none".to_owned());
        }
        self.init().check(&self.network()).map_err(|error| format!("`scheme`: {error}"))
    }

    /// Values of the parameters, the examples, and the activations of one pass.
    pub(crate) fn values(&self) -> u64 {
        let [depth, width, context, embedding, classes] =
            [self.depth, self.width, self.context, self.embedding, self.classes].map(|size| size as f64);
        let inputs = context * embedding;
        let weights = classes * embedding + width * (inputs + width * (depth - 1.0) + classes);
        let examples = if self.data == CellData::Lesson { 130 } else { self.examples } as f64;
        let rows = examples.max(self.batch as f64);
        // Inputs, as symbols and embedded; each layer before and after its activation; logits.
        let pass = rows * (context + inputs + 2.0 * width * depth + classes);
        // Far below the numbers at which a float skips whole ones, or too many anyway.
        (weights + pass) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A default as it would stand in a plan.
    fn value(setting: &Setting) -> PlanValue {
        match setting.kind {
            ValueKind::Whole => PlanValue::Whole(setting.default.parse().unwrap()),
            ValueKind::Number => PlanValue::Number(setting.default.parse().unwrap()),
            ValueKind::Text => PlanValue::Text(setting.default.to_owned()),
        }
    }

    #[test]
    fn defaults_are_the_documented_ones() {
        for setting in Setting::ALL {
            let mut cell = CellSettings::default();
            (setting.set)(&mut cell, &value(setting)).unwrap();
            assert_eq!(cell, CellSettings::default(), "{}", setting.name);
        }
    }

    #[test]
    fn every_setting_sets_something_of_its_own() {
        let other = |setting: &Setting| match (setting.name, setting.kind) {
            ("activation", _) => PlanValue::Text("relu".to_owned()),
            ("norm", _) => PlanValue::Text("all".to_owned()),
            ("scheme" | "embedding_scheme", _) => PlanValue::Text("orthogonal".to_owned()),
            ("parametrization", _) => PlanValue::Text("mup".to_owned()),
            ("optimizer", _) => PlanValue::Text("adam".to_owned()),
            ("data", _) => PlanValue::Text("teacher".to_owned()),
            (_, ValueKind::Whole) => PlanValue::Whole(77),
            _ => PlanValue::Number(0.375),
        };
        let mut all = vec![CellSettings::default()];
        for setting in Setting::ALL {
            let mut cell = CellSettings::default();
            (setting.set)(&mut cell, &other(setting)).unwrap();
            assert!(!all.contains(&cell), "{}", setting.name);
            all.push(cell);
        }
    }

    /// Two hidden layers, at four times the base's width.
    #[test]
    fn mup_has_a_rate_for_each_layer() {
        let cell = CellSettings {
            parametrization: CellParametrization::Mup,
            width: 256,
            depth: 2,
            learning_rate: 1.0,
            ..CellSettings::default()
        };
        // C, W1, b1, W2, b2, W3, b3.
        assert_eq!(cell.rates(), [1.0, 4.0, 4.0, 1.0, 4.0, 0.25, 1.0]);
        let adam = CellSettings { optimizer: CellOptimizer::Adam, ..cell.clone() };
        assert_eq!(adam.rates(), [1.0, 1.0, 1.0, 0.25, 1.0, 0.25, 1.0]);
        let standard = CellSettings { parametrization: CellParametrization::Standard, ..cell.clone() };
        assert_eq!(standard.rates(), [1.0; 7]);
        let base = CellSettings { width: 64, embedding_rate: 0.5, ..cell.clone() };
        assert_eq!(base.rates(), [0.5, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]);
        let normalised = CellSettings { norm: Some(Norm { logits: true, ..Norm::LECTURE }), ..cell };
        assert!(normalised.check().unwrap_err().contains("normalised logits"));
    }

    #[test]
    fn names_are_different() {
        let mut names: Vec<&str> = Setting::ALL.iter().map(|setting| setting.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Setting::ALL.len());
    }
}
