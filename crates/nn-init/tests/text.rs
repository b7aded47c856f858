//! Schemes as text: what is printed is read back, and what cannot be read says why.

use nn_init::{Activation, Distribution, FanMode, Gain, Preset, Scheme};
use proptest::prelude::*;

fn error(text: &str) -> String {
    text.parse::<Scheme>().unwrap_err().to_string()
}

#[test]
fn the_texts_of_the_documentation_are_schemes() {
    let relu = || Gain::torch(Activation::Relu).unwrap();
    for (text, scheme) in [
        ("zeros", Scheme::Constant(0.0)),
        ("ones", Scheme::Constant(1.0)),
        ("constant(-0.1)", Scheme::Constant(-0.1)),
        ("normal(0, 0.02)", Scheme::Normal { mean: 0.0, std: 0.02 }),
        ("uniform(-0.1, 0.1)", Scheme::Uniform { lo: -0.1, hi: 0.1 }),
        (
            "truncated_normal(0, 1, -2, inf)",
            Scheme::TruncatedNormal { mean: 0.0, std: 1.0, lo: -2.0, hi: f64::INFINITY },
        ),
        ("kaiming_normal(fan_out, relu)", Scheme::scaled(relu(), FanMode::FanOut, Distribution::Normal)),
        ("kaiming_uniform(fan_in, 1.5)", Scheme::kaiming_uniform(1.5)),
        ("xavier_normal", Scheme::xavier_normal(1.0)),
        ("xavier_uniform(tanh)", Scheme::xavier_uniform(Gain::torch(Activation::Tanh).unwrap())),
        ("he_normal", Scheme::he_normal()),
        ("glorot_normal", Scheme::glorot_normal()),
        ("lecun_normal", Scheme::lecun_normal()),
        (
            "scaled(forward(gelu), fan_geo_avg, uniform)",
            Scheme::scaled(Gain::forward(Activation::Gelu), FanMode::FanGeoAvg, Distribution::Uniform),
        ),
        ("orthogonal", Scheme::orthogonal()),
        (
            "orthogonal(critical(tanh))",
            Scheme::Orthogonal { gain: Gain::critical(Activation::Tanh).unwrap() },
        ),
        ("delta_orthogonal(2)", Scheme::DeltaOrthogonal { gain: Gain::number(2.0) }),
        ("identity", Scheme::Identity { gain: Gain::ONE }),
        ("dirac", Scheme::Dirac { groups: 1, gain: Gain::ONE }),
        ("dirac(2, 0.5)", Scheme::Dirac { groups: 2, gain: Gain::number(0.5) }),
        ("sparse(0.9, 0.01)", Scheme::Sparse { sparsity: 0.9, std: 0.01 }),
    ] {
        assert_eq!(text.parse(), Ok(scheme), "{text}");
        assert_eq!(scheme.to_string(), text);
    }
}

#[test]
fn other_ways_to_say_the_same() {
    let canonical = |text: &str| text.parse::<Scheme>().unwrap().to_string();
    assert_eq!(canonical(" kaiming_normal ( fan_out ,relu ) "), "kaiming_normal(fan_out, relu)");
    assert_eq!(canonical("kaiming_uniform"), "kaiming_uniform(fan_in, relu)");
    assert_eq!(canonical("he_uniform"), "kaiming_uniform(fan_in, relu)");
    assert_eq!(canonical("lecun_uniform"), "kaiming_uniform(fan_in, 1)");
    assert_eq!(canonical("glorot_uniform()"), "xavier_uniform");
    assert_eq!(
        canonical("variance_scaling(4, fan_in, truncated_normal)"),
        "scaled(2, fan_in, truncated_normal)"
    );
    assert_eq!(canonical("constant(1)"), "ones");
    assert_eq!(canonical("constant(-0)"), "constant(-0)");
}

#[test]
fn what_cannot_be_read_says_why() {
    assert!(error("kaming_normal").starts_with("no scheme is named 'kaming_normal'; there are zeros, ones,"));
    assert_eq!(error("normal(0)"), "scheme 'normal(0)': it is written normal(mean, std)");
    assert_eq!(error("zeros(1)"), "scheme 'zeros(1)': it is written zeros");
    assert_eq!(error("normal(0, x)"), "scheme 'normal(0, x)': 'x' is no number");
    assert_eq!(error("normal(0, nan)"), "scheme 'normal(0, nan)': 'nan' is no number");
    assert_eq!(error("normal(0, 1"), "scheme 'normal(0, 1': its brackets do not close");
    assert!(
        error("kaiming_normal(fanin)")
            .contains("no mode is named 'fanin'; there are fan_in, fan_out, fan_avg")
    );
    assert!(
        error("kaiming_normal(fan_in, gelu)")
            .contains("PyTorch's table has no gain for gelu: write forward(gelu)")
    );
    assert!(
        error("scaled(1, fan_in, gauss)")
            .contains("no distribution is named 'gauss'; there are normal, uniform")
    );
    assert!(error("dirac(-1)").contains("'-1' is no number of groups"));
    assert_eq!(error("normal(0, -1)"), "normal(0, -1) is no law: its deviation -1 must be zero or more");
    assert!(error("uniform(1, 0)").contains("its lower bound 1 must not exceed its upper bound 0"));
    assert!(error("sparse(1.5, 1)").contains("sparsity 1.5 must lie between 0 and 1"));
    assert!(error("variance_scaling(-2, fan_in, normal)").contains("no law"));
    assert!(error("truncated_normal(0, inf, 0, 1)").contains("must be finite"));
    assert!(
        "torch.dense"
            .parse::<Preset>()
            .unwrap_err()
            .to_string()
            .contains("there are torch.linear, torch.embedding")
    );
    assert!(!error("").contains('\n'));
}

fn any_gain() -> impl Strategy<Value = Gain> {
    let rule = |rule: fn(Activation) -> Option<Gain>| {
        let known: Vec<Gain> = Activation::ALL.into_iter().filter_map(rule).collect();
        prop::sample::select(known)
    };
    prop_oneof![
        (0.0..1e9_f64).prop_map(Gain::number),
        rule(Gain::torch),
        rule(|f| Some(Gain::forward(f))),
        rule(|f| Some(Gain::backward(f))),
        rule(Gain::critical),
    ]
}

fn any_scheme() -> impl Strategy<Value = Scheme> {
    let modes = prop::sample::select(FanMode::ALL.to_vec());
    let laws = prop::sample::select(Distribution::ALL.to_vec());
    let (x, positive) = (-1e3..1e3_f64, 0.0..1e3_f64);
    prop_oneof![
        x.clone().prop_map(Scheme::Constant),
        (x.clone(), positive.clone()).prop_map(|(mean, std)| Scheme::Normal { mean, std }),
        (x.clone(), positive.clone()).prop_map(|(lo, width)| Scheme::Uniform { lo, hi: lo + width }),
        (x.clone(), positive.clone(), x, positive.clone())
            .prop_map(|(mean, std, lo, width)| Scheme::TruncatedNormal { mean, std, lo, hi: lo + width }),
        (any_gain(), modes, laws).prop_map(|(gain, mode, law)| Scheme::scaled(gain, mode, law)),
        any_gain().prop_map(|gain| Scheme::Orthogonal { gain }),
        any_gain().prop_map(|gain| Scheme::DeltaOrthogonal { gain }),
        any_gain().prop_map(|gain| Scheme::Identity { gain }),
        (1..9_usize, any_gain()).prop_map(|(groups, gain)| Scheme::Dirac { groups, gain }),
        (0.0..=1.0_f64, positive).prop_map(|(sparsity, std)| Scheme::Sparse { sparsity, std }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_scheme_reads_what_it_prints(scheme in any_scheme()) {
        prop_assert_eq!(scheme.to_string().parse(), Ok(scheme));
    }

    #[test]
    fn any_text_is_a_scheme_or_one_line(text in "[a-z_]{0,8}[(]?[a-z0-9., ()-]{0,20}[)]?") {
        match text.parse::<Scheme>() {
            Ok(scheme) => prop_assert_eq!(scheme.to_string().parse(), Ok(scheme)),
            Err(error) => prop_assert!(!error.to_string().contains('\n')),
        }
    }
}

#[cfg(feature = "serde")]
#[test]
fn a_configuration_file_names_schemes_as_strings() {
    use std::collections::BTreeMap;
    let file = r#"{"weight": "kaiming_normal(fan_out, relu)", "bias": "zeros"}"#;
    let schemes: BTreeMap<String, Scheme> = serde_json::from_str(file).unwrap();
    assert_eq!(schemes["bias"], Scheme::ZEROS);
    let back = serde_json::to_string(&schemes["weight"]).unwrap();
    assert_eq!(back, r#""kaiming_normal(fan_out, relu)""#);
    let wrong = file.replace("relu", "rely");
    let wrong = serde_json::from_str::<BTreeMap<String, Scheme>>(&wrong).unwrap_err().to_string();
    assert!(wrong.contains("rely") && wrong.contains("line 1"), "{wrong}");
    assert!(serde_json::from_str::<Gain>(r#""forward(gelu)""#).unwrap() == Gain::forward(Activation::Gelu));
    assert_eq!(
        serde_json::to_string(&(FanMode::FanAvg, Distribution::Uniform)).unwrap(),
        r#"["fan_avg","uniform"]"#
    );
}
