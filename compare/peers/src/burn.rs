//! burn, on its CPU backend flex.

use burn_core::tensor::activation::log_softmax;
use burn_core::tensor::{Device, Distribution, Gradients, Int, Tensor, TensorData};

use shared::data::{BATCH, CONTEXT, RATE, RawExamples, RawParameter};
use shared::numbers::{digest, norm};
use shared::{DataFiles, Fallible, Job, Work};

pub(crate) fn prepare(data: &DataFiles, work: Work) -> Fallible<Option<Box<dyn Job>>> {
    let device = Device::flex();
    Ok(Some(match work {
        Work::Step(width, depth) => {
            Box::new(BurnStep::new(data, width, depth, &device.autodiff())?.require_grad())
        }
        Work::Forward(width, depth) => Box::new(BurnForward(BurnStep::new(data, width, depth, &device)?)),
        Work::Train => Box::new(BurnTrain::new(data, &device.autodiff())?),
        Work::Normals => {
            values(move || Tensor::<1>::random([Work::VALUES], Distribution::Normal(0.0, 1.0), &device))
        }
        Work::Uniforms => {
            values(move || Tensor::<1>::random([Work::VALUES], Distribution::Uniform(0.0, 1.0), &device))
        }
        Work::Tanh => {
            let x =
                Tensor::<1>::from_data(TensorData::new(data.floats("normals.f32")?, [Work::VALUES]), &device);
            values(move || x.clone().tanh())
        }
        Work::Product(side) => {
            let square = |values| Tensor::<2>::from_data(TensorData::new(values, [side, side]), &device);
            let [a, b] = data.squares()?.map(square);
            values(move || a.clone().matmul(b.clone()))
        }
        // It has no histogram; the peak and the ensembles are ours alone.
        Work::Statistics | Work::Fma | Work::Ensemble(..) => return Ok(None),
    }))
}

/// A work whose result is one tensor of values.
struct BurnValues<F, const R: usize> {
    make: F,
    made: Option<Tensor<R>>,
}

fn values<const R: usize, F: FnMut() -> Tensor<R> + 'static>(make: F) -> Box<dyn Job> {
    Box::new(BurnValues { make, made: None })
}

impl<const R: usize, F: FnMut() -> Tensor<R>> Job for BurnValues<F, R> {
    fn round(&mut self) -> Fallible<()> {
        self.made = None;
        self.made = Some((self.make)());
        Ok(())
    }

    fn numbers(&self) -> Fallible<Vec<f64>> {
        Ok(digest(&numbers(self.made.as_ref().ok_or("there was no round")?)?))
    }
}

/// A tensor's numbers, row-major.
fn numbers<const R: usize>(tensor: &Tensor<R>) -> Fallible<Vec<f32>> {
    tensor.clone().try_into_vec_as().map_err(|error| format!("{error:?}").into())
}

/// C, and the weight and bias of each layer.
#[derive(Clone)]
struct BurnNetwork {
    table: Tensor<2>,
    layers: Vec<(Tensor<2>, Tensor<1>)>,
}

impl BurnNetwork {
    fn new(parameters: Vec<RawParameter>, device: &Device) -> Self {
        let mut data =
            parameters.into_iter().map(|RawParameter { shape, values }| TensorData::new(values, shape));
        let table = data.next().map(|data| Tensor::from_data(data, device)).expect("C comes first");
        let mut layers = Vec::new();
        while let (Some(weight), Some(bias)) = (data.next(), data.next()) {
            layers.push((Tensor::from_data(weight, device), Tensor::from_data(bias, device)));
        }
        Self { table, layers }
    }

    /// Maps the parameters, with one function per rank.
    fn map(self, matrix: impl Fn(Tensor<2>) -> Tensor<2>, row: impl Fn(Tensor<1>) -> Tensor<1>) -> Self {
        let layers = self.layers.into_iter().map(|(weight, bias)| (matrix(weight), row(bias))).collect();
        Self { table: matrix(self.table), layers }
    }

    fn require_grad(self) -> Self {
        self.map(Tensor::require_grad, Tensor::require_grad)
    }

    /// Mean cross-entropy on a number of inputs per example.
    fn loss(&self, inputs: Tensor<1, Int>, targets: Tensor<1, Int>) -> Tensor<1> {
        let [count] = targets.dims();
        let rows = self.table.clone().select(0, inputs);
        let mut h = rows.reshape([count as i32, -1]);
        for (at, (weight, bias)) in self.layers.iter().enumerate() {
            h = h.matmul(weight.clone()) + bias.clone().unsqueeze::<2>();
            if at + 1 < self.layers.len() {
                h = h.tanh();
            }
        }
        -log_softmax(h, 1).gather(1, targets.reshape([count, 1])).mean()
    }
}

fn whole(values: &[u32], device: &Device) -> Tensor<1, Int> {
    let values: Vec<i64> = values.iter().map(|&value| value.into()).collect();
    let shape = [values.len()];
    Tensor::from_data(TensorData::new(values, shape), device)
}

/// A pass forwards and backwards.
struct BurnStep {
    network: BurnNetwork,
    inputs: Tensor<1, Int>,
    targets: Tensor<1, Int>,
    result: Option<(Tensor<1>, Option<Gradients>)>,
}

impl BurnStep {
    fn new(data: &DataFiles, width: usize, depth: usize, device: &Device) -> Fallible<Self> {
        let network = BurnNetwork::new(data.network(width, depth)?, device);
        let RawExamples { inputs, targets } = data.lesson()?;
        let (inputs, targets) = (whole(&inputs, device), whole(&targets, device));
        Ok(Self { network, inputs, targets, result: None })
    }

    fn require_grad(self) -> Self {
        Self { network: self.network.require_grad(), ..self }
    }

    fn loss(&self) -> Tensor<1> {
        self.network.loss(self.inputs.clone(), self.targets.clone())
    }
}

impl Job for BurnStep {
    fn round(&mut self) -> Fallible<()> {
        self.result = None;
        let loss = self.loss();
        let gradients = loss.backward();
        self.result = Some((loss, Some(gradients)));
        Ok(())
    }

    fn numbers(&self) -> Fallible<Vec<f64>> {
        let (loss, gradients) = self.result.as_ref().ok_or("there was no round")?;
        let gradients = gradients.as_ref().ok_or("there were no gradients")?;
        let none = "a parameter has no gradient";
        let mut all = numbers(&self.network.table.grad(gradients).ok_or(none)?)?;
        for (weight, bias) in &self.network.layers {
            all.extend(numbers(&weight.grad(gradients).ok_or(none)?)?);
            all.extend(numbers(&bias.grad(gradients).ok_or(none)?)?);
        }
        Ok(vec![numbers(loss)?[0].into(), norm(&all)])
    }
}

/// A pass forwards alone, without gradients.
struct BurnForward(BurnStep);

impl Job for BurnForward {
    fn round(&mut self) -> Fallible<()> {
        self.0.result = Some((self.0.loss(), None));
        Ok(())
    }

    fn numbers(&self) -> Fallible<Vec<f64>> {
        let (loss, _) = self.0.result.as_ref().ok_or("there was no round")?;
        Ok(vec![numbers(loss)?[0].into()])
    }
}

/// Steps of gradient descent; the batches are read from a file, since its generator draws others.
struct BurnTrain {
    start: BurnNetwork,
    inputs: Tensor<2, Int>,
    targets: Tensor<1, Int>,
    batches: Vec<Tensor<1, Int>>,
    losses: Vec<f32>,
}

impl BurnTrain {
    fn new(data: &DataFiles, device: &Device) -> Fallible<Self> {
        let (start, names) = (BurnNetwork::new(data.trained()?, device), data.names()?);
        let examples = names.targets.len();
        let places = data.indices("places.u32")?;
        Ok(Self {
            start,
            inputs: whole(&names.inputs, device).reshape([examples, CONTEXT]),
            targets: whole(&names.targets, device),
            batches: places.chunks(BATCH).map(|batch| whole(batch, device)).collect(),
            losses: Vec::new(),
        })
    }
}

impl Job for BurnTrain {
    fn round(&mut self) -> Fallible<()> {
        let mut network = self.start.clone();
        self.losses.clear();
        for places in &self.batches[..Work::STEPS] {
            network = network.require_grad();
            let inputs = self.inputs.clone().select(0, places.clone()).reshape([-1]);
            let loss = network.loss(inputs, self.targets.clone().select(0, places.clone()));
            let gradients = loss.backward();
            network = network.map(|x| moved(x, &gradients), |x| moved(x, &gradients));
            self.losses.push(numbers(&loss)?[0]);
        }
        Ok(())
    }

    fn numbers(&self) -> Fallible<Vec<f64>> {
        Ok([self.losses[0], self.losses[Work::STEPS - 1]].map(f64::from).to_vec())
    }
}

/// A parameter after one step, as a leaf.
fn moved<const R: usize>(x: Tensor<R>, gradients: &Gradients) -> Tensor<R> {
    let gradient = x.grad(gradients).expect("a parameter has a gradient");
    Tensor::from_inner(x.inner() - gradient * RATE)
}
