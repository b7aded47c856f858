//! The permutation by which cells are dealt.

use proptest::prelude::*;
use sweep::{CellDeal, SweepShard, array_list};

#[test]
fn every_cell_is_dealt_once() {
    for cells in [1, 2, 3, 4, 5, 16, 17, 63, 64, 65, 1000, 4097] {
        let deal = CellDeal::new(cells);
        let mut dealt: Vec<u64> = (0..cells).map(|place| deal.cell(place)).collect();
        assert!(dealt.iter().enumerate().all(|(place, &cell)| deal.place(cell) == place as u64), "{cells}");
        dealt.sort_unstable();
        assert!(dealt.iter().enumerate().all(|(at, &cell)| cell == at as u64), "{cells}");
    }
}

/// With an axis of 6 values in any place of the grid and any number of shards, a shard's share of each value is near 1/6: in
/// a random deal, the number of its cells with one value has a standard deviation of at most √(cells·5/36).
#[test]
fn no_shard_gets_all_of_one_value() {
    let (axis, others) = (6, 512);
    let cells = axis * others;
    let deal = CellDeal::new(cells);
    for shards in [2, 3, 6, 8, 12, 16, 32] {
        for stride in [1, 8, 64, 512] {
            let mut counts = vec![[0_u32; 6]; shards as usize];
            for place in 0..cells {
                let value = deal.cell(place) / stride % axis;
                counts[(place % shards) as usize][value as usize] += 1;
            }
            let own = cells as f64 / shards as f64;
            for (shard, counts) in counts.iter().enumerate() {
                for &count in counts {
                    // The worst of some thousand counts, at 4.5 standard deviations.
                    let bound = 4.5 * (own * 5.0 / 36.0).sqrt();
                    let off = (f64::from(count) - own / 6.0).abs();
                    assert!(off <= bound, "shard {shard} of {shards}, stride {stride}: {counts:?}");
                }
            }
        }
    }
}

#[test]
fn shards_are_of_equal_size() {
    for (cells, count) in [(10, 3), (9, 3), (2, 5), (100, 7)] {
        let sizes: Vec<u64> = (0..count).map(|index| SweepShard { index, count }.cells(cells)).collect();
        assert_eq!(sizes.iter().sum::<u64>(), cells);
        assert!(sizes.iter().max().unwrap() - sizes.iter().min().unwrap() <= 1, "{sizes:?}");
    }
}

proptest! {
    #[test]
    fn large_deals_are_their_own_inverse((cells, place) in (1_u64..1 << 50).prop_flat_map(|n| (Just(n), 0..n))) {
        let deal = CellDeal::new(cells);
        let cell = deal.cell(place);
        prop_assert!(cell < cells);
        prop_assert_eq!(deal.place(cell), place);
    }

    #[test]
    fn array_lists_read_back(numbers in proptest::collection::btree_set(0_u64..60, 0..40)) {
        let numbers: Vec<u64> = numbers.into_iter().collect();
        let text = array_list(&numbers);
        let read: Vec<u64> = text.split(',').filter(|part| !part.is_empty()).flat_map(|part| {
            let (from, to) = part.split_once('-').unwrap_or((part, part));
            from.parse().unwrap()..=to.parse::<u64>().unwrap()
        }).collect();
        prop_assert_eq!(read, numbers);
    }
}

#[test]
#[should_panic(expected = "CellDeal: place 10 of 10")]
fn places_beyond_the_cells_are_refused() {
    CellDeal::new(10).cell(10);
}
