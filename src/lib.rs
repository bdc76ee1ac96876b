//! velo-tpc: a streaming SQL engine for trading feeds, one thread per core. This page is the map.
//!
//! ```text
//!            core A                        cores 1..N                          core B
//!   +----------------------+  rings  +-------------------------+  rings  +----------------+
//!   | source ---> ingest   |========>| worker: decode, operate |========>| egress -> sink |
//!   |  bytes      morsels  |  1 per  | encode                  |  1 per  | merge, write   |
//!   +----------------------+  worker +-------------------------+  worker +----------------+
//!     frame, number, key,              |  ^  worker x worker rings, only for a
//!     watermark, route                 +--+  statement with a second key (exchange)
//! ```
//! `sql` turns text into a [`plan::Job`]; [`wiring`] connects the roles of a job; [`runtime`] drives them on
//! pinned cores with io_uring, [`sim`] drives the same roles in one thread from a seed.
//!
//! # Invariants
//!
//! * One answer: the bytes of an ordered sink do not depend on workers, batch sizes, timing or restarts.
//! * Every record of a statement ends in one counted place: used, filtered, late or rejected.
//! * Cores share ring cursors and progress lines, nothing else. There is no lock on the data path, and no tokio.
//! * Roles (`ingest`, `worker`, `egress`) are structs with a synchronous `step`: there is no I/O, no `async`, no
//!   clock and no executor in them, nor in `operator`, `expr` and `format`. Only ingest turns clock into data.
//! * `sql` and `operator` do not know each other; they meet in `plan`. No iteration over a hash table decides
//!   an order. No float stands for a DECIMAL. No input makes it panic or grow without a bound of [`limits`].
//! * Imports point downwards in the list below; `tests/tidy.rs` reads them.
//!
//! # Words
//!
//! * *Record*: one line or object of a source; *row*: a record or a result in columns.
//! * *Merged sequence*: all records of a job in one order, each with its number (`seq`).
//! * *Watermark*, W(i): no record before event time W is expected after record i; defined per record.
//! * *Frame*: the bytes of one record, found without decoding it. (*Rows frame*: the rows an OVER call sees.)
//! * *Chunk*: a large reusable buffer that reads fill; *morsel*: rows of a chunk on their way to one worker;
//!   *batch*: decoded columns with a selection.
//! * *Route*: how a source's records are keyed and spread over workers; *vnode*: one of 1024 shares of the
//!   keys, the unit of ownership of state.
//! * *Order key*: where an output row stands, whoever made it: (time, kind, seq, ordinal).
//! * *Frontier*: the order key up to which a producer has pushed everything; its *progress line* publishes it.
//! * *Barrier*: a mark in the rings that separates what a snapshot holds from what comes after it.
//! * *Checkpoint*: what all roles hold at one barrier, on disk; a run goes on from it.
//! * *Ledger*: a statement's counts of where its records ended.
//!
//! # Modules, in reading order
//!
//! | level | modules |
//! |---|---|
//! | vocabulary | [`types`], [`time`] (order keys, watermarks), [`hash`], [`limits`], [`error`] |
//! | mechanism | [`plan`] (the waist), [`batch`], [`batch_hash`], [`chunk`], [`link`], [`inbox`], [`probe`], [`table`], [`decimal`], [`civil`] |
//! | language and work | [`sql`] (text to plan), [`expr`], [`operator`] (one SQL idea a file), [`mod@format`] (bytes to columns and back) |
//! | roles | [`ingest`], [`worker`], [`egress`], connected by [`wiring`]; [`subquery`] runs before them |
//! | edges | [`source`], [`sink`], [`checkpoint`] |
//! | drivers | [`runtime`], [`sim`] with its [oracle](sim::oracle), [`metrics`] |
//! | command line | [`cli`] |
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
pub mod batch_hash;
pub mod chunk;
pub mod inbox;
pub mod link;
pub mod plan;
pub mod probe;
pub mod table;

pub mod checkpoint;
pub mod egress;
pub mod expr;
pub mod format;
pub mod ingest;
pub mod operator;
pub mod sink;
pub mod source;
pub mod subquery;
pub mod wiring;
pub mod worker;

pub mod cli;
pub mod metrics;
pub mod runtime;
pub mod sim;
pub mod sql;
