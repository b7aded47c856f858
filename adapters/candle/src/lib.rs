//! Candle's variables, drawn by the schemes of nn-init from a source with a seed.
//!
//! Candle's layers ask a `VarBuilder` for their variables; an [`Initializer`] is what stands behind it.
//!
//! ```
//! use candle_core::{DType, Device};
//! use step_zero_candle::Initializer;
//! use torch_rng::Generator;
//!
//! // "orthogonal" for every weight; for the rest what candle has, but from the seed.
//! let orthogonal = "orthogonal".parse()?;
//! let choose = |name: &str, candles| if name.ends_with("weight") { orthogonal } else { candles };
//! let initializer = Initializer::new(Generator::manual_seed(42), choose);
//!
//! let vb = initializer.var_builder(DType::F32, &Device::Cpu);
//! let layer = candle_nn::linear(10, 100, vb.pp("hidden"))?;
//! assert_eq!(initializer.variables().all_vars().len(), 2); // for an optimizer, or a file
//! # let _ = layer;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod models;
mod watch;

use std::sync::{Mutex, MutexGuard};

use candle_core::{DType, Device, Error, Result, Shape, Tensor, Var};
use candle_nn::init::{FanInOut, Init, NormalOrUniform};
use candle_nn::var_builder::SimpleBackend;
use candle_nn::{VarBuilder, VarMap};
use nn_init::{Distribution, FanMode, Layout, Scheme, Source};

pub use watch::Watch;

/// Draws each variable at the moment when a layer first asks for it, so the order in which a model is built decides
/// which numbers a seed gives.
pub struct Initializer<S, F> {
    variables: VarMap,
    choose: F,
    state: Mutex<State<S>>,
}

struct State<S> {
    source: S,
    drawn: Vec<Drawn>,
}

/// A variable, and what it was drawn by.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawn {
    /// The variable's path: `hidden.weight`.
    pub name: String,
    /// Its shape: `[out, in, kernel…]` for a weight.
    pub shape: Vec<usize>,
    /// Its scheme.
    pub scheme: Scheme,
}

impl<S, F> Initializer<S, F>
where
    S: Source<f32> + Send,
    F: Fn(&str, Scheme) -> Scheme + Send + Sync,
{
    /// `choose` gives a variable's scheme, by its path and by what candle draws it by.
    pub fn new(source: S, choose: F) -> Self {
        Self { variables: VarMap::new(), choose, state: Mutex::new(State { source, drawn: Vec::new() }) }
    }

    /// The `VarBuilder` that a model is built with.
    pub fn var_builder(&self, dtype: DType, device: &Device) -> VarBuilder<'_> {
        VarBuilder::from_backend(Box::new(self), dtype, device.clone())
    }

    /// Every variable so far: what an optimizer trains and a file keeps.
    pub fn variables(&self) -> &VarMap {
        &self.variables
    }

    /// The scheme of each variable, in the order of the draws.
    pub fn drawn(&self) -> Vec<Drawn> {
        self.state().drawn.clone()
    }

    fn state(&self) -> MutexGuard<'_, State<S>> {
        self.state.lock().unwrap()
    }
}

impl<S: Source<f32>> State<S> {
    /// In single precision, whatever the variable's type.
    fn draw(&mut self, name: &str, shape: &[usize], scheme: Scheme) -> Result<Vec<f32>> {
        let mut values = vec![0.0; shape.iter().product()];
        let filled = scheme.fill(shape, Layout::OUT_IN, &mut values, &mut self.source);
        filled.map_err(|error| Error::msg(format!("{name}: {error}")))?;
        self.drawn.push(Drawn { name: name.to_owned(), shape: shape.to_vec(), scheme });
        Ok(values)
    }
}

impl<S, F> SimpleBackend for &Initializer<S, F>
where
    S: Source<f32> + Send,
    F: Fn(&str, Scheme) -> Scheme + Send + Sync,
{
    fn get(&self, shape: Shape, name: &str, init: Init, dtype: DType, device: &Device) -> Result<Tensor> {
        let mut state = self.state();
        if !self.contains_tensor(name) {
            let values = state.draw(name, shape.dims(), (self.choose)(name, candles_own(init)))?;
            let tensor = Tensor::from_vec(values, &shape, device)?.to_dtype(dtype)?;
            self.variables.data().lock().unwrap().insert(name.to_owned(), Var::from_tensor(&tensor)?);
        }
        // Candle compares the shape, in case that another layer has asked for this name before.
        self.variables.get(shape, name, init, dtype, device)
    }

    fn get_unchecked(&self, name: &str, _: DType, _: &Device) -> Result<Tensor> {
        let variables = self.variables.data().lock().unwrap();
        let found = variables.get(name).map(|variable| variable.as_tensor().clone());
        found.ok_or_else(|| Error::CannotFindTensor { path: name.to_owned() })
    }

    fn contains_tensor(&self, name: &str) -> bool {
        self.variables.data().lock().unwrap().contains_key(name)
    }
}

/// The scheme that a layer of candle asks for.
pub fn candles_own(init: Init) -> Scheme {
    match init {
        Init::Const(value) => Scheme::Constant(value),
        Init::Randn { mean, stdev } => Scheme::Normal { mean, std: stdev },
        Init::Uniform { lo, up } => Scheme::Uniform { lo, hi: up },
        Init::Kaiming { dist, fan, non_linearity } => {
            let mode = match fan {
                FanInOut::FanIn => FanMode::FanIn,
                FanInOut::FanOut => FanMode::FanOut,
            };
            let distribution = match dist {
                NormalOrUniform::Normal => Distribution::Normal,
                NormalOrUniform::Uniform => Distribution::Uniform,
            };
            Scheme::scaled(non_linearity.gain(), mode, distribution)
        }
    }
}
