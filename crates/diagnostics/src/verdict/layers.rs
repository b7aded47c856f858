//! The rules for layers, in order.

use super::context::Context;
use super::{Verdict, bias, finite, repair, scale, units};

/// Judges every layer up to the first that is dead or has values that are not finite.
pub(super) fn verdicts(context: &Context) -> Vec<Verdict> {
    let mut found = Vec::new();
    for at in 0..finite::judged_layers(context) {
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
