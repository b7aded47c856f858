//! nn-init by itself: the weight of another framework's layer, with the numbers that PyTorch would draw.

use nn_init::{Generator, InitError, Layout, Scheme};

/// The fields of a linear layer in another framework.
struct Linear {
    shape: [usize; 2],
    weight: Vec<f32>,
}

fn main() -> Result<(), InitError> {
    let shape = [200, 300];
    let mut layer = Linear { shape, weight: vec![0.0; 200 * 300] };
    let scheme = Scheme::kaiming_normal(2f64.sqrt());
    scheme.fill(&layer.shape, Layout::OUT_IN, &mut layer.weight, &mut Generator::manual_seed(7))?;

    let n = layer.weight.len() as f64;
    let std = (layer.weight.iter().map(|&w| f64::from(w).powi(2)).sum::<f64>() / n).sqrt();
    let expected = scheme.moments(&layer.shape, Layout::OUT_IN)?.std;
    // Five standard errors of the standard deviation of n normal values, σ/√(2n).
    assert!((std - expected).abs() < 5.0 * expected / (2.0 * n).sqrt(), "{std} for {expected}");
    println!("std {std:.3}, expected {expected:.3}");
    Ok(())
}
