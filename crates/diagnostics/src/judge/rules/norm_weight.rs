//! Normalisations whose scale is 0, or whose shift outweighs what they normalise.

use crate::format::significant;
use crate::judge::{Context, Fix, Level, Rule, Verdict};
use crate::sites::{InputRole, SiteKind};

pub(super) const RULE: Rule = Rule {
    name: "norm-weight",
    level: Level::Error,
    checks: "Normalisations that pass on less than a tenth of a normalised signal, or whose shift is larger than half of it.",
    matters: "A scale near 0 makes the output nearly constant; a large shift hides the examples behind a constant. Both are usually two \
              parameters that were exchanged.",
    example: "A layer norm with weight 0 and bias 1.",
    instead: "A scale of 1 and a shift of 0. A scale of 0 is fine at the end of a residual branch, and is not reported there.",
    find,
};

fn find(context: &Context<'_>, _: &[Verdict]) -> Vec<Verdict> {
    let norms = (0..context.sites().len()).filter(|&at| context.sites()[at].kind == SiteKind::Norm);
    norms.filter_map(|at| scale(context, at).or_else(|| shift(context, at))).collect()
}

/// The root mean square of what a norm varies by: its values without the shift.
pub(in crate::judge) fn passed_on(context: &Context<'_>, at: usize) -> f64 {
    let site = &context.sites()[at];
    let shift = site.bias.map_or(0.0, |bias| context.parameter(bias, |p| p.rms));
    context.site_value(at, |s| (s.rms.powi(2) - shift.powi(2)).max(0.0).sqrt())
}

/// True if a sum with another signal reads a site with no product in between, as at the end of a residual branch.
fn ends_branch(context: &Context<'_>, at: usize) -> bool {
    let ends = context.graph.backwards(|at, ends| {
        let readers = context.graph.readers_with_roles(at).iter();
        readers.copied().any(|(reader, role)| match context.sites()[reader].kind {
            SiteKind::ResidualSum => role != Some(InputRole::Stream),
            SiteKind::Sum => true,
            SiteKind::Dropout
            | SiteKind::Scale
            | SiteKind::Pooling
            | SiteKind::Gate
            | SiteKind::Activation => ends[reader],
            _ => false,
        })
    });
    ends[at]
}

fn scale(context: &Context<'_>, at: usize) -> Option<Verdict> {
    let site = &context.sites()[at];
    let weight = site.weight?;
    let name = &context.parameters()[weight].name;
    // Gemma's norms multiply by 1 plus their weight.
    let from =
        |wanted: f64| context.parameter(weight, |p| (p.max - wanted).abs().max((p.min - wanted).abs()));
    let usual = if from(0.0) < SMALL { 1.0 } else { 0.0 };
    let is_small = from(usual - 1.0) < SMALL && passed_on(context, at) < SMALL;
    (is_small && !ends_branch(context, at)).then(|| {
        let rms = context.parameter(weight, |p| p.rms);
        let finding = format!(
            "its root mean square is {} (usually {usual}): {} passes on almost nothing, and it does not end a residual branch.",
            significant(rms, 3),
            site.name
        );
        let bias = site.bias.filter(|&bias| context.parameter(bias, |p| p.rms) > 0.5);
        let exchanged = bias.map(|bias| format!("Its shift {} is not 0: the two may have been exchanged.", context.parameters()[bias].name));
        Verdict::new((RULE.name, RULE.level), name, rms, SMALL, finding)
            .cause(exchanged)
            .fix(Fix::Set { parameters: vec![name.clone()], value: usual })
            .key("scale")
    })
}

/// The scale below which a norm passes on nothing that matters.
const SMALL: f64 = 0.1;

/// The shift that outweighs half of a normalised signal, and of the signal that it shifts.
const SHIFT: f64 = 0.5;

fn shift(context: &Context<'_>, at: usize) -> Option<Verdict> {
    let site = &context.sites()[at];
    let bias = site.bias?;
    let name = &context.parameters()[bias].name;
    let rms = context.parameter(bias, |p| p.rms);
    let relative = rms / passed_on(context, at);
    (relative > SHIFT && rms > SHIFT).then(|| {
        let finding = format!(
            "its root mean square is {}, {} times that of the signal that it shifts (limit {SHIFT}).",
            significant(rms, 3),
            significant(relative, 3)
        );
        Verdict::new((RULE.name, Level::Warning), name, relative, SHIFT, finding)
            .fix(Fix::Set { parameters: vec![name.clone()], value: 0.0 })
            .key("shift")
    })
}

#[cfg(test)]
mod tests {
    use tensor::Activation;

    use crate::judge::testing::Net;
    use crate::sites::NormKind;

    fn net() -> Net {
        let mut net = Net::new(1, 64);
        let x = net.input(32, 1);
        let x = net.linear("fc", x, 64, 1.0);
        let x = net.norm("ln", x, NormKind::Layer);
        let x = net.activation(x, Activation::Gelu);
        net.linear("head", x, 10, 1.0);
        net
    }

    /// Scale 0 and shift 1.
    #[test]
    fn exchanged_scale_and_shift_are_two_steps() {
        let mut exchanged = net();
        exchanged.edit("ln.weight", |_, _| 0.0);
        exchanged.edit("ln.bias", |_, _| 1.0);
        let first = exchanged.verdicts().remove(0);
        assert_eq!((first.rule, first.location()), ("norm-weight", "ln.weight"), "{first}");
        assert_eq!(first.causes, ["Its shift ln.bias is not 0: the two may have been exchanged."]);
        exchanged.followed(&first).is_mended("warning[norm-weight] ln.bias", "1 times that of the signal");
    }

    #[test]
    fn a_scale_of_0_is_mended() {
        let mut net = net();
        net.edit("ln.weight", |_, _| 0.01);
        net.is_mended("error[norm-weight] ln.weight", "0.01 (usually 1)");
    }

    /// The last norm of a branch may start at 0, as with `zero_init_residual`; Gemma's scale is 1 plus its weight.
    #[test]
    fn zeros_at_the_end_of_a_branch_and_in_gemma_are_healthy() {
        let mut net = Net::new(1, 64);
        let mut x = net.input(32, 1);
        for block in ["a", "b"] {
            let h = net.linear(&format!("{block}.fc"), x, 32, 1.0);
            let h = net.norm(&format!("{block}.bn"), h, NormKind::Batch);
            x = net.residual(block, x, h);
            net.edit(&format!("{block}.bn.weight"), |_, _| 0.0);
        }
        net.linear("head", x, 10, 1.0);
        assert!(net.findings().is_empty(), "{:?}", net.findings());

        let mut gemma = Net::gpt2(1).recording();
        let mut without = gemma.clone();
        for parameter in
            gemma.parameters.iter_mut().filter(|parameter| parameter.role == crate::Role::NormScale)
        {
            let statistics = &mut parameter.statistics;
            (statistics.min, statistics.max, statistics.mean, statistics.rms) = (0.0, 0.0, 0.0, 0.0);
            statistics.zeros = statistics.count;
        }
        assert!(!gemma.verdicts().iter().any(crate::Verdict::is_finding), "{}", gemma.verdicts()[0]);
        // A weight of −1 is a scale of 0 there, and leaves the other norms' weights of 0 without a gradient.
        let mut without_scale = gemma.clone();
        let at = without_scale.sites.iter().position(|site| site.name == "h.2.ln_1").unwrap();
        without_scale.sites[at].statistics.rms = 0.0;
        let weight = without_scale.sites[at].weight.unwrap();
        for parameter in without_scale.parameters.iter_mut().filter(|p| p.role == crate::Role::NormScale) {
            parameter.statistics.gradient_rms = 0.0;
        }
        let statistics = &mut without_scale.parameters[weight].statistics;
        (statistics.min, statistics.max, statistics.mean, statistics.rms) = (-1.0, -1.0, -1.0, 1.0);
        statistics.zeros = 0.0;
        let first = without_scale.verdicts().remove(0);
        assert_eq!((first.rule, first.location()), ("norm-weight", "h.2.ln_1.weight"), "{first}");
        assert_eq!(first.fix.unwrap().to_string(), "Set h.2.ln_1.weight to 0.");
        // The same weights where the values are small too are a fault.
        let norm = without.sites.iter().position(|site| site.name == "h.2.ln_1").unwrap();
        without.parameters = gemma.parameters;
        without.sites[norm].statistics.rms = 0.01;
        assert_eq!(without.verdicts()[0].location(), "h.2.ln_1.weight");
    }
}
