//! Per-core counters, latency histograms, the report.
