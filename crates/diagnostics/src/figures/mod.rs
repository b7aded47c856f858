//! Figures of reports, drawn by `plot`.

mod phase;
mod recording;
#[cfg(test)]
mod tests;

pub use recording::DescribedFigure;

use crate::report::activation_range;
use crate::report::{LayerReport, Report};
use crate::stats::{UnitMap, Updates, ValueStatistics};
use plot::{
    BarPanel, Curve, Density, DensityPanel, Figure, HistogramPanel, Line, LinePanel, MapPanel, RidgePanel,
    Series,
};

impl Report {
    /// Every figure for which the report has data, with a name for its files: `histograms`, `depth`, `gradients`, `theory`,
    /// `phase`, `saturation`, `zeros`.
    pub fn figures(&self) -> Vec<(&'static str, Figure)> {
        let all = [
            ("histograms", self.histogram_figure()),
            ("depth", self.depth_figure()),
            ("gradients", self.gradient_figure()),
            ("theory", self.theory_figure()),
            ("phase", self.phase_figure()),
            ("saturation", self.saturation_figure()),
            ("zeros", self.zeros_figure()),
        ];
        all.into_iter().filter_map(|(name, figure)| Some((name, figure?))).collect()
    }

    /// The activations of each layer in a panel of its own, for at most twelve layers.
    fn histogram_figure(&self) -> Option<Figure> {
        let panel = |layer: &LayerReport| {
            let histogram = &layer.post.histogram;
            HistogramPanel::new(&layer.name, histogram.edges.clone(), histogram.counts.clone())
        };
        some("Activations", 12, self.layers.iter().map(panel).collect())
    }

    /// The activations over depth as a ridgeline, and the pre-activations overlaid.
    fn depth_figure(&self) -> Option<Figure> {
        let of = |pick: fn(&LayerReport) -> Option<&ValueStatistics>| -> Vec<Density> {
            let picked = self.layers.iter().filter_map(|layer| Some((&layer.name, pick(layer)?)));
            picked.map(|(name, values)| density(name, values)).collect()
        };
        let (post, pre) = (of(|layer| Some(&layer.post)), of(|layer| layer.pre.as_ref()));
        if post.is_empty() {
            return None;
        }
        let ridge = RidgePanel::new("Activations", post).x_label("activation");
        let mut panels = vec![plot::Panel::from(ridge)];
        if !pre.is_empty() {
            let pre = DensityPanel::new("Pre-activations", pre)
                .ordered_colours()
                .x_label("pre-activation")
                .y_label("density");
            panels.push(pre.into());
        }
        Some(Figure::new("Distributions over depth", panels))
    }

    /// The root mean square of the gradient at each layer's activations, and of that of each parameter.
    fn gradient_figure(&self) -> Option<Figure> {
        let bars = |title: &str, of: Vec<(&String, Option<&ValueStatistics>)>| {
            let of: Vec<_> =
                of.into_iter().filter_map(|(name, gradient)| Some((name, gradient?.summary.rms()))).collect();
            let (names, values): (Vec<&String>, Vec<f64>) = of.into_iter().unzip();
            let panel = BarPanel::new(
                names.into_iter().cloned(),
                vec![Series::new("root mean square", values.clone())],
            );
            (!values.is_empty()).then(|| panel.title(title).y_label("|gradient|").log())
        };
        let layers = self.layers.iter().map(|layer| (&layer.name, layer.gradient.as_ref())).collect();
        let weights = self.weights.iter().map(|weight| (&weight.name, weight.gradient.as_ref())).collect();
        let panels: Vec<_> =
            [bars("At activations", layers), bars("Of parameters", weights)].into_iter().flatten().collect();
        (!panels.is_empty()).then(|| Figure::new("Gradients", panels))
    }

    /// The std and the saturated share of each layer, measured and predicted.
    fn theory_figure(&self) -> Option<Figure> {
        let predictions = self.predictions();
        let panel = |title: &str, measured: Vec<f64>, predicted: Vec<f64>| {
            let points = |values: Vec<f64>| (1..).map(f64::from).zip(values).collect::<Vec<_>>();
            let curves = vec![
                Curve::new("measured", points(measured)).dots(),
                Curve::new("predicted", points(predicted)).dashed(),
            ];
            LinePanel::new(title, curves).x_label("layer").whole_x().holding(0.0)
        };
        let layers = &self.layers[..predictions.len()];
        let std = layers.iter().map(|layer| layer.post.summary.std()).collect();
        let mut panels = vec![panel("Std of activations", std, predictions.iter().map(|p| p.std).collect())];
        let shares: Vec<f64> = predictions.iter().filter_map(|prediction| prediction.saturated).collect();
        if shares.len() == layers.len() {
            panels.push(panel(
                "Saturated share",
                layers.iter().map(LayerReport::saturated).collect(),
                shares,
            ));
        }
        (!predictions.is_empty()).then(|| Figure::new("Theory and measurement", panels))
    }

    /// Maps that are white where a unit is saturated, for at most six layers with a bounded function.
    fn saturation_figure(&self) -> Option<Figure> {
        let threshold = self.settings.saturation;
        let panel = |layer: &LayerReport| {
            let (low, high) = activation_range(layer.activation);
            let [white, black] = match (low, high) {
                (-1.0, 1.0) => [format!("|h| > {threshold}"), format!("|h| ≤ {threshold}")],
                _ => ["saturated", "not saturated"].map(str::to_owned),
            };
            let title = format!("{}: {} always saturated", layer.name, layer.always_saturated_units());
            let map = layer.map.as_ref().filter(|_| (high - low).is_finite());
            map_panel(&title, map, &white, &black)
        };
        some("Saturated units", 6, self.layers.iter().filter_map(panel).collect())
    }

    /// Maps that are white where a unit is 0, as a dead one is in every example; for at most six layers with zeros.
    fn zeros_figure(&self) -> Option<Figure> {
        let panel = |layer: &LayerReport| {
            let map = layer.zeros.as_ref().filter(|map| map.cells.contains(&true));
            map_panel(&format!("{}: {} dead", layer.name, layer.dead_units()), map, "h = 0", "h ≠ 0")
        };
        some("Units that are 0", 6, self.layers.iter().filter_map(panel).collect())
    }
}

fn map_panel(title: &str, map: Option<&UnitMap>, white: &str, black: &str) -> Option<MapPanel> {
    let map = map?;
    let panel = MapPanel::flags(title, map.units, &map.cells, white, black);
    Some(panel.x_label("unit").y_label("example"))
}

/// A figure of at most `most` layers, evenly spread from the first to the last; its title says so if some are left out.
/// `None` without layers.
fn some<P>(title: &str, most: usize, layers: Vec<P>) -> Option<Figure>
where
    plot::Panel: From<P>,
{
    let all = layers.len();
    let shown: Vec<usize> = if all > most {
        (0..most).map(|at| (at * (all - 1) + (most - 1) / 2) / (most - 1)).collect()
    } else {
        (0..all).collect()
    };
    let title = if all > most { format!("{title}: {most} of {all} layers") } else { title.to_owned() };
    let panels = layers.into_iter().enumerate().filter(|(at, _)| shown.contains(at));
    (all > 0).then(|| Figure::new(title, panels.map(|(_, panel)| panel)))
}

fn density(name: &str, values: &ValueStatistics) -> Density {
    Density::new(name, values.histogram.edges.clone(), values.histogram.counts.clone())
}

impl UnitMap {
    /// The map as a figure: white where the flag is set, black elsewhere, one row per example.
    pub fn figure(&self, title: &str, is: &str, is_not: &str) -> Figure {
        let panel =
            MapPanel::flags("", self.units, &self.cells, is, is_not).x_label("unit").y_label("example");
        Figure::new(title, [panel])
    }
}

impl Updates {
    /// The ratio of each parameter over training steps, with a line at −3; of more than a hundred steps, means over
    /// windows, and bands of the smallest and largest values.
    pub fn figure(&self) -> Figure {
        let window = (self.rows.len() / 50).max(1);
        let curve = |at: usize| {
            let points = self.rows.iter().map(|(step, ratios)| (*step as f64, ratios[at]));
            Curve::new(&self.names[at], points.collect()).averaged(window)
        };
        let curves = (0..self.names.len()).map(curve).collect();
        let panel = LinePanel::new("", curves).level(-3.0, "about right", Line::Dashed);
        let panel = panel.x_label("step").whole_x().y_label("log₁₀ std(update)/std(weight)");
        Figure::new("Updates relative to weights", [panel])
    }
}
