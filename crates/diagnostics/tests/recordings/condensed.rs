//! A recording with statistics in place of values says what the raw one says.

use super::network::{network, read};

#[test]
fn a_condensed_recording_reads_as_the_raw_one_does() {
    for (seed, scale) in [(1, 0.5), (2, 6.0)] {
        let raw = read(&network(seed, scale).bytes()).unwrap();
        let bytes = raw.condensed();
        let small = read(&bytes).unwrap();
        // NaN is not equal to itself, but its text is.
        assert_eq!(format!("{small:?}"), format!("{raw:?}"));
        assert_eq!(small.verdicts(), raw.verdicts());
        assert!(small.condensed() == bytes && raw.condensed() == bytes, "condensed twice");
    }
    let verdicts = |scale| read(&network(2, scale).bytes()).unwrap().verdicts();
    let saturated = |scale| verdicts(scale).iter().any(|verdict| verdict.rule == "saturated");
    assert!(saturated(6.0) && !saturated(0.5), "the verdicts that are compared are not all the same");
}

#[test]
fn a_condensed_recording_of_other_sizes_is_refused() {
    let raw = read(&network(1, 1.0).bytes()).unwrap();
    let bytes = raw.condensed();
    let text = |from: &[u8], to: &[u8]| {
        let place = bytes.windows(from.len()).position(|window| window == from).unwrap();
        let mut damaged = bytes.clone();
        damaged[place..place + from.len()].copy_from_slice(to);
        read(&damaged).unwrap_err()
    };
    // A field by another name is a statistic that this version does not know; one column less is damage.
    let mut renamed = bytes.clone();
    let place = bytes.windows(12).position(|window| window == b"\"unit_mean_r").unwrap();
    renamed[place + 1] = b'v';
    assert!(read(&renamed).unwrap().sites[1].statistics.unit_mean_rms.is_nan());
    let missing = text(b"\"non_finite\",\"zeros\",\"mean\"", b"                 \"zeros\",  ");
    assert!(missing.starts_with("manifest: ") || missing.starts_with("statistics/sites: "), "{missing}");
}
