//! Zeros that cut a network in two.

use super::norm_weight::passed_on;
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
    // Gemma's norms multiply by 1 plus their weight: a weight of 0 is no scale of 0 there.
    let is_scale = |at: usize| context.sites()[at].kind != SiteKind::Norm || passed_on(context, at) == 0.0;
    let zeros: Vec<_> = weights.filter(|&(at, weight)| is_zero(context, weight) && is_scale(at)).collect();
    let moving = moving(context, &zeros.iter().map(|&(at, _)| at).collect::<Vec<_>>());
    let mut found: Vec<Verdict> = vec![];
    for verdict in zeros.iter().filter_map(|&(at, weight)| zero(context, at, weight, !moving.contains(&at))) {
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
fn zero(context: &Context<'_>, at: usize, weight: usize, is_stuck: bool) -> Option<Verdict> {
    let (site, parameter) = (&context.sites()[at], &context.parameters()[weight]);
    if !parameter.trainable {
        return None;
    }
    let gradient = context.parameter(weight, |p| p.gradient_rms);
    let series = context.first().loss.is_some() && gradient == 0.0 && is_stuck;
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
        let fix = value.map_or(Fix::Redraw { parameters: parameters.clone(), std: None }, |value| Fix::Set { parameters, value });
        Verdict::new((RULE.name, RULE.level), &parameter.name, 0.0, 0.0, finding.to_owned())
            .cause(series.then(|| "A second weight of 0 may be in series with it, so that neither receives a gradient.".to_owned()))
            .evidence("gradient", gradient)
            .fix(fix)
            .key(if series { "series" } else { "cut" })
    })
}

/// The sites among those with a weight of 0 whose weight moves sooner or later. One moves if it reads values that are not 0 and
/// its own values carry a gradient, each of which may have to wait for another zero to move: one before it, or one behind it.
fn moving(context: &Context<'_>, zeros: &[usize]) -> Vec<usize> {
    let gradient = |at: usize| {
        context.sites()[at].weight.map_or(f64::NAN, |weight| context.parameter(weight, |p| p.gradient_rms))
    };
    let mut moving: Vec<usize> = zeros
        .iter()
        .copied()
        .filter(|&at| gradient(at) != 0.0 || is_behind_dead_units(context, at))
        .collect();
    let reads = |at: usize| {
        context.sites()[at].inputs.iter().any(|input| context.site_value(input.site, |s| s.rms) != 0.0)
    };
    let inputs = |at: usize| context.sites()[at].inputs.iter().map(|input| input.site).collect();
    let readers = |at: usize| context.graph.readers(at).collect();
    let waits: Vec<_> = zeros
        .iter()
        .filter(|&at| !moving.contains(at))
        .map(|&at| {
            let before = (!reads(at)).then(|| nearest_zeros(context, at, inputs));
            let carries = context.site_value(at, |s| s.gradient_rms) != 0.0;
            (at, before, (!carries).then(|| nearest_zeros(context, at, readers)))
        })
        .collect();
    loop {
        // Zeros that no weight explains, such as those of dead units, are not the fault of a weight.
        let has_moved = |zeros: &Option<Vec<usize>>| {
            zeros.as_ref().is_none_or(|zeros| zeros.is_empty() || zeros.iter().any(|at| moving.contains(at)))
        };
        let more: Vec<usize> = waits
            .iter()
            .filter(|(at, before, behind)| !moving.contains(at) && has_moved(before) && has_moved(behind))
            .map(|&(at, ..)| at)
            .collect();
        if more.is_empty() {
            return moving;
        }
        moving.extend(more);
    }
}

/// True if a site reads nothing but zeros, and dead units, not a weight, made them: what it would do without them is not known.
fn is_behind_dead_units(context: &Context<'_>, at: usize) -> bool {
    let sites = context.sites();
    let is_zero = |at: usize| context.site_value(at, |s| s.rms) == 0.0;
    let reads_zeros = |at: usize| sites[at].inputs.iter().all(|input| is_zero(input.site));
    let upstream = context.graph.upstream(context.first(), at);
    let is_dead =
        |from: usize| sites[from].kind == SiteKind::Activation && is_zero(from) && !reads_zeros(from);
    reads_zeros(at) && (0..at).any(|from| upstream[from] && is_dead(from))
}

/// The first sites with a weight of 0 on every way from a site, from neighbour to neighbour.
fn nearest_zeros(context: &Context<'_>, at: usize, neighbours: impl Fn(usize) -> Vec<usize>) -> Vec<usize> {
    let (mut found, mut open, mut seen) = (vec![], vec![at], vec![false; context.sites().len()]);
    while let Some(from) = open.pop() {
        for next in neighbours(from) {
            if std::mem::replace(&mut seen[next], true) {
                continue;
            }
            let weight = context.sites()[next].weight;
            let list =
                if weight.is_some_and(|weight| is_zero(context, weight)) { &mut found } else { &mut open };
            list.push(next);
        }
    }
    found
}

/// True if no other product comes after a site.
pub(in crate::judge) fn is_last(context: &Context<'_>, at: usize) -> bool {
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

    /// Branches that start at 0 are healthy; they get no gradient because nothing reaches them.
    #[test]
    fn zeros_behind_dead_units_are_not_to_blame() {
        let mut net = Net::new(1, 64);
        let x = net.input(32, 1);
        let x = net.linear("stem", x, 64, 2f64.sqrt());
        let mut stream = net.activation(x, Activation::Relu);
        for block in ["first", "second"] {
            let branch = net.linear(&format!("{block}.a"), stream, 64, 2f64.sqrt());
            let branch = net.activation(branch, Activation::Relu);
            let branch = net.linear(&format!("{block}.b"), branch, 64, 1.0);
            let sum = net.residual(&format!("{block}.sum"), stream, branch);
            stream = net.activation(sum, Activation::Relu);
        }
        net.linear("head", stream, 10, 0.5);
        net.edit("first.b.weight", |_, _| 0.0);
        net.edit("second.b.weight", |_, _| 0.0);
        assert!(net.findings().is_empty(), "{:?}", net.findings());
        net.edit("stem.bias", |_, _| -10.0);
        net.is_mended("error[dead-units] stem.relu", "stem.bias has root mean square 10");
    }

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

    /// The same with two zeros in one branch: those wait for each other, and the others only for the head.
    #[test]
    fn two_zeros_of_one_branch_before_a_zero_head_are_named() {
        let mut net = Net::residual_mlp(1, 4, 1.0, Some(NormKind::Rms));
        (1..=4).for_each(|block| net.edit(&format!("block{block}.b.weight"), |_, _| 0.0));
        net.edit("block2.a.weight", |_, _| 0.0);
        net.edit("head.weight", |_, _| 0.0);
        let verdicts = net.verdicts();
        assert_eq!(verdicts[0].locations, ["block2.a.weight", "block2.b.weight"], "{}", verdicts[0]);
        assert_eq!(net.findings().len(), 1);
        net.is_mended("error[zero-gradient] block2.a.weight", "in series");
    }

    /// A modulation that starts at 0 multiplies its signal by 1 and adds 0: nothing is cut. One that multiplies by 0 cuts.
    #[test]
    fn a_modulation_that_starts_at_zero_is_healthy() {
        let net = |bias: f64| {
            let mut net = Net::new(1, 64);
            let x = net.input(32, 1);
            let h = net.linear("fc", x, 32, 1.0);
            let scale = net.linear("scale", x, 32, 1.0);
            let x = net.gate("modulated", h, scale);
            let x = if bias == 1.0 { net.residual("shifted", scale, x) } else { x };
            let x = net.activation(x, Activation::Tanh);
            net.linear("head", x, 10, 1.0);
            net.edit("scale.weight", |_, _| 0.0);
            net.edit("scale.bias", |_, _| bias);
            net
        };
        assert!(net(1.0).findings().is_empty(), "{:?}", net(1.0).findings());
        net(0.0).is_mended("error[zero-gradient] scale.weight", "no shortcut goes around it");
    }

    /// All ways from a stem meet in one sum: a stem of 0 cuts the network all the same.
    #[test]
    fn a_zero_stem_before_two_ways_is_named() {
        let mut net = Net::new(1, 64);
        let x = net.input(32, 1);
        let stem = net.linear("stem", x, 32, 1.0);
        let one = net.linear("one", stem, 32, 1.0);
        let two = net.linear("two", stem, 32, 1.0);
        let x = net.sum("both", one, two);
        let x = net.activation(x, Activation::Tanh);
        net.linear("head", x, 10, 1.0);
        net.edit("stem.weight", |_, _| 0.0);
        net.is_mended("error[zero-gradient] stem.weight", "no shortcut goes around it");
    }
}
