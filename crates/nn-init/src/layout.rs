//! What the axes of a weight are for.

use crate::InitError;

/// The order of a weight's axes, and how many groups share them.
///
/// | layout | axes | used by |
/// |---|---|---|
/// | [`OUT_IN`](Self::OUT_IN) | `[out, in, kernel…]` | PyTorch, candle, tch, burn's convolutions |
/// | [`IN_OUT`](Self::IN_OUT) | `[kernel…, in, out]` | Keras, JAX, flax, burn's linear layers, lessons that write `x @ W` |
/// | [`IN_OUT_KERNEL`](Self::IN_OUT_KERNEL) | `[in, out, kernel…]` | PyTorch's transposed convolutions |
/// | [`KERNEL_OUT_IN`](Self::KERNEL_OUT_IN) | `[kernel…, out, in]` | Keras' transposed convolutions |
/// | [`axes`](Self::axes) | as the caller says | attention kernels, depthwise and batched weights |
///
/// PyTorch and Keras take no notice of a transposed convolution: their own initializers read its weight as
/// `OUT_IN` and `IN_OUT`, with the fans exchanged. For their numbers, name those.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    order: Order,
    groups: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    OutIn,
    InOut,
    InOutKernel,
    KernelOutIn,
    Axes { input: u32, output: u32, batch: u32 },
}

/// What one axis is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AxisRole {
    /// Units that feed the layer.
    In,
    /// Units of the layer.
    Out,
    /// Places of a kernel: every output sums over them, every input feeds them.
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
        Self { order, groups: 1 }
    }

    /// Axes named by the caller, counted from 0; whatever is not named is kernel.
    ///
    /// Several inputs multiply, and so do several outputs. `batch` axes hold independent weights and count for
    /// neither fan, as JAX's `batch_axis`: the channels of a depthwise kernel `[h, w, channel, multiplier]` are
    /// `axes(&[], &[3], &[2])`. A query kernel `[embed, head, dim]` is `axes(&[0], &[1, 2], &[])`.
    ///
    /// That every axis exists and has one purpose is checked where there is a shape to say it of. Axes beyond 31,
    /// which no tensor has, count as 31.
    pub fn axes(input: &[usize], output: &[usize], batch: &[usize]) -> Self {
        let [input, output, batch] = [input, output, batch].map(bits);
        Self::of(Order::Axes { input, output, batch })
    }

    /// The same axes, shared by `groups` groups: outputs of a group see the inputs of that group alone.
    ///
    /// Frameworks store the groups side by side, in the output axis (in the input axis, for transposed
    /// convolutions), so that fan, too large by the number of groups, is divided. PyTorch's and Keras' own
    /// initializers do not divide; for their numbers, do not call this.
    pub const fn grouped(self, groups: usize) -> Self {
        Self { groups, ..self }
    }

    /// The number of groups.
    pub(crate) fn groups(self) -> usize {
        self.groups
    }

    /// Whether the groups lie side by side in the input axis.
    pub(crate) fn groups_share_the_input(self) -> bool {
        matches!(self.order, Order::InOutKernel | Order::KernelOutIn)
    }

    /// What each axis of `shape` is for.
    ///
    /// # Errors
    /// If the layout names an axis that the shape lacks, or needs two axes and the shape has fewer.
    pub(crate) fn roles(self, shape: &[usize]) -> Result<Vec<AxisRole>, InitError> {
        let rank = shape.len();
        if let Order::Axes { input, output, batch } = self.order {
            return named([(input, AxisRole::In), (output, AxisRole::Out), (batch, AxisRole::Batch)], shape);
        }
        if rank < 2 {
            let why =
                "a weight has an input and an output axis; give a bias or a scalar a scheme without fans";
            return Err(InitError::no_fans(shape, why));
        }
        let (input, output) = match self.order {
            Order::OutIn => (1, 0),
            Order::InOut => (rank - 2, rank - 1),
            Order::InOutKernel => (0, 1),
            _ => (rank - 1, rank - 2),
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

fn named(sets: [(u32, AxisRole); 3], shape: &[usize]) -> Result<Vec<AxisRole>, InitError> {
    let mut roles = vec![None; shape.len()];
    for (set, role) in sets {
        for axis in (0..32).filter(|axis| set >> axis & 1 == 1) {
            match roles.get_mut(axis) {
                Some(free @ None) => *free = Some(role),
                Some(_) => {
                    return Err(InitError::no_fans(shape, format!("axis {axis} has more than one purpose")));
                }
                None => {
                    let why = format!("the layout names axis {axis}, and it has {}", shape.len());
                    return Err(InitError::no_fans(shape, why));
                }
            }
        }
    }
    Ok(roles.into_iter().map(|role| role.unwrap_or(AxisRole::Kernel)).collect())
}
