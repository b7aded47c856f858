//! The lecture's starts: everything from N(0, 1), then scaled.

use std::fmt;

use nn_init::{Element, Source};
use tensor::Tensor;

use crate::{Network, Parameter, Parameters, Role, Scaling};

/// How a notebook starts its network: standard normal numbers in the order of the plan, scaled one after the other by
/// what is said of every weight, of every hidden one, of the last, and of a parameter by its name.
///
/// γ is 1 and β is 0, and neither takes a random number.
#[derive(Clone, Debug, PartialEq)]
pub struct ScaledStart {
    /// Whether biases are drawn too; else they are 0 and take no random number.
    pub draws_biases: bool,
    /// For every weight.
    pub every: Scaling,
    /// For every weight but the last.
    pub hidden: Scaling,
    /// For the last weight; for the last γ where the logits are normalised.
    pub last: Scaling,
    /// For parameters by name.
    pub named: Vec<(String, Scaling)>,
}

/// A start that names a parameter that the network does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoParameter {
    name: String,
    there: Vec<String>,
}

impl fmt::Display for NoParameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no parameter is called '{}'; there are {}", self.name, self.there.join(", "))
    }
}

impl std::error::Error for NoParameter {}

impl ScaledStart {
    /// N(0, 1) for everything.
    pub fn raw() -> Self {
        let none = Scaling::default();
        Self { draws_biases: true, every: none.clone(), hidden: none.clone(), last: none, named: vec![] }
    }

    /// Whether every name is one of the network's.
    ///
    /// # Errors
    /// The first that is not.
    pub fn check(&self, network: &Network) -> Result<(), NoParameter> {
        let there: Vec<String> = network.plan().into_iter().map(|(name, ..)| name).collect();
        match self.named.iter().find(|(name, _)| !there.contains(name)) {
            Some((name, _)) => Err(NoParameter { name: name.clone(), there }),
            None => Ok(()),
        }
    }

    /// Draws the parameters of `network` in the order of its plan.
    pub fn draw<T: Element>(
        &self,
        network: &Network,
        source: &mut (impl Source<T> + ?Sized),
    ) -> Parameters<T> {
        let drawn = |(name, role, shape)| {
            let value = match role {
                Role::NormScale => Tensor::full(&shape, T::ONE),
                Role::Bias if !self.draws_biases => Tensor::zeros(&shape),
                Role::NormShift => Tensor::zeros(&shape),
                _ => {
                    let mut value = Tensor::zeros(&shape);
                    source.normal(0.0, 1.0, value.data_mut());
                    value
                }
            };
            Parameter { name, role, value }
        };
        let mut parameters = Parameters(network.plan().into_iter().map(drawn).collect());
        for parameter in &mut parameters.0 {
            for scaling in self.scalings(network, &parameter.name, parameter.role) {
                parameter.value = scaling.apply(&parameter.value);
            }
        }
        parameters
    }

    /// What a parameter is scaled by, in order.
    fn scalings<'a>(&'a self, network: &Network, name: &str, role: Role) -> Vec<&'a Scaling> {
        let depth = network.depth();
        let is_last = name.trim_start_matches(char::is_alphabetic) == depth.to_string();
        let normalised = network.norm_of(depth).is_some();
        let mut scalings = Vec::new();
        if role == Role::Weight {
            scalings.push(&self.every);
            if !is_last {
                scalings.push(&self.hidden);
            }
        }
        if is_last && role == (if normalised { Role::NormScale } else { Role::Weight }) {
            scalings.push(&self.last);
        }
        scalings.extend(self.named.iter().filter(|(of, _)| of == name).map(|(_, scaling)| scaling));
        scalings
    }
}
