//! A tensor beside its expectation, and the tests that are made of it.

use nn_init::Scheme;

use super::population::Population;
use super::precision::Precision;
use super::{CheckKind, chernoff};
use crate::{Dtype, TensorSummary};
use crate::{ExpectedDraw, ExpectedPart};

/// A test that was made: the probability of its result, or of one that deviates more, if all is as expected. It is 0 for a
/// fault that no draw can have.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct MadeTest {
    pub(super) kind: CheckKind,
    pub(super) p: f64,
    pub(super) message: String,
}

impl MadeTest {
    pub(super) fn new(kind: CheckKind, p: f64, message: impl Into<String>) -> Self {
        Self { kind, p, message: message.into() }
    }

    /// A fault for certain.
    pub(super) fn certain(kind: CheckKind, message: impl Into<String>) -> Self {
        Self::new(kind, 0.0, message)
    }
}

/// Probabilities below this count as certain where one test decides what another leaves out.
pub(super) const CLEAR: f64 = 1e-9;

/// A tensor beside its expectation.
pub(super) struct JudgedTensor<'a> {
    pub(super) summary: &'a TensorSummary,
    pub(super) expected: &'a ExpectedDraw,
    /// The type in which the values were drawn, as far as they tell: that of the file, or a coarser one.
    pub(super) dtype: Dtype,
    pub(super) precision: Precision,
    /// The distribution of the values, if they are independent and all parts have the same one.
    pub(super) population: Option<Population>,
    /// The zeros that are expected beside the draws: of padding and of sparse connections.
    pub(super) expected_zeros: f64,
    /// The zeros that are no draws: the expected ones, or all if they were found to be too many.
    pub(super) left_out: f64,
    /// True if more values are zero than were drawn.
    pub(super) zeros_found: bool,
}

impl<'a> JudgedTensor<'a> {
    /// `None` for a type that is not judged.
    pub(super) fn new(summary: &'a TensorSummary, expected: &'a ExpectedDraw) -> Option<Self> {
        let dtype = drawn_type(summary);
        let precision = Precision::of(&dtype)?;
        let known = expected.zero_rows.len() as f64 * Self::columns_of(summary) + sparse_zeros(expected);
        let mut subject = Self {
            summary,
            expected,
            dtype,
            precision,
            population: None,
            expected_zeros: known,
            left_out: known.min(summary.zeros as f64),
            zeros_found: false,
        };
        let mut populations = expected.parts.iter().map(|part| subject.population_of(part));
        let first = populations.next().flatten();
        subject.population = first.filter(|_| populations.all(|other| other == first));
        subject.zeros_found = subject.p_of_zeros() < CLEAR;
        if subject.zeros_found {
            subject.left_out = subject.left_out.max(summary.zeros as f64);
        }
        Some(subject)
    }

    /// The distribution of a part.
    pub(super) fn population_of(&self, part: &ExpectedPart) -> Option<Population> {
        Population::of(part.scheme, &part.shape, self.expected.layout).ok().flatten()
    }

    /// True if some part is drawn with independent values.
    pub(super) fn is_drawn(&self) -> bool {
        self.expected.parts.iter().any(|part| self.population_of(part).is_some())
    }

    /// True if some part is drawn at random at all: if equal rows and equal tensors are a fault.
    pub(super) fn is_random(&self) -> bool {
        let matrix = |scheme| matches!(scheme, Scheme::Orthogonal { .. } | Scheme::DeltaOrthogonal { .. });
        self.is_drawn() || self.expected.parts.iter().any(|part| matrix(part.scheme))
    }

    /// At most the probability of so many zeros beyond the known ones.
    pub(super) fn p_of_zeros(&self) -> f64 {
        let (all, known) = (self.summary.finite() as f64, self.left_out);
        let found = self.summary.zeros as f64 - known;
        if !self.is_drawn() || found <= 0.0 || all <= known {
            return 1.0;
        }
        chernoff::at_least(found, all - known, self.p_of_zero())
    }

    /// At most the probability that one value is zero.
    pub(super) fn p_of_zero(&self) -> f64 {
        // Numbers that round to zero, where the spacing is not small.
        let around = self.precision.spacing(0.0) / 2.0;
        let rounded = self.expected.parts.iter().filter_map(|part| self.population_of(part));
        let rounded = rounded.map(|population| population.between(-around, around)).fold(0.0, f64::max);
        (self.precision.coincidence() + rounded).min(1.0)
    }

    /// The number of drawn values.
    pub(super) fn count(&self) -> f64 {
        self.summary.finite() as f64 - self.left_out
    }

    /// The mean of the drawn values.
    pub(super) fn mean(&self) -> f64 {
        self.summary.moments.mean * (self.summary.finite() as f64 / self.count())
    }

    /// The mean of `(x − about)²` over the drawn values.
    pub(super) fn mean_square(&self, about: f64) -> f64 {
        let (moments, all) = (&self.summary.moments, self.summary.finite() as f64);
        let squares = moments.squares + all * (moments.mean - about).powi(2) - self.left_out * about * about;
        squares.max(0.0) / self.count()
    }

    /// The standard deviation of the drawn values.
    pub(super) fn std(&self) -> f64 {
        self.mean_square(self.mean()).sqrt()
    }

    /// The zeros in whole rows of padding.
    pub(super) fn zeros_in_rows(&self) -> f64 {
        self.expected.zero_rows.len() as f64 * self.columns()
    }

    /// The number of values of a row.
    pub(super) fn columns(&self) -> f64 {
        Self::columns_of(self.summary)
    }

    fn columns_of(summary: &TensorSummary) -> f64 {
        summary.shape.iter().skip(1).product::<usize>() as f64
    }
}

/// The coarsest type with room for the fractions of all values, up to the type of the file: a model that was drawn in single
/// precision may be stored in double precision, and one in bf16 in single.
fn drawn_type(summary: &TensorSummary) -> Dtype {
    let coarser: &[Dtype] = match summary.dtype {
        Dtype::F64 => &[Dtype::Bf16, Dtype::F16, Dtype::F32],
        Dtype::F32 => &[Dtype::Bf16, Dtype::F16],
        _ => &[],
    };
    let has_room = |dtype: &&Dtype| {
        Precision::of(dtype).is_some_and(|precision| precision.has_room(summary.fraction_bits))
    };
    coarser.iter().find(has_room).unwrap_or(&summary.dtype).clone()
}

/// The number of connections that a sparse scheme cuts.
fn sparse_zeros(expected: &ExpectedDraw) -> f64 {
    let zeros = |part: &ExpectedPart| match part.scheme {
        Scheme::Sparse { std, .. } if std > 0.0 => {
            // The kept fraction is what shrinks the standard deviation.
            let moments = part.scheme.moments(&part.shape, expected.layout).ok()?;
            let values = part.shape.iter().product::<usize>() as f64;
            Some((values * (1.0 - (moments.std / std).powi(2))).round())
        }
        _ => None,
    };
    expected.parts.iter().filter_map(zeros).sum()
}
