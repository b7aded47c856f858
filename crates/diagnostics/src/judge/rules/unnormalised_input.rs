//! Inputs far from mean 0 and variance 1.

use crate::format::significant;
use crate::judge::{Context, Fix, Level, Rule, Verdict};
use crate::sites::SiteKind;

pub(super) const RULE: Rule = Rule {
    name: "unnormalised-input",
    level: Level::Warning,
    checks: "Inputs whose root mean square is above 10.",
    matters: "Initialisation schemes assume inputs of about variance 1. Pixels from 0 to 255 make the first layer's outputs 147× as large, and everything after it.",
    example: "Images as bytes, converted to floating point and not divided by 255.",
    instead: "Subtract the mean of the training set from its inputs, and divide them by its standard deviation.",
    find,
};

fn find(context: &Context<'_>, _: &[Verdict]) -> Vec<Verdict> {
    let inputs = (0..context.sites().len()).filter(|&at| context.sites()[at].kind == SiteKind::Input);
    inputs.filter_map(|at| verdict(context, at)).collect()
}

/// True if the values of an input are too large.
pub(in crate::judge) fn is_unnormalised(context: &Context<'_>) -> bool {
    !find(context, &[]).is_empty()
}

fn verdict(context: &Context<'_>, at: usize) -> Option<Verdict> {
    let rms = context.site(at, |s| s.rms);
    let limit = context.limits.input;
    let normed = context.graph.readers(at).count() > 0
        && context.graph.readers(at).all(|reader| context.sites()[reader].kind == SiteKind::Norm);
    (rms.value > limit && !normed).then(|| {
        let name = &context.sites()[at].name;
        let (mean, std) = (context.site_value(at, |s| s.mean), context.site_value(at, |s| s.std));
        let (low, high) = (context.site_value(at, |s| s.min), context.site_value(at, |s| s.max));
        let range = if low < high {
            format!(", from {} to {}", significant(low, 3), significant(high, 3))
        } else {
            String::new()
        };
        let [rms_text, allowed] = [rms.value, limit].map(|x| significant(x, 3));
        let finding = format!("inputs have root mean square {rms_text}{range} (limit {allowed}).");
        let bytes = (low >= 0.0 && (128.0..=255.0).contains(&high))
            .then(|| "They look like pixels from 0 to 255.".to_owned());
        let fix = (std > 0.0).then(|| Fix::NormaliseInput { site: name.clone(), mean, std });
        Verdict::new((RULE.name, RULE.level), name, rms, limit, finding)
            .cause(bytes)
            .evidence("mean", mean)
            .fix(fix)
    })
}

#[cfg(test)]
mod tests {
    use tensor::Activation;

    use crate::judge::testing::Net;
    use crate::sites::NormKind;

    fn pixels(x: f64) -> f64 {
        (127.5 + 73.0 * x).round().clamp(0.0, 255.0)
    }

    #[test]
    fn pixels_are_normalised() {
        for function in [Activation::Relu, Activation::Tanh] {
            let mut net =
                Net::mlp(1, 3, function, if function == Activation::Relu { 2f64.sqrt() } else { 1.0 });
            net.edit_input(pixels);
            let verdicts = net.verdicts();
            assert!(verdicts[0].finding.contains("root mean square 14"), "{}", verdicts[0]);
            net.is_mended("warning[unnormalised-input] input", "pixels from 0 to 255");
        }
    }

    #[test]
    fn small_inputs_and_inputs_of_a_norm_are_healthy() {
        let mut net = Net::mlp(1, 3, Activation::Relu, 2f64.sqrt());
        net.edit_input(|x| 2.0 * x + 1.0);
        assert!(net.findings().is_empty(), "{:?}", net.findings());

        let mut net = Net::new(1, 64);
        let x = net.input(32, 1);
        let x = net.norm("bn", x, NormKind::Batch);
        net.linear("head", x, 10, 0.5);
        net.edit_input(pixels);
        assert!(net.findings().is_empty(), "{:?}", net.findings());
    }
}
