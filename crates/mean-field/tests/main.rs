//! Theory against closed forms, records and networks.

mod closed_forms;
mod critical;
mod monte_carlo;
mod properties;
mod reference;
