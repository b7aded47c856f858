//! Every statistic of the lesson's network against real PyTorch: `reference/lesson.json`, made by
//! `reference/make_lesson.py`.

use diagnostics::{Settings, Summary};
use serde::Deserialize;
use specimen::{Init, Network, Observation, Parameters, Role, lesson};
use tensor::Activation;
use torch_rng::Generator;

/// PyTorch's value of one run; only what is compared.
#[derive(Deserialize)]
struct Run {
    seed: u64,
    scheme: String,
    width: usize,
    hidden: usize,
    act: String,
    embedding: usize,
    loss: Value,
    params: std::collections::BTreeMap<String, Param>,
    layers: Vec<Layer>,
}

#[derive(Deserialize)]
struct Param {
    mean: Value,
    std: Value,
    grad_abs_mean: Value,
    grad_std: Value,
}

#[derive(Deserialize)]
struct Layer {
    mean: Value,
    std: Value,
    sat_099: Value,
    min: Value,
    max: Value,
    hist50: Option<Vec<u64>>,
    pre_mean: Value,
    pre_std: Value,
    grad_std: Value,
    grad_abs_mean: Value,
    dead_units: usize,
    zero_frac: Value,
}

/// A number, or `"nan"`, `"inf"`, `"-inf"`, which JSON has no numbers for.
#[derive(Deserialize)]
#[serde(untagged)]
enum Value {
    Number(f64),
    Text(String),
}

impl Value {
    fn get(&self) -> f64 {
        match self {
            Self::Number(x) => *x,
            Self::Text(text) => text.parse().unwrap(),
        }
    }
}

#[derive(Deserialize)]
struct Reference {
    runs: Vec<Run>,
    printed: std::collections::BTreeMap<String, Vec<String>>,
}

fn reference() -> Reference {
    serde_json::from_str(include_str!("reference/lesson.json")).unwrap()
}

/// The lines that the lesson's own cells print in PyTorch at a seed.
pub(crate) fn printed(seed: u64) -> Vec<String> {
    reference().printed.remove(&seed.to_string()).unwrap()
}

impl Run {
    fn name(&self) -> String {
        let Self { seed, scheme, width, hidden, act, embedding, .. } = self;
        format!("{scheme} {act}, {embedding} → {hidden} × {width}, seed {seed}")
    }

    fn network(&self) -> Network {
        let (hidden, embedding) = (vec![self.width; self.hidden], self.embedding);
        Network { hidden, embedding, activation: self.act.parse().unwrap(), ..Network::lesson() }
    }

    fn init(&self) -> Init {
        let activation: Activation = self.act.parse().unwrap();
        match self.scheme.as_str() {
            "random" => Init::LESSON_RANDOM,
            "kaiming" => Init::LESSON_KAIMING,
            "xavier" => Init::LESSON_XAVIER,
            "kaiming_textbook" => Init::textbook_kaiming(activation).unwrap(),
            "xavier_textbook" => Init::textbook_xavier(activation).unwrap(),
            other => panic!("no scheme {other}"),
        }
    }

    fn parameters(&self, seed: u64) -> Parameters {
        self.init().draw(&self.network(), &mut Generator::manual_seed(seed))
    }

    fn observe(&self, parameters: &Parameters) -> Observation {
        self.network().observe(parameters, &lesson::bigrams().batch, Settings::default())
    }
}

/// One number of a run: its name, ours, PyTorch's, and the size of the terms that it was summed from.
struct Pair {
    name: String,
    ours: f64,
    torchs: f64,
    scale: f64,
}

/// Every number of a run beside PyTorch's, in a fixed order.
fn pairs(run: &Run, seen: &Observation) -> Vec<Pair> {
    let mut pairs = Vec::new();
    let mut add = |name: String, ours: f64, torchs: &Value, scale: f64| {
        pairs.push(Pair { name, ours, torchs: torchs.get(), scale });
    };
    add("loss".into(), seen.loss, &run.loss, 0.0);
    for weight in &seen.report.weights {
        let (name, want, grad) =
            (&weight.name, &run.params[&weight.name], &weight.gradient.as_ref().unwrap().summary);
        add(format!("{name} mean"), weight.weight.summary.mean(), &want.mean, spread(&weight.weight.summary));
        add(format!("{name} std"), weight.weight.summary.std(), &want.std, 0.0);
        add(format!("{name} |grad|"), grad.mean_abs(), &want.grad_abs_mean, 0.0);
        add(format!("{name} grad std"), grad.std(), &want.grad_std, 0.0);
    }
    for (layer, want) in seen.report.layers.iter().zip(&run.layers) {
        let pre = &layer.pre.as_ref().unwrap().summary;
        let (name, grad) = (&layer.name, &layer.gradient.as_ref().unwrap().summary);
        add(format!("{name} mean"), layer.post.summary.mean(), &want.mean, spread(&layer.post.summary));
        add(format!("{name} std"), layer.post.summary.std(), &want.std, 0.0);
        add(format!("{name} saturated"), layer.above_threshold(), &want.sat_099, 0.0);
        // On the scale of the largest: the smallest of a softplus is e^−90, where PyTorch's own vector and
        // scalar code differ.
        add(format!("{name} min"), layer.post.summary.min, &want.min, layer.post.summary.max);
        add(format!("{name} max"), layer.post.summary.max, &want.max, 0.0);
        add(format!("{name} pre mean"), pre.mean(), &want.pre_mean, spread(pre));
        add(format!("{name} pre std"), pre.std(), &want.pre_std, 0.0);
        add(format!("{name} grad std"), grad.std(), &want.grad_std, 0.0);
        add(format!("{name} |grad|"), grad.mean_abs(), &want.grad_abs_mean, 0.0);
        let everywhere =
            layer.units.above_threshold.iter().filter(|&&count| count == layer.units.entries).count();
        add(format!("{name} stuck"), everywhere as f64, &Value::Number(want.dead_units as f64), 0.0);
        // The zeros of these are underflow, which comes a few units earlier or later in PyTorch's vector code.
        if !["softplus", "gelu", "silu"].contains(&run.act.as_str()) {
            add(format!("{name} zeros"), layer.post.summary.zero_share(), &want.zero_frac, 0.0);
        }
        for (bin, &count) in want.hist50.iter().flatten().enumerate() {
            let ours = layer.post.histogram.counts[bin] as f64;
            add(format!("{name} bin {bin}"), ours, &Value::Number(count as f64), 0.0);
        }
    }
    pairs
}

fn spread(summary: &Summary) -> f64 {
    if summary.std().is_nan() { 0.0 } else { summary.std() }
}

/// PyTorch's own sums run in another order on AVX-512 than on AVX2, which moves these numbers by up to 1e-6.
const ROUNDING: f64 = 1e-5;

/// How far each number of a run moves when every value of one weight moves to one of its neighbouring floats:
/// what another order of summation may do to it, and all of it for a chaotic network of fifty layers.
fn sensitivity(run: &Run, parameters: &Parameters) -> Vec<f64> {
    let base = pairs(run, &run.observe(parameters));
    let mut moved = vec![0.0_f64; base.len()];
    for at in (0..parameters.0.len()).filter(|&at| parameters.0[at].role != Role::Bias) {
        let mut nudged = parameters.clone();
        for (i, x) in nudged.0[at].value.data_mut().iter_mut().enumerate() {
            *x = if (i + i / 3) % 2 == 0 { x.next_up() } else { x.next_down() };
        }
        for ((most, nudged), base) in moved.iter_mut().zip(pairs(run, &run.observe(&nudged))).zip(&base) {
            *most = most.max((nudged.ours - base.ours).abs());
        }
    }
    // A unit is stuck or not by one value at the threshold: where single values cross it, so may one unit.
    let crossing = |name: &str| {
        let share = name.replace(" stuck", " saturated");
        base.iter().zip(&moved).any(|(pair, &moved)| pair.name == share && moved > 0.0)
    };
    let stuck: Vec<bool> =
        base.iter().map(|pair| pair.name.ends_with(" stuck") && crossing(&pair.name)).collect();
    moved.iter().zip(stuck).map(|(&moved, stuck)| if stuck { moved.max(0.2) } else { moved }).collect()
}

/// The numbers that differ from PyTorch's by more than rounding and five times the sensitivity explain, and
/// the count of those that were held to rounding alone.
fn differences(run: &Run, parameters: &Parameters, seen: &Observation) -> (Vec<String>, usize) {
    let pairs = pairs(run, seen);
    let sensitivity = sensitivity(run, parameters);
    let (mut wrong, mut tight) = (Vec::new(), 0);
    for (Pair { name, ours, torchs, scale }, moved) in pairs.iter().zip(sensitivity) {
        let rounding = ROUNDING * torchs.abs().max(*scale);
        tight += usize::from(5.0 * moved <= rounding);
        let same = (ours.is_nan() && torchs.is_nan()) || (ours - torchs).abs() <= rounding + 5.0 * moved;
        if !same {
            wrong.push(format!("{name}: {ours} for {torchs}, moves by {moved:e}"));
        }
    }
    (wrong, tight)
}

#[test]
fn every_statistic_of_every_run_is_pytorchs() {
    let runs = reference().runs;
    assert!(runs.len() >= 90, "{} runs", runs.len());
    let (mut wrong, mut tight, mut all) = (Vec::new(), 0, 0);
    for run in &runs {
        let parameters = run.parameters(run.seed);
        let seen = run.observe(&parameters);
        let (differing, held) = differences(run, &parameters, &seen);
        wrong.extend(differing.iter().map(|text| format!("{}: {text}", run.name())));
        tight += held;
        all += pairs(run, &seen).len();
    }
    assert!(wrong.is_empty(), "{} of {all} numbers differ:\n{}", wrong.len(), wrong.join("\n"));
    // The rest are the gradients and deep layers of random init, which amplifies the last bit.
    assert!(tight * 10 > all * 8, "only {tight} of {all} numbers were held to rounding");
}

#[test]
fn the_comparison_rejects_another_seed_and_a_hundredth_of_a_percent() {
    let run = &reference().runs[0];
    let parameters = run.parameters(run.seed);
    let mut seen = run.observe(&parameters);
    seen.loss *= 1.0001;
    assert_eq!(differences(run, &parameters, &seen).0.len(), 1);
    let parameters = run.parameters(run.seed + 1);
    assert!(differences(run, &parameters, &run.observe(&parameters)).0.len() > 100);
}
