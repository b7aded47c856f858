//! Recurrent layers whose weights are so large that their gates stand open or shut.

use tensor::Real;

use crate::format::significant;
use crate::judge::{Context, Fix, Level, Rule, Verdict, gain};
use crate::report::Role;
use crate::sites::SiteKind;

pub(super) const RULE: Rule = Rule {
    name: "saturated-gates",
    level: Level::Warning,
    checks: "Weights of recurrent layers whose gain is above 3 and which alone, by what they read, give gates such inputs that more than 30% of \
             them would be within 1% of an end. Gates are not recorded, so their inputs are taken as normal and independent.",
    matters: "The slope is nearly 0 there; and what such weights do to a gradient, they do at every step of a sequence.",
    example: "An LSTM of width 128 with weights from N(0, 1).",
    instead: "PyTorch's default, uniform with bound 1/√hidden; or Xavier's for inputs, and orthogonal matrices for the recurrence.",
    find,
};

fn find(context: &Context<'_>, _: &[Verdict]) -> Vec<Verdict> {
    let recurrent = (0..context.sites().len()).filter(|&at| context.sites()[at].kind == SiteKind::Recurrent);
    recurrent.filter_map(|at| verdict(context, at)).collect()
}

/// A weight of a recurrent layer that is too large for what it reads.
struct LoudWeight {
    parameter: usize,
    gain: f64,
    /// The standard deviation of what it adds to the inputs of gates.
    std: f64,
}

fn verdict(context: &Context<'_>, at: usize) -> Option<Verdict> {
    let site = &context.sites()[at];
    let limit = context.limits.saturated;
    let mut loud = weights(context, at);
    loud.retain(|weight| weight.gain > context.limits.gain_factor);
    let worst = loud.iter().max_by(|a, b| a.std.total_cmp(&b.std))?;
    let std = loud.iter().map(|weight| weight.std.powi(2)).sum::<f64>().sqrt();
    let share = saturated_share(std);
    if share.partial_cmp(&limit) != Some(std::cmp::Ordering::Greater) {
        return None;
    }
    let name = &context.parameters()[worst.parameter].name;
    let [percent, allowed] = [share, limit].map(|x| significant(100.0 * x, 3));
    let gated = context.parameters()[worst.parameter].shape[0] as f64 > site.statistics.units;
    let gates = if gated { "gates" } else { "units" };
    let names: Vec<&str> =
        loud.iter().map(|weight| context.parameters()[weight.parameter].name.as_str()).collect();
    let finding = format!(
        "{} alone would give {gates} inputs of std {}, with {percent}% of them within 1% of an end (limit {allowed}%).",
        names.join(" and "),
        significant(std, 3)
    );
    let parameters =
        loud.iter().map(|weight| (context.parameters()[weight.parameter].name.clone(), 1.0 / weight.gain));
    let fix = Fix::Scale { parameters: parameters.collect(), predicted: vec![] };
    let mut verdict = Verdict::new((RULE.name, RULE.level), &site.name, share, limit, finding)
        .evidence("gain", worst.gain)
        .key("gates")
        .cause(format!("{name} has gain {}; {gates} need about 1, or less.", significant(worst.gain, 3)));
    verdict.causes.extend(gain::mistakes(context, worst.parameter, 1.0));
    Some(verdict.fix(fix))
}

/// The matrices of a recurrent layer: that which its site names reads the layer's input, and those beside it read what the layer
/// computes.
fn weights(context: &Context<'_>, at: usize) -> Vec<LoudWeight> {
    let site = &context.sites()[at];
    let (Some(first), Some(input)) = (site.weight, site.inputs.first()) else { return vec![] };
    let parameters = context.parameters();
    let module = parameters[first].name.rsplit_once('.').map_or("", |(module, _)| module);
    let beside = |at: usize| {
        let of_module = parameters[at].name.rsplit_once('.').map_or("", |(module, _)| module) == module;
        of_module && parameters[at].role == Role::Weight && context.readers_of(at).is_empty()
    };
    let of = |parameter: usize, read: usize| {
        let gain = context.weight_gain(parameter);
        LoudWeight { parameter, gain, std: gain * context.site_value(read, |s| s.rms) }
    };
    let others = (0..parameters.len()).filter(|&at| at != first && beside(at)).map(|other| of(other, at));
    std::iter::once(of(first, input.site)).chain(others).collect()
}

/// The share of normal inputs of a standard deviation at which a sigmoid is within 1% of an end: beyond ±ln 99.
fn saturated_share(std: f64) -> f64 {
    2.0 * (-(99_f64.ln()) / std).normal().0
}

#[cfg(test)]
mod tests {
    use super::saturated_share;
    use crate::judge::testing::uniform;
    use crate::judge::{Fix, Limits, Verdict};
    use crate::report::Role;
    use crate::sites::{ParameterView, Recording, SiteAxes, SiteInput, SiteKind, SiteView};

    const HIDDEN: usize = 32;

    /// A recurrent layer of four gates behind an input of root mean square 1, with weights of two gains and small outputs.
    fn layer(input_gain: f64, hidden_gain: f64, rms: f64) -> Recording {
        let values = |scale: f64, offset: usize, count: usize| -> Vec<f64> {
            (0..count).map(|at| (2.0 * uniform(at + offset) - 1.0) * 3_f64.sqrt() * scale).collect()
        };
        let axes = SiteAxes { before: 10, ..SiteAxes::rows(64, HIDDEN, 1) };
        let site = |name, kind, values: &[f64]| SiteView::new(name, kind, values, axes).measure();
        let count = 64 * 10 * HIDDEN;
        let input = site("input", SiteKind::Input, &values(1.0, 0, count));
        let read = vec![SiteInput { site: 0, role: None }];
        let outputs = values(rms, 1, count);
        let output =
            crate::Site { inputs: read, weight: Some(0), ..site("rnn", SiteKind::Recurrent, &outputs) };
        let shape = [4 * HIDDEN, HIDDEN];
        let parameter = |name, gain: f64, offset| {
            let values = values(gain / (HIDDEN as f64).sqrt(), offset, 4 * HIDDEN * HIDDEN);
            let view = ParameterView {
                role: Role::Weight,
                blocks: 4,
                ..ParameterView::new(name, &values[..], &shape)
            };
            view.measure()
        };
        let parameters = vec![
            parameter("rnn.weight_ih_l0", input_gain, 7),
            parameter("rnn.weight_hh_l0", hidden_gain, 11),
        ];
        Recording::of(vec![input, output], parameters).expect("a network")
    }

    fn verdicts(input_gain: f64, hidden_gain: f64, rms: f64) -> Vec<Verdict> {
        let mut all = Limits::default().judge_recordings(&[layer(input_gain, hidden_gain, rms)]);
        all.retain(|verdict| verdict.rule == "saturated-gates");
        all
    }

    #[test]
    fn weights_that_were_never_divided_are_scaled_to_gain_1() {
        let verdict = verdicts(32_f64.sqrt(), 32_f64.sqrt(), 0.4).remove(0);
        assert_eq!(verdict.location(), "rnn");
        assert!(
            verdict
                .finding
                .starts_with("rnn.weight_ih_l0 and rnn.weight_hh_l0 alone would give gates inputs of std 6."),
            "{verdict}"
        );
        assert!(verdict.causes[1].contains("never divided by √fan_in"), "{verdict}");
        let Some(Fix::Scale { parameters, .. }) = &verdict.fix else { panic!("{verdict}") };
        assert!(
            parameters.iter().map(|(name, _)| name.as_str()).eq(["rnn.weight_ih_l0", "rnn.weight_hh_l0"])
        );
        assert!(
            parameters.iter().all(|(_, factor)| (factor * 32_f64.sqrt() - 1.0).abs() < 0.02),
            "{verdict}"
        );
    }

    /// Each alone would leave most gates open; what they give adds up.
    #[test]
    fn weights_are_judged_together() {
        assert!(verdicts(4.0, 0.5, 0.8).is_empty() && verdicts(0.5, 4.0, 0.8).is_empty());
        let verdict = verdicts(4.0, 4.0, 0.8).remove(0);
        assert!(verdict.finding.contains("rnn.weight_ih_l0 and rnn.weight_hh_l0 alone"), "{verdict}");
    }

    /// A layer of Elman's has as many rows as outputs, and no gates.
    #[test]
    fn a_layer_without_gates_has_units() {
        let mut recording = layer(32_f64.sqrt(), 1.0, 0.4);
        recording.sites[1].statistics.units = (4 * HIDDEN) as f64;
        let verdict = Limits::default().judge_recordings(&[recording]).remove(0);
        assert!(verdict.finding.starts_with("rnn.weight_ih_l0 alone would give units inputs"), "{verdict}");
    }

    /// The recurrence alone, of a layer whose outputs are as large as those of a GRU.
    #[test]
    fn a_recurrent_matrix_is_found_by_the_name_of_its_module() {
        let verdict = verdicts(0.6, 8.0, 0.8).remove(0);
        assert!(verdict.finding.starts_with("rnn.weight_hh_l0"), "{verdict}");
    }

    /// PyTorch's default, Xavier's with an orthogonal recurrence, and large weights behind small signals.
    #[test]
    fn the_usual_weights_are_healthy() {
        for (input_gain, hidden_gain, rms) in
            [(0.58, 0.58, 0.1), (1.3, 1.0, 0.4), (2.5, 2.5, 0.6), (1.0, 8.0, 0.05)]
        {
            assert!(verdicts(input_gain, hidden_gain, rms).is_empty(), "{input_gain} {hidden_gain} {rms}");
        }
    }

    /// `2 * scipy.stats.norm.cdf(-log(99) / 8)` is 0.5657.
    #[test]
    fn the_share_of_gates_is_that_of_a_normal_distribution() {
        assert!((saturated_share(8.0) - 0.5657).abs() < 1e-4, "{}", saturated_share(8.0));
        assert!(saturated_share(1.0) < 1e-5);
    }
}
