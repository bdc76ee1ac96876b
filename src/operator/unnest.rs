//! UNNEST: a row for each element of arrays, side by side.
//!
//! It keeps nothing: a row's elements leave with the row. Their order keys are the row's, with the element's number in
//! the ordinal, so that they stand where it stood whoever takes them. A record that comes here is used; what is made of
//! it are results.

use super::inputs::Inputs;
use super::{Advance, Context, Operator, Output, SnapshotStep};
use crate::batch::{Batch, Column, ColumnData, Rows};
use crate::error::{JobError, Reason};
use crate::format::nested::{push_value, raw_item, take_item};
use crate::hash::Vnode;
use crate::limits::{MORSEL_ROWS_MAX, UNNEST_ARRAYS_MAX, UNNEST_ELEMENTS_MAX};
use crate::plan::UnnestPlan;
use crate::time::OrderKey;
use crate::types::{DataType, Value};

/// Multiplies rows.
pub struct Unnest {
    // Fixed at construction.
    types: Vec<DataType>,
    // Scratch.
    inputs: Inputs,
    made: Made,
}

/// The rows that are made of a batch.
struct Made {
    // Fixed at construction.
    /// Columns of the input.
    width: usize,
    elements: Vec<DataType>,
    ordinality: bool,
    outer: bool,
    // Scratch.
    /// The input's row of each row of `out`.
    parents: Vec<u32>,
    out: Batch,
}

impl Unnest {
    /// Prepares `plan` over rows of `input`.
    pub fn new(plan: &UnnestPlan, input: &[DataType]) -> Self {
        let types = [input, &plan.types()].concat();
        Self {
            inputs: Inputs::new(plan.arrays.iter()),
            made: Made {
                width: input.len(),
                elements: plan.elements(),
                ordinality: plan.ordinality,
                outer: plan.outer,
                parents: Vec::new(),
                out: Batch::new(&types),
            },
            types,
        }
    }
}

impl Made {
    /// Appends the elements of `row`, whose arrays are `inputs`; hands on what is full.
    fn add(
        &mut self,
        row: usize,
        (inputs, batch): (&Inputs, &Batch),
        context: &mut Context<'_>,
        next: &mut dyn Output,
    ) {
        let mut rests: [&[u8]; UNNEST_ARRAYS_MAX] = [&[]; UNNEST_ARRAYS_MAX];
        let mut longest = 0;
        for (at, (rest, &ty)) in rests.iter_mut().zip(&self.elements).enumerate() {
            *rest = array(inputs.column(at, batch), row);
            longest = longest.max(elements_at_most(ty, rest));
        }
        let key = batch.order.key(row);
        if longest > UNNEST_ELEMENTS_MAX {
            return context.ledger.rejected(row as u32, Reason::Domain);
        }
        let Some(first) = key.ordinal.checked_mul(UNNEST_ELEMENTS_MAX) else {
            let what = "UNNEST of what more than one UNNEST has made has no order".to_owned();
            *context.failure = Some(JobError::Limit(what));
            return;
        };
        let mut number = 0;
        let has_elements = |rests: &[&[u8]]| rests.iter().any(|rest| !rest.is_empty());
        // A row without elements stays as one of NULLs.
        let mut stays = self.outer && !has_elements(&rests);
        while stays || has_elements(&rests) {
            self.push(&mut rests, (!stays).then_some(number));
            stays = false;
            self.out.order_keys().push(OrderKey {
                ordinal: first + number,
                ..key
            });
            self.parents.push(row as u32);
            number += 1;
            if self.parents.len() == MORSEL_ROWS_MAX {
                self.flush(batch, context, next);
            }
        }
    }

    /// Appends the next element of each array, and its number from 0; `None` where there is no element.
    fn push(&mut self, rests: &mut [&[u8]], number: Option<u32>) {
        let columns = &mut self.out.columns[self.width..];
        for ((rest, &ty), column) in rests.iter_mut().zip(&self.elements).zip(&mut *columns) {
            let item = match rest.is_empty() {
                true => None,
                false => take_item(ty, rest),
            };
            push_value(item, column);
        }
        if let Some(column) = columns.last_mut().filter(|_| self.ordinality) {
            column.push(&match number {
                Some(number) => Value::I64(i64::from(number) + 1),
                None => Value::Null,
            });
        }
    }

    /// Hands on the rows so far.
    fn flush(&mut self, batch: &Batch, context: &mut Context<'_>, next: &mut dyn Output) {
        let Self { parents, out, .. } = self;
        if parents.is_empty() {
            return;
        }
        batch.append_to(Rows::Some(parents), &mut out.columns);
        let rows = parents.iter().map(|&row| row as usize);
        if !batch.time.is_empty() {
            out.time.extend(rows.clone().map(|row| batch.time[row]));
        }
        if !batch.ops.is_empty() {
            out.ops.extend(rows.map(|row| batch.ops[row]));
        }
        out.arrival_ns = batch.arrival_ns;
        out.rows = parents.len();
        out.selection.all(parents.len());
        next.push(out, context);
        out.clear();
        parents.clear();
    }
}

/// The items of a row's array; none of NULL.
fn array(column: &Column, row: usize) -> &[u8] {
    match &column.data {
        ColumnData::Text(_) if column.is_null(row) => &[],
        ColumnData::Text(texts) => texts.get(row),
        other => panic!("an ARRAY is held as bytes, not {other:?}"),
    }
}

/// How many elements there are, or more: an item has a byte at least, and few arrays are worth counting.
fn elements_at_most(ty: DataType, items: &[u8]) -> u32 {
    if items.len() <= UNNEST_ELEMENTS_MAX as usize {
        return items.len() as u32;
    }
    let (mut rest, mut count) = (items, 0_u32);
    while !rest.is_empty() {
        raw_item(ty, &mut rest);
        count = count.saturating_add(1);
    }
    count
}

impl Operator for Unnest {
    fn output_types(&self) -> &[DataType] {
        &self.types
    }

    fn process(&mut self, batch: &mut Batch, context: &mut Context<'_>, next: &mut dyn Output) {
        self.inputs.eval(batch, context.ledger);
        let Self { inputs, made, .. } = self;
        let (inputs, batch) = (&*inputs, &*batch);
        let rows = batch.selection.rows();
        rows.for_each(|row| made.add(row, (inputs, batch), context, next));
        made.flush(batch, context, next);
    }

    fn advance(&mut self, _: OrderKey, _: &mut Context<'_>, _: &mut dyn Output) -> Advance {
        Advance::Done
    }

    fn snapshot(&mut self, _: Vnode, _: &mut Vec<u8>, _: usize) -> SnapshotStep {
        SnapshotStep::Done
    }

    fn restore(&mut self, _: &[u8]) -> Result<(), JobError> {
        Err(JobError::Snapshot("unnest: it has no state".to_owned()))
    }

    fn state_size(&self) -> (u64, u64) {
        (0, 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operator::inputs::testing::{Collect, Counts, column, keyed};
    use crate::types::array_of;

    /// The bytes of an ARRAY<BIGINT>.
    fn bytes(items: &[Option<i64>]) -> Value {
        let mut out = Vec::new();
        for item in items {
            match item {
                None => out.push(0),
                Some(number) => {
                    out.push(1);
                    out.extend_from_slice(&number.to_le_bytes());
                }
            }
        }
        Value::of_bytes(&out)
    }

    fn run(rows: &[Vec<Value>], outer: bool, counts: &mut Counts) -> (Collect, bool) {
        let array = array_of(DataType::BigInt);
        let types = [DataType::BigInt, array, array];
        let plan = UnnestPlan {
            arrays: vec![column(1, array), column(2, array)],
            ordinality: true,
            outer,
        };
        let (mut unnest, mut sink) = (Unnest::new(&plan, &types), Collect::default());
        let mut failure = None;
        let mut context = Context {
            ledger: counts,
            failure: &mut failure,
        };
        unnest.process(&mut keyed(&types, rows, 5), &mut context, &mut sink);
        (sink, failure.is_some())
    }

    #[test]
    fn elements_stand_side_by_side_where_their_row_stood() {
        let rows = [
            vec![Value::I64(1), bytes(&[Some(7), None]), bytes(&[Some(8)])],
            vec![Value::I64(2), Value::Null, bytes(&[])],
            vec![Value::I64(3), Value::Null, bytes(&[None])],
        ];
        let mut counts = Counts::default();
        let (sink, _) = run(&rows, false, &mut counts);
        let found: Vec<_> = sink.rows.iter().map(|row| &row.2[..]).collect();
        let number = Value::I64;
        let array = |items| bytes(items);
        assert_eq!(
            found,
            [
                [
                    number(1),
                    array(&[Some(7), None]),
                    array(&[Some(8)]),
                    number(7),
                    number(8),
                    number(1)
                ],
                [
                    number(1),
                    array(&[Some(7), None]),
                    array(&[Some(8)]),
                    Value::Null,
                    Value::Null,
                    number(2)
                ],
                [
                    number(3),
                    Value::Null,
                    array(&[None]),
                    Value::Null,
                    Value::Null,
                    number(1)
                ],
            ]
        );
        let places: Vec<_> = sink
            .rows
            .iter()
            .map(|row| (row.0.seq, row.0.ordinal))
            .collect();
        assert_eq!(places, [(5, 0), (5, 1), (7, 0)]);
        assert_eq!(counts, Counts::default());
    }

    #[test]
    fn a_row_without_elements_stays_in_an_outer_join() {
        let rows = [
            vec![Value::I64(1), Value::Null, bytes(&[])],
            vec![Value::I64(2), bytes(&[Some(7)]), Value::Null],
            vec![Value::I64(3), bytes(&[]), bytes(&[None])],
        ];
        let (sink, _) = run(&rows, true, &mut Counts::default());
        let added: Vec<_> = sink.rows.iter().map(|row| &row.2[3..]).collect();
        let null = Value::Null;
        assert_eq!(
            added,
            [
                [null.clone(), null.clone(), null.clone()],
                [Value::I64(7), null.clone(), Value::I64(1)],
                [null.clone(), null, Value::I64(1)],
            ]
        );
    }

    #[test]
    fn full_batches_leave_on_the_way_and_too_long_arrays_are_refused() {
        let long = |count: u32| bytes(&vec![None; count as usize]);
        let rows = [
            vec![Value::I64(1), long(UNNEST_ELEMENTS_MAX), Value::Null],
            vec![Value::I64(2), long(UNNEST_ELEMENTS_MAX + 1), Value::Null],
            vec![Value::I64(3), Value::Null, bytes(&[Some(1)])],
        ];
        let mut counts = Counts::default();
        let (sink, _) = run(&rows, false, &mut counts);
        assert_eq!(sink.rows.len(), UNNEST_ELEMENTS_MAX as usize + 1);
        assert!(sink.rows.is_sorted_by(|a, b| a.0 < b.0));
        assert_eq!(counts.rejected, [(1, Reason::Domain)]);
    }
}
