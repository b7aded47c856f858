//! Rules applied to the tensors of a file: what is expected of each.

use std::collections::HashMap;

use nn_init::{Fans, Layout, Scheme};

use super::constants::{borrowed, number};
use super::parse::AXES;
use super::scheme_text::SchemeText;
use super::{
    NamePattern, NameRule, NameRules, RuleBlocks, RuleParts, RuleSettings, RulesError, shown_patterns,
};
use crate::{ExpectedDraw, ExpectedPart, TensorInfo};

/// What rules expect of the tensors of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct ResolvedRules {
    /// The values of the constants, in the order of the rules.
    pub constants: Vec<(String, f64)>,
    /// What the rules say of each tensor, in the order of the tensors.
    pub tensors: Vec<Mention>,
    /// The rules that say nothing about this file, although they are not optional.
    pub unused: Vec<UnusedRule>,
    /// Tensors that must have the same values.
    pub tied: Vec<TiedGroup>,
}

/// What rules say of one tensor.
#[derive(Clone, Debug, PartialEq)]
pub enum Mention {
    /// It is drawn from a scheme.
    Expected(Expectation),
    /// It is not judged, for a reason that the rules give.
    Ignored {
        /// The reason.
        reason: String,
    },
    /// It has a type that is not judged; a rule may match it or not.
    NotJudged,
    /// A rule matches it but cannot apply to it: the scheme needs fans that its shape lacks, for example.
    Unfit {
        /// The rule's patterns.
        rule: String,
        /// The reason, in one line.
        why: String,
    },
    /// No rule matches it: was it initialised?
    Unmentioned,
}

/// The statement of a rule about one tensor.
#[derive(Clone, Debug, PartialEq)]
pub struct Expectation {
    /// What it is drawn from. The fans of another tensor are in its schemes, those of this one are not.
    pub draw: ExpectedDraw,
    /// The patterns of the rule.
    pub rule: String,
    /// The scheme as the rule states it.
    pub text: String,
    /// The rule's remark.
    pub reason: Option<String>,
}

/// Tensors whose values are the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TiedGroup {
    /// The names, as the rules write them.
    pub names: String,
    /// The tensors that are there, by their place in the file: one at least.
    pub tensors: Vec<usize>,
}

/// An entry of the rules that says nothing about a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnusedRule {
    /// The key of its list: `rule`, `ignore` or `tied`.
    pub entry: &'static str,
    /// Its patterns.
    pub patterns: String,
    /// True if names do match it, but entries before it match all of them first.
    pub shadowed: bool,
}

impl NameRules {
    /// What the rules expect of each of these tensors.
    ///
    /// Entries of `ignore` come first, then the first rule that matches. A tied tensor that no rule matches is expected to be
    /// drawn as the first of its group that one matches.
    ///
    /// # Errors
    /// If a constant has no value, a setting is unknown, or the configuration is wrong. A rule that cannot apply to a tensor is
    /// no error but [`Mention::Unfit`].
    pub fn resolve(
        &self,
        tensors: &[TensorInfo],
        settings: &RuleSettings,
    ) -> Result<ResolvedRules, RulesError> {
        let constants = self.constant_values(tensors, settings)?;
        let known = borrowed(&constants);
        let mut resolution = Resolution {
            rules: self,
            constants: &known,
            tensors,
            places: tensors.iter().enumerate().map(|(at, tensor)| (tensor.name.as_str(), at)).collect(),
            active: self
                .rules
                .iter()
                .map(|rule| holds(rule.when.as_deref(), &known))
                .collect::<Result<_, _>>()?,
            used_rules: vec![false; self.rules.len()],
            used_ignored: vec![false; self.ignored.len()],
        };
        let mut mentions: Vec<Mention> = tensors.iter().map(|tensor| resolution.mention(tensor)).collect();
        let mut unused = resolution.unused();
        let mut tied = vec![];
        for tie in &self.tied {
            if !holds(tie.when.as_deref(), &known)? {
                continue;
            }
            let members = |tensor: &TensorInfo| {
                self.stripped(&tensor.name).any(|(_, name)| matches_any(&tie.names, name))
            };
            let group: Vec<usize> = (0..tensors.len()).filter(|&at| members(&tensors[at])).collect();
            let names = shown_patterns(&tie.names);
            if group.is_empty() {
                if !tie.optional {
                    unused.push(UnusedRule { entry: "tied", patterns: names, shadowed: false });
                }
                continue;
            }
            share(&mut mentions, &group);
            tied.push(TiedGroup { names, tensors: group });
        }
        Ok(ResolvedRules { constants, tensors: mentions, unused, tied })
    }
}

/// Gives tied tensors that no rule mentions the expectation of the others.
fn share(mentions: &mut [Mention], group: &[usize]) {
    let expected =
        group.iter().map(|&at| &mentions[at]).find(|mention| matches!(mention, Mention::Expected(_)));
    let Some(expected) = expected.cloned() else { return };
    for &at in group {
        if mentions[at] == Mention::Unmentioned {
            mentions[at] = expected.clone();
        }
    }
}

/// True unless a condition is 0.
fn holds(when: Option<&str>, constants: &[(&str, f64)]) -> Result<bool, RulesError> {
    let Some(when) = when else { return Ok(true) };
    let value =
        number(when, constants).map_err(|error| RulesError::new(format!("when = `{when}`: {error}")))?;
    Ok(value != 0.0)
}

fn matches_any(patterns: &[NamePattern], name: &str) -> bool {
    patterns.iter().any(|pattern| pattern.matches(name))
}

/// A rule that matches a tensor.
struct RuleMatch<'a, 'n> {
    /// Its place among the rules.
    at: usize,
    rule: &'a NameRule,
    /// The prefix that the name has in front of what matches.
    prefix: &'a str,
    /// The captured numbers, by name.
    captures: Vec<(&'a str, &'n str)>,
}

/// Rules with everything that is known of one file.
struct Resolution<'a> {
    rules: &'a NameRules,
    constants: &'a [(&'a str, f64)],
    tensors: &'a [TensorInfo],
    places: HashMap<&'a str, usize>,
    /// True for each rule whose condition holds.
    active: Vec<bool>,
    used_rules: Vec<bool>,
    used_ignored: Vec<bool>,
}

impl<'a> Resolution<'a> {
    fn mention(&mut self, tensor: &TensorInfo) -> Mention {
        let ignored = self.rules.ignored.iter().position(|ignored| {
            self.rules.stripped(&tensor.name).any(|(_, name)| matches_any(&ignored.patterns, name))
        });
        if let Some(at) = ignored {
            self.used_ignored[at] = true;
            return Mention::Ignored { reason: self.rules.ignored[at].reason.clone() };
        }
        let found = self.first_rule(tensor);
        if let Some(found) = &found {
            self.used_rules[found.at] = true;
        }
        if !tensor.dtype.is_judged() {
            return Mention::NotJudged;
        }
        let Some(found) = found else { return Mention::Unmentioned };
        match self.expectation(&found, tensor) {
            Ok(expectation) => Mention::Expected(expectation),
            Err(why) => Mention::Unfit { rule: shown_patterns(&found.rule.patterns), why },
        }
    }

    /// The first active rule that matches a tensor.
    fn first_rule<'n>(&self, tensor: &'n TensorInfo) -> Option<RuleMatch<'a, 'n>> {
        let rules: &'a NameRules = self.rules;
        let active = rules.rules.iter().enumerate().filter(|(at, _)| self.active[*at]);
        let mut fitting = active.filter(|(_, rule)| rule.dims.is_none_or(|dims| dims == tensor.shape.len()));
        fitting.find_map(|(at, rule)| {
            rules.stripped(&tensor.name).find_map(|(prefix, name)| {
                let captures = rule.patterns.iter().find_map(|pattern| pattern.captures(name))?;
                Some(RuleMatch { at, rule, prefix, captures })
            })
        })
    }

    fn expectation(&self, found: &RuleMatch, tensor: &TensorInfo) -> Result<Expectation, String> {
        let rule = found.rule;
        if tensor.shape.iter().try_fold(1_usize, |count, &size| count.checked_mul(size)).is_none() {
            return Err(format!("shape {:?} has more values than can be counted", tensor.shape));
        }
        let mut constants = self.constants.to_vec();
        let captured = found.captures.iter();
        constants.extend(captured.map(|(name, digits)| (*name, digits.parse().unwrap_or(f64::INFINITY))));
        let scheme = SchemeText::of(&rule.scheme);
        let with_sizes = with_sizes(&constants, &tensor.shape);
        let layout = match scheme.layout() {
            Some(own) => own,
            None => layout_of(rule, &with_sizes)?,
        };
        let fans = self.fans_of_another(found, &scheme, layout, tensor)?;
        let places = match &rule.blocks {
            Some(blocks) => divide(blocks, &tensor.shape, &with_sizes)?,
            None => vec![(0, tensor.shape.first().copied().unwrap_or(1), tensor.shape.clone())],
        };
        let part = |(start, size, shape): (usize, usize, Vec<usize>)| {
            let scheme = block_scheme(&scheme, &constants, &shape, layout, is_bias(&tensor.name), fans)?;
            let part = ExpectedPart { start, size, shape, scheme };
            part.moments(layout).map_err(|error| error.to_string())?;
            Ok(part)
        };
        let draw = ExpectedDraw {
            layout,
            axis: rule.blocks.as_ref().map_or(0, |blocks| blocks.axis),
            parts: places.into_iter().map(part).collect::<Result<_, String>>()?,
            zero_rows: zero_rows(rule, &tensor.shape, &with_sizes)?,
        };
        let (text, reason) = (rule.scheme.clone(), rule.reason.clone());
        Ok(Expectation { draw, rule: shown_patterns(&rule.patterns), text, reason })
    }

    /// The fans of the tensor that a rule names, or of the weight that a preset's bias belongs to.
    fn fans_of_another(
        &self,
        found: &RuleMatch,
        scheme: &SchemeText,
        layout: Layout,
        tensor: &TensorInfo,
    ) -> Result<Option<Fans>, String> {
        let other = match &found.rule.fans_of {
            Some(template) => other_name(template, found, &tensor.name),
            None if scheme.is_bias(is_bias(&tensor.name)) => weight_of(&tensor.name),
            None => return Ok(None),
        };
        let Some(&at) = self.places.get(other.as_str()) else {
            return Err(format!("it needs the fans of `{other}`, which the file lacks"));
        };
        let fans = Fans::of(&self.tensors[at].shape, layout).map_err(|error| format!("{other}: {error}"))?;
        Ok(Some(fans))
    }

    /// The entries that no tensor met first.
    fn unused(&self) -> Vec<UnusedRule> {
        let any = |patterns: &[NamePattern]| {
            self.tensors
                .iter()
                .any(|tensor| self.rules.stripped(&tensor.name).any(|(_, name)| matches_any(patterns, name)))
        };
        let entry = |entry, patterns: &[NamePattern]| UnusedRule {
            entry,
            patterns: shown_patterns(patterns),
            shadowed: any(patterns),
        };
        let ignored = self.rules.ignored.iter().zip(&self.used_ignored);
        let ignored = ignored.filter(|(ignored, used)| !**used && !ignored.optional);
        let rules = self.rules.rules.iter().zip(&self.used_rules).zip(&self.active);
        let rules = rules.filter(|((rule, used), active)| **active && !**used && !rule.optional);
        let ignored = ignored.map(|(ignored, _)| entry("ignore", &ignored.patterns));
        ignored.chain(rules.map(|((rule, _), _)| entry("rule", &rule.patterns))).collect()
    }
}

/// The constants, and the sizes of a tensor's axes.
fn with_sizes<'a>(constants: &[(&'a str, f64)], shape: &[usize]) -> Vec<(&'a str, f64)> {
    let sizes = AXES.iter().copied().zip(shape.iter().map(|&size| size as f64));
    constants.iter().copied().chain(sizes).collect()
}

/// The scheme of a block, whose expressions know its sizes and fans.
fn block_scheme(
    scheme: &SchemeText,
    constants: &[(&str, f64)],
    shape: &[usize],
    layout: Layout,
    is_bias: bool,
    fans: Option<Fans>,
) -> Result<Scheme, String> {
    let mut constants = with_sizes(constants, shape);
    if let Some(fans) = fans.or_else(|| Fans::of(shape, layout).ok()) {
        constants.extend([("fan_in", fans.fan_in), ("fan_out", fans.fan_out)]);
    }
    Ok(scheme.resolve(&constants, layout, is_bias, fans)?.0)
}

fn layout_of(rule: &NameRule, constants: &[(&str, f64)]) -> Result<Layout, String> {
    let mut layout = rule.layout.unwrap_or(Layout::OUT_IN);
    if let Some(groups) = &rule.groups {
        layout = layout.grouped(count("groups", groups, constants)?);
    }
    let stride =
        rule.stride.iter().map(|stride| count("stride", stride, constants)).collect::<Result<Vec<_>, _>>()?;
    Ok(layout.strided(&stride))
}

/// More blocks than any model has, so that a hostile shape cannot ask for a list without end.
const MOST_BLOCKS: usize = 1 << 16;

/// The blocks along an axis: where each begins, its size, and the shape by which its fans are counted.
fn divide(
    blocks: &RuleBlocks,
    shape: &[usize],
    constants: &[(&str, f64)],
) -> Result<Vec<(usize, usize, Vec<usize>)>, String> {
    let axis = blocks.axis;
    let Some(&whole) = shape.get(axis) else {
        return Err(format!("shape {shape:?} has no axis {axis} to divide into blocks"));
    };
    let sizes = match &blocks.parts {
        RuleParts::Stacked if whole > MOST_BLOCKS => {
            return Err(format!("axis {axis} of shape {shape:?} has more than {MOST_BLOCKS} blocks"));
        }
        RuleParts::Stacked => {
            let mut inner = shape.to_vec();
            inner.remove(axis);
            return Ok((0..whole).map(|start| (start, 1, inner.clone())).collect());
        }
        RuleParts::Count(expression) => {
            let count = count("blocks", expression, constants)?;
            if count > MOST_BLOCKS || whole % count != 0 {
                return Err(format!(
                    "axis {axis} of shape {shape:?} cannot be divided into {count} equal blocks"
                ));
            }
            vec![whole / count; count]
        }
        RuleParts::Sizes(sizes) => {
            let sizes =
                sizes.iter().map(|size| count("sizes", size, constants)).collect::<Result<Vec<_>, _>>()?;
            let sum = sizes.iter().fold(0_usize, |sum, &size| sum.saturating_add(size));
            if sum != whole {
                return Err(format!(
                    "the blocks add up to {sum}, and axis {axis} of shape {shape:?} has {whole}"
                ));
            }
            sizes
        }
    };
    let mut start = 0;
    let block = |size| {
        let mut inner = shape.to_vec();
        inner[axis] = size;
        start += size;
        (start - size, size, inner)
    };
    Ok(sizes.into_iter().map(block).collect())
}

/// The rows that are 0: none for a negative number, which stands for no row.
fn zero_rows(rule: &NameRule, shape: &[usize], constants: &[(&str, f64)]) -> Result<Vec<usize>, String> {
    let mut rows = vec![];
    for expression in &rule.zero_rows {
        let row = number(expression, constants)?;
        if row < 0.0 {
            continue;
        }
        let count = shape.first().copied().unwrap_or(0);
        if row.fract() != 0.0 || row >= count as f64 {
            return Err(format!("zero_rows: shape {shape:?} has no row {row}"));
        }
        rows.push(row as usize);
    }
    Ok(rows)
}

/// A whole number of at least 1.
fn count(what: &str, expression: &str, constants: &[(&str, f64)]) -> Result<usize, String> {
    let value = number(expression, constants)?;
    const MOST: f64 = 1e9;
    if value.fract() == 0.0 && (1.0..=MOST).contains(&value) {
        Ok(value as usize)
    } else {
        Err(format!("{what}: `{expression}` is {value}; it must be a whole number of at least 1"))
    }
}

/// True if the last segment of a name is that of a bias: `bias`, `in_proj_bias`, `bias_ih_l0`.
fn is_bias(name: &str) -> bool {
    name.rsplit('.').next().is_some_and(|last| last.contains("bias"))
}

/// The name of the weight beside a bias.
fn weight_of(name: &str) -> String {
    let (parent, last) = name.rsplit_once('.').map_or(("", name), |(parent, last)| (parent, last));
    let weight = last.replacen("bias", "weight", 1);
    if parent.is_empty() { weight } else { format!("{parent}.{weight}") }
}

/// The name that a template of `fans_of` stands for; one that begins with a dot replaces the last segment.
fn other_name(template: &str, found: &RuleMatch, name: &str) -> String {
    let fill = |text: &str| {
        let put = |text: String, (key, digits): &(&str, &str)| text.replace(&format!("{{{key}}}"), digits);
        found.captures.iter().fold(text.to_owned(), put)
    };
    match template.strip_prefix('.') {
        Some(last) => {
            let parent = name.rsplit_once('.').map_or(String::new(), |(parent, _)| format!("{parent}."));
            format!("{parent}{}", fill(last))
        }
        None => format!("{}{}", found.prefix, fill(template)),
    }
}
