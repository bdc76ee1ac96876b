//! The partitions of PARTITION BY: their numbers, and the vnodes that own them.

use super::KeyColumns;
use crate::batch::{Batch, Column, Rows};
use crate::error::JobError;
use crate::hash::{Vnode, vnode_of};
use crate::limits::VNODES;
use crate::operator::archive::ColumnImage;
use crate::table::{GroupTable, Segment, hash_keys};
use crate::types::DataType;

/// How partitions are keyed.
pub struct Keyed {
    /// Types of the PARTITION BY columns.
    pub types: Vec<DataType>,
    /// Seed of the key hash.
    pub hash_seed: u64,
    /// Whether batches carry the hash of exactly these keys.
    pub hash_is_routed: bool,
    /// Whether all rows are on worker 0, whatever their keys.
    pub single: bool,
}

/// Numbers partitions in the order in which they come.
pub struct Partitions {
    // Fixed at construction.
    keyed: Keyed,
    // State.
    table: GroupTable,
    /// Partitions of each vnode, for snapshots.
    vnodes: Vec<Vec<u32>>,
    count: usize,
    // Scratch.
    hashes: Vec<u64>,
    created: Vec<u32>,
    /// Partition of each row in play of the last batch.
    pub of_rows: Vec<u32>,
}

impl Partitions {
    /// None yet.
    pub fn new(keyed: Keyed) -> Self {
        Self {
            table: GroupTable::new(&keyed.types),
            keyed,
            vnodes: vec![Vec::new(); VNODES],
            count: 0,
            hashes: Vec::new(),
            created: Vec::new(),
            of_rows: Vec::new(),
        }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Finds every selected row's partition, making new ones; `key` gives a key column.
    pub fn find<'a>(&mut self, batch: &Batch, key: impl Fn(usize) -> &'a Column) {
        if self.keyed.types.is_empty() {
            self.of_rows.clear();
            self.of_rows.resize(batch.selection.rows().len(), 0);
        } else {
            let columns = KeyColumns::new(self.keyed.types.len(), key);
            let rows = Segment::from(batch.selection.rows());
            let hashes = if self.keyed.hash_is_routed && !batch.hashes.is_empty() {
                &batch.hashes
            } else {
                let hashes = &mut self.hashes;
                hash_keys(
                    self.keyed.hash_seed,
                    columns.get(),
                    rows,
                    batch.rows,
                    hashes,
                );
                hashes
            };
            let (of_rows, created) = (&mut self.of_rows, &mut self.created);
            self.table
                .find_or_insert(hashes, columns.get(), rows, of_rows, created);
        }
        self.grow();
    }

    /// Gives new partitions to their vnodes.
    fn grow(&mut self) {
        let total = match self.keyed.types.is_empty() {
            true => 1,
            false => self.table.len(),
        };
        for partition in self.count..total {
            let hashes = self.table.hashes();
            let hash = hashes.get(partition).filter(|_| !self.keyed.single);
            let vnode = hash.map_or(Vnode(0), |&hash| vnode_of(hash));
            self.vnodes[usize::from(vnode.0)].push(partition as u32);
        }
        self.count = total;
    }

    /// The partitions of a vnode.
    pub fn of_vnode(&self, vnode: Vnode) -> &[u32] {
        &self.vnodes[usize::from(vnode.0)]
    }

    /// Copies the keys of `partitions` to columns.
    pub fn save(&self, partitions: &[u32]) -> Vec<ColumnImage> {
        let gather = |(column, &ty): (&Column, &DataType)| {
            let mut gathered = Column::new(ty);
            gathered.extend_from(column, Rows::Some(partitions));
            ColumnImage::of(&gathered)
        };
        let keys = self.table.keys().iter().zip(&self.keyed.types);
        keys.map(gather).collect()
    }

    /// Makes the partitions of `count` saved keys, which become `of_rows`; false when one is there already, or the
    /// keys are others.
    ///
    /// # Errors
    /// `JobError::Snapshot` when a column is of another type or length.
    pub fn load(&mut self, keys: Vec<ColumnImage>, count: usize) -> Result<bool, JobError> {
        if keys.len() != self.keyed.types.len() {
            return Ok(false);
        }
        let before = self.count;
        if keys.is_empty() {
            self.of_rows.clear();
            self.of_rows.resize(count, 0);
        } else {
            let columns = ColumnImage::into_columns(keys, &self.keyed.types, count)?;
            let columns = KeyColumns::new(columns.len(), |i| &columns[i]);
            let rows = Segment::from(Rows::All(count));
            let hashes = &mut self.hashes;
            hash_keys(self.keyed.hash_seed, columns.get(), rows, count, hashes);
            let (of_rows, created) = (&mut self.of_rows, &mut self.created);
            self.table
                .find_or_insert(hashes, columns.get(), rows, of_rows, created);
        }
        self.grow();
        Ok(self.count == before + count)
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        self.table.bytes() as usize + self.count * size_of::<u32>()
    }
}
