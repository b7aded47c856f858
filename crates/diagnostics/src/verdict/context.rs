//! The reports that the rules judge, and what several rules need of them.

use tensor::Activation;

use super::{Estimate, Limits, gains};
use crate::report::{LayerReport, Report, WeightReport};

/// The reports of one network over seeds, and the limits to judge them by.
pub(super) struct Context<'a> {
    pub(super) seeds: &'a [Report],
    pub(super) limits: &'a Limits,
    /// The critical gain range of each function, computed once because it takes a scan by quadrature.
    critical_gain_ranges: Vec<(Activation, (f64, f64))>,
}

impl<'a> Context<'a> {
    /// `None` without reports.
    ///
    /// # Panics
    /// If the reports have different layers or parameters.
    #[track_caller]
    pub(super) fn of(seeds: &'a [Report], limits: &'a Limits) -> Option<Self> {
        let names = |report: &Report| -> Vec<String> {
            let layers = report.layers.iter().map(|layer| layer.name.clone());
            layers.chain(report.weights.iter().map(|weight| weight.name.clone())).collect()
        };
        let first = names(seeds.first()?);
        for (seed, other) in seeds.iter().map(names).enumerate() {
            assert!(
                first == other,
                "judge: report {seed} has {other:?}, report 0 has {first:?}; all must be of one network"
            );
        }
        let mut critical_gain_ranges: Vec<(Activation, (f64, f64))> = Vec::new();
        for activation in seeds[0].layers.iter().filter_map(|layer| layer.activation) {
            if !critical_gain_ranges.iter().any(|&(known, _)| known == activation) {
                critical_gain_ranges.push((activation, gains::critical_gain_range(activation)));
            }
        }
        Some(Self { seeds, limits, critical_gain_ranges })
    }

    /// The critical gain range of a layer's function; NaN if the function is unknown.
    pub(super) fn critical_gain_range(&self, at: usize) -> (f64, f64) {
        let activation = self.first().layers[at].activation;
        let known = self.critical_gain_ranges.iter().find(|&&(known, _)| Some(known) == activation);
        known.map_or((f64::NAN, f64::NAN), |&(_, gains)| gains)
    }

    /// The report of the first seed, for the names and settings, which all seeds share.
    pub(super) fn first(&self) -> &'a Report {
        &self.seeds[0]
    }

    /// The estimate of a number over all seeds.
    pub(super) fn over(&self, of: impl Fn(&Report) -> f64) -> Estimate {
        Estimate::over(&self.seeds.iter().map(of).collect::<Vec<_>>())
    }

    /// The estimate of a number of one layer.
    pub(super) fn layer(&self, at: usize, of: impl Fn(&LayerReport) -> f64) -> Estimate {
        self.over(|report| of(&report.layers[at]))
    }

    /// The estimate of a number of one parameter.
    pub(super) fn weight(&self, at: usize, of: impl Fn(&WeightReport) -> f64) -> Estimate {
        self.over(|report| of(&report.weights[at]))
    }

    /// The estimate of a number of the parameter with that name.
    pub(super) fn named(&self, name: &str, of: impl Fn(&WeightReport) -> f64) -> Estimate {
        self.over(|report| report.weight(name).map_or(f64::NAN, &of))
    }

    /// The root mean square of one layer's pre-activations; NaN if they were not measured.
    pub(super) fn pre_rms(&self, at: usize) -> f64 {
        self.layer(at, |layer| layer.pre.as_ref().map_or(f64::NAN, |pre| pre.summary.rms())).value
    }
}
