//! Figures of recordings: numbers along the sites.

use plot::{Curve, Figure, LinePanel};

use crate::format::significant;
use crate::show::RecordingReport;
use crate::sites::{SiteKind, SiteStatistics};

/// A figure with its title and a description in words.
#[derive(Clone, Debug)]
pub struct DescribedFigure {
    /// A short name.
    pub title: &'static str,
    /// A sentence about the figure, with its extremes.
    pub description: String,
    /// The figure.
    pub figure: Figure,
    /// The names of the sites that it shows, each with its place on the x axis.
    pub sites: Vec<(String, f64)>,
}

impl RecordingReport {
    /// The root mean square of the values and the norm of the gradient at each site, each if there are any.
    pub fn figures(&self) -> Vec<DescribedFigure> {
        let drawn = [
            self.along("Root mean square", "root mean square", |s| s.rms),
            self.along("Gradient norm per example", "gradient norm", SiteStatistics::gradient_norm),
        ];
        drawn.into_iter().flatten().collect()
    }

    /// One number along the sites, in order of execution, on a log scale, with a curve for each family of kinds: the mean over
    /// recordings, and a band from the smallest to the largest.
    fn along(
        &self,
        title: &'static str,
        label: &str,
        of: impl Fn(&SiteStatistics) -> f64,
    ) -> Option<DescribedFigure> {
        let sites = &self.recordings[0].sites;
        let mut rows: Vec<(usize, f64, (f64, f64))> = vec![];
        for at in 0..sites.len() {
            let values: Vec<f64> =
                self.recordings.iter().map(|recording| of(&recording.sites[at].statistics)).collect();
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            if !mean.is_nan() {
                let range = values.iter().fold((mean, mean), |(low, high), &x| (low.min(x), high.max(x)));
                rows.push((at, mean, range));
            }
        }
        let (smallest, largest) = (
            rows.iter().min_by(|a, b| a.1.total_cmp(&b.1))?,
            rows.iter().max_by(|a, b| a.1.total_cmp(&b.1))?,
        );
        let text = |row: &(usize, f64, _)| format!("{} ({})", significant(row.1, 3), sites[row.0].name);
        let description = format!(
            "{title} of {} sites in order of execution: from {} to {}.",
            rows.len(),
            text(smallest),
            text(largest)
        );
        let curves = Family::ALL.iter().filter_map(|&family| {
            let own: Vec<_> = rows.iter().filter(|(at, ..)| Family::of(sites[*at].kind) == family).collect();
            let points = own.iter().map(|&&(at, mean, _)| (at as f64 + 1.0, mean)).collect();
            let curve = Curve::new(family.name(), points).dots();
            let several = self.recordings.len() > 1;
            let curve = if several { curve.band(own.iter().map(|row| row.2).collect()) } else { curve };
            (!own.is_empty()).then_some(curve)
        });
        let curves = curves.collect();
        let panel = LinePanel::new("", curves)
            .x_label("site, in order of execution")
            .y_label(label)
            .whole_x()
            .log_y();
        let named = rows.iter().map(|&(at, ..)| (sites[at].name.clone(), at as f64 + 1.0)).collect();
        Some(DescribedFigure { title, description, figure: Figure::new(title, [panel]), sites: named })
    }
}

/// Kinds of sites whose numbers are worth comparing along a network.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Family {
    Streams,
    Products,
    Norms,
    Activations,
    Others,
}

impl Family {
    /// Colours go by position, so what may lack a gradient is last: a family has one colour in both figures.
    const ALL: [Self; 5] = [Self::Products, Self::Activations, Self::Norms, Self::Others, Self::Streams];

    fn of(kind: SiteKind) -> Self {
        match kind {
            SiteKind::Input | SiteKind::Embedding | SiteKind::Sum | SiteKind::ResidualSum => Self::Streams,
            kind if kind.is_product() => Self::Products,
            SiteKind::Norm => Self::Norms,
            SiteKind::Activation | SiteKind::Gate => Self::Activations,
            _ => Self::Others,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Streams => "inputs and sums",
            Self::Products => "products",
            Self::Norms => "norms",
            Self::Activations => "activations",
            Self::Others => "others",
        }
    }
}
