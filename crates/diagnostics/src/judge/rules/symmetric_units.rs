//! Units of one layer that are equal and stay so.

use super::uninitialised_memory::is_garbage;
use crate::format::significant;
use crate::judge::{Context, Fix, Level, Rule, Verdict};
use crate::report::Role;

pub(super) const RULE: Rule = Rule {
    name: "symmetric-units",
    level: Level::Error,
    checks: "Weights several rows of which are equal, so that the units that they compute are equal.",
    matters: "Equal units with equal outgoing weights receive equal gradients and never become different: the layer is worth one unit.",
    example: "`constant(0.1)` for a weight.",
    instead: "Draw the weight at random.",
    find,
};

/// The share of equal rows from which it is a fault: independent rows are never equal.
const SHARE: f64 = 0.05;

fn find(context: &Context<'_>, _: &[Verdict]) -> Vec<Verdict> {
    let mut found: Vec<(f64, Verdict)> = (0..context.parameters().len())
        .filter_map(|at| verdict(context, at).map(|verdict| (growth(context, at), verdict)))
        .collect();
    // The one that enlarges signals most comes first.
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    found.into_iter().map(|(_, verdict)| verdict).collect()
}

/// The factor by which what all inputs share grows.
fn growth(context: &Context<'_>, at: usize) -> f64 {
    context.parameter(at, |p| p.mean.abs() * p.columns)
}

/// True if the units of a weight are equal.
pub(in crate::judge) fn is_symmetric(context: &Context<'_>, at: usize) -> bool {
    verdict(context, at).is_some()
}

fn verdict(context: &Context<'_>, at: usize) -> Option<Verdict> {
    let parameter = &context.parameters()[at];
    let of = |field: fn(&crate::ParameterStatistics) -> f64| context.parameter(at, field);
    let (rows, repeats, equal) = (of(|p| p.rows), of(|p| p.repeats), of(|p| p.equal_rows));
    // Each row of a depthwise kernel reads another channel; copied blocks are another rule's.
    let depthwise = parameter.groups > 1 && parameter.groups as f64 == rows;
    let copied = repeats > 1.0 && repeats < rows;
    let judged = parameter.role == Role::Weight && parameter.trainable && !depthwise && !copied;
    // Beside a value of 1e30 all rows look equal.
    let judged = judged && !is_garbage(context, at);
    (judged && equal > SHARE && equal * (rows - of(|p| p.zero_rows)) >= 2.0).then(|| {
        let share = significant(100.0 * equal, 3);
        let finding = format!(
            "{share}% of its {} rows equal another row, so the units that they compute are equal (limit {}%).",
            significant(rows, 6),
            significant(100.0 * SHARE, 3)
        );
        let fix = Fix::redraw(&parameter.name);
        let shared = (repeats == rows).then(|| {
            format!(
                "Every unit computes the same sum: the component common to all inputs grows {}× (fan_in·|mean|).",
                significant(growth(context, at), 3)
            )
        });
        Verdict::new((RULE.name, RULE.level), &parameter.name, equal, SHARE, finding)
            .cause(shared)
            .evidence("largest cosine of two rows", of(|p| p.row_cosine))
            .fix(fix)
            .key("rows")
    })
}

#[cfg(test)]
mod tests {
    use tensor::Activation;

    use crate::judge::testing::Net;
    use crate::sites::NormKind;

    #[test]
    fn a_constant_weight_is_drawn_again() {
        let mut net = Net::mlp(1, 3, Activation::Relu, 2f64.sqrt());
        net.edit("fc2.weight", |_, _| 0.1);
        net.is_mended("error[symmetric-units] fc2.weight", "100% of its 64 rows equal another row");
    }

    /// constant weights throughout. What all units share grows by 0.1 per input.
    #[test]
    fn constant_weights_are_one_verdict() {
        let mut net = Net::mlp(1, 3, Activation::Relu, 2f64.sqrt());
        for name in ["fc1.weight", "fc2.weight", "fc3.weight", "head.weight"] {
            net.edit(name, |_, _| 0.1);
        }
        let verdicts = net.verdicts();
        assert_eq!(verdicts[0].locations, ["fc1.weight", "fc2.weight", "fc3.weight", "head.weight"]);
        net.is_mended("error[symmetric-units] fc1.weight", "grows 6.4× (fan_in·|mean|)");
    }

    /// Zero rows are another rule's or none's; a depthwise kernel gives each channel a row of its own.
    #[test]
    fn zeros_and_depthwise_kernels_are_no_equal_units() {
        let mut net = Net::residual_mlp(1, 4, 0.5, Some(NormKind::Layer));
        (1..=4).for_each(|block| net.edit(&format!("block{block}.b.weight"), |_, _| 0.0));
        net.edit("head.weight", |_, _| 0.0);
        assert!(!net.verdicts().iter().any(|verdict| verdict.rule == "symmetric-units"));

        let mut net = Net::new(1, 8);
        let x = net.input(16, 16);
        let x = net.convolution("blur", x, 16, (3, 1, 16), 1.0);
        net.linear("head", x, 10, 1.0);
        net.edit("blur.weight", |_, _| 1.0 / 3.0);
        assert!(net.findings().is_empty(), "{:?}", net.findings());
    }
}
