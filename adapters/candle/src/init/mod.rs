//! The first door: variables drawn by a recipe, from a seed.

mod builders;
mod candles_own;
mod recipe;

use candle_core::{DType, Var};
use candle_nn::VarMap;
use checkpoint::{ExpectedDraw, NameRules};
use nn_init::Layout;

pub use candles_own::candles_own;
pub use recipe::{Recipe, Variable};

/// A model with the variables that it was built from.
#[derive(Clone)]
pub struct Initialised<M> {
    /// The model.
    pub model: M,
    /// The variables: for an optimiser, or a file. Tied names share one, under the first of them.
    pub variables: VarMap,
    /// The draw of each variable, in order.
    pub drawn: Vec<Drawn>,
    /// The seed, if the source was PyTorch's generator with one.
    pub seed: Option<u64>,
}

impl<M> Initialised<M> {
    /// The draw of the variable of a name.
    pub fn drawn(&self, name: &str) -> Option<&Drawn> {
        self.drawn.iter().find(|drawn| drawn.name == name)
    }
}

/// A variable, and what it was drawn from.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawn {
    /// Its path: `encoder.layer.0.output.dense.weight`.
    pub name: String,
    /// Its shape: `[out, in, kernel…]` for a weight.
    pub shape: Vec<usize>,
    /// Its type.
    pub dtype: DType,
    /// Its scheme as the recipe states it, such as `normal(0, std)`.
    pub scheme: String,
    /// The distribution that it was drawn from; `None` for integers, which candle fills itself.
    pub draw: Option<ExpectedDraw>,
    /// The patterns of the rule that decided, if one did; else the scheme is candle's own or a closure's.
    pub rule: Option<String>,
    /// The earlier variable that it is, if the recipe ties the two.
    pub tied_to: Option<String>,
}

/// The rules of a name that `step-zero check` ships, such as `hf/bert`.
pub(crate) fn shipped(name: &str) -> candle_core::Result<NameRules> {
    let known = || {
        let names: Vec<_> = checkpoint::ShippedRules::ALL.iter().map(|rules| rules.name()).collect();
        crate::error(format!("no shipped rules `{name}`: there are {}", names.join(", ")))
    };
    checkpoint::ShippedRules::named(name).map(|rules| rules.rules()).ok_or_else(known)
}

/// The layout of candle's weights.
pub(crate) const LAYOUT: Layout = Layout::OUT_IN;

/// Adds a variable to a map.
fn insert(variables: &VarMap, name: &str, variable: Var) {
    variables.data().lock().expect("no thread panicked with the map").insert(name.to_owned(), variable);
}
