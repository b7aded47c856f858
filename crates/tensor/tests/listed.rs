//! Lists that are written by hand, compared with the code: `Activation::ALL`, and the activations in the README.

use tensor::Activation;

const SOURCE: &str = include_str!("../src/activation.rs");
const README: &str = include_str!("../README.md");

/// The variants of `Activation` in its source.
fn variants(source: &str) -> Vec<&str> {
    let (_, body) = source.split_once("pub enum Activation {").expect("the enum");
    let (body, _) = body.split_once("\n}").expect("its end");
    let lines = body.lines().map(str::trim).filter(|line| line.starts_with(char::is_uppercase));
    lines.map(|line| line.split(['(', ',']).next().unwrap_or(line)).collect()
}

/// The names in code font in the README's paragraph on activations, up to the end of its first sentence.
fn in_readme(readme: &str) -> Vec<&str> {
    let (_, paragraph) = readme.split_once("**Activations.**").expect("the paragraph");
    let (sentence, _) = paragraph.split_once(". ").expect("its first sentence");
    sentence.split('`').skip(1).step_by(2).collect()
}

fn all_variants() -> Vec<String> {
    Activation::ALL.map(|f| format!("{f:?}").split('(').next().unwrap_or_default().to_owned()).to_vec()
}

#[test]
fn all_has_every_variant() {
    assert_eq!(variants(SOURCE), all_variants(), "add the missing variant to Activation::ALL");
    let grown = SOURCE.replacen("    Identity,", "    Cube(f64),\n    Identity,", 1);
    assert_eq!(variants(&grown)[..2], ["Cube", "Identity"], "a new variant is detected");
}

#[test]
fn the_readme_lists_every_activation() {
    let names = Activation::ALL.map(Activation::name);
    assert_eq!(in_readme(README), names, "bring the list in crates/tensor/README.md up to date");
    assert_ne!(in_readme(&README.replacen("`tanh`, ", "", 1)), names, "a missing name is detected");
    assert_ne!(
        in_readme(&README.replacen("`tanh`", "`tanh`, `cube`", 1)),
        names,
        "an extra name is detected"
    );
}
