//! Theory of a cell's hidden layers, kept from cell to cell.

use std::collections::HashMap;

use mean_field::MeanField;
use nn_init::Layout;
use tensor::Activation;

use crate::settings::CellSettings;

/// Predictions that many cells share, because they depend on activation, gain and bias alone.
#[derive(Default)]
pub(super) struct CellTheory {
    known: HashMap<TheoryKey, f64>,
}

/// A measure, an activation by its text, and the bits of both variances.
type TheoryKey = (&'static str, String, [u64; 2]);

/// More predictions than these are forgotten.
const MOST: usize = 1 << 16;

/// The wide network of layers like the hidden ones of a cell; `None` where it is normalised, or its weights have a mean.
fn field(settings: &CellSettings) -> Option<MeanField> {
    let shape = [settings.width; 2];
    let moments = settings.scheme.times(settings.gain).moments(&shape, Layout::IN_OUT).ok()?;
    let applies = settings.norm.is_none() && moments.mean == 0.0;
    applies.then(|| MeanField {
        activation: settings.activation,
        weight: settings.width as f64 * moments.std.powi(2),
        bias: settings.bias.powi(2),
    })
}

impl CellTheory {
    /// The prediction of that name; NaN where theory does not apply.
    pub(super) fn get(
        &mut self,
        settings: &CellSettings,
        name: &'static str,
        of: fn(&MeanField, f64) -> f64,
    ) -> f64 {
        let Some(field) = field(settings) else { return f64::NAN };
        if self.known.len() >= MOST {
            self.known.clear();
        }
        let key = |name| (name, text(field.activation), [field.weight.to_bits(), field.bias.to_bits()]);
        let fixed = *self.known.entry(key("q*")).or_insert_with(|| field.fixed_variance(1.0));
        *self.known.entry(key(name)).or_insert_with(|| of(&field, fixed))
    }
}

fn text(activation: Activation) -> String {
    activation.to_string()
}

#[cfg(test)]
mod tests {
    use mean_field::MeanField;
    use specimen::Norm;

    use super::CellTheory;
    use crate::settings::CellSettings;

    /// The table of mean-field's documentation: tanh with `σ_w² = 1.69` and `σ_b² = 0.09`.
    #[test]
    fn predictions_are_those_of_mean_field() {
        let settings = CellSettings { gain: 1.3, bias: 0.3, ..CellSettings::default() };
        let mut theory = CellTheory::default();
        let mut get = |name, of: fn(&MeanField, f64) -> f64| theory.get(&settings, name, of);
        assert_eq!(format!("{:.3}", get("q_star", |_, q| q)), "0.607");
        assert_eq!(format!("{:.3}", get("chi_1", MeanField::chi)), "0.940");
        assert_eq!(format!("{:.1}", get("xi_c", MeanField::correlation_depth)), "16.1");
        assert_eq!(format!("{:.3}", get("chi_1", MeanField::chi)), "0.940");
        let normalised = CellSettings { norm: Some(Norm::LECTURE), ..settings };
        assert!(theory.get(&normalised, "chi_1", MeanField::chi).is_nan());
    }
}
