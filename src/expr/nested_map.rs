//! Functions that make MAPs and take them apart; `format::nested_map` tells how their entries lie.

use super::arguments::{Arguments, Target};
use super::nested::{element_of, fits, pick, place, push_items};
use crate::error::Reason;
use crate::format::nested::{push_item, raw_item};
use crate::format::nested_map::{find, settle};
use crate::plan::NestedFunction;
use crate::types::DataType;

/// MAP[k, v, ..].
pub(super) fn make(args: Arguments<'_>, target: &mut Target<'_>) {
    let types = (args.ty(0), args.ty(1));
    target.texts_lax(|row, out| {
        let is_null = |index| {
            let key = args.get(index);
            key.column.is_null(place(key, row))
        };
        if (0..args.len()).step_by(2).any(is_null) {
            return Err(Reason::Domain);
        }
        push_items(args, row, out);
        settle(types, 0, out);
        fits(out)
    });
}

/// MAP_FROM_ARRAYS(keys, values).
pub(super) fn from_arrays(args: Arguments<'_>, target: &mut Target<'_>) {
    let types = (element_of(args.ty(0)), element_of(args.ty(1)));
    let (keys, values) = (args.get(0).texts(), args.get(1).texts());
    target.texts(args, |row, out| {
        let (mut keys, mut values) = (keys.get(row), values.get(row));
        while !keys.is_empty() && !values.is_empty() {
            let key = raw_item(types.0, &mut keys);
            if key == [0] {
                return Err(Reason::Domain);
            }
            out.extend_from_slice(key);
            out.extend_from_slice(raw_item(types.1, &mut values));
        }
        if !keys.is_empty() || !values.is_empty() {
            return Err(Reason::Domain);
        }
        settle(types, 0, out);
        fits(out)
    });
}

/// The value of a key: NULL where there is none.
pub(super) fn at(types: (DataType, DataType), args: Arguments<'_>, target: &mut Target<'_>) {
    let (maps, wanted) = (args.get(0).texts(), args.get(1));
    // The target's buffer, so that nothing is allocated for a batch.
    let mut item = std::mem::take(target.buffer);
    pick(args, target, |row| {
        item.clear();
        push_item(wanted.column, place(wanted, row), &mut item);
        Ok(find(types, &item, maps.get(row)))
    });
    *target.buffer = item;
}

/// The ARRAY of the keys, of the values, or of both as ROWs.
pub(super) fn parts(function: NestedFunction, args: Arguments<'_>, target: &mut Target<'_>) {
    let DataType::Map(key, value) = args.ty(0) else {
        panic!("the signature takes a MAP, not {}", args.ty(0));
    };
    let maps = args.get(0).texts();
    target.texts(args, |row, out| {
        let mut rest = maps.get(row);
        while !rest.is_empty() {
            let key = raw_item(*key, &mut rest);
            let value = raw_item(*value, &mut rest);
            match function {
                NestedFunction::MapKeys => out.extend_from_slice(key),
                NestedFunction::MapValues => out.extend_from_slice(value),
                _ => {
                    let len = u32::try_from(key.len() + value.len()).map_err(|_| Reason::Domain)?;
                    out.push(1);
                    out.extend_from_slice(&len.to_le_bytes());
                    out.extend_from_slice(key);
                    out.extend_from_slice(value);
                }
            }
        }
        Ok(true)
    });
}
