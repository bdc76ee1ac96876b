//! What the components of an OVER call have in common: rows in play, growth, snapshots.

use crate::operator::archive::ColumnImage;

/// The selected rows of a batch, their partitions and their numbers, all of one length.
#[derive(Clone, Copy)]
pub struct RowsInPlay<'a> {
    /// Rows that the batch has, in play or not.
    pub total: usize,
    /// Rows of the batch, ascending.
    pub rows: &'a [u32],
    /// Partition of each.
    pub partitions: &'a [u32],
    /// Rows of the partition before each.
    pub numbers: &'a [u64],
    /// The least of `numbers`.
    pub number_min: u64,
}

/// What is known of a partition beside its components.
#[derive(Clone, Copy)]
pub struct Progress {
    /// Its rows so far.
    pub rows: u64,
    /// Time of the last of them.
    pub time: i64,
}

/// One partition of a component, in a snapshot.
#[derive(Clone, Debug, PartialEq, rkyv::Archive, rkyv::Serialize, rkyv::Deserialize)]
pub struct PartState {
    /// Slot of the next row.
    pub slot: u64,
    /// Whether every slot is in use.
    pub full: bool,
    /// Running values and slots in use, in the component's own order.
    pub images: Vec<ColumnImage>,
}

/// A component with state for every partition.
pub trait Part: Send {
    /// Makes room for `partitions` partitions.
    fn grow(&mut self, partitions: usize);
    /// The state of `partition`.
    fn save(&self, partition: usize) -> PartState;
    /// Gives `partition`, which is new, a saved state; `None` when it does not fit. `progress` is that of all
    /// partitions, the new ones included.
    fn load(&mut self, partition: usize, state: PartState, progress: &[Progress]) -> Option<()>;
    /// Bytes held.
    fn bytes(&self) -> usize;
}
