//! The waist: what `sql` writes and what the roles and operators read. Data only, fixed once planned.
//!
//! A [`Job`] has sources, routes (a source, a key and a strategy), statements (a pipeline of stages fed by
//! one route, ending in a sink) and sinks. Expressions of a statement's first stage address the columns of
//! the source's table by index; each operator's expressions address the output columns of the one before it.

mod bars;
mod binary;
mod calendar;
mod expr;
mod fill;
mod function;
mod lead;
mod operator;
mod source;
mod subquery;
mod ttl;

pub use bars::{BarBound, BarsPlan};
pub use binary::{BinaryFormat, TimestampUnit};
pub use calendar::{DaysPlan, OverlappingPlan, Reach};
pub use expr::{ArithmeticOp, CompareOp, Expr, ScalarFunction};
pub use fill::{FillPlan, FillValue};
pub use function::{
    BitFunction, BytesFunction, DoubleFunction, JsonFunction, NestedFunction, PatternFunction,
    TextFunction, TimeFunction,
};
pub use lead::LeadPlan;
pub use operator::{
    AggregateCall, AggregateKind, AggregateMode, AggregatePlan, Around, CoalescePlan, Distance,
    EarlyPlan, Emission, FrameUnit, LateColumnsPlan, LatePlan, LatePolicy, OperatorPlan, OverCall,
    OverFrame, OverFunction, OverPlan, RankedPlan, SortKey, SortPlan, TimeSortPlan, UnnestPlan,
    WindowPlan,
};
pub use source::{
    ChangelogMode, CsvFormat, EventTimePlan, FormatPlan, GeneratorKind, GeneratorPlan, JsonFormat,
    OnError, Pace, SilencePlan, SinkConnector, SinkFormat, SinkPlan, SourceConnector, SourcePlan,
    SystemColumn, TcpRole, TimestampFormat,
};

pub use subquery::{MemberPart, MemberRows, SubqueryPlan, SubqueryResult};
pub use ttl::TtlPlan;

use crate::time::WatermarkGrid;
use crate::types::Schema;
use std::path::PathBuf;

/// Index of a source in [`Job::sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(pub u16);
/// Index of a route in [`Job::routes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RouteId(pub u16);
/// Index of a statement in [`Job::statements`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StatementId(pub u16);
/// Index of a sink in [`Job::sinks`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SinkId(pub u16);
/// A worker of the job, 0..workers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorkerId(pub u16);

/// Everything one run executes.
#[derive(Clone, Debug)]
pub struct Job {
    /// The sources, each read once however many statements use it.
    pub sources: Vec<SourcePlan>,
    /// The distinct routes, at most `limits::ROUTES_MAX`.
    pub routes: Vec<RoutePlan>,
    /// The statements in text order.
    pub statements: Vec<StatementPlan>,
    /// The sinks.
    pub sinks: Vec<SinkPlan>,
    /// What SET, flags and the environment say.
    pub settings: Settings,
    /// The grid that keeps every decision of every statement, for thinning watermarks.
    pub watermark_grid: WatermarkGrid,
    /// What is run to the end before the job starts; empty in a job that roles are made of.
    pub subqueries: Vec<SubqueryPlan>,
}

/// How records of a source reach workers. EXPLAIN prints the strategy and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Strategy {
    /// The vnode of the key's hash names the worker.
    Hash,
    /// As `Hash`, by the columns that the source is partitioned by, which are a part of the key: statements with
    /// other keys share the route.
    Smart,
    /// The source partition names the worker; order within it is kept.
    Sticky,
    /// The next worker, morsel by morsel.
    RoundRobin,
    /// Worker 0 takes all.
    FanIn,
    /// `(seq / SEQUENCE_BLOCK) mod workers`: a split keyless aggregate.
    Blocks,
}

/// One way the records of a source are keyed and spread.
#[derive(Clone, Debug, PartialEq)]
pub struct RoutePlan {
    /// Whose records.
    pub source: SourceId,
    /// How they spread.
    pub strategy: Strategy,
    /// The key over the table's columns, each in its common type; empty unless `strategy` is `Hash` or `Smart`.
    pub key: Vec<Expr>,
    /// Whether a stateful operator reuses the hash, so that it is computed even for one worker.
    pub needs_hash: bool,
    /// Why the strategy was chosen, for EXPLAIN.
    pub reason: String,
}

/// A query and where its rows go.
#[derive(Clone, Debug)]
pub struct StatementPlan {
    /// Shown in reports: the sink's name, or `select`.
    pub name: String,
    /// What feeds the first stage.
    pub route: RouteId,
    /// Stages in order; the second and later are fed by an exchange.
    pub stages: Vec<StagePlan>,
    /// Names and types of the result's columns.
    pub output: Schema,
    /// Where the rows go.
    pub sink: SinkId,
    /// Rows after which the statement ends; the job ends when all its statements have.
    pub limit: Option<u64>,
    /// Whether rows carry ops other than `+I`.
    pub changelog: bool,
    /// Of a query of a UNION whose rows come together with those of the others: where; else they go to the sink.
    pub feeds: Option<FeedPlan>,
}

/// Rows on their way into a later stage of another statement.
#[derive(Clone, Debug)]
pub struct FeedPlan {
    /// The statement.
    pub statement: StatementId,
    /// Its stage, from 1.
    pub stage: u16,
    /// How they go there.
    pub exchange: ExchangePlan,
}

/// Which query of a UNION rows are of: it is the last word on the order of rows that one record causes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnionPlace {
    /// Its number.
    pub query: u32,
    /// Queries of the union.
    pub queries: u32,
}

/// Operators that run on one worker between two exchanges.
#[derive(Clone, Debug)]
pub struct StagePlan {
    /// How this stage's input is spread over the workers; `None` for the first stage.
    pub exchange: Option<ExchangePlan>,
    /// The operators in order.
    pub operators: Vec<OperatorPlan>,
}

/// How rows go from the workers of one stage to those of the next.
#[derive(Clone, Debug)]
pub struct ExchangePlan {
    /// Key over the columns of the stage before; empty: all rows go to worker 0.
    pub key: Vec<Expr>,
    /// Why, for EXPLAIN.
    pub reason: String,
    /// Where several statements feed the stage: which of them rows are of. Such rows have no time of their own.
    pub union: Option<UnionPlace>,
}

/// How an idle core waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IdleMode {
    /// Busy polling, never gives the core away.
    Spin,
    /// Polls, giving the core away between polls.
    #[default]
    Yield,
    /// Sleeps at most 200 us at a time.
    Park,
}

/// What SET, flags and the environment decide. `None` is "not said".
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// Worker count.
    pub workers: Option<u16>,
    /// CPUs to use.
    pub cores: Option<Vec<u16>>,
    /// CPU of ingest.
    pub ingest_core: Option<u16>,
    /// CPU of egress.
    pub egress_core: Option<u16>,
    /// How idle cores wait.
    pub idle: IdleMode,
    /// Partitioning asked for.
    pub partitioning: Option<Strategy>,
    /// Groups one statement may hold on one worker.
    pub max_groups: Option<u64>,
    /// Bytes of state that one worker may hold.
    pub max_state: Option<u64>,
    /// Event time after which state that no row has touched is forgotten, in nanoseconds, at least 1.
    pub state_ttl_ns: Option<i64>,
    /// Directory of checkpoints; `None`: none are taken.
    pub checkpoint_dir: Option<PathBuf>,
    /// From the beginning of a checkpoint to that of the next.
    pub checkpoint_interval_ns: Option<i64>,
    /// Key hash seed; `None`: `hash::DEFAULT_SEED`.
    pub hash_seed: Option<u64>,
    /// Emit windows that are still open when the job is interrupted.
    pub close_open: bool,
    /// Rows of a full morsel, 1..=`limits::MORSEL_ROWS_MAX`.
    pub morsel_rows: Option<u32>,
}
