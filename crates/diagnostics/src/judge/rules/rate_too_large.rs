//! A learning rate beside the curvature.

use crate::format::significant;
use crate::judge::{Context, Level, Rule, Verdict};

pub(super) const RULE: Rule = Rule {
    name: "rate-too-large",
    level: Level::Note,
    checks: "The learning rate that the caller intends beside 2/λ, where λ is the largest eigenvalue of the loss's Gauss–Newton \
             matrix, in recordings that have both.",
    matters: "2/λ is where full-batch gradient descent on the local quadratic diverges. Before the first step it gives the \
              order of magnitude of the largest learning rate, not a limit: curvature changes within steps, and small batches \
              need less.",
    example: "SGD at the rate 1 on a network whose λ is 20.",
    instead: "Start below 2/λ, or warm up to the intended rate.",
    find,
};

fn find(context: &Context<'_>, _: &[Verdict]) -> Vec<Verdict> {
    verdict(context).into_iter().collect()
}

fn verdict(context: &Context<'_>) -> Option<Verdict> {
    let rate = context.first().learning_rate?;
    let curvature = context.over(|recording| recording.curvature.unwrap_or(f64::NAN)).value;
    let limit = 2.0 / curvature;
    (curvature > 0.0 && rate > limit).then(|| {
        let [rate_text, curvature_text, limit_text] = [rate, curvature, limit].map(|x| significant(x, 3));
        let finding = format!(
            "the intended learning rate is {rate_text}; full-batch descent on the local quadratic diverges above 2/{curvature_text} \
             = {limit_text}."
        );
        let cause = "This gives the order of magnitude before the first step, and is no limit.".to_owned();
        Verdict::new((RULE.name, RULE.level), "network", rate, limit, finding)
            .cause(cause)
            .evidence("largest curvature", curvature)
    })
}

#[cfg(test)]
mod tests {
    use crate::sites::Recording;

    /// The numbers of a 27-4-16-27 tanh network at gain 5/3, whose Gauss–Newton matrix has a largest eigenvalue of 0.82.
    #[test]
    fn a_rate_beyond_the_curvature_is_a_note() {
        let noted = |rate: Option<f64>, curvature: Option<f64>| {
            let mut recording = Recording::of(vec![], vec![]).unwrap();
            (recording.learning_rate, recording.curvature) = (rate, curvature);
            recording.verdicts()
        };
        let [note] = &noted(Some(3.0), Some(0.82))[..] else { panic!("one note") };
        assert_eq!((note.rule, note.is_finding(), note.location()), ("rate-too-large", false, "network"));
        assert!((note.limit - 2.439).abs() < 1e-3 && note.finding.contains("2/0.82 = 2.44"), "{note}");
        for (rate, curvature) in
            [(Some(1.0), Some(0.82)), (None, Some(0.82)), (Some(3.0), None), (Some(3.0), Some(-1.0))]
        {
            assert_eq!(noted(rate, curvature), []);
        }
    }
}
