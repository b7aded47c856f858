//! Reports of small models, healthy and with a fault.

use nn_init::{Generator, Layout, Scheme};

use super::*;
use crate::Dtype;

const RULES: &str = r#"
version = 1
[[rule]]
match = "fc{i}.weight"
scheme = "kaiming_normal(fan_in, relu)"
[[rule]]
match = "**.bias"
scheme = "zeros"
[[ignore]]
match = "mask"
reason = "a mask"
"#;

pub(super) fn kaiming() -> Scheme {
    "kaiming_normal(fan_in, relu)".parse().unwrap()
}

/// Two layers and a mask, the first drawn from a scheme, and one more tensor if it has a name.
pub(super) fn report(scheme: Scheme, extra: Option<&str>) -> CheckReport {
    let mut generator = Generator::manual_seed(3);
    let mut tensors = vec![];
    let mut summaries = vec![];
    let mut add = |name: &str, shape: &[usize], values: &[f32]| {
        tensors.push(TensorInfo { name: name.to_owned(), dtype: Dtype::F32, shape: shape.to_vec() });
        summaries.push(Some(TensorSummary::of_f32(shape, values)));
    };
    for (layer, scheme) in [scheme, kaiming()].into_iter().enumerate() {
        let weight = scheme.sample::<f32>(&[256, 64], Layout::OUT_IN, &mut generator).unwrap();
        add(&format!("fc{layer}.weight"), &[256, 64], weight.data());
        add(&format!("fc{layer}.bias"), &[256], &[0.0; 256]);
    }
    add("mask", &[2], &[1.0, 1.0]);
    if let Some(name) = extra {
        add(name, &[1], &[0.5]);
    }
    let resolved = NameRules::parse(RULES).unwrap().resolve(&tensors, &RuleSettings::default()).unwrap();
    CheckReport::judged(vec!["model.safetensors".to_owned()], tensors, summaries, resolved, FALSE_ALARMS)
}

#[test]
fn a_file_as_expected_is_clean_in_every_form() {
    let report = report(kaiming(), None);
    report.assert_clean();
    assert_eq!(report.github(), "");
    assert!(report.text(diagnostics::Style::Plain).contains("no findings: the values are as expected"));
    assert!(
        report.junit().contains("tests=\"5\" failures=\"0\"")
            && report.junit().contains("<skipped message=\"a mask\"/>")
    );
    assert!(report.text(diagnostics::Style::Plain).contains("fc{0…1}.weight  ×2  256×64 f32"));
}

#[test]
fn a_wrong_tensor_is_named_in_every_form_with_what_it_looks_like() {
    let report = report(kaiming().fan_out(), None);
    let text = report.text(diagnostics::Style::Plain);
    assert!(text.contains("error[wrong-std] fc0.weight: std is"), "{text}");
    assert!(text.contains("fan_out in place of fan_in"), "{text}");
    assert!(report.github().starts_with("::error title=wrong-std in fc0.weight::"));
    assert!(report.markdown().contains("- **wrong-std** `fc0.weight`"));
    assert!(
        report.junit().contains("failures=\"1\"") && report.junit().contains("<failure type=\"wrong-std\"")
    );
    let json: serde_json::Value = serde_json::from_str(&report.json()).unwrap();
    assert_eq!(json["findings"][0]["kind"], "wrong-std");
    assert_eq!(json["tensors"][0]["scheme"], "kaiming_normal(fan_in, relu)");
    assert!(json["tensors"][0]["statistics"]["std"].as_f64().unwrap() > 0.0);
}

#[test]
fn tensors_that_no_rule_mentions_are_found() {
    let report = report(kaiming(), Some("scale<&>"));
    assert_eq!(report.findings.len(), 1);
    assert_eq!(report.findings[0].kind, CheckKind::Unmentioned);
    assert!(report.junit().contains("name=\"scale&lt;&amp;&gt;\""), "names are no markup");
}

#[test]
#[should_panic(expected = "the weights differ from their rules:\nerror[unmentioned] scale")]
fn the_assertion_fails() {
    report(kaiming(), Some("scale")).assert_clean();
}

#[cfg(feature = "plot")]
#[test]
fn the_page_has_a_histogram_per_finding() {
    let report = report(kaiming().fan_out(), None);
    let html = report.page().html();
    assert_eq!(html.matches("<figure").count(), 1);
    assert!(html.contains("fan_out in place of fan_in"));
}

/// The same values in memory and in a file make the same report.
#[test]
fn tensors_in_memory_are_judged_as_those_of_a_file() {
    let mut generator = Generator::manual_seed(3);
    let weight = |scheme: Scheme, generator: &mut Generator| {
        let drawn = scheme.sample::<f32>(&[256, 64], Layout::OUT_IN, generator).unwrap();
        drawn.data().iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<u8>>()
    };
    let too_large = weight(kaiming().times(1.1), &mut generator);
    let right = weight(kaiming(), &mut generator);
    let info = |name: &str, dtype, shape: &[usize]| TensorInfo {
        name: name.to_owned(),
        dtype,
        shape: shape.to_vec(),
    };
    let zeros = [0_u8; 1024];
    let tensors = [
        (info("fc0.weight", Dtype::F32, &[256, 64]), &too_large[..]),
        (info("fc0.bias", Dtype::F32, &[256]), &zeros[..]),
        (info("fc1.weight", Dtype::F32, &[256, 64]), &right[..]),
        (info("fc1.bias", Dtype::F32, &[256]), &zeros[..]),
        (info("mask", Dtype::Other("i64".to_owned()), &[2]), &[][..]),
    ];
    let rules = NameRules::parse(RULES).unwrap();
    let found =
        CheckReport::in_memory("model", &tensors, &rules, &RuleSettings::default(), FALSE_ALARMS).unwrap();
    let of_file = report(kaiming().times(1.1), None);
    assert_eq!(found.findings, of_file.findings);
    assert!(!found.findings.is_empty());
    assert!(found.text(diagnostics::Style::Plain).contains("model: 5 tensors"));

    let short = [(info("fc0.bias", Dtype::F32, &[256]), &zeros[..8])];
    let error =
        CheckReport::in_memory("model", &short, &rules, &RuleSettings::default(), FALSE_ALARMS).unwrap_err();
    assert_eq!(error.to_string(), "fc0.bias: 8 bytes for the shape [256] of f32");
}
