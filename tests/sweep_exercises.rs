//! Answers to the exercises of the pages on sweeps.

use std::collections::HashMap;

use autograd::Activation;
use mean_field::{CriticalPoint, MeanField};
use nn_init::{Mup, MupRole};

use crate::exercises::{Answers, root};

pub(crate) fn answers() -> Vec<(&'static str, Answers)> {
    vec![
        (
            "trainability.md",
            vec![
                ("forty-layers", forty_layers()),
                ("critical-biases", critical_biases()),
                ("gelu-beyond", gelu_beyond()),
            ],
        ),
        ("unlucky-seeds.md", vec![("two-seeds", two_seeds())]),
        ("boundary.md", vec![("gain-twenty", gain_twenty())]),
        ("coordinate-check.md", vec![("mup-rates", mup_rates()), ("tuned-at-256", tuned_at_256())]),
        ("theory-and-width.md", vec![("how-many", how_many())]),
    ]
}

/// The rows of a committed table of sweeps, each by the names of its columns.
fn table(name: &str) -> Vec<HashMap<String, String>> {
    let path = root().join(format!("docs/out/sweeps/{name}.csv"));
    csv::Reader::from_path(path).unwrap().deserialize().map(Result::unwrap).collect()
}

fn number(row: &HashMap<String, String>, column: &str) -> f64 {
    row[column].parse().unwrap()
}

/// `6·ξ_c` of tanh at a gain.
fn reach(gain: f64, bias: f64) -> f64 {
    let field = MeanField { activation: Activation::Tanh, weight: gain * gain, bias };
    6.0 * field.correlation_depth(field.fixed_variance(1.0))
}

fn forty_layers() -> Vec<String> {
    let gains = (100..250).map(|percent| f64::from(percent) / 100.0);
    let within: Vec<f64> = gains.filter(|&gain| reach(gain, 0.05) >= 40.0).collect();
    vec![format!("{:.2}", within[0]), format!("{:.2}", within[within.len() - 1])]
}

fn critical_biases() -> Vec<String> {
    let gain = CriticalPoint::of_bias(Activation::Tanh, 0.25).unwrap().field.weight.sqrt();
    vec![format!("{gain:.2}"), format!("{:.0}", reach(1.33, 0.25))]
}

fn gelu_beyond() -> Vec<String> {
    let field = MeanField { activation: Activation::Gelu, weight: 1.46 * 1.46, bias: 0.05 };
    assert_eq!(field.fixed_variance(2.0), f64::INFINITY);
    // The fixed point that repels is where the way up begins.
    let (mut low, mut high) = (1.0, 2.0);
    for _ in 0..40 {
        let middle: f64 = f64::midpoint(low, high);
        *if field.variance(middle) < middle { &mut low } else { &mut high } = middle;
    }
    vec![format!("{:.2}", field.fixed_variance(1.0)), format!("{low:.2}")]
}

/// The share of pairs in which the larger gradient has the lower loss, for normal scores with the committed rank correlation.
fn two_seeds() -> Vec<String> {
    let rows = table("unlucky");
    let row = rows.iter().find(|row| row["side"] == "ordered" && row["statistic"] == "first: gradient rms");
    let rank = -number(row.unwrap(), "within");
    let pearson = 2.0 * (std::f64::consts::PI * rank / 6.0).sin();
    vec![format!("{:.0}%", 100.0 * (0.5 + pearson.asin() / std::f64::consts::PI))]
}

/// The powers of the page are rounded as it has them.
fn gain_twenty() -> Vec<String> {
    let rows = table("boundary");
    let last = &rows[rows.len() - 1];
    assert_eq!(number(last, "gain"), 10.0);
    let careful = number(last, "ratio") * 2_f64.powf(2.82 - 0.95);
    vec![format!("{:.0}", (careful / 100.0).round() * 100.0)]
}

fn mup_rates() -> Vec<String> {
    let mup = Mup { base: 64, width: 4096 };
    let roles = [MupRole::Input, MupRole::Hidden, MupRole::Output];
    let factor = |rate: f64| if rate < 1.0 { format!("1/{}", 1.0 / rate) } else { rate.to_string() };
    roles
        .map(|role| factor(mup.sgd_rate(role)))
        .into_iter()
        .chain(roles.map(|role| factor(mup.adam_rate(role))))
        .collect()
}

fn tuned_at_256() -> Vec<String> {
    let rows = table("coordinate-check");
    let row = rows.iter().find(|row| {
        row["networks"] == "standard, Adam" && row["quantity"] == "change of logits" && row["step"] == "1"
    });
    vec![format!("{:.0}", 16_f64.powf(number(row.unwrap(), "exponent")))]
}

fn how_many() -> Vec<String> {
    let rows = table("theory-and-width");
    let row = rows
        .iter()
        .find(|row| row["quantity"] == "variance q" && row["width"] == "64" && row["networks"] == "4000")
        .unwrap();
    vec![format!("{:.0}", (3.0 * number(row, "spread") / number(row, "mean")).powi(2))]
}
