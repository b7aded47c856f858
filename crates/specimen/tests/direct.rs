//! Passes without a tape, against those on one.

use nn_init::{Activation, Scheme};
use specimen::{Adam, Batch, DirectPass, Init, Model, Network, Norm, Parameters, Tape};
use torch_rng::Generator;

/// Symbols and targets from a generator.
fn batch(network: &Network, count: usize, source: &mut Generator) -> Batch {
    let mut draw = |count: usize| {
        let mut drawn = vec![0; count];
        source.randint(0, network.classes as i64, &mut drawn);
        drawn.into_iter().map(|symbol| symbol as usize).collect::<Vec<_>>()
    };
    Batch { inputs: draw(count * network.context), targets: draw(count) }
}

/// Losses, gradients and parameters of several steps have the bits of a tape's, at rates that learn and that diverge.
#[test]
fn a_direct_pass_has_the_bits_of_one_on_a_tape() {
    let source = &mut Generator::manual_seed(7);
    let (mut tape, mut finite, mut diverged) = (Tape::new(), 0, 0);
    for activation in Activation::ALL {
        for (classes, context, embedding, hidden, count) in [
            (8, 1, 8, vec![16], 32),
            (5, 2, 3, vec![7, 9], 21),
            (27, 1, 10, vec![30, 30, 30], 130),
            (3, 1, 2, vec![], 1),
            (2, 3, 1, vec![1], 2),
        ] {
            let network = Network { classes, context, embedding, hidden, activation, norm: None };
            let init = Init::direct(Scheme::kaiming_normal(2.0), Scheme::Normal { mean: 0.0, std: 0.5 });
            let parameters: Parameters = init.draw(&network, source);
            for (rate, adam) in [(0.1, false), (1e8, false), (0.01, true)] {
                let mut model = Model::new(network.clone(), parameters.clone());
                let mut direct = DirectPass::new(&network).unwrap();
                let mut averages = Adam::default();
                for step in 0..6 {
                    // Batches of changing size share the room.
                    let batch = batch(&network, if step == 3 { count + 5 } else { count }, source);
                    let pass = model.pass(&mut tape, &batch);
                    let loss = direct.run(&model.parameters, &batch);
                    assert_eq!(
                        loss.to_bits() << 1,
                        pass.loss.to_bits() << 1,
                        "{activation} {rate} step {step}: {loss}"
                    );
                    for ((ours, theirs), parameter) in
                        direct.gradients().iter().zip(&pass.gradients).zip(&network.plan())
                    {
                        let bits = |values: &[f32]| -> Vec<u32> {
                            values.iter().map(|x| if x.is_nan() { f32::NAN } else { *x }.to_bits()).collect()
                        };
                        let [ours, theirs] = [ours, theirs].map(|of| bits(of.as_ref().unwrap().data()));
                        assert!(
                            ours == theirs,
                            "{activation} {rate} step {step}: the gradient of {}",
                            parameter.0
                        );
                    }
                    *if pass.loss.is_finite() { &mut finite } else { &mut diverged } += 1;
                    if adam {
                        averages.step(&mut model.parameters, direct.gradients(), rate);
                    } else {
                        model.parameters.sgd_step(direct.gradients(), rate);
                    }
                }
            }
        }
    }
    assert!(finite > 1000 && diverged > 10, "{finite} losses are finite, {diverged} are not");
}

#[test]
fn other_networks_are_left_to_the_tape() {
    let normalised = Network { norm: Some(Norm::LECTURE), ..Network::lesson() };
    let wide = Network { hidden: vec![1024], ..Network::lesson() };
    assert!([normalised, wide].iter().all(|network| DirectPass::<f32>::new(network).is_none()));
    assert!(DirectPass::<f32>::new(&Network::lesson()).is_some());
}
