//! Aggregates that share no component: one answer whether or not their state is moved between batches.
//!
//! Which answer is right the random queries ask of the oracle.

use super::tests::{TYPES, move_state, plan, random_row, same};
use super::*;
use crate::operator::inputs::testing::{Collect, Counts, Random, column, keyed};
use crate::plan::{AggregateKind, Expr, OverCall, OverFrame, OverFunction};
use crate::types::Value;

fn literal(value: Value, ty: DataType) -> Expr {
    Expr::Literal { value, ty }
}

fn calls_of(frame: OverFrame) -> Vec<OverCall> {
    use AggregateKind as K;
    let double = DataType::Double;
    let columns =
        |args: &[usize]| -> Vec<Expr> { args.iter().map(|&arg| column(arg, TYPES[arg])).collect() };
    let with = |arg: usize, constant: Expr| vec![column(arg, TYPES[arg]), constant];
    let share = || literal(Value::F64(0.3), DataType::Double);
    let comma = literal(Value::Text(", ".into()), DataType::Varchar);
    let calls = vec![
        (K::VarPop, columns(&[5]), double),
        (K::StddevSamp, columns(&[5]), double),
        (K::Skewness, columns(&[5]), double),
        (K::Kurtosis, columns(&[5]), double),
        (K::Corr, columns(&[5, 5]), double),
        (K::RegrSlope, columns(&[5, 5]), double),
        (K::Ema, with(5, share()), double),
        (K::Twap, columns(&[5, 1]), double),
        (K::RealizedVol, columns(&[5]), double),
        (K::MaxDrawdown, columns(&[5]), double),
        (K::Rate, columns(&[1]), double),
        (K::Imbalance, columns(&[5, 5]), double),
        (K::Imbalance, columns(&[2, 2]), double),
        (K::Delta, columns(&[1]), DataType::Interval),
        (K::Delta, columns(&[4]), DataType::decimal(38, 2)),
        (K::Delta, columns(&[5]), double),
        (K::BoolAnd, columns(&[7]), DataType::Boolean),
        (K::ArgMin, columns(&[6, 5]), DataType::Varchar),
        (K::ArgMax, columns(&[2, 6]), DataType::BigInt),
        (K::Median, columns(&[5]), double),
        (K::PercentileCont, with(5, share()), double),
        (K::PercentileDisc, with(4, share()), TYPES[4]),
        (K::Mode, columns(&[6]), DataType::Varchar),
        (K::Mode, columns(&[5]), double),
        (K::ApproxCountDistinct, columns(&[6]), DataType::BigInt),
        (K::ApproxPercentile, with(5, share()), double),
        (K::StringAgg, with(6, comma), DataType::Varchar),
    ];
    let call = |function, args, ty| OverCall {
        function,
        frame,
        args,
        ty,
    };
    let plain = calls.into_iter();
    let plain = plain.map(|(kind, args, ty)| call(OverFunction::Aggregate(kind), args, ty));
    let distinct = distinct_calls().into_iter();
    let distinct = distinct.map(|(kind, args, ty)| call(OverFunction::Distinct(kind), args, ty));
    plain.chain(distinct).collect()
}

/// Calls with DISTINCT.
fn distinct_calls() -> Vec<(AggregateKind, Vec<Expr>, DataType)> {
    use AggregateKind as K;
    let double = DataType::Double;
    let of = |arg: usize| vec![column(arg, TYPES[arg])];
    vec![
        (K::Count, of(6), DataType::BigInt),
        (K::Count, of(5), DataType::BigInt),
        (K::Sum, of(3), DataType::decimal(38, 2)),
        (K::Avg, of(3), DataType::decimal(38, 6)),
        (K::Sum, of(5), double),
        (K::Avg, of(5), double),
        (K::VarPop, of(5), double),
        (K::Kurtosis, of(5), double),
        (K::Median, of(5), double),
        (
            K::StringAgg,
            vec![
                column(6, TYPES[6]),
                literal(Value::Text("+".into()), DataType::Varchar),
            ],
            DataType::Varchar,
        ),
    ]
}

fn run(plan: &OverPlan, rows: &[Vec<Value>], moves: bool) -> Vec<Vec<Value>> {
    let mut over = Over::new(plan, 9).expect("every call is built");
    let (mut counts, mut failure) = (Counts::default(), None);
    let mut sink = Collect::default();
    // Other batches where the state is moved.
    for (at, rows_of_batch) in rows.chunks(if moves { 23 } else { 64 }).enumerate() {
        let first = at * if moves { 23 } else { 64 };
        let mut batch = keyed(&TYPES, rows_of_batch, first as u64);
        let mut context = Context {
            ledger: &mut counts,
            failure: &mut failure,
        };
        over.process(&mut batch, &mut context, &mut sink);
        if moves {
            move_state(&mut over, plan);
        }
    }
    assert_eq!(failure, None);
    sink.rows.into_iter().map(|(_, _, row)| row).collect()
}

#[test]
fn a_moved_state_goes_on_with_the_same_bytes() {
    let rows = |preceding, until| OverFrame::Rows { preceding, until };
    let range = |preceding_ns, until_ns| OverFrame::Range {
        preceding_ns,
        until_ns,
    };
    let frames = [
        rows(None, 0),
        rows(Some(0), 0),
        rows(Some(9), 0),
        rows(Some(20), 4),
        range(Some(9), 2),
    ];
    let plan = plan(true, frames.into_iter().flat_map(calls_of).collect());
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut time = 0;
    let row = |_| {
        let mut row = random_row(&mut random, &mut time);
        if let Value::I128(wide) = &mut row[4] {
            // Differences stay within 38 digits.
            *wide /= 4;
        }
        row
    };
    let all: Vec<_> = (0..300).map(row).collect();
    let (still, moved) = (run(&plan, &all, false), run(&plan, &all, true));
    assert_eq!(still.len(), moved.len());
    assert!(still.len() > 200, "most rows have results");
    for (row, (a, b)) in still.iter().zip(&moved).enumerate() {
        for (at, (a, b)) in a.iter().zip(b).enumerate() {
            let call = at.checked_sub(TYPES.len()).map(|at| &plan.calls[at]);
            assert!(same(a, b), "row {row} {call:?}: {a:?}, not {b:?}");
        }
    }
}
