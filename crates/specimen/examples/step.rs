//! The lesson's step, repeated, and nothing else: for a profiler or an instruction counter.
//!
//! `cargo build -p specimen --features bench --example step && valgrind --tool=callgrind target/debug/examples/step 100`

use std::error::Error;
use std::hint::black_box;

use autograd::Tape;
use specimen::{Init, Model, Network, lesson};
use torch_rng::Generator;

fn main() -> Result<(), Box<dyn Error>> {
    let steps: u64 = std::env::args().nth(1).ok_or("usage: step STEPS")?.parse()?;
    let network = Network::lesson();
    let parameters = Init::LESSON_KAIMING.draw::<f32>(&network, &mut Generator::manual_seed(42));
    let model = Model::new(network, parameters);
    let (mut tape, batch) = (Tape::new(), lesson::bigrams().batch);
    for _ in 0..steps {
        black_box(model.pass(&mut tape, &batch));
    }
    Ok(())
}
