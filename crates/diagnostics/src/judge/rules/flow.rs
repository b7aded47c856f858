//! Activations and gradients that grow or shrink along the whole network.

use crate::format::significant;
use crate::judge::{Context, Estimate, Level, Rule, Verdict};
use crate::sites::{NormKind, PassMode, SiteKind, SiteStatistics};
use tensor::Activation;

const MATTERS: &str =
    "If signals grow or shrink exponentially with depth, no single learning rate suits all layers.";
const INSTEAD: &str = "Weights at the critical gain of their function, shortcuts, or normalisation.";

pub(super) const EXPLODING_ACTIVATIONS: Rule = Rule {
    name: "exploding-activations",
    level: Level::Warning,
    checks: "Products on the way from the input to the logits whose values grow a thousandfold with no normalisation on the way; \
             growth by more than 1.28 times per product is a note.",
    matters: MATTERS,
    example: "Twenty ReLU layers with twice the gain that they need.",
    instead: INSTEAD,
    find: |context, found| forward(context, found, true),
};

pub(super) const VANISHING_ACTIVATIONS: Rule = Rule {
    name: "vanishing-activations",
    level: Level::Warning,
    checks: "Products on the way from the input to the logits whose values shrink to a thousandth with no normalisation on the \
             way; shrinking more than 1.28 times per product is a note.",
    matters: MATTERS,
    example: "Ten tanh layers with weights of std 0.01.",
    instead: INSTEAD,
    find: |context, found| forward(context, found, false),
};

pub(super) const EXPLODING_GRADIENTS: Rule = Rule {
    name: "exploding-gradients",
    level: Level::Warning,
    checks: "Gradients per example that grow a thousandfold from the logits to the input, and in a network with shortcuts also \
             by more than 1.28 times per layer; growth by more than 1.28 times per layer alone is a note.",
    matters: MATTERS,
    example: "Batch normalisation in 50 layers without shortcuts: gradients grow 1.21× per layer.",
    instead: INSTEAD,
    find: |context, found| backward(context, found, true),
};

pub(super) const VANISHING_GRADIENTS: Rule = Rule {
    name: "vanishing-gradients",
    level: Level::Warning,
    checks: "Gradients per example that shrink to a thousandth from the logits to the input; shrinking more than 1.28 times \
             per product is a note.",
    matters: MATTERS,
    example: "Ten sigmoid layers: the slope is at most a quarter.",
    instead: INSTEAD,
    find: |context, found| backward(context, found, false),
};

/// The smallest number of sites that show a growth over depth.
const FEWEST: usize = 3;

/// The growth in all from which a rate per site is a note, with no norm and no shortcut on the way.
const PLAIN_SPAN: f64 = 5.0;

/// The same with norms or shortcuts, whose first layers differ from the rest.
const SPAN: f64 = 30.0;

/// True if running statistics that nothing has updated yet stand for those of the batch: batch norm does not normalise then.
pub(in crate::judge) fn has_untrained_statistics(context: &Context<'_>) -> bool {
    let batch = |site: &crate::Site| site.norm == Some(NormKind::Batch);
    context.first().mode == PassMode::Eval && context.sites().iter().any(batch)
}

/// True if the way from the input to the logits has no norm, no shortcut and no function with a scale of its own.
fn is_plain(context: &Context<'_>) -> bool {
    let resets = |kind: SiteKind| {
        matches!(
            kind,
            SiteKind::Norm | SiteKind::ResidualSum | SiteKind::Softmax | SiteKind::Recurrent | SiteKind::Gate
        )
    };
    let sine = |function: Option<Activation>| matches!(function, Some(Activation::Sine(_)));
    context
        .graph
        .trunk()
        .iter()
        .map(|&at| &context.sites()[at])
        .all(|site| !resets(site.kind) && !sine(site.function))
}

/// The sites on the way from the input to the logits of a kind; activations if there is at most one, as in a report of layers.
fn along(context: &Context<'_>, wanted: impl Fn(usize) -> bool, is_kind: fn(SiteKind) -> bool) -> Vec<usize> {
    let of = |is_kind: &dyn Fn(SiteKind) -> bool| -> Vec<usize> {
        let trunk = context.graph.trunk().iter().copied();
        trunk.filter(|&at| is_kind(context.sites()[at].kind) && wanted(at)).collect()
    };
    let sites = of(&is_kind);
    let of_layers = |kind: SiteKind| matches!(kind, SiteKind::Activation | SiteKind::Other);
    if sites.len() > 1 { sites } else { of(&of_layers) }
}

fn forward(context: &Context<'_>, found: &[Verdict], grows: bool) -> Vec<Verdict> {
    if !is_plain(context) {
        return vec![];
    }
    let products = along(context, |at| Some(at) != context.logits(), SiteKind::is_product);
    let rules = (EXPLODING_ACTIVATIONS.name, VANISHING_ACTIVATIONS.name);
    verdict(context, found, (&products, |s| s.rms), (grows, rules), "activations", 1.0)
}

fn backward(context: &Context<'_>, found: &[Verdict], grows: bool) -> Vec<Verdict> {
    // The last weight is one factor, and no growth with depth.
    let known = |at: usize| {
        context.site_value(at, SiteStatistics::gradient_norm) > 0.0 && Some(at) != context.logits()
    };
    let sites = along(context, known, |kind| kind.is_product() || kind == SiteKind::ResidualSum);
    let rules = (EXPLODING_GRADIENTS.name, VANISHING_GRADIENTS.name);
    // Behind a norm, the gradient is as the inverse of the values, whose scale means nothing: their product does not.
    let before_norm =
        |&at: &usize| context.graph.readers(at).all(|reader| context.sites()[reader].kind == SiteKind::Norm);
    let (of, what): (fn(&SiteStatistics) -> f64, _) = if sites.iter().all(before_norm) {
        (|s| s.gradient_norm() * s.rms, "gradients times values")
    } else {
        (SiteStatistics::gradient_norm, "gradients")
    };
    verdict(context, found, (&sites, of), (grows, rules), what, -1.0)
}

/// The sites that are compared with each other: the sums, where there are several, and else all.
fn alike<'a>(context: &Context<'_>, sites: &'a [usize], sums: &'a mut Vec<usize>) -> &'a [usize] {
    sums.extend(sites.iter().filter(|&&at| context.sites()[at].kind == SiteKind::ResidualSum));
    if sums.len() >= FEWEST { sums } else { sites }
}

/// The logarithm of the growth from the first site to the last, without the largest step: one cliff is no growth with depth.
fn without_cliff(values: &[f64]) -> f64 {
    let steps: Vec<f64> = values.windows(2).map(|pair| (pair[1] / pair[0]).ln()).collect();
    let largest = steps.iter().copied().max_by(|a, b| a.abs().total_cmp(&b.abs())).unwrap_or(0.0);
    steps.iter().sum::<f64>() - largest
}

/// Judges the growth of a magnitude along sites, in the direction of `sign`.
fn verdict(
    context: &Context<'_>,
    found: &[Verdict],
    (sites, of): (&[usize], fn(&SiteStatistics) -> f64),
    (grows, (explodes, vanishes)): (bool, (&'static str, &'static str)),
    what: &str,
    sign: f64,
) -> Vec<Verdict> {
    let mut sums = vec![];
    let compared = alike(context, sites, &mut sums);
    let (Some(&first), Some(&last)) = (compared.first(), compared.last()) else { return vec![] };
    if sites.len() < FEWEST || has_untrained_statistics(context) {
        return vec![];
    }
    let growth = context.over(|recording| {
        let value = |at: usize| of(&recording.sites[at].statistics);
        sign * (value(last) / value(first)).ln()
    });
    let steps = sites.len() as f64 - 1.0;
    let factor = growth.value.abs().exp();
    let rate = (growth.value.abs() / steps).exp();
    // Shortcuts keep a rate small, so that a large factor over many layers is no fault there.
    let has_shortcuts = sites.iter().any(|&at| context.sites()[at].kind == SiteKind::ResidualSum);
    let values: Vec<f64> = compared.iter().map(|&at| context.site_value(at, of)).collect();
    let steady = without_cliff(&values).abs().exp() > context.limits.span;
    let wide = factor > context.limits.span && steady && (rate > context.limits.rate || !has_shortcuts);
    let steep = rate > context.limits.rate && factor > if is_plain(context) { PLAIN_SPAN } else { SPAN };
    if growth.value.is_nan() || (growth.value > 0.0) != grows || !(wide || steep) {
        return vec![];
    }
    let cause = found.iter().find(|verdict| verdict.is_finding());
    // What follows from another fault is not a second one.
    let level = if wide && cause.is_none() { Level::Warning } else { Level::Note };
    let (rule, verb) = if grows { (explodes, "grow") } else { (vanishes, "shrink") };
    let towards = if sign > 0.0 { "" } else { " towards the input" };
    let finding = format!(
        "{what} {verb} {}× per layer{towards}, {}× over the {} steps between {} layers (limit {}× per layer, {}× in all).",
        significant(rate, 3),
        significant(factor, 3),
        steps,
        sites.len(),
        significant(context.limits.rate, 3),
        significant(context.limits.span, 4)
    );
    let cause =
        cause.map(|verdict| format!("This may follow from {} at {}.", verdict.rule, verdict.location()));
    // The error of a logarithm is relative.
    let measured = Estimate { value: rate, error: growth.error.map(|error| rate * error / steps) };
    let verdict = Verdict::new((rule, level), "network", measured, context.limits.rate, finding).cause(cause);
    vec![verdict.evidence("factor in all", factor)]
}

#[cfg(test)]
mod tests {
    use crate::judge::testing::Net;
    use crate::sites::NormKind;

    use super::*;

    /// The gains are all within their margin, and 60 of them multiply.
    #[test]
    fn small_deviations_multiply_over_depth() {
        for (gain, rule) in [(1.2, "exploding-activations"), (1.0 / 1.2, "vanishing-activations")] {
            let net = Net::mlp(1, 60, Activation::Relu, gain * 2f64.sqrt());
            let verdicts = net.verdicts();
            assert_eq!((verdicts[0].rule, verdicts[0].level), (rule, Level::Warning), "{}", verdicts[0]);
            assert_eq!(verdicts[0].location(), "network");
            // Chance moves the factor per layer by 1/√64 over the root of their number.
            assert!((verdicts[0].measured.value.ln() / 1.2f64.ln() - 1.0).abs() < 0.25, "{}", verdicts[0]);
        }
        let healthy = Net::mlp(1, 60, Activation::Relu, 2f64.sqrt()).verdicts();
        assert!(!healthy.iter().any(Verdict::is_finding), "{}", healthy[0]);
    }

    /// Weights of another scale in the last layers are the same function behind their norms, with other gradients.
    #[test]
    fn scales_that_norms_forget_are_no_growth() {
        let net = |gain: f64| {
            let mut net = Net::new(1, 64);
            let mut x = net.input(64, 1);
            for layer in 1..=12 {
                x = net.linear(&format!("fc{layer}"), x, 64, gain.powi(layer));
                x = net.norm(&format!("bn{layer}"), x, NormKind::Batch);
                x = net.activation(x, Activation::Relu);
            }
            net.linear("head", x, 10, 1.0);
            net
        };
        for gain in [1.0, 3.0, 1.0 / 3.0] {
            let findings = net(gain).findings();
            assert!(findings.iter().all(|finding| !finding.contains("gradients")), "{gain}: {findings:?}");
        }
    }

    /// Yang et al. 2019: batch norm without shortcuts enlarges ReLU's gradients √(π/(π − 1)) = 1.21-fold per layer.
    #[test]
    fn batch_norm_without_shortcuts_makes_gradients_explode() {
        let net = |layers: usize| {
            let mut net = Net::new(1, 64);
            let mut x = net.input(64, 1);
            for layer in 1..=layers {
                x = net.linear(&format!("fc{layer}"), x, 64, 2f64.sqrt());
                x = net.norm(&format!("bn{layer}"), x, NormKind::Batch);
                x = net.activation(x, Activation::Relu);
            }
            net.linear("head", x, 10, 1.0);
            net
        };
        let deep = net(50);
        assert_eq!(deep.findings(), ["warning[exploding-gradients] network"]);
        let measured = deep.verdicts()[0].measured.value;
        assert!((measured - 1.21).abs() < 0.05, "{measured}");
        assert!(net(10).findings().is_empty());
        // Running statistics that nothing has updated do not normalise: what that shows is no fault.
        let mut untrained = net(50);
        untrained.mode = PassMode::Eval;
        assert!(untrained.findings().is_empty(), "{:?}", untrained.findings());
    }

    /// The slope of the sigmoid is at most ¼.
    #[test]
    fn sigmoids_make_gradients_vanish() {
        let net = Net::mlp(1, 10, Activation::Sigmoid, 1.0);
        assert_eq!(net.findings(), ["warning[vanishing-gradients] network"]);
        let rate = net.verdicts()[0].measured.value;
        assert!((3.5..6.0).contains(&rate), "{rate}");
        assert!(Net::mlp(1, 3, Activation::Sigmoid, 1.0).findings().is_empty());
    }

    #[test]
    fn normalised_streams_have_no_flow_to_judge() {
        assert!(Net::residual_mlp(1, 24, 1.0, Some(NormKind::Layer)).findings().is_empty());
        assert!(Net::gpt2(2).findings().is_empty());
    }

    /// A last layer that starts small is one factor, and no growth with depth.
    #[test]
    fn a_small_head_is_healthy() {
        for mut net in [
            Net::residual_mlp(1, 4, 1.0, Some(NormKind::Layer)),
            Net::mlp(1, 3, Activation::Relu, 2f64.sqrt()),
        ] {
            net.edit("head.weight", |_, x| 0.001 * x);
            assert!(net.verdicts().is_empty(), "{}", net.verdicts()[0]);
        }
    }
}
