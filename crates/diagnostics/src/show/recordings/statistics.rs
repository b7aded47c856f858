//! The statistics of a recording that baselines compare.

use crate::report::activation_range;
use crate::show::Statistic;
use crate::sites::{RecordedParameter, Recording, Site, SiteKind};

/// The share of a scale up to which a difference is rounding, in single precision and sums of many values.
const ROUNDING: f64 = 1e-6;

impl Recording {
    /// The statistics that characterise the network, for baselines: of each site the mean, the root mean square and that of the
    /// gradient, the mean cosine similarity of examples, and of activations the shares of saturated values and dead units; of
    /// each parameter mean, std and the root mean square of its gradient; the loss. What was not measured is left out.
    ///
    /// ```
    /// use diagnostics::{ParameterView, Recording};
    ///
    /// let weight = ParameterView::new("weight", &[0.5_f32, -0.5][..], &[2, 1]).measure();
    /// let recording = Recording::of(vec![], vec![weight])?;
    /// let std = &recording.statistics()[1];
    /// assert_eq!((&std.location[..], &std.name[..], std.value), ("weight", "value std", 0.5_f64.sqrt()));
    /// # Ok::<(), diagnostics::RecordingError>(())
    /// ```
    pub fn statistics(&self) -> Vec<Statistic> {
        let largest = |of: &mut dyn Iterator<Item = f64>| of.fold(0.0, f64::max);
        let of_sites = ROUNDING * largest(&mut self.sites.iter().map(|site| site.statistics.gradient_rms));
        let of_parameters =
            ROUNDING * largest(&mut self.parameters.iter().map(|p| p.statistics.gradient_rms));
        let sites = self.sites.iter().flat_map(|site| of_site(site, of_sites));
        let parameters = self.parameters.iter().flat_map(|parameter| of_parameter(parameter, of_parameters));
        let loss = self.loss.iter().map(|loss| Statistic::linear("network", "loss", loss.value));
        sites.chain(parameters).chain(loss).collect()
    }
}

fn of_site(site: &Site, gradient_rounding: f64) -> Vec<Statistic> {
    let Site { name, statistics: s, .. } = site;
    let (low, high) = activation_range(site.function);
    let is_activation = site.kind == SiteKind::Activation;
    let is_measured = !s.count.is_nan();
    // Decided by what the site is and never by its values: every seed has the same statistics.
    let all = [
        (is_measured, Statistic::linear(name, "activation mean", s.mean).rounding(ROUNDING * s.rms)),
        (is_measured, Statistic::log(name, "activation rms", s.rms)),
        (
            is_measured && s.examples > 1.0,
            Statistic::linear(name, "mean cosine similarity", s.mean_cosine).rounding(ROUNDING),
        ),
        (is_measured && is_activation, Statistic::linear(name, "dead share", s.dead_units)),
        (
            is_measured && is_activation && (high - low).is_finite(),
            Statistic::linear(name, "saturated share", s.saturated),
        ),
        (
            !s.gradient_count.is_nan(),
            Statistic::log(name, "activation gradient rms", s.gradient_rms).rounding(gradient_rounding),
        ),
    ];
    present(all)
}

fn of_parameter(parameter: &RecordedParameter, gradient_rounding: f64) -> Vec<Statistic> {
    let RecordedParameter { name, statistics: s, .. } = parameter;
    let is_measured = !s.count.is_nan();
    present([
        (is_measured, Statistic::linear(name, "value mean", s.mean).rounding(ROUNDING * s.rms)),
        (is_measured, Statistic::log(name, "value std", s.std)),
        (
            !s.gradient_count.is_nan(),
            Statistic::log(name, "gradient rms", s.gradient_rms).rounding(gradient_rounding),
        ),
    ])
}

fn present<const N: usize>(all: [(bool, Statistic); N]) -> Vec<Statistic> {
    all.into_iter().filter_map(|(is_present, statistic)| is_present.then_some(statistic)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sites::{ParameterView, SiteAxes, SiteView};
    use tensor::Activation;

    fn names(statistics: &[Statistic]) -> Vec<&str> {
        statistics.iter().map(|statistic| &*statistic.name).collect()
    }

    fn tanh(values: &[f32]) -> Recording {
        let site = SiteView::new("tanh", SiteKind::Activation, values, SiteAxes::rows(2, 2, 1));
        let weight = ParameterView::new("w", &[0.0_f32, 0.0][..], &[2, 1]).measure();
        Recording::of(vec![site.function(Activation::Tanh).measure()], vec![weight]).unwrap()
    }

    /// A baseline refuses a measurement that has other statistics at another seed.
    #[test]
    fn values_do_not_decide_which_statistics_there_are() {
        let plain = tanh(&[0.5, -0.2, 0.1, 0.9]).statistics();
        assert_eq!(
            names(&plain),
            [
                "activation mean",
                "activation rms",
                "mean cosine similarity",
                "dead share",
                "saturated share",
                "value mean",
                "value std"
            ]
        );
        for values in [[0.0; 4], [f32::NAN; 4], [f32::INFINITY; 4]] {
            assert_eq!(names(&tanh(&values).statistics()), names(&plain));
        }
    }

    #[test]
    fn what_was_not_measured_is_left_out() {
        let mut recording = tanh(&[0.5, -0.2, 0.1, 0.9]);
        recording.sites[0].statistics = crate::SiteStatistics::UNKNOWN;
        assert_eq!(names(&recording.statistics()), ["value mean", "value std"]);
    }
}
