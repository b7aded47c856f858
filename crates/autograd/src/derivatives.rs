//! Products with Jacobians and Hessians, and the Jacobian itself.
//!
//! There is no second table of ops: forward mode is the same ops on [`Dual`] numbers, and second order is reverse
//! mode on a tape of duals.

use tensor::{Dual, Real, Tensor};

use crate::{Tape, Var};

impl<'t, T: Real> Var<'t, T> {
    /// `∂y/∂x`, every entry of this value by every entry of `x`: `[y's values, x's values]`; 0 where it does not
    /// depend on `x`.
    ///
    /// Row by row, one backward pass each: `[1, n] → [1, m]` through a network costs m of them.
    ///
    /// ```
    /// use autograd::Tape;
    /// use tensor::{Activation, Tensor};
    ///
    /// let tape = Tape::new();
    /// let x = tape.leaf(Tensor::from_vec(vec![0.0_f64, 0.0], [1, 2])?);
    /// let w = tape.leaf(Tensor::from_vec(vec![1.0, 2.0, 3.0, 4.0], [2, 2])?);
    /// let y = x.matmul(w).activation(Activation::Tanh);
    /// assert_eq!(y.jacobian(x).data(), [1.0, 3.0, 2.0, 4.0]); // wᵀ, as tanh′(0) = 1
    /// # Ok::<(), tensor::ShapeError>(())
    /// ```
    ///
    /// # Panics
    /// If the two live on two tapes.
    #[track_caller]
    pub fn jacobian(self, x: Self) -> Tensor<T> {
        let path = self.path_to("jacobian", &[x]);
        let (shape, columns) = (self.shape(), x.shape().numel());
        let rows = shape.numel();
        let mut jacobian = Tensor::zeros([rows, columns]);
        for row in 0..rows {
            let mut unit = Tensor::zeros(&shape);
            unit.data_mut()[row] = T::ONE;
            if let Some(gradient) = self.walk(unit, Some(&path)).get(x) {
                jacobian.data_mut()[row * columns..][..columns].copy_from_slice(gradient.data());
            }
        }
        jacobian
    }
}

/// `(f(x), J·v)`: the value at `inputs`, and its derivative along `directions`, in one forward pass.
///
/// `f` is written as for any tape; here it runs on duals.
///
/// ```
/// use autograd::jvp;
/// use tensor::{Activation, Tensor};
///
/// let x = Tensor::from_vec(vec![0.5_f64, -1.0], [1, 2])?;
/// let v = Tensor::from_vec(vec![1.0, 0.0], [1, 2])?;
/// let (y, dy) = jvp(|_, x| x[0].activation(Activation::Tanh), &[x], &[v]);
/// assert_eq!(dy.data(), [1.0 - y.data()[0].powi(2), 0.0]);
/// # Ok::<(), tensor::ShapeError>(())
/// ```
///
/// # Panics
/// If there are not as many directions as inputs, of their shapes.
#[track_caller]
pub fn jvp<T: Real>(
    f: impl for<'t> Fn(&'t Tape<Dual<T>>, &[Var<'t, Dual<T>>]) -> Var<'t, Dual<T>>,
    inputs: &[Tensor<T>],
    directions: &[Tensor<T>],
) -> (Tensor<T>, Tensor<T>) {
    let moving = moving("jvp", inputs, directions);
    let tape = Tape::new();
    let vars: Vec<_> = moving.into_iter().map(|x| tape.leaf(x)).collect();
    let value = f(&tape, &vars).value();
    (value.values(), value.slopes())
}

/// `(∇f, H·v)` of a scalar function: its gradient by each input, and what that changes by along `directions`.
///
/// Forward over reverse: the slopes of gradients on a tape of duals. Twice the cost of a gradient or a little more.
/// Inputs that `f` does not depend on have zeros.
///
/// ```
/// use autograd::hvp;
/// use tensor::Tensor;
///
/// // f = Σ x³, with the Hessian diag(6x).
/// let x = Tensor::from_vec(vec![1.0_f64, 2.0], [2])?;
/// let v = Tensor::from_vec(vec![1.0, -1.0], [2])?;
/// let (gradient, product) = hvp(|_, x| (x[0] * x[0] * x[0]).sum(), &[x], &[v]);
/// assert_eq!(gradient[0].data(), [3.0, 12.0]);
/// assert_eq!(product[0].data(), [6.0, -12.0]);
/// # Ok::<(), tensor::ShapeError>(())
/// ```
///
/// # Panics
/// If there are not as many directions as inputs, of their shapes, or `f` does not give a single number.
#[track_caller]
pub fn hvp<T: Real>(
    f: impl for<'t> Fn(&'t Tape<Dual<T>>, &[Var<'t, Dual<T>>]) -> Var<'t, Dual<T>>,
    inputs: &[Tensor<T>],
    directions: &[Tensor<T>],
) -> (Vec<Tensor<T>>, Vec<Tensor<T>>) {
    let moving = moving("hvp", inputs, directions);
    let tape = Tape::new();
    let vars: Vec<_> = moving.into_iter().map(|x| tape.leaf(x)).collect();
    let grads = f(&tape, &vars).backward();
    let gradient = |var: &Var<'_, Dual<T>>| match grads.get(*var) {
        Some(gradient) => (gradient.values(), gradient.slopes()),
        None => (Tensor::zeros(var.shape()), Tensor::zeros(var.shape())),
    };
    vars.iter().map(gradient).unzip()
}

/// Inputs that move along their directions.
#[track_caller]
fn moving<T: Real>(op: &str, inputs: &[Tensor<T>], directions: &[Tensor<T>]) -> Vec<Tensor<Dual<T>>> {
    let (n, m) = (inputs.len(), directions.len());
    assert!(n == m, "{op}: {n} inputs and {m} directions");
    let mut moving = Vec::with_capacity(n);
    for (input, direction) in inputs.iter().zip(directions) {
        let same = input.shape() == direction.shape();
        assert!(same, "{op}: an input {} and its direction {}", input.shape(), direction.shape());
        moving.push(Tensor::from_parts(input, direction));
    }
    moving
}
