//! The Jacobian, and products with Jacobians and Hessians.
//!
//! There is no second table of derivative rules: forward mode runs the same ops on [`Dual`] numbers, and second order
//! is reverse mode on a tape of dual numbers.

use tensor::{Dual, Real, Tensor};

use crate::{Tape, Var};

impl<'t, T: Real> Var<'t, T> {
    /// The Jacobian `∂y/∂x` of this value y: one row per entry of y, one column per entry of x; 0 where y does not
    /// depend on x.
    ///
    /// It takes one backward pass per row: m passes for a network `[1, n] → [1, m]`.
    ///
    /// ```
    /// use autograd::{Activation, Tape, Tensor};
    ///
    /// let tape = Tape::new();
    /// let x = tape.leaf(Tensor::from_vec(vec![0.0_f64, 0.0], [1, 2])?);
    /// let w = tape.leaf(Tensor::from_vec(vec![1.0, 2.0, 3.0, 4.0], [2, 2])?);
    /// let y = x.matmul(w).activation(Activation::Tanh);
    /// assert_eq!(y.jacobian(x).data(), [1.0, 3.0, 2.0, 4.0]); // wᵀ, as tanh′(0) = 1
    /// # Ok::<(), autograd::ShapeError>(())
    /// ```
    ///
    /// # Panics
    /// Panics if `x` lives on another tape.
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

/// The value `f(x)` at `inputs` and its derivative `J·v` along `directions`, in one forward pass.
///
/// `f` is written as for any tape and runs on dual numbers. Its constants are plain numbers.
///
/// ```
/// use autograd::{Activation, Tensor, jvp};
///
/// let x = Tensor::from_vec(vec![0.5_f64, -1.0], [1, 2])?;
/// let v = Tensor::from_vec(vec![1.0, 0.0], [1, 2])?;
/// let (y, dy) = jvp(|_, x| (2.0 * x[0] + 1.0).activation(Activation::Tanh), &[x], &[v]);
/// assert_eq!(dy.data(), [2.0 * (1.0 - y.data()[0].powi(2)), 0.0]);
/// # Ok::<(), autograd::ShapeError>(())
/// ```
///
/// # Panics
/// Panics if the number of directions is not the number of inputs, or a direction has not the shape of its input.
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

/// The gradient `∇f` of a scalar function with respect to each input, and the derivatives `H·v` of these gradients
/// along `directions`.
///
/// It is forward mode over reverse mode: a backward pass on a tape of dual numbers, at a little more than twice the
/// cost of a gradient. Inputs that `f` does not depend on have zeros.
///
/// ```
/// use autograd::{Tensor, hvp};
///
/// // f = Σ (x³ − 2x), with the gradient 3x² − 2 and the Hessian diag(6x).
/// let x = Tensor::from_vec(vec![1.0_f64, 2.0], [2])?;
/// let v = Tensor::from_vec(vec![1.0, -1.0], [2])?;
/// let (gradient, product) = hvp(|_, x| (x[0] * x[0] * x[0] - 2.0 * x[0]).sum(), &[x], &[v]);
/// assert_eq!(gradient[0].data(), [1.0, 10.0]);
/// assert_eq!(product[0].data(), [6.0, -12.0]);
/// # Ok::<(), autograd::ShapeError>(())
/// ```
///
/// # Panics
/// Panics if the number of directions is not the number of inputs, a direction has not the shape of its input, or the
/// value of `f` is not a single number.
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

/// The inputs as dual numbers whose slopes are the directions.
#[track_caller]
fn moving<T: Real>(op: &str, inputs: &[Tensor<T>], directions: &[Tensor<T>]) -> Vec<Tensor<Dual<T>>> {
    let (n, m) = (inputs.len(), directions.len());
    assert!(n == m, "{op}: got {n} inputs and {m} directions; expected one direction per input");
    let mut moving = Vec::with_capacity(n);
    for (i, (input, direction)) in inputs.iter().zip(directions).enumerate() {
        let (shape, other) = (input.shape(), direction.shape());
        assert!(shape == other, "{op}: input {i} has shape {shape}, but its direction has shape {other}");
        moving.push(Tensor::from_parts(input, direction));
    }
    moving
}
