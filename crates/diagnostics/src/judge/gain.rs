//! The measured gain of a product, the gain that its function needs, and the mistakes that explain a difference.

use tensor::Activation;

use super::graph::NextSite;
use super::{Context, Estimate};
use crate::format::significant;
use crate::sites::SiteKind;

/// The gain of one product.
#[derive(Clone, Copy, Debug)]
pub(super) struct ProductGain {
    /// The root mean square of its values without the bias, divided by that of what it read.
    pub(super) measured: f64,
    /// The same with its standard error over several recordings.
    pub(super) estimate: Estimate,
    /// The same from the number of weights and their root mean square.
    pub(super) from_weights: f64,
    /// The gains at which its function neither shrinks nor enlarges signals and gradients.
    pub(super) low: f64,
    /// The largest of them.
    pub(super) high: f64,
    /// The function that follows; `None` if another product follows at once.
    pub(super) function: Option<Activation>,
}

impl ProductGain {
    /// The factor by which the gain lies outside of the allowed range, with the margin left out: above 1 if it is too large,
    /// below 1 if it is too small, else 1. The measured gain and that of the weights must agree in that: zeros at the borders
    /// of an image make a measured gain smaller, and inputs that are alike make it larger.
    pub(super) fn excess(&self, margin: f64) -> f64 {
        let (low, high) = (self.low / margin, self.high * margin);
        let (smaller, larger) = (self.measured.min(self.from_weights), self.measured.max(self.from_weights));
        if smaller > high {
            smaller / high
        } else if larger < low {
            larger / low
        } else {
            1.0
        }
    }
}

/// True for the functions of hidden layers, whose critical gains mean something: sigmoid-like gates and sines have scales of
/// their own.
pub(super) fn is_hidden(function: Activation) -> bool {
    !matches!(
        function,
        Activation::Sigmoid
            | Activation::HardSigmoid
            | Activation::LogSigmoid
            | Activation::Softplus(_)
            | Activation::Sine(_)
    )
}

/// The gain of a product, if it is one that a scale can be asked of: its values go, through a known function or none, to
/// another product, and no sum, norm or softmax comes between.
pub(super) fn of_product(context: &Context<'_>, at: usize) -> Option<ProductGain> {
    let site = &context.sites()[at];
    let weight = site.weight?;
    let input = site.inputs.first()?.site;
    // Probabilities choose or average rows of the weight, whose size they keep.
    if context.is_probabilities(input)
        || context.graph.in_branch(at)
        || context.graph.scale_is_forgotten(at)
        || context.parameter(weight, |p| p.rms) == 0.0
    {
        return None;
    }
    let destinations = context.graph.destinations(context.first(), at);
    let plain = |destination: &NextSite| matches!(destination, NextSite::Product(_));
    if destinations.is_empty() || !destinations.iter().all(plain) {
        return None;
    }
    let function = function_after(context, at)?;
    let (fan_in, fan_out) = context.parameters()[weight].fans()?;
    let bias = site.bias.map_or(0.0, |bias| context.parameter(bias, |p| p.rms));
    let (out, entering) = (context.site_value(at, |s| s.rms), context.site_value(input, |s| s.rms));
    let from_weights = context.weight_gain(weight);
    // Where the bias makes up most of a product, what the weights add cannot be read off their sum.
    let measured = if 2.0 * bias * bias > out * out {
        from_weights
    } else {
        (out * out - bias * bias).sqrt() / entering
    };
    let (low, high) = function.map_or((1.0, 1.0), |function| context.critical_gain_range(function));
    let ratio = (fan_in / fan_out).sqrt();
    (measured.is_finite() && measured > 0.0).then_some(ProductGain {
        measured,
        estimate: context.over(|recording| {
            let rms = |site: usize| recording.sites[site].statistics.rms;
            let ratio = measured * entering / out;
            ratio * rms(at) / rms(input)
        }),
        from_weights,
        low: low * ratio.min(1.0),
        high: high * ratio.max(1.0),
        function,
    })
}

/// The function that the values of a product go through: `Some(None)` if none follows, `None` if it is unknown, or one that
/// sets a scale of its own, or several follow.
fn function_after(context: &Context<'_>, at: usize) -> Option<Option<Activation>> {
    let mut functions = vec![];
    let (mut open, mut seen) = (vec![at], vec![false; context.sites().len()]);
    while let Some(from) = open.pop() {
        for reader in context.graph.readers(from) {
            if std::mem::replace(&mut seen[reader], true) {
                continue;
            }
            let site = &context.sites()[reader];
            match site.kind {
                SiteKind::Activation => functions.push(site.function),
                SiteKind::Pooling | SiteKind::Dropout | SiteKind::Concat => open.push(reader),
                kind if kind.is_product() => functions.push(Some(Activation::Identity)),
                _ => return None,
            }
        }
    }
    let first = (*functions.first()?)?;
    let same = functions.iter().all(|&function| function == Some(first));
    match first {
        _ if !same || !is_hidden(first) => None,
        Activation::Identity => Some(None),
        function => Some(Some(function)),
    }
}

/// True if the std of a weight is 1, to three standard errors and at least 1%: that of numbers which nobody scaled.
pub(super) fn is_undivided(context: &Context<'_>, weight: usize) -> bool {
    let (std, count) = (context.parameter(weight, |p| p.std), context.parameter(weight, |p| p.count));
    (std - 1.0).abs() <= tolerance(count)
}

/// Three standard errors of the std of so many values, at least 1% and at most 5%.
fn tolerance(count: f64) -> f64 {
    (3.0 / (2.0 * count).sqrt()).clamp(0.01, 0.05)
}

/// The mistakes that would make a weight what it is where `expected` was the gain, the likeliest first.
pub(super) fn mistakes(context: &Context<'_>, weight: usize, expected: f64) -> Vec<String> {
    let parameter = &context.parameters()[weight];
    let (std, kurtosis) = (context.parameter(weight, |p| p.std), context.parameter(weight, |p| p.kurtosis));
    let count = context.parameter(weight, |p| p.count);
    let Some((fan_in, fan_out)) = parameter.fans() else { return vec![] };
    let tolerance = tolerance(count);
    let near = |candidate: f64| (std / candidate - 1.0).abs() <= tolerance;
    let is_uniform = (kurtosis - 1.8).abs() < 10.0 * (1.0 / count).sqrt().min(0.1);
    let root = fan_in.sqrt();
    let name = &parameter.name;
    let mut found = vec![];
    let mut add = |holds: bool, text: String| {
        if holds && found.len() < 3 {
            found.push(text);
        }
    };
    add(near(1.0), format!("The std of {name} is 1, so it looks as if it was never divided by √fan_in."));
    add(
        is_uniform && near(1.0 / (3.0 * fan_in).sqrt()),
        format!(
            "{name} looks like the default of PyTorch and burn, uniform with bound 1/√{fan_in}, so the intended \
             initialisation may not have reached it."
        ),
    );
    add(
        near(expected / fan_out.sqrt()) && (fan_in / fan_out - 1.0).abs() > 0.05,
        format!(
            "It looks like fan-out ({}) in place of fan-in ({}).",
            significant(fan_out, 6),
            significant(fan_in, 6)
        ),
    );
    let whole = fan_in * parameter.groups as f64;
    add(
        parameter.groups > 1 && near(expected / whole.sqrt()),
        format!(
            "The {} groups may have been ignored: fan-in is {}, not {}.",
            parameter.groups,
            significant(fan_in, 6),
            significant(whole, 6)
        ),
    );
    let sqrt_2 = std::f64::consts::SQRT_2;
    for (factor, text) in [
        (1.0 / sqrt_2, "1/√2, so ReLU's gain may be missing"),
        (sqrt_2, "√2, so ReLU's gain may have been applied twice"),
        (0.6, "3/5, so tanh's gain may be missing"),
        (5.0 / 3.0, "5/3, so tanh's gain may have been applied twice"),
        (1.0 / 3f64.sqrt(), "1/√3, so a std may have been taken for the bound of a uniform distribution"),
        (3f64.sqrt(), "√3, so the bound of a uniform distribution may have been taken for a std"),
    ] {
        add(
            near(factor * expected / root),
            format!("The std of {name} differs from the expected one by {text}."),
        );
    }
    found
}

/// A range of gains as text.
pub(super) fn range_text(low: f64, high: f64) -> String {
    let [low, high] = [low, high].map(|gain| significant(gain, 3));
    if low == high { low } else { format!("{low} to {high}") }
}
