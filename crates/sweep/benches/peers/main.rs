//! Small cells beside PyTorch: `torch.func.vmap` over cells, and one model at a time, with the same values.
//!
//! `TORCH_PYTHON=venv/bin/python taskset -c 1 cargo bench -p sweep --features bench --bench peers`
//!
//! The programs take turns on the core that `taskset` gives them, and are timed by their processor time, as other work on the
//! machine would be counted otherwise.
#![allow(clippy::print_stdout, reason = "a measurement is printed")]

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use nn_init::Generator;
use serde_json::{Value, json};
use specimen::Parameters;
use sweep::{CellRunner, SweepPlan};

/// Networks of one hidden layer of 16 units that all converge, so that no program ends early.
const PLAN: &str = "version = 1\nmeasure = ['loss@end']\nseeds = 'shared'\n[axes]\n\
                    learning_rate = { log = [0.01, 1], points = 4096 }\n\
                    [fixed]\ndepth = 1\nwidth = 16\nembedding = 8\nclasses = 8\ndata = 'random'\nexamples = 32\n[train]\nsteps = 100";

/// Cells that PyTorch trains at once.
const TOGETHER: [usize; 5] = [64, 256, 1024, 2048, 4096];

/// Cells of one of our turns.
const OURS: u64 = 256;

const TURNS: usize = 7;

/// The most that losses after 100 steps may differ, relatively: products and sums are rounded in other orders, 1e-7 each,
/// and training at these rates makes little more of it.
const TOLERANCE: f64 = 1e-4;

/// PyTorch in another process.
struct VmapProcess {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl VmapProcess {
    fn start(setup: &Value) -> Option<Self> {
        let Some(python) = std::env::var_os("TORCH_PYTHON") else {
            println!(
                "To time PyTorch as well, set TORCH_PYTHON to a Python that has it: TORCH_PYTHON=venv/bin/python"
            );
            return None;
        };
        let driver = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/peers/driver.py");
        let mut command = Command::new(&python);
        let piped = command.arg(driver).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child =
            piped.spawn().unwrap_or_else(|error| panic!("TORCH_PYTHON={}: {error}", python.display()));
        let (input, output) = (child.stdin.take().expect("a pipe"), child.stdout.take().expect("a pipe"));
        let mut torch = Self { child, input, output: BufReader::new(output) };
        println!("PyTorch {}", torch.ask(setup)["torch"]);
        Some(torch)
    }

    fn ask(&mut self, question: &Value) -> Value {
        writeln!(self.input, "{question}").expect("the driver reads");
        let mut line = String::new();
        self.output.read_line(&mut line).expect("the driver answers");
        serde_json::from_str(&line).expect("the driver's error is above")
    }

    /// Seconds per cell, with so many at once, or one if there are 0.
    fn seconds(&mut self, together: usize) -> f64 {
        self.ask(&json!(together))["seconds"].as_f64().expect("seconds")
    }
}

impl Drop for VmapProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Seconds for which this thread has computed, on Linux.
fn processor_time() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux");
    text.split(' ').next().and_then(|field| field.parse::<f64>().ok()).expect("nanoseconds") / 1e9
}

/// The values that PyTorch starts from: those of every cell, as seeds are shared.
fn setup(plan: &SweepPlan) -> Value {
    let settings = plan.settings(0);
    let network = settings.network();
    let parameters: Parameters = settings.init().draw(&network, &mut Generator::manual_seed(settings.seed));
    let parameters = parameters.0.iter().map(
        |parameter| json!({ "shape": parameter.value.shape().dims(), "values": parameter.value.data() }),
    );
    // `data = 'random'`: inputs, then targets.
    let mut source = Generator::manual_seed(settings.data_seed);
    let mut symbols = || {
        let mut drawn = vec![0_i64; settings.examples];
        source.randint(0, settings.classes as i64, &mut drawn);
        drawn
    };
    let (inputs, targets) = (symbols(), symbols());
    let rates: Vec<f64> = (0..plan.cells()).map(|cell| plan.settings(cell).learning_rate).collect();
    json!({
        "parameters": parameters.collect::<Vec<_>>(),
        "inputs": inputs,
        "targets": targets,
        "classes": settings.classes,
        "rates": rates,
        "steps": settings.steps,
    })
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn main() {
    let plan = SweepPlan::parse(PLAN).expect("the plan is valid");
    let mut runner = CellRunner::new(&plan);
    let mut ours = || {
        let began = processor_time();
        let losses: Vec<f64> =
            (0..OURS).map(|cell| runner.run(cell).expect("the cell is valid")[0]).collect();
        ((processor_time() - began) / OURS as f64, losses)
    };
    let (_, losses) = ours();
    let Some(mut torch) = VmapProcess::start(&setup(&plan)) else {
        println!("ours: {:.3} ms per cell", 1e3 * median((0..TURNS).map(|_| ours().0).collect()));
        return;
    };
    for together in [OURS as usize, 0] {
        let answer = torch.ask(&json!(together));
        let theirs = answer["losses"].as_array().expect("losses");
        let far = theirs
            .iter()
            .zip(&losses)
            .map(|(theirs, ours)| (theirs.as_f64().unwrap_or(f64::NAN) / ours - 1.0).abs());
        let worst = far.fold(0.0, |worst: f64, far| if far <= worst { worst } else { far });
        assert!(worst < TOLERANCE, "losses after the last step differ by {worst}");
        println!("{} losses differ by {worst:.1e} at most", theirs.len());
    }
    let mut turns = Vec::new();
    for _ in 0..TURNS {
        let mut turn = vec![ours().0];
        turn.extend(TOGETHER.iter().map(|&together| torch.seconds(together)));
        turn.push(torch.seconds(0));
        turns.push(turn);
    }
    let names = std::iter::once("ours".to_owned())
        .chain(TOGETHER.iter().map(|together| format!("vmap, {together} cells")))
        .chain(["one model at a time".to_owned()]);
    println!("{:22} {:>12} {:>8}   {TURNS} turns", "", "ms per cell", "ratio");
    for (at, name) in names.enumerate() {
        let ratios = || turns.iter().map(|turn| turn[at] / turn[0]);
        let ends = (ratios().fold(f64::INFINITY, f64::min), ratios().fold(0.0, f64::max));
        println!(
            "{name:22} {:12.3} {:8.2}   {:.2} to {:.2}",
            1e3 * median(turns.iter().map(|turn| turn[at]).collect()),
            median(ratios().collect()),
            ends.0,
            ends.1
        );
    }
}
