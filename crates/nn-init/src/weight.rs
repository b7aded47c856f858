//! A weight seen as matrices `[out, in·kernel]`, whatever the order of its axes.

use crate::layout::AxisRole;
use crate::{InitError, Layout, Scheme};

/// A shape with the purpose of each axis.
pub(crate) struct Weight<'a> {
    shape: &'a [usize],
    roles: Vec<AxisRole>,
}

impl<'a> Weight<'a> {
    /// A weight that the scheme can fill.
    pub(crate) fn of(scheme: Scheme, shape: &'a [usize], layout: Layout) -> Result<Self, InitError> {
        let weight = Self { shape, roles: layout.roles(shape)? };
        match weight.problem(scheme) {
            None => Ok(weight),
            Some(why) => Err(InitError::Shape { scheme: scheme.to_string(), shape: shape.to_vec(), why }),
        }
    }

    /// What the scheme misses in the shape.
    fn problem(&self, scheme: Scheme) -> Option<String> {
        let (ins, outs) = (self.ins(), self.outs());
        let matrix = self.roles.iter().all(|role| matches!(role, AxisRole::In | AxisRole::Out));
        match scheme {
            Scheme::Identity { .. } | Scheme::Sparse { .. } if !matrix => {
                Some("it needs a matrix: an input and an output axis, and no other".to_owned())
            }
            Scheme::DeltaOrthogonal { .. } if !self.roles.contains(&AxisRole::Kernel) => {
                Some("it needs a kernel; a weight without one takes orthogonal".to_owned())
            }
            Scheme::DeltaOrthogonal { .. } if ins > outs => {
                Some(format!("{ins} inputs do not fit {outs} outputs without losing norm"))
            }
            Scheme::Dirac { groups, .. } if groups == 0 || !outs.is_multiple_of(groups) => {
                Some(format!("{groups} groups do not divide {outs} outputs"))
            }
            _ => None,
        }
    }

    /// The number of units of the layer, in one batch.
    pub(crate) fn outs(&self) -> usize {
        self.size(&[AxisRole::Out])
    }

    /// The number of units that feed the layer, in one batch.
    pub(crate) fn ins(&self) -> usize {
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

    /// The number of values of a kernel, 1 if there is none.
    pub(crate) fn kernel(&self) -> usize {
        self.size(&[AxisRole::Kernel])
    }

    fn size(&self, wanted: &[AxisRole]) -> usize {
        self.roles
            .iter()
            .zip(self.shape)
            .filter(|(role, _)| wanted.contains(role))
            .map(|(_, size)| size)
            .product()
    }

    /// Output unit of the value at a row-major place.
    pub(crate) fn out_of(&self, place: usize) -> usize {
        self.index(place, &[AxisRole::Out])
    }

    /// Input unit of the value at a place.
    pub(crate) fn in_of(&self, place: usize) -> usize {
        self.index(place, &[AxisRole::In])
    }

    /// Column of the matrix `[out, in·kernel]` in which the value at a place stands.
    pub(crate) fn summand_of(&self, place: usize) -> usize {
        self.index(place, &[AxisRole::In, AxisRole::Kernel])
    }

    /// Matrix in which the value at a place stands.
    pub(crate) fn batch_of(&self, place: usize) -> usize {
        self.index(place, &[AxisRole::Batch])
    }

    /// The row-major index of a place among the axes of some purposes.
    fn index(&self, mut place: usize, wanted: &[AxisRole]) -> usize {
        let (mut index, mut stride) = (0, 1);
        for (role, &size) in self.roles.iter().zip(self.shape).rev() {
            if wanted.contains(role) {
                index += place % size * stride;
                stride *= size;
            }
            place /= size;
        }
        index
    }

    /// Whether a place is the kernel's centre, `centre(size)` along each of its axes.
    pub(crate) fn at_centre(&self, mut place: usize, centre: impl Fn(usize) -> usize) -> bool {
        let mut central = true;
        for (role, &size) in self.roles.iter().zip(self.shape).rev() {
            central &= *role != AxisRole::Kernel || place % size == centre(size);
            place /= size;
        }
        central
    }
}
