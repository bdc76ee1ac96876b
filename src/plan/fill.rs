//! FILL: rows for the windows in which a key has none.

use super::WindowPlan;
use crate::types::{Schema, Value};

/// After its first window a key has a row in every window up to the last that has a row of any key, or with LINEAR
/// of its own.
///
/// The input is the result of a FINAL aggregate over windows whose ends time alone says, each that of one window:
/// keys, `window_start`, `window_end`, aggregates. All rows are on worker 0: which window is the last is a matter of all keys.
#[derive(Clone, Debug)]
pub struct FillPlan {
    /// Types and names of the input, and of the output.
    pub input: Schema,
    /// How many columns are keys.
    pub keys: usize,
    /// The window.
    pub window: WindowPlan,
    /// What stands in the place of each aggregate.
    pub values: Vec<FillValue>,
    /// Keys held at most.
    pub groups_max: u64,
    /// How far the end of a window may lie behind that of a key's last with rows, in nanoseconds: of one that lies farther
    /// the key is forgotten. `None`: any.
    pub ttl_ns: Option<i64>,
}

/// What stands in the place of an aggregate of no rows.
#[derive(Clone, Debug, PartialEq)]
pub enum FillValue {
    /// NULL.
    Null,
    /// What the key's window before has.
    Previous,
    /// A constant of the aggregate's type.
    Constant(Value),
    /// What lies on the line to the key's next window that has rows; then windows wait for that, whatever stands in the
    /// place of the others.
    Linear,
}

impl FillValue {
    /// Whether it is made of what the key's window before has.
    pub fn looks_back(&self) -> bool {
        matches!(self, Self::Previous | Self::Linear)
    }
}
