//! A query planned so far.

use super::assigned::Assigned;
use super::clock::ClockUse;
use super::late::{LateRows, LateTarget};
use super::source::SourceTable;
use super::union::UnionPoint;
use crate::plan::{Expr, OperatorPlan, SourceId, StagePlan, WindowPlan};
use crate::sql::ast::Name;
use crate::sql::bind::{Column, Scope, nullable};
use crate::types::{Field, Schema};

/// Operators and what comes out of them.
#[derive(Clone)]
pub struct Flow {
    /// Whose records.
    pub source: SourceId,
    /// What the first stage needs of its route.
    pub route: RouteNeed,
    /// Stages so far; the last one takes the next operator.
    pub stages: Vec<StagePlan>,
    /// Output of the last operator.
    pub physical: Schema,
    /// Visible columns over `physical`.
    pub columns: Vec<Column>,
    /// Names that may stand before a dot.
    pub qualifiers: Vec<Name>,
    /// How rows lie on the workers.
    pub spread: Spread,
    /// Whether batches carry the hash of the spread's key.
    pub hashed: bool,
    /// Event time of the rows.
    pub time: Option<Expr>,
    /// How far behind `time` the rows come, where `window` does not tell it: a UNION or DISTINCT may leave its columns out.
    pub lag_ns: i64,
    /// The window that made the rows.
    pub window: Option<WindowColumns>,
    /// The window that each row is in, where none has made them.
    pub assigned: Option<Box<Assigned>>,
    /// Whether the watermark rises only at the end of the input (inferred tables).
    pub rests: bool,
    /// The table read, for messages.
    pub table: String,
    /// Whether the input ends.
    pub bounded: bool,
    /// What has happened to EMIT and LATE DATA clauses, and what sinks must bear.
    pub state: FlowState,
    /// ORDER BY over `physical`.
    pub sort: Vec<crate::plan::SortKey>,
    /// Rows of LEAD: they come when later ones have come, not in the order of their records.
    pub led: Option<Led>,
    /// The arrival stamp of a table's rows, where it is among their columns.
    pub arrival: Option<Expr>,
    /// What the clock does to it.
    pub clock: ClockUse,
    /// Where the next operator that drops late rows is to send them.
    pub late_into: Option<LateTarget>,
    /// Late rows of the operators so far.
    pub late_rows: Vec<LateRows>,
    /// Where the rows of other queries join, by rising stage.
    pub unions: Vec<UnionPoint>,
}

/// What has been decided on the way.
#[derive(Clone, Copy, Default)]
pub struct FlowState {
    /// An aggregate has taken the EMIT clause.
    pub emit_taken: bool,
    /// A window has taken the LATE DATA clause.
    pub late_taken: bool,
    /// Rows are new versions of earlier ones (EMIT CHANGES).
    pub changes: bool,
    /// Closed windows may be corrected with `+U`.
    pub corrections: bool,
    /// Corrections take rows back whose place no other takes: of sessions, whose windows move.
    pub retracts: bool,
    /// Rows come in the order of their time.
    pub sorted: bool,
    /// Rows may come when the watermark has passed their time (FILL, LEAD).
    pub backdated: bool,
    /// Rows leave when the input has ended, whatever their time.
    pub at_end: bool,
    /// Rows were sorted by time at the end of the input: none is late.
    pub settled: bool,
    /// Rows are bars: each comes with the record that ends it.
    pub bars: bool,
    /// How often rows are elements of records' arrays (UNNEST): of arrays, or of arrays in arrays.
    pub unnests: u8,
}

/// What the first stage needs of its route.
#[derive(Clone, Debug, PartialEq)]
pub enum RouteNeed {
    /// Any.
    Stateless,
    /// Rows of equal keys on one worker.
    Keyed {
        /// The key over the source's columns.
        key: Vec<Expr>,
        /// Whether it is what the source is partitioned by, and a part of what asked for it.
        smart: bool,
        /// Why.
        reason: String,
    },
    /// All rows on worker 0.
    Single {
        /// Why.
        reason: String,
    },
    /// Blocks of the merged sequence.
    Blocks {
        /// Why.
        reason: String,
    },
}

/// How rows lie on the workers.
#[derive(Clone, Debug, PartialEq)]
pub enum Spread {
    /// The route is not chosen yet.
    Free,
    /// Rows with equal values are on one worker.
    Keyed(Vec<Expr>),
    /// All on worker 0.
    Single,
    /// By a key that is no longer among the columns.
    Scattered,
}

impl Spread {
    /// Which of `keys` rows are spread by, where it is not exactly they.
    pub fn among(&self, keys: &[Expr]) -> Option<Vec<usize>> {
        let Self::Keyed(have) = self else {
            return None;
        };
        let place = |key| keys.iter().position(|other| other == key);
        match have == keys {
            true => None,
            false => have.iter().map(place).collect(),
        }
    }
}

/// How rows of LEAD come.
#[derive(Clone)]
pub struct Led {
    /// The keys whose rows come in their order; `None`: those of no keys do, for several queries have made them.
    pub keys: Option<Vec<Expr>>,
}

impl Led {
    /// Whether the rows of equal `keys` come in their order.
    pub fn keeps_order(&self, keys: &[Expr]) -> bool {
        let of_lead = self.keys.as_ref();
        of_lead.is_some_and(|of_lead| of_lead.iter().all(|key| keys.contains(key)))
    }
}

/// The columns of the window that made the rows.
#[derive(Clone)]
pub struct WindowColumns {
    /// `window_start`.
    pub start: Expr,
    /// `window_end`.
    pub end: Expr,
    /// The window.
    pub plan: WindowPlan,
    /// Time past its end at which its rows come.
    pub allowed_ns: i64,
    /// Whether all of them come then: not those of a UNION whose queries close it at different times.
    pub at_once: bool,
}

impl Flow {
    /// All rows of a source.
    pub fn of_source(source: SourceId, table: &SourceTable, qualifiers: Vec<Name>) -> Self {
        Self {
            source,
            route: RouteNeed::Stateless,
            stages: vec![StagePlan {
                exchange: None,
                operators: Vec::new(),
            }],
            physical: table.plan.table(),
            columns: table.columns.clone(),
            qualifiers,
            spread: Spread::Free,
            hashed: false,
            time: table.plan.event_time.as_ref().map(|time| time.expr.clone()),
            lag_ns: 0,
            window: None,
            assigned: None,
            rests: table
                .plan
                .event_time
                .as_ref()
                .is_some_and(|time| !time.rises),
            table: table.plan.name.clone(),
            bounded: table.plan.bounded,
            state: FlowState::default(),
            sort: Vec::new(),
            led: None,
            arrival: table.arrival(),
            clock: ClockUse::default(),
            late_into: None,
            late_rows: Vec::new(),
            unions: Vec::new(),
        }
    }

    /// The names that expressions over it can use.
    pub fn scope(&self) -> Scope {
        Scope {
            qualifiers: self.qualifiers.clone(),
            columns: self.columns.clone(),
            zone: None,
            subqueries: Vec::new(),
        }
    }

    /// Whether an expression is a bound of the window that made the rows or that they are in, or its time.
    pub fn is_of_window(&self, expr: &Expr) -> bool {
        let assigned = self.assigned.as_ref();
        let made = self.window.as_ref().is_some_and(|window| {
            *expr == window.start || *expr == window.end || Some(expr) == self.time.as_ref()
        });
        made || assigned.is_some_and(|assigned| assigned.says(expr))
    }

    /// Appends an operator.
    pub fn push(&mut self, operator: OperatorPlan) {
        self.stages
            .last_mut()
            .expect("a flow has a stage")
            .operators
            .push(operator);
    }

    /// Where the next operator goes in the last stage.
    pub fn end(&self) -> usize {
        self.stages.last().map_or(0, |stage| stage.operators.len())
    }

    /// Puts an operator into the last stage, in front of the one at `at`, whose rows it hands on as they are.
    pub fn insert(&mut self, at: usize, operator: OperatorPlan) {
        let stage = self.stages.last_mut().expect("a flow has a stage");
        stage.operators.insert(at, operator);
    }

    /// Where the operators of the last stage begin that are over the columns of the flow: what stands before a union is
    /// over others.
    fn open_from(&self) -> usize {
        let open = self.unions.last().filter(|_| self.is_open_union());
        open.map_or(0, |point| point.position)
    }

    /// Where UNNEST stands in the last stage, with nothing but filters behind it.
    pub fn unnest_at(&self) -> Option<usize> {
        let operators = &self.stages.last()?.operators;
        let begins = self.open_from();
        let is_filter = |operator: &OperatorPlan| matches!(operator, OperatorPlan::Filter { .. });
        let at = operators.iter().rposition(|it| !is_filter(it))?;
        let is_unnest = matches!(operators[at], OperatorPlan::Unnest(_));
        (at >= begins && is_unnest).then_some(at)
    }

    /// Where the first UNNEST stands in the last stage, in front of which rows are still records, with nothing but filters
    /// and other UNNESTs behind it.
    pub fn records_upto(&self) -> Option<usize> {
        let operators = &self.stages.last()?.operators;
        let passes = |operator: &OperatorPlan| {
            matches!(
                operator,
                OperatorPlan::Filter { .. } | OperatorPlan::Unnest(_)
            )
        };
        let at = operators.iter().rposition(|it| !passes(it));
        let from = at.map_or(0, |at| at + 1).max(self.open_from());
        let is_unnest = |operator: &&OperatorPlan| matches!(operator, OperatorPlan::Unnest(_));
        let count = operators[from..].iter().filter(is_unnest).count();
        let first = operators[from..].iter().position(|it| is_unnest(&it))?;
        (count == usize::from(self.state.unnests)).then_some(from + first)
    }

    /// Appends a filter; what stands in front of the first condition on elements goes in front of their UNNEST.
    pub fn filter(&mut self, predicate: Expr) {
        let Some(at) = self.unnest_at() else {
            return self.filter_last(predicate);
        };
        let stage = self.stages.last_mut().expect("a flow has a stage");
        let behind = stage.operators.split_off(at);
        let added = match &behind[0] {
            OperatorPlan::Unnest(plan) => plan.types().len(),
            _ => unreachable!("UNNEST was found there"),
        };
        let width = self.physical.fields.len() - added;
        let reads_elements = |part: &Expr| {
            let mut columns = Vec::new();
            part.columns(&mut columns);
            columns.last().is_some_and(|&column| column >= width)
        };
        let mut before = conjuncts(predicate);
        let elements = before.iter().position(reads_elements);
        let rest = before.split_off(elements.unwrap_or(before.len()));
        if let Some(predicate) = joined(before) {
            self.filter_last(predicate);
        }
        let stage = self.stages.last_mut().expect("a flow has a stage");
        stage.operators.extend(behind);
        if let Some(predicate) = joined(rest) {
            self.filter_last(predicate);
        }
    }

    /// Appends a filter, joined to one that is last already.
    fn filter_last(&mut self, predicate: Expr) {
        let begins = self.open_from();
        let operators = &mut self
            .stages
            .last_mut()
            .expect("a flow has a stage")
            .operators;
        if let Some(OperatorPlan::Filter { predicate: before }) = operators[begins..].last_mut() {
            let hole = Expr::And(Vec::new());
            let mut parts = conjuncts(std::mem::replace(before, hole));
            parts.extend(conjuncts(predicate));
            *before = Expr::And(parts);
            return;
        }
        operators.push(OperatorPlan::Filter { predicate });
    }

    /// Whether only filters have run.
    pub fn is_stateless_so_far(&self) -> bool {
        self.stages.len() == 1
            && self.stages[0]
                .operators
                .iter()
                .all(|operator| matches!(operator, OperatorPlan::Filter { .. }))
    }

    /// Whether rows have been filtered in the first stage.
    pub fn is_filtered(&self) -> bool {
        !self.stages[0].operators.is_empty()
    }

    /// Whether an expression over the output can be NULL.
    pub fn nullable(&self, expr: &Expr) -> bool {
        nullable(expr, &|index| {
            self.physical
                .fields
                .get(index)
                .is_none_or(|field| field.nullable)
        })
    }

    /// Name, type and nullability of an expression over the output.
    pub fn field(&self, name: &str, expr: &Expr) -> Field {
        Field {
            name: name.to_owned(),
            ty: expr.ty(),
            nullable: self.nullable(expr),
        }
    }
}

/// The conditions as one; `None` of none.
fn joined(mut conditions: Vec<Expr>) -> Option<Expr> {
    match conditions.len() {
        0 | 1 => conditions.pop(),
        _ => Some(Expr::And(conditions)),
    }
}

fn conjuncts(predicate: Expr) -> Vec<Expr> {
    match predicate {
        Expr::And(parts) => parts,
        other => vec![other],
    }
}
