//! The factors by which a notebook scales the parameters that it has drawn.

use std::fmt;

use crate::{Network, Role, Scaling};

/// Scalings by group and by name, applied one after the other: of every weight, of every weight but the last, of the
/// last, and of single parameters.
///
/// ```
/// use specimen::{Init, Network, Parameters, Scalings};
/// use torch_rng::Generator;
///
/// let scalings = Scalings { last: "0.1".parse()?, ..Scalings::NONE };
/// let init = Init { scalings, ..Init::LESSON_KAIMING };
/// let network = Network::lesson();
/// let draw = |init: &Init| -> Parameters { init.draw(&network, &mut Generator::manual_seed(42)) };
/// let (plain, scaled) = (draw(&Init::LESSON_KAIMING), draw(&init));
/// assert_eq!(scaled.get("W4").unwrap().value, plain.get("W4").unwrap().value.scale(0.1));
/// # Ok::<(), specimen::ScalingError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scalings {
    /// The scaling of every weight.
    pub weights: Scaling,
    /// The scaling of every weight but the last.
    pub hidden: Scaling,
    /// The scaling of the last weight; of the last γ where the logits are normalised.
    pub last: Scaling,
    /// Scalings of parameters by name.
    pub named: Vec<(String, Scaling)>,
}

/// A scaling of a parameter that the network does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoParameter {
    name: String,
    there: Vec<String>,
}

impl fmt::Display for NoParameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, there } = self;
        write!(f, "cannot scale '{name}': the network's parameters are {}", there.join(", "))
    }
}

impl std::error::Error for NoParameter {}

impl Scalings {
    /// No scaling: values stay as they are drawn.
    pub const NONE: Self =
        Self { weights: Scaling::NONE, hidden: Scaling::NONE, last: Scaling::NONE, named: Vec::new() };

    /// Checks that every name is the name of a parameter.
    ///
    /// # Errors
    /// The first name that is not.
    pub fn check(&self, network: &Network) -> Result<(), NoParameter> {
        let there: Vec<String> = network.plan().into_iter().map(|(name, ..)| name).collect();
        match self.named.iter().find(|(name, _)| !there.contains(name)) {
            Some((name, _)) => Err(NoParameter { name: name.clone(), there }),
            None => Ok(()),
        }
    }

    /// The scalings of a parameter, in order.
    pub(crate) fn of(&self, network: &Network, name: &str, role: Role) -> Vec<&Scaling> {
        let depth = network.depth();
        let is_last = name.trim_start_matches(char::is_alphabetic) == depth.to_string();
        let scaled_last = if network.norm_of(depth).is_some() { Role::NormScale } else { Role::Weight };
        let of_groups = [
            (role == Role::Weight, &self.weights),
            (role == Role::Weight && !is_last, &self.hidden),
            (role == scaled_last && is_last, &self.last),
        ];
        let groups = of_groups.into_iter().filter(|&(applies, _)| applies).map(|(_, scaling)| scaling);
        groups.chain(self.named.iter().filter(|(of, _)| of == name).map(|(_, scaling)| scaling)).collect()
    }
}
