//! OVER: aggregates over frames of a partition's rows, and functions of a row's place in it.
//!
//! Each row comes out with its own frame's results, in the order the rows came; ORDER BY names the time, and
//! a row that is out of order by it is counted and used where it stands, at its predecessor's time (`clock`).
//! Calls over the same argument and the last rows share their components (`frame`): SUM, AVG, MIN and MAX of
//! numbers one pass over a batch's rows (`lane`, `number`, `stack`), the counts another once there has been a NULL
//! (`counts`). What rows leave behind lies in flat rings, one slab a component (`slots`). Other frames and
//! aggregates slide on their own: by states that merge (`sliding`, with `fold`, `cells`, `pairs`), or, where they do
//! not, by what enters and leaves (`gather`, `gathered`, `distinct`); and so do the values of single rows (`pick`, `lag`). Rows
//! that were sorted before have the results of their last peer where a frame takes in peers (`peers`). Results are
//! written by row and given to the output columns without a copy.
//!
//! What only whole partitions show waits for them (`ranked`): there the same components slide over sorted rows (`whole`,
//! `around`).

mod around;
mod bag;
mod cells;
mod clock;
mod counts;
mod distinct;
mod finish;
mod fold;
mod frame;
mod gather;
mod gathered;
pub mod held;
mod item;
mod lag;
mod lane;
pub mod lead;
mod number;
mod own;
mod pairs;
mod part;
mod partitions;
mod peers;
mod pick;
mod plan;
mod queue;
mod rank;
pub mod ranked;
mod sliding;
mod slots;
mod sorted;
mod stack;
mod state;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_frames;
#[cfg(test)]
mod tests_lead;
#[cfg(test)]
mod tests_moved;
mod text;
pub mod time_sort;
mod whole;

use super::expire::{Forget, Keep};
use super::inputs::Inputs;
use super::{Advance, Context, Operator, Output, SnapshotStep};
use crate::batch::{Batch, Column, ColumnData};
use crate::error::{JobError, Reason};
use crate::hash::Vnode;
use crate::plan::OverPlan;
use crate::time::OrderKey;
use crate::types::DataType;
use clock::Clock;
use fold::Args;
use frame::Frame;
use part::{Part, Progress, RowsInPlay};
use partitions::{Keyed, Partitions};
use peers::Peers;
use plan::{Call, Positions};

/// The time of a partition's last row before it has one: no event time is less.
const TIME_NONE: i64 = i64::MIN;

/// Evaluates OVER calls.
pub struct Over {
    // Fixed at construction.
    types: Vec<DataType>,
    keys: usize,
    hash_seed: u64,
    has_time: bool,
    numbers_rows: bool,
    groups_max: u64,
    // State.
    partitions: Partitions,
    /// How far each partition is.
    progress: Vec<Progress>,
    frames: Vec<Frame>,
    calls: Vec<Call>,
    /// Where rows stand in time, when a call asks.
    clock: Option<Clock>,
    // Scratch. Inputs are the keys, the time, then the arguments.
    inputs: Inputs,
    batch_rows: Vec<u32>,
    batch_numbers: Vec<u64>,
    batch_positions: Vec<i64>,
    peers: Peers,
    failed: Vec<u32>,
    call_failed: Vec<u32>,
    out: Vec<Column>,
}

impl Over {
    /// Prepares `plan`; partitions are hashed with `hash_seed`.
    ///
    /// # Errors
    /// `JobError::Limit` for a function that has no OVER form here.
    pub fn new(plan: &OverPlan, hash_seed: u64) -> Result<Self, JobError> {
        let first_argument = plan.keys.len() + usize::from(plan.time.is_some());
        let layout = plan::layout(plan, first_argument)?;
        let inputs = plan.keys.iter().chain(&plan.time).chain(layout.arguments);
        let input_types = plan.input.fields.iter().map(|field| field.ty);
        let call_types = plan.calls.iter().map(|call| call.ty);
        let takes_times = layout.calls.iter().any(Call::takes_times);
        if takes_times && plan.time.is_none() {
            let what = "a RANGE frame and RANK need ORDER BY".to_owned();
            return Err(JobError::Limit(what));
        }
        Ok(Self {
            types: input_types.chain(call_types.clone()).collect(),
            keys: plan.keys.len(),
            hash_seed,
            has_time: plan.time.is_some(),
            numbers_rows: layout.calls.iter().any(Call::takes_numbers),
            groups_max: plan.groups_max,
            partitions: Partitions::new(Keyed {
                types: plan.keys.iter().map(|key| key.ty()).collect(),
                hash_seed,
                hash_is_routed: plan.hash_is_routed,
                single: plan.single,
                owners: None,
            }),
            progress: Vec::new(),
            frames: layout.frames,
            calls: layout.calls,
            clock: takes_times.then(Clock::new),
            inputs: Inputs::new(inputs),
            batch_rows: Vec::new(),
            batch_numbers: Vec::new(),
            batch_positions: Vec::new(),
            peers: Peers::default(),
            failed: Vec::new(),
            call_failed: Vec::new(),
            out: call_types.map(Column::new).collect(),
        })
    }

    /// Says how many keys, from the first, name the vnode of a partition: all, unless it is said before rows come.
    pub fn set_owners(&mut self, keys: usize) {
        self.partitions.set_owners(keys);
    }

    /// Finds every row's partition, making new ones.
    fn find_partitions(&mut self, batch: &Batch) {
        let inputs = &self.inputs;
        self.partitions.find(batch, |i| inputs.column(i, batch));
        self.grow();
    }

    /// Makes room for the partitions that there are.
    fn grow(&mut self) {
        let total = self.partitions.count();
        if total == self.progress.len() {
            return;
        }
        let new = Progress {
            rows: 0,
            time: TIME_NONE,
        };
        self.progress.resize(total, new);
        self.for_each_part(&mut |part| part.grow(total));
    }

    /// Numbers the rows within their partitions and counts those out of order.
    fn number(&mut self, batch: &Batch, context: &mut Context<'_>) {
        let time = self.has_time.then(|| {
            let time = self.inputs.column(self.keys, batch);
            let ColumnData::I64(values) = &time.data else {
                panic!("ORDER BY a TIMESTAMP");
            };
            (&values[..], &time.nulls[..])
        });
        let progress = &mut self.progress;
        let in_play = self.batch_rows.iter().zip(&self.partitions.of_rows);
        let mut out_of_order = 0;
        self.batch_numbers.clear();
        self.batch_numbers.extend(in_play.map(|(&row, &partition)| {
            let progress = &mut progress[partition as usize];
            if let Some((times, nulls)) = time
                && (nulls.is_empty() || !nulls[row as usize])
            {
                let (new, last) = (times[row as usize], progress.time);
                out_of_order += u64::from(new < last);
                progress.time = new;
            }
            progress.rows += 1;
            progress.rows - 1
        }));
        if out_of_order > 0 {
            context.ledger.out_of_order(out_of_order);
        }
    }

    /// Takes the rows into the frames and writes the calls' columns.
    fn compute(&mut self, batch: &Batch) {
        let numbers = &self.batch_numbers;
        let rows = RowsInPlay {
            total: batch.rows,
            rows: &self.batch_rows,
            partitions: &self.partitions.of_rows,
            numbers,
            number_min: numbers.iter().copied().fold(u64::MAX, u64::min),
        };
        for frame in &mut self.frames {
            let argument = frame.argument.map(|i| self.inputs.column(i, batch));
            frame.slide(&rows, argument);
        }
        if let Some(clock) = &mut self.clock {
            clock.slide(&rows, self.inputs.column(self.keys, batch));
            if self.calls.iter().any(|call| call.shares) {
                self.peers.find(&rows, &clock.times, self.progress.len());
            }
        }
        self.batch_positions.clear();
        if self.numbers_rows {
            let positions = numbers.iter().map(|number| *number as i64);
            self.batch_positions.extend(positions);
        }
        let positions = Positions {
            numbers: &self.batch_positions,
            clock: self.clock.as_ref(),
        };
        self.failed.clear();
        for taking in [false, true] {
            for (call, out) in self.calls.iter_mut().zip(&mut self.out) {
                if call.takes_results() != taking {
                    continue;
                }
                let args: Args<'_> = [call.argument, call.second]
                    .map(|argument| argument.map(|i| self.inputs.column(i, batch)));
                let failed = &mut self.call_failed;
                call.write(&mut self.frames, (&rows, positions), &args, out, failed);
                if call.shares {
                    self.peers.share(&rows, out, failed);
                }
                self.failed.append(failed);
            }
        }
    }

    /// Drops the rows with a result that its type cannot hold.
    fn drop_failed(&mut self, batch: &mut Batch, context: &mut Context<'_>) {
        if self.failed.is_empty() {
            return;
        }
        self.failed.sort_unstable();
        self.failed.dedup();
        for _ in &self.failed {
            context.ledger.group_error(Reason::Overflow);
        }
        let failed = &self.failed;
        batch
            .selection
            .retain(|row| failed.binary_search(&(row as u32)).is_err());
    }

    fn for_each_part(&mut self, f: &mut dyn FnMut(&mut dyn Part)) {
        for frame in &mut self.frames {
            frame.for_each_part(f);
        }
        for call in &mut self.calls {
            if let Some(part) = call.part() {
                f(part);
            }
        }
        if let Some(clock) = &mut self.clock {
            f(clock);
        }
    }
}

impl Operator for Over {
    fn output_types(&self) -> &[DataType] {
        &self.types
    }

    fn process(&mut self, batch: &mut Batch, context: &mut Context<'_>, next: &mut dyn Output) {
        if !batch.ops.is_empty() {
            let what = "OVER over rows that are taken back is not built".to_owned();
            *context.failure = Some(JobError::Limit(what));
            return;
        }
        self.inputs.eval(batch, context.ledger);
        if batch.selection.is_empty() {
            return;
        }
        self.batch_rows.clear();
        let rows = &mut self.batch_rows;
        batch.selection.rows().for_each(|row| rows.push(row as u32));
        self.find_partitions(batch);
        if self.progress.len() as u64 > self.groups_max {
            *context.failure = Some(JobError::Limit(format!(
                "OVER needs more than {} partitions; raise the limit with SET 'max.groups'",
                self.groups_max
            )));
            return;
        }
        for frame in &mut self.frames {
            let argument = frame.argument.map(|i| self.inputs.column(i, batch));
            frame.prepare(argument, &self.progress);
        }
        self.number(batch, context);
        self.compute(batch);
        self.drop_failed(batch, context);
        if batch.selection.is_empty() {
            return;
        }
        let input_columns = batch.columns.len();
        batch.columns.append(&mut self.out);
        next.push(batch, context);
        self.out.extend(batch.columns.drain(input_columns..));
    }

    fn advance(&mut self, _: OrderKey, _: &mut Context<'_>, _: &mut dyn Output) -> Advance {
        Advance::Done
    }

    fn snapshot(&mut self, vnode: Vnode, out: &mut Vec<u8>, _budget: usize) -> SnapshotStep {
        let partitions = self.partitions.of_vnode(vnode).to_vec();
        self.save(&partitions, out);
        SnapshotStep::Done
    }

    fn restore(&mut self, archive: &[u8]) -> Result<(), JobError> {
        self.load(archive)
    }

    fn state_size(&self) -> (u64, u64) {
        let frames: usize = self.frames.iter().map(Frame::bytes).sum();
        let calls: usize = self.calls.iter().map(Call::bytes).sum();
        let flat = self.progress.len() * size_of::<Progress>() + self.partitions.bytes();
        let clock = self.clock.as_ref().map_or(0, Part::bytes);
        let bytes = (frames + calls + clock + flat) as u64;
        (self.progress.len() as u64, bytes)
    }
}

impl Forget for Over {
    fn held(&self) -> u64 {
        self.progress.len() as u64
    }

    fn snapshot_of(&mut self, keep: &mut Keep<'_>, out: &mut Vec<u8>) {
        let kept = self.partitions.kept(keep);
        self.save(&kept, out);
    }
}

/// Keys of up to this many columns are gathered without an allocation.
const KEYS_INLINE: usize = 8;

/// Key columns of a batch, gathered for a call.
pub(super) enum KeyColumns<'a> {
    Inline([&'a Column; KEYS_INLINE], usize),
    Many(Vec<&'a Column>),
}

impl<'a> KeyColumns<'a> {
    /// Gathers `count` columns.
    pub(super) fn new(count: usize, column: impl Fn(usize) -> &'a Column) -> Self {
        if (1..=KEYS_INLINE).contains(&count) {
            let columns = std::array::from_fn(|i| column(i.min(count - 1)));
            Self::Inline(columns, count)
        } else {
            Self::Many((0..count).map(column).collect())
        }
    }

    /// The columns.
    pub(super) fn get(&self) -> &[&'a Column] {
        match self {
            Self::Inline(columns, count) => &columns[..*count],
            Self::Many(columns) => columns,
        }
    }
}
