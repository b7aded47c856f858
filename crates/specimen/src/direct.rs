//! Passes of small networks without a tape.

use tensor::{Activation, Real, Tensor, slices};

use crate::{Batch, Network, Parameters};

/// Loss and gradients of a network in buffers that are kept from pass to pass, with the bits of [`Model::pass`](crate::Model::pass).
///
/// A tape keeps every value and knows any operation, which takes longer than the arithmetic of a network of 16 units.
///
/// ```
/// use specimen::{DirectPass, Generator, Init, Model, Network, Tape, lesson};
///
/// let network = Network { hidden: vec![16], ..Network::lesson() };
/// let batch = lesson::bigrams().batch;
/// let mut model: Model = Model::new(network.clone(), Init::LESSON_KAIMING.draw(&network, &mut Generator::manual_seed(1)));
/// let mut direct = DirectPass::new(&network).expect("it is not normalised");
/// for _ in 0..10 {
///     let (pass, loss) = (model.pass(&mut Tape::new(), &batch), direct.run(&model.parameters, &batch));
///     assert_eq!((loss, direct.gradients()), (pass.loss, &pass.gradients[..]));
///     model.parameters.sgd_step(direct.gradients(), 0.1);
/// }
/// ```
#[derive(Clone, Debug)]
pub struct DirectPass<T: Real = f32> {
    context: usize,
    embedding: usize,
    activation: Activation,
    /// Inputs and outputs of each product.
    sizes: Vec<[usize; 2]>,
    /// The input of each product: the rows of C, then activations.
    inputs: Vec<Vec<T>>,
    /// The slopes of each activation.
    slopes: Vec<Vec<T>>,
    /// The last product, and room for as many values.
    outputs: [Vec<T>; 2],
    /// The gradient at a layer's output, and the one at its input.
    cotangents: [Vec<T>; 2],
    gradients: Vec<Option<Tensor<T>>>,
}

/// The widest layer of a network that is not better off on a tape, whose largest products are computed in another way.
const WIDEST: usize = 512;

impl<T: Real> DirectPass<T> {
    /// Room for a network; `None` if it has normalisations or wide layers.
    pub fn new(network: &Network) -> Option<Self> {
        let sizes: Vec<_> = (1..=network.depth())
            .map(|layer| network.sizes(layer))
            .map(|(inputs, outputs)| [inputs, outputs])
            .collect();
        if network.norm.is_some() || sizes.iter().flatten().any(|&size| size > WIDEST) {
            return None;
        }
        let zeros = network.plan().into_iter().map(|(_, _, shape)| Some(Tensor::zeros(shape)));
        Some(Self {
            context: network.context,
            embedding: network.embedding,
            activation: network.activation,
            inputs: vec![Vec::new(); sizes.len()],
            slopes: vec![Vec::new(); sizes.len() - 1],
            sizes,
            outputs: Default::default(),
            cotangents: Default::default(),
            gradients: zeros.collect(),
        })
    }

    /// Runs a batch forwards and backwards; returns its loss.
    ///
    /// # Panics
    /// If the parameters are of another network, or the batch does not fit it.
    pub fn run(&mut self, parameters: &Parameters<T>, batch: &Batch) -> f64 {
        let loss = self.loss(parameters, batch);
        self.backward(parameters, batch);
        loss
    }

    /// The loss of a batch alone; gradients stay those of the last [`run`](Self::run).
    ///
    /// # Panics
    /// As [`run`](Self::run).
    pub fn loss(&mut self, parameters: &Parameters<T>, batch: &Batch) -> f64 {
        self.check(parameters, batch);
        self.forward(parameters, batch);
        self.mean_loss(&batch.targets)
    }

    fn check(&self, parameters: &Parameters<T>, batch: &Batch) {
        let (count, symbols) = (batch.targets.len(), batch.inputs.len());
        assert!(symbols == count * self.context, "{symbols} symbols for {count} targets");
        let (wanted, got) = (self.gradients.len(), parameters.0.len());
        assert!(got == wanted, "{got} parameters for a network of {wanted}");
    }

    /// The gradient of each parameter, in their order, of the last batch.
    pub fn gradients(&self) -> &[Option<Tensor<T>>] {
        &self.gradients
    }

    fn forward(&mut self, parameters: &Parameters<T>, batch: &Batch) {
        let value = |at: usize| parameters.0[at].value.data();
        let rows = batch.targets.len();
        let embedded = &mut self.inputs[0];
        embedded.resize(batch.inputs.len() * self.embedding, T::ZERO);
        slices::gather_rows(self.embedding, value(0), &batch.inputs, embedded);
        for (layer, &[inputs, outputs]) in self.sizes.iter().enumerate() {
            let [product, room] = &mut self.outputs;
            product.resize(rows * outputs, T::ZERO);
            let (weight, bias) = (value(1 + 2 * layer), value(2 + 2 * layer));
            slices::matmul_add_row([rows, inputs, outputs], &self.inputs[layer], weight, bias, product);
            match self.slopes.get_mut(layer) {
                Some(slopes) => {
                    let next = &mut self.inputs[layer + 1];
                    next.resize(rows * outputs, T::ZERO);
                    slopes.resize(rows * outputs, T::ZERO);
                    slices::activate(self.activation, product, next, slopes);
                }
                None => {
                    room.resize(rows * outputs, T::ZERO);
                    slices::log_softmax_rows(outputs, product, room);
                }
            }
        }
    }

    fn classes(&self) -> usize {
        self.sizes[self.sizes.len() - 1][1]
    }

    /// The mean cross-entropy of the log-probabilities.
    fn mean_loss(&mut self, targets: &[usize]) -> f64 {
        let classes = self.classes();
        let [log_p, room] = &mut self.outputs;
        let picked = &mut room[..targets.len()];
        for ((picked, row), &target) in picked.iter_mut().zip(log_p.chunks_exact(classes)).zip(targets) {
            *picked = row[target];
        }
        (-slices::sum(picked) / T::of(targets.len() as f64)).to_f64()
    }

    /// Sets the first of `cotangents` to the one of the logits.
    fn loss_cotangent(&mut self, targets: &[usize]) {
        let classes = self.classes();
        let ([log_p, _], [cotangent, _]) = (&self.outputs, &mut self.cotangents);
        let share = T::ONE / T::of(targets.len() as f64);
        cotangent.resize(log_p.len(), T::ZERO);
        slices::map(
            log_p,
            cotangent,
            #[inline(always)]
            move |x| share * x.exp(),
        );
        for (row, &target) in cotangent.chunks_exact_mut(classes).zip(targets) {
            row[target] = row[target] - share;
        }
    }

    fn backward(&mut self, parameters: &Parameters<T>, batch: &Batch) {
        self.loss_cotangent(&batch.targets);
        let (rows, selects) = (batch.targets.len(), !self.activation.kinks().is_empty());
        for (layer, &[inputs, outputs]) in self.sizes.iter().enumerate().rev() {
            let [above, below] = &mut self.cotangents;
            if let Some(slopes) = self.slopes.get(layer) {
                // As the activation's pullback on a tape.
                if selects {
                    slices::zip(above, slopes, T::damped);
                } else {
                    slices::zip(above, slopes, |g, slope| g * slope);
                }
            }
            let weight = parameters.0[1 + 2 * layer].value.data();
            slices::matmul_tn(
                [inputs, rows, outputs],
                &self.inputs[layer],
                above,
                values_of(&mut self.gradients[1 + 2 * layer]),
            );
            slices::sum_rows(above, values_of(&mut self.gradients[2 + 2 * layer]));
            below.resize(rows * inputs, T::ZERO);
            slices::matmul_nt([rows, outputs, inputs], above, weight, below);
            self.cotangents.swap(0, 1);
        }
        let table = values_of(&mut self.gradients[0]);
        slices::scatter_rows(self.embedding, &self.cotangents[0], &batch.inputs, table);
    }
}

/// The values of a gradient, to be written.
fn values_of<T: Real>(gradient: &mut Option<Tensor<T>>) -> &mut [T] {
    gradient.as_mut().expect("every parameter has a gradient").data_mut()
}
