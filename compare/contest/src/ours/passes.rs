//! The lesson's step, forwards and backwards, and the lecture's training.

use autograd::Tape;
use shared::data::{BATCH, CONTEXT, RATE, TRAINING_SEED, parameters_file};
use shared::numbers::norm;
use shared::{DataFiles, Fallible, Job, Work};
use specimen::{Batch, Mode, Model, Network, Parameter, Parameters, Pass, lesson};
use tensor::Tensor;
use torch_rng::Generator;

use crate::networks::network;

/// One pass forwards and backwards.
pub(super) struct StepJob {
    model: Model,
    batch: Batch,
    tape: Tape,
    pass: Option<Pass>,
}

/// One pass forwards.
pub(super) struct ForwardJob {
    network: Network,
    parameters: Parameters,
    batch: Batch,
    tape: Tape,
    loss: f32,
}

/// Steps of gradient descent; each round begins with the initial parameters.
pub(super) struct TrainJob {
    initial: Model,
    examples: Batch,
    tape: Tape,
    losses: Vec<f64>,
}

impl StepJob {
    pub(super) fn read(data: &DataFiles, width: usize, depth: usize) -> Fallible<Self> {
        let ForwardJob { network, parameters, batch, tape, .. } = ForwardJob::read(data, width, depth)?;
        Ok(Self { model: Model::new(network, parameters), batch, tape, pass: None })
    }
}

impl Job for StepJob {
    fn round(&mut self) -> Fallible<()> {
        // The values of the last pass are dropped before the next are made, as in a loop.
        self.pass = None;
        self.pass = Some(self.model.pass(&mut self.tape, &self.batch));
        Ok(())
    }

    fn numbers(&self) -> Fallible<Vec<f64>> {
        let pass = self.pass.as_ref().ok_or("there was no round")?;
        Ok(vec![pass.loss, norm(pass.gradients.iter().flatten().flat_map(Tensor::data))])
    }
}

impl ForwardJob {
    pub(super) fn read(data: &DataFiles, width: usize, depth: usize) -> Fallible<Self> {
        let work = Work::Forward(width, depth);
        let Some(network) = network(work) else { unreachable!("{work} has a network") };
        let parameters = parameters(&network, data, &parameters_file(width, depth))?;
        Ok(Self { network, parameters, batch: lesson::bigrams().batch, tape: Tape::new(), loss: f32::NAN })
    }
}

impl Job for ForwardJob {
    fn round(&mut self) -> Fallible<()> {
        self.tape.clear();
        let trace = self.network.forward(&self.tape, &self.parameters, &self.batch, Mode::Training);
        self.loss = trace.loss.value().item();
        Ok(())
    }

    fn numbers(&self) -> Fallible<Vec<f64>> {
        Ok(vec![self.loss.into()])
    }
}

impl TrainJob {
    pub(super) fn read(data: &DataFiles) -> Fallible<Self> {
        let Some(network) = network(Work::Train) else { unreachable!("training has a network") };
        let parameters = parameters(&network, data, "train.f32")?;
        let initial = Model::new(network, parameters);
        let examples = crate::data::names();
        Ok(Self { initial, examples, tape: Tape::new(), losses: Vec::new() })
    }
}

impl Job for TrainJob {
    fn round(&mut self) -> Fallible<()> {
        let n = self.examples.targets.len() as i64;
        let (mut model, mut generator) = (self.initial.clone(), Generator::manual_seed(TRAINING_SEED));
        let mut drawn = vec![0_i64; BATCH];
        self.losses.clear();
        for _ in 0..Work::STEPS {
            generator.randint(0, n, &mut drawn);
            let batch: Vec<usize> = drawn.iter().map(|&example| example as usize).collect();
            let pass = model.pass(&mut self.tape, &self.examples.pick(CONTEXT, &batch));
            model.sgd_step(&pass, RATE);
            self.losses.push(pass.loss);
        }
        Ok(())
    }

    /// The first and the last loss.
    fn numbers(&self) -> Fallible<Vec<f64>> {
        Ok(self.losses.first().into_iter().chain(self.losses.last()).copied().collect())
    }
}

/// A network's parameters, read from the file that has all of them.
fn parameters(network: &Network, data: &DataFiles, file: &str) -> Fallible<Parameters> {
    let values = data.floats(file)?;
    let (mut parameters, mut at) = (Vec::new(), 0);
    for (name, role, shape) in network.plan() {
        let end = at + shape.numel();
        let own = values.get(at..end).unwrap_or_default().to_vec();
        let value =
            Tensor::from_vec(own, shape).map_err(|error| format!("{file} is damaged: {name}: {error}"))?;
        parameters.push(Parameter { name, role, value });
        at = end;
    }
    Ok(Parameters(parameters))
}
