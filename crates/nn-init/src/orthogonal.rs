//! Orthogonal weights: random rotations, uniform over all there are.

use tensor::Tensor;

use crate::weight::Weight;
use crate::{Element, Source};

/// `gain·Q [out, in·kernel]`, one for each batch.
pub(crate) fn fill<T: Element>(
    weight: &Weight,
    gain: f64,
    out: &mut [T],
    source: &mut (impl Source<T> + ?Sized),
) {
    let matrices = draw(weight, weight.summands(), out.len(), source);
    for (place, value) in out.iter_mut().enumerate() {
        let at = weight.out_of(place) * weight.summands() + weight.summand_of(place);
        *value = T::of(gain * matrices[weight.batch_of(place)].data()[at]);
    }
}

/// `gain·Q [out, in]` at the kernel's centre, 0 elsewhere.
pub(crate) fn delta<T: Element>(
    weight: &Weight,
    gain: f64,
    out: &mut [T],
    source: &mut (impl Source<T> + ?Sized),
) {
    let ins = weight.ins();
    let matrices = draw(weight, ins, out.len(), source);
    for (place, value) in out.iter_mut().enumerate() {
        let at = weight.out_of(place) * ins + weight.in_of(place);
        let q = || gain * matrices[weight.batch_of(place)].data()[at];
        *value = T::of(if weight.at_centre(place, |size| (size - 1) / 2) { q() } else { 0.0 });
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
    (0..batches).map(|_| haar(weight.outs(), columns, source)).collect()
}

/// A matrix with orthonormal columns, or rows where those are fewer, uniform over all such.
///
/// The factor Q of a normal matrix, each column times the sign of R's diagonal: without it the law depends on how
/// the factorisation picks its signs (Mezzadri 2007). Factored in double precision, so that single precision loses
/// nothing but its last rounding.
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
