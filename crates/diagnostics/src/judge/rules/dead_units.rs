//! Units that are 0 in every example.

use gaussian::expectation;
use tensor::Activation;

use super::zero_gradient::is_zero;
use crate::format::{fixed, significant};
use crate::judge::{Context, Fix, Level, Rule, Verdict};
use crate::report::Role;
use crate::sites::SiteKind;

pub(super) const RULE: Rule = Rule {
    name: "dead-units",
    level: Level::Error,
    checks: "Weights a tenth of whose rows are 0, and activations most of whose units are 0 in every example and at every position, more than chance explains given the \
             number of examples and how alike they are.",
    matters: "A ReLU unit that no example reaches has no gradient and stays dead.",
    example: "Biases of −10 before ReLU.",
    instead: "Biases of 0 and weights of mean 0.",
    find,
};

fn find(context: &Context<'_>, _: &[Verdict]) -> Vec<Verdict> {
    let mut found: Vec<Verdict> =
        (0..context.parameters().len()).filter_map(|at| zero_rows(context, at)).collect();
    let sites = (0..context.sites().len()).filter(|&at| context.sites()[at].kind == SiteKind::Activation);
    let is_first = |&at: &usize| !context.sites()[at].inputs.iter().any(|input| is_dead(context, input.site));
    found.extend(sites.filter(is_first).filter_map(|at| verdict(context, at)));
    found
}

/// True if all values of a site are 0.
fn is_dead(context: &Context<'_>, at: usize) -> bool {
    context.site_value(at, |s| s.zeros) == context.site_value(at, |s| s.count)
        && context.site_value(at, |s| s.count) > 0.0
}

/// The share of rows from which zeros are a block and not chance.
const ROWS: f64 = 0.1;

/// Rows of zeros in a weight: their units are 0 before any function.
fn zero_rows(context: &Context<'_>, at: usize) -> Option<Verdict> {
    let parameter = &context.parameters()[at];
    let of = |field: fn(&crate::ParameterStatistics) -> f64| context.parameter(at, field);
    let (zero, rows) = (of(|p| p.zero_rows), of(|p| p.rows));
    let judged = parameter.role == Role::Weight && parameter.trainable;
    (judged && zero >= 2.0 && zero / rows > ROWS && zero < rows).then(|| {
        let [first, last] = [of(|p| p.first_zero_row), of(|p| p.last_zero_row)];
        let [from, to] = [first, last].map(|row| significant(row, 9));
        let which = if last - first + 1.0 == zero {
            format!("rows {from}…{to} are 0")
        } else {
            format!("{} rows between {from} and {to} are 0", significant(zero, 9))
        };
        let finding = format!(
            "{which}, of {} (limit {}%): the units that they compute are constant.",
            significant(rows, 9),
            significant(100.0 * ROWS, 3)
        );
        let bypassed = |&site: &usize| {
            let around = context.graph.is_bypassed(context.first(), site) && !hidden(context)[site];
            around || Some(site) == context.logits()
        };
        let level = match zero / rows {
            _ if context.readers_of(at).iter().all(bypassed) => Level::Note,
            ..0.5 => Level::Warning,
            _ => Level::Error,
        };
        Verdict::new((RULE.name, level), &parameter.name, zero / rows, ROWS, finding)
            .cause("They look as if they were allocated but never initialised.".to_owned())
            .fix((level > Level::Note).then(|| Fix::redraw(&parameter.name)))
    })
}

/// For each site, true if its units are those of a hidden layer: a product reads them, through functions and norms alone.
fn hidden(context: &Context<'_>) -> Vec<bool> {
    let passes = |kind: SiteKind| {
        matches!(kind, SiteKind::Activation | SiteKind::Norm | SiteKind::Dropout | SiteKind::Pooling)
    };
    context.graph.backwards(|at, hidden| {
        let mut readers = context.graph.readers(at).peekable();
        readers.peek().is_some()
            && readers.all(|reader| {
                let kind = context.sites()[reader].kind;
                kind.is_product() || (passes(kind) && hidden[reader])
            })
    })
}

/// True if zeros in the weight before an activation explain its dead units.
fn is_explained(context: &Context<'_>, at: usize) -> bool {
    let product = context.sites()[at].inputs.first().and_then(|input| context.product_before(input.site));
    let weight = product.and_then(|product| context.sites()[product].weight);
    weight.is_some_and(|weight| is_zero(context, weight) || zero_rows(context, weight).is_some())
}

/// True for functions that are 0 on one side.
fn can_die(function: Option<Activation>) -> bool {
    function.is_some_and(|function| {
        let f = |x: f64| function.eval(x).0;
        f(-1e3) == 0.0 && f(1.0) != 0.0
    })
}

fn verdict(context: &Context<'_>, at: usize) -> Option<Verdict> {
    let site = &context.sites()[at];
    if !can_die(site.function) || is_explained(context, at) {
        return None;
    }
    let measured = context.site(at, |s| s.dead_units);
    let units = context.site_value(at, |s| s.units) * context.recordings.len() as f64;
    let chance = chance(units, measured.value, zero_by_chance(context, at));
    let limit = context.limits.dead;
    (measured.value > limit && chance < context.limits.chance).then(|| {
        let (percent, allowed) = (fixed(100.0 * measured.value, 1), significant(100.0 * limit, 3));
        let finding = format!("{percent}% of its units are 0 in every example (limit {allowed}%).");
        let (cause, fix) = cause(context, at);
        let level = if measured.value == 1.0 && !context.graph.is_bypassed(context.first(), at) {
            Level::Error
        } else {
            Level::Warning
        };
        Verdict::new((RULE.name, level), &site.name, measured, limit, finding)
            .cause(cause)
            .fix(fix)
            .key("dead")
    })
}

/// The probability that a healthy unit is 0 in every example: one that is 0 in half of all examples, as a ReLU of a normal
/// pre-activation of mean 0 is.
///
/// Examples whose pre-activations have the cosine similarity c share a part of each: `√c·z + √(1 − c)·w` with z common to
/// all of them is below 0 in all n with the probability `E Φ(z·√(c/(1 − c)))ⁿ`: 2⁻ⁿ at c = 0, and ½ at c = 1, where n
/// examples show no more than one. Without pre-activations, c may be 1. Derived here.
fn zero_by_chance(context: &Context<'_>, at: usize) -> f64 {
    let before = context.sites()[at].inputs.first().map(|input| input.site);
    let (examples, cosine) = before.map_or((1.0, 1.0), |site| {
        (context.site_value(site, |s| s.examples), context.site_value(site, |s| s.mean_cosine))
    });
    let cosine = if cosine.is_nan() { 1.0 } else { cosine.clamp(0.0, 1.0) };
    let odds = cosine / (1.0 - cosine);
    if !odds.is_finite() {
        return 0.5;
    }
    expectation(&[], |z| gaussian::cdf(z * odds.sqrt()).powf(examples))
}

/// A bound on the probability that this share of independent units, or more, is 0 by chance if each is with probability p:
/// `exp(−n·KL(share‖p))`, Chernoff's.
fn chance(units: f64, share: f64, p: f64) -> f64 {
    let term = |x: f64, y: f64| if x > 0.0 { x * (x / y).ln() } else { 0.0 };
    if share <= p { 1.0 } else { (-units * (term(share, p) + term(1.0 - share, 1.0 - p))).exp() }
}

/// Names a bias that outweighs the pre-activations, or inputs that are all of one sign.
fn cause(context: &Context<'_>, at: usize) -> (Option<String>, Option<Fix>) {
    let before = context.sites()[at].inputs.first().map(|input| input.site);
    let is_norm = |&site: &usize| context.sites()[site].kind == SiteKind::Norm;
    let source = before.filter(is_norm).or_else(|| before.and_then(|site| context.product_before(site)));
    let Some(bias) = source.and_then(|source| context.sites()[source].bias) else { return (None, None) };
    let pre = source.map_or(f64::NAN, |source| context.site_value(source, |s| s.rms));
    let (name, rms) = (&context.parameters()[bias].name, context.parameter(bias, |p| p.rms));
    if rms <= context.limits.bias * pre {
        return (None, None);
    }
    let cause = format!(
        "{name} has root mean square {}; the pre-activations, bias included, have {}.",
        significant(rms, 3),
        significant(pre, 3)
    );
    (Some(cause), Some(Fix::Set { parameters: vec![name.clone()], value: 0.0 }))
}

#[cfg(test)]
mod tests {
    use tensor::Activation;

    use crate::judge::testing::Net;
    use crate::sites::NormKind;

    #[test]
    fn biases_that_no_example_outweighs_are_set_to_0() {
        let mut net = Net::mlp(1, 3, Activation::Relu, 2f64.sqrt());
        net.edit("fc2.bias", |_, _| -10.0);
        let fixed = net.is_mended("error[dead-units] fc2.relu", "fc2.bias has root mean square 10");
        assert_eq!(fixed.values("fc2.bias"), [0.0; 64]);
    }

    #[test]
    fn the_bias_of_a_norm_is_set_to_0_too() {
        let mut net = Net::new(1, 64);
        let x = net.input(32, 1);
        let x = net.linear("fc", x, 64, 1.0);
        let x = net.norm("bn", x, NormKind::Batch);
        let x = net.activation(x, Activation::Relu);
        net.linear("head", x, 10, 0.5);
        net.edit("bn.bias", |_, _| -10.0);
        net.is_mended("error[dead-units] bn.relu", "bn.bias has root mean square 10");
    }

    /// Half of a weight was allocated and never drawn.
    #[test]
    fn rows_that_were_never_drawn_are_named() {
        let mut net = Net::mlp(1, 3, Activation::Relu, 2f64.sqrt());
        net.edit("fc2.weight", |at, x| if (32..64).contains(&(at / 64)) { 0.0 } else { x });
        net.is_mended("error[dead-units] fc2.weight", "rows 32…63 are 0, of 64");
    }

    /// Half of all ReLU units are 0 in one example; one zero row of 64 is no block; a bounded function has no dead end.
    #[test]
    fn few_examples_and_few_rows_show_nothing() {
        for seed in 0..20 {
            let mut net = Net::new(seed, 1 + (seed as usize) % 2);
            let x = net.input(64, 1);
            let x = net.linear("fc1", x, 256, 2f64.sqrt());
            let x = net.activation(x, Activation::Relu);
            net.linear("head", x, 10, 0.5);
            assert!(net.findings().is_empty(), "{:?}", net.findings());
        }
        let mut net = Net::mlp(1, 3, Activation::Tanh, 1.0);
        net.edit("fc2.weight", |at, x| if at / 64 == 7 { 0.0 } else { x });
        assert!(net.findings().is_empty(), "{:?}", net.findings());
    }

    /// Zero rows in the last weight of a branch, as where only gates start at 0, cut nothing.
    #[test]
    fn zero_rows_under_a_shortcut_are_no_finding() {
        let mut net = Net::residual_mlp(1, 4, 1.0, Some(NormKind::Layer));
        net.edit("block2.b.weight", |at, x| if at / 64 < 32 { 0.0 } else { x });
        assert!(net.findings().is_empty(), "{:?}", net.findings());
    }

    /// The hidden layer of a branch is a layer all the same.
    #[test]
    fn zero_rows_in_the_middle_of_a_branch_are_named() {
        let mut net = Net::residual_mlp(1, 4, 1.0, Some(NormKind::Layer));
        net.edit("block2.a.weight", |at, x| if at / 64 < 32 { 0.0 } else { x });
        net.is_mended("error[dead-units] block2.a.weight", "rows 0…31 are 0, of 64");
    }
}
