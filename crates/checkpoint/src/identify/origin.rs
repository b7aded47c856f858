//! What one tensor was drawn from, as far as its values say.

use nn_init::Scheme;

use super::exact::{self, OrthogonalFit};
use super::family::DrawnFamily;
use super::fit::FamilyFit;
use super::lines;
use super::sample::DrawnSample;
use crate::TensorSummary;

/// The kind of values that a tensor has.
#[derive(Clone, Debug, PartialEq)]
pub enum TensorOrigin {
    /// No values, or values of a type that is not judged.
    NotJudged,
    /// One value everywhere.
    Constant(f64),
    /// An identity or a Dirac kernel.
    Pattern(Scheme),
    /// Orthonormal rows or columns times a gain.
    Orthogonal {
        /// The factor.
        gain: f64,
        /// True if products with random vectors were measured. Otherwise rows or columns are known to be equally long, and
        /// may also be normalised one by one.
        is_certain: bool,
    },
    /// Independent values of a distribution: the families that the values do not contradict, the likeliest first.
    Drawn(DrawnValues),
    /// None of these: trained, computed, or not initialised.
    Unknown(UnknownReason),
}

/// Independent draws.
#[derive(Clone, Debug, PartialEq)]
pub struct DrawnValues {
    /// The families that fit, the likeliest first. Several are listed where the values are too few to tell.
    pub fits: Vec<FamilyFit>,
    /// The fraction of the values that are 0 without having been drawn, if they are not whole rows.
    pub sparsity: f64,
    /// The rows that are 0, such as that of a padding token, if all other values were drawn.
    pub zero_rows: Vec<usize>,
}

impl DrawnValues {
    /// The likeliest family.
    pub fn best(&self) -> &FamilyFit {
        &self.fits[0]
    }

    /// The logarithm of the likelihood of the best family over that of the next, ∞ if there is no other.
    pub fn evidence(&self) -> f64 {
        self.fits.get(1).map_or(f64::INFINITY, |next| self.best().log_likelihood - next.log_likelihood)
    }

    /// True if no other family is nearly as likely: one at most in a thousand.
    pub fn is_clear(&self) -> bool {
        self.evidence() > CLEAR
    }
}

/// The logarithm of the likelihood ratio from which a family is sure: 1,000 to 1.
const CLEAR: f64 = 6.9;

/// The reason why values are not an initialisation that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnknownReason {
    /// Values are NaN or infinite.
    NotFinite,
    /// No distribution of initialisations has such values.
    Distribution,
    /// The values fit a distribution, but rows or columns differ more, or less, than independent values would.
    Lines,
}

/// The p-value below which a family is excluded: among ten thousand tensors of correct families, none.
pub(super) const EXCLUDED: f64 = 1e-8;

impl TensorOrigin {
    /// The origin of a tensor by its values alone.
    ///
    /// ```
    /// use checkpoint::{TensorOrigin, TensorSummary};
    ///
    /// let ones = TensorSummary::of_f32(&[3], &[1.0; 3]);
    /// assert_eq!(TensorOrigin::of(&ones), TensorOrigin::Constant(1.0));
    /// ```
    pub fn of(summary: &TensorSummary) -> Self {
        if summary.count == 0 || !summary.dtype.is_judged() {
            return Self::NotJudged;
        }
        if summary.finite() < summary.count {
            return Self::Unknown(UnknownReason::NotFinite);
        }
        if summary.min == summary.max {
            return Self::Constant(summary.min);
        }
        if let Some(scheme) = exact::pattern(summary) {
            return Self::Pattern(scheme);
        }
        let Some(sample) = DrawnSample::of(summary) else { return Self::Constant(0.0) };
        if let Some(OrthogonalFit { gain, is_certain }) = exact::orthogonal(summary, &sample) {
            return Self::Orthogonal { gain, is_certain };
        }
        drawn(summary, sample)
    }

    /// The families that the values do not contradict; empty unless they were drawn.
    pub fn fits(&self) -> &[FamilyFit] {
        match self {
            Self::Drawn(drawn) => &drawn.fits,
            _ => &[],
        }
    }
}

fn drawn(summary: &TensorSummary, sample: DrawnSample) -> TensorOrigin {
    let fitted = DrawnFamily::COMMON.map(|family| FamilyFit::of(family, &sample));
    let mut fits: Vec<FamilyFit> = fitted.into_iter().filter(|fit| fit.p_value >= EXCLUDED).collect();
    if fits.is_empty() {
        fits.extend(FamilyFit::free_cut(&sample).filter(|fit| fit.p_value >= EXCLUDED));
    }
    if fits.is_empty() {
        return TensorOrigin::Unknown(UnknownReason::Distribution);
    }
    fits.retain(|fit| lines::p_value(summary, &sample, fit) >= EXCLUDED);
    if fits.is_empty() {
        return TensorOrigin::Unknown(UnknownReason::Lines);
    }
    fits.sort_by(|a, b| b.log_likelihood.total_cmp(&a.log_likelihood));
    let width = summary.columns.as_ref().map_or(0, Vec::len);
    let in_rows = sample.zero_rows.len() * width;
    // Rows of a sparse tensor may be empty by chance.
    let is_sparse = sample.zeros * summary.finite() as f64 > in_rows as f64 + 0.5;
    TensorOrigin::Drawn(DrawnValues {
        fits,
        sparsity: if is_sparse { sample.zeros } else { 0.0 },
        zero_rows: if is_sparse { vec![] } else { sample.zero_rows },
    })
}
