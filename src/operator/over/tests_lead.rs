//! LEAD against a naive twin, however the rows fall into batches and whether or not the state is moved.

use super::lead::Lead;
use super::tests::{TYPES, random_row, same};
use super::*;
use crate::limits::VNODES;
use crate::operator::inputs::testing::{Collect, Counts, Random, column, keyed};
use crate::plan::{Expr, LeadPlan, OverCall, OverFrame, OverFunction};
use crate::types::{Field, Schema, Value};

fn lead(arg: usize, offset: u32, default: Value) -> OverCall {
    OverCall {
        function: OverFunction::Lead { offset, default },
        frame: OverFrame::RUNNING,
        args: vec![column(arg, TYPES[arg])],
        ty: TYPES[arg],
    }
}

fn plan_of(keys: bool, calls: Vec<OverCall>) -> LeadPlan {
    let field = |ty| Field {
        name: String::new(),
        ty,
        nullable: true,
    };
    let keys = keys.then(|| column(0, DataType::Varchar));
    LeadPlan {
        input: Schema {
            fields: TYPES.into_iter().map(field).collect(),
        },
        keys: keys.into_iter().collect(),
        hash_is_routed: false,
        single: false,
        time: Some(column(1, DataType::Timestamp)),
        sorted: false,
        calls,
        groups_max: 1000,
    }
}

/// The results in their order, and how many rows were out of order.
fn run(plan: &LeadPlan, rows: &[Vec<Value>], chunk: usize, moves: bool) -> (Collect, u64) {
    let mut lead = Lead::new(plan, 9);
    let (mut counts, mut failure) = (Counts::default(), None);
    let mut sink = Collect::default();
    for (at, rows_of_batch) in rows.chunks(chunk).enumerate() {
        let mut batch = keyed(&TYPES, rows_of_batch, (at * chunk) as u64);
        let mut context = Context {
            ledger: &mut counts,
            failure: &mut failure,
        };
        lead.process(&mut batch, &mut context, &mut sink);
        if moves {
            let mut moved = Lead::new(plan, 9);
            for vnode in 0..VNODES {
                let mut archive = Vec::new();
                lead.snapshot(Vnode(vnode as u16), &mut archive, usize::MAX);
                if !archive.is_empty() {
                    moved.restore(&archive).expect("its own archive");
                }
            }
            lead = moved;
        }
    }
    let mut context = Context {
        ledger: &mut counts,
        failure: &mut failure,
    };
    while lead.advance(OrderKey::MAX, &mut context, &mut sink) == Advance::More {}
    lead.advance(OrderKey::MAX, &mut context, &mut sink);
    assert_eq!(failure, None);
    (sink, counts.out_of_order)
}

/// What comes out, and when: with which later row, or behind all of them.
fn naive(plan: &LeadPlan, rows: &[Vec<Value>]) -> Vec<(OrderKey, Vec<Value>)> {
    let same_partition = |a: &[Value], b: &[Value]| plan.keys.is_empty() || same(&a[0], &b[0]);
    let offsets = plan.calls.iter().map(|call| match &call.function {
        OverFunction::Lead { offset, default } => (*offset as usize, default),
        other => panic!("{other:?}"),
    });
    let farthest = offsets.clone().map(|(offset, _)| offset).max().unwrap();
    let mut out = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        let all = rows.iter().enumerate().skip(at);
        let behind: Vec<_> = all.filter(|(_, it)| same_partition(it, row)).collect();
        let mut values = row.clone();
        for (call, (offset, default)) in plan.calls.iter().zip(offsets.clone()) {
            let Expr::Column { index, .. } = call.args[0] else {
                panic!("a column");
            };
            let found = behind.get(offset).map(|(_, row)| row[index].clone());
            values.push(found.unwrap_or(default.clone()));
        }
        let key = match behind.get(farthest) {
            Some((later, _)) => OrderKey::record(0, *later as u64),
            None => OrderKey::left_over(at as u64, 0),
        };
        out.push((key, values));
    }
    out.sort_by_key(|(key, _)| *key);
    out
}

#[test]
fn a_row_leaves_when_what_it_looks_at_has_come() {
    for (keys, seed) in [(true, 3), (false, 4)] {
        let calls = vec![
            lead(2, 1, Value::I64(-7)),
            lead(6, 3, Value::Text("a text that is not inline".into())),
            lead(5, 2, Value::Null),
            lead(4, 1, Value::Null),
            lead(7, 3, Value::Bool(true)),
        ];
        let plan = plan_of(keys, calls);
        let mut random = Random(seed);
        let mut time = 0;
        let rows: Vec<_> = (0..400)
            .map(|_| random_row(&mut random, &mut time))
            .collect();
        let expected = naive(&plan, &rows);
        for (chunk, moves) in [(1, false), (64, false), (7, true), (400, false), (64, true)] {
            let (found, out_of_order) = run(&plan, &rows, chunk, moves);
            assert_eq!(found.rows.len(), expected.len());
            assert!(out_of_order > 0, "times fall now and then");
            for ((key, _, row), (expected_key, expected)) in found.rows.iter().zip(&expected) {
                assert_eq!(key, expected_key, "chunks of {chunk}");
                let equal = row.iter().zip(expected).all(|(a, b)| same(a, b));
                assert!(equal, "chunks of {chunk}: {row:?}, not {expected:?}");
            }
        }
    }
}

#[test]
fn it_refuses_the_archive_of_another_query() {
    let plan = plan_of(true, vec![lead(2, 2, Value::Null)]);
    let mut random = Random(8);
    let rows: Vec<_> = (0..50).map(|_| random_row(&mut random, &mut 0)).collect();
    let (mut counts, mut failure) = (Counts::default(), None);
    let mut held = Lead::new(&plan, 9);
    let mut context = Context {
        ledger: &mut counts,
        failure: &mut failure,
    };
    let mut batch = keyed(&TYPES, &rows, 0);
    held.process(&mut batch, &mut context, &mut Collect::default());
    let archive = (0..VNODES).find_map(|vnode| {
        let mut archive = Vec::new();
        held.snapshot(Vnode(vnode as u16), &mut archive, usize::MAX);
        (!archive.is_empty()).then_some(archive)
    });
    let archive = archive.expect("rows are held");
    let nearer = plan_of(true, vec![lead(2, 1, Value::Null)]);
    assert!(Lead::new(&nearer, 9).restore(&archive).is_err());
    let other = plan_of(true, vec![lead(6, 2, Value::Null)]);
    assert!(Lead::new(&other, 9).restore(&archive).is_err());
    assert!(Lead::new(&plan, 9).restore(&archive).is_ok());
    assert!(
        Lead::new(&plan, 8).restore(&archive).is_err(),
        "another seed"
    );
}
