//! Activations near the ends of their function's range.

use tensor::Activation;

use super::{biased::is_biased, unnormalised_input::is_unnormalised};
use crate::format::significant;
use crate::judge::context::rms_behind;
use crate::judge::{Context, Fix, Level, Rule, Verdict, gain};
use crate::sites::SiteKind;

pub(super) const RULE: Rule = Rule {
    name: "saturated",
    level: Level::Warning,
    checks: "Activations of bounded functions more than 30% of which are within 1% of an end of the range.",
    matters: "The slope is nearly 0 there, so that most units pass on almost no gradient.",
    example: "tanh layers of width 100 with weights from N(0, 1).",
    instead: "Divide the weights by √fan_in; keep biases at 0.",
    find,
};

fn find(context: &Context<'_>, _: &[Verdict]) -> Vec<Verdict> {
    let activations =
        (0..context.sites().len()).filter(|&at| context.sites()[at].kind == SiteKind::Activation);
    activations.filter_map(|at| verdict(context, at)).collect()
}

fn verdict(context: &Context<'_>, at: usize) -> Option<Verdict> {
    let site = &context.sites()[at];
    let function = site.function?;
    if follows_from_bias(context, at) {
        return None;
    }
    let share = context.site(at, |s| s.saturated);
    let limit = if clamps(function) { CLAMPED } else { context.limits.saturated };
    (share.value > limit).then(|| {
        let ends = ends(function);
        let [percent, allowed] = [share.value, limit].map(|x| significant(100.0 * x, 3));
        let finding = format!("{percent}% of activations are within 1% of {ends} (limit {allowed}%).");
        let verdict = Verdict::new((RULE.name, RULE.level), &site.name, share, limit, finding)
            .key(function.to_string());
        let entering = site.inputs.first().map(|input| input.site);
        let product = entering.and_then(|site| context.product_before(site));
        match product.and_then(|product| Some((product, context.sites()[product].weight?))) {
            Some((product, weight)) => of_product(context, verdict, (at, product, weight)),
            None => verdict,
        }
    })
}

/// The share of a clamped function's values that may be at its ends. With the gain that keeps the variance, and the usual margin,
/// hard tanh has 0.55 of them there: the ends are part of it, while tanh only approaches its own.
const CLAMPED: f64 = 0.6;

fn clamps(function: Activation) -> bool {
    matches!(function, Activation::HardTanh | Activation::HardSigmoid)
}

/// The ends of a function's range that its values can be near.
fn ends(function: Activation) -> String {
    let ((low, high), (end, _)) = (function.limits(), function.saturation_range());
    let text = |x: f64| significant(x, 3);
    match () {
        () if low == -high => format!("±{}", text(high)),
        () if low == end => format!("{} or {}", text(low), text(high)),
        () => text(high),
    }
}

/// True if the bias before is reported and the weights before are in order: then the bias is the one fault.
fn follows_from_bias(context: &Context<'_>, at: usize) -> bool {
    let product = context.sites()[at].inputs.first().and_then(|input| context.product_before(input.site));
    let Some((product, weight)) =
        product.and_then(|product| Some((product, context.sites()[product].weight?)))
    else {
        return false;
    };
    let high =
        context.sites()[at].function.map_or(f64::NAN, |function| context.critical_gain_range(function).1);
    is_biased(context, product) && context.weight_gain(weight) <= high * context.limits.gain_margin
}

/// Adds the cause and the fix: the weight before, unless its gain is in order.
fn of_product(
    context: &Context<'_>,
    verdict: Verdict,
    (at, product, weight): (usize, usize, usize),
) -> Verdict {
    let Some(function) = context.sites()[at].function else { return verdict };
    let Some(input) = context.sites()[product].inputs.first() else { return verdict };
    let name = &context.parameters()[weight].name;
    let (out, entering) = (context.site_value(product, |s| s.rms), context.site_value(input.site, |s| s.rms));
    let bias = context.sites()[product].bias.map_or(0.0, |bias| context.parameter(bias, |p| p.rms));
    let weights = (out * out - bias * bias).max(0.0).sqrt();
    let measured = weights / entering;
    // The critical gain of a gate says nothing: it is that of its slope.
    let (low, high) =
        if gain::is_hidden(function) { context.critical_gain_range(function) } else { (1.0, 1.0) };
    let verdict = verdict.evidence("gain", measured).evidence("input rms", entering);
    if bias > weights {
        let text = format!(
            "Its bias has root mean square {}, more than the weights contribute.",
            significant(bias, 3)
        );
        return verdict.cause(text);
    }
    if measured <= high * context.limits.gain_margin {
        let text = format!(
            "The gain of {name}, {}, is fine; its input is too large (root mean square {}).",
            significant(measured, 3),
            significant(entering, 3)
        );
        return verdict.cause(text).key("input");
    }
    let range = gain::range_text(low, high);
    let mut verdict =
        verdict.cause(format!("{name} has gain {}; {function} needs {range}.", significant(measured, 3)));
    verdict.causes.extend(gain::mistakes(context, weight, high));
    if is_unnormalised(context) && context.readers_of(weight).len() == 1 {
        return verdict;
    }
    // The gain at which repaired layers keep the variance, whatever enters today.
    let factor = high / measured;
    let rms =
        if gain::is_hidden(function) { context.critical_rms(function) } else { rms_behind(function, high) };
    let predicted = vec![("rms", rms)];
    verdict.fix(Fix::Scale { parameters: vec![(name.clone(), factor)], predicted })
}

#[cfg(test)]
mod tests {
    use tensor::Activation;

    use crate::judge::testing::Net;

    /// N(0, 1) in layers of width 64 has gain 8.
    #[test]
    fn weights_that_were_never_divided_by_the_fan_in_are_scaled() {
        let net = Net::mlp(1, 3, Activation::Tanh, 8.0);
        let verdict = net.verdicts().remove(0);
        assert_eq!(verdict.locations.len(), 3, "{verdict}");
        assert!(verdict.causes[1].ends_with("never divided by √fan_in."), "{verdict}");
        let worst = verdict.location().to_owned();
        net.is_mended(&format!("warning[saturated] {worst}"), "within 1% of ±1 (limit 30%)");
    }

    /// A weight in order behind a loud input is not the one to change.
    #[test]
    fn one_layer_is_named_alone() {
        let mut net = Net::mlp(1, 4, Activation::Tanh, 1.0);
        net.edit("fc2.weight", |_, x| 30.0 * x);
        assert_eq!(net.findings()[0], "warning[saturated] fc2.tanh");
        net.is_mended("warning[saturated] fc2.tanh", "fc2.weight has gain");
    }

    /// Tanh's gain, a gate whose bias is 1 as in an LSTM, and functions without an end.
    #[test]
    fn the_usual_gains_are_healthy() {
        assert!(Net::mlp(1, 4, Activation::Tanh, 5.0 / 3.0).findings().is_empty());
        assert!(Net::mlp(1, 2, Activation::Sigmoid, 2.0).findings().is_empty());
        assert!(Net::mlp(1, 4, Activation::Softsign, 1.0).findings().is_empty());

        let mut net = Net::new(1, 64);
        let x = net.input(64, 1);
        let forget = net.linear("forget", x, 64, 1.0);
        let forget = net.activation(forget, Activation::Sigmoid);
        let x = net.gate("state", x, forget);
        net.linear("head", x, 10, 1.0);
        net.edit("forget.bias", |_, _| 1.0);
        assert!(net.findings().is_empty(), "{:?}", net.findings());
    }

    /// A third of all values are at the ends of hard tanh at its critical gain.
    #[test]
    fn clamps_have_ends_that_are_part_of_them() {
        for gain in [1.0, 1.35] {
            let net = Net::mlp(1, 4, Activation::HardTanh, gain);
            assert!(net.findings().is_empty(), "{:?}", net.findings());
        }
        let loud = Net::mlp(1, 4, Activation::HardTanh, 4.0);
        let worst = loud.verdicts()[0].location().to_owned();
        loud.is_mended(&format!("warning[saturated] {worst}"), "within 1% of ±1 (limit 60%)");
    }
}
