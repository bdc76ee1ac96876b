//! The same roles driven from one seed, and the oracle they are compared with.
