//! Layers, one after the other.

use super::case::Case;
use super::{Verdict, bias, repair, scale, units};

/// What is wrong with each layer, up to the first dead one.
pub(super) fn verdicts(case: &Case) -> Vec<Verdict> {
    let mut found = Vec::new();
    for at in 0..case.first().layers.len() {
        if let Some(dead) = units::verdict(case, at) {
            found.push(dead);
            break;
        }
        let bias = bias::verdict(case, at, false);
        let scale = scale::verdict(case, at, bias.is_some());
        // Beside weights that are scaled down, a bias may be too large that was not.
        let then = scale.is_some() && bias.is_none();
        found.extend(bias.into_iter().chain(scale));
        found.extend(bias::verdict(case, at, true).filter(|_| then));
    }
    repair::fixes(case, &mut found);
    found
}
