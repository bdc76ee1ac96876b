//! EDGE: the state of a job on disk, so that a run goes on where an earlier one ended.
//!
//! ```text
//!   control: "barrier 7" -> ingest -> workers -> egress     rows go on behind the barrier
//!                             |          |          |
//!                         positions  operators  bytes of each sink, once they are durable
//!                             +----------+----------+
//!                                        v
//!                  Store: checkpoint-7.part --fsync--> checkpoint-7 --fsync of the directory
//! ```
//! A [`Checkpoint`] is what all roles held at one barrier with what it was taken of. [`Store`] keeps the newest two in
//! a directory that one run at a time may use. Each is one file, which is complete once it has its name: there is no
//! manifest beside it that could be torn on its own. One that is damaged is passed over with a message, and the one
//! before it is taken: that costs time, never a row, because its sinks are cut back further.
//!
//! Sources go on at the recorded positions, so only sources that can be read again are allowed ([`check`]). A file sink
//! is cut to the bytes it had at the barrier: its rows are there once. What was written to standard output behind the
//! barrier comes again.

mod file;
mod origin;
mod store;
#[cfg(test)]
mod tests;

pub use origin::{Origin, check};
pub use store::Store;

use crate::wiring::JobSnapshot;

/// The state of a job at a barrier, and whose it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checkpoint {
    /// What it was taken of.
    pub origin: Origin,
    /// The state; its `id` is the checkpoint's number.
    pub state: JobSnapshot,
}
