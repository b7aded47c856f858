//! The axes of a site's values: stated, known by the layer, or told from what it reads.

use diagnostics::{SiteAxes, SiteInput};

use super::place::{Place, PlaceWeight, UnitAxis};
use super::tape::Tape;

impl Tape {
    /// The axis of the units: the stated one, held to the weight's shape, or else that of what the place reads.
    pub(super) fn unit_axis(
        &self,
        name: &str,
        place: &Place,
        inputs: &[SiteInput],
        shape: &[usize],
    ) -> Result<Option<usize>, String> {
        let rank = shape.len();
        let Some(axis) = place.axis.map(|axis: UnitAxis| axis.of_rank(rank)) else {
            return self.inherited_axis(name, place, inputs, shape);
        };
        if axis == 0 || axis >= rank {
            return Err(format!(
                "{name}: axis {axis} cannot be that of the units, because its values {shape:?} have their examples along axis 0 \
                 and {rank} axes"
            ));
        }
        let Some(units) = place.units.filter(|&units| units != shape[axis]) else { return Ok(Some(axis)) };
        let weight = place.weight.as_ref();
        let of = weight.map_or_else(String::new, |PlaceWeight { id, shape, .. }| {
            let path = self.names.get(id).map_or("its weight", String::as_str);
            format!(", but {path} {shape:?} has {units} outputs")
        });
        let other = (1..rank).filter(|&axis| shape[axis] == units).map(|axis| format!("axis {axis}"));
        let other = other.collect::<Vec<_>>().join(" or ");
        let advice = if other.is_empty() {
            "no axis has as many".to_owned()
        } else {
            format!("state {other} as that of the units")
        };
        Err(format!("{name}: axis {axis} of its values {shape:?} has {} units{of}; {advice}", shape[axis]))
    }

    /// The same axis as in the first input, if it is as long there; or else the only axis that is.
    fn inherited_axis(
        &self,
        name: &str,
        place: &Place,
        inputs: &[SiteInput],
        shape: &[usize],
    ) -> Result<Option<usize>, String> {
        let rank = shape.len();
        if let Some(units) = place.units {
            let candidates: Vec<usize> = (1..rank).filter(|&axis| shape[axis] == units).collect();
            if let [axis] = candidates[..] {
                return Ok(Some(axis));
            }
            let what = if candidates.is_empty() { "no axis" } else { "more than one axis" };
            return Err(format!(
                "{name}: {what} of its values {shape:?} has its weight's {units} outputs; state the axis with `along`"
            ));
        }
        let read = inputs.first().map(|input| &self.sites[input.site]);
        let Some((before, axis)) = read.and_then(|site| Some((site, site.unit_axis?))) else {
            return Ok(if rank == 2 { Some(1) } else { None });
        };
        let units = before.shape[axis];
        if shape.get(axis) == Some(&units) {
            return Ok(Some(axis));
        }
        let candidates: Vec<usize> = (1..rank).filter(|&axis| shape[axis] == units).collect();
        match candidates[..] {
            [axis] => Ok(Some(axis)),
            _ if rank == 2 => Ok(Some(1)),
            _ => Err(format!(
                "{name}: which axis of its values {shape:?} is that of the units cannot be told from {} {:?}; state it with \
                 `along`",
                before.site.name, before.shape
            )),
        }
    }
}

/// Axis 0 has the examples, another one the units, and the others positions. If what the place reads had fewer examples, axis
/// 0 has been joined with one of positions, as where `[batch, time, features]` becomes `[batch·time, features]`.
pub(super) fn axes(shape: &[usize], unit_axis: Option<usize>, examples_before: Option<usize>) -> SiteAxes {
    let product = |axes: &[usize]| axes.iter().product::<usize>();
    let first = shape.first().copied().unwrap_or(1);
    let joined = examples_before.filter(|&before| before > 0 && first.is_multiple_of(before));
    let examples = joined.unwrap_or(first);
    let positions = first / examples.max(1);
    match unit_axis {
        Some(axis) => SiteAxes {
            examples,
            before: positions * product(&shape[1..axis]),
            units: shape[axis],
            after: product(&shape[axis + 1..]),
            example_first: true,
        },
        None => SiteAxes::rows(examples, 1, positions * product(shape.get(1..).unwrap_or_default())),
    }
}
