//! The arena of nodes, and the one door into it.

use std::cell::RefCell;
use std::fmt;

use tensor::{Real, Shape, Tensor};

/// Turns the cotangent of a node into the cotangents of its parents, handed over in their order.
pub(crate) type Pullback<T> = Box<dyn Fn(&Tensor<T>, &mut dyn FnMut(usize, Tensor<T>))>;

/// One value and how it was made.
pub(crate) struct Node<T> {
    pub(crate) op: &'static str,
    pub(crate) value: Tensor<T>,
    /// `None` for a leaf.
    pub(crate) pullback: Option<Pullback<T>>,
}

/// A record of a computation: every value in the order in which it was made.
pub struct Tape<T = f32> {
    nodes: RefCell<Vec<Node<T>>>,
}

/// One value on a [`Tape`]: a copy of 16 bytes, to be used as often as one likes.
pub struct Var<'t, T = f32> {
    tape: &'t Tape<T>,
    index: usize,
}

impl<T> Clone for Var<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Var<'_, T> {}

impl<T: Real> Default for Tape<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Real> Tape<T> {
    /// An empty tape.
    pub fn new() -> Self {
        Self { nodes: RefCell::new(Vec::new()) }
    }

    /// The number of values recorded.
    pub fn len(&self) -> usize {
        self.nodes.borrow().len()
    }

    /// Whether nothing has been recorded.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A value that no op made: an input or a parameter.
    pub fn leaf(&self, value: Tensor<T>) -> Var<'_, T> {
        self.push(Node { op: "leaf", value, pullback: None })
    }

    /// Records `value = op(parents)` with its pullback `ȳ ↦ [x̄₀, x̄₁, …]`, one cotangent a parent, each of
    /// that parent's shape. What the pullback needs, it captures.
    ///
    /// # Panics
    /// If a parent lives on another tape. [`Var::backward`] panics if a cotangent's shape is not its
    /// parent's.
    #[track_caller]
    pub fn record<'t, const N: usize>(
        &'t self,
        op: &'static str,
        parents: [Var<'t, T>; N],
        value: Tensor<T>,
        pullback: impl Fn(&Tensor<T>) -> [Tensor<T>; N] + 'static,
    ) -> Var<'t, T> {
        for parent in parents {
            self.assert_mine(op, parent);
        }
        let indices = parents.map(|parent| parent.index);
        let pullback: Pullback<T> = Box::new(move |cotangent, give| {
            for (index, parent) in indices.into_iter().zip(pullback(cotangent)) {
                give(index, parent);
            }
        });
        self.push(Node { op, value, pullback: Some(pullback) })
    }

    #[track_caller]
    pub(crate) fn assert_mine(&self, op: &str, var: Var<'_, T>) {
        assert!(std::ptr::eq(self, var.tape), "{op}: the operands live on two tapes");
    }

    pub(crate) fn with_nodes<R>(&self, read: impl FnOnce(&[Node<T>]) -> R) -> R {
        read(&self.nodes.borrow())
    }

    fn push(&self, node: Node<T>) -> Var<'_, T> {
        let mut nodes = self.nodes.borrow_mut();
        nodes.push(node);
        Var { tape: self, index: nodes.len() - 1 }
    }
}

impl<'t, T: Real> Var<'t, T> {
    /// The value; shared, not copied.
    pub fn value(self) -> Tensor<T> {
        self.tape.with_nodes(|nodes| nodes[self.index].value.clone())
    }

    /// The shape of the value.
    pub fn shape(self) -> Shape {
        self.tape.with_nodes(|nodes| nodes[self.index].value.shape().clone())
    }

    /// The name of the op that made it; `leaf` for none.
    pub fn op(self) -> &'static str {
        self.tape.with_nodes(|nodes| nodes[self.index].op)
    }

    /// The tape it lives on.
    pub fn tape(self) -> &'t Tape<T> {
        self.tape
    }

    pub(crate) fn index(self) -> usize {
        self.index
    }
}

impl<T: Real> fmt::Debug for Var<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{} {} {:?}", self.index, self.op(), self.value())
    }
}

impl<T: Real> fmt::Debug for Tape<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tape of {} values", self.len())
    }
}
