//! Checkpoints that follow their scheme, and some that do not.

use std::collections::HashMap;
use std::path::PathBuf;

use checkpoint_example::judge;
use half::{bf16, f16};
use nn_init::{Layout, Scheme};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, serialize_to_file};
use tempfile::TempDir;
use torch_rng::Generator;

const SHAPES: [(&str, &[usize]); 3] =
    [("conv.weight", &[16, 3, 3, 3]), ("hidden.weight", &[64, 400]), ("hidden.bias", &[64])];

fn scheme(text: &str) -> Scheme {
    text.parse().unwrap()
}

/// A checkpoint whose tensors of two axes or more are drawn from a scheme.
fn checkpoint(directory: &TempDir, seed: u64, drawn: &str, dtype: Dtype) -> PathBuf {
    let source = &mut Generator::manual_seed(seed);
    let bytes = SHAPES.map(|(name, shape)| {
        let mut values = vec![0_f32; shape.iter().product()];
        if shape.len() > 1 {
            scheme(drawn).fill(shape, Layout::OUT_IN, &mut values, source).unwrap();
        }
        let number = |&x: &f32| match dtype {
            Dtype::F16 => f16::from_f32(x).to_le_bytes().to_vec(),
            Dtype::BF16 => bf16::from_f32(x).to_le_bytes().to_vec(),
            Dtype::F64 => f64::from(x).to_le_bytes().to_vec(),
            _ => x.to_le_bytes().to_vec(),
        };
        (name, shape, values.iter().flat_map(number).collect::<Vec<u8>>())
    });
    let views = bytes
        .iter()
        .map(|(name, shape, bytes)| (*name, TensorView::new(dtype, shape.to_vec(), bytes).unwrap()));
    let path = directory.path().join(format!("{seed}.safetensors"));
    serialize_to_file(views.collect::<HashMap<_, _>>(), None, &path).unwrap();
    path
}

#[test]
fn the_right_scheme_passes_over_a_hundred_seeds_and_in_every_type() {
    let directory = TempDir::new().unwrap();
    for seed in 0..100 {
        let dtype = [Dtype::F32, Dtype::F64, Dtype::F16, Dtype::BF16][seed as usize % 4];
        let path = checkpoint(&directory, seed, "kaiming_normal(fan_in, relu)", dtype);
        let report = judge(&path, scheme("kaiming_normal(fan_in, relu)")).unwrap();
        assert_eq!(report.weights.len(), 2);
        assert!(report.verdicts().is_empty(), "seed {seed}: {:?}", report.verdicts());
    }
}

#[test]
fn the_wrong_scheme_is_named_with_its_mistake() {
    let directory = TempDir::new().unwrap();
    for (drawn, mistake) in [
        ("kaiming_normal(fan_in, 1)", "1/√2, so ReLU's gain may be missing."),
        ("kaiming_normal(fan_in, 2)", "√2, so ReLU's gain may have been applied twice."),
    ] {
        let path = checkpoint(&directory, 1, drawn, Dtype::F32);
        let verdicts = judge(&path, scheme("kaiming_normal(fan_in, relu)")).unwrap().verdicts();
        let found: Vec<_> = verdicts.iter().map(|verdict| (verdict.location(), verdict.rule)).collect();
        let wrong = "wrong-distribution";
        assert_eq!(found, [("conv.weight", wrong), ("hidden.weight", wrong)]);
        assert!(verdicts[1].causes[0].ends_with(mistake), "{:?}", verdicts[1].causes);
    }
}

#[test]
fn other_files_get_one_line() {
    let directory = TempDir::new().unwrap();
    let any = scheme("orthogonal");
    let error = |path: &PathBuf| judge(path, any).unwrap_err().to_string();
    let missing = directory.path().join("missing");
    assert!(error(&missing).ends_with("missing: cannot be read: No such file or directory (os error 2)"));
    let text = directory.path().join("text");
    std::fs::write(&text, "not a checkpoint").unwrap();
    assert!(error(&text).contains("text: is no safetensors file"), "{}", error(&text));
    let whole = directory.path().join("whole");
    let view = TensorView::new(Dtype::I64, vec![1, 1], &[0; 8]).unwrap();
    serialize_to_file([("table", view)], None, &whole).unwrap();
    assert!(error(&whole).ends_with("table: numbers of type I64; convert them to F32"), "{}", error(&whole));
}
