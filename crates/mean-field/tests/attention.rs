//! Softmax of random logits, attention and the first loss, against recorded quadrature and samples.

use mean_field::{
    RandomSoftmax, attention_cosines, first_loss, largest_probability, log_sum_with, own_logit,
    query_gradient_ratio, score_std, smoothing_floor, tied_loss,
};
use rand_chacha::ChaCha8Rng;

use crate::monte_carlo::{errors, mean, normals, second};

/// Half of the last of six decimals, and the documented error.
const DECIMALS: f64 = 1.5e-6;

fn near(value: f64, exact: f64) -> bool {
    (value - exact).abs() < DECIMALS
}

/// Six decimals, computed by other quadrature.
#[test]
fn entropies_and_sums_of_squares() {
    for (keys, std, entropy, squares) in [
        (64, 0.3072, 4.112_542, 0.017_140),
        (64, 1.0, 3.684_746, 0.038_804),
        (64, 3.0, 1.810_468, 0.326_311),
        (1024, 1.0, 6.433_270, 0.002_635),
        (1024, 3.0, 3.429_257, 0.134_946),
    ] {
        let softmax = RandomSoftmax::of(keys, std);
        assert!(near(softmax.entropy, entropy), "{keys}, {std}: {softmax:?}");
        assert!(near(softmax.sum_of_squares, squares), "{keys}, {std}: {softmax:?}");
    }
    assert!(!near(RandomSoftmax::of(64, 1.001).entropy, 3.684_746));
}

/// Six decimals, computed by other quadrature.
#[test]
fn first_losses() {
    for (std, losses) in [
        (0.1, [3.300_651, 6.912_750, 10.829_905]),
        (0.3, [3.339_096, 6.952_708, 10.869_904]),
        (1.0, [3.766_300, 7.406_899, 11.324_888]),
        (2.0, [5.012_068, 8.888_327, 12.824_385]),
        (3.0, [6.661_196, 11.188_423, 15.302_522]),
        (5.0, [10.369_802, 16.942_143, 22.311_464]),
        (10.0, [20.160_087, 32.725_773, 42.752_244]),
        (20.0, [40.050_835, 64.972_420, 84.825_683]),
        (30.0, [60.004_316, 97.336_449, 127.072_844]),
    ] {
        for (classes, loss) in [27, 1000, 50257].into_iter().zip(losses) {
            assert!(near(first_loss(classes, std), loss), "{classes} classes at {std}");
        }
    }
}

/// `E ln(e^a + e^b)` is `(a + b)/2 + E ln 2cosh((a − b)/2)`, one expectation of a normal difference; its derivatives give
/// the rest, as `E Σp² = 1 − F′/s` and entropy `F − s·F′`.
#[test]
fn two_keys_are_one_expectation() {
    for std in [1e-3, 0.2, 0.99, 1.0, 1.3, 4.0, 30.0, 200.0, 256.0, 1e4] {
        // The kink of |x| counts as a break: ln 2cosh changes on the scale 1/s there.
        let half = std / 2_f64.sqrt();
        let exact =
            gaussian::expectation(&[], |z| (half * z).abs() + (-2.0 * (half * z).abs()).exp().ln_1p());
        let squares = gaussian::expectation(&[], |z| 0.5 + 0.5 * (half * z).tanh().powi(2));
        let found = RandomSoftmax::of(2, std);
        let entropy = exact - std * std * (1.0 - squares);
        assert!((found.log_sum - exact).abs() < 1e-6 * exact.max(1.0), "{std}: {found:?}, {exact}");
        assert!(near(found.sum_of_squares, squares), "{std}: {found:?}, {squares}");
        // The difference loses digits where s is large.
        assert!(
            (found.entropy - entropy).abs() < DECIMALS + 1e-12 * std * std,
            "{std}: {found:?}, {entropy}"
        );
    }
}

/// Identities between the three, and for small s the expansion `ln N + s²(1 − 1/N)/2`.
#[test]
fn derivatives_of_the_sum_give_the_rest() {
    for keys in [3, 50, 4000, 1_000_000] {
        for std in [0.05, 0.6, 1.0, 2.5, 9.0, 40.0] {
            let h = 0.01 * std;
            let slope = (first_loss(keys, std + h) - first_loss(keys, std - h)) / (2.0 * h);
            let found = RandomSoftmax::of(keys, std);
            // Twice the error of F over the step, and h²/6 of the third derivative, which is below 1/s.
            let tolerance = 1e-6 / h + h * h / std;
            assert!((found.sum_of_squares - (1.0 - slope / std)).abs() < tolerance / std, "{keys}, {std}");
            assert!((found.entropy - (found.log_sum - std * slope)).abs() < tolerance * std, "{keys}, {std}");
        }
        let small = RandomSoftmax::of(keys, 0.01).log_sum;
        let n = keys as f64;
        assert!((small - n.ln() - 0.5e-4 * (1.0 - 1.0 / n)).abs() < 2e-7, "{keys}: {small}");
    }
}

#[test]
fn limits_of_random_softmax() {
    let uniform = RandomSoftmax::of(50257, 0.0);
    assert!(near(uniform.entropy, 50257_f64.ln()) && (uniform.sum_of_squares * 50257.0 - 1.0).abs() < 1e-6);
    let one = RandomSoftmax::of(1, 7.0);
    assert!(near(one.log_sum, 0.0) && one.entropy < 1e-6 && near(one.sum_of_squares, 1.0), "{one:?}");
    for (keys, std) in [(0, 1.0), (5, -1.0), (5, f64::NAN), (5, f64::INFINITY)] {
        let none = RandomSoftmax::of(keys, std);
        assert!(none.log_sum.is_nan() && none.entropy.is_nan() && none.sum_of_squares.is_nan());
        assert!(largest_probability(keys, std).is_nan() && first_loss(keys, std).is_nan());
    }
    // Where the integral ends and its continuation begins.
    let (below, above) = (RandomSoftmax::of(50257, 256.0), RandomSoftmax::of(50257, 256.001));
    assert!((below.log_sum - above.log_sum + 1e-3 * below.log_sum / 256.0).abs() < 1e-4);
    assert!(near(below.entropy, above.entropy) && near(below.sum_of_squares, above.sum_of_squares));
    // A logit that the others outweigh, one of their size, and one that outweighs them.
    assert!(near(log_sum_with(-60.0, 27, 1.0), first_loss(27, 1.0)));
    assert!(near(log_sum_with(0.0, 27, 0.0), 28_f64.ln()));
    assert!(near(log_sum_with(2.0, 0, 1.0), 2.0));
    assert!(log_sum_with(f64::NAN, 3, 1.0).is_nan());
    for far in [1e3, 1e9, 1e300, f64::INFINITY] {
        assert_eq!(log_sum_with(far, 27, 1.0), far);
        assert!(near(log_sum_with(-far, 27, 1.0), first_loss(27, 1.0)));
    }
    assert!(near(log_sum_with(61.0, 27, 1.0), log_sum_with(60.999_999, 27, 1.0) + 1e-6));
}

/// 4,000 draws of other programs, to the digits given; the standard errors are below 1%.
#[test]
fn largest_probabilities() {
    for (keys, std, measured) in
        [(64, 0.3072, 0.0308), (64, 1.0, 0.107), (64, 3.0, 0.479), (1024, 1.0, 0.0164), (1024, 3.0, 0.274)]
    {
        let found = largest_probability(keys, std);
        assert!((found / measured - 1.0).abs() < 0.015, "{keys}, {std}: {found}, measured {measured}");
    }
    // Two keys: (1 + E|tanh(s·z/√2)|)/2.
    for std in [0.1_f64, 1.0, 10.0, 64.0, 90.0] {
        let exact = 0.5 + 0.5 * gaussian::expectation(&[], |z| (std / 2_f64.sqrt() * z).abs().tanh());
        assert!((largest_probability(2, std) - exact).abs() < 1e-4, "{std}: {exact}");
    }
}

fn softmax(logits: &[f64]) -> (Vec<f64>, f64) {
    let top = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = logits.iter().map(|logit| (logit - top).exp()).sum();
    (logits.iter().map(|logit| (logit - top).exp() / sum).collect(), top + sum.ln())
}

/// Five numbers per pair, each within five standard errors of 400 seeds.
#[test]
fn random_softmax_agrees_with_samples() {
    let sample = |keys: usize, std: f64, rng: &mut ChaCha8Rng| {
        let logits = normals(rng, 1, keys, std);
        let (p, log_sum) = softmax(logits.data());
        let entropy = p.iter().map(|p| if *p > 0.0 { -p * p.ln() } else { 0.0 }).sum();
        let own = (log_sum - 2.0).exp().ln_1p() + 2.0;
        vec![log_sum, entropy, p.iter().map(|p| p * p).sum(), p.iter().copied().fold(0.0, f64::max), own]
    };
    let expected = |keys, std| {
        let RandomSoftmax { log_sum, entropy, sum_of_squares } = RandomSoftmax::of(keys, std);
        let own = log_sum_with(2.0, keys, std);
        [log_sum, entropy, sum_of_squares, largest_probability(keys, std), own]
    };
    for (keys, std) in [(5, 0.7), (64, 3.0), (300, 12.0)] {
        let worst = errors(400, &expected(keys, std), &|rng| sample(keys, std, rng));
        assert!(worst < 5.0, "{keys}, {std}: {worst} standard errors");
    }
    let wrong = errors(400, &expected(64, 3.3), &|rng| sample(64, 3.0, rng));
    assert!(wrong > 10.0, "{wrong} standard errors");
}

#[test]
fn losses_of_tied_heads() {
    // An embedding of std σ, a norm, and the same embedding: measured 7.094 ± 0.010 and 255 ± 0.7.
    for (std, own, measured, error) in [(0.02, 5.12, 7.094, 0.010), (1.0, 256.0, 255.0, 0.7)] {
        assert!(near(own_logit(256, 1.0, std, 1.0), own));
        let loss = tied_loss(1000, 16.0 * std, own, 1e-3);
        assert!((loss - measured).abs() < 3.0 * error, "{std}: {loss}, measured {measured}");
    }
    // Every target repeats its input: the loss falls below that of a guess.
    assert!(tied_loss(1000, 0.32, 5.12, 1.0) < first_loss(1000, 0.0) - 4.0);
    assert!(tied_loss(0, 1.0, 1.0, 0.0).is_nan());
    for (classes, floor) in [(27, 0.630_611), (1000, 1.014_848), (50257, 1.407_546)] {
        assert!(near(smoothing_floor(classes, 0.1), floor), "{classes}");
    }
}

#[test]
fn scores_and_gradients_of_attention() {
    let in_projection = 1.0 / (2.0 * 512_f64).sqrt();
    assert!((score_std(512, in_projection, in_projection, 1.0) - 0.5).abs() < 1e-12);
    for (cosine, ratio) in [(0.0, 0.3072), (0.5, 0.026_94), (0.9, 0.004_04)] {
        assert!((query_gradient_ratio(0.3072, 0.3072, cosine, 64) - ratio).abs() < 5e-6, "{cosine}");
    }
}

/// The scores of 64 tokens of rms 1 and four heads, within five standard errors of 20 seeds.
#[test]
fn scores_agree_with_random_projections() {
    let (width, head, std) = (96, 24, 0.1);
    let measure = |rng: &mut ChaCha8Rng| {
        let x = normals(rng, 16, width, 1.0);
        let (query, key) = (normals(rng, width, head, std), normals(rng, width, head, std));
        let scores = x.matmul(&query).matmul_nt(&normals(rng, 16, width, 1.0).matmul(&key));
        vec![second(&scores) / head as f64]
    };
    let exact = score_std(width, std, std, 1.0).powi(2);
    assert!(errors(20, &[exact], &measure) < 5.0);
    assert!(errors(20, &[1.2 * exact], &measure) > 5.0);
}

/// Six decimals by arithmetic; and 80 stacks of uniform attention, whose second moments the recurrence has exactly, at any
/// width.
#[test]
fn rank_collapse() {
    for (layers, branch, last) in
        [(12, 1.0, 0.984_612), (12, 12_f64.powf(-0.5), 0.024_584), (24, 24_f64.powf(-0.5), 0.025_337)]
    {
        assert!(near(attention_cosines(64, layers, branch, 0.0)[layers - 1], last), "{layers}, {branch}");
    }
    let (tokens, width) = (8, 24);
    let measure = |rng: &mut ChaCha8Rng, cosine: f64| {
        let mut x = normals(rng, tokens, width, 1.0);
        for _ in 0..6 {
            let weight = normals(rng, width, width, 1.0 / (width as f64).sqrt());
            let average = mean_rows(x.matmul(&weight).data(), width);
            let data = x.data_mut();
            data.chunks_mut(width).for_each(|row| row.iter_mut().zip(&average).for_each(|(x, a)| *x += a));
        }
        let all = mean_rows(x.data(), width);
        let (q, average) = (second(&x), mean(all.iter().map(|x| x * x)));
        // The mean moment of two tokens from that of their average, as a difference that vanishes in expectation.
        let p = (average * tokens as f64 - q) / (tokens as f64 - 1.0);
        vec![p - cosine * q]
    };
    let cosine = attention_cosines(tokens, 6, 1.0, 0.0)[5];
    let (right, wrong) =
        (errors(80, &[0.0], &|rng| measure(rng, cosine)), errors(80, &[0.0], &|rng| measure(rng, 0.0)));
    assert!(right < 5.0 && wrong > 7.0, "{right} and {wrong} standard errors");
}

fn mean_rows(data: &[f64], width: usize) -> Vec<f64> {
    let rows = (data.len() / width) as f64;
    (0..width).map(|j| data.iter().skip(j).step_by(width).sum::<f64>() / rows).collect()
}

/// The squares of both gradients of a head whose queries are still 0, so that attention is uniform: their difference, with
/// the theory's ratio between them.
fn gradients(ratio: f64, rng: &mut ChaCha8Rng) -> Vec<f64> {
    let (tokens, width) = (12, 48);
    let common = normals(rng, 1, width, 0.5_f64.sqrt());
    let mut x = normals(rng, tokens, width, 0.5_f64.sqrt());
    x.data_mut()
        .chunks_mut(width)
        .for_each(|row| row.iter_mut().zip(common.data()).for_each(|(x, c)| *x += c));
    let weight = |rng: &mut ChaCha8Rng| normals(rng, width, width, 0.6 / (width as f64).sqrt());
    let (keys, values) = (x.matmul(&weight(rng)), x.matmul(&weight(rng)));
    let outer = normals(rng, tokens, width, 1.0);
    let share = 1.0 / tokens as f64;
    // Softmax backwards: p·(g − Σpg), with every p = 1/T.
    let mut scores = outer.matmul_nt(&values);
    for row in scores.data_mut().chunks_mut(tokens) {
        let centre = mean(row.iter().copied());
        row.iter_mut().for_each(|g| *g = share * (*g - centre));
    }
    let query = scores.matmul(&keys).map(|g| g / (width as f64).sqrt());
    let uniform = normals(rng, tokens, tokens, 0.0).map(|_| share);
    let value = uniform.matmul(&outer);
    let transposed = x.transpose();
    vec![second(&transposed.matmul(&query)) - ratio * ratio * second(&transposed.matmul(&value))]
}

/// Within five standard errors of 200 seeds.
#[test]
fn gradients_of_queries_agree_with_random_attention() {
    let finite = ((1.0 - 1.0 / 12.0) * (1.0 + 12.0 / 48.0_f64)).sqrt();
    let ratio = finite * query_gradient_ratio(0.36, 0.36, 0.5, 12);
    let (right, wrong) = (
        errors(200, &[0.0], &|rng| gradients(ratio, rng)),
        errors(200, &[0.0], &|rng| gradients(1.3 * ratio, rng)),
    );
    assert!(right < 5.0 && wrong > 5.0, "{right} and {wrong} standard errors");
}
