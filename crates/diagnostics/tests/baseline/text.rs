//! Baselines as JSON.

use diagnostics::baseline::{Baseline, BaselineError, Statistic};
use proptest::prelude::*;

fn of(values: &[f64]) -> Baseline {
    let statistics = |seed| {
        let value: f64 = values[seed as usize];
        [Statistic::linear("a \"b\"", "ü\\", value), Statistic::log("W1", "std", value.abs())]
    };
    Baseline::measure(0..values.len() as u64, statistics).unwrap()
}

/// Any number, with a preference for those that do not enter a mean.
fn number() -> impl Strategy<Value = f64> {
    let odd = prop::sample::select(vec![0.0, -0.0, f64::NAN, f64::INFINITY, f64::MAX, f64::MIN, 5e-324]);
    prop_oneof![any::<f64>(), -10.0..10.0, odd]
}

fn equal(a: &Baseline, b: &Baseline) -> bool {
    let parts = [("a \"b\"", "ü\\"), ("W1", "std")].map(|(location, name)| {
        let samples = [a, b].map(|baseline| *baseline.get(location, name).unwrap());
        // Missing numbers are NaN.
        let ([x, y], known) = (samples, samples[0].count >= 2);
        (x.count, x.zeros, x.not_finite) == (y.count, y.zeros, y.not_finite)
            && (!known || (x.mean, x.spread) == (y.mean, y.spread))
    });
    a.seeds() == b.seeds() && parts == [true; 2]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_baseline_is_read_as_it_was_written(values in prop::collection::vec(number(), 8..40)) {
        let baseline = of(&values);
        let text = baseline.to_json();
        let read = Baseline::from_json(&text).unwrap();
        prop_assert!(equal(&baseline, &read), "{text}");
        prop_assert_eq!(read.to_json(), text);
    }

    /// A text that is cut off or has a changed byte causes no panic.
    #[test]
    fn no_text_panics(at in 0..400_usize, byte in 32..127_u8, cut: bool) {
        let mut text = of(&[0.5; 8]).to_json().into_bytes();
        let at = at % text.len();
        text[at] = byte;
        text.truncate(if cut { at } else { text.len() });
        let _ = String::from_utf8(text).map(|text| Baseline::from_json(&text));
    }
}

/// The values 1, e, 1, e, … have the geometric mean √e and the spread √(8/7)/2 of ln x at the logarithmic scale, and the
/// mean (1 + e)/2 and the spread √(8/7)·(e − 1)/2 at the linear one.
#[test]
fn each_statistic_is_one_line() {
    let values = [0, 1, 2, 3, 4, 5, 6, 7].map(|seed| if seed % 2 == 0 { 1.0 } else { 1_f64.exp() });
    let text = of(&values).to_json();
    let expected = r#"{
  "format": 1,
  "seeds": [0, 8],
  "statistics": [
    {"location": "a \"b\"", "name": "ü\\", "scale": "linear", "mean": 1.859141, "spread": 0.9184603, "count": 8},
    {"location": "W1", "name": "std", "scale": "log", "mean": 1.648721, "spread": 0.5345225, "count": 8}
  ]
}
"#;
    assert_eq!(text, expected);
    let mut odd = values;
    odd[0] = f64::NAN;
    odd[2] = 0.0;
    let end = r#""count": 6, "not_finite": 1, "zeros": 1}"#;
    assert!(of(&odd).to_json().contains(end), "{}", of(&odd).to_json());
    assert!(of(&[f64::INFINITY; 8]).to_json().contains(r#""log", "count": 0, "not_finite": 8}"#));
}

#[test]
fn damage_is_explained() {
    let values: Vec<f64> = (1..9).map(f64::from).collect();
    let text = of(&values).to_json();
    let read = |from: &str, to: &str| {
        assert!(text.contains(from), "{from} is not in {text}");
        let error = Baseline::from_json(&text.replacen(from, to, 1)).unwrap_err();
        let line = error.to_string();
        assert!(!line.contains('\n'), "{line}");
        (error, line)
    };
    for (from, to, why) in [
        ("{", "", "line 2"),
        ("\"mean\": 4.5", "\"mean\": NaN", "line 5"),
        ("\"mean\": 4.5", "\"mean\": \"4.5\"", "expected f64 at line 5"),
        ("\"mean\": 4.5", "\"mean\": 1e999", "out of range at line 5"),
        ("\"mean\": 4.5", "\"mean\": null", "a \"b\" ü\\: mean or spread is missing"),
        ("\"mean\": 4.5, ", "", "mean or spread is missing"),
        ("\"mean\": 4.5", "\"mean\": 4.5, \"median\": 4", "unknown field `median`"),
        ("\"count\": 8", "\"count\": 8.5", "expected u64"),
        ("\"count\": 8", "\"count\": 7", "do not add up to the number of seeds"),
        ("\"seeds\": [0, 8]", "\"seeds\": [8, 0]", "do not add up to the number of seeds"),
        ("\"seeds\": [0, 8],", "", "missing field `seeds`"),
        ("\"spread\": ", "\"spread\": -", "the spread is negative"),
        ("\"log\", \"mean\": ", "\"log\", \"mean\": -", "is not positive"),
        ("\"scale\": \"log\"", "\"scale\": \"Log\"", "unknown variant `Log`"),
        (
            "\"location\": \"W1\", \"name\": \"std\"",
            "\"location\": \"a \\\"b\\\"\", \"name\": \"ü\\\\\"",
            "it is there twice",
        ),
        ("\"format\": 1", "\"format\": \"1\"", "expected u64"),
        ("\"format\": 1", "\"version\": 1", "missing field `format`"),
        ("  \"format\"", "<<<<<<< HEAD\n  \"format\"", "line 2"),
    ] {
        let (error, line) = read(from, to);
        assert!(matches!(error, BaselineError::Damaged(_)) && line.contains(why), "{to}: {line}");
    }
    // Nothing but the format of a later version is read.
    let (error, line) = read("\"format\": 1", "\"format\": 2, \"units\": {}");
    assert_eq!(
        (error, &line[..]),
        (BaselineError::Format(2), "the baseline has format 2; this version reads format 1")
    );
    assert!(Baseline::from_json("").is_err() && Baseline::from_json("[]").is_err());
}

/// Before the key was renamed, a location was a `place`.
#[test]
fn a_file_of_the_first_version_is_read() {
    let text = of(&[0.5; 8]).to_json();
    let old = text.replace("\"location\"", "\"place\"");
    assert_ne!(old, text);
    assert_eq!(Baseline::from_json(&old).unwrap().to_json(), text);
}
