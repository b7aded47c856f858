//! Zeros that cut a network in two.

use crate::judge::{Context, Fix, Level, Rule, Verdict};
use crate::report::Role;
use crate::sites::SiteKind;

pub(super) const RULE: Rule = Rule {
    name: "zero-gradient",
    level: Level::Error,
    checks: "Weights that are 0 with no shortcut around them; and two of them in series.",
    matters: "What lies before a weight of 0 receives a gradient of exactly 0. Two zeros in series receive none themselves, and \
              stay 0.",
    example: "A hidden layer initialised with `zeros_`; a residual branch both of whose weights are 0.",
    instead: "Zero only the last weight of a residual branch, or the last layer; draw all others.",
    find,
};

fn find(context: &Context<'_>, _: &[Verdict]) -> Vec<Verdict> {
    let weights = context.sites().iter().enumerate().filter_map(|(at, site)| Some((at, site.weight?)));
    let mut found: Vec<Verdict> = vec![];
    for verdict in weights.filter_map(|(at, weight)| zero(context, at, weight)) {
        if !found.iter().any(|known| known.locations == verdict.locations) {
            found.push(verdict);
        }
    }
    found
}

/// True if all values of a parameter are 0.
pub(in crate::judge) fn is_zero(context: &Context<'_>, parameter: usize) -> bool {
    context.parameter(parameter, |p| p.zeros) == context.parameter(parameter, |p| p.count)
        && context.parameter(parameter, |p| p.count) > 0.0
        && context.parameter(parameter, |p| p.non_finite) == 0.0
}

/// A weight of zeros: a fault if its own gradient is 0 too, or if nothing goes around it and it is not the last one. Norms
/// whose scale is 0 are another rule's, unless their gradient is 0.
fn zero(context: &Context<'_>, at: usize, weight: usize) -> Option<Verdict> {
    let (site, parameter) = (&context.sites()[at], &context.parameters()[weight]);
    if !is_zero(context, weight) || !parameter.trainable {
        return None;
    }
    let gradient = context.parameter(weight, |p| p.gradient_rms);
    let series = context.first().loss.is_some() && is_stuck(context, at);
    let carries = site.kind.is_product() || site.kind == SiteKind::Embedding;
    let cuts = carries
        && !context.graph.is_bypassed(context.first(), at)
        && Some(at) != context.logits()
        && !is_last(context, at);
    (series || cuts).then(|| {
        let finding = match (series, site.kind) {
            (true, _) => "all of its values are 0, and so is its gradient: it stays 0.",
            (_, SiteKind::Embedding) => "all of its rows are 0: every input looks the same.",
            _ => "all of its values are 0, and no shortcut goes around it: what comes before it receives no gradient.",
        };
        let value = if parameter.role == Role::NormScale { Some(1.0) } else { None };
        let parameters = vec![parameter.name.clone()];
        let fix = value.map_or(Fix::Redraw { parameters: parameters.clone() }, |value| Fix::Set { parameters, value });
        Verdict::new((RULE.name, RULE.level), &parameter.name, 0.0, 0.0, finding.to_owned())
            .cause(series.then(|| "A second weight of 0 may be in series with it, so that neither receives a gradient.".to_owned()))
            .evidence("gradient", gradient)
            .fix(fix)
            .key(if series { "series" } else { "cut" })
    })
}

/// True if a weight of 0 stays 0. One whose values carry a gradient but whose input is 0 waits for a zero before it; one whose
/// values carry none waits for the zeros behind it.
fn is_stuck(context: &Context<'_>, at: usize) -> bool {
    let gradient =
        context.sites()[at].weight.map_or(f64::NAN, |weight| context.parameter(weight, |p| p.gradient_rms));
    if gradient != 0.0 {
        return false;
    }
    if context.site_value(at, |s| s.gradient_rms) != 0.0 {
        return true;
    }
    next_zeros(context, at).into_iter().all(|zero| is_stuck(context, zero))
}

/// The first sites with a weight of 0 on every way from a site to the end.
fn next_zeros(context: &Context<'_>, at: usize) -> Vec<usize> {
    let (mut found, mut open, mut seen) = (vec![], vec![at], vec![false; context.sites().len()]);
    while let Some(from) = open.pop() {
        for reader in context.graph.readers(from) {
            if std::mem::replace(&mut seen[reader], true) {
                continue;
            }
            let weight = context.sites()[reader].weight;
            let list =
                if weight.is_some_and(|weight| is_zero(context, weight)) { &mut found } else { &mut open };
            list.push(reader);
        }
    }
    found
}

/// True if no other product comes after a site.
fn is_last(context: &Context<'_>, at: usize) -> bool {
    use crate::judge::graph::NextSite;
    context
        .graph
        .destinations(context.first(), at)
        .iter()
        .all(|destination| matches!(destination, NextSite::End(_)))
}

#[cfg(test)]
mod tests {
    use tensor::Activation;

    use crate::judge::testing::Net;
    use crate::sites::NormKind;

    #[test]
    fn a_hidden_layer_of_zeros_is_drawn_again() {
        let mut net = Net::mlp(1, 3, Activation::Tanh, 1.0);
        net.edit("fc2.weight", |_, _| 0.0);
        net.is_mended("error[zero-gradient] fc2.weight", "no shortcut goes around it");
    }

    #[test]
    fn two_zeros_in_series_stay_zero() {
        let mut net = Net::residual_mlp(1, 3, 0.5, Some(NormKind::Layer));
        net.edit("block2.a.weight", |_, _| 0.0);
        net.edit("block2.b.weight", |_, _| 0.0);
        let fixed = net.is_mended("error[zero-gradient] block2.a.weight", "in series");
        assert!(fixed.values("block2.b.weight")[0] != 0.0);
    }

    /// A zero last weight of a branch, a branch times 0, a zero second factor of a low-rank update, and a zero head, each on its own.
    #[test]
    fn zeros_with_a_way_around_are_healthy() {
        let mut net = Net::residual_mlp(1, 3, 0.5, Some(NormKind::Layer));
        (1..=3).for_each(|block| net.edit(&format!("block{block}.b.weight"), |_, _| 0.0));
        assert!(net.findings().is_empty(), "{:?}", net.findings());

        let mut net = Net::mlp(1, 3, Activation::Tanh, 1.0);
        net.edit("head.weight", |_, _| 0.0);
        assert!(net.findings().is_empty(), "{:?}", net.findings());

        let mut net = Net::new(1, 64);
        let mut x = net.input(32, 1);
        for block in ["a", "b", "c"] {
            let h = net.linear(&format!("{block}.fc"), x, 32, 2f64.sqrt());
            let h = net.activation(h, Activation::Relu);
            let h = net.scale(&format!("{block}.rezero"), h, 0.0);
            x = net.residual(block, x, h);
        }
        net.linear("head", x, 10, 1.0);
        assert!(net.findings().is_empty(), "{:?}", net.findings());

        let mut net = Net::new(1, 64);
        let x = net.input(32, 1);
        let full = net.linear("fc", x, 32, 1.0);
        let low = net.linear("lora.a", x, 4, 1.0);
        let low = net.linear("lora.b", low, 32, 1.0);
        let x = net.sum("fc + lora", full, low);
        let x = net.activation(x, Activation::Tanh);
        net.linear("head", x, 10, 1.0);
        net.edit("lora.b.weight", |_, _| 0.0);
        assert!(net.findings().is_empty(), "{:?}", net.findings());
    }

    /// Zero branches before a zero head: the head moves in the first step, and the branches in the second.
    #[test]
    fn zeros_behind_a_zero_that_moves_are_healthy() {
        let mut net = Net::residual_mlp(1, 4, 1.0, Some(NormKind::Rms));
        (1..=4).for_each(|block| net.edit(&format!("block{block}.b.weight"), |_, _| 0.0));
        net.edit("head.weight", |_, _| 0.0);
        assert!(net.findings().is_empty(), "{:?}", net.findings());
    }
}
