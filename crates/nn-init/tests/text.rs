//! Schemes as text: every printed text is read back, and an error says what is wrong.

use nn_init::{Activation, Distribution, FanMode, Gain, Preset, Scheme, residual_factor};
use proptest::prelude::*;

use crate::schemes::any_scheme;

fn error(text: &str) -> String {
    text.parse::<Scheme>().unwrap_err().to_string()
}

#[test]
fn texts_and_their_schemes() {
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
        ("spectral", Scheme::spectral(1.0)),
        ("spectral(2)", Scheme::spectral(2.0)),
        ("siren_first", Scheme::siren_first()),
        ("sparse(0.9, 0.01)", Scheme::Sparse { sparsity: 0.9, std: 0.01 }),
    ] {
        assert_eq!(text.parse(), Ok(scheme), "{text}");
        assert_eq!(scheme.to_string(), text);
    }
}

#[test]
fn other_texts_of_the_same_schemes() {
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
fn numbers_are_expressions_with_the_callers_constants() {
    let constants = [("layers", 12.0), ("d_model", 768.0), ("head", 64.0), ("slope", 0.2)];
    let read = |text: &str| Scheme::parse_with(text, &constants);
    let normal = |std| Ok(Scheme::Normal { mean: 0.0, std });
    assert_eq!(read("normal(0, 0.02/sqrt(2*layers))"), normal(0.02 / 24f64.sqrt()));
    assert_eq!(read("residual(layers, gpt2)"), normal(0.02 * residual_factor(12)));
    assert_eq!(read("t5_query(head)"), Ok(Scheme::t5_query(64, 1.0)));
    assert_eq!(
        read("uniform(-1/d_model, 1/d_model)"),
        Ok(Scheme::Uniform { lo: -1.0 / 768.0, hi: 1.0 / 768.0 })
    );
    let leaky = Gain::torch(Activation::LeakyRelu(0.2)).unwrap();
    assert_eq!(read("kaiming_normal(fan_in, leaky_relu(slope))"), Ok(Scheme::kaiming_normal(leaky)));
    assert_eq!(read("xavier_uniform(sqrt(layers/3))"), Ok(Scheme::xavier_uniform(2.0)));

    let refused = |text: &str| read(text).unwrap_err().to_string();
    let known = "the constants are layers, d_model, head, slope";
    for (text, name) in
        [("normal(0, std)", "std"), ("normal(0, 1/width)", "width"), ("residual(layer, gpt2)", "layer")]
    {
        let expected = format!("invalid scheme `{text}`: unknown constant `{name}`; {known}");
        assert_eq!(refused(text), expected);
    }
    assert_eq!(
        refused("xavier_normal(sqrt(depth))"),
        format!(
            "invalid scheme `xavier_normal(sqrt(depth))`: invalid gain `sqrt(depth)`: unknown constant `depth`; {known}"
        )
    );
    assert_eq!(
        refused("gpt2_residual(d_model/5)"),
        "invalid scheme `gpt2_residual(d_model/5)`: `d_model/5` is not a number of blocks"
    );
    assert_eq!(
        refused("gpt2_residual(0)"),
        "invalid scheme `gpt2_residual(0)`: the number of blocks must be at least 1"
    );
}

#[test]
fn arguments_have_names() {
    let same = |a: &str, b: &str| assert_eq!(a.parse::<Scheme>(), b.parse::<Scheme>(), "{a}");
    same("normal(std=0.02, mean=0)", "normal(0, 0.02)");
    same("kaiming_normal(mode=fan_out, nonlinearity=relu)", "kaiming_normal(fan_out, relu)");
    same("kaiming_normal(gain=tanh)", "kaiming_normal(fan_in, tanh)");
    same("kaiming_uniform(a=sqrt(5))", "kaiming_uniform(fan_in, leaky_relu(sqrt(5)))");
    same("kaiming_uniform(fan_out, leaky_relu, a=0.1)", "kaiming_uniform(fan_out, leaky_relu(0.1))");
    same("dirac(gain=2)", "dirac(1, 2)");
    same("kaiming_normal(fan_in, conv_transpose2d)", "kaiming_normal(fan_in, linear)");
    same("kaiming_normal(fan_in, linear)", "kaiming_normal(fan_in, identity)");
    let expected = "expected `normal(mean, std)`";
    for wrong in ["normal(0, mean=0)", "normal(0, sigma=1)", "normal(std=1)", "normal(0, 1, std=1)"] {
        assert_eq!(error(wrong), format!("invalid scheme `{wrong}`: {expected}"));
    }
    assert_eq!(
        error("kaiming_normal(fan_in, relu, 0.1)"),
        "invalid scheme `kaiming_normal(fan_in, relu, 0.1)`: `a` is the slope of leaky_relu, and the gain is `relu`"
    );
}

#[test]
fn an_error_says_what_is_wrong_with_which_text() {
    let invalid = |text: &str, reason: &str| {
        assert_eq!(error(text), format!("invalid scheme `{text}`: {reason}"));
    };
    invalid("normal(0)", "expected `normal(mean, std)`");
    invalid("zeros(1)", "expected `zeros`");
    invalid("dirac(1, 2, 3)", "expected `dirac([groups], [gain])`");
    invalid("normal(0, x)", "unknown constant `x`; there are no constants here");
    invalid("normal(0, 0/0)", "`0/0` is not a number: the value of `0/0` is not a number");
    invalid(
        "normal(0, 1 2)",
        "`1 2` is not a number: found `2` at character 3; expected an operator or the end",
    );
    invalid("normal(0, 1", "the `(` at character 7 has no matching `)`");
    invalid("normal(0,)", "argument 2 of 2 is empty");
    invalid("dirac(-1)", "`-1` is not a number of groups");
    invalid("normal(0, -1)", "the standard deviation must not be negative");
    invalid("uniform(1, 0)", "the lower bound 1 must not exceed the upper bound 0");
    invalid("sparse(1.5, 1)", "the sparsity 1.5 must be between 0 and 1");
    invalid("variance_scaling(-2, fan_in, normal)", "the scale must not be negative");
    invalid("truncated_normal(0, inf, 0, 1)", "the mean and the standard deviation must be finite");
    invalid(
        "kaiming_normal(fanin)",
        "invalid fan mode `fanin`: expected one of fan_in, fan_out, fan_avg, fan_geo_avg, spectral, \
         fan_in_squared",
    );
    invalid(
        "scaled(1, fan_in, gauss)",
        "invalid distribution `gauss`: expected one of normal, uniform, truncated_normal",
    );
    invalid(
        "kaiming_normal(fan_in, gelu)",
        "invalid gain `gelu`: PyTorch's table has no gain for gelu; use `forward(gelu)` or a number",
    );
    assert!(
        error("kaming_normal").starts_with("invalid scheme `kaming_normal`: expected one of zeros, ones,")
    );
    assert!(!error("").contains('\n') && !error("a\nb").contains('\n'));
    let preset = "torch.dense".parse::<Preset>().unwrap_err().to_string();
    assert!(
        preset.starts_with("invalid preset `torch.dense`: expected one of torch.linear, torch.embedding"),
        "{preset}"
    );
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
fn a_configuration_file_has_schemes_as_strings() {
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
