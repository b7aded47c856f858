//! The lesson's step, so many times and nothing else: what a profiler or an instruction counter is given.
//!
//! `cargo build -p specimen --features bench --example step && valgrind --tool=callgrind target/debug/examples/step 100`

use std::error::Error;
use std::hint::black_box;

use autograd::Tape;
use specimen::{Mlp, Model, Start, lesson};
use torch_rng::Generator;

fn main() -> Result<(), Box<dyn Error>> {
    let steps: u64 = std::env::args().nth(1).ok_or("usage: step STEPS")?.parse()?;
    let parameters = Start::LESSON_KAIMING.draw::<f32>(&Mlp::LESSON, &mut Generator::manual_seed(42));
    let model = Model::new(Mlp::LESSON.network(), parameters);
    let (mut tape, batch) = (Tape::new(), lesson::bigrams().batch);
    for _ in 0..steps {
        black_box(model.pass(&mut tape, &batch));
    }
    Ok(())
}
