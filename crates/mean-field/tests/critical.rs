//! The edge of chaos without biases, against a scan and published numbers.

use std::f64::consts::{PI, SQRT_2};

use gaussian::expectation;
use mean_field::{Activation, Critical};

/// The accuracy of the quadrature.
const DIGITS: f64 = 1e-13;

fn close(value: f64, exact: f64, tolerance: f64) -> bool {
    (value / exact - 1.0).abs() <= tolerance
}

/// `r = E f(√q·z)²/q` and `E f′(√q·z)²`.
fn variance_and_slope(activation: Activation, q: f64) -> (f64, f64) {
    let at = |z: f64| activation.eval(q.sqrt() * z);
    let breaks: Vec<f64> = activation.kinks().iter().map(|kink| kink / q.sqrt()).collect();
    let mean = |f: &dyn Fn(f64) -> f64| expectation(&breaks, f);
    (mean(&|z| at(z).0.powi(2)) / q, mean(&|z| at(z).1.powi(2)))
}

/// From 1e-4 to 1e4, where the relevant differences are above 1e-8 of the values; 1e-12 counts as equal.
fn variances() -> impl Iterator<Item = f64> {
    (-40..=40).map(|tenth| 10_f64.powf(f64::from(tenth) / 10.0))
}

/// The result of a scan over q without expectations: the sign of `χ − 1` at every fixed point, and the sign of the
/// change of r with q. Repetitions are removed.
fn scan(activation: Activation) -> (Vec<i8>, Vec<i8>) {
    let sign = |a: f64, b: f64| i8::from(a > b * (1.0 + 1e-12)) - i8::from(a < b * (1.0 - 1e-12));
    let points: Vec<_> = variances().map(|q| variance_and_slope(activation, q)).collect();
    let mut chaos: Vec<i8> = points.iter().map(|&(r, slope)| sign(slope, r)).collect();
    let mut trend: Vec<i8> = points.windows(2).map(|two| sign(two[1].0, two[0].0)).collect();
    chaos.dedup();
    trend.dedup();
    (chaos, trend)
}

/// The table of `Critical`, by scanning: χ − 1 changes its sign at an edge above 0, and r falls if the edge is at 0.
#[test]
fn edges_of_chaos_are_where_a_scan_finds_them() {
    let parameters = [Activation::LeakyRelu(-0.5), Activation::Elu(0.3), Activation::Elu(3.0)];
    for activation in Activation::ALL.into_iter().chain(parameters) {
        let (chaos, trend) = scan(activation);
        let edge = Critical::of(activation).map(|edge| edge.variance);
        let expected: (&[i8], &[i8]) = match (activation, edge) {
            (_, Some(None)) => (&[0], &[0]),
            // Linear to all digits while q is small.
            (Activation::HardTanh | Activation::Relu6, Some(Some(0.0))) => (&[0, 1], &[0, -1]),
            (_, Some(Some(0.0))) => (&[1], &[-1]),
            (_, Some(Some(_))) => (&[-1, 1], &[-1]),
            (Activation::Softplus(_) | Activation::LogSigmoid, None) => (&[-1], &[-1]),
            (_, None) => (&[1], &[1]),
        };
        assert_eq!((&chaos[..], &trend[..]), expected, "{activation}: {edge:?}");
    }
    assert_ne!(
        scan(Activation::Tanh),
        scan(Activation::Gelu),
        "the scan must distinguish an edge at 0 from none"
    );
}

/// True if `gain` keeps the variance q and the distance of two close inputs there.
fn is_critical(activation: Activation, gain: f64, q: f64, tolerance: f64) -> bool {
    let (r, slope) = variance_and_slope(activation, q);
    close(gain * gain * r, 1.0, tolerance) && close(gain * gain * slope, 1.0, tolerance)
}

#[test]
fn at_the_edge_variances_and_distances_stay() {
    for activation in Activation::ALL {
        let Some(Critical { gain, variance }) = Critical::of(activation) else { continue };
        // At q* = 0 both are kept in the limit: r and E f′² deviate by some √q if the slope has a jump or a kink.
        let (qs, tolerance) = match variance {
            None => (vec![1e-6, 1.0, 1e6], DIGITS),
            Some(0.0) => (vec![1e-20], 4e-10),
            Some(q) => (vec![q], DIGITS),
        };
        for q in qs {
            assert!(is_critical(activation, gain, q, tolerance), "{activation}: {gain} at {q}");
            assert!(!is_critical(activation, gain * (1.0 + 1e-9), q, tolerance), "{activation} off by 1e-9");
        }
    }
}

/// Klambauer et al. 2017, to 16 digits.
const ALPHA: f64 = 1.673_263_242_354_377_2;
const LAMBDA: f64 = 1.050_700_987_355_480_5;

#[test]
fn known_edges() {
    let value = |activation| Critical::of(activation).map(|edge| edge.gain);
    for (activation, exact) in [
        (Activation::Identity, 1.0),
        (Activation::Relu, SQRT_2),
        (Activation::Tanh, 1.0),
        (Activation::Erf, PI.sqrt() / 2.0),
        (Activation::Elu(1.0), 1.0),
        (Activation::Selu, (2.0 / (1.0 + ALPHA * ALPHA)).sqrt() / LAMBDA),
        // mpmath 1.3, 22 digits.
        (Activation::Sigmoid, 10.149_263_710_019_526),
    ] {
        assert!(value(activation).is_some_and(|gain| close(gain, exact, DIGITS)), "{activation}: {exact}");
    }
    let sigmoid = Critical::of(Activation::Sigmoid).unwrap().variance.unwrap();
    // χ changes by 1/113 of its value from q = 45.6 to 46.6, so a relative error of 3e-13 in q changes it by 1e-13.
    assert!(close(sigmoid, 45.624_277_797_379_71, 3.0 * DIGITS), "{sigmoid}");
    for activation in [Activation::Gelu, Activation::Silu, Activation::Softplus(1.0)] {
        assert_eq!(Critical::of(activation), None);
    }
}
