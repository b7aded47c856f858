//! specimen by itself: a network of one's own, from a generator of the rand ecosystem.

use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
use specimen::{Bigrams, Mlp, Parameters, Start};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let bigrams = Bigrams::of(&["one", "two", "three"])?;
    let classes = bigrams.symbols.len();
    let mlp = Mlp { classes, embedding: 4, width: 16, hidden: 2, activation: "gelu".parse()? };
    mlp.check(classes)?;

    let parameters: Parameters = Start::LESSON_KAIMING.draw(&mlp, &mut ChaCha8Rng::seed_from_u64(1));
    let seen = mlp.observe(&parameters, &bigrams.batch, Default::default());
    // A network that has learnt nothing is about as good as a guess.
    let guess = (classes as f64).ln();
    assert!((seen.loss - guess).abs() < 0.5, "{} for {guess}", seen.loss);
    println!("loss {:.2}, a guess {guess:.2}", seen.loss);
    Ok(())
}
