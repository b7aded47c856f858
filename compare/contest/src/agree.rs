//! The check that two programs computed the same result.

use shared::Work;

/// The largest difference between a number of a program's result and ours, relative to ours.
///
/// Single precision rounds by 6e-8, and every program adds in an order of its own: a sum of 1024 terms moves by some
/// 2e-6, and networks of gain 1 pass that on through fifty layers without enlarging it. That leaves a hundredfold of the
/// precision's own error; a forgotten bias, a mean over other rows or another activation is far outside.
pub const TOLERANCE: f64 = 1e-4;

/// The same for numbers drawn by another generator, where only the root mean square is compared. Over a million
/// values it has a standard error of 7e-4 for N(0, 1) and 4.5e-4 for U(0, 1), so this is at least seven of them.
pub const DRAWN_TOLERANCE: f64 = 5e-3;

/// The generator that a program draws from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GeneratorKind {
    /// PyTorch's: the same numbers, bit for bit.
    PyTorch,
    /// Its own: other numbers of the same distribution.
    Own,
}

/// Compares the numbers of a program's result with ours.
///
/// # Errors
/// If they are further apart than the tolerance, or not as many: the text names the difference.
pub fn agree(work: Work, generator: GeneratorKind, ours: &[f64], theirs: &[f64]) -> Result<(), String> {
    if theirs.len() != ours.len() {
        return Err(format!("{} numbers where ours are {}", theirs.len(), ours.len()));
    }
    let drawn = generator == GeneratorKind::Own && matches!(work, Work::Normals | Work::Uniforms);
    let (compared, tolerance) = if drawn { (1, DRAWN_TOLERANCE) } else { (ours.len(), TOLERANCE) };
    // NaN is near nothing.
    let near = |ours: f64, theirs: f64| (theirs - ours).abs() <= tolerance * ours.abs();
    match ours.iter().zip(theirs).take(compared).find(|&(&ours, &theirs)| !near(ours, theirs)) {
        Some((ours, theirs)) => {
            Err(format!("{theirs} where ours is {ours} (relative tolerance {tolerance:e})"))
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::{GeneratorKind, agree};
    use shared::Work;

    const STEP: Work = Work::Step(100, 3);

    #[test]
    fn rounding_is_allowed() {
        assert_eq!(agree(STEP, GeneratorKind::Own, &[3.2958, 0.4142], &[3.2959, 0.41424]), Ok(()));
        assert_eq!(agree(Work::Normals, GeneratorKind::Own, &[1.0, 0.3, 0.1], &[1.002, -2.0, 0.7]), Ok(()));
    }

    #[test]
    fn other_numbers_are_rejected() {
        let rejected =
            |work, generator, theirs: &[f64]| agree(work, generator, &[1.0, 2.0], theirs).unwrap_err();
        let wrong = rejected(STEP, GeneratorKind::PyTorch, &[1.0, 2.001]);
        assert_eq!(wrong, "2.001 where ours is 2 (relative tolerance 1e-4)");
        assert_eq!(rejected(STEP, GeneratorKind::Own, &[1.0]), "1 numbers where ours are 2");
        for theirs in [[f64::NAN, 2.0], [1.0, f64::INFINITY], [-1.0, 2.0], [2.0, 1.0]] {
            rejected(STEP, GeneratorKind::Own, &theirs);
        }
        rejected(Work::Normals, GeneratorKind::PyTorch, &[1.002, 2.0]);
        rejected(Work::Normals, GeneratorKind::Own, &[1.01, 2.0]);
    }
}
