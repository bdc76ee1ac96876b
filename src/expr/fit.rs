//! What a field of a fixed-width record can hold: the last step before such records are encoded.
//!
//! A row whose value does not fit is refused like one whose cast fails, so that an encoder never has to cut a
//! text or to make up a value for NULL.

use super::kernel::{Faults, Operand, copy_rows, report};
use crate::batch::{Column, Rows};
use crate::error::Reason;

/// The room that a value has.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    /// Whether NULL has a place.
    pub nullable: bool,
    /// Bytes of a text; `None` for other types.
    pub bytes: Option<u32>,
    /// Whether it must have exactly so many: those of a VARBINARY are not padded.
    pub exact: bool,
}

impl Room {
    /// Copies `input` to `out`, a prepared column; rows that do not fit are reported and NULL.
    pub(super) fn eval(
        self,
        input: Operand<'_>,
        rows: Rows<'_>,
        out: &mut Column,
        faults: &mut Faults<'_>,
    ) {
        copy_rows(input, rows, out);
        let len = out.len();
        if !self.nullable && !out.nulls.is_empty() {
            rows.for_each(|row| {
                if out.nulls[row] {
                    faults.add(row, Reason::Null);
                }
            });
        }
        if let Some(bytes) = self.bytes {
            let texts = input.texts();
            let bytes = bytes as usize;
            let fits = |text: &[u8]| match self.exact {
                true => text.len() == bytes,
                false => text.len() <= bytes && text.last() != Some(&0),
            };
            report(rows, len, &mut out.nulls, faults, |row| {
                (!fits(texts.get(row))).then_some(Reason::Cast)
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::batch::{Batch, Rows};
    use crate::error::Reason;
    use crate::expr::{Program, RowErrors};
    use crate::plan::Expr;
    use crate::types::{DataType, Value};

    fn check(expr: Expr, values: &[Value]) -> (Vec<Value>, Vec<(u32, Reason)>) {
        let mut batch = Batch::new(&[expr.ty()]);
        values.iter().for_each(|value| batch.columns[0].push(value));
        batch.rows = values.len();
        let mut errors = RowErrors::default();
        let mut program = Program::new(&expr);
        let column = program.eval(&batch, Rows::All(values.len()), &mut errors);
        let found = (0..values.len()).map(|row| column.value(row)).collect();
        (found, errors.rows)
    }

    fn fit(input: Expr, nullable: bool, bytes: Option<u32>) -> Expr {
        Expr::Fit {
            input: Box::new(input),
            nullable,
            bytes,
        }
    }

    #[test]
    fn texts_must_fit_and_nulls_need_room() {
        let column = |ty| Expr::Column { index: 0, ty };
        let text = |text: &str| Value::Text(text.to_owned());
        let texts = [
            text("1234"),
            text("12345"),
            text("a\0"),
            text("\0a"),
            Value::Null,
            text(""),
        ];
        let (found, errors) = check(fit(column(DataType::Varchar), false, Some(4)), &texts);
        let wanted = [(1, Reason::Cast), (2, Reason::Cast), (4, Reason::Null)];
        assert_eq!(errors, wanted);
        assert_eq!(found[0], texts[0]);
        assert_eq!(found[3], texts[3]);
        let (found, errors) = check(fit(column(DataType::Varchar), true, Some(4)), &texts);
        assert_eq!(errors, wanted[..2]);
        assert_eq!(found[4], Value::Null);
        let numbers = [Value::I64(1), Value::Null];
        let (_, errors) = check(fit(column(DataType::Int), false, None), &numbers);
        assert_eq!(errors, [(1, Reason::Null)]);
    }

    #[test]
    fn a_row_that_failed_before_is_reported_once_and_constants_for_every_row() {
        let cast = Expr::Cast {
            input: Box::new(Expr::Column {
                index: 0,
                ty: DataType::BigInt,
            }),
            ty: DataType::Int,
            lenient: false,
        };
        let expr = fit(cast, false, None);
        let mut batch = Batch::new(&[DataType::BigInt]);
        batch.columns[0].push(&Value::I64(i64::MAX));
        batch.columns[0].push(&Value::Null);
        batch.rows = 2;
        let mut errors = RowErrors::default();
        Program::new(&expr).eval(&batch, Rows::All(2), &mut errors);
        assert_eq!(errors.rows, [(0, Reason::Cast), (1, Reason::Null)]);
        let literal = Expr::Literal {
            value: Value::Null,
            ty: DataType::Varchar,
        };
        let rows = [Value::Null, Value::Null];
        let (_, errors) = check(fit(literal, false, Some(1)), &rows);
        assert_eq!(errors, [(0, Reason::Null), (1, Reason::Null)]);
    }
}
