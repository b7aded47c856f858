//! Statistics, reports and baselines.

mod baseline;
mod measures;
mod report;
mod statistics;
