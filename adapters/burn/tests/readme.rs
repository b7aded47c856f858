//! The README's report is what the example prints. The only test of its program, since it draws from burn's own generator.

#[path = "../examples/mlp.rs"]
mod mlp;

use burn_core::tensor::Device;
use diagnostics::Style;
use step_zero_burn::Draws;

#[test]
fn the_readme_shows_what_the_example_prints() {
    let device = Device::flex().autodiff();
    device.seed(1);
    let text = mlp::report(&mlp::Mlp::new(&device), &Draws::new()).unwrap().text(Style::Plain);
    let readme = include_str!("../README.md");
    let shown = readme.split("```text\n").nth(1).unwrap().split("```").next().unwrap();
    let lines: Vec<&str> = shown.lines().filter(|line| !line.is_empty()).collect();
    assert_eq!(lines.len(), 7);
    for line in lines {
        assert!(text.lines().any(|printed| printed == line), "`{line}` is not in\n{text}");
    }
}
