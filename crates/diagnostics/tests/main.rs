//! Statistics, reports and baselines.

mod baseline;
mod measures;
mod readme;
mod report;
mod statistics;
mod verdicts;
