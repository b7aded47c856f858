//! The colour difference CIEDE2000, which the test of the palette measures with.

/// The difference of two colours in CIE 1976 L*a*b*: Sharma, Wu and Dalal (2005), with all weights 1.
pub(crate) fn difference([l1, a1, b1]: [f64; 3], [l2, a2, b2]: [f64; 3]) -> f64 {
    const POWER: f64 = 6_103_515_625.0; // 25⁷
    let root = |chroma: f64| (chroma.powi(7) / (chroma.powi(7) + POWER)).sqrt();
    let stretch = 1.0 + 0.5 * (1.0 - root(f64::midpoint(a1.hypot(b1), a2.hypot(b2))));
    let (a1, a2) = (a1 * stretch, a2 * stretch);
    let (c1, c2) = (a1.hypot(b1), a2.hypot(b2));
    let angle =
        |a: f64, b: f64| if a == 0.0 && b == 0.0 { 0.0 } else { b.atan2(a).to_degrees().rem_euclid(360.0) };
    let (h1, h2) = (angle(a1, b1), angle(a2, b2));
    let (turn, hue) = hues(h1, h2, c1 * c2 == 0.0);
    let (l, c) = (f64::midpoint(l1, l2), f64::midpoint(c1, c2));
    let cos = |factor: f64, shift: f64| (factor * hue + shift).to_radians().cos();
    let t =
        1.0 - 0.17 * cos(1.0, -30.0) + 0.24 * cos(2.0, 0.0) + 0.32 * cos(3.0, 6.0) - 0.20 * cos(4.0, -63.0);
    let off = (l - 50.0).powi(2);
    let lightness = (l2 - l1) / (1.0 + 0.015 * off / (20.0 + off).sqrt());
    let chroma = (c2 - c1) / (1.0 + 0.045 * c);
    let hue_part = 2.0 * (c1 * c2).sqrt() * (turn / 2.0).to_radians().sin() / (1.0 + 0.015 * c * t);
    let rotation = 60.0 * (-((hue - 275.0) / 25.0).powi(2)).exp();
    let cross = -rotation.to_radians().sin() * 2.0 * root(c);
    (lightness.powi(2) + chroma.powi(2) + hue_part.powi(2) + cross * chroma * hue_part).sqrt()
}

/// The difference of two hues and their mean, in degrees the shorter way around; without a hue, grey takes the other's.
fn hues(h1: f64, h2: f64, grey: bool) -> (f64, f64) {
    let (turn, sum) = (h2 - h1, h1 + h2);
    match turn {
        _ if grey => (0.0, sum),
        -180.0..=180.0 => (turn, sum / 2.0),
        _ => (turn - 360.0 * turn.signum(), if sum < 360.0 { sum / 2.0 + 180.0 } else { sum / 2.0 - 180.0 }),
    }
}

#[test]
fn differences_are_those_of_the_published_pairs() {
    // Sharma, Wu and Dalal (2005), "The CIEDE2000 color-difference formula: implementation notes, supplementary test data,
    // and mathematical observations", table 1: pairs 1 to 34 in part, chosen for the branches of hue and for grey.
    let pairs = [
        ([50.0, 2.6772, -79.7751], [50.0, 0.0, -82.7485], 2.0425),
        ([50.0, 3.1571, -77.2803], [50.0, 0.0, -82.7485], 2.8615),
        ([50.0, -1.3802, -84.2814], [50.0, 0.0, -82.7485], 1.0),
        ([50.0, 0.0, 0.0], [50.0, -1.0, 2.0], 2.3669),
        ([50.0, 2.4900, -0.0010], [50.0, -2.4900, 0.0009], 7.1792),
        ([50.0, 2.4900, -0.0010], [50.0, -2.4900, 0.0011], 7.2195),
        ([50.0, -0.0010, 2.4900], [50.0, 0.0009, -2.4900], 4.8045),
        ([50.0, -0.0010, 2.4900], [50.0, 0.0011, -2.4900], 4.7461),
        ([50.0, 2.5, 0.0], [50.0, 0.0, -2.5], 4.3065),
        ([50.0, 2.5, 0.0], [73.0, 25.0, -18.0], 27.1492),
        ([50.0, 2.5, 0.0], [61.0, -5.0, 29.0], 22.8977),
        ([50.0, 2.5, 0.0], [56.0, -27.0, -3.0], 31.9030),
        ([50.0, 2.5, 0.0], [58.0, 24.0, 15.0], 19.4535),
        ([60.2574, -34.0099, 36.2677], [60.4626, -34.1751, 39.4387], 1.2644),
        ([63.0109, -31.0961, -5.8663], [62.8187, -29.7946, -4.0864], 1.2630),
        ([35.0831, -44.1164, 3.7933], [35.0232, -40.0716, 1.5901], 1.8645),
        ([22.7233, 20.0904, -46.6940], [23.0331, 14.9730, -42.5619], 2.0373),
        ([90.8027, -2.0831, 1.4410], [91.1528, -1.6435, 0.0447], 1.4441),
        ([6.7747, -0.2908, -2.4247], [5.8714, -0.0985, -2.2286], 0.6377),
        ([2.0776, 0.0795, -1.1350], [0.9033, -0.0636, -0.5514], 0.9082),
    ];
    for (a, b, published) in pairs {
        // Published to four decimals.
        assert!((difference(a, b) - published).abs() < 5.1e-5, "{a:?} {b:?}: {}", difference(a, b));
        assert_eq!(difference(a, b), difference(b, a));
    }
}
