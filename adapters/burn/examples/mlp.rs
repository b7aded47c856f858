//! An MLP: as burn draws it, and by rules.
//!
//! Burn draws a linear layer from `U(±1/√fan_in)`, a gain of 1/√3, so that signals shrink by √6 in each ReLU layer.

use std::error::Error;

use burn_core as burn;
use burn_core::module::Module;
use burn_core::tensor::activation::relu;
use burn_core::tensor::{Device, Int, Tensor, TensorData};
use burn_nn::{Linear, LinearConfig};
use checkpoint::{NameRules, RuleSettings};
use diagnostics::{Activation, Limits, RecordingReport, Style};
use nn_init::{Layout, Scheme};
use step_zero_burn::{Draws, Loss, Through, Watched, draw_by_rules, expect, watch};
use torch_rng::Generator;

/// Features to the logits of ten classes.
#[derive(Module, Debug)]
pub(crate) struct Mlp {
    pub(crate) hidden: Vec<Linear>,
    pub(crate) head: Linear,
}

impl Mlp {
    pub(crate) fn new(device: &Device) -> Self {
        let widths = [32, 128, 128, 128, 128];
        let layer = |pair: &[usize]| LinearConfig::new(pair[0], pair[1]).init(device);
        Self { hidden: widths.windows(2).map(layer).collect(), head: LinearConfig::new(128, 10).init(device) }
    }

    pub(crate) fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let layer = |x, layer: &Linear| layer.watched(x).through(Activation::Relu, relu);
        self.head.watched(self.hidden.iter().fold(x, layer))
    }
}

/// The recipe, which `step-zero check` reads too.
pub(crate) const RULES: &str = r#"
version = 1

[[rule]]
match = "hidden.{i}.weight"
scheme = "kaiming_normal(fan_in, relu)"

[[rule]]
match = "head.weight"
scheme = "lecun_normal"

[[rule]]
match = "**.bias"
scheme = "zeros"
"#;

/// A batch of 64 examples from N(0, 1), and their classes.
pub(crate) fn batch(device: &Device) -> (Tensor<2>, Tensor<1, Int>) {
    let mut values = vec![0_f32; 64 * 32];
    let fill =
        Scheme::STANDARD_NORMAL.fill(&[64, 32], Layout::OUT_IN, &mut values, &mut Generator::manual_seed(9));
    fill.expect("a distribution for any shape");
    let classes = Tensor::arange(0..64, device).remainder_scalar(10);
    (Tensor::from_data(TensorData::new(values, [64, 32]), device), classes)
}

pub(crate) fn loss(model: &Mlp) -> Loss {
    let (x, classes) = batch(&model.devices()[0]);
    Loss::cross_entropy(model.forward(x), classes)
}

/// The model as the rules draw it from a seed, and the draws.
pub(crate) fn by_rules(seed: u64) -> Result<(Mlp, Draws), Box<dyn Error>> {
    let model = Mlp::new(&Device::flex().autodiff());
    let mut source = Generator::manual_seed(seed);
    Ok(draw_by_rules(model, &mut source, &NameRules::parse(RULES)?, &RuleSettings::default())?)
}

/// The report on one pass of the model, which is held to its draws.
pub(crate) fn report(model: &Mlp, drawn: &Draws) -> Result<RecordingReport, Box<dyn Error>> {
    let mut recording = watch(model, loss)?;
    expect(&mut recording, drawn);
    Ok(RecordingReport::of(vec![recording], &Limits::default())?)
}

#[allow(dead_code, reason = "tests include this file for its model")]
fn main() -> Result<(), Box<dyn Error>> {
    let device = Device::flex().autodiff();
    device.seed(1);
    println!("As burn draws it:\n\n{}", report(&Mlp::new(&device), &Draws::new())?.text(Style::Plain));
    let (model, drawn) = by_rules(1)?;
    println!("By rules:\n\n{}", report(&model, &drawn)?.text(Style::Plain));
    Ok(())
}
