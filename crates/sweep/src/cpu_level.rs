//! The instruction set by which a cell was computed.

use std::fmt;

/// The instruction set by which a cell was computed. Cells have the same bits on one level; on others, products may differ
/// in their last bits, and training makes more of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CpuLevel(u8);

/// The levels by the number that records have; 0 is none, so that a record of zeros is never read.
const NAMES: [&str; 4] = ["baseline", "neon", "avx2", "avx512"];

impl CpuLevel {
    /// The level of this processor.
    pub fn here() -> Self {
        let name = tensor::instruction_set();
        // A test holds the names to those of tensor; the first is that of no vector instructions.
        Self::named(name).unwrap_or(Self(1))
    }

    /// The level with this name.
    pub fn named(name: &str) -> Option<Self> {
        NAMES.iter().position(|known| *known == name).map(|at| Self(at as u8 + 1))
    }

    /// The level with the number of a record.
    pub(crate) fn of_byte(byte: u8) -> Option<Self> {
        (1..=NAMES.len()).contains(&usize::from(byte)).then_some(Self(byte))
    }

    /// Its number in records.
    pub(crate) fn byte(self) -> u8 {
        self.0
    }

    /// `baseline`, `neon`, `avx2` or `avx512`.
    pub fn name(self) -> &'static str {
        NAMES[usize::from(self.0) - 1]
    }
}

impl fmt::Display for CpuLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::{CpuLevel, NAMES};

    #[test]
    fn this_processor_has_a_level_and_records_keep_it() {
        assert_eq!(CpuLevel::here().name(), tensor::instruction_set());
        for name in NAMES {
            let level = CpuLevel::named(name).unwrap();
            assert_eq!((CpuLevel::of_byte(level.byte()), level.name()), (Some(level), name));
        }
        assert_eq!([0, 5].map(CpuLevel::of_byte), [None, None]);
    }
}
