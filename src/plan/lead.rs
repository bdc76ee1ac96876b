//! LEAD: what the rows that come later say of a row.

use super::{Expr, OverCall};
use crate::types::Schema;

/// LEAD: each partition's last rows are kept until the rows that their calls look at have come, or the input ends.
#[derive(Clone, Debug)]
pub struct LeadPlan {
    /// Types and names of the input.
    pub input: Schema,
    /// PARTITION BY.
    pub keys: Vec<Expr>,
    /// Whether `batch.hashes` is the hash of exactly these keys.
    pub hash_is_routed: bool,
    /// Whether all rows are on worker 0, whatever their keys.
    pub single: bool,
    /// ORDER BY, where nothing in front has counted the rows that are out of order by it.
    pub time: Option<Expr>,
    /// Whether rows come in the order of `time`.
    pub sorted: bool,
    /// LEADs of at least one row ahead.
    pub calls: Vec<OverCall>,
    /// Partitions held at most.
    pub groups_max: u64,
}
