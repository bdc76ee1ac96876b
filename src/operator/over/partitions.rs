//! The partitions of PARTITION BY: their numbers, and the vnodes that own them.

use super::KeyColumns;
use crate::batch::{Batch, Column, Rows};
use crate::error::JobError;
use crate::hash::{Vnode, vnode_of};
use crate::limits::VNODES;
use crate::operator::archive::ColumnImage;
use crate::operator::expire::Keep;
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
    /// How many of the columns, from the first, name the vnode that owns a partition; `None`: all.
    pub owners: Option<usize>,
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

    /// Says how many of the columns, from the first, name the vnode that owns a partition.
    pub fn set_owners(&mut self, keys: usize) {
        assert_eq!(self.count, 0, "partitions have their owners already");
        self.keyed.owners = Some(keys);
    }

    /// Gives new partitions to their vnodes.
    fn grow(&mut self) {
        let total = match self.keyed.types.is_empty() {
            true => 1,
            false => self.table.len(),
        };
        let owning = match self.keyed.owners {
            Some(keys) if self.count < total => self.owning_hashes(self.count, total, keys),
            _ => Vec::new(),
        };
        let hashes = match self.keyed.owners {
            Some(_) => &owning[..],
            None => self.table.hashes().get(self.count..).unwrap_or(&[]),
        };
        for (at, partition) in (self.count..total).enumerate() {
            let hash = hashes.get(at).filter(|_| !self.keyed.single);
            let vnode = hash.map_or(Vnode(0), |&hash| vnode_of(hash));
            self.vnodes[usize::from(vnode.0)].push(partition as u32);
        }
        self.count = total;
    }

    /// Hashes of the first `keys` columns of partitions `from..upto`.
    fn owning_hashes(&self, from: usize, upto: usize, keys: usize) -> Vec<u64> {
        let rows: Vec<u32> = (from as u32..upto as u32).collect();
        let columns: Vec<Column> = self.gathered(&rows).take(keys).collect();
        let columns: Vec<&Column> = columns.iter().collect();
        let (all, mut hashes) = (Rows::All(rows.len()), Vec::new());
        let seed = self.keyed.hash_seed;
        hash_keys(seed, &columns, all.into(), rows.len(), &mut hashes);
        hashes
    }

    /// The keys of `partitions`, column by column.
    fn gathered(&self, partitions: &[u32]) -> impl Iterator<Item = Column> {
        let keys = self.table.keys().iter().zip(&self.keyed.types);
        keys.map(|(column, &ty)| {
            let mut gathered = Column::new(ty);
            gathered.extend_from(column, Rows::Some(partitions));
            gathered
        })
    }

    /// The partitions of all vnodes that `keep` keeps, in their order.
    pub fn kept(&self, keep: &mut Keep<'_>) -> Vec<u32> {
        let kept = keep(self.table.keys(), self.count);
        let all = 0..self.count as u32;
        all.filter(|&partition| kept[partition as usize]).collect()
    }

    /// The partitions of a vnode.
    pub fn of_vnode(&self, vnode: Vnode) -> &[u32] {
        &self.vnodes[usize::from(vnode.0)]
    }

    /// Copies the keys of `partitions` to columns.
    pub fn save(&self, partitions: &[u32]) -> Vec<ColumnImage> {
        let columns = self.gathered(partitions);
        columns.map(|column| ColumnImage::of(&column)).collect()
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
