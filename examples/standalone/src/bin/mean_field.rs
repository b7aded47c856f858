//! mean-field by itself: where a deep tanh network of gain 5/3 settles.

use mean_field::{Activation, MeanField, Phase};

fn main() {
    let field = MeanField { activation: Activation::Tanh, weight: 25.0 / 9.0, bias: 0.0 };
    let q = field.fixed_variance(1.0);
    let phase = match field.phase() {
        Phase::Ordered => "ordered",
        Phase::Critical => "critical",
        Phase::Chaotic => "chaotic",
    };
    println!("q* {q:.6}, χ {:.4}: {phase}", field.chi(q));
}
