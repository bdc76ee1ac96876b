//! `EMIT CHANGES EVERY d`, `EMIT FINAL EARLY EVERY d`: of the changes of a group between two ticks, the last.
//!
//! Ticks lie at the multiples of `d` on the axis of event time. A change under watermark W waits for the tick that
//! follows W and leaves when the watermark reaches it, with the group's newest row, in the order in which the groups
//! changed first since the tick before; the end of the input is the last tick. Which tick a change waits for is a
//! matter of its own watermark, so batches are divided where that passes a tick, and the rows that leave depend on
//! the changes alone.
//!
//! `EMIT FINAL EARLY EVERY d` is the same beside the rows that are final: those pass, each behind the ticks before it, and
//! a change of what is final at its tick is not told.
//!
//! What waits is a row for each changed group, in slots numbered by the table of the groups.

use super::archive::{ArchiveHeader, ColumnImage, read, write};
use super::inputs::Inputs;
use super::over::KeyColumns;
use super::over::held::put;
use super::{Advance, Context, Operator, Output, SnapshotStep};
use crate::batch::{Batch, Column, ColumnData, Rows};
use crate::error::JobError;
use crate::hash::{Vnode, vnode_of};
use crate::limits::FIRE_ROWS_MAX;
use crate::plan::{CoalescePlan, EarlyPlan};
use crate::table::{GroupTable, Segment, column_bytes, hash_keys};
use crate::time::{EventTimeNs, OrderKey};
use crate::types::DataType;

/// Version of [`State`].
const VERSION: u32 = 1;

/// A slot that has no row in the run at hand.
const NO_ROW: u32 = u32::MAX;

/// Keeps the last change of every group until the next tick.
pub struct Coalesce {
    // Fixed at construction.
    types: Vec<DataType>,
    key_types: Vec<DataType>,
    routed: usize,
    hash_seed: u64,
    every_ns: i64,
    groups_max: u64,
    early: Option<EarlyPlan>,
    // State: by slot, the newest row and what changed the group first since the last tick.
    table: GroupTable,
    columns: Vec<Column>,
    firsts: Vec<(u64, u32)>,
    /// The tick that everything waits for.
    tick: EventTimeNs,
    /// Rows of the tick that have left, while it is being handed on in slices.
    left: Option<usize>,
    // Scratch.
    inputs: Inputs,
    hashes: Vec<u64>,
    rows: Vec<u32>,
    slots: Vec<u32>,
    created: Vec<u32>,
    newest: Vec<u32>,
    order: Vec<u32>,
    arrival_ns: u64,
    out: Batch,
}

#[derive(rkyv::Archive, rkyv::Serialize, rkyv::Deserialize)]
struct State {
    tick: i64,
    hashes: Vec<u64>,
    numbers: Vec<u64>,
    ordinals: Vec<u32>,
    keys: Vec<ColumnImage>,
    /// Columns of the rows; absent when nobody reads them.
    columns: Vec<Option<ColumnImage>>,
}

impl Coalesce {
    /// Prepares `plan`.
    pub fn new(plan: &CoalescePlan, hash_seed: u64) -> Self {
        let types: Vec<_> = plan.input.fields.iter().map(|field| field.ty).collect();
        let key_types: Vec<_> = plan.keys.iter().map(crate::plan::Expr::ty).collect();
        Self {
            routed: plan.routed,
            hash_seed,
            every_ns: plan.every_ns.max(1),
            groups_max: plan.groups_max,
            early: plan.early,
            table: GroupTable::new(&key_types),
            columns: types.iter().map(|&ty| Column::new(ty)).collect(),
            firsts: Vec::new(),
            tick: EventTimeNs::MIN,
            left: None,
            inputs: Inputs::new(plan.keys.iter()),
            hashes: Vec::new(),
            rows: Vec::new(),
            slots: Vec::new(),
            created: Vec::new(),
            newest: Vec::new(),
            order: Vec::new(),
            arrival_ns: 0,
            out: Batch::new(&types),
            key_types,
            types,
        }
    }

    fn header(&self) -> ArchiveHeader<'static> {
        ArchiveHeader {
            operator: "coalesce",
            version: VERSION,
            hash_seed: self.hash_seed,
        }
    }

    /// The tick that a change under `watermark` waits for.
    fn tick_behind(&self, watermark: EventTimeNs) -> EventTimeNs {
        let every = i128::from(self.every_ns);
        let tick = (i128::from(watermark).div_euclid(every) + 1) * every;
        tick.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64
    }

    /// Takes `self.rows[from..to]`, which wait for one tick; false when there are too many groups.
    fn take(&mut self, batch: &Batch, from: usize, to: usize) -> bool {
        let run = &self.rows[from..to];
        let key = |at| self.inputs.column(at, batch);
        let keys = KeyColumns::new(self.key_types.len(), key);
        let segment = Segment::from(Rows::Some(run));
        let (slots, created) = (&mut self.slots, &mut self.created);
        self.table
            .find_or_insert(&self.hashes, keys.get(), segment, slots, created);
        for &row in &self.created {
            let key = batch.order.key(row as usize);
            self.firsts.push((key.seq, key.ordinal));
        }
        self.newest.clear();
        self.newest.resize(self.table.len(), NO_ROW);
        for (&row, &slot) in run.iter().zip(&self.slots) {
            self.newest[slot as usize] = row;
        }
        // New slots are behind the known ones, so that columns grow one by one.
        for (slot, &row) in self.newest.iter().enumerate() {
            if row == NO_ROW {
                continue;
            }
            for (to, from) in self.columns.iter_mut().zip(&batch.columns) {
                // Columns that nothing reads have no rows.
                if from.len() >= batch.rows {
                    put(to, slot, from, row as usize);
                }
            }
        }
        self.table.len() as u64 <= self.groups_max
    }

    /// Hands on up to `limit` rows of the tick; true when there are more.
    fn leave(&mut self, limit: usize, context: &mut Context<'_>, next: &mut dyn Output) -> bool {
        let from = match self.left {
            Some(left) => left,
            None => {
                self.order.clear();
                self.order.extend(0..self.table.len() as u32);
                self.leave_final_out();
                let firsts = &self.firsts;
                // In order, save after a restore.
                if !firsts.is_sorted() {
                    let first = |&slot: &u32| firsts[slot as usize];
                    self.order.sort_unstable_by_key(first);
                }
                0
            }
        };
        let to = self.order.len().min(from.saturating_add(limit));
        let leaving = &self.order[from..to];
        self.out.clear();
        for (out, column) in self.out.columns.iter_mut().zip(&self.columns) {
            if !column.is_empty() {
                out.extend_from(column, Rows::Some(leaving));
            }
        }
        let (tick, firsts) = (self.tick, &self.firsts);
        let key = match self.early {
            Some(_) => OrderKey::early,
            None => OrderKey::fired,
        };
        self.out.order_keys().extend(leaving.iter().map(|&slot| {
            let (seq, ordinal) = firsts[slot as usize];
            key(tick, seq, ordinal)
        }));
        self.out.rows = leaving.len();
        self.out.selection.all(leaving.len());
        self.out.arrival_ns = self.arrival_ns;
        if !leaving.is_empty() {
            next.push(&mut self.out, context);
        }
        if to < self.order.len() {
            self.left = Some(to);
            return true;
        }
        self.left = None;
        self.table.clear();
        self.firsts.clear();
        for column in &mut self.columns {
            column.clear();
        }
        false
    }

    /// Leaves out of the tick's order what is final at it.
    fn leave_final_out(&mut self) {
        let Some(early) = self.early.filter(|early| early.windowed) else {
            return;
        };
        let Some(Column {
            data: ColumnData::I64(ends),
            ..
        }) = self.table.keys().last()
        else {
            unreachable!("the planner puts a window's end behind the keys");
        };
        let tick = self.tick;
        self.order
            .retain(|&slot| tick < ends[slot as usize].saturating_add(early.allowed_ns));
    }

    /// Hands final rows on, what waits for a tick between them in its place.
    fn pass(&mut self, batch: &mut Batch, context: &mut Context<'_>, next: &mut dyn Output) {
        let tick = self.tick;
        let is_before = |&row: &u32| batch.order.key(row as usize).time < tick;
        let before = self.rows.partition_point(is_before);
        if before == self.rows.len() || self.table.is_empty() {
            return next.push(batch, context);
        }
        if before > 0 {
            // Whoever is behind may change what it is given, and the rest has to stay.
            let (rows, out) = (Rows::Some(&self.rows[..before]), &mut self.out);
            out.clear();
            for (to, from) in out.columns.iter_mut().zip(&batch.columns) {
                // Columns that nothing reads have no rows.
                if from.len() >= batch.rows {
                    to.extend_from(from, rows);
                }
            }
            batch.order.extend_keys(rows, out.order_keys());
            out.rows = before;
            out.selection.all(before);
            out.arrival_ns = batch.arrival_ns;
            next.push(out, context);
        }
        while self.leave(FIRE_ROWS_MAX, context, next) {}
        batch.selection.assign(batch.rows, &self.rows[before..]);
        next.push(batch, context);
    }

    fn too_many(&self) -> JobError {
        JobError::Limit(format!(
            "EMIT .. EVERY keeps more than {} changed groups; raise the limit with SET 'max.groups'",
            self.groups_max
        ))
    }
}

impl Operator for Coalesce {
    fn output_types(&self) -> &[DataType] {
        &self.types
    }

    fn process(&mut self, batch: &mut Batch, context: &mut Context<'_>, next: &mut dyn Output) {
        if !batch.ops.is_empty() {
            let what = "rows that are taken back cannot be coalesced".to_owned();
            *context.failure = Some(JobError::Limit(what));
            return;
        }
        self.inputs.eval(batch, context.ledger);
        self.rows.clear();
        let list = &mut self.rows;
        batch.selection.rows().for_each(|row| list.push(row as u32));
        let fired = |&row: &u32| batch.order.key(row as usize).kind == 0;
        if self.early.is_some() && self.rows.first().is_some_and(fired) {
            return self.pass(batch, context, next);
        }
        let rows = batch.selection.rows();
        let routed = KeyColumns::new(self.routed, |at| self.inputs.column(at, batch));
        let (seed, segment) = (self.hash_seed, Segment::from(rows));
        hash_keys(seed, routed.get(), segment, batch.rows, &mut self.hashes);
        self.arrival_ns = self.arrival_ns.max(batch.arrival_ns);
        let mut from = 0;
        while from < self.rows.len() {
            let tick_of = |row: u32| self.tick_behind(batch.order.watermark(row as usize));
            let tick = tick_of(self.rows[from]);
            let run = self.rows[from..]
                .iter()
                .take_while(|&&row| tick_of(row) == tick);
            let to = from + run.count();
            if tick != self.tick {
                while !self.table.is_empty() && self.leave(FIRE_ROWS_MAX, context, next) {}
                self.tick = tick;
            }
            if !self.take(batch, from, to) {
                *context.failure = Some(self.too_many());
                return;
            }
            from = to;
        }
    }

    fn advance(
        &mut self,
        frontier: OrderKey,
        context: &mut Context<'_>,
        next: &mut dyn Output,
    ) -> Advance {
        let ended = frontier == OrderKey::MAX;
        if self.table.is_empty() || !(ended || self.tick <= frontier.watermark()) {
            return Advance::Done;
        }
        match self.leave(FIRE_ROWS_MAX, context, next) {
            true => Advance::More,
            false => Advance::Done,
        }
    }

    fn snapshot(&mut self, vnode: Vnode, out: &mut Vec<u8>, _budget: usize) -> SnapshotStep {
        let hashes = self.table.hashes();
        let own = |&slot: &u32| vnode_of(hashes[slot as usize]) == vnode;
        let slots: Vec<u32> = (0..hashes.len() as u32).filter(own).collect();
        if slots.is_empty() {
            return SnapshotStep::Done;
        }
        let gather = |column: &Column, ty: DataType| {
            let mut gathered = Column::new(ty);
            gathered.extend_from(column, Rows::Some(&slots));
            ColumnImage::of(&gathered)
        };
        let of_slot = |slot: &u32| *slot as usize;
        let state = State {
            tick: self.tick,
            hashes: slots.iter().map(|slot| hashes[of_slot(slot)]).collect(),
            numbers: slots
                .iter()
                .map(|slot| self.firsts[of_slot(slot)].0)
                .collect(),
            ordinals: slots
                .iter()
                .map(|slot| self.firsts[of_slot(slot)].1)
                .collect(),
            keys: self
                .table
                .keys()
                .iter()
                .zip(&self.key_types)
                .map(|(column, &ty)| gather(column, ty))
                .collect(),
            columns: self
                .columns
                .iter()
                .zip(&self.types)
                .map(|(column, &ty)| (!column.is_empty()).then(|| gather(column, ty)))
                .collect(),
        };
        write(self.header(), &state, out);
        SnapshotStep::Done
    }

    fn restore(&mut self, archive: &[u8]) -> Result<(), JobError> {
        let refuse = |what: &str| JobError::Snapshot(format!("coalesce: {what}"));
        let state: State = read(self.header(), archive)?;
        let count = state.hashes.len();
        let shape = [state.numbers.len(), state.ordinals.len()];
        let width = (state.keys.len(), state.columns.len());
        if shape != [count; 2] || width != (self.key_types.len(), self.types.len()) {
            return Err(refuse("the archive is of another query"));
        }
        if !self.table.is_empty() && self.tick != state.tick {
            return Err(refuse("its parts wait for different ticks"));
        }
        self.tick = state.tick;
        let keys = ColumnImage::into_columns(state.keys, &self.key_types, count)?;
        let keys: Vec<&Column> = keys.iter().collect();
        let (slots, created) = (&mut self.slots, &mut self.created);
        self.table
            .find_or_insert(&state.hashes, &keys, Rows::All(count), slots, created);
        if self.created.len() != count {
            return Err(refuse("a group is there twice"));
        }
        let firsts = state.numbers.iter().zip(&state.ordinals);
        self.firsts
            .extend(firsts.map(|(&seq, &ordinal)| (seq, ordinal)));
        for (at, image) in state.columns.into_iter().enumerate() {
            if let Some(image) = image {
                let saved = image.into_column(self.types[at], count)?;
                for (row, &slot) in self.slots.iter().enumerate() {
                    put(&mut self.columns[at], slot as usize, &saved, row);
                }
            }
        }
        Ok(())
    }

    fn state_size(&self) -> (u64, u64) {
        let columns: usize = self.columns.iter().map(column_bytes).sum();
        let firsts = self.firsts.len() * size_of::<(u64, u32)>();
        (
            self.table.len() as u64,
            self.table.bytes() + (columns + firsts) as u64,
        )
    }
}
