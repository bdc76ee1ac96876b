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

/// Folds the first slots of a lane as far as they go together, the count first among them; gives how many were
/// folded. `groups` is by position of `rows`.
pub(super) fn fold_together(
    plans: &[SlotPlan],
    slots: &mut [SlotState],
    arg: Option<&Column>,
    rows: Segment<'_>,
    groups: &[u32],
) -> usize {
    let Some(arg) = arg else {
        return 0;
    };
    let taken = leading(plans);
    match &arg.data {
        // Alone a count has nothing to go with.
        _ if taken < 2 => 0,
        ColumnData::F64(values) => {
            let Some(states) = states::<f64, f64>(&plans[..taken], slots) else {
                return 0;
            };
            fold_kinds(values, rows, groups, states, |sum, value| sum + value);
            taken
        }
        ColumnData::I64(values) => {
            let Some(states) = states::<i64, i128>(&plans[..taken], slots) else {
                return 0;
            };
            // 2^64 rows of 64-bit values fit an i128.
            fold_kinds(values, rows, groups, states, |sum, value| {
                sum + i128::from(value)
            });
            taken
        }
        _ => 0,
    }
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
    let mut states = States {
        counts: &mut [],
        sums: &mut [],
        least: &mut [],
        greatest: &mut [],
    };
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
fn fold_kinds<T: Native, S: Native>(
    values: &[T],
    rows: Segment<'_>,
    groups: &[u32],
    states: States<'_, T, S>,
    add: impl Fn(S, T) -> S + Copy,
) {
    let has = |states: usize| states > 0;
    match (
        has(states.sums.len()),
        has(states.least.len()),
        has(states.greatest.len()),
    ) {
        (true, false, false) => {
            fold::<T, S, true, false, false>(values, rows, groups, states, add);
        }
        (true, true, false) => fold::<T, S, true, true, false>(values, rows, groups, states, add),
        (true, false, true) => fold::<T, S, true, false, true>(values, rows, groups, states, add),
        (true, true, true) => fold::<T, S, true, true, true>(values, rows, groups, states, add),
        (false, true, false) => fold::<T, S, false, true, false>(values, rows, groups, states, add),
        (false, false, true) => fold::<T, S, false, false, true>(values, rows, groups, states, add),
        (false, true, true) => fold::<T, S, false, true, true>(values, rows, groups, states, add),
        (false, false, false) => unreachable!("there is more than the count"),
    }
}

fn fold<T: Native, S: Native, const SUM: bool, const MIN: bool, const MAX: bool>(
    values: &[T],
    rows: Segment<'_>,
    groups: &[u32],
    states: States<'_, T, S>,
    add: impl Fn(S, T) -> S,
) {
    // All are as long as the first, so that one look at a row's group bounds it for all of them.
    let known = states.counts.len();
    let counts = states.counts;
    let sums = &mut states.sums[..if SUM { known } else { 0 }];
    let least = &mut states.least[..if MIN { known } else { 0 }];
    let greatest = &mut states.greatest[..if MAX { known } else { 0 }];
    for (position, &group) in groups.iter().enumerate() {
        let (group, value) = (group as usize, values[rows.row(position)]);
        counts[group] += 1;
        if SUM {
            sums[group] = add(sums[group], value);
        }
        if MIN {
            least[group] = T::min_of(least[group], value);
        }
        if MAX {
            greatest[group] = T::max_of(greatest[group], value);
        }
    }
}
