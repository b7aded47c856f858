//! Logits that a function has already squashed.

use crate::format::significant;
use crate::judge::{Context, Level, Rule, Verdict};
use crate::sites::SiteKind;

pub(super) const RULE: Rule = Rule {
    name: "squashed-logits",
    level: Level::Warning,
    checks: "A cross-entropy of logits, which applies a softmax or sigmoid of its own, whose logits are the values of a softmax or of a function with a \
             finite range.",
    matters: "Probabilities differ by at most 1, too little for logits: even a network that is always right has a loss well above 0, and \
              its gradients are small on the way there.",
    example: "`nn.Softmax` as the last module, and `F.cross_entropy`; `nn.Sigmoid`, and `F.binary_cross_entropy_with_logits`.",
    instead: "Hand the loss what the last function reads, or take a loss of probabilities.",
    find,
};

fn find(context: &Context<'_>, _: &[Verdict]) -> Vec<Verdict> {
    verdict(context).into_iter().collect()
}

fn verdict(context: &Context<'_>) -> Option<Verdict> {
    let loss = context.first().loss.as_ref()?;
    let site = &context.sites()[loss.logits?];
    let (low, high) = match site.kind {
        SiteKind::Softmax => (0.0, 1.0),
        SiteKind::Activation => site.function?.saturation_range(),
        _ => return None,
    };
    let least = least_loss(&loss.kind, loss.classes, low, high)?;
    (least > 0.0).then(|| {
        let [low, high, text] = [low, high, least].map(|x| significant(x, 3));
        let finding = format!(
            "the loss reads its values as logits, which lie between {low} and {high}: it cannot fall below {text} (limit 0)."
        );
        Verdict::new((RULE.name, RULE.level), &site.name, least, 0.0, finding)
            .cause(Some("The loss applies a softmax or sigmoid of its own: hand it what this site reads.".to_owned()))
    })
}

/// The least loss with logits within a range: the right class at one end, and all others at the other.
fn least_loss(kind: &str, classes: Option<usize>, low: f64, high: f64) -> Option<f64> {
    match kind {
        "cross_entropy" => Some(((classes? as f64 - 1.0) * (low - high).exp()).ln_1p()),
        "binary_cross_entropy" => Some((-high).exp().ln_1p().min(low.exp().ln_1p())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use tensor::Activation;

    use super::*;
    use crate::judge::testing::Net;

    fn behind(last: impl Fn(&mut Net, usize)) -> Net {
        let mut net = Net::mlp(1, 2, Activation::Tanh, 1.0);
        let logits = net.last();
        last(&mut net, logits);
        net
    }

    #[test]
    fn probabilities_are_no_logits() {
        let verdict = behind(|net, x| _ = net.softmax("softmax", x)).verdicts().remove(0);
        assert_eq!((verdict.rule, verdict.location()), ("squashed-logits", "softmax"), "{verdict}");
        // ln(1 + 9/e), PyTorch's F.cross_entropy(torch.eye(10)[:1], torch.tensor([0])) = 1.4612.
        assert!(verdict.finding.contains("cannot fall below 1.46"), "{verdict}");
        let sigmoid = behind(|net, x| _ = net.activation(x, Activation::Sigmoid)).verdicts().remove(0);
        assert_eq!(sigmoid.rule, "squashed-logits", "{sigmoid}");
    }

    /// The same network without the function, and one behind a function without an end.
    #[test]
    fn logits_without_a_function_are_healthy() {
        assert!(Net::mlp(1, 2, Activation::Tanh, 1.0).verdicts().is_empty());
        let relu = behind(|net, x| _ = net.activation(x, Activation::Relu));
        assert!(relu.verdicts().iter().all(|verdict| verdict.rule != RULE.name));
    }

    /// PyTorch's `F.binary_cross_entropy_with_logits` of 1 for the target 1 is 0.3133.
    #[test]
    fn a_sigmoid_before_a_loss_of_logits_has_a_least_loss() {
        let least = least_loss("binary_cross_entropy", None, 0.0, 1.0).unwrap();
        assert!((least - 0.3133).abs() < 1e-4, "{least}");
        assert_eq!(least_loss("mse", Some(10), 0.0, 1.0), None);
    }
}
