//! Several files of one model: replicas, which must agree, and shards, which must not.

use std::collections::BTreeMap;

use super::judged_tensor::JudgedTensor;
use super::{CheckKind, CheckedTensor, TensorFinding};

/// A file of several, by its name.
#[derive(Clone, Copy, Debug)]
pub struct CheckedFile<'a> {
    /// Its name in findings.
    pub name: &'a str,
    /// Its tensors.
    pub tensors: &'a [CheckedTensor<'a>],
}

/// Compares the copies of a model that data-parallel processes hold: every tensor must be in every file with the same values.
///
/// ```
/// use checkpoint::{CheckKind, CheckedFile, CheckedTensor, TensorSummary, judge_replicas};
///
/// let summaries = [[1.0, 2.0], [1.0, 3.0]].map(|values| TensorSummary::of_f32(&[2], &values));
/// let tensors = summaries.each_ref().map(|summary| [CheckedTensor { name: "w", summary, expected: None }]);
/// let files = [("0", &tensors[0]), ("1", &tensors[1])].map(|(name, tensors)| CheckedFile { name, tensors });
/// assert_eq!(judge_replicas(&files)[0].kind, CheckKind::FilesDiffer);
/// ```
pub fn judge_replicas(files: &[CheckedFile]) -> Vec<TensorFinding> {
    let mut by_name: BTreeMap<&str, Vec<(&str, &CheckedTensor)>> = BTreeMap::new();
    for file in files {
        for tensor in file.tensors {
            by_name.entry(tensor.name).or_default().push((file.name, tensor));
        }
    }
    let differ = by_name.into_iter().filter_map(|(name, copies)| {
        let key = |tensor: &CheckedTensor| {
            (tensor.summary.shape.clone(), tensor.summary.dtype.clone(), tensor.summary.hash)
        };
        let first = copies[0];
        let message = if copies.len() < files.len() {
            let missing = files.iter().find(|file| copies.iter().all(|(copy, _)| *copy != file.name))?;
            format!("{} lacks this tensor", missing.name)
        } else {
            let other = copies.iter().find(|(_, tensor)| key(tensor) != key(first.1))?;
            format!("replicas differ: the values in {} are not those in {}", other.0, first.0)
        };
        Some(TensorFinding::certain(CheckKind::FilesDiffer, vec![name.to_owned()], message))
    });
    differ.collect()
}

/// Compares the parts of a model that tensor-parallel processes hold: no random tensor may have the same values in two files,
/// as it does if they share a seed. Tensors that are not expected to be random may.
pub fn judge_shards(files: &[CheckedFile]) -> Vec<TensorFinding> {
    let mut repeated: BTreeMap<&str, [&str; 2]> = BTreeMap::new();
    let mut known = BTreeMap::new();
    for file in files {
        for tensor in file.tensors {
            let subject = tensor.expected.and_then(|expected| JudgedTensor::new(tensor.summary, expected));
            let random =
                subject.is_some_and(|subject| subject.is_random() && tensor.summary.min < tensor.summary.max);
            if !random {
                continue;
            }
            let key = (tensor.name, &tensor.summary.shape, tensor.summary.hash);
            if let Some(earlier) = known.insert(key, file.name) {
                repeated.entry(tensor.name).or_insert([earlier, file.name]);
            }
        }
    }
    let message = |[a, b]: [&str; 2]| {
        format!("shards {a} and {b} have the same values: they were drawn from the same seed")
    };
    let finding = |(name, files): (&str, _)| {
        TensorFinding::certain(CheckKind::FilesRepeat, vec![name.to_owned()], message(files))
    };
    repeated.into_iter().map(finding).collect()
}

#[cfg(test)]
mod tests {
    use nn_init::{Generator, Layout, Scheme};

    use super::*;
    use crate::{ExpectedDraw, TensorSummary};

    fn summary(scheme: Scheme, seed: u64) -> TensorSummary {
        let mut values = vec![0_f32; 64];
        scheme.fill(&[8, 8], Layout::OUT_IN, &mut values, &mut Generator::manual_seed(seed)).unwrap();
        TensorSummary::of_f32(&[8, 8], &values)
    }

    /// Files of a weight and a norm, the weight drawn from these seeds.
    fn judge(seeds: [u64; 2], judge: fn(&[CheckedFile]) -> Vec<TensorFinding>) -> Vec<TensorFinding> {
        let [normal, ones] =
            [Scheme::GPT2, Scheme::ONES].map(|scheme| ExpectedDraw::new(scheme, &[8, 8], Layout::OUT_IN));
        let norm = summary(Scheme::ONES, 0);
        let weights = seeds.map(|seed| summary(Scheme::GPT2, seed));
        let tensors = weights.each_ref().map(|weight| {
            [
                CheckedTensor { name: "norm", summary: &norm, expected: Some(&ones) },
                CheckedTensor { name: "weight", summary: weight, expected: Some(&normal) },
            ]
        });
        let files = [("rank 0", &tensors[0]), ("rank 1", &tensors[1])];
        judge(&files.map(|(name, tensors)| CheckedFile { name, tensors }))
    }

    #[test]
    fn replicas_agree_and_shards_do_not() {
        assert_eq!(judge([1, 1], judge_replicas), []);
        assert_eq!(judge([1, 2], judge_shards), []);
        let differ = judge([1, 2], judge_replicas);
        assert_eq!(differ.len(), 1);
        assert_eq!(
            (differ[0].kind, &differ[0].tensors[..]),
            (CheckKind::FilesDiffer, &["weight".to_owned()][..])
        );
        let repeat = judge([1, 1], judge_shards);
        assert_eq!(repeat.len(), 1);
        assert_eq!(
            (repeat[0].kind, &repeat[0].tensors[..]),
            (CheckKind::FilesRepeat, &["weight".to_owned()][..])
        );
    }

    #[test]
    fn a_missing_tensor_is_found() {
        let summary = TensorSummary::of_f32(&[1], &[1.0]);
        let tensors = [CheckedTensor { name: "w", summary: &summary, expected: None }];
        let files = [CheckedFile { name: "a", tensors: &tensors }, CheckedFile { name: "b", tensors: &[] }];
        assert_eq!(judge_replicas(&files)[0].message, "b lacks this tensor");
    }
}
