//! The input of the rules: recordings of one network, the limits, and what is derived from them once.

use std::cell::OnceCell;

use mean_field::{Critical, value_squared};
use tensor::Activation;

use super::graph::SiteGraph;
use super::{Estimate, Limits};
use crate::sites::{ParameterStatistics, RecordedParameter, Recording, Site, SiteKind, SiteStatistics};

/// Recordings of one network at several seeds or batches, and the limits to judge them by.
pub struct Context<'a> {
    pub(super) recordings: &'a [Recording],
    pub(super) limits: &'a Limits,
    pub(super) graph: SiteGraph,
    /// The parameter's readers: for each parameter, the sites whose weight or bias it is.
    parameter_readers: Vec<Vec<usize>>,
    critical_gains: OnceCell<Vec<CriticalGains>>,
}

impl<'a> Context<'a> {
    /// `None` without recordings.
    pub(super) fn of(recordings: &'a [Recording], limits: &'a Limits) -> Option<Self> {
        let first = recordings.first()?;
        let mut parameter_readers = vec![vec![]; first.parameters.len()];
        for (at, site) in first.sites.iter().enumerate() {
            for parameter in [site.weight, site.bias].into_iter().flatten() {
                parameter_readers[parameter].push(at);
            }
        }
        let graph = SiteGraph::of(first);
        Some(Self { recordings, limits, graph, parameter_readers, critical_gains: OnceCell::new() })
    }

    /// The first recording, for names and structure, which all share.
    pub(super) fn first(&self) -> &'a Recording {
        &self.recordings[0]
    }

    pub(super) fn sites(&self) -> &'a [Site] {
        &self.first().sites
    }

    pub(super) fn parameters(&self) -> &'a [RecordedParameter] {
        &self.first().parameters
    }

    /// The estimate of a number over all recordings.
    pub(super) fn over(&self, of: impl Fn(&Recording) -> f64) -> Estimate {
        Estimate::over(&self.recordings.iter().map(of).collect::<Vec<_>>())
    }

    /// The estimate of a number of one site.
    pub(super) fn site(&self, at: usize, of: impl Fn(&SiteStatistics) -> f64) -> Estimate {
        self.over(|recording| of(&recording.sites[at].statistics))
    }

    /// The mean of a number of one site.
    pub(super) fn site_value(&self, at: usize, of: impl Fn(&SiteStatistics) -> f64) -> f64 {
        self.site(at, of).value
    }

    /// The mean of a number of one parameter.
    pub(super) fn parameter(&self, at: usize, of: impl Fn(&ParameterStatistics) -> f64) -> f64 {
        self.over(|recording| of(&recording.parameters[at].statistics)).value
    }

    /// The gain that a weight gives by its size: its root mean square times `√fan_in`; NaN if it has no fan-in.
    pub(super) fn weight_gain(&self, weight: usize) -> f64 {
        let fan_in = self.parameters()[weight].fans().map_or(f64::NAN, |(fan_in, _)| fan_in);
        self.parameter(weight, |p| p.rms) * fan_in.sqrt()
    }

    /// The sites that read a parameter.
    pub(super) fn readers_of(&self, parameter: usize) -> &[usize] {
        &self.parameter_readers[parameter]
    }

    /// The products with a weight, in order.
    pub(super) fn products(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        let products = self.sites().iter().enumerate().filter(|(_, site)| site.kind.is_product());
        products.filter_map(|(at, site)| Some((at, site.weight?)))
    }

    /// The site that computes the logits: the one that the loss reads, or the last product before it.
    pub(super) fn logits(&self) -> Option<usize> {
        let named = self.first().loss.as_ref().and_then(|loss| loss.logits);
        named.or_else(|| self.sites().iter().rposition(|site| site.kind == SiteKind::Logits))
    }

    /// True if the values of a site are those of a softmax, perhaps after dropout.
    pub(super) fn is_probabilities(&self, mut at: usize) -> bool {
        while self.sites()[at].kind == SiteKind::Dropout {
            let Some(input) = self.sites()[at].inputs.first() else { return false };
            at = input.site;
        }
        self.sites()[at].kind == SiteKind::Softmax
    }

    /// The product with a weight that a site's values come from through functions, pooling and the like.
    pub(super) fn product_before(&self, mut at: usize) -> Option<usize> {
        loop {
            let site = &self.sites()[at];
            match site.kind {
                kind if kind.is_product() => return Some(at),
                SiteKind::Activation
                | SiteKind::Pooling
                | SiteKind::Dropout
                | SiteKind::Scale
                | SiteKind::Other => {
                    at = site.inputs.first()?.site;
                }
                _ => return None,
            }
        }
    }

    /// The critical gain range of a function: from the critical gain to the gain at which the variance 1 is a fixed point, the
    /// lower first. Computed once, because it takes a scan by quadrature.
    pub(super) fn critical_gain_range(&self, activation: Activation) -> (f64, f64) {
        self.critical_gains(activation).map_or((f64::NAN, f64::NAN), |gains| gains.range)
    }

    /// The root mean square of a function's values in a network whose layers have the higher of these gains.
    pub(super) fn critical_rms(&self, activation: Activation) -> f64 {
        self.critical_gains(activation).map_or(f64::NAN, |gains| gains.rms)
    }

    fn critical_gains(&self, activation: Activation) -> Option<CriticalGains> {
        let known = self.critical_gains.get_or_init(|| {
            let mut all: Vec<CriticalGains> = vec![];
            for activation in self.sites().iter().filter_map(|site| site.function) {
                if !all.iter().any(|known| known.activation == activation) {
                    all.push(CriticalGains::of(activation));
                }
            }
            all
        });
        known.iter().copied().find(|known| known.activation == activation)
    }
}

/// The critical gains of a function, and the size of its values there.
#[derive(Clone, Copy)]
struct CriticalGains {
    activation: Activation,
    range: (f64, f64),
    rms: f64,
}

impl CriticalGains {
    fn of(activation: Activation) -> Self {
        let range = critical_gain_range(activation);
        Self { activation, range, rms: rms_behind(activation, range.1) }
    }
}

/// The root mean square of a function's values behind two layers of this gain, for inputs of variance 1.
pub(super) fn rms_behind(activation: Activation, gain: f64) -> f64 {
    value_squared(activation, gain.powi(2) * value_squared(activation, 1.0)).sqrt()
}

fn critical_gain_range(activation: Activation) -> (f64, f64) {
    let forward = 1.0 / value_squared(activation, 1.0).sqrt();
    let critical = Critical::of(activation).map_or(forward, |critical| critical.gain);
    (forward.min(critical), forward.max(critical))
}

impl RecordedParameter {
    /// The number of inputs that are added up for one output, and the number of outputs that one input reaches, on average over
    /// positions: with groups and strides.
    pub(crate) fn fans(&self) -> Option<(f64, f64)> {
        let (outputs, inputs) =
            (*self.shape.get(self.output_axis)? as f64, *self.shape.get(self.input_axis)? as f64);
        let kernel = self.shape.iter().product::<usize>() as f64 / (outputs * inputs);
        let (groups, stride) = (self.groups as f64, self.stride as f64);
        // In a transposed convolution the inputs come first, and the outputs are those of one group.
        let transposed = self.output_axis > self.input_axis && self.shape.len() > 2;
        Some(if transposed {
            (inputs / groups * kernel / stride, outputs * kernel)
        } else {
            (inputs * kernel, outputs / groups * kernel / stride)
        })
    }
}
