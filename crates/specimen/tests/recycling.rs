//! The allocations of a training loop once it is warm.

use allocation_counter::measure;
use autograd::Tape;
use specimen::{Init, Model, Network, lesson};
use torch_rng::Generator;

#[test]
fn a_warm_pass_allocates_less_than_one_layer_of_values() {
    let network = Network::lesson();
    let parameters = Init::LESSON_KAIMING.draw::<f32>(&network, &mut Generator::manual_seed(42));
    let mut model = Model::new(network, parameters);
    let (mut tape, batch) = (Tape::new(), lesson::bigrams().batch);
    let bytes: Vec<u64> = (0..20)
        .map(|_| {
            let step = measure(|| {
                let pass = model.pass(&mut tape, &batch);
                model.sgd_step(&pass, 0.1);
            });
            step.bytes_total
        })
        .collect();
    let layer = (batch.targets.len() * model.network.hidden[0] * size_of::<f32>()) as u64;
    assert!(bytes[2..].iter().all(|&bytes| bytes < layer), "a layer has {layer} bytes: {bytes:?}");
    assert!(bytes[0] > 10 * layer, "the first pass makes the room: {bytes:?}");
}
