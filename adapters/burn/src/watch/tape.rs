//! The sites of an open watch, in the order in which the pass comes to them.

use std::cell::RefCell;
use std::collections::HashMap;

use burn_core::module::ParamId;
use burn_core::tensor::{Gradients, Tensor};
use diagnostics::{OwnedValues, Site, SiteInput, SiteKind, SiteValues, SiteView};

use super::axes::axes;
use super::names::parent;
use super::place::Place;
use crate::values::values_of;

thread_local! {
    /// The tape of the watch that is open on this thread.
    static OPEN: RefCell<Option<Tape>> = const { RefCell::new(None) };
}

/// Reads the gradient at one site, whatever its rank.
pub(crate) type ReadGradient = Box<dyn Fn(&Gradients) -> Option<OwnedValues>>;

/// A site as the pass came to it: measured, but for its gradient.
pub(crate) struct TapedSite {
    pub(crate) site: Site,
    pub(crate) place: Place,
    /// The shape of the values.
    pub(super) shape: Vec<usize>,
    /// The axis of the units, if there is one.
    pub(super) unit_axis: Option<usize>,
    /// The number of examples.
    examples: usize,
    /// Absent on a device without autodiff.
    pub(crate) gradient: Option<ReadGradient>,
}

/// The sites so far.
#[derive(Default)]
pub(crate) struct Tape {
    /// The paths of the model's parameters.
    pub(super) names: HashMap<ParamId, String>,
    pub(crate) sites: Vec<TapedSite>,
    /// The last site with these numbers, by how many they are and their hash: a tensor carries no name, but what it holds
    /// tells where it comes from, through clones, `reshape` and `flatten` too.
    by_content: HashMap<(usize, u64), usize>,
    /// The first contradiction.
    pub(crate) error: Option<String>,
}

/// Opens a tape on this thread, and closes it when dropped: after a panic of the pass, too.
pub(crate) struct OpenTape;

impl OpenTape {
    /// `None` if one is open already.
    pub(crate) fn new(names: HashMap<ParamId, String>) -> Option<Self> {
        OPEN.with_borrow_mut(|open| {
            if open.is_some() {
                return None;
            }
            *open = Some(Tape { names, ..Tape::default() });
            Some(Self)
        })
    }

    pub(crate) fn take(self) -> Tape {
        OPEN.take().unwrap_or_default()
    }
}

impl Drop for OpenTape {
    fn drop(&mut self) {
        OPEN.set(None);
    }
}

/// True if a watch is open on this thread.
pub(crate) fn is_open() -> bool {
    OPEN.with_borrow(Option::is_some)
}

/// Calls a function with the open tape, if there is one without a contradiction.
fn with<T>(f: impl FnOnce(&mut Tape) -> Result<T, String>) -> Option<T> {
    OPEN.with_borrow_mut(|open| {
        let tape = open.as_mut().filter(|tape| tape.error.is_none())?;
        f(tape).map_err(|error| tape.error = Some(error)).ok()
    })
}

/// A tensor that a place is about to read: the site that it comes from, and the tensor to read, which holds the same numbers.
///
/// A tensor of unknown origin becomes a site of its own.
pub(crate) fn read<const D: usize>(
    tensor: Tensor<D>,
    reader: &Place,
    unknown: Unknown,
) -> (Option<SiteInput>, Tensor<D>) {
    if let Some(site) = origin(&tensor) {
        return (Some(site), tensor);
    }
    match with(|tape| Ok(tape.unknown_site(&tensor, reader, unknown))) {
        Some((place, inputs)) => {
            let (site, tensor) = write(tensor, place, inputs);
            (site.map(|site| SiteInput { site, role: None }), tensor)
        }
        None => (None, tensor),
    }
}

/// The site that a tensor comes from, if it is known.
pub(crate) fn origin<const D: usize>(tensor: &Tensor<D>) -> Option<SiteInput> {
    let values = values_of(tensor).filter(|_| is_open())?;
    let values = values.borrowed();
    let site = with(|tape| Ok(tape.by_content.get(&(values.len(), values.hash())).copied()))??;
    Some(SiteInput { site, role: None })
}

/// The last site, as the input of one whose origin is out of sight.
pub(crate) fn last() -> Vec<SiteInput> {
    let last = with(|tape| Ok(tape.sites.len().checked_sub(1))).flatten();
    last.map(|site| SiteInput { site, role: None }).into_iter().collect()
}

/// The path of the module that holds the layer of a site.
pub(crate) fn module_of(input: &SiteInput) -> String {
    let of = |tape: &mut Tape| {
        let name = &tape.sites[input.site].site.name;
        Ok(parent(name).unwrap_or(name).to_owned())
    };
    with(of).unwrap_or_default()
}

/// The assumption about a tensor that was computed out of sight.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unknown {
    /// It comes from the last site.
    FollowsTheLast,
    /// It comes from nothing that was recorded, such as a position embedding.
    IsASource,
}

/// Notes the values of a place, and hands them on.
///
/// The gradient of a tensor that is no leaf is not kept by burn, and nothing outside burn can ask for it. So a tensor of
/// negative zeros that does ask is added: `x + −0` is `x` to the bit, for `x = ±0` too, and its gradient is that of the values.
pub(crate) fn write<const D: usize>(
    tensor: Tensor<D>,
    place: Place,
    inputs: Vec<SiteInput>,
) -> (Option<usize>, Tensor<D>) {
    let Some(values) = values_of(&tensor).filter(|_| is_open()) else { return (None, tensor) };
    let is_input = place.kind == SiteKind::Input;
    let probe =
        (tensor.is_autodiff() && !is_input).then(|| tensor.full_like(-0.0_f32).detach().require_grad());
    let gradient = probe.clone().map(|probe| -> ReadGradient {
        Box::new(move |gradients| probe.grad(gradients).and_then(|gradient| values_of(&gradient)))
    });
    let shape = tensor.dims().to_vec();
    let at = with(|tape| tape.add(place, inputs, shape, values.borrowed(), gradient));
    match probe.filter(|_| at.is_some()) {
        Some(probe) => (at, tensor + probe),
        None => (at, tensor),
    }
}

impl Tape {
    /// The place of a tensor of unknown origin, and what it reads: the network's input, or else, if a parameter or an earlier
    /// site is behind it, values of kind `other`.
    fn unknown_site<const D: usize>(
        &self,
        tensor: &Tensor<D>,
        reader: &Place,
        unknown: Unknown,
    ) -> (Place, Vec<SiteInput>) {
        // A layer's inputs have their units along the same axis as its outputs.
        let axis = reader.axis.filter(|axis| reader.weight.is_some() && axis.of_rank(D) < D && D > 1);
        let place = |kind: SiteKind, name: &str| Place { axis, ..Place::new(kind).named(name) };
        if self.sites.is_empty() || (tensor.is_autodiff() && !tensor.is_tracked()) {
            return (place(SiteKind::Input, "input"), vec![]);
        }
        let name = format!("{} (input)", self.name(reader, &[]));
        let last = SiteInput { site: self.sites.len() - 1, role: None };
        let inputs = if unknown == Unknown::FollowsTheLast { vec![last] } else { vec![] };
        (place(SiteKind::Other, &name), inputs)
    }

    fn add(
        &mut self,
        place: Place,
        inputs: Vec<SiteInput>,
        shape: Vec<usize>,
        values: SiteValues<'_>,
        gradient: Option<ReadGradient>,
    ) -> Result<usize, String> {
        let weight = place.weight.as_ref();
        if let Some(id) =
            weight.map(|weight| weight.id).or(place.bias).filter(|id| !self.names.contains_key(id))
        {
            return Err(format!(
                "{}: its parameter {id} is not one of the watched model's; watch the model that has the layer",
                weight.map_or_else(
                    || "a place".to_owned(),
                    |weight| format!("a layer with a weight {:?}", weight.shape)
                ),
            ));
        }
        let name = self.unique(self.name(&place, &inputs));
        let unit_axis = self.unit_axis(&name, &place, &inputs, &shape)?;
        let before = inputs.first().map(|input| self.sites[input.site].examples);
        let axes = axes(&shape, unit_axis, before);
        let view = SiteView::new(&name, place.kind, values, axes);
        let site = SiteView { function: place.function, ..view }.measure();
        let site = Site { norm: place.norm, inputs, ..site };
        let at = self.sites.len();
        self.by_content.insert((values.len(), values.hash()), at);
        self.sites.push(TapedSite { site, place, shape, unit_axis, examples: axes.examples, gradient });
        Ok(at)
    }
}
