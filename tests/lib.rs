//! Holds the READMEs and chapters to their word: their examples are run as tests.

#[doc = include_str!("../README.md")]
mod readme {}

#[doc = include_str!("../docs/autograd.md")]
mod engine {}

#[doc = include_str!("../crates/gaussian/README.md")]
mod gaussian {}

#[doc = include_str!("../crates/mean-field/README.md")]
mod mean_field {}

#[doc = include_str!("../crates/tensor/README.md")]
mod tensor {}

#[doc = include_str!("../crates/autograd/README.md")]
mod autograd {}

#[doc = include_str!("../crates/torch-rng/README.md")]
mod torch_rng {}

#[doc = include_str!("../crates/nn-init/README.md")]
mod nn_init {}

#[doc = include_str!("../crates/plot/README.md")]
mod plot {}

#[doc = include_str!("../crates/diagnostics/README.md")]
mod diagnostics {}

#[doc = include_str!("../crates/specimen/README.md")]
mod specimen {}

#[doc = include_str!("../crates/checkpoint/README.md")]
mod checkpoint {}

#[doc = include_str!("../crates/cli/README.md")]
mod cli {}

#[doc = include_str!("../crates/lessons/README.md")]
mod lessons {}
