//! Per-core counters, latency histograms, the report.

pub mod report;
