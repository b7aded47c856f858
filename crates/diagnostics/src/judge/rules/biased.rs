//! Biases that dominate the values that they are added to.

use tensor::Activation;

use crate::format::significant;
use crate::judge::gain::is_hidden;
use crate::judge::{Context, Fix, Level, Rule, Verdict};
use crate::sites::SiteKind;

pub(super) const RULE: Rule = Rule {
    name: "biased",
    level: Level::Warning,
    checks: "Biases of hidden layers whose root mean square is more than half of what the weights should contribute.",
    matters: "The units then follow the bias rather than the input: many are saturated or dead in every example.",
    example: "Biases drawn from N(0, 1) like the weights.",
    instead: "Biases of 0. Biases that set the working point of a gate, as of an LSTM's forget gate, are not reported.",
    find,
};

fn find(context: &Context<'_>, found: &[Verdict]) -> Vec<Verdict> {
    let dead = found.iter().filter(|verdict| verdict.rule == "dead-units");
    let dead: Vec<&String> = dead.flat_map(|verdict| &verdict.locations).collect();
    // Where a bias has killed its units, that verdict names it.
    let explains =
        |at: usize| context.graph.readers(at).any(|reader| dead.contains(&&context.sites()[reader].name));
    let judged = context.products().filter(|&(at, _)| !explains(at));
    judged.filter_map(|(at, weight)| verdict(context, at, weight)).collect()
}

/// True if the bias of a product is reported.
pub(in crate::judge) fn is_biased(context: &Context<'_>, at: usize) -> bool {
    context.sites()[at].weight.is_some_and(|weight| verdict(context, at, weight).is_some())
}

/// The largest root mean square that a product should have, whatever its weights: ReLU's √2 and a little.
const LARGEST: f64 = 1.5;

fn verdict(context: &Context<'_>, at: usize, weight: usize) -> Option<Verdict> {
    let bias = context.sites()[at].bias?;
    let function = context.graph.readers(at).find_map(|reader| {
        context.sites()[reader].function.filter(|_| context.sites()[reader].kind == SiteKind::Activation)
    })?;
    // The bias of a gate or of an output is a choice.
    let chosen = !is_hidden(function) || function == Activation::Identity;
    if chosen || context.parameter(weight, |p| p.rms) == 0.0 {
        return None;
    }
    let rms = context.parameter(bias, |p| p.rms);
    // A bias is measured by what the weights should contribute: what they do contribute may be too large or too small.
    let from_weights = context.weight_gain(weight);
    let share = context.site(at, |s| rms / s.rms.max(from_weights).min(LARGEST));
    let limit = context.limits.bias;
    let name = &context.parameters()[bias].name;
    // PyTorch's default bias, at most 1/√fan_in, is small beside inputs of variance 1: smaller inputs are another fault.
    let is_default =
        context.parameters()[weight].fans().is_some_and(|(fan_in, _)| rms * fan_in.sqrt() <= 1.0);
    (share.value > limit && !is_default).then(|| {
        let [percent, allowed] = [share.value, limit].map(|x| significant(100.0 * x, 3));
        let finding = format!(
            "its root mean square is {}, {percent}% of what its weights should contribute (limit {allowed}%).",
            significant(rms, 3)
        );
        Verdict::new((RULE.name, RULE.level), name, share, limit, finding)
            .evidence("bias", rms)
            .fix(Fix::Set { parameters: vec![name.clone()], value: 0.0 })
            .key("bias")
    })
}

#[cfg(test)]
mod tests {
    use tensor::Activation;

    use crate::judge::testing::{Net, uniform};

    /// Biases from U(−√3, √3), which has variance 1 like the weights' sums.
    #[test]
    fn biases_as_large_as_their_product_are_set_to_0() {
        let mut net = Net::mlp(1, 3, Activation::Tanh, 1.0);
        net.edit("fc2.bias", |at, _| (2.0 * uniform(at) - 1.0) * 3f64.sqrt());
        assert_eq!(net.findings(), ["warning[biased] fc2.bias"]);
        net.is_mended("warning[biased] fc2.bias", "of what its weights should contribute (limit 50%)");
    }

    /// PyTorch's default, the forget gate of an LSTM, and the head's prior.
    #[test]
    fn small_biases_gates_and_priors_are_healthy() {
        let mut net = Net::mlp(1, 3, Activation::Tanh, 1.0);
        for name in ["fc1.bias", "fc2.bias", "fc3.bias"] {
            net.edit(name, |at, _| (2.0 * uniform(at) - 1.0) / 8.0);
        }
        net.edit("head.bias", |at, _| if at == 0 { 2.0 } else { 0.0 });
        assert!(net.findings().is_empty(), "{:?}", net.findings());

        let mut net = Net::new(1, 64);
        let x = net.input(32, 1);
        let forget = net.linear("forget", x, 32, 1.0);
        let forget = net.activation(forget, Activation::Sigmoid);
        let x = net.gate("state", x, forget);
        net.linear("head", x, 10, 1.0);
        net.edit("forget.bias", |_, _| 1.0);
        assert!(net.findings().is_empty(), "{:?}", net.findings());
    }

    /// PyTorch's default bias beside an embedding of std 0.01, as in temporal convolutions.
    #[test]
    fn the_default_bias_beside_small_values_is_healthy() {
        let mut net = Net::new(1, 64);
        let x = net.embedding("wte", (200, 64), 1, 0.01);
        let x = net.linear("fc", x, 64, 0.2);
        let x = net.activation(x, Activation::Relu);
        net.linear("head", x, 10, 1.0);
        net.edit("fc.bias", |at, _| (2.0 * uniform(at) - 1.0) / 8.0);
        assert!(net.findings().is_empty(), "{:?}", net.findings());
    }
}
