//! The factors by which common mistakes change a std.

use std::f64::consts::SQRT_2;

/// The mistake that makes a std `factor` times the expected one, as a sentence: the first in the table that fits within the
/// relative `tolerance`, which is at least 1% and at most 5%.
pub(super) fn mistake(
    factor: f64,
    fans: Option<(f64, f64)>,
    rows: Option<usize>,
    tolerance: f64,
) -> Option<String> {
    let near = |candidate: f64| (factor / candidate - 1.0).abs() <= tolerance.clamp(0.01, 0.05);
    let (text, _) = candidates(fans, rows).into_iter().find(|&(_, candidate)| near(candidate))?;
    Some(format!("{text}."))
}

fn candidates(fans: Option<(f64, f64)>, rows: Option<usize>) -> Vec<(String, f64)> {
    let mut all = Vec::new();
    let mut add = |text: String, factor: f64| {
        if (factor - 1.0).abs() > 0.05 {
            all.push((text, factor));
        }
    };
    if let Some((fan_in, fan_out)) = fans {
        let mean = f64::midpoint(fan_in, fan_out);
        let (ins, outs) = (fan_in as u64, fan_out as u64);
        add(format!("That is fan-out ({outs}) in the place of fan-in ({ins})"), (fan_in / fan_out).sqrt());
        add(format!("That is fan-in ({ins}) in the place of fan-out ({outs})"), (fan_out / fan_in).sqrt());
        add(format!("That is the mean of both fans in the place of fan-in ({ins})"), (fan_in / mean).sqrt());
        add(format!("That is fan-in ({ins}) in the place of the mean of both fans"), (mean / fan_in).sqrt());
    }
    if let Some(rows) = rows {
        add(
            format!("That is 1/√{rows}: a lookup has no fan-in, its rows are not added up"),
            1.0 / (rows as f64).sqrt(),
        );
        add(
            format!("That is √(2/{rows}): a lookup has no fan-in, its rows are not added up"),
            (2.0 / rows as f64).sqrt(),
        );
    }
    for (text, factor) in [
        ("That is √2: ReLU's gain once too often", SQRT_2),
        ("That is 1/√2: ReLU's gain is missing", 1.0 / SQRT_2),
        ("That is 5/3: tanh's gain once too often", 5.0 / 3.0),
        ("That is 3/5: tanh's gain is missing", 0.6),
        ("That is 4/3: SELU's gain is missing", 4.0 / 3.0),
        ("That is √3: a std was taken for the bound of a uniform law the wrong way round", 3f64.sqrt()),
        ("That is 1/√3: a std was taken for the bound of a uniform law", 1.0 / 3f64.sqrt()),
        ("That is 0.88: a normal law was cut off at 2σ and not scaled up again", 0.879_625_661_034_239_8),
    ] {
        add(text.to_owned(), factor);
    }
    all
}
