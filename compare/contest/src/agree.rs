//! Whether two programs computed the same.

use super::work::Work;

/// How far a number of a result may be from ours, relative to it.
///
/// Single precision rounds by 6e-8, and every program adds in an order of its own: a sum of 1024 terms moves by some
/// 2e-6, and networks of gain 1 hand that on through fifty layers without making it larger. A hundredfold of the
/// precision's own error is left; a forgotten bias, a mean over other rows or another activation is far outside.
pub const SAME: f64 = 1e-4;

/// The same for numbers drawn by another generator: only the root mean square is held to the law. Over a million
/// values it has a standard error of 7e-4 for N(0, 1) and 4.5e-4 for U(0, 1), so this is seven of them or more.
pub const LAW: f64 = 5e-3;

/// Whether a program draws the numbers that PyTorch draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Bit for bit.
    PyTorch,
    /// From a generator of its own.
    Own,
}

/// Holds what a program gave to what we gave.
///
/// # Errors
/// What is different.
pub fn agree(work: Work, stream: Stream, ours: &[f64], theirs: &[f64]) -> Result<(), String> {
    if theirs.len() != ours.len() {
        return Err(format!("{} numbers where we have {}", theirs.len(), ours.len()));
    }
    let law = stream == Stream::Own && matches!(work, Work::Normals | Work::Uniforms);
    let (held, tolerance) = if law { (1, LAW) } else { (ours.len(), SAME) };
    // Not a number is near nothing.
    let near = |ours: f64, theirs: f64| (theirs - ours).abs() <= tolerance * ours.abs();
    match ours.iter().zip(theirs).take(held).find(|&(&ours, &theirs)| !near(ours, theirs)) {
        Some((ours, theirs)) => Err(format!("{theirs} where we have {ours}; {tolerance:e} of it is allowed")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Stream, agree};
    use crate::work::Work;

    const STEP: Work = Work::Step(100, 3);

    #[test]
    fn rounding_is_allowed() {
        assert_eq!(agree(STEP, Stream::Own, &[3.2958, 0.4142], &[3.2959, 0.41424]), Ok(()));
        assert_eq!(agree(Work::Normals, Stream::Own, &[1.0, 0.3, 0.1], &[1.002, -2.0, 0.7]), Ok(()));
    }

    #[test]
    fn other_numbers_are_rejected() {
        let rejected = |work, stream, theirs: &[f64]| agree(work, stream, &[1.0, 2.0], theirs).unwrap_err();
        let wrong = rejected(STEP, Stream::PyTorch, &[1.0, 2.001]);
        assert_eq!(wrong, "2.001 where we have 2; 1e-4 of it is allowed");
        assert_eq!(rejected(STEP, Stream::Own, &[1.0]), "1 numbers where we have 2");
        for theirs in [[f64::NAN, 2.0], [1.0, f64::INFINITY], [-1.0, 2.0], [2.0, 1.0]] {
            rejected(STEP, Stream::Own, &theirs);
        }
        rejected(Work::Normals, Stream::PyTorch, &[1.002, 2.0]);
        rejected(Work::Normals, Stream::Own, &[1.01, 2.0]);
    }
}
