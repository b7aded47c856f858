//! A weight as matrices `[out, in·kernel]`, for any order of its axes.

use crate::layout::AxisRole;
use crate::{InitError, Layout};

/// A shape with the role of each axis.
pub(crate) struct Weight<'a> {
    shape: &'a [usize],
    roles: Vec<AxisRole>,
}

impl<'a> Weight<'a> {
    /// # Errors
    /// If the layout finds no input and output axis in the shape.
    pub(crate) fn of(shape: &'a [usize], layout: Layout) -> Result<Self, InitError> {
        Ok(Self { shape, roles: layout.roles(shape)? })
    }

    /// True if there is no kernel and no batch, however many axes hold the inputs and outputs.
    pub(crate) fn is_matrix(&self) -> bool {
        self.roles.iter().all(|role| matches!(role, AxisRole::In | AxisRole::Out))
    }

    pub(crate) fn has_kernel(&self) -> bool {
        self.kernel_axes() > 0
    }

    /// The number of axes of the kernel.
    pub(crate) fn kernel_axes(&self) -> usize {
        self.roles.iter().filter(|&&role| role == AxisRole::Kernel).count()
    }

    /// The number of units of the layer, in one batch.
    pub(crate) fn outputs(&self) -> usize {
        self.size(&[AxisRole::Out])
    }

    /// The number of units that feed the layer, in one batch.
    pub(crate) fn inputs(&self) -> usize {
        self.size(&[AxisRole::In])
    }

    /// The number of values that one unit sums: inputs times kernel.
    pub(crate) fn summands(&self) -> usize {
        self.size(&[AxisRole::In, AxisRole::Kernel])
    }

    /// The number of independent matrices.
    pub(crate) fn batches(&self) -> usize {
        self.size(&[AxisRole::Batch])
    }

    /// The number of values of a kernel; 1 if there is none.
    pub(crate) fn kernel(&self) -> usize {
        self.size(&[AxisRole::Kernel])
    }

    fn size(&self, wanted: &[AxisRole]) -> usize {
        let axes = self.roles.iter().zip(self.shape).filter(|(role, _)| wanted.contains(role));
        axes.map(|(_, size)| size).product()
    }

    /// The output unit of the value at a row-major index.
    pub(crate) fn output_at(&self, index: usize) -> usize {
        self.along(index, &[AxisRole::Out])
    }

    /// The input unit of the value at an index.
    pub(crate) fn input_at(&self, index: usize) -> usize {
        self.along(index, &[AxisRole::In])
    }

    /// The column of the matrix `[out, in·kernel]` that holds the value at an index.
    pub(crate) fn summand_at(&self, index: usize) -> usize {
        self.along(index, &[AxisRole::In, AxisRole::Kernel])
    }

    /// The matrix that holds the value at an index.
    pub(crate) fn batch_at(&self, index: usize) -> usize {
        self.along(index, &[AxisRole::Batch])
    }

    /// The row-major index among the axes of some roles.
    fn along(&self, mut index: usize, wanted: &[AxisRole]) -> usize {
        let (mut found, mut stride) = (0, 1);
        for (role, &size) in self.roles.iter().zip(self.shape).rev() {
            if wanted.contains(role) {
                found += index % size * stride;
                stride *= size;
            }
            index /= size;
        }
        found
    }

    /// True at the kernel's centre, which is at `centre(size)` along each of its axes.
    pub(crate) fn at_centre(&self, mut index: usize, centre: impl Fn(usize) -> usize) -> bool {
        let mut central = true;
        for (role, &size) in self.roles.iter().zip(self.shape).rev() {
            central &= *role != AxisRole::Kernel || index % size == centre(size);
            index /= size;
        }
        central
    }
}
