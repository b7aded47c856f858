//! Functions that nobody announced, between two observed sites.
//!
//! Candle keeps the operation of a tensor to itself, but says which tensors it was computed from. So the sites before a tensor
//! are known, and which function stands between is found by computing: if the ReLU of the site before has the same bits, that
//! is what it is.

use candle_core::{Result, Tensor};
use diagnostics::{Activation, InputRole, SiteInput, SiteKind};

use super::LayerSite;
use super::state::{Seen, State};

impl State {
    /// The site that a layer reads. If its values were not observed, they are now.
    pub(super) fn reading(&mut self, name: &str, layer: &LayerSite<'_>, x: &Tensor) -> Result<Option<usize>> {
        let at = match self.site_of(x) {
            Some(at) => Some(at),
            None => match self.copied(x)? {
                Some(at) => Some(at),
                None => self.between(name, layer.units.of(x.rank()), x)?,
            },
        };
        if let Some(at) = at {
            self.check_units(name, layer, at, x)?;
        }
        Ok(at)
    }

    /// The site whose values a tensor is a copy of, as after `contiguous`.
    fn copied(&mut self, x: &Tensor) -> Result<Option<usize>> {
        let [last] = self.nearest(x)[..] else { return Ok(None) };
        let before = &self.seen[last].values;
        let alike = before.elem_count() == x.elem_count() && before.dtype() == x.dtype();
        if !alike || !same(before, x)? {
            return Ok(None);
        }
        self.sites.insert(x.id(), last);
        Ok(Some(last))
    }

    /// A site for values that were not observed before: a function of an earlier site, the network's input, or something else.
    /// `unit_axis` is that of its reader, if it is known.
    pub(super) fn between(
        &mut self,
        reader: &str,
        unit_axis: Option<usize>,
        x: &Tensor,
    ) -> Result<Option<usize>> {
        // Indices into a table are no signal.
        if !x.dtype().is_float() {
            return Ok(None);
        }
        let first = !self.seen.iter().any(|seen| seen.kind != SiteKind::Input) && !x.track_op();
        let named = if first { "input".to_owned() } else { format!("{reader} (input)") };
        let mut seen = match self.explained(x)? {
            Some(seen) => seen,
            None => {
                let kind = if first { SiteKind::Input } else { SiteKind::Other };
                let nearest = self.nearest(x);
                let inputs = nearest.iter().map(|&site| SiteInput { site, role: None }).collect();
                let unit_axis = match unit_axis {
                    Some(axis) => axis,
                    None => self.unit_axis(&named, None, nearest.first().copied(), x)?,
                };
                Seen { inputs, ..Seen::new(named, kind, x, unit_axis) }
            }
        };
        seen.name = self.unique(&seen.name);
        self.sites.insert(x.id(), self.seen.len());
        self.seen.push(seen);
        Ok(Some(self.seen.len() - 1))
    }

    /// The sites that a tensor was computed from, without those that are behind another one of them.
    pub(super) fn nearest(&self, x: &Tensor) -> Vec<usize> {
        let found = self.before(x);
        let mut behind = vec![false; self.seen.len()];
        for &at in &found {
            let mut open: Vec<usize> = self.seen[at].inputs.iter().map(|input| input.site).collect();
            while let Some(site) = open.pop() {
                if !std::mem::replace(&mut behind[site], true) {
                    open.extend(self.seen[site].inputs.iter().map(|input| input.site));
                }
            }
        }
        let mut nearest: Vec<usize> = found.into_iter().filter(|&at| !behind[at]).collect();
        nearest.sort_unstable();
        nearest
    }

    /// All sites that a tensor was computed from, the last ones first.
    fn before(&self, x: &Tensor) -> Vec<usize> {
        let mut found: Vec<usize> =
            x.sorted_nodes().into_iter().filter_map(|node| self.sites.get(&node.id()).copied()).collect();
        found.sort_unstable_by(|a, b| b.cmp(a));
        found.dedup();
        found
    }

    /// The site of a tensor that is a function of single values of the site before, or its sum with an earlier one.
    fn explained(&self, x: &Tensor) -> Result<Option<Seen>> {
        let nearest = self.nearest(x);
        let [last] = nearest[..] else { return Ok(None) };
        let before = &self.seen[last];
        if before.values.elem_count() != x.elem_count() || before.values.dtype() != x.dtype() {
            return Ok(None);
        }
        let values = before.values.detach();
        let like = |seen: Seen| Seen { shape: before.shape.clone(), unit_axis: before.unit_axis, ..seen };
        for (function, compute) in FUNCTIONS {
            if same(&compute(&values)?, x)? {
                let name = format!("{}.{}", before.name, function.name());
                let inputs = vec![SiteInput { site: last, role: None }];
                let seen = Seen::new(name, SiteKind::Activation, x, before.unit_axis);
                return Ok(Some(like(Seen { function: Some(*function), inputs, ..seen })));
            }
        }
        for stream in self.before(x).into_iter().filter(|&at| at != last) {
            let candidate = &self.seen[stream];
            let fits = candidate.values.dims() == before.values.dims()
                && candidate.values.dtype() == before.values.dtype();
            if fits && same(&(candidate.values.detach() + &values)?, x)? {
                let inputs = vec![
                    SiteInput { site: stream, role: Some(InputRole::Stream) },
                    SiteInput { site: last, role: Some(InputRole::Branch) },
                ];
                let name = format!("{} (residual sum)", before.name);
                let seen = Seen::new(name, SiteKind::ResidualSum, x, before.unit_axis);
                return Ok(Some(like(Seen { inputs, ..seen })));
            }
        }
        Ok(None)
    }

    /// Refuses a site whose units are not what a layer reads as its inputs.
    fn check_units(&self, name: &str, layer: &LayerSite<'_>, at: usize, x: &Tensor) -> Result<()> {
        let (seen, Some((_, Some(inputs)))) = (&self.seen[at], layer.sizes()) else { return Ok(()) };
        let Some(own) = layer.units.of(x.rank()) else { return Ok(()) };
        if seen.shape != x.dims() || seen.unit_axis == own {
            return Ok(());
        }
        let weight = layer.weight.map_or(&[][..], Tensor::dims);
        Err(crate::error(format!(
            "{}: its units are on axis {} of {:?}, of size {}, but the weight {weight:?} of {name} reads {inputs} units, on \
             axis {own}",
            seen.name,
            seen.unit_axis,
            seen.shape,
            seen.units()
        )))
    }
}

/// A function of single values.
type Function = fn(&Tensor) -> Result<Tensor>;

/// The functions that candle's tensors have as methods.
const FUNCTIONS: &[(Activation, Function)] = &[
    (Activation::Relu, Tensor::relu),
    (Activation::Tanh, Tensor::tanh),
    (Activation::GeluTanh, Tensor::gelu),
    (Activation::Gelu, Tensor::gelu_erf),
    (Activation::Silu, Tensor::silu),
    (Activation::Sigmoid, candle_nn::ops::sigmoid),
];

/// True if two tensors have the same numbers in the same order.
pub(super) fn same(a: &Tensor, b: &Tensor) -> Result<bool> {
    let (a, b) = (a.detach().flatten_all()?, b.detach().flatten_all()?);
    Ok(!a.ne(&b)?.to_vec1::<u8>()?.contains(&1))
}
