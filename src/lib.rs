//! velo-tpc: a streaming SQL engine for trading feeds, one thread per core.
#![deny(unsafe_code)]
#![deny(missing_docs)]

pub mod civil;
pub mod decimal;
pub mod error;
pub mod hash;
pub mod limits;
pub mod time;
pub mod types;

pub mod batch;
pub mod chunk;
pub mod link;
pub mod plan;
pub mod table;

pub mod egress;
pub mod expr;
pub mod format;
pub mod ingest;
pub mod operator;
pub mod sink;
pub mod source;
pub mod worker;

pub mod cli;
pub mod metrics;
pub mod runtime;
pub mod sim;
pub mod sql;
