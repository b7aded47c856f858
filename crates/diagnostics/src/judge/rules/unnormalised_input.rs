//! Inputs far from mean 0 and variance 1.

use crate::format::significant;
use crate::judge::{Context, Fix, Level, Rule, Verdict};
use crate::sites::{SiteKind, SiteStatistics};

pub(super) const RULE: Rule = Rule {
    name: "unnormalised-input",
    level: Level::Warning,
    checks: "What weights read of the inputs, perhaps after functions, constants and other inputs, with a root mean square above 10.",
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
    let rms_of = |site: &usize| context.site(*site, |s| s.rms);
    let worst = |a: &usize, b: &usize| rms_of(a).value.total_cmp(&rms_of(b).value);
    let read = read_by_weights(context, at).into_iter().max_by(worst)?;
    let (rms, limit) = (rms_of(&read), context.limits.input);
    (rms.value > limit).then(|| {
        let name = &context.sites()[at].name;
        let of = |field: fn(&SiteStatistics) -> f64| context.site_value(read, field);
        let (low, high) = (of(|s| s.min), of(|s| s.max));
        let range = if low < high {
            format!(", from {} to {}", significant(low, 3), significant(high, 3))
        } else {
            String::new()
        };
        let [rms_text, allowed] = [rms.value, limit].map(|x| significant(x, 3));
        let whose = if read == at { "inputs".into() } else { format!("inputs, after {},", context.sites()[read].name) };
        let finding = format!("{whose} have root mean square {rms_text}{range} (limit {allowed}).");
        let uneven = is_uneven(context, read);
        let cause = if uneven {
            Some("Its features differ in scale, or a few of its values are far larger than the rest: normalise each feature on its own.".to_owned())
        } else {
            let bytes = low >= 0.0 && (128.0..=255.0).contains(&high);
            bytes.then(|| "They look like pixels from 0 to 255.".to_owned())
        };
        let (mean, std) = (of(|s| s.mean), of(|s| s.std));
        let fix = Fix::NormaliseInput { site: name.clone(), mean, std };
        Verdict::new((RULE.name, RULE.level), name, rms, limit, finding)
            .cause(cause)
            .evidence("mean", mean)
            .fix((std > 0.0 && read == at && !uneven).then_some(fix))
    })
}

/// The sites that have an input's values, perhaps scaled, changed or joined with constants, and that a weight reads.
///
/// An input that no weight reads, such as a target, has none. In a recording without edges, an input is taken to be read.
fn read_by_weights(context: &Context<'_>, input: usize) -> Vec<usize> {
    let sites = context.sites();
    if sites.iter().all(|site| site.inputs.is_empty()) {
        return vec![input];
    }
    let is_read = |at: usize| {
        let weighs =
            |reader: usize| sites[reader].kind.is_product() || sites[reader].kind == SiteKind::Recurrent;
        context.graph.readers(at).any(weighs)
    };
    // Inputs come before what is computed from them.
    let (mut raw, mut carried) = (vec![false; sites.len()], vec![false; sites.len()]);
    for (at, site) in sites.iter().enumerate() {
        let from_inputs = !site.inputs.is_empty() && site.inputs.iter().all(|input| raw[input.site]);
        raw[at] =
            (site.kind == SiteKind::Input && site.inputs.is_empty()) || (from_inputs && carries(context, at));
        let rms = |at: usize| context.site_value(at, |s| s.rms);
        let largest = site.inputs.iter().map(|input| input.site).max_by(|&a, &b| rms(a).total_cmp(&rms(b)));
        carried[at] = at == input || (raw[at] && largest.is_some_and(|largest| carried[largest]));
    }
    (0..sites.len()).filter(|&at| carried[at] && is_read(at)).collect()
}

/// True if a site computes without a weight, and from values: what an embedding reads are indices, and a norm or a softmax sets
/// a scale of its own.
fn carries(context: &Context<'_>, at: usize) -> bool {
    let site = &context.sites()[at];
    let own_scale = matches!(site.kind, SiteKind::Norm | SiteKind::Softmax | SiteKind::Embedding);
    !own_scale && !site.kind.is_product() && site.kind != SiteKind::Recurrent && site.weight.is_none()
}

/// The kurtosis from which a few values make most of the standard deviation: normal values have 3.
const FEW_LARGE: f64 = 30.0;

/// True if features differ in scale, or a few values are far larger than the rest, so that one mean and one standard deviation
/// would leave most of them without a spread.
fn is_uneven(context: &Context<'_>, at: usize) -> bool {
    let of = |field: fn(&SiteStatistics) -> f64| context.site_value(at, field);
    let between = of(|s| s.unit_mean_rms).powi(2) - of(|s| s.mean).powi(2);
    between > 0.5 * of(|s| s.std).powi(2) || of(|s| s.kurtosis) > FEW_LARGE
}

#[cfg(test)]
mod tests {
    use tensor::Activation;

    use crate::judge::Limits;
    use crate::judge::testing::Net;
    use crate::sites::{NormKind, SiteInput};

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

    /// Pixels that the network divides by 255 itself are normalised; others are named where a weight reads them.
    #[test]
    fn inputs_are_judged_where_a_weight_reads_them() {
        let verdicts = |factor: f64| {
            let mut net = Net::new(1, 64);
            let x = net.input(32, 1);
            let x = net.scale("scale", x, factor);
            net.linear("head", x, 10, 0.5);
            net.edit_input(pixels);
            let mut recording = net.recording();
            // A constant and no parameter.
            recording.sites[x].weight = None;
            Limits::default().judge_recordings(&[recording])
        };
        let rules =
            |factor: f64| verdicts(factor).into_iter().map(|verdict| verdict.rule).collect::<Vec<_>>();
        assert!(!rules(1.0 / 255.0).contains(&"unnormalised-input"), "{:?}", rules(1.0 / 255.0));
        let verdict = verdicts(0.5).into_iter().find(|verdict| verdict.rule == "unnormalised-input").unwrap();
        assert!(verdict.finding.starts_with("inputs, after scale, have root mean square 72.2"), "{verdict}");
        assert!(verdict.fix.is_none(), "{verdict}");
    }

    /// Radial functions of a distance: no weight reads the distance.
    #[test]
    fn large_values_that_no_weight_reads_are_healthy() {
        let verdicts = |from: usize| {
            let mut net = Net::new(1, 64);
            let input = net.input(32, 1);
            let x = net.scale("square", input, 100.0);
            let x = net.activation(x, Activation::Tanh);
            net.linear("head", x, 10, 0.5);
            let mut recording = net.recording();
            recording.sites[1].weight = None;
            // A weight that reads the distance itself, or the function of it.
            recording.sites[3].inputs[0].site = from;
            Limits::default().judge_recordings(&[recording])
        };
        let judged = |from| verdicts(from).iter().any(|verdict| verdict.rule == "unnormalised-input");
        assert!(judged(1) && !judged(2));
    }

    /// Token numbers, told as an input.
    #[test]
    fn indices_of_an_embedding_are_not_judged() {
        let mut net = Net::new(1, 64);
        let tokens = net.input(1, 1);
        net.edit_input(pixels);
        let x = net.embedding("wte", (2000, 32), 1, 1.0);
        net.linear("head", x, 10, 0.5);
        let mut recording = net.recording();
        recording.sites[x].inputs = vec![SiteInput { site: tokens, role: None }];
        let verdicts = Limits::default().judge_recordings(&[recording]);
        assert!(verdicts.iter().all(|verdict| verdict.rule != "unnormalised-input"), "{}", verdicts[0]);
    }

    /// A target in the batch.
    #[test]
    fn inputs_that_no_weight_reads_are_not_judged() {
        let mut net = Net::new(1, 64);
        let target = net.input(10, 1);
        net.edit_input(pixels);
        let x = net.embedding("wte", (2000, 32), 1, 1.0);
        let out = net.linear("head", x, 10, 0.5);
        net.sum("(difference)", out, target);
        let judged = net.verdicts().iter().any(|verdict| verdict.rule == "unnormalised-input");
        assert!(!judged, "{:?}", net.verdicts());
    }

    /// One scale for all would leave 31 features without a spread.
    #[test]
    fn one_large_feature_is_no_reason_to_divide_all_of_them() {
        let mut net = Net::new(1, 64);
        let x = net.input(32, 1);
        net.linear("head", x, 10, 0.5);
        net.edit_input_at(|at, x| if at % 32 == 3 { 1e4 * (x + 2.0) } else { x });
        let verdict = net.verdicts().remove(0);
        assert!(verdict.to_string().contains("normalise each feature on its own"), "{verdict}");
        assert!(verdict.fix.is_none(), "{verdict}");
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
