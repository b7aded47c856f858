//! Weights that map everything onto one direction.

use super::{offset::spike, symmetric_units::is_symmetric};
use crate::format::significant;
use crate::judge::{Context, Fix, Level, Rule, Verdict};
use crate::report::Role;

pub(super) const RULE: Rule = Rule {
    name: "rank-one",
    level: Level::Warning,
    checks: "Weights with more than 80% of their squares in one direction.",
    matters: "All units then compute multiples of one number, so the layer passes on one number, whatever its width.",
    example: "A weight made as the outer product of two rows.",
    instead: "Draw the weight with independent values, or orthogonal.",
    find,
};

fn find(context: &Context<'_>, _: &[Verdict]) -> Vec<Verdict> {
    context.products().filter_map(|(_, weight)| verdict(context, weight)).collect()
}

/// The largest share of squares that chance puts into one direction of a random matrix: `(1/√rows + 1/√columns)²`, the
/// Marchenko–Pastur edge over the trace.
fn by_chance(rows: f64, columns: f64) -> f64 {
    (1.0 / rows.sqrt() + 1.0 / columns.sqrt()).powi(2)
}

fn verdict(context: &Context<'_>, weight: usize) -> Option<Verdict> {
    let parameter = &context.parameters()[weight];
    let of = |field: fn(&crate::ParameterStatistics) -> f64| context.parameter(weight, field);
    let (share, rows, columns) = (of(|p| p.top_share), of(|p| p.compared_rows), of(|p| p.compared_columns));
    let limit = context.limits.rank_one;
    let explained = is_symmetric(context, weight) || spike(context, weight) > context.limits.offset;
    let judged = parameter.role == Role::Weight && parameter.trainable && !explained;
    (judged && share > limit && by_chance(rows, columns) < 0.5 * limit).then(|| {
        let [percent, allowed] = [share, limit].map(|x| significant(100.0 * x, 3));
        let finding = format!("one direction holds {percent}% of its squared norm (limit {allowed}%).");
        let fix = Fix::redraw(&parameter.name);
        Verdict::new((RULE.name, RULE.level), &parameter.name, share, limit, finding).fix(fix).key("rank")
    })
}

#[cfg(test)]
mod tests {
    use tensor::Activation;

    use crate::judge::testing::Net;

    #[test]
    fn an_outer_product_is_drawn_again() {
        let mut net = Net::mlp(1, 3, Activation::Tanh, 1.0);
        net.edit("fc2.weight", |at, _| {
            0.25 * f64::sin(1.0 + (at / 64) as f64) * f64::cos(0.5 + (at % 64) as f64)
        });
        assert_eq!(net.findings(), ["warning[rank-one] fc2.weight"]);
        net.is_mended("warning[rank-one] fc2.weight", "one direction holds 100%");
    }

    /// Two outputs cannot have more than two directions, and few inputs share what chance gives them.
    #[test]
    fn narrow_weights_are_healthy() {
        let mut net = Net::new(1, 64);
        let x = net.input(32, 1);
        let x = net.linear("narrow", x, 2, 1.0);
        let x = net.activation(x, Activation::Tanh);
        let x = net.linear("wide", x, 64, 1.0);
        let x = net.activation(x, Activation::Tanh);
        let x = net.linear("one", x, 1, 1.0);
        net.linear("head", x, 10, 1.0);
        assert!(net.findings().is_empty(), "{:?}", net.findings());
    }
}
