//! States whose size grows with what they have seen: lists of values, counts of values, sketches, joined texts.
//!
//! They do not fit columns. Such a slot keeps them by group behind [`Held`]; its columns are those of *results*,
//! written when rows leave. In snapshots a state is one VARCHAR that holds its bytes. What they hold counts towards
//! `max.groups`, so that none grows without a bound.

use super::kernel::{Running, Span};
use super::layout::{SlotKind, SlotPlan};
use super::modes::Modes;
use super::sketch::{Counters, Sketches};
use super::texts::Texts;
use super::values::{Quantiles, Values};
use crate::batch::{Column, ColumnData, Rows};
use crate::types::Physical;

/// States by group. The result of a group without rows is any value: the lane's count makes it NULL.
pub(super) trait Held: Send {
    /// Gives new groups the state of no rows.
    fn grow(&mut self, groups: usize);
    /// Forgets all groups, keeping the memory.
    fn clear(&mut self);
    /// Folds rows into the states of their groups.
    fn fold(&mut self, arg: &Column, span: Span<'_>);
    /// Says that results will be asked for after every row.
    fn expect_traces(&mut self) {}
    /// Overwrites row `at` of the result columns by the result of a group.
    fn result(&self, group: usize, scratch: &mut Scratch, out: &mut [Column], at: usize);
    /// Appends the bytes of a group's state.
    fn export(&self, group: usize, out: &mut Vec<u8>);
    /// Folds a state that [`export`](Self::export) gave out.
    fn merge(&mut self, group: usize, state: &[u8]);
    /// Values, or words of eight bytes, that are held.
    fn entries(&self) -> usize;
}

/// Memory that results are made in.
#[derive(Default)]
pub(super) struct Scratch {
    pub narrow: Vec<u64>,
    pub wide: Vec<u128>,
}

/// The states of a slot of this plan, where they do not fit columns.
pub(super) fn held(plan: &SlotPlan) -> Option<Box<dyn Held>> {
    let quantiles = || Quantiles::new(&plan.fractions);
    Some(match (plan.kind, plan.ty.physical()) {
        (SlotKind::Values, Physical::F64) => Box::new(Values::<f64>::new(quantiles())),
        (SlotKind::Values, Physical::I64) => Box::new(Values::<i64>::new(quantiles())),
        (SlotKind::Values, Physical::I128) => Box::new(Values::<i128>::new(quantiles())),
        (SlotKind::Values, other) => panic!("the signature refuses percentiles of {other:?}"),
        (SlotKind::Mode, _) => Box::new(Modes::new(plan.ty)),
        (SlotKind::Counter, _) => Box::new(Counters::default()),
        (SlotKind::Sketch, _) => Box::new(Sketches::new(&plan.fractions)),
        (SlotKind::Joined, _) => Box::new(Texts::new(plan.parameter.text())),
        _ => return None,
    })
}

/// Folds rows one by one, with every row's result.
pub(super) fn fold_traced(
    held: &mut dyn Held,
    arg: &Column,
    running: &Running<'_>,
    scratch: &mut Scratch,
    out: &mut [Column],
) {
    held.expect_traces();
    running.for_each(|row, group, folded| {
        if folded {
            held.fold(arg, Span::one(row, group));
        }
        held.result(group, scratch, out, row);
    });
}

/// Writes the results of groups to columns of as many rows.
pub(super) fn results(held: &dyn Held, groups: &[u32], scratch: &mut Scratch, out: &mut [Column]) {
    out.iter_mut().for_each(|column| column.reset(groups.len()));
    for (at, &group) in groups.iter().enumerate() {
        held.result(group as usize, scratch, out, at);
    }
}

/// The states of groups as texts of their bytes.
pub(super) fn exported(held: &dyn Held, groups: &[u32], out: &mut Column) {
    let ColumnData::Text(texts) = &mut out.data else {
        panic!("states are exported as texts")
    };
    let mut bytes = Vec::new();
    for &group in groups {
        bytes.clear();
        held.export(group as usize, &mut bytes);
        // A text is UTF-8 everywhere: each byte is the code point of its number.
        let text: String = bytes.iter().map(|&byte| char::from(byte)).collect();
        texts.push(text.as_bytes());
    }
}

/// Folds exported states.
pub(super) fn merge(held: &mut dyn Held, states: &Column, span: Span<'_>) {
    let ColumnData::Text(texts) = &states.data else {
        panic!("states are exported as texts")
    };
    span.for_each(|row, group| {
        let bytes = texts.get_str(row).chars().map(|char| char as u8);
        held.merge(group, &bytes.collect::<Vec<u8>>());
    });
}

/// Takes the next `N` bytes of a state.
///
/// # Panics
/// When there are not as many: an archive's checksum has been verified before.
pub(super) fn take<const N: usize>(state: &mut &[u8]) -> [u8; N] {
    let (head, rest) = state
        .split_first_chunk()
        .expect("a state is as long as it was written");
    *state = rest;
    *head
}

/// All of a column's rows.
pub(super) fn all(column: &Column) -> Rows<'static> {
    Rows::All(column.len())
}
