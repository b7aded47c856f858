//! An initial loss far above that of guessing.

use super::flow::has_untrained_statistics;
use super::unnormalised_input::is_unnormalised;
use crate::format::{fixed, significant};
use crate::judge::{Context, Fix, Level, Rule, Verdict};
use crate::sites::SiteKind;

pub(super) const RULE: Rule = Rule {
    name: "overconfident-logits",
    level: Level::Warning,
    checks: "A mean cross-entropy more than 3 nats above that of uniform guessing, as a note, or more than 10.",
    matters: "The first steps only shrink the logits; until then the gradient tells little about the data.",
    example: "A last layer with weights from N(0, 1).",
    instead: "Logits of std 1 or less: a small last layer, and a stream that does not grow.",
    find,
};

/// The std of logits that are close to uniform guessing.
const QUIET: f64 = 0.1;

/// The share of the logits' std that a bias has if it makes most of their variance.
const MOST: f64 = 0.8;

fn find(context: &Context<'_>, found: &[Verdict]) -> Vec<Verdict> {
    verdict(context, found).into_iter().collect()
}

fn verdict(context: &Context<'_>, found: &[Verdict]) -> Option<Verdict> {
    let loss = context.first().loss.as_ref()?;
    let classes = loss.classes? as f64;
    let excess = context
        .over(|recording| recording.loss.as_ref().and_then(crate::RecordedLoss::excess).unwrap_or(f64::NAN));
    let limit = context.limits.excess_loss;
    (excess.value > limit).then(|| {
        let logits = context.logits();
        let location = logits.map_or("network", |at| &context.sites()[at].name);
        let guess = classes.ln();
        let finding = format!(
            "the initial loss is {}; uniform guessing over {} classes would give ln {} = {} (limit {} above it).",
            fixed(guess + excess.value, 2),
            loss.classes.unwrap_or(0),
            loss.classes.unwrap_or(0),
            fixed(guess, 2),
            significant(limit, 2)
        );
        let std = logits.map_or(f64::NAN, |at| context.site_value(at, |s| s.std));
        let cause = std.is_finite().then(|| format!("The logits have std {}.", significant(std, 3)));
    let grows = |verdict: &&Verdict| verdict.rule == "exploding-activations";
        let before = found.iter().find(|verdict| verdict.is_finding() || grows(verdict));
        let follows = before.map(|verdict| format!("This may follow from {} at {}.", verdict.rule, verdict.location()));
        let fix = logits.filter(|&at| before.is_none() || is_loud(context, at)).and_then(|at| fix(context, at, std, guess));
        // Running statistics that nothing has updated do not normalise what reaches the last layer.
        let untrained = has_untrained_statistics(context) && !logits.is_some_and(|at| is_loud(context, at));
        let level = if excess.value > context.limits.high_loss && !untrained { RULE.level } else { Level::Note };
        Verdict::new((RULE.name, level), location, excess, limit, finding).cause(cause).cause(follows).fix(fix)
    })
}

/// True if the last weight alone makes large logits, whatever else is at fault.
fn is_loud(context: &Context<'_>, at: usize) -> bool {
    let weight = context.sites()[at].weight;
    weight.is_some_and(|weight| context.weight_gain(weight) > context.limits.gain_factor)
}

/// Scales the weight and the bias of the logits, unless the weight is also an embedding, or the input is at fault.
fn fix(context: &Context<'_>, at: usize, std: f64, guess: f64) -> Option<Fix> {
    let site = &context.sites()[at];
    let weight = site.weight?;
    let tied =
        context.readers_of(weight).iter().any(|&reader| context.sites()[reader].kind == SiteKind::Embedding);
    let factor = QUIET / std;
    let names = [Some(weight), site.bias]
        .into_iter()
        .flatten()
        .map(|at| (context.parameters()[at].name.clone(), factor));
    if let Some(bias) = site.bias.filter(|&bias| context.parameter(bias, |p| p.std) > MOST * std) {
        return Some(Fix::Set { parameters: vec![context.parameters()[bias].name.clone()], value: 0.0 });
    }
    // To second order, logits of std s add s²/2.
    let predicted = vec![("loss", guess + QUIET * QUIET / 2.0)];
    (std > 0.0 && !tied && !is_unnormalised(context))
        .then(|| Fix::Scale { parameters: names.collect(), predicted })
}

#[cfg(test)]
mod tests {
    use tensor::Activation;

    use crate::judge::Fix;
    use crate::judge::testing::Net;

    /// A network with a tanh layer, whose head has this gain: the std of its logits, but for tanh's 0.63.
    fn net(gain: f64) -> Net {
        let mut net = Net::mlp(1, 2, Activation::Tanh, 1.0);
        net.edit("head.weight", |_, x| gain * x);
        net
    }

    #[test]
    fn a_head_from_n_0_1_is_scaled_to_quiet_logits() {
        let loud = net(50.0);
        assert_eq!(loud.findings(), ["warning[overconfident-logits] head"]);
        let fixed = loud.is_mended("warning[overconfident-logits] head", "would give ln 10 = 2.30");
        // As predicted: logits of std 0.1 add 0.005.
        let Some(Fix::Scale { predicted, .. }) = &loud.verdicts()[0].fix else { panic!("no factor") };
        assert!((fixed.loss() - predicted[0].1).abs() < 0.02, "{} {predicted:?}", fixed.loss());
    }

    /// The weights are as they should be.
    #[test]
    fn a_bias_that_makes_the_logits_is_set_to_0() {
        let mut loud = net(1.0);
        loud.edit("head.bias", |at, _| if at == 3 { 100.0 } else { 0.0 });
        let weight = loud.values("head.weight");
        let fixed = loud.is_mended("warning[overconfident-logits] head", "The logits have std");
        assert_eq!((fixed.values("head.bias"), fixed.values("head.weight")), (vec![0.0; 10], weight));
    }

    #[test]
    fn the_loss_decides_between_note_and_warning() {
        let levels = [1.0, 4.0, 20.0].map(|gain| net(gain).verdicts().first().map(|verdict| verdict.level));
        assert_eq!(levels, [None, None, Some(crate::Level::Note)]);
    }
}
