//! Several copies of one model, such as the files of the processes that train it together.

use super::CheckReport;
use crate::judge::{CheckedFile, judge_replicas, judge_shards};
use crate::{CheckedTensor, Mention, grouped_findings};

/// The relation between several files of one model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copies {
    /// Copies of data-parallel processes: they must agree.
    Replicas,
    /// Parts of tensor-parallel processes: they must not repeat each other's draws.
    Shards,
}

impl CheckReport {
    /// Adds the findings about other copies, each of which was held to the same rules, and about all of them together.
    pub fn add_copies(&mut self, others: &[Self], copies: Copies) {
        let found = {
            let all: Vec<&Self> = std::iter::once(&*self).chain(others).collect();
            let tensors: Vec<Vec<CheckedTensor>> = all.iter().map(|report| report.checked()).collect();
            let names: Vec<String> = all.iter().map(|report| report.files.join(", ")).collect();
            let files: Vec<CheckedFile> =
                names.iter().zip(&tensors).map(|(name, tensors)| CheckedFile { name, tensors }).collect();
            match copies {
                Copies::Replicas => judge_replicas(&files),
                Copies::Shards => judge_shards(&files),
            }
        };
        for other in others {
            // What replicas have in common is said once.
            let fresh = other.findings.iter().filter(|finding| !self.findings.contains(finding));
            let named = fresh.cloned().map(|mut finding| {
                finding.message = format!("{}: {}", other.files.join(", "), finding.message);
                finding
            });
            let named: Vec<_> = named.collect();
            self.findings.extend(named);
            self.files.extend(other.files.iter().cloned());
        }
        self.findings.extend(grouped_findings(found));
    }

    fn checked(&self) -> Vec<CheckedTensor<'_>> {
        let tensors = self.tensors.iter().zip(&self.summaries).zip(&self.resolved.tensors);
        let judged = tensors.filter_map(|((tensor, summary), mention)| {
            let expected = match mention {
                Mention::Expected(expectation) => Some(&expectation.draw),
                _ => None,
            };
            Some(CheckedTensor { name: &tensor.name, summary: summary.as_ref()?, expected })
        });
        judged.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{kaiming, report};
    use super::*;
    use crate::CheckKind;

    #[test]
    fn replicas_that_agree_are_clean_and_shards_that_agree_are_not() {
        let file = || report(kaiming(), None);
        let mut replicas = file();
        replicas.add_copies(&[file()], Copies::Replicas);
        replicas.assert_clean();
        let mut shards = file();
        shards.add_copies(&[file()], Copies::Shards);
        assert_eq!(shards.findings[0].kind, CheckKind::FilesRepeat);
        assert_eq!(shards.findings[0].tensors, ["fc0.weight", "fc1.weight"]);
    }

    #[test]
    fn replicas_that_differ_are_found() {
        let mut replicas = report(kaiming(), None);
        replicas.add_copies(&[report(kaiming().fan_out(), None)], Copies::Replicas);
        let kinds: Vec<_> = replicas.findings.iter().map(|finding| finding.kind).collect();
        assert_eq!(kinds, [CheckKind::WrongStd, CheckKind::FilesDiffer]);
    }
}
