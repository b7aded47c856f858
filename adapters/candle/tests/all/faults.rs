//! Planted faults are the first verdict, at their place; healthy networks have none.

use candle_core::Result;
use nn_init::Scheme;
use step_zero_candle::{Recipe, WatchReport};

use crate::{conv, mlp};

/// The MLP of the example with a fault in one variable, given as a scheme.
fn mlp_with(name: &'static str, scheme: Scheme) -> WatchReport {
    mlp::report(&Recipe::by(move |variable| (variable.name == name).then_some(scheme))).unwrap()
}

/// The convolutional network of the example with the rule for one variable replaced.
fn conv_with(name: &str, scheme: &str) -> WatchReport {
    let rule = format!("version = 1\n\n[[rule]]\nmatch = \"{name}\"\nscheme = \"{scheme}\"\n");
    let rules = conv::RULES.replacen("version = 1\n", &rule, 1);
    conv::report(&Recipe::rules(checkpoint::NameRules::parse(&rules).unwrap())).unwrap()
}

/// The rule and the first location of the first verdict.
fn first(report: &WatchReport) -> (&str, &str) {
    let verdict = report.verdicts().first().unwrap_or_else(|| panic!("nothing found:\n{report}"));
    (verdict.rule, verdict.location())
}

#[test]
fn faults_in_an_mlp_are_found_first_and_at_their_place() {
    let equal = mlp_with("hidden2.weight", Scheme::Constant(0.1));
    assert_eq!(first(&equal), ("symmetric-units", "hidden2.weight"), "{equal}");
    let zero = mlp_with("hidden2.weight", Scheme::ZEROS);
    assert_eq!(first(&zero), ("zero-gradient", "hidden2.weight"), "{zero}");
    let large = mlp_with("hidden3.weight", Scheme::STANDARD_NORMAL);
    assert_eq!(first(&large), ("wrong-gain", "hidden3"), "{large}");
    let head = mlp_with("head.weight", Scheme::STANDARD_NORMAL);
    assert_eq!(first(&head), ("overconfident-logits", "head"), "{head}");
}

#[test]
fn faults_in_a_convolutional_network_are_found_first_and_at_their_place() {
    let zero = conv_with("stem.weight", "zeros");
    assert_eq!(first(&zero), ("zero-gradient", "stem.weight"), "{zero}");
    let equal = conv_with("block.conv.weight", "constant(0.05)");
    assert_eq!(first(&equal), ("symmetric-units", "block.conv.weight"), "{equal}");
    let head = conv_with("head.weight", "normal(0, 20)");
    assert_eq!(first(&head), ("overconfident-logits", "head"), "{head}");
    let scale = conv_with("block.norm.weight", "constant(1e30)");
    assert_eq!(first(&scale), ("uninitialised-memory", "block.norm.weight"), "{scale}");
}

#[test]
fn healthy_networks_have_no_verdict() -> Result<()> {
    for seed in 0..10 {
        let (features, labels) = mlp::batch()?;
        let mut init = mlp::candles_own().init(seed, |vb| mlp::Mlp::new(&vb))?;
        let report =
            init.watch(|model, watch| watch.cross_entropy(&model.forward(&features, watch)?, &labels))?;
        assert!(report.verdicts().is_empty(), "seed {seed}\n{report}");

        let (images, labels) = conv::batch()?;
        let mut init = conv::recipe()?.init(seed, |vb| conv::Network::new(&vb))?;
        let report =
            init.watch(|model, watch| watch.cross_entropy(&model.forward(&images, watch)?, &labels))?;
        assert!(report.verdicts().is_empty(), "seed {seed}\n{report}");
    }
    Ok(())
}

/// A convolution's output [8, 16, 8, 8] has its units on axis 1, not on the last one.
#[test]
fn convolutions_by_kaiming_are_silent() -> Result<()> {
    use candle_nn::{Activation::Relu, Conv2dConfig, conv2d};
    let he = Recipe::by(|variable| variable.name.ends_with("weight").then(Scheme::he_normal));
    for seed in 0..10 {
        let padded = Conv2dConfig { padding: 1, ..Default::default() };
        let mut init = he.init(seed, |vb| {
            [(3, 16), (16, 16), (16, 16)]
                .iter()
                .enumerate()
                .map(|(at, &(from, to))| conv2d(from, to, 3, padded, vb.pp(format!("conv{at}"))))
                .collect::<Result<Vec<_>>>()
        })?;
        let images = crate::noise(seed + 100, &[8, 3, 8, 8]);
        let report = init.watch(|layers, watch| {
            let mut x = images.clone();
            for layer in layers {
                x = x.apply(&watch.layer(layer))?.apply(&watch.layer(&Relu))?;
            }
            assert_eq!(x.dims(), [8, 16, 8, 8]);
            x.mean_all()
        })?;
        let site = &report.recording().sites[1];
        assert_eq!((site.statistics.units, site.statistics.positions), (16.0, 64.0));
        assert!(report.verdicts().is_empty(), "seed {seed}\n{report}");
    }
    Ok(())
}

/// A depthwise convolution, whose fan-in is that of one group, and a transposed one whose stride leaves each output a quarter
/// of the kernel.
#[test]
fn grouped_and_transposed_convolutions_are_silent() -> Result<()> {
    use candle_nn::{
        Activation::Relu, Conv2dConfig, ConvTranspose2dConfig, conv_transpose2d, conv2d_no_bias,
    };
    let recipe = Recipe::by(|variable| {
        let he = |fan_in: usize| Scheme::Normal { mean: 0.0, std: (2.0 / fan_in as f64).sqrt() };
        match (variable.name, variable.shape) {
            ("up.weight", [inputs, _, height, width]) => Some(he(inputs * height * width / 4)),
            (_, [_, inputs, height, width]) => Some(he(inputs * height * width)),
            _ => Some(Scheme::ZEROS),
        }
    });
    for seed in 0..10 {
        let mut init = recipe.init(seed, |vb| {
            let padded = Conv2dConfig { padding: 1, ..Default::default() };
            let grouped = Conv2dConfig { groups: 16, ..padded };
            let up = ConvTranspose2dConfig { stride: 2, padding: 1, ..Default::default() };
            let stem = conv2d_no_bias(3, 16, 3, padded, vb.pp("stem"))?;
            let depthwise = conv2d_no_bias(16, 16, 3, grouped, vb.pp("depthwise"))?;
            Ok((stem, depthwise, conv_transpose2d(16, 32, 4, up, vb.pp("up"))?))
        })?;
        let images = crate::noise(seed + 100, &[8, 3, 8, 8]);
        let report = init.watch(|(stem, depthwise, up), watch| {
            let x = images.apply(&watch.layer(stem))?.apply(&watch.layer(&Relu))?;
            let x = x.apply(&watch.layer(depthwise))?.apply(&watch.layer(&Relu))?;
            x.apply(&watch.layer(up))?.apply(&watch.layer(&Relu))?.mean_all()
        })?;
        let parameters = &report.recording().parameters;
        assert_eq!([parameters[1].groups, parameters[2].stride], [16, 4]);
        assert_eq!(report.recording().sites[5].statistics.units, 32.0);
        assert!(report.verdicts().is_empty(), "seed {seed}\n{report}");
    }
    Ok(())
}

/// PyTorch's default in the MLP: every ReLU layer lacks a gain of √6.
#[test]
fn pytorchs_default_makes_signals_smaller() {
    let report = mlp::report(&mlp::pytorchs_default()).unwrap();
    let verdict = &report.verdicts()[0];
    assert_eq!(verdict.rule, "wrong-gain");
    assert_eq!(verdict.locations, ["hidden3", "hidden1", "hidden2"]);
    assert!(
        verdict.to_string().contains("the default of PyTorch and burn, uniform with bound 1/√128"),
        "{verdict}"
    );
}

/// The README shows lines of this report; a number in them may be rounded as the CPU adds.
#[test]
fn the_readme_shows_the_report() {
    let words =
        |line: &str| line.replace(|c: char| c.is_ascii_digit() || ".-e".contains(c), "").replace(' ', "");
    let report = mlp::report(&mlp::pytorchs_default()).unwrap().to_string();
    let printed: Vec<String> = report.lines().map(words).collect();
    let shown =
        include_str!("../../README.md").split("```text\n").nth(1).unwrap().split("```").next().unwrap();
    assert!(shown.lines().count() > 10);
    for line in shown.lines().filter(|line| !line.is_empty() && *line != "…") {
        assert!(printed.contains(&words(line)), "{line}\n{report}");
    }
}
