//! Burn's parameters, drawn by the schemes of nn-init in PyTorch's order.
//!
//! ```
//! use burn_core::tensor::Device;
//! use step_zero_burn::draw;
//! use burn_nn::LinearConfig;
//! use nn_init::Preset;
//! use torch_rng::Generator;
//!
//! // torch.manual_seed(42); torch.nn.Linear(10, 100)
//! let torch: Preset = "torch.linear".parse()?;
//! let layer = LinearConfig::new(10, 100).init(&Device::default());
//! let (layer, _) = draw(layer, &mut Generator::manual_seed(42), |_| Some(torch.weight))?;
//!
//! let first: f32 = layer.weight.val().slice([0..1, 0..1]).into_scalar();
//! assert_eq!(first, 0.24176832); // layer.weight[0, 0]
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod lsuv;
pub mod models;
mod watch;

use std::error::Error;
use std::fmt;

use burn_core::module::{Module, ModuleMapper, Param, ParamId};
use burn_core::tensor::{Tensor, TensorData};
use nn_init::{Fans, InitError, Layout, Scheme, Source};

pub use lsuv::lsuv;
pub use watch::{Seen, Watch};

/// A parameter of a module.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Burn's name for it.
    pub id: ParamId,
    /// Its path in the module: `hidden.weight`.
    pub path: String,
    /// The type of the layer that it belongs to: `Linear`.
    pub layer: String,
    /// Its shape as it is drawn: `[out, in, kernel…]` for a weight.
    pub shape: Vec<usize>,
    /// The meaning of its axes.
    pub layout: Layout,
}

/// A scheme that cannot fill its parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct DrawError {
    /// The parameter's path.
    pub path: String,
    /// Why.
    pub error: InitError,
}

impl fmt::Display for DrawError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.error)
    }
}

impl Error for DrawError {}

/// Draws the parameters for which `choose` names a scheme, in the order of the module's fields, and lists them with
/// their schemes. The others stay as they are.
///
/// The weights of linear layers, which burn keeps as `[in, out]`, are drawn as `[out, in]` and transposed: from a
/// `torch_rng::Generator` each number is then where PyTorch has it. A bias takes the fans of the weight before it.
/// The groups of a convolution are not seen from here, so that its `fan_out` is that of all groups.
///
/// # Errors
/// If a scheme cannot fill its parameter.
pub fn draw<M: Module>(
    module: M,
    source: &mut impl Source<f32>,
    choose: impl Fn(&Parameter) -> Option<Scheme>,
) -> Result<(M, Vec<(Parameter, Scheme)>), DrawError> {
    let mut drawing = Drawing { source, choose, path: Vec::new(), fans: None, drawn: Ok(Vec::new()) };
    let module = module.map(&mut drawing);
    Ok((module, drawing.drawn?))
}

struct Drawing<'a, S, F> {
    source: &'a mut S,
    choose: F,
    /// The way to where the walk is, with the type that contains each step.
    path: Vec<(String, String)>,
    /// The fans of the last weight on the way.
    fans: Option<Fans>,
    drawn: Result<Vec<(Parameter, Scheme)>, DrawError>,
}

impl<S: Source<f32>, F: Fn(&Parameter) -> Option<Scheme>> ModuleMapper for Drawing<'_, S, F> {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.push((name.to_owned(), container.to_owned()));
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let parameter = self.parameter(&param);
        match self.values(&parameter) {
            Ok(Some(values)) => param.map(|old| replaced(&old, &parameter, values)),
            Ok(None) => param,
            Err(error) => {
                self.drawn = Err(DrawError { path: parameter.path, error });
                param
            }
        }
    }
}

impl<S: Source<f32>, F: Fn(&Parameter) -> Option<Scheme>> Drawing<'_, S, F> {
    fn parameter<const D: usize>(&self, param: &Param<Tensor<D>>) -> Parameter {
        let names: Vec<&str> = self.path.iter().map(|(name, _)| name.as_str()).collect();
        let container = self.path.last().map_or("", |(_, container)| container.as_str());
        let layer = container.strip_prefix("Struct:").unwrap_or(container).to_owned();
        let mut shape = param.dims().to_vec();
        if kept_transposed(&layer, D) {
            shape.reverse();
        }
        let layout = if layer.starts_with("ConvTranspose") { Layout::IN_OUT_KERNEL } else { Layout::OUT_IN };
        Parameter { id: param.id, path: names.join("."), layer, shape, layout }
    }

    /// The parameter's values, if it is to have others; none after an error.
    fn values(&mut self, parameter: &Parameter) -> Result<Option<Vec<f32>>, InitError> {
        let Ok(drawn) = &mut self.drawn else { return Ok(None) };
        let shape = &parameter.shape;
        if shape.len() > 1 {
            self.fans = Fans::of(shape, parameter.layout).ok();
        }
        let Some(mut scheme) = (self.choose)(parameter) else { return Ok(None) };
        if let Some(fans) = self.fans.filter(|_| parameter.path.ends_with("bias")) {
            scheme = scheme.with_fans(fans);
        }
        let mut values = vec![0.0; shape.iter().product()];
        scheme.fill(shape, parameter.layout, &mut values, self.source)?;
        drawn.push((parameter.clone(), scheme));
        Ok(Some(values))
    }
}

/// True if burn stores a parameter of this rank transposed, compared with PyTorch.
fn kept_transposed(layer: &str, rank: usize) -> bool {
    layer == "Linear" && rank == 2
}

/// The values in place of `old`: on its device, in its type, and trained if it was.
fn replaced<const D: usize>(old: &Tensor<D>, parameter: &Parameter, values: Vec<f32>) -> Tensor<D> {
    let data = TensorData::new(values, parameter.shape.as_slice());
    let new = Tensor::from_data(data, (&old.device(), old.dtype()));
    let new = if kept_transposed(&parameter.layer, D) { new.transpose() } else { new };
    new.set_require_grad(old.is_require_grad())
}
