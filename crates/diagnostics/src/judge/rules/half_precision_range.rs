//! Values that the type in which they are stored cannot hold.

use crate::format::significant;
use crate::judge::{Context, Level, Rule, Verdict};
use crate::sites::SiteKind;

pub(super) const RULE: Rule = Rule {
    name: "half-precision-range",
    level: Level::Error,
    checks: "Sites in half precision that overflow although everything they read is finite, and gradients in f16 most of which \
             underflow to 0.",
    matters: "f16 ends at 65,504 and loses digits below 6·10⁻⁵; what lies outside becomes infinity or 0.",
    example: "A sum of 100,000 ones in f16.",
    instead: "Use bf16, which has the range of f32, scale the values down, or scale the loss.",
    find,
};

/// The largest finite number of IEEE half precision.
const LARGEST: f64 = 65_504.0;

/// The root mean square of gradients below which many are smaller than half of f16's smallest number, 6·10⁻⁸.
const SMALLEST: f64 = 1e-6;

/// The share of gradients that may be 0.
const UNDERFLOW: f64 = 0.5;

fn find(context: &Context<'_>, _: &[Verdict]) -> Vec<Verdict> {
    (0..context.sites().len())
        .filter_map(|at| {
            overflow(context, at).or_else(|| underflow(context, at)).or_else(|| beyond(context, at))
        })
        .collect()
}

/// True if a site overflows its type although what it reads is finite.
pub(in crate::judge) fn overflows(context: &Context<'_>, at: usize) -> bool {
    let site = &context.sites()[at];
    let bad = |site: usize| context.site_value(site, |s| s.non_finite) > 0.0;
    site.dtype == "f16"
        && bad(at)
        && !site.inputs.is_empty()
        && !site.inputs.iter().any(|input| bad(input.site))
}

fn overflow(context: &Context<'_>, at: usize) -> Option<Verdict> {
    overflows(context, at).then(|| {
        let site = &context.sites()[at];
        let count = context.site(at, |s| s.non_finite);
        let entering = context.site_value(site.inputs[0].site, |s| s.max.abs().max(s.min.abs()));
        let finding =
            format!("{} values are beyond f16's largest number, 65,504.", significant(count.value, 6));
        let cause = format!("What it reads is finite, at most {} in magnitude.", significant(entering, 3));
        Verdict::new((RULE.name, RULE.level), &site.name, count, 0.0, finding)
            .cause(cause)
            .evidence("largest representable", LARGEST)
            .key("overflow")
    })
}

/// Values in another type that f16 could not hold: a note for whoever means to change the type.
fn beyond(context: &Context<'_>, at: usize) -> Option<Verdict> {
    let site = &context.sites()[at];
    let largest = context.site(at, |s| s.max.abs().max(s.min.abs()));
    let judged = site.dtype != "f16" && site.kind != SiteKind::Input;
    (judged && largest.value > LARGEST && largest.value.is_finite()).then(|| {
        let finding = format!(
            "its largest magnitude is {}, but f16 ends at 65,504; {} can hold it.",
            significant(largest.value, 3),
            site.dtype
        );
        Verdict::new((RULE.name, Level::Note), &site.name, largest, LARGEST, finding).key("beyond")
    })
}

fn underflow(context: &Context<'_>, at: usize) -> Option<Verdict> {
    let site = &context.sites()[at];
    if site.dtype != "f16" {
        return None;
    }
    let zeros = context.site(at, |s| s.gradient_zeros / s.gradient_count);
    // Zeros by design, as behind ReLU, leave the rest at its size; behind gradients that have vanished nothing is left.
    let rms = |at: usize| context.site_value(at, |s| s.gradient_rms);
    let small = |at: usize| rms(at) > 0.0 && rms(at) < SMALLEST;
    let vanished = rms(at) == 0.0 && (at..context.sites().len()).any(small);
    (zeros.value > UNDERFLOW && (small(at) || vanished)).then(|| {
        let share = significant(100.0 * zeros.value, 3);
        let finding = format!("{share}% of the gradients underflow to 0 in f16 (limit 50%).");
        Verdict::new((RULE.name, Level::Warning), &site.name, zeros, UNDERFLOW, finding)
            .cause("Scaling the loss by 1,024 or more before the backward pass keeps them.".to_owned())
            .key("underflow")
    })
}

#[cfg(test)]
mod tests {
    use tensor::Activation;

    use crate::Recording;
    use crate::judge::testing::{Net, head};

    /// A ReLU network after a change of its statistics: all verdicts.
    fn judged(change: impl Fn(&mut Recording)) -> Vec<String> {
        let mut recording = Net::mlp(1, 3, Activation::Relu, 2f64.sqrt()).recording();
        change(&mut recording);
        recording.verdicts().iter().map(head).collect()
    }

    #[test]
    fn values_beyond_f16_are_an_error_in_f16_and_a_note_elsewhere() {
        let overflow = judged(|recording| {
            recording.sites[3].dtype = "f16".to_owned();
            recording.sites[3].statistics.non_finite = 3.0;
        });
        assert_eq!(overflow, ["error[half-precision-range] fc2"]);
        assert_eq!(judged(|r| r.sites[3].statistics.max = 7e4), ["note[half-precision-range] fc2"]);
        assert!(judged(|r| r.sites[3].statistics.max = 6e4).is_empty());
    }

    /// Half of ReLU's gradients are 0 by design, and the others have their size.
    #[test]
    fn gradients_that_underflow_are_small() {
        let gradients = |rms: f64, dtype: &'static str| {
            judged(move |recording| {
                let site = &mut recording.sites[3];
                site.dtype = dtype.to_owned();
                site.statistics.gradient_zeros = 0.9 * site.statistics.gradient_count;
                site.statistics.gradient_rms = rms;
            })
        };
        assert_eq!(gradients(1e-7, "f16"), ["warning[half-precision-range] fc2"]);
        assert!(gradients(1e-3, "f16").is_empty());
        assert!(gradients(1e-7, "bf16").is_empty());
    }
}
