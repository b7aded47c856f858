//! Modules: layers of several parameters, as the list of their draws.

use tensor::Tensor;

use crate::{Element, InitError, Layout, Scheme, Source};

/// A layer of several parameters: what is drawn for each of them, in the framework's order.
///
/// The order decides which numbers a seed gives. A framework may fill a parameter twice, such as PyTorch's attention
/// does; the last draw is its value, and the numbers of the first are taken from the source all the same.
/// [`torch`](crate::torch) has the modules of PyTorch; a network is made of several with [`with`](Self::with).
///
/// ```
/// use nn_init::{Generator, Module, Scheme, torch};
///
/// // torch.manual_seed(1); nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 1))
/// let network = Module::new().with("0", torch::linear(3, 8, true)).with("2", torch::linear(8, 1, true));
/// let parameters = network.sample::<f32>(&mut Generator::manual_seed(1))?;
/// let names: Vec<&str> = parameters.iter().map(|(name, _)| name.as_str()).collect();
/// assert_eq!(names, ["0.weight", "0.bias", "2.weight", "2.bias"]);
/// assert_eq!(parameters[0].1.data()[..3], [0.29748735, -0.25482982, -0.11192598]);
/// # Ok::<(), nn_init::InitError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Module {
    draws: Vec<ParameterDraw>,
}

/// One parameter that a [`Module`] fills.
#[derive(Clone, Debug, PartialEq)]
pub struct ParameterDraw {
    /// The name of the parameter, with those of the modules that hold it: `self_attn.in_proj_weight`. If there are several, one
    /// draw is the value of all of them; if there is none, its numbers are drawn all the same.
    pub names: Vec<String>,
    /// The shape, in the framework's order of axes.
    pub shape: Vec<usize>,
    /// The scheme of the values.
    pub scheme: Scheme,
    /// The layout by which the framework computes the scheme's fans.
    pub layout: Layout,
    /// The row that is set to 0 afterwards: the padding of an embedding.
    pub zero_row: Option<usize>,
}

impl Module {
    /// A module without parameters.
    pub const fn new() -> Self {
        Self { draws: Vec::new() }
    }

    /// The draws, in order.
    pub fn draws(&self) -> &[ParameterDraw] {
        &self.draws
    }

    /// Adds the draw of a parameter whose fans are read in the layout [`OUT_IN`](Layout::OUT_IN).
    pub fn and(mut self, name: &str, shape: &[usize], scheme: Scheme) -> Self {
        let (names, shape) = (vec![name.to_owned()], shape.to_vec());
        self.draws.push(ParameterDraw { names, shape, scheme, layout: Layout::OUT_IN, zero_row: None });
        self
    }

    /// Adds a draw if there is one.
    pub(crate) fn and_if(self, present: bool, name: &str, shape: &[usize], scheme: Scheme) -> Self {
        if present { self.and(name, shape, scheme) } else { self }
    }

    /// Adds the draws of a module inside this one; its names are prefixed with `name` and a dot.
    pub fn with(mut self, name: &str, inner: Self) -> Self {
        self.draws.extend(inner.renamed(|inner| vec![format!("{name}.{inner}")]).draws);
        self
    }

    /// Deep copies of the module, named `0`, `1` and so on: its parameters are drawn once, and all copies have these values.
    pub fn copied(self, copies: usize) -> Self {
        self.renamed(|name| (0..copies).map(|copy| format!("{copy}.{name}")).collect())
    }

    /// The same draws, with new names in place of each.
    fn renamed(mut self, rename: impl Fn(&str) -> Vec<String>) -> Self {
        for draw in &mut self.draws {
            draw.names = draw.names.iter().flat_map(|name| rename(name)).collect();
        }
        self
    }

    /// The same module, whose last draw has zeros in this row.
    pub(crate) fn zero_row(mut self, row: Option<usize>) -> Self {
        if let Some(draw) = self.draws.last_mut() {
            draw.zero_row = row;
        }
        self
    }

    /// Draws every parameter. The result has each name once, in the order in which they are first drawn.
    ///
    /// # Errors
    /// If a scheme cannot fill its shape, or the row of zeros is outside the tensor; see [`Scheme::fill`].
    pub fn sample<T: Element>(
        &self,
        source: &mut (impl Source<T> + ?Sized),
    ) -> Result<Vec<(String, Tensor<T>)>, InitError> {
        let mut parameters: Vec<(String, Tensor<T>)> = Vec::new();
        for draw in &self.draws {
            let value = draw.sample(source)?;
            for name in &draw.names {
                match parameters.iter_mut().find(|(earlier, _)| earlier == name) {
                    Some((_, earlier)) => *earlier = value.clone(),
                    None => parameters.push((name.clone(), value.clone())),
                }
            }
        }
        Ok(parameters)
    }
}

impl ParameterDraw {
    fn sample<T: Element>(&self, source: &mut (impl Source<T> + ?Sized)) -> Result<Tensor<T>, InitError> {
        let mut value = self.scheme.sample(&self.shape, self.layout, source)?;
        if let Some(row) = self.zero_row {
            let rows = self.shape.first().copied().unwrap_or(0);
            if row >= rows {
                return Err(InitError::Shape {
                    scheme: self.scheme.to_string(),
                    shape: self.shape.clone(),
                    why: format!("{} has no row {row} to set to 0", self.names.join(", ")),
                });
            }
            let width = value.data().len() / rows;
            value.data_mut()[row * width..(row + 1) * width].fill(T::ZERO);
        }
        Ok(value)
    }
}
