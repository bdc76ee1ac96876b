//! Rows in the order of their event time: kept until the watermark says that none before them can come.
//!
//! A row is late when its time is before the watermark in force for it, and counted. One of time `t` leaves when the
//! watermark has passed `t`, as fired at `t + 1`: rows of one time leave together, in the order they came, and in one
//! batch, so that whoever is behind sees all peers at once. What leaves depends on the rows and their watermarks
//! alone, so a replay and a live run give the same rows in the same order.
//!
//! Rows that come behind the watermark, by any time, can only be sorted when all are there: `at_end`. Then they have the
//! same keys as rows that leave by the watermark, and the stage tells nobody how far time has come until it ends
//! (`worker::stage`), so whoever is behind sees an input in the order of time.
//!
//! Rows lie in slots (`held`); a heap holds the place of each in the order.

use super::KeyColumns;
use super::held::HeldRows;
use crate::batch::{Batch, ColumnData};
use crate::error::{JobError, Reason};
use crate::hash::{Vnode, vnode_of};
use crate::limits::FIRE_ROWS_MAX;
use crate::operator::archive::{ArchiveHeader, ColumnImage, read, write};
use crate::operator::inputs::Inputs;
use crate::operator::{Advance, Context, Operator, Output, SnapshotStep};
use crate::plan::TimeSortPlan;
use crate::table::{Segment, hash_keys};
use crate::time::OrderKey;
use crate::types::DataType;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Version of [`State`].
const VERSION: u32 = 1;

/// The place of a row: time, number, ordinal, then its slot and vnode.
type Place = (i64, u64, u32, u32, u16);

/// Sorts rows by time up to the watermark.
pub struct TimeSort {
    // Fixed at construction.
    types: Vec<DataType>,
    keys: usize,
    hash_seed: u64,
    allowed_ns: i64,
    at_end: bool,
    // State.
    rows: HeldRows,
    waiting: BinaryHeap<Reverse<Place>>,
    // Scratch. Inputs are the time, then the keys.
    inputs: Inputs,
    hashes: Vec<u64>,
    leaving: Vec<u32>,
    order: Vec<OrderKey>,
    out: Batch,
}

#[derive(rkyv::Archive, rkyv::Serialize, rkyv::Deserialize)]
struct State {
    times: Vec<i64>,
    numbers: Vec<u64>,
    ordinals: Vec<u32>,
    vnode: u16,
    /// Columns of the rows; absent when nobody reads them.
    columns: Vec<Option<ColumnImage>>,
}

impl TimeSort {
    /// Prepares `plan`; rows are given to vnodes by the hash of their keys with `hash_seed`.
    pub fn new(plan: &TimeSortPlan, hash_seed: u64) -> Self {
        let types: Vec<_> = plan.input.fields.iter().map(|field| field.ty).collect();
        Self {
            keys: plan.keys.len(),
            hash_seed,
            allowed_ns: plan.allowed_ns,
            at_end: plan.at_end,
            rows: HeldRows::new(&types),
            waiting: BinaryHeap::new(),
            inputs: Inputs::new(std::iter::once(&plan.time).chain(&plan.keys)),
            hashes: Vec::new(),
            leaving: Vec::new(),
            order: Vec::new(),
            out: Batch::new(&types),
            types,
        }
    }

    fn header(&self) -> ArchiveHeader<'static> {
        ArchiveHeader {
            operator: "time sort",
            version: VERSION,
            hash_seed: self.hash_seed,
        }
    }

    /// Hashes the keys of the selected rows.
    fn hash(&mut self, batch: &Batch) {
        let keys = KeyColumns::new(self.keys, |key| self.inputs.column(1 + key, batch));
        let rows = Segment::from(batch.selection.rows());
        let hashes = &mut self.hashes;
        hash_keys(self.hash_seed, keys.get(), rows, batch.rows, hashes);
    }

    /// Drops late rows and those without a time.
    fn refuse(&mut self, batch: &mut Batch, context: &mut Context<'_>) {
        let (mut late, allowed, at_end) = (0, self.allowed_ns, self.at_end);
        let mut selection = std::mem::take(&mut batch.selection);
        let (time, order) = (self.inputs.column(0, batch), &batch.order);
        let ColumnData::I64(times) = &time.data else {
            panic!("ORDER BY a TIMESTAMP");
        };
        let ledger = &mut *context.ledger;
        selection.retain(|row| {
            if time.is_null(row) {
                ledger.rejected(row as u32, Reason::EventTimeNull);
                return false;
            }
            let on_time = at_end || times[row].saturating_add(allowed) >= order.watermark(row);
            late += u64::from(!on_time);
            on_time
        });
        batch.selection = selection;
        if late > 0 {
            context.ledger.late(late);
        }
    }

    /// Keeps the selected rows.
    fn keep(&mut self, batch: &Batch) {
        let ColumnData::I64(times) = &self.inputs.column(0, batch).data else {
            panic!("ORDER BY a TIMESTAMP");
        };
        let (rows, waiting, hashes) = (&mut self.rows, &mut self.waiting, &self.hashes);
        batch.selection.rows().for_each(|row| {
            let slot = rows.take_slot();
            rows.put(slot, batch, row);
            let key = batch.order.key(row);
            let vnode = match hashes.get(row) {
                Some(&hash) => vnode_of(hash).0,
                None => 0,
            };
            waiting.push(Reverse((times[row], key.seq, key.ordinal, slot, vnode)));
        });
    }

    /// Takes out rows of up to `upto`, some whole times; true when there are more.
    fn take(&mut self, upto: i64) -> bool {
        self.out.clear();
        self.leaving.clear();
        self.order.clear();
        let mut last = None;
        while let Some(Reverse((time, seq, ordinal, slot, _))) = self.waiting.peek().copied() {
            if time > upto {
                return false;
            }
            if last != Some(time) && self.leaving.len() >= FIRE_ROWS_MAX {
                return true;
            }
            last = Some(time);
            self.waiting.pop();
            let final_at = time.saturating_add(self.allowed_ns).saturating_add(1);
            self.leaving.push(slot);
            self.out.time.push(time);
            self.order.push(OrderKey::fired(final_at, seq, ordinal));
        }
        false
    }

    /// Hands on what `take` took out.
    fn emit(&mut self, context: &mut Context<'_>, next: &mut dyn Output) {
        self.rows.append(&self.leaving, &mut self.out.columns);
        self.rows.free(&self.leaving);
        self.out.rows = self.leaving.len();
        self.out.selection.all(self.leaving.len());
        std::mem::swap(self.out.order_keys(), &mut self.order);
        next.push(&mut self.out, context);
    }
}

impl Operator for TimeSort {
    fn output_types(&self) -> &[DataType] {
        &self.types
    }

    fn process(&mut self, batch: &mut Batch, context: &mut Context<'_>, _: &mut dyn Output) {
        if !batch.ops.is_empty() {
            let what = "rows that are taken back cannot be sorted by time".to_owned();
            *context.failure = Some(JobError::Limit(what));
            return;
        }
        self.inputs.eval(batch, context.ledger);
        self.refuse(batch, context);
        if batch.selection.is_empty() {
            return;
        }
        if self.waiting.len() + batch.selection.len() > u32::MAX as usize {
            let what = "more than 2^32 rows wait for the watermark; add a smaller delay".to_owned();
            *context.failure = Some(JobError::Limit(what));
            return;
        }
        self.hashes.clear();
        if self.keys > 0 {
            self.hash(batch);
        }
        self.keep(batch);
        self.out.arrival_ns = self.out.arrival_ns.max(batch.arrival_ns);
    }

    fn advance(
        &mut self,
        frontier: OrderKey,
        context: &mut Context<'_>,
        next: &mut dyn Output,
    ) -> Advance {
        if self.at_end && frontier != OrderKey::MAX {
            return Advance::Done;
        }
        // A row of time t is final once the watermark is above t and what is allowed.
        let upto = match frontier.watermark() {
            i64::MAX => i64::MAX,
            watermark => watermark.saturating_sub(self.allowed_ns).saturating_sub(1),
        };
        let more = self.take(upto);
        if !self.leaving.is_empty() {
            self.emit(context, next);
        }
        if more { Advance::More } else { Advance::Done }
    }

    fn snapshot(&mut self, vnode: Vnode, out: &mut Vec<u8>, _budget: usize) -> SnapshotStep {
        let mut places: Vec<Place> = self
            .waiting
            .iter()
            .map(|Reverse(place)| *place)
            .filter(|place| place.4 == vnode.0)
            .collect();
        if places.is_empty() {
            return SnapshotStep::Done;
        }
        places.sort_unstable();
        let slots: Vec<u32> = places.iter().map(|place| place.3).collect();
        let state = State {
            times: places.iter().map(|place| place.0).collect(),
            numbers: places.iter().map(|place| place.1).collect(),
            ordinals: places.iter().map(|place| place.2).collect(),
            vnode: vnode.0,
            columns: self.rows.save(&slots),
        };
        write(self.header(), &state, out);
        SnapshotStep::Done
    }

    fn restore(&mut self, archive: &[u8]) -> Result<(), JobError> {
        let refuse = |what: &str| JobError::Snapshot(format!("time sort: {what}"));
        let state: State = read(self.header(), archive)?;
        let count = state.times.len();
        let shape = [state.numbers.len(), state.ordinals.len()];
        let first = match shape == [count; 2] {
            true => self.rows.load(state.columns, count)?,
            false => None,
        };
        let first = first.ok_or_else(|| refuse("the archive is of another query"))?;
        let places = state.times.iter().zip(&state.numbers).zip(&state.ordinals);
        for (slot, ((&time, &number), &ordinal)) in (first..).zip(places) {
            self.waiting
                .push(Reverse((time, number, ordinal, slot, state.vnode)));
        }
        Ok(())
    }

    fn state_size(&self) -> (u64, u64) {
        let places = self.waiting.len() * size_of::<Place>();
        (
            self.waiting.len() as u64,
            (self.rows.bytes() + places) as u64,
        )
    }
}
