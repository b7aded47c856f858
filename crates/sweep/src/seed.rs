//! The seed of a cell, as a fixed function of its coordinates.

use sha2::{Digest, Sha256};

use crate::{PlanValue, Setting};

/// The way in which a cell gets its seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeedPolicy {
    /// Every cell has a seed of its own, a hash of its coordinates, so that no two cells share their draws.
    Hashed,
    /// The cell's `seed` itself: cells with the same `seed` begin with the same random numbers, as for a map over gains or
    /// learning rates of one draw.
    Shared,
}

impl SeedPolicy {
    /// Both policies.
    pub const ALL: [Self; 2] = [Self::Hashed, Self::Shared];

    /// `hashed` or `shared`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hashed => "hashed",
            Self::Shared => "shared",
        }
    }

    /// The seed of a cell with this value of the setting `seed` and these coordinates.
    ///
    /// The hash is the first eight bytes, most significant first, of SHA-256 of the line `step-zero cell 1` and a line
    /// `NAME=VALUE` for `seed` and for each axis in alphabetical order, each line with its line feed. So a cell keeps its seed
    /// when an axis becomes longer or axes change their order; the fixed settings of a plan have no part in it. Numbers are
    /// written with the fewest digits that identify them, with a point or an exponent unless the setting takes whole numbers
    /// only.
    pub fn of<'a>(
        self,
        seed: u64,
        coordinates: impl IntoIterator<Item = (&'static Setting, &'a PlanValue)>,
    ) -> u64 {
        if self == Self::Shared {
            return seed;
        }
        let axes = coordinates.into_iter().filter(|(setting, _)| setting.name != "seed");
        let mut lines: Vec<String> =
            axes.map(|(setting, value)| format!("{}={value}\n", setting.name)).collect();
        lines.push(format!("seed={seed}\n"));
        lines.sort_unstable();
        let hash = Sha256::digest(format!("step-zero cell 1\n{}", lines.concat()));
        hash.iter().take(8).fold(0, |seed, &byte| seed << 8 | u64::from(byte))
    }
}

#[cfg(test)]
mod tests {
    use super::SeedPolicy;
    use crate::{PlanValue, Setting};

    fn seed(seed: u64, coordinates: &[(&str, PlanValue)]) -> u64 {
        let named = coordinates.iter().map(|(name, value)| (Setting::named(name).unwrap(), value));
        SeedPolicy::Hashed.of(seed, named)
    }

    #[test]
    fn seeds_are_the_documented_hash() {
        // printf 'step-zero cell 1\nactivation=tanh\ndepth=2\ngain=0.5\nseed=7\n' | sha256sum
        let coordinates = [
            ("gain", PlanValue::Number(0.5)),
            ("depth", PlanValue::Whole(2)),
            ("activation", PlanValue::Text("tanh".to_owned())),
            ("seed", PlanValue::Whole(7)),
        ];
        assert_eq!(seed(7, &coordinates), 0x5cd2_3336_e8e0_453d);
        // printf 'step-zero cell 1\nseed=0\n' | sha256sum
        assert_eq!(seed(0, &[]), 0x46b1_2451_18ef_812b);
    }

    #[test]
    fn the_order_of_axes_does_not_matter_and_values_do() {
        let gain = ("gain", PlanValue::Number(1.0));
        let bias = ("bias", PlanValue::Number(1.0));
        assert_eq!(seed(3, &[gain.clone(), bias.clone()]), seed(3, &[bias.clone(), gain.clone()]));
        let alone = std::slice::from_ref(&gain);
        assert_ne!(seed(3, alone), seed(3, &[bias]));
        assert_ne!(seed(3, alone), seed(4, alone));
        assert_ne!(seed(3, alone), seed(3, &[("gain", PlanValue::Number(2.0))]));
        assert_eq!(SeedPolicy::Shared.of(3, []), 3);
    }
}
