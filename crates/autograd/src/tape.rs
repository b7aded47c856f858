//! The tape: an arena of nodes, and `record`, the one way to add an op.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use tensor::{Pool, Real, Shape, Tensor};

/// A function from the cotangent of a node to the cotangents of its parents.
pub(crate) enum Pullback<T> {
    /// Computes all of them and passes them on one by one, in the order of the parents.
    Together(Box<Together<T>>),
    /// Computes the one of the parent with the given index.
    Each(Box<Each<T>>),
}

type Together<T> = dyn Fn(&Tensor<T>, &mut dyn FnMut(Tensor<T>));
type Each<T> = dyn Fn(&Tensor<T>, usize) -> Tensor<T>;

/// A value and the op that made it.
pub(crate) struct Node<T> {
    pub(crate) op: &'static str,
    pub(crate) value: Tensor<T>,
    /// `None` for a leaf.
    pub(crate) pullback: Option<Pullback<T>>,
    /// The range of its parents in [`Arena::parents`].
    parents: Range<usize>,
}

/// The nodes, the parents of all nodes in one list, so that a node needs no allocation for its own, and the names.
pub(crate) struct Arena<T> {
    pub(crate) nodes: Vec<Node<T>>,
    parents: Vec<usize>,
    pub(crate) names: BTreeMap<usize, String>,
}

impl<T> Arena<T> {
    pub(crate) fn parents(&self, index: usize) -> &[usize] {
        &self.parents[self.nodes[index].parents.clone()]
    }
}

/// The record of a computation: all its values, in the order in which they were made.
///
/// The tape reuses the buffers of dropped values and gradients. In a loop that ends with [`clear`](Self::clear), from
/// the second round on, a node allocates its pullback and nothing else.
pub struct Tape<T = f32> {
    arena: RefCell<Arena<T>>,
    /// The pool to which the buffers of all values and gradients return.
    pub(crate) pool: Pool<T>,
    /// The empty list of the last [`Grads`](crate::Grads), to be reused.
    pub(crate) spare: RefCell<Vec<Option<Tensor<T>>>>,
}

/// A value on a [`Tape`]: a reference of 16 bytes, which can be copied and used any number of times.
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
        let arena = Arena { nodes: Vec::new(), parents: Vec::new(), names: BTreeMap::new() };
        Self { arena: RefCell::new(arena), pool: Pool::new(), spare: RefCell::default() }
    }

    /// The number of values on the tape.
    pub fn len(&self) -> usize {
        self.arena.borrow().nodes.len()
    }

    /// True if the tape has no values.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Removes all values and keeps their buffers for the next training step. Buffers that several steps did not use
    /// are freed.
    ///
    /// It borrows the tape mutably, so no [`Var`] and no gradients of this tape can be used afterwards:
    ///
    /// ```compile_fail,E0502
    /// let mut tape = autograd::Tape::<f32>::new();
    /// let x = tape.leaf(autograd::Tensor::scalar(1.0));
    /// tape.clear();
    /// x.value();
    /// ```
    pub fn clear(&mut self) {
        let arena = self.arena.get_mut();
        arena.nodes.clear();
        arena.parents.clear();
        arena.names.clear();
        self.pool.tidy();
    }

    /// Records an input or a parameter: a value that no op made.
    pub fn leaf(&self, value: Tensor<T>) -> Var<'_, T> {
        self.push("leaf", &[], value, None)
    }

    /// Records `value = op(parents)` with its pullback `ȳ ↦ [x̄₀, x̄₁, …]`, which returns one cotangent per parent,
    /// with the shape of that parent. The closure captures the values that it needs.
    ///
    /// # Panics
    /// Panics if a parent lives on another tape. [`Var::backward`] panics if a cotangent has another shape than its
    /// parent.
    #[track_caller]
    pub fn record<'t, const N: usize>(
        &'t self,
        op: &'static str,
        parents: [Var<'t, T>; N],
        value: Tensor<T>,
        pullback: impl Fn(&Tensor<T>) -> [Tensor<T>; N] + 'static,
    ) -> Var<'t, T> {
        let pullback = Pullback::Together(Box::new(move |g, add| pullback(g).into_iter().for_each(add)));
        self.push(op, &parents, value, Some(pullback))
    }

    /// [`record`](Self::record) for an op whose cotangents share no work, or whose number of parents is known only at
    /// run time. The pullback is `(ȳ, i) ↦ x̄ᵢ` and is called for each parent whose gradient is needed.
    ///
    /// # Panics
    /// Panics like [`record`](Self::record).
    #[track_caller]
    pub fn record_each<'t>(
        &'t self,
        op: &'static str,
        parents: &[Var<'t, T>],
        value: Tensor<T>,
        pullback: impl Fn(&Tensor<T>, usize) -> Tensor<T> + 'static,
    ) -> Var<'t, T> {
        self.push(op, parents, value, Some(Pullback::Each(Box::new(pullback))))
    }

    #[track_caller]
    fn push<'t>(
        &'t self,
        op: &'static str,
        parents: &[Var<'t, T>],
        value: Tensor<T>,
        pullback: Option<Pullback<T>>,
    ) -> Var<'t, T> {
        for &parent in parents {
            self.assert_mine(op, parent);
        }
        let arena = &mut *self.arena.borrow_mut();
        let start = arena.parents.len();
        arena.parents.extend(parents.iter().map(|parent| parent.index));
        let value = self.pool.adopt(value);
        arena.nodes.push(Node { op, value, pullback, parents: start..arena.parents.len() });
        Var { tape: self, index: arena.nodes.len() - 1 }
    }

    #[track_caller]
    pub(crate) fn assert_mine(&self, op: &str, var: Var<'_, T>) {
        assert!(std::ptr::eq(self, var.tape), "{op}: the operands are on different tapes");
    }

    pub(crate) fn with<R>(&self, read: impl FnOnce(&Arena<T>) -> R) -> R {
        read(&self.arena.borrow())
    }
}

impl<'t, T: Real> Var<'t, T> {
    /// The value; it is shared, not copied.
    pub fn value(self) -> Tensor<T> {
        self.tape.with(|arena| arena.nodes[self.index].value.clone())
    }

    /// The shape of the value.
    pub fn shape(self) -> Shape {
        self.tape.with(|arena| arena.nodes[self.index].value.shape().clone())
    }

    /// The name of the op that made the value; `leaf` for an input or a parameter.
    pub fn op(self) -> &'static str {
        self.tape.with(|arena| arena.nodes[self.index].op)
    }

    /// Sets the name that a [`Graph`](crate::Graph) shows, as in `tape.leaf(w).named("W1")`. A later name replaces an
    /// earlier one.
    ///
    /// ```
    /// let tape = autograd::Tape::<f32>::new();
    /// let w = tape.leaf(autograd::Tensor::zeros([3, 2])).named("W1");
    /// assert_eq!((w.name().as_deref(), w.scale(2.0).name()), (Some("W1"), None));
    /// ```
    pub fn named(self, name: impl Into<String>) -> Self {
        self.tape.arena.borrow_mut().names.insert(self.index, name.into());
        self
    }

    /// The name given by [`named`](Self::named).
    pub fn name(self) -> Option<String> {
        self.tape.with(|arena| arena.names.get(&self.index).cloned())
    }

    /// The tape of this value.
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
