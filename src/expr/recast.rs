//! Casts between two ARRAYs, ROWs or MAPs: part by part, a ROW's by their places and not their names.
//!
//! A value one of whose parts does not cast has none: it is an error of its row, or NULL in TRY_CAST.

use super::RowErrors;
use super::cast;
use super::kernel::{Faults, Operand, add_nulls, data_of, mark_null};
use crate::batch::{Column, Rows};
use crate::error::Reason;
use crate::format::nested::{load, push_item, set_len, take_item};
use crate::format::nested_map::settle;
use crate::types::DataType;

type Types = (DataType, DataType);

/// The casts that the parts of `from` take to become those of `to`; `None` where the two are not of a kind.
pub fn parts(from: DataType, to: DataType) -> Option<impl Iterator<Item = Types>> {
    let pairs: Vec<Types> = match (from, to) {
        (DataType::Array(from), DataType::Array(to)) => vec![(*from, *to)],
        (DataType::Row(from), DataType::Row(to)) if from.len() == to.len() => {
            let pairs = from.iter().zip(to);
            pairs.map(|(from, to)| (from.ty, to.ty)).collect()
        }
        (DataType::Map(key, value), DataType::Map(to_key, to_value)) => {
            vec![(*key, *to_key), (*value, *to_value)]
        }
        _ => return None,
    };
    Some(pairs.into_iter())
}

/// A cast of values made of others.
pub(super) struct Recast {
    // Fixed at construction.
    to: DataType,
    /// In the order of the items, again and again.
    parts: Vec<Part>,
}

/// A cast of one part.
struct Part {
    // Fixed at construction.
    types: Types,
    is_identity: bool,
    inner: Option<Recast>,
    // Scratch: columns of one row.
    input: Column,
    out: Column,
    buffer: Vec<u8>,
    errors: RowErrors,
}

impl Recast {
    /// The cast between `types`, if both are made of others.
    pub(super) fn new(types: Types) -> Option<Self> {
        let part = |types: Types| Part {
            types,
            is_identity: cast::is_identity(types.0, types.1),
            inner: Self::new(types),
            input: Column::new(types.0),
            out: Column::new(types.1),
            buffer: Vec::new(),
            errors: RowErrors::default(),
        };
        Some(Self {
            to: types.1,
            parts: parts(types.0, types.1)?.map(part).collect(),
        })
    }

    /// Casts `input` into `out`, a prepared column.
    pub(super) fn cast(
        &mut self,
        input: Operand<'_>,
        rows: Rows<'_>,
        out: &mut Column,
        buffer: &mut Vec<u8>,
        faults: &mut Faults<'_>,
    ) {
        let len = out.len();
        if !add_nulls(&mut out.nulls, input, len) {
            return;
        }
        let (values, nulls) = (data_of!(out.data, Text), &mut out.nulls);
        let texts = input.texts();
        rows.for_each(|row| {
            if !nulls.is_empty() && nulls[row] {
                return;
            }
            buffer.clear();
            match self.append(texts.get(row), buffer) {
                Ok(()) => values.set(row, buffer),
                Err(reason) => {
                    faults.add(row, reason);
                    mark_null(nulls, len, row);
                }
            }
        });
    }

    /// Appends the items of a value, cast.
    fn append(&mut self, mut rest: &[u8], out: &mut Vec<u8>) -> Result<(), Reason> {
        let at = out.len();
        let mut next = 0;
        while !rest.is_empty() {
            let part = &mut self.parts[next];
            match take_item(part.types.0, &mut rest) {
                Some(item) => part.append(item, out)?,
                None => out.push(0),
            }
            next = (next + 1) % self.parts.len();
        }
        if let DataType::Map(key, value) = self.to {
            settle((*key, *value), at, out);
        }
        Ok(())
    }
}

impl Part {
    /// Appends an item, cast.
    fn append(&mut self, item: &[u8], out: &mut Vec<u8>) -> Result<(), Reason> {
        if let Some(inner) = &mut self.inner {
            let at = out.len();
            out.extend_from_slice(&[1, 0, 0, 0, 0]);
            inner.append(item, out)?;
            return set_len(out, at + 1).ok_or(Reason::Cast);
        }
        self.input.reset(1);
        load(item, &mut self.input.data, 0);
        if self.is_identity {
            push_item(&self.input, 0, out);
            return Ok(());
        }
        self.out.reset(1);
        self.errors.rows.clear();
        let input = Operand {
            column: &self.input,
            constant: false,
        };
        let mut faults = Faults::Report(&mut self.errors);
        cast::cast(
            self.types,
            input,
            Rows::All(1),
            &mut self.out,
            &mut self.buffer,
            &mut faults,
        );
        match self.errors.rows.first() {
            Some(&(_, reason)) => Err(reason),
            None => {
                push_item(&self.out, 0, out);
                Ok(())
            }
        }
    }
}
