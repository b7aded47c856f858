//! A probe: an identity whose backward pass keeps the gradient that goes through it.

use std::sync::{Arc, Mutex};

use candle_core::backend::{BackendDevice, BackendStorage};
use candle_core::backprop::GradStore;
use candle_core::{CpuStorage, CudaStorage, CustomOp1, Layout, MetalStorage, Result, Shape, Tensor, Var};

/// Where the gradient at a tensor is found after the backward pass.
pub(super) enum Gradient {
    /// In a probe, for axes in this order.
    Probe(Kept, Vec<usize>),
    /// In candle's store, under a variable that begins a new graph, for axes in this order.
    Leaf(Tensor, Vec<usize>),
    /// Nowhere.
    None,
}

type Kept = Arc<Mutex<Option<Tensor>>>;

impl Gradient {
    /// The gradient, in the order of the axes of its tensor.
    pub(super) fn take(&self, store: &GradStore) -> Result<Option<Tensor>> {
        let (found, axes) = match self {
            Self::Probe(kept, axes) => {
                (kept.lock().expect("no thread panicked with a gradient").clone(), axes)
            }
            Self::Leaf(leaf, axes) => (store.get(leaf).cloned(), axes),
            Self::None => return Ok(None),
        };
        found.map(|gradient| gradient.permute(inverse(axes))).transpose()
    }
}

/// Attaches a probe: returns the same values with the same strides, and the place of their gradient.
///
/// `cut` says that the tensor is computed from one with a gradient by a function that passes none back. Then a variable of
/// the same values begins a new graph, so that at least the gradient that arrives here is known.
pub(super) fn attach(x: &Tensor, cut: bool) -> Result<(Tensor, Gradient)> {
    let axes = by_stride(x);
    let dense = x.permute(axes.clone())?;
    // Of a view with gaps there is no copy with the same strides, and other strides could mean other roundings.
    if !dense.is_contiguous() || !x.dtype().is_float() || !(x.track_op() || cut) {
        return Ok((x.clone(), Gradient::None));
    }
    let back =
        |probed: &Tensor| if axes.is_sorted() { Ok(probed.clone()) } else { probed.permute(inverse(&axes)) };
    if x.track_op() {
        let kept = Kept::default();
        let probed = dense.apply_op1(Probe(Arc::clone(&kept)))?;
        return Ok((back(&probed)?, Gradient::Probe(kept, axes)));
    }
    let leaf = Var::from_tensor(&dense)?.as_tensor().clone();
    Ok((back(&leaf)?, Gradient::Leaf(leaf, axes)))
}

/// The axes from the largest stride to the smallest.
fn by_stride(x: &Tensor) -> Vec<usize> {
    let mut axes: Vec<usize> = (0..x.rank()).collect();
    if !x.is_contiguous() {
        axes.sort_by_key(|&axis| std::cmp::Reverse(x.stride()[axis]));
    }
    axes
}

fn inverse(axes: &[usize]) -> Vec<usize> {
    let mut inverse = vec![0; axes.len()];
    for (at, &axis) in axes.iter().enumerate() {
        inverse[axis] = at;
    }
    inverse
}

struct Probe(Kept);

impl CustomOp1 for Probe {
    fn name(&self) -> &'static str {
        "step-zero-probe"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        copy(storage, layout)
    }

    fn cuda_fwd(&self, storage: &CudaStorage, layout: &Layout) -> Result<(CudaStorage, Shape)> {
        copy(storage, layout)
    }

    fn metal_fwd(&self, storage: &MetalStorage, layout: &Layout) -> Result<(MetalStorage, Shape)> {
        copy(storage, layout)
    }

    fn bwd(&self, _: &Tensor, _: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        *self.0.lock().expect("no thread panicked with a gradient") = Some(gradient.clone());
        Ok(Some(gradient.clone()))
    }
}

fn copy<S>(storage: &S, layout: &Layout) -> Result<(S, Shape)>
where
    S: BackendStorage<Device: BackendDevice<Storage = S>>,
{
    let mut copied = storage.device().zeros_impl(layout.shape(), storage.dtype())?;
    storage.copy_strided_src(&mut copied, 0, layout)?;
    Ok((copied, layout.shape().clone()))
}
