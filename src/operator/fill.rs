//! FILL: a key that has had a row has one in every window behind it.
//!
//! ```text
//! rows of the aggregate -> queue -> [windows that no key has] [rows of a window, then the keys without one] ..
//! ```
//!
//! Rows come by rising window, all of one window fired by the same watermark. Once that has passed, the windows since
//! the one before are filled for every key, the window's own rows leave as they are, and behind them those of the keys
//! that have none, in the order in which keys came first. So a window that no key has is filled when the next that
//! has a row is final, and nothing follows the last that has one: what leaves depends on the rows alone. Rows are
//! numbered here, since one fired for a gap has no row of its own.
//!
//! A gap of more than `FILL_WINDOWS_MAX` windows ends the job: it is a wrong time rather than a pause.

use super::aggregate::window::{Window, WindowAssigner};
use super::archive::{ArchiveHeader, ColumnImage, read, write};
use super::over::KeyColumns;
use super::over::held::put;
use super::{Advance, Context, Operator, Output, SnapshotStep};
use crate::batch::{Batch, Column, ColumnData, Rows, Selection};
use crate::error::JobError;
use crate::hash::Vnode;
use crate::limits::{FILL_WINDOWS_MAX, FIRE_ROWS_MAX};
use crate::plan::{FillPlan, FillValue};
use crate::table::{GroupTable, Segment, column_bytes, hash_keys};
use crate::time::{EventTimeNs, OrderKey};
use crate::types::{DataType, Value};

/// Version of [`State`].
const VERSION: u32 = 1;

/// Heap bytes of a column of texts below which it is not swept.
const SWEEP_BYTES_MIN: usize = 1 << 16;

/// A window that is being filled, the watermark that fires it, and the next key to look at.
#[derive(Clone, Copy, Debug)]
struct Filling {
    window: Window,
    due: EventTimeNs,
    key: usize,
}

/// Fills gaps.
pub struct Fill {
    // Fixed at construction.
    types: Vec<DataType>,
    keys: usize,
    hash_seed: u64,
    assigner: WindowAssigner,
    values: Vec<FillValue>,
    /// By aggregate: one row of what stands in its place, unless that is the row before.
    constants: Vec<Column>,
    groups_max: u64,
    // State.
    table: GroupTable,
    /// By key: the start of the last window that has a row, and that row's aggregates.
    seen: Vec<i64>,
    previous: Vec<Column>,
    /// Rows that wait for their watermark, from `taken` on, and that watermark.
    queue: Vec<Column>,
    due: Vec<i64>,
    taken: usize,
    /// The end of the last window that is complete.
    complete: Option<i64>,
    filling: Option<Filling>,
    /// Number of the next row.
    number: u64,
    arrival_ns: u64,
    // Scratch.
    sweep_at: Vec<usize>,
    hashes: Vec<u64>,
    groups: Vec<u32>,
    created: Vec<u32>,
    leaving: Vec<u32>,
    zeros: Vec<u32>,
    out: Batch,
}

#[derive(rkyv::Archive, rkyv::Serialize, rkyv::Deserialize)]
struct State {
    number: u64,
    complete: Option<i64>,
    seen: Vec<i64>,
    keys: Vec<ColumnImage>,
    previous: Vec<ColumnImage>,
    due: Vec<i64>,
    queue: Vec<ColumnImage>,
}

impl Fill {
    /// Prepares `plan`; keys are hashed with `hash_seed`.
    pub fn new(plan: &FillPlan, hash_seed: u64) -> Self {
        let types: Vec<_> = plan.input.fields.iter().map(|field| field.ty).collect();
        let columns = || types.iter().map(|&ty| Column::new(ty)).collect::<Vec<_>>();
        let aggregates = &types[plan.keys + 2..];
        let constant = |(value, &ty): (&FillValue, &DataType)| {
            let mut column = Column::new(ty);
            match value {
                FillValue::Constant(value) => column.push(value),
                FillValue::Null | FillValue::Previous => column.push(&Value::Null),
            }
            column
        };
        Self {
            keys: plan.keys,
            hash_seed,
            assigner: WindowAssigner::new(&plan.window, 0, 0),
            constants: plan.values.iter().zip(aggregates).map(constant).collect(),
            values: plan.values.clone(),
            groups_max: plan.groups_max,
            table: GroupTable::new(&types[..plan.keys]),
            seen: Vec::new(),
            previous: aggregates.iter().map(|&ty| Column::new(ty)).collect(),
            queue: columns(),
            due: Vec::new(),
            taken: 0,
            complete: None,
            filling: None,
            number: 0,
            arrival_ns: 0,
            sweep_at: vec![SWEEP_BYTES_MIN; aggregates.len()],
            hashes: Vec::new(),
            groups: Vec::new(),
            created: Vec::new(),
            leaving: Vec::new(),
            zeros: Vec::new(),
            out: Batch::new(&types),
            types,
        }
    }

    fn header(&self) -> ArchiveHeader<'static> {
        ArchiveHeader {
            operator: "fill",
            version: VERSION,
            hash_seed: self.hash_seed,
        }
    }

    fn bounds(&self, row: usize) -> Window {
        let time = |column: &Column| match &column.data {
            ColumnData::I64(times) => times[row],
            other => panic!("the bounds of a window are times, not {other:?}"),
        };
        Window {
            start: time(&self.queue[self.keys]),
            end: time(&self.queue[self.keys + 1]),
        }
    }

    /// Appends what is due at `watermark` to the output, at most `FIRE_ROWS_MAX` rows; true when there is more.
    fn make(&mut self, watermark: EventTimeNs) -> Result<bool, JobError> {
        while self.out.rows < FIRE_ROWS_MAX {
            if let Some(filling) = self.filling {
                self.fill(filling);
                continue;
            }
            let Some(&due) = self.due.get(self.taken).filter(|&&due| due <= watermark) else {
                return Ok(false);
            };
            let head = self.bounds(self.taken);
            let gap = self.complete.filter(|&end| end < head.start);
            let Some(end) = gap else {
                self.pass(head, due)?;
                continue;
            };
            let window = self.assigner.pane_of(end);
            let window = window.expect("windows between two have bounds as they have");
            let missing = head.start.abs_diff(end) / window.end.abs_diff(window.start);
            if missing > FILL_WINDOWS_MAX {
                return Err(JobError::Limit(format!(
                    "FILL meets a gap of {missing} windows, at most {FILL_WINDOWS_MAX} are filled; take longer \
                     windows, or keep the times that are wrong out with WHERE"
                )));
            }
            let key = 0;
            self.filling = Some(Filling { window, due, key });
        }
        Ok(true)
    }

    /// Appends rows of `window` that are next in the queue.
    fn pass(&mut self, window: Window, due: EventTimeNs) -> Result<(), JobError> {
        let room = FIRE_ROWS_MAX - self.out.rows;
        let rest = self.taken + 1..self.due.len().min(self.taken + room);
        let same = rest.take_while(|&row| self.bounds(row).start == window.start);
        let to = self.taken + 1 + same.count();
        self.leaving.clear();
        self.leaving.extend(self.taken as u32..to as u32);
        let rows = Rows::Some(&self.leaving);
        for (out, column) in self.out.columns.iter_mut().zip(&self.queue) {
            out.extend_from(column, rows);
        }
        self.enter(window.start);
        self.number(window, due, to - self.taken);
        self.taken = to;
        if self.taken == self.due.len() || self.bounds(to).start != window.start {
            let key = 0;
            self.filling = Some(Filling { window, due, key });
        }
        if self.taken == self.due.len() {
            self.queue.iter_mut().for_each(Column::clear);
            self.due.clear();
            self.taken = 0;
        }
        let held = self.seen.len() as u64;
        match held > self.groups_max {
            true => Err(JobError::Limit(format!(
                "FILL keeps {held} keys, at most {} are allowed; raise it with SET 'max.groups'",
                self.groups_max
            ))),
            false => Ok(()),
        }
    }

    /// Notes the keys and the aggregates of the rows in `leaving`, of the window that starts at `start`.
    fn enter(&mut self, start: i64) {
        let rows = Segment::from(Rows::Some(&self.leaving));
        if self.keys == 0 {
            self.groups.clear();
            self.groups.resize(self.leaving.len(), 0);
            self.seen.resize(1, start);
        } else {
            let keys = KeyColumns::new(self.keys, |at| &self.queue[at]);
            let total = self.due.len();
            hash_keys(self.hash_seed, keys.get(), rows, total, &mut self.hashes);
            let (groups, created) = (&mut self.groups, &mut self.created);
            self.table
                .find_or_insert(&self.hashes, keys.get(), rows, groups, created);
            self.seen.resize(self.table.len(), start);
        }
        for (&row, &key) in self.leaving.iter().zip(&self.groups) {
            self.seen[key as usize] = start;
            let from = &self.queue[self.keys + 2..];
            let wanted = self.values.iter().zip(&mut self.previous).zip(from);
            for ((value, to), from) in wanted {
                if *value == FillValue::Previous {
                    put(to, key as usize, from, row as usize);
                }
            }
        }
        for (column, sweep_at) in self.previous.iter_mut().zip(&mut self.sweep_at) {
            if let ColumnData::Text(texts) = &mut column.data
                && texts.heap_bytes() > *sweep_at
            {
                *texts = texts.compacted();
                *sweep_at = SWEEP_BYTES_MIN.max(2 * texts.heap_bytes());
            }
        }
    }

    /// Appends rows of the keys that have none in a window, from where it was left.
    fn fill(&mut self, filling: Filling) {
        let Filling { window, due, key } = filling;
        let room = FIRE_ROWS_MAX - self.out.rows;
        self.leaving.clear();
        let mut next = key;
        while next < self.seen.len() && self.leaving.len() < room {
            if self.seen[next] != window.start {
                self.leaving.push(next as u32);
            }
            next += 1;
        }
        let rows = Rows::Some(&self.leaving);
        let columns = &mut self.out.columns;
        for (out, keys) in columns.iter_mut().zip(self.table.keys()) {
            out.extend_from(keys, rows);
        }
        for (at, bound) in [window.start, window.end].into_iter().enumerate() {
            if let ColumnData::I64(values) = &mut columns[self.keys + at].data {
                values.resize(values.len() + self.leaving.len(), bound);
            }
        }
        self.zeros.clear();
        self.zeros.resize(self.leaving.len(), 0);
        let sources = self.values.iter().zip(&self.previous).zip(&self.constants);
        for (out, ((value, previous), constant)) in columns[self.keys + 2..].iter_mut().zip(sources)
        {
            match value {
                FillValue::Previous => out.extend_from(previous, rows),
                FillValue::Null | FillValue::Constant(_) => {
                    out.extend_from(constant, Rows::Some(&self.zeros));
                }
            }
        }
        self.number(window, due, self.leaving.len());
        self.filling = (next < self.seen.len()).then_some(Filling {
            key: next,
            ..filling
        });
        if self.filling.is_none() {
            self.complete = Some(window.end);
        }
    }

    /// Numbers `rows` rows that were appended.
    fn number(&mut self, window: Window, due: EventTimeNs, rows: usize) {
        let numbers = self.number..self.number + rows as u64;
        let keys = numbers.map(|number| OrderKey::fired(due, number, 0));
        self.out.order_keys().extend(keys);
        self.number += rows as u64;
        self.out.rows += rows;
        let times = self.out.time.len() + rows;
        self.out.time.resize(times, window.end - 1);
    }
}

impl Operator for Fill {
    fn output_types(&self) -> &[DataType] {
        &self.types
    }

    fn process(&mut self, batch: &mut Batch, _: &mut Context<'_>, _: &mut dyn Output) {
        assert!(batch.ops.is_empty(), "the planner fills final rows only");
        let rows = batch.selection.rows();
        for (to, from) in self.queue.iter_mut().zip(&batch.columns) {
            to.extend_from(from, rows);
        }
        let (due, order) = (&mut self.due, &batch.order);
        rows.for_each(|row| due.push(order.key(row).time));
        self.arrival_ns = self.arrival_ns.max(batch.arrival_ns);
    }

    fn advance(
        &mut self,
        frontier: OrderKey,
        context: &mut Context<'_>,
        next: &mut dyn Output,
    ) -> Advance {
        if context.failure.is_some() {
            return Advance::Done;
        }
        let watermark = match frontier == OrderKey::MAX {
            true => EventTimeNs::MAX,
            false => frontier.watermark(),
        };
        let more = self.make(watermark);
        if self.out.rows > 0 {
            self.out.selection.all(self.out.rows);
            self.out.arrival_ns = self.arrival_ns;
            next.push(&mut self.out, context);
            self.out.clear();
        }
        match more {
            Ok(true) => Advance::More,
            Ok(false) => Advance::Done,
            Err(error) => {
                *context.failure = Some(error);
                Advance::Done
            }
        }
    }

    fn snapshot(&mut self, vnode: Vnode, out: &mut Vec<u8>, _: usize) -> SnapshotStep {
        if vnode != Vnode(0) || (self.seen.is_empty() && self.due.is_empty()) {
            return SnapshotStep::Done;
        }
        assert!(
            self.filling.is_none(),
            "a barrier passes behind what is due"
        );
        let mut waiting = Selection::default();
        waiting.all(self.due.len());
        waiting.retain(|row| row >= self.taken);
        let image = |column: &Column, ty: &DataType| {
            let mut kept = Column::new(*ty);
            kept.extend_from(column, waiting.rows());
            ColumnImage::of(&kept)
        };
        let state = State {
            number: self.number,
            complete: self.complete,
            seen: self.seen.clone(),
            keys: self.table.keys().iter().map(ColumnImage::of).collect(),
            previous: self.previous.iter().map(ColumnImage::of).collect(),
            due: self.due[self.taken..].to_vec(),
            queue: self
                .queue
                .iter()
                .zip(&self.types)
                .map(|(column, ty)| image(column, ty))
                .collect(),
        };
        write(self.header(), &state, out);
        SnapshotStep::Done
    }

    fn restore(&mut self, archive: &[u8]) -> Result<(), JobError> {
        let refuse = |what: &str| JobError::Snapshot(format!("fill: {what}"));
        let state: State = read(self.header(), archive)?;
        let widths = (state.keys.len(), state.previous.len(), state.queue.len());
        if widths != (self.keys, self.values.len(), self.types.len()) || !self.seen.is_empty() {
            return Err(refuse("the archive is of another query"));
        }
        let (known, waiting) = (state.seen.len(), state.due.len());
        let columns = |images: Vec<ColumnImage>, types: &[DataType], rows: usize| {
            let images = images.into_iter().zip(types);
            images
                .map(|(image, &ty)| image.into_column(ty, rows))
                .collect::<Result<Vec<_>, _>>()
        };
        let keys = columns(state.keys, &self.types[..self.keys], known)?;
        if self.keys > 0 {
            let keys: Vec<&Column> = keys.iter().collect();
            let all = Rows::All(known);
            hash_keys(self.hash_seed, &keys, all.into(), known, &mut self.hashes);
            let (groups, created) = (&mut self.groups, &mut self.created);
            self.table
                .find_or_insert(&self.hashes, &keys, all, groups, created);
            if !self.groups.iter().copied().eq(0..known as u32) {
                return Err(refuse("a key is there twice"));
            }
        }
        let aggregates = &self.types[self.keys + 2..];
        for (at, image) in state.previous.into_iter().enumerate() {
            if self.values[at] == FillValue::Previous {
                self.previous[at] = image.into_column(aggregates[at], known)?;
            }
        }
        self.queue = columns(state.queue, &self.types, waiting)?;
        (self.number, self.complete) = (state.number, state.complete);
        (self.seen, self.due) = (state.seen, state.due);
        Ok(())
    }

    fn state_size(&self) -> (u64, u64) {
        let columns = self.previous.iter().chain(&self.queue);
        let bytes: usize = columns.map(column_bytes).sum();
        let others = (self.seen.len() + self.due.len()) * size_of::<i64>();
        (
            self.seen.len() as u64,
            self.table.bytes() + (bytes + others) as u64,
        )
    }
}
