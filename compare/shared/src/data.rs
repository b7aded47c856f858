//! The files that every program computes from: raw numbers, little-endian and row-major.
//!
//! | file | content |
//! |---|---|
//! | `WIDTHxDEPTH.f32` | the parameters of that network: C, W1, b1, W2, …, weights as `[in, out]` |
//! | `lesson.u32` | the lesson's batch: its inputs, then its targets |
//! | `train.f32` | the parameters of the network that is trained |
//! | `names.u32` | the examples that it is trained on: three symbols each, then the targets |
//! | `places.u32` | the indices of each training batch's examples, as PyTorch's `randint` draws them |
//! | `normals.f32` | values for tanh |
//! | `activations.f32` | values for the statistics: tanh of those |
//! | `product.f32` | two square matrices |
//!
//! Our side writes them (`compare/contest/src/data.rs`); every program reads them.

use std::fs;
use std::path::{Path, PathBuf};

use crate::Fallible;

/// The seed of everything that is drawn but the training's batches; PyTorch draws the same numbers from it.
pub const SEED: u64 = 42;
/// The seed of the training's batches.
pub const TRAINING_SEED: u64 = 2_147_483_647;
/// Examples of a training batch.
pub const BATCH: usize = 32;
/// The learning rate of the training.
pub const RATE: f64 = 0.1;
/// Symbols of an example that is trained on.
pub const CONTEXT: usize = 3;
/// Units of the hidden layer of the network that is trained.
pub const HIDDEN: usize = 200;
/// Symbols of the alphabet.
pub const CLASSES: usize = 27;
/// Columns of the embedding C.
pub const EMBEDDING: usize = 10;

/// A directory of the data files.
pub struct DataFiles(PathBuf);

/// Examples as plain numbers: the inputs of all, then a target each.
pub struct RawExamples {
    /// As many symbols per example as its context is long.
    pub inputs: Vec<u32>,
    /// One symbol per example.
    pub targets: Vec<u32>,
}

/// One parameter as plain numbers: C and the weights have two axes, a bias has one.
pub struct RawParameter {
    /// The size of each axis.
    pub shape: Vec<usize>,
    /// The values, row-major.
    pub values: Vec<f32>,
}

impl DataFiles {
    /// The files in a directory.
    pub fn at(directory: impl AsRef<Path>) -> Self {
        Self(directory.as_ref().to_owned())
    }

    /// The numbers of a `.f32` file.
    ///
    /// # Errors
    /// If the file cannot be read, or its length is not a multiple of four bytes.
    pub fn floats(&self, name: &str) -> Fallible<Vec<f32>> {
        self.words(name, f32::from_le_bytes)
    }

    /// The numbers of a `.u32` file.
    ///
    /// # Errors
    /// If the file cannot be read, or its length is not a multiple of four bytes.
    pub fn indices(&self, name: &str) -> Fallible<Vec<u32>> {
        self.words(name, u32::from_le_bytes)
    }

    fn words<T>(&self, name: &str, word: fn([u8; 4]) -> T) -> Fallible<Vec<T>> {
        let path = self.0.join(name);
        let hint = "`cargo xtask compare` writes it";
        let bytes =
            fs::read(&path).map_err(|error| format!("cannot read {}: {error}; {hint}", path.display()))?;
        let (words, rest) = bytes.as_chunks();
        if !rest.is_empty() {
            let found = bytes.len();
            return Err(
                format!("{name} is damaged: {found} bytes are not a multiple of 4; {hint} anew").into()
            );
        }
        Ok(words.iter().map(|&bytes| word(bytes)).collect())
    }

    /// The two matrices of the square product.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn squares(&self) -> Fallible<[Vec<f32>; 2]> {
        let mut first = self.floats("product.f32")?;
        let second = first.split_off(first.len() / 2);
        Ok([first, second])
    }

    /// The lesson's batch.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn lesson(&self) -> Fallible<RawExamples> {
        self.examples("lesson.u32", 1)
    }

    /// The examples that are trained on.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn names(&self) -> Fallible<RawExamples> {
        self.examples("names.u32", CONTEXT)
    }

    fn examples(&self, name: &str, context: usize) -> Fallible<RawExamples> {
        let mut inputs = self.indices(name)?;
        let targets = inputs.split_off(inputs.len() / (context + 1) * context);
        Ok(RawExamples { inputs, targets })
    }

    /// C, W1, b1, W2, … of the lesson's network with hidden layers of this width and number.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn network(&self, width: usize, depth: usize) -> Fallible<Vec<RawParameter>> {
        self.parameters(&parameters_file(width, depth), EMBEDDING, &vec![width; depth])
    }

    /// C, W1, b1, W2, b2 of the network that is trained.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn trained(&self) -> Fallible<Vec<RawParameter>> {
        self.parameters("train.f32", CONTEXT * EMBEDDING, &[HIDDEN])
    }

    fn parameters(&self, name: &str, inputs: usize, hidden: &[usize]) -> Fallible<Vec<RawParameter>> {
        let sizes: Vec<usize> = [&[inputs], hidden, &[CLASSES]].concat();
        let layers = sizes.windows(2).flat_map(|pair| [pair.to_vec(), pair[1..].to_vec()]);
        let mut values = self.floats(name)?.into_iter();
        let shapes = std::iter::once(vec![CLASSES, EMBEDDING]).chain(layers);
        let take = |shape: Vec<usize>| {
            let values = values.by_ref().take(shape.iter().product()).collect();
            RawParameter { shape, values }
        };
        Ok(shapes.map(take).collect())
    }
}

/// The name of the file of the lesson's network with hidden layers of this width and number.
pub fn parameters_file(width: usize, depth: usize) -> String {
    format!("{width}x{depth}.f32")
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::DataFiles;

    #[test]
    fn a_missing_or_cut_file_is_refused() {
        let directory = TempDir::new().unwrap();
        let data = DataFiles::at(directory.path());
        let missing = data.floats("32x3.f32").unwrap_err().to_string();
        assert!(missing.starts_with("cannot read ") && missing.contains("32x3.f32: "), "{missing}");
        assert!(missing.ends_with("; `cargo xtask compare` writes it"), "{missing}");
        std::fs::write(directory.path().join("cut.f32"), [0; 5]).unwrap();
        let cut = data.floats("cut.f32").unwrap_err().to_string();
        assert_eq!(
            cut,
            "cut.f32 is damaged: 5 bytes are not a multiple of 4; `cargo xtask compare` writes it anew"
        );
    }
}
