//! Pairwise summation, which keeps the digits of long sums.
//!
//! Up to [`BLOCK`] terms are added in eight partial sums; the sums of blocks are added pairwise, by halving. The
//! error grows with the logarithm of the number of terms, while that of a running sum grows with the number: in
//! single precision, a running sum of 20 million ones is 16,777,216 (Higham, *The accuracy of floating point
//! summation*, 1993).

use crate::{Real, simd};

/// The largest number of terms that is not halved.
const BLOCK: usize = 128;

/// `Σ x`; 0 if there are no terms.
#[inline(always)]
pub(crate) fn sum<T: Real>(x: &[T]) -> T {
    if x.len() <= BLOCK { simd::simd_fold(x, T::ZERO, |sum, x| sum + x) } else { halves(x) }
}

/// `Σ x` of more terms than a block.
fn halves<T: Real>(x: &[T]) -> T {
    let (left, right) = x.split_at(half(x.len()));
    sum(left) + sum(right)
}

/// Adds lines of `n` values each to `sums`, which are 0 at first.
pub(crate) fn sum_lines<T: Real>(lines: &[T], n: usize, sums: &mut [T]) {
    let m = lines.len() / n;
    if m > BLOCK {
        let (top, bottom) = lines.split_at(half(m) * n);
        let mut more = vec![T::ZERO; n];
        sum_lines(top, n, sums);
        sum_lines(bottom, n, &mut more);
        return add(sums, &more, n);
    }
    add(sums, lines, n);
}

/// Adds every line to `sums`.
fn add<T: Real>(sums: &mut [T], lines: &[T], n: usize) {
    simd::dispatch(
        #[inline(always)]
        || {
            for line in lines.chunks_exact(n) {
                for (sum, &x) in sums.iter_mut().zip(line) {
                    *sum += x;
                }
            }
        },
    );
}

/// Half of the terms, rounded up to whole blocks.
fn half(terms: usize) -> usize {
    (terms / 2).next_multiple_of(BLOCK)
}

#[cfg(test)]
mod tests {
    use super::{BLOCK, sum, sum_lines};

    /// Sums of quarters are exact in any order, so a term that is missing or added twice shows.
    #[test]
    fn every_term_counts_once() {
        for n in (0..5 * BLOCK).chain([1000, 4096, 12_345]) {
            assert_eq!(sum(&vec![0.25_f32; n]), 0.25 * n as f32);
            let lines: Vec<f32> = (0..3 * n).map(|i| (i % 3) as f32).collect();
            let mut sums = [0.0; 3];
            sum_lines(&lines, 3, &mut sums);
            assert_eq!(sums, [0.0, n as f32, 2.0 * n as f32]);
        }
    }

    #[test]
    fn up_to_a_block_lines_are_added_in_order() {
        let x: Vec<f32> = (0..BLOCK).map(|i| (i as f32 * 0.7).sin() * 1e3_f32.powi(i as i32 % 5)).collect();
        let in_order = x.iter().fold(0.0, |sum, x| sum + x);
        let mut sums = [0.0];
        sum_lines(&x, 1, &mut sums);
        assert_eq!(sums, [in_order]);
        assert_ne!(x.iter().rev().fold(0.0, |sum, x| sum + x), in_order, "another order is detected");
    }

    /// The error of terms of one sign is at most `(128 + log₂ n)·ε/2` of the sum, and far less with partial sums.
    /// That of a running sum is far larger, and is detected.
    #[test]
    fn a_million_terms_keep_their_digits() {
        let x = vec![0.1_f32; 1_000_000];
        let exact: f64 = x.iter().map(|&x| f64::from(x)).sum();
        let off = |sum: f32| (f64::from(sum) / exact - 1.0).abs() / f64::from(f32::EPSILON);
        let mut lines = [0.0];
        sum_lines(&x, 1, &mut lines);
        let bound = f64::midpoint(BLOCK as f64, 20.0);
        assert!(off(sum(&x)) <= bound && off(lines[0]) <= bound, "{} and {}", off(sum(&x)), off(lines[0]));
        assert_eq!(sum(&vec![1.0_f32; 20_000_000]), 2e7);
        assert!(off(x.iter().sum()) > bound, "{}", off(x.iter().sum()));
    }
}
