//! The backward pass, and the gradients that it computes.

use tensor::{Real, Tensor};

use crate::tape::{Arena, Pullback};
use crate::{Tape, Var};

/// The gradients of one value with respect to every node that it depends on.
///
/// They can be read for a leaf, an activation or the loss itself, in any order and as often as needed.
pub struct Grads<'t, T = f32> {
    tape: &'t Tape<T>,
    by_node: Vec<Option<Tensor<T>>>,
}

/// The list returns to the tape for the next backward pass; the buffers of the gradients return to its pool when
/// dropped.
impl<T> Drop for Grads<'_, T> {
    fn drop(&mut self) {
        self.by_node.clear();
        self.tape.spare.replace(std::mem::take(&mut self.by_node));
    }
}

impl<'t, T: Real> Grads<'t, T> {
    /// The gradient with respect to `var`, of the same shape; `None` if the differentiated value does not depend on
    /// `var`, or if it was not [requested](Var::backward_to).
    ///
    /// # Panics
    /// Panics if `var` lives on another tape.
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
    /// The gradients of this scalar with respect to every node before it, in one pass over the tape.
    ///
    /// # Panics
    /// Panics if the value is not a single number; for others see [`backward_from`](Self::backward_from).
    #[track_caller]
    pub fn backward(self) -> Grads<'t, T> {
        self.walk(self.one("backward"), None)
    }

    /// The gradients of this scalar with respect to `targets` and the nodes between them and it; gradients that only
    /// other nodes need are not computed.
    ///
    /// ```
    /// use autograd::{Tape, Tensor};
    ///
    /// let tape = Tape::new();
    /// let (x, w) = (tape.leaf(Tensor::full([1, 2], 3.0_f32)), tape.leaf(Tensor::full([2, 2], 0.5)));
    /// let grads = x.matmul(w).sum().backward_to(&[x]);
    /// assert_eq!(grads.get(x).unwrap().data(), [1.0; 2]);
    /// assert!(grads.get(w).is_none()); // its product was not computed
    /// ```
    ///
    /// # Panics
    /// Panics if the value is not a single number, or one of the targets lives on another tape.
    #[track_caller]
    pub fn backward_to(self, targets: &[Self]) -> Grads<'t, T> {
        self.walk(self.one("backward_to"), Some(&self.path_to("backward_to", targets)))
    }

    /// The gradients of `⟨cotangent, value⟩`, which are vector–Jacobian products; `cotangent` has the shape of the
    /// value.
    ///
    /// Nodes that the value does not depend on are not visited, so NaN or an infinite slope there has no effect.
    ///
    /// # Panics
    /// Panics if the cotangent has another shape than the value, or a pullback returns a wrong shape.
    #[track_caller]
    pub fn backward_from(self, cotangent: Tensor<T>) -> Grads<'t, T> {
        let (got, expected) = (cotangent.shape(), self.shape());
        assert!(
            *got == expected,
            "backward_from: got a cotangent of shape {got}; expected the value's {expected}"
        );
        self.walk(cotangent, None)
    }

    /// The cotangent 1 of a single number.
    #[track_caller]
    fn one(self, method: &str) -> Tensor<T> {
        let shape = self.shape();
        let single = shape.numel() == 1;
        assert!(
            single,
            "{method}: got shape {shape}; expected a single number, or use backward_from with a cotangent"
        );
        self.value().map(|_| T::ONE)
    }

    /// For each node up to this one, true if it is one of the targets or depends on one.
    #[track_caller]
    pub(crate) fn path_to(self, method: &str, targets: &[Self]) -> Vec<bool> {
        let mut on_path = vec![false; self.index() + 1];
        for &var in targets {
            self.tape().assert_mine(method, var);
            if let Some(target) = on_path.get_mut(var.index()) {
                *target = true;
            }
        }
        self.tape().with(|arena| {
            for index in 0..on_path.len() {
                on_path[index] |= arena.parents(index).iter().any(|&parent| on_path[parent]);
            }
        });
        on_path
    }

    /// The backward pass from this node, through the nodes of a path or through all.
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

/// Adds the cotangents that the pullback of a node returns to those of the parents that are visited. All parents come
/// before the node.
fn pull_back<T: Real>(
    tape: &Tape<T>,
    arena: &Arena<T>,
    index: usize,
    cotangent: &Tensor<T>,
    visited: impl Fn(usize) -> bool,
    before: &mut [Option<Tensor<T>>],
) {
    let (node, parents) = (&arena.nodes[index], arena.parents(index));
    let mut add = |parent: usize, term: Tensor<T>| {
        let (op, got, expected) = (node.op, term.shape(), arena.nodes[parent].value.shape());
        assert!(got == expected, "{op}: the pullback returned shape {got} for a parent of shape {expected}");
        accumulate(&mut before[parent], tape.pool.adopt(term));
    };
    match &node.pullback {
        Some(Pullback::Each(pullback)) => {
            for (i, &parent) in parents.iter().enumerate().filter(|&(_, &parent)| visited(parent)) {
                add(parent, pullback(cotangent, i));
            }
        }
        Some(Pullback::Together(pullback)) if parents.iter().any(|&parent| visited(parent)) => {
            let mut in_order = parents.iter();
            pullback(cotangent, &mut |term| match in_order.next() {
                Some(&parent) if visited(parent) => add(parent, term),
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
