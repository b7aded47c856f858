//! The exponents that a parametrisation promises.

use std::ops::RangeInclusive;

use super::ScalingAspect::{Change, Size};
use super::ScalingRole::{Hidden, Input, Logits};
use super::{ScaledQuantity, ScalingAspect, ScalingAxis, ScalingRole};

/// The margin on both sides of an expected exponent, unless the table says another.
///
/// A wrong scale or rate moves an exponent by ½ or more. At widths from 64 to 1024, exponents of correct networks of two
/// hidden layers differ from those of the limit by up to 0.1; so 0.2 tells them apart, with room on both sides.
pub const MARGIN: f64 = 0.2;

/// The exponents that are expected of one kind of quantity, at some steps.
#[derive(Clone, Debug, PartialEq)]
pub struct ExpectedExponent {
    /// The place of the quantity; with a name, any.
    pub role: ScalingRole,
    /// The number that is measured.
    pub aspect: ScalingAspect,
    /// The one quantity that this is about; `None` for all of the role.
    pub name: Option<String>,
    /// The steps at which it is expected.
    pub steps: RangeInclusive<usize>,
    /// The range of exponents, before the margin; its ends may be infinite.
    pub range: RangeInclusive<f64>,
    /// The usual cause of an exponent above the range.
    pub above: String,
    /// The usual cause of an exponent below the range.
    pub below: String,
}

/// A named table of expected exponents.
///
/// | table | activations | logits | change of first layer | change of later layers | change of logits |
/// |---|---|---|---|---|---|
/// | [`standard_sgd`](Self::standard_sgd): sizes at step 0, changes by step 1 | 0 | 0 | −½ | ½ | 1 |
/// | [`standard_adam`](Self::standard_adam): the same | 0 | 0 | 0 | 1 | 1 to 1½ |
/// | [`mup_sgd`](Self::mup_sgd), [`mup_adam`](Self::mup_adam), every step | 0 | at most 0 | 0 | 0 | 0 |
/// | [`complete_p`](Self::complete_p), in the depth, every step | 0 | 0 | 0 | 0 | 0 |
///
/// The standard parametrisation has std 1/√`fan_in` and one learning rate for all sizes; later steps are not in its tables, because they
/// depend on how far training has come. Exponents of the first step in width are those of Yang & Hu 2021 (arXiv 2011.14522) and of Yang et al.
/// 2022 (2203.03466), and of `CompleteP` those of Dey et al. 2025 (2505.01618). Under μP logits begin with the exponent −½, or at 0 if the
/// output's weights do, and end with 0.
#[derive(Clone, Debug, PartialEq)]
pub struct ScalingExpectations {
    /// Its name in texts: `μP with SGD`.
    pub name: String,
    /// The size that varies.
    pub axis: ScalingAxis,
    /// The rows; the first one that fits a quantity counts.
    pub rows: Vec<ExpectedExponent>,
    /// The margin on both sides of each range.
    pub margin: f64,
}

/// Every step after the first update.
const LATER: RangeInclusive<usize> = 1..=usize::MAX;
const ALWAYS: RangeInclusive<usize> = 0..=usize::MAX;

const WEIGHTS_LARGE: &str =
    "Draw hidden weights with a std of 1/√fan_in times a constant; this one falls more slowly.";
const WEIGHTS_SMALL: &str =
    "Draw hidden weights with a std of 1/√fan_in times a constant; this one falls faster.";
const OUTPUT_LARGE: &str = "Draw the output's weights with a std of 1/fan_in times a constant; 1/√fan_in is that of the standard parametrisation.";
const OUTPUT_RATE_LARGE: &str = "Divide the learning rate of the output by the width.";
const OUTPUT_RATE_SMALL: &str = "Divide the learning rate of the output by the width once, and no more.";
const RESIDUAL_LARGE: &str =
    "Multiply residual branches by 1/depth (CompleteP) or at least by 1/√depth; unscaled sums grow.";
const RESIDUAL_SMALL: &str =
    "The stream shrinks with the depth: look for a scale that is applied to the shortcut too.";
const DEPTH_RATE_LARGE: &str = "Multiply residual branches by depth^−α and Adam's learning rate of their weights by depth^(α − 1), with the same α.";
const DEPTH_RATE_SMALL: &str =
    "Branches or learning rates fall faster with the depth than depth^−α and depth^(α − 1).";

impl ScalingExpectations {
    /// A table without rows, for [`expect`](Self::expect) and [`expect_of`](Self::expect_of).
    ///
    /// ```
    /// use diagnostics::scaling::{ScalingAspect, ScalingAxis, ScalingExpectations, ScalingRole};
    /// let ours = ScalingExpectations::new("ours", ScalingAxis::Width)
    ///     .expect(ScalingRole::Hidden, ScalingAspect::Change, 1..=5, 0.0..=0.0)
    ///     .expect_of("router entropy", ScalingAspect::Size, 0..=5, f64::NEG_INFINITY..=0.0);
    /// assert_eq!(ours.rows.len(), 2);
    /// ```
    pub fn new(name: &str, axis: ScalingAxis) -> Self {
        Self { name: name.to_owned(), axis, rows: Vec::new(), margin: MARGIN }
    }

    /// Adds a range of exponents for all quantities of a role, at these steps.
    #[must_use]
    pub fn expect(
        self,
        role: ScalingRole,
        aspect: ScalingAspect,
        steps: RangeInclusive<usize>,
        range: RangeInclusive<f64>,
    ) -> Self {
        self.row(role, aspect, steps, range, ["", ""])
    }

    /// Adds a range of exponents for the quantity of one name, before those for whole roles.
    #[must_use]
    pub fn expect_of(
        mut self,
        name: &str,
        aspect: ScalingAspect,
        steps: RangeInclusive<usize>,
        range: RangeInclusive<f64>,
    ) -> Self {
        let (above, below) = (String::new(), String::new());
        let name = Some(name.to_owned());
        let at = self.rows.iter().take_while(|row| row.name.is_some()).count();
        let row = ExpectedExponent { role: ScalingRole::Other, aspect, name, steps, range, above, below };
        self.rows.insert(at, row);
        self
    }

    /// The same with another margin.
    #[must_use]
    pub fn with_margin(self, margin: f64) -> Self {
        Self { margin, ..self }
    }

    /// The names of [`named`](Self::named).
    pub const NAMES: [&str; 7] = [
        "standard-sgd",
        "standard-adam",
        "mup-sgd",
        "mup-adam",
        "complete-p",
        "not-growing-in-width",
        "not-growing-in-depth",
    ];

    /// The table with one of the [`NAMES`](Self::NAMES).
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "standard-sgd" => Self::standard_sgd(),
            "standard-adam" => Self::standard_adam(),
            "mup-sgd" => Self::mup_sgd(),
            "mup-adam" => Self::mup_adam(),
            "complete-p" => Self::complete_p(),
            "not-growing-in-width" => Self::not_growing(ScalingAxis::Width),
            "not-growing-in-depth" => Self::not_growing(ScalingAxis::Depth),
            _ => return None,
        })
    }

    /// The standard parametrisation after one step of SGD.
    pub fn standard_sgd() -> Self {
        Self::standard("the standard parametrisation with SGD", [-0.5..=-0.5, 0.5..=0.5, 1.0..=1.0])
    }

    /// The standard parametrisation after one step of Adam.
    pub fn standard_adam() -> Self {
        Self::standard("the standard parametrisation with Adam", [0.0..=0.0, 1.0..=1.0, 1.0..=1.5])
    }

    /// μP with SGD: std 1/√`fan_in`, the output's 1/`fan_in`; learning rates of the first layer, hidden layers and output ∝ n, 1, 1/n.
    pub fn mup_sgd() -> Self {
        let input = [
            "Multiply the learning rate of the first layer and of hidden biases by the width, and no more.",
            "Multiply the learning rate of the first layer and of hidden biases by the width.",
        ];
        let hidden = [
            "Draw the output's weights with a std of 1/fan_in, and leave SGD's learning rate of hidden weights as it is.",
            "Leave SGD's learning rate of hidden weights as it is at all widths.",
        ];
        Self::mup("μP with SGD", input, hidden)
    }

    /// μP with Adam: std 1/√`fan_in`, the output's 1/`fan_in`; learning rates of the first layer, hidden layers and output ∝ 1, 1/n, 1/n.
    pub fn mup_adam() -> Self {
        let input = ["Leave Adam's learning rate of the first layer as it is at all widths."; 2];
        let hidden = [
            "Divide Adam's learning rate of hidden weights by the width.",
            "Divide Adam's learning rate of hidden weights by the width once, and no more.",
        ];
        Self::mup("μP with Adam", input, hidden)
    }

    /// `CompleteP` in the depth, with Adam: residual branches ∝ 1/L at a constant learning rate; more generally L^−α and L^(α − 1).
    pub fn complete_p() -> Self {
        let size = [RESIDUAL_LARGE, RESIDUAL_SMALL];
        let change = [DEPTH_RATE_LARGE, DEPTH_RATE_SMALL];
        let mut table = Self::new("CompleteP", ScalingAxis::Depth);
        for role in [Input, Hidden, Logits] {
            table = table.row(role, Size, ALWAYS, 0.0..=0.0, size);
        }
        for role in [Input, Hidden, Logits] {
            table = table.row(role, Change, LATER, 0.0..=0.0, change);
        }
        table
    }

    /// Nothing grows with the size: every exponent is at most 0.
    pub fn not_growing(axis: ScalingAxis) -> Self {
        let mut table = Self::new("a quantity that must not grow", axis);
        for role in [Input, Hidden, Logits, ScalingRole::Other] {
            for aspect in [Size, Change] {
                table = table.expect(role, aspect, ALWAYS, f64::NEG_INFINITY..=0.0);
            }
        }
        table
    }

    fn standard(name: &str, [input, hidden, logits]: [RangeInclusive<f64>; 3]) -> Self {
        Self::new(name, ScalingAxis::Width)
            .row(Input, Size, 0..=0, 0.0..=0.0, [WEIGHTS_LARGE, WEIGHTS_SMALL])
            .row(Hidden, Size, 0..=0, 0.0..=0.0, [WEIGHTS_LARGE, WEIGHTS_SMALL])
            .row(Logits, Size, 0..=0, 0.0..=0.0, [WEIGHTS_LARGE, WEIGHTS_SMALL])
            .expect(Input, Change, 1..=1, input)
            .expect(Hidden, Change, 1..=1, hidden)
            .expect(Logits, Change, 1..=1, logits)
    }

    fn mup(name: &str, input: [&str; 2], hidden: [&str; 2]) -> Self {
        let output_rate = [OUTPUT_RATE_LARGE, OUTPUT_RATE_SMALL];
        Self::new(name, ScalingAxis::Width)
            .row(Input, Size, ALWAYS, 0.0..=0.0, [WEIGHTS_LARGE, WEIGHTS_SMALL])
            .row(Hidden, Size, ALWAYS, 0.0..=0.0, [WEIGHTS_LARGE, WEIGHTS_SMALL])
            .row(Logits, Size, 0..=0, f64::NEG_INFINITY..=0.0, [OUTPUT_LARGE, ""])
            .row(Logits, Size, LATER, f64::NEG_INFINITY..=0.0, output_rate)
            .row(Input, Change, LATER, 0.0..=0.0, input)
            .row(Hidden, Change, LATER, 0.0..=0.0, hidden)
            .row(Logits, Change, LATER, 0.0..=0.0, output_rate)
    }

    fn row(
        mut self,
        role: ScalingRole,
        aspect: ScalingAspect,
        steps: RangeInclusive<usize>,
        range: RangeInclusive<f64>,
        [above, below]: [&str; 2],
    ) -> Self {
        let (above, below) = (above.to_owned(), below.to_owned());
        self.rows.push(ExpectedExponent { role, aspect, name: None, steps, range, above, below });
        self
    }

    /// The row for a quantity at a step.
    pub(super) fn of(&self, quantity: &ScaledQuantity, step: usize) -> Option<&ExpectedExponent> {
        self.rows.iter().find(|row| row.is_of(quantity) && row.steps.contains(&step))
    }
}

impl ExpectedExponent {
    /// True if this is about the quantity, at whatever step.
    pub(super) fn is_of(&self, quantity: &ScaledQuantity) -> bool {
        let place = match &self.name {
            Some(name) => *name == quantity.name,
            None => self.role == quantity.role,
        };
        place && self.aspect == quantity.aspect
    }
}
