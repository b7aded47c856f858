//! The parameters of any module, drawn by schemes.

use std::any::Any;
use std::collections::HashMap;
use std::error::Error;
use std::fmt;

use burn_core::module::{Module, ModuleMapper, Param, ParamId};
use burn_core::tensor::{Tensor, TensorData};
use nn_init::{Fans, InitError, Scheme, Source};

use crate::Parameter;
use crate::parameter::{ModulePath, Trained, is_quantized, kept_transposed};

/// The reason why a module cannot be drawn, in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DrawError {
    /// The path of the parameter; empty if the rules as a whole cannot be applied.
    pub path: String,
    /// The patterns of the rule, if a rule chose the scheme.
    pub rule: Option<String>,
    /// The reason.
    pub why: String,
}

impl fmt::Display for DrawError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        if let Some(rule) = &self.rule {
            write!(f, "rule {rule}: ")?;
        }
        f.write_str(&self.why)
    }
}

impl Error for DrawError {}

/// Draws the parameters for which `choose` names a scheme, in the order of the module's fields, and lists them with
/// their schemes. The others stay as they are, and so do running statistics, which are no parameters.
///
/// The weights of linear layers, which burn keeps as `[in, out]`, are drawn as `[out, in]` and transposed: from a
/// `torch_rng::Generator` each number is then where PyTorch has it. A bias takes the fans of the weight before it.
/// A parameter that two fields share is drawn once. Parameters of half precision are drawn in single precision and
/// rounded.
///
/// The groups of a convolution are not among its parameters, so burn shows them to nobody from outside: here a `fan_out` is that
/// of all groups, as in PyTorch. For the true one, return `scheme.with_fans(…)` or use [`draw_by_rules`](crate::draw_by_rules)
/// with `groups` in the rule.
///
/// # Errors
/// If a scheme cannot fill its parameter.
pub fn draw<M: Module>(
    module: M,
    source: &mut impl Source<f32>,
    choose: impl Fn(&Parameter) -> Option<Scheme>,
) -> Result<(M, Vec<(Parameter, Scheme)>), DrawError> {
    let mut fans: Option<Fans> = None;
    fill(module, |parameter| {
        let Parameter { path, shape, layout, .. } = parameter;
        if shape.len() > 1 {
            fans = Fans::of(shape, *layout).ok();
        }
        let Some(mut scheme) = choose(parameter) else { return Ok(None) };
        if let Some(fans) = fans.filter(|_| path.ends_with("bias")) {
            scheme = scheme.with_fans(fans);
        }
        let mut values = vec![0.0; shape.iter().product()];
        let why = |error: InitError| DrawError { path: path.clone(), rule: None, why: error.to_string() };
        scheme.fill(shape, *layout, &mut values, source).map_err(why)?;
        Ok(Some((values, scheme)))
    })
}

/// Numbers for a parameter, and a note of where they come from; `None` leaves the parameter as it is.
type Filled<N> = Result<Option<(Vec<f32>, N)>, DrawError>;

/// Gives parameters the numbers that `values` returns for them, and lists them with its notes.
pub(crate) fn fill<M: Module, N>(
    module: M,
    values: impl FnMut(&Parameter) -> Filled<N>,
) -> Result<(M, Vec<(Parameter, N)>), DrawError> {
    let trained = Trained::of(&module);
    let mut filling = Filling {
        values,
        trained,
        path: ModulePath::default(),
        shared: HashMap::new(),
        done: Ok(Vec::new()),
    };
    let module = module.map(&mut filling);
    Ok((module, filling.done?))
}

struct Filling<F, N> {
    values: F,
    trained: Trained,
    path: ModulePath,
    /// The new tensor of each parameter, in case another field shares it.
    shared: HashMap<ParamId, Box<dyn Any>>,
    done: Result<Vec<(Parameter, N)>, DrawError>,
}

impl<N, F: FnMut(&Parameter) -> Filled<N>> ModuleMapper for Filling<F, N> {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.enter(name, container);
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.exit();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let Ok(done) = &mut self.done else { return param };
        if self.trained.buffers.contains(&param.id) {
            return param;
        }
        if let Some(new) = self.shared.get(&param.id).and_then(|tensor| tensor.downcast_ref::<Tensor<D>>()) {
            return param.map(|_| new.clone());
        }
        let parameter = Parameter::at(&self.path, &param);
        match (self.values)(&parameter) {
            Ok(Some(_)) if is_quantized(&param.base()) => {
                let why = "it is quantized; draw it first".to_owned();
                self.done = Err(DrawError { path: parameter.path, rule: None, why });
                param
            }
            Ok(Some((values, note))) => {
                let new = replaced(&param.base(), &parameter, values);
                self.shared.insert(param.id, Box::new(new.clone()));
                done.push((parameter, note));
                param.map(|_| new)
            }
            Ok(None) => param,
            Err(error) => {
                self.done = Err(error);
                param
            }
        }
    }
}

/// The values in place of `old`: on its device, in its type, and trained if it was.
fn replaced<const D: usize>(old: &Tensor<D>, parameter: &Parameter, values: Vec<f32>) -> Tensor<D> {
    let data = TensorData::new(values, parameter.shape.as_slice());
    let new = Tensor::from_data(data, (&old.device(), old.dtype()));
    let new = if kept_transposed(&parameter.layer, D) { new.transpose() } else { new };
    new.set_require_grad(old.is_require_grad())
}
