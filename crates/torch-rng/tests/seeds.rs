//! The search for seeds, on parameters of modules as PyTorch 2.15 built them: `reference/modules.txt`, by the script beside
//! it.

use torch_rng::{DrawnTensor, Generator, TensorDraw, find_seed};

const RECORDED: &str = include_str!("reference/modules.txt");

/// A parameter: the call that filled it, and its values.
fn parse(line: &str) -> (TensorDraw, Vec<f32>) {
    let (call, bits) = line.split_once(" : ").expect("a call and its values");
    let words: Vec<_> = call.split(' ').collect();
    let number = |i: usize| words[i].parse().expect("a number");
    let (a, b) = (number(2), number(3));
    let draw = match words[0] {
        "uniform" => TensorDraw::Uniform { lo: a, hi: b },
        _ => TensorDraw::Normal { mean: a, std: b },
    };
    let value = |word| f32::from_bits(u32::from_str_radix(word, 16).expect("a hexadecimal number"));
    (draw, bits.split(' ').map(value).collect())
}

/// The words that a draw takes; see `DrawnTensor::skipped`.
fn words(draw: TensorDraw, len: usize) -> usize {
    match draw {
        TensorDraw::Normal { .. } if len < 16 => 4 * len.div_ceil(2),
        TensorDraw::Normal { .. } if !len.is_multiple_of(16) => len + 16,
        _ => len,
    }
}

/// The seeds of the record and the parameters that each of them built.
fn models() -> impl Iterator<Item = (u32, Vec<(TensorDraw, Vec<f32>)>)> {
    RECORDED.split("\n\n").skip(1).map(|paragraph| {
        let (seed, parameters) = paragraph.split_once('\n').expect("a seed and its parameters");
        let seed: u64 = seed.trim_start_matches("seed ").parse().expect("a seed");
        (seed as u32, parameters.lines().map(parse).collect())
    })
}

#[test]
fn the_seed_of_every_recorded_parameter_is_found_and_the_others_continue_it() {
    let mut parameters_seen = 0;
    for (seed, parameters) in models() {
        let mut generator = Generator::manual_seed(seed.into());
        let mut skipped = 0;
        for (draw, tensor) in parameters {
            let values = &tensor[..tensor.len().min(4)];
            let search = DrawnTensor { draw, len: tensor.len(), values, skipped };
            assert_eq!(find_seed(&search, seed.saturating_sub(5000)..=seed + 5000), [seed], "{search:?}");
            assert!(draw.continues(&tensor, &mut generator), "{search:?}");
            skipped += words(draw, tensor.len());
            parameters_seen += 1;
        }
    }
    assert_eq!(parameters_seen, 5 * 8, "the record is cut short");
}

#[test]
fn the_parameters_of_another_seed_are_rejected() {
    let models: Vec<_> = models().collect();
    let (draw, tensor) = &models[1].1[0];
    let (other, _) = models[0];
    assert!(!draw.continues(tensor, &mut Generator::manual_seed(other.into())));
    let search = DrawnTensor { draw: *draw, len: tensor.len(), values: &tensor[..4], skipped: 0 };
    assert_eq!(find_seed(&search, other..=other), []);
}
