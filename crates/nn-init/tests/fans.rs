//! Fans against those of PyTorch, Keras and JAX, and shapes without fans.

use nn_init::{FanMode, Fans, Layout};
use proptest::prelude::*;

/// Fan in and fan out.
type Pair = (usize, usize);

fn of(shape: &[usize], layout: Layout) -> Result<Pair, String> {
    // Without a stride, fans are whole numbers.
    let whole = |fans: Fans| (fans.fan_in as usize, fans.fan_out as usize);
    Fans::of(shape, layout).map(whole).map_err(|error| error.to_string())
}

/// Shape, `torch.nn.init._calculate_fan_in_and_fan_out` of PyTorch 2.15, `compute_fans` of Keras 3.15 and
/// `_compute_fans` of JAX 0.10, which agree.
const FRAMEWORKS: [(&[usize], Pair, Pair); 14] = [
    (&[1, 1], (1, 1), (1, 1)),
    (&[2, 3], (3, 2), (2, 3)),
    (&[784, 128], (128, 784), (784, 128)),
    (&[50257, 768], (768, 50257), (50257, 768)),
    (&[2, 3, 4], (12, 8), (6, 8)),
    (&[5, 60, 400], (24000, 2000), (300, 2000)),
    (&[3, 3, 64, 128], (24576, 24576), (576, 1152)),
    (&[128, 64, 3, 3], (576, 1152), (24576, 24576)),
    (&[1, 1, 64, 400], (25600, 25600), (64, 400)),
    (&[7, 7, 3, 64], (1344, 1344), (147, 3136)),
    (&[512, 1, 3, 3], (9, 4608), (1536, 1536)),
    (&[3, 5, 8, 16], (640, 384), (120, 240)),
    (&[3, 3, 3, 16, 32], (4608, 4608), (432, 864)),
    (&[2, 3, 4, 5, 6, 7], (2520, 1680), (720, 840)),
];

#[test]
fn fans_equal_those_of_the_frameworks() {
    for (shape, torch, keras) in FRAMEWORKS {
        assert_eq!(of(shape, Layout::OUT_IN), Ok(torch), "{shape:?}");
        assert_eq!(of(shape, Layout::IN_OUT), Ok(keras), "{shape:?}");
    }
}

/// JAX 0.10's `_compute_fans` with axes, and Keras' attention kernels.
#[test]
fn named_axes_have_jaxs_fans() {
    let axes = Layout::axes;
    assert_eq!(of(&[3, 3, 64, 128], axes(&[0, 1], &[2, 3], &[])), Ok((9, 8192)));
    assert_eq!(of(&[3, 3, 64, 128], axes(&[0], &[2, 3], &[1])), Ok((3, 8192)));
    assert_eq!(of(&[2, 3, 4], axes(&[1], &[2], &[0])), Ok((3, 4)));
    assert_eq!(of(&[4, 75, 300], axes(&[1], &[0], &[])), Ok((22500, 1200)));
    assert_eq!(of(&[7], axes(&[], &[0], &[])), Ok((1, 7)));
    assert_eq!(of(&[512, 8, 64], axes(&[0], &[1, 2], &[])), Ok((512, 512)));
    assert_eq!(of(&[512, 8, 64], axes(&[0, 1], &[2], &[])), Ok((4096, 64)));
    assert_eq!(of(&[3, 3, 16, 2], axes(&[], &[3], &[2])), Ok((9, 18)), "a depthwise kernel");
}

#[test]
fn groups_divide_the_fan_that_they_share() {
    assert_eq!(of(&[64, 8, 3, 3], Layout::OUT_IN.grouped(4)), Ok((72, 144)));
    assert_eq!(of(&[3, 3, 8, 64], Layout::IN_OUT.grouped(4)), Ok((72, 144)));
    assert_eq!(of(&[64, 8, 3, 3], Layout::IN_OUT_KERNEL.grouped(4)), Ok((144, 72)));
    assert_eq!(of(&[3, 3, 8, 64], Layout::KERNEL_OUT_IN.grouped(4)), Ok((144, 72)));
}

/// Layers with their shapes and layouts; PyTorch's fans; the true ones; and the fan-in and fan-out that keep variances, as
/// measured in PyTorch with six seeds, with standard errors. Output variance over input variance and weight variance is
/// the fan-in, and the same for gradients the fan-out, both away from the borders.
#[test]
fn true_fans_are_those_that_keep_variances() {
    let grouped = Layout::OUT_IN.grouped(4);
    type Layer = (&'static [usize], Layout, Pair, Pair, [[f64; 2]; 2]);
    let layers: [Layer; 3] = [
        (&[128, 16, 3, 3], grouped, (144, 1152), (144, 288), [[143.3, 0.8], [286.0, 1.0]]),
        (
            &[64, 64, 3, 3],
            Layout::OUT_IN.strided(&[2, 2]),
            (576, 576),
            (576, 144),
            [[577.0, 9.0], [144.3, 0.8]],
        ),
        (
            &[64, 32, 4, 4],
            Layout::IN_OUT_KERNEL.strided(&[2, 2]),
            (512, 1024),
            (256, 512),
            [[255.9, 0.8], [512.0, 1.0]],
        ),
    ];
    for (shape, layout, torch, fans, measured) in layers {
        assert_eq!(of(shape, Layout::OUT_IN), Ok(torch));
        assert_eq!(of(shape, layout), Ok(fans), "{shape:?}");
        let far = |fan: usize, [mean, error]: [f64; 2]| (fan as f64 - mean).abs() > 3.0 * error;
        assert!(!far(fans.0, measured[0]) && !far(fans.1, measured[1]), "{shape:?}");
        assert!(far(torch.0, measured[0]) || far(torch.1, measured[1]), "PyTorch's are told apart");
    }
    let odd = Fans::of(&[1, 1, 3, 3], Layout::OUT_IN.strided(&[2, 2])).unwrap();
    assert_eq!(odd.fan_out, 2.25, "9/4 outputs on average");
    let stuck = of(&[1, 1, 3], Layout::OUT_IN.strided(&[0])).unwrap_err();
    assert_eq!(stuck, "shape [1, 1, 3] has no fans: a stride of 0 does not move the kernel");
}

#[test]
fn an_error_says_why_there_are_no_fans() {
    let why = |shape: &[usize], layout| of(shape, layout).unwrap_err();
    let vector =
        "a weight needs an input and an output axis; for a bias or a scalar use a scheme without fans";
    for layout in [Layout::OUT_IN, Layout::IN_OUT, Layout::IN_OUT_KERNEL, Layout::KERNEL_OUT_IN] {
        assert_eq!(why(&[5], layout), format!("shape [5] has no fans: {vector}"));
        assert_eq!(why(&[], layout), format!("shape [] has no fans: {vector}"));
    }
    let missing = why(&[2, 3], Layout::axes(&[0], &[2], &[]));
    assert_eq!(missing, "shape [2, 3] has no fans: the layout names axis 2, but the shape has 2 axes");
    let twice = why(&[2, 3], Layout::axes(&[0, 1], &[1], &[]));
    assert_eq!(twice, "shape [2, 3] has no fans: axis 1 has more than one role");
    assert!(
        why(&[2, 3], Layout::axes(&[99], &[1], &[])).ends_with("names axis 31, but the shape has 2 axes")
    );
    let groups = why(&[6, 2, 3], Layout::OUT_IN.grouped(4));
    assert_eq!(groups, "shape [6, 2, 3] has no fans: 6 outputs cannot be divided into 4 groups");
    assert!(
        why(&[6, 2, 3], Layout::OUT_IN.grouped(0)).ends_with("6 outputs cannot be divided into 0 groups")
    );
    assert!(
        why(&[6, 2, 3], Layout::IN_OUT_KERNEL.grouped(4))
            .ends_with("6 inputs cannot be divided into 4 groups")
    );
    assert!(why(&[2, usize::MAX, 3], Layout::OUT_IN).contains("too large"));
}

#[test]
fn an_empty_weight_has_fans_and_finite_scales() {
    assert_eq!(of(&[0, 5], Layout::OUT_IN), Ok((5, 0)));
    assert_eq!(of(&[2, 3, 0], Layout::OUT_IN), Ok((0, 0)));
    let none = Fans { fan_in: 0.0, fan_out: 0.0 };
    assert_eq!(FanMode::ALL.map(|mode| none.by(mode)), [1.0; 6]);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// An input feeds fan_out units and a unit sums fan_in inputs: both count the same connections.
    #[test]
    fn both_fans_count_the_same_connections(shape in prop::collection::vec(1..6_usize, 2..6)) {
        for layout in [Layout::OUT_IN, Layout::IN_OUT, Layout::IN_OUT_KERNEL, Layout::KERNEL_OUT_IN] {
            let (fan_in, fan_out) = of(&shape, layout).unwrap();
            let numel: usize = shape.iter().product();
            let kernel = fan_in * fan_out / numel;
            prop_assert_eq!(fan_in * fan_out, numel * kernel);
            prop_assert!(numel.is_multiple_of(fan_in) && numel.is_multiple_of(fan_out));
        }
    }
}
