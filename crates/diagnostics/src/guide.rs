//! Bins between edges that ascend with any widths, found by a value's sign, exponent and first bits of its mantissa.

use tensor::Real;

/// Mantissa bits of a slot: sixteen slots for each power of two, enough for widths of 7 % of the value and more.
const BITS: u32 = 4;

/// Mantissa bits that a slot drops.
const DROPPED: u32 = f64::MANTISSA_DIGITS - 1 - BITS;

/// For each slot the bin of its lowest value, and the edge in it, above which the next bin begins; NaN for none.
///
/// Two slots a magnitude, positive and negative, and one for what is in no bin.
pub(crate) struct Guide {
    lo: f64,
    hi: f64,
    /// The slot below that of the smallest edge but 0, and that of the largest.
    first: u32,
    last: u32,
    slots: Vec<(f64, usize)>,
}

impl Guide {
    /// To the bins between edges, the last one closed; `None` where two edges fall into one slot.
    pub(crate) fn new(edges: &[f64]) -> Option<Self> {
        let (inner, bins) = (&edges[1..edges.len() - 1], edges.len() - 1);
        let places = || edges.iter().filter(|&&edge| edge != 0.0).map(|edge| slot(edge.abs()));
        // One slot below all edges but 0, so that those on both sides of 0 do not share one with it.
        let (first, last) = (places().min()?.saturating_sub(1), places().max()?);
        // What is below all slots is in the first one, so that begins at 0.
        let bound = |slot: u32| if slot == first { 0.0 } else { lowest(slot) };
        let entry = |from: f64, below: f64| {
            let start = inner.partition_point(|&edge| edge <= from);
            match inner[start..].iter().take_while(|&&edge| edge < below).collect::<Vec<_>>()[..] {
                [] => Some((f64::NAN, start)),
                [&edge] => Some((edge, start)),
                _ => None,
            }
        };
        let mut slots = Vec::with_capacity(2 * (last - first) as usize + 3);
        for slot in first..=last {
            let (near, far) = (bound(slot), lowest(slot + 1));
            slots.push(entry(near, far)?);
            // From the largest magnitude, which is in the slot's reach but not in it, to the smallest, which is.
            slots.push(entry(-far, (-near).next_up())?);
        }
        slots.push((f64::NAN, bins));
        Some(Self { lo: edges[0], hi: edges[bins], first, last, slots })
    }

    /// The slot of a value, without branches.
    #[inline(always)]
    pub(crate) fn slot<T: Real>(&self) -> impl Fn(T) -> u32 + Copy + use<T> {
        let (lo, hi, first) = (self.lo, self.hi, self.first);
        let (least, none) = (lowest(first), 2 * (self.last - first) + 2);
        #[inline(always)]
        move |x: T| {
            let x = x.to_f64();
            let magnitude = if x.abs() > least { x.abs() } else { least };
            let sign = (x.to_bits() >> 63) as u32;
            let place = slot(magnitude).wrapping_sub(first).wrapping_mul(2) | sign;
            if x >= lo && x <= hi { place } else { none }
        }
    }

    /// The bin of a value in that slot.
    #[inline(always)]
    pub(crate) fn bin(&self, x: f64, slot: usize) -> usize {
        let (edge, start) = self.slots[slot];
        start + usize::from(x >= edge)
    }
}

/// The slot of a magnitude.
#[inline(always)]
fn slot(magnitude: f64) -> u32 {
    (magnitude.to_bits() >> DROPPED) as u32
}

/// The smallest magnitude of a slot.
fn lowest(slot: u32) -> f64 {
    f64::from_bits(u64::from(slot) << DROPPED)
}
