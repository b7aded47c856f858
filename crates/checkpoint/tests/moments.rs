//! The moments of values beside those that a scheme expects.

use checkpoint::{Expectation, ExpectedPart};

/// A bound is exceeded with probability e^-EXPONENT at most, 1.4e-11, so that a million comparisons are safe.
const EXPONENT: f64 = 25.0;

/// What differs from the expectation, in one line each.
pub(crate) fn disagreements(expectation: &Expectation, shape: &[usize], values: &[f32]) -> Vec<String> {
    let mut found = vec![];
    let row = values.len() / shape.first().copied().unwrap_or(1).max(1);
    for &zero in &expectation.draw.zero_rows {
        if values[zero * row..(zero + 1) * row].iter().any(|&value| value != 0.0) {
            found.push(format!("row {zero} is not 0"));
        }
    }
    for block in &expectation.draw.parts {
        let inside = |index: &usize| {
            let axis = expectation.draw.axis;
            let stride: usize = shape.get(axis + 1..).map_or(1, |axes| axes.iter().product());
            let along = index / stride % shape.get(axis).copied().unwrap_or(1);
            (block.start..block.start + block.size).contains(&along)
        };
        let drawn =
            |index: &usize| inside(index) && !expectation.draw.zero_rows.contains(&(index / row.max(1)));
        let values: Vec<f64> =
            (0..values.len()).filter(drawn).map(|index| f64::from(values[index])).collect();
        let problem = compare(block, expectation, &values);
        found.extend(problem.map(|problem| format!("block at {}: {problem}", block.start)));
    }
    found
}

fn compare(block: &ExpectedPart, expectation: &Expectation, values: &[f64]) -> Option<String> {
    let expected = block.moments(expectation.draw.layout).unwrap();
    if expected.std == 0.0 {
        // The schemes that are constant are 0, 1, or one rounding away from what is written.
        let wrong = values.iter().find(|&&value| value != f64::from(expected.mean as f32))?;
        return Some(format!("{wrong} where {} is expected", expected.mean));
    }
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    // Values whose distribution has tails no heavier than the normal's: Chernoff's bound for the mean.
    let standard_error = expected.std / count.sqrt();
    if (mean - expected.mean).abs() > (2.0 * EXPONENT).sqrt() * standard_error {
        return Some(format!("mean {mean} where {} is expected", expected.mean));
    }
    // About the expected mean, so that the sum over σ² has a chi-squared distribution with as many degrees of freedom as there are
    // values, if they are normal, and is closer to its mean for tails that are lighter: Laurent and Massart 2000, lemma 1.
    let square = values.iter().map(|value| (value - expected.mean).powi(2)).sum::<f64>() / count;
    let ratio = square / expected.variance();
    let below = 2.0 * (EXPONENT / count).sqrt();
    if ratio < 1.0 - below || ratio > 1.0 + below + 2.0 * EXPONENT / count {
        return Some(format!("std {} where {} is expected", square.sqrt(), expected.std));
    }
    // The kurtosis of a normal sample has variance 24/n for many values, and that of a distribution with lighter tails a smaller
    // one; ten standard errors, because its own distribution has a long tail.
    let fourth = values.iter().map(|value| (value - mean).powi(4)).sum::<f64>() / count;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
    let kurtosis = fourth / (variance * variance);
    if count >= 1000.0 && (kurtosis - expected.kurtosis).abs() > 10.0 * (24.0 / count).sqrt() {
        return Some(format!("kurtosis {kurtosis} where {} is expected", expected.kurtosis));
    }
    None
}
