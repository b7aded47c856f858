//! What a wrong tensor looks like: other schemes that explain its values.

use nn_init::{Distribution, FanMode, Fans, Layout, Preset, Scheme, VarianceScaling};

use super::checks::{Sample, probabilities, shape_probabilities};
use super::judged_tensor::JudgedTensor;
use super::population::Population;
use crate::ExpectedPart;

/// A guess is accepted if none of its tests is less probable than this.
const ACCEPTED: f64 = 1e-4;

/// The fans of another tensor of the file.
pub(super) struct NamedFans<'a> {
    pub(super) name: &'a str,
    pub(super) fans: Fans,
}

/// The schemes that explain the values of a tensor, each as a text that is the same for other tensors with the same fault. The
/// ones that name a mistake come first.
pub(super) fn causes(subject: &JudgedTensor, others: &[NamedFans]) -> Vec<String> {
    let Some((population, part)) = subject.population.zip(subject.expected.parts.first()) else {
        return vec![];
    };
    let mut causes: Vec<String> = vec![];
    let layout = subject.expected.layout;
    for (cause, scheme) in guesses(part, layout, population) {
        if !causes.contains(&cause) && explains(subject, scheme, &part.shape, layout) {
            causes.push(cause);
        }
    }
    causes.extend(residual(subject, population));
    causes.extend(fan_of_another(subject, part, population, others));
    causes
}

/// True if a scheme passes the tests that found the fault.
fn explains(subject: &JudgedTensor, scheme: Scheme, shape: &[usize], layout: Layout) -> bool {
    matches!(Population::of(scheme, shape, layout), Ok(Some(population)) if is_drawn_from(subject, population))
}

fn is_drawn_from(subject: &JudgedTensor, population: Population) -> bool {
    let [lo, hi] = population.bounds();
    // The parameters of a guess are not known to all digits.
    let slack = if hi.is_finite() { 1e-3 * (hi - lo) } else { 0.0 };
    let inside = subject.summary.min >= lo - slack && subject.summary.max <= hi + slack;
    let mean_square = subject.mean_square(population.mean);
    let sample = Sample { count: subject.count(), mean: subject.mean(), mean_square };
    let moments = || probabilities(subject, population, sample).into_iter().fold(1.0, f64::min);
    let shape = || shape_probabilities(subject, population).into_iter().fold(1.0, f64::min);
    inside && moments() > ACCEPTED && shape() > ACCEPTED
}

/// The mistakes that other schemes stand for, and those schemes.
fn guesses(part: &ExpectedPart, layout: Layout, expected: Population) -> Vec<(String, Scheme)> {
    let mut all = vec![];
    let mut add = |cause: &str, scheme: Scheme| all.push((cause.to_owned(), scheme));
    if let Scheme::Scaled(scaling) = part.scheme {
        let with = |change: VarianceScaling| Scheme::Scaled(change);
        for mode in [FanMode::FanIn, FanMode::FanOut, FanMode::FanAvg] {
            if mode != scaling.mode {
                add(
                    &format!("{mode} in place of {}", scaling.mode),
                    with(VarianceScaling { mode, ..scaling }),
                );
            }
        }
        if let Ok(fans) = Fans::torch(&part.shape) {
            add("the fan ignores groups, strides or the order of the axes", part.scheme.with_fans(fans));
        }
        let sizes: Vec<_> = [2, 3, 4]
            .into_iter()
            .filter(|k| part.shape.first().is_some_and(|n| n.is_multiple_of(*k)))
            .collect();
        for blocks in sizes {
            let mut own = part.shape.clone();
            own[0] /= blocks;
            if let Ok(fans) = Fans::of(&own, layout) {
                add(
                    &format!("{blocks} stacked blocks, each drawn with its own fans"),
                    part.scheme.with_fans(fans),
                );
            }
        }
    }
    let default =
        Preset::all().into_iter().find(|preset| preset.name == "torch.linear").map(|preset| preset.weight);
    let both = [Fans::of(&part.shape, layout), Fans::torch(&part.shape)];
    for (default, fans) in
        default.into_iter().flat_map(|default| both.iter().flatten().map(move |fans| (default, *fans)))
    {
        add(
            "PyTorch's default: the intended initialisation did not reach this tensor",
            default.with_fans(fans),
        );
    }
    add("N(0, 1), the default of an embedding", Scheme::STANDARD_NORMAL);
    add("the gain √2 of ReLU is missing", part.scheme.times(0.5f64.sqrt()));
    add("the gain √2 of ReLU is applied where it should not be, or twice", part.scheme.times(2f64.sqrt()));
    let Population { mean, std, .. } = expected;
    let uniform = |bound: f64| Scheme::Uniform { lo: mean - bound, hi: mean + bound };
    let normal = |std: f64| Scheme::Normal { mean, std };
    add("uniform with the standard deviation as its bound", uniform(std));
    add("the variance is used as the standard deviation", normal(std * std));
    add("the standard deviation is used as the variance", normal(std.sqrt()));
    let [lo, hi] = expected.bounds();
    if hi.is_finite() {
        add("normal with the bound as its standard deviation", normal((hi - lo) / 2.0));
    }
    if let Scheme::TruncatedNormal { mean, std, .. } = part.scheme {
        add("never truncated", Scheme::Normal { mean, std });
    }
    let truncated = Scheme::truncated_normal_in_sigmas(std, -2.0, 2.0);
    if mean == 0.0 {
        add(
            "a normal distribution truncated at two standard deviations, without the correction 1/0.88",
            truncated,
        );
        let corrected = Scheme::truncated_normal_corrected(std);
        add("a truncated normal distribution of the same standard deviation", corrected);
    }
    add(
        &format!("a {} distribution of the same standard deviation", Distribution::Uniform),
        uniform(std * 3f64.sqrt()),
    );
    add(&format!("a {} distribution of the same standard deviation", Distribution::Normal), normal(std));
    // Queries, keys and values above each other: of square blocks, fan_in is the fan of every kind.
    if matches!(part.shape[..], [outputs, inputs] if outputs == 3 * inputs) {
        all.sort_by_key(|(cause, _)| !cause.starts_with("3 stacked blocks"));
    }
    all
}

/// `1/√(2L)` missing or extra, for the number of layers that the ratio of the variances gives.
fn residual(subject: &JudgedTensor, expected: Population) -> Option<String> {
    let ratio = (subject.std() / expected.std).powi(2);
    let (layers, what) = if ratio > 1.0 { (ratio / 2.0, "missing") } else { (0.5 / ratio, "extra") };
    let layers = layers.round();
    if !(2.0..=500.0).contains(&layers) {
        return None;
    }
    let factor = if ratio > 1.0 { (2.0 * layers).sqrt() } else { (2.0 * layers).sqrt().recip() };
    let population = expected.rescaled(expected.mean * factor, expected.std * factor);
    is_drawn_from(subject, population).then(|| format!("{FACTOR} is {what}, for {layers} layers"))
}

const FACTOR: &str = "the factor 1/√(2·layers)";

/// True for a factor of a number of layers that a model of `layers` does not have.
pub(crate) fn is_of_another_depth(cause: &str, layers: f64) -> bool {
    cause.starts_with(FACTOR) && !cause.ends_with(&format!("for {layers} layers"))
}

/// The name of a tensor whose fan explains the standard deviation.
fn fan_of_another(
    subject: &JudgedTensor,
    part: &ExpectedPart,
    expected: Population,
    others: &[NamedFans],
) -> Option<String> {
    let Scheme::Scaled(scaling) = part.scheme else { return None };
    let own = Fans::of(&part.shape, subject.expected.layout).ok()?;
    let explained = others.iter().filter(|other| other.fans != own).find(|other| {
        let factor = scaling.std(other.fans) / scaling.std(own);
        // Most are far off, and the tests take longer than this.
        (subject.std() / expected.std / factor - 1.0).abs() < 0.1
            && is_drawn_from(subject, expected.rescaled(expected.mean * factor, expected.std * factor))
    })?;
    Some(format!("the fan of another tensor, such as {}", explained.name))
}
