//! Adam.

use tensor::{Real, Tensor};

use crate::{Model, Parameters, Pass};

/// Adam with its averages, as `torch.optim.Adam` computes it without weight decay (Kingma & Ba 2015).
///
/// ```
/// use specimen::{Adam, Generator, Init, Model, Network, Tape, lesson};
///
/// let network = Network { hidden: vec![8], ..Network::lesson() };
/// let batch = lesson::bigrams().batch;
/// let mut model: Model = Model::new(network.clone(), Init::LESSON_KAIMING.draw(&network, &mut Generator::manual_seed(1)));
/// let (mut tape, mut adam) = (Tape::new(), Adam::default());
/// let before = model.pass(&mut tape, &batch).loss;
/// for _ in 0..20 {
///     let pass = model.pass(&mut tape, &batch);
///     model.adam_step(&mut adam, &pass, 0.01);
/// }
/// assert!(model.pass(&mut tape, &batch).loss < before - 0.3);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Adam<T: Real = f32> {
    /// The weight of the past in the average of gradients; 0.9 by default.
    pub beta1: f64,
    /// The weight of the past in the average of squared gradients; 0.999 by default.
    pub beta2: f64,
    /// The number that is added to the root of the averaged squares; 1e-8 by default.
    pub eps: f64,
    averages: Vec<Option<AdamAverages<T>>>,
}

/// The averages of one parameter, from its first gradient on.
#[derive(Clone, Debug, PartialEq)]
struct AdamAverages<T: Real> {
    /// The number of gradients so far.
    steps: i32,
    gradient: Tensor<T>,
    square: Tensor<T>,
}

impl<T: Real> Default for Adam<T> {
    fn default() -> Self {
        Self::new([0.9, 0.999], 1e-8)
    }
}

impl<T: Real> Adam<T> {
    /// Adam with these betas and ε, before its first step.
    pub fn new([beta1, beta2]: [f64; 2], eps: f64) -> Self {
        Self { beta1, beta2, eps, averages: Vec::new() }
    }

    /// One step: `m ← m + (1 − β₁)·(g − m)`, `v ← β₂·v + (1 − β₂)·g²`, `p ← p − rate/(1 − β₁ᵗ)·m/(√v/√(1 − β₂ᵗ) + ε)`. t
    /// counts the gradients that the parameter has had. A parameter without a gradient stays, and so do its averages.
    ///
    /// # Panics
    /// If there is not one gradient per parameter, of its shape.
    #[track_caller]
    pub fn step(&mut self, parameters: &mut Parameters<T>, gradients: &[Option<Tensor<T>>], rate: f64) {
        self.step_each(parameters, gradients, |_| rate);
    }

    /// The same with a learning rate for each parameter, by its place among them: μP, for example, needs that.
    ///
    /// # Panics
    /// As [`step`](Self::step).
    #[track_caller]
    pub fn step_each(
        &mut self,
        parameters: &mut Parameters<T>,
        gradients: &[Option<Tensor<T>>],
        rate: impl Fn(usize) -> f64,
    ) {
        let (count, got) = (parameters.0.len(), gradients.len());
        assert!(got == count, "adam: {got} gradients for {count} parameters");
        self.averages.resize(count, None);
        let [fresh, kept, fresh_square] = [1.0 - self.beta1, self.beta2, 1.0 - self.beta2].map(T::of);
        let all = parameters.0.iter_mut().zip(gradients).zip(&mut self.averages);
        for (place, ((parameter, gradient), averages)) in all.enumerate() {
            let Some(gradient) = gradient else { continue };
            let (shape, of) = (parameter.value.shape(), gradient.shape());
            assert!(shape == of, "adam: a gradient of shape {of} for {} of shape {shape}", parameter.name);
            let zeros = || AdamAverages { steps: 0, gradient: Tensor::zeros(of), square: Tensor::zeros(of) };
            let averages = averages.get_or_insert_with(zeros);
            averages.steps += 1;
            let root = (1.0 - self.beta2.powi(averages.steps)).sqrt();
            let size = -rate(place) / (1.0 - self.beta1.powi(averages.steps));
            let [root, size, eps] = [root, size, self.eps].map(T::of);
            let (values, gradient) = (parameter.value.data_mut(), gradient.data());
            let (mean, square) = (averages.gradient.data_mut(), averages.square.data_mut());
            tensor::dispatch(
                #[inline(always)]
                move || {
                    for (((p, &g), m), v) in values.iter_mut().zip(gradient).zip(mean).zip(square) {
                        *m += fresh * (g - *m);
                        *v = kept * *v + fresh_square * g * g;
                        *p += size * (*m / (v.sqrt() / root + eps));
                    }
                },
            );
        }
    }
}

impl<T: Real> Model<T> {
    /// One step of Adam by a pass, and the running statistics moved towards its batch.
    ///
    /// # Panics
    /// If the pass, or an earlier one, is of another network.
    #[track_caller]
    pub fn adam_step(&mut self, adam: &mut Adam<T>, pass: &Pass<T>, rate: f64) {
        self.adam_step_each(adam, pass, |_| rate);
    }

    /// The same with a learning rate for each parameter, by its place among them.
    ///
    /// # Panics
    /// As [`adam_step`](Self::adam_step).
    #[track_caller]
    pub fn adam_step_each(&mut self, adam: &mut Adam<T>, pass: &Pass<T>, rate: impl Fn(usize) -> f64) {
        adam.step_each(&mut self.parameters, &pass.gradients, rate);
        self.note_statistics(pass);
    }
}
