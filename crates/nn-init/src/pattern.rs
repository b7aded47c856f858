//! Weights that are mostly zeros: identities and sparse connections.

use crate::weight::Weight;
use crate::{Element, Source};

/// `gain` on the diagonal of `[out, in]`.
pub(crate) fn identity<T: Element>(weight: &Weight, gain: f64, out: &mut [T]) {
    for (place, value) in out.iter_mut().enumerate() {
        let diagonal = weight.out_of(place) == weight.in_of(place);
        *value = if diagonal { T::of(gain) } else { T::ZERO };
    }
}

/// `gain` at the kernel's centre where an output of a group meets the input of its own number.
pub(crate) fn dirac<T: Element>(weight: &Weight, groups: usize, gain: f64, out: &mut [T]) {
    let outs = weight.outs();
    for (place, value) in out.iter_mut().enumerate() {
        let own = weight.out_of(place) % (outs / groups) == weight.in_of(place);
        let one = own && weight.at_centre(place, |size| size / 2);
        *value = if one { T::of(gain) } else { T::ZERO };
    }
}

/// The zeros of each input: `⌈sparsity·outs⌉`.
pub(crate) fn zeros(sparsity: f64, outs: usize) -> usize {
    (sparsity * outs as f64).ceil() as usize
}

/// Normals, then zeros drawn input by input.
pub(crate) fn sparse<T: Element>(
    weight: &Weight,
    sparsity: f64,
    std: f64,
    out: &mut [T],
    source: &mut (impl Source<T> + ?Sized),
) {
    let (outs, ins) = (weight.outs(), weight.ins());
    source.normal(0.0, std, out);
    let mut silent = vec![false; out.len()];
    for input in 0..ins {
        for output in source.permutation(outs).into_iter().take(zeros(sparsity, outs)) {
            silent[output * ins + input] = true;
        }
    }
    for (place, value) in out.iter_mut().enumerate() {
        if silent[weight.out_of(place) * ins + weight.in_of(place)] {
            *value = T::ZERO;
        }
    }
}
