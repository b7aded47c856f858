//! Layouts: the role of each axis of a weight.

use crate::InitError;

/// The order of a weight's axes, the number of groups that share them, and the stride of the kernel.
///
/// | layout | axes | used by |
/// |---|---|---|
/// | [`OUT_IN`](Self::OUT_IN) | `[out, in, kernel…]` | PyTorch, candle, tch, burn's convolutions |
/// | [`IN_OUT`](Self::IN_OUT) | `[kernel…, in, out]` | Keras, JAX, flax, burn's linear layers, code that writes `x @ W` |
/// | [`IN_OUT_KERNEL`](Self::IN_OUT_KERNEL) | `[in, out, kernel…]` | PyTorch's transposed convolutions |
/// | [`KERNEL_OUT_IN`](Self::KERNEL_OUT_IN) | `[kernel…, out, in]` | Keras' transposed convolutions |
/// | [`axes`](Self::axes) | named by the caller | attention kernels, depthwise and batched weights |
///
/// The initialisers of PyTorch and Keras do not know that a convolution is transposed: they read its weight as
/// `OUT_IN` and `IN_OUT`, which exchanges the fans. To get their numbers, use those two layouts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    order: Order,
    groups: usize,
    /// The product of the strides.
    stride: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    OutIn,
    InOut,
    InOutKernel,
    KernelOutIn,
    /// Three sets of axes, one bit per axis.
    Axes {
        input: u32,
        output: u32,
        batch: u32,
    },
}

/// The role of one axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AxisRole {
    /// Units that feed the layer.
    In,
    /// Units of the layer.
    Out,
    /// Positions in a kernel: every output sums over them, and every input feeds all of them.
    Kernel,
    /// Independent weights side by side.
    Batch,
}

impl Layout {
    /// `[out, in, kernel…]`; the layer computes `x·Wᵀ`.
    pub const OUT_IN: Self = Self::of(Order::OutIn);
    /// `[kernel…, in, out]`; the layer computes `x·W`.
    pub const IN_OUT: Self = Self::of(Order::InOut);
    /// `[in, out, kernel…]`.
    pub const IN_OUT_KERNEL: Self = Self::of(Order::InOutKernel);
    /// `[kernel…, out, in]`.
    pub const KERNEL_OUT_IN: Self = Self::of(Order::KernelOutIn);

    const fn of(order: Order) -> Self {
        Self { order, groups: 1, stride: 1 }
    }

    /// Axes named by the caller, counted from 0. An axis that is not named belongs to the kernel.
    ///
    /// Several input axes multiply, and so do several output axes. A `batch` axis holds independent weights and
    /// counts for neither fan, like JAX's `batch_axis`: the channels of a depthwise kernel
    /// `[h, w, channel, multiplier]` are `axes(&[], &[3], &[2])`. A query kernel `[embed, head, dim]` is
    /// `axes(&[0], &[1, 2], &[])`.
    ///
    /// The functions that take a shape check that every axis exists and has one role. Axes above 31, which no tensor
    /// has, count as 31.
    pub fn axes(input: &[usize], output: &[usize], batch: &[usize]) -> Self {
        let [input, output, batch] = [input, output, batch].map(bits);
        Self::of(Order::Axes { input, output, batch })
    }

    /// The same axes, divided into `groups` groups: the outputs of a group read the inputs of that group only.
    ///
    /// Frameworks store the groups side by side in the output axis (in the input axis for transposed convolutions). The
    /// fan along that axis is therefore too large by the number of groups, and is divided by it. The initialisers of
    /// PyTorch and Keras do not divide; to get their numbers, do not call this.
    pub const fn grouped(self, groups: usize) -> Self {
        Self { groups, ..self }
    }

    /// The same axes of a kernel that moves by these strides, one per axis of the kernel.
    ///
    /// A strided convolution reads only every s-th position of its input, which therefore feeds fewer outputs: the true
    /// fan-out is divided by the product of the strides. In a transposed convolution it is the fan-in. The initialisers of
    /// PyTorch and Keras do not divide; to get their numbers, do not call this.
    pub fn strided(self, stride: &[usize]) -> Self {
        let stride = stride.iter().fold(1_usize, |product, &step| product.saturating_mul(step));
        Self { stride, ..self }
    }

    /// The product of the strides.
    pub(crate) fn stride(self) -> usize {
        self.stride
    }

    /// The number of groups.
    pub(crate) fn groups(self) -> usize {
        self.groups
    }

    /// True for transposed convolutions, whose groups lie side by side in the input axis and whose outputs are as far apart
    /// as the stride.
    pub(crate) fn is_transposed(self) -> bool {
        matches!(self.order, Order::InOutKernel | Order::KernelOutIn)
    }

    /// The role of each axis of `shape`.
    ///
    /// # Errors
    /// If the layout names an axis that the shape lacks, or needs two axes and the shape has fewer.
    pub(crate) fn roles(self, shape: &[usize]) -> Result<Vec<AxisRole>, InitError> {
        let rank = shape.len();
        if let Order::Axes { input, output, batch } = self.order {
            return named([(input, AxisRole::In), (output, AxisRole::Out), (batch, AxisRole::Batch)], shape);
        }
        if rank < 2 {
            let why = "a weight needs an input and an output axis; for a bias or a scalar use a scheme without fans";
            return Err(InitError::no_fans(shape, why));
        }
        let (input, output) = match self.order {
            Order::OutIn => (1, 0),
            Order::InOut => (rank - 2, rank - 1),
            Order::InOutKernel => (0, 1),
            Order::KernelOutIn | Order::Axes { .. } => (rank - 1, rank - 2),
        };
        let mut roles = vec![AxisRole::Kernel; rank];
        (roles[input], roles[output]) = (AxisRole::In, AxisRole::Out);
        Ok(roles)
    }
}

/// The axes as a set.
fn bits(axes: &[usize]) -> u32 {
    axes.iter().fold(0, |set, &axis| set | 1 << axis.min(31))
}

/// The roles of axes that the caller has named.
fn named(sets: [(u32, AxisRole); 3], shape: &[usize]) -> Result<Vec<AxisRole>, InitError> {
    let mut roles = vec![None; shape.len()];
    for (set, role) in sets {
        for axis in (0..32).filter(|axis| set >> axis & 1 == 1) {
            let why = match roles.get_mut(axis) {
                Some(free @ None) => {
                    *free = Some(role);
                    continue;
                }
                Some(_) => format!("axis {axis} has more than one role"),
                None => format!("the layout names axis {axis}, but the shape has {} axes", shape.len()),
            };
            return Err(InitError::no_fans(shape, why));
        }
    }
    Ok(roles.into_iter().map(|role| role.unwrap_or(AxisRole::Kernel)).collect())
}
