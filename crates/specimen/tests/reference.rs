//! Reads what `reference/make.py` records.

use specimen::{Activation, Batch, Generator, Init, Model, Network};

/// One recorded network: lines of a name and numbers.
pub(crate) struct Paragraph(pub(crate) &'static str);

impl Paragraph {
    /// The rest of each line of that name.
    fn lines(&self, name: &str) -> impl Iterator<Item = &'static str> {
        self.0.lines().filter_map(move |line| line.strip_prefix(name)?.strip_prefix(' '))
    }

    /// The numbers of all lines of that name.
    pub(crate) fn numbers(&self, name: &str) -> Vec<f64> {
        self.lines(name).flat_map(|line| line.split(' ')).map(|x| x.parse().unwrap()).collect()
    }

    fn indices(line: &str) -> Vec<usize> {
        line.split(' ').map(|x| x.parse().unwrap()).collect()
    }

    /// The batches, in their order.
    pub(crate) fn batches(&self) -> Vec<Batch> {
        let lines = self.lines("inputs").zip(self.lines("targets"));
        lines
            .map(|(inputs, targets)| Batch { inputs: Self::indices(inputs), targets: Self::indices(targets) })
            .collect()
    }

    /// The network with its values.
    pub(crate) fn model(&self) -> Model<f64> {
        let sizes: Vec<usize> = self.lines("sizes").flat_map(Self::indices).collect();
        let [classes, context, embedding, hidden @ ..] = &sizes[..] else { panic!("sizes in {}", self.0) };
        let network = Network {
            classes: *classes,
            context: *context,
            embedding: *embedding,
            hidden: hidden.to_vec(),
            activation: Activation::Tanh,
            norm: None,
        };
        let mut parameters = Init::LESSON_RANDOM.draw(&network, &mut Generator::manual_seed(0));
        let values: Vec<_> = self.lines("values").collect();
        assert_eq!(values.len(), parameters.0.len());
        for (parameter, line) in parameters.0.iter_mut().zip(values) {
            let values: Vec<f64> = line.split(' ').map(|x| x.parse().unwrap()).collect();
            parameter.value.data_mut().copy_from_slice(&values);
        }
        Model::new(network, parameters)
    }
}
