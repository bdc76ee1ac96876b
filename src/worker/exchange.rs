//! Exchange: rows from every worker of a stage to every worker of the next, merged by order key.
//!
//! Producer `p` sends consumer `c` the rows whose key's vnode `c` owns (all rows to worker 0 without a key),
//! by rising order key. The consumer takes the least key among its producers' heads; a producer without a
//! head answers with its progress line. Everything before a barrier is processed before the barrier passes,
//! because every row before it has a smaller key than the barrier's frontier.

use super::ledger::{LedgerCounts, StatementLedger};
use super::stage::Stage;
use crate::batch::{Batch, Column, RowOrder, Rows};
use crate::batch_hash::hash_keys;
use crate::error::JobError;
use crate::expr::{Program, RowErrors};
use crate::hash::vnode_of;
use crate::inbox::{Inbox, Received, aligned_barrier, pass_barrier};
use crate::limits::{MORSEL_ROWS_MAX, VNODES};
use crate::link::{Keyed, Message, Receiver, Sender};
use crate::operator::Context;
use crate::plan::{ExchangePlan, UnionPlace};
use crate::time::OrderKey;
use crate::types::DataType;

impl Keyed for Batch {
    fn first_key(&self) -> OrderKey {
        self.order.key(0)
    }
}

/// The links of one exchange at one worker.
pub struct ExchangeLinks {
    /// To each worker of the next stage.
    pub to: Vec<Sender<Batch>>,
    /// From each worker of the stage before.
    pub from: Vec<Receiver<Batch>>,
}

/// The sending side.
pub struct ExchangePort {
    // Fixed at construction.
    types: Vec<DataType>,
    hash_seed: u64,
    union: Option<UnionPlace>,
    // State.
    keys: Vec<Program>,
    to: Vec<Sender<Batch>>,
    open: Vec<Option<Box<Batch>>>,
    hashes: Vec<u64>,
    errors: RowErrors,
    rows_of: Vec<Vec<u32>>,
}

impl ExchangePort {
    /// A port for rows of `types`.
    pub fn new(
        plan: &ExchangePlan,
        types: &[DataType],
        hash_seed: u64,
        to: Vec<Sender<Batch>>,
    ) -> Self {
        Self {
            types: types.to_vec(),
            hash_seed,
            union: plan.union,
            keys: plan.key.iter().map(Program::new).collect(),
            open: to.iter().map(|_| None).collect(),
            rows_of: vec![Vec::new(); to.len()],
            to,
            hashes: Vec::new(),
            errors: RowErrors::default(),
        }
    }

    /// Spreads the selected rows.
    pub fn push(&mut self, batch: &mut Batch, context: &mut Context<'_>) {
        if self.keys.is_empty() {
            for rows in &mut self.rows_of {
                rows.clear();
            }
            let to = &mut self.rows_of[0];
            batch.selection.rows().for_each(|row| to.push(row as u32));
            self.hashes.clear();
        } else {
            self.assign_by_hash(batch, context);
        }
        for consumer in 0..self.to.len() {
            self.copy_rows(consumer, batch, context);
        }
    }

    fn assign_by_hash(&mut self, batch: &mut Batch, context: &mut Context<'_>) {
        self.errors.rows.clear();
        let rows = batch.selection.rows();
        let mut values: Vec<&Column> = Vec::with_capacity(self.keys.len());
        for program in &mut self.keys {
            values.push(program.eval(batch, rows, &mut self.errors));
        }
        self.hashes.clear();
        hash_keys(&values, rows, self.hash_seed, &mut self.hashes);
        self.errors.rows.sort_unstable_by_key(|error| error.0);
        self.errors.rows.dedup_by_key(|error| error.0);
        for &(row, reason) in &self.errors.rows {
            context.ledger.rejected(row, reason);
        }
        let workers = self.to.len();
        for rows in &mut self.rows_of {
            rows.clear();
        }
        let (rows_of, hashes) = (&mut self.rows_of, &self.hashes);
        let errors = &self.errors.rows;
        rows.for_each(|row| {
            let failed = errors
                .binary_search_by_key(&(row as u32), |error| error.0)
                .is_ok();
            if !failed {
                let vnode = usize::from(vnode_of(hashes[row]).0);
                rows_of[vnode * workers / VNODES].push(row as u32);
            }
        });
    }

    fn copy_rows(&mut self, consumer: usize, batch: &Batch, context: &mut Context<'_>) {
        let rows = &self.rows_of[consumer];
        if rows.is_empty() {
            return;
        }
        let sender = &mut self.to[consumer];
        let types = &self.types;
        let target = self.open[consumer].get_or_insert_with(|| {
            let mut target = sender.take().unwrap_or_else(|| Box::new(Batch::new(types)));
            target.clear();
            target.arrival_ns = 0;
            target
        });
        let before = target.rows;
        append_rows(target, batch, Rows::Some(rows), &self.hashes);
        if let Some(place) = self.union
            && !tag(target, before, place)
        {
            let what = "a UNION of rows of which one record has made too many has no order";
            *context.failure = Some(JobError::Limit(what.to_owned()));
        }
        if target.rows >= MORSEL_ROWS_MAX {
            let full = self.open[consumer].take().expect("just filled");
            sender.send(Message::Data(full));
        }
    }

    /// Sends what has been gathered.
    pub fn end_unit(&mut self) {
        for (sender, open) in self.to.iter_mut().zip(&mut self.open) {
            if let Some(batch) = open.take() {
                sender.send(Message::Data(batch));
            }
        }
    }

    /// Whether everything sent is in its ring.
    pub fn is_clear(&self) -> bool {
        self.to.iter().all(Sender::is_clear)
    }

    /// Pushes what is kept.
    pub fn flush(&mut self) -> bool {
        let mut clear = true;
        for sender in &mut self.to {
            clear &= sender.flush();
        }
        clear
    }

    /// Publishes how far this stage has come.
    pub fn publish(&mut self, frontier: OrderKey) {
        for sender in &mut self.to {
            sender.publish(frontier);
        }
    }

    /// Passes a barrier to every consumer.
    pub fn send_barrier(&mut self, id: u64, frontier: OrderKey) {
        for sender in &mut self.to {
            sender.send(Message::Barrier { id, frontier });
        }
    }

    /// Passes the end to every consumer.
    pub fn send_end(&mut self, frontier: OrderKey) {
        for sender in &mut self.to {
            sender.send(Message::End { frontier });
        }
    }
}

/// Appends `rows` of `batch` with their keys, times and `hashes`.
fn append_rows(target: &mut Batch, batch: &Batch, rows: Rows<'_>, hashes: &[u64]) {
    for (to, from) in target.columns.iter_mut().zip(&batch.columns) {
        to.extend_from(from, rows);
    }
    let RowOrder::Keys(keys) = &mut target.order else {
        unreachable!("exchange batches carry keys");
    };
    rows.for_each(|row| keys.push(batch.order.key(row)));
    if !batch.time.is_empty() {
        rows.for_each(|row| target.time.push(batch.time[row]));
    }
    if !hashes.is_empty() {
        rows.for_each(|row| target.hashes.push(hashes[row]));
    }
    if !batch.ops.is_empty() {
        rows.for_each(|row| target.ops.push(batch.ops[row]));
    }
    target.rows += rows.len();
    target.selection.all(target.rows);
    target.arrival_ns = target.arrival_ns.max(batch.arrival_ns);
}

/// Makes the rows behind the first `before` those of their query: one record may cause rows in several. False where their
/// numbers are too great for that.
fn tag(target: &mut Batch, before: usize, place: UnionPlace) -> bool {
    let RowOrder::Keys(keys) = &mut target.order else {
        unreachable!("exchange batches carry keys");
    };
    let mut fits = true;
    for key in &mut keys[before..] {
        let first = key.ordinal.checked_mul(place.queries);
        let ordinal = first.and_then(|first| first.checked_add(place.query));
        fits &= ordinal.is_some();
        key.ordinal = ordinal.unwrap_or(u32::MAX);
    }
    target.time.clear();
    fits
}

/// The least key that a producer can still bring.
fn least(producer: &Inbox<Batch>) -> OrderKey {
    producer
        .head
        .as_ref()
        .map_or(producer.frontier, |head| head.order.key(producer.taken))
}

/// The receiving side.
pub struct ExchangeInput {
    producers: Vec<Inbox<Batch>>,
    merged: Batch,
}

impl ExchangeInput {
    /// An input of rows of `types`.
    pub fn new(types: &[DataType], from: Vec<Receiver<Batch>>) -> Self {
        let producers = from.into_iter().map(Inbox::new).collect();
        Self {
            producers,
            merged: Batch::new(types),
        }
    }

    fn receive(&mut self) -> bool {
        let mut worked = false;
        for producer in &mut self.producers {
            match producer.receive() {
                Received::Nothing => {}
                Received::Taken => worked = true,
                Received::Fail(_) | Received::Sample(_) => {
                    unreachable!("failures and samples go to egress")
                }
            }
        }
        worked
    }

    /// Moves runs of least keys into `merged` until it is full or a producer's answer is missing.
    fn merge(&mut self) {
        self.merged.clear();
        self.merged.arrival_ns = 0;
        while self.merged.rows < MORSEL_ROWS_MAX {
            let mut order: Vec<(OrderKey, usize)> = self
                .producers
                .iter()
                .enumerate()
                .map(|(index, producer)| (least(producer), index))
                .collect();
            order.sort_unstable();
            let first = order[0].1;
            if self.producers[first].head.is_none() {
                return;
            }
            let bound = order.get(1).map_or(OrderKey::MAX, |next| next.0);
            self.take_run(first, bound);
            self.receive();
        }
    }

    fn take_run(&mut self, index: usize, bound: OrderKey) {
        let producer = &mut self.producers[index];
        let head = producer.head.as_ref().expect("it has the least head");
        let start = producer.taken;
        let mut end = start + 1;
        while end < head.rows && head.order.key(end) < bound {
            end += 1;
        }
        let rows: Vec<u32> = (start as u32..end as u32).collect();
        append_rows(&mut self.merged, head, Rows::Some(&rows), &head.hashes);
        producer.taken = end;
        if end == head.rows {
            producer.retire(|_| {});
        }
    }

    fn frontier(&self) -> OrderKey {
        self.producers
            .iter()
            .map(least)
            .min()
            .unwrap_or(OrderKey::MAX)
    }

    /// The merge waits for a producer: the others go on.
    fn make_room(&mut self) -> bool {
        let mut worked = false;
        for producer in &mut self.producers {
            worked |= producer.make_room();
        }
        worked
    }
}

/// Merges and processes one batch of `stage`'s input, fires what it makes final, and passes barriers and the
/// end on; `snapshot` is called where a barrier passes.
pub fn step(
    stage: &mut Stage,
    ledger: &mut StatementLedger,
    snapshot: impl FnOnce(u64, &mut Stage, &LedgerCounts),
) -> bool {
    let mut input = stage.input.take().expect("a later stage has an input");
    let mut worked = input.receive();
    input.merge();
    if input.merged.rows > 0 {
        let mut results = super::ledger::ResultLedger(ledger);
        stage.process(0, &mut input.merged, &mut results);
        stage.end_unit();
        worked = true;
    }
    let frontier = input.frontier();
    if frontier > stage.done {
        stage.start_advance(frontier);
        stage.advance_slice(ledger);
        worked = true;
    } else if let Some(id) = aligned_barrier(&input.producers) {
        pass_barrier(&mut input.producers);
        snapshot(id, stage, &ledger.counts);
        stage.send_barrier(id, frontier);
        worked = true;
    } else if input.producers.iter().all(Inbox::has_ended) {
        stage.send_end(frontier);
        worked = true;
    }
    if !worked {
        worked = input.make_room();
    }
    stage.input = Some(input);
    worked
}
