//! Verdicts on networks with one fault, and on healthy ones; `cargo xtask reproduce verdicts` does the same over a
//! thousand seeds.

use diagnostics::{Fault, Fix, Limits, Report, Settings, Verdict};
use lessons::studies::faults::{FaultCase, faulty, healthy};
use specimen::{Batch, Init, Mode, Network, Parameters};

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
            let first = verdicts.first().map(|verdict| (verdict.location.as_str(), verdict.fault));
            assert_eq!(first, case.fault, "{} at seed {seed}: {verdicts:#?}", case.name);
            assert!(verdicts.iter().all(|verdict| case.excuses(verdict)), "{}: {verdicts:#?}", case.name);
        }
    }
}

/// Faults without a network: with named weights, the scale of a layer is judged before the growth over depth. diagnostics'
/// own tests have reports with them.
const NOT_PLANTED: [Fault; 3] = [Fault::ForwardExplodes, Fault::ForwardVanishes, Fault::BackwardExplodes];

#[test]
fn every_fault_has_a_network_and_a_row_in_the_documentation() {
    let planted: Vec<Fault> = faulty().iter().filter_map(|case| Some(case.fault?.1)).collect();
    let documentation = include_str!("../docs/diagnostics.md");
    for fault in Fault::ALL {
        assert!(
            planted.contains(fault) || NOT_PLANTED.contains(fault),
            "no network of `faulty` has {fault:?}"
        );
        assert!(
            documentation.contains(&format!("`{fault:?}`")),
            "docs/diagnostics.md does not explain {fault:?}"
        );
    }
}

/// Every false alarm over a thousand seeds is in docs/out/verdicts.csv, fewer than one in a hundred at worst.
#[test]
fn healthy_networks_have_no_verdict() {
    for case in healthy() {
        let alarms = (0..SEEDS).filter(|&seed| !case.report(seed, &batch()).verdicts().is_empty());
        assert_eq!(alarms.count(), 0, "{}", case.name);
    }
}

#[test]
fn several_seeds_say_how_sure_a_verdict_is() {
    let case = named("the lesson's random init");
    let seeds: Vec<Report> = (0..SEEDS).map(|seed| case.report(seed, &batch())).collect();
    let verdicts = Limits::default().judge(&seeds);
    let faults: Vec<_> = verdicts.iter().map(|verdict| (verdict.location.as_str(), verdict.fault)).collect();
    let both = |layer| [(layer, Fault::Saturated), (layer, Fault::Biased)];
    let network = [("network", Fault::BackwardExplodes), ("network", Fault::Confident)];
    assert_eq!(
        faults,
        ["Layer 1", "Layer 2", "Layer 3"].into_iter().flat_map(both).chain(network).collect::<Vec<_>>()
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
        verdicts[0].cause.clone().unwrap_or_default()
    };
    assert_eq!(
        cause("wrong fan: fan-out, scheme given"),
        "That is fan-out (100) in the place of fan-in (10)."
    );
    assert_eq!(cause("√2 too small everywhere, scheme given"), "That is 1/√2: ReLU's gain is missing.");
    assert_eq!(cause("missing gain, tanh, scheme given"), "That is 3/5: tanh's gain is missing.");
    assert!(cause("embedding divided by √27").starts_with("That is 1/√27: a lookup has no fan-in"));
    assert!(cause("√2 too large: W2, ReLU").ends_with("That is √2: ReLU's gain once too often."));
    assert!(cause("missing gain, ReLU").ends_with("That is 1/√2: ReLU's gain is missing."));
    assert_eq!(cause("dead layer: W2 = 0"), "Every value of W2 is 0.");
}

/// Does to the parameters what the first fix of each says; what is drawn again comes from `again`.
fn repair(parameters: &mut Parameters, verdicts: &[Verdict], again: &Parameters) {
    let mut done: Vec<String> = Vec::new();
    for fix in verdicts.iter().filter_map(|verdict| verdict.fix.as_ref()) {
        let (names, factor) = match fix {
            Fix::Scale { parameter, factor, .. } => (vec![parameter.clone()], Some(*factor)),
            Fix::Quiet { parameters, factor, .. } => (parameters.clone(), Some(*factor)),
            Fix::Zero { parameter } => (vec![parameter.clone()], Some(0.0)),
            Fix::Redraw { parameter } => (vec![parameter.clone()], None),
        };
        let open = |name: &String| names.contains(name) && !done.contains(name);
        for (parameter, new) in parameters.0.iter_mut().zip(&again.0).filter(|(p, _)| open(&p.name)) {
            parameter.value =
                factor.map_or_else(|| new.value.clone(), |factor| parameter.value.scale(factor as f32));
        }
        done.extend(names);
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
            let left = after.verdicts();
            assert!(!fixed || left.is_empty(), "{} at seed {seed}: {before:#?} leave {left:#?}", case.name);
        }
    }
}

#[test]
fn a_fix_does_what_it_promises() {
    let case = named("the lesson's random init");
    for seed in 0..SEEDS {
        let (before, after) = repaired(&case, seed);
        for verdict in &before {
            let Some(Fix::Scale { predicted: Some((std, saturated)), .. }) = verdict.fix else { continue };
            let layer = after.layers.iter().find(|layer| layer.name == verdict.location).unwrap();
            // A layer of 100 units has its std to about 1/√(2·100) = 7%, and so has the one before it: 3 errors.
            let measured = layer.post.summary.std();
            assert!((measured / std - 1.0).abs() < 0.3, "{}: {measured}, expected {std}", verdict.location);
            assert!((layer.saturated() - saturated.unwrap()).abs() < 0.1, "{}", verdict.location);
        }
        // Logits of std 0.1 cost 0.005, and their mean over some 20 different targets is off by 0.1/√20: 3 errors.
        assert!(after.loss.unwrap().excess().abs() < 0.075);
    }
}

#[test]
fn limits_are_the_callers() {
    let case = &healthy()[0];
    let report = [case.report(1, &batch())];
    let strict = Limits { saturated: 0.01, ..Limits::default() };
    assert_eq!(strict.judge(&report).first().map(|verdict| verdict.fault), Some(Fault::Saturated));
    let lenient = Limits {
        gain_margin: 1e9,
        saturated: 1.0,
        dead: 1.0,
        chance: 0.0,
        bias: 1e9,
        embedding: 1e9,
        rate: 1e9,
        span: 1e9,
        excess_loss: 1e9,
        standard_errors: 1e9,
    };
    let wild = [named("too large: W2 × 6").report(1, &batch())];
    assert!(lenient.judge(&wild).is_empty());
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
