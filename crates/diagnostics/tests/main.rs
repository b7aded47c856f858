//! Statistics, reports and baselines.

mod baseline;
mod measures;
mod readme;
mod recordings;
mod report;
mod statistics;
mod verdicts;
