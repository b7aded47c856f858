//! Modules of random shapes and options against those of PyTorch 2.15, as recorded in `reference/torch_init.txt`, and a
//! run of thousands more.

use nn_init::torch::{MultiheadAttention, Recurrent, RecurrentKind, Transformer};
use nn_init::{Generator, Layout, Module, Scheme, Source, torch};

use crate::torch::{Recorded, fnv, holds, lines};

/// The module of a recorded line: `lstm 3 5 2 1 1 0`.
fn module(text: &str) -> Module {
    let (kind, options) = text.split_once(' ').expect("a kind and options");
    let words: Vec<&str> = options.split(' ').collect();
    let numbers: Vec<usize> = words.iter().filter_map(|word| word.parse().ok()).collect();
    match (kind, &numbers[..]) {
        ("linear", &[inputs, outputs, bias]) => torch::linear(inputs, outputs, bias == 1),
        ("conv", [inputs, outputs, groups, bias, kernel @ ..]) => {
            torch::conv(*inputs, *outputs, kernel, *groups, *bias == 1)
        }
        ("conv_transpose", [inputs, outputs, groups, bias, kernel @ ..]) => {
            torch::conv_transpose(*inputs, *outputs, kernel, *groups, *bias == 1)
        }
        ("bilinear", &[first, second, outputs, bias]) => torch::bilinear(first, second, outputs, bias == 1),
        ("embedding", &[entries, size]) => torch::embedding(entries, size, None),
        ("embedding", &[entries, size, padding]) => torch::embedding(entries, size, Some(padding)),
        ("norm", &[size, bias]) => match words[0] {
            "layer" => torch::norm(&[size, 3], bias == 1),
            "rms" => torch::rms_norm(&[size]),
            _ => torch::norm(&[size], true),
        },
        ("cell", &[inputs, hidden, bias]) => {
            Recurrent { bias: bias == 1, ..Recurrent::new(recurrent(words[0]), inputs, hidden) }.cell_module()
        }
        (kind, &[inputs, hidden, layers, bias, both, projection]) => {
            let projection = Some(projection).filter(|&size| size > 0);
            let new = Recurrent::new(recurrent(kind), inputs, hidden);
            Recurrent { layers, bias: bias == 1, bidirectional: both == 1, projection, ..new }.module()
        }
        ("attention", &[embed, bias, bias_kv, keys, values]) => {
            MultiheadAttention { embed, bias: bias == 1, bias_kv: bias_kv == 1, keys, values }.module()
        }
        ("encoder_layer", &[width, feedforward, bias]) => torch::encoder_layer(width, feedforward, bias == 1),
        ("decoder_layer", &[width, feedforward, bias]) => torch::decoder_layer(width, feedforward, bias == 1),
        ("encoder" | "decoder", &[layers, width, feedforward, bias, has_norm]) => {
            let layer = if kind == "encoder" { torch::encoder_layer } else { torch::decoder_layer };
            let ending = (has_norm == 1).then(|| torch::norm(&[width], bias == 1));
            torch::stack(layer(width, feedforward, bias == 1), layers, ending)
        }
        ("transformer", &[encoders, decoders, width, feedforward, bias]) => {
            Transformer { width, encoders, decoders, feedforward, bias: bias == 1 }.module()
        }
        _ => panic!("unknown module `{text}`"),
    }
}

fn recurrent(name: &str) -> RecurrentKind {
    match name {
        "rnn" => RecurrentKind::Rnn,
        "lstm" => RecurrentKind::Lstm,
        "gru" => RecurrentKind::Gru,
        other => panic!("unknown cell `{other}`"),
    }
}

/// The names of the parameters with the hashes of their bits, sorted, and the normals that the generator gives next.
fn drawn<T: Recorded>(module: &Module, seed: u64) -> (Vec<String>, String) {
    let mut generator = Generator::manual_seed(seed);
    let parameters = module.sample::<T>(&mut generator).expect("the record has no module that is refused");
    let hashed = parameters.into_iter().map(|(name, tensor)| {
        let bits: Vec<u64> = tensor.data().iter().map(|&x| x.bits()).collect();
        format!("{name}={:x}", fnv(&bits))
    });
    let mut hashed: Vec<String> = hashed.collect();
    hashed.sort();
    let mut after = [0_f32; 3];
    generator.normal(0.0, 1.0, &mut after);
    (hashed, after.map(|x| format!("{:x}", x.to_bits())).join(" "))
}

/// True if every parameter of the module has PyTorch's bits, and no other is drawn.
fn module_holds(line: &str) -> bool {
    let [label, what, result] = line.split(" | ").collect::<Vec<_>>()[..] else {
        panic!("three parts: {line}")
    };
    let (_, text) = label.split_once(' ').expect("a kind and a module");
    let (kind, seed) = what.split_once(" - ").expect("a type and a seed");
    let (parameters, after) = result.split_once(" @ ").expect("parameters and normals");
    let mut recorded: Vec<String> = parameters.split_whitespace().map(str::to_owned).collect();
    recorded.sort();
    let (module, seed) = (module(text), seed.parse().expect("a seed"));
    let drawn = if kind == "f32" { drawn::<f32>(&module, seed) } else { drawn::<f64>(&module, seed) };
    drawn == (recorded, after.to_owned())
}

#[test]
fn every_recorded_module_has_pytorchs_bits_and_leaves_its_generator() {
    let all: Vec<&str> = lines("module").collect();
    assert_eq!(all.len(), 400, "the record is cut short");
    let wrong: Vec<&str> = all.iter().copied().filter(|line| !module_holds(line)).collect();
    assert!(wrong.is_empty(), "{} modules differ, first of all\n{}", wrong.len(), wrong[0]);
    let linear = all.iter().find(|line| line.starts_with("module linear")).expect("a linear layer");
    assert!(!module_holds(&linear.replace("weight=", "weight=1")), "other bits");
    assert!(!module_holds(&linear.replace(" @ ", " @ 1")), "another generator afterwards");
    assert!(!module_holds(&linear.replace("weight=", "scale=")), "another name");
}

/// Thousands of modules, schemes and tensors in half precision that PyTorch has just drawn:
///
/// ```sh
/// venv/bin/python crates/nn-init/tests/reference/make.py --random 5000 1 > random.txt
/// NN_INIT_RANDOM=random.txt cargo test -p nn-init --features half -- --ignored random
/// ```
#[test]
#[ignore = "needs a file that PyTorch has written"]
fn random_modules_and_schemes_have_pytorchs_values() {
    let path = std::env::var("NN_INIT_RANDOM").expect("set NN_INIT_RANDOM to the output of make.py --random");
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let all: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    let agrees = |line: &str| match line.split(' ').next() {
        Some("module") => module_holds(line),
        #[cfg(feature = "half")]
        Some("half") => crate::half::holds(line),
        #[cfg(not(feature = "half"))]
        Some("half") => true,
        _ => holds(line),
    };
    let wrong: Vec<&str> = all.iter().copied().filter(|line| !agrees(line)).collect();
    assert!(!all.is_empty(), "{} has no lines", path.display());
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), all.len(), wrong.join("\n"));
}

#[test]
fn the_padding_of_an_embedding_is_zero() {
    let padded = torch::embedding(3, 2, Some(1));
    let parameters = padded.sample::<f32>(&mut Generator::manual_seed(1)).unwrap();
    assert_eq!(parameters[0].1.data()[2..4], [0.0; 2]);
    let outside = torch::embedding(3, 2, Some(3)).sample::<f32>(&mut Generator::manual_seed(1));
    assert_eq!(
        outside.unwrap_err().to_string(),
        "scheme `normal(0, 1)` cannot fill shape [3, 2]: weight has no row 3 to set to 0"
    );
}

#[test]
fn modules_nest_and_a_second_draw_replaces_the_first() {
    let twice = Module::new().and("w", &[2], Scheme::ONES).and("w", &[2], Scheme::ZEROS);
    let outer = Module::new().with("block", twice);
    assert_eq!(outer.draws().len(), 2);
    assert_eq!(outer.draws()[0].layout, Layout::OUT_IN);
    let parameters = outer.sample::<f64>(&mut Generator::manual_seed(1)).unwrap();
    let [(name, value)] = &parameters[..] else { panic!("one parameter") };
    assert_eq!((name.as_str(), value.data()), ("block.w", &[0.0; 2][..]));
}

/// The copies have one value, and the source stands where one draw leaves it, even if there is no copy.
#[test]
fn copies_are_drawn_once() {
    let normal = || Module::new().and("w", &[3], Scheme::STANDARD_NORMAL);
    let drawn = |module: Module| {
        let mut generator = Generator::manual_seed(1);
        let parameters = module.with("after", normal()).sample::<f64>(&mut generator).unwrap();
        parameters.into_iter().map(|(name, value)| (name, value.data().to_vec())).collect::<Vec<_>>()
    };
    let once = drawn(normal());
    let twice = drawn(Module::new().with("layers", normal().copied(2)));
    assert_eq!(
        twice.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(),
        ["layers.0.w", "layers.1.w", "after.w"]
    );
    assert_eq!([&twice[0].1, &twice[1].1, &twice[2].1], [&once[0].1, &once[0].1, &once[1].1]);
    assert_eq!(drawn(normal().copied(0)), [once[1].clone()]);
    assert_ne!(once[0].1, once[1].1);
}

#[test]
#[should_panic(expected = "conv: 5 inputs cannot be divided into 2 groups")]
fn groups_must_divide_the_inputs() {
    let _ = torch::conv(5, 4, &[3], 2, true);
}
