//! Residual branches that make an unnormalised stream grow exponentially.

use crate::format::significant;
use crate::judge::{Context, Fix, Level, Rule, Verdict};
use crate::sites::{InputRole, SiteKind};

pub(super) const RULE: Rule = Rule {
    name: "branch-unscaled",
    level: Level::Warning,
    checks: "Residual streams that no normalisation reads and that grow more than 1.28× per block, in the median, and more than 30× overall.",
    matters: "A branch as large as its stream doubles the stream's variance in every block: 20 blocks make it a thousand times \
              as large, and the logits with it.",
    example: "`h = h + W2 relu(W1 h)` 20 times, all weights by Kaiming's scheme.",
    instead: "Scale the last weight of each branch by 1/√(2·blocks), or start it at 0, or normalise the stream.",
    find,
};

/// The growth of a whole stream from which it is a fault.
const SPAN: f64 = 30.0;

fn find(context: &Context<'_>, _: &[Verdict]) -> Vec<Verdict> {
    verdict(context).into_iter().collect()
}

/// The residual sums on the way from the input to the logits.
pub(in crate::judge) fn blocks(context: &Context<'_>) -> Vec<usize> {
    let trunk = context.graph.trunk().iter().copied();
    trunk.filter(|&at| context.sites()[at].kind == SiteKind::ResidualSum).collect()
}

/// The input of a sum with that role.
pub(in crate::judge) fn input(context: &Context<'_>, at: usize, role: InputRole) -> Option<usize> {
    let inputs = &context.sites()[at].inputs;
    inputs.iter().find(|input| input.role == Some(role)).map(|input| input.site)
}

/// The stream that enters the first block, and the growth from there to the last.
fn growth(context: &Context<'_>, blocks: &[usize]) -> Option<f64> {
    let start = input(context, *blocks.first()?, InputRole::Stream)?;
    let rms = |at: usize| context.site_value(at, |s| s.rms);
    let growth = rms(*blocks.last()?) / rms(start);
    growth.is_finite().then_some(growth)
}

/// True if a norm stands in the first branch, on the stream or behind it.
pub(in crate::judge) fn is_normalised(context: &Context<'_>, blocks: &[usize]) -> bool {
    let forgotten = blocks.last().is_none_or(|&last| context.graph.scale_is_forgotten(last));
    let between = context.graph.trunk().iter().any(|&at| context.sites()[at].kind == SiteKind::Norm);
    let first = blocks.first().and_then(|&first| input(context, first, InputRole::Branch));
    let in_branch = first.is_some_and(|branch| {
        let upstream = context.graph.upstream(context.first(), branch);
        let stream = blocks.first().and_then(|&first| input(context, first, InputRole::Stream)).unwrap_or(0);
        (stream..=branch).any(|at| upstream[at] && at != stream && context.sites()[at].kind == SiteKind::Norm)
    });
    forgotten || between || in_branch
}

/// The median growth per block: one loud branch is another rule's.
fn usual_growth(context: &Context<'_>, blocks: &[usize]) -> Option<f64> {
    let rms = |at: usize| context.site_value(at, |s| s.rms);
    let ratio = |&block: &usize| Some(rms(block) / rms(input(context, block, InputRole::Stream)?));
    let mut ratios: Vec<f64> = blocks.iter().filter_map(ratio).collect();
    ratios.sort_by(f64::total_cmp);
    ratios.get(ratios.len() / 2).copied()
}

fn verdict(context: &Context<'_>) -> Option<Verdict> {
    let blocks = blocks(context);
    if blocks.len() < 3 || is_normalised(context, &blocks) {
        return None;
    }
    let growth = growth(context, &blocks)?;
    let rate = usual_growth(context, &blocks)?;
    let limit = context.limits.rate;
    (rate > limit && growth > SPAN).then(|| {
        let first = &context.sites()[blocks[0]].name;
        let finding = format!(
            "the stream grows {}× per block, {}× over {} blocks (limit {limit}× per block), and nothing normalises it.",
            significant(rate, 3),
            significant(growth, 3),
            blocks.len()
        );
        let factor = 1.0 / (2.0 * blocks.len() as f64).sqrt();
        let weights: Vec<_> = blocks
            .iter()
            .filter_map(|&block| {
                let product = context.product_before(input(context, block, InputRole::Branch)?)?;
                let weight = context.sites()[product].weight?;
                (context.readers_of(weight).len() == 1).then(|| (context.parameters()[weight].name.clone(), factor))
            })
            .collect();
        let branch = input(context, blocks[0], InputRole::Branch);
        let ratio = branch.zip(input(context, blocks[0], InputRole::Stream)).map(|(branch, stream)| {
            context.site_value(branch, |s| s.rms) / context.site_value(stream, |s| s.rms)
        });
        let cause = ratio.map(|ratio| format!("The first branch is {}× its stream, so the branches look unscaled.", significant(ratio, 3)));
        let fix = (weights.len() == blocks.len()).then_some(Fix::Scale { parameters: weights, predicted: vec![] });
        let mut verdict = Verdict::new((RULE.name, RULE.level), first, rate, limit, finding).cause(cause).fix(fix);
        verdict.locations = blocks.iter().map(|&at| context.sites()[at].name.clone()).collect();
        verdict
    })
}

#[cfg(test)]
mod tests {
    use crate::judge::testing::Net;
    use crate::sites::NormKind;

    /// each block doubles the variance, so that 20 make the stream 2¹⁰ times as large.
    #[test]
    fn unscaled_branches_of_a_plain_stream_are_scaled() {
        let net = Net::residual_mlp(1, 20, 1.0, None);
        let verdict = net.verdicts().remove(0);
        assert!((verdict.measured.value - 2f64.sqrt()).abs() < 0.05, "{verdict}");
        assert_eq!(verdict.locations.len(), 20);
        let fixed = net.is_mended("warning[branch-unscaled] block1", "nothing normalises it");
        assert!(fixed.loss() < 0.1 * net.loss(), "{} {}", net.loss(), fixed.loss());
    }

    /// A normalised stream, a short one, branches that start at 0, and scaled branches.
    #[test]
    fn normalised_short_and_scaled_streams_are_healthy() {
        let mut zero = Net::residual_mlp(1, 20, 1.0, None);
        (1..=20).for_each(|block| zero.edit(&format!("block{block}.b.weight"), |_, _| 0.0));
        let pre_norm = Net::residual_mlp(1, 20, 1.0, Some(NormKind::Rms));
        let scaled = Net::residual_mlp(1, 20, 1.0 / 40f64.sqrt(), None);
        for net in [zero, pre_norm, scaled, Net::residual_mlp(1, 4, 1.0, None)] {
            assert!(net.findings().is_empty(), "{:?}", net.findings());
        }
    }
}
