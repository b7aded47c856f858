//! Verdicts on networks with one fault, and on healthy ones; `cargo xtask reproduce verdicts` does the same over a
//! thousand seeds.

use diagnostics::{Fix, Limits, Report, Settings, Verdict};
use lessons::studies::faults::{FaultCase, faulty, healthy};
use lessons::studies::names;
use specimen::{Batch, Init, Mode, Network, Parameter, Parameters};

/// Seeds in the default run.
const SEEDS: u64 = 8;

fn batch() -> Batch {
    specimen::lesson::bigrams().batch
}

fn named(name: &str) -> FaultCase {
    faulty()
        .into_iter()
        .find(|case| case.name == name)
        .unwrap_or_else(|| panic!("no network is called {name}"))
}

#[test]
fn every_fault_is_named_first_at_its_place_and_nothing_else_is_blamed() {
    for case in faulty() {
        for seed in 0..SEEDS {
            let verdicts = case.report(seed, &batch()).verdicts();
            let fault = case.fault.expect("a faulty network");
            let first = verdicts.first().is_some_and(|verdict| names(verdict, fault));
            assert!(first, "{} at seed {seed}: {verdicts:#?}", case.name);
            let findings = verdicts.iter().filter(|verdict| verdict.is_finding());
            assert!(findings.clone().all(|verdict| case.excuses(verdict)), "{}: {verdicts:#?}", case.name);
        }
    }
}

/// Every false alarm over a thousand seeds is in docs/out/verdicts.csv, fewer than one in a hundred at worst.
#[test]
fn healthy_networks_have_no_error_and_no_warning() {
    for case in healthy() {
        let alarmed = |&seed: &u64| case.report(seed, &batch()).verdicts().iter().any(Verdict::is_finding);
        let alarms = (0..SEEDS).filter(alarmed);
        assert_eq!(alarms.count(), 0, "{}", case.name);
    }
}

#[test]
fn several_seeds_say_how_sure_a_verdict_is() {
    let case = named("the lesson's random init");
    let seeds: Vec<Report> = (0..SEEDS).map(|seed| case.report(seed, &batch())).collect();
    let verdicts = Limits::default().judge(&seeds);
    let found: Vec<_> = verdicts.iter().map(|verdict| (verdict.rule, verdict.locations.clone())).collect();
    let all = |names: [&str; 3]| names.map(str::to_owned).to_vec();
    let one = |name: &str| vec![name.to_owned()];
    assert_eq!(
        found,
        [
            ("saturated", all(["Layer 3", "Layer 1", "Layer 2"])),
            ("biased", all(["b1", "b2", "b3"])),
            ("overconfident-logits", one("logits")),
            ("exploding-gradients", one("network")),
        ]
    );
    for verdict in &verdicts {
        let errors = verdict.standard_errors().expect("several seeds");
        assert!(errors > 5.0, "{verdict} is {errors} standard errors beyond");
    }
    // One seed knows no error of what it saw.
    assert_eq!(case.report(0, &batch()).verdicts()[0].standard_errors(), None);
}

/// The cause names the mistake that was made.
#[test]
fn causes_name_the_mistake() {
    let cause = |name: &str| {
        let verdicts = named(name).report(3, &batch()).verdicts();
        verdicts[0].causes.join(" ")
    };
    assert_eq!(
        cause("wrong fan: fan-out, scheme given"),
        "It looks like fan-out (100) in place of fan-in (10)."
    );
    let missing = cause("√2 too small everywhere, scheme given");
    assert!(missing.ends_with("by 1/√2, so ReLU's gain may be missing."), "{missing}");
    let missing = cause("missing gain, tanh, scheme given");
    assert!(missing.contains("by 3/5, so tanh's gain may be missing."), "{missing}");
    assert!(cause("embedding divided by √27").starts_with("That is 1/√27: a lookup has no fan-in"));
    assert!(cause("√2 too large: W2, ReLU").ends_with("by √2, so ReLU's gain may have been applied twice."));
    assert!(cause("missing gain, ReLU").ends_with("by 1/√2, so ReLU's gain may be missing."));
    let default = cause("PyTorch's default, tanh");
    assert!(
        default.contains("looks like the default of PyTorch and burn, uniform with bound 1/√100"),
        "{default}"
    );
}

/// Does to the parameters what the fixes say, the first of each parameter only; what is drawn again comes from `again`.
fn repair(parameters: &mut Parameters, verdicts: &[Verdict], again: &Parameters) {
    let mut done: Vec<String> = Vec::new();
    for fix in verdicts.iter().filter_map(|verdict| verdict.fix.as_ref()) {
        for (parameter, new) in parameters.0.iter_mut().zip(&again.0) {
            if !done.contains(&parameter.name) && apply(fix, parameter, new) {
                done.push(parameter.name.clone());
            }
        }
    }
}

/// Applies a fix to one parameter; false if it is about others.
fn apply(fix: &Fix, parameter: &mut Parameter, again: &Parameter) -> bool {
    let factor = |changes: &[(String, f64)]| {
        changes.iter().find(|(name, _)| *name == parameter.name).map(|&(_, factor)| factor as f32)
    };
    let value = &mut parameter.value;
    match fix {
        Fix::Scale { parameters, .. } => {
            factor(parameters).map(|factor| *value = value.scale(factor)).is_some()
        }
        Fix::Centre { parameters } => factor(parameters)
            .map(|factor| {
                let mean = value.data().iter().sum::<f32>() / value.data().len() as f32;
                value.data_mut().iter_mut().for_each(|x| *x = (*x - mean) * factor);
            })
            .is_some(),
        Fix::Set { parameters, value: new } => {
            let named = parameters.contains(&parameter.name);
            if named {
                value.data_mut().fill(*new as f32);
            }
            named
        }
        Fix::Redraw { parameters, std } => {
            let named = parameters.contains(&parameter.name);
            if named {
                *value = again.value.clone();
                let squares: f32 = value.data().iter().map(|x| x * x).sum();
                let rms = (squares / value.data().len() as f32).sqrt();
                let factor = std.map_or(1.0, |std| std as f32 / rms);
                value.data_mut().iter_mut().for_each(|x| *x *= factor);
            }
            named
        }
        Fix::NormaliseInput { .. } => false,
    }
}

fn source(seed: u64) -> rand_chacha::ChaCha8Rng {
    rand_chacha::rand_core::SeedableRng::seed_from_u64(seed)
}

/// The parameters of a faulty network before and after what its verdicts ask for, and those verdicts.
fn repaired(case: &FaultCase, seed: u64) -> (Vec<Verdict>, Report) {
    let mut parameters: Parameters = case.init.draw(&case.network, &mut source(seed));
    (case.plant)(&mut parameters);
    let observe = |parameters: &Parameters| {
        let report = case.network.observe(parameters, &batch(), Settings::default()).report;
        report.with_expected(case.expected.iter().flat_map(|init| init.expected(&case.network)))
    };
    let before = observe(&parameters).verdicts();
    let again: Parameters = case.init.draw(&case.network, &mut source(seed + 1000));
    repair(&mut parameters, &before, &again);
    (before, observe(&parameters))
}

/// One fault has no fix: the sigmoid's own slope.
#[test]
fn fixes_make_every_network_healthy() {
    for case in faulty() {
        for seed in 0..SEEDS {
            let (before, after) = repaired(&case, seed);
            let fixed = before[0].fix.is_some();
            assert_eq!(fixed, case.name != "sigmoid, forward gain", "{}: {before:#?}", case.name);
            let left: Vec<_> = after.verdicts().into_iter().filter(Verdict::is_finding).collect();
            assert!(!fixed || left.is_empty(), "{} at seed {seed}: {before:#?} leave {left:#?}", case.name);
        }
    }
}

#[test]
fn a_fix_does_what_it_promises() {
    for seed in 0..SEEDS {
        let (before, after) = repaired(&named("too large: W2 × 6"), seed);
        let Some(Fix::Scale { predicted, .. }) = &before[0].fix else { panic!("{before:#?}") };
        let rms = predicted.iter().find(|(name, _)| *name == "rms").expect("a predicted rms").1;
        // A layer of 100 units has its size to about 1/√(2·100) = 7%, and so has the one before it: 3 errors.
        let measured = after.layers[1].post.summary.rms();
        assert!((measured / rms - 1.0).abs() < 0.3, "{measured}, predicted {rms}");

        let (_, after) = repaired(&named("the lesson's random init"), seed);
        // Logits of std 0.1 cost 0.005, and their mean over some 20 different targets is off by 0.1/√20: 3 errors.
        assert!(after.loss.unwrap().excess().abs() < 0.075);
    }
}

#[test]
fn limits_are_the_callers() {
    let case = &healthy()[0];
    let report = [case.report(1, &batch())];
    let strict = Limits { saturated: 0.01, ..Limits::default() };
    assert_eq!(strict.judge(&report).first().map(|verdict| verdict.rule), Some("saturated"));
    let mut lenient = Limits::default();
    for name in Limits::NAMES {
        assert!(lenient.set(name, 1e9), "{name}");
    }
    assert!(!lenient.set("nonsense", 1.0));
    // A probability, and the smallest number of examples.
    (lenient.chance, lenient.examples) = (0.0, 0.0);
    let wild = [named("too large: W2 × 6").report(1, &batch())];
    assert_eq!(lenient.judge(&wild), []);
    assert!(lenient.judge(&[]).is_empty());
}

/// The Jacobian of the last hidden layer by the embedding of one example, its singular values handed to the report.
#[test]
fn singular_values_come_from_the_engine() {
    let spectrum = |init: &Init| {
        let activation = tensor::Activation::Identity;
        let network = Network { activation, embedding: 100, ..Network::lesson() };
        let mut source = <rand_chacha::ChaCha8Rng as rand_chacha::rand_core::SeedableRng>::seed_from_u64(1);
        let parameters: Parameters<f64> = init.draw(&network, &mut source);
        let one = Batch { inputs: vec![5], targets: vec![6] };
        let tape = autograd::Tape::new();
        let trace = network.forward(&tape, &parameters, &one, Mode::Training);
        let values = trace.layers[2].post.jacobian(trace.embedded).singular_values();
        let report =
            network.observe(&parameters, &one, Default::default()).report.with_singular_values(&values);
        assert!(report.to_string().contains("Jacobian: 100 singular values from "));
        report.jacobian.unwrap()
    };
    let schemes = ["orthogonal", "lecun_normal"].map(|text| text.parse().unwrap());
    let [orthogonal, normal] = schemes.map(|scheme| spectrum(&Init::direct(scheme, nn_init::Scheme::ZEROS)));
    // A product of rotations is one: dynamical isometry, to the rounding of double precision.
    assert!((orthogonal.largest - 1.0).abs() < 1e-12 && (orthogonal.smallest - 1.0).abs() < 1e-12);
    // Three normal matrices keep the mean square, to its own spread, and nothing else.
    assert!((normal.mean_square - 1.0).abs() < 0.5 && normal.condition() > 100.0, "{normal}");
}
