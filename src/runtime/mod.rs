//! Placement, pinning, drivers, shutdown: the only executor code.
