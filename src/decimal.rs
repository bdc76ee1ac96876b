//! DECIMAL arithmetic on scaled integers.
