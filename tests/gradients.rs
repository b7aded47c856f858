//! Whole networks: the gradient of every parameter against differences of the loss.

use autograd::Tape;
use proptest::prelude::*;
use specimen::{Batch, Init, Mode, Network, Parameters, Trace, lesson};
use tensor::Activation;
use torch_rng::Generator;

/// A network, its values and what it is shown.
#[derive(Clone, Debug)]
struct Case {
    network: Network,
    parameters: Parameters<f64>,
    batch: Batch,
}

/// The lesson's initialisations, and the textbook's where PyTorch has a gain.
fn inits(activation: Activation) -> Vec<Init> {
    let lesson = [Init::LESSON_RANDOM, Init::LESSON_KAIMING, Init::LESSON_XAVIER];
    let textbook = [Init::textbook_kaiming(activation), Init::textbook_xavier(activation)];
    lesson.into_iter().chain(textbook.into_iter().flatten()).collect()
}

impl Case {
    fn new(network: Network, init: &Init, seed: u64, batch: Batch) -> Self {
        let mut parameters: Parameters<f64> = init.draw(&network, &mut Generator::manual_seed(seed));
        // Biases of zero would hide a network that forgets them.
        for bias in parameters.0.iter_mut().filter(|p| p.name.starts_with('b')) {
            bias.value.data_mut().iter_mut().enumerate().for_each(|(i, x)| *x += 0.1 * (i as f64).sin());
        }
        Self { network, parameters, batch }
    }

    /// The gradient of the loss, parameter by parameter.
    fn gradients(&self) -> Vec<Vec<f64>> {
        let tape = Tape::new();
        gradients(&self.network.forward(&tape, &self.parameters, &self.batch, Mode::Training))
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
        let trace = self.network.forward(&tape, &self.parameters, &self.batch, Mode::Training);
        let hidden = trace.layers.iter().flat_map(|layer| [layer.pre, layer.post]);
        let vars = trace.parameters.iter().copied().chain(hidden).chain([trace.logits, trace.loss]);
        let largest =
            vars.flat_map(|var| var.value().data().to_vec()).fold(0.0_f64, |largest, x| largest.max(x.abs()));
        let pre = trace.layers.iter().flat_map(|layer| layer.pre.value().data().to_vec());
        let kinks = self.network.activation.kinks();
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

/// The result of a comparison.
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

/// Small networks of every activation with every initialisation; at most `width` units, so that the fifth derivative,
/// which grows with the fifth power of the weights' sums, stays within the stencil's reach.
fn case() -> impl Strategy<Value = Case> {
    let shape = (2..8_usize, 1..6_usize, 1..9_usize, 1..5_usize);
    let batch = prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 1..20);
    let choice = (prop::sample::select(&Activation::ALL[..]), any::<prop::sample::Index>(), any::<u64>());
    (shape, batch, choice).prop_map(|(shape, pairs, (activation, init, seed))| {
        let (classes, embedding, width, hidden) = shape;
        // Squared ReLU doubles the degree of the loss in every layer, and the fifth derivative follows.
        let hidden = if activation == Activation::ReluSquared { 1 } else { hidden };
        let network =
            Network { classes, embedding, hidden: vec![width; hidden], activation, ..Network::lesson() };
        let (inputs, targets) = pairs.iter().map(|(x, y)| (x.index(classes), y.index(classes))).unzip();
        let inits = inits(activation);
        Case::new(network, &inits[init.index(inits.len())], seed, Batch { inputs, targets })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn backward_gives_the_slopes_of_the_loss(case in case()) {
        let checked = case.check(&case.gradients());
        prop_assert!(checked.wrong.is_empty(), "{checked:?}");
        prop_assert!(!case.network.activation.kinks().is_empty() || checked.skipped == 0, "{checked:?}");
        // A tolerance that lets anything pass would check nothing.
        prop_assert!(checked.loosest < 1e-2, "{checked:?}");
    }
}

/// The lesson's network, narrow enough to be differentiated numerically.
fn lesson_case(activation: Activation, width: usize) -> Case {
    let network = Network { activation, hidden: vec![width; 3], ..Network::lesson() };
    Case::new(network, &Init::LESSON_KAIMING, 42, lesson::bigrams().batch)
}

#[test]
fn one_entry_off_by_one_percent_is_rejected() {
    for activation in Activation::ALL {
        let case = lesson_case(activation, 5);
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
