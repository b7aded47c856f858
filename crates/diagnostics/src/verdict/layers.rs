//! The rules for layers, in order.

use super::context::Context;
use super::{Verdict, bias, repair, scale, units};

/// Judges every layer up to the first dead one.
pub(super) fn verdicts(context: &Context) -> Vec<Verdict> {
    let mut found = Vec::new();
    for at in 0..context.first().layers.len() {
        if let Some(dead) = units::verdict(context, at) {
            found.push(dead);
            break;
        }
        let bias = bias::verdict(context, at, false);
        let scale = scale::verdict(context, at, bias.is_some());
        // After weights are scaled down, a bias may be too large that was not before.
        let then = scale.is_some() && bias.is_none();
        found.extend(bias.into_iter().chain(scale));
        found.extend(bias::verdict(context, at, true).filter(|_| then));
    }
    repair::fixes(context, &mut found);
    found
}
