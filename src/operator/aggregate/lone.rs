//! EMIT CHANGES of a batch of one row: a quiet feed brings nothing else.
//!
//! The row's group is its group's last state when it leaves, so results are made of the states by group
//! themselves: no running states by row, no runs of windows, no order to settle. `changes` is the slow twin.
//! [`fold_lone`] and [`finish_lone`] do for one value what loops over a batch cost a hundred instructions to start.

use super::engine::Core;
use super::finish::finish;
use super::fire::push_bounds;
use super::fold::{Folding, Scratch};
use super::input::{Evaluated, is_true};
use super::kernel::{Groups, Native, Span};
use super::layout::{CallPlan, Layout, SlotKind};
use super::slot::{Args, SlotState};
use super::state::WindowState;
use super::window::Window;
use crate::batch::{Column, ColumnData, Rows};
use crate::operator::{Context, Output};
use crate::plan::{AggregateKind, AggregateMode, AggregatePlan, Emission, LatePolicy};
use crate::probe::{Stage, mark};
use crate::table::Segment;
use crate::types::DataType;

/// Whether a row alone can leave so: one window, nothing corrected, and states that are results as they lie.
pub(super) fn takes_lone_rows(plan: &AggregatePlan, layout: &Layout) -> bool {
    let lies_ready = |kind| {
        use SlotKind::{Count, First, Last, Max, Min, Product, Sum};
        matches!(kind, Count | Sum | Product | Min | Max | First | Last)
    };
    let mut lanes = layout.lanes.iter();
    plan.emission == Emission::Changes
        && plan.mode == AggregateMode::Complete
        && plan.late == LatePolicy::Drop
        && lanes.all(|lane| !lane.distinct && lane.slots.iter().all(|slot| lies_ready(slot.kind)))
}

impl Core {
    /// The window of the only row selected, where a lone row goes its own way and a window takes its time.
    pub(super) fn lone_window(&self, input: &Evaluated<'_>) -> Option<Window> {
        if !self.takes_lone_rows || input.selected.len() != 1 {
            return None;
        }
        let row = Segment::from(input.selected.rows()).row(0);
        match &self.assigner {
            None => Some(Window::ALL),
            Some(assigner) => {
                let time = input.times()[row];
                let last = self.windows.last_with(time);
                last.or_else(|| assigner.pane_of(time))
            }
        }
    }

    /// Folds the only row selected, of `window`, and emits its group.
    pub(super) fn change_lone(
        &mut self,
        folding: &Folding<'_>,
        window: Window,
        context: &mut Context<'_>,
        next: &mut dyn Output,
    ) {
        let segment: Segment<'_> = folding.input.selected.rows().into();
        let at = self.open(folding.layout, window);
        let state = &mut self.windows.held[at];
        self.created.clear();
        folding.fold_lone(state, segment, &mut self.scratch, &mut self.created);
        self.windows.entries += self.created.len();
        // Without aggregates a group never changes once it is there.
        if !folding.layout.calls.is_empty() || !self.created.is_empty() {
            let group = self.scratch.lone_group(folding.keyless);
            self.emit_lone(folding, segment.row(0) as u32, (at, group));
            self.flush(context, next);
        }
    }

    /// Appends the results of group `group` of window `at`, which `row` has changed.
    fn emit_lone(&mut self, folding: &Folding<'_>, row: u32, (at, group): (usize, u32)) {
        let only = [row];
        let rows = match folding.batch.rows {
            1 => Rows::All(1),
            _ => Rows::Some(&only),
        };
        self.push_keys(folding, rows);
        let state = &self.windows.held[at];
        let window = self.assigner.is_some().then_some(state.window);
        let results = push_bounds(&mut self.output, self.key_types.len(), window, 1);
        for (column, call) in folding.layout.calls.iter().enumerate() {
            let out = &mut self.output.columns[results + column];
            let slots = &state.lanes[call.lane].slots;
            if !finish_lone(call, slots, group as usize, out) {
                let groups = Rows::Some(std::slice::from_ref(&group));
                let errors = &mut self.group_errors;
                finish(call, &slots[0], slots, groups, out, errors);
            }
        }
        self.push_origin(folding, rows);
    }
}

impl Folding<'_> {
    /// Folds the only row of `segment`; [`Folding::fold`] is its slow twin.
    fn fold_lone(
        &self,
        state: &mut WindowState,
        segment: Segment<'_>,
        scratch: &mut Scratch,
        created: &mut Vec<u32>,
    ) {
        self.find_groups(state, segment, scratch, created);
        mark(Stage::Group);
        let (row, group) = (segment.row(0), scratch.lone_group(self.keyless) as usize);
        let span = Span {
            rows: segment,
            groups: Groups::One(group as u32),
        };
        for (plan, lane) in self.layout.lanes.iter().zip(&mut state.lanes) {
            let filter = plan.filter.map(|filter| self.input.filters[filter]);
            let arg = |at: usize| plan.args.get(at).map(|&arg| self.input.args[arg]);
            let has_null = (0..plan.args.len()).any(|at| arg(at).is_some_and(|it| it.is_null(row)));
            if has_null || filter.is_some_and(|filter| !is_true(filter, row)) {
                continue;
            }
            for (slot_plan, slot) in plan.slots.iter().zip(&mut lane.slots) {
                let first = arg(slot_plan.arg);
                if !fold_lone(slot_plan.kind, slot, first, row, group) {
                    let args = Args {
                        first,
                        second: arg(slot_plan.arg + 1),
                        times: self.times,
                    };
                    slot.fold(slot_plan, args, span, None);
                }
            }
        }
        mark(Stage::Update);
    }
}

/// Folds one row into a state, if its kind is one of the common ones; [`SlotState::fold`] is its slow twin.
#[inline]
fn fold_lone(
    kind: SlotKind,
    slot: &mut SlotState,
    arg: Option<&Column>,
    row: usize,
    group: usize,
) -> bool {
    let Some(state) = slot.columns.first_mut() else {
        return false;
    };
    match (kind, &mut state.data, arg.map(|arg| &arg.data)) {
        (SlotKind::Count, ColumnData::I64(counts), _) => counts[group] += 1,
        (SlotKind::Sum, ColumnData::F64(sums), Some(ColumnData::F64(values))) => {
            sums[group] += values[row];
        }
        (SlotKind::Sum, ColumnData::I128(sums), Some(ColumnData::I64(values))) => {
            sums[group] += i128::from(values[row]);
        }
        (SlotKind::Min, ColumnData::F64(states), Some(ColumnData::F64(values))) => {
            states[group] = f64::min_of(states[group], values[row]);
        }
        (SlotKind::Max, ColumnData::F64(states), Some(ColumnData::F64(values))) => {
            states[group] = f64::max_of(states[group], values[row]);
        }
        (SlotKind::Min, ColumnData::I64(states), Some(ColumnData::I64(values))) => {
            states[group] = i64::min_of(states[group], values[row]);
        }
        (SlotKind::Max, ColumnData::I64(states), Some(ColumnData::I64(values))) => {
            states[group] = i64::max_of(states[group], values[row]);
        }
        _ => return false,
    }
    true
}

/// Appends the result of `call` for one group, if it is one of the common ones and there; [`finish`] is its slow twin.
fn finish_lone(call: &CallPlan, slots: &[SlotState], group: usize, out: &mut Column) -> bool {
    use AggregateKind as A;
    let count = i64::of(&slots[0].columns[0])[group];
    let state = &slots[call.slot].columns[0].data;
    if !out.nulls.is_empty() {
        return false;
    }
    match (call.kind, state, &mut out.data) {
        (A::CountRows | A::Count, _, ColumnData::I64(out)) => out.push(count),
        _ if count == 0 => return false,
        (
            A::Sum | A::Min | A::Max | A::First | A::Last,
            ColumnData::F64(of),
            ColumnData::F64(out),
        ) => {
            out.push(of[group]);
        }
        (A::Min | A::Max | A::First | A::Last, ColumnData::I64(of), ColumnData::I64(out)) => {
            out.push(of[group]);
        }
        (A::Sum, ColumnData::I128(of), ColumnData::I64(out)) if call.ty == DataType::BigInt => {
            match i64::try_from(of[group]) {
                Ok(sum) => out.push(sum),
                Err(_) => return false,
            }
        }
        (A::Avg, ColumnData::F64(sums), ColumnData::F64(out)) => {
            out.push(sums[group] / count as f64);
        }
        _ => return false,
    }
    true
}
