//! Maps, kernels and fixed points against closed forms and published numbers.

use std::f64::consts::{FRAC_2_PI, PI, SQRT_2};

use mean_field::{
    Activation, Critical, CriticalPoint, Gated, MeanField, Phase, slope_squared, value, value_squared,
    value_squared_slope,
};

/// The documented accuracy of `gaussian` for one variable; for pairs it is 1e-12.
const DIGITS: f64 = 1e-13;

fn close(value: f64, exact: f64, tolerance: f64) -> bool {
    (value - exact).abs() <= tolerance * exact.abs()
}

fn field(activation: Activation, weight: f64, bias: f64) -> MeanField {
    MeanField { activation, weight, bias }
}

const VARIANCES: [f64; 6] = [1e-6, 0.1, 1.0, 3.0, 200.0, 1e8];

fn correlations() -> impl Iterator<Item = f64> {
    (-5..=5).map(|fifth| f64::from(fifth) / 5.0).chain([0.999, 1.0 - 1e-9, -0.999_99])
}

// ---- erf: Williams 1997, eq. 10, with Σ = q and without his factor of 2 in the argument ----

/// `E erf(g)·erf(h) = 2/π·asin(2c√(pq)/√((1 + 2p)(1 + 2q)))`.
fn arcsine(p: f64, q: f64, c: f64) -> f64 {
    FRAC_2_PI * (2.0 * c * (p * q).sqrt() / ((1.0 + 2.0 * p) * (1.0 + 2.0 * q)).sqrt()).asin()
}

/// `E erf′(g)·erf′(h) = 4/π/√((1 + 2q)² − 4c²q²)`.
fn arcsine_slope(q: f64, c: f64) -> f64 {
    4.0 / PI / (1.0 + 4.0 * q + 4.0 * q * q * (1.0 - c) * (1.0 + c)).sqrt()
}

#[test]
fn erf_has_the_arcsine_kernel() {
    for q in VARIANCES {
        // asin loses half of its digits near 1, which it approaches for q above 100.
        let tolerance = if q > 100.0 { 1e-10 } else { DIGITS };
        assert!(close(value_squared(Activation::Erf, q), arcsine(q, q, 1.0), tolerance), "E f² at {q}");
        assert!(close(slope_squared(Activation::Erf, q), arcsine_slope(q, 1.0), tolerance), "E f′² at {q}");
        // d/dq asin(2q/(1 + 2q)) = 2/((1 + 2q)√(1 + 4q)).
        let slope = FRAC_2_PI * 2.0 / ((1.0 + 2.0 * q) * (1.0 + 4.0 * q).sqrt());
        assert!(close(value_squared_slope(Activation::Erf, q), slope, 100.0 * DIGITS), "slope at {q}");
    }
    let field = field(Activation::Erf, 2.0, 0.3);
    for (p, q) in [(1.0, 1.0), (0.2, 5.0)] {
        let variance = |q: f64| 2.0 * arcsine(q, q, 1.0) + 0.3;
        for c in correlations() {
            let exact = (2.0 * arcsine(p, q, c) + 0.3) / (variance(p) * variance(q)).sqrt();
            assert!((field.correlation_between((p, q), c) - exact).abs() < 1e-11, "{p}, {q}, {c}");
            let chi = 2.0 * arcsine_slope(q, c);
            assert!(close(field.chi_at(q, c), chi, 1e-11), "χ at {q}, {c}");
            assert!(close(field.correlation_slope(q, c), chi * q / variance(q), 1e-11), "C′ at {q}, {c}");
        }
    }
}

// ---- ReLU: Cho & Saul 2009, eqs. 3 to 6, orders 0 and 1 ----

#[test]
fn relu_has_the_arc_cosine_kernels() {
    let field = field(Activation::Relu, 2.0, 0.1);
    for (p, q) in [(1.0, 1.0_f64), (0.01, 300.0)] {
        for c in correlations() {
            let theta = c.acos();
            let kernel = f64::sqrt(p * q) * ((1.0 - c * c).sqrt() + (PI - theta) * c) / PI + 0.1;
            let exact = kernel / f64::sqrt((p + 0.1) * (q + 0.1));
            assert!((field.correlation_between((p, q), c) - exact).abs() < 1e-10, "{p}, {q}, {c}");
            assert!((field.chi_at(q, c) - (PI - theta) / PI).abs() < 1e-10, "χ at {c}");
        }
    }
    for q in VARIANCES {
        assert!(close(value(Activation::Relu, q), (q / (2.0 * PI)).sqrt(), DIGITS), "E relu at {q}");
        assert!(close(field.variance(q), q + 0.1, DIGITS) && close(field.chi(q), 1.0, DIGITS), "{q}");
        assert!(close(field.variance_slope(q), 1.0, 10.0 * DIGITS), "{q}");
    }
}

/// `q* = σ_b²/(1 − σ_w²/2)`; any variance at `(2, 0)`, and ∞ above.
#[test]
fn relus_fixed_points() {
    let fixed = |weight, bias, from| field(Activation::Relu, weight, bias).fixed_variance(from);
    for (weight, bias) in [(1.0, 0.1), (1.99, 3.0), (1e-8, 1.0), (2.0 - 1e-6, 0.01)] {
        for from in [1e-9, 1.0, 1e6, 0.0] {
            let exact = bias / (1.0 - weight / 2.0);
            // The difference to 2 cancels digits of the quadrature.
            let tolerance = 2.0 * DIGITS / (1.0 - weight / 2.0);
            let found = fixed(weight, bias, from);
            assert!(close(found, exact, tolerance), "{weight}, {bias} from {from}: {found}, not {exact}");
        }
    }
    for from in [0.0, 1e-30, 0.7, 1e30] {
        assert_eq!(fixed(2.0, 0.0, from), from);
        assert_eq!(fixed(1.9, 0.0, from), 0.0);
        assert_eq!(fixed(2.1, 0.0, from), if from == 0.0 { 0.0 } else { f64::INFINITY });
    }
    assert_eq!(fixed(2.0, 0.1, 1.0), f64::INFINITY);
    assert_eq!(fixed(2.5, 0.0, f64::INFINITY), f64::INFINITY);
    assert!(fixed(2.0, 0.0, f64::NAN).is_nan());
    assert_eq!(field(Activation::Relu, 2.0, 0.1).phase(), Phase::Critical);
}

/// Both depths of a network with linear maps: `−1/ln(σ_w²/2)`.
#[test]
fn relus_depths() {
    let relu = field(Activation::Relu, 1.5, 0.2);
    let q = relu.fixed_variance(1.0);
    assert!(close(relu.variance_depth(q), -1.0 / 0.75_f64.ln(), 1e-12));
    assert!(close(relu.correlation_depth(q), -1.0 / 0.75_f64.ln(), 1e-12));
    let critical = field(Activation::Relu, 2.0, 0.0);
    assert_eq!(
        (critical.variance_depth(1.0), critical.correlation_depth(1.0)),
        (f64::INFINITY, f64::INFINITY)
    );
    assert_eq!(field(Activation::Relu, 0.0, 1.0).variance_depth(1.0), 0.0);
}

// ---- Squared ReLU, sine, gates, and critical points with a bias ----

/// `E f = q/2`, `E f² = 3q²/2` and `E f′² = 2q`, so that χ is 4/3 at the fixed point, which repels.
#[test]
fn squared_relus_moments() {
    for q in VARIANCES {
        let f = Activation::ReluSquared;
        assert!(close(value(f, q), q / 2.0, DIGITS), "E f at {q}");
        assert!(close(value_squared(f, q), 1.5 * q * q, DIGITS), "E f² at {q}");
        assert!(close(slope_squared(f, q), 2.0 * q, DIGITS), "E f′² at {q}");
        assert!(close(value_squared_slope(f, q), 3.0 * q, 10.0 * DIGITS), "slope at {q}");
    }
    let field = field(Activation::ReluSquared, 2.0, 0.0);
    assert_eq!((field.fixed_variance(0.33), field.fixed_variance(0.34)), (0.0, f64::INFINITY));
    assert!(close(field.chi(1.0 / 3.0), 4.0 / 3.0, DIGITS));
}

/// SIREN draws hidden weights from `U(±√(6/fan_in)/ω)`, of variance `2/ω²/fan_in` (Sitzmann et al. 2020): q in units of
/// 1/ω² settles at `q = 1 − e^(−2q)`, where χ is 2 − q.
#[test]
fn sirens_fixed_point() {
    for omega in [1.0, 30.0, 1e5] {
        let siren = field(Activation::Sine(omega), 2.0 / (omega * omega), 0.0);
        let q = siren.fixed_variance(1.0);
        let units = q * omega * omega;
        assert!(close(units, 1.0 - (-2.0 * units).exp(), 1e-12), "{omega}: {units}");
        assert_eq!(format!("{units:.6} {:.6}", siren.chi(q)), "0.796812 1.203188", "{omega}");
        assert_eq!(siren.phase(), Phase::Chaotic);
    }
    let large = field(Activation::Sine(30.0), 1.0, 0.0);
    assert_eq!((large.variance(1e9), large.variance(f64::INFINITY)), (0.5, 0.5));
}

/// Six digits of the sums `E φ²` and `E φ² + E φ′²`, computed with other quadrature.
#[test]
fn gated_pairs() {
    for (gate, expected) in [
        (Activation::Sigmoid, "0.541645 0.338215"),
        (Activation::Silu, "0.596469 0.735258"),
        (Activation::Gelu, "0.652090 0.881072"),
        (Activation::Relu, "0.707107 1.000000"),
    ] {
        let pair = Gated::of(gate, 1.0);
        assert_eq!(format!("{:.6} {:.6}", pair.rms, pair.backward), expected, "{gate}");
    }
    let four = Gated::of(Activation::Relu, 4.0);
    assert!(close(four.rms, 8f64.sqrt(), DIGITS) && close(four.backward, 4.0, DIGITS), "{four:?}");
}

/// The functions with a half-stable point; the numbers are compared in `reference.rs`.
#[test]
fn half_stable_points() {
    let known =
        [Activation::Gelu, Activation::GeluTanh, Activation::Silu, Activation::Mish, Activation::HardSwish];
    for activation in Activation::ALL {
        let point = CriticalPoint::half_stable(activation);
        assert_eq!(point.is_some(), known.contains(&activation), "{activation}");
        let Some(CriticalPoint { field, variance }) = point else { continue };
        assert!(close(field.variance(variance), variance, 1e-12), "{activation}: a fixed point");
        assert!(
            (field.chi(variance) - 1.0).abs() < 1e-12 && (field.variance_slope(variance) - 1.0).abs() < 1e-11
        );
    }
    let gelu = CriticalPoint::half_stable(Activation::Gelu).unwrap();
    assert!(close(gelu.variance, (3.0 + 17f64.sqrt()) / 2.0, 1e-11), "{gelu:?}");
}

/// Ten digits, computed in 20-digit arithmetic. `x·σ(ax)` is SiLU in units of 1/a, so that q*
/// and `σ_b²` are SiLU's over a².
#[test]
fn half_stable_points_to_ten_digits() {
    let silu = |a: f64| {
        let point = CriticalPoint::half_stable(Activation::Silu).unwrap();
        let field = MeanField { bias: point.field.bias / (a * a), ..point.field };
        CriticalPoint { field, variance: point.variance / (a * a) }
    };
    let of = |activation| CriticalPoint::half_stable(activation).unwrap();
    for (point, weight, bias, q) in [
        (of(Activation::Gelu), 1.9830582574, 0.1729223908, 3.5615528128),
        (of(Activation::GeluTanh), 1.9828882398, 0.1728951983, 3.5567728447),
        (silu(1.0), 1.9880046783, 0.5551431707, 14.3201736180),
        (silu(1.702), 1.9880046783, 0.1916398799, 4.9434389134),
        (of(Activation::Mish), 2.0135240697, 0.0945217874, 1.6701691325),
    ] {
        let found = [point.field.weight, point.field.bias, point.variance];
        for (found, exact) in found.into_iter().zip([weight, bias, q]) {
            // SiLU's q* is known to 1e-10 of itself.
            assert!((found - exact).abs() < 6e-11 * exact.max(1.0), "{point:?}: {exact}");
        }
    }
    // σ_b² as public code has it, ten times too small: q* would move by 0.50 in one layer.
    let silu = of(Activation::Silu);
    let copied = MeanField { bias: 0.055514317, ..silu.field };
    assert!((silu.variance - copied.variance(silu.variance) - 0.50).abs() < 5e-3);
}

/// Four digits, computed by other quadrature, at `σ_b² = 0.05`: depth scales peak at the critical weights.
#[test]
fn depth_scales_around_the_edge() {
    for (weight, depth) in [
        (1.0, 3.627),
        (1.3, 7.834),
        (1.5, 15.79),
        (1.7, 74.92),
        (1.8, 125.8),
        (2.0, 25.21),
        (2.5, 11.80),
        (3.0, 9.052),
        (4.0, 6.980),
    ] {
        let tanh = field(Activation::Tanh, weight, 0.05);
        let found = tanh.correlation_depth(tanh.fixed_variance(1.0));
        assert!(close(found, depth, 5e-4), "{weight}: {found}, not {depth}");
    }
    assert!(close(CriticalPoint::of_bias(Activation::Tanh, 0.05).unwrap().field.weight, 1.760_955, 3e-7));
}

// ---- tanh and the rest ----

/// `V(q) = q − 2q² + 17/3·q³ − …` at `σ_w = 1`, so `1/q` grows by `2 − 5/3·q` per layer, and variances fall as
/// `1/(2·depth)` (Roberts et al. 2022, section 5.3.3).
#[test]
fn variances_of_critical_tanh_fall_as_a_power_of_the_depth() {
    let tanh = field(Activation::Tanh, 1.0, 0.0);
    let q = 1e-4;
    // The next term is about 10·q²; the division costs 1e-13/q.
    assert!((1.0 / tanh.variance(q) - 1.0 / q - 2.0 + 5.0 / 3.0 * q).abs() < 1e-6);
    assert_eq!((tanh.fixed_variance(1.0), tanh.phase()), (0.0, Phase::Critical));
    assert_eq!((tanh.variance_depth(0.0), tanh.correlation_depth(0.0)), (f64::INFINITY, f64::INFINITY));
}

/// For bounded functions and huge weights q* is `σ_w²·E f(∞)²`, less `2√(2/π)/√q` of it for tanh, because
/// `∫(1 − tanh²) = 2`.
#[test]
fn weights_of_any_size() {
    let fixed = |activation, std: f64| field(activation, std * std, 0.0).fixed_variance(1.0);
    for std in [10.0, 1e3, 1e8] {
        let (tanh, sigmoid) = (fixed(Activation::Tanh, std), fixed(Activation::Sigmoid, std));
        let short = 1.0 - 2.0 / (2.0 * PI * tanh).sqrt();
        // The next term is of order q^(−3/2).
        assert!(close(tanh, std * std * short, 2.0 / std.powi(3) + DIGITS), "{std}: {tanh}");
        // E σ² = ½ − E σ(1 − σ), whose integral is 1.
        let half = 0.5 - 1.0 / (2.0 * PI * sigmoid).sqrt();
        assert!(close(sigmoid, std * std * half, 30.0 / std.powi(3) + DIGITS), "{std}: {sigmoid}");
    }
    for std in [1e-1, 1e-4, 1e-30] {
        assert_eq!(fixed(Activation::Tanh, std), 0.0);
        let sigmoid = fixed(Activation::Sigmoid, std);
        assert!(close(sigmoid, std * std / 4.0, std * std + DIGITS), "{std}: {sigmoid}");
    }
    // The positive fixed point of GELU repels.
    let gelu = field(Activation::Gelu, 3.0, 0.0);
    assert_eq!((gelu.fixed_variance(1e-3), gelu.fixed_variance(1e3)), (0.0, f64::INFINITY));
    // Klambauer et al. 2017: SELU's variances approach 1 from everywhere but 0.
    for from in [1e-9, 0.5, 1.0, 1e9] {
        assert!(close(fixed_selu(from), 1.0, 1e-12), "{from}");
    }
    assert_eq!(fixed_selu(0.0), 0.0);
}

fn fixed_selu(from: f64) -> f64 {
    field(Activation::Selu, 1.0, 0.0).fixed_variance(from)
}

#[test]
fn correlations_at_the_limits_of_variance() {
    for (activation, q, c, exact) in [
        // tanh is linear at 0 and a step at ∞: 2/π·asin c.
        (Activation::Tanh, 0.0, 0.3, 0.3),
        (Activation::Tanh, f64::INFINITY, 0.3, FRAC_2_PI * 0.3_f64.asin()),
        (Activation::Tanh, 1e250, 0.5, 1.0 / 3.0),
        // A constant has correlation 1.
        (Activation::Sigmoid, 0.0, -0.5, 1.0),
        // GELU is linear at 0 and ReLU at ∞.
        (Activation::Gelu, 0.0, -0.5, -0.5),
        (Activation::Gelu, f64::INFINITY, 0.0, 1.0 / PI),
    ] {
        let found = field(activation, 1.7, 0.0).correlation(q, c);
        assert!((found - exact).abs() < 1e-11, "{activation} at {q}, {c}: {found}, not {exact}");
    }
    assert_eq!(field(Activation::Tanh, 1.7, 0.1).correlation(0.0, -1.0), 1.0);
    assert!(field(Activation::Tanh, 0.0, 0.0).correlation(1.0, 0.5).is_nan());
    assert!(field(Activation::Tanh, 1.0, 0.0).correlation(f64::NAN, 0.5).is_nan());
}

// ---- Published numbers ----

/// Poole et al. 2016, figure 1: at `σ_b = 0.3`, 1.3 is ordered, 2.5 and 4 are chaotic. Schoenholz et al. 2017: at
/// `σ_b² = 0.05` the edge is at `σ_w² = 1.76`. Xiao et al. 2018: (1.05, 2.01e-5) is on the line.
#[test]
fn the_critical_line_of_tanh() {
    let phase = |std: f64| field(Activation::Tanh, std * std, 0.09).phase();
    assert_eq!([1.3, 2.5, 4.0].map(phase), [Phase::Ordered, Phase::Chaotic, Phase::Chaotic]);
    let weight = |bias| CriticalPoint::of_bias(Activation::Tanh, bias).unwrap().field.weight;
    assert_eq!(format!("{:.2}", weight(0.05)), "1.76");
    assert_eq!(format!("{:.4}", weight(2.01e-5)), "1.0500");
    let bias = CriticalPoint::of_weight(Activation::Tanh, 1.05).unwrap().field.bias;
    assert_eq!(format!("{bias:.2e}"), "2.01e-5");
}

/// Without biases the line ends in `Critical`. ReLU's line is one point, softplus has none, and GELU's fixed points
/// repel unless `σ_w²` is just below 2.
#[test]
fn the_ends_of_critical_lines() {
    for activation in Activation::ALL {
        let point = CriticalPoint::of_bias(activation, 0.0);
        let edge = Critical::of(activation);
        assert_eq!(point.is_some(), edge.is_some(), "{activation}");
        let (Some(point), Some(edge)) = (point, edge) else { continue };
        assert!(close(point.field.weight, edge.gain.powi(2), 10.0 * DIGITS), "{activation}: {point:?}");
        assert_eq!(point.field.bias, 0.0, "{activation}");
    }
    let relu = CriticalPoint::of_weight(Activation::Relu, 2.0).unwrap();
    assert_eq!((relu.field.bias, relu.field.weight), (0.0, 2.0));
    for (activation, weight) in [
        (Activation::Relu, 2.1),
        (Activation::Tanh, 0.9),
        (Activation::Gelu, 3.0),
        (Activation::Sigmoid, 100.0),
        (Activation::Softplus(1.0), 3.0),
    ] {
        assert_eq!(CriticalPoint::of_weight(activation, weight), None, "{activation}");
    }
    for (activation, bias) in
        [(Activation::Relu, 0.1), (Activation::Identity, 2e-5), (Activation::Softplus(1.0), 1.0)]
    {
        assert_eq!(CriticalPoint::of_bias(activation, bias), None, "{activation}");
    }
    assert_eq!(CriticalPoint::at(Activation::Sigmoid, 1.0), None);
    assert!(CriticalPoint::at(Activation::Gelu, 1.0).is_some_and(|p| p.field.variance_slope(1.0) > 1.0));
}

#[test]
fn phases_have_names_and_a_tolerance() {
    assert_eq!(
        [1.0 - 2e-9, 1.0 + 1e-10, 1.1, f64::NAN].map(|chi| Phase::of(chi).to_string()),
        ["ordered", "critical", "chaotic", "chaotic"]
    );
    assert_eq!(format!("{:>9}", Phase::Ordered), "  ordered");
    let gain = |std: f64| field(Activation::Relu, std * std, 0.0).phase();
    assert_eq!([1.414, SQRT_2, 1.415].map(gain), [Phase::Ordered, Phase::Critical, Phase::Chaotic]);
}
