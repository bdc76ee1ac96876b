//! Folds a batch into the groups of its windows: runs of one window, groups, lanes, slots.

use super::input::{Evaluated, is_true};
use super::kernel::{Groups, Native, Running, Span};
use super::layout::{LanePlan, Layout};
use super::slot::{Args, SlotState};
use super::state::{First, LaneState, WindowState};
use super::together::{Counting, fold_together};
use super::window::{Window, WindowAssigner};
use crate::batch::{Batch, Column, RowOrder};
use crate::limits::SEQUENCE_BLOCK;
use crate::probe::{Stage, mark};
use crate::table::{GroupTable, Segment, hash_keys};
use crate::types::DataType;

/// Times that are looked at before the answer is asked for.
const TIMES_AT_ONCE: usize = 8;

/// Consecutive positions of a selection that fall into one window.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    pub window: Window,
    pub from: usize,
    pub to: usize,
}

/// Scratch of one batch.
#[derive(Default)]
pub(super) struct Scratch {
    pub hashes: Vec<u64>,
    pub zeros: Vec<i64>,
    pub runs: Vec<Run>,
    /// Whether `runs` are those of all rows selected.
    pub runs_hold: bool,
    pub run_order: Vec<u32>,
    pub bucket: Vec<u32>,
    groups: Vec<u32>,
    created: Vec<u32>,
    lane: LaneScratch,
}

impl Scratch {
    /// The group of the only row that was folded.
    pub fn lone_group(&self, keyless: bool) -> u32 {
        if keyless { 0 } else { self.groups[0] }
    }
}

#[derive(Default)]
struct LaneScratch {
    rows: Vec<u32>,
    groups: Vec<u32>,
    mask: Vec<bool>,
    owners: Option<Column>,
    hashes: Vec<u64>,
    found: Vec<u32>,
    created: Vec<u32>,
    kept_rows: Vec<u32>,
    kept_groups: Vec<u32>,
}

/// What is the same for all segments of a batch.
pub(super) struct Folding<'a> {
    pub layout: &'a Layout,
    pub input: &'a Evaluated<'a>,
    pub batch: &'a Batch,
    /// By row; empty for keyless plans.
    pub hashes: &'a [u64],
    pub times: &'a [i64],
    pub hash_seed: u64,
    pub keyless: bool,
}

/// Running states of every lane and slot, by row.
pub(super) type RunningStates = Vec<Vec<SlotState>>;

/// Divides `rows` into runs of one pane; rows without a window go to `refused`.
pub(super) fn divide(
    assigner: &WindowAssigner,
    times: &[i64],
    rows: Segment<'_>,
    runs: &mut Vec<Run>,
    refused: &mut Vec<u32>,
) {
    runs.clear();
    // The window before the current one is remembered too: jitter goes to and fro between two.
    let mut previous = Window { start: 0, end: 0 };
    let mut from = 0;
    while from < rows.len() {
        let row = rows.row(from);
        let time = times[row];
        let known = [previous, runs.last().map_or(previous, |run| run.window)];
        let window = match known.into_iter().find(|window| window.contains(time)) {
            Some(window) => window,
            None => assigner.pane_of(time).unwrap_or(Window {
                start: time,
                end: time,
            }),
        };
        let mut to = from + 1;
        if window.start == window.end {
            refused.push(row as u32);
        } else {
            // One comparison: what is before the window wraps to something greater than its width.
            let width = window.end.wrapping_sub(window.start) as u64;
            let inside = |&time: &i64| (time.wrapping_sub(window.start) as u64) < width;
            if let Segment::Range { start, end } = rows {
                let ahead = times[start + to..end].chunks_exact(TIMES_AT_ONCE);
                to += TIMES_AT_ONCE
                    * ahead
                        .take_while(|times| times.iter().fold(true, |all, time| all & inside(time)))
                        .count();
            }
            while to < rows.len() && inside(&times[rows.row(to)]) {
                to += 1;
            }
        }
        previous = runs.last().map_or(previous, |run| run.window);
        runs.push(Run { window, from, to });
        from = to;
    }
}

/// Puts the runs in the order of their windows, those of one window by position.
pub(super) fn order_runs(runs: &[Run], order: &mut Vec<u32>) {
    order.clear();
    order.extend(0..runs.len() as u32);
    let window = |run: &Run| run.window.end;
    if !runs.is_sorted_by(|a, b| window(a) < window(b)) {
        order.sort_unstable_by_key(|&run| (window(&runs[run as usize]), run));
    }
}

/// The hashes of the keys by row: those the rows were routed by when they are of exactly these keys.
pub(super) fn hashes_of<'a>(
    seed: u64,
    routed: bool,
    input: &Evaluated<'_>,
    batch: &'a Batch,
    computed: &'a mut Vec<u64>,
) -> &'a [u64] {
    if input.keys.is_empty() {
        return &[];
    }
    if routed && !batch.hashes.is_empty() {
        return &batch.hashes;
    }
    let rows = input.selected.rows().into();
    hash_keys(seed, &input.keys, rows, batch.rows, computed);
    computed
}

impl Folding<'_> {
    /// Folds the rows of `segment`, all of one window, into `state`; with `running`, writes every row's running
    /// states. The rows that made new groups are appended to `changed`.
    pub fn fold(
        &self,
        state: &mut WindowState,
        segment: Segment<'_>,
        scratch: &mut Scratch,
        running: Option<&mut RunningStates>,
        changed: &mut Vec<u32>,
    ) {
        self.find_groups(state, segment, scratch, changed);
        let span = Span {
            rows: segment,
            groups: match scratch.groups[..] {
                _ if self.keyless => Groups::One(0),
                [group] => Groups::One(group),
                _ => Groups::Each(&scratch.groups),
            },
        };
        mark(Stage::Group);
        self.fold_lanes(state, span, &mut scratch.lane, running);
        mark(Stage::Update);
    }

    /// Finds the groups of the rows of `segment`, or makes them; the rows that made new ones are appended to `changed`.
    #[inline]
    pub(super) fn find_groups(
        &self,
        state: &mut WindowState,
        segment: Segment<'_>,
        scratch: &mut Scratch,
        changed: &mut Vec<u32>,
    ) {
        let Scratch {
            groups, created, ..
        } = scratch;
        if self.keyless {
            created.clear();
            if state.firsts.is_empty() {
                created.push(segment.row(0) as u32);
            }
        } else {
            let keys = &self.input.keys;
            state
                .table
                .find_or_insert(self.hashes, keys, segment, groups, created);
        }
        if created.is_empty() {
            return;
        }
        self.extend_firsts(created, &mut state.firsts);
        changed.extend_from_slice(created);
        state.grow(self.layout);
    }

    /// Folds a span whose groups are known; with `running`, writes every row's running states.
    pub fn fold_span(
        &self,
        state: &mut WindowState,
        span: Span<'_>,
        scratch: &mut Scratch,
        running: Option<&mut RunningStates>,
    ) {
        mark(Stage::Group);
        self.fold_lanes(state, span, &mut scratch.lane, running);
        mark(Stage::Update);
    }

    /// Folds `segment` into one group for each block of the merged sequence.
    pub fn fold_blocks(
        &self,
        state: &mut WindowState,
        segment: Segment<'_>,
        scratch: &mut Scratch,
    ) {
        let block_of = |row: usize| self.batch.order.seq(row) / SEQUENCE_BLOCK;
        let mut from = 0;
        while from < segment.len() {
            let block = block_of(segment.row(from));
            let mut to = segment.len();
            if block_of(segment.row(to - 1)) != block {
                // Numbers rise, so the block's end can be searched for.
                let (mut low, mut high) = (from, to - 1);
                while low + 1 < high {
                    let middle = low.midpoint(high);
                    match block_of(segment.row(middle)) == block {
                        true => low = middle,
                        false => high = middle,
                    }
                }
                to = high;
            }
            let group = group_of_block(state, block).unwrap_or_else(|| {
                state.firsts.push(self.first_of(segment.row(from)));
                state.block_max = state.block_max.max(block);
                state.grow(self.layout);
                state.firsts.len() - 1
            });
            let span = Span {
                rows: segment.slice(from, to),
                groups: Groups::One(group as u32),
            };
            self.fold_lanes(state, span, &mut scratch.lane, None);
            from = to;
        }
    }

    /// Appends where `created` stand. The order of a source's records is looked at once, not for each of them.
    fn extend_firsts(&self, created: &[u32], firsts: &mut Vec<First>) {
        let order = &self.batch.order;
        match order {
            RowOrder::Source { .. } => firsts.extend(created.iter().map(|&row| First {
                seq: order.seq(row as usize),
                ordinal: 0,
            })),
            RowOrder::Keys(_) => {
                firsts.extend(created.iter().map(|&row| self.first_of(row as usize)));
            }
        }
    }

    fn first_of(&self, row: usize) -> First {
        let key = self.batch.order.key(row);
        First {
            seq: key.seq,
            ordinal: key.ordinal,
        }
    }

    fn fold_lanes(
        &self,
        state: &mut WindowState,
        span: Span<'_>,
        scratch: &mut LaneScratch,
        mut running: Option<&mut RunningStates>,
    ) {
        for (index, plan) in self.layout.lanes.iter().enumerate() {
            let mut args = plan.args.iter().map(|&arg| self.input.args[arg]);
            if args.any(|column| !column.nulls.is_empty()) {
                state.count_apart(index);
            }
        }
        for (index, plan) in self.layout.lanes.iter().enumerate() {
            let lane = &mut state.lanes[index];
            let whole = self.select_lane(plan, lane, span, scratch);
            let running = running.as_deref_mut().map(|running| &mut running[index]);
            if running.is_some() && !whole {
                scratch.mask.clear();
                scratch.mask.resize(self.batch.rows, false);
                for &row in &scratch.rows {
                    scratch.mask[row as usize] = true;
                }
            }
            let folded = match whole {
                true => span,
                false => scratch.span(span),
            };
            let mask = (!whole).then_some(&scratch.mask[..]);
            self.fold_slots(plan, lane, folded, Running { base: span, mask }, running);
        }
    }

    fn fold_slots(
        &self,
        plan: &LanePlan,
        lane: &mut LaneState,
        folded: Span<'_>,
        trace: Running<'_>,
        mut running: Option<&mut Vec<SlotState>>,
    ) {
        let arg = |at: usize| plan.args.get(at).map(|&arg| self.input.args[arg]);
        // All rows of the lane, or all that there are where their running states are written.
        let plain = match &running {
            None => Running {
                base: folded,
                mask: None,
            }
            .plain(),
            Some(_) => trace.plain(),
        };
        let counting = match &mut running {
            Some(out) => Counting::Traced(out),
            None if lane.counted_by.is_some() => Counting::Elsewhere,
            None => Counting::Here,
        };
        // Another lane counts for this one.
        let first = usize::from(matches!(counting, Counting::Elsewhere));
        let together = plain.map_or(first, |rows| {
            let (plans, slots) = (&plan.slots[..], &mut lane.slots[..]);
            fold_together(plans, slots, arg(0), rows, counting).max(first)
        });
        let slots = plan.slots.iter().zip(&mut lane.slots).enumerate();
        for (index, (slot_plan, slot)) in slots.skip(together) {
            let args = Args {
                first: arg(slot_plan.arg),
                second: arg(slot_plan.arg + 1),
                times: self.times,
            };
            let out = running.as_deref_mut().map(|slots| &mut slots[index]);
            slot.fold(slot_plan, args, folded, out.map(|out| (&trace, out)));
        }
    }

    /// Writes the lane's rows and groups to `scratch`, or says that they are all of `span`.
    fn select_lane(
        &self,
        plan: &LanePlan,
        lane: &mut LaneState,
        span: Span<'_>,
        scratch: &mut LaneScratch,
    ) -> bool {
        let filter = plan.filter.map(|filter| self.input.filters[filter]);
        let mut nulls = plan.args.iter().map(|&arg| self.input.args[arg]);
        let nullable = nulls.any(|column| !column.nulls.is_empty());
        if filter.is_none() && !nullable && !plan.distinct {
            return true;
        }
        let (rows, groups) = (&mut scratch.rows, &mut scratch.groups);
        rows.clear();
        groups.clear();
        span.for_each(|row, group| {
            if filter.is_none_or(|filter| is_true(filter, row)) {
                rows.push(row as u32);
                groups.push(group as u32);
            }
        });
        for &arg in &plan.args {
            let column = self.input.args[arg];
            if !column.nulls.is_empty() {
                drop_nulls(column, rows, groups);
            }
        }
        if let Some(seen) = &mut lane.seen {
            scratch
                .owners
                .get_or_insert_with(|| Column::new(DataType::BigInt));
            self.keep_unseen(plan, seen, scratch);
        }
        false
    }

    /// Keeps the rows whose values their group has not seen.
    fn keep_unseen(&self, plan: &LanePlan, seen: &mut GroupTable, scratch: &mut LaneScratch) {
        let owners = scratch.owners.as_mut().expect("the caller made it");
        owners.reset(self.batch.rows);
        let owner_values = i64::of_mut(owners);
        for (&row, &group) in scratch.rows.iter().zip(&scratch.groups) {
            owner_values[row as usize] = i64::from(group);
        }
        // At most two arguments beside the owner: no list on the heap.
        let args = |at: usize| {
            plan.args
                .get(at)
                .map_or(&*owners, |&arg| self.input.args[arg])
        };
        let keys = [&*owners, args(0), args(1)];
        let keys = &keys[..=plan.args.len()];
        let rows = Segment::List(&scratch.rows);
        hash_keys(
            self.hash_seed,
            keys,
            rows,
            self.batch.rows,
            &mut scratch.hashes,
        );
        let (found, created) = (&mut scratch.found, &mut scratch.created);
        seen.find_or_insert(&scratch.hashes, keys, rows, found, created);
        created.sort_unstable();
        scratch.kept_rows.clear();
        scratch.kept_groups.clear();
        let mut next = created.iter().peekable();
        for (&row, &group) in scratch.rows.iter().zip(&scratch.groups) {
            if next.peek() == Some(&&row) {
                next.next();
                scratch.kept_rows.push(row);
                scratch.kept_groups.push(group);
            }
        }
        std::mem::swap(&mut scratch.rows, &mut scratch.kept_rows);
        std::mem::swap(&mut scratch.groups, &mut scratch.kept_groups);
    }
}

impl LaneScratch {
    fn span<'a>(&'a self, whole: Span<'a>) -> Span<'a> {
        Span {
            rows: Segment::List(&self.rows),
            groups: match whole.groups {
                Groups::One(group) => Groups::One(group),
                Groups::Each(_) => Groups::Each(&self.groups),
            },
        }
    }
}

fn drop_nulls(column: &Column, rows: &mut Vec<u32>, groups: &mut Vec<u32>) {
    let mut kept = 0;
    for position in 0..rows.len() {
        let row = rows[position];
        (rows[kept], groups[kept]) = (row, groups[position]);
        kept += usize::from(!column.nulls[row as usize]);
    }
    rows.truncate(kept);
    groups.truncate(kept);
}

/// The group that holds `block`. Blocks come in rising order, save for those that were restored.
fn group_of_block(state: &WindowState, block: u64) -> Option<usize> {
    let block_of = |first: &First| first.seq / SEQUENCE_BLOCK;
    match state.firsts.last().map(block_of) {
        Some(last) if last == block => Some(state.firsts.len() - 1),
        Some(_) if block <= state.block_max => {
            let mut blocks = state.firsts.iter().map(block_of);
            blocks.position(|known| known == block)
        }
        _ => None,
    }
}
