//! Roots of a function between two points.

/// The point between two others at which f changes its sign, to the last digits.
///
/// The Illinois method (Dowell & Jarratt 1971): the root of the chord replaces one end, and the value at an end that
/// stays is halved. If three such steps have not halved the interval, its midpoint is next, so that even a jump is
/// found.
pub(crate) fn root(from: f64, to: f64, f: impl Fn(f64) -> f64) -> f64 {
    let (mut kept, mut last) = ((from, f(from)), (to, f(to)));
    let mut before = f64::INFINITY;
    for turn in 1..=200 {
        let width = (last.0 - kept.0).abs();
        if last.1 == 0.0 || width <= 4.0 * f64::EPSILON * last.0.abs().max(f64::MIN_POSITIVE) {
            break;
        }
        let slow = turn % 3 == 0 && width > before / 2.0;
        before = if turn % 3 == 0 { width } else { before };
        let chord = last.0 - last.1 * ((last.0 - kept.0) / (last.1 - kept.1));
        let x = if slow { last.0.midpoint(kept.0) } else { chord };
        let next = (x, f(x));
        if (next.1 > 0.0) != (last.1 > 0.0) {
            kept = last;
        } else {
            kept.1 /= 2.0;
        }
        last = next;
    }
    last.0
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::root;

    /// A root and the number of evaluations.
    fn counted(from: f64, to: f64, f: impl Fn(f64) -> f64) -> (f64, u32) {
        let count = Cell::new(0);
        let found = root(from, to, |x| {
            count.set(count.get() + 1);
            f(x)
        });
        (found, count.get())
    }

    #[test]
    fn roots_of_smooth_flat_steep_and_jumping_functions() {
        let cube = counted(0.0, 2.0, |x| x.powi(3) - 2.0);
        assert!((cube.0 - 2f64.cbrt()).abs() < 1e-15 && cube.1 < 16, "{cube:?}");
        let flat = counted(0.0, 1.0, |x| x.powi(9) - 1e-9);
        assert!((flat.0 - 0.1).abs() < 1e-15 && flat.1 < 50, "{flat:?}");
        let steep = counted(-40.0, 2.0, |x| x.exp() - 1.0);
        assert!(steep.0.abs() < 1e-15 && steep.1 < 40, "{steep:?}");
        let step = counted(-1.0, 3.0, |x| if x < 0.7 { -1.0 } else { 1e3 });
        assert!((step.0 - 0.7).abs() < 1e-15, "{step:?}");
        assert_eq!(root(5.0, 1.0, |x| x - 1.0), 1.0);
    }
}
