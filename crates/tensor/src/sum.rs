//! Pairwise summation, which keeps the digits of long sums.
//!
//! A sum of n terms is a tree of additions, so its error grows with the logarithm of n, while that of a running sum
//! grows with n: in single precision, a running sum of 20 million ones is 16,777,216 (Higham, *The accuracy of floating
//! point summation*, 1993). A term is rounded at most as often as its tree is deep, so the error is at most
//! `depth·u/(1 − depth·u)·Σ|x|`, where u is half of ε. The depth is
//!
//! - `⌈log₂ n⌉ + 6` where lines are added, by [`sum_lines`]: four at once, eight times, then by halves;
//! - `⌈log₂ n⌉ + 11` where neighbours are added, by [`sum`]: eight partial sums of 16 each, then by halves.

use crate::{Real, simd};

/// The largest number of neighbours that is not halved.
const BLOCK: usize = 128;

/// The number of lines that are added before their sum is.
const LINES: usize = 32;

/// `Σ x`; 0 if there are no terms.
#[inline(always)]
pub(crate) fn sum<T: Real>(x: &[T]) -> T {
    if x.len() <= BLOCK { simd::simd_fold(x, T::ZERO, |sum, x| sum + x) } else { halves(x) }
}

/// `Σ x` of more terms than a block.
fn halves<T: Real>(x: &[T]) -> T {
    let (left, right) = x.split_at((x.len() / 2).next_multiple_of(BLOCK));
    sum(left) + sum(right)
}

/// Sets each of `sums` to `Σ term(x, y, column)` over the lines of x and y, which are as long as `sums` and equally many.
/// It inlines into the loops of a [`dispatch`](simd::dispatch). `waiting` is empty room.
#[inline(always)]
pub(crate) fn sum_lines<T: Real>(
    x: &[T],
    y: &[T],
    sums: &mut [T],
    waiting: &mut Vec<T>,
    term: impl Fn(T, T, usize) -> T,
) {
    let block = (LINES * sums.len()).max(1);
    in_tree(
        x.chunks(block).zip(y.chunks(block)),
        sums,
        waiting,
        #[inline(always)]
        move |(x, y), sums: &mut [T]| add_block(x, y, sums, &term),
    );
}

/// Sets `sums` to the sum of the lines of x at these positions, with the bits of [`sum_lines`] of a copy of these lines.
#[inline(always)]
pub(crate) fn sum_lines_at<T: Real>(x: &[T], positions: &[usize], sums: &mut [T], waiting: &mut Vec<T>) {
    in_tree(
        positions.chunks(LINES),
        sums,
        waiting,
        #[inline(always)]
        move |positions, sums: &mut [T]| add_block_at(x, positions, sums),
    );
}

/// Sets `sums` to the sum of all blocks, each of which `add` adds to zeros.
///
/// The sum of 2ᵏ blocks waits until there is another of as many. So the tree is balanced, whatever the number of blocks,
/// and no call is between the loops.
#[inline(always)]
fn in_tree<T: Real, B>(
    blocks: impl Iterator<Item = B>,
    sums: &mut [T],
    waiting: &mut Vec<T>,
    add: impl Fn(B, &mut [T]),
) {
    sums.fill(T::ZERO);
    for (number, block) in blocks.enumerate() {
        if number > 0 {
            waiting.extend_from_slice(sums);
            sums.fill(T::ZERO);
        }
        add(block, sums);
        for _ in 0..number.trailing_ones() {
            add_last(waiting, sums);
        }
    }
    while !waiting.is_empty() {
        add_last(waiting, sums);
    }
}

/// Adds the terms of a few lines to `sums`, four lines at once.
#[inline(always)]
fn add_block<T: Real>(x: &[T], y: &[T], sums: &mut [T], term: &impl Fn(T, T, usize) -> T) {
    let n = sums.len();
    let (xs, ys) = (x.chunks_exact(4 * n), y.chunks_exact(4 * n));
    let rest = xs.remainder().chunks_exact(n).zip(ys.remainder().chunks_exact(n));
    for (x, y) in xs.zip(ys) {
        let ([x0, x1, x2, x3], [y0, y1, y2, y3]) = (four(x, n), four(y, n));
        for j in 0..n {
            sums[j] += (term(x0[j], y0[j], j) + term(x1[j], y1[j], j))
                + (term(x2[j], y2[j], j) + term(x3[j], y3[j], j));
        }
    }
    for (x, y) in rest {
        for j in 0..n {
            sums[j] += term(x[j], y[j], j);
        }
    }
}

/// [`add_block`] of the lines at these positions.
#[inline(always)]
fn add_block_at<T: Real>(x: &[T], positions: &[usize], sums: &mut [T]) {
    let n = sums.len();
    let (fours, rest) = positions.as_chunks::<4>();
    for four in fours {
        let [x0, x1, x2, x3] = four.map(|line| &x[line * n..][..n]);
        for j in 0..n {
            sums[j] += (x0[j] + x1[j]) + (x2[j] + x3[j]);
        }
    }
    for line in rest {
        let x = &x[line * n..][..n];
        for j in 0..n {
            sums[j] += x[j];
        }
    }
}

/// Four lines of `n` values each.
#[inline(always)]
fn four<T>(lines: &[T], n: usize) -> [&[T]; 4] {
    [&lines[..n], &lines[n..][..n], &lines[2 * n..][..n], &lines[3 * n..][..n]]
}

/// Adds the last of the waiting sums to `sums`.
#[inline(always)]
fn add_last<T: Real>(waiting: &mut Vec<T>, sums: &mut [T]) {
    let rest = waiting.len() - sums.len();
    for (sum, &other) in sums.iter_mut().zip(&waiting[rest..]) {
        *sum += other;
    }
    waiting.truncate(rest);
}

#[cfg(test)]
mod tests {
    use super::{BLOCK, LINES, sum, sum_lines};

    fn lines_of_three(x: &[f32]) -> [f32; 3] {
        let (mut sums, mut waiting) = ([f32::NAN; 3], Vec::new());
        sum_lines(x, x, &mut sums, &mut waiting, |x, _, _| x);
        assert!(waiting.is_empty());
        sums
    }

    /// Sums of quarters are exact in any order, so a term that is missing or added twice shows.
    #[test]
    fn every_term_counts_once() {
        for n in (0..5 * BLOCK).chain([1000, 4096, 12_345]) {
            assert_eq!(sum(&vec![0.25_f32; n]), 0.25 * n as f32);
            let lines: Vec<f32> = (0..3 * n).map(|i| (i % 3) as f32).collect();
            assert_eq!(lines_of_three(&lines), [0.0, n as f32, 2.0 * n as f32]);
        }
    }

    /// The number of additions that a term goes through shows in the sum of a huge term and many tiny ones: a tiny term
    /// survives if it meets others before it meets the huge one.
    #[test]
    fn lines_are_added_in_a_balanced_tree() {
        let n = 64 * LINES;
        let tiny = f32::EPSILON / 2.0;
        let mut x = vec![tiny; 3 * n];
        x[..3].fill(1.0);
        let lost = |sum: f32| (n - 1) as f64 - (f64::from(sum) - 1.0) / f64::from(tiny);
        // The huge term meets one tiny term alone, which is lost; all other sums are even.
        assert_eq!(lines_of_three(&x).map(lost), [1.0; 3]);
        assert_eq!(lost(x.iter().step_by(3).sum()), (n - 1) as f64, "a running sum loses all");
    }
}
