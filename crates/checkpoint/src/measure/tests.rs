//! Summaries against the definitions, in plain loops over double precision.

use proptest::prelude::*;

use super::TensorSummary;
use crate::Dtype;

/// A close number: errors of sums in double precision, relative to the sum of magnitudes.
fn close(ours: f64, wanted: f64, scale: f64) -> bool {
    (ours - wanted).abs() <= 1e-11 * scale || ours == wanted || ours.is_nan() && wanted.is_nan()
}

/// The four types, from values in double precision: their bytes, and the values that these stand for.
fn stored(dtype: &Dtype, values: &[f64]) -> (Vec<u8>, Vec<f64>) {
    let each = |value: &f64| match dtype {
        Dtype::F64 => (value.to_le_bytes().to_vec(), *value),
        Dtype::F32 => ((*value as f32).to_le_bytes().to_vec(), f64::from(*value as f32)),
        Dtype::F16 => (
            crate::testing::half::f16::from_f64(*value).to_le_bytes().to_vec(),
            crate::testing::half::f16::from_f64(*value).to_f64(),
        ),
        Dtype::Bf16 => (
            crate::testing::half::bf16::from_f64(*value).to_le_bytes().to_vec(),
            crate::testing::half::bf16::from_f64(*value).to_f64(),
        ),
        Dtype::Other(name) => panic!("{name}"),
    };
    let (bytes, values): (Vec<_>, Vec<_>) = values.iter().map(each).unzip();
    (bytes.concat(), values)
}

fn check_counts(summary: &TensorSummary, values: &[f64], smallest_normal: f64) {
    let count = |is: &dyn Fn(f64) -> bool| values.iter().filter(|x| is(**x)).count() as u64;
    let finite: Vec<f64> = values.iter().copied().filter(|x| x.is_finite()).collect();
    let min = finite.iter().copied().reduce(f64::min).unwrap_or(f64::NAN);
    let max = finite.iter().copied().reduce(f64::max).unwrap_or(f64::NAN);
    assert_eq!(summary.count, values.len() as u64);
    assert_eq!(summary.finite(), finite.len() as u64);
    assert_eq!(summary.nan, count(&|x: f64| x.is_nan()));
    assert_eq!(summary.positive_infinite, count(&|x| x == f64::INFINITY));
    assert_eq!(summary.negative_infinite, count(&|x| x == f64::NEG_INFINITY));
    assert_eq!(summary.zeros, count(&|x| x == 0.0));
    assert_eq!(summary.subnormals, count(&|x| x != 0.0 && x.abs() < smallest_normal));
    assert!(close(summary.min, min, 0.0) && close(summary.max, max, 0.0));
    assert_eq!((summary.at_min, summary.at_max), (count(&|x| x == min), count(&|x| x == max)));
    assert_eq!(summary.histogram.total(), finite.len() as u64);
}

fn check_moments(summary: &TensorSummary, values: &[f64]) {
    let finite: Vec<f64> = values.iter().copied().filter(|x| x.is_finite()).collect();
    let (n, mean) = (finite.len() as f64, finite.iter().sum::<f64>() / finite.len().max(1) as f64);
    let largest = finite.iter().fold(0.0_f64, |largest, x| largest.max(x.abs()));
    let power = |p: i32| finite.iter().map(|x| (x - mean).powi(p)).sum::<f64>();
    let moments = &summary.moments;
    assert!(close(moments.mean, mean, largest), "{} {mean}", moments.mean);
    for (ours, p) in [(moments.squares, 2), (moments.cubes, 3), (moments.fourths, 4)] {
        assert!(close(ours, power(p), n * (2.0 * largest).powi(p)), "{p}: {ours} {}", power(p));
    }
}

fn check_bins(summary: &TensorSummary, values: &[f64]) {
    let bins: Vec<_> = summary.histogram.bins(&summary.dtype).collect();
    for bin in &bins {
        // The ends are between numbers of the type, except at 0, which belongs to the bin that begins there.
        let inside = |x: f64| match (bin.lower, bin.upper) {
            (0.0, upper) => x < upper && x >= 0.0 && !(x == 0.0 && x.is_sign_negative()),
            (lower, 0.0) => x > lower && x <= 0.0 && !(x == 0.0 && x.is_sign_positive()),
            (lower, upper) => (lower..upper).contains(&x),
        };
        assert_eq!(values.iter().filter(|x| inside(**x)).count() as u64, bin.count, "{bin:?}");
    }
    assert!(bins.windows(2).all(|pair| pair[0].upper <= pair[1].lower));
}

fn check_lines(summary: &TensorSummary, values: &[f64], shape: &[usize]) {
    let (Some(rows), Some(columns)) = (&summary.rows, &summary.columns) else {
        assert!(shape.len() < 2 || values.is_empty());
        return;
    };
    let width = values.len() / shape[0];
    let sums = |line: &mut dyn Iterator<Item = f64>| {
        line.fold([0.0, 0.0, 0.0], |[a, b, c], x| [a + x, b + x * x, c + x.abs()])
    };
    assert_eq!((rows.len(), columns.len()), (shape[0], width));
    for (at, row) in rows.iter().enumerate() {
        let [sum, squares, scale] = sums(&mut values[at * width..][..width].iter().copied());
        assert!(close(row.sum, sum, scale) && close(row.squares, squares, squares), "row {at}: {row:?}");
    }
    for (at, column) in columns.iter().enumerate() {
        let [sum, squares, scale] = sums(&mut values[at..].iter().step_by(width).copied());
        assert!(close(column.sum, sum, scale) && close(column.squares, squares, squares), "column {at}");
    }
    let zero = |x: &f64| *x == 0.0;
    assert_eq!(summary.zero_rows(), values.chunks(width).filter(|row| row.iter().all(zero)).count());
    let zero_columns = (0..width).filter(|at| values[*at..].iter().step_by(width).all(zero)).count();
    assert_eq!(summary.zero_columns(), zero_columns);
    for (a, b) in rows.iter().zip(values.chunks(width)).zip(rows.iter().zip(values.chunks(width)).skip(1)) {
        let bits = |row: &[f64]| row.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        // NaNs of different bits have become one in `values`.
        if !a.1.iter().chain(b.1).any(|x| x.is_nan()) {
            assert_eq!(a.0.hash == b.0.hash, bits(a.1) == bits(b.1));
        }
    }
}

fn check(shape: &[usize], dtype: &Dtype, values: &[f64]) -> TensorSummary {
    let (bytes, values) = stored(dtype, values);
    let summary = TensorSummary::of(shape, dtype, &bytes);
    assert_eq!((&summary.dtype, &summary.shape[..]), (dtype, shape));
    check_counts(&summary, &values, dtype.smallest_normal());
    check_moments(&summary, &values);
    check_bins(&summary, &values);
    check_lines(&summary, &values, shape);
    summary
}

fn dtypes() -> impl Strategy<Value = Dtype> {
    prop::sample::select(vec![Dtype::F32, Dtype::F64, Dtype::F16, Dtype::Bf16])
}

/// Values as weights have them, some of them special.
fn value() -> impl Strategy<Value = f64> {
    prop_oneof![
        20 => -3.0..3.0,
        2 => prop::sample::select(vec![0.0, -0.0, 1.0, -1.0, 3.0, 5.96e-8, 2e-5, 1e-40, -1e-42]),
        1 => prop::sample::select(vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e30, -7e4]),
    ]
}

fn shapes() -> impl Strategy<Value = Vec<usize>> {
    prop_oneof![
        Just(vec![]),
        (0_usize..40).prop_map(|n| vec![n]),
        (0_usize..12, 0_usize..40).prop_map(|(a, b)| vec![a, b]),
        (1_usize..5, 1_usize..5, 1_usize..5, 0_usize..4).prop_map(|(a, b, c, d)| vec![a, b, c, d]),
    ]
}

proptest! {
    #[test]
    fn summaries_are_those_of_the_definitions(
        (shape, values) in shapes().prop_flat_map(|shape| {
            let n = shape.iter().product::<usize>();
            (Just(shape), prop::collection::vec(value(), n))
        }),
        dtype in dtypes(),
    ) {
        check(&shape, &dtype, &values);
    }

    #[test]
    fn merged_is_measured_as_one(
        a in prop::collection::vec(value(), 0..50),
        b in prop::collection::vec(value(), 0..50),
        dtype in dtypes(),
    ) {
        let (bytes_a, values_a) = stored(&dtype, &a);
        let (bytes_b, values_b) = stored(&dtype, &b);
        let mut merged = TensorSummary::of(&[a.len()], &dtype, &bytes_a);
        merged.merge(&TensorSummary::of(&[b.len()], &dtype, &bytes_b));
        let values = [values_a, values_b].concat();
        check_counts(&merged, &values, dtype.smallest_normal());
        check_moments(&merged, &values);
        check_bins(&merged, &values);
        prop_assert_eq!(merged.shape, vec![values.len()]);
    }
}

/// A sequence without a pattern, in [−1, 1): the fractions of multiples of the golden ratio, scrambled.
fn scattered(n: usize) -> Vec<f64> {
    let fraction = |i: usize| ((i as f64 * 0.618_033_988_749_895).fract() * 7919.7).fract();
    (0..n).map(|i| 2.0 * fraction(i) - 1.0).collect()
}

#[test]
fn tensors_of_several_chunks() {
    let several = [vec![600_001], vec![2, 270_007], vec![600, 901], vec![50_001, 7], vec![5, 1000, 3, 21]];
    for shape in several {
        let mut values = scattered(shape.iter().product());
        check(&shape, &Dtype::F32, &values);
        let n = values.len();
        for (at, special) in
            [(1, f64::NAN), (n / 2, f64::INFINITY), (n - 1, 0.0), (n / 3, -1e-41), (n / 4, 9.0)]
        {
            values[at] = special;
        }
        check(&shape, if n.is_multiple_of(2) { &Dtype::Bf16 } else { &Dtype::F16 }, &values);
    }
}

#[test]
fn a_constant_has_no_spread() {
    for value in [1.0, 0.02, -7.3, 1e-30] {
        let summary = check(&[1000, 333], &Dtype::F32, &vec![value; 333_000]);
        assert_eq!(summary.moments.squares, 0.0);
        assert_eq!((summary.at_min, summary.at_max), (333_000, 333_000));
    }
}

#[test]
fn a_mean_far_from_zero_costs_no_digits() {
    let shifted: Vec<f64> = scattered(300_000).iter().map(|x| 1e6 + x / 1e3).collect();
    let summary = TensorSummary::of_f64(&[300, 1000], &shifted);
    // A uniform distribution of width 2/1000.
    assert!((summary.moments.std() * 3f64.sqrt() * 1e3 - 1.0).abs() < 0.01, "{}", summary.moments.std());
    assert!((summary.moments.kurtosis() - 1.8).abs() < 0.02, "{}", summary.moments.kurtosis());
}

/// `‖W r‖²` of the identity in part of a matrix is the number of its rows, in whatever chunks; of other matrices of equal
/// entries' size it is not.
#[test]
fn projections_tell_orthogonal_matrices() {
    let (rows, columns) = (600, 1500);
    let identity: Vec<f64> = (0..rows * columns).map(|i| f64::from(i % (columns + 1) == 0)).collect();
    let project = |values: &[f64]| {
        let (bytes, _) = stored(&Dtype::F32, values);
        TensorSummary::with_projections(&[rows, columns], &Dtype::F32, &bytes, 3).projections
    };
    for projection in project(&identity) {
        assert_eq!((projection.of_rows, projection.of_columns), (600.0, 600.0));
    }
    // Two equal rows.
    let mut twice = identity.clone();
    twice.copy_within(0..columns, columns);
    let lengths: Vec<f64> = project(&twice).iter().map(|projection| projection.of_columns).collect();
    // (r₀ + r₁)² is 0 or 4 in place of 2.
    assert!(lengths.iter().all(|length| [598.0, 602.0].contains(length)), "{lengths:?}");
    assert_eq!(TensorSummary::of_f32(&[2, 2], &[0.0; 4]).projections, []);
}

#[test]
fn hashes_tell_tensors_apart() {
    let values: Vec<f32> = scattered(1000).iter().map(|x| *x as f32).collect();
    let hash = |values: &[f32]| TensorSummary::of_f32(&[10, 100], values).hash;
    let mut other = values.clone();
    other[999] = f32::from_bits(other[999].to_bits() ^ 1);
    assert_eq!(hash(&values), hash(&values.clone()));
    assert_ne!(hash(&values), hash(&other));
    other.copy_from_slice(&values);
    other.swap(0, 999);
    assert_ne!(hash(&values), hash(&other));
}

#[test]
fn fractions_of_converted_values_are_short() {
    let bits = |values: &[f32]| TensorSummary::of_f32(&[values.len()], values).fraction_bits;
    assert_eq!([bits(&[1.0, -2.0, 0.0]), bits(&[1.5]), bits(&[0.1])], [0, 1, 23]);
    assert_eq!(
        bits(&[
            crate::testing::half::bf16::from_f32(0.1).to_f32(),
            crate::testing::half::bf16::from_f32(-0.7).to_f32()
        ]),
        7
    );
    let bytes = f64::from(0.1_f32).to_le_bytes();
    assert_eq!(TensorSummary::of(&[1], &Dtype::F64, &bytes).fraction_bits, 23);
    assert_eq!(TensorSummary::of(&[1], &Dtype::F64, &0.1_f64.to_le_bytes()).fraction_bits, 51);
}
