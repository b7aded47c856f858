//! Arithmetic as text against the same arithmetic in Rust, and the refusal of other texts in one line.

use proptest::prelude::*;
use tensor::evaluate;

fn value(text: &str) -> f64 {
    evaluate(text, &[("layers", 12.0), ("d_model", 512.0)]).unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn values_are_those_of_the_same_arithmetic() {
    for (text, expected) in [
        ("2", 2.0),
        (" -2.5e-3 ", -2.5e-3),
        ("1e+3", 1000.0),
        ("1+2*3", 7.0),
        ("(1+2)*3", 9.0),
        ("7-2-1", 4.0),
        ("8/4/2", 1.0),
        ("2^3^2", 512.0),
        ("2**3", 8.0),
        ("-2^2", -4.0),
        ("2^-1", 0.5),
        ("--2", 2.0),
        ("2 - -1", 3.0),
        ("1/-inf", 0.0),
        ("-inf", f64::NEG_INFINITY),
        ("0.02/sqrt(2*layers)", 0.02 / 24_f64.sqrt()),
        ("sqrt ( d_model ) / 4", 512_f64.sqrt() / 4.0),
        ("1/3 + layers", 1.0 / 3.0 + 12.0),
    ] {
        assert_eq!(value(text), expected, "{text}");
    }
    assert!((value("d_model^-0.5") - 512_f64.powf(-0.5)).abs() < 1e-17);
}

#[test]
fn an_error_says_what_is_wrong_and_where() {
    let error = |text: &str| evaluate(text, &[("layers", 12.0)]).unwrap_err().to_string();
    let wanted = "expected a number, a constant, sqrt(…) or brackets";
    for (text, reason) in [
        ("layer", "unknown constant `layer`; the constants are layers".to_owned()),
        ("", format!("found the end at character 1; {wanted}")),
        ("2 *", format!("found the end at character 4; {wanted}")),
        ("2 +* 3", format!("found `*` at character 4; {wanted}")),
        ("2 3", "found `3` at character 3; expected an operator or the end".to_owned()),
        ("(2", "found the end at character 3; expected `)`".to_owned()),
        ("2)", "found `)` at character 2; expected an operator or the end".to_owned()),
        ("é * log(2)", "unknown constant `é`; the constants are layers".to_owned()),
        ("log(2)", "found `l` at character 1; expected sqrt, the only function".to_owned()),
        ("1.2.3", "found `1` at character 1; expected a number".to_owned()),
        ("2layers", "found `2` at character 1; expected a number".to_owned()),
        ("0/0", "the value of `0/0` is not a number".to_owned()),
        ("sqrt(-1)", "the value of `sqrt(-1)` is not a number".to_owned()),
    ] {
        assert_eq!(error(text), reason, "{text}");
    }
    assert_eq!(error(&"(".repeat(100_000)), "more than 100 signs and brackets are nested");
    let none = evaluate("x", &[]).unwrap_err().to_string();
    assert_eq!(none, "unknown constant `x`; there are no constants here");
}

proptest! {
    #[test]
    fn numbers_are_read_as_rust_reads_them(x: f64) {
        if !x.is_nan() {
            prop_assert_eq!(value(&x.to_string()), x);
            prop_assert_eq!(value(&format!("{x:e}")), x);
        }
    }

    #[test]
    fn any_text_has_a_value_or_one_line(text in "[-+*/^() 0-9.esqrtlay]{0,30}") {
        if let Err(error) = evaluate(&text, &[]) {
            prop_assert!(!error.to_string().contains('\n'));
        }
    }
}
