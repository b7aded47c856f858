//! The networks behind the works, and the operations of their matrix products.

use shared::Work;
use shared::data::{BATCH, CLASSES, CONTEXT, EMBEDDING, HIDDEN};
use specimen::Network;
use tensor::Activation;

/// The network of a work; `None` for a work that has none, or has one of its own.
pub(crate) fn network(work: Work) -> Option<Network> {
    let tanh = |context, hidden| Network {
        classes: CLASSES,
        context,
        embedding: EMBEDDING,
        hidden,
        activation: Activation::Tanh,
        norm: None,
    };
    match work {
        Work::Step(width, depth) | Work::Forward(width, depth) => Some(tanh(1, vec![width; depth])),
        Work::Train => Some(tanh(CONTEXT, vec![HIDDEN])),
        _ => None,
    }
}

/// Floating-point operations of a work's matrix products, a multiplication and an addition per term; `None` where the
/// work does not consist of products.
pub(crate) fn flops(work: Work) -> Option<u64> {
    let rows = specimen::lesson::bigrams().batch.targets.len();
    let forward = |rows| network(work).map(|network| products(&network, rows));
    match work {
        Work::Fma => Some(Work::FMA),
        // Backwards, each product has two: for its weight and for its input.
        Work::Step(..) => forward(rows).map(|flops| 3 * flops),
        Work::Forward(..) => forward(rows),
        Work::Train => forward(BATCH).map(|flops| 3 * Work::STEPS as u64 * flops),
        Work::Product(side) => Some(2 * (side as u64).pow(3)),
        Work::Ensemble(..) | Work::Normals | Work::Uniforms | Work::Tanh | Work::Statistics => None,
    }
}

/// Operations of one forward pass over a number of rows.
fn products(network: &Network, rows: usize) -> u64 {
    let layers = (1..=network.depth()).map(|layer| network.sizes(layer));
    layers.map(|(inputs, outputs)| 2 * (rows * inputs * outputs) as u64).sum()
}

#[cfg(test)]
mod tests {
    use super::{Network, Work, flops, network};

    #[test]
    fn operations_are_two_per_term() {
        // 10·100 + 2·100·100 + 100·27 weights, 130 rows.
        let forward = 2 * 130 * (1000 + 20_000 + 2700);
        assert_eq!(flops(Work::Forward(100, 3)), Some(forward));
        assert_eq!(flops(Work::Step(100, 3)), Some(3 * forward));
        assert_eq!(flops(Work::Train), Some(100 * 3 * 2 * 32 * (30 * 200 + 200 * 27)));
        assert_eq!(flops(Work::Product(1024)), Some(1 << 31));
        assert_eq!(flops(Work::Tanh), None);
    }

    #[test]
    fn a_step_of_100_by_3_is_the_lessons() {
        assert_eq!(network(Work::Step(100, 3)), Some(Network::lesson()));
    }
}
