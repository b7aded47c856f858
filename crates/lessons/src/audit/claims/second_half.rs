//! Sections 5 to 7: Kaiming, gradient flow, Xavier.

use diagnostics::{fixed, significant};
use specimen::Network;
use tensor::Activation;

use super::{
    Claim, ClaimKind, each, each_grad, each_percent, finding, first_over_last, gradients_flow, in_range,
    spread, times,
};

pub(super) const CLAIMS: &[Claim] = &[
    Claim {
        id: "bad-and-good",
        section: "3, 5",
        says: "Random init is bad and Kaiming good: their losses are above twice ln 27, and within a tenth of ln 27",
        kind: ClaimKind::Always,
        measure: |e| {
            let guess = (Network::lesson().classes as f64).ln();
            let holds = e.random.loss > 2.0 * guess && (e.kaiming.loss / guess - 1.0).abs() < 0.1;
            finding(holds, move || {
                let (random, kaiming) = (fixed(e.random.loss, 2), fixed(e.kaiming.loss, 2));
                format!("losses {random} and {kaiming}; ln 27 = {}", fixed(guess, 2))
            })
        },
        why: "Random init is bad at every seed. Kaiming's logits have a std near 0.6, which alone costs more than a tenth at some seeds.",
    },
    Claim {
        id: "constant-variance",
        section: "5",
        says: "Kaiming keeps the variance of activations roughly constant across layers: within a factor of 1.5",
        kind: ClaimKind::Always,
        measure: |e| {
            let factor = spread(e.kaiming.layers.iter().map(|layer| layer.post.variance()));
            finding(factor < 1.5, move || {
                let variances = each(&e.kaiming, |layer| layer.post.variance(), 3);
                format!("{variances}: a factor of {}", fixed(factor, 2))
            })
        },
        why: "The variance starts too low, because C was scaled down, and grows in every layer towards the fixed point of gain √2, a std of 0.556.",
    },
    Claim {
        id: "std-0.6-0.7",
        section: "5, 7",
        says: "With Kaiming, the std of activations is 0.6 to 0.7 in every layer",
        kind: ClaimKind::Always,
        measure: |e| {
            let inside = e.kaiming.layers.iter().all(|layer| (0.6..=0.7).contains(&layer.post.std()));
            finding(inside, move || each(&e.kaiming, |layer| layer.post.std(), 3))
        },
        why: "0.651 is the fixed point of gain 5/3. With √2 it is 0.556, and these three layers start below it and do not reach it.",
    },
    Claim {
        id: "kaiming-flows",
        section: "5, 6",
        says: "With Kaiming, gradients flow: no weight's mean |gradient| is ten times another's",
        kind: ClaimKind::Always,
        measure: |e| {
            finding(gradients_flow(&e.kaiming), move || format!("W1 to W4: {}", each_grad(&e.kaiming)))
        },
        why: "Each layer multiplies the gradient by about √2 times the root mean square of tanh's slope: 1.26, 1.20 and 1.16.",
    },
    Claim {
        id: "bad-init-vanishes",
        section: "6",
        says: "With the bad init, gradients vanish towards the input",
        kind: ClaimKind::Always,
        measure: |e| {
            let ratio = first_over_last(&e.random);
            finding(ratio < 1.0, move || format!("W1's mean |gradient| is {} W4's", times(ratio)))
        },
        why: "They explode towards the input: 88% of the mean squared slope comes from the 8% to 22% of activations whose slope is above ½, and in the second and third layer a hundred weights of variance 1 multiply it to 6.9 and 5.7.",
    },
    Claim {
        id: "bad-init-smaller",
        section: "6",
        says: "With the bad init, gradients are smaller than with Kaiming",
        kind: ClaimKind::Always,
        measure: |e| {
            let pairs = e.random.grads.iter().zip(&e.kaiming.grads);
            finding(pairs.clone().all(|(bad, good)| bad < good), move || {
                let ratios: Vec<String> =
                    pairs.clone().map(|(bad, good)| significant(bad / good, 3)).collect();
                format!("W1 to W4: {} times Kaiming's", ratios.join(", "))
            })
        },
        why: "They are larger at every weight, though the gradient at the logits is bounded and only 1.35 times Kaiming's: W4 hands it on with weights seven times as large, and each hidden layer multiplies it by 2.6 or more, Kaiming's by 1.2 or less.",
    },
    Claim {
        id: "xavier-formula",
        section: "7",
        says: "Xavier's std is 1/√fan_in",
        kind: ClaimKind::ByDefinition,
        measure: |_| {
            let (lesson, glorot) = ((1.0 / 10f64).sqrt(), (2.0 / 110f64).sqrt());
            let text = move || {
                format!("W1: {} in the lesson, {} by Glorot's formula", fixed(lesson, 3), fixed(glorot, 3))
            };
            finding((lesson / glorot - 1.0).abs() < 0.01, text)
        },
        why: "1/√fan_in is LeCun's scale. Glorot's is √(2/(fan_in + fan_out)) (Glorot & Bengio 2010, eq. 12), which is the same only for square layers.",
    },
    Claim {
        id: "xavier-for-tanh",
        section: "7",
        says: "Xavier is good for tanh at this depth: at most 5% saturated, std at least 0.1, gradients within a factor of ten",
        kind: ClaimKind::Always,
        measure: |e| {
            finding(in_range(&e.xavier) && gradients_flow(&e.xavier), move || {
                let std = each(&e.xavier, |layer| layer.post.std(), 3);
                format!("std {std}; gradients {}", each_grad(&e.xavier))
            })
        },
        why: "Gain 1 is tanh's critical gain: variance and gradients drift only slowly.",
    },
    Claim {
        id: "xavier-for-sigmoid",
        section: "7",
        says: "Xavier is good for sigmoid at this depth: gradients within a factor of ten",
        kind: ClaimKind::Always,
        measure: |e| {
            finding(gradients_flow(&e.sigmoid), move || format!("W1 to W4: {}", each_grad(&e.sigmoid)))
        },
        why: "Sigmoid's slope is at most 1/4, so with gain 1 every layer removes at least three quarters of the gradient: here gradients do vanish.",
    },
    Claim {
        id: "sigmoid-zero-centred",
        section: "7",
        says: "Sigmoid's activations are symmetric about 0: mean within a tenth of their std",
        kind: ClaimKind::Always,
        measure: |e| {
            let centred =
                e.sigmoid.layers.iter().all(|layer| layer.post.mean().abs() < 0.1 * layer.post.std());
            finding(centred, move || format!("mean {}", each(&e.sigmoid, |layer| layer.post.mean(), 3)))
        },
        why: "Sigmoid is symmetric about 1/2.",
    },
    Claim {
        id: "tanh-zero-centred",
        section: "7",
        says: "tanh's activations are zero-centred: mean within a tenth of their std",
        kind: ClaimKind::Always,
        measure: |e| {
            let centred =
                e.kaiming.layers.iter().all(|layer| layer.post.mean().abs() < 0.1 * layer.post.std());
            finding(centred, move || {
                let std = each(&e.kaiming, |layer| layer.post.std(), 3);
                format!("mean {}; std {std}", each(&e.kaiming, |layer| layer.post.mean(), 3))
            })
        },
        why: "tanh is odd, so the mean over all networks is 0. In a single network, with 100 units and 21 inputs, it deviates by a few hundredths.",
    },
    Claim {
        id: "sqrt2-preserves-variance",
        section: "7",
        says: "With √2, tanh preserves the variance: each layer's is within a tenth of the previous layer's",
        kind: ClaimKind::Always,
        measure: |e| {
            let variances: Vec<f64> = e.kaiming.layers.iter().map(|layer| layer.post.variance()).collect();
            let ratios: Vec<f64> = variances.windows(2).map(|pair| pair[1] / pair[0]).collect();
            finding(ratios.iter().all(|ratio| (ratio - 1.0).abs() < 0.1), move || {
                let text = [ratios[0], ratios[1]].map(|ratio| fixed(ratio, 2));
                format!(
                    "layer 2 has {} times the variance of layer 1, layer 3 {} times that of layer 2",
                    text[0], text[1]
                )
            })
        },
        why: "tanh removes more of a larger variance, so each gain preserves only one: √2 preserves a std of 0.556, and below that the variance grows.",
    },
    Claim {
        id: "relu-zero-centred",
        section: "7",
        says: "ReLU, for which the formula was made, is zero-centred: mean within a tenth of the std",
        kind: ClaimKind::Always,
        measure: |e| {
            let centred = e.relu.layers.iter().all(|layer| layer.post.mean().abs() < 0.1 * layer.post.std());
            finding(centred, move || {
                let std = each(&e.relu, |layer| layer.post.std(), 3);
                format!("mean {}; std {std}", each(&e.relu, |layer| layer.post.mean(), 3))
            })
        },
        why: "ReLU is never negative. Kaiming's √2 makes up for the half that ReLU zeroes, and tanh zeroes nothing.",
    },
    Claim {
        id: "relu-half-zero",
        section: "7",
        says: "ReLU zeroes half of its activations: 45% to 55% over all layers",
        kind: ClaimKind::Always,
        measure: |e| {
            let share =
                e.relu.layers.iter().map(|l| l.post.zero_share()).sum::<f64>() / e.relu.layers.len() as f64;
            finding((0.45..=0.55).contains(&share), move || {
                each_percent(&e.relu, |layer| layer.post.zero_share())
            })
        },
        why: "Over many networks pre-activations are symmetric about 0; the 300 units of one network deviate by a few percent.",
    },
    Claim {
        id: "leaky-half-zero",
        section: "7",
        says: "LeakyReLU zeroes half of its activations or more",
        kind: ClaimKind::ByDefinition,
        measure: |_| {
            let below = Activation::LeakyRelu(0.01).eval(-1.0_f64).0;
            finding(below == 0.0, move || format!("its value at −1 is {}", fixed(below, 2)))
        },
        why: "It zeroes none: below 0 its slope is 0.01 instead of 0, which is its purpose.",
    },
    Claim {
        id: "both-work",
        section: "7",
        says: "Both work for this tanh network: at most 5% saturated, std at least 0.1, gradients within a factor of ten",
        kind: ClaimKind::Always,
        measure: |e| {
            let works = [&e.kaiming, &e.xavier].iter().all(|net| in_range(net) && gradients_flow(net));
            finding(works, move || {
                let spreads = [&e.kaiming, &e.xavier].map(|net| fixed(spread(net.grads.iter().copied()), 2));
                format!("gradients within a factor of {} (Kaiming) and {} (Xavier)", spreads[0], spreads[1])
            })
        },
        why: "Three layers are too few for the drift of either to matter.",
    },
    Claim {
        id: "kaiming-better-deep",
        section: "7",
        says: "In deeper nets Kaiming often gives better gradient flow: with six hidden layers, W1's gradient is closer to W6's",
        kind: ClaimKind::Often,
        measure: |e| {
            let (kaiming, xavier) = (e.deep_kaiming, e.deep_xavier);
            let text = move || format!("W1/W6: Kaiming {}, Xavier {}", fixed(kaiming, 2), fixed(xavier, 2));
            finding(kaiming.ln().abs() < xavier.ln().abs(), text)
        },
        why: "Gain √2 is in tanh's chaotic phase, where gradients grow with depth. Gain 1 is critical, and gradients shrink only slowly.",
    },
    Claim {
        id: "slightly-larger",
        section: "7",
        says: "Kaiming's std tends to be slightly larger than Xavier's: by less than a quarter",
        kind: ClaimKind::Often,
        measure: |e| {
            let pairs = e.kaiming.layers.iter().zip(&e.xavier.layers);
            let ratios: Vec<f64> =
                pairs.map(|(kaiming, xavier)| kaiming.post.std() / xavier.post.std()).collect();
            finding(ratios.iter().all(|ratio| (1.0..1.25).contains(ratio)), move || {
                let text: Vec<String> = ratios.iter().map(|&ratio| fixed(ratio, 2)).collect();
                format!("{} times Xavier's", text.join(", "))
            })
        },
        why: "It is about twice as large, and the ratio grows with each layer: the factor √2 enters at C and again at every weight.",
    },
    Claim {
        id: "reasonable-range",
        section: "7",
        says: "Both keep activations in a reasonable range: at most 5% saturated, std at least 0.1",
        kind: ClaimKind::Always,
        measure: |e| {
            finding(in_range(&e.kaiming) && in_range(&e.xavier), move || {
                let std = [&e.kaiming, &e.xavier].map(|net| each(net, |layer| layer.post.std(), 3));
                format!("std {} and {}", std[0], std[1])
            })
        },
        why: "Neither saturates nor vanishes within three layers.",
    },
];
