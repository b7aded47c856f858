//! The scaling check on networks that autograd trains, beside PyTorch's: `reference/scaling.txt`, made by
//! `reference/make_scaling.py`.

use std::collections::BTreeMap;

use autograd::{Activation, Tape, Var};
use diagnostics::scaling::{
    self, ScalingAspect, ScalingCheck, ScalingExpectations, ScalingOutcome, ScalingRole, ScalingRun,
};
use nn_init::{Generator, Mup, MupRole, Source};
use specimen::{Adam, Parameter, Parameters, Role, Tensor};

const RECORDED: &str = include_str!("reference/scaling.txt");
const WIDTHS: [usize; 5] = [32, 64, 128, 256, 512];
const BASE: usize = 64;
const EXAMPLES: usize = 32;
const INPUTS: usize = 16;
const CLASSES: usize = 10;
const STEPS: usize = 2;

/// A parametrisation of the network, and the optimiser.
#[derive(Clone, Copy, PartialEq)]
struct Setting {
    mup: bool,
    adam: bool,
    /// The planted mistake: the output has the rate of the base at all widths.
    wrong_output_rate: bool,
}

const fn setting(mup: bool, adam: bool) -> Setting {
    Setting { mup, adam, wrong_output_rate: false }
}

const SETTINGS: [Setting; 4] =
    [setting(false, false), setting(false, true), setting(true, false), setting(true, true)];

impl Setting {
    fn name(self) -> [&'static str; 2] {
        [if self.mup { "mup" } else { "standard" }, if self.adam { "adam" } else { "sgd" }]
    }

    fn expected(self) -> ScalingExpectations {
        match (self.mup, self.adam) {
            (false, false) => ScalingExpectations::standard_sgd(),
            (false, true) => ScalingExpectations::standard_adam(),
            (true, false) => ScalingExpectations::mup_sgd(),
            (true, true) => ScalingExpectations::mup_adam(),
        }
    }

    fn rate(self, width: usize, place: usize) -> f64 {
        let role = [MupRole::Input, MupRole::Hidden, MupRole::Output][place];
        let scale = Mup { base: BASE, width };
        let (base, factor) =
            if self.adam { (0.001, scale.adam_rate(role)) } else { (0.02, scale.sgd_rate(role)) };
        let same = !self.mup || self.wrong_output_rate && role == MupRole::Output;
        if same { base } else { base * factor }
    }

    /// The network of `make_scaling.py`: its values, and two steps.
    fn measure(self, width: usize, seed: u64, run: &mut ScalingRun) {
        let mut source = Generator::manual_seed(seed);
        let mut normal = |rows: usize, columns: usize, std: f64| {
            let mut values = vec![0.0_f32; rows * columns];
            source.normal(0.0, std, &mut values);
            Tensor::from_vec(values, [rows, columns]).unwrap()
        };
        let x = normal(EXAMPLES, INPUTS, 1.0);
        let output = if self.mup { BASE as f64 / width as f64 } else { 1.0 };
        let shapes = [(INPUTS, width, 2.0), (width, width, 2.0), (width, CLASSES, output)];
        let weight = |(inputs, outputs, gain): (usize, usize, f64)| Parameter {
            name: format!("{inputs}x{outputs}"),
            role: Role::Weight,
            value: normal(inputs, outputs, (gain / inputs as f64).sqrt()),
        };
        let mut parameters = Parameters(shapes.map(weight).into());
        let targets: Vec<usize> = (0..EXAMPLES).map(|row| row % 3).collect();
        let mut adam = Adam::default();
        for step in 0..=STEPS {
            let tape = Tape::new();
            let weights: Vec<Var<'_, f32>> =
                parameters.0.iter().map(|w| tape.leaf(w.value.clone())).collect();
            let one = tape.leaf(x.clone()).matmul(weights[0]).activation(Activation::Relu);
            let two = one.matmul(weights[1]).activation(Activation::Relu);
            let logits = two.matmul(weights[2]);
            for (role, name, value) in [
                (ScalingRole::Input, "layer 1", one),
                (ScalingRole::Hidden, "layer 2", two),
                (ScalingRole::Logits, "logits", logits),
            ] {
                run.values(step, role, name, value.value().data());
            }
            let gradients = logits.cross_entropy(&targets).backward_to(&weights);
            let gradients: Vec<Option<Tensor>> = weights.iter().map(|&w| gradients.get(w).cloned()).collect();
            if self.adam {
                adam.step_each(&mut parameters, &gradients, |place| self.rate(width, place));
            } else {
                parameters.sgd_step_each(&gradients, |place| self.rate(width, place));
            }
        }
    }

    fn check(self, expected: &ScalingExpectations) -> ScalingCheck {
        scaling::check(&WIDTHS, 0..6, |width, seed, run| self.measure(width, seed, run), expected).unwrap()
    }
}

const QUANTITIES: [&str; 6] =
    ["layer 1", "layer 2", "logits", "change of layer 1", "change of layer 2", "change of logits"];

/// PyTorch's numbers: root mean squares by setting, then by `[width, seed, step]`.
fn recorded(setting: Setting) -> BTreeMap<[usize; 3], Vec<f64>> {
    let lines = RECORDED.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let lines = lines.filter(|words| words[..2] == setting.name());
    let number = |word: &&str| word.parse().unwrap();
    let key = |words: &[&str]| [2, 3, 4].map(|at| words[at].parse().unwrap());
    lines.map(|words| (key(&words), words[5..].iter().map(number).collect())).collect()
}

/// The geometric means at both ends are those of PyTorch's numbers, and so are the exponents, by a regression that is
/// written out here.
#[test]
fn exponents_are_those_of_pytorch() {
    for setting in SETTINGS {
        let recorded = recorded(setting);
        assert_eq!(recorded.len(), WIDTHS.len() * 6 * (STEPS + 1));
        let check = setting.check(&setting.expected());
        for (at, quantity) in QUANTITIES.into_iter().enumerate() {
            for step in usize::from(at > 2)..=STEPS {
                let row = check.row(quantity, step).unwrap();
                let logs = |width: usize| {
                    (0..6).map(|seed| recorded[&[width, seed, step]][at].ln()).sum::<f64>() / 6.0
                };
                // Changes are small differences of single-precision numbers: two units in the last place of an activation
                // of 1, 1.2e-7, over the smallest change, 5e-4.
                let tolerance = if at > 2 { 5e-4 } else { 1e-5 };
                for (end, width) in [(0, WIDTHS[0]), (1, WIDTHS[4])] {
                    assert_eq!(row.ends[end].0, width);
                    let log = row.ends[end].1.ln();
                    assert!(
                        (log - logs(width)).abs() < tolerance,
                        "{quantity} {step}: {log} {}",
                        logs(width)
                    );
                }
                // All seeds have all widths, so the slope is that of the means; x is log2 of the width, less that of 128.
                let slope: f64 =
                    (-2_i32..=2).map(|x| f64::from(x) * logs(WIDTHS[(x + 2) as usize])).sum::<f64>();
                let slope = slope / 10.0 / 2_f64.ln();
                let found = row.exponent.unwrap().value;
                assert!((found - slope).abs() < tolerance, "{quantity} {step}: {found} {slope}");
            }
        }
    }
}

/// The table of theory, and the exponents that it gives: all four pass their own.
#[test]
fn each_parametrisation_passes_its_own_table() {
    for setting in SETTINGS {
        let check = setting.check(&setting.expected());
        assert!(check.failures().next().is_none(), "{check}");
        for quantity in &QUANTITIES[3..] {
            assert_eq!(check.row(quantity, 1).unwrap().outcome, ScalingOutcome::Pass, "{check}");
        }
        assert!(!setting.mup || check.passed(), "{check}");
    }
}

#[test]
fn standard_networks_fail_the_table_of_mup() {
    for setting in &SETTINGS[..2] {
        let expected =
            if setting.adam { ScalingExpectations::mup_adam() } else { ScalingExpectations::mup_sgd() };
        let check = setting.check(&expected);
        let failed: Vec<String> =
            check.failures().map(|row| format!("{} {}", row.quantity, row.step)).collect();
        assert!(failed.contains(&"change of logits 1".to_owned()), "{check}");
        assert!(failed.contains(&"change of layer 2 1".to_owned()), "{check}");
        assert!(!failed.contains(&"layer 1 0".to_owned()), "{check}");
        // The first layer's change shrinks with SGD alone.
        assert_eq!(failed.contains(&"change of layer 1 1".to_owned()), !setting.adam, "{check}");
    }
}

/// One line says what grows, from what to what, and what to do.
#[test]
fn a_wrong_rate_of_the_output_is_found() {
    for setting in &SETTINGS[2..] {
        let wrong = Setting { wrong_output_rate: true, ..*setting };
        let check = wrong.check(&setting.expected());
        let failed: Vec<String> =
            check.failures().map(|row| format!("{} {}", row.quantity, row.step)).collect();
        assert!(failed.contains(&"change of logits 1".to_owned()), "{check}");
        assert!(
            failed.iter().all(|row| row.starts_with("change of logits") || row.starts_with("logits")),
            "{check}"
        );
        let line = &check.lines()[0];
        assert!(line.contains("∝ width^") && line.contains("at width 32 to "), "{line}");
        assert!(
            check.to_string().contains("Divide the learning rate of the output by the width."),
            "{check}"
        );
    }
}

/// Yang & Hu's exponents of the first step, which the tables have, are those that PyTorch's networks have, within the margin.
#[test]
fn tables_hold_for_pytorch_itself() {
    for setting in SETTINGS {
        let mut measurements = scaling::ScalingMeasurements::default();
        for ([width, seed, step], numbers) in recorded(setting) {
            let mut run = ScalingRun::new(width, seed as u64);
            let roles = [ScalingRole::Input, ScalingRole::Hidden, ScalingRole::Logits];
            for (at, rms) in numbers.into_iter().enumerate().take(if step == 0 { 3 } else { 6 }) {
                let aspect = if at < 3 { ScalingAspect::Size } else { ScalingAspect::Change };
                run.rms(step, roles[at % 3], aspect, QUANTITIES[at % 3], rms);
            }
            measurements.add(run).unwrap();
        }
        let check = measurements.check(&setting.expected()).unwrap();
        assert!(check.failures().next().is_none(), "{check}");
    }
}
