//! The sort operator against a naive twin.

use super::*;
use crate::operator::inputs::testing::{Collect, Counts, Random, column, keyed};
use crate::plan::SortKey;
use crate::types::{Field, Schema, Value};

const TYPES: [DataType; 4] = [
    DataType::BigInt,
    DataType::Double,
    DataType::Varchar,
    DataType::BigInt,
];

fn plan((limit, offset): (Option<u64>, u64), descending: bool, nulls_first: bool) -> SortPlan {
    let field = |ty| Field {
        name: "c".into(),
        ty,
        nullable: true,
    };
    let key = |index, descending| SortKey {
        expr: column(index, TYPES[index]),
        descending,
        nulls_first,
    };
    SortPlan {
        input: Schema {
            fields: TYPES.into_iter().map(field).collect(),
        },
        keys: vec![key(0, descending), key(1, !descending), key(2, false)],
        limit,
        offset,
        at_end: true,
    }
}

fn random_row(random: &mut Random, number: u64) -> Vec<Value> {
    let double = match random.below(6) {
        0 => f64::NAN,
        1 => -0.0,
        n => n as f64 / 4.0,
    };
    let text = ["", "a", "ab", "a text longer than the inline"][random.below(4) as usize];
    let mut row = vec![
        Value::I64(random.below(4) as i64 - 2),
        Value::F64(double),
        Value::Text(text.into()),
        Value::I64(number as i64),
    ];
    if random.below(5) == 0 {
        row[random.below(3) as usize] = Value::Null;
    }
    row
}

/// A stable sort of whole rows by one comparison written out for values.
fn naive(mut rows: Vec<Vec<Value>>, plan: &SortPlan) -> Vec<Vec<Value>> {
    let rank = |value: &Value| match value {
        Value::Null => 2,
        Value::F64(number) if number.is_nan() => 1,
        _ => 0,
    };
    rows.sort_by(|a, b| {
        for (at, key) in plan.keys.iter().enumerate() {
            let null = |row: &Vec<Value>| row[at] == Value::Null;
            let order = if null(a) || null(b) {
                let order = null(a).cmp(&null(b));
                if key.nulls_first {
                    order.reverse()
                } else {
                    order
                }
            } else {
                let order = match (&a[at], &b[at]) {
                    (Value::I64(a), Value::I64(b)) => a.cmp(b),
                    (Value::Text(a), Value::Text(b)) => a.as_bytes().cmp(b.as_bytes()),
                    (Value::F64(x), Value::F64(y)) => rank(&a[at])
                        .cmp(&rank(&b[at]))
                        .then(x.partial_cmp(y).unwrap_or(Ordering::Equal)),
                    other => panic!("{other:?}"),
                };
                if key.descending {
                    order.reverse()
                } else {
                    order
                }
            };
            if order != Ordering::Equal {
                return order;
            }
        }
        Ordering::Equal
    });
    rows.drain(..rows.len().min(plan.offset as usize));
    if let Some(limit) = plan.limit {
        rows.truncate(limit as usize);
    }
    rows
}

fn drain(sort: &mut Sort, sink: &mut Collect) {
    let (mut counts, mut failure) = (Counts::default(), None);
    let mut context = Context {
        ledger: &mut counts,
        failure: &mut failure,
    };
    let early = OrderKey::record(5, 5);
    assert_eq!(sort.advance(early, &mut context, sink), Advance::Done);
    loop {
        let before = sink.rows.len();
        let step = sort.advance(OrderKey::MAX, &mut context, sink);
        assert!(sink.rows.len() - before <= FIRE_ROWS_MAX);
        if step == Advance::Done {
            break;
        }
        // Between two calls the rest may move elsewhere.
        let mut archive = Vec::new();
        sort.snapshot(Vnode(0), &mut archive, usize::MAX);
        let offset = sort.offset as u64;
        let limit = sort.limit.map(|limit| limit as u64 - offset);
        let fresh = plan((limit, offset), false, false);
        let directions = sort.directions.clone();
        *sort = Sort::new(&fresh);
        sort.directions = directions;
        sort.restore(&archive).expect("own archive");
    }
}

#[test]
fn sorts_like_the_naive_twin() {
    for seed in 1..=24_u64 {
        let mut random = Random(seed * 0x9e37_79b9);
        let limit = [None, Some(0), Some(1), Some(700)][seed as usize % 4];
        let offset = [0, 2, 4_500, u64::MAX][random.below(4) as usize];
        let plan = plan((limit, offset), seed % 3 == 0, seed % 2 == 0);
        let total = [0, 3, 9_000][random.below(3) as usize];
        let rows: Vec<_> = (0..total).map(|n| random_row(&mut random, n)).collect();
        let mut sort = Sort::new(&plan);
        let (mut counts, mut failure) = (Counts::default(), None);
        let mut sink = Collect::default();
        let mut at = 0;
        while at < rows.len() {
            let end = rows.len().min(at + 1 + random.below(2_500) as usize);
            let mut batch = keyed(&TYPES, &rows[at..end], at as u64);
            let mut context = Context {
                ledger: &mut counts,
                failure: &mut failure,
            };
            sort.process(&mut batch, &mut context, &mut sink);
            at = end;
            if random.below(3) == 0 {
                let mut archive = Vec::new();
                sort.snapshot(Vnode(0), &mut archive, usize::MAX);
                sort = Sort::new(&plan);
                if !archive.is_empty() {
                    sort.restore(&archive).expect("own archive");
                }
            }
        }
        if let Some(limit) = limit {
            assert!(
                sort.rows < Sort::prune_at(rows_of(limit.saturating_add(offset))),
                "memory is bounded"
            );
        }
        drain(&mut sort, &mut sink);
        let expected = naive(rows, &plan);
        assert_eq!(sink.rows.len(), expected.len(), "seed {seed}");
        for (rank, (row, expected)) in sink.rows.iter().zip(&expected).enumerate() {
            assert_eq!(row.0, OrderKey::fired(i64::MAX, rank as u64, 0));
            // The number tells the row apart; NaN does not equal itself.
            assert_eq!(row.2[3], expected[3], "seed {seed} rank {rank}");
        }
    }
}

#[test]
fn corrupt_archives_are_refused() {
    let plan = plan((None, 0), false, false);
    let mut sort = Sort::new(&plan);
    let (mut counts, mut failure) = (Counts::default(), None);
    let mut context = Context {
        ledger: &mut counts,
        failure: &mut failure,
    };
    let row = random_row(&mut Random(7), 0);
    let mut batch = keyed(&TYPES, &[row], 0);
    sort.process(&mut batch, &mut context, &mut Collect::default());
    let mut archive = Vec::new();
    sort.snapshot(Vnode(1), &mut archive, usize::MAX);
    assert!(archive.is_empty(), "state without a key is vnode 0's");
    sort.snapshot(Vnode(0), &mut archive, usize::MAX);
    let last = archive.len() - 1;
    archive[last] ^= 1;
    assert!(Sort::new(&plan).restore(&archive).is_err());
}
