//! Framer and decoder field by field: the slow twins that tests compare with.

use crate::batch::{Column, Rows};
use crate::chunk::RowDescriptors;
use crate::civil;
use crate::error::Reason;
use crate::format::{Decoder, FaultScope, FieldFault, FrameFault, FrameSpec, Framer, Frames};
use crate::hash;
use crate::plan::BinaryFormat;
use crate::types::{DataType, Schema, Value};

/// The slow twin of both.
#[derive(Debug)]
pub struct Naive {
    format: BinaryFormat,
    schema: Schema,
    spec: FrameSpec,
}

impl Naive {
    /// A framer and decoder.
    pub fn new(format: &BinaryFormat, schema: &Schema, spec: &FrameSpec) -> Self {
        Self {
            format: format.clone(),
            schema: schema.clone(),
            spec: spec.clone(),
        }
    }

    /// Splits a record into its fields; `None` for NULL.
    fn fields<'a>(&self, record: &'a [u8]) -> Vec<Option<&'a [u8]>> {
        let mut rest = record;
        let mut marks = vec![false; self.format.widths.len()];
        if self.format.null_bitmap {
            for mark in marks.chunks_mut(8) {
                let (byte, behind) = rest.split_at(1);
                for (bit, mark) in mark.iter_mut().enumerate() {
                    *mark = byte[0] >> bit & 1 == 1;
                }
                rest = behind;
            }
        }
        let mut fields = Vec::new();
        for (&width, mark) in self.format.widths.iter().zip(marks) {
            let (field, behind) = rest.split_at(width as usize);
            fields.push((!mark).then_some(field));
            rest = behind;
        }
        fields
    }

    fn value(&self, field: &[u8], ty: DataType) -> Result<Value, Reason> {
        let unsigned = field
            .iter()
            .rev()
            .fold(0_u128, |sum, &byte| sum << 8 | u128::from(byte));
        let unused = 128 - 8 * field.len().min(16) as u32;
        let number = if unused < 128 {
            (unsigned << unused) as i128 >> unused
        } else {
            0
        };
        let within = |most: i128, reason| {
            if (-most..=most).contains(&number) {
                Ok(())
            } else {
                Err(reason)
            }
        };
        match ty {
            DataType::Boolean if number == 0 => Ok(Value::Bool(false)),
            DataType::Boolean if number == 1 => Ok(Value::Bool(true)),
            DataType::Boolean => Err(Reason::Boolean),
            DataType::Int | DataType::BigInt => Ok(Value::I64(number as i64)),
            DataType::Double => Ok(Value::F64(f64::from_bits(number as u64))),
            DataType::Decimal { precision, .. } => {
                within(10_i128.pow(precision.into()) - 1, Reason::Range)?;
                Ok(if precision > 18 {
                    Value::I128(number)
                } else {
                    Value::I64(number as i64)
                })
            }
            DataType::Date => {
                let (year, _, _) = civil::civil_from_days(number as i64);
                if !(0..=9999).contains(&year) {
                    return Err(Reason::Date);
                }
                Ok(Value::I64(number as i64))
            }
            DataType::Timestamp | DataType::TimestampLtz(_) => {
                let ns = number * i128::from(self.format.timestamp.ns());
                i64::try_from(ns)
                    .map(Value::I64)
                    .map_err(|_| Reason::Timestamp)
            }
            DataType::Time if (0..86_400_000_000_000).contains(&number) => {
                Ok(Value::I64(number as i64))
            }
            DataType::Time => Err(Reason::Time),
            DataType::Real => Ok(Value::F64(f32::from_bits(number as u32).into())),
            DataType::Varbinary => Ok(Value::of_bytes(field)),
            DataType::Varchar => {
                let mut text = field.to_vec();
                while text.last() == Some(&0) {
                    text.pop();
                }
                String::from_utf8(text)
                    .map(Value::Text)
                    .map_err(|_| Reason::Utf8)
            }
            DataType::Interval | DataType::Array(_) | DataType::Row(_) | DataType::Map(..) => {
                panic!("no {ty} in records")
            }
        }
    }

    /// Every column of a record, a NULL in a NOT NULL column not yet refused.
    fn values(&self, record: &[u8]) -> Vec<Result<Value, Reason>> {
        let fields = self.fields(record).into_iter();
        let typed = fields.zip(&self.schema.fields);
        typed
            .map(|(field, column)| match field {
                None => Ok(Value::Null),
                Some(field) => self.value(field, column.ty),
            })
            .collect()
    }

    fn hash(&self, value: &Value) -> u64 {
        let seed = self.spec.hash_seed;
        match value {
            Value::Null => hash::hash_null(seed),
            Value::Bool(value) => hash::hash_i64(seed, i64::from(*value)),
            Value::I64(value) => hash::hash_i64(seed, *value),
            Value::I128(value) => hash::hash_i128(seed, *value),
            Value::F64(value) => hash::hash_f64(seed, *value),
            Value::Text(text) => hash::hash_text(seed, text.as_bytes()),
            Value::Bytes(bytes) => hash::hash_text(seed, bytes),
        }
    }

    fn frame_one(&self, record: &[u8], out: &mut Frames) {
        let row = out.starts.len() as u32;
        let whole = record.len() == self.format.record_bytes();
        let mut fault = |scope, reason| out.faults.push(FrameFault { row, scope, reason });
        if !whole {
            fault(FaultScope::Record, Reason::FieldCount);
        }
        let values = if whole {
            self.values(record)
        } else {
            Vec::new()
        };
        if let Some(column) = self.spec.time {
            let time = match values.get(column) {
                None => 0,
                Some(Ok(Value::I64(time))) if *time != i64::MIN && *time != i64::MAX => *time,
                Some(Ok(Value::Null)) => {
                    fault(FaultScope::EventTime, Reason::EventTimeNull);
                    0
                }
                Some(_) => {
                    fault(FaultScope::EventTime, Reason::EventTimeInvalid);
                    0
                }
            };
            out.times.push(time);
        }
        for (index, columns) in self.spec.keys.iter().enumerate() {
            let mut key = None;
            let mut spoilt = false;
            for &column in columns {
                match values.get(column) {
                    Some(Ok(value)) => {
                        let hash = self.hash(value);
                        key = Some(key.map_or(hash, |key| hash::combine(key, hash)));
                    }
                    Some(Err(_)) => spoilt = true,
                    None => {}
                }
            }
            if spoilt {
                fault(FaultScope::Key(index as u16), Reason::KeyInvalid);
            }
            out.hashes[index].push(key.unwrap_or(0));
        }
    }
}

impl Framer for Naive {
    fn frame(
        &mut self,
        bytes: &[u8],
        from: usize,
        last: bool,
        max: usize,
        out: &mut Frames,
    ) -> usize {
        out.hashes.resize_with(self.spec.keys.len(), Vec::new);
        let mut at = from;
        for _ in 0..max {
            let end = (at + self.format.record_bytes()).min(bytes.len());
            let whole = end - at == self.format.record_bytes();
            if at == end || (!whole && !last) {
                break;
            }
            self.frame_one(&bytes[at..end], out);
            out.starts.push(at as u32);
            out.ends.push(end as u32);
            at = end;
        }
        at
    }

    fn begin_file(&mut self) {}

    fn resume_file(&mut self) {}

    fn is_skipping(&self) -> bool {
        false
    }
}

impl Decoder for Naive {
    fn begin(&mut self, _: &[u8], _: &RowDescriptors, _: &mut Vec<FieldFault>) {}

    fn column(
        &mut self,
        bytes: &[u8],
        rows: &RowDescriptors,
        column: usize,
        selection: Rows<'_>,
        out: &mut Column,
        faults: &mut Vec<FieldFault>,
    ) {
        let mut wanted = vec![false; rows.len()];
        selection.for_each(|row| wanted[row] = true);
        out.clear();
        for (row, wanted) in wanted.into_iter().enumerate() {
            let (start, end) = rows.place(row);
            let record = &bytes[start as usize..end as usize];
            let value = match self.values(record).swap_remove(column) {
                _ if !wanted => Ok(Value::Null),
                Ok(Value::Null) if !self.schema.fields[column].nullable => Err(Reason::Null),
                value => value,
            };
            match value {
                Ok(value) => out.push(&value),
                Err(reason) => {
                    out.push_null();
                    faults.push(FieldFault {
                        row: row as u32,
                        column: column as u16,
                        reason,
                    });
                }
            }
        }
    }
}
