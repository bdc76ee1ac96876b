//! `state.ttl`: what is forgotten of keys that no row touches any more.

use super::{AggregatePlan, Expr, OverPlan};

/// A key is forgotten for a row when the watermark in force for the row is past the key's last touch by more than a
/// length: the greatest event time of its rows so far.
#[derive(Clone, Debug)]
pub struct TtlPlan {
    /// Event time of a row, TIMESTAMP.
    pub time: Expr,
    /// The length in nanoseconds, at least 1.
    pub ttl_ns: i64,
}

impl AggregatePlan {
    /// When it forgets, in nanoseconds.
    pub fn ttl_ns(&self) -> Option<i64> {
        self.ttl.as_ref().map(|ttl| ttl.ttl_ns)
    }
}

impl OverPlan {
    /// When it forgets, in nanoseconds.
    pub fn ttl_ns(&self) -> Option<i64> {
        self.ttl.as_ref().map(|ttl| ttl.ttl_ns)
    }

    /// Its expressions over the input.
    pub fn exprs(&self) -> Vec<&Expr> {
        let times = self.time.iter().chain(self.ttl.iter().map(|ttl| &ttl.time));
        let args = self.calls.iter().flat_map(|call| &call.args);
        self.keys.iter().chain(times).chain(args).collect()
    }

    /// As [`exprs`](Self::exprs), to be changed.
    pub fn exprs_mut(&mut self) -> Vec<&mut Expr> {
        let ttl = self.ttl.iter_mut().map(|ttl| &mut ttl.time);
        let times = self.time.iter_mut().chain(ttl);
        let args = self.calls.iter_mut().flat_map(|call| &mut call.args);
        self.keys.iter_mut().chain(times).chain(args).collect()
    }
}
