//! The lesson's step, forwards and backwards, and the lecture's training.

use autograd::Tape;
use specimen::{Batch, Mode, Model, Network, Parameter, Parameters, Pass, lesson};
use tensor::Tensor;
use torch_rng::Generator;

use super::Job;
use crate::data::Data;
use crate::work::Work;
use cli::Failure;
use lessons::makemore::run::Run;

/// One pass forwards and backwards.
pub(super) struct Step {
    model: Model,
    batch: Batch,
    tape: Tape,
    pass: Option<Pass>,
}

/// One pass forwards.
pub(super) struct Forward {
    network: Network,
    parameters: Parameters,
    batch: Batch,
    tape: Tape,
    loss: f32,
}

/// Steps of gradient descent, from the start anew in each round.
pub(super) struct Train {
    start: Model,
    examples: Batch,
    run: Run,
    tape: Tape,
    losses: Vec<f64>,
}

impl Step {
    pub(super) fn read(data: &Data, width: usize, depth: usize) -> Result<Self, Failure> {
        let Forward { network, parameters, batch, tape, .. } = Forward::read(data, width, depth)?;
        Ok(Self { model: Model::new(network, parameters), batch, tape, pass: None })
    }
}

impl Job for Step {
    fn round(&mut self) {
        // Its values go before the next are made, as in a loop.
        self.pass = None;
        self.pass = Some(self.model.pass(&mut self.tape, &self.batch));
    }

    fn gave(&self) -> Vec<f64> {
        let pass = self.pass.iter();
        pass.flat_map(|pass| [pass.loss, norm(pass.gradients.iter().flatten())]).collect()
    }
}

impl Forward {
    pub(super) fn read(data: &Data, width: usize, depth: usize) -> Result<Self, Failure> {
        let work = Work::Forward(width, depth);
        let Some(network) = work.network() else { unreachable!("{work} has a network") };
        let parameters = parameters(&network, data, &format!("{width}x{depth}.f32"))?;
        Ok(Self { network, parameters, batch: lesson::bigrams().batch, tape: Tape::new(), loss: f32::NAN })
    }
}

impl Job for Forward {
    fn round(&mut self) {
        self.tape.clear();
        let trace = self.network.forward(&self.tape, &self.parameters, &self.batch, Mode::Training);
        self.loss = trace.loss.value().item();
    }

    fn gave(&self) -> Vec<f64> {
        vec![self.loss.into()]
    }
}

impl Train {
    pub(super) fn read(data: &Data) -> Result<Self, Failure> {
        let network = Work::trained();
        let parameters = parameters(&network, data, "train.f32")?;
        let start = Model::new(network, parameters);
        let examples = crate::data::names();
        Ok(Self { start, examples, run: Work::run(), tape: Tape::new(), losses: Vec::new() })
    }
}

impl Job for Train {
    fn round(&mut self) {
        let (run, n) = (&self.run, self.examples.targets.len() as i64);
        let (mut model, mut generator) = (self.start.clone(), Generator::manual_seed(Run::SEED));
        let mut drawn = vec![0_i64; run.batch];
        self.losses.clear();
        for step in 0..Work::STEPS as u64 {
            generator.randint(0, n, &mut drawn);
            let places: Vec<usize> = drawn.iter().map(|&place| place as usize).collect();
            let pass = model.pass(&mut self.tape, &self.examples.pick(run.network.context, &places));
            model.sgd_step(&pass, run.rate(step));
            self.losses.push(pass.loss);
        }
    }

    /// The first and the last loss.
    fn gave(&self) -> Vec<f64> {
        self.losses.first().into_iter().chain(self.losses.last()).copied().collect()
    }
}

/// A network's parameters from a file of all of them.
fn parameters(network: &Network, data: &Data, file: &str) -> Result<Parameters, Failure> {
    let values = data.floats(file)?;
    let (mut parameters, mut at) = (Vec::new(), 0);
    for (name, role, shape) in network.plan() {
        let end = at + shape.numel();
        let own = values.get(at..end).unwrap_or_default().to_vec();
        let value = Tensor::from_vec(own, shape)
            .map_err(|error| Failure::new(format!("{file} is damaged: {name}: {error}")))?;
        parameters.push(Parameter { name, role, value });
        at = end;
    }
    Ok(Parameters(parameters))
}

/// `√Σx²` over all values of all tensors.
fn norm<'a>(tensors: impl Iterator<Item = &'a Tensor>) -> f64 {
    tensors.flat_map(Tensor::data).map(|&x| f64::from(x).powi(2)).sum::<f64>().sqrt()
}
