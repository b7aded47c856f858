//! Rules by name pattern: what the tensors of a model are expected to be drawn from.

mod constants;
mod error;
mod parse;
mod pattern;
mod resolve;
mod scheme_text;
mod write;

use nn_init::Layout;

pub use constants::{ConstantSource, NamedConstant, RuleSettings};
pub use error::RulesError;
pub use pattern::NamePattern;
pub use resolve::{Expectation, Mention, ResolvedRules, TiedGroup, UnusedRule};

/// The rules of a model: name patterns and the scheme of the tensors that match them.
///
/// `docs/rules-file.md` describes the file. [`parse`](Self::parse) reads it, [`Display`](std::fmt::Display) writes it, and
/// [`resolve`](Self::resolve) finds what is expected of each tensor of a file of weights.
///
/// ```
/// use checkpoint::{Dtype, Mention, NameRules, RuleSettings, TensorInfo};
///
/// let rules = NameRules::parse(r#"
///     version = 1
///     [constants]
///     layers = { count = "h.{i}.**" }
///     [[rule]]
///     match = "h.{i}.*.c_proj.weight"
///     scheme = "normal(0, 0.02/sqrt(2*layers))"
///     layout = "in_out"
/// "#)?;
/// let tensor = |name: &str| TensorInfo { name: name.to_owned(), dtype: Dtype::F32, shape: vec![256, 64] };
/// let tensors = [tensor("h.0.mlp.c_proj.weight"), tensor("h.1.mlp.c_proj.weight"), tensor("wte.weight")];
///
/// let resolved = rules.resolve(&tensors, &RuleSettings::default())?;
/// let Mention::Expected(expectation) = &resolved.tensors[0] else { panic!("the rule matches") };
/// assert_eq!(expectation.draw.parts[0].scheme.to_string(), "normal(0, 0.01)");
/// assert_eq!(resolved.tensors[2], Mention::Unmentioned);
/// # Ok::<(), checkpoint::RulesError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NameRules {
    /// What may stand in front of every name; names as they are if there is none.
    prefixes: Vec<String>,
    constants: Vec<NamedConstant>,
    rules: Vec<NameRule>,
    ignored: Vec<IgnoreRule>,
    tied: Vec<TieRule>,
}

/// One rule: patterns, and the scheme of the tensors whose names match one of them.
#[derive(Clone, Debug, PartialEq)]
pub struct NameRule {
    patterns: Vec<NamePattern>,
    scheme: String,
    layout: Option<Layout>,
    groups: Option<String>,
    stride: Vec<String>,
    blocks: Option<RuleBlocks>,
    zero_rows: Vec<String>,
    fans_of: Option<String>,
    dims: Option<usize>,
    when: Option<String>,
    optional: bool,
    reason: Option<String>,
}

/// The division of a tensor along one axis into blocks, each drawn with its own fans.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleBlocks {
    axis: usize,
    parts: RuleParts,
}

/// The sizes of the blocks, as expressions.
#[derive(Clone, Debug, PartialEq, Eq)]
enum RuleParts {
    /// So many of equal size.
    Count(String),
    /// These sizes.
    Sizes(Vec<String>),
    /// One for each index; the axis is no part of a block's shape.
    Stacked,
}

/// Tensors that are not judged, with the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IgnoreRule {
    patterns: Vec<NamePattern>,
    reason: String,
    optional: bool,
}

/// Tensors whose values are the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TieRule {
    names: Vec<NamePattern>,
    when: Option<String>,
    optional: bool,
}

/// Building rules.
///
/// ```
/// use checkpoint::{ConstantSource, IgnoreRule, NameRule, NameRules, TieRule};
/// use nn_init::Layout;
///
/// let rules = NameRules::default()
///     .prefix("")
///     .prefix("transformer.")
///     .constant("layers", ConstantSource::count("h.{i}.**")?)
///     .rule(NameRule::new(&["h.{i}.*.c_proj.weight"], "normal(0, 0.02/sqrt(2*layers))")?.layout(Layout::IN_OUT))
///     .ignore(IgnoreRule::new(&["**.attn.bias"], "a causal mask")?.optional())
///     .tie(TieRule::new(&["lm_head.weight", "wte.weight"])?)
///     .checked()?;
/// assert_eq!(NameRules::parse(&rules.to_string())?, rules);
/// # Ok::<(), checkpoint::RulesError>(())
/// ```
impl NameRules {
    /// Adds a text that may stand in front of the names of rules.
    pub fn prefix(mut self, prefix: &str) -> Self {
        self.prefixes.push(prefix.to_owned());
        self
    }

    /// Adds a constant.
    pub fn constant(mut self, name: &str, source: ConstantSource) -> Self {
        self.constants.push(NamedConstant::new(name, source));
        self
    }

    /// Adds a rule behind the others.
    pub fn rule(mut self, rule: NameRule) -> Self {
        self.rules.push(rule);
        self
    }

    /// Adds tensors that are not judged.
    pub fn ignore(mut self, rule: IgnoreRule) -> Self {
        self.ignored.push(rule);
        self
    }

    /// Adds tensors that are tied.
    pub fn tie(mut self, rule: TieRule) -> Self {
        self.tied.push(rule);
        self
    }

    /// The same rules, after everything is checked that [`parse`](Self::parse) checks.
    ///
    /// # Errors
    /// If a scheme, a constant or another part is wrong, with the line and column in the text of the rules.
    pub fn checked(self) -> Result<Self, RulesError> {
        Self::parse(&self.to_string())
    }
}

impl NameRule {
    /// A rule for the names that match one of these patterns, with a scheme as in the file.
    ///
    /// # Errors
    /// If there is no pattern, or one is wrong. The scheme is checked by [`NameRules::checked`], which knows the constants.
    pub fn new(patterns: &[&str], scheme: &str) -> Result<Self, RulesError> {
        Ok(Self::of(read_patterns(patterns)?, scheme))
    }

    fn of(patterns: Vec<NamePattern>, scheme: &str) -> Self {
        Self {
            patterns,
            scheme: scheme.to_owned(),
            layout: None,
            groups: None,
            stride: vec![],
            blocks: None,
            zero_rows: vec![],
            fans_of: None,
            dims: None,
            when: None,
            optional: false,
            reason: None,
        }
    }

    /// The same rule for weights of this layout: one of the four that have names.
    pub fn layout(self, layout: Layout) -> Self {
        Self { layout: Some(layout), ..self }
    }

    /// The same rule for weights of grouped convolutions; the number may be an expression.
    pub fn groups(self, groups: &str) -> Self {
        Self { groups: Some(groups.to_owned()), ..self }
    }

    /// The same rule for tensors of `count` blocks of equal size along an axis; the number may be an expression.
    pub fn blocks(self, axis: usize, count: &str) -> Self {
        Self { blocks: Some(RuleBlocks { axis, parts: RuleParts::Count(count.to_owned()) }), ..self }
    }

    /// The same rule for tensors that hold independent weights along an axis.
    pub fn stacked(self, axis: usize) -> Self {
        Self { blocks: Some(RuleBlocks { axis, parts: RuleParts::Stacked }), ..self }
    }

    /// The same rule for tensors whose row is set to 0 after the draw; the number may be an expression.
    pub fn zero_row(mut self, row: &str) -> Self {
        self.zero_rows.push(row.to_owned());
        self
    }

    /// The same rule for tensors of so many axes only.
    pub fn dims(self, dims: usize) -> Self {
        Self { dims: Some(dims), ..self }
    }

    /// The same rule, which may match nothing.
    pub fn optional(self) -> Self {
        Self { optional: true, ..self }
    }

    /// The same rule with a remark for its readers.
    pub fn reason(self, reason: &str) -> Self {
        Self { reason: Some(reason.to_owned()), ..self }
    }
}

impl IgnoreRule {
    /// Names that match one of these patterns are not judged.
    ///
    /// # Errors
    /// If there is no pattern, or one is wrong.
    pub fn new(patterns: &[&str], reason: &str) -> Result<Self, RulesError> {
        Ok(Self { patterns: read_patterns(patterns)?, reason: reason.to_owned(), optional: false })
    }

    /// The same, which may match nothing.
    pub fn optional(self) -> Self {
        Self { optional: true, ..self }
    }
}

impl TieRule {
    /// Tensors whose names match one of these patterns have the same values.
    ///
    /// # Errors
    /// If there is no pattern, or one is wrong.
    pub fn new(names: &[&str]) -> Result<Self, RulesError> {
        Ok(Self { names: read_patterns(names)?, when: None, optional: false })
    }

    /// The same, of whose names none needs to be there.
    pub fn optional(self) -> Self {
        Self { optional: true, ..self }
    }
}

fn read_patterns(patterns: &[&str]) -> Result<Vec<NamePattern>, RulesError> {
    if patterns.is_empty() {
        return Err(RulesError::new("a rule needs a pattern"));
    }
    patterns.iter().map(|pattern| NamePattern::parse(pattern).map_err(RulesError::new)).collect()
}

/// The layouts by name.
const LAYOUTS: [(&str, Layout); 4] = [
    ("out_in", Layout::OUT_IN),
    ("in_out", Layout::IN_OUT),
    ("in_out_kernel", Layout::IN_OUT_KERNEL),
    ("kernel_out_in", Layout::KERNEL_OUT_IN),
];

/// Patterns as a text: one, or a list in brackets.
fn shown_patterns(patterns: &[NamePattern]) -> String {
    let texts: Vec<String> = patterns.iter().map(|pattern| format!("`{pattern}`")).collect();
    texts.join(", ")
}
