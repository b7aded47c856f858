//! Two models as candle starts them: what they show, and what is wrong.

use step_zero_candle::models::{mlp, transformer};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("An MLP of three ReLU layers\n\n{}", mlp(42, |_, candles| candles)?);
    println!("A transformer's block\n\n{}", transformer(42, |_, candles| candles)?);
    Ok(())
}
