//! Parameters that hold whatever was in memory.

use crate::format::significant;
use crate::judge::{Context, Fix, Level, Rule, Verdict};

pub(super) const RULE: Rule = Rule {
    name: "uninitialised-memory",
    level: Level::Error,
    checks: "Parameters with values beyond 10⁶, subnormal ones, or a root mean square below 10⁻²⁰.",
    matters: "No scheme draws such numbers. They are what memory holds that was allocated and never filled, and they overflow \
              or vanish in the first product.",
    example: "`torch.empty(256, 256)` as a weight, with a `reset_parameters` that was never called.",
    instead: "Draw the parameter by the scheme that was meant for it.",
    find,
};

/// The largest magnitude that a scheme may draw.
const LARGEST: f64 = 1e6;

fn find(context: &Context<'_>, _: &[Verdict]) -> Vec<Verdict> {
    (0..context.parameters().len()).filter_map(|at| verdict(context, at)).collect()
}

/// True if a parameter is garbage: judged by this rule, and by no other.
pub(in crate::judge) fn is_garbage(context: &Context<'_>, at: usize) -> bool {
    verdict(context, at).is_some()
}

fn verdict(context: &Context<'_>, at: usize) -> Option<Verdict> {
    let name = &context.parameters()[at].name;
    let of = |field: fn(&crate::ParameterStatistics) -> f64| context.parameter(at, field);
    let largest = of(|p| p.max.abs().max(p.min.abs()));
    let (rms, subnormal) = (of(|p| p.rms), of(|p| p.subnormal / p.count));
    let (measured, limit, text) = if largest > LARGEST {
        (largest, LARGEST, format!("its largest magnitude is {} (limit 10⁶).", significant(largest, 3)))
    } else if rms > 0.0 && rms < 1e-20 {
        (
            rms,
            1e-20,
            format!("its root mean square is {}, and it is not 0 (limit 10⁻²⁰).", significant(rms, 3)),
        )
    } else if subnormal > 1e-3 {
        let share = significant(100.0 * subnormal, 3);
        (subnormal, 1e-3, format!("{share}% of its values are subnormal (limit 0.1%)."))
    } else {
        return None;
    };
    let fix = Fix::redraw(name);
    let verdict = Verdict::new((RULE.name, RULE.level), name, measured, limit, text);
    Some(verdict.cause("It looks like memory that was never initialised.".to_owned()).fix(fix))
}

#[cfg(test)]
mod tests {
    use tensor::Activation;

    use crate::judge::testing::Net;

    /// Huge, tiny and subnormal numbers.
    #[test]
    fn what_memory_holds_is_drawn_again() {
        let rule = "error[uninitialised-memory] fc2.weight";
        let mut net = Net::mlp(1, 3, Activation::Relu, 2f64.sqrt());
        net.edit("fc2.weight", |at, x| if at == 0 { 3e38 } else { x });
        net.is_mended(rule, "largest magnitude is 3");
        net.edit("fc2.weight", |at, _| 1e-41 * (1 + at) as f64);
        net.is_mended(rule, "it is not 0");
        net.edit("fc2.weight", |at, _| if at % 100 == 0 { 1e-41 } else { 0.1 * f64::sin(at as f64) });
        net.is_mended(rule, "1% of its values are subnormal");
    }

    /// Zeros are on purpose, and so are small numbers that a scheme can draw.
    #[test]
    fn zeros_and_small_numbers_are_no_memory() {
        let mut net = Net::mlp(1, 3, Activation::Relu, 2f64.sqrt());
        net.edit("fc2.weight", |at, x| if at % 7 == 0 { 0.0 } else { x });
        net.edit("head.weight", |_, x| 0.01 * x);
        assert!(net.findings().is_empty(), "{:?}", net.findings());
    }
}
