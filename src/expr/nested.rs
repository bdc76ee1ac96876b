//! Functions that make ARRAYs, ROWs and MAPs and take them apart; `format::nested` draws their bytes.

use super::arguments::{Arguments, Target};
use super::kernel::Operand;
use super::nested_map;
use crate::error::Reason;
use crate::format::nested::{load, push_item, raw_item, take_item};
use crate::format::nested_map::raw_entry;
use crate::limits::FUNCTION_TEXT_BYTES_MAX;
use crate::plan::NestedFunction;
use crate::types::DataType;

/// Evaluates `function`.
pub(super) fn call(function: NestedFunction, args: Arguments<'_>, target: &mut Target<'_>) {
    match function {
        NestedFunction::Array | NestedFunction::Row => make(args, target),
        NestedFunction::Slice if args.len() == 4 => stepped_slice(args, target),
        NestedFunction::Slice => slice(args, target),
        NestedFunction::Map => nested_map::make(args, target),
        NestedFunction::MapFromArrays => nested_map::from_arrays(args, target),
        NestedFunction::MapKeys | NestedFunction::MapValues | NestedFunction::MapEntries => {
            nested_map::parts(function, args, target);
        }
        NestedFunction::Cardinality => cardinality(args, target),
        NestedFunction::Element => {
            let (ty, texts) = (element_of(args.ty(0)), args.get(0).texts());
            pick(args, target, |row| {
                let mut rest = texts.get(row);
                if rest.is_empty() {
                    return Ok(None);
                }
                let value = take_item(ty, &mut rest);
                if rest.is_empty() {
                    Ok(value)
                } else {
                    Err(Reason::Domain)
                }
            });
        }
        NestedFunction::At => at(args, target),
        NestedFunction::Contains => contains(args, target),
    }
}

pub(super) fn element_of(ty: DataType) -> DataType {
    match ty {
        DataType::Array(element) => *element,
        other => panic!("the signature takes an ARRAY, not {other}"),
    }
}

/// The row of an operand's column that stands for `row`.
pub(super) fn place(operand: Operand<'_>, row: usize) -> usize {
    if operand.constant { 0 } else { row }
}

/// All arguments as items, NULLs too.
fn make(args: Arguments<'_>, target: &mut Target<'_>) {
    target.texts_lax(|row, out| {
        push_items(args, row, out);
        fits(out)
    });
}

/// Appends all arguments of `row` as items.
pub(super) fn push_items(args: Arguments<'_>, row: usize, out: &mut Vec<u8>) {
    for index in 0..args.len() {
        let operand = args.get(index);
        push_item(operand.column, place(operand, row), out);
    }
}

/// Refuses a value that is too long.
pub(super) fn fits(value: &[u8]) -> Result<bool, Reason> {
    match value.len() <= FUNCTION_TEXT_BYTES_MAX {
        true => Ok(true),
        false => Err(Reason::Domain),
    }
}

fn cardinality(args: Arguments<'_>, target: &mut Target<'_>) {
    let texts = args.get(0).texts();
    let pass = |rest: &mut &[u8]| match args.ty(0) {
        DataType::Map(key, value) => {
            raw_entry((*key, *value), rest);
        }
        ty => {
            raw_item(element_of(ty), rest);
        }
    };
    target.i64s(args, |row| {
        let mut rest = texts.get(row);
        let mut count = 0;
        while !rest.is_empty() {
            pass(&mut rest);
            count += 1;
        }
        Ok(count)
    });
}

/// The item at a place from 1: NULL where an ARRAY has none. The value of a key.
fn at(args: Arguments<'_>, target: &mut Target<'_>) {
    if let DataType::Map(key, value) = args.ty(0) {
        return nested_map::at((*key, *value), args, target);
    }
    let (texts, places) = (args.get(0).texts(), args.get(1).i64s());
    match args.ty(0) {
        DataType::Row(fields) => pick(args, target, |row| {
            let place = places.at(row) as usize - 1;
            let mut rest = texts.get(row);
            for field in &fields[..place] {
                raw_item(field.ty, &mut rest);
            }
            Ok(take_item(fields[place].ty, &mut rest))
        }),
        ty => {
            let ty = element_of(ty);
            pick(args, target, |row| {
                let mut rest = texts.get(row);
                for _ in 1..places.at(row).max(1) {
                    if rest.is_empty() {
                        break;
                    }
                    raw_item(ty, &mut rest);
                }
                if rest.is_empty() || places.at(row) < 1 {
                    return Ok(None);
                }
                Ok(take_item(ty, &mut rest))
            });
        }
    }
}

/// The items between two places.
fn slice(args: Arguments<'_>, target: &mut Target<'_>) {
    let (ty, texts) = (element_of(args.ty(0)), args.get(0).texts());
    let (first, last) = (args.get(1).i64s(), args.get(2).i64s());
    let pass = |rest: &mut &[u8], items: i64| {
        let mut passed = 0;
        while passed < items && !rest.is_empty() {
            raw_item(ty, rest);
            passed += 1;
        }
        passed
    };
    target.texts(args, |row, out| {
        let mut rest = texts.get(row);
        let len = pass(&mut texts.get(row), i64::MAX);
        let place = |at: i64| {
            if at < 0 {
                at.saturating_add(len + 1)
            } else {
                at
            }
        };
        let (first, last) = (place(first.at(row)).max(1), place(last.at(row)));
        pass(&mut rest, first - 1);
        let from = rest;
        pass(&mut rest, last.saturating_sub(first - 1));
        out.extend_from_slice(&from[..from.len() - rest.len()]);
        Ok(true)
    });
}

/// The items at the first of two places and every so many behind it, or before it, up to the other.
fn stepped_slice(args: Arguments<'_>, target: &mut Target<'_>) {
    let (ty, texts) = (element_of(args.ty(0)), args.get(0).texts());
    let [first, last, step] = [1, 2, 3].map(|at| args.get(at).i64s());
    target.texts(args, |row, out| {
        let len = {
            let (mut rest, mut len) = (texts.get(row), 0_i64);
            while !rest.is_empty() {
                raw_item(ty, &mut rest);
                len += 1;
            }
            len
        };
        let place = |at: i64| {
            if at < 0 {
                at.saturating_add(len + 1)
            } else {
                at
            }
        };
        let (first, last, step) = (place(first.at(row)), place(last.at(row)), step.at(row));
        // It begins at an item: one beyond the first or the last is that one.
        let (first, least, most) = if step < 0 {
            (first.min(len), last, first)
        } else {
            (first.max(1), first, last)
        };
        let mut rest = texts.get(row);
        for at in 1..=len {
            let from = out.len();
            let item = raw_item(ty, &mut rest);
            let apart = i128::from(at) - i128::from(first);
            if (least..=most).contains(&at) && apart % i128::from(step) == 0 {
                out.extend_from_slice(item);
            }
            if step < 0 {
                // Turned round here and with all others below: then the items are, and their bytes are not.
                out[from..].reverse();
            }
        }
        if step < 0 {
            out.reverse();
        }
        Ok(true)
    });
}

fn contains(args: Arguments<'_>, target: &mut Target<'_>) {
    let (ty, texts, wanted) = (element_of(args.ty(0)), args.get(0).texts(), args.get(1));
    // The target's buffer, so that nothing is allocated for a batch.
    let mut item = std::mem::take(target.buffer);
    target.bools(args, |row| {
        item.clear();
        push_item(wanted.column, place(wanted, row), &mut item);
        let mut rest = texts.get(row);
        while !rest.is_empty() {
            if raw_item(ty, &mut rest) == item {
                return Ok(true);
            }
        }
        Ok(false)
    });
    *target.buffer = item;
}

/// Writes what `find` finds for the rows whose arguments are not NULL: the bytes of a value, or NULL.
pub(super) fn pick<'a>(
    args: Arguments<'_>,
    target: &mut Target<'_>,
    mut find: impl FnMut(usize) -> Result<Option<&'a [u8]>, Reason>,
) {
    let (rows, out, errors) = (target.rows, &mut *target.out, &mut *target.errors);
    let len = out.len();
    if !args.add_nulls(&mut out.nulls, len) {
        return;
    }
    rows.for_each(|row| {
        if out.is_null(row) {
            return;
        }
        match find(row) {
            Ok(Some(value)) => load(value, &mut out.data, row),
            Ok(None) => out.set_null(row),
            Err(reason) => {
                errors.rows.push((row as u32, reason));
                out.set_null(row);
            }
        }
    });
}
