//! Theory of a cell's hidden layers, kept from cell to cell.

use std::collections::HashMap;

use mean_field::MeanField;
use nn_init::Layout;

use crate::settings::CellSettings;

/// Predictions that many cells share: they depend on activation, gain, bias, the first variance and the depth alone.
#[derive(Default)]
pub(super) struct CellTheory {
    known: HashMap<TheoryKey, f64>,
}

/// A measure, an activation by its text, the bits of the variances and of the first variance, and the depth.
type TheoryKey = (&'static str, String, [u64; 3], usize);

/// More predictions than these are forgotten.
const MOST: usize = 1 << 16;

/// The theory of a cell's hidden layers.
pub(crate) struct CellField {
    /// The wide network of layers like the hidden ones.
    pub(crate) field: MeanField,
    /// q*, the variance that deep networks approach from 1.
    pub(crate) fixed: f64,
    /// The variance of the first layer's pre-activations.
    first: f64,
    /// Hidden layers.
    depth: usize,
}

impl CellField {
    /// The field and the first variance; `None` where it is normalised, or its weights have a mean.
    fn of(settings: &CellSettings) -> Option<Self> {
        let scheme = settings.scheme.times(settings.gain);
        let variance = |inputs: usize| {
            let moments = scheme.moments(&[inputs, settings.width], Layout::IN_OUT).ok()?;
            (moments.mean == 0.0).then_some(inputs as f64 * moments.std.powi(2))
        };
        let bias = settings.bias.powi(2);
        let field = MeanField { activation: settings.activation, weight: variance(settings.width)?, bias };
        let embedding = [settings.classes, settings.embedding];
        let input = settings.embedding_scheme.moments(&embedding, Layout::IN_OUT).ok()?;
        let second = input.mean.powi(2) + input.std.powi(2);
        let first = variance(settings.context * settings.embedding)? * second + bias;
        settings.norm.is_none().then_some(Self { field, fixed: f64::NAN, first, depth: settings.depth })
    }

    /// Variance and correlation of the last hidden layer's pre-activations, for two inputs at right angles.
    pub(crate) fn last(&self) -> (f64, f64) {
        let start = (self.first, self.field.bias / self.first);
        (1..self.depth).fold(start, |(q, c), _| {
            // Without any variance there is no correlation; a rounding must not lead beyond 1.
            let next = if c.is_nan() { c } else { self.field.correlation(q, c).clamp(-1.0, 1.0) };
            (self.field.variance(q), next)
        })
    }

    /// The mean square of gradients at the first activations over that at the last.
    pub(crate) fn gradient_ratio(&self) -> f64 {
        let variances = std::iter::successors(Some(self.first), |&q| Some(self.field.variance(q)));
        variances.take(self.depth).skip(1).map(|q| self.field.chi(q)).product()
    }

    fn key(&self, name: &'static str) -> TheoryKey {
        let bits = [self.field.weight, self.field.bias, self.first].map(f64::to_bits);
        (name, self.field.activation.to_string(), bits, self.depth)
    }
}

impl CellTheory {
    /// The prediction of that name; NaN where theory does not apply.
    pub(super) fn get(
        &mut self,
        settings: &CellSettings,
        name: &'static str,
        of: fn(&CellField) -> f64,
    ) -> f64 {
        let Some(mut cell) = CellField::of(settings) else { return f64::NAN };
        if self.known.len() >= MOST {
            self.known.clear();
        }
        cell.fixed = *self.known.entry(cell.key("q*")).or_insert_with(|| cell.field.fixed_variance(1.0));
        *self.known.entry(cell.key(name)).or_insert_with(|| of(&cell))
    }
}

#[cfg(test)]
mod tests {
    use nn_init::Scheme;
    use specimen::Norm;

    use super::{CellField, CellTheory};
    use crate::settings::CellSettings;

    /// The table of mean-field's documentation: tanh with `σ_w² = 1.69` and `σ_b² = 0.09`.
    #[test]
    fn predictions_are_those_of_mean_field() {
        let settings = CellSettings { gain: 1.3, bias: 0.3, ..CellSettings::default() };
        let mut theory = CellTheory::default();
        let mut get = |name, of: fn(&CellField) -> f64| theory.get(&settings, name, of);
        assert_eq!(format!("{:.3}", get("q_star", |cell| cell.fixed)), "0.607");
        assert_eq!(format!("{:.3}", get("chi_1", |cell| cell.field.chi(cell.fixed))), "0.940");
        assert_eq!(format!("{:.1}", get("xi_c", |cell| cell.field.correlation_depth(cell.fixed))), "16.1");
        assert_eq!(format!("{:.3}", get("chi_1", |cell| cell.field.chi(cell.fixed))), "0.940");
        let normalised = CellSettings { norm: Some(Norm::LECTURE), ..settings };
        assert!(theory.get(&normalised, "chi_1", |cell| cell.fixed).is_nan());
    }

    /// Layer by layer: closed forms of a linear network, and its gradients.
    #[test]
    fn the_last_layer_of_a_linear_network() {
        let activation = tensor::Activation::Identity;
        let embedding_scheme = Scheme::Normal { mean: 0.0, std: 2.0 };
        let settings = CellSettings {
            activation,
            embedding_scheme,
            gain: 0.5,
            bias: 0.3,
            depth: 3,
            ..CellSettings::default()
        };
        let cell = CellField::of(&settings).unwrap();
        // q: 1 + 0.09, then a quarter and 0.09 each; the covariance begins at 0.09.
        let layer = |x: f64| 0.25 * x + 0.09;
        let (q, covariance) = (layer(layer(1.09)), layer(layer(0.09)));
        let (found, correlation) = cell.last();
        assert!(
            (found - q).abs() < 1e-12 && (correlation - covariance / q).abs() < 1e-10,
            "{found} {correlation}"
        );
        assert!((cell.gradient_ratio() - 0.0625).abs() < 1e-12);
    }
}
