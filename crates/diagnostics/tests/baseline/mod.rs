//! Statistical baselines: their text, their verdicts, and the file of a test.

mod guard;
mod laws;
mod network;
mod rates;
mod text;
mod verdicts;
