//! What every program computes from: raw numbers in files, little-endian and row-major.
//!
//! | file | what is there |
//! |---|---|
//! | `WIDTHxDEPTH.f32` | the parameters of that network: C, W1, b1, W2, …, weights as `[in, out]` |
//! | `lesson.u32` | the lesson's batch: its inputs, then its targets |
//! | `train.f32` | the parameters of the network that is trained |
//! | `names.u32` | what it is trained on: three symbols an example, then the targets |
//! | `places.u32` | the examples of each training batch, as PyTorch's `randint` draws them |
//! | `normals.f32` | values for tanh |
//! | `activations.f32` | values to take statistics of: tanh of those |
//! | `product.f32` | two square matrices |

use std::path::{Path, PathBuf};

use nn_init::Source;
use specimen::{Alphabet, Batch, Init, Parameters, lesson};
use tensor::{Activation, Tensor};
use torch_rng::Generator;

use super::work::Work;
use cli::Failure;
use cli::files;
use lessons::makemore::run::Run;

/// A directory of these files.
pub struct Data(PathBuf);

/// The seed of what is drawn; PyTorch draws the same normals and uniforms by it.
pub const SEED: u64 = 42;

impl Data {
    /// The files below a directory.
    pub fn at(directory: &Path) -> Self {
        Self(directory.to_owned())
    }

    /// Writes what these works are computed from.
    pub fn write(&self, works: &[Work]) -> Result<(), Failure> {
        let files: Vec<(String, Vec<u8>)> = works.iter().flat_map(|&work| files_of(work)).collect();
        files::write_all(&self.0, &files)
    }

    /// The numbers of a file.
    pub fn floats(&self, name: &str) -> Result<Vec<f32>, Failure> {
        self.words(name, f32::from_le_bytes)
    }

    /// The whole numbers of a file.
    pub fn indices(&self, name: &str) -> Result<Vec<usize>, Failure> {
        self.words(name, |bytes| u32::from_le_bytes(bytes) as usize)
    }

    fn words<T>(&self, name: &str, word: impl Fn([u8; 4]) -> T) -> Result<Vec<T>, Failure> {
        let bytes = files::read(&self.0.join(name), "`cargo xtask compare` writes it")?;
        let (words, rest) = bytes.as_chunks();
        if !rest.is_empty() {
            return Err(Failure::new(format!("{name} is damaged: {} bytes are no whole numbers", bytes.len())));
        }
        Ok(words.iter().map(|&bytes| word(bytes)).collect())
    }
}

/// The files of one work, with their bytes.
fn files_of(work: Work) -> Vec<(String, Vec<u8>)> {
    let file = |name: &str, bytes| (name.to_owned(), bytes);
    match work {
        Work::Fma | Work::Normals | Work::Uniforms => vec![],
        Work::Step(width, depth) | Work::Forward(width, depth) => vec![
            (format!("{width}x{depth}.f32"), parameters(&start(work))),
            file("lesson.u32", examples(&lesson::bigrams().batch)),
        ],
        Work::Ensemble(..) => vec![file("lesson.u32", examples(&lesson::bigrams().batch))],
        Work::Train => {
            let (batch, network) = (names(), Work::trained());
            let init = Work::run().init().unwrap_or_else(|error| unreachable!("the lecture's run has one: {error}"));
            let start = init.draw(&network, &mut Generator::manual_seed(SEED));
            vec![
                file("train.f32", parameters(&start)),
                file("names.u32", examples(&batch)),
                file("places.u32", whole(places(batch.targets.len()))),
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

/// Weights of gain 1, which hand rounding errors on as they are; N(0, 1) would multiply them in every layer.
fn start(work: Work) -> Parameters {
    let Some(network) = work.network() else { unreachable!("{work} has a network") };
    Init::LESSON_XAVIER.draw(&network, &mut Generator::manual_seed(SEED))
}

/// The lesson's names as the lecture shows them, over the whole alphabet.
pub(super) fn names() -> Batch {
    let alphabet = Alphabet(std::iter::once('.').chain('a'..='z').collect());
    alphabet.examples(&lesson::NAMES, Work::run().network.context)
}

/// The places of every batch.
fn places(examples: usize) -> Vec<usize> {
    let mut generator = Generator::manual_seed(Run::SEED);
    let draw = |_| {
        let mut batch = vec![0_i64; Work::run().batch];
        generator.randint(0, examples as i64, &mut batch);
        batch
    };
    (0..Work::STEPS).flat_map(draw).map(|place| place as usize).collect()
}

fn normals(count: usize) -> Tensor {
    let mut values = Tensor::zeros([count]);
    Generator::manual_seed(SEED).normal(0.0, 1.0, values.data_mut());
    values
}

fn parameters(parameters: &Parameters) -> Vec<u8> {
    parameters.0.iter().flat_map(|parameter| floats(parameter.value.data())).collect()
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
    use tempfile::TempDir;

    use super::Data;
    use crate::work::Work;

    #[test]
    fn what_is_written_is_read_back() {
        let directory = TempDir::new().unwrap();
        let data = Data::at(directory.path());
        data.write(&[Work::Step(32, 3), Work::Train]).unwrap();
        let network = Work::Step(32, 3).network().unwrap();
        let count: usize = network.plan().iter().map(|(.., shape)| shape.numel()).sum();
        assert_eq!(data.floats("32x3.f32").unwrap().len(), count);
        let batch = specimen::lesson::bigrams().batch;
        assert_eq!(data.indices("lesson.u32").unwrap(), [batch.inputs, batch.targets].concat());
        let (names, places) = (super::names(), data.indices("places.u32").unwrap());
        assert_eq!(names.inputs[..9], [0, 0, 0, 0, 0, 5, 0, 5, 13], "... ..e .em of emma");
        assert!(places.len() == 3200 && places.iter().all(|&place| place < names.targets.len()));
    }

    #[test]
    fn what_is_missing_or_cut_is_refused() {
        let directory = TempDir::new().unwrap();
        let data = Data::at(directory.path());
        assert!(data.floats("32x3.f32").unwrap_err().to_string().contains("`cargo xtask compare` writes it"));
        std::fs::write(directory.path().join("cut.f32"), [0; 5]).unwrap();
        let refused = data.floats("cut.f32").unwrap_err().to_string();
        assert_eq!(refused, "cut.f32 is damaged: 5 bytes are no whole numbers");
    }
}
