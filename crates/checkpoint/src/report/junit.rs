//! The report in JUnit's XML, which services for continuous integration read.

use super::CheckReport;
use crate::{Mention, TensorFinding};

impl CheckReport {
    /// One test case per tensor, and one for each finding about the rules; left-out tensors are skipped.
    pub fn junit(&self) -> String {
        let mut cases = String::new();
        let mut failed = 0;
        for (at, tensor) in self.tensors.iter().enumerate() {
            let failures: Vec<&TensorFinding> =
                self.findings.iter().filter(|finding| finding.tensors.contains(&tensor.name)).collect();
            failed += usize::from(!failures.is_empty());
            let body: String = failures.iter().map(|finding| failure(finding)).collect();
            let skipped = match &self.resolved.tensors[at] {
                Mention::Ignored { reason } => format!("<skipped message=\"{}\"/>", escaped(reason)),
                Mention::NotJudged => "<skipped message=\"values of this type are not judged\"/>".to_owned(),
                _ => String::new(),
            };
            cases += &case(&self.expected_text(at), &tensor.name, &(body + &skipped));
        }
        let of_rules: Vec<&TensorFinding> =
            self.findings.iter().filter(|finding| finding.tensors.is_empty()).collect();
        for (at, finding) in of_rules.iter().enumerate() {
            cases += &case("rules", &format!("{} {}", finding.kind, at + 1), &failure(finding));
        }
        let (tests, failed) = (self.tensors.len() + of_rules.len(), failed + of_rules.len());
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <testsuites><testsuite name=\"step-zero check\" tests=\"{tests}\" failures=\"{failed}\">\n{cases}</testsuite></testsuites>\n"
        )
    }
}

fn case(class: &str, name: &str, body: &str) -> String {
    format!("<testcase classname=\"{}\" name=\"{}\">{body}</testcase>\n", escaped(class), escaped(name))
}

fn failure(finding: &TensorFinding) -> String {
    format!(
        "<failure type=\"{}\" message=\"{}\">{}</failure>",
        finding.kind,
        escaped(&finding.message),
        escaped(&finding.details().join("\n"))
    )
}

/// Text in which nothing is markup, and without the control characters that XML has no way to write.
fn escaped(text: &str) -> String {
    let allowed: String =
        text.chars().map(|c| if c.is_control() && c != '\n' { '\u{fffd}' } else { c }).collect();
    allowed.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
