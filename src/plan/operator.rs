//! Plans of the operators. The output columns of each are told here, where planner and operator meet.

use super::{BarsPlan, DaysPlan, Expr, FillPlan, LeadPlan, OverlappingPlan, TtlPlan};
use crate::types::{DataType, Schema};

/// One operator of a stage.
#[derive(Clone, Debug)]
pub enum OperatorPlan {
    /// Keeps rows whose predicate is TRUE. Output: its input.
    Filter {
        /// BOOLEAN.
        predicate: Expr,
    },
    /// Drops rows that are late for a window. Output: its input.
    Late(LatePlan),
    /// Computes columns. Output: one column for each expression.
    Project {
        /// The expressions.
        exprs: Vec<Expr>,
    },
    /// GROUP BY, windows, DISTINCT. Output: see [`AggregatePlan`].
    Aggregate(AggregatePlan),
    /// OVER. Output: its input's columns, then one for each call.
    Over(OverPlan),
    /// ORDER BY over a bounded result, or over the rows of each window. Output: its input, in order.
    Sort(SortPlan),
    /// Rows in the order of event time, up to the watermark. Output: its input.
    TimeSort(TimeSortPlan),
    /// EMIT CHANGES EVERY. Output: its input.
    Coalesce(CoalescePlan),
    /// Ranks of whole partitions. Output: its input's columns, then one for each call.
    Ranked(RankedPlan),
    /// LATE DATA INTO, behind the gate that collects late rows. Output: its input's columns, then `late_by` BIGINT,
    /// `window_start` TIMESTAMP and `watermark` TIMESTAMP.
    LateColumns(LateColumnsPlan),
    /// Rows for windows without rows. Output: its input's columns.
    Fill(FillPlan),
    /// LEAD. Output: its input's columns, then one for each call.
    Lead(LeadPlan),
    /// Lets the rows go on that are late for every session of this aggregate's. Output: its input.
    LateForSessions(Box<AggregatePlan>),
    /// UNNEST. Output: see [`UnnestPlan`].
    Unnest(UnnestPlan),
}

/// Where windows lie.
#[derive(Clone, Debug, PartialEq)]
pub enum WindowPlan {
    /// `[start, start + size)`, start = offset modulo size.
    Tumble {
        /// Length in nanoseconds, at least 1.
        size_ns: i64,
        /// 0 <= offset < size.
        offset_ns: i64,
    },
    /// `[start, start + size)`, start = offset modulo slide: a time lies in several, or in none when slide > size.
    Hop {
        /// Length in nanoseconds, at least 1.
        size_ns: i64,
        /// Distance of two starts, at least 1.
        slide_ns: i64,
        /// 0 <= offset < slide.
        offset_ns: i64,
    },
    /// `[start, start + step)`, `[start, start + 2 * step)` and so on up to `[start, start + size)`, start = offset
    /// modulo size.
    Cumulate {
        /// Length of the longest in nanoseconds, a multiple of the step.
        size_ns: i64,
        /// Length of the shortest, at least 1.
        step_ns: i64,
        /// 0 <= offset < size.
        offset_ns: i64,
    },
    /// The window of this plan that ends a nanosecond behind the time: the one whose result a row is. Of windows whose
    /// bounds move the time says the end alone: `window_start` is a key of its own then, and here the time.
    Made(Box<WindowPlan>),
    /// For each key the rows that follow one another within `gap`, the bound included: `[first, last + gap]`.
    Session {
        /// Longest pause, at least 1.
        gap_ns: i64,
        /// Longest distance of a session's first and last row.
        span_ns: Option<i64>,
    },
    /// For each key the rows up to an amount, in the order they come: `[time of the first, time of the last]`.
    Bars(BarsPlan),
    /// Days of a time zone.
    Days(DaysPlan),
    /// Windows of a time zone that overlap.
    Overlapping(OverlappingPlan),
}

impl WindowPlan {
    /// Whether every time is in one window that rows of all keys share.
    pub fn tumbles(&self) -> bool {
        matches!(self, Self::Tumble { .. } | Self::Days(_))
    }

    /// The window that made the rows, where it takes up again; itself where it does not.
    pub fn made_by(&self) -> &Self {
        match self {
            Self::Made(by) => by.made_by(),
            _ => self,
        }
    }

    /// Whether its bounds move as rows come: then no value of a row says which group it is of.
    pub fn moves(&self) -> bool {
        matches!(self, Self::Session { .. } | Self::Bars(_))
    }

    /// What each row adds to its bar, if that is computed.
    pub fn measure(&self) -> Option<&Expr> {
        match self {
            Self::Bars(bars) => bars.measure.as_deref(),
            _ => None,
        }
    }

    /// As [`measure`](Self::measure), to be changed.
    pub fn measure_mut(&mut self) -> Option<&mut Expr> {
        match self {
            Self::Bars(bars) => bars.measure.as_deref_mut(),
            _ => None,
        }
    }
}

/// What happens to a row whose window is final.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LatePolicy {
    /// Counted.
    Drop,
    /// The corrected result follows as `+U` while the window is retained.
    Process,
    /// Like `Process`, and logged.
    Warn,
    /// Late rows are what is wanted, for a table of their own: the others are filtered.
    Collect,
}

/// Decides lateness before the columns that only the window needs are looked at.
#[derive(Clone, Debug)]
pub struct LatePlan {
    /// TIMESTAMP that the window is taken of.
    pub time: Expr,
    /// The window.
    pub window: WindowPlan,
    /// Time past its end that a window stays open.
    pub allowed_ns: i64,
    /// What happens to late rows.
    pub policy: LatePolicy,
    /// Time past `allowed_ns` that a closed window is kept for corrections (`Process`, `Warn`).
    pub retention_ns: i64,
}

/// What a table of late rows says of each beside its own columns.
#[derive(Clone, Debug)]
pub struct LateColumnsPlan {
    /// TIMESTAMP that it was late by.
    pub time: Expr,
    /// The window, of which the last that held the row gives `window_start`; `None`: NULL.
    pub window: Option<WindowPlan>,
}

impl LateColumnsPlan {
    /// Names and types of the columns: nanoseconds that the row's time is behind the watermark in force for it, the
    /// start of its window, that watermark.
    pub const COLUMNS: [(&'static str, DataType); 3] = [
        ("late_by", DataType::BigInt),
        ("window_start", DataType::Timestamp),
        ("watermark", DataType::Timestamp),
    ];
}

/// When results leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Emission {
    /// Once, when the watermark passes the window's end (+ allowed lateness), or at the end of bounded input.
    Final,
    /// The changed group's new row after each input row.
    Changes,
    /// Both: for `every_ns`, or [`OperatorPlan::Coalesce`], which makes early results of the changes.
    Early,
}

/// How an aggregate divides its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AggregateMode {
    /// Rows in, results out.
    Complete,
    /// Rows in, one row of accumulator states out for each (window, block of the merged sequence). Keyless.
    Partial,
    /// States in, combined in the order they come, results out. Keyless.
    Combine,
}

/// GROUP BY with an optional window.
///
/// Expressions over the input, in the order they are evaluated: keys, time, the window's measure, filters, arguments.
///
/// Output columns: the keys; `window_start` and `window_end` when there is a window; the aggregates. In mode
/// `Partial`: `window_start`, `window_end` when there is a window, then the state columns of each aggregate
/// (`operator::aggregate` defines them); in mode `Combine` that is the input.
/// Without keys and without a window there is one group, which is emitted even when no row came.
#[derive(Clone, Debug)]
pub struct AggregatePlan {
    /// Group keys over the input; empty: one group.
    pub keys: Vec<Expr>,
    /// Whether `batch.hashes` is the hash of exactly these keys.
    pub hash_is_routed: bool,
    /// Which of the keys rows are spread over the workers by, as indices; `None`: all of them. Their vnode owns a
    /// group, so that its state goes where its rows go.
    pub spread_by: Option<Vec<usize>>,
    /// The window.
    pub window: Option<WindowPlan>,
    /// TIMESTAMP that the window is taken of; `None` without a window.
    pub time: Option<Expr>,
    /// The aggregates.
    pub aggregates: Vec<AggregateCall>,
    /// When results leave.
    pub emission: Emission,
    /// EMIT .. EVERY of sessions and bars, whose bounds move: of the changes of each between two ticks the last, in
    /// nanoseconds. Of other windows it is [`OperatorPlan::Coalesce`]'s to do.
    pub every_ns: Option<i64>,
    /// What happens to late rows, which [`OperatorPlan::Late`] let through.
    pub late: LatePolicy,
    /// Time past its end that a window stays open.
    pub allowed_ns: i64,
    /// Time past `allowed_ns` that a closed window is kept for corrections.
    pub retention_ns: i64,
    /// How the work is divided.
    pub mode: AggregateMode,
    /// Groups held at most; one more ends the job with an error.
    pub groups_max: u64,
    /// When groups are forgotten; none with a window, whose end ends them, nor with `Final`.
    pub ttl: Option<Box<TtlPlan>>,
}

impl AggregatePlan {
    /// Its expressions over the input, in the order they are evaluated; that of `ttl` is first evaluated with the keys.
    pub fn exprs(&self) -> Vec<&Expr> {
        let measure = self.window.as_ref().and_then(WindowPlan::measure);
        let calls = self.aggregates.iter();
        let calls = calls.flat_map(|call| call.args.iter().chain(&call.filter));
        let ttl = self.ttl.iter().map(|ttl| &ttl.time);
        let keys = self.keys.iter().chain(ttl).chain(&self.time);
        keys.chain(measure).chain(calls).collect()
    }

    /// As [`exprs`](Self::exprs), to be changed.
    pub fn exprs_mut(&mut self) -> Vec<&mut Expr> {
        let measure = self.window.as_mut().and_then(WindowPlan::measure_mut);
        let calls = self.aggregates.iter_mut();
        let calls = calls.flat_map(|call| call.args.iter_mut().chain(&mut call.filter));
        let ttl = self.ttl.iter_mut().map(|ttl| &mut ttl.time);
        let keys = self.keys.iter_mut().chain(ttl).chain(&mut self.time);
        keys.chain(measure).chain(calls).collect()
    }
}

/// Aggregate functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AggregateKind {
    /// COUNT(*): no argument.
    CountRows,
    /// COUNT(x).
    Count,
    /// SUM(x).
    Sum,
    /// AVG(x).
    Avg,
    /// MIN(x).
    Min,
    /// MAX(x).
    Max,
    /// FIRST(x): least event time, ties by source order; without event time by source order.
    First,
    /// LAST(x).
    Last,
    /// VWAP(price, size) = SUM(price * size) / SUM(size), NULL when the sizes sum to 0.
    Vwap,
    /// ARG_MIN(x, by): x of the row with the least `by`, ties by event time, then by source order.
    ArgMin,
    /// ARG_MAX(x, by).
    ArgMax,
    /// BOOL_AND(b).
    BoolAnd,
    /// BOOL_OR(b).
    BoolOr,
    /// DELTA(x) = MAX(x) - MIN(x).
    Delta,
    /// STDDEV_SAMP(x), NULL of fewer than two values.
    StddevSamp,
    /// STDDEV_POP(x).
    StddevPop,
    /// VAR_SAMP(x), NULL of fewer than two values.
    VarSamp,
    /// VAR_POP(x).
    VarPop,
    /// SKEWNESS(x): the sample's, NULL of fewer than three values.
    Skewness,
    /// KURTOSIS(x): the sample's excess, NULL of fewer than four values.
    Kurtosis,
    /// CORR(y, x).
    Corr,
    /// COVAR_SAMP(y, x), NULL of fewer than two pairs.
    CovarSamp,
    /// COVAR_POP(y, x).
    CovarPop,
    /// REGR_SLOPE(y, x).
    RegrSlope,
    /// REGR_INTERCEPT(y, x).
    RegrIntercept,
    /// REGR_R2(y, x).
    RegrR2,
    /// IMBALANCE(bid, ask) = (SUM(bid) - SUM(ask)) / (SUM(bid) + SUM(ask)), NULL when that divides by 0.
    Imbalance,
    /// RATE(ts): rows a second between the first and the last time, NULL when there are not two.
    Rate,
    /// EMA(x, alpha) in source order; alpha is a constant.
    Ema,
    /// TWAP(price, ts): prices weighed by the time until the next row, the last one until the window's end.
    Twap,
    /// REALIZED_VOL(price): root of the sum of squared log returns, NULL of fewer than two prices.
    RealizedVol,
    /// MAX_DRAWDOWN(x): greatest fall from a peak as a share of it.
    MaxDrawdown,
    /// MEDIAN(x).
    Median,
    /// PERCENTILE_CONT(x, p): between two values; p is a constant.
    PercentileCont,
    /// PERCENTILE_DISC(x, p): the least value that a share p of the values does not exceed.
    PercentileDisc,
    /// MODE(x): the value that comes most often, of several the one seen first.
    Mode,
    /// APPROX_PERCENTILE(x, p): within 1 % of a value.
    ApproxPercentile,
    /// APPROX_COUNT_DISTINCT(x): about 1.6 % off.
    ApproxCountDistinct,
    /// STRING_AGG(x, separator) in source order.
    StringAgg,
    /// ARRAY_AGG(x) in source order, NULLs too: its argument is an ARRAY of one element, and it joins them.
    ArrayAgg,
}

impl AggregateKind {
    /// Whether a value that comes again changes nothing, so that DISTINCT says nothing.
    pub fn ignores_repetitions(self) -> bool {
        use AggregateKind as A;
        matches!(
            self,
            A::Min
                | A::Max
                | A::First
                | A::Last
                | A::ArgMin
                | A::ArgMax
                | A::BoolAnd
                | A::BoolOr
                | A::Delta
                | A::ApproxCountDistinct
        )
    }

    /// Whether the result is one of the values of the first argument, or counts them: their type is all the same to it.
    pub fn picks_a_value(self) -> bool {
        use AggregateKind as A;
        matches!(
            self,
            A::CountRows
                | A::Count
                | A::Min
                | A::Max
                | A::First
                | A::Last
                | A::ArgMin
                | A::ArgMax
                | A::Mode
                | A::ApproxCountDistinct
                | A::PercentileDisc
                | A::ArrayAgg
        )
    }

    /// Whether the last argument is a constant.
    pub fn has_parameter(self) -> bool {
        use AggregateKind::{ApproxPercentile, Ema, PercentileCont, PercentileDisc, StringAgg};
        matches!(
            self,
            Ema | PercentileCont | PercentileDisc | ApproxPercentile | StringAgg
        )
    }

    /// Whether a group's state has no fixed size.
    pub fn grows(self) -> bool {
        use AggregateKind as A;
        matches!(
            self,
            A::Median
                | A::PercentileCont
                | A::PercentileDisc
                | A::Mode
                | A::ApproxPercentile
                | A::ApproxCountDistinct
                | A::StringAgg
                | A::ArrayAgg
        )
    }

    /// Whether the answer depends on the order in which rows come, whatever their times.
    pub fn follows_source_order(self) -> bool {
        use AggregateKind::{Ema, MaxDrawdown, RealizedVol, Twap};
        matches!(self, Ema | Twap | RealizedVol | MaxDrawdown)
    }
}

/// One aggregate of a query.
#[derive(Clone, Debug, PartialEq)]
pub struct AggregateCall {
    /// Which function.
    pub kind: AggregateKind,
    /// Its arguments over the operator's input.
    pub args: Vec<Expr>,
    /// FILTER (WHERE ..).
    pub filter: Option<Expr>,
    /// DISTINCT.
    pub distinct: bool,
    /// Result type.
    pub ty: DataType,
}

impl AggregateCall {
    /// Whether states of parts of the input can be combined, however it is divided: what panes of a window need.
    pub fn is_mergeable(&self) -> bool {
        self.is_mergeable_in_order() && !self.kind.follows_source_order()
    }

    /// Whether states of parts that follow each other in source order can be combined: what modes `Partial` and
    /// `Combine` need.
    pub fn is_mergeable_in_order(&self) -> bool {
        (!self.distinct || self.kind.ignores_repetitions()) && !self.kind.grows()
    }
}

/// OVER (PARTITION BY .. ORDER BY ..).
#[derive(Clone, Debug)]
pub struct OverPlan {
    /// Types and names of the input.
    pub input: Schema,
    /// PARTITION BY.
    pub keys: Vec<Expr>,
    /// Whether `batch.hashes` is the hash of exactly these keys.
    pub hash_is_routed: bool,
    /// Whether all rows are on worker 0, whatever their keys.
    pub single: bool,
    /// ORDER BY; a row whose time is before its predecessor's in the partition counts as `out_of_order`.
    pub time: Option<Expr>,
    /// Whether rows come in the order of `time`, all of one time in one batch.
    pub sorted: bool,
    /// The calls, each with its own frame.
    pub calls: Vec<OverCall>,
    /// Partitions held at most.
    pub groups_max: u64,
    /// When partitions are forgotten.
    pub ttl: Option<Box<TtlPlan>>,
}

/// One OVER call.
#[derive(Clone, Debug, PartialEq)]
pub struct OverCall {
    /// Which function.
    pub function: OverFunction,
    /// The rows it looks at; functions of a row's place look at none.
    pub frame: OverFrame,
    /// Arguments over the operator's input.
    pub args: Vec<Expr>,
    /// Result type.
    pub ty: DataType,
}

/// The rows around the current one that a call looks at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum OverFrame {
    /// ROWS BETWEEN `preceding` PRECEDING AND `until` PRECEDING.
    Rows {
        /// Rows before the current one at which the frame begins; `None`: all.
        preceding: Option<u32>,
        /// Rows before the current one at which it ends; 0: CURRENT ROW.
        until: u32,
    },
    /// RANGE BETWEEN `preceding_ns` PRECEDING AND `until_ns` PRECEDING, by the time of ORDER BY.
    Range {
        /// Nanoseconds before the current row's time at which the frame begins; `None`: all.
        preceding_ns: Option<i64>,
        /// Nanoseconds before the current row's time at which it ends; 0: CURRENT ROW and its peers.
        until_ns: i64,
    },
    /// Rows on any side of the current one, of whole partitions only.
    Around(Around),
}

/// A frame of any bounds over the rows of a whole partition in their order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Around {
    /// What its bounds are counted in.
    pub unit: FrameUnit,
    /// Where it begins, from the current row on; below zero before it. `None`: where the partition begins.
    pub from: Option<Distance>,
    /// Where it ends, that included; `None`: where the partition ends.
    pub upto: Option<Distance>,
}

/// What the bounds of a frame are counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameUnit {
    /// ROWS.
    Rows,
    /// GROUPS: rows that are equal in ORDER BY.
    Groups,
    /// RANGE: the value of the one ORDER BY column, in the unit in which it is held.
    Range,
}

/// How far from the current row, in the direction of ORDER BY.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Distance {
    /// Of rows, groups, times and exact numbers.
    Exact(i128),
    /// Of DOUBLE and REAL.
    Double(f64),
}

impl Around {
    /// The whole partition.
    pub const WHOLE: Self = Self {
        unit: FrameUnit::Rows,
        from: None,
        upto: None,
    };
}

impl Distance {
    /// CURRENT ROW.
    pub const NONE: Self = Self::Exact(0);
}

impl OverFrame {
    /// All rows up to the current one.
    pub const RUNNING: Self = Self::Rows {
        preceding: None,
        until: 0,
    };
}

/// Functions of an OVER call.
#[derive(Clone, Debug, PartialEq)]
pub enum OverFunction {
    /// COUNT, SUM, AVG, MIN, MAX, FIRST, LAST, VWAP over the frame, NULLs skipped.
    Aggregate(AggregateKind),
    /// LAG(x, offset, default): the value `offset` rows before in the partition.
    Lag {
        /// Rows back.
        offset: u32,
        /// Value when there is no such row.
        default: crate::types::Value,
    },
    /// ROW_NUMBER(): rows of the partition up to the current one.
    RowNumber,
    /// RANK(): 1 + the rows of the partition before the current one's time.
    Rank,
    /// DENSE_RANK(): the times of the partition up to the current one's.
    DenseRank,
    /// NTH_VALUE(x, n), FIRST_VALUE(x): the value of the frame's n-th row, NULL included.
    Nth(u32),
    /// LAST_VALUE(x): the value of the frame's last row, NULL included.
    LastValue,
    /// PERCENT_RANK(): (rank - 1) / (rows of the partition - 1); of whole partitions only.
    PercentRank,
    /// CUME_DIST(): rows up to the last peer / rows of the partition; of whole partitions only.
    CumeDist,
    /// NTILE(n): which of n parts of nearly equal size, from 1; of whole partitions only.
    Ntile(u32),
    /// LEAD(x, offset, default): the value `offset` rows behind in the partition; of whole partitions, or of [`LeadPlan`].
    Lead {
        /// Rows ahead.
        offset: u32,
        /// Value when there is no such row.
        default: crate::types::Value,
    },
    /// An aggregate of the distinct values of the frame, NULLs skipped.
    Distinct(AggregateKind),
}

/// Keeps rows until the watermark says that none before them can come, and hands them on in the order of time, all
/// of one time in one batch.
#[derive(Clone, Debug)]
pub struct TimeSortPlan {
    /// Types and names of the input.
    pub input: Schema,
    /// TIMESTAMP; a row whose time is below the watermark is late.
    pub time: Expr,
    /// The key that rows lie on the workers by; empty: any worker may have them.
    pub keys: Vec<Expr>,
    /// Time past its own that a row may come.
    pub allowed_ns: i64,
    /// Whether rows come in any order, whatever the watermark says: they are kept until the input ends, and none is late.
    pub at_end: bool,
}

/// EMIT CHANGES EVERY, EMIT FINAL EARLY EVERY: of the changes of a group between two ticks, the last.
#[derive(Clone, Debug)]
pub struct CoalescePlan {
    /// Types and names of the input.
    pub input: Schema,
    /// What makes rows those of one group: the group keys, then the window's bounds.
    pub keys: Vec<Expr>,
    /// How many of the keys, from the first, rows lie on the workers by.
    pub routed: usize,
    /// Distance of two ticks in nanoseconds; ticks are its multiples.
    pub every_ns: i64,
    /// Groups that may wait for a tick.
    pub groups_max: u64,
    /// EMIT FINAL EARLY EVERY: the rows that time fires are final, and pass.
    pub early: Option<EarlyPlan>,
}

/// What final rows take the place of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EarlyPlan {
    /// Whether the last of the keys is a window's end: what is final at a tick is not told early.
    pub windowed: bool,
    /// Time past its end that a window stays open.
    pub allowed_ns: i64,
}

/// Ranks and frames by any ORDER BY: the rows of a partition are kept until it is complete.
#[derive(Clone, Debug)]
pub struct RankedPlan {
    /// Types and names of the input.
    pub input: Schema,
    /// PARTITION BY.
    pub keys: Vec<Expr>,
    /// Whether all rows are on worker 0, whatever their keys.
    pub single: bool,
    /// ORDER BY; rows that are equal in it come in source order.
    pub order: Vec<SortKey>,
    /// ROW_NUMBER, RANK, DENSE_RANK, PERCENT_RANK, CUME_DIST, NTILE, LAG, LEAD, and what is of [`Around`] frames.
    pub calls: Vec<OverCall>,
    /// Whether partitions are complete at the end of the input; else when the watermark passes the rows' firing.
    pub at_end: bool,
    /// Rows of each partition that are wanted, the best by ROW_NUMBER; `None`: all.
    pub limit: Option<u64>,
}

/// ORDER BY with an optional LIMIT.
#[derive(Clone, Debug)]
pub struct SortPlan {
    /// Types and names of the input.
    pub input: Schema,
    /// Most significant first.
    pub keys: Vec<SortKey>,
    /// Rows kept: of all, or of those that are sorted together.
    pub limit: Option<u64>,
    /// Rows in front of those, which are passed over.
    pub offset: u64,
    /// Whether all rows are sorted together, at the end of the input; else those that windows of one end fired, each
    /// end by itself.
    pub at_end: bool,
}

/// One ORDER BY item. NaN sorts after every number.
#[derive(Clone, Debug, PartialEq)]
pub struct SortKey {
    /// What is compared.
    pub expr: Expr,
    /// DESC.
    pub descending: bool,
    /// NULLS FIRST.
    pub nulls_first: bool,
}

/// UNNEST: a row for each element of arrays, side by side, NULL where one is shorter.
///
/// Output columns: those of the input; an element of each array; its number from 1, BIGINT, if that is asked for.
#[derive(Clone, Debug)]
pub struct UnnestPlan {
    /// ARRAYs over the input, of at most `limits::UNNEST_ELEMENTS_MAX` elements.
    pub arrays: Vec<Expr>,
    /// WITH ORDINALITY.
    pub ordinality: bool,
    /// LEFT JOIN: a row whose arrays are all empty or NULL stays, with NULLs; else there is none.
    pub outer: bool,
}

impl UnnestPlan {
    /// The types of the elements.
    pub fn elements(&self) -> Vec<DataType> {
        let element = |array: &Expr| match array.ty() {
            DataType::Array(element) => *element,
            other => panic!("the binder admits no {other}"),
        };
        self.arrays.iter().map(element).collect()
    }

    /// The types of the columns that are added.
    pub fn types(&self) -> Vec<DataType> {
        let mut types = self.elements();
        types.extend(self.ordinality.then_some(DataType::BigInt));
        types
    }
}
