//! Names that a network makes up.

use specimen::{Alphabet, Model};
use torch_rng::{Generator, Replacement};

/// Names longer than this end there: a network that never ends one is data too.
const LONGEST: usize = 100;

/// `count` names, each symbol by `torch.multinomial` of the softmax, from PyTorch's stream; the end is shown as `.`.
///
/// A network whose logits are not numbers makes no names: the list ends there.
pub fn samples(model: &Model, alphabet: &Alphabet, seed: u64, count: usize) -> Vec<String> {
    let mut generator = Generator::manual_seed(seed);
    (0..count).map_while(|_| sample(model, alphabet, &mut generator)).collect()
}

fn sample(model: &Model, alphabet: &Alphabet, generator: &mut Generator) -> Option<String> {
    let mut window = vec![0; model.network.context];
    let mut name = String::new();
    for _ in 0..=LONGEST {
        let weights = model.logits(&window).softmax_rows();
        let mut index = [0];
        generator.multinomial(weights.data(), Replacement::Without, &mut index).ok()?;
        let [next] = index;
        name.push(alphabet.0[next]);
        if next == 0 {
            break;
        }
        window.remove(0);
        window.push(next);
    }
    Some(name)
}
