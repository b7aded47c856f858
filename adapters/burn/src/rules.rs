//! The parameters of any module, drawn by the rules by which `step-zero check` judges files of weights.

use burn_core::module::{Module, ModuleVisitor, Param};
use burn_core::tensor::Tensor;
use checkpoint::{
    Dtype, Expectation, ExpectedDraw, Mention, NameRules, RuleSettings, TensorInfo, UnusedRule,
};
use diagnostics::{Expected, Recording};
use nn_init::{Moments, Source};

use crate::draw::fill;
use crate::parameter::{ModulePath, Trained};
use crate::{DrawError, Parameter};

/// The parameters that were drawn, in the order of a module's fields, each with its draw.
pub type Draws = Vec<(Parameter, ExpectedDraw)>;

/// Draws every parameter as the rules say, and lists each with its draw. One that the rules ignore stays as it is.
///
/// The names and shapes of the parameters are collected first, and the rules resolved for them as for a file of weights: the
/// file of `step-zero check` is the recipe, constants, `groups` and `blocks` included. Names are burn's: norms have `gamma`
/// and `beta`. Shapes are as they are drawn, `[out, in]` for a linear layer and `[in, out, kernel…]` for a transposed
/// convolution, so that its rule needs `layout = "in_out_kernel"` unless it wants PyTorch's exchanged fans.
///
/// ```
/// use burn_core::tensor::Device;
/// use burn_nn::LinearConfig;
/// use checkpoint::NameRules;
/// use step_zero_burn::draw_by_rules;
/// use torch_rng::Generator;
///
/// let rules = NameRules::parse(r#"
///     version = 1
///     rule = [
///         { match = "weight", scheme = "xavier_uniform", blocks = { axis = 0, count = 3 } },
///         { match = "bias", scheme = "zeros" },
///     ]
/// "#)?;
/// let packed = LinearConfig::new(8, 3 * 8).init(&Device::flex());
/// let (packed, drawn) = draw_by_rules(packed, &mut Generator::manual_seed(1), &rules, &Default::default())?;
/// assert_eq!(drawn[0].1.parts.len(), 3); // queries, keys and values, each with its own fans
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// If a parameter is never mentioned, a rule cannot apply to its parameter or applies to none, or a constant has no value.
pub fn draw_by_rules<M: Module>(
    module: M,
    source: &mut impl Source<f32>,
    rules: &NameRules,
    settings: &RuleSettings<'_>,
) -> Result<(M, Draws), DrawError> {
    let parameters = parameters(&module);
    let info = |parameter: &Parameter| TensorInfo {
        name: parameter.path.clone(),
        dtype: Dtype::F32,
        shape: parameter.shape.clone(),
    };
    let infos: Vec<TensorInfo> = parameters.iter().map(info).collect();
    let resolved = rules.resolve(&infos, settings).map_err(|error| whole(error.to_string()))?;
    if let Some(unused) = resolved.unused.first() {
        return Err(unused_rule(unused));
    }
    let mut mentions = resolved.tensors.into_iter();
    fill(module, |parameter| match expectation(parameter, mentions.next())? {
        None => Ok(None),
        Some(Expectation { draw, rule, .. }) => {
            let mut values = vec![0.0; parameter.shape.iter().product()];
            draw.fill(&parameter.shape, &mut values, source)
                .map_err(|error| of_rule(parameter, rule, error.to_string()))?;
            Ok(Some((values, draw)))
        }
    })
}

/// The draw of a parameter; `None` if the rules ignore it.
fn expectation(parameter: &Parameter, mention: Option<Mention>) -> Result<Option<Expectation>, DrawError> {
    match mention {
        Some(Mention::Expected(expectation)) => Ok(Some(expectation)),
        Some(Mention::Ignored { .. } | Mention::NotJudged) => Ok(None),
        Some(Mention::Unfit { rule, why }) => Err(of_rule(parameter, rule, why)),
        Some(Mention::Unmentioned) | None => {
            let Parameter { path, layer, shape, .. } = parameter;
            let why = format!(
                "no rule mentions it ({layer}, shape {shape:?}); add one, or an [[ignore]] with a reason"
            );
            Err(DrawError { path: path.clone(), rule: None, why })
        }
    }
}

fn of_rule(parameter: &Parameter, rule: String, why: String) -> DrawError {
    DrawError { path: parameter.path.clone(), rule: Some(rule), why }
}

fn whole(why: String) -> DrawError {
    DrawError { path: String::new(), rule: None, why }
}

fn unused_rule(unused: &UnusedRule) -> DrawError {
    let UnusedRule { entry, patterns, shadowed } = unused;
    let why =
        if *shadowed { "entries before it match all of its names first" } else { "it matches no parameter" };
    whole(format!("[[{entry}]] {patterns}: {why}; correct it, or mark it optional"))
}

/// The parameters of a module, in the order of its fields; one that two fields share is listed once.
fn parameters<M: Module>(module: &M) -> Vec<Parameter> {
    let mut listing =
        Listing { path: ModulePath::default(), trained: Trained::of(module), found: Vec::new() };
    module.visit(&mut listing);
    listing.found
}

struct Listing {
    path: ModulePath,
    trained: Trained,
    found: Vec<Parameter>,
}

impl ModuleVisitor for Listing {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.enter(name, container);
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.exit();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let known = self.found.iter().any(|parameter| parameter.id == param.id);
        if !known && !self.trained.buffers.contains(&param.id) {
            self.found.push(Parameter::at(&self.path, param));
        }
    }
}

/// Notes in a recording the distribution that each parameter was drawn from, so that the report compares them.
///
/// A parameter whose parts have different distributions, or with rows that are zero, has no single one, and nothing is noted.
pub fn expect(recording: &mut Recording, drawn: &[(Parameter, ExpectedDraw)]) {
    for (parameter, draw) in drawn {
        if let Some(at) = recording.parameter(&parameter.path) {
            let expected = |moments: Moments| Expected {
                mean: moments.mean,
                std: moments.std,
                kurtosis: moments.kurtosis,
            };
            recording.parameters[at].expected = draw.moments().map(expected);
        }
    }
}
