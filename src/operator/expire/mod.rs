//! `state.ttl`: what rows of a key left behind is forgotten once none has touched it for a length of event time.
//!
//! Every row that reaches the operator touches its key, be it refused for what the operator computes later or not. A
//! key's last touch T is the greatest event time of its rows: one that is out of order touches it and leaves T. For row
//! i the key has expired when W(i) > T + TTL, W(i) being the watermark in force for the row; it then finds what the first
//! row of a key finds. At T + TTL the key is still there. That is decided row by row from the rows alone, so the answer
//! is the same for any number of workers, any batches, and after a restore.
//!
//! The operator behind is planned with one more key, the number of the key's *life* (`lives`), and knows of nothing else:
//! its loops are those of a query without TTL, and such a query has nothing of this.
//!
//! ```text
//! rows -> lives: key -> (T, number) -> rows with a number -> GROUP BY key, number -> results without it
//! ```
//!
//! What belongs to a life that is over is never met again. Its memory is freed when the watermark rises: the keys are
//! looked through when all those that were there the last time must have expired or been touched since, so that each
//! look costs no more than the touches before it; and when at least half of what the operator holds is over, the rest
//! moves to a new one by way of its snapshot. Both are paid for by the rows that came, and neither shows in an answer.
//! Between two looks lies more than TTL of event time: a key that comes once is held for about twice that.

mod lives;
mod snapshot;
#[cfg(test)]
mod tests;

use super::aggregate::Aggregate;
use super::inputs::{Inputs, reject};
use super::over::{KeyColumns, Over};
use super::{Advance, Context, Operator, Output, SnapshotStep};
use crate::batch::{Batch, Column, ColumnData};
use crate::error::{JobError, Reason};
use crate::expr::RowErrors;
use crate::hash::Vnode;
use crate::limits::{TTL_COLLECT_MIN, VNODES};
use crate::plan::{AggregatePlan, Expr, OverPlan, TtlPlan};
use crate::time::{EventTimeNs, OrderKey};
use crate::types::{DataType, Field};
use lives::{Keyed, Lives};
use std::collections::BTreeSet;

/// Tells for each row of some key columns whether it is kept.
pub type Keep<'a> = dyn FnMut(&[Column], usize) -> Vec<bool> + 'a;

/// An operator whose groups can be forgotten one by one.
pub trait Forget: Operator {
    /// Groups, and what else `max.groups` bounds.
    fn held(&self) -> u64;

    /// Leaves groups out of all snapshots that are taken before the next row comes: those for which `keep` says so of
    /// the operator's key columns.
    fn forget(&mut self, keep: &mut Keep<'_>);
}

type Make = Box<dyn Fn() -> Result<Box<dyn Forget>, JobError> + Send>;

/// Forgets keys of the operator behind.
pub struct Expire {
    // Fixed at construction.
    types: Vec<DataType>,
    keys: usize,
    /// Where the numbers of lives stand in what the operator gives.
    life_at: usize,
    groups_max: u64,
    hash_seed: u64,
    make: Make,
    // State.
    lives: Lives,
    behind: Box<dyn Forget>,
    // Scratch. Inputs are the keys, then the time.
    inputs: Inputs,
    timeless: RowErrors,
    life: Column,
}

/// What an operator behind is like.
struct Behind<'a> {
    keys: &'a [Expr],
    ttl: &'a TtlPlan,
    keyed: Keyed,
    groups_max: u64,
    life_at: usize,
    make: Make,
}

impl Expire {
    /// GROUP BY and DISTINCT of `plan` over rows of `input`, with its `ttl`. `owner` as for [`Aggregate`].
    ///
    /// # Errors
    /// `JobError::Limit` when the plan asks for more than the operator can hold.
    pub fn aggregate(
        plan: &AggregatePlan,
        ttl: &TtlPlan,
        input: &[DataType],
        hash_seed: u64,
        owner: bool,
    ) -> Result<Self, JobError> {
        let keys = &plan.keys;
        let all = (0..keys.len()).collect();
        let mut inner = AggregatePlan {
            hash_is_routed: false,
            spread_by: Some(plan.spread_by.clone().unwrap_or(all)),
            groups_max: u64::MAX,
            ttl: None,
            ..plan.clone()
        };
        inner.keys.push(life(input.len()));
        let mut input = input.to_vec();
        input.push(DataType::BigInt);
        let behind = Behind {
            keys,
            ttl,
            keyed: Keyed::new(keys, hash_seed, plan.hash_is_routed, &plan.spread_by),
            groups_max: plan.groups_max,
            life_at: keys.len(),
            make: Box::new(move || {
                let mut aggregate = Aggregate::new(&inner, &input, hash_seed);
                aggregate.set_owner(owner);
                Ok(Box::new(aggregate))
            }),
        };
        Self::new(behind, hash_seed)
    }

    /// OVER of `plan`, with its `ttl`.
    ///
    /// # Errors
    /// `JobError::Limit` for a function that has no OVER form here.
    pub fn over(plan: &OverPlan, ttl: &TtlPlan, hash_seed: u64) -> Result<Self, JobError> {
        let (keys, width) = (&plan.keys, plan.input.fields.len());
        let mut inner = OverPlan {
            hash_is_routed: false,
            groups_max: u64::MAX,
            ttl: None,
            ..plan.clone()
        };
        inner.keys.push(life(width));
        inner.input.fields.push(Field {
            name: "life".to_owned(),
            ty: DataType::BigInt,
            nullable: false,
        });
        let owners = keys.len();
        let behind = Behind {
            keys,
            ttl,
            keyed: Keyed::new(keys, hash_seed, plan.hash_is_routed, &None),
            groups_max: plan.groups_max,
            life_at: width,
            make: Box::new(move || {
                let mut over = Over::new(&inner, hash_seed)?;
                over.set_owners(owners);
                Ok(Box::new(over))
            }),
        };
        Self::new(behind, hash_seed)
    }

    fn new(it: Behind<'_>, hash_seed: u64) -> Result<Self, JobError> {
        let behind = (it.make)()?;
        let mut types = behind.output_types().to_vec();
        types.remove(it.life_at);
        Ok(Self {
            types,
            keys: it.keys.len(),
            life_at: it.life_at,
            groups_max: it.groups_max,
            hash_seed,
            make: it.make,
            lives: Lives::new(it.keyed, it.ttl.ttl_ns),
            behind,
            inputs: Inputs::new(it.keys.iter().chain([&it.ttl.time])),
            timeless: RowErrors::default(),
            life: Column::new(DataType::BigInt),
        })
    }

    /// Takes the rows out that have no event time: no planner lets such rows come.
    fn reject_timeless(&mut self, batch: &mut Batch, context: &mut Context<'_>) {
        let time = self.inputs.column(self.keys, batch);
        if time.nulls.is_empty() {
            return;
        }
        let rejected = &mut self.timeless.rows;
        rejected.clear();
        batch.selection.rows().for_each(|row| {
            if time.nulls[row] {
                rejected.push((row as u32, Reason::EventTimeNull));
            }
        });
        reject(&self.timeless, batch, context.ledger);
    }

    /// Touches the keys of the selected rows, and writes which life of its key each belongs to.
    fn touch(&mut self, batch: &Batch) {
        let inputs = &self.inputs;
        let ColumnData::I64(times) = &inputs.column(self.keys, batch).data else {
            panic!("event time is a TIMESTAMP")
        };
        let keys = KeyColumns::new(self.keys, |i| inputs.column(i, batch));
        self.life.reset(batch.rows);
        let ColumnData::I64(numbers) = &mut self.life.data else {
            unreachable!("lives have numbers")
        };
        self.lives.touch(batch, keys.get(), times, numbers);
    }

    /// Frees what is over at `watermark`, if it is `all` that can be freed even of little.
    fn collect(&mut self, watermark: EventTimeNs, all: bool) {
        let live = self.lives.look_through(watermark);
        let held = self.behind.state_size().0;
        let over = held.saturating_sub(live);
        let worth = held >= TTL_COLLECT_MIN && over >= held / 2;
        if over == 0 || !(all || worth) {
            return;
        }
        let lives = &mut self.lives;
        self.behind
            .forget(&mut |keys, rows| lives.are_lived(watermark, keys, rows));
        let mut kept = (self.make)().expect("an operator that was made is made again");
        let mut archive = Vec::new();
        for vnode in 0..VNODES as u16 {
            archive.clear();
            while self.behind.snapshot(Vnode(vnode), &mut archive, usize::MAX) == SnapshotStep::More
            {
            }
            if !archive.is_empty() {
                kept.restore(&archive)
                    .expect("an operator reads what it has written");
            }
        }
        self.behind = kept;
        self.lives.compact(watermark);
    }

    /// Stops the job when more is held than the plan allows once what is over at `watermark` has been freed.
    fn check_limit(&mut self, watermark: EventTimeNs, context: &mut Context<'_>) {
        if self.behind.held() <= self.groups_max || context.failure.is_some() {
            return;
        }
        self.collect(watermark, true);
        let held = self.behind.held();
        if held > self.groups_max {
            *context.failure = Some(JobError::Limit(format!(
                "{held} groups, distinct and kept values of one worker were touched within 'state.ttl', at most {} are \
                 allowed; raise it with SET 'max.groups' = '{}' or shorten 'state.ttl'",
                self.groups_max,
                self.groups_max.saturating_mul(2)
            )));
        }
    }
}

/// The number of a row's life, as the last column of `width` others.
fn life(width: usize) -> Expr {
    Expr::Column {
        index: width,
        ty: DataType::BigInt,
    }
}

/// Hands batches on without the numbers of lives.
struct WithoutLife<'a> {
    at: usize,
    next: &'a mut dyn Output,
}

impl Output for WithoutLife<'_> {
    fn push(&mut self, batch: &mut Batch, context: &mut Context<'_>) {
        let life = batch.columns.remove(self.at);
        self.next.push(batch, context);
        batch.columns.insert(self.at, life);
    }
}

impl Operator for Expire {
    fn output_types(&self) -> &[DataType] {
        &self.types
    }

    fn process(&mut self, batch: &mut Batch, context: &mut Context<'_>, next: &mut dyn Output) {
        if context.failure.is_some() {
            return;
        }
        self.inputs.eval(batch, context.ledger);
        self.reject_timeless(batch, context);
        if batch.selection.is_empty() {
            return;
        }
        self.touch(batch);
        batch.columns.push(std::mem::replace(
            &mut self.life,
            Column::new(DataType::BigInt),
        ));
        let mut without = WithoutLife {
            at: self.life_at,
            next,
        };
        self.behind.process(batch, context, &mut without);
        self.life = batch.columns.pop().expect("it was pushed");
        let watermark = self.lives.watermark();
        self.check_limit(watermark, context);
    }

    fn advance(
        &mut self,
        frontier: OrderKey,
        context: &mut Context<'_>,
        next: &mut dyn Output,
    ) -> Advance {
        let mut without = WithoutLife {
            at: self.life_at,
            next,
        };
        let step = self.behind.advance(frontier, context, &mut without);
        let watermark = frontier.watermark();
        // At the end there is nothing left to make room for.
        if step == Advance::Done && frontier != OrderKey::MAX && self.lives.is_due(watermark) {
            self.collect(watermark, false);
        }
        step
    }

    fn snapshot(&mut self, vnode: Vnode, out: &mut Vec<u8>, budget: usize) -> SnapshotStep {
        self.save(vnode, out, budget);
        SnapshotStep::Done
    }

    fn restore(&mut self, archive: &[u8]) -> Result<(), JobError> {
        self.load(archive)
    }

    fn state_size(&self) -> (u64, u64) {
        let (groups, bytes) = self.behind.state_size();
        (groups, bytes + self.lives.bytes())
    }

    fn open_windows(&self, windows: &mut BTreeSet<(EventTimeNs, EventTimeNs)>) {
        self.behind.open_windows(windows);
    }
}
