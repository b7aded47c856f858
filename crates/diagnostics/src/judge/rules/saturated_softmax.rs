//! Attention that looks at a single position.

use crate::format::significant;
use crate::judge::{Context, Fix, Level, Rule, Verdict};
use crate::sites::SiteKind;

pub(super) const RULE: Rule = Rule {
    name: "saturated-softmax",
    level: Level::Warning,
    checks: "Softmaxes of attention more than half of whose rows have one probability above 0.99; those that read a linear \
             layer, such as the router of a mixture of experts, are a note.",
    matters: "The gradient of such a row is nearly 0: attention hardly learns where to look.",
    example: "Query and key weights 30 times as large as they should be; scores without 1/√d.",
    instead: "Scores of std about 1 or below: weights by Xavier's scheme or N(0, 0.02), scores divided by √d.",
    find,
};

fn find(context: &Context<'_>, _: &[Verdict]) -> Vec<Verdict> {
    let all = (0..context.sites().len()).filter(|&at| context.sites()[at].kind == SiteKind::Softmax);
    all.filter_map(|at| verdict(context, at)).collect()
}

fn verdict(context: &Context<'_>, at: usize) -> Option<Verdict> {
    let site = &context.sites()[at];
    let share = context.site(at, |s| s.one_hot);
    let limit = context.limits.one_hot;
    (share.value > limit).then(|| {
        let [percent, allowed] = [share.value, limit].map(|x| significant(100.0 * x, 3));
        let finding = format!("{percent}% of its rows have one probability above 0.99 (limit {allowed}%).");
        // A router that chooses one expert is no attention, and its gates are learned beside a balancing loss.
        let routes = site.inputs.iter().any(|input| context.product_before(input.site).is_some());
        let level = if routes { Level::Note } else { RULE.level };
        let mut verdict = Verdict::new((RULE.name, level), &site.name, share, limit, finding)
            .evidence("entropy", context.site_value(at, |s| s.entropy))
            .evidence("mean largest probability", context.site_value(at, |s| s.largest))
            .key("one-hot");
        if let Some(scores) = scores(context, at) {
            let std = context.site_value(scores, |s| s.std);
            verdict = verdict.evidence("score std", std).cause(format!(
                "Its scores have std {}. As a guide: at std 1, the largest of 64 probabilities is about 0.1.",
                significant(std, 3)
            ));
            verdict = verdict.fix(fix(context, scores, std));
        }
        verdict
    })
}

/// The scores that a softmax reads.
fn scores(context: &Context<'_>, at: usize) -> Option<usize> {
    let mut at = context.sites()[at].inputs.first()?.site;
    while context.sites()[at].kind == SiteKind::Scale || context.sites()[at].kind == SiteKind::Sum {
        at = context.sites()[at].inputs.first()?.site;
    }
    (context.sites()[at].kind == SiteKind::Scores).then_some(at)
}

/// Scales the weights of queries and keys, if they are two, so that scores have std 1.
fn fix(context: &Context<'_>, scores: usize, std: f64) -> Option<Fix> {
    let inputs = &context.sites()[scores].inputs;
    let weight = |at: usize| {
        let product = context.product_before(at)?;
        context.sites()[product].weight
    };
    let weights: Vec<usize> = inputs.iter().filter_map(|input| weight(input.site)).collect();
    let [query, key] = weights[..] else { return None };
    let factor = (1.0 / std).sqrt();
    let parameters = [query, key].map(|at| (context.parameters()[at].name.clone(), factor));
    (query != key && std > 1.0)
        .then(|| Fix::Scale { parameters: parameters.to_vec(), predicted: vec![("score std", 1.0)] })
}

#[cfg(test)]
mod tests {
    use crate::judge::testing::Net;
    use crate::sites::NormKind;

    /// One attention layer whose scores have std gain².
    fn net(gain: f64, causal: bool, positions: usize) -> Net {
        let mut net = Net::new(1, 8);
        let x = net.input(32, positions);
        let h = net.norm("ln", x, NormKind::Layer);
        let h = net.attention("attn", h, 1.0, causal);
        let x = net.residual("block", x, h);
        net.linear("head", x, 10, 0.5);
        for name in ["attn.q.weight", "attn.k.weight"] {
            net.edit(name, |_, x| gain * x);
        }
        net
    }

    /// Scores of std 900.
    #[test]
    fn queries_and_keys_thirty_times_too_large_are_scaled() {
        let loud = net(30.0, false, 16);
        assert_eq!(loud.findings(), ["warning[saturated-softmax] attn.softmax"]);
        let fixed = loud.is_mended("warning[saturated-softmax] attn.softmax", "scores have std");
        let pass = fixed.recording();
        let scores = pass.sites[pass.site("attn.scores").unwrap()].statistics;
        assert!((scores.std - 1.0).abs() < 1e-6, "{}", scores.std);
    }

    /// The first row of a causal softmax has one key, and its probability is 1.
    #[test]
    fn rows_with_one_key_are_no_fault() {
        for positions in [2, 16] {
            let net = net(1.0, true, positions);
            assert!(net.findings().is_empty(), "{:?}", net.findings());
        }
    }

    /// A router's softmax reads a linear layer.
    #[test]
    fn a_router_that_chooses_is_a_note() {
        let mut net = Net::new(1, 64);
        let x = net.input(32, 1);
        let router = net.linear("router", x, 4, 30.0);
        let gate = net.softmax("router.softmax", router);
        let expert = net.linear("expert", x, 4, 1.0);
        let x = net.gate("mixture", gate, expert);
        net.linear("head", x, 10, 1.0);
        assert!(net.findings().is_empty(), "{:?}", net.findings());
        assert_eq!(net.verdicts()[0].rule, "saturated-softmax");
    }
}
