//! Products that make signals larger or smaller than their function can keep.

use std::collections::BTreeMap;

use super::{offset::spike, symmetric_units::is_symmetric, uninitialised_memory::is_garbage};
use crate::format::significant;
use crate::judge::gain::{self, ProductGain};
use crate::judge::{Context, Fix, Level, Rule, Verdict};
use crate::report::Role;
use crate::sites::SiteKind;

pub(super) const RULE: Rule = Rule {
    name: "wrong-gain",
    level: Level::Warning,
    checks: "Products between which no normalisation, shortcut or softmax stands: the factor by which they change the root mean \
             square of what they read, beside the gains that their function needs. A deviation is a note unless it is more than \
             threefold, at one of several products, at most of them or with weights of std 1, or a thousandfold over all of them \
             together. Other weights are compared with those of the same place in other blocks: 20 times as large is a warning.",
    matters: "Deviations multiply over depth, forwards and backwards.",
    example: "Twenty GELU layers with PyTorch's default, whose gain is 1/√3.",
    instead: "Kaiming's scheme with the gain of the function; Xavier's for tanh.",
    find,
};

fn find(context: &Context<'_>, found: &[Verdict]) -> Vec<Verdict> {
    let saturates = found.iter().any(|verdict| verdict.rule == "saturated");
    let judged: Vec<(usize, usize, ProductGain, f64)> = context
        .products()
        .filter(|&(_, weight)| {
            !is_symmetric(context, weight)
                && !is_garbage(context, weight)
                && spike(context, weight).partial_cmp(&context.limits.offset)
                    != Some(std::cmp::Ordering::Greater)
        })
        .filter_map(|(at, weight)| {
            let gain = gain::of_product(context, at)?;
            Some((at, weight, gain, gain.excess(margin(context, weight))))
        })
        .collect();
    let wide = together(context, &judged) > context.limits.span;
    let odd = Oddness::of(context, judged.iter().map(|&(.., excess)| excess).collect());
    let off = judged.into_iter().filter(|&(at, _, _, excess)| excess != 1.0 && !is_saturated(context, at));
    off.map(|(at, weight, gain, excess)| {
        let undivided = excess > context.limits.gain_factor && gain::is_undivided(context, weight);
        let level = if wide || odd.is(excess) || undivided { Level::Warning } else { Level::Note };
        verdict(context, (at, weight), gain, (excess, level))
    })
    // Where the same gain saturates some layers, that verdict has the cause.
    .filter(|verdict| !(saturates && verdict.level == Level::Note && verdict.key.starts_with("large")))
    .chain(unlike_its_peers(context, found))
    .collect()
}

/// The factor from which a weight stands out from those of the same place in other blocks. Depth-dependent schemes differ by the
/// root of the depth at most.
const PEERS: f64 = 20.0;

/// Weights in branches, or before norms, of which no gain can be asked: compared with those of the same shape whose names differ
/// in numbers only.
fn unlike_its_peers(context: &Context<'_>, found: &[Verdict]) -> Vec<Verdict> {
    let parameters = context.parameters();
    let place = |at: usize| {
        let name: String =
            parameters[at].name.chars().map(|c| if c.is_ascii_digit() { '#' } else { c }).collect();
        name.replace("##", "#")
    };
    let mut groups: BTreeMap<(String, &[usize]), Vec<usize>> = BTreeMap::new();
    for (at, weight) in context.products() {
        let judged = parameters[weight].role == Role::Weight && !is_garbage(context, weight);
        let members = groups.entry((place(weight), &parameters[weight].shape)).or_default();
        if judged && gain::of_product(context, at).is_none() && !members.contains(&weight) {
            members.push(weight);
        }
    }
    let rms = |at: usize| context.parameter(at, |p| p.rms);
    let explained = |at: usize| {
        found.iter().filter_map(|verdict| verdict.fix.as_ref()).any(|fix| fix.changes(&parameters[at].name))
    };
    let mut verdicts = vec![];
    for members in groups.into_values().filter(|members| members.len() >= FEWEST) {
        let mut sizes: Vec<f64> = members.iter().map(|&at| rms(at)).collect();
        sizes.sort_by(f64::total_cmp);
        let usual = sizes[sizes.len() / 2];
        let odd = members.into_iter().filter(|&at| rms(at) > PEERS * usual && usual > 0.0 && !explained(at));
        verdicts.extend(odd.map(|at| {
            let ratio = rms(at) / usual;
            let finding = format!(
                "its root mean square is {}× that of the same weight in other blocks, {} (limit {PEERS}×).",
                significant(ratio, 3),
                significant(usual, 3)
            );
            let name = parameters[at].name.clone();
            let fix = Fix::Scale { parameters: vec![(name.clone(), 1.0 / ratio)], predicted: vec![] };
            Verdict::new((RULE.name, RULE.level), name, ratio, PEERS, finding).fix(fix)
        }));
    }
    verdicts
}

/// The largest factor, up or down, by which deviations multiply along one way through the network: one up and one down cancel,
/// and layers side by side, such as one head at every level of a pyramid, do not multiply.
fn together(context: &Context<'_>, judged: &[(usize, usize, ProductGain, f64)]) -> f64 {
    let mut own = vec![0.0; context.sites().len()];
    judged.iter().for_each(|&(at, .., excess)| own[at] = excess.ln());
    let mut along: Vec<(f64, f64)> = vec![];
    for (site, own) in context.sites().iter().zip(own) {
        let before = || site.inputs.iter().map(|input| along[input.site]);
        // Of signals that are added or multiplied, a small one hides no other.
        let joins = site.inputs.len() > 1 && !site.kind.is_product();
        let lower = if joins { f64::max } else { f64::min };
        let low = before().map(|(low, _)| low).reduce(lower).unwrap_or(0.0);
        let high = before().map(|(_, high)| high).reduce(f64::max).unwrap_or(0.0);
        along.push((low + own, high + own));
    }
    let ends = (0..along.len()).filter(|&at| context.graph.readers(at).next().is_none());
    ends.map(|at| along[at].1.max(-along[at].0)).fold(0.0, f64::max).exp()
}

/// The products of a network that stand out from the others.
struct Oddness {
    /// The median deviation of all.
    usual: f64,
    /// The factor from which one stands out.
    limit: f64,
}

/// The fewest products that can be compared with each other.
const FEWEST: usize = 3;

impl Oddness {
    fn of(context: &Context<'_>, mut excesses: Vec<f64>) -> Self {
        excesses.sort_by(f64::total_cmp);
        match excesses.len() {
            ..FEWEST => Self { usual: 1.0, limit: context.limits.lone_gain },
            count => Self { usual: excesses[count / 2], limit: context.limits.gain_factor },
        }
    }

    fn is(&self, excess: f64) -> bool {
        let far = |factor: f64| factor.max(1.0 / factor) > self.limit;
        far(excess) && (far(excess / self.usual) || far(self.usual))
    }
}

/// The margin with four standard errors for chance: the gain of n weights has the relative standard error `1/√(2n)`.
fn margin(context: &Context<'_>, weight: usize) -> f64 {
    let count = context.parameter(weight, |p| p.count) * context.recordings.len() as f64;
    context.limits.gain_margin * (1.0 + 4.0 / (2.0 * count).sqrt())
}

/// True if the function after a product is saturated: that rule has the cause.
fn is_saturated(context: &Context<'_>, at: usize) -> bool {
    context.graph.readers(at).any(|reader| {
        context.sites()[reader].kind == SiteKind::Activation
            && context.site_value(reader, |s| s.saturated) > context.limits.saturated
    })
}

fn verdict(
    context: &Context<'_>,
    (at, weight): (usize, usize),
    gain: ProductGain,
    (excess, level): (f64, Level),
) -> Verdict {
    let name = &context.parameters()[weight].name;
    let function = gain.function.map_or("the next product".to_owned(), |function| function.to_string());
    let finding = format!(
        "{name} has gain {}; {function} needs {}.",
        significant(gain.measured, 3),
        gain::range_text(gain.low, gain.high)
    );
    let (bound, direction) = if excess > 1.0 { (gain.high, "large") } else { (gain.low, "small") };
    let ideal = if excess > 1.0 { gain.high } else { gain.low };
    let fix = (context.readers_of(weight).len() == 1)
        .then(|| Fix::Scale { parameters: vec![(name.clone(), bound / gain.measured)], predicted: vec![] });
    let mut verdict =
        Verdict::new((RULE.name, level), &context.sites()[at].name, gain.estimate, bound, finding)
            .evidence("gain from the weights", gain.from_weights)
            .fix(fix)
            .key(format!("{direction} {function}"));
    verdict.causes = gain::mistakes(context, weight, ideal);
    let disagreement = gain.measured / gain.from_weights;
    if !(0.7..1.4).contains(&disagreement) {
        verdict.causes.push(format!(
            "The weights alone predict a gain of {}, so they may be correlated, or not used as their shape suggests.",
            significant(gain.from_weights, 3)
        ));
    }
    verdict
}

#[cfg(test)]
mod tests {
    use tensor::Activation;

    use crate::judge::testing::{Net, uniform};
    use crate::sites::SiteKind;

    /// The rows of a table that a softmax chooses from keep their size, whatever the gain of the table.
    #[test]
    fn values_that_a_softmax_chooses_have_no_gain() {
        let judged = |is_softmax: bool| {
            let mut net = Net::mlp(1, 4, Activation::Relu, 2f64.sqrt());
            net.edit("fc2.weight", |_, x| 8.0 * x);
            let mut recording = net.recording();
            let read = recording.sites[recording.site("fc2").unwrap()].inputs[0].site;
            if is_softmax {
                recording.sites[read].kind = SiteKind::Softmax;
            }
            let verdicts = crate::judge::Limits::default().judge_recordings(&[recording]);
            verdicts.iter().any(|verdict| {
                verdict.locations.iter().any(|at| at.starts_with("fc2")) && verdict.rule == "wrong-gain"
            })
        };
        assert_eq!([judged(false), judged(true)], [true, false]);
    }

    /// Layers beside a signal that passes by hide nothing, however small they make theirs.
    #[test]
    fn a_small_part_of_a_sum_multiplies_with_nothing() {
        let net = |passes_by: bool| {
            let mut net = Net::new(1, 64);
            let input = net.input(64, 1);
            let mut x = input;
            for layer in 1..=16 {
                x = net.linear(&format!("fc{layer}"), x, 64, 0.4);
                x = net.activation(x, Activation::Tanh);
            }
            let x = if passes_by { net.sum("sum", input, x) } else { x };
            net.linear("head", x, 10, 0.5);
            net
        };
        let warned =
            |passes_by| net(passes_by).findings().iter().any(|finding| finding.contains("wrong-gain"));
        assert_eq!([warned(false), warned(true)], [true, false]);
    }

    /// PyTorch's default has gain 1/√3 and is uniform.
    #[test]
    fn the_default_in_twenty_gelu_layers_is_one_verdict() {
        let mut net = Net::mlp(1, 20, Activation::Gelu, 1.0);
        for layer in 1..=20 {
            net.edit(&format!("fc{layer}.weight"), |at, _| (2.0 * uniform(at + layer * 4096) - 1.0) / 8.0);
        }
        let verdicts = net.verdicts();
        // The last hidden layer leads to the logits and is judged too.
        assert_eq!(verdicts[0].locations.len(), 20, "{}", verdicts[0]);
        let worst = verdicts[0].location().to_owned();
        net.is_mended(&format!("warning[wrong-gain] {worst}"), "the default of PyTorch and burn");
    }

    #[test]
    fn a_gain_ten_times_too_large_is_a_warning_alone() {
        let net = |factor: f64| {
            let mut net = Net::mlp(1, 4, Activation::Relu, 2f64.sqrt());
            net.edit("fc2.weight", |_, x| factor * x);
            net
        };
        net(10.0).is_mended("warning[wrong-gain] fc2", "fc2.weight has gain 1");
        net(0.1).is_mended("warning[wrong-gain] fc2", "relu needs 1.41");
        // ReLU's gain missing in one layer is a note.
        let verdicts = net(0.5f64.sqrt()).verdicts();
        assert!(!verdicts.iter().any(crate::Verdict::is_finding), "{}", verdicts[0]);
        assert_eq!((verdicts[0].rule, verdicts[0].location()), ("wrong-gain", "fc2"));
        assert!(verdicts[0].causes[0].contains("ReLU's gain may be missing"), "{}", verdicts[0]);
    }

    /// Strides of transposed convolutions, fan-out where widths change, depthwise kernels.
    #[test]
    fn strides_groups_and_fan_out_are_accounted_for() {
        let mut net = Net::new(1, 8);
        let mut x = net.input(32, 4);
        for layer in 1..=3 {
            x = net.convolution(&format!("up{layer}"), x, 32, (4, -2, 1), 2f64.sqrt());
            x = net.activation(x, Activation::Relu);
        }
        x = net.convolution("depthwise", x, 32, (3, 1, 32), 2f64.sqrt());
        x = net.activation(x, Activation::Relu);
        net.linear("head", x, 10, 0.5);
        assert!(net.verdicts().is_empty(), "{}", net.verdicts()[0]);

        let mut net = Net::new(1, 64);
        let mut x = net.input(64, 1);
        for (layer, width) in [256, 64, 256, 64].into_iter().enumerate() {
            let fan_out = (if width == 256 { 0.25f64 } else { 4.0 }).sqrt();
            x = net.linear(&format!("fc{layer}"), x, width, 2f64.sqrt() * fan_out);
            x = net.activation(x, Activation::Relu);
        }
        net.linear("head", x, 10, 0.5);
        assert!(net.findings().is_empty(), "{:?}", net.findings());
    }

    /// Detectors apply one head, drawn from N(0, 0.01²), at every level of a pyramid.
    #[test]
    fn layers_side_by_side_do_not_multiply() {
        let net = |levels: usize| {
            let mut net = Net::new(1, 64);
            let x = net.input(64, 1);
            let mut all = None;
            for level in 1..=levels {
                let mut h = x;
                for layer in 1..=4 {
                    h = net.linear(&format!("level{level}.fc{layer}"), h, 64, 0.5);
                    h = net.activation(h, Activation::Relu);
                }
                h = net.linear(&format!("level{level}.out"), h, 64, 1.0);
                all = Some(all.map_or(h, |all| net.sum(&format!("sum{level}"), all, h)));
            }
            net.linear("head", all.unwrap(), 10, 1.0);
            net
        };
        assert!(net(6).findings().is_empty(), "{:?}", net(6).findings());
        // Ten such layers behind each other are a thousandfold.
        let deep = Net::mlp(1, 10, Activation::Relu, 0.5);
        assert!(
            deep.findings().iter().any(|found| found.starts_with("warning[wrong-gain]")),
            "{:?}",
            deep.findings()
        );
    }

    /// A weight of std 1 in one block of a decoder, where no gain can be asked of a branch.
    #[test]
    fn one_block_unlike_the_others_is_named() {
        let mut net = Net::gpt2(1);
        net.edit("h.3.mlp.c_fc.weight", |_, x| 25.0 * x);
        let named =
            |net: &Net| net.findings().iter().any(|found| found == "warning[wrong-gain] h.3.mlp.c_fc.weight");
        assert!(named(&net), "{:?}", net.findings());
        let verdicts = net.verdicts();
        let verdict = verdicts.iter().find(|verdict| verdict.rule == "wrong-gain").unwrap();
        assert!(!named(&net.followed(verdict)));
        let mut net = Net::gpt2(1);
        net.edit("h.3.mlp.c_fc.weight", |_, x| 4.0 * x);
        assert!(!named(&net), "{:?}", net.findings());
    }

    /// N(0, 1) in a shallow network of width 100: the gain is 10 in place of √2.
    #[test]
    fn weights_of_std_1_are_a_warning_in_a_shallow_network() {
        let mut net = Net::mlp(1, 2, Activation::Relu, 2f64.sqrt());
        net.edit("fc2.weight", |_, x| 32f64.sqrt() * x);
        net.is_mended("warning[wrong-gain] fc2", "as if it was never divided by √fan_in");
    }
}
