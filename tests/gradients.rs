//! Whole networks: the gradient of every parameter against differences of the loss, and a pass over distinct
//! inputs against the pass over the whole batch.

use autograd::Tape;
use proptest::prelude::*;
use specimen::{Batch, Distinct, Mlp, Parameters, Start, Trace, lesson};
use tensor::Activation;
use torch_rng::Generator;

/// A network, its values and what it is shown.
#[derive(Clone, Debug)]
struct Case {
    mlp: Mlp,
    parameters: Parameters<f64>,
    batch: Batch,
}

const LESSON_STARTS: [Start; 3] = [Start::LESSON_RANDOM, Start::LESSON_KAIMING, Start::LESSON_XAVIER];

/// The lesson's starts, and the textbook's where PyTorch has a gain.
fn starts(activation: Activation) -> Vec<Start> {
    let textbook = [Start::textbook_kaiming(activation), Start::textbook_xavier(activation)];
    LESSON_STARTS.into_iter().chain(textbook.into_iter().flatten()).collect()
}

impl Case {
    fn new(mlp: Mlp, start: Start, seed: u64, batch: Batch) -> Self {
        let mut parameters: Parameters<f64> = start.draw(&mlp, &mut Generator::manual_seed(seed));
        // Biases of zero would hide a network that forgets them.
        for bias in parameters.0.iter_mut().filter(|p| p.name.starts_with('b')) {
            bias.value.data_mut().iter_mut().enumerate().for_each(|(i, x)| *x += 0.1 * (i as f64).sin());
        }
        Self { mlp, parameters, batch }
    }

    /// The gradient of the loss, parameter by parameter.
    fn gradients(&self) -> Vec<Vec<f64>> {
        let tape = Tape::new();
        gradients(&self.mlp.forward(&tape, &self.parameters, &self.batch))
    }

    /// The case with one value moved.
    fn moved(&self, parameter: usize, entry: usize, by: f64) -> Self {
        let mut case = self.clone();
        case.parameters.0[parameter].value.data_mut()[entry] += by;
        case
    }

    /// The loss, the largest value behind it, and on which side of its kink each activation is.
    fn loss(&self) -> (f64, f64, Vec<bool>) {
        let tape = Tape::new();
        let trace = self.mlp.forward(&tape, &self.parameters, &self.batch);
        let hidden = trace.layers.iter().flat_map(|layer| [layer.pre, layer.post]);
        let vars = trace.parameters.iter().copied().chain(hidden).chain([trace.logits, trace.loss]);
        let largest =
            vars.flat_map(|var| var.value().data().to_vec()).fold(0.0_f64, |largest, x| largest.max(x.abs()));
        let pre = trace.layers.iter().flat_map(|layer| layer.pre.value().data().to_vec());
        let kinks = self.mlp.activation.kinks();
        let sides = pre.flat_map(|x| kinks.iter().map(move |kink| x > *kink));
        (trace.loss.value().item(), largest, sides.collect())
    }

    /// The slope of the loss along one value and its tolerance; `None` where a kink lies within the stencil.
    ///
    /// The differences and the tolerance of `autograd::check::gradcheck`: five points at two step sizes, whose
    /// disagreement bounds the truncation, and twenty roundings of the largest value.
    fn slope(&self, parameter: usize, entry: usize) -> Option<(f64, f64)> {
        let x = self.parameters.0[parameter].value.data()[entry];
        let h = 1e-3 * x.abs().max(1.0);
        let (_, mut size, sides) = self.loss();
        let mut smooth = true;
        let mut at = |steps: f64| {
            let (loss, largest, there) = self.moved(parameter, entry, steps * h).loss();
            size = size.max(largest);
            // All points on one side of every kink are points of one smooth function.
            smooth &= there == sides;
            loss
        };
        let mut stencil = |wide: f64| {
            let (near, far) = (at(wide) - at(-wide), at(2.0 * wide) - at(-2.0 * wide));
            (8.0 * near - far) / (12.0 * wide * h)
        };
        let (numeric, wide) = (stencil(1.0), stencil(2.0));
        let tolerance = (numeric - wide).abs() + 30.0 * f64::EPSILON * size / h;
        smooth.then_some((numeric, tolerance))
    }

    /// Compares the largest entry of each parameter's gradient and some others with differences.
    fn check(&self, gradients: &[Vec<f64>]) -> Checked {
        let mut checked = Checked::default();
        for (parameter, gradient) in gradients.iter().enumerate() {
            let others = (0..gradient.len()).step_by(gradient.len().div_ceil(6));
            for entry in others.chain([largest(gradient)]) {
                let Some((numeric, tolerance)) = self.slope(parameter, entry) else {
                    checked.skipped += 1;
                    continue;
                };
                checked.judged += 1;
                checked.loosest = checked.loosest.max(tolerance / numeric.abs().max(1e-2));
                let analytic = gradient[entry];
                let same = (analytic - numeric).abs() <= tolerance;
                if !same {
                    let name = &self.parameters.0[parameter].name;
                    let text = format!("{name}[{entry}]: {analytic:e} for {numeric:e} ± {tolerance:.1e}");
                    checked.wrong.push(text);
                }
            }
        }
        checked
    }
}

/// What a comparison came to.
#[derive(Debug, Default)]
struct Checked {
    judged: usize,
    /// Entries with a kink within reach.
    skipped: usize,
    /// The largest tolerance, as a share of the slope or of 0.01, whichever is more.
    loosest: f64,
    wrong: Vec<String>,
}

fn gradients(trace: &Trace<'_, f64>) -> Vec<Vec<f64>> {
    let grads = trace.loss.backward();
    let of = |&var| grads.get(var).expect("the loss depends on every parameter").data().to_vec();
    trace.parameters.iter().map(of).collect()
}

fn largest(values: &[f64]) -> usize {
    (0..values.len()).max_by(|&a, &b| values[a].abs().total_cmp(&values[b].abs())).unwrap_or(0)
}

/// Small networks of every activation with every start; at most `width` units, so that the fifth derivative,
/// which grows with the fifth power of the weights' sums, stays within the stencil's reach.
fn case() -> impl Strategy<Value = Case> {
    let shape = (2..8_usize, 1..6_usize, 1..9_usize, 1..5_usize);
    let batch = prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 1..20);
    let choice = (prop::sample::select(&Activation::ALL[..]), any::<prop::sample::Index>(), any::<u64>());
    (shape, batch, choice).prop_map(|(shape, pairs, (activation, start, seed))| {
        let (classes, embedding, width, hidden) = shape;
        let mlp = Mlp { classes, embedding, width, hidden, activation };
        let (inputs, targets) = pairs.iter().map(|(x, y)| (x.index(classes), y.index(classes))).unzip();
        let starts = starts(activation);
        Case::new(mlp, starts[start.index(starts.len())], seed, Batch { inputs, targets })
    })
}

/// How far `forward_distinct` is from `forward`, in the loss and every gradient, as a share of their scales.
///
/// The scale of a gradient is its largest entry, or that of the gradient of the mean logit: a rounding in each
/// probability reaches a parameter as that does, however close to nothing a certain network's own gradient is.
fn apart(case: &Case, distinct: &Distinct) -> f64 {
    let Case { mlp, parameters, batch } = case;
    let (whole_tape, distinct_tape) = (Tape::new(), Tape::new());
    let whole = mlp.forward(&whole_tape, parameters, batch);
    let distinct = mlp.forward_distinct(&distinct_tape, parameters, distinct);

    let share = |a: &[f64], b: &[f64], scale: f64| {
        let furthest = a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        furthest / a.iter().fold(scale, |scale, x| scale.max(x.abs()))
    };
    let logits = whole.logits.value();
    let size = logits.data()[largest(logits.data())].abs();
    let mut worst = share(whole.loss.value().data(), distinct.loss.value().data(), size);
    let of_mean = whole.logits.mean().backward();
    for ((a, b), &var) in gradients(&whole).iter().zip(gradients(&distinct)).zip(&whole.parameters) {
        let of_mean = of_mean.get(var).expect("logits depend on every parameter").data();
        worst = worst.max(share(a, &b, of_mean[largest(of_mean)].abs()));
    }
    worst
}

/// Sums of up to 130 terms in another order.
const REORDERED: f64 = 1e-12;

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn backward_gives_the_slopes_of_the_loss(case in case()) {
        let checked = case.check(&case.gradients());
        prop_assert!(checked.wrong.is_empty(), "{checked:?}");
        prop_assert!(!case.mlp.activation.kinks().is_empty() || checked.skipped == 0, "{checked:?}");
        // A tolerance that lets anything pass would check nothing.
        prop_assert!(checked.loosest < 1e-2, "{checked:?}");
    }

    #[test]
    fn distinct_inputs_give_the_batchs_loss_and_gradients(case in case()) {
        let apart = apart(&case, &case.batch.distinct());
        prop_assert!(apart <= REORDERED, "{apart:e}");
    }
}

/// The lesson's network, narrow enough to be differentiated numerically.
fn lesson_case(activation: Activation, start: Start, width: usize) -> Case {
    let mlp = Mlp { activation, width, ..Mlp::LESSON };
    Case::new(mlp, start, 42, lesson::bigrams().batch)
}

#[test]
fn distinct_inputs_give_the_lessons_loss_and_gradients() {
    for start in LESSON_STARTS {
        let case = lesson_case(Activation::Tanh, start, Mlp::LESSON.width);
        let distinct = case.batch.distinct();
        assert!(distinct.inputs.len() == 21 && case.batch.inputs.len() == 130);
        let apart = apart(&case, &distinct);
        assert!(apart <= REORDERED, "{apart:e}");
    }
}

#[test]
fn one_entry_off_by_one_percent_is_rejected() {
    for activation in Activation::ALL {
        let case = lesson_case(activation, Start::LESSON_KAIMING, 5);
        let mut gradients = case.gradients();
        let checked = case.check(&gradients);
        assert!(checked.wrong.is_empty() && checked.judged > checked.skipped, "{activation}: {checked:?}");

        let parameter = 3; // W2
        let entry = largest(&gradients[parameter]);
        gradients[parameter][entry] *= 1.01;
        let wrong = case.check(&gradients).wrong;
        assert!(
            wrong.iter().all(|text| text.starts_with(&format!("W2[{entry}]: "))),
            "{activation}: {wrong:?}"
        );
        assert!(!wrong.is_empty(), "{activation}: 1 % off at W2[{entry}] passed");
    }
}

#[test]
fn one_target_swapped_is_rejected() {
    let case = lesson_case(Activation::Tanh, Start::LESSON_KAIMING, 5);
    let mut distinct = case.batch.distinct();
    distinct.targets.swap(0, 1);
    let apart = apart(&case, &distinct);
    assert!(apart > 1e-4, "{apart:e}");
}
