//! Healthy tensors, which have no finding, and tensors with exactly one fault, which have exactly that.

use nn_init::{Gain, Generator, Layout, Scheme, Source};

use super::*;
use crate::ExpectedPart;
use crate::{Dtype, TensorSummary};

const OUT_IN: Layout = Layout::OUT_IN;
const GPT2: Scheme = Scheme::GPT2;

fn draw(scheme: Scheme, shape: &[usize], layout: Layout, seed: u64) -> Vec<f32> {
    let mut values = vec![0_f32; shape.iter().product()];
    scheme.fill(shape, layout, &mut values, &mut Generator::manual_seed(seed)).unwrap();
    values
}

fn summary(shape: &[usize], dtype: &Dtype, values: &[f32]) -> TensorSummary {
    let bytes: Vec<u8> = match dtype {
        Dtype::F32 => values.iter().flat_map(|x| x.to_le_bytes()).collect(),
        Dtype::F16 => {
            values.iter().flat_map(|x| crate::testing::half::f16::from_f32(*x).to_le_bytes()).collect()
        }
        Dtype::Bf16 => {
            values.iter().flat_map(|x| crate::testing::half::bf16::from_f32(*x).to_le_bytes()).collect()
        }
        _ => values.iter().flat_map(|x| f64::from(*x).to_le_bytes()).collect(),
    };
    TensorSummary::with_projections(shape, dtype, &bytes, 4)
}

fn judge_one(summary: &TensorSummary, expected: &ExpectedDraw, false_alarms: f64) -> Vec<TensorFinding> {
    judge_tensors(&[CheckedTensor { name: "w", summary, expected: Some(expected) }], &[], false_alarms)
}

/// The findings about values in single precision that are expected to be drawn from a scheme.
fn found(scheme: Scheme, shape: &[usize], values: &[f32]) -> Vec<TensorFinding> {
    let expected = ExpectedDraw::new(scheme, shape, OUT_IN);
    judge_one(&summary(shape, &Dtype::F32, values), &expected, FALSE_ALARMS)
}

#[track_caller]
fn has(findings: &[TensorFinding], kinds: &[CheckKind], text: &str) {
    let found: Vec<CheckKind> = findings.iter().map(|finding| finding.kind).collect();
    assert_eq!(found, kinds, "{findings:#?}");
    assert!(findings[0].message.contains(text), "{:?} has no {text:?}", findings[0].message);
}

fn schemes() -> Vec<Scheme> {
    vec![
        Scheme::ZEROS,
        Scheme::Constant(0.1),
        GPT2,
        Scheme::Normal { mean: 1.0, std: 0.02 },
        Scheme::Uniform { lo: -0.3, hi: 0.1 },
        Scheme::truncated_normal_in_sigmas(0.02, -2.0, 2.0),
        Scheme::TruncatedNormal { mean: 0.0, std: 1.0, lo: 1.0, hi: 2.0 },
        Scheme::he_normal(),
        Scheme::kaiming_uniform(1.0),
        Scheme::xavier_normal(1.0).fan_out(),
        Scheme::orthogonal(),
        Scheme::Orthogonal { gain: Gain::number(1.5) },
        Scheme::Identity { gain: Gain::number(0.3) },
        Scheme::Sparse { sparsity: 0.3, std: 0.01 },
    ]
}

/// At a level at which 600 tensors have one false alarm with a probability of 1/200; the seeds are fixed.
#[test]
fn healthy_tensors_have_no_finding() {
    for scheme in schemes() {
        for shape in [[1, 1], [3, 5], [40, 7], [64, 300], [500, 10]] {
            for dtype in [Dtype::F32, Dtype::F64, Dtype::F16, Dtype::Bf16] {
                for seed in 0..2 {
                    let values = draw(scheme, &shape, OUT_IN, seed);
                    let expected = ExpectedDraw::new(scheme, &shape, OUT_IN);
                    let findings = judge_one(&summary(&shape, &dtype, &values), &expected, 1e-5);
                    assert_eq!(findings, [], "{scheme} {shape:?} {dtype} {seed}");
                }
            }
        }
    }
    for (scheme, shape) in [
        (Scheme::Dirac { groups: 1, gain: Gain::ONE }, vec![8, 4, 3, 3]),
        (Scheme::DeltaOrthogonal { gain: Gain::ONE }, vec![8, 4, 3, 3]),
        (Scheme::he_normal(), vec![64, 32, 3, 3]),
        (GPT2, vec![1000]),
        (GPT2, vec![]),
    ] {
        let values = draw(scheme, &shape, OUT_IN, 3);
        assert_eq!(found(scheme, &shape, &values), [], "{scheme}");
    }
}

#[test]
fn rounding_to_half_precision_is_no_fault() {
    for (scheme, dtype) in [
        (GPT2, Dtype::Bf16),
        (Scheme::STANDARD_NORMAL, Dtype::Bf16),
        (Scheme::Uniform { lo: -0.05, hi: 0.05 }, Dtype::Bf16),
        (Scheme::truncated_normal_corrected(0.02), Dtype::Bf16),
        (Scheme::Normal { mean: 0.0, std: 1e-5 }, Dtype::F16),
        (GPT2, Dtype::F16),
    ] {
        let (shape, expected) = ([1000, 1000], ExpectedDraw::new(scheme, &[1000, 1000], OUT_IN));
        let findings = judge_one(&summary(&shape, &dtype, &draw(scheme, &shape, OUT_IN, 5)), &expected, 1e-3);
        assert_eq!(findings, [], "{scheme} {dtype}");
        let wrong = draw(scheme.times(1.02), &shape, OUT_IN, 5);
        let findings = judge_one(&summary(&shape, &dtype, &wrong), &expected, FALSE_ALARMS);
        assert!(!findings.is_empty(), "{scheme} {dtype}: a std 2% off");
    }
}

/// A model that was drawn in one type and stored in a wider one has the coincidences of the first: equal values, zeros.
#[test]
fn a_wider_type_than_that_of_the_draw_is_no_fault() {
    let shape = [1000, 1000];
    let expected = ExpectedDraw::new(GPT2, &shape, OUT_IN);
    let judge = |values: &[f32], dtype: &Dtype| judge_one(&summary(&shape, dtype, values), &expected, 1e-3);
    for seed in 1..9 {
        let mut single = draw(GPT2, &shape, OUT_IN, seed);
        single[7] = 0.0;
        assert_eq!(judge(&single, &Dtype::F64), [], "single precision as double, seed {seed}");
        let half: Vec<f32> =
            single.iter().map(|&x| crate::testing::half::bf16::from_f32(x).to_f32()).collect();
        assert_eq!(judge(&half, &Dtype::F32), [], "bf16 as single precision, seed {seed}");
    }
    let mut clipped = draw(GPT2, &shape, OUT_IN, 1);
    // A bound that bf16 has.
    clipped.iter_mut().for_each(|x| *x = x.clamp(-0.0625, 0.0625));
    has(&judge(&clipped, &Dtype::F64), &[CheckKind::PiledOnBound], "equal the");
    has(&judge(&clipped, &Dtype::F32), &[CheckKind::PiledOnBound], "equal the");
}

/// A scale that is far too large moves the mean too, by chance: one fault.
#[test]
fn a_wrong_scale_is_no_wrong_mean() {
    let shape = [128, 128];
    for seed in 0..20 {
        let wide = draw(Scheme::Normal { mean: 0.0, std: 0.2 }, &shape, OUT_IN, seed);
        has(&found(GPT2, &shape, &wide), &[CheckKind::WrongStd], "std is");
    }
    let shifted: Vec<f32> = draw(GPT2, &shape, OUT_IN, 1).iter().map(|x| 10.0 * x + 0.1).collect();
    has(&found(GPT2, &shape, &shifted), &[CheckKind::WrongMean, CheckKind::WrongStd], "the mean is");
}

#[test]
fn values_that_no_draw_has() {
    let shape = [50, 40];
    let healthy = draw(GPT2, &shape, OUT_IN, 1);
    let with = |at: usize, value: f32| {
        let mut values = healthy.clone();
        values[at] = value;
        found(GPT2, &shape, &values)
    };
    has(&with(7, f32::NAN), &[CheckKind::NotFinite], "1 values are NaN (of 2000)");
    has(&with(7, f32::INFINITY), &[CheckKind::NotFinite], "infinite");
    has(&with(7, 3e38), &[CheckKind::Uninitialised], "3.000e38");
    has(&with(7, 1e-41), &[CheckKind::Uninitialised], "subnormal");
    has(&with(7, 0.3), &[CheckKind::Outlier], "standard deviations");
    assert_eq!(with(7, 0.07), [], "3.5 standard deviations");

    let unknown = summary(&shape, &Dtype::F32, &[f32::NAN; 2000]);
    let tensor = CheckedTensor { name: "w", summary: &unknown, expected: None };
    assert_eq!(judge_tensors(&[tensor], &[], FALSE_ALARMS)[0].kind, CheckKind::NotFinite);
}

#[test]
fn constants_and_patterns() {
    let shape = [6, 4];
    has(
        &found(Scheme::ONES, &shape, &[0.0; 24]),
        &[CheckKind::WrongConstant],
        "all values are 0; expected 1",
    );
    has(
        &found(Scheme::ZEROS, &shape, &draw(GPT2, &shape, OUT_IN, 1)),
        &[CheckKind::WrongConstant],
        "expected 0 everywhere",
    );
    let identity = Scheme::Identity { gain: Gain::ONE };
    let mut values = draw(identity, &shape, OUT_IN, 1);
    assert_eq!(found(identity, &shape, &values), []);
    values.swap(0, 1);
    has(
        &found(identity, &shape, &values),
        &[CheckKind::WrongPattern],
        "expected 4 of 1 in the pattern of identity",
    );
    has(&found(identity, &shape, &[1.0; 24]), &[CheckKind::WrongPattern], "24 values are 1 and 0 are zero");
}

#[test]
fn zeros() {
    let shape = [512, 64];
    let mut values = draw(GPT2, &shape, OUT_IN, 1);
    let mut padded = values.clone();
    values[256 * 64..].fill(0.0);
    has(&found(GPT2, &shape, &values), &[CheckKind::ZeroBlock], "rows 256 to 511 are zero");
    has(&found(GPT2, &shape, &[0.0; 512 * 64]), &[CheckKind::ZeroBlock], "all values are zero");
    let mut columns = draw(GPT2, &shape, OUT_IN, 1);
    columns.chunks_mut(64).for_each(|row| row[5] = 0.0);
    has(&found(GPT2, &shape, &columns), &[CheckKind::ZeroBlock], "column 5 is zero");
    let mut scattered = draw(GPT2, &shape, OUT_IN, 1);
    scattered.iter_mut().step_by(10).for_each(|x| *x = 0.0);
    has(&found(GPT2, &shape, &scattered), &[CheckKind::Zeros], "(10.00%)");

    let sparse = Scheme::Sparse { sparsity: 0.5, std: 0.02 };
    has(&found(sparse, &shape, &draw(GPT2, &shape, OUT_IN, 1)), &[CheckKind::Zeros], "expected 16384");
    let wide = Scheme::Sparse { sparsity: 0.5, std: 0.03 };
    has(&found(sparse, &shape, &draw(wide, &shape, OUT_IN, 1)), &[CheckKind::WrongStd], "(1.5");

    let positive = [0.0, 0.0, 0.0, 0.0, 0.01, 0.02, 0.013, 0.004];
    assert_eq!(found(sparse, &[4, 2], &positive), [], "the smallest value is 0, four times");

    let mut expected = ExpectedDraw::new(GPT2, &shape, OUT_IN);
    expected.zero_rows = vec![3];
    has(
        &judge_one(&summary(&shape, &Dtype::F32, &padded), &expected, FALSE_ALARMS),
        &[CheckKind::PaddingNotZero],
        "row 3",
    );
    padded[3 * 64..4 * 64].fill(0.0);
    assert_eq!(judge_one(&summary(&shape, &Dtype::F32, &padded), &expected, FALSE_ALARMS), []);
    has(&found(GPT2, &shape, &padded), &[CheckKind::ZeroBlock], "row 3 is zero");
}

#[test]
fn equal_rows() {
    let shape = [64, 32];
    let mut values = draw(GPT2, &shape, OUT_IN, 1);
    let head = values[..8 * 32].to_vec();
    values[32 * 32..33 * 32].copy_from_slice(&head[..32]);
    has(&found(GPT2, &shape, &values), &[CheckKind::EqualRows], "rows 0 and 32 are equal; 1 of 64");
    values.chunks_mut(8 * 32).for_each(|block| block.copy_from_slice(&head));
    has(&found(GPT2, &shape, &values), &[CheckKind::EqualRows], "the first 8 rows are repeated 8 times");
    values.chunks_mut(32).for_each(|row| row.copy_from_slice(&head[..32]));
    has(&found(GPT2, &shape, &values), &[CheckKind::EqualRows], "all 64 rows are equal");
    let few = summary(&[5000, 1], &Dtype::Bf16, &draw(GPT2, &[5000, 1], OUT_IN, 1));
    assert_eq!(
        judge_one(&few, &ExpectedDraw::new(GPT2, &[5000, 1], OUT_IN), FALSE_ALARMS),
        [],
        "rows of one bf16 value"
    );
}

#[test]
fn uneven_tensors() {
    let shape = [96, 128];
    let mut values = draw(GPT2, &shape, OUT_IN, 1);
    values[32 * 128..64 * 128].iter_mut().for_each(|x| *x *= 1.2);
    let findings = found(GPT2, &shape, &values);
    assert!(findings[0].message.starts_with("rows 32 to 63: mean"), "{findings:#?}");
    assert!(
        findings.iter().all(|f| matches!(f.kind, CheckKind::Uneven | CheckKind::WrongStd)),
        "{findings:#?}"
    );

    let mut values = draw(GPT2, &shape, OUT_IN, 1);
    values[7 * 128..8 * 128].iter_mut().for_each(|x| *x *= 2.0);
    has(&found(GPT2, &shape, &values), &[CheckKind::Uneven], "row 7: mean");
    let mut values = draw(GPT2, &shape, OUT_IN, 1);
    values.chunks_mut(128).for_each(|row| row[..64].iter_mut().for_each(|x| *x *= 0.85));
    let findings = found(GPT2, &shape, &values);
    assert!(findings[0].message.starts_with("columns 0 to 63: mean"), "{findings:#?}");
    let mut values = draw(GPT2, &shape, OUT_IN, 1);
    values[9 * 128..10 * 128].iter_mut().for_each(|x| *x += 0.02);
    has(&found(GPT2, &shape, &values), &[CheckKind::Uneven], "row 9: mean");
}

#[test]
fn parts_with_their_own_fans() {
    // Query, key and value of 64 each, and of 64, 16 and 16.
    let scheme = Scheme::xavier_normal(1.0);
    let shape = [192, 64];
    let parts: Vec<f32> = (0..3).flat_map(|seed| draw(scheme, &[64, 64], OUT_IN, seed)).collect();
    let expected = ExpectedDraw::divided(scheme, &shape, OUT_IN, 0, 3);
    assert_eq!(judge_one(&summary(&shape, &Dtype::F32, &parts), &expected, FALSE_ALARMS), []);
    let fused = found(scheme, &shape, &parts);
    has(&fused, &[CheckKind::WrongStd], "(1.41");
    assert!(fused[0].causes.iter().any(|cause| cause.starts_with("3 stacked blocks")), "{fused:#?}");

    let sizes = [(0, 64), (64, 16), (80, 16)];
    let parts = sizes.map(|(start, size)| ExpectedPart { start, size, shape: vec![size, 64], scheme });
    let mut expected = ExpectedDraw { layout: OUT_IN, axis: 0, parts: parts.to_vec(), zero_rows: vec![] };
    let values: Vec<f32> = sizes
        .iter()
        .zip(0..)
        .flat_map(|((_, size), seed)| draw(scheme, &[*size, 64], OUT_IN, seed))
        .collect();
    let summary = summary(&[96, 64], &Dtype::F32, &values);
    assert_eq!(judge_one(&summary, &expected, FALSE_ALARMS), []);
    expected.parts[1].scheme = scheme.times(2.0);
    has(
        &judge_one(&summary, &expected, FALSE_ALARMS),
        &[CheckKind::WrongStd],
        "std of indices 64 to 79 of axis 0",
    );
}

#[test]
fn bounds() {
    let shape = [100, 100];
    let truncated = Scheme::truncated_normal_in_sigmas(0.02, -2.0, 2.0);
    let normal = draw(GPT2, &shape, OUT_IN, 1);
    let findings = found(truncated, &shape, &normal);
    has(
        &findings,
        &[CheckKind::OutOfBounds, CheckKind::WrongStd],
        "the truncated normal distribution ends at -0.04 and 0.04",
    );
    assert_eq!(findings[0].causes[0], "never truncated");
    let clipped: Vec<f32> = normal.iter().map(|x| x.clamp(-0.04, 0.04)).collect();
    let findings = found(truncated, &shape, &clipped);
    has(&findings, &[CheckKind::PiledOnBound, CheckKind::WrongStd], "look clipped, not drawn again");
    let clipped: Vec<f32> = normal.iter().map(|x| x.clamp(-0.05, 0.05)).collect();
    assert!(found(GPT2, &shape, &clipped).iter().any(|f| f.kind == CheckKind::PiledOnBound));
}

#[test]
fn distributions_and_their_causes() {
    let shape = [832, 832];
    let first_cause = |expected: Scheme, drawn: Scheme, kinds: &[CheckKind]| {
        let findings = found(expected, &shape, &draw(drawn, &shape, OUT_IN, 1));
        has(&findings, kinds, "");
        findings[0].causes.first().cloned().unwrap_or_default()
    };
    // Case C1: nn.Linear(832, 832), whose std is 0.020016.
    let default = Scheme::kaiming_uniform(3f64.sqrt().recip());
    let cause = first_cause(GPT2, default, &[CheckKind::WrongDistribution]);
    assert!(cause.starts_with("PyTorch's default"), "{cause}");

    let std = &[CheckKind::WrongStd];
    let kaiming = Scheme::kaiming_normal(2f64.sqrt());
    assert!(first_cause(kaiming, Scheme::kaiming_normal(1.0), std).contains("√2 of ReLU is missing"));
    assert!(first_cause(kaiming, Scheme::kaiming_normal(2.0), std).contains("or twice"));
    let residual = GPT2.times(24f64.sqrt().recip());
    assert_eq!(first_cause(residual, GPT2, std), "the factor 1/√(2·layers) is missing, for 12 layers");
    assert_eq!(first_cause(GPT2, residual, std), "the factor 1/√(2·layers) is extra, for 12 layers");
    assert_eq!(
        first_cause(GPT2, Scheme::Normal { mean: 0.0, std: 4e-4 }, std),
        "the variance is used as the standard deviation"
    );
    let other = std::slice::from_ref(&CheckKind::WrongDistribution);
    assert!(
        first_cause(
            Scheme::Normal { mean: 0.0, std: 0.03 },
            Scheme::Uniform { lo: -0.051_962, hi: 0.051_962 },
            other
        )
        .contains("uniform")
    );
    let bound = Scheme::Uniform { lo: -0.02, hi: 0.02 };
    let both = &[CheckKind::WrongStd, CheckKind::WrongDistribution];
    assert!(first_cause(GPT2, bound, both).contains("standard deviation as its bound"));
    has(
        &found(GPT2, &shape, &draw(Scheme::Normal { mean: 2e-4, std: 0.02 }, &shape, OUT_IN, 1)),
        &[CheckKind::WrongMean],
        "± ",
    );
}

#[test]
fn the_fan_of_another_tensor() {
    let scheme = Scheme::kaiming_normal(1.0);
    let shapes = [[256, 128], [64, 256]];
    let expected = shapes.map(|shape| ExpectedDraw::new(scheme, &shape, OUT_IN));
    let right = summary(&shapes[0], &Dtype::F32, &draw(scheme, &shapes[0], OUT_IN, 1));
    let std = 1.0 / 128f64.sqrt();
    let wrong =
        summary(&shapes[1], &Dtype::F32, &draw(Scheme::Normal { mean: 0.0, std }, &shapes[1], OUT_IN, 2));
    let tensors = [
        CheckedTensor { name: "up", summary: &right, expected: Some(&expected[0]) },
        CheckedTensor { name: "down", summary: &wrong, expected: Some(&expected[1]) },
    ];
    let findings = judge_tensors(&tensors, &[], FALSE_ALARMS);
    has(&findings, &[CheckKind::WrongStd], "(1.4");
    assert!(
        findings[0].causes.contains(&"the fan of another tensor, such as up".to_owned()),
        "{findings:#?}"
    );
}

#[test]
fn orthogonal_matrices() {
    let (scheme, shape) = (Scheme::orthogonal(), [128, 256]);
    let gaussian = Scheme::Normal { mean: 0.0, std: 1.0 / 16.0 };
    // Case C9: the norm of a Gaussian matrix is right within a fraction of a percent only, so it is scaled.
    let mut values = draw(gaussian, &shape, OUT_IN, 1);
    let norm = values.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt();
    values.iter_mut().for_each(|x| *x = (f64::from(*x) / norm * 128f64.sqrt()) as f32);
    has(&found(scheme, &shape, &values), &[CheckKind::NotOrthogonal], "rows are not orthogonal");
    let tall = [256, 128];
    has(&found(scheme, &tall, &values), &[CheckKind::NotOrthogonal], "columns are not orthogonal");
    let large = draw(Scheme::Orthogonal { gain: Gain::number(2.0) }, &shape, OUT_IN, 1);
    has(&found(scheme, &shape, &large), &[CheckKind::WrongStd], "(2×)");
}

#[test]
fn tensors_together() {
    let shape = [32, 16];
    let [a, b] = [1, 2].map(|seed| draw(GPT2, &shape, OUT_IN, seed));
    let part = [&a[..8 * 16], &draw(GPT2, &[8, 16], OUT_IN, 3)].concat();
    let summaries = [
        summary(&shape, &Dtype::F32, &a),
        summary(&shape, &Dtype::F32, &b),
        summary(&shape, &Dtype::F32, &a),
        summary(&[16, 16], &Dtype::F32, &part),
    ];
    let expected = [ExpectedDraw::new(GPT2, &shape, OUT_IN), ExpectedDraw::new(GPT2, &[16, 16], OUT_IN)];
    let tensor = |at: usize| CheckedTensor {
        name: ["a", "b", "copy", "part"][at],
        summary: &summaries[at],
        expected: Some(&expected[at / 3]),
    };
    let judge = |places: &[usize], tied: &[Vec<usize>]| {
        let tensors: Vec<_> = places.iter().map(|&at| tensor(at)).collect();
        judge_tensors(&tensors, tied, FALSE_ALARMS)
    };
    assert_eq!(judge(&[0, 1], &[]), []);
    has(&judge(&[0, 1, 2], &[]), &[CheckKind::IdenticalTensors], "the same values");
    assert_eq!(judge(&[0, 1, 2], &[])[0].tensors, ["a", "copy"]);
    assert_eq!(judge(&[0, 2], &[vec![0, 1]]), [], "tied");
    has(&judge(&[0, 1], &[vec![0, 1]]), &[CheckKind::TiedDiffer], "different values");
    has(&judge(&[0, 3], &[]), &[CheckKind::SharedRows], "8 rows");
    // Norms are equal in every model.
    let ones = summary(&shape, &Dtype::F32, &[1.0; 512]);
    let expected = ExpectedDraw::new(Scheme::ONES, &shape, OUT_IN);
    let norm = CheckedTensor { name: "norm", summary: &ones, expected: Some(&expected) };
    assert_eq!(judge_tensors(&[norm, norm], &[], FALSE_ALARMS), []);
}

/// One mistake in all tensors has one text, the first of each, although some of them have others too.
#[test]
fn one_cause_of_many_tensors_comes_first() {
    let scheme = Scheme::kaiming_normal(1.0);
    // In the first tensor, fan-out and a factor of √2 cannot be told apart.
    let shapes = [[64, 128], [300, 100], [100, 400]];
    let summaries =
        shapes.map(|shape| summary(&shape, &Dtype::F32, &draw(scheme.fan_out(), &shape, OUT_IN, 4)));
    let expected = shapes.map(|shape| ExpectedDraw::new(scheme, &shape, OUT_IN));
    let tensors: Vec<_> = (0..3)
        .map(|at| CheckedTensor {
            name: ["a", "b", "c"][at],
            summary: &summaries[at],
            expected: Some(&expected[at]),
        })
        .collect();
    let findings = judge_tensors(&tensors, &[], FALSE_ALARMS);
    assert!(findings[0].causes.len() > 1);
    assert!(
        findings.iter().all(|finding| finding.causes[0] == "fan_out in place of fan_in"),
        "{findings:#?}"
    );
    let grouped = grouped_findings(findings);
    assert_eq!((grouped.len(), grouped[0].tensors.len()), (1, 3));
}

/// The false alarms of whole files of many kinds of tensors, at a level at which they can be counted.
#[test]
fn false_alarms_are_rarer_than_promised() {
    let level = 0.05;
    let mut generator = Generator::manual_seed(11);
    let mut alarms = 0;
    let files = 300;
    for _ in 0..files {
        let drawn: Vec<_> = schemes()
            .into_iter()
            .map(|scheme| {
                let shape = [12, 9];
                let mut values = vec![0_f32; 108];
                scheme.fill(&shape, OUT_IN, &mut values, &mut generator).unwrap();
                (summary(&shape, &Dtype::F32, &values), ExpectedDraw::new(scheme, &shape, OUT_IN))
            })
            .collect();
        let tensor = |(summary, expected)| CheckedTensor { name: "w", summary, expected: Some(expected) };
        let tensors: Vec<_> = drawn.iter().map(|(summary, expected)| tensor((summary, expected))).collect();
        alarms += usize::from(!judge_tensors(&tensors, &[], level).is_empty());
    }
    // Five standard errors above the promise.
    let most = f64::from(files) * level + 5.0 * (f64::from(files) * level).sqrt();
    assert!((alarms as f64) < most, "{alarms} of {files}");
    let mut values = vec![0_f32; 108];
    Source::normal(&mut generator, 0.0, 0.03, &mut values);
    assert!(!found(GPT2, &[12, 9], &values).is_empty(), "a std of 1.5 times the expected one");
}

#[test]
fn the_readme_lists_every_kind() {
    let readme = include_str!("../../README.md");
    let listed: Vec<&str> =
        readme.split('`').filter(|text| CheckKind::ALL.iter().any(|kind| kind.name() == *text)).collect();
    assert_eq!(listed.len(), CheckKind::ALL.len(), "{listed:?}");
    assert!(CheckKind::ALL.iter().all(|kind| listed.contains(&kind.name())));
}
