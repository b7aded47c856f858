//! Weights that are mostly zeros: identities and sparse connections.

use crate::weight::Weight;
use crate::{Element, Source};

/// Fills the diagonal of `[out, in]` with `gain`.
pub(crate) fn identity<T: Element>(weight: &Weight, gain: f64, out: &mut [T]) {
    for (index, value) in out.iter_mut().enumerate() {
        let diagonal = weight.output_at(index) == weight.input_at(index);
        *value = if diagonal { T::of(gain) } else { T::ZERO };
    }
}

/// Sets `gain` at the kernel's centre where an output of a group meets the input of the same number.
pub(crate) fn dirac<T: Element>(weight: &Weight, groups: usize, gain: f64, out: &mut [T]) {
    let outputs = weight.outputs();
    for (index, value) in out.iter_mut().enumerate() {
        let same = weight.output_at(index) % (outputs / groups) == weight.input_at(index);
        let one = same && weight.at_centre(index, |size| size / 2);
        *value = if one { T::of(gain) } else { T::ZERO };
    }
}

/// The number of zeros for each input: `⌈sparsity·outputs⌉`.
pub(crate) fn zeros(sparsity: f64, outputs: usize) -> usize {
    (sparsity * outputs as f64).ceil() as usize
}

/// Draws normals, then for each input the outputs that it is not connected to.
pub(crate) fn sparse<T: Element>(
    weight: &Weight,
    sparsity: f64,
    std: f64,
    out: &mut [T],
    source: &mut (impl Source<T> + ?Sized),
) {
    let (outputs, inputs) = (weight.outputs(), weight.inputs());
    source.normal(0.0, std, out);
    let mut cut = vec![false; out.len()];
    for input in 0..inputs {
        for output in source.permutation(outputs).into_iter().take(zeros(sparsity, outputs)) {
            cut[output * inputs + input] = true;
        }
    }
    for (index, value) in out.iter_mut().enumerate() {
        if cut[weight.output_at(index) * inputs + weight.input_at(index)] {
            *value = T::ZERO;
        }
    }
}
