//! The two precisions that numbers and weights may have.

/// `f32` or `f64`.
pub trait Float: sealed::Sealed + Copy + Into<f64> {
    /// The nearest number to x.
    ///
    /// One operation on two numbers in double precision, rounded by this, is the operation in their own precision:
    /// 53 bits are more than twice 24 and two (S. Figueroa, "When is double rounding innocuous?", 1995).
    fn nearest(x: f64) -> Self;
}

impl Float for f32 {
    #[inline(always)]
    fn nearest(x: f64) -> Self {
        x as Self
    }
}

impl Float for f64 {
    #[inline(always)]
    fn nearest(x: f64) -> Self {
        x
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_operation_may_be_rounded_from_double_precision(a: f32, b: f32) {
            let (x, y) = (f64::from(a), f64::from(b));
            prop_assert_eq!(f32::nearest(x + y).to_bits(), (a + b).to_bits());
            prop_assert_eq!(f32::nearest(x / y).to_bits(), (a / b).to_bits());
        }
    }
}
