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
//! moves to a new one by way of an archive. Both are paid for by the rows that came, and neither shows in an answer.
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
use crate::limits::TTL_COLLECT_MIN;
use crate::plan::{AggregatePlan, Expr, OverPlan, TtlPlan};
use crate::time::{EventTimeNs, OrderKey};
use crate::types::{DataType, Field};
use lives::{Keyed, Lives};
use std::collections::BTreeSet;

/// Tells for each row of some key columns whether it is kept.
pub type Keep<'a> = dyn FnMut(&[Column], usize) -> Vec<bool> + 'a;

/// An operator that can move on with some of its groups.
pub trait Forget: Operator {
    /// Groups, and what else `max.groups` bounds.
    fn held(&self) -> u64;

    /// Appends one archive of the groups of all vnodes that `keep` keeps by the operator's key columns, nothing if there
    /// is none; [`restore`](Operator::restore) reads it.
    fn snapshot_of(&mut self, keep: &mut Keep<'_>, out: &mut Vec<u8>);
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

    /// Looks the keys through: how many of the groups behind are of lives that are over at `watermark`.
    fn look_through(&mut self, watermark: EventTimeNs) -> u64 {
        let live = self.lives.look_through(watermark);
        self.groups().saturating_sub(live)
    }

    /// Groups behind, or keys here: of rows that the operator behind refuses there are only those.
    fn groups(&self) -> u64 {
        self.behind.state_size().0.max(self.lives.count())
    }

    /// Whether so many groups that are over are worth a move of the others.
    fn pays(&self, over: u64) -> bool {
        let held = self.groups();
        held >= TTL_COLLECT_MIN && over >= held / 2
    }

    /// Frees what is over at `watermark`: the rest moves on.
    fn free(&mut self, watermark: EventTimeNs) {
        let (lives, mut archive) = (&mut self.lives, Vec::new());
        let mut keep = |keys: &[Column], rows| lives.are_lived(watermark, keys, rows);
        self.behind.snapshot_of(&mut keep, &mut archive);
        self.behind = (self.make)().expect("an operator that was made is made again");
        if !archive.is_empty() {
            let restored = self.behind.restore(&archive);
            restored.expect("an operator reads what it has written");
        }
        self.lives.compact(watermark);
    }

    /// Stops the job when more is held than the plan allows once what is over at `watermark` has been freed.
    fn check_limit(&mut self, watermark: EventTimeNs, context: &mut Context<'_>) {
        let held = |expire: &Self| expire.behind.held().max(expire.lives.count());
        if held(self) <= self.groups_max || context.failure.is_some() {
            return;
        }
        if self.look_through(watermark) > 0 {
            self.free(watermark);
        }
        let held = held(self);
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
            let over = self.look_through(watermark);
            if self.pays(over) {
                self.free(watermark);
            }
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
