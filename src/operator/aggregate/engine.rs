//! The state of an aggregate, and how a batch goes into it.

use super::bars::Bars;
use super::finish::GroupErrors;
use super::fold::{self, Folding, Run, RunningStates, Scratch};
use super::input::Evaluated;
use super::layout::Layout;
use super::lone::takes_lone_rows;
use super::multi::Arrangement;
use super::output_types;
use super::panes::Panes;
use super::session::Sessions;
use super::snapshot::SnapshotIndex;
use super::state::Windows;
use super::told::Told;
use super::window::{Window, WindowAssigner};
use crate::batch::Batch;
use crate::error::{JobError, Reason};
use crate::operator::{Context, Output};
use crate::plan::{AggregateCall, AggregateMode, AggregatePlan, Emission, Expr, LatePolicy};
use crate::table::Segment;
use crate::types::DataType;

/// Everything but the programs and the layout, which are borrowed while this changes.
pub(super) struct Core {
    // Fixed at construction.
    pub mode: AggregateMode,
    pub emission: Emission,
    /// Whether closed windows are corrected.
    pub corrects: bool,
    /// Whether what corrects them is logged.
    pub warns: bool,
    /// Whether a batch of one row goes its own way.
    pub takes_lone_rows: bool,
    pub assigner: Option<WindowAssigner>,
    /// Where a row goes into each of its windows.
    pub several: Option<Arrangement>,
    pub key_types: Vec<DataType>,
    pub hash_is_routed: bool,
    pub spread_by: Option<Vec<usize>>,
    pub hash_seed: u64,
    pub groups_max: u64,
    pub output_types: Vec<DataType>,
    pub owner: bool,
    // State.
    pub windows: Windows,
    /// Where windows are combined of panes: then `windows` are the panes.
    pub panes: Option<Box<Panes>>,
    /// Session windows: then there are no `windows`.
    pub sessions: Option<Box<Sessions>>,
    /// Bars: then there are no `windows`.
    pub bars: Option<Box<Bars>>,
    /// EMIT .. EVERY of sessions and bars.
    pub told: Option<Told>,
    /// Groups of the window that is being fired, in output order, and how many have left.
    pub firing: Option<usize>,
    pub order: Vec<u32>,
    /// Whether that is all groups of the window, as they lie.
    pub in_order: bool,
    /// The result of a plan without windows has left.
    pub finished: bool,
    pub arrival_ns: u64,
    pub index: SnapshotIndex,
    // Scratch.
    pub scratch: Scratch,
    pub running: RunningStates,
    /// Rows of the batch whose results leave, and the bounds of their windows.
    pub changed: Vec<u32>,
    pub created: Vec<u32>,
    pub refused: Vec<u32>,
    pub starts: Vec<i64>,
    pub ends: Vec<i64>,
    pub positions: Vec<u32>,
    pub group_errors: GroupErrors,
    pub output: Batch,
}

/// Which windows write the running state of every row.
#[derive(Clone, Copy, Debug)]
pub(super) enum Tracing {
    None,
    All,
    /// Those that are final at this watermark.
    FinalAt(i64),
}

impl Core {
    pub fn new(
        plan: &AggregatePlan,
        layout: &Layout,
        hash_seed: u64,
        running: RunningStates,
    ) -> Self {
        let corrects = plan.late != LatePolicy::Drop && plan.window.is_some();
        let retention_ns = if corrects { plan.retention_ns } else { 0 };
        let window = plan.window.as_ref();
        let assigner = window.map(|w| WindowAssigner::new(w, plan.allowed_ns, retention_ns));
        let plain = assigner.as_ref().is_none_or(WindowAssigner::is_plain);
        let key_types: Vec<DataType> = plan.keys.iter().map(Expr::ty).collect();
        let combines = assigner.as_ref().is_some_and(WindowAssigner::has_panes)
            && plan.emission == Emission::Final
            && !corrects
            && plan.aggregates.iter().all(AggregateCall::is_mergeable);
        let of_keys = (&key_types[..], hash_seed);
        let sessions =
            window.and_then(|w| Sessions::new(w, (plan.allowed_ns, retention_ns), layout, of_keys));
        let bars = window.and_then(|w| Bars::new(w, layout, of_keys));
        let output_types = output_types(plan);
        Self {
            mode: plan.mode,
            emission: plan.emission,
            corrects,
            warns: plan.late == LatePolicy::Warn,
            takes_lone_rows: plain
                && sessions.is_none()
                && bars.is_none()
                && takes_lone_rows(plan, layout),
            assigner,
            several: (!plain && !combines && sessions.is_none() && bars.is_none())
                .then(|| Arrangement::new(&output_types)),
            sessions: sessions.map(Box::new),
            bars: bars.map(Box::new),
            told: Told::new(plan),
            panes: combines.then(|| Box::new(Panes::new(layout, &key_types))),
            key_types,
            hash_is_routed: plan.hash_is_routed,
            spread_by: plan.spread_by.clone(),
            hash_seed,
            groups_max: plan.groups_max,
            output: Batch::new(&output_types),
            output_types,
            owner: true,
            windows: Windows::new(
                plan.mode == AggregateMode::Complete
                    && plan.emission == Emission::Final
                    && !corrects
                    && !combines,
            ),
            firing: None,
            order: Vec::new(),
            in_order: false,
            finished: false,
            arrival_ns: 0,
            index: SnapshotIndex::default(),
            scratch: Scratch::default(),
            running,
            changed: Vec::new(),
            created: Vec::new(),
            refused: Vec::new(),
            starts: Vec::new(),
            ends: Vec::new(),
            positions: Vec::new(),
            group_errors: Vec::new(),
        }
    }

    /// Folds what was evaluated of a batch, and emits what that causes.
    pub fn take(
        &mut self,
        layout: &Layout,
        input: &mut Evaluated<'_>,
        batch: &Batch,
        context: &mut Context<'_>,
        next: &mut dyn Output,
    ) {
        let lone = self.lone_window(input);
        if lone.is_none() {
            self.refuse_unwindowed(input, batch, context);
        }
        if input.selected.is_empty() {
            return;
        }
        let mut computed = std::mem::take(&mut self.scratch.hashes);
        let mut zeros = std::mem::take(&mut self.scratch.zeros);
        if batch.time.is_empty() {
            zeros.resize(batch.rows.max(zeros.len()), 0);
        }
        let routed = self.hash_is_routed;
        let folding = Folding {
            layout,
            input,
            batch,
            hashes: fold::hashes_of(self.hash_seed, routed, input, batch, &mut computed),
            times: if self.assigner.as_ref().is_some_and(|a| !a.is_plain()) {
                // Panes are merged by their time: what comes first in time has to be first by it.
                input.times()
            } else if batch.time.is_empty() {
                &zeros
            } else {
                &batch.time
            },
            hash_seed: self.hash_seed,
            keyless: self.key_types.is_empty(),
        };
        let rows: Segment<'_> = input.selected.rows().into();
        match self.emission {
            _ if self.told.is_some() => self.fold_told(&folding, rows, context, next),
            _ if self.sessions.is_some() || self.bars.is_some() => {
                self.fold_unequal(&folding, rows, context, next);
            }
            Emission::Changes => match lone {
                Some(window) => self.change_lone(&folding, window, context, next),
                None => self.fold_changes(&folding, rows, context, next),
            },
            Emission::Early => self.fold_early(&folding, rows, context, next),
            Emission::Final if self.corrects => self.fold_correcting(&folding, rows, context, next),
            Emission::Final if self.panes.is_some() => {
                self.fold_panes(&folding, rows, context, next);
            }
            Emission::Final if self.several.is_some() => {
                self.fold_several(&folding, rows, Tracing::None);
            }
            Emission::Final => self.fold_windows(&folding, rows, Tracing::None),
        }
        self.scratch.zeros = zeros;
        self.scratch.hashes = computed;
    }

    /// Folds rows into the sessions or bars of their keys.
    pub fn fold_unequal(
        &mut self,
        folding: &Folding<'_>,
        rows: Segment<'_>,
        context: &mut Context<'_>,
        next: &mut dyn Output,
    ) {
        if self.bars.is_some() {
            return self.fold_bars(folding, rows, context, next);
        }
        if self.corrects {
            return self.correct_sessions(folding, rows, context, next);
        }
        let tracing = match self.emission {
            Emission::Changes if self.told.is_none() => Tracing::All,
            _ => Tracing::None,
        };
        self.fold_sessions(folding, rows, tracing, context, next);
    }

    /// Refuses the rows whose time no window takes.
    pub fn refuse_unwindowed(
        &mut self,
        input: &mut Evaluated<'_>,
        batch: &Batch,
        context: &mut Context<'_>,
    ) {
        let Some(assigner) = &self.assigner else {
            return;
        };
        let rows = input.selected.rows().into();
        self.refused.clear();
        let unequal = self.sessions.is_some() || self.bars.is_some();
        if unequal && all_taken(assigner, input.times(), rows) {
            return;
        }
        let (runs, refused) = (&mut self.scratch.runs, &mut self.refused);
        fold::divide(assigner, input.times(), rows, runs, refused);
        self.scratch.runs_hold = self.refused.is_empty();
        if !self.refused.is_empty() {
            input.refuse(&self.refused, batch.rows, Reason::Range, context.ledger);
        }
    }

    /// Folds `rows` a window at a time. The rows of traced windows that have a result to show are appended to
    /// `changed`, window by window.
    pub fn fold_windows(&mut self, folding: &Folding<'_>, rows: Segment<'_>, tracing: Tracing) {
        let mut runs = std::mem::take(&mut self.scratch.runs);
        let mut order = std::mem::take(&mut self.scratch.run_order);
        let mut bucket = std::mem::take(&mut self.scratch.bucket);
        let whole = rows.len() == folding.input.selected.len();
        let divided = std::mem::take(&mut self.scratch.runs_hold) && whole;
        match &self.assigner {
            Some(_) if divided => {}
            Some(assigner) => {
                let times = folding.input.times();
                fold::divide(assigner, times, rows, &mut runs, &mut self.refused);
            }
            None => {
                runs.clear();
                runs.push(Run {
                    window: Window::ALL,
                    from: 0,
                    to: rows.len(),
                });
            }
        }
        fold::order_runs(&runs, &mut order);
        for same in order.chunk_by(|&a, &b| runs[a as usize].window == runs[b as usize].window) {
            let run = runs[same[0] as usize];
            if let [_] = same {
                self.fold_window(folding, run.window, rows.slice(run.from, run.to), tracing);
                continue;
            }
            bucket.clear();
            for &run in same {
                let run = runs[run as usize];
                rows.slice(run.from, run.to)
                    .extend(&mut bucket, |row| row as u32);
            }
            self.fold_window(folding, run.window, Segment::List(&bucket), tracing);
        }
        self.scratch.runs = runs;
        self.scratch.run_order = order;
        self.scratch.bucket = bucket;
    }

    /// Folds `segment`, whose rows are all of `window`.
    pub fn fold_window(
        &mut self,
        folding: &Folding<'_>,
        window: Window,
        segment: Segment<'_>,
        tracing: Tracing,
    ) {
        let at = self.open(folding.layout, window);
        let state = &mut self.windows.held[at];
        let traced = match tracing {
            Tracing::None => false,
            Tracing::All => true,
            Tracing::FinalAt(watermark) => state.final_at <= watermark,
        };
        if traced && matches!(tracing, Tracing::FinalAt(_)) {
            // Opened behind the last one that fired: its results leave as corrections only.
            self.windows.fired = self.windows.fired.max(at + 1);
        }
        let before = state.entries();
        self.created.clear();
        if self.mode == AggregateMode::Partial {
            folding.fold_blocks(state, segment, &mut self.scratch);
        } else {
            let running = traced.then_some(&mut self.running);
            folding.fold(
                state,
                segment,
                &mut self.scratch,
                running,
                &mut self.created,
            );
        }
        self.windows.entries += state.entries() - before;
        if let Some(panes) = &mut self.panes {
            panes.touch(window);
            let order = &folding.batch.order;
            let arrivals = self.created.iter().map(|&row| order.key(row as usize).time);
            state.arrivals.extend(arrivals);
        }
        if traced {
            // Without aggregates a group never changes once it is there.
            if folding.layout.calls.is_empty() {
                self.changed.extend_from_slice(&self.created);
            } else {
                segment.extend(&mut self.changed, |row| row as u32);
            }
            for (bounds, bound) in [
                (&mut self.starts, window.start),
                (&mut self.ends, window.end),
            ] {
                match segment {
                    Segment::Range { start, end } => bounds[start..end].fill(bound),
                    Segment::List(rows) => {
                        rows.iter().for_each(|&row| bounds[row as usize] = bound)
                    }
                }
            }
        }
    }

    /// The index of `window`, opened if it is new.
    pub fn open(&mut self, layout: &Layout, window: Window) -> usize {
        let (assigner, of_panes) = (&self.assigner, self.panes.is_some());
        let final_and_gone_at = || match assigner {
            Some(assigner) if of_panes => assigner.pane_gone_at(window),
            Some(assigner) => (assigner.final_at(window), assigner.gone_at(window)),
            None => (i64::MAX, i64::MAX),
        };
        let keys = &self.key_types;
        self.windows
            .find_or_open(window, final_and_gone_at, layout, keys)
    }

    /// Stops the job when more is held than the plan allows.
    pub fn check_limit(&self, context: &mut Context<'_>) {
        let held = self.windows.entries as u64;
        if held > self.groups_max && context.failure.is_none() {
            *context.failure = Some(JobError::Limit(format!(
                "an aggregate holds {held} groups, distinct and kept values on one worker, at most {} are \
                 allowed; raise it with SET 'max.groups' = '{}' or group by fewer values",
                self.groups_max,
                self.groups_max.saturating_mul(2)
            )));
        }
    }
}

/// Whether windows take the least of some times and the greatest, and so all.
fn all_taken(assigner: &WindowAssigner, times: &[i64], rows: Segment<'_>) -> bool {
    let (mut least, mut greatest) = (i64::MAX, i64::MIN);
    rows.for_each(|row| {
        least = least.min(times[row]);
        greatest = greatest.max(times[row]);
    });
    assigner.pane_of(least).is_some() && assigner.pane_of(greatest).is_some()
}
