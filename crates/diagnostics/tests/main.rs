//! Statistics, reports and baselines.

mod baseline;
mod measures;
mod readme;
mod recordings;
mod report;
mod scaling;
mod statistics;
mod verdicts;
