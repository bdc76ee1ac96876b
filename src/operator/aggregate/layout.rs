//! What of an [`AggregatePlan`] is held for each group, fixed at construction.
//!
//! Calls over the same arguments, filter and DISTINCT share a *lane*: the rows that reach them (filter TRUE,
//! no argument NULL, first of their value when DISTINCT). A lane has *slots*, the primitive accumulators, each
//! once: slot 0 counts the lane's rows, so AVG, SUM and COUNT of one column are two slots. A slot's state is one
//! or two columns indexed by group, which is also its form in snapshots and between `Partial` and `Combine`:
//!
//! ```text
//! Count        BIGINT
//! Sum, Product DECIMAL(38,0) for exact arguments (i128; i128::MIN once it has overflowed), DOUBLE for DOUBLE
//! Min, Max     the argument's type; VARCHAR: and a BOOLEAN, whether there is a value
//! First, Last  the argument's type and its event time
//! Arg..        both arguments' types, the event time and a BOOLEAN, whether there is a value
//! Values .. Joined  VARCHAR: the bytes of a state that is kept elsewhere (`held`)
//! the others   cells: BIGINTs, then DOUBLEs (`moments`, `trading`)
//! ```

use crate::plan::{AggregateCall, AggregateKind, AggregatePlan, Expr};
use crate::types::{DataType, Physical, Value};

/// A primitive accumulator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SlotKind {
    Count,
    Sum,
    Product,
    Min,
    Max,
    First,
    Last,
    ArgMin,
    ArgMax,
    Variance,
    Moments,
    Joint,
    Ema,
    Twap,
    Volatility,
    Drawdown,
    /// All values, for percentiles.
    Values,
    Mode,
    /// Distinct values, about.
    Counter,
    /// Percentiles, about.
    Sketch,
    /// Joined texts.
    Joined,
}

impl SlotKind {
    /// Whether its states are kept beside the columns (`held`).
    pub fn is_held(self) -> bool {
        use SlotKind::{Counter, Joined, Mode, Sketch, Values};
        matches!(self, Values | Mode | Counter | Sketch | Joined)
    }

    /// Whether the state of no rows is zero in every column.
    pub fn is_made_of_cells(self) -> bool {
        use SlotKind::{Count, First, Last, Max, Min, Product, Sum};
        !matches!(self, Count | Sum | Product | Min | Max | First | Last)
    }
}

/// The constant argument of a slot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::operator) enum Parameter {
    #[default]
    None,
    /// The bits of a DOUBLE.
    Number(u64),
    Text(String),
}

/// A percentile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::operator) struct Fraction {
    bits: u64,
    /// A value of the group's, not one between two.
    discrete: bool,
}

impl Fraction {
    fn new(number: f64, discrete: bool) -> Self {
        Self {
            bits: number.to_bits(),
            discrete,
        }
    }

    /// From 0 to 1.
    pub fn number(&self) -> f64 {
        f64::from_bits(self.bits)
    }

    /// Which of `count` sorted values it is, and how far on the way to the next.
    pub fn rank(&self, count: usize) -> (usize, f64) {
        let count = count as f64;
        if self.discrete {
            // The least rank that at least this share of the values does not exceed.
            let rank = count - (count - count * self.number()).floor();
            return (rank.max(1.0) as usize - 1, 0.0);
        }
        let rank = (count - 1.0) * self.number();
        (rank as usize, rank.fract())
    }
}

impl Parameter {
    /// That of a call with these arguments.
    pub fn of_call(kind: AggregateKind, args: &[Expr]) -> Self {
        let last = args.last().filter(|_| kind.has_parameter());
        last.map(Self::of).unwrap_or_default()
    }

    fn of(expr: &Expr) -> Self {
        match expr {
            Expr::Literal {
                value: Value::F64(number),
                ..
            } => Self::Number(number.to_bits()),
            Expr::Literal {
                value: Value::Text(text),
                ..
            } => Self::Text(text.clone()),
            other => panic!("the binder makes parameters constants, not {other:?}"),
        }
    }

    /// The DOUBLE that it is.
    pub fn number(&self) -> f64 {
        match self {
            Self::Number(bits) => f64::from_bits(*bits),
            other => panic!("the binder gives the call a number, not {other:?}"),
        }
    }

    /// The text that it is; nothing between the parts where the call has none.
    pub fn text(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::None => "",
            other @ Self::Number(_) => panic!("the binder gives the call a text, not {other:?}"),
        }
    }
}

/// One slot of a lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SlotPlan {
    pub kind: SlotKind,
    /// Which of the lane's arguments it reads; a product reads the next one too.
    pub arg: usize,
    /// The argument's type.
    pub ty: DataType,
    /// Type of the lane's argument behind it, if there is one.
    pub second: Option<DataType>,
    pub parameter: Parameter,
    /// Percentiles that are asked of it, each a result column.
    pub fractions: Vec<Fraction>,
}

impl SlotPlan {
    /// Types of the columns that hold its state.
    pub fn state_types(&self) -> Vec<DataType> {
        match self.kind {
            SlotKind::Count => vec![DataType::BigInt],
            SlotKind::Sum | SlotKind::Product if self.ty == DataType::Double => {
                vec![DataType::Double]
            }
            SlotKind::Sum | SlotKind::Product => vec![DataType::decimal(38, 0)],
            SlotKind::Min | SlotKind::Max if self.ty.physical() == Physical::Text => {
                vec![self.ty, DataType::Boolean]
            }
            SlotKind::Min | SlotKind::Max => vec![self.ty],
            SlotKind::First | SlotKind::Last => vec![self.ty, DataType::Timestamp],
            SlotKind::ArgMin | SlotKind::ArgMax => vec![
                self.ty,
                self.second.expect("the signature has two arguments"),
                DataType::Timestamp,
                DataType::Boolean,
            ],
            SlotKind::Variance => cells(1, 2),
            SlotKind::Moments => cells(1, 4),
            SlotKind::Joint => cells(1, 5),
            SlotKind::Twap => cells(4, 2),
            SlotKind::Ema | SlotKind::Volatility | SlotKind::Drawdown => cells(1, 3),
            _ => vec![DataType::Varchar],
        }
    }

    /// Types of the columns of a slot: those of its state, of its results where the state is held elsewhere.
    pub fn column_types(&self) -> Vec<DataType> {
        match self.kind {
            SlotKind::Values | SlotKind::Sketch => vec![self.ty; self.fractions.len()],
            SlotKind::Mode | SlotKind::Joined => vec![self.ty],
            SlotKind::Counter => vec![DataType::BigInt],
            _ => self.state_types(),
        }
    }

    /// How many of the state columns results are made of.
    pub fn results(&self) -> usize {
        match self.kind {
            SlotKind::ArgMin | SlotKind::ArgMax => 1,
            kind if kind.is_made_of_cells() => self.column_types().len(),
            _ => 1,
        }
    }
}

/// Columns of `ints` integers and `floats` doubles.
fn cells(ints: usize, floats: usize) -> Vec<DataType> {
    let mut types = vec![DataType::BigInt; ints];
    types.resize(ints + floats, DataType::Double);
    types
}

/// Rows that a set of calls sees, and what is kept of them.
#[derive(Clone, Debug)]
pub(super) struct LanePlan {
    /// Indices in [`Layout::args`].
    pub args: Vec<usize>,
    /// Index in [`Layout::filters`].
    pub filter: Option<usize>,
    pub distinct: bool,
    /// Slot 0 is the count.
    pub slots: Vec<SlotPlan>,
    /// Types of the arguments.
    pub types: Vec<DataType>,
    /// The lane of all rows, where this one has the same as long as no argument is NULL.
    pub all_rows: Option<usize>,
}

/// How a call's result is made of a lane's slots.
#[derive(Clone, Debug)]
pub(super) struct CallPlan {
    pub kind: AggregateKind,
    pub lane: usize,
    /// The slot that the result is made of.
    pub slot: usize,
    /// The other slot of results made of two: VWAP's sizes, DELTA's maximum.
    pub weights: usize,
    /// Which of the slot's result columns it is.
    pub column: usize,
    /// Type of the (first) argument.
    pub input: DataType,
    /// Type of the result.
    pub ty: DataType,
}

/// An argument, evaluated for the rows that pass its filter.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ArgPlan {
    pub expr: Expr,
    pub filter: Option<usize>,
}

/// The lanes and calls of a plan.
#[derive(Clone, Debug, Default)]
pub(super) struct Layout {
    pub lanes: Vec<LanePlan>,
    pub calls: Vec<CallPlan>,
    pub args: Vec<ArgPlan>,
    pub filters: Vec<Expr>,
}

impl Layout {
    pub fn new(plan: &AggregatePlan) -> Self {
        let mut layout = Self::default();
        for call in &plan.aggregates {
            let call = layout.call(call);
            layout.calls.push(call);
        }
        let unfiltered = |lane: &LanePlan| lane.filter.is_none() && !lane.distinct;
        let all_rows = |lane: &LanePlan| unfiltered(lane) && lane.args.is_empty();
        let all_rows = layout.lanes.iter().position(all_rows);
        for lane in &mut layout.lanes {
            if unfiltered(lane) && !lane.args.is_empty() {
                lane.all_rows = all_rows;
            }
        }
        layout
    }

    /// Types of all state columns, lane by lane, slot by slot.
    pub fn state_types(&self) -> Vec<DataType> {
        let slots = self.lanes.iter().flat_map(|lane| &lane.slots);
        slots.flat_map(SlotPlan::state_types).collect()
    }

    fn call(&mut self, call: &AggregateCall) -> CallPlan {
        use AggregateKind::Vwap;
        let filter = call
            .filter
            .as_ref()
            .map(|filter| position_or_push(&mut self.filters, filter.clone()));
        let mut exprs = call.args.clone();
        if call.kind == Vwap && exprs.iter().any(|expr| expr.ty() == DataType::Double) {
            exprs = exprs.into_iter().map(to_double).collect();
        }
        let parameter = Parameter::of_call(call.kind, &exprs);
        if call.kind.has_parameter() {
            exprs.pop();
        }
        let types: Vec<DataType> = exprs.iter().map(Expr::ty).collect();
        let args = exprs
            .into_iter()
            .map(|expr| position_or_push(&mut self.args, ArgPlan { expr, filter }))
            .collect();
        let distinct = call.distinct && !call.kind.ignores_repetitions();
        let lane = self.lane(args, filter, distinct, &types);
        let fraction = fraction_of(call.kind, &parameter);
        let (slot, weights) = match fraction {
            Some(_) => (self.quantile_slot(call.kind, lane, &types), 0),
            None => self.slots_of(call.kind, lane, &types, &parameter),
        };
        let column = fraction.map_or(0, |fraction| {
            position_or_push(&mut self.lanes[lane].slots[slot].fractions, fraction)
        });
        CallPlan {
            kind: call.kind,
            lane,
            slot,
            weights,
            column,
            input: types.first().copied().unwrap_or(DataType::BigInt),
            ty: call.ty,
        }
    }

    fn lane(
        &mut self,
        args: Vec<usize>,
        filter: Option<usize>,
        distinct: bool,
        types: &[DataType],
    ) -> usize {
        let known = self.lanes.iter().position(|lane| {
            lane.args == args && lane.filter == filter && lane.distinct == distinct
        });
        known.unwrap_or_else(|| {
            self.lanes.push(LanePlan {
                args,
                filter,
                distinct,
                slots: vec![SlotPlan {
                    kind: SlotKind::Count,
                    arg: 0,
                    ty: DataType::BigInt,
                    second: None,
                    parameter: Parameter::None,
                    fractions: Vec::new(),
                }],
                types: types.to_vec(),
                all_rows: None,
            });
            self.lanes.len() - 1
        })
    }

    /// The slot of a lane that percentiles of its argument are asked of.
    fn quantile_slot(&mut self, kind: AggregateKind, lane: usize, types: &[DataType]) -> usize {
        let kind = match kind {
            AggregateKind::ApproxPercentile => SlotKind::Sketch,
            _ => SlotKind::Values,
        };
        let slots = &mut self.lanes[lane].slots;
        let known = slots.iter().position(|slot| slot.kind == kind);
        known.unwrap_or_else(|| {
            slots.push(SlotPlan {
                kind,
                arg: 0,
                ty: types[0],
                second: None,
                parameter: Parameter::None,
                fractions: Vec::new(),
            });
            slots.len() - 1
        })
    }

    fn slots_of(
        &mut self,
        kind: AggregateKind,
        lane: usize,
        types: &[DataType],
        parameter: &Parameter,
    ) -> (usize, usize) {
        use AggregateKind as A;
        let slots = &mut self.lanes[lane].slots;
        let mut slot = |kind, arg: usize| {
            position_or_push(
                slots,
                SlotPlan {
                    kind,
                    arg,
                    ty: types[arg],
                    second: types.get(arg + 1).copied(),
                    parameter: parameter.clone(),
                    fractions: Vec::new(),
                },
            )
        };
        match kind {
            A::CountRows | A::Count => (0, 0),
            A::Sum | A::Avg => (slot(SlotKind::Sum, 0), 0),
            A::Min | A::BoolAnd => (slot(SlotKind::Min, 0), 0),
            A::Max | A::BoolOr => (slot(SlotKind::Max, 0), 0),
            A::First => (slot(SlotKind::First, 0), 0),
            A::Last => (slot(SlotKind::Last, 0), 0),
            A::Vwap => (slot(SlotKind::Product, 0), slot(SlotKind::Sum, 1)),
            A::ArgMin => (slot(SlotKind::ArgMin, 0), 0),
            A::ArgMax => (slot(SlotKind::ArgMax, 0), 0),
            A::Delta | A::Rate => (slot(SlotKind::Min, 0), slot(SlotKind::Max, 0)),
            A::StddevSamp | A::StddevPop | A::VarSamp | A::VarPop => {
                (slot(SlotKind::Variance, 0), 0)
            }
            A::Skewness | A::Kurtosis => (slot(SlotKind::Moments, 0), 0),
            A::Corr | A::CovarSamp | A::CovarPop | A::RegrSlope | A::RegrIntercept | A::RegrR2 => {
                (slot(SlotKind::Joint, 0), 0)
            }
            A::Imbalance => (slot(SlotKind::Sum, 0), slot(SlotKind::Sum, 1)),
            A::Ema => (slot(SlotKind::Ema, 0), 0),
            A::Twap => (slot(SlotKind::Twap, 0), 0),
            A::RealizedVol => (slot(SlotKind::Volatility, 0), 0),
            A::MaxDrawdown => (slot(SlotKind::Drawdown, 0), 0),
            A::Mode => (slot(SlotKind::Mode, 0), 0),
            A::ApproxCountDistinct => (slot(SlotKind::Counter, 0), 0),
            A::StringAgg | A::ArrayAgg => (slot(SlotKind::Joined, 0), 0),
            A::Median | A::PercentileCont | A::PercentileDisc | A::ApproxPercentile => {
                unreachable!("a percentile has a slot of its own")
            }
        }
    }
}

/// The percentile that a call asks for, whose constant argument is `parameter`.
pub(in crate::operator) fn fraction_of(
    kind: AggregateKind,
    parameter: &Parameter,
) -> Option<Fraction> {
    use AggregateKind as A;
    match kind {
        A::Median => Some(Fraction::new(0.5, false)),
        A::PercentileCont | A::ApproxPercentile => Some(Fraction::new(parameter.number(), false)),
        A::PercentileDisc => Some(Fraction::new(parameter.number(), true)),
        _ => None,
    }
}

fn position_or_push<T: PartialEq>(items: &mut Vec<T>, item: T) -> usize {
    items
        .iter()
        .position(|known| *known == item)
        .unwrap_or_else(|| {
            items.push(item);
            items.len() - 1
        })
}

fn to_double(expr: Expr) -> Expr {
    if expr.ty() == DataType::Double {
        return expr;
    }
    Expr::Cast {
        input: Box::new(expr),
        ty: DataType::Double,
        lenient: false,
    }
}
