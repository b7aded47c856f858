//! The record of a watch: the right axes, numbers that are those of the pass, and the rest named as out of sight.

#[path = "../examples/resnet.rs"]
mod resnet;
#[path = "../examples/transformer.rs"]
mod transformer;

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;

use burn_core as burn;
use burn_core::module::{Module, ModuleMapper, ModuleVisitor, Param, Quantizer, RunningState};
use burn_core::tensor::activation::relu;
use burn_core::tensor::module::batch_norm_train;
use burn_core::tensor::quantization::{Calibration, QuantValue};
use burn_core::tensor::{DType, Device, Gradients, Int, Tensor};
use burn_nn::attention::generate_autoregressive_mask;
use burn_nn::conv::{Conv1d, Conv1dConfig, Conv2dConfig, ConvTranspose2dConfig};
use burn_nn::transformer::{
    TransformerDecoder, TransformerDecoderConfig, TransformerDecoderInput, TransformerEncoder,
    TransformerEncoderConfig, TransformerEncoderInput,
};
use burn_nn::{BatchNorm, BatchNormConfig, Linear, LinearConfig};
use checkpoint::{NameRules, RuleSettings};
use diagnostics::{Activation, Limits, PassMode, Recording, RecordingReport, Site, SiteKind};
use nn_init::Scheme;
use step_zero_burn::{
    Decoded, Loss, Masks, Place, Through, Watched, draw, draw_by_rules, expect, residual, watch,
};
use torch_rng::Generator;

fn device() -> Device {
    Device::flex().autodiff()
}

/// Numbers without a pattern, of mean 0 and mean square 1/2.
fn numbers<const D: usize>(shape: [usize; D], device: &Device) -> Tensor<D> {
    let count = shape.iter().product::<usize>() as i64;
    Tensor::<1, Int>::arange(0..count, device).float().powi_scalar(2).mul_scalar(0.37).sin().reshape(shape)
}

fn bits<const D: usize>(tensor: &Tensor<D>) -> Vec<u32> {
    let values: Vec<f32> = tensor.clone().try_into_vec_as().unwrap();
    values.into_iter().map(f32::to_bits).collect()
}

/// The bits of the gradient of each parameter.
struct Bits<'a>(&'a Gradients, Vec<Option<Vec<u32>>>);

impl ModuleVisitor for Bits<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.1.push(param.val().grad(self.0).map(|gradient| bits(&gradient)));
    }
}

/// The bits of the outputs and of all gradients of their mean square.
fn pass<M: Module, const D: usize>(model: &M, outputs: &Tensor<D>) -> (Vec<u32>, Vec<Option<Vec<u32>>>) {
    let gradients = outputs.clone().powi_scalar(2).mean().backward();
    let mut found = Bits(&gradients, vec![]);
    model.visit(&mut found);
    (bits(outputs), found.1)
}

/// Asserts that a model's outputs and gradients have the same bits in a watch and without one, and that gradients are there.
fn same_with_a_watch<M: Module, const D: usize>(
    model: &M,
    plain: impl FnOnce(&M) -> Tensor<D>,
    watched: impl FnOnce(&M) -> Tensor<D>,
) -> Recording {
    let expected = pass(model, &plain(model));
    assert!(expected.1.iter().any(Option::is_some));
    let mut found = None;
    let recording = watch(model, |model| {
        found = Some(pass(model, &watched(model)));
        Tensor::<1>::zeros([1], &model.devices()[0])
    });
    assert!(Some(expected) == found, "a watch changes the pass");
    recording.unwrap()
}

fn site<'a>(recording: &'a Recording, name: &str) -> &'a Site {
    let names: Vec<_> = recording.sites.iter().map(|site| &site.name).collect();
    &recording.sites[recording.site(name).unwrap_or_else(|| panic!("no {name} in {names:?}"))]
}

/// Burn's own `forward` of the whole encoder is the reference.
#[test]
fn a_watch_changes_nothing_in_a_transformer() {
    for norm_first in [true, false] {
        let config = TransformerEncoderConfig::new(16, 32, 2, 3).with_norm_first(norm_first);
        let encoder: TransformerEncoder = config.with_dropout(0.0).init(&device());
        let x = || numbers([3, 5, 16], &device());
        let plain = |encoder: &TransformerEncoder| encoder.forward(TransformerEncoderInput::new(x()));
        let recording = same_with_a_watch(&encoder, plain, |encoder| encoder.watched(x()));
        assert_eq!(recording.sites.len(), 3 * 14 + 1);

        let attention = generate_autoregressive_mask(3, 5, &device());
        let pad = Tensor::<1, Int>::arange(0..15, &device()).greater_equal_elem(13).reshape([3, 5]);
        let plain = |encoder: &TransformerEncoder| {
            let input = TransformerEncoderInput::new(x()).mask_attn(attention.clone());
            encoder.forward(input.mask_pad(pad.clone()))
        };
        let masks = Masks { pad: Some(pad.clone()), attention: Some(attention.clone()) };
        same_with_a_watch(&encoder, plain, |encoder| encoder.watched((x(), masks.clone())));
        assert_eq!(bits(&encoder.watched((x(), masks))), bits(&plain(&encoder)), "without a watch");
    }
}

/// As above, with a memory of another length.
#[test]
fn a_watch_changes_nothing_in_a_decoder() {
    for norm_first in [true, false] {
        let config = TransformerDecoderConfig::new(16, 32, 2, 2).with_norm_first(norm_first);
        let decoder: TransformerDecoder = config.with_dropout(0.0).init(&device());
        let input = || (numbers([3, 5, 16], &device()), numbers([3, 4, 16], &device()).mul_scalar(1.5));
        let plain = |decoder: &TransformerDecoder| {
            let (target, memory) = input();
            decoder.forward(TransformerDecoderInput::new(target, memory))
        };
        let watched = |decoder: &TransformerDecoder| {
            let (target, memory) = input();
            decoder.watched(Decoded::new(target, memory))
        };
        let recording = same_with_a_watch(&decoder, plain, watched);
        assert!(recording.out_of_sight.is_empty());
        let softmax = &site(&recording, "layers.1.cross_attn.softmax").statistics;
        assert_eq!((softmax.units, softmax.positions), (4.0, 2.0 * 5.0));

        let attention = generate_autoregressive_mask(3, 5, &device());
        let hidden = Tensor::<1, Int>::arange(0..12, &device()).greater_equal_elem(11).reshape([3, 4]);
        let plain = |decoder: &TransformerDecoder| {
            let (target, memory) = input();
            let input = TransformerDecoderInput::new(target, memory).target_mask_attn(attention.clone());
            decoder.forward(input.memory_mask_pad(hidden.clone()))
        };
        let watched = |decoder: &TransformerDecoder| {
            let (target, memory) = input();
            let target_masks = Masks { attention: Some(attention.clone()), pad: None };
            let memory_masks = Masks { pad: Some(hidden.clone()), attention: None };
            decoder.watched(Decoded { target, target_masks, memory, memory_masks })
        };
        same_with_a_watch(&decoder, plain, watched);
        assert_eq!(bits(&watched(&decoder)), bits(&plain(&decoder)), "without a watch");
    }
}

/// The reference calls burn's layers one by one, and the function that batch norm's `forward` calls in training, without
/// the update of its running statistics.
#[test]
fn a_watch_changes_nothing_in_a_resnet() {
    let norm = |norm: &BatchNorm, x: Tensor<4>| {
        batch_norm_train(x, norm.gamma.val(), norm.beta.val(), norm.epsilon).output
    };
    let plain = |net: &resnet::ResNet| {
        let mut x = relu(norm(&net.norm, net.stem.forward(resnet::batch(&device()).0)));
        for block in &net.blocks {
            let branch = relu(norm(&block.norm1, block.conv1.forward(x.clone())));
            let branch = norm(&block.norm2, block.conv2.forward(branch));
            let stream = match &block.projection {
                Some((conv, of)) => norm(of, conv.forward(x)),
                None => x,
            };
            x = relu(stream + branch);
        }
        net.head.forward(x.mean_dim(3).mean_dim(2).flatten::<2>(1, 3))
    };
    let (net, _) = resnet::by_rules(1).unwrap();
    same_with_a_watch(&net, plain, |net| net.forward(resnet::batch(&device()).0));

    // In evaluation burn's own forward runs, in a watch and without one.
    let valid = net.valid();
    let images = || resnet::batch(&Device::flex()).0;
    let mut watched = None;
    let recording = watch(&valid, |net| {
        let logits = net.forward(images());
        watched = Some(bits(&logits));
        logits.mean()
    });
    assert_eq!(watched.unwrap(), bits(&valid.forward(images())));
    let recording = recording.unwrap();
    assert_eq!(recording.mode, PassMode::Eval);
    assert!(recording.sites.iter().all(|site| site.statistics.gradient_count.is_nan()));
}

#[test]
fn negative_zeros_stay_negative() {
    let model = LinearConfig::new(2, 2).init(&device());
    let signs = || Tensor::<2>::from_floats([[-0.0, 0.0], [1.0, -1.0]], &device());
    let mut seen = vec![];
    watch(&model, |model| {
        let x = model.watched(signs()).through(SiteKind::Other, |_| signs());
        seen = bits(&x);
        x.mean()
    })
    .unwrap();
    assert_eq!(seen, bits(&signs()));
    assert_eq!(seen[0], 0x8000_0000);
}

/// The running statistics are no parameters, and a watch leaves them as they are.
#[test]
fn batch_norm_is_watched_by_the_statistics_of_the_batch() {
    #[derive(Module, Debug)]
    struct Normed {
        norm: BatchNorm,
        head: Linear,
    }
    let norm = BatchNormConfig::new(3).init(&device());
    let model = Normed { norm, head: LinearConfig::new(3, 2).init(&device()) };
    let x = numbers([4, 3, 5], &device()).mul_scalar(7.0).add_scalar(3.0);
    let recording = watch(&model, |model| {
        let pooled = model
            .norm
            .watched(x)
            .through(SiteKind::Pooling, |x| x.powi_scalar(2).mean_dim(2).flatten::<2>(1, 2));
        Loss::mse(model.head.watched(pooled), Tensor::zeros([4, 2], &device()))
    })
    .unwrap();
    let names: Vec<&str> = recording.parameters.iter().map(|parameter| parameter.name.as_str()).collect();
    assert_eq!(names, ["norm.gamma", "norm.beta", "head.weight", "head.bias"]);
    assert!(recording.parameters.iter().all(|parameter| parameter.trainable));
    let norm = &site(&recording, "norm").statistics;
    assert_eq!((norm.examples, norm.units, norm.positions), (4.0, 3.0, 5.0));
    assert!(norm.unit_mean_rms < 1e-5 && (norm.rms - 1.0).abs() < 1e-4, "{norm:?}"); // ε is 1e-5 of a variance of 24
    assert_eq!(bits(&model.norm.running_mean.value()), [0; 3]);
    assert_eq!(bits(&model.norm.running_var.value()), [1_f32.to_bits(); 3]);
}

/// A running statistic of somebody's own layer, beside a frozen parameter: burn shows both in the same way.
#[test]
fn a_frozen_parameter_is_no_running_statistic() {
    #[derive(Module, Debug)]
    struct Own {
        average: RunningState<Tensor<1>>,
        frozen: Linear,
        unused: Param<Tensor<1>>,
        head: Linear,
    }
    let device = device();
    let model = Own {
        average: RunningState::new(Tensor::zeros([7], &device)),
        frozen: LinearConfig::new(4, 6).init(&device).no_grad(),
        unused: Param::from_tensor(Tensor::ones([3], &device)),
        head: LinearConfig::new(6, 2).init(&device),
    };
    for model in [model.clone(), model.valid()] {
        let device = model.devices()[0].clone();
        let recording = watch(&model, |model| {
            model.head.watched(model.frozen.watched(numbers([8, 4], &device))).powi_scalar(2).mean()
        });
        let recording = recording.unwrap();
        let parameters: BTreeMap<&str, (bool, bool)> = recording
            .parameters
            .iter()
            .map(|p| (p.name.as_str(), (p.trainable, p.statistics.gradient_count > 0.0)))
            .collect();
        let graph = device.is_autodiff();
        let expected = [
            ("frozen.bias", (false, false)),
            ("frozen.weight", (false, false)),
            ("head.bias", (true, graph)),
            ("head.weight", (true, graph)),
            ("unused", (true, false)),
        ];
        assert_eq!(parameters, BTreeMap::from(expected));
        assert_eq!(recording.out_of_sight, ["unused"]);
        assert_eq!(
            site(&recording, "frozen").statistics.gradient_count > 0.0,
            graph,
            "sites before it have gradients"
        );
        let report = RecordingReport::of(vec![recording], &Limits::default()).unwrap();
        let lines = report.lines().join("\n");
        let missing = if graph {
            "the gradient of 1 trainable parameter"
        } else {
            "the gradient of 3 trainable parameters"
        };
        assert!(lines.contains(missing) && lines.contains("out of sight: 1 parameter (unused)"), "{lines}");
    }
}

#[test]
fn the_units_of_a_sequence_are_its_features() {
    let (model, _) = transformer::by_rules(1).unwrap();
    let recording = watch(&model, transformer::loss).unwrap();
    let sizes = |name: &str| {
        let s = &site(&recording, name).statistics;
        (s.examples, s.positions, s.units)
    };
    assert_eq!(sizes("tokens"), (8.0, 24.0, 64.0));
    assert_eq!(sizes("encoder.layers.0.norm_1"), (8.0, 24.0, 64.0));
    assert_eq!(sizes("encoder.layers.0.pwff.linear_inner.gelu"), (8.0, 24.0, 256.0));
    assert_eq!(sizes("encoder.layers.0.mha.softmax"), (8.0, 4.0 * 24.0, 24.0));
    assert_eq!(sizes("head"), (8.0, 24.0, 65.0));
    let loss = recording.loss.as_ref().unwrap();
    assert_eq!(
        (loss.classes, loss.logits),
        (Some(65), recording.site("head")),
        "a reshaped tensor is recognised"
    );
    assert!(recording.out_of_sight.is_empty());
}

/// A layer that reads all positions as rows still has the examples of the batch, and the mean gradient per example.
#[test]
fn positions_that_are_joined_with_the_examples_are_told_apart() {
    let device = device();
    let layers: Vec<Linear> = (0..2).map(|_| LinearConfig::new(4, 4).init(&device)).collect();
    let recording = |join: bool| {
        watch(&layers, |layers| {
            let x = layers[0].watched(numbers([8, 5, 4], &device));
            if join {
                layers[1].watched(x.reshape([40, 4])).powi_scalar(2).mean()
            } else {
                layers[1].watched(x).powi_scalar(2).mean()
            }
        })
        .unwrap()
    };
    let [joined, apart] = [true, false].map(recording);
    assert_eq!(joined.sites[2].statistics, apart.sites[2].statistics);
    assert_eq!((joined.sites[2].statistics.examples, joined.sites[2].statistics.positions), (8.0, 5.0));
}

#[test]
fn a_frozen_model_is_in_evaluation_mode() {
    let device = device();
    let mode = |norm: &BatchNorm| {
        let pass = |norm: &BatchNorm| norm.watched(numbers([8, 4], &device)).mean();
        watch(norm, pass).unwrap().mode
    };
    let norm = BatchNormConfig::new(4).init(&device);
    assert_eq!([mode(&norm), mode(&norm.clone().no_grad())], [PassMode::Train; 2]);
    assert_eq!([mode(&norm.clone().freeze()), mode(&norm.valid())], [PassMode::Eval; 2]);
}

/// Case A8: a convolution's units are its channels, and one feature of a sequence that is 0 at all times is one dead unit.
#[test]
fn a_dead_unit_is_counted_along_the_right_axis() {
    #[derive(Module, Debug)]
    struct Both {
        conv: Conv1d,
        dense: Linear,
    }
    let device = device();
    let model =
        Both { conv: Conv1dConfig::new(2, 4, 3).init(&device), dense: LinearConfig::new(4, 5).init(&device) };
    let zero = |axis: usize, x: Tensor<3>| {
        x.slice_fill(if axis == 1 { [0..8, 2..3, 0..7] } else { [0..8, 0..7, 3..4] }, 0.0)
    };
    let recording = watch(&model, |model| {
        let x = model.conv.watched(numbers([8, 2, 9], &device)).through(SiteKind::Other, |x| zero(1, x));
        let x = x.through(Place::new(SiteKind::Other).named("turned").along(2), |x| x.swap_dims(1, 2));
        model.dense.watched(x).through(Activation::Relu, |x| zero(2, relu(x) + 0.1)).mean()
    });
    let recording = recording.unwrap();
    let of = |name: &str| {
        let s = &site(&recording, name).statistics;
        (s.units, s.positions, s.dead_units)
    };
    assert_eq!(of("conv"), (4.0, 7.0, 0.0));
    assert_eq!(of("conv.other"), (4.0, 7.0, 0.25));
    assert_eq!(of("turned"), (4.0, 7.0, 0.25));
    assert_eq!(of("dense.relu"), (5.0, 7.0, 0.2));
}

#[test]
fn a_wrong_axis_is_one_clear_line() {
    let device = device();
    let model = LinearConfig::new(4, 6).init(&device);
    let error = |place: Place| {
        let pass = |model: &Linear| numbers([8, 5, 4], &device).through(place, |x| model.forward(x)).mean();
        watch(&model, pass).unwrap_err().to_string()
    };
    let linear = || Place::new(SiteKind::Linear).weight(&model.weight, (1, 0));
    assert_eq!(
        error(linear().along(1).named("mine")),
        "mine: axis 1 of its values [8, 5, 6] has 5 units, but weight [4, 6] has 6 outputs; state axis 2 as that of the units"
    );
    let swapped = Place::new(SiteKind::Linear).weight(&model.weight, (0, 1)).along(2).named("mine");
    assert_eq!(
        error(swapped),
        "mine: axis 2 of its values [8, 5, 6] has 6 units, but weight [4, 6] has 4 outputs; no axis has as many"
    );
    assert!(error(linear().along(3).named("mine")).starts_with("mine: axis 3 cannot be that of the units"));
    let ambiguous = watch(&model, |model| {
        let x = model.watched(numbers([6, 6, 4], &device));
        x.through(SiteKind::Other, |x| x.flatten::<2>(1, 2).reshape([6, 4, 9])).mean()
    });
    let ambiguous = ambiguous.unwrap_err().to_string();
    assert!(ambiguous.contains("cannot be told from weight [6, 6, 6]; state it with `along`"), "{ambiguous}");
    let inferred = watch(&model, |model| {
        numbers([8, 5, 4], &device).through(linear().named("mine"), |x| model.forward(x)).mean()
    });
    assert_eq!(site(&inferred.unwrap(), "mine").statistics.units, 6.0);
}

#[test]
fn an_unchanged_module_shows_parameters_gradients_outputs_and_loss() {
    let encoder = TransformerEncoderConfig::new(16, 32, 2, 2).with_dropout(0.0).init(&device());
    let recording = watch(&encoder, |encoder| {
        let outputs = encoder.forward(TransformerEncoderInput::new(numbers([3, 5, 16], &device())));
        Loss::mse(outputs, Tensor::zeros([3, 5, 16], &device()))
    });
    let recording = recording.unwrap();
    let [outputs] = &recording.sites[..] else { panic!("one site: {:?}", recording.sites) };
    assert_eq!((&*outputs.name, outputs.statistics.units), ("outputs", 16.0));
    assert!(outputs.statistics.gradient_rms > 0.0);
    assert_eq!(recording.parameters.len(), 32);
    assert!(recording.parameters.iter().all(|parameter| parameter.statistics.gradient_count > 0.0));
    assert_eq!(recording.out_of_sight.len(), 32);
    assert!(recording.loss.unwrap().value > 0.0);
}

/// A layer between two watched ones that is not: the next one reads values of unknown origin, which become a site.
#[test]
fn values_that_were_computed_out_of_sight_are_measured_where_they_are_read() {
    let device = device();
    let layers: Vec<Linear> = (0..3).map(|_| LinearConfig::new(4, 4).init(&device)).collect();
    let recording = watch(&layers, |layers| {
        let x = layers[0].watched(numbers([8, 4], &device));
        layers[2].watched(layers[1].forward(x).tanh()).mean()
    });
    let recording = recording.unwrap();
    let names: Vec<&str> = recording.sites.iter().map(|site| site.name.as_str()).collect();
    assert_eq!(names, ["input", "0", "2 (input)", "2"]);
    assert_eq!(recording.sites[2].inputs[0].site, 1);
    assert!(recording.sites[2].statistics.gradient_rms > 0.0);
    assert_eq!(recording.out_of_sight, ["1.weight", "1.bias"]);
}

#[test]
fn a_shortcut_has_a_stream_and_a_branch() {
    let device = device();
    let layers: Vec<Linear> = (0..2).map(|_| LinearConfig::new(4, 4).init(&device)).collect();
    let recording = watch(&layers, |layers| {
        let x = layers[0].watched(numbers([8, 4], &device));
        let branch = layers[1].watched(x.clone()).through(Activation::Tanh, Tensor::tanh);
        residual(x, branch).mean()
    });
    let recording = recording.unwrap();
    let sum = recording.sites.last().unwrap();
    let roles: Vec<_> = sum
        .inputs
        .iter()
        .map(|input| (&*recording.sites[input.site].name, input.role.unwrap().name()))
        .collect();
    assert_eq!(roles, [("0", "stream"), ("1.tanh", "branch")]);
    assert_eq!(sum.name, "1 (residual sum)");
}

#[test]
fn groups_and_strides_are_those_of_the_layer() {
    let device = device();
    let conv = Conv2dConfig::new([8, 16], [3, 3]).with_groups(4).with_stride([2, 2]).init(&device);
    let up = ConvTranspose2dConfig::new([16, 8], [4, 4]).with_groups(2).with_stride([2, 2]).init(&device);
    let model = (conv, up);
    let recording = watch(&model, |(conv, up)| {
        up.watched(conv.watched(numbers([2, 8, 9, 9], &device))).powi_scalar(2).mean()
    });
    let recording = recording.unwrap();
    let of = |name: &str| {
        let parameter = &recording.parameters[recording.parameter(name).unwrap()];
        (parameter.output_axis, parameter.input_axis, parameter.groups, parameter.stride)
    };
    assert_eq!(of("0.weight"), (0, 1, 4, 4));
    assert_eq!(of("1.weight"), (1, 0, 2, 4));
    assert_eq!([site(&recording, "0").statistics.units, site(&recording, "1").statistics.units], [16.0, 8.0]);
    // The prediction is by the true fans; zeros at the borders and few values leave it within 15%.
    let predicted = recording.predictions()[1].rms;
    assert!((predicted / site(&recording, "0").statistics.rms - 1.0).abs() < 0.15, "{predicted}");
}

struct Cast(DType);

impl ModuleMapper for Cast {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        param.map(|tensor| {
            let asks = tensor.is_require_grad();
            tensor.detach().cast(self.0).detach().set_require_grad(asks)
        })
    }
}

/// The types keep 8 and 11 bits, so that the std of 24 weights is that of single precision to 1/256 and 1/2048.
#[test]
fn half_precision_is_read_as_it_is() {
    let device = device();
    let single = LinearConfig::new(4, 6).init(&device);
    let record = |model: &Linear, dtype: DType| {
        watch(model, |model| model.watched(numbers([8, 4], &device).cast(dtype)).powi_scalar(2).mean())
            .unwrap()
    };
    let exact = record(&single, DType::F32).parameters[0].statistics.std;
    for (dtype, name, within) in [(DType::F16, "f16", 1.0 / 2048.0), (DType::BF16, "bf16", 1.0 / 256.0)] {
        let recording = record(&single.clone().map(&mut Cast(dtype)), dtype);
        let weight = &recording.parameters[0];
        assert_eq!((&*weight.dtype, &*recording.sites[1].dtype), (name, name));
        assert!((weight.statistics.std / exact - 1.0).abs() < within, "{name}: {}", weight.statistics.std);
        assert_ne!(weight.statistics.std, exact);
        assert!(weight.statistics.gradient_count == 24.0 && recording.sites[1].statistics.gradient_rms > 0.0);
    }
}

/// Queries, keys and values in one weight have the std of their own fans, `√(2/(8 + 8))`, and not that of the whole.
#[test]
fn a_packed_weight_is_held_to_the_fans_of_its_blocks() {
    let rules = |blocks: &str| {
        let rule = format!("[[rule]]\nmatch = 'weight'\nscheme = 'xavier_uniform'\n{blocks}\n");
        NameRules::parse(&format!("version = 1\n{rule}")).unwrap()
    };
    let expected = |rules: &NameRules| {
        let packed = LinearConfig::new(8, 24).with_bias(false).init(&device());
        let source = &mut Generator::manual_seed(1);
        let (packed, drawn) = draw_by_rules(packed, source, rules, &RuleSettings::default()).unwrap();
        let pass = |packed: &Linear| packed.watched(numbers([8, 8], &device())).mean();
        let mut recording = watch(&packed, pass).unwrap();
        expect(&mut recording, &drawn);
        recording.parameters[0].expected.map(|expected| expected.std)
    };
    let close = |std: Option<f64>, to: f64| std.is_some_and(|std| (std - to).abs() < 1e-12);
    assert!(close(expected(&rules("blocks = { axis = 0, count = 3 }")), 0.125_f64.sqrt()));
    assert!(close(expected(&rules("")), 0.0625_f64.sqrt()));
    assert_eq!(expected(&rules("blocks = { axis = 0, sizes = [8, 16] }")), None, "two distributions");
    assert_eq!(expected(&rules("zero_rows = 0")), None);
}

/// A quantized weight cannot be measured, and is named.
#[test]
fn a_quantized_weight_is_out_of_sight() {
    let scheme = Device::flex().settings().quantization.scheme.with_value(QuantValue::Q8S);
    let mut quantizer = Quantizer::new(Calibration::MinMax, scheme);
    let model = LinearConfig::new(32, 32).init(&Device::flex()).quantize_weights(&mut quantizer);
    let pass = |model: &Linear| model.watched(numbers([8, 32], &Device::flex())).mean();
    let recording = watch(&model, pass).unwrap();
    assert!(recording.out_of_sight.contains(&"weight".to_owned()), "{:?}", recording.out_of_sight);
    assert_eq!(site(&recording, "weight").statistics.units, 32.0);
    let ones = draw(model, &mut Generator::manual_seed(1), |_| Some(Scheme::ONES)).unwrap_err().to_string();
    assert_eq!(ones, "weight: it is quantized; draw it first");
}

#[test]
fn other_mistakes_are_one_clear_line() {
    let device = device();
    let [model, other] = [0, 1].map(|_| LinearConfig::new(4, 6).init(&device));
    let x = || numbers([8, 4], &device);
    let foreign = watch(&model, |_| other.watched(x()).mean()).unwrap_err().to_string();
    assert!(foreign.contains("is not one of the watched model's"), "{foreign}");
    let nested = watch(&model, |model| {
        assert!(watch(model, |model| model.watched(x()).mean()).is_err());
        model.watched(x()).mean()
    });
    assert_eq!(nested.unwrap().sites.len(), 2, "the outer watch goes on");
    let many = watch(&model, |model| model.watched(x()).flatten::<1>(0, 1)).unwrap_err().to_string();
    assert!(many.starts_with("the loss has the shape [48]"), "{many}");
    let panicked = AssertUnwindSafe(|| watch(&model, |_| -> Tensor<1> { panic!("of the pass") }));
    let panicked = std::panic::catch_unwind(panicked);
    assert!(panicked.is_err());
    assert!(watch(&model, |model| model.watched(x()).mean()).is_ok(), "the watch was closed");
}
