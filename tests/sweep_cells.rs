//! Measures of a sweep's cells, beside the same network built by hand.

use diagnostics::Settings;
use nn_init::{Generator, Scheme};
use specimen::{Adam, Batch, Curvature, Init, Model, Network, Parameters, Tape, lesson};
use sweep::{CellRunner, SweepPlan};

/// The values of the first cell of a plan.
fn values(text: &str) -> Vec<f64> {
    let plan = SweepPlan::parse(text).unwrap();
    CellRunner::new(&plan).run(0).unwrap()
}

const HEAD: &str = "version = 1\nseeds = 'shared'\n";
const BODY: &str = "[axes]\ngain = [1.5]\n[fixed]\nwidth = 12\ndepth = 2\nbias = 0.25\nseed = 5\n";

/// The network of [`BODY`], and the generator after it.
fn network() -> (Model, Batch, Generator) {
    let network = Network { hidden: vec![12; 2], ..Network::lesson() };
    let bias = Scheme::Normal { mean: 0.0, std: 0.25 };
    let init = Init::direct(Scheme::kaiming_normal(1.5), bias);
    let mut source = Generator::manual_seed(5);
    let parameters: Parameters = init.draw(&network, &mut source);
    (Model::new(network, parameters), lesson::bigrams().batch, source)
}

#[test]
fn measures_at_init_are_those_of_the_network() {
    let measured = values(&format!(
        "{HEAD}measure = ['loss', 'gradient_growth', 'activation_growth', 'hessian_max', 'hessian_min', \
         'gauss_newton_max', 'first: post std', 'last: effective rank', 'W2: value std', 'gradient rate', 'Layer 3: post std', \
         'Jacobian largest', 'predicted gradient rate', 'Layer 2: predicted post std', 'b1: expected std']\n{}",
        // Layer 3 is there in the second cell only.
        BODY.replace("depth = 2\n", "").replace("gain = [1.5]", "gain = [1.5]\ndepth = [2, 3]")
    ));
    let (model, batch, _) = network();
    let observed = model.network.observe(&model.parameters, &batch, Settings::default());
    let report = observed.report;
    let hessian = model.curvature(Curvature::Hessian, &batch, 1e-3, 200, &mut Generator::manual_seed(0));
    let gauss_newton =
        model.curvature(Curvature::GaussNewton, &batch, 1e-3, 200, &mut Generator::manual_seed(0));
    let statistics = report.all_statistics();
    let statistic = |location: &str, name: &str| {
        statistics.iter().find(|s| s.location == location && s.name == name).unwrap().value
    };
    let expected = [
        observed.loss,
        (-report.gradient_flow().rate()).exp(),
        report.activation_flow().rate().exp(),
        hessian.largest.value,
        hessian.smallest.value,
        gauss_newton.largest.value,
        statistic("Layer 1", "post std"),
        statistic("Layer 2", "effective rank"),
        statistic("W2", "value std"),
        statistic("network", "gradient rate"),
        f64::NAN,
    ];
    for (at, (x, expected)) in measured.iter().zip(expected).enumerate() {
        // The flows are the same sums in another order.
        let same = (x - expected).abs() <= 1e-12 * expected.abs() || x.is_nan() && expected.is_nan();
        assert!(same, "measure {at}: {x} for {expected}");
    }
    assert_eq!(measured[12], statistic("network", "predicted gradient rate"));
    assert_eq!(measured[13], statistic("Layer 2", "predicted post std"));
    assert!(measured[11] > 0.0 && (measured[14] - 0.25).abs() < 1e-12, "{measured:?}");
}

/// The singular values of a linear network's Jacobian are those of the product of its weights.
#[test]
fn the_jacobian_of_a_linear_network_is_its_product() {
    let body = BODY.replace("bias = 0.25", "activation = 'identity'");
    let measured = values(&format!(
        "{HEAD}measure = ['Jacobian largest', 'Jacobian smallest', 'Jacobian mean square']\n{body}"
    ));
    let network =
        Network { hidden: vec![12; 2], activation: specimen::Activation::Identity, ..Network::lesson() };
    let init = Init::direct(Scheme::kaiming_normal(1.5), Scheme::ZEROS);
    let parameters: Parameters = init.draw(&network, &mut Generator::manual_seed(5));
    let weight = |name: &str| parameters.get(name).unwrap().value.cast::<f64>();
    let singular = weight("W1").matmul(&weight("W2")).matmul(&weight("W3")).singular_values();
    let square = singular.iter().map(|s| s * s).sum::<f64>() / singular.len() as f64;
    for (x, expected) in measured.iter().zip([singular[0], singular[singular.len() - 1], square]) {
        // Single precision, in products of 10 to 27 numbers.
        assert!((x - expected).abs() < 1e-4 * singular[0], "{measured:?} for {singular:?}");
    }
}

#[test]
fn training_is_the_loop_by_hand() {
    for (train, adam, batch_size) in [
        ("sgd = 0.2", false, 0),
        ("adam = 0.01", true, 0),
        ("sgd = 0.2\nbatch = 16", false, 16),
        ("adam = 0.01\nbatch = 16", true, 16),
    ] {
        let measured = values(&format!(
            "{HEAD}measure = ['loss@4', 'loss@9', 'mean_loss@9', 'least_loss@9', 'diverged@9', 'inverse_losses@9', 'gradient_growth@9']\n{BODY}[train]\n{train}\nsteps = 9"
        ));
        let (mut model, all, mut source) = network();
        let (mut tape, mut averages) = (Tape::new(), Adam::default());
        let (mut losses, mut batches) = (vec![], vec![]);
        for _ in 0..9 {
            losses.push(model.pass(&mut tape, &all).loss);
            let mut places = vec![0; batch_size];
            source.randint(0, all.targets.len() as i64, &mut places);
            let places: Vec<usize> = places.into_iter().map(|place| place as usize).collect();
            let batch = if batch_size == 0 { all.clone() } else { all.pick(1, &places) };
            let pass = model.pass(&mut tape, &batch);
            batches.push(pass.loss);
            if adam {
                model.adam_step(&mut averages, &pass, 0.01);
            } else {
                model.sgd_step(&pass, 0.2);
            }
        }
        let pass = model.pass(&mut tape, &all);
        let growth = (-model.report(&pass, Settings::default()).gradient_flow().rate()).exp();
        let mean = batches.iter().sum::<f64>() / 9.0;
        let least = batches.iter().copied().fold(f64::INFINITY, f64::min);
        let inverse = batches.iter().map(|loss| 1.0 / loss).sum();
        assert_eq!(measured[..6], [losses[4], pass.loss, mean, least, 0.0, inverse], "{train}");
        assert!((measured[6] - growth).abs() < 1e-12 * growth, "{train}");
        assert!(pass.loss < losses[0], "{train}: it learns");
    }
}

/// μP at half the base's width: the last weight, and every rate, beside the same network by hand.
#[test]
fn mup_scales_the_last_weight_and_each_rate() {
    for (train, adam) in [("sgd = 0.2", false), ("adam = 0.01", true)] {
        let measured = values(&format!(
            "{HEAD}measure = ['loss@3', 'W3: value std', 'logits_rms', 'last_change@3', 'first_change@3', 'logits_change@3']\n\
             {BODY}parametrization = 'mup'\nbase_width = 24\n[train]\n{train}\nsteps = 3"
        ));
        let (mut model, all, _) = network();
        let last = model.parameters.0.iter_mut().find(|parameter| parameter.name == "W3").unwrap();
        last.value = last.value.scale(2_f32.sqrt());
        // C, W1, b1, W2, b2, W3, b3.
        let factors =
            if adam { [1.0, 1.0, 1.0, 2.0, 1.0, 2.0, 1.0] } else { [1.0, 0.5, 0.5, 1.0, 0.5, 2.0, 1.0] };
        let (mut tape, mut averages) = (Tape::new(), Adam::default());
        let first = model.pass(&mut tape, &all);
        let std = model.report(&first, Settings::default()).statistics().into_iter();
        let std =
            std.filter(|s| s.location == "W3" && s.name == "value std").map(|s| s.value).next().unwrap();
        for _ in 0..3 {
            let pass = model.pass(&mut tape, &all);
            let rate = |place: usize| factors[place] * if adam { 0.01 } else { 0.2 };
            if adam {
                model.adam_step_each(&mut averages, &pass, rate);
            } else {
                model.sgd_step_each(&pass, rate);
            }
        }
        let pass = model.pass(&mut tape, &all);
        let rms = |values: &mut dyn Iterator<Item = f64>| {
            let values: Vec<f64> = values.collect();
            (values.iter().map(|x| x * x).sum::<f64>() / values.len() as f64).sqrt()
        };
        let change = |first: &specimen::Tensor, now: &specimen::Tensor| {
            rms(&mut first.data().iter().zip(now.data()).map(|(&a, &b)| f64::from(b) - f64::from(a)))
        };
        let expected = [
            pass.loss,
            std,
            rms(&mut first.logits.data().iter().map(|&x| f64::from(x))),
            change(&first.layers[1].post, &pass.layers[1].post),
            change(&first.layers[0].post, &pass.layers[0].post),
            change(&first.logits, &pass.logits),
        ];
        assert_eq!(measured, expected, "{train}");
    }
}

/// The mean square, correlation and gradients of pre-activations beside the pass, and theory where it is exact.
#[test]
fn pre_activations_are_those_of_the_pass() {
    let measured = values(&format!(
        "{HEAD}measure = ['last_q', 'last_c', 'gradient_ratio', 'first_rms', 'last_rms']\n{BODY}"
    ));
    let (model, batch, _) = network();
    let pass = model.pass(&mut Tape::new(), &batch);
    let square = |x: &specimen::Tensor| {
        x.data().iter().map(|&x| f64::from(x).powi(2)).sum::<f64>() / x.data().len() as f64
    };
    let gradient = |at: usize| square(pass.layers[at].gradient.as_ref().unwrap());
    let ratio = gradient(0) / gradient(1);
    assert!((measured[2] - ratio).abs() < 1e-14 * ratio, "{measured:?}");
    for (found, square) in [
        (measured[0].sqrt(), square(&pass.layers[1].pre)),
        (measured[3], square(&pass.layers[0].post)),
        (measured[4], square(&pass.layers[1].post)),
    ] {
        assert!((found - square.sqrt()).abs() < 1e-15 * found, "{found} {square}");
    }
    // The first 16 of the lesson's inputs, by a slower way.
    let pre = pass.layers[1].pre.cast::<f64>();
    let row = |at: usize| &pre.data()[12 * at..][..12];
    let dot = |a: usize, b: usize| row(a).iter().zip(row(b)).map(|(x, y)| x * y).sum::<f64>();
    let pairs = (0..16).flat_map(|a| (0..16).map(move |b| (a, b)));
    let pairs: Vec<_> = pairs.filter(|&(a, b)| batch.inputs[a] != batch.inputs[b]).collect();
    let sum: f64 = pairs.iter().map(|&(a, b)| dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()).sum();
    // Sums of 12 products and of 240 correlations, in another order.
    assert!((measured[1] - sum / pairs.len() as f64).abs() < 1e-13, "{measured:?}");
}

/// Orthogonal rows of C are inputs of exactly the second moment and correlation that theory assumes, and a network of
/// 2,000 units is near the limit: within 5 standard deviations of a mean of squares, 5·√(2/2000)·√2 layers.
#[test]
fn wide_networks_have_what_is_expected() {
    let measured = values(
        "version = 1\nmeasure = ['last_q', 'expected_q', 'last_c', 'expected_c', 'gradient_ratio', 'expected_gradient_ratio']\n\
         [axes]\nseed = [1]\n[fixed]\nwidth = 2000\ndepth = 3\ngain = 1.5\nbias = 0.3\nclasses = 4\nembedding = 4\n\
         embedding_scheme = 'orthogonal(2)'\ndata = 'random'\nexamples = 8",
    );
    let tolerance = 5.0 * (2.0_f64 / 2000.0).sqrt() * 2_f64.sqrt();
    for pair in measured.chunks(2) {
        assert!((pair[0] / pair[1] - 1.0).abs() < tolerance, "{measured:?}");
    }
    // No prediction is what the inputs have: a variance of 1, no correlation, gradients as they were.
    let trivial = [1.0, 0.0, 1.0];
    for (pair, trivial) in measured.chunks(2).zip(trivial) {
        assert!((pair[1] - trivial).abs() > 0.03, "{measured:?}");
    }
}

#[test]
fn a_loss_that_is_nan_ends_the_training() {
    let measured = values(
        "version = 1\nmeasure = ['loss', 'loss@40', 'first: post std@40', 'diverged@1', 'diverged@40', 'chi_1', 'inverse_losses@40']\n\
         [axes]\ngain = [1]\n[fixed]\nactivation = 'relu_squared'\nwidth = 10\n[train]\nsgd = 1e6\nsteps = 40",
    );
    assert!(measured[0].is_finite() && measured[5].is_finite(), "{measured:?}");
    assert!(measured[1].is_nan() && measured[2].is_nan(), "{measured:?}");
    assert_eq!(measured[3..5], [1.0, 1.0], "it diverges at once, and stays so");
    assert!((measured[6] * measured[0] - 1.0).abs() < 0.1, "the first loss alone counts: {measured:?}");
}

#[test]
fn a_moved_weight_stays_near_and_grows() {
    let growth = |rate: &str| {
        values(&format!(
            "{HEAD}measure = ['perturbation_growth', 'perturbation_growth@200']\n{BODY}[train]\nsgd = {rate}\nsteps = 200"
        ))
    };
    // Without steps nothing changes; with a rate beyond stability roundings grow.
    assert_eq!(growth("0.0"), [1.0, 1.0]);
    let [small, large] = ["0.05", "6.0"].map(|rate| growth(rate)[1]);
    assert!(small < 100.0 && large > 100.0 * small, "{small} {large}");
}

#[test]
fn what_came_before_does_not_matter() {
    let plan = SweepPlan::parse(
        "version = 1\nmeasure = ['loss@6', 'gradient_growth', 'chi_1']\n[axes]\ngain = [0.5, 1.5, 4]\nactivation = ['tanh', 'relu']\nseed = { count = 2 }\n\
         [fixed]\nwidth = 6\ndepth = 3\n[train]\nsgd = 0.1\nsteps = 6",
    )
    .unwrap();
    let mut runner = CellRunner::new(&plan);
    let alone: Vec<_> = (0..plan.cells()).map(|cell| CellRunner::new(&plan).run(cell).unwrap()).collect();
    for cell in (0..plan.cells()).rev().chain(0..plan.cells()) {
        let values = runner.run(cell).unwrap();
        assert!(values.iter().zip(&alone[cell as usize]).all(|(a, b)| a.to_bits() == b.to_bits()), "{cell}");
    }
}

#[test]
fn other_data_and_norms_are_trained_too() {
    let losses = |fixed: &str| {
        values(&format!(
            "version = 1\nmeasure = ['loss', 'loss@60']\n[axes]\ngain = [1]\n[fixed]\nwidth = 24\ncontext = 2\n{fixed}\n[train]\nadam = 0.01\nsteps = 60"
        ))
    };
    for fixed in [
        "data = 'random'\nexamples = 40",
        "data = 'teacher'\nclasses = 12",
        "norm = 'hidden'",
        "norm = 'all'",
        "scheme = 'orthogonal'",
    ] {
        let [first, last] = losses(fixed)[..] else { panic!() };
        assert!(last < first - 0.2, "{fixed}: {first} to {last}");
    }
}

#[test]
fn a_scheme_that_does_not_fit_is_refused_when_the_plan_is_read() {
    let text = "version = 1\nmeasure = ['loss']\n[axes]\nwidth = [10, 4]\n[fixed]\nscheme = 'dirac'";
    let error = SweepPlan::parse(text).unwrap_err().to_string();
    assert!(error.starts_with("1:1: `scheme`: "), "{error}");
}
