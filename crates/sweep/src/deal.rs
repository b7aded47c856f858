//! Cells dealt to shards by a fixed permutation.

/// The part of a sweep that one task computes: shard `index` of `count`, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SweepShard {
    /// Which one, from 0.
    pub index: u64,
    /// How many there are.
    pub count: u64,
}

impl SweepShard {
    /// The largest number of shards of a sweep.
    pub const MOST: u64 = 1_000_000;

    /// The only shard of a sweep on one machine.
    pub const WHOLE: Self = Self { index: 0, count: 1 };

    /// The number of cells of this shard.
    pub fn cells(self, cells: u64) -> u64 {
        cells.saturating_sub(self.index).div_ceil(self.count)
    }
}

/// A permutation of the cells of a sweep. Shard k of n has the cells at places k, k + n, k + 2n, …, so neighbours in the
/// grid are in different shards, and every shard has cheap and expensive cells in about the same shares.
///
/// The permutation depends on the number of cells alone: a Feistel network of four rounds over the smallest even number of
/// bits that holds all cells, applied again until the result is a cell.
///
/// ```
/// use sweep::CellDeal;
/// let deal = CellDeal::new(10);
/// let cells: Vec<u64> = (0..10).map(|place| deal.cell(place)).collect();
/// assert_eq!(cells, [2, 9, 0, 4, 1, 7, 8, 6, 5, 3]);
/// assert_eq!(deal.place(9), 1);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CellDeal {
    cells: u64,
    /// Bits of each half.
    half: u32,
}

/// The keys of the rounds: digits of π.
const KEYS: [u64; 4] =
    [0x243f_6a88_85a3_08d3, 0x1319_8a2e_0370_7344, 0xa409_3822_299f_31d0, 0x082e_fa98_ec4e_6c89];

impl CellDeal {
    /// The permutation of so many cells.
    ///
    /// # Panics
    /// If there are more than 2⁶².
    #[track_caller]
    pub fn new(cells: u64) -> Self {
        assert!(cells <= 1 << 62, "CellDeal: {cells} cells are more than 2^62");
        let bits = u64::BITS - cells.saturating_sub(1).leading_zeros();
        Self { cells, half: bits.div_ceil(2).max(1) }
    }

    /// The cell at a place.
    ///
    /// # Panics
    /// If there are not so many cells.
    #[track_caller]
    pub fn cell(&self, place: u64) -> u64 {
        assert!(place < self.cells, "CellDeal: place {place} of {}", self.cells);
        self.walk(place, |x| KEYS.iter().fold(x, |x, &key| self.round(x, key)))
    }

    /// The place of a cell.
    ///
    /// # Panics
    /// If there are not so many cells.
    #[track_caller]
    pub fn place(&self, cell: u64) -> u64 {
        assert!(cell < self.cells, "CellDeal: cell {cell} of {}", self.cells);
        self.walk(cell, |x| KEYS.iter().rev().fold(x, |x, &key| self.round_back(x, key)))
    }

    /// The shard of a cell.
    ///
    /// # Panics
    /// If there are not so many cells.
    #[track_caller]
    pub fn shard(&self, cell: u64, count: u64) -> u64 {
        self.place(cell) % count
    }

    /// Applies a permutation of a power of two until the result is a cell, at most four times on average.
    fn walk(&self, from: u64, step: impl Fn(u64) -> u64) -> u64 {
        let mut x = step(from);
        while x >= self.cells {
            x = step(x);
        }
        x
    }

    fn round(&self, x: u64, key: u64) -> u64 {
        let mask = (1 << self.half) - 1;
        let (left, right) = (x >> self.half, x & mask);
        right << self.half | (left ^ mixed(right ^ key) & mask)
    }

    fn round_back(&self, x: u64, key: u64) -> u64 {
        let mask = (1 << self.half) - 1;
        let (right, left) = (x >> self.half, x & mask);
        (left ^ mixed(right ^ key) & mask) << self.half | right
    }
}

/// The finaliser of `SplitMix64` (Steele, Lea & Flood 2014).
fn mixed(x: u64) -> u64 {
    let x = (x ^ x >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ x >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ x >> 31
}
