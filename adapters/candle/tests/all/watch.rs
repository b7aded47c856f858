//! The record of a watch: sites, kinds, inputs, gradients, and what it says of those that are missing.

use candle_core::{DType, Result, Tensor, Var};
use candle_nn::{Embedding, LayerNorm, Linear, RmsNorm, VarBuilder, embedding, layer_norm, linear, rms_norm};
use diagnostics::{Activation, InputRole, NormKind, Recording, Role, SiteKind};
use nn_init::Scheme;
use step_zero_candle::{Initialised, Recipe, Watch, WatchReport, watch};

use crate::conv;
use crate::{noise, values};

fn recording(report: &WatchReport) -> &Recording {
    report.recording()
}

/// The names of sites, each with those that it reads.
fn graph(report: &WatchReport) -> Vec<String> {
    let sites = &recording(report).sites;
    let inputs = |at: usize| {
        let names: Vec<_> = sites[at].inputs.iter().map(|input| &*sites[input.site].name).collect();
        names.join(" ")
    };
    (0..sites.len()).map(|at| format!("{}: {}", sites[at].name, inputs(at))).collect()
}

fn two_layers(vb: VarBuilder<'_>) -> Result<[Linear; 2]> {
    Ok([linear(6, 8, vb.pp("first"))?, linear(8, 8, vb.pp("second"))?])
}

/// The gradient at a site is that of a variable of zeros which is added there, by candle's own backward pass.
#[test]
fn gradients_are_candles() -> Result<()> {
    let x = noise(1, &[4, 6]);
    let mut init = Recipe::candles_own().init(42, two_layers)?;
    let probe = Var::zeros((4, 8), DType::F32, x.device())?;
    let [first, second] = &init.model;
    let loss = (x.apply(first)? + probe.as_tensor())?.tanh()?.apply(second)?.sqr()?.mean_all()?;
    let gradient = values(loss.backward()?.get(probe.as_tensor()).unwrap());
    let rms = (gradient.iter().map(|g| f64::from(*g).powi(2)).sum::<f64>() / 32.0).sqrt();

    let report = init.watch(|[first, second], watch| {
        let x = x.apply(&watch.layer(first))?.tanh()?;
        x.apply(&watch.layer(second))?.sqr()?.mean_all()
    })?;
    let measured = recording(&report).sites[1].statistics.gradient_rms;
    assert!((measured / rms - 1.0).abs() < 1e-12, "{measured} for {rms}");
    Ok(())
}

/// Functions that nobody announced are found by computing them; what cannot be found is called `other`.
#[test]
fn what_stands_between_two_layers_is_found() -> Result<()> {
    let x = noise(1, &[4, 6]);
    type Function = fn(&Tensor) -> Result<Tensor>;
    let functions: [(Function, Option<Activation>); 7] = [
        (Tensor::gelu, Some(Activation::GeluTanh)),
        (candle_nn::ops::sigmoid, Some(Activation::Sigmoid)),
        (Tensor::relu, Some(Activation::Relu)),
        (Tensor::tanh, Some(Activation::Tanh)),
        (Tensor::gelu_erf, Some(Activation::Gelu)),
        (Tensor::silu, Some(Activation::Silu)),
        (Tensor::sqr, None),
    ];
    for (function, found) in functions {
        let mut init = Recipe::candles_own().init(42, two_layers)?;
        let report = init.watch(|[first, second], watch| {
            function(&x.apply(&watch.layer(first))?)?.apply(&watch.layer(second))?.mean_all()
        })?;
        let site = &recording(&report).sites[2];
        assert_eq!(site.function, found);
        assert_eq!(site.kind, if found.is_some() { SiteKind::Activation } else { SiteKind::Other });
        let name = found.map_or("second (input)".to_owned(), |found| format!("first.{}", found.name()));
        assert_eq!(
            graph(&report)[1..],
            ["first: input".to_owned(), format!("{name}: first"), format!("second: {name}")]
        );
    }
    Ok(())
}

#[test]
fn a_shortcut_that_nobody_announced_is_found() -> Result<()> {
    let x = noise(1, &[4, 8]);
    let build = |vb: VarBuilder<'_>| {
        Ok([linear(8, 8, vb.pp("first"))?, linear(8, 8, vb.pp("second"))?, linear(8, 8, vb.pp("third"))?])
    };
    let mut init = Recipe::candles_own().init(42, build)?;
    let report = init.watch(|[first, second, third], watch| {
        let stream = x.apply(&watch.layer(first))?;
        let sum = (&stream + stream.apply(&watch.layer(second))?)?;
        sum.apply(&watch.layer(third))?.mean_all()
    })?;
    let sum = &recording(&report).sites[3];
    assert_eq!((&*sum.name, sum.kind), ("second (residual sum)", SiteKind::ResidualSum));
    let roles: Vec<_> = sum.inputs.iter().map(|input| (input.site, input.role)).collect();
    assert_eq!(roles, [(1, Some(InputRole::Stream)), (2, Some(InputRole::Branch))]);
    Ok(())
}

/// A table, two norms and a layer behind each of them.
struct Norms {
    table: Embedding,
    layer: LayerNorm,
    first: Linear,
    rms: RmsNorm,
    second: Linear,
}

impl Norms {
    fn new(vb: &VarBuilder<'_>) -> Result<Self> {
        Ok(Self {
            table: embedding(10, 8, vb.pp("table"))?,
            layer: layer_norm(8, 1e-5, vb.pp("layer"))?,
            first: linear(8, 8, vb.pp("first"))?,
            rms: rms_norm(8, 1e-5, vb.pp("rms"))?,
            second: linear(8, 3, vb.pp("second"))?,
        })
    }
}

/// Candle's fast norms pass no gradient back. If this fails, a release of candle has mended that: the documentation of this
/// crate says otherwise.
#[test]
fn candles_fast_functions_still_pass_no_gradient() -> Result<()> {
    let x = Var::from_tensor(&noise(1, &[2, 4]))?;
    let ones = Tensor::ones(4, DType::F32, x.device())?;
    let results = [
        candle_nn::ops::layer_norm(&x, &ones, &ones, 1e-5)?,
        candle_nn::ops::rms_norm(&x, &ones, 1e-5)?,
        candle_nn::ops::softmax_last_dim(&x)?,
    ];
    for y in results {
        assert!(!y.track_op());
        assert!(y.sum_all()?.backward()?.get(x.as_tensor()).is_none());
    }
    let angles = Tensor::ones((1, 1), DType::F32, x.device())?;
    let rotated = candle_nn::rotary_emb::rope(
        &x.as_tensor().reshape((1, 2, 1, 4))?.narrow(3, 0, 2)?.contiguous()?,
        &angles,
        &angles,
    )?;
    assert!(!rotated.track_op());
    // The slower forms do.
    let slow = [candle_nn::ops::softmax(&x, 1)?, RmsNorm::new(ones, 1e-5).forward_diff(&x)?];
    for y in slow {
        assert!(y.sum_all()?.backward()?.get(x.as_tensor()).is_some());
    }
    Ok(())
}

#[test]
fn a_norm_without_a_way_back_is_reported_forwards_and_named() -> Result<()> {
    let ids = Tensor::new(&[[1_u32, 2, 3], [4, 5, 6]], &candle_core::Device::Cpu)?;
    let mut init = Recipe::candles_own().init(42, |vb| Norms::new(&vb))?;
    let report = init.watch(|model, watch| {
        let x = ids.apply(&watch.layer(&model.table))?.apply(&watch.layer(&model.layer))?;
        let x = x.apply(&watch.layer(&model.first))?.apply(&watch.layer(&model.rms))?;
        x.apply(&watch.layer(&model.second))?.sqr()?.mean_all()
    })?;
    assert_eq!(graph(&report), ["table: ", "layer: table", "first: layer", "rms: first", "second: rms"]);
    let sites = &recording(&report).sites;
    assert_eq!([sites[1].norm, sites[3].norm], [Some(NormKind::Layer), Some(NormKind::Rms)]);
    assert!((sites[1].statistics.rms - 1.0).abs() < 1e-3);
    // A gradient arrives at the last norm, and nowhere before it.
    let known: Vec<bool> = sites.iter().map(|site| !site.statistics.gradient_rms.is_nan()).collect();
    assert_eq!(known, [false, false, false, true, true]);
    assert_eq!(report.cuts, ["layer", "rms"]);
    let without = ["table.weight", "layer.weight", "layer.bias", "first.weight", "first.bias", "rms.weight"];
    assert_eq!(report.without_gradient, without);
    assert_eq!(
        report.gradient_line().unwrap(),
        "no gradient at 6 variables (table.weight, layer.weight, layer.bias and 3 more): they are frozen, the loss does not \
         read them, or they are before layer, rms, through which candle passes none back"
    );
    assert!(report.verdicts().iter().all(|verdict| verdict.rule != "zero-gradient"), "{report}");
    Ok(())
}

/// A frozen variable, one that nothing reads, and a buffer are no errors.
#[test]
fn frozen_variables_and_buffers_are_tolerated() -> Result<()> {
    let x = noise(1, &[4, 6]);
    let build = |vb: VarBuilder<'_>| {
        let [first, second] = two_layers(vb.clone())?;
        let frozen = Linear::new(first.weight().detach(), first.bias().map(Tensor::detach));
        vb.get(3, "unused")?;
        Ok([frozen, second])
    };
    let mut init = Recipe::candles_own().init(42, build)?;
    let report = init.watch(|[first, second], watch| {
        x.apply(&watch.layer(first).named("first"))?.relu()?.apply(&watch.layer(second))?.sqr()?.mean_all()
    })?;
    assert_eq!(report.without_gradient, ["first.weight", "first.bias", "unused"]);
    // The copy is no variable; it is recognised by its name and its values.
    assert_eq!(recording(&report).out_of_sight, ["unused"]);

    let (images, labels) = conv::batch()?;
    let mut init = conv::recipe()?.init(42, |vb| conv::Network::new(&vb))?;
    let report = init.watch(|model, watch| watch.cross_entropy(&model.forward(&images, watch)?, &labels))?;
    assert_eq!(report.without_gradient, [""; 0]);
    assert_eq!(recording(&report).out_of_sight, [""; 0]);
    let buffers = recording(&report).parameters.iter().filter(|parameter| !parameter.trainable);
    let buffers: Vec<_> = buffers.map(|parameter| (&*parameter.name, parameter.role)).collect();
    assert_eq!(buffers, [("block.norm.running_mean", Role::Other), ("block.norm.running_var", Role::Other)]);
    Ok(())
}

#[test]
fn half_precision_is_measured_as_it_is() -> Result<()> {
    for (dtype, name) in [(DType::F16, "f16"), (DType::BF16, "bf16"), (DType::F64, "f64")] {
        let x = noise(1, &[16, 6]).to_dtype(dtype)?;
        let mut init = Recipe::candles_own().dtype(dtype).init(42, two_layers)?;
        let report = init.watch(|[first, second], watch| {
            x.apply(&watch.layer(first))?.relu()?.apply(&watch.layer(second))?.sqr()?.mean_all()
        })?;
        let Recording { sites, parameters, .. } = recording(&report);
        assert!(sites.iter().all(|site| site.dtype == name));
        assert!(parameters.iter().all(|parameter| parameter.dtype == name));
        assert!(sites[1].statistics.gradient_rms > 0.0);
        assert!(parameters[0].statistics.gradient_rms > 0.0);
        assert!(report.verdicts().iter().all(|verdict| !verdict.is_finding()), "{report}");
    }
    Ok(())
}

/// A constant is held to the number that its type has, and another one is found.
#[test]
fn constants_in_half_precision_are_as_expected() -> Result<()> {
    for dtype in [DType::F16, DType::BF16, DType::F32, DType::F64] {
        let x = noise(1, &[16, 6]).to_dtype(dtype)?;
        let recipe = Recipe::by(|variable| variable.name.ends_with("bias").then_some(Scheme::Constant(0.3)));
        let mut init = recipe.dtype(dtype).init(42, two_layers)?;
        let pass = |init: &mut Initialised<[Linear; 2]>| {
            init.watch(|[first, second], watch| {
                x.apply(&watch.layer(first))?.relu()?.apply(&watch.layer(second))?.sqr()?.mean_all()
            })
        };
        let report = pass(&mut init)?;
        assert!(report.verdicts().iter().all(|verdict| verdict.rule != "wrong-distribution"), "{report}");
        let bias = init.variables.data().lock().unwrap()["first.bias"].clone();
        bias.set(&(bias.as_tensor() * 1.02)?)?;
        let report = pass(&mut init)?;
        let verdict = &report.verdicts()[0];
        assert_eq!((verdict.rule, verdict.location()), ("wrong-distribution", "first.bias"), "{report}");
    }
    Ok(())
}

/// Variables of a map that nobody here initialised, such as those of a file.
#[test]
fn a_map_of_variables_is_enough() -> Result<()> {
    let init = Recipe::candles_own().init(42, two_layers)?;
    let [first, second] = &init.model;
    let x = noise(1, &[16, 6]);
    let report = watch(&init.variables, |watch: &Watch| {
        let hidden = x.apply(&watch.layer(first))?.relu()?;
        hidden.apply(&watch.layer(second))?.sqr()?.mean_all()
    })?;
    let names: Vec<_> = recording(&report).parameters.iter().map(|parameter| &*parameter.name).collect();
    assert_eq!(names, ["first.bias", "first.weight", "second.bias", "second.weight"]);
    assert_eq!(graph(&report), ["input: ", "first: input", "first.relu: first", "second: first.relu"]);
    Ok(())
}

/// A layer that is used twice has two sites, and its parameters one entry.
#[test]
fn a_shared_layer_has_a_site_for_each_use() -> Result<()> {
    let mut init = Recipe::candles_own().init(42, |vb| linear(8, 8, vb.pp("shared")))?;
    let x = noise(1, &[4, 8]);
    let report = init.watch(|layer, watch| {
        x.apply(&watch.layer(layer))?.tanh()?.apply(&watch.layer(layer))?.sqr()?.mean_all()
    })?;
    assert_eq!(graph(&report), ["input: ", "shared: input", "shared.tanh: shared", "shared #2: shared.tanh"]);
    assert_eq!(recording(&report).parameters.len(), 2);
    Ok(())
}

#[test]
fn a_loss_of_several_numbers_is_refused() {
    let mut init = Recipe::candles_own().init(42, two_layers).unwrap();
    let x = noise(1, &[4, 6]);
    let error = init.watch(|[first, _], _| x.apply(first)).err().unwrap().to_string();
    assert_eq!(error, "the loss must be one number, and is [4, 8]: take its mean");
}
