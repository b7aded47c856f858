//! The predictions of theory for each site, from what it actually read.

use mean_field::{ActivationMoments, ConvAxis, RandomSoftmax, first_loss};

use super::{NormKind, PassMode, RecordedParameter, Recording, Site, SiteKind};
use crate::report::Role;

/// What theory predicts for one site; NaN where it predicts nothing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SitePrediction {
    /// The root mean square of the values.
    pub rms: f64,
    /// The mean entropy of rows of probabilities, in nats.
    pub entropy: f64,
}

impl SitePrediction {
    /// No prediction.
    pub const NONE: Self = Self { rms: f64::NAN, entropy: f64::NAN };
}

impl Recording {
    /// The prediction for each site, in order.
    ///
    /// A prediction is local: it starts from the measured values that the site read, so that an error is not passed on. It
    /// assumes weights of mean 0 that are independent of what they multiply, normal pre-activations, and branches that are
    /// independent of their stream. Where that cannot hold, as for a tied head, or where a size is unknown, as a dropout
    /// rate, nothing is predicted.
    ///
    /// ```
    /// use diagnostics::{Activation, Recording, SiteAxes, SiteInput, SiteKind, SiteView};
    ///
    /// let pre = [-1.5_f32, -0.5, 0.5, 1.5];
    /// let post = pre.map(|x| x.max(0.0));
    /// let axes = SiteAxes::rows(2, 2, 1);
    /// let fc = SiteView::new("fc", SiteKind::Other, &pre[..], axes).measure();
    /// let mut relu = SiteView::new("relu", SiteKind::Activation, &post[..], axes).function(Activation::Relu).measure();
    /// relu.inputs = vec![SiteInput { site: 0, role: None }];
    /// let recording = Recording::of(vec![fc, relu], vec![]).unwrap();
    /// // E relu(z)² is half of the variance, 5/3 here.
    /// let predicted = recording.predictions()[1].rms;
    /// assert!((predicted - (5.0_f64 / 6.0).sqrt()).abs() < 1e-12);
    /// ```
    pub fn predictions(&self) -> Vec<SitePrediction> {
        (0..self.sites.len()).map(|at| self.prediction(at)).collect()
    }

    /// The expected cross-entropy of logits of the measured std that know nothing of the targets, in nats; `None` unless the
    /// loss is a mean cross-entropy over a known number of classes, read from logits of a head that is not tied.
    pub fn predicted_loss(&self) -> Option<f64> {
        let loss = self.loss.as_ref().filter(|loss| loss.excess().is_some())?;
        let logits = &self.sites[loss.logits?];
        let tied = logits.weight.is_some_and(|weight| self.parameters[weight].role == Role::Embedding);
        (!tied).then(|| first_loss(loss.classes.unwrap_or(0), logits.statistics.std))
    }

    /// The prediction for one site.
    pub(crate) fn prediction(&self, at: usize) -> SitePrediction {
        let site = &self.sites[at];
        let rms = match site.kind {
            SiteKind::Linear | SiteKind::Convolution | SiteKind::TransposedConvolution | SiteKind::Logits => {
                self.product(site)
            }
            SiteKind::Activation => self.activation(site),
            SiteKind::Norm => self.norm(site),
            SiteKind::Embedding => site.weight.map(|weight| self.parameters[weight].statistics.rms),
            SiteKind::Sum | SiteKind::ResidualSum => self.sum(site),
            SiteKind::Gate => self.gate(site),
            _ => None,
        };
        let entropy = if site.kind == SiteKind::Softmax { self.entropy(site) } else { None };
        SitePrediction { rms: rms.unwrap_or(f64::NAN), entropy: entropy.unwrap_or(f64::NAN) }
    }

    fn input(&self, site: &Site) -> Option<&Site> {
        site.inputs.first().map(|input| &self.sites[input.site])
    }

    /// `√(fan_in·E w²·E x² + E b²)`, less what zeros at the borders of an image take away.
    fn product(&self, site: &Site) -> Option<f64> {
        let (input, weight) = (self.input(site)?, &self.parameters[site.weight?]);
        if weight.role == Role::Embedding {
            return None;
        }
        let (fan_in, _) = weight.fans()?;
        let padding = match site.kind {
            SiteKind::Convolution => padding(site, input, weight)?,
            SiteKind::TransposedConvolution => return None,
            _ => 1.0,
        };
        let bias = site.bias.map_or(0.0, |bias| self.parameters[bias].statistics.rms);
        let weights = fan_in * padding * (weight.statistics.rms * input.statistics.rms).powi(2);
        Some((weights + bias * bias).sqrt())
    }

    fn activation(&self, site: &Site) -> Option<f64> {
        let before = &self.input(site)?.statistics;
        let moments = ActivationMoments::at(site.function?, before.mean, before.std.powi(2));
        Some(moments.second.sqrt())
    }

    /// A normalised signal has variance 1, whatever enters, unless running statistics that nothing has updated yet stand for
    /// those of the batch.
    fn norm(&self, site: &Site) -> Option<f64> {
        let kind = site.norm?;
        // Where the input is as small as the root of the usual ε of 1e-5, ε matters, and it is not known.
        let small = self.input(site)?.statistics.rms < 0.03;
        if small || (kind == NormKind::Batch && self.mode == PassMode::Eval) {
            return None;
        }
        let of = |parameter: Option<usize>| parameter.map(|at| self.parameters[at].statistics.rms);
        // A weight of 0 may stand for 1, in norms that add it to 1.
        let scale = of(site.weight).unwrap_or(1.0);
        (scale > 0.0).then(|| scale.hypot(of(site.bias).unwrap_or(0.0)))
    }

    fn sum(&self, site: &Site) -> Option<f64> {
        let squares = site.inputs.iter().map(|input| self.sites[input.site].statistics.rms.powi(2));
        (site.inputs.len() > 1).then(|| squares.sum::<f64>().sqrt())
    }

    fn gate(&self, site: &Site) -> Option<f64> {
        let factors = site.inputs.iter().map(|input| self.sites[input.site].statistics.rms);
        (site.inputs.len() == 2).then(|| factors.product())
    }

    /// The entropy of a softmax of independent normal scores, if all keys can be seen: with a causal mask they differ by row.
    fn entropy(&self, site: &Site) -> Option<f64> {
        let scores = self.input(site).filter(|scores| scores.kind == SiteKind::Scores)?;
        let (keys, units) = (site.statistics.keys, site.statistics.units);
        (keys == units && keys > 1.0).then(|| RandomSoftmax::of(keys as usize, scores.statistics.std).entropy)
    }
}

/// The share of its terms that a convolution of a square image has left beside the borders, if it is padded by half of its
/// kernel; 1 if it is not padded.
fn padding(site: &Site, input: &Site, weight: &RecordedParameter) -> Option<f64> {
    let axes = weight.shape.len().checked_sub(2)?;
    let kernel = *weight.shape.last()?;
    if kernel == 1 || weight.shape[2..].iter().any(|&size| size != kernel) {
        return (kernel == 1).then_some(1.0);
    }
    let side = |positions: f64| {
        let side = positions.powf(1.0 / axes as f64).round();
        (side.powi(axes as i32) == positions).then_some(side as usize)
    };
    let stride = (weight.stride as f64).powf(1.0 / axes as f64).round() as usize;
    let (size, out) = (side(input.statistics.positions)?, side(site.statistics.positions)?);
    let padded =
        |padding: usize| size + 2 * padding >= kernel && (size + 2 * padding - kernel) / stride + 1 == out;
    let padding = [0, kernel / 2].into_iter().find(|&padding| padded(padding))?;
    let axis = ConvAxis { size, kernel, stride, padding, dilation: 1 };
    Some(if padding == 0 { 1.0 } else { axis.padding_factor().powi(axes as i32) })
}
