//! Recordings as files: what is read from them, what is refused, and the reports on them.

mod condensed;
mod network;
mod refusals;
mod reports;
