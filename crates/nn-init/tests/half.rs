//! Schemes in half precision against PyTorch 2.15, as recorded in `reference/torch_init.txt`.

use half::{bf16, f16};
use nn_init::{Generator, Half, Layout, Scheme, Source};

use crate::torch::lines;

/// The bits of the values, and of the three normals that the generator gives next.
fn drawn<H: Half + Default>(scheme: Scheme, shape: &[usize], seed: u64, bits: fn(H) -> u16) -> String {
    let mut generator = Generator::manual_seed(seed);
    let mut out = vec![H::default(); shape.iter().product()];
    scheme.fill_half(shape, Layout::OUT_IN, &mut out, &mut generator).expect("a scheme that fits");
    let mut after = [0_f32; 3];
    generator.normal(0.0, 1.0, &mut after);
    let words = |bits: Vec<String>| bits.join(" ");
    let values = words(out.into_iter().map(|x| format!("{:x}", bits(x))).collect());
    format!("{values} @ {}", words(after.map(|x| format!("{:x}", x.to_bits())).into()))
}

pub(crate) fn holds(line: &str) -> bool {
    let [label, what, recorded] = line.split(" | ").collect::<Vec<_>>()[..] else { panic!("three parts") };
    let scheme = label.split_once(' ').expect("a scheme").1.parse().expect("a scheme");
    let [kind, shape, seed] = what.split(' ').collect::<Vec<_>>()[..] else { panic!("three words") };
    let shape: Vec<usize> = shape.split('x').map(|size| size.parse().expect("a size")).collect();
    let seed = seed.parse().expect("a seed");
    recorded
        == match kind {
            "f16" => drawn(scheme, &shape, seed, f16::to_bits),
            _ => drawn(scheme, &shape, seed, bf16::to_bits),
        }
}

#[test]
fn every_recorded_tensor_in_half_precision_has_pytorchs_bits() {
    let all: Vec<&str> = lines("half").collect();
    assert_eq!(all.len(), 264, "the record is cut short");
    let wrong: Vec<&str> = all.iter().copied().filter(|line| !holds(line)).collect();
    assert!(wrong.is_empty(), "{} tensors differ, first of all\n{}", wrong.len(), wrong[0]);
    assert!(!holds(&all[0].replace(" @ ", "1 @ ")), "another value");
    assert!(!holds(&all[0].replace(" @ ", " @ 1")), "another generator afterwards");
}

#[test]
fn other_schemes_are_rounded_from_single_precision() {
    let mut half = [f16::ZERO; 12];
    let mut single = [0_f32; 12];
    let scheme = Scheme::orthogonal();
    scheme.fill_half(&[4, 3], Layout::OUT_IN, &mut half, &mut Generator::manual_seed(1)).unwrap();
    scheme.fill(&[4, 3], Layout::OUT_IN, &mut single, &mut Generator::manual_seed(1)).unwrap();
    assert_eq!(half, single.map(f16::from_f32));
    let wide = Scheme::Uniform { lo: 0.0, hi: 7e4 };
    let refused = wide.fill_half(&[12], Layout::OUT_IN, &mut half, &mut Generator::manual_seed(1));
    assert_eq!(
        refused.unwrap_err().to_string(),
        "invalid scheme `uniform(0, 70000)`: 0, 70000 and their difference must not exceed the largest number, 6.5504e4"
    );
}

/// PyTorch refuses to propose uniforms between bounds that the precision does not hold; here the tail is cut, as in single
/// precision, unless nothing is left.
#[test]
fn bounds_of_truncated_normals_may_be_beyond_the_largest_number() {
    let mut half = [f16::ZERO; 100];
    let mut fill = |lo: f64, hi: f64| {
        let scheme = Scheme::TruncatedNormal { mean: 0.0, std: 1.0, lo, hi };
        let filled = scheme.fill_half(&[100], Layout::OUT_IN, &mut half, &mut Generator::manual_seed(1));
        filled.map(|()| half.map(f32::from)).map_err(|error| error.to_string())
    };
    assert!(fill(1.0, f64::INFINITY).unwrap().iter().all(|x| (1.0..6.0).contains(x)));
    assert!(fill(-1e6, -2.0).unwrap().iter().all(|x| (-7.0..=-2.0).contains(x)));
    assert_eq!(
        fill(7e4, 8e4).unwrap_err(),
        "invalid scheme `truncated_normal(0, 1, 70000, 80000)`: no number between 70000 and 80000 is at most 6.5504e4 in size"
    );
}
