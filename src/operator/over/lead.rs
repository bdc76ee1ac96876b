//! LEAD: the value of a row that comes later, so rows wait for it.
//!
//! With `depth` the greatest number of rows that a call looks ahead, the last `depth` rows of every partition are
//! held. The next row of the partition lets the oldest of them go: all that its calls look at is there by then. So each
//! arriving row causes at most one, which takes the arriving row's place in the one order; what is held when the input
//! ends leaves behind everything else, in the order it came, and a row that is not there has the default. The rows of a
//! partition always leave in its order.
//!
//! ```text
//! partition, depth 2:   | r | r+1 |   <- r+2 arrives: r leaves in its place, LEAD(x, 1) of r+1, LEAD(x, 2) of r+2
//! ```
//!
//! A row waits with all its columns, and with the arguments of its calls; the first slot of an argument holds the
//! call's default.

use super::TIME_NONE;
use super::held::HeldRows;
use super::partitions::{Keyed, Partitions};
use crate::batch::{Batch, Column, ColumnData, Rows};
use crate::error::JobError;
use crate::hash::Vnode;
use crate::limits::FIRE_ROWS_MAX;
use crate::operator::archive::{ArchiveHeader, ColumnImage, read, write};
use crate::operator::inputs::Inputs;
use crate::operator::{Advance, Context, Operator, Output, SnapshotStep};
use crate::plan::{LeadPlan, OverFunction};
use crate::time::OrderKey;
use crate::types::DataType;
use std::collections::VecDeque;

/// Version of [`State`].
const VERSION: u32 = 2;

/// Where the defaults are.
const DEFAULTS: u32 = 0;

/// Holds rows until the rows that their LEADs look at have come.
pub struct Lead {
    // Fixed at construction.
    types: Vec<DataType>,
    /// Columns of the input; those of the arguments are behind them.
    width: usize,
    keys: usize,
    has_time: bool,
    hash_seed: u64,
    groups_max: u64,
    /// How far each call looks ahead.
    offsets: Vec<usize>,
    depth: usize,
    // State.
    partitions: Partitions,
    /// Time of the last row of each partition, where it is checked.
    times: Vec<i64>,
    /// Slots of the rows that each partition holds, the oldest first.
    queues: Vec<VecDeque<u32>>,
    rows: HeldRows,
    /// Order key of the row in each slot, and its event time if rows have one.
    places: Vec<OrderKey>,
    event_times: Vec<i64>,
    // Scratch. Inputs are the keys, the time, then the arguments.
    inputs: Inputs,
    in_play: Vec<u32>,
    leaving: Vec<u32>,
    order: Vec<OrderKey>,
    /// For each call the slots that it looks at.
    looked_at: Vec<Vec<u32>>,
    /// Rows that the end of the input lets go: slot, partition and place in its queue.
    ending: Vec<(u32, u32, u32)>,
    ended: usize,
    out: Batch,
}

#[derive(rkyv::Archive, rkyv::Serialize, rkyv::Deserialize)]
struct State {
    /// Of the partitions that hold rows.
    keys: Vec<ColumnImage>,
    /// How many rows each of them holds.
    lengths: Vec<u32>,
    /// Time of the last row of each of them.
    times: Vec<i64>,
    /// The rows of one partition after the other, the oldest first.
    places: Vec<OrderKey>,
    /// Event times of the rows; none where they have no time.
    event_times: Vec<i64>,
    /// Columns of the rows, then the arguments; absent when nobody reads them.
    columns: Vec<Option<ColumnImage>>,
}

impl Lead {
    /// Prepares `plan`; partitions are hashed with `hash_seed`.
    ///
    /// # Panics
    /// When a call is no LEAD.
    pub fn new(plan: &LeadPlan, hash_seed: u64) -> Self {
        let input: Vec<_> = plan.input.fields.iter().map(|field| field.ty).collect();
        let results = plan.calls.iter().map(|call| call.ty);
        let types: Vec<_> = input.iter().copied().chain(results).collect();
        let arguments = plan.calls.iter().map(|call| &call.args[0]);
        let mut rows = HeldRows::new(&types);
        assert_eq!(rows.take_slot(), DEFAULTS);
        let mut offsets = Vec::new();
        for (at, call) in plan.calls.iter().enumerate() {
            let OverFunction::Lead { offset, default } = &call.function else {
                panic!("{:?} is no LEAD", call.function);
            };
            let mut column = Column::new(call.ty);
            column.push(default);
            rows.put_in(input.len() + at, DEFAULTS, &column, 0);
            offsets.push(*offset as usize);
        }
        Self {
            width: input.len(),
            keys: plan.keys.len(),
            has_time: plan.time.is_some(),
            hash_seed,
            groups_max: plan.groups_max,
            depth: offsets.iter().copied().max().unwrap_or(0),
            looked_at: vec![Vec::new(); offsets.len()],
            offsets,
            partitions: Partitions::new(Keyed {
                types: plan.keys.iter().map(|key| key.ty()).collect(),
                hash_seed,
                hash_is_routed: plan.hash_is_routed,
                single: plan.single,
                owners: None,
            }),
            times: Vec::new(),
            queues: Vec::new(),
            rows,
            places: vec![OrderKey::MIN],
            event_times: Vec::new(),
            inputs: Inputs::new(plan.keys.iter().chain(&plan.time).chain(arguments)),
            in_play: Vec::new(),
            leaving: Vec::new(),
            order: Vec::new(),
            ending: Vec::new(),
            ended: 0,
            out: Batch::new(&types),
            types,
        }
    }

    fn header(&self) -> ArchiveHeader<'static> {
        ArchiveHeader {
            operator: "lead",
            version: VERSION,
            hash_seed: self.hash_seed,
        }
    }

    fn first_argument(&self) -> usize {
        self.keys + usize::from(self.has_time)
    }

    /// Makes room for the partitions that there are.
    fn grow(&mut self) {
        let total = self.partitions.count();
        self.queues.resize_with(total, VecDeque::new);
        self.times.resize(total, TIME_NONE);
    }

    /// Counts the rows in play whose time is before their predecessor's.
    fn check_times(&mut self, batch: &Batch, context: &mut Context<'_>) {
        if !self.has_time {
            return;
        }
        let time = self.inputs.column(self.keys, batch);
        let ColumnData::I64(times) = &time.data else {
            panic!("ORDER BY a TIMESTAMP");
        };
        let mut out_of_order = 0;
        for (&row, &partition) in self.in_play.iter().zip(&self.partitions.of_rows) {
            let last = &mut self.times[partition as usize];
            if !time.is_null(row as usize) {
                let new = times[row as usize];
                out_of_order += u64::from(new < *last);
                *last = new;
            }
        }
        if out_of_order > 0 {
            context.ledger.out_of_order(out_of_order);
        }
    }

    /// Puts row `row` of `batch` into a slot.
    fn hold(&mut self, batch: &Batch, row: usize) -> u32 {
        let slot = self.rows.take_slot();
        self.rows.put(slot, batch, row);
        for call in 0..self.offsets.len() {
            let argument = self.inputs.column(self.first_argument() + call, batch);
            self.rows.put_in(self.width + call, slot, argument, row);
        }
        let time = batch.time.get(row).copied();
        self.set_place(slot, batch.order.key(row), time);
        slot
    }

    fn set_place(&mut self, slot: u32, place: OrderKey, time: Option<i64>) {
        let slots = slot as usize + 1;
        if self.places.len() < slots {
            self.places.resize(slots, OrderKey::MIN);
        }
        self.places[slot as usize] = place;
        if let Some(time) = time {
            let slots = self.event_times.len().max(slots);
            self.event_times.resize(slots, TIME_NONE);
            self.event_times[slot as usize] = time;
        }
    }

    /// Lets the oldest row of `partition` go, in the place of `key`.
    fn release(&mut self, partition: usize, key: OrderKey) {
        let queue = &mut self.queues[partition];
        let slot = queue.pop_front().expect("more rows than are held");
        self.leaving.push(slot);
        self.order.push(key);
        for (slots, offset) in self.looked_at.iter_mut().zip(&self.offsets) {
            slots.push(queue[offset - 1]);
        }
    }

    /// Hands on the rows in `leaving`, which stay there.
    fn emit(&mut self, context: &mut Context<'_>, next: &mut dyn Output) {
        self.out.clear();
        let (columns, results) = self.out.columns.split_at_mut(self.width);
        self.rows.append(&self.leaving, columns);
        for (call, out) in results.iter_mut().enumerate() {
            let argument = self.rows.column(self.width + call);
            out.extend_from(argument, Rows::Some(&self.looked_at[call]));
            self.looked_at[call].clear();
        }
        if !self.event_times.is_empty() {
            let times = self.leaving.iter();
            let times = times.map(|&slot| self.event_times[slot as usize]);
            self.out.time.extend(times);
        }
        self.out.rows = self.leaving.len();
        self.out.selection.all(self.leaving.len());
        std::mem::swap(self.out.order_keys(), &mut self.order);
        self.order.clear();
        next.push(&mut self.out, context);
    }

    /// Puts all rows that are held in the order in which the end lets them go: where they came, but those of a partition
    /// in its order, which is another where rows are sorted by time.
    fn begin_end(&mut self) {
        let mut own: Vec<OrderKey> = Vec::new();
        for (partition, queue) in self.queues.iter().enumerate() {
            own.clear();
            own.extend(queue.iter().map(|&slot| self.places[slot as usize]));
            own.sort_unstable_by_key(|place| (place.seq, place.ordinal));
            for (&slot, &place) in queue.iter().zip(&own) {
                self.places[slot as usize] = place;
            }
            let slots = queue.iter().enumerate();
            let rows = slots.map(|(at, &slot)| (slot, partition as u32, at as u32));
            self.ending.extend(rows);
        }
        let places = &self.places;
        self.ending.sort_unstable_by_key(|&(slot, ..)| {
            let place = places[slot as usize];
            (place.seq, place.ordinal)
        });
    }
}

impl Operator for Lead {
    fn output_types(&self) -> &[DataType] {
        &self.types
    }

    fn process(&mut self, batch: &mut Batch, context: &mut Context<'_>, next: &mut dyn Output) {
        if !batch.ops.is_empty() {
            let what = "LEAD over rows that are taken back is not built".to_owned();
            *context.failure = Some(JobError::Limit(what));
            return;
        }
        self.inputs.eval(batch, context.ledger);
        if batch.selection.is_empty() {
            return;
        }
        let inputs = &self.inputs;
        self.partitions.find(batch, |i| inputs.column(i, batch));
        if self.partitions.count() as u64 > self.groups_max {
            *context.failure = Some(JobError::Limit(format!(
                "LEAD needs more than {} partitions; raise the limit with SET 'max.groups'",
                self.groups_max
            )));
            return;
        }
        self.grow();
        if self.rows.count() + batch.selection.len() > u32::MAX as usize {
            let what = "more than 2^32 rows wait for LEAD on one worker".to_owned();
            *context.failure = Some(JobError::Limit(what));
            return;
        }
        self.in_play.clear();
        let in_play = &mut self.in_play;
        batch
            .selection
            .rows()
            .for_each(|row| in_play.push(row as u32));
        self.check_times(batch, context);
        for at in 0..self.in_play.len() {
            let slot = self.hold(batch, self.in_play[at] as usize);
            let partition = self.partitions.of_rows[at] as usize;
            self.queues[partition].push_back(slot);
            if self.queues[partition].len() > self.depth {
                self.release(partition, self.places[slot as usize]);
            }
        }
        self.out.arrival_ns = self.out.arrival_ns.max(batch.arrival_ns);
        if !self.leaving.is_empty() {
            self.emit(context, next);
            self.rows.free(&self.leaving);
            self.leaving.clear();
        }
    }

    fn advance(
        &mut self,
        frontier: OrderKey,
        context: &mut Context<'_>,
        next: &mut dyn Output,
    ) -> Advance {
        if frontier != OrderKey::MAX {
            return Advance::Done;
        }
        if self.ending.is_empty() {
            self.begin_end();
        }
        let end = self.ending.len().min(self.ended + FIRE_ROWS_MAX);
        for &(slot, partition, at) in &self.ending[self.ended..end] {
            let place = self.places[slot as usize];
            self.leaving.push(slot);
            self.order
                .push(OrderKey::left_over(place.seq, place.ordinal));
            let queue = &self.queues[partition as usize];
            for (slots, offset) in self.looked_at.iter_mut().zip(&self.offsets) {
                let later = queue.get(at as usize + offset);
                slots.push(later.copied().unwrap_or(DEFAULTS));
            }
        }
        self.ended = end;
        if !self.leaving.is_empty() {
            self.emit(context, next);
            self.leaving.clear();
        }
        if self.ended < self.ending.len() {
            return Advance::More;
        }
        // A row that has left may be looked at by one that leaves later.
        let slots: Vec<u32> = self.ending.drain(..).map(|(slot, ..)| slot).collect();
        self.rows.free(&slots);
        self.queues.iter_mut().for_each(VecDeque::clear);
        self.ended = 0;
        Advance::Done
    }

    fn snapshot(&mut self, vnode: Vnode, out: &mut Vec<u8>, _budget: usize) -> SnapshotStep {
        let partitions = self.partitions.of_vnode(vnode).iter().copied();
        let holding: Vec<u32> = partitions
            .filter(|&partition| {
                let queue = self.queues.get(partition as usize);
                queue.is_some_and(|queue| !queue.is_empty())
            })
            .collect();
        if holding.is_empty() {
            return SnapshotStep::Done;
        }
        let queues = holding.iter().map(|&at| &self.queues[at as usize]);
        let slots: Vec<u32> = queues.clone().flatten().copied().collect();
        let places = slots.iter().map(|&slot| self.places[slot as usize]);
        let times = slots.iter().filter(|_| !self.event_times.is_empty());
        let times = times.map(|&slot| self.event_times[slot as usize]);
        let state = State {
            keys: self.partitions.save(&holding),
            lengths: queues.map(|queue| queue.len() as u32).collect(),
            times: holding.iter().map(|&at| self.times[at as usize]).collect(),
            places: places.collect(),
            event_times: times.collect(),
            columns: self.rows.save(&slots),
        };
        write(self.header(), &state, out);
        SnapshotStep::Done
    }

    fn restore(&mut self, archive: &[u8]) -> Result<(), JobError> {
        let refuse = |what: &str| JobError::Snapshot(format!("lead: {what}"));
        let state: State = read(self.header(), archive)?;
        let count = state.places.len();
        let lengths = state.lengths.iter().map(|&length| length as usize);
        let timed = [0, count].contains(&state.event_times.len());
        let fits = state.times.len() == state.lengths.len()
            && timed
            && lengths.clone().sum::<usize>() == count
            && lengths.clone().all(|length| length <= self.depth);
        if !fits {
            return Err(refuse("the archive has another shape"));
        }
        if !self.partitions.load(state.keys, state.lengths.len())? {
            return Err(refuse("a partition occurs twice"));
        }
        self.grow();
        let first = self.rows.load(state.columns, count)?;
        let Some(mut slot) = first else {
            return Err(refuse("the archive is of another query"));
        };
        let mut places = state.places.into_iter();
        let mut event_times = state.event_times.into_iter();
        for (at, length) in lengths.enumerate() {
            let partition = self.partitions.of_rows[at] as usize;
            self.times[partition] = state.times[at];
            for place in places.by_ref().take(length) {
                self.set_place(slot, place, event_times.next());
                self.queues[partition].push_back(slot);
                slot += 1;
            }
        }
        Ok(())
    }

    fn state_size(&self) -> (u64, u64) {
        let queues: usize = self.queues.iter().map(VecDeque::capacity).sum();
        let flat = queues * size_of::<u32>()
            + self.queues.len() * size_of::<(VecDeque<u32>, i64)>()
            + self.places.len() * size_of::<OrderKey>();
        let bytes = self.rows.bytes() + self.partitions.bytes() + flat;
        (self.partitions.count() as u64, bytes as u64)
    }
}
