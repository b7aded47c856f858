//! NaN and infinity: every parameter that has them, and the first of the computed values that do.

use super::half_precision_range::overflows;
use crate::format::significant;
use crate::judge::{Context, Estimate, Fix, Level, Rule, Verdict};

pub(super) const RULE: Rule = Rule {
    name: "not-finite",
    level: Level::Error,
    checks: "Every parameter with NaN or infinity; without one, the first sites whose values are not finite although everything \
             that they read is; without those, the loss and gradients.",
    matters: "One NaN spreads to everything that is computed from it.",
    example: "A weight divided by a std that is 0.",
    instead: "Draw the parameter again, or fix the operation that overflows or divides by 0.",
    find,
};

fn find(context: &Context<'_>, _: &[Verdict]) -> Vec<Verdict> {
    let parameters: Vec<_> =
        (0..context.parameters().len()).filter_map(|at| parameter(context, at)).collect();
    if !parameters.is_empty() {
        return parameters;
    }
    let forward: Vec<_> = (0..context.sites().len()).filter_map(|at| forward(context, at)).collect();
    if forward.is_empty() && !(0..context.sites().len()).any(|at| is_bad(context, at)) {
        return loss(context).map_or_else(|| backward(context), |verdict| vec![verdict]);
    }
    forward
}

/// True if a site has values that are not finite.
pub(in crate::judge) fn is_bad(context: &Context<'_>, at: usize) -> bool {
    context.site_value(at, |s| s.non_finite) > 0.0
}

fn counted(count: f64, what: &str) -> String {
    match significant(count, 3).as_str() {
        "1" => format!("1 {what} is NaN or infinite"),
        more => format!("{more} {what}s are NaN or infinite"),
    }
}

fn parameter(context: &Context<'_>, at: usize) -> Option<Verdict> {
    let count = context.parameter(at, |p| p.non_finite);
    let name = &context.parameters()[at].name;
    (count > 0.0).then(|| {
        let finding = format!("{}; what is computed from it is not judged.", counted(count, "value"));
        let fix = Fix::redraw(name);
        Verdict::new((RULE.name, RULE.level), name, count, 0.0, finding).fix(fix)
    })
}

fn forward(context: &Context<'_>, at: usize) -> Option<Verdict> {
    let site = &context.sites()[at];
    let first = is_bad(context, at)
        && !site.inputs.iter().any(|input| is_bad(context, input.site))
        && !overflows(context, at);
    first.then(|| {
        let count = context.site(at, |s| s.non_finite);
        let finding = format!("{}; what follows is not judged.", counted(count.value, "value"));
        let cause = (!site.inputs.is_empty()).then(|| {
            "What it reads is finite, and so are the parameters: so this operation probably overflows or divides by 0."
                .to_owned()
        });
        Verdict::new((RULE.name, RULE.level), &site.name, count, 0.0, finding).cause(cause)
    })
}

fn loss(context: &Context<'_>) -> Option<Verdict> {
    let bad = |recording: &crate::Recording| {
        recording.loss.as_ref().map_or(0.0, |loss| f64::from(u8::from(!loss.value.is_finite())))
    };
    let count: Estimate = context.over(bad);
    (count.value > 0.0).then(|| {
        let finding = "the loss is NaN or infinite, although all values before it are finite.".to_owned();
        Verdict::new((RULE.name, RULE.level), "network", count, 0.0, finding)
    })
}

/// The last site whose gradient is not finite, as gradients come from behind; without one, the parameters whose gradients are
/// not.
fn backward(context: &Context<'_>) -> Vec<Verdict> {
    let count = |at: usize| context.site(at, |s| s.gradient_non_finite);
    let verdict = |name: &str, count: Estimate| {
        let finding = format!("{}.", counted(count.value, "gradient"));
        let cause = "All values are finite, so the derivative of what reads it probably is not.".to_owned();
        Verdict::new((RULE.name, RULE.level), name, count, 0.0, finding).cause(cause)
    };
    if let Some(at) = (0..context.sites().len()).rev().find(|&at| count(at).value > 0.0) {
        return vec![verdict(&context.sites()[at].name, count(at))];
    }
    let of = |at: usize| context.over(|recording| recording.parameters[at].statistics.gradient_non_finite);
    let bad = (0..context.parameters().len()).filter(|&at| of(at).value > 0.0);
    bad.map(|at| verdict(&context.parameters()[at].name, of(at))).collect()
}

#[cfg(test)]
mod tests {
    use tensor::Activation;

    use crate::judge::Limits;
    use crate::judge::testing::{Net, head};

    #[test]
    fn every_parameter_with_nan_is_named() {
        let mut net = Net::mlp(1, 3, Activation::Tanh, 1.0);
        net.edit("fc2.weight", |at, x| if at == 5 { f64::NAN } else { x });
        net.is_mended("error[not-finite] fc2.weight", "1 value is NaN");
        net.edit("fc3.bias", |_, _| f64::INFINITY);
        assert_eq!(net.findings(), ["error[not-finite] fc2.weight", "error[not-finite] fc3.bias"]);
    }

    #[test]
    fn the_first_site_is_named_or_the_loss_or_the_last_gradient() {
        let mut net = Net::mlp(1, 3, Activation::Tanh, 1.0);
        let healthy = net.recording();
        assert!(net.findings().is_empty());
        net.edit_input(|x| if x > 2.0 { f64::NAN } else { x });
        assert_eq!(net.findings(), ["error[not-finite] input"]);

        let mut recording = healthy.clone();
        recording.loss.as_mut().unwrap().value = f64::NAN;
        assert_eq!(head(&recording.verdicts()[0]), "error[not-finite] network");
        let mut recording = healthy;
        recording.sites[1].statistics.gradient_non_finite = 7.0;
        recording.sites[3].statistics.gradient_non_finite = 2.0;
        let verdicts = Limits::default().judge_recordings(&[recording]);
        assert_eq!(head(&verdicts[0]), "error[not-finite] fc2");
        assert!(verdicts[0].finding.starts_with("2 gradients are"), "{}", verdicts[0]);
    }
}
