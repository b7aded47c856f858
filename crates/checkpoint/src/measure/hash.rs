//! Hashes that find equal rows and tensors.

/// A constant with about as many ones as zeros, 2⁶⁴ divided by the golden ratio, and another such one.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
const FACTOR: u64 = 0xd6e8_feb8_6659_fd93;

/// The key of a place, so that the order of words matters.
#[inline(always)]
fn key_of(place: u64) -> u64 {
    place.wrapping_mul(STEP).wrapping_add(FACTOR)
}

/// Both halves of the product of a word and its key with a constant, folded.
#[inline(always)]
fn mixed(word: u64, key: u64) -> u64 {
    let product = u128::from(word ^ key) * u128::from(FACTOR);
    (product as u64) ^ (product >> 64) as u64
}

/// The hash of bytes that begin at the word `first` of a row: a sum over its words of eight bytes, so that a row may be hashed
/// in parts and in any order. A word that is not full is padded with zeros.
pub(super) fn of_bytes(bytes: &[u8], first: u64) -> u64 {
    let (words, rest) = bytes.as_chunks::<8>();
    let (mut hash, mut key) = (0_u64, key_of(first));
    for &word in words {
        hash = hash.wrapping_add(mixed(u64::from_le_bytes(word), key));
        key = key.wrapping_add(STEP);
    }
    if !rest.is_empty() {
        let mut word = [0; 8];
        word[..rest.len()].copy_from_slice(rest);
        hash = hash.wrapping_add(mixed(u64::from_le_bytes(word), key));
    }
    hash
}

/// The hash of rows in order, from theirs.
pub(super) fn of_hashes(hashes: impl IntoIterator<Item = u64>) -> u64 {
    let places = hashes.into_iter().zip(0..);
    places.fold(0_u64, |hash, (row, place)| hash.wrapping_add(mixed(row, key_of(place))))
}

/// The sign of a line in a pseudo-random vector.
pub(super) fn sign(line: usize, vector: usize) -> f64 {
    let even = mixed(mixed(line as u64, key_of(vector as u64)), STEP).count_ones().is_multiple_of(2);
    if even { 1.0 } else { -1.0 }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn places_values_and_zeros_count() {
        let mut hashes = HashSet::new();
        let rows = (0..200).flat_map(|at| {
            let one_at = |bits: f32| (0..200).map(|i| if i == at { bits } else { 0.0 }).collect::<Vec<f32>>();
            [one_at(1.0), one_at(-1.0), one_at(2.0), vec![0.0; 2 * at]]
        });
        for row in rows {
            let bytes: Vec<u8> = row.iter().flat_map(|x| x.to_le_bytes()).collect();
            assert!(hashes.insert(of_bytes(&bytes, 0)), "{row:?}");
        }
        assert_ne!(of_hashes([1, 2]), of_hashes([2, 1]));
    }

    #[test]
    fn signs_are_balanced_and_independent() {
        let n = 100_000;
        for vector in 0..4 {
            let sum: f64 = (0..n).map(|line| sign(line, vector)).sum();
            let both: f64 = (0..n).map(|line| sign(line, vector) * sign(line, vector + 1)).sum();
            let next: f64 = (0..n).map(|line| sign(line, vector) * sign(line + 1, vector)).sum();
            // Six standard deviations.
            for total in [sum, both, next] {
                assert!(total.abs() < 6.0 * f64::from(n as u32).sqrt(), "{vector}: {total}");
            }
        }
    }

    proptest! {
        #[test]
        fn a_row_is_hashed_in_parts(bytes in prop::collection::vec(any::<u8>(), 0..200), cut in 0_usize..25) {
            let cut = (8 * cut).min(bytes.len() / 8 * 8);
            let parts = of_bytes(&bytes[..cut], 0).wrapping_add(of_bytes(&bytes[cut..], cut as u64 / 8));
            prop_assert_eq!(of_bytes(&bytes, 0), parts);
        }
    }
}
