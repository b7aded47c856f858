//! Figures of reports: what they show, left to `plot` to draw.

use mean_field::CriticalPoint;
use tensor::Activation;

use crate::plot::{
    BarPanel, Curve, Density, DensityPanel, Figure, HistogramPanel, Line, LinePanel, MapPanel, PhasePanel,
    RidgePanel, Series,
};
use crate::{Distribution, LayerReport, Report, UnitMap, Updates};

impl Report {
    /// Every figure that the report has data for, by a name for its files: `histograms`, `depth`, `gradients`, `theory`,
    /// `phase`, `saturation`.
    pub fn figures(&self) -> Vec<(&'static str, Figure)> {
        let all = [
            ("histograms", self.histogram_figure()),
            ("depth", self.depth_figure()),
            ("gradients", self.gradient_figure()),
            ("theory", self.theory_figure()),
            ("phase", self.phase_figure()),
            ("saturation", self.map_figure()),
        ];
        all.into_iter().filter_map(|(name, figure)| Some((name, figure?))).collect()
    }

    /// The activations of each layer, a panel each; of the first twelve.
    fn histogram_figure(&self) -> Option<Figure> {
        let panel = |layer: &LayerReport| {
            let histogram = &layer.post.histogram;
            HistogramPanel::new(&layer.name, histogram.edges.clone(), histogram.counts.clone())
        };
        let panels: Vec<_> = self.layers.iter().take(12).map(panel).collect();
        (!panels.is_empty()).then(|| Figure::new("Activations", panels))
    }

    /// The activations over depth as a ridgeline, and pre-activations overlaid.
    fn depth_figure(&self) -> Option<Figure> {
        let of = |pick: fn(&LayerReport) -> Option<&Distribution>| -> Vec<Density> {
            let seen = self.layers.iter().filter_map(|layer| Some((&layer.name, pick(layer)?)));
            seen.map(|(name, values)| density(name, values)).collect()
        };
        let (post, pre) = (of(|layer| Some(&layer.post)), of(|layer| layer.pre.as_ref()));
        if post.is_empty() {
            return None;
        }
        let ridge = RidgePanel::new("Activations", post).x_label("activation");
        let mut panels = vec![crate::plot::Panel::from(ridge)];
        if !pre.is_empty() {
            let pre = DensityPanel::new("Pre-activations", pre)
                .by_depth()
                .x_label("pre-activation")
                .y_label("density");
            panels.push(pre.into());
        }
        Some(Figure::new("Distributions over depth", panels))
    }

    /// The gradient at each layer's activations, and of each parameter.
    fn gradient_figure(&self) -> Option<Figure> {
        let bars = |title: &str, of: Vec<(&String, Option<&Distribution>)>| {
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

    /// Std and saturated share of each layer as measured and as predicted.
    fn theory_figure(&self) -> Option<Figure> {
        let predictions = self.predictions();
        let panel = |title: &str, measured: Vec<f64>, predicted: Vec<f64>| {
            let points = |values: Vec<f64>| (1..).map(f64::from).zip(values).collect::<Vec<_>>();
            let curves = vec![
                Curve::new("measured", points(measured)).dots(),
                Curve::new("predicted", points(predicted)).dashed(),
            ];
            LinePanel::new(title, curves).x_label("layer").holding(0.0)
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
        (!predictions.is_empty()).then(|| Figure::new("Theory beside measurement", panels))
    }

    /// White where a unit is beyond the threshold, an example a row; of the first five layers.
    fn map_figure(&self) -> Option<Figure> {
        let threshold = self.settings.saturation;
        let (beyond, within) = (format!("|h| > {threshold}"), format!("|h| ≤ {threshold}"));
        let panel = |(name, map): (&String, &UnitMap)| {
            MapPanel::flags(name, map.units, &map.cells, &beyond, &within).x_label("unit").y_label("example")
        };
        let maps = self.layers.iter().filter_map(|layer| Some((&layer.name, layer.map.as_ref()?)));
        let panels: Vec<_> = maps.take(5).map(panel).collect();
        (!panels.is_empty()).then(|| Figure::new("Saturated units", panels))
    }

    /// The layers in the plane of biases and weights, with the edge of chaos of their function.
    ///
    /// For the function of the first layer whose weight is known, and the layers that share it.
    fn phase_figure(&self) -> Option<Figure> {
        let theory = (0..self.layers.len()).filter_map(|at| Some((&self.layers[at].name, self.theory(at)?)));
        let theory: Vec<_> = theory.collect();
        let activation = theory.first()?.1.activation;
        let edge = edge(activation);
        let mut panel = PhasePanel::new("");
        if edge.len() > 1 {
            panel = panel.boundary("edge of chaos", edge).regions("ordered", "chaotic");
        }
        for (name, layer) in theory.iter().filter(|(_, layer)| layer.activation == activation) {
            panel =
                panel.point(name.as_str(), layer.bias_std, layer.weight_std * (layer.inputs as f64).sqrt());
        }
        Some(Figure::new(format!("Where the layers are: {activation}"), [panel]))
    }
}

fn density(name: &str, values: &Distribution) -> Density {
    Density::new(name, values.histogram.edges.clone(), values.histogram.counts.clone())
}

/// `(σ_b, σ_w)` along the critical line, by the variance that settles there.
fn edge(activation: Activation) -> Vec<(f64, f64)> {
    let variances = (0..60).map(|step| 10f64.powf(-3.0 + 4.5 * f64::from(step) / 59.0));
    let points = variances.filter_map(|q| CriticalPoint::at(activation, q));
    let points: Vec<_> = points.map(|point| (point.field.bias.sqrt(), point.field.weight.sqrt())).collect();
    match points.first() {
        // χ does not depend on the variance, nor on the biases: ReLU and what is like it.
        Some(&(x, weight)) if points.iter().all(|point| point.0 == x) => vec![(0.0, weight), (1.0, weight)],
        _ => points,
    }
}

impl UnitMap {
    /// As a picture: white where it is so, black elsewhere, an example a row.
    pub fn figure(&self, title: &str, is: &str, is_not: &str) -> Figure {
        let panel =
            MapPanel::flags("", self.units, &self.cells, is, is_not).x_label("unit").y_label("example");
        Figure::new(title, [panel])
    }
}

impl Updates {
    /// Each parameter over steps, with the line at −3.
    pub fn figure(&self) -> Figure {
        let curve = |at: usize| {
            let points = self.rows.iter().map(|(step, ratios)| (*step as f64, ratios[at]));
            Curve::new(&self.names[at], points.collect())
        };
        let curves = (0..self.names.len()).map(curve).collect();
        let panel = LinePanel::new("", curves).level(-3.0, "about right", Line::Dashed);
        let panel = panel.x_label("step").y_label("log₁₀ std(update)/std(weight)");
        Figure::new("Updates against weights", [panel])
    }
}
