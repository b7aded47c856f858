//! Rows of probabilities, as a softmax makes them: how sure they are.

use super::SiteStatistics;
use super::axes::SiteAxes;
use super::values::Chunk;
use tensor::Real;

/// Sums over rows of probabilities.
#[derive(Default)]
pub(super) struct ProbabilityRows {
    rows: f64,
    choices: f64,
    entropy: f64,
    keys: f64,
    largest: f64,
    one_hot: f64,
}

impl ProbabilityRows {
    pub(super) fn add(&mut self, chunk: Chunk<'_>, axes: &SiteAxes) {
        match chunk {
            Chunk::F32(values) => self.add_values(values, axes),
            Chunk::F64(values) => self.add_values(values, axes),
        }
    }

    fn add_values<T: Real>(&mut self, values: &[T], axes: &SiteAxes) {
        let mut row: Vec<T> = Vec::with_capacity(axes.units);
        for rows in values.chunks_exact((axes.units * axes.after).max(1)) {
            if axes.after == 1 {
                self.add_row(rows);
                continue;
            }
            for position in 0..axes.after {
                row.clear();
                row.extend(rows[position..].iter().step_by(axes.after));
                self.add_row(&row);
            }
        }
    }

    fn add_row<T: Real>(&mut self, row: &[T]) {
        let (entropy, keys, largest) = entropy_keys_and_largest(row);
        self.rows += 1.0;
        self.entropy += entropy;
        self.keys += keys;
        self.largest += largest;
        // The first row of a causal mask has one key, which says nothing.
        self.choices += f64::from(u8::from(keys > 1.0));
        self.one_hot += f64::from(u8::from(keys > 1.0 && largest > 0.99));
    }

    pub(super) fn finish(&self, record: &mut SiteStatistics) {
        record.entropy = self.entropy / self.rows;
        record.keys = self.keys / self.rows;
        record.largest = self.largest / self.rows;
        record.one_hot = self.one_hot / self.choices;
    }
}

/// The number of interleaved sums that the compiler turns into vector instructions.
const WIDTH: usize = 16;

/// The entropy of a row in nats, the number of its probabilities above 0, and the largest of them. Logarithms are of the values'
/// own precision, and sums are double.
fn entropy_keys_and_largest<T: Real>(row: &[T]) -> (f64, f64, f64) {
    let (groups, rest) = row.as_chunks::<WIDTH>();
    let (mut entropy, mut keys, mut largest) = tensor::dispatch(
        #[inline(always)]
        move || {
            let (mut entropy, mut keys, mut largest) = ([0.0; WIDTH], [0.0; WIDTH], [T::ZERO; WIDTH]);
            for group in groups {
                for (lane, &p) in group.iter().enumerate() {
                    add(p, &mut entropy[lane], &mut keys[lane], &mut largest[lane]);
                }
            }
            (entropy, keys, largest)
        },
    );
    for (lane, &p) in rest.iter().enumerate() {
        add(p, &mut entropy[lane], &mut keys[lane], &mut largest[lane]);
    }
    let largest = largest.into_iter().fold(T::ZERO, |a, b| if b > a { b } else { a });
    (entropy.iter().sum(), keys.iter().sum(), largest.to_f64())
}

#[inline(always)]
fn add<T: Real>(p: T, entropy: &mut f64, keys: &mut f64, largest: &mut T) {
    let is_key = p > T::ZERO;
    *entropy -= if is_key { (p * p.ln()).to_f64() } else { 0.0 };
    *keys += if is_key { 1.0 } else { 0.0 };
    *largest = if p > *largest { p } else { *largest };
}

#[cfg(test)]
mod tests {
    use super::entropy_keys_and_largest;
    use proptest::prelude::*;

    proptest! {
        /// Against plain sums of doubles with the standard library's logarithm, in both precisions.
        #[test]
        fn a_row_is_that_of_plain_sums(row in prop::collection::vec(prop_oneof![Just(0.0_f32), 0.0_f32..1.0, 1e-38_f32..1e-30], 0..70)) {
            let doubles: Vec<f64> = row.iter().map(|&p| f64::from(p)).collect();
            let above: Vec<f64> = doubles.iter().copied().filter(|&p| p > 0.0).collect();
            let entropy: f64 = above.iter().map(|p| -p * p.ln()).sum();
            let largest = above.iter().copied().fold(0.0, f64::max);
            // A logarithm and a product of single precision, each rounded by up to one part in 2²³.
            for ((found, keys, most), error) in [(entropy_keys_and_largest(&row), 2.4e-7), (entropy_keys_and_largest(&doubles), 1e-14)] {
                prop_assert!((found - entropy).abs() <= error * entropy.abs() + 1e-37, "{found} and {entropy}");
                prop_assert_eq!((keys, most), (above.len() as f64, largest));
            }
        }
    }

    #[test]
    fn what_is_no_probability_counts_for_nothing() {
        let with_nan = [0.5_f32, f32::NAN, 0.5, -1.0];
        assert_eq!(entropy_keys_and_largest(&with_nan), entropy_keys_and_largest(&[0.5_f32, 0.5]));
    }
}
