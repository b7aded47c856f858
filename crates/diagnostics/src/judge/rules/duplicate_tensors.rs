//! Equal tensors, and tensors that repeat a part of themselves.

use std::collections::BTreeMap;

use crate::format::significant;
use crate::judge::{Context, Fix, Level, Rule, Verdict};
use crate::report::Role;
use crate::sites::SiteKind;

pub(super) const RULE: Rule = Rule {
    name: "duplicate-tensors",
    level: Level::Warning,
    checks: "Weights with equal values under several names, and weights whose rows repeat from the first to the last, as when one \
             head was copied.",
    matters: "Layers that start equal begin as one layer twice, and heads that start equal receive equal gradients and stay \
              equal.",
    example: "`nn.TransformerEncoder`, which copies the layer that it is given; one seed set before every layer.",
    instead: "Draw each on its own, from one random stream.",
    find,
};

fn find(context: &Context<'_>, _: &[Verdict]) -> Vec<Verdict> {
    let mut found = equal(context);
    found.extend((0..context.parameters().len()).filter_map(|at| repeated(context, at)));
    found
}

/// A weight of fewer values may be a small table that a method fixes, such as the offsets of heads in `ConViT`.
const FEWEST: f64 = 32.0;

/// Weights of products and embeddings only: tables of constants, such as the decay rates of a state space, are equal by
/// design.
fn is_drawn(context: &Context<'_>, at: usize) -> bool {
    let parameter = &context.parameters()[at];
    let read_by = |&site: &usize| {
        let site = &context.sites()[site];
        site.weight == Some(at) && (site.kind.is_product() || site.kind == SiteKind::Embedding)
    };
    let drawn = parameter.role == Role::Weight || parameter.role == Role::Embedding;
    let read = context.readers_of(at).iter().any(read_by) || context.sites().is_empty();
    drawn
        && read
        && parameter.trainable
        && is_trained(context, at)
        && context.parameter(at, |p| p.std) > 0.0
        && context.parameter(at, |p| p.count) >= FEWEST
        && !is_pattern(context, at)
}

/// False for a parameter without a gradient where others have one: a target network is a copy by design.
fn is_trained(context: &Context<'_>, at: usize) -> bool {
    let has_gradient = |at: usize| context.parameter(at, |p| p.gradient_count) > 0.0;
    has_gradient(at) || !(0..context.parameters().len()).any(has_gradient)
}

/// True for an identity, a Dirac kernel and the like: zeros, and one magnitude elsewhere.
fn is_pattern(context: &Context<'_>, at: usize) -> bool {
    let of = |field: fn(&crate::ParameterStatistics) -> f64| context.parameter(at, field);
    let largest = of(|p| p.max.abs().max(p.min.abs()));
    let share = of(|p| 1.0 - p.zeros / p.count);
    share < 1.0 && of(|p| p.rms) > largest * share.sqrt() * (1.0 - 1e-6)
}

fn equal(context: &Context<'_>) -> Vec<Verdict> {
    let mut groups: BTreeMap<(u64, &[usize]), Vec<usize>> = BTreeMap::new();
    for (at, parameter) in context.parameters().iter().enumerate() {
        if let Some(hash) = parameter.hash.filter(|_| is_drawn(context, at)) {
            groups.entry((hash, &parameter.shape)).or_default().push(at);
        }
    }
    let mut found: Vec<_> = groups
        .into_values()
        .filter(|group| group.len() > 1)
        .map(|group| (group[0], group_verdict(context, &group)))
        .collect();
    found.sort_by_key(|&(first, _)| first);
    found.into_iter().map(|(_, verdict)| verdict).collect()
}

fn group_verdict(context: &Context<'_>, group: &[usize]) -> Verdict {
    let names: Vec<String> = group.iter().map(|&at| context.parameters()[at].name.clone()).collect();
    let finding = format!("{} tensors have the same values.", group.len());
    // As large as the original, which is as its scheme wants it.
    let std = context.parameter(group[0], |p| p.std);
    let fix = Fix::Redraw { parameters: names[1..].to_vec(), std: Some(std) };
    let mut verdict = Verdict::new((RULE.name, RULE.level), &names[0], group.len() as f64, 1.0, finding)
        .cause("One was copied from the other, or both were drawn from the same seed.".to_owned())
        .fix(fix)
        .key(format!("{} copies", group.len()));
    verdict.locations = names;
    verdict
}

fn repeated(context: &Context<'_>, at: usize) -> Option<Verdict> {
    let (repeats, rows) = (context.parameter(at, |p| p.repeats), context.parameter(at, |p| p.rows));
    let name = &context.parameters()[at].name;
    (is_drawn(context, at) && repeats > 1.0 && repeats < rows).then(|| {
        let (times, block) = (significant(repeats, 6), significant(rows / repeats, 6));
        let finding = format!(
            "its rows repeat {times} times (blocks of {block} rows), so one block was probably copied."
        );
        let std = context.parameter(at, |p| p.std);
        let fix = Fix::Redraw { parameters: vec![name.clone()], std: Some(std) };
        Verdict::new((RULE.name, RULE.level), name, repeats, 1.0, finding).fix(fix)
    })
}

#[cfg(test)]
mod tests {
    use tensor::Activation;

    use crate::judge::testing::Net;
    use crate::judge::{Fix, Limits};

    #[test]
    fn copies_are_named_and_drawn_again() {
        let mut net = Net::mlp(1, 4, Activation::Tanh, 1.0);
        let copied = net.values("fc2.weight");
        net.edit("fc4.weight", |at, _| copied[at]);
        let verdicts = net.verdicts();
        assert_eq!(verdicts[0].locations, ["fc2.weight", "fc4.weight"]);
        let fixed = net.is_mended("warning[duplicate-tensors] fc2.weight", "2 tensors have the same values");
        assert_eq!(fixed.values("fc2.weight"), copied);
    }

    /// A copy is drawn as large as its original, and not as its layer's default: that may be four times as large.
    #[test]
    fn a_copy_keeps_its_size() {
        let mut net = Net::mlp(1, 4, Activation::Tanh, 1.0);
        net.edit("fc2.weight", |_, x| 0.25 * x);
        let copied = net.values("fc2.weight");
        net.edit("fc4.weight", |at, _| copied[at]);
        let verdicts = net.verdicts();
        let copies = verdicts.iter().find(|verdict| verdict.rule == "duplicate-tensors").expect("a verdict");
        let Some(Fix::Redraw { parameters, std: Some(std) }) = &copies.fix else { panic!("{copies}") };
        assert!(parameters[..] == ["fc4.weight"] && (std * 8.0 / 0.25 - 1.0).abs() < 0.05, "{copies}");
    }

    /// Tables of a few values that a method fixes, such as the offsets of heads.
    #[test]
    fn small_tables_may_be_equal() {
        let mut net = Net::new(1, 64);
        let x = net.input(4, 1);
        let x = net.linear("a", x, 4, 1.0);
        let x = net.linear("b", x, 4, 1.0);
        net.linear("head", x, 10, 0.5);
        let copied = net.values("a.weight");
        net.edit("b.weight", |at, _| copied[at]);
        assert!(net.verdicts().iter().all(|verdict| verdict.rule != "duplicate-tensors"));
    }

    /// A target network is a copy by design, and receives no gradient.
    #[test]
    fn copies_that_are_not_trained_are_no_fault() {
        let mut net = Net::mlp(1, 4, Activation::Tanh, 1.0);
        let copied = net.values("fc2.weight");
        net.edit("fc4.weight", |at, _| copied[at]);
        let mut recording = net.recording();
        let target =
            recording.parameters.iter_mut().find(|parameter| parameter.name == "fc4.weight").unwrap();
        target.statistics.gradient_count = f64::NAN;
        let verdicts = Limits::default().judge_recordings(&[recording]);
        assert!(verdicts.iter().all(|verdict| verdict.rule != "duplicate-tensors"), "{}", verdicts[0]);
    }

    #[test]
    fn copied_heads_are_one_tensor() {
        let mut net = Net::mlp(1, 3, Activation::Tanh, 1.0);
        let values = net.values("fc2.weight");
        net.edit("fc2.weight", |at, _| values[at % (16 * 64)]);
        net.is_mended("warning[duplicate-tensors] fc2.weight", "repeat 4 times (blocks of 16 rows)");
    }

    /// A tied head is one tensor, zeros are equal by design, and so are norms and biases.
    #[test]
    fn tied_zero_and_constant_tensors_are_no_copies() {
        let mut net = Net::gpt2(1);
        for block in 1..=4 {
            net.edit(&format!("h.{block}.mlp.c_proj.weight"), |_, _| 0.0);
        }
        assert!(net.findings().is_empty(), "{:?}", net.findings());
    }

    /// Recurrences and deep linear networks may start from the identity, which nobody draws.
    #[test]
    fn identities_are_no_copies() {
        let mut net = Net::mlp(1, 4, Activation::Tanh, 1.0);
        for name in ["fc2.weight", "fc3.weight", "fc4.weight"] {
            net.edit(name, |at, _| if at / 64 == at % 64 { 1.0 } else { 0.0 });
        }
        assert!(net.findings().is_empty(), "{:?}", net.findings());
    }
}
