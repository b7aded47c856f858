//! Files with one fault each, drawn and saved, read and held to rules: the right kind, tensor and first cause.

use std::collections::BTreeMap;

use checkpoint::{CheckKind, CheckReport, NameRules, TensorFinding};
use nn_init::{Generator, Layout, Scheme};
use safetensors::tensor::{Dtype, TensorView, serialize_to_file};

/// A file of tensors in the making.
struct Drawn {
    generator: Generator,
    tensors: BTreeMap<String, (Dtype, Vec<usize>, Vec<u8>)>,
}

impl Drawn {
    fn new(seed: u64) -> Self {
        Self { generator: Generator::manual_seed(seed), tensors: BTreeMap::new() }
    }

    fn values(&mut self, scheme: &str, shape: &[usize]) -> Vec<f32> {
        let scheme: Scheme = scheme.parse().unwrap();
        scheme.sample::<f32>(shape, Layout::OUT_IN, &mut self.generator).unwrap().data().to_vec()
    }

    /// Adds a tensor that is drawn from a scheme.
    fn draw(&mut self, name: &str, shape: &[usize], scheme: &str) -> &mut Self {
        let values = self.values(scheme, shape);
        self.put(name, shape, &values)
    }

    fn put(&mut self, name: &str, shape: &[usize], values: &[f32]) -> &mut Self {
        assert_eq!(values.len(), shape.iter().product::<usize>());
        let bytes = values.iter().flat_map(|x| x.to_le_bytes()).collect();
        self.bytes(name, shape, Dtype::F32, bytes)
    }

    fn bytes(&mut self, name: &str, shape: &[usize], dtype: Dtype, bytes: Vec<u8>) -> &mut Self {
        self.tensors.insert(name.to_owned(), (dtype, shape.to_vec(), bytes));
        self
    }

    /// Saves the file and holds it to rules of the form `pattern = scheme`.
    #[track_caller]
    fn check(&self, rules: &str) -> CheckReport {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("model.safetensors");
        let views = self.tensors.iter().map(|(name, (dtype, shape, bytes))| {
            (name, TensorView::new(*dtype, shape.clone(), bytes).unwrap())
        });
        serialize_to_file(views, None, &path).unwrap();
        CheckReport::read(&[&path], &rules_of(rules)).unwrap()
    }
}

/// Rules from lines `pattern = scheme`; `pattern # reason` leaves tensors out.
fn rules_of(lines: &str) -> NameRules {
    let mut text = "version = 1\n".to_owned();
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        text += &match line.split_once(" = ") {
            Some((pattern, scheme)) => format!("[[rule]]\nmatch = \"{pattern}\"\nscheme = \"{scheme}\"\n"),
            None => {
                let (pattern, reason) = line.split_once(" # ").unwrap();
                format!("[[ignore]]\nmatch = \"{pattern}\"\nreason = \"{reason}\"\n")
            }
        };
    }
    NameRules::parse(&text).unwrap()
}

#[track_caller]
fn one(report: &CheckReport, kind: CheckKind, tensors: &[&str], message: &str) -> TensorFinding {
    let [finding] = &report.findings[..] else { panic!("{}", report.findings_text()) };
    assert_eq!(
        (finding.kind, &finding.tensors[..]),
        (kind, &tensors.iter().map(|&name| name.to_owned()).collect::<Vec<_>>()[..])
    );
    assert!(finding.message.contains(message), "{message:?} is not in {:?}", finding.message);
    finding.clone()
}

#[track_caller]
fn cause(finding: &TensorFinding, first: &str) {
    assert!(finding.causes.first().is_some_and(|cause| cause.contains(first)), "{:?}", finding.causes);
}

const LINEAR: &str = "kaiming_uniform(a=sqrt(5))";
const GPT2: &str = "normal(0, 0.02)";

/// 1/√(3·832) is 0.020016: a hundredth of a percent off, and uniform.
#[test]
fn a_default_whose_std_is_the_intended_one() {
    let report = Drawn::new(1).draw("fc.weight", &[832, 832], LINEAR).check("fc.weight = normal(0, 0.02)");
    let finding = one(&report, CheckKind::WrongDistribution, &["fc.weight"], "not normal");
    cause(&finding, "PyTorch's default: the intended initialisation did not reach this tensor");
}

#[test]
fn another_distribution_of_equal_std() {
    let uniform = "uniform(-0.034641016, 0.034641016)";
    let truncated = "truncated_normal(0, 0.02, -0.04, 0.04)";
    let shape = [256, 256];
    for (drawn, rule, kind, expected) in [
        (
            uniform,
            GPT2,
            CheckKind::WrongDistribution,
            "a uniform distribution of the same standard deviation",
        ),
        (GPT2, uniform, CheckKind::OutOfBounds, "a normal distribution of the same standard deviation"),
        (GPT2, truncated, CheckKind::OutOfBounds, "never truncated"),
    ] {
        let report = Drawn::new(2).draw("w", &shape, drawn).check(&format!("w = {rule}"));
        let finding = report.findings.first().unwrap();
        assert_eq!(finding.kind, kind, "{}", report.findings_text());
        cause(finding, expected);
    }
}

#[test]
fn layers_and_heads_that_repeat() {
    let mut file = Drawn::new(3);
    let [layer, head] = [file.values(GPT2, &[64, 64]), file.values(GPT2, &[8, 64])];
    file.put("layers.0.weight", &[64, 64], &layer).put("layers.1.weight", &[64, 64], &layer);
    let names = ["layers.0.weight", "layers.1.weight"];
    one(&file.check("**.weight = normal(0, 0.02)"), CheckKind::IdenticalTensors, &names, "the same values");

    let heads = Drawn::new(3).put("q.weight", &[64, 64], &head.repeat(8)).check("q.weight = normal(0, 0.02)");
    one(&heads, CheckKind::EqualRows, &["q.weight"], "the first 8 rows are repeated 8 times");
}

#[test]
fn symmetric_units() {
    let mut file = Drawn::new(4);
    let row = file.values(GPT2, &[1, 64]);
    file.draw("fc1.weight", &[64, 64], GPT2).put("fc2.weight", &[64, 64], &row.repeat(64));
    let report = file.check("**.weight = normal(0, 0.02)");
    one(&report, CheckKind::EqualRows, &["fc2.weight"], "all 64 rows are equal");
}

#[test]
fn norms_with_other_constants() {
    let mut file = Drawn::new(5);
    file.put("norm.weight", &[8], &[0.0; 8]).put("norm.bias", &[8], &[1.0; 8]);
    let report = file.check("norm.weight = ones\nnorm.bias = zeros");
    let found: Vec<_> =
        report.findings.iter().map(|f| (f.kind, f.tensors[0].as_str(), f.message.as_str())).collect();
    let wrong = CheckKind::WrongConstant;
    assert_eq!(
        found,
        [
            (wrong, "norm.bias", "all values are 1; expected 0"),
            (wrong, "norm.weight", "all values are 0; expected 1")
        ]
    );
}

/// Every projection lacks 1/√(2·12): one mistake, one finding.
#[test]
fn residual_projections_without_their_factor() {
    let mut file = Drawn::new(6);
    for layer in 0..12 {
        file.draw(&format!("h.{layer}.c_proj.weight"), &[64, 64], GPT2);
    }
    let report = file.check("h.{i}.c_proj.weight = normal(0, 0.02/sqrt(24))");
    let [finding] = &report.findings[..] else { panic!("{}", report.findings_text()) };
    assert_eq!((finding.kind, finding.tensors.len()), (CheckKind::WrongStd, 12));
    cause(finding, "the factor 1/√(2·layers) is missing, for 12 layers");
}

#[test]
fn half_precision_and_what_it_cannot_hold() {
    let mut file = Drawn::new(7);
    let values = file.values(GPT2, &[128, 128]);
    let bf16 = values.iter().flat_map(|&x| crate::half::bf16::from_f32(x).to_le_bytes()).collect::<Vec<u8>>();
    let f16 =
        values.iter().rev().flat_map(|&x| crate::half::f16::from_f32(x).to_le_bytes()).collect::<Vec<u8>>();
    file.bytes("a", &[128, 128], Dtype::BF16, bf16).bytes("b", &[128, 128], Dtype::F16, f16.clone());
    file.check("* = normal(0, 0.02)").assert_clean();

    // 3e5 in f16 is infinite.
    let beyond = [&crate::half::f16::from_f32(3e5).to_le_bytes()[..], &f16[2..]].concat();
    let report = file.bytes("b", &[128, 128], Dtype::F16, beyond).check("* = normal(0, 0.02)");
    one(&report, CheckKind::NotFinite, &["b"], "1 values are infinite");
}

#[test]
fn a_normal_matrix_where_an_orthogonal_one_is_expected() {
    let orthogonal = Drawn::new(8).draw("w", &[128, 128], "orthogonal").check("w = orthogonal");
    orthogonal.assert_clean();
    let std = 128f64.sqrt().recip();
    let report = Drawn::new(8).draw("w", &[128, 128], &format!("normal(0, {std})")).check("w = orthogonal");
    assert!(
        report.findings.iter().any(|finding| finding.kind == CheckKind::NotOrthogonal),
        "{}",
        report.findings_text()
    );
    assert!(report.findings.iter().all(|finding| finding.tensors == ["w"]));
}

#[test]
fn fan_out_in_widening_layers() {
    let mut file = Drawn::new(9);
    let fan_out = "kaiming_normal(fan_out, relu)";
    for (at, [outputs, inputs]) in [[128, 64], [256, 128], [512, 256]].into_iter().enumerate() {
        file.draw(&format!("layer{at}.conv.weight"), &[outputs, inputs, 3, 3], fan_out);
    }
    let report = file.check("**.weight = kaiming_normal(fan_in, relu)");
    let [finding] = &report.findings[..] else { panic!("{}", report.findings_text()) };
    assert_eq!((finding.kind, finding.tensors.len()), (CheckKind::WrongStd, 3));
    cause(finding, "fan_out in place of fan_in");
}

#[test]
fn half_of_a_tensor() {
    let mut file = Drawn::new(10);
    let mut values = file.values("kaiming_normal(fan_in, relu)", &[512, 64]);
    values[256 * 64..].fill(0.0);
    let report = file.put("w", &[512, 64], &values).check("w = kaiming_normal(fan_in, relu)");
    one(&report, CheckKind::ZeroBlock, &["w"], "rows 256 to 511 are zero");
}

#[test]
fn queries_keys_and_values_that_were_drawn_by_themselves() {
    let mut file = Drawn::new(11);
    let fused: Vec<f32> = (0..3).flat_map(|_| file.values("xavier_uniform", &[128, 128])).collect();
    let report = file.put("in_proj_weight", &[384, 128], &fused).check("in_proj_weight = xavier_uniform");
    let finding = report.findings.iter().find(|finding| !finding.causes.is_empty()).unwrap();
    assert!(report.findings.iter().all(|finding| finding.tensors == ["in_proj_weight"]));
    cause(finding, "3 stacked blocks, each drawn with its own fans");
}

#[test]
fn memory_that_nothing_was_written_to() {
    for garbage in [3e38_f32, -7e33] {
        let mut file = Drawn::new(12);
        let mut values = file.values(GPT2, &[64, 64]);
        values[100] = garbage;
        values[101] = 1e-41;
        let report = file.put("w", &[64, 64], &values).check("w = normal(0, 0.02)");
        one(&report, CheckKind::Uninitialised, &["w"], "memory that was never initialised");
    }
    let small: Vec<f32> = (0..4096).map(|at| 1e-41 * (at % 7) as f32).collect();
    let report = Drawn::new(12).put("w", &[64, 64], &small).check("w = normal(0, 0.02)");
    assert!(
        report.findings.iter().any(|finding| finding.kind == CheckKind::Uninitialised),
        "{}",
        report.findings_text()
    );
}

#[test]
fn nan_hides_nothing() {
    let mut file = Drawn::new(13);
    let mut values = file.values("normal(0, 0.04)", &[128, 128]);
    values[5] = f32::NAN;
    file.put("a", &[128, 128], &values).draw("b", &[128, 128], "normal(0, 0.03)").put("c", &[4], &[0.5; 4]);
    let report = file.check("a = normal(0, 0.02)\nb = normal(0, 0.02)\nc = zeros");
    for (kind, tensor) in [
        (CheckKind::NotFinite, "a"),
        (CheckKind::WrongStd, "a"),
        (CheckKind::WrongStd, "b"),
        (CheckKind::WrongConstant, "c"),
    ] {
        let found = report
            .findings
            .iter()
            .any(|finding| finding.kind == kind && finding.tensors.iter().any(|name| name == tensor));
        assert!(found, "{kind} of {tensor} is not in\n{}", report.findings_text());
    }
}

/// One file with several schemes, a preset, integers and booleans, which are no reason to refuse it.
#[test]
fn schemes_by_name_and_tensors_that_are_not_judged() {
    let mut file = Drawn::new(14);
    file.draw("proj.weight", &[64, 64], LINEAR)
        .draw("wte.weight", &[64, 64], GPT2)
        .bytes("position_ids", &[1, 2], Dtype::I64, vec![0; 16])
        .bytes("mask", &[2, 2], Dtype::BOOL, vec![1; 4]);
    let report = file.check("proj.weight = torch.linear\nwte.weight = normal(0, 0.02)");
    report.assert_clean();
    assert_eq!(report.tensors.len(), 4);
    assert!(report.lines()[0].contains("2 of them not judged"), "{:?}", report.lines());
}

/// An adapter of `LoRA` beside pretrained weights: A is drawn, B is zero, the rest is not judged.
#[test]
fn an_adapter_beside_pretrained_weights() {
    let rules = "base.** # pretrained
        **.lora_A.weight = kaiming_uniform(a=sqrt(5))
        **.lora_B.weight = zeros
        head.weight = normal(0, 0.02)";
    let file = || {
        let mut file = Drawn::new(15);
        file.draw("base.q.weight", &[128, 128], "normal(0.1, 0.7)")
            .draw("q.lora_A.weight", &[8, 128], LINEAR)
            .put("q.lora_B.weight", &[128, 8], &[0.0; 1024])
            .draw("head.weight", &[10, 128], GPT2);
        file
    };
    file().check(rules).assert_clean();
    let started = file().draw("q.lora_B.weight", &[128, 8], LINEAR).check(rules);
    one(&started, CheckKind::WrongConstant, &["q.lora_B.weight"], "expected");
    let head = file().draw("head.weight", &[10, 128], LINEAR).check(rules);
    assert!(
        head.findings.iter().all(|finding| finding.tensors == ["head.weight"]),
        "{}",
        head.findings_text()
    );
    cause(&head.findings[0], "PyTorch's default");
}
