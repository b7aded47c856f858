//! Writes the data files; [`shared::data`] says what is in each.

use std::path::Path;

use cli::{Failure, files};
use shared::Work;
use shared::data::{BATCH, CONTEXT, SEED, TRAINING_SEED, parameters_file};
use specimen::{Alphabet, Batch, Init, Parameters, lesson};
use tensor::{Activation, Tensor};
use torch_rng::{Generator, Source};

use crate::networks::network;

/// Writes the files that these works are computed from.
///
/// # Errors
/// If a file cannot be written.
pub(crate) fn write(directory: &Path, works: &[Work]) -> Result<(), Failure> {
    let files: Vec<(String, Vec<u8>)> = works.iter().flat_map(|&work| files_of(work)).collect();
    files::write_all(directory, &files)
}

/// The files of one work, with their bytes.
fn files_of(work: Work) -> Vec<(String, Vec<u8>)> {
    let file = |name: &str, bytes| (name.to_owned(), bytes);
    match work {
        Work::Fma | Work::Normals | Work::Uniforms => vec![],
        Work::Step(width, depth) | Work::Forward(width, depth) => vec![
            (parameters_file(width, depth), parameters(work)),
            file("lesson.u32", examples(&lesson::bigrams().batch)),
        ],
        Work::Ensemble(..) => vec![file("lesson.u32", examples(&lesson::bigrams().batch))],
        Work::Train => {
            let batch = names();
            vec![
                file("train.f32", parameters(work)),
                file("names.u32", examples(&batch)),
                file("places.u32", whole(batches(batch.targets.len()))),
            ]
        }
        Work::Tanh => vec![file("normals.f32", floats(normals(Work::VALUES).data()))],
        Work::Statistics => {
            let activations = normals(Work::VALUES).map(|x| Activation::Tanh.eval(x).0);
            vec![file("activations.f32", floats(activations.data()))]
        }
        Work::Product(side) => vec![file("product.f32", floats(normals(2 * side * side).data()))],
    }
}

/// The parameters of a work's network, of gain 1, which passes rounding errors on as they are; N(0, 1) would multiply
/// them in every layer.
fn parameters(work: Work) -> Vec<u8> {
    let Some(network) = network(work) else { unreachable!("{work} has a network") };
    let drawn: Parameters = Init::LESSON_XAVIER.draw(&network, &mut Generator::manual_seed(SEED));
    drawn.0.iter().flat_map(|parameter| floats(parameter.value.data())).collect()
}

/// The lesson's names as the lecture's examples, over the whole alphabet.
pub(crate) fn names() -> Batch {
    let alphabet = Alphabet(std::iter::once('.').chain('a'..='z').collect());
    alphabet.examples(&lesson::NAMES, CONTEXT)
}

/// The indices of every batch's examples.
fn batches(examples: usize) -> Vec<usize> {
    let mut generator = Generator::manual_seed(TRAINING_SEED);
    let draw = |_| {
        let mut batch = vec![0_i64; BATCH];
        generator.randint(0, examples as i64, &mut batch);
        batch
    };
    (0..Work::STEPS).flat_map(draw).map(|example| example as usize).collect()
}

fn normals(count: usize) -> Tensor {
    let mut values = Tensor::zeros([count]);
    Generator::manual_seed(SEED).normal(0.0, 1.0, values.data_mut());
    values
}

fn examples(batch: &Batch) -> Vec<u8> {
    whole(batch.inputs.iter().chain(&batch.targets).copied())
}

fn floats(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

fn whole(values: impl IntoIterator<Item = usize>) -> Vec<u8> {
    values.into_iter().flat_map(|value| (value as u32).to_le_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use shared::data::RawParameter;
    use shared::{DataFiles, Work};
    use tempfile::TempDir;

    use crate::networks::network;

    #[test]
    fn files_are_read_back() {
        let directory = TempDir::new().unwrap();
        super::write(directory.path(), &[Work::Step(32, 3), Work::Train]).unwrap();
        let data = DataFiles::at(directory.path());
        let plan = network(Work::Step(32, 3)).unwrap().plan();
        let shapes = data.network(32, 3).unwrap().into_iter().map(|RawParameter { shape, values }| {
            assert_eq!(values.len(), shape.iter().product::<usize>());
            shape
        });
        assert!(shapes.eq(plan.iter().map(|(.., shape)| shape.dims().to_vec())));
        let whole = |values: &[usize]| values.iter().map(|&value| value as u32).collect::<Vec<_>>();
        let (batch, lesson) = (specimen::lesson::bigrams().batch, data.lesson().unwrap());
        assert_eq!((lesson.inputs, lesson.targets), (whole(&batch.inputs), whole(&batch.targets)));
        let (names, batches) = (data.names().unwrap(), data.indices("places.u32").unwrap());
        assert_eq!(names.inputs[..9], [0, 0, 0, 0, 0, 5, 0, 5, 13], "... ..e .em of emma");
        let examples = names.targets.len() as u32;
        assert!(batches.len() == 3200 && batches.iter().all(|&example| example < examples));
    }
}
