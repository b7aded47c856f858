//! Operations without a layer of their own: functions, pooling, sums and products of tensors.

use burn_core::tensor::Tensor;
use diagnostics::{InputRole, SiteInput, SiteKind};

use super::Place;
use super::tape::{Unknown, is_open, read, write};

/// Operations on tensors that a watch records. Outside of a watch they are the operation and nothing else.
pub trait Through<const D: usize>: Sized {
    /// The result of an operation on the tensor, as a site: `x.through(Activation::Relu, relu)`.
    ///
    /// A layer that has no [`watched`](super::Watched::watched) is watched from outside in the same way:
    /// `x.through(SiteKind::Recurrent, |x| self.lstm.forward(x, None).0)`.
    fn through<const E: usize>(
        self,
        place: impl Into<Place>,
        operation: impl FnOnce(Self) -> Tensor<E>,
    ) -> Tensor<E>;

    /// The result of an operation on two tensors, as a site: `x.joined(SiteKind::Gate, gate, |x, gate| x * gate)`.
    ///
    /// The first one leads on to where the signal comes from if nothing else is known.
    fn joined<const E: usize, const F: usize>(
        self,
        place: impl Into<Place>,
        other: Tensor<E>,
        operation: impl FnOnce(Self, Tensor<E>) -> Tensor<F>,
    ) -> Tensor<F>;
}

impl<const D: usize> Through<D> for Tensor<D> {
    fn through<const E: usize>(
        self,
        place: impl Into<Place>,
        operation: impl FnOnce(Self) -> Tensor<E>,
    ) -> Tensor<E> {
        through(self, || place.into(), operation)
    }

    fn joined<const E: usize, const F: usize>(
        self,
        place: impl Into<Place>,
        other: Tensor<E>,
        operation: impl FnOnce(Self, Tensor<E>) -> Tensor<F>,
    ) -> Tensor<F> {
        joined((self, other), place, [None, None], operation)
    }
}

/// A stream plus a branch that was computed from it.
///
/// ```
/// use burn_core::tensor::{Device, Tensor};
/// use step_zero_burn::residual;
///
/// let x = Tensor::<1>::from_floats([1.0, 2.0], &Device::flex());
/// let branch = x.clone().mul_scalar(0.5);
/// assert_eq!(residual(x, branch).try_into_vec_as::<f32>().unwrap(), [1.5, 3.0]);
/// ```
pub fn residual<const D: usize>(stream: Tensor<D>, branch: Tensor<D>) -> Tensor<D> {
    let roles = [Some(InputRole::Stream), Some(InputRole::Branch)];
    joined((stream, branch), SiteKind::ResidualSum, roles, |stream, branch| stream + branch)
}

/// The operation, recorded if a watch is open. The place is described only then.
pub(crate) fn through<const D: usize, const E: usize>(
    tensor: Tensor<D>,
    place: impl FnOnce() -> Place,
    operation: impl FnOnce(Tensor<D>) -> Tensor<E>,
) -> Tensor<E> {
    if !is_open() {
        return operation(tensor);
    }
    let place = place();
    let (from, tensor) = read(tensor, &place, Unknown::FollowsTheLast);
    write(operation(tensor), place, from.into_iter().collect()).1
}

/// The operation on two tensors, recorded if a watch is open.
fn joined<const D: usize, const E: usize, const F: usize>(
    (first, second): (Tensor<D>, Tensor<E>),
    place: impl Into<Place>,
    roles: [Option<InputRole>; 2],
    operation: impl FnOnce(Tensor<D>, Tensor<E>) -> Tensor<F>,
) -> Tensor<F> {
    if !is_open() {
        return operation(first, second);
    }
    let place = place.into();
    let (from_first, first) = read(first, &place, Unknown::FollowsTheLast);
    let (from_second, second) = read(second, &place, Unknown::IsASource);
    let inputs = [from_first, from_second].into_iter().zip(roles);
    let inputs = inputs.filter_map(|(from, role)| Some(SiteInput { role, ..from? })).collect();
    write(operation(first, second), place, inputs).1
}
