//! Statistical baselines: their text, their comparisons, and the file of a test.

mod comparisons;
mod distributions;
mod guard;
mod network;
mod rates;
mod text;
