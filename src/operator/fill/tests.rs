//! What FILL holds when keys are forgotten.

use super::*;
use crate::operator::inputs::testing::{Collect, Counts};
use crate::plan::WindowPlan;
use crate::types::{Field, Schema};

/// FILL of a key's one aggregate in windows of 10 ns, known for 50 ns.
fn fill(value: FillValue) -> Fill {
    let types = [
        DataType::Varchar,
        DataType::Timestamp,
        DataType::Timestamp,
        DataType::BigInt,
    ];
    let field = |ty| Field {
        name: "c".into(),
        ty,
        nullable: true,
    };
    let plan = FillPlan {
        input: Schema {
            fields: types.into_iter().map(field).collect(),
        },
        keys: 1,
        window: WindowPlan::Tumble {
            size_ns: 10,
            offset_ns: 0,
        },
        values: vec![value],
        groups_max: 100,
        ttl_ns: Some(50),
    };
    Fill::new(&plan, 7)
}

#[test]
fn keys_that_have_one_window_are_not_held_for_ever() {
    // With LINEAR keys are looked at when all that were there the last time are forgotten.
    for (value, held_max) in [(FillValue::Previous, 6), (FillValue::Linear, 13)] {
        let linear = value == FillValue::Linear;
        let mut fill = fill(value);
        let (mut counts, mut failure) = (Counts::default(), None);
        let mut context = Context {
            ledger: &mut counts,
            failure: &mut failure,
        };
        let mut out = Collect::default();
        let mut greatest = 0;
        for window in 0..1_000 {
            let (start, end) = (10 * window, 10 * window + 10);
            let mut batch = Batch::new(fill.output_types());
            let key = Value::Text(format!("a key of one window: {window}"));
            let times = [start, end].map(Value::I64);
            let values = [&[key][..], &times, &[Value::I64(window)]].concat();
            for (column, value) in batch.columns.iter_mut().zip(&values) {
                column.push(value);
            }
            batch.rows = 1;
            batch.selection.all(1);
            batch.order_keys().push(OrderKey::fired(end, 0, 0));
            fill.process(&mut batch, &mut context, &mut out);
            let step = fill.advance(OrderKey::record(end, 0), &mut context, &mut out);
            assert_eq!(step, Advance::Done);
            greatest = greatest.max(fill.state_size().0);
        }
        assert_eq!(failure, None);
        assert!(greatest <= held_max, "{greatest} keys held");
        // Of each key its window, and with PREV the five that follow, if they are there.
        let filled = if linear { 0 } else { 5 * 1_000 - 15 };
        assert_eq!(out.rows.len(), 1_000 + filled);
    }
}
