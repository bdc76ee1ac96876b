//! COUNT, SUM, MIN and MAX of one argument in one pass: a row's group is looked at once for all of them, where a
//! loop for each would load it, bound it and step again. The loops of `kernel` are the slow twin.

use super::kernel::Native;
use super::layout::{SlotKind, SlotPlan};
use super::slot::SlotState;
use crate::batch::{Column, ColumnData};
use crate::table::Segment;

/// States that are folded together; what the lane does not have is empty.
struct States<'a, T, S> {
    counts: &'a mut [i64],
    sums: &'a mut [S],
    least: &'a mut [T],
    greatest: &'a mut [T],
}

impl<T, S> Default for States<'_, T, S> {
    fn default() -> Self {
        Self {
            counts: &mut [],
            sums: &mut [],
            least: &mut [],
            greatest: &mut [],
        }
    }
}

/// What is done beside sums and extremes.
pub(super) enum Counting<'a> {
    /// Rows are counted.
    Here,
    /// Another lane counts them.
    Elsewhere,
    /// They are counted, and all running states are written by row.
    Traced(&'a mut Vec<SlotState>),
}

/// [`Counting`] as a constant of a loop.
const HERE: u8 = 0;
const ELSEWHERE: u8 = 1;
const TRACED: u8 = 2;

/// Folds the first slots of a lane as far as they go together, the count first among them; gives how many were
/// folded. The groups are by position of the rows.
pub(super) fn fold_together(
    plans: &[SlotPlan],
    slots: &mut [SlotState],
    arg: Option<&Column>,
    rows: (Segment<'_>, &[u32]),
    counting: Counting<'_>,
) -> usize {
    let Some(arg) = arg else {
        return 0;
    };
    let taken = leading(plans);
    let plans = &plans[..taken];
    let done = match &arg.data {
        // Alone a count has nothing to go with.
        _ if taken < 2 => false,
        ColumnData::F64(values) => {
            let add = |sum: f64, value| sum + value;
            fold_lane(plans, slots, values, rows, counting, add)
        }
        ColumnData::I64(values) => {
            // 2^64 rows of 64-bit values fit an i128.
            let add = |sum: i128, value| sum + i128::from(value);
            fold_lane(plans, slots, values, rows, counting, add)
        }
        _ => false,
    };
    if done { taken } else { 0 }
}

/// Folds the slots of `plans` if all are held as these types.
fn fold_lane<T: Native, S: Native>(
    plans: &[SlotPlan],
    slots: &mut [SlotState],
    values: &[T],
    rows: (Segment<'_>, &[u32]),
    counting: Counting<'_>,
    add: impl Fn(S, T) -> S + Copy,
) -> bool {
    let Some(to) = states::<T, S>(plans, slots) else {
        return false;
    };
    let none = States::default();
    match counting {
        Counting::Here => fold_kinds::<T, S, HERE>(values, rows, to, none, add),
        Counting::Elsewhere => fold_kinds::<T, S, ELSEWHERE>(values, rows, to, none, add),
        Counting::Traced(out) => {
            let out = states::<T, S>(plans, out).expect("they are held as the states are");
            fold_kinds::<T, S, TRACED>(values, rows, to, out, add);
        }
    }
    true
}

/// How many of the first slots are a count and then a sum and extremes of the first argument, each at most once.
fn leading(plans: &[SlotPlan]) -> usize {
    let mut taken = 0;
    for (index, plan) in plans.iter().enumerate() {
        let goes = match plan.kind {
            SlotKind::Count => index == 0,
            SlotKind::Sum | SlotKind::Min | SlotKind::Max => {
                index > 0 && plan.arg == 0 && plans[..index].iter().all(|p| p.kind != plan.kind)
            }
            _ => false,
        };
        if !goes {
            break;
        }
        taken += 1;
    }
    taken
}

/// The states of the slots; `None` when one is not held as these types.
fn states<'a, T: Native, S: Native>(
    plans: &[SlotPlan],
    slots: &'a mut [SlotState],
) -> Option<States<'a, T, S>> {
    let mut states = States::default();
    for (plan, slot) in plans.iter().zip(slots) {
        let column = &mut slot.columns[0];
        match plan.kind {
            SlotKind::Count => states.counts = i64::of_mut(column),
            SlotKind::Sum => states.sums = S::try_of_mut(column)?,
            SlotKind::Min => states.least = T::try_of_mut(column)?,
            SlotKind::Max => states.greatest = T::try_of_mut(column)?,
            _ => return None,
        }
    }
    Some(states)
}

/// Picks the loop for the kinds that there are.
#[inline(always)]
fn fold_kinds<T: Native, S: Native, const COUNTING: u8>(
    values: &[T],
    rows: (Segment<'_>, &[u32]),
    states: States<'_, T, S>,
    out: States<'_, T, S>,
    add: impl Fn(S, T) -> S + Copy,
) {
    let has = |states: usize| states > 0;
    match (
        has(states.sums.len()),
        has(states.least.len()),
        has(states.greatest.len()),
    ) {
        (true, false, false) => {
            fold::<T, S, true, false, false, COUNTING>(values, rows, states, out, add);
        }
        (true, true, false) => {
            fold::<T, S, true, true, false, COUNTING>(values, rows, states, out, add)
        }
        (true, false, true) => {
            fold::<T, S, true, false, true, COUNTING>(values, rows, states, out, add)
        }
        (true, true, true) => {
            fold::<T, S, true, true, true, COUNTING>(values, rows, states, out, add)
        }
        (false, true, false) => {
            fold::<T, S, false, true, false, COUNTING>(values, rows, states, out, add);
        }
        (false, false, true) => {
            fold::<T, S, false, false, true, COUNTING>(values, rows, states, out, add);
        }
        (false, true, true) => {
            fold::<T, S, false, true, true, COUNTING>(values, rows, states, out, add)
        }
        (false, false, false) => unreachable!("there is more than the count"),
    }
}

/// Folds `rows` into `states`; where they are traced, writes the running states to `out` by row.
fn fold<
    T: Native,
    S: Native,
    const SUM: bool,
    const MIN: bool,
    const MAX: bool,
    const COUNTING: u8,
>(
    values: &[T],
    (rows, groups): (Segment<'_>, &[u32]),
    states: States<'_, T, S>,
    out: States<'_, T, S>,
    add: impl Fn(S, T) -> S,
) {
    // All are as long as the first, so that one look at a row or its group bounds it for all of them.
    let to = states.cut::<SUM, MIN, MAX>();
    let out = out.cut::<SUM, MIN, MAX>();
    let traced = COUNTING == TRACED;
    let values = if traced {
        &values[..out.counts.len()]
    } else {
        values
    };
    for (position, &group) in groups.iter().enumerate() {
        let (group, row) = (group as usize, rows.row(position));
        let value = values[row];
        if COUNTING != ELSEWHERE {
            to.counts[group] += 1;
        }
        if traced {
            out.counts[row] = to.counts[group];
        }
        if SUM {
            to.sums[group] = add(to.sums[group], value);
            if traced {
                out.sums[row] = to.sums[group];
            }
        }
        if MIN {
            to.least[group] = T::min_of(to.least[group], value);
            if traced {
                out.least[row] = to.least[group];
            }
        }
        if MAX {
            to.greatest[group] = T::max_of(to.greatest[group], value);
            if traced {
                out.greatest[row] = to.greatest[group];
            }
        }
    }
}

impl<T, S> States<'_, T, S> {
    /// As many of each kind that there is as there are counts.
    #[inline(always)]
    fn cut<const SUM: bool, const MIN: bool, const MAX: bool>(self) -> Self {
        let known = self.counts.len();
        Self {
            counts: self.counts,
            sums: &mut self.sums[..if SUM { known } else { 0 }],
            least: &mut self.least[..if MIN { known } else { 0 }],
            greatest: &mut self.greatest[..if MAX { known } else { 0 }],
        }
    }
}
