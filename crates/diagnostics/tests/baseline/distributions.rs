//! Statistics with all kinds of distributions, from well-behaved ones to those without a mean.

use diagnostics::baseline::Statistic;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use rand_distr::{
    Beta, Cauchy, ChiSquared, Distribution, Exp1, Gumbel, LogNormal, Poisson, StandardNormal, StudentT,
    Weibull,
};

/// Nineteen distributions: with light and heavy tails, skewed, bounded, two-valued; and two with numbers to count apart.
pub(crate) fn statistics(seed: u64) -> Vec<Statistic> {
    let rng = &mut ChaCha8Rng::seed_from_u64(seed);
    let normal: f64 = StandardNormal.sample(rng);
    let distributions = [
        ("normal", normal),
        ("Student 3", StudentT::new(3.0).unwrap().sample(rng)),
        ("Cauchy", Cauchy::new(0.0, 1.0).unwrap().sample(rng)),
        ("lognormal 0.5", LogNormal::new(0.0, 0.5).unwrap().sample(rng)),
        ("lognormal 1", LogNormal::new(0.0, 1.0).unwrap().sample(rng)),
        ("lognormal 2", LogNormal::new(0.0, 2.0).unwrap().sample(rng)),
        ("exponential", Exp1.sample(rng)),
        ("chi-squared 1", f64::powi(StandardNormal.sample(rng), 2)),
        ("Gumbel", Gumbel::new(0.0, 1.0).unwrap().sample(rng)),
        ("Weibull 0.5", Weibull::new(1.0, 0.5).unwrap().sample(rng)),
        ("Weibull 0.3", Weibull::new(1.0, 0.3).unwrap().sample(rng)),
        ("Bernoulli 0.03", bernoulli(rng, 0.03)),
        ("Bernoulli 0.1", bernoulli(rng, 0.1)),
        ("Bernoulli 0.2", bernoulli(rng, 0.2)),
        ("Bernoulli 0.5", bernoulli(rng, 0.5)),
        ("Poisson 0.5", Poisson::new(0.5).unwrap().sample(rng)),
        ("beta 0.1, 0.1", Beta::new(0.1, 0.1).unwrap().sample(rng)),
        ("beta 0.1, 1", Beta::new(0.1, 1.0).unwrap().sample(rng)),
        ("uniform", unit(rng)),
    ];
    let mut all: Vec<_> = distributions.map(|(name, value)| Statistic::linear(name, "value", value)).into();
    // Overflow in a tenth of the seeds, zeros in a third.
    let (overflow, zero) = (unit(rng) < 0.1, unit(rng) < 0.3);
    all.push(Statistic::linear("overflow", "value", if overflow { f64::INFINITY } else { normal }));
    all.push(Statistic::log("zeros", "value", if zero { 0.0 } else { normal.exp() }));
    all
}

/// 60 statistics, the first of which is the std of 1,000 normal weights, `√(χ²₉₉₉/999)`, times a factor.
pub(crate) fn weights(seed: u64, factor: f64) -> Vec<Statistic> {
    let rng = &mut ChaCha8Rng::seed_from_u64(seed);
    let std = (ChiSquared::new(999.0).unwrap().sample(rng) / 999.0_f64).sqrt();
    let mut all = vec![Statistic::log("W0", "std", factor * std)];
    all.extend((1..60).map(|i| Statistic::linear(format!("W{i}"), "x", StandardNormal.sample(rng))));
    all
}

fn unit(rng: &mut impl Rng) -> f64 {
    (rng.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}

fn bernoulli(rng: &mut impl Rng, p: f64) -> f64 {
    f64::from(u8::from(unit(rng) < p))
}
