//! A cell of the lesson's network with 300 steps, beside the bare loop of passes and steps.
//!
//! `cargo bench -p sweep --features bench`

use std::hint::black_box;

use criterion::Criterion;
use nn_init::Generator;
use specimen::{Mode, Network, Parameters, Tape, lesson};
use sweep::{CellRunner, SweepPlan};

const PLAN: &str = "version = 1\nmeasure = ['loss@300', 'gradient_growth', 'xi_c']\n[axes]\ngain = [1.5]\n[train]\nsgd = 0.1\n\
                    steps = 300";

/// Draws and trains as a cell does, and measures nothing but the loss.
fn bare(plan: &SweepPlan) -> f32 {
    let settings = plan.settings(0);
    let (network, batch, tape) = (Network::lesson(), lesson::bigrams().batch, &mut Tape::new());
    let mut parameters: Parameters =
        settings.init().draw(&network, &mut Generator::manual_seed(settings.seed));
    for _ in 0..settings.steps {
        let trace = network.forward(tape, &parameters, &batch, Mode::Training);
        let grads = trace.loss.backward();
        let gradients: Vec<_> = trace.parameters.iter().map(|&var| grads.get(var).cloned()).collect();
        drop((trace, grads));
        tape.clear();
        parameters.sgd_step(&gradients, settings.learning_rate);
    }
    let trace = network.forward(tape, &parameters, &batch, Mode::Training);
    trace.loss.value().item()
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args().sample_size(10);
    let plan = SweepPlan::parse(PLAN).expect("the plan is valid");
    let mut runner = CellRunner::new(&plan);
    let values = runner.run(0).expect("the cell is valid");
    assert_eq!(values[0] as f32, bare(&plan), "both train the same network");
    criterion.bench_function("bare loop", |bencher| bencher.iter(|| black_box(bare(&plan))));
    criterion.bench_function("cell", |bencher| bencher.iter(|| black_box(runner.run(0))));
    criterion.final_summary();
}
