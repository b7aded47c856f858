//! Threads, progress and memory.

use std::num::NonZero;

use checkpoint::{Checkpoint, MeasureOptions, TensorSummary};
use proptest::prelude::*;

use super::make::{Folder, Member, npy, of_tensors, zip};

/// Values without a pattern.
fn values(n: usize, seed: u32) -> Vec<f32> {
    let mut state = seed.wrapping_mul(2_654_435_761) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        (f64::from(state) / f64::from(u32::MAX) - 0.5) as f32
    };
    (0..n).map(|_| next()).collect()
}

fn measured(checkpoint: &Checkpoint, threads: usize) -> Vec<Option<TensorSummary>> {
    let options = MeasureOptions { threads: NonZero::new(threads), projections: &|info| info.shape.len() };
    checkpoint.measure_with(&options, |_, _| ()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10))]

    #[test]
    fn the_number_of_threads_changes_no_bit(
        shapes in prop::collection::vec(prop_oneof![
            (0_usize..2_000_000).prop_map(|n| vec![n]),
            (1_usize..2000, 1_usize..900).prop_map(|(a, b)| vec![a, b]),
            (1_usize..4, 1_usize..600_000).prop_map(|(a, b)| vec![a, b]),
            Just(vec![]),
        ], 1..6),
        threads in 2_usize..9,
    ) {
        let folder = Folder::new();
        let names: Vec<_> = (0..shapes.len()).map(|at| at.to_string()).collect();
        let tensors: Vec<_> = shapes
            .iter()
            .zip(&names)
            .map(|(shape, name)| (name.as_str(), &shape[..], values(shape.iter().product(), 7)))
            .collect();
        let path = folder.write("a.safetensors", of_tensors(&tensors));
        let checkpoint = Checkpoint::open(&[path]).unwrap();
        let one = measured(&checkpoint, 1);
        prop_assert_eq!(&one, &measured(&checkpoint, threads));
        for ((_, shape, values), summary) in tensors.iter().zip(&one) {
            let alone = TensorSummary::of_f32(shape, values);
            let summary = summary.as_ref().unwrap();
            let same = (&alone.moments, &alone.rows, &alone.columns, &alone.histogram, alone.hash);
            prop_assert_eq!(same, (&summary.moments, &summary.rows, &summary.columns, &summary.histogram, summary.hash));
        }
    }
}

#[test]
fn progress_reaches_the_end_in_order() {
    let folder = Folder::new();
    let tensors: [(&str, &[usize], _); 3] =
        [("a", &[1000, 1000], values(1_000_000, 1)), ("b", &[0, 3], vec![]), ("c", &[77], values(77, 2))];
    let path = folder.write("a.safetensors", of_tensors(&tensors));
    let mut seen = vec![];
    Checkpoint::open(&[path]).unwrap().measure(|done, all| seen.push((done, all))).unwrap();
    assert!(seen.windows(2).all(|pair| pair[0].0 <= pair[1].0), "{seen:?}");
    assert!(seen.len() > 3 && seen.iter().all(|(_, all)| *all == 4_000_308), "{seen:?}");
    assert_eq!(seen.last().unwrap().0, 4_000_308);
}

#[test]
fn a_panic_of_the_callback_reaches_the_caller() {
    let folder = Folder::new();
    let path = folder.write("a.safetensors", of_tensors(&[("a", &[3_000_000], values(3_000_000, 1))]));
    let checkpoint = Checkpoint::open(&[path]).unwrap();
    let options = MeasureOptions { threads: NonZero::new(4), ..MeasureOptions::default() };
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        checkpoint.measure_with(&options, |_, _| panic!("enough"))
    }));
    assert!(result.is_err());
}

/// Four times the values take the same memory, stored or compressed.
#[test]
fn memory_does_not_grow_with_the_file() {
    let folder = Folder::new();
    let peak = |rows: usize| {
        let values = values(rows * 1000, 3);
        let bytes: Vec<u8> = values.iter().flat_map(|x| x.to_le_bytes()).collect();
        let array = npy("'<f4'", "False", &format!("({rows}, 1000)"), &bytes);
        let compressed = folder.write("a.npz", zip(&[Member::deflated("a.npy", &array)]));
        let plain = folder.write("a.safetensors", of_tensors(&[("a", &[rows, 1000], values)]));
        [plain, compressed].map(|path| {
            let checkpoint = Checkpoint::open(&[path]).unwrap();
            // One thread, because allocations are counted by thread.
            let options = MeasureOptions { threads: NonZero::new(1), ..MeasureOptions::default() };
            allocation_counter::measure(|| drop(checkpoint.measure_with(&options, |_, _| ()).unwrap()))
                .bytes_max
        })
    };
    let (small, large) = (peak(1_000), peak(4_000));
    for (small, large) in small.iter().zip(&large) {
        // The rows' sums, 24 bytes each, grow by 72,000 bytes; a copy of the values would by 12 million.
        assert!(*large < small + 400_000, "{small} {large}");
        assert!(*large < 8_000_000, "{large}");
    }
}
