//! The grammar `name(argument, …)`: what is printed is read back, and other texts are refused in one line.

use proptest::prelude::*;
use tensor::Call;

fn error(text: &str) -> String {
    Call::parse(text).unwrap_err().to_string()
}

#[test]
fn names_and_arguments_are_split() {
    for (text, name, args) in [
        ("tanh", "tanh", &[][..]),
        (" tanh ", "tanh", &[]),
        ("tanh()", "tanh", &[]),
        ("tanh ( )", "tanh", &[]),
        ("elu(0.5)", "elu", &["0.5"]),
        (" normal ( 0 ,0.02 ) ", "normal", &["0", "0.02"]),
        ("f(g(h(1, 2), 3), i(), 4)", "f", &["g(h(1, 2), 3)", "i()", "4"]),
        ("étage(été)", "étage", &["été"]),
        ("two words", "two words", &[]),
    ] {
        assert_eq!(Call::parse(text), Ok(Call { name, args: args.to_vec() }), "{text}");
    }
}

#[test]
fn an_error_says_what_was_found_and_where() {
    let no_name = "it has no name; expected a name, then arguments in brackets if any";
    let a_name = "expected a name, with or without arguments in brackets";
    for (text, message) in [
        ("", no_name),
        ("  ", no_name),
        ("(1)", no_name),
        ("f(1", "the `(` at character 2 has no matching `)`"),
        ("été(g(1)", "the `(` at character 4 has no matching `)`"),
        ("f(1) x", "found `x` at character 6; expected the end of the text"),
        ("f(1))", "found `)` at character 5; expected the end of the text"),
        ("f(1)(2)", "found `(` at character 5; expected the end of the text"),
        ("f)", &format!("found `)` at character 2; {a_name}")),
        ("a, b", &format!("found `,` at character 2; {a_name}")),
        ("f(1, )", "argument 2 of 2 is empty"),
        ("f(,1)", "argument 1 of 2 is empty"),
        ("f(1,,3)", "argument 2 of 3 is empty"),
    ] {
        assert_eq!(error(text), message, "{text}");
    }
}

/// Calls in calls, three deep, as text.
fn nested() -> impl Strategy<Value = String> {
    let leaf = "[a-z_0-9.é-]{1,6}";
    leaf.prop_recursive(3, 20, 4, move |inner| {
        (leaf, prop::collection::vec(inner, 1..4)).prop_map(|(name, args)| {
            Call { name: &name, args: args.iter().map(String::as_str).collect() }.to_string()
        })
    })
}

/// The text with every call in it read and printed again.
fn reprinted(text: &str) -> String {
    let call = Call::parse(text).unwrap();
    let args: Vec<String> = call.args.iter().map(|arg| reprinted(arg)).collect();
    Call { name: call.name, args: args.iter().map(String::as_str).collect() }.to_string()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_printed_is_read_back(text in nested()) {
        prop_assert_eq!(reprinted(&text), text);
    }

    #[test]
    fn spaces_are_ignored(text in nested()) {
        let spaced = text.replace('(', " ( ").replace(", ", " , ").replace(')', " ) ");
        prop_assert_eq!(reprinted(&spaced), text);
    }

    #[test]
    fn a_missing_bracket_is_refused(text in nested()) {
        let unclosed = text.strip_suffix(')').map(Call::parse);
        prop_assert!(unclosed.is_none_or(|call| call.is_err()));
    }

    #[test]
    fn any_text_is_a_call_or_an_error_of_one_line(text in "[a-z é(),\n.-]{0,30}") {
        match Call::parse(&text) {
            Ok(call) => {
                let again = call.to_string();
                prop_assert_eq!(Call::parse(&again), Ok(call));
            }
            Err(error) => prop_assert!(!error.to_string().contains('\n')),
        }
    }
}
