//! The evaluated arguments of a call, and the loops over rows that the families of functions share.

use super::RowErrors;
use super::kernel::{Faults, Operand, add_nulls, data_of, mark_null, try_rows};
use super::node::Node;
use crate::batch::{Batch, Column, Rows};
use crate::error::Reason;
use crate::types::DataType;

/// The evaluated arguments of a call.
#[derive(Clone, Copy)]
pub(super) struct Arguments<'a> {
    pub(super) nodes: &'a [Node],
    pub(super) batch: &'a Batch,
}

impl<'a> Arguments<'a> {
    pub(super) fn get(self, index: usize) -> Operand<'a> {
        self.nodes[index].result(self.batch)
    }

    pub(super) fn len(self) -> usize {
        self.nodes.len()
    }

    pub(super) fn ty(self, index: usize) -> DataType {
        self.nodes[index].ty
    }

    /// Adds the NULLs of all arguments; false when one is a constant NULL.
    pub(super) fn add_nulls(self, nulls: &mut Vec<bool>, len: usize) -> bool {
        (0..self.len()).all(|index| add_nulls(nulls, self.get(index), len))
    }
}

/// Where the results of a call go: a prepared column.
pub(super) struct Target<'a> {
    pub(super) rows: Rows<'a>,
    pub(super) out: &'a mut Column,
    pub(super) buffer: &'a mut Vec<u8>,
    pub(super) errors: &'a mut RowErrors,
}

impl Target<'_> {
    /// Calls `f(row, empty buffer)` for every row whose arguments are not NULL: it appends the text, or says that the
    /// result is NULL.
    pub(super) fn texts(
        &mut self,
        args: Arguments<'_>,
        f: impl FnMut(usize, &mut Vec<u8>) -> Result<bool, Reason>,
    ) {
        let len = self.out.len();
        if args.add_nulls(&mut self.out.nulls, len) {
            self.texts_lax(f);
        }
    }

    /// As `texts`, for the rows that are not NULL in the result so far.
    pub(super) fn texts_lax(
        &mut self,
        mut f: impl FnMut(usize, &mut Vec<u8>) -> Result<bool, Reason>,
    ) {
        let len = self.out.len();
        let column = data_of!(self.out.data, Text);
        let nulls = &mut self.out.nulls;
        let buffer = &mut *self.buffer;
        let errors = &mut *self.errors;
        self.rows.for_each(|row| {
            if !nulls.is_empty() && nulls[row] {
                return;
            }
            buffer.clear();
            match f(row, buffer) {
                Ok(true) => column.set(row, buffer),
                Ok(false) => mark_null(nulls, len, row),
                Err(reason) => {
                    errors.rows.push((row as u32, reason));
                    mark_null(nulls, len, row);
                }
            }
        });
    }

    /// Calls `f` for every row whose arguments are not NULL; the result is held in 64 bits.
    pub(super) fn i64s(
        &mut self,
        args: Arguments<'_>,
        mut f: impl FnMut(usize) -> Result<i64, Reason>,
    ) {
        let len = self.out.len();
        if !args.add_nulls(&mut self.out.nulls, len) {
            return;
        }
        let values = data_of!(self.out.data, I64);
        let faults = &mut Faults::Report(self.errors);
        try_rows(self.rows, len, &mut self.out.nulls, faults, |row| {
            values[row] = f(row)?;
            Ok(())
        });
    }

    /// Calls `f` for every row whose arguments are not NULL; the result is a BOOLEAN.
    pub(super) fn bools(
        &mut self,
        args: Arguments<'_>,
        mut f: impl FnMut(usize) -> Result<bool, Reason>,
    ) {
        let len = self.out.len();
        if !args.add_nulls(&mut self.out.nulls, len) {
            return;
        }
        let values = data_of!(self.out.data, Bool);
        let faults = &mut Faults::Report(self.errors);
        try_rows(self.rows, len, &mut self.out.nulls, faults, |row| {
            values[row] = f(row)?;
            Ok(())
        });
    }
}
