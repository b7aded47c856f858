//! The backward pass and what it leaves behind.

use tensor::{Real, Tensor};

use crate::tape::Arena;
use crate::{Tape, Var};

/// The gradient of one value with respect to every node that it depends on.
///
/// Reading never consumes: ask for a leaf, an activation or the loss itself, in any order.
pub struct Grads<'t, T = f32> {
    tape: &'t Tape<T>,
    by_node: Vec<Option<Tensor<T>>>,
}

/// The list goes back to the tape; the gradients' buffers go to its pool by themselves.
impl<T> Drop for Grads<'_, T> {
    fn drop(&mut self) {
        self.by_node.clear();
        self.tape.spare.replace(std::mem::take(&mut self.by_node));
    }
}

impl<'t, T: Real> Grads<'t, T> {
    /// The gradient at `var`, of its shape; `None` if the differentiated value does not depend on it.
    ///
    /// # Panics
    /// If `var` lives on another tape.
    #[track_caller]
    pub fn get(&self, var: Var<'t, T>) -> Option<&Tensor<T>> {
        self.tape.assert_mine("get", var);
        self.at(var.index())
    }

    pub(crate) fn tape(&self) -> &'t Tape<T> {
        self.tape
    }

    pub(crate) fn at(&self, index: usize) -> Option<&Tensor<T>> {
        self.by_node.get(index)?.as_ref()
    }
}

impl<'t, T: Real> Var<'t, T> {
    /// The gradients of this scalar: one walk from here to the start of the tape.
    ///
    /// # Panics
    /// If the value is not a single number; see [`backward_from`](Self::backward_from).
    #[track_caller]
    pub fn backward(self) -> Grads<'t, T> {
        let shape = self.shape();
        assert!(
            shape.numel() == 1,
            "backward: shape {shape} is not a single number; seed it with backward_from"
        );
        self.backward_from(self.value().map(|_| T::ONE))
    }

    /// The gradients of `⟨cotangent, value⟩`: the vector–Jacobian product, `cotangent` of the value's shape.
    ///
    /// A node that nothing reaches is not visited, so a `NaN` or infinite slope there does no harm.
    ///
    /// # Panics
    /// If the cotangent's shape is not the value's, or a pullback returns a wrong shape.
    #[track_caller]
    pub fn backward_from(self, cotangent: Tensor<T>) -> Grads<'t, T> {
        let shape = self.shape();
        assert!(
            *cotangent.shape() == shape,
            "backward_from: cotangent {} for a value {shape}",
            cotangent.shape()
        );
        let mut by_node = self.tape().spare.take();
        by_node.resize(self.index() + 1, None);
        by_node[self.index()] = Some(self.tape().pool.adopt(cotangent));
        self.tape().with(|arena| {
            for index in (0..=self.index()).rev() {
                let (before, rest) = by_node.split_at_mut(index);
                if let Some(cotangent) = &rest[0] {
                    pull_back(self.tape(), arena, index, cotangent, before);
                }
            }
        });
        Grads { tape: self.tape(), by_node }
    }
}

/// Hands the cotangent of a node on to its parents, all of which come before it.
fn pull_back<T: Real>(
    tape: &Tape<T>,
    arena: &Arena<T>,
    index: usize,
    cotangent: &Tensor<T>,
    before: &mut [Option<Tensor<T>>],
) {
    let (node, parents) = (&arena.nodes[index], arena.parents(index));
    let Some(pullback) = &node.pullback else { return };
    let mut given = 0;
    pullback(cotangent, &mut |term| {
        if let Some(&parent) = parents.get(given) {
            let (op, wanted) = (node.op, arena.nodes[parent].value.shape());
            assert!(term.shape() == wanted, "{op}: cotangent {} for a parent {wanted}", term.shape());
            accumulate(&mut before[parent], tape.pool.adopt(term));
        }
        given += 1;
    });
    assert!(given == parents.len(), "{}: {given} cotangents for {} parents", node.op, parents.len());
}

fn accumulate<T: Real>(sum: &mut Option<Tensor<T>>, term: Tensor<T>) {
    match sum {
        Some(sum) => sum.add_assign(&term),
        None => *sum = Some(term),
    }
}
