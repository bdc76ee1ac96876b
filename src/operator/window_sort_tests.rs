//! The sort of each window against a naive twin.

use super::*;
use crate::batch::RowOrder;
use crate::operator::inputs::testing::{Collect, Counts, Random, column, keyed};
use crate::plan::SortKey;
use crate::types::{Field, Schema, Value};

const TYPES: [DataType; 3] = [DataType::BigInt, DataType::Varchar, DataType::BigInt];

fn plan(limit: Option<u64>, offset: u64) -> SortPlan {
    let field = |ty| Field {
        name: "c".into(),
        ty,
        nullable: true,
    };
    let key = |index, descending| SortKey {
        expr: column(index, TYPES[index]),
        descending,
        nulls_first: false,
    };
    SortPlan {
        input: Schema {
            fields: TYPES.into_iter().map(field).collect(),
        },
        keys: vec![key(0, true), key(1, false)],
        limit,
        offset,
        at_end: false,
    }
}

/// Rows of some windows, as fired; the last column numbers them.
fn random_rows(random: &mut Random, windows: i64) -> Vec<(OrderKey, Vec<Value>)> {
    let mut rows = Vec::new();
    for window in 1..=windows {
        // Now and then more than a selection takes.
        let count = match random.below(8) {
            0 => 2 * MORSEL_ROWS_MAX as u64 + random.below(5000),
            _ => random.below(30),
        };
        for row in 0..count {
            let text = ["", "a", "a text longer than the inline"][random.below(3) as usize];
            let number = match random.below(5) {
                0 => Value::Null,
                n => Value::I64(n as i64),
            };
            let key = OrderKey::fired(10 * window, row, 0);
            let values = vec![
                number,
                Value::Text(text.into()),
                Value::I64(rows.len() as i64),
            ];
            rows.push((key, values));
        }
    }
    rows
}

/// Whole windows, sorted one by one.
fn naive(rows: &[(OrderKey, Vec<Value>)], plan: &SortPlan) -> Vec<(OrderKey, Vec<Value>)> {
    let mut out = Vec::new();
    let mut times: Vec<i64> = rows.iter().map(|row| row.0.time).collect();
    times.dedup();
    for time in times {
        let mut window: Vec<_> = rows.iter().filter(|row| row.0.time == time).collect();
        window.sort_by_key(|(_, values)| {
            let number = match values[0] {
                Value::I64(number) => -number,
                _ => i64::MAX,
            };
            let Value::Text(text) = &values[1] else {
                panic!("a text");
            };
            (number, text.as_bytes().to_vec())
        });
        window.drain(..window.len().min(plan.offset as usize));
        window.truncate(plan.limit.unwrap_or(u64::MAX) as usize);
        let numbered = (out.len() as u64..).zip(window);
        out.extend(numbered.map(|(number, row)| (OrderKey::sorted(time, number), row.1.clone())));
    }
    out
}

fn advance(sort: &mut WindowSort, frontier: OrderKey, sink: &mut Collect) {
    let (mut counts, mut failure) = (Counts::default(), None);
    let mut context = Context {
        ledger: &mut counts,
        failure: &mut failure,
    };
    let start = sink.rows.len();
    while sort.advance(frontier, &mut context, sink) == Advance::More {}
    assert!(sink.rows[start..].iter().all(|row| row.0 < frontier));
    assert!(failure.is_none());
}

fn restored(sort: &mut WindowSort, plan: &SortPlan) -> WindowSort {
    let mut archive = Vec::new();
    for vnode in 0..crate::limits::VNODES as u16 {
        sort.snapshot(Vnode(vnode), &mut archive, usize::MAX);
    }
    let mut other = WindowSort::new(plan);
    if !archive.is_empty() {
        other.restore(&archive).expect("its own archive");
        assert!(other.restore(&archive).is_err(), "twice");
        let at = archive.len() / 2;
        archive[at] ^= 1;
        assert!(WindowSort::new(plan).restore(&archive).is_err(), "torn");
    }
    assert_eq!(other.state_size(), sort.state_size());
    other
}

#[test]
fn each_window_is_sorted_by_itself_however_it_comes() {
    for seed in 1..60 {
        let mut random = Random(seed);
        let limit = [None, Some(0), Some(1), Some(3), Some(100)][random.below(5) as usize];
        let offset = [0, 0, 1, 50, u64::MAX][random.below(5) as usize];
        let plan = plan(limit, offset);
        let windows = 1 + random.below(6) as i64;
        let rows = random_rows(&mut random, windows);
        let (mut sort, mut sink) = (WindowSort::new(&plan), Collect::default());
        let mut from = 0;
        while from < rows.len() {
            let upto = rows.len().min(from + 1 + random.below(2000) as usize);
            let part = &rows[from..upto];
            let values: Vec<_> = part.iter().map(|row| row.1.clone()).collect();
            let mut batch = keyed(&TYPES, &values, 0);
            batch.order = RowOrder::Keys(part.iter().map(|row| row.0).collect());
            let (mut counts, mut failure) = (Counts::default(), None);
            let mut context = Context {
                ledger: &mut counts,
                failure: &mut failure,
            };
            sort.process(&mut batch, &mut context, &mut Collect::default());
            assert!(failure.is_none());
            from = upto;
            if let (Some(next), true) = (rows.get(upto), random.below(2) == 0) {
                advance(&mut sort, next.0, &mut sink);
                let last = sink.rows.last().map(|row| row.0.time);
                assert!(
                    last.is_none_or(|time| time < next.0.time),
                    "a whole firing only"
                );
            }
            if random.below(3) == 0 {
                sort = restored(&mut sort, &plan);
            }
        }
        advance(&mut sort, OrderKey::MAX, &mut sink);
        assert_eq!(sort.state_size().0, 0);
        let found: Vec<_> = sink.rows.into_iter().map(|row| (row.0, row.2)).collect();
        assert!(found == naive(&rows, &plan), "seed {seed}");
    }
}

#[test]
fn a_limit_bounds_what_is_kept() {
    let mut sort = WindowSort::new(&plan(Some(2), 0));
    for part in 0..50 {
        let values: Vec<_> = (0..1000)
            .map(|row| vec![Value::I64(row), Value::Text("a".into()), Value::I64(row)])
            .collect();
        let mut batch = keyed(&TYPES, &values, 0);
        let keys = (0..1000).map(|row| OrderKey::fired(7, part * 1000 + row, 0));
        batch.order = RowOrder::Keys(keys.collect());
        let (mut counts, mut failure) = (Counts::default(), None);
        let mut context = Context {
            ledger: &mut counts,
            failure: &mut failure,
        };
        sort.process(&mut batch, &mut context, &mut Collect::default());
        assert!(sort.state_size().0 < 2 * 2 + MORSEL_ROWS_MAX as u64 + 1000);
    }
}
