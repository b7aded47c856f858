//! Orthogonal weights: random rotations, uniform over all orthogonal matrices.

use tensor::Tensor;

use crate::weight::Weight;
use crate::{Element, Source};

/// Fills a weight with `gain·Q [out, in·kernel]`, an independent Q for each batch.
pub(crate) fn fill<T: Element>(
    weight: &Weight,
    gain: f64,
    out: &mut [T],
    source: &mut (impl Source<T> + ?Sized),
) {
    let matrices = draw(weight, weight.summands(), out.len(), source);
    for (index, value) in out.iter_mut().enumerate() {
        let at = weight.output_at(index) * weight.summands() + weight.summand_at(index);
        *value = T::of(gain * matrices[weight.batch_at(index)].data()[at]);
    }
}

/// Fills a weight with `gain·Q [out, in]` at the kernel's centre and 0 elsewhere.
pub(crate) fn delta<T: Element>(
    weight: &Weight,
    gain: f64,
    out: &mut [T],
    source: &mut (impl Source<T> + ?Sized),
) {
    let inputs = weight.inputs();
    let matrices = draw(weight, inputs, out.len(), source);
    for (index, value) in out.iter_mut().enumerate() {
        let at = weight.output_at(index) * inputs + weight.input_at(index);
        let q = || gain * matrices[weight.batch_at(index)].data()[at];
        *value = T::of(if weight.at_centre(index, |size| (size - 1) / 2) { q() } else { 0.0 });
    }
}

/// A matrix `[out, columns]` for each batch; none for a weight without values.
fn draw<T: Element>(
    weight: &Weight,
    columns: usize,
    numel: usize,
    source: &mut (impl Source<T> + ?Sized),
) -> Vec<Tensor<f64>> {
    let batches = if numel == 0 { 0 } else { weight.batches() };
    (0..batches).map(|_| haar(weight.outputs(), columns, source)).collect()
}

/// A matrix with orthonormal columns, or rows if those are fewer, uniform (Haar) over all such matrices.
///
/// It is the factor Q of a normal matrix, each column times the sign of R's diagonal. Without those signs the
/// distribution depends on the signs that the factorisation picks (Mezzadri 2007). The factorisation is in double
/// precision, so that single precision loses only its last rounding.
fn haar<T: Element>(rows: usize, columns: usize, source: &mut (impl Source<T> + ?Sized)) -> Tensor<f64> {
    let mut normal = Tensor::<T>::zeros([rows, columns]);
    source.normal(0.0, 1.0, normal.data_mut());
    let wide = rows < columns;
    let tall = if wide { normal.cast::<f64>().transpose() } else { normal.cast() };

    let (mut q, r) = tall.qr();
    let k = rows.min(columns);
    let negative: Vec<bool> = (0..k).map(|j| r.data()[j * k + j] < 0.0).collect();
    for row in q.data_mut().chunks_exact_mut(k) {
        for (value, &negative) in row.iter_mut().zip(&negative) {
            *value = if negative { -*value } else { *value };
        }
    }
    if wide { q.transpose() } else { q }
}
