//! A batch too small for some rules.

use crate::format::significant;
use crate::judge::{Context, Level, Rule, Verdict};
use crate::sites::SiteKind;

pub(super) const RULE: Rule = Rule {
    name: "few-examples",
    level: Level::Note,
    checks: "Activations most of whose units are 0 in fewer than 8 values per unit, one per example and position.",
    matters: "Half of all units are 0 in any one example, so dead units cannot be told from chance.",
    example: "A batch of one image for a network of linear layers.",
    instead: "A batch of 8 or more.",
    find,
};

fn find(context: &Context<'_>, found: &[Verdict]) -> Vec<Verdict> {
    let dead = |at: &usize| context.site_value(*at, |s| s.dead_units) > context.limits.dead;
    let is_activation = |at: &usize| context.sites()[*at].kind == SiteKind::Activation;
    let reported = |at: &usize| {
        let name = &context.sites()[*at].name;
        found.iter().any(|verdict| verdict.locations.contains(name))
    };
    let sites = 0..context.sites().len();
    let unsure = sites.filter(is_activation).filter(dead).filter(|at| !reported(at));
    unsure.filter_map(|at| verdict(context, at)).collect()
}

fn verdict(context: &Context<'_>, at: usize) -> Option<Verdict> {
    let seen = context.site(at, |s| s.examples * s.positions);
    let limit = context.limits.examples;
    (seen.value * (context.recordings.len() as f64) < limit).then(|| {
        let share = context.site_value(at, |s| s.dead_units);
        let finding = format!(
            "{}% of its units are 0, but a unit has only {} values, one per example and position (limit {}): this may be chance.",
            significant(100.0 * share, 3),
            significant(seen.value * context.recordings.len() as f64, 6),
            significant(limit, 6)
        );
        Verdict::new((RULE.name, RULE.level), &context.sites()[at].name, seen, limit, finding).key("few")
    })
}

#[cfg(test)]
mod tests {
    use tensor::Activation;

    use crate::judge::testing::Net;

    /// With one example, half of all ReLU units are 0: a note, and no finding.
    #[test]
    fn one_example_is_a_note_and_sixty_four_are_not() {
        let net = |examples: usize| {
            let mut net = Net::new(3, examples);
            let mut x = net.input(64, 1);
            for layer in 1..=6 {
                let product = net.linear(&format!("fc{layer}"), x, 64, 2f64.sqrt());
                x = net.activation(product, Activation::Relu);
            }
            net.linear("head", x, 10, 0.5);
            net
        };
        let noted = |examples: usize| {
            let net = net(examples);
            assert!(net.findings().is_empty(), "{:?}", net.findings());
            net.verdicts().into_iter().filter(|verdict| verdict.rule == "few-examples").collect::<Vec<_>>()
        };
        let [note] = &noted(1)[..] else { panic!("one note") };
        assert!(note.locations.iter().all(|name| name.ends_with(".relu")), "{note}");
        assert!((note.measured.value, note.limit) == (1.0, 8.0), "{note}");
        assert!(noted(64).is_empty());
    }
}
