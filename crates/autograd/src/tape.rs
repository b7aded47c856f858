//! The arena of nodes, and the one door into it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use tensor::{Pool, Real, Shape, Tensor};

/// Turns the cotangent of a node into the cotangents of its parents.
pub(crate) enum Pullback<T> {
    /// All of them, given one by one in the parents' order.
    Together(Box<Together<T>>),
    /// That of one parent, by its place among them.
    Each(Box<Each<T>>),
}

type Together<T> = dyn Fn(&Tensor<T>, &mut dyn FnMut(Tensor<T>));
type Each<T> = dyn Fn(&Tensor<T>, usize) -> Tensor<T>;

/// One value and how it was made.
pub(crate) struct Node<T> {
    pub(crate) op: &'static str,
    pub(crate) value: Tensor<T>,
    /// `None` for a leaf.
    pub(crate) pullback: Option<Pullback<T>>,
    /// Where its parents are listed in [`Arena::parents`].
    parents: Range<usize>,
}

/// The nodes; the parents of all of them in one list, so that a node costs no allocation for its own; and names.
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

/// A record of a computation: every value in the order in which it was made.
///
/// It keeps the buffers of values and gradients that are gone for the next ones: after the first round of a loop that
/// ends in [`clear`](Self::clear), a node allocates its pullback and nothing else.
pub struct Tape<T = f32> {
    arena: RefCell<Arena<T>>,
    /// Where the buffers of all values and gradients go when they end.
    pub(crate) pool: Pool<T>,
    /// The list of the last [`Grads`](crate::Grads), empty, for the next.
    pub(crate) spare: RefCell<Vec<Option<Tensor<T>>>>,
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
        let arena = Arena { nodes: Vec::new(), parents: Vec::new(), names: BTreeMap::new() };
        Self { arena: RefCell::new(arena), pool: Pool::new(), spare: RefCell::default() }
    }

    /// The number of values recorded.
    pub fn len(&self) -> usize {
        self.arena.borrow().nodes.len()
    }

    /// Whether nothing has been recorded.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Forgets every value and keeps its room for the next step of a training; room that this step did without is
    /// freed.
    ///
    /// It wants the tape for itself, so no [`Var`] and no gradients of it can be used afterwards:
    ///
    /// ```compile_fail,E0502
    /// let mut tape = autograd::Tape::<f32>::new();
    /// let x = tape.leaf(tensor::Tensor::scalar(1.0));
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

    /// A value that no op made: an input or a parameter.
    pub fn leaf(&self, value: Tensor<T>) -> Var<'_, T> {
        self.push("leaf", &[], value, None)
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
        let pullback = Pullback::Together(Box::new(move |g, give| pullback(g).into_iter().for_each(give)));
        self.push(op, &parents, value, Some(pullback))
    }

    /// [`record`](Self::record) for an op whose cotangents share no work, or whose number of parents is known only at
    /// run time: the pullback is `(ȳ, i) ↦ x̄ᵢ`, called for each parent that a gradient is asked of.
    ///
    /// # Panics
    /// As [`record`](Self::record).
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
        assert!(std::ptr::eq(self, var.tape), "{op}: the operands live on two tapes");
    }

    pub(crate) fn with<R>(&self, read: impl FnOnce(&Arena<T>) -> R) -> R {
        read(&self.arena.borrow())
    }
}

impl<'t, T: Real> Var<'t, T> {
    /// The value; shared, not copied.
    pub fn value(self) -> Tensor<T> {
        self.tape.with(|arena| arena.nodes[self.index].value.clone())
    }

    /// The shape of the value.
    pub fn shape(self) -> Shape {
        self.tape.with(|arena| arena.nodes[self.index].value.shape().clone())
    }

    /// The name of the op that made it; `leaf` for none.
    pub fn op(self) -> &'static str {
        self.tape.with(|arena| arena.nodes[self.index].op)
    }

    /// Gives it a name, which its picture shows: `tape.leaf(w).named("W1")`. A later name replaces it.
    ///
    /// ```
    /// let tape = autograd::Tape::<f32>::new();
    /// let w = tape.leaf(tensor::Tensor::zeros([3, 2])).named("W1");
    /// assert_eq!((w.name().as_deref(), w.scale(2.0).name()), (Some("W1"), None));
    /// ```
    pub fn named(self, name: impl Into<String>) -> Self {
        self.tape.arena.borrow_mut().names.insert(self.index, name.into());
        self
    }

    /// The name that it was given.
    pub fn name(self) -> Option<String> {
        self.tape.with(|arena| arena.names.get(&self.index).cloned())
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
