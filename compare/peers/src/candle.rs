//! candle, with one operation after the other.

use candle_core::{Device, Tensor, Var};
use candle_nn::loss::cross_entropy;

use shared::data::{BATCH, CONTEXT, RATE, RawParameter};
use shared::numbers::{digest, norm};
use shared::{DataFiles, Fallible, Job, Work};

const CPU: Device = Device::Cpu;

pub(crate) fn prepare(data: &DataFiles, work: Work) -> Fallible<Option<Box<dyn Job>>> {
    Ok(Some(match work {
        Work::Step(width, depth) => Box::new(CandleStep::new(data, width, depth)?),
        Work::Forward(width, depth) => Box::new(CandleForward(CandleStep::new(data, width, depth)?)),
        Work::Train => Box::new(CandleTrain::new(data)?),
        Work::Normals => values(|| Tensor::randn(0_f32, 1_f32, Work::VALUES, &CPU)),
        Work::Uniforms => values(|| Tensor::rand(0_f32, 1_f32, Work::VALUES, &CPU)),
        Work::Tanh => {
            let x = Tensor::new(data.floats("normals.f32")?, &CPU)?;
            values(move || x.tanh())
        }
        Work::Product(side) => {
            let [a, b] = data.squares()?.map(|values| Tensor::from_vec(values, (side, side), &CPU));
            let (a, b) = (a?, b?);
            values(move || a.matmul(&b))
        }
        // It has no histogram; the peak and the ensembles are ours alone.
        Work::Statistics | Work::Fma | Work::Ensemble(..) => return Ok(None),
    }))
}

/// A work whose result is one tensor of values.
struct CandleValues<F> {
    make: F,
    made: Option<Tensor>,
}

fn values<F: FnMut() -> candle_core::Result<Tensor> + 'static>(make: F) -> Box<dyn Job> {
    Box::new(CandleValues { make, made: None })
}

impl<F: FnMut() -> candle_core::Result<Tensor>> Job for CandleValues<F> {
    fn round(&mut self) -> Fallible<()> {
        self.made = None;
        self.made = Some((self.make)()?);
        Ok(())
    }

    fn numbers(&self) -> Fallible<Vec<f64>> {
        let made = self.made.as_ref().ok_or("there was no round")?;
        Ok(digest(&made.flatten_all()?.to_vec1()?))
    }
}

/// Mean cross-entropy of parameters on a number of inputs per example.
fn loss(parameters: &[Var], inputs: &Tensor, targets: &Tensor) -> candle_core::Result<Tensor> {
    let rows = parameters[0].index_select(inputs, 0)?;
    let mut h = rows.reshape((targets.dims1()?, ()))?;
    let layers = parameters[1..].chunks(2);
    let last = layers.len() - 1;
    for (at, layer) in layers.enumerate() {
        h = h.matmul(&layer[0])?.broadcast_add(&layer[1])?;
        if at < last {
            h = h.tanh()?;
        }
    }
    cross_entropy(&h, targets)
}

fn vars(parameters: Vec<RawParameter>) -> Fallible<Vec<Var>> {
    let var = |RawParameter { shape, values }| Ok(Var::from_tensor(&Tensor::from_vec(values, shape, &CPU)?)?);
    parameters.into_iter().map(var).collect()
}

/// A pass forwards and backwards.
struct CandleStep {
    parameters: Vec<Var>,
    inputs: Tensor,
    targets: Tensor,
    result: Option<(Tensor, Vec<Tensor>)>,
}

impl CandleStep {
    fn new(data: &DataFiles, width: usize, depth: usize) -> Fallible<Self> {
        let (parameters, batch) = (vars(data.network(width, depth)?)?, data.lesson()?);
        let (inputs, targets) = (Tensor::new(batch.inputs, &CPU)?, Tensor::new(batch.targets, &CPU)?);
        Ok(Self { parameters, inputs, targets, result: None })
    }
}

impl Job for CandleStep {
    fn round(&mut self) -> Fallible<()> {
        self.result = None;
        let loss = loss(&self.parameters, &self.inputs, &self.targets)?;
        let mut grads = loss.backward()?;
        let gradients = self.parameters.iter().filter_map(|parameter| grads.remove(parameter)).collect();
        self.result = Some((loss, gradients));
        Ok(())
    }

    fn numbers(&self) -> Fallible<Vec<f64>> {
        let (loss, gradients) = self.result.as_ref().ok_or("there was no round")?;
        let mut values = Vec::new();
        for gradient in gradients {
            values.extend(gradient.flatten_all()?.to_vec1::<f32>()?);
        }
        Ok(vec![loss.to_scalar::<f32>()?.into(), norm(&values)])
    }
}

/// A pass forwards alone.
struct CandleForward(CandleStep);

impl Job for CandleForward {
    fn round(&mut self) -> Fallible<()> {
        self.0.result = Some((loss(&self.0.parameters, &self.0.inputs, &self.0.targets)?, vec![]));
        Ok(())
    }

    fn numbers(&self) -> Fallible<Vec<f64>> {
        Ok(self.0.numbers()?[..1].to_vec())
    }
}

/// Steps of gradient descent; the batches are read from a file, since its generator draws others.
struct CandleTrain {
    start: Vec<Var>,
    inputs: Tensor,
    targets: Tensor,
    batches: Vec<Tensor>,
    losses: Vec<f32>,
}

impl CandleTrain {
    fn new(data: &DataFiles) -> Fallible<Self> {
        let (start, names, places) = (vars(data.trained()?)?, data.names()?, data.indices("places.u32")?);
        let batches: Result<Vec<_>, _> = places.chunks(BATCH).map(|batch| Tensor::new(batch, &CPU)).collect();
        Ok(Self {
            start,
            inputs: Tensor::from_vec(names.inputs, ((), CONTEXT), &CPU)?,
            targets: Tensor::new(names.targets, &CPU)?,
            batches: batches?,
            losses: Vec::new(),
        })
    }
}

impl Job for CandleTrain {
    fn round(&mut self) -> Fallible<()> {
        // Without the copy, the new variable would share its storage.
        let copied: candle_core::Result<Vec<Var>> =
            self.start.iter().map(|var| Var::from_tensor(&var.as_tensor().copy()?)).collect();
        let parameters = copied?;
        self.losses.clear();
        for places in &self.batches[..Work::STEPS] {
            let inputs = self.inputs.index_select(places, 0)?.flatten_all()?;
            let loss = loss(&parameters, &inputs, &self.targets.index_select(places, 0)?)?;
            let grads = loss.backward()?;
            for parameter in &parameters {
                let gradient = grads.get(parameter).ok_or("a parameter has no gradient")?;
                parameter.set(&(parameter.as_tensor() - (gradient * RATE)?)?)?;
            }
            self.losses.push(loss.to_scalar()?);
        }
        Ok(())
    }

    fn numbers(&self) -> Fallible<Vec<f64>> {
        Ok([self.losses[0], self.losses[Work::STEPS - 1]].map(f64::from).to_vec())
    }
}
