//! The data files.

use std::fs;
use std::path::{Path, PathBuf};

use crate::Fallible;

/// Steps of a training, and examples of a batch.
pub(crate) const STEPS: usize = 100;
pub(crate) const BATCH: usize = 32;
/// The learning rate.
pub(crate) const RATE: f64 = 0.1;
/// Values of the elementwise works.
pub(crate) const VALUES: usize = 1_000_000;
/// Symbols of an example that is trained on, and units of the hidden layer.
pub(crate) const CONTEXT: usize = 3;
const HIDDEN: usize = 200;
const CLASSES: usize = 27;
const EMBEDDING: usize = 10;

/// A directory of them.
pub(crate) struct Data(PathBuf);

/// Examples: their inputs, so many each, and their targets.
pub(crate) struct Examples {
    pub(crate) inputs: Vec<u32>,
    pub(crate) targets: Vec<u32>,
}

/// One parameter: C and the weights have two axes, a bias has one.
pub(crate) struct Parameter {
    pub(crate) shape: Vec<usize>,
    pub(crate) values: Vec<f32>,
}

impl Data {
    pub(crate) fn at(directory: &str) -> Self {
        Self(Path::new(directory).to_owned())
    }

    fn words<T>(&self, name: &str, word: fn([u8; 4]) -> T) -> Fallible<Vec<T>> {
        let bytes = fs::read(self.0.join(name)).map_err(|error| format!("{name}: {error}"))?;
        let (words, rest) = bytes.as_chunks();
        if rest.is_empty() { Ok(words.iter().map(|&bytes| word(bytes)).collect()) } else { Err(name.into()) }
    }

    pub(crate) fn floats(&self, name: &str) -> Fallible<Vec<f32>> {
        self.words(name, f32::from_le_bytes)
    }

    pub(crate) fn indices(&self, name: &str) -> Fallible<Vec<u32>> {
        self.words(name, u32::from_le_bytes)
    }

    /// Two square matrices.
    pub(crate) fn squares(&self) -> Fallible<[Vec<f32>; 2]> {
        let mut first = self.floats("product.f32")?;
        let second = first.split_off(first.len() / 2);
        Ok([first, second])
    }

    pub(crate) fn lesson(&self) -> Fallible<Examples> {
        self.examples("lesson.u32", 1)
    }

    pub(crate) fn names(&self) -> Fallible<Examples> {
        self.examples("names.u32", CONTEXT)
    }

    fn examples(&self, name: &str, context: usize) -> Fallible<Examples> {
        let mut inputs = self.indices(name)?;
        let targets = inputs.split_off(inputs.len() / (context + 1) * context);
        Ok(Examples { inputs, targets })
    }

    /// C, W1, b1, W2, … of the lesson's network of this width and depth.
    pub(crate) fn network(&self, width: usize, depth: usize) -> Fallible<Vec<Parameter>> {
        self.parameters(&format!("{width}x{depth}.f32"), EMBEDDING, &vec![width; depth])
    }

    /// The same of the network that is trained.
    pub(crate) fn trained(&self) -> Fallible<Vec<Parameter>> {
        self.parameters("train.f32", CONTEXT * EMBEDDING, &[HIDDEN])
    }

    fn parameters(&self, name: &str, inputs: usize, hidden: &[usize]) -> Fallible<Vec<Parameter>> {
        let sizes: Vec<usize> = [&[inputs], hidden, &[CLASSES]].concat();
        let layers = sizes.windows(2).flat_map(|pair| [pair.to_vec(), pair[1..].to_vec()]);
        let mut values = self.floats(name)?.into_iter();
        let shapes = std::iter::once(vec![CLASSES, EMBEDDING]).chain(layers);
        let take = |shape: Vec<usize>| {
            let values = values.by_ref().take(shape.iter().product()).collect();
            Parameter { shape, values }
        };
        Ok(shapes.map(take).collect())
    }
}
