//! EDGE: where rows go.
