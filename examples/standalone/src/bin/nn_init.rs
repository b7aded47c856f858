//! nn-init by itself: a weight of another framework, from a generator of the rand ecosystem.

use nn_init::{InitError, Layout, Scheme};
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};

/// What another framework keeps of a linear layer.
struct Linear {
    shape: [usize; 2],
    weight: Vec<f32>,
}

fn main() -> Result<(), InitError> {
    let shape = [200, 300];
    let mut layer = Linear { shape, weight: vec![0.0; 200 * 300] };
    let scheme = Scheme::kaiming_normal(2f64.sqrt());
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    scheme.fill(&layer.shape, Layout::OUT_IN, &mut layer.weight, &mut rng)?;

    let n = layer.weight.len() as f64;
    let std = (layer.weight.iter().map(|&w| f64::from(w).powi(2)).sum::<f64>() / n).sqrt();
    let promised = scheme.moments(&layer.shape, Layout::OUT_IN)?.std;
    // Five standard errors of a normal law's std, σ/√(2n).
    assert!((std - promised).abs() < 5.0 * promised / (2.0 * n).sqrt(), "{std} for {promised}");
    println!("std {std:.3}, promised {promised:.3}");
    Ok(())
}
