//! specimen by itself: a network of one's own, from a generator of the rand ecosystem.

use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
use specimen::{Bigrams, Init, Network, Parameters};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let bigrams = Bigrams::of(&["one", "two", "three"])?;
    let classes = bigrams.symbols.len();
    let activation = "gelu".parse()?;
    let network = Network { classes, embedding: 4, hidden: vec![16; 2], activation, ..Network::lesson() };
    network.check(classes)?;

    let parameters: Parameters = Init::LESSON_KAIMING.draw(&network, &mut ChaCha8Rng::seed_from_u64(1));
    let observed = network.observe(&parameters, &bigrams.batch, Default::default());
    // A network that has learnt nothing is about as good as a guess.
    let guess = (classes as f64).ln();
    assert!((observed.loss - guess).abs() < 0.5, "{} for {guess}", observed.loss);
    println!("loss {:.2}, a guess {guess:.2}", observed.loss);
    Ok(())
}
