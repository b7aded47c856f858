//! Weights with a mean that outgrows their spread.

use super::{symmetric_units::is_symmetric, uninitialised_memory::is_garbage};
use crate::format::significant;
use crate::judge::{Context, Fix, Level, Rule, Verdict};
use crate::report::Role;

pub(super) const RULE: Rule = Rule {
    name: "offset",
    level: Level::Error,
    checks: "Weights whose mean, times √fan_in, is more than 1.5 times their std.",
    matters: "The mean multiplies what all inputs share by fan_in·mean; the rest only grows by √fan_in·std. After a few layers \
              every example looks the same, whatever the scale.",
    example: "`uniform(0, 1)` for a weight of 100 inputs: the shared part grows 50-fold per layer, the rest 2.9-fold.",
    instead: "A distribution of mean 0.",
    find,
};

fn find(context: &Context<'_>, _: &[Verdict]) -> Vec<Verdict> {
    context.products().filter_map(|(at, weight)| verdict(context, at, weight)).collect()
}

/// The mean as a multiple of `std/√fan_in`.
pub(in crate::judge) fn spike(context: &Context<'_>, weight: usize) -> f64 {
    let fan_in = context.parameters()[weight].fans().map_or(f64::NAN, |(fan_in, _)| fan_in);
    context.parameter(weight, |p| p.mean).abs() * fan_in.sqrt() / context.parameter(weight, |p| p.std)
}

fn verdict(context: &Context<'_>, at: usize, weight: usize) -> Option<Verdict> {
    let parameter = &context.parameters()[weight];
    let (mean, std) = (context.parameter(weight, |p| p.mean), context.parameter(weight, |p| p.std));
    let rows = context.parameter(weight, |p| p.rows);
    let depthwise = parameter.groups > 1 && parameter.groups as f64 == rows;
    if depthwise
        || parameter.role != Role::Weight
        || is_symmetric(context, weight)
        || is_garbage(context, weight)
    {
        return None;
    }
    let (fan_in, _) = parameter.fans()?;
    let theta = spike(context, weight);
    // Six standard errors of a mean: one output of few inputs may have any.
    let visible = mean.abs() * context.parameter(weight, |p| p.count).sqrt() > 6.0 * std;
    (theta > context.limits.offset && visible).then(|| {
        let [shared, spread] = [fan_in * mean.abs(), fan_in.sqrt() * std].map(|x| significant(x, 3));
        let finding = format!(
            "its mean is {}: the component common to its {} inputs grows {shared}× (fan_in·mean), everything else {spread}× (ratio {}, limit {}).",
            significant(mean, 3),
            significant(fan_in, 6),
            significant(theta, 3),
            significant(context.limits.offset, 3)
        );
        let factor = centred_factor(context, at, fan_in.sqrt() * std);
        Verdict::new((RULE.name, RULE.level), &parameter.name, theta, context.limits.offset, finding)
            .evidence("mean", mean)
            .evidence("std", std)
            .fix(Fix::Centre { parameters: vec![(parameter.name.clone(), factor)] })
            .key("mean")
    })
}

/// The factor that gives the centred weights a gain that the function after them keeps: 1 if the function is unknown.
fn centred_factor(context: &Context<'_>, at: usize, gain: f64) -> f64 {
    let readers = context.graph.readers(at);
    let function = readers.filter_map(|reader| context.sites()[reader].function).next();
    let (low, high) = function.map_or((f64::NAN, f64::NAN), |function| context.critical_gain_range(function));
    if gain > high {
        high / gain
    } else if gain < low {
        low / gain
    } else {
        1.0
    }
}

#[cfg(test)]
mod tests {
    use tensor::Activation;

    use crate::judge::testing::{Net, uniform};

    /// `uniform(0, 1)` has mean ½ and std 1/√12.
    #[test]
    fn weights_from_0_to_1_are_centred() {
        let mut net = Net::mlp(1, 3, Activation::Relu, 2f64.sqrt());
        net.edit("fc2.weight", |at, _| uniform(at));
        net.is_mended("error[offset] fc2.weight", "grows 32× (fan_in·mean)");
        for (order, name) in ["fc1.weight", "fc3.weight", "head.weight"].into_iter().enumerate() {
            net.edit(name, |at, _| uniform(at + 5000 * (order + 1)));
        }
        net.is_mended("error[offset] fc1.weight", "everything else 2.3");
    }

    /// Below the threshold of 1 the mean is lost in the spread; a depthwise kernel has one channel to read.
    #[test]
    fn small_means_and_depthwise_kernels_are_healthy() {
        let mut net = Net::mlp(1, 3, Activation::Relu, 2f64.sqrt());
        net.edit("fc2.weight", |_, x| x + 0.5 * 2f64.sqrt() / 64.0);
        assert!(net.findings().is_empty(), "{:?}", net.findings());

        let mut net = Net::new(1, 8);
        let x = net.input(64, 16);
        let x = net.convolution("depthwise", x, 64, (3, 1, 64), 0.2);
        let x = net.linear("pointwise", x, 64, 1.0);
        net.linear("head", x, 10, 1.0);
        net.edit("depthwise.weight", |_, x| 0.5 + x);
        assert!(net.findings().is_empty(), "{:?}", net.findings());
    }
}
