//! One field of a record, read with all its rules.

use crate::civil;
use crate::decimal::POWERS_OF_TEN;
use crate::error::Reason;
use crate::format::field::check_utf8;
use crate::plan::BinaryFormat;
use crate::time::NS_PER_DAY;
use crate::types::{DataType, Schema};

/// Where a column's field lies in a record and what may be in it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub ty: DataType,
    pub nullable: bool,
    pub offset: usize,
    pub width: usize,
    pub record_bytes: usize,
    /// Byte and bit of the NULL mark; `None` without a bitmap.
    pub null: Option<(usize, u8)>,
    /// Nanoseconds of a timestamp's unit.
    pub unit_ns: i64,
}

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum FieldValue<'a> {
    Null,
    Bool(bool),
    I64(i64),
    I128(i128),
    F64(f64),
    Text(&'a [u8]),
}

impl Place {
    /// The place of schema column `column`.
    ///
    /// # Panics
    /// When there is no such column, or its type has no binary form.
    pub fn new(format: &BinaryFormat, schema: &Schema, column: usize) -> Self {
        let field = &schema.fields[column];
        let width = format.widths[column];
        assert!(
            matches!(field.ty, DataType::Varchar | DataType::Varbinary)
                || BinaryFormat::width_of(field.ty) == Some(width),
            "{} of {width} bytes",
            field.ty
        );
        Self {
            ty: field.ty,
            nullable: field.nullable,
            offset: format.offset(column),
            width: width as usize,
            record_bytes: format.record_bytes(),
            null: format.null_bitmap.then(|| (column / 8, 1 << (column % 8))),
            unit_ns: format.timestamp.ns(),
        }
    }

    /// Least and greatest legal number, as it is stored.
    pub fn bounds(&self) -> (i128, i128) {
        let power = |digits: u8| POWERS_OF_TEN[usize::from(digits)] - 1;
        let within = |bound: i128| (-bound, bound);
        match self.ty {
            DataType::Int => (i32::MIN.into(), i32::MAX.into()),
            DataType::Date => (
                civil::days_from_civil(0, 1, 1).into(),
                civil::days_from_civil(9999, 12, 31).into(),
            ),
            DataType::Time => (0, i128::from(NS_PER_DAY) - 1),
            DataType::Timestamp | DataType::TimestampLtz(_) => {
                let (least, greatest) = (i64::MIN / self.unit_ns, i64::MAX / self.unit_ns);
                (least.into(), greatest.into())
            }
            DataType::Decimal { precision, .. } => within(power(precision)),
            _ => (i64::MIN.into(), i64::MAX.into()),
        }
    }

    /// Why a number out of [`Self::bounds`] is refused.
    fn reason(&self) -> Reason {
        match self.ty {
            DataType::Date => Reason::Date,
            DataType::Timestamp | DataType::TimestampLtz(_) => Reason::Timestamp,
            DataType::Time => Reason::Time,
            _ => Reason::Range,
        }
    }

    /// The field of `record`, a whole one.
    ///
    /// # Errors
    /// Why the bytes are no value of the type.
    pub fn read<'a>(&self, record: &'a [u8]) -> Result<FieldValue<'a>, Reason> {
        if let Some((byte, bit)) = self.null
            && record[byte] & bit != 0
        {
            return Ok(FieldValue::Null);
        }
        let field = &record[self.offset..self.offset + self.width];
        match self.ty {
            DataType::Boolean => match field[0] {
                0 => Ok(FieldValue::Bool(false)),
                1 => Ok(FieldValue::Bool(true)),
                _ => Err(Reason::Boolean),
            },
            DataType::Double => {
                let bits = self.number(field)? as u64;
                Ok(FieldValue::F64(f64::from_bits(bits)))
            }
            DataType::Real => {
                let bits = self.number(field)? as u32;
                Ok(FieldValue::F64(f32::from_bits(bits).into()))
            }
            DataType::Varbinary => Ok(FieldValue::Text(field)),
            DataType::Varchar => {
                let text = without_padding(field);
                check_utf8(text)?;
                Ok(FieldValue::Text(text))
            }
            DataType::Timestamp | DataType::TimestampLtz(_) => {
                let count = self.number(field)? as i64;
                Ok(FieldValue::I64(count * self.unit_ns))
            }
            _ => {
                let number = self.number(field)?;
                Ok(if self.width == 16 {
                    FieldValue::I128(number)
                } else {
                    FieldValue::I64(number as i64)
                })
            }
        }
    }

    /// The number in a field of 4, 8 or 16 bytes, if it is within bounds.
    fn number(&self, field: &[u8]) -> Result<i128, Reason> {
        let sign = field[field.len() - 1] >> 7;
        let mut bytes = [if sign == 1 { 0xff } else { 0 }; 16];
        bytes[..field.len()].copy_from_slice(field);
        let number = i128::from_le_bytes(bytes);
        let (least, greatest) = self.bounds();
        if (least..=greatest).contains(&number) {
            Ok(number)
        } else {
            Err(self.reason())
        }
    }
}

/// A text without its padding.
fn without_padding(field: &[u8]) -> &[u8] {
    let last = field.iter().rposition(|&byte| byte != 0);
    &field[..last.map_or(0, |last| last + 1)]
}
