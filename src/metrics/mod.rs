//! The figures for Prometheus, folded from facts.
