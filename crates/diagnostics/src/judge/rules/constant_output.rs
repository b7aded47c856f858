//! Logits that are the same for every example.

use super::zero_gradient::is_last;
use crate::judge::{Context, Level, Rule, Verdict};
use crate::sites::SiteKind;

pub(super) const RULE: Rule = Rule {
    name: "constant-output",
    level: Level::Error,
    checks: "Logits that have one value per unit in every example, although their weight is not 0 and the examples differ.",
    matters: "The network has lost its input on the way, and what lost it receives no gradient that tells examples apart.",
    example: "A normalisation with scale 0 before the last layer.",
    instead: "Start at the first site with constant values: the fault is there or in what it reads.",
    find,
};

fn find(context: &Context<'_>, found: &[Verdict]) -> Vec<Verdict> {
    verdict(context, found).into_iter().collect()
}

fn is_constant(context: &Context<'_>, at: usize) -> bool {
    let [examples, constant, bad] = [
        context.site_value(at, |s| s.examples * s.positions),
        context.site_value(at, |s| s.constant_units),
        context.site_value(at, |s| s.non_finite),
    ];
    examples > 1.0 && constant == 1.0 && bad == 0.0
}

/// For each site, true if it is constant, and all that is computed from it. Where the loss is written out, the last product stands for the
/// logits, and need not be all that the loss reads.
fn lost(context: &Context<'_>) -> Vec<bool> {
    let graph = &context.graph;
    graph.backwards(|at, lost| is_constant(context, at) && graph.readers(at).all(|reader| lost[reader]))
}

/// True if values that are constant are those of a weight of 0 which is the last one: that of the logits, or one that they read.
/// Where the loss is written out, logits of a weight of 0 may be the last step of several, each of which starts at 0, as in Glow.
fn is_by_design(context: &Context<'_>, first: usize, logits: usize) -> bool {
    let is_zero = |at: usize| {
        let weight = context.sites()[at].weight;
        weight.is_some_and(|weight| context.parameter(weight, |p| p.rms) == 0.0)
    };
    // Logits without a weight of their own, such as the products of two embeddings.
    let ends = &context.sites()[logits];
    let is_read = ends.weight.is_none() && ends.inputs.iter().any(|input| input.site == first);
    let is_written_out = context.first().loss.as_ref().is_none_or(|loss| loss.kind == "other");
    is_zero(first)
        && (first == logits || is_read || is_last(context, first) || (is_written_out && is_zero(logits)))
}

fn verdict(context: &Context<'_>, found: &[Verdict]) -> Option<Verdict> {
    let logits = context.logits()?;
    let trunk = context.graph.trunk();
    let first = trunk.iter().copied().find(|&at| is_constant(context, at))?;
    if !lost(context)[logits] || is_by_design(context, first, logits) {
        return None;
    }
    let site = &context.sites()[first];
    let finding = if first == logits {
        "its values are the same in every example.".to_owned()
    } else {
        format!(
            "its values are the same in every example, and therefore so are the logits ({}).",
            context.sites()[logits].name
        )
    };
    let rms = context.site_value(first, |s| s.rms);
    let known = found.iter().find(|verdict| verdict.level == Level::Error);
    let cause = known.map(|verdict| format!("This follows from {} at {}.", verdict.rule, verdict.location()));
    if matches!(site.kind, SiteKind::Input | SiteKind::Embedding) && site.inputs.is_empty() && rms > 0.0 {
        let finding = "all examples are equal: what needs different ones is not judged.".to_owned();
        return Some(Verdict::new((RULE.name, Level::Note), &site.name, rms, 0.0, finding));
    }
    let verdict = Verdict::new((RULE.name, RULE.level), &site.name, 0.0, 0.0, finding);
    let zero = (rms == 0.0).then(|| "All of them are 0.".to_owned());
    Some(verdict.cause(cause).cause(zero).evidence("rms", rms))
}

#[cfg(test)]
mod tests {
    use tensor::Activation;

    use crate::judge::testing::Net;
    use crate::sites::NormKind;

    /// A signal that is multiplied by 0 reaches no logits.
    #[test]
    fn the_first_constant_site_is_named() {
        let net = |scale: f64| {
            let mut net = Net::new(1, 64);
            let x = net.input(32, 1);
            let x = net.scale("scale", x, scale);
            let x = net.linear("fc", x, 32, 1.0);
            let x = net.activation(x, Activation::Tanh);
            net.linear("head", x, 10, 1.0);
            net
        };
        let verdicts = net(0.0).verdicts();
        assert_eq!(net(0.0).findings(), ["error[constant-output] scale"]);
        assert!(verdicts[0].finding.ends_with("so are the logits (head)."), "{}", verdicts[0]);
        assert_eq!(verdicts[0].causes, ["All of them are 0."]);
        assert!(net(1.0).findings().is_empty());
    }

    #[test]
    fn another_error_is_named_as_the_cause() {
        let mut net = Net::mlp(1, 3, Activation::Relu, 2f64.sqrt());
        net.edit("fc2.bias", |_, _| -10.0);
        let verdicts = net.verdicts();
        let constant = verdicts.iter().find(|verdict| verdict.rule == "constant-output").expect("a verdict");
        assert_eq!(constant.location(), "fc2.relu");
        assert_eq!(constant.causes[0], "This follows from dead-units at fc2.relu.");
    }

    /// A head that starts at 0 gives every class the same probability on purpose.
    #[test]
    fn a_zero_head_is_healthy() {
        let mut net = Net::residual_mlp(1, 3, 0.5, Some(NormKind::Layer));
        net.edit("head.weight", |_, _| 0.0);
        assert!(net.findings().is_empty(), "{:?}", net.findings());
    }

    /// Steps that all start at 0, as the couplings of Glow do: the loss reads more than the last of them.
    #[test]
    fn zero_weights_before_zero_logits_of_an_unknown_loss_are_healthy() {
        let mut net = Net::new(1, 64);
        let x = net.input(32, 1);
        let x = net.linear("first", x, 16, 1.0);
        net.linear("last", x, 10, 1.0);
        net.edit("first.weight", |_, _| 0.0);
        net.edit("last.weight", |_, _| 0.0);
        let verdicts = |kind: &str| {
            let mut recording = net.recording();
            recording.loss.as_mut().expect("a loss").kind = kind.to_owned();
            crate::judge::Limits::default().judge_recordings(&[recording])
        };
        let judged = |kind: &str| verdicts(kind).iter().any(|verdict| verdict.rule == "constant-output");
        assert!(judged("cross_entropy") && !judged("other"));
    }

    /// A batch of equal examples is a fault of the batch, not of the network.
    #[test]
    fn equal_examples_are_a_note() {
        let mut net = Net::mlp(1, 3, Activation::Tanh, 1.0);
        net.edit_input(|_| 1.0);
        let verdicts = net.verdicts();
        assert!(net.findings().is_empty(), "{:?}", net.findings());
        let note = verdicts.iter().find(|verdict| verdict.rule == "constant-output").expect("a note");
        assert_eq!(note.location(), "input");
    }

    /// A coupling of a flow adds its last product to a signal; with a written-out loss that product stands for the logits.
    #[test]
    fn a_zero_product_beside_the_signal_is_healthy() {
        let mut net = Net::new(1, 64);
        let x = net.input(10, 1);
        let h = net.linear("fc1", x, 32, 2f64.sqrt());
        let h = net.activation(h, Activation::Relu);
        let shift = net.linear("fc2", h, 10, 1.0);
        net.sum("coupling", x, shift);
        net.edit("fc2.weight", |_, _| 0.0);
        let mut recording = net.recording();
        let loss = recording.loss.as_mut().unwrap();
        (loss.kind, loss.classes, loss.logits) = ("other".to_owned(), None, Some(shift));
        assert!(!recording.verdicts().iter().any(crate::Verdict::is_finding), "{}", recording.verdicts()[0]);
    }
}
