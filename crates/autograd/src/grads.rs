//! The backward pass and what it leaves behind.

use tensor::{Real, Tensor};

use crate::tape::{Arena, Pullback};
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
    /// The gradient at `var`, of its shape; `None` if the differentiated value does not depend on it, or if it was not
    /// [asked for](Var::backward_to).
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
        self.walk(self.one("backward"), None)
    }

    /// The gradients of this scalar at `those`, and at what leads from them to it; what only others need is not
    /// computed.
    ///
    /// ```
    /// use autograd::Tape;
    /// use tensor::Tensor;
    ///
    /// let tape = Tape::new();
    /// let (x, w) = (tape.leaf(Tensor::full([1, 2], 3.0_f32)), tape.leaf(Tensor::full([2, 2], 0.5)));
    /// let grads = x.matmul(w).sum().backward_to(&[x]);
    /// assert_eq!(grads.get(x).unwrap().data(), [1.0; 2]);
    /// assert!(grads.get(w).is_none()); // one product spared
    /// ```
    ///
    /// # Panics
    /// If the value is not a single number, or one of `those` lives on another tape.
    #[track_caller]
    pub fn backward_to(self, those: &[Self]) -> Grads<'t, T> {
        self.walk(self.one("backward_to"), Some(&self.path_to("backward_to", those)))
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
        self.walk(cotangent, None)
    }

    /// The cotangent of a single number by itself.
    #[track_caller]
    fn one(self, method: &str) -> Tensor<T> {
        let shape = self.shape();
        let single = shape.numel() == 1;
        assert!(single, "{method}: shape {shape} is not a single number; seed it with backward_from");
        self.value().map(|_| T::ONE)
    }

    /// Of each node up to this one, whether it depends on one of `those` or is one of them.
    #[track_caller]
    pub(crate) fn path_to(self, method: &str, those: &[Self]) -> Vec<bool> {
        let mut on_path = vec![false; self.index() + 1];
        for &var in those {
            self.tape().assert_mine(method, var);
            if let Some(asked) = on_path.get_mut(var.index()) {
                *asked = true;
            }
        }
        self.tape().with(|arena| {
            for index in 0..on_path.len() {
                on_path[index] |= arena.parents(index).iter().any(|&parent| on_path[parent]);
            }
        });
        on_path
    }

    /// From here to the start of the tape, along the nodes of a path or along all.
    pub(crate) fn walk(self, cotangent: Tensor<T>, path: Option<&[bool]>) -> Grads<'t, T> {
        let mut by_node = self.tape().spare.take();
        by_node.resize(self.index() + 1, None);
        by_node[self.index()] = Some(self.tape().pool.adopt(cotangent));
        let visited = |index: usize| path.is_none_or(|path| path[index]);
        self.tape().with(|arena| {
            for index in (0..=self.index()).rev() {
                let (before, rest) = by_node.split_at_mut(index);
                if let Some(cotangent) = &rest[0] {
                    pull_back(self.tape(), arena, index, cotangent, visited, before);
                }
            }
        });
        Grads { tape: self.tape(), by_node }
    }
}

/// Hands the cotangent of a node on to those of its parents that are visited; all of them come before it.
fn pull_back<T: Real>(
    tape: &Tape<T>,
    arena: &Arena<T>,
    index: usize,
    cotangent: &Tensor<T>,
    visited: impl Fn(usize) -> bool,
    before: &mut [Option<Tensor<T>>],
) {
    let (node, parents) = (&arena.nodes[index], arena.parents(index));
    let mut give = |parent: usize, term: Tensor<T>| {
        let (op, wanted) = (node.op, arena.nodes[parent].value.shape());
        assert!(term.shape() == wanted, "{op}: cotangent {} for a parent {wanted}", term.shape());
        accumulate(&mut before[parent], tape.pool.adopt(term));
    };
    match &node.pullback {
        Some(Pullback::Each(pullback)) => {
            for (place, &parent) in parents.iter().enumerate().filter(|&(_, &parent)| visited(parent)) {
                give(parent, pullback(cotangent, place));
            }
        }
        Some(Pullback::Together(pullback)) if parents.iter().any(|&parent| visited(parent)) => {
            let mut in_order = parents.iter();
            pullback(cotangent, &mut |term| match in_order.next() {
                Some(&parent) if visited(parent) => give(parent, term),
                _ => {}
            });
        }
        Some(Pullback::Together(_)) | None => {}
    }
}

fn accumulate<T: Real>(sum: &mut Option<Tensor<T>>, term: Tensor<T>) {
    match sum {
        Some(sum) => sum.add_assign(&term),
        None => *sum = Some(term),
    }
}
