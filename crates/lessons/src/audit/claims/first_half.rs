//! Sections 1 to 4: what goes wrong, the model, the random start.

use diagnostics::fixed;
use nn_init::torch_gain;
use tensor::Activation;

use super::{Claim, ClaimKind, each, each_grad, each_percent, finding, first_over_last, in_range, times};

pub(super) const CLAIMS: &[Claim] = &[
    Claim {
        id: "early-layers-starve",
        section: "1",
        says: "Early layers receive almost no gradient: W1's mean |gradient| is the smallest",
        kind: ClaimKind::Always,
        measure: |e| {
            let least = e.random.grads.iter().all(|&grad| e.random.grads[0] <= grad);
            finding(least, move || format!("random init, W1 to W4: {}", each_grad(&e.random)))
        },
        why: "With N(0, 1) weights, each layer multiplies the gradient by more than tanh's slope removes, so the gradient is largest at the input.",
    },
    Claim {
        id: "gradients-explode",
        section: "1",
        says: "Gradients can grow exponentially instead: more than 1.5× per layer towards the input",
        kind: ClaimKind::Always,
        measure: |e| {
            let rate = first_over_last(&e.random).powf(1.0 / (e.random.grads.len() - 1) as f64);
            finding(rate > 1.5, move || format!("random init: {} per layer", times(rate)))
        },
        why: "Growth is what the lesson's own random init does; nothing vanishes there.",
    },
    Claim {
        id: "explosion-gives-nan",
        section: "1",
        says: "Growing gradients end in NaN",
        kind: ClaimKind::Always,
        measure: |e| {
            finding(e.random.non_finite > 0, move || {
                format!("random init: {} non-finite values", e.random.non_finite)
            })
        },
        why: "Nothing overflows in three layers, nor in a hundred: there W1's mean |gradient| is of the order of 1e34 (rounding decides its digits), and f32 ends at 3e38.",
    },
    Claim {
        id: "dead-neurons",
        section: "1",
        says: "Units saturate and stop learning: at least one of 300 has |h| > 0.99 in every example",
        kind: ClaimKind::Always,
        measure: |e| {
            let saturated: Vec<usize> = e.random.layers.iter().map(|layer| layer.always_saturated).collect();
            finding(saturated.iter().sum::<usize>() > 0, move || {
                format!("random init: {saturated:?} of 100 units per layer")
            })
        },
        why: "A unit stops learning only if every example saturates it. With 21 different inputs that is rare, however many single activations are saturated.",
    },
    Claim {
        id: "saturated-slope",
        section: "1, 3",
        says: "In the saturated region tanh's gradient is about 0: below 0.02 where |h| > 0.99",
        kind: ClaimKind::ByDefinition,
        measure: |_| {
            let slope = 1.0 - 0.99_f64.powi(2);
            finding(slope < 0.02, move || format!("1 − 0.99² = {}", fixed(slope, 4)))
        },
        why: "tanh's slope is 1 − h².",
    },
    Claim {
        id: "27-symbols",
        section: "2",
        says: "The data needs an embedding of 27 rows, and 27 classes",
        kind: ClaimKind::ByDefinition,
        measure: |_| {
            let symbols = specimen::lesson::bigrams().symbols.len();
            finding(symbols == 27, move || format!("{symbols} symbols occur"))
        },
        why: "The twenty names use 20 letters: six rows of C are never looked up and six logits are never a target. With 27 logits, uniform guessing costs ln 27 = 3.30; with the 21 that occur it would cost ln 21 = 3.04.",
    },
    Claim {
        id: "tanh-gain",
        section: "2, 5",
        says: "Kaiming's factor for tanh is √2",
        kind: ClaimKind::ByDefinition,
        measure: |_| {
            let gain = torch_gain(Activation::Tanh).unwrap_or(f64::NAN);
            finding((gain - 2f64.sqrt()).abs() < 1e-3, move || {
                format!("PyTorch's gain for tanh is {}", fixed(gain, 4))
            })
        },
        why: "√2 is derived for ReLU, which zeroes half of its inputs (He et al. 2015, eq. 10). PyTorch uses 5/3 for tanh.",
    },
    Claim {
        id: "embedding-fan-in",
        section: "2",
        says: "The embedding's fan-in is its 27 rows: the lookup of a table with std √(2/27) gives a std near √2",
        kind: ClaimKind::Always,
        measure: |e| {
            let (table, embedded) = (e.table.std(), e.embedded.std());
            let text =
                move || format!("std {} in C, {} after the lookup", fixed(table, 3), fixed(embedded, 3));
            finding((embedded / table / 27f64.sqrt() - 1.0).abs() < 0.5, text)
        },
        why: "A lookup copies one row and sums nothing, so its fan-in is 1. The scale makes the first layer's input five times smaller than intended. With a table of std √2, the layers' stds are 0.7971, 0.6650 and 0.5985 at the lesson's seed.",
    },
    Claim {
        id: "small-biases",
        section: "2",
        says: "Kaiming init keeps the biases at 0",
        kind: ClaimKind::Always,
        measure: |e| finding(e.bias == 0.0, move || format!("largest |b| = {}", e.bias)),
        why: "They are drawn, then set to 0.",
    },
    Claim {
        id: "returns-pre-activations",
        section: "2",
        says: "The list that forward() returns holds pre-activations",
        kind: ClaimKind::Always,
        measure: |e| {
            let pairs = e.random.layers.iter().zip(&e.random_pre);
            let same =
                pairs.into_iter().all(|(layer, pre)| (layer.post.std() / pre.std() - 1.0).abs() < 0.01);
            finding(same, move || {
                let post = each(&e.random, |layer| layer.post.std(), 2);
                let pre: Vec<String> = e.random_pre.iter().map(|pre| fixed(pre.std(), 2)).collect();
                format!("random init: std {post} returned; {} before tanh", pre.join(", "))
            })
        },
        why: "forward() returns the activations, and every table and figure shows those.",
    },
    Claim {
        id: "most-saturated",
        section: "3, 4",
        says: "With random init most activations are saturated",
        kind: ClaimKind::Always,
        measure: |e| {
            let share = e.random.layers.iter().map(|layer| layer.saturated).sum::<f64>()
                / e.random.layers.len() as f64;
            finding(share > 0.5, move || format!("{}% over all layers", fixed(100.0 * share, 1)))
        },
        why: "Weights of variance 1 with a fan-in of 100 give pre-activations with a std near 9.",
    },
    Claim {
        id: "most-saturated-everywhere",
        section: "3",
        says: "With random init most activations are saturated in every hidden layer",
        kind: ClaimKind::Always,
        measure: |e| {
            let most = e.random.layers.iter().all(|layer| layer.saturated > 0.5);
            finding(most, move || each_percent(&e.random, |layer| layer.saturated))
        },
        why: "The first layer sums only 10 inputs and a bias, so its pre-activations have a std near √11 = 3.3, not 9.",
    },
    Claim {
        id: "kaiming-well-distributed",
        section: "4, 5",
        says: "With Kaiming init activations are well distributed: at most 5% saturated, std at least 0.1",
        kind: ClaimKind::Always,
        measure: |e| {
            finding(in_range(&e.kaiming), move || {
                let saturated = each_percent(&e.kaiming, |layer| layer.saturated);
                format!("saturated {saturated}; std {}", each(&e.kaiming, |layer| layer.post.std(), 3))
            })
        },
        why: "91% to 98% of the pre-activations of each layer are between −1 and 1, where tanh bends but does not saturate.",
    },
];
