//! Number formats of low precision, and the normal values that they cannot hold.

/// The ends of a format of floating-point numbers, for values rounded to nearest, ties to even.
///
/// ```
/// use mean_field::NumberFormat;
/// // An optimizer's second moments in half precision: gradients of 1e-6 are fine, their squares are not.
/// assert!(NumberFormat::FP16.zeros(1e-6) < 0.03 && NumberFormat::FP16.zeros(1e-12) == 1.0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NumberFormat {
    /// The smallest subnormal number. Values up to half of it become 0.
    pub smallest: f64,
    /// The magnitude from which values round beyond the largest number: halfway to the next that the format would have.
    pub limit: f64,
}

impl NumberFormat {
    /// IEEE half precision: up to 65504.
    pub const FP16: Self = Self { smallest: power(-24), limit: 65520.0 };
    /// bfloat16: the range of single precision.
    pub const BF16: Self = Self { smallest: power(-133), limit: (2.0 - power(-8)) * power(127) };
    /// FP8 E4M3 without infinities: up to 448. PyTorch 2.15 saturates there on a CPU; other versions may give NaN.
    pub const E4M3: Self = Self { smallest: power(-9), limit: 464.0 };
    /// FP8 E5M2: up to 57344.
    pub const E5M2: Self = Self { smallest: power(-16), limit: 61440.0 };

    /// The fraction of `N(0, std²)` that becomes 0: `erf(t/(2√2·std))`, t the smallest subnormal number.
    pub fn zeros(&self, std: f64) -> f64 {
        libm::erf(self.smallest / (8_f64.sqrt() * std))
    }

    /// The fraction of `N(0, std²)` that overflows: `erfc(M/(√2·std))`, M the limit.
    pub fn overflows(&self, std: f64) -> f64 {
        libm::erfc(self.limit / (2_f64.sqrt() * std))
    }
}

/// `2ⁿ` for exponents of normal numbers.
const fn power(n: i32) -> f64 {
    f64::from_bits(((1023 + n) as u64) << 52)
}
