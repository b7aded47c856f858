//! A convolutional model as burn starts it: what it shows, and what is wrong.

use step_zero_burn::models::{burns_own, network};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("{}", network(42, burns_own)?);
    Ok(())
}
