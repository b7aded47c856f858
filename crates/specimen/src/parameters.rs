//! The values of a network.

use tensor::{Real, Tensor};

/// What a parameter is for, which decides how it is started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A table `[symbols, size]` from which rows are looked up.
    Embedding,
    /// A matrix `[in, out]` that rows are multiplied by.
    Weight,
    /// A row `[out]` that is added.
    Bias,
}

/// One named tensor.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter<T: Real = f32> {
    /// `C`, `W1`, `b1`, …, as the lesson calls them.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// Its values.
    pub value: Tensor<T>,
}

/// All tensors of a network in the order in which they are drawn: C, W1, b1, W2, b2, ….
#[derive(Clone, Debug, PartialEq)]
pub struct Parameters<T: Real = f32>(pub Vec<Parameter<T>>);

impl<T: Real> Parameters<T> {
    /// The parameter of that name.
    pub fn get(&self, name: &str) -> Option<&Parameter<T>> {
        self.0.iter().find(|parameter| parameter.name == name)
    }

    /// The number of values.
    pub fn count(&self) -> usize {
        self.0.iter().map(|parameter| parameter.value.shape().numel()).sum()
    }

    /// The same values in another precision.
    pub fn cast<U: Real>(&self) -> Parameters<U> {
        let cast = |p: &Parameter<T>| Parameter { name: p.name.clone(), role: p.role, value: p.value.cast() };
        Parameters(self.0.iter().map(cast).collect())
    }
}
