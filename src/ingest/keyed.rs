//! Keys and event times that are expressions: evaluated over decoded columns, by value. Plain columns are
//! found by the framer instead, without decoding.

use super::route::HashSource;
use crate::batch::{Batch, Column, Selection};
use crate::batch_hash::hash_keys;
use crate::chunk::RowDescriptors;
use crate::error::Reason;
use crate::expr::{Program, RowErrors};
use crate::format::{self, Decoder, FaultScope, FieldFault, FrameFault, FrameSpec, Frames};
use crate::plan::{Expr, Job, RoutePlan, SourceId, Strategy};

/// Whether a route needs hashes at all.
fn needs_hash(route: &RoutePlan, workers: usize) -> bool {
    let spreads = matches!(route.strategy, Strategy::Hash | Strategy::Smart);
    !route.key.is_empty() && (route.needs_hash || (spreads && workers > 1))
}

fn is_plain(route: &RoutePlan) -> bool {
    let plain = |expr: &Expr| matches!(expr, Expr::Column { .. });
    route.key.iter().all(plain)
}

/// Where the hashes of route `index` come from.
pub fn hash_source(job: &Job, index: usize, workers: usize) -> HashSource {
    let route = &job.routes[index];
    if !needs_hash(route, workers) {
        return HashSource::None;
    }
    let plain = is_plain(route);
    let before = job.routes[..index]
        .iter()
        .filter(|other| {
            other.source == route.source && needs_hash(other, workers) && is_plain(other) == plain
        })
        .count();
    if plain {
        HashSource::Framed(before)
    } else {
        HashSource::Keyed(before)
    }
}

/// What the framer of `source` finds, and what is left to be evaluated.
pub fn frame_spec(
    job: &Job,
    source: SourceId,
    workers: usize,
) -> (FrameSpec, Option<KeyedEvaluator>) {
    let plan = &job.sources[usize::from(source.0)];
    let routes = || {
        job.routes
            .iter()
            .filter(|route| route.source == source && needs_hash(route, workers))
    };
    let seed = job.settings.hash_seed.unwrap_or(crate::hash::DEFAULT_SEED);
    let keys: Vec<Vec<usize>> = routes()
        .filter(|route| is_plain(route))
        .map(|route| {
            let mut columns = Vec::new();
            for expr in &route.key {
                if let Expr::Column { index, .. } = expr {
                    columns.push(*index);
                }
            }
            columns
        })
        .collect();
    let time_expr = plan.event_time.as_ref().map(|time| &time.expr);
    let (time, computed) = match time_expr {
        Some(Expr::Column { index, .. }) => (Some(*index), None),
        other => (None, other),
    };
    let expressions: Vec<&RoutePlan> = routes().filter(|route| !is_plain(route)).collect();
    let evaluator = (computed.is_some() || !expressions.is_empty())
        .then(|| KeyedEvaluator::new(job, source, computed, &expressions, keys.len()));
    let spec = FrameSpec {
        time,
        keys,
        hash_seed: seed,
    };
    (spec, evaluator)
}

/// Evaluates expression keys and a computed event time over framed records.
pub struct KeyedEvaluator {
    // Fixed at construction.
    columns: Vec<usize>,
    hash_seed: u64,
    /// Number of the first expression key among the fault scopes.
    first_key: u16,
    // State.
    decoder: Box<dyn Decoder>,
    time: Option<Program>,
    keys: Vec<Vec<Program>>,
    /// The columns of the time, and of each key.
    time_columns: Vec<usize>,
    key_columns: Vec<Vec<usize>>,
    batch: Batch,
    rows: RowDescriptors,
    hashes: Vec<Vec<u64>>,
    faults: Vec<FieldFault>,
    errors: RowErrors,
    selection: Selection,
}

impl KeyedEvaluator {
    fn new(
        job: &Job,
        source: SourceId,
        time: Option<&Expr>,
        routes: &[&RoutePlan],
        framed_keys: usize,
    ) -> Self {
        let plan = &job.sources[usize::from(source.0)];
        let mut columns = Vec::new();
        for expr in time
            .into_iter()
            .chain(routes.iter().flat_map(|route| &route.key))
        {
            expr.columns(&mut columns);
        }
        let columns_of = |exprs: &[Expr]| {
            let mut columns = Vec::new();
            exprs.iter().for_each(|expr| expr.columns(&mut columns));
            columns
        };
        let types: Vec<_> = plan.schema.fields.iter().map(|field| field.ty).collect();
        Self {
            columns,
            hash_seed: job.settings.hash_seed.unwrap_or(crate::hash::DEFAULT_SEED),
            first_key: framed_keys as u16,
            decoder: format::decoder(&plan.format, &plan.schema),
            time: time.map(Program::new),
            keys: routes
                .iter()
                .map(|route| route.key.iter().map(Program::new).collect())
                .collect(),
            time_columns: time.map_or_else(Vec::new, |time| columns_of(std::slice::from_ref(time))),
            key_columns: routes.iter().map(|route| columns_of(&route.key)).collect(),
            batch: Batch::new(&types),
            rows: RowDescriptors::default(),
            hashes: vec![Vec::new(); routes.len()],
            faults: Vec::new(),
            errors: RowErrors::default(),
            selection: Selection::default(),
        }
    }

    /// The hashes of expression key `index`.
    pub fn hashes(&self, index: usize) -> &[u64] {
        &self.hashes[index]
    }

    /// Evaluates the keys and the time of all `frames`, which lie in `bytes`; adds times and faults.
    pub fn evaluate(&mut self, bytes: &[u8], frames: &mut Frames) {
        let total = frames.len();
        self.rows.clear();
        self.rows.extend_places(frames.places(), 0..total);
        self.faults.clear();
        self.decoder.begin(bytes, &self.rows, &mut self.faults);
        let mut spoilt = vec![false; total];
        for fault in &frames.faults {
            spoilt[fault.row as usize] |= !matches!(fault.scope, FaultScope::Key(_));
        }
        for fault in &self.faults {
            // The worker finds the same fault; here the record only must not be decoded.
            spoilt[fault.row as usize] = true;
        }
        let record_faults = std::mem::take(&mut self.faults);
        self.selection.all(total);
        self.selection.retain(|row| !spoilt[row]);
        self.batch.clear();
        self.batch.rows = total;
        for &column in &self.columns {
            self.decoder.column(
                bytes,
                &self.rows,
                column,
                self.selection.rows(),
                &mut self.batch.columns[column],
                &mut self.faults,
            );
        }
        self.evaluate_time(frames, &record_faults);
        self.evaluate_keys(frames, total);
        frames.faults.sort_by_key(|fault| fault.row);
    }

    fn evaluate_time(&mut self, frames: &mut Frames, record_faults: &[FieldFault]) {
        let Some(program) = &mut self.time else {
            return;
        };
        let total = self.batch.rows;
        self.errors.rows.clear();
        let column = program.eval(&self.batch, self.selection.rows(), &mut self.errors);
        frames.times.clear();
        frames.times.resize(total, 0);
        let mut faults = Vec::new();
        fill_times(column, self.selection.rows(), frames, &mut faults);
        for fault in record_faults {
            // Without its fields a record has no time: it must neither be used nor move the watermark.
            faults.push((fault.row, fault.reason, FaultScope::Record));
        }
        for &(row, _) in &self.errors.rows {
            faults.push((row, Reason::EventTimeInvalid, FaultScope::EventTime));
        }
        for fault in unreadable(&self.faults, &self.time_columns) {
            faults.push((fault.row, Reason::EventTimeInvalid, FaultScope::EventTime));
        }
        faults.sort_by_key(|fault| (fault.0, fault.1));
        faults.dedup_by_key(|fault| fault.0);
        frames
            .faults
            .extend(faults.into_iter().map(|(row, reason, scope)| FrameFault {
                row,
                scope,
                reason,
            }));
    }

    fn evaluate_keys(&mut self, frames: &mut Frames, total: usize) {
        for (index, programs) in self.keys.iter_mut().enumerate() {
            let unreadable = unreadable(&self.faults, &self.key_columns[index]);
            let mut bad: Vec<u32> = unreadable.map(|fault| fault.row).collect();
            self.errors.rows.clear();
            let mut values: Vec<&Column> = Vec::with_capacity(programs.len());
            for program in programs {
                values.push(program.eval(&self.batch, self.selection.rows(), &mut self.errors));
            }
            let hashes = &mut self.hashes[index];
            hashes.clear();
            hash_keys(&values, self.selection.rows(), self.hash_seed, hashes);
            hashes.resize(total, 0);
            bad.extend(self.errors.rows.iter().map(|error| error.0));
            bad.sort_unstable();
            bad.dedup();
            frames.faults.extend(bad.into_iter().map(|row| FrameFault {
                row,
                scope: FaultScope::Key(self.first_key + index as u16),
                reason: Reason::KeyInvalid,
            }));
        }
    }
}

/// Faults of `columns`. A NULL in a NOT NULL column can be read; the worker refuses it.
fn unreadable<'a>(
    faults: &'a [FieldFault],
    columns: &'a [usize],
) -> impl Iterator<Item = &'a FieldFault> {
    let of_columns = |fault: &&FieldFault| columns.contains(&usize::from(fault.column));
    let faults = faults.iter().filter(of_columns);
    faults.filter(|fault| fault.reason != Reason::Null)
}

fn fill_times(
    column: &Column,
    rows: crate::batch::Rows<'_>,
    frames: &mut Frames,
    faults: &mut Vec<(u32, Reason, FaultScope)>,
) {
    let crate::batch::ColumnData::I64(values) = &column.data else {
        panic!("the planner made the event time a timestamp");
    };
    rows.for_each(|row| {
        if column.is_null(row) {
            faults.push((row as u32, Reason::EventTimeNull, FaultScope::EventTime));
        } else {
            frames.times[row] = values[row];
        }
    });
}
