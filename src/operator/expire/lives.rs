//! The keys that rows have touched, and the life that each is in.

use crate::batch::{Batch, Column, ColumnData, Rows};
use crate::error::JobError;
use crate::hash::{Vnode, vnode_of};
use crate::operator::archive::ColumnImage;
use crate::plan::Expr;
use crate::table::{GroupTable, Segment, hash_keys};
use crate::time::{EventTimeNs, OrderKey, WATERMARK_NONE};
use crate::types::DataType;

/// How the keys lie.
pub(super) struct Keyed {
    types: Vec<DataType>,
    hash_seed: u64,
    /// Whether batches carry the hash of exactly these keys.
    hash_is_routed: bool,
    /// Which of them say whose vnode a key is; `None`: all.
    spread_by: Option<Vec<usize>>,
}

impl Keyed {
    pub fn new(
        keys: &[Expr],
        hash_seed: u64,
        hash_is_routed: bool,
        spread_by: &Option<Vec<usize>>,
    ) -> Self {
        Self {
            types: keys.iter().map(Expr::ty).collect(),
            hash_seed,
            hash_is_routed,
            spread_by: spread_by.clone(),
        }
    }
}

/// Key -> last touch and life.
pub(super) struct Lives {
    // Fixed at construction.
    keyed: Keyed,
    ttl_ns: i64,
    // State.
    table: GroupTable,
    /// The greatest event time of each key's rows in its life.
    touched: Vec<EventTimeNs>,
    /// The number of each key's life: no two lives of a key that the operator behind holds have the same.
    numbers: Vec<i64>,
    /// The keys that were there at the last look have expired past this watermark, or been touched since.
    due: EventTimeNs,
    /// The watermark in force for the last row.
    watermark: EventTimeNs,
    /// The vnode of each key, ascending; empty when keys have come since.
    by_vnode: Vec<(u16, u32)>,
    // Scratch.
    hashes: Vec<u64>,
    of_rows: Vec<u32>,
    created: Vec<u32>,
    order: Vec<OrderKey>,
}

impl Lives {
    /// None yet.
    pub fn new(keyed: Keyed, ttl_ns: i64) -> Self {
        Self {
            table: GroupTable::new(&keyed.types),
            keyed,
            ttl_ns,
            touched: Vec::new(),
            numbers: Vec::new(),
            due: WATERMARK_NONE,
            watermark: WATERMARK_NONE,
            by_vnode: Vec::new(),
            hashes: Vec::new(),
            of_rows: Vec::new(),
            created: Vec::new(),
            order: Vec::new(),
        }
    }

    /// Keys held.
    pub fn count(&self) -> u64 {
        self.touched.len() as u64
    }

    /// The watermark in force for the last row that touched a key.
    pub fn watermark(&self) -> EventTimeNs {
        self.watermark
    }

    /// Whether it pays to look for keys that have expired at `watermark`.
    pub fn is_due(&self, watermark: EventTimeNs) -> bool {
        watermark > self.due && !self.touched.is_empty()
    }

    /// Touches the keys of the selected rows in order, and writes the number of each row's life. `keys`, `times` and
    /// `numbers` are by row.
    pub fn touch(
        &mut self,
        batch: &Batch,
        keys: &[&Column],
        times: &[EventTimeNs],
        numbers: &mut [i64],
    ) {
        let selected = batch.selection.rows();
        let rows = Segment::from(selected);
        let hashes = match self.keyed.hash_is_routed && !batch.hashes.is_empty() {
            true => &batch.hashes,
            false => {
                let (seed, hashes) = (self.keyed.hash_seed, &mut self.hashes);
                hash_keys(seed, keys, rows, batch.rows, hashes);
                &*hashes
            }
        };
        self.table
            .find_or_insert(hashes, keys, rows, &mut self.of_rows, &mut self.created);
        self.grow();
        self.order.clear();
        batch.order.extend_keys(selected, &mut self.order);
        for (position, (&key, order)) in self.of_rows.iter().zip(&self.order).enumerate() {
            let (row, key) = (rows.row(position), key as usize);
            let (touched, number) = (&mut self.touched[key], &mut self.numbers[key]);
            if order.watermark() > touched.saturating_add(self.ttl_ns) {
                *number += 1;
                *touched = times[row];
            } else {
                *touched = times[row].max(*touched);
            }
            numbers[row] = *number;
        }
        let last = self.order.last().map(|order| order.watermark());
        self.watermark = last.unwrap_or(self.watermark);
    }

    /// Gives new keys a life that no row has touched.
    fn grow(&mut self) {
        let total = self.table.len();
        if total > self.touched.len() {
            self.touched.resize(total, EventTimeNs::MIN);
            self.numbers.resize(total, 0);
            self.by_vnode.clear();
        }
    }

    fn is_lived(&self, key: usize, watermark: EventTimeNs) -> bool {
        watermark <= self.touched[key].saturating_add(self.ttl_ns)
    }

    /// Counts the keys that have not expired at `watermark`, and settles when to look again.
    pub fn look_through(&mut self, watermark: EventTimeNs) -> u64 {
        let lived = self.touched.iter().map(|t| t.saturating_add(self.ttl_ns));
        let lived = lived.filter(|&until| watermark <= until);
        let none = (0, watermark);
        let (count, due) = lived.fold(none, |(count, due), until| (count + 1, due.max(until)));
        self.due = due;
        count
    }

    /// Which lives are not over at `watermark`: `columns` are the keys, then the numbers.
    pub fn are_lived(
        &mut self,
        watermark: EventTimeNs,
        columns: &[Column],
        rows: usize,
    ) -> Vec<bool> {
        let (numbers, keys) = columns.split_last().expect("lives have numbers");
        let ColumnData::I64(numbers) = &numbers.data else {
            panic!("lives have numbers")
        };
        let keys: Vec<&Column> = keys.iter().collect();
        let seed = self.keyed.hash_seed;
        hash_keys(seed, &keys, Rows::All(rows).into(), rows, &mut self.hashes);
        let lives = (0..rows).map(|row| {
            let found = self.table.find(self.hashes[row], |part| (keys[part], row));
            found.is_some_and(|key| {
                let key = key as usize;
                self.numbers[key] == numbers[row] && self.is_lived(key, watermark)
            })
        });
        lives.collect()
    }

    /// Forgets the keys that have expired at `watermark`.
    pub fn compact(&mut self, watermark: EventTimeNs) {
        let all = 0..self.touched.len() as u32;
        let kept: Vec<u32> = all
            .filter(|&key| self.is_lived(key as usize, watermark))
            .collect();
        let old = std::mem::replace(&mut self.table, GroupTable::new(&self.keyed.types));
        let columns = gathered(old.keys(), &self.keyed.types, &kept);
        let columns: Vec<&Column> = columns.iter().collect();
        let hashes: Vec<u64> = kept.iter().map(|&key| old.hashes()[key as usize]).collect();
        let (of_rows, created) = (&mut self.of_rows, &mut self.created);
        let rows = Rows::All(kept.len());
        self.table
            .find_or_insert(&hashes, &columns, rows, of_rows, created);
        self.touched = kept.iter().map(|&key| self.touched[key as usize]).collect();
        self.numbers = kept.iter().map(|&key| self.numbers[key as usize]).collect();
        self.by_vnode.clear();
    }

    /// The keys of a vnode.
    pub fn of_vnode(&mut self, vnode: Vnode) -> Vec<u32> {
        if self.by_vnode.len() != self.touched.len() {
            let owners = self.keyed.spread_by.as_ref().map(|spread_by| {
                let keys: Vec<&Column> = spread_by.iter().map(|&k| &self.table.keys()[k]).collect();
                let (count, mut hashes) = (self.touched.len(), Vec::new());
                let rows = Rows::All(count).into();
                hash_keys(self.keyed.hash_seed, &keys, rows, count, &mut hashes);
                hashes
            });
            let owners = owners.as_deref().unwrap_or(self.table.hashes());
            let vnodes = owners.iter().map(|&hash| vnode_of(hash).0);
            self.by_vnode = vnodes.zip(0..).collect();
            self.by_vnode.sort_unstable();
        }
        let from = self.by_vnode.partition_point(|it| it.0 < vnode.0);
        let of_it = self.by_vnode[from..].iter();
        of_it
            .take_while(|it| it.0 == vnode.0)
            .map(|it| it.1)
            .collect()
    }

    /// Copies keys to columns, with the last touch and the number of each.
    pub fn save(&self, keys: &[u32]) -> (Vec<ColumnImage>, Vec<EventTimeNs>, Vec<i64>) {
        let columns = gathered(self.table.keys(), &self.keyed.types, keys);
        (
            columns.iter().map(ColumnImage::of).collect(),
            keys.iter().map(|&key| self.touched[key as usize]).collect(),
            keys.iter().map(|&key| self.numbers[key as usize]).collect(),
        )
    }

    /// Adds saved keys; false when one is there already, or the shape is another's.
    ///
    /// # Errors
    /// `JobError::Snapshot` when a column is of another type or length.
    pub fn load(
        &mut self,
        keys: Vec<ColumnImage>,
        touched: Vec<EventTimeNs>,
        numbers: Vec<i64>,
    ) -> Result<bool, JobError> {
        let (before, count) = (self.touched.len(), touched.len());
        if keys.len() != self.keyed.types.len() || numbers.len() != count {
            return Ok(false);
        }
        let columns = ColumnImage::into_columns(keys, &self.keyed.types, count)?;
        let columns: Vec<&Column> = columns.iter().collect();
        let rows = Rows::All(count);
        let (seed, hashes) = (self.keyed.hash_seed, &mut self.hashes);
        hash_keys(seed, &columns, rows.into(), count, hashes);
        let (of_rows, created) = (&mut self.of_rows, &mut self.created);
        self.table
            .find_or_insert(hashes, &columns, rows, of_rows, created);
        self.touched.extend(touched);
        self.numbers.extend(numbers);
        self.by_vnode.clear();
        Ok(self.table.len() == before + count)
    }

    /// An estimate of the bytes held.
    pub fn bytes(&self) -> u64 {
        self.table.bytes() + 16 * self.touched.len() as u64
    }
}

fn gathered(keys: &[Column], types: &[DataType], rows: &[u32]) -> Vec<Column> {
    let gather = |(from, &ty): (&Column, &DataType)| {
        let mut column = Column::new(ty);
        column.extend_from(from, Rows::Some(rows));
        column
    };
    keys.iter().zip(types).map(gather).collect()
}
