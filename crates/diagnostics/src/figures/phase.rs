//! The phase diagram: the layers between order and chaos.

use mean_field::{Critical, CriticalPoint};
use tensor::Activation;

use crate::report::Report;
use plot::{Figure, PhasePanel};

impl Report {
    /// The layers in the plane of biases and weights, with the edge of chaos of their function.
    ///
    /// The function is that of the first layer whose weight is known; layers with another function are left out.
    pub(super) fn phase_figure(&self) -> Option<Figure> {
        let theory = (0..self.layers.len()).filter_map(|at| Some((&self.layers[at].name, self.theory(at)?)));
        let theory: Vec<_> = theory.collect();
        let activation = theory.first()?.1.activation;
        let theory = theory.iter().filter(|(_, layer)| layer.activation == activation);
        let points = theory.map(|(name, layer)| (name.as_str(), layer.bias_std, layer.field().weight.sqrt()));
        let points: Vec<_> = points.collect();
        let widest = points.iter().map(|&(_, bias, _)| bias).fold(0.5, f64::max);
        let edge = edge(activation, 2.0 * widest);
        let mut panel = PhasePanel::new("").x_label("σ_b").y_label("σ_w");
        if edge.len() > 1 {
            panel = panel.boundary("edge of chaos", edge).regions("ordered", "chaotic");
        }
        for (name, bias, weight) in points {
            panel = panel.point(name, bias, weight);
        }
        Some(Figure::new(format!("Phase diagram: {activation}"), [panel]))
    }
}

/// The critical line as `(σ_b, σ_w)`, from its end without biases up to `σ_b = reach`.
fn edge(activation: Activation, reach: f64) -> Vec<(f64, f64)> {
    let variances = (0..200).map(|step| 10f64.powf(-3.0 + 6.0 * f64::from(step) / 199.0));
    let points = variances.filter_map(|q| CriticalPoint::at(activation, q));
    let points: Vec<_> = points.map(|point| (point.field.bias.sqrt(), point.field.weight.sqrt())).collect();
    let end = Critical::of(activation).map(|edge| (0.0, edge.gain));
    match (end, points.first()) {
        // χ depends neither on the variance nor on the biases: ReLU and functions like it.
        (Some((_, gain)), Some(&(x, _))) if points.iter().all(|point| point.0 == x) => {
            vec![(0.0, gain), (reach, gain)]
        }
        _ => up_to(reach, &end.into_iter().chain(points).collect::<Vec<_>>()),
    }
}

/// The part of a curve up to `x = reach`, with its point there.
fn up_to(reach: f64, curve: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let within = curve.iter().position(|point| point.0 > reach).unwrap_or(curve.len());
    let mut part = curve[..within].to_vec();
    if let (Some(&(x, y)), Some(&(next, above))) = (part.last(), curve.get(within)) {
        part.push((reach, y + (above - y) * (reach - x) / (next - x)));
    }
    part
}
