//! `step-zero explain`: pages of rules.

use crate::{refusal, stdout, step_zero};

#[test]
fn one_rule_is_explained_in_four_parts() {
    let output = step_zero(&["explain", "saturated"]);
    let page = stdout(&output);
    assert_eq!(output.status.code(), Some(0));
    assert!(page.starts_with("### `saturated` (warning)\n"), "{page}");
    for part in ["What it checks.", "Why it matters.", "Example.", "What to do instead."] {
        assert!(page.contains(&format!("**{part}** ")), "{part} is not in {page}");
    }
}

#[test]
fn all_rules_are_listed_with_level_and_first_sentence() {
    let text = stdout(&step_zero(&["explain"]));
    assert_eq!(text.lines().count(), diagnostics::Rule::all().len());
    for (line, rule) in text.lines().zip(diagnostics::Rule::all()) {
        let mut words = line.split_whitespace();
        assert_eq!((words.next(), words.next()), (Some(rule.name), Some(rule.level.name())));
        assert!(line.ends_with('.') && !line.ends_with(".."), "{line}");
    }
}

#[test]
fn a_misspelt_rule_suggests_the_nearest() {
    insta::assert_snapshot!(refusal(&["explain", "dead-unit"]), @"error: there is no rule `dead-unit` (did you mean `dead-units`?); `step-zero explain` lists all rules");
    insta::assert_snapshot!(refusal(&["explain", "colour"]), @"error: there is no rule `colour`; `step-zero explain` lists all rules");
}
