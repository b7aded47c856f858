//! What files of PyTorch were drawn from, before and after training.

use checkpoint::{Checkpoint, GroupKind, Identification, SeedMatch, TensorSummary};

struct Identified {
    file: Checkpoint,
    found: Identification,
}

fn identified(name: &str) -> Identified {
    let path = format!("{}/tests/reference/identify/{name}.safetensors", env!("CARGO_MANIFEST_DIR"));
    let file = Checkpoint::open(&[path]).expect("the file is there");
    let summaries = summaries(&file);
    let found = Identification::of(file.tensors(), &summaries);
    Identified { file, found }
}

fn summaries(file: &Checkpoint) -> Vec<Option<TensorSummary>> {
    let measured = |at: usize| {
        let info = &file.tensors()[at];
        let bytes = file.bytes(at, 0..info.len()).expect("the values are there");
        info.dtype.is_judged().then(|| TensorSummary::of(&info.shape, &info.dtype, &bytes))
    };
    (0..file.tensors().len()).map(measured).collect()
}

impl Identified {
    /// The pattern of each group with its scheme, as text.
    fn groups(&self) -> Vec<(String, String)> {
        let text = |kind: &GroupKind| match kind {
            GroupKind::Drawn(schemes) => schemes[0].rule_text().to_owned(),
            other => format!("{other:?}"),
        };
        let mut groups: Vec<(String, String)> =
            self.found.groups.iter().map(|group| (group.pattern.clone(), text(&group.kind))).collect();
        groups.sort();
        groups
    }

    /// The seeds with the names of what they draw, in order.
    fn seeds(&self) -> Vec<(u32, Vec<String>)> {
        let tensors = self.file.tensors();
        let values = |at: usize, count: usize| {
            let bytes = self.file.bytes(at, 0..count.min(tensors[at].len())).expect("the values are there");
            bytes.as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect()
        };
        let found = self.found.find_seeds(tensors, 0..=1999, tensors.len(), values);
        let names = |found: SeedMatch| found.tensors.iter().map(|&at| tensors[at].name.clone()).collect();
        found.into_iter().map(|found| (found.seed, names(found))).collect()
    }
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|&(pattern, scheme)| (pattern.to_owned(), scheme.to_owned())).collect()
}

#[test]
fn layers_before_training() {
    let init = identified("digits-init");
    assert!(!init.found.is_trained);
    assert_eq!(init.groups(), pairs(&[("{i}.bias", "torch.linear"), ("{i}.weight", "torch.linear")]));
    let order =
        ["0.weight", "0.bias", "2.weight", "2.bias", "4.weight", "4.bias"].map(str::to_owned).to_vec();
    assert_eq!(init.seeds(), [(1234, order)]);
}

#[test]
fn layers_after_training() {
    let trained = identified("digits-trained");
    assert!(trained.found.is_trained);
    assert_eq!(trained.groups(), pairs(&[("{i}.bias", "Trained"), ("{i}.weight", "Trained")]));
    assert!(trained.found.tensors.iter().all(|tensor| tensor.odd_ratio.is_none() && tensor.scheme.is_none()));
    assert_eq!(trained.seeds(), []);
}

#[test]
fn a_new_head_beside_trained_layers() {
    let tuned = identified("digits-new-head");
    assert!(tuned.found.is_trained);
    let at = |name: &str| tuned.file.tensors().iter().position(|tensor| tensor.name == name).unwrap();
    let kind = |name: &str| &tuned.found.groups[tuned.found.tensors[at(name)].group].kind;
    assert_eq!(kind("4.weight").best().unwrap().presets, ["torch.linear"]);
    assert_eq!(kind("4.bias").best().unwrap().presets, ["torch.linear"]);
    assert_eq!((kind("0.weight"), kind("2.bias")), (&GroupKind::Trained, &GroupKind::Trained));
    assert_eq!(tuned.seeds(), [(5, vec!["4.weight".to_owned(), "4.bias".to_owned()])]);
}

/// The bound of all parameters of an LSTM is one over the root of its hidden size.
#[test]
fn an_lstm() {
    let lstm = identified("lstm");
    for (pattern, scheme) in lstm.groups() {
        let by_fan = pattern.contains("_hh_") && scheme == "torch.linear";
        assert!(by_fan || scheme == "uniform(-1/sqrt(24), 1/sqrt(24))", "{pattern}: {scheme}");
    }
    let names = ["weight_ih", "weight_hh", "bias_ih", "bias_hh"];
    let order = (0..2).flat_map(|layer| names.map(|name| format!("{name}_l{layer}"))).collect();
    assert_eq!(lstm.seeds(), [(77, order)]);
}
