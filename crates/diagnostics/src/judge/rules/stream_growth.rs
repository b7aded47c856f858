//! One residual block that drowns its stream.

use super::branch_unscaled::{blocks, input, is_normalised};
use crate::format::significant;
use crate::judge::{Context, Fix, Level, Rule, Verdict};
use crate::sites::{InputRole, SiteKind};

pub(super) const RULE: Rule = Rule {
    name: "stream-growth",
    level: Level::Warning,
    checks: "Residual branches that are more than 3 times their stream, and more than 20 times the median branch of the network.",
    matters: "What earlier blocks added is lost in the rounding and in the next normalisation: the network is as deep as what \
              comes after that block.",
    example: "One output projection that was drawn with std 2 in place of 0.02.",
    instead: "Draw the last weight of that branch like those of the others.",
    find,
};

/// The factor between a branch and the median branch from which it stands out.
const ODD: f64 = 20.0;

fn find(context: &Context<'_>, _: &[Verdict]) -> Vec<Verdict> {
    let rms = |at: usize| context.site_value(at, |s| s.rms);
    let branches: Vec<(usize, usize, f64)> = blocks(context)
        .into_iter()
        .filter_map(|block| {
            let (branch, stream) =
                (input(context, block, InputRole::Branch)?, input(context, block, InputRole::Stream)?);
            // Where two streams meet, neither is the branch of the other.
            let is_branch = context.sites()[branch].kind != SiteKind::ResidualSum;
            is_branch.then_some((block, branch, rms(branch) / rms(stream)))
        })
        .collect();
    // A branch that is normalised first has a size of its own; one that is not follows its stream.
    let normalised = is_normalised(context, &blocks(context));
    let size = |&(_, branch, ratio): &(usize, usize, f64)| if normalised { rms(branch) } else { ratio };
    let mut sizes: Vec<f64> = branches.iter().map(size).collect();
    sizes.sort_by(f64::total_cmp);
    let Some(&median) = sizes.get(sizes.len() / 2).filter(|&&median| median > 0.0) else { return vec![] };
    let limit = context.limits.stream_jump;
    let odd = branches.iter().filter(|branch| branch.2 > limit && size(branch) > ODD * median);
    odd.map(|branch| verdict(context, branch, size(branch) / median)).collect()
}

/// The verdict on a block whose branch is `odd` times as large as the median branch.
fn verdict(context: &Context<'_>, &(block, branch, ratio): &(usize, usize, f64), odd: f64) -> Verdict {
    let limit = context.limits.stream_jump;
    let [times, allowed, odd_text] = [ratio, limit, odd].map(|x| significant(x, 3));
    let finding = format!(
        "its branch is {times}× its stream (limit {allowed}×) and {odd_text}× the median branch (limit {ODD}×)."
    );
    let weight = context.product_before(branch).and_then(|product| context.sites()[product].weight);
    let fix = weight.map(|weight| Fix::Scale {
        parameters: vec![(context.parameters()[weight].name.clone(), 1.0 / odd)],
        predicted: vec![],
    });
    Verdict::new((RULE.name, RULE.level), &context.sites()[block].name, ratio, limit, finding).fix(fix)
}

#[cfg(test)]
mod tests {
    use crate::judge::testing::Net;
    use crate::sites::NormKind;

    /// std 2 in place of 0.02.
    #[test]
    fn one_loud_branch_is_scaled_to_the_others() {
        let mut net = Net::gpt2(1);
        net.edit("h.3.mlp.c_proj.weight", |_, x| 100.0 * x);
        net.is_mended("warning[stream-growth] h.3.mlp", "× the median branch");

        let mut net = Net::residual_mlp(1, 4, 0.5, Some(NormKind::Layer));
        net.edit("block2.b.weight", |_, x| 50.0 * x);
        net.is_mended("warning[stream-growth] block2", "its branch is");
    }

    /// GPT-2's first block is several times its stream of std 0.02, as all its branches are alike.
    #[test]
    fn branches_that_are_alike_are_healthy() {
        let mut net = Net::gpt2(1);
        for name in ["attn.q", "attn.k", "attn.v", "attn.c_proj", "mlp.c_fc", "mlp.c_proj"] {
            (1..=4).for_each(|block| net.edit(&format!("h.{block}.{name}.weight"), |_, x| 2.5 * x));
        }
        let recording = net.recording();
        let rms = |name: &str| recording.sites[recording.site(name).unwrap()].statistics.rms;
        assert!(rms("h.1.attn.c_proj").max(rms("h.1.mlp.c_proj")) > 3.0 * rms("wte"));
        assert!(net.findings().is_empty(), "{:?}", net.findings());
    }

    /// Behind a loud branch of a stream without norms, everything is larger: that branch alone is named.
    #[test]
    fn a_loud_branch_of_a_plain_stream_is_the_one_fault() {
        let mut net = Net::residual_mlp(1, 12, 0.3, None);
        net.edit("block5.b.weight", |_, x| 100.0 * x);
        let fixed = net.is_mended("warning[stream-growth] block5", "its branch is");
        assert!(fixed.loss() < 0.2 * net.loss(), "{} {}", net.loss(), fixed.loss());
        assert!(!net.findings().contains(&"warning[branch-unscaled] block1".to_owned()));
    }

    /// A second stream, such as the trend of a series, is added at the end, and is as large as it is.
    #[test]
    fn two_streams_that_meet_are_healthy() {
        let mut net = Net::new(1, 64);
        let mut trend = net.input(64, 1);
        let mut season = net.linear("in", trend, 64, 0.1);
        for block in 1..=4 {
            let h = net.linear(&format!("season{block}"), season, 64, 0.1);
            season = net.residual(&format!("block{block}"), season, h);
            let h = net.linear(&format!("trend{block}"), season, 64, 0.1);
            trend = net.residual(&format!("sum{block}"), trend, h);
        }
        let x = net.residual("both", season, trend);
        net.linear("head", x, 10, 1.0);
        assert!(net.findings().is_empty(), "{:?}", net.findings());
    }
}
