//! Parameters compared with the distribution that their scheme implies.

use super::uninitialised_memory::is_garbage;
use crate::format::significant;
use crate::judge::{Context, Estimate, Fix, Level, Rule, Verdict, gain};
use crate::report::{Expected, Role};

pub(super) const RULE: Rule = Rule {
    name: "wrong-distribution",
    level: Level::Error,
    checks: "Parameters whose expected distribution is known: their std, mean and kurtosis, to five standard errors, and the value \
             of constants.",
    matters: "The initialisation that was meant for the parameter did not reach it, or has a mistake in its formula.",
    example: "A weight drawn with fan-out where its scheme says fan-in.",
    instead: "Draw the parameter by its scheme.",
    find,
};

fn find(context: &Context<'_>, _: &[Verdict]) -> Vec<Verdict> {
    let judged = |&at: &usize| context.parameter(at, |p| p.non_finite) == 0.0 && !is_garbage(context, at);
    (0..context.parameters().len()).filter(judged).filter_map(|at| verdict(context, at)).collect()
}

fn verdict(context: &Context<'_>, at: usize) -> Option<Verdict> {
    let expected = context.parameters()[at].expected?;
    if expected.std == 0.0 {
        return constant(context, at, expected);
    }
    spread(context, at, expected)
        .or_else(|| centre(context, at, expected))
        .or_else(|| shape(context, at, expected))
}

/// The number of values drawn in all recordings together.
fn draws(context: &Context<'_>, at: usize) -> f64 {
    context.recordings.iter().map(|recording| recording.parameters[at].statistics.count).sum()
}

/// Judges the std, whose standard error is `σ·√((κ − 1)/4n)`.
fn spread(context: &Context<'_>, at: usize, expected: Expected) -> Option<Verdict> {
    let error = expected.std * ((expected.kurtosis - 1.0).max(0.0) / (4.0 * draws(context, at))).sqrt();
    // About the expected mean, so that a wrong mean is not hidden; a single value has this std too.
    let square =
        context.parameter(at, |p| p.rms.powi(2) - 2.0 * expected.mean * p.mean + expected.mean.powi(2));
    let measured = Estimate { value: square.max(0.0).sqrt(), error: Some(error) };
    let allowed = context.limits.standard_errors * error.max(1e-6 * expected.std);
    let by_mean =
        centre(context, at, expected).is_some() && mean_explains(context, at, expected, measured.value);
    if (measured.value - expected.std).abs() <= allowed || by_mean {
        return None;
    }
    let parameter = &context.parameters()[at];
    let factor = measured.value / expected.std;
    let [got, wanted, times] = [measured.value, expected.std, factor].map(|x| significant(x, 3));
    let finding = format!("its std is {got}, {times}× the {wanted} of its scheme.");
    let name = parameter.name.clone();
    let fix = if factor > 0.0 {
        Fix::Scale { parameters: vec![(name.clone(), 1.0 / factor)], predicted: vec![] }
    } else {
        Fix::redraw(&name)
    };
    let mut verdict = Verdict::new((RULE.name, RULE.level), name, measured, expected.std, finding).fix(fix);
    verdict.causes = if parameter.role == Role::Embedding {
        of_embedding(context, at)
    } else {
        let fan_in = parameter.fans().map_or(1.0, |(fan_in, _)| fan_in);
        gain::mistakes(context, at, expected.std * fan_in.sqrt())
    };
    Some(verdict)
}

/// A lookup that was drawn as if it had a fan-in.
fn of_embedding(context: &Context<'_>, at: usize) -> Vec<String> {
    let rows = context.parameters()[at].shape.first().copied().unwrap_or(1) as f64;
    let is = (context.parameter(at, |p| p.rms) * rows.sqrt() - 1.0).abs() < 0.05;
    let text =
        format!("That is 1/√{}: a lookup has no fan-in, as its rows are not added up.", significant(rows, 9));
    is.then_some(text).into_iter().collect()
}

/// True if the std about the expected mean is too large only because the mean is wrong.
fn mean_explains(context: &Context<'_>, at: usize, expected: Expected, measured: f64) -> bool {
    let offset = context.parameter(at, |p| p.mean) - expected.mean;
    ((measured.powi(2) - offset.powi(2)).max(0.0).sqrt() / expected.std - 1.0).abs() < 0.1
}

/// Judges the mean, whose standard error is `σ/√n`.
fn centre(context: &Context<'_>, at: usize, expected: Expected) -> Option<Verdict> {
    let error = expected.std / draws(context, at).sqrt();
    let measured = Estimate { value: context.parameter(at, |p| p.mean), error: Some(error) };
    let far = (measured.value - expected.mean).abs() > context.limits.standard_errors * error;
    far.then(|| {
        let [got, wanted] = [measured.value, expected.mean].map(|x| significant(x, 3));
        let name = context.parameters()[at].name.clone();
        let fix = Fix::redraw(&name);
        let finding = format!("its mean is {got}; its scheme gives {wanted}.");
        Verdict::new((RULE.name, RULE.level), name, measured, expected.mean, finding).fix(fix)
    })
}

/// The fewest values whose kurtosis says which distribution they have.
const FEWEST: f64 = 500.0;

/// Judges the kurtosis. Its standard error is that of normal values, `√(24/n)`, the largest of the distributions that schemes
/// have.
fn shape(context: &Context<'_>, at: usize, expected: Expected) -> Option<Verdict> {
    let n = draws(context, at);
    let error = (24.0 / n).sqrt();
    let measured = Estimate { value: context.parameter(at, |p| p.kurtosis), error: Some(error) };
    let far = (measured.value - expected.kurtosis).abs() > context.limits.standard_errors * error;
    (far && n >= FEWEST).then(|| {
        let [got, wanted] = [measured.value, expected.kurtosis].map(|x| significant(x, 3));
        let finding = format!("its kurtosis is {got}; its scheme gives {wanted}.");
        let near = |kurtosis: f64| (measured.value - kurtosis).abs() < context.limits.standard_errors * error;
        let is = [(1.8, "uniform"), (3.0, "normal")].into_iter().find(|&(kurtosis, _)| near(kurtosis));
        let name = context.parameters()[at].name.clone();
        let fix = Fix::redraw(&name);
        let cause = is.map(|(_, distribution)| format!("The values look {distribution}."));
        Verdict::new((RULE.name, RULE.level), name, measured, expected.kurtosis, finding)
            .cause(cause)
            .fix(fix)
    })
}

/// Judges a constant, all of whose values equal the expected mean.
fn constant(context: &Context<'_>, at: usize, expected: Expected) -> Option<Verdict> {
    let far = context.parameter(at, |p| (p.min - expected.mean).abs().max((p.max - expected.mean).abs()));
    // One rounding to single precision.
    (draws(context, at) > 0.0 && far > 1e-6 * expected.mean.abs()).then(|| {
        let name = context.parameters()[at].name.clone();
        let [got, wanted] = [far, expected.mean].map(|x| significant(x, 3));
        let finding =
            format!("its scheme sets every value to {wanted}; values differ from it by up to {got}.");
        let fix = Fix::Set { parameters: vec![name.clone()], value: expected.mean };
        Verdict::new((RULE.name, RULE.level), name, far, 0.0, finding).fix(fix)
    })
}

#[cfg(test)]
mod tests {
    use tensor::Activation;

    use crate::Expected;
    use crate::judge::testing::{Net, uniform};

    /// A network whose second weight was meant to have a std, a mean and a kurtosis.
    fn net(mean: f64, std: f64, kurtosis: f64) -> Net {
        let mut net = Net::mlp(1, 3, Activation::Tanh, 1.0);
        net.expect("fc2.weight", Expected { mean, std, kurtosis });
        net
    }

    const RULE: &str = "error[wrong-distribution] fc2.weight";

    #[test]
    fn the_std_the_mean_and_the_kurtosis_are_compared() {
        assert!(net(0.0, 0.125, 3.0).findings().is_empty());

        let verdict = net(0.0, 0.125 / 2f64.sqrt(), 3.0).verdicts().remove(0);
        assert_eq!((verdict.rule, verdict.location()), ("wrong-distribution", "fc2.weight"), "{verdict}");
        assert!(verdict.finding.contains("the 0.0884 of its scheme"), "{verdict}");

        let mut shifted = net(0.0, 0.125, 3.0);
        shifted.edit("fc2.weight", |_, x| x + 0.05);
        shifted.is_mended(RULE, "its mean is 0.0");

        let mut flat = net(0.0, 0.125, 3.0);
        flat.edit("fc2.weight", |at, _| (2.0 * uniform(at) - 1.0) * 0.125 * 3f64.sqrt());
        flat.is_mended(RULE, "The values look uniform");
        flat.expect("fc2.weight", Expected { mean: 0.0, std: 0.125, kurtosis: 1.8 });
        assert!(flat.findings().is_empty(), "{:?}", flat.findings());
    }

    /// A std √2 too large, with ReLU's gain applied twice.
    #[test]
    fn a_wrong_std_is_scaled_back() {
        let mut net = Net::mlp(1, 3, Activation::Relu, 2f64.sqrt());
        net.expect("fc2.weight", Expected { mean: 0.0, std: 2f64.sqrt() / 8.0, kurtosis: 3.0 });
        assert!(net.findings().is_empty());
        net.edit("fc2.weight", |_, x| 2f64.sqrt() * x);
        net.is_mended(RULE, "ReLU's gain may have been applied twice");
    }

    #[test]
    fn constants_are_compared_value_by_value() {
        let mut net = net(0.0, 0.125, 3.0);
        net.expect("fc1.bias", Expected { mean: 0.0, std: 0.0, kurtosis: f64::NAN });
        assert!(net.findings().is_empty());
        net.edit("fc1.bias", |at, x| if at == 3 { 0.1 } else { x });
        net.is_mended(
            "error[wrong-distribution] fc1.bias",
            "sets every value to 0; values differ from it by up to 0.1",
        );
    }
}
