//! The examples of a cell.

use nn_init::{Generator, Scheme};
use specimen::{Alphabet, Batch, Init, Mode, Network, Parameters, Tape, lesson};

use crate::settings::{CellData, CellSettings};

/// Units of the teacher's one hidden layer.
const TEACHER: usize = 32;

/// The examples that the settings name. They depend on `data`, `context`, `classes`, `embedding`, `examples` and `data_seed`
/// alone.
pub(super) fn examples(settings: &CellSettings) -> Batch {
    if settings.data == CellData::Lesson {
        let alphabet = Alphabet::of(&lesson::NAMES).expect("the lesson's names are words");
        return alphabet.examples(&lesson::NAMES, settings.context);
    }
    let mut source = Generator::manual_seed(settings.data_seed);
    let mut symbols = |count: usize| -> Vec<usize> {
        let mut drawn = vec![0; count];
        source.randint(0, settings.classes as i64, &mut drawn);
        drawn.into_iter().map(|symbol| symbol as usize).collect()
    };
    let inputs = symbols(settings.examples * settings.context);
    let targets = match settings.data {
        CellData::Teacher => taught(settings, &inputs, &mut source),
        _ => symbols(settings.examples),
    };
    Batch { inputs, targets }
}

/// The most probable class of each example by a tanh network that is drawn from `source`: LeCun's weights, no biases.
fn taught(settings: &CellSettings, inputs: &[usize], source: &mut Generator) -> Vec<usize> {
    let network = Network {
        classes: settings.classes,
        context: settings.context,
        embedding: settings.embedding,
        hidden: vec![TEACHER],
        ..Network::lesson()
    };
    let init = Init::direct(Scheme::kaiming_normal(1.0), Scheme::ZEROS);
    let parameters: Parameters = init.draw(&network, source);
    let tape = Tape::new();
    let logits = network.outputs(&tape, &parameters, inputs, Mode::Training).logits.value();
    let largest = |row: &[f32]| {
        let best = row.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1));
        best.map_or(0, |(class, _)| class)
    };
    logits.data().chunks(settings.classes).map(largest).collect()
}

#[cfg(test)]
mod tests {
    use super::examples;
    use crate::settings::{CellData, CellSettings};

    #[test]
    fn examples_fit_the_network_and_depend_on_their_seed() {
        for data in [CellData::Lesson, CellData::Random, CellData::Teacher] {
            let settings = CellSettings { data, context: 2, classes: 30, ..CellSettings::default() };
            let batch = examples(&settings);
            assert_eq!(batch.inputs.len(), 2 * batch.targets.len());
            assert!(batch.inputs.iter().chain(&batch.targets).all(|&symbol| symbol < 30));
            assert_eq!(batch, examples(&CellSettings { seed: 9, gain: 3.0, ..settings.clone() }));
            let other = examples(&CellSettings { data_seed: 1, ..settings });
            assert_eq!(batch == other, data == CellData::Lesson, "{data:?}");
        }
    }

    #[test]
    fn a_teacher_is_a_function_of_its_inputs() {
        let settings = CellSettings { data: CellData::Teacher, examples: 400, ..CellSettings::default() };
        let batch = examples(&settings);
        let mut of_symbol = [None; 27];
        for (&symbol, &target) in batch.inputs.iter().zip(&batch.targets) {
            assert_eq!(*of_symbol[symbol].get_or_insert(target), target, "symbol {symbol}");
        }
        let mut classes = batch.targets.clone();
        classes.sort_unstable();
        classes.dedup();
        assert!(classes.len() > 3, "{} classes", classes.len());
    }
}
