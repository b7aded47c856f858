//! The theory against closed forms, recorded values, random networks and properties.

mod attention;
mod closed_forms;
mod convolution;
mod critical;
mod dropout;
mod monte_carlo;
mod norm;
mod properties;
mod reference;
mod residual;
mod spike;
