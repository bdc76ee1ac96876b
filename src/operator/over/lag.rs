//! LAG: the value some rows before, from a ring of as many slots.

use super::part::{Part, PartState, Progress, RowsInPlay};
use super::slots::{Region, Saved, Slab, TextSlot};
use crate::batch::{Column, ColumnData};
use crate::types::Value;

#[derive(Clone, Copy, Default)]
struct Cell {
    region: Region,
    slot: usize,
    full: bool,
}

/// The last `length` values of every partition, NULLs included.
pub struct History<T> {
    // Fixed at construction.
    length: usize,
    // State.
    cells: Vec<Cell>,
    slab: Slab<T>,
}

impl<T: Clone + Default + Saved + Send> History<T> {
    /// Remembers `length` rows, at least 1.
    fn new(length: usize) -> Self {
        Self {
            length,
            cells: Vec::new(),
            slab: Slab::new(length),
        }
    }

    /// `emit` takes the item that each row in play displaces, if there is one; `load` writes the row's own.
    #[inline(always)]
    fn slide(
        &mut self,
        rows: &RowsInPlay<'_>,
        mut load: impl FnMut(usize, &mut T),
        mut emit: impl FnMut(usize, Option<&T>),
    ) {
        for (&row, &partition) in rows.rows.iter().zip(rows.partitions) {
            let cell = &mut self.cells[partition as usize];
            if cell.slot == cell.region.capacity {
                self.slab.grow(&mut cell.region);
            }
            let item = &mut self.slab.values[cell.region.start + cell.slot];
            emit(row as usize, cell.full.then_some(&*item));
            load(row as usize, item);
            cell.slot += 1;
            if cell.slot == self.length {
                cell.slot = 0;
                cell.full = true;
            }
        }
    }
}

impl<T: Clone + Default + Saved + Send> Part for History<T> {
    fn grow(&mut self, partitions: usize) {
        self.cells.resize(partitions, Cell::default());
    }

    fn save(&self, partition: usize) -> PartState {
        let cell = &self.cells[partition];
        let held = if cell.full { self.length } else { cell.slot };
        let start = cell.region.start;
        PartState {
            slot: cell.slot as u64,
            full: cell.full,
            images: vec![T::save(&self.slab.values[start..start + held])],
        }
    }

    fn load(&mut self, partition: usize, state: PartState, _: &[Progress]) -> Option<()> {
        let [slots] = state.images.try_into().ok()?;
        let slots = T::load(slots)?;
        let slot = usize::try_from(state.slot).ok()?;
        let held = if state.full { self.length } else { slot };
        (slots.len() == held && slot < self.length).then_some(())?;
        let cell = &mut self.cells[partition];
        self.slab.reserve(&mut cell.region, held);
        let start = cell.region.start;
        self.slab.values[start..start + held].clone_from_slice(&slots);
        cell.slot = slot;
        cell.full = state.full;
        Some(())
    }

    fn bytes(&self) -> usize {
        self.cells.len() * size_of::<Cell>() + self.slab.values.len() * size_of::<T>()
    }
}

/// [`History`] of any type.
pub enum Lag {
    /// BOOLEAN.
    Bool(History<Option<bool>>),
    /// 64-bit integers.
    I64(History<Option<i64>>),
    /// 128-bit integers.
    I128(History<Option<i128>>),
    /// DOUBLE.
    F64(History<Option<f64>>),
    /// VARCHAR.
    Text(History<TextSlot>),
}

impl Lag {
    /// A history of `length` rows, at least 1, of columns like `argument`.
    pub fn new(argument: &Column, length: usize) -> Self {
        match &argument.data {
            ColumnData::Bool(_) => Self::Bool(History::new(length)),
            ColumnData::I64(_) => Self::I64(History::new(length)),
            ColumnData::I128(_) => Self::I128(History::new(length)),
            ColumnData::F64(_) => Self::F64(History::new(length)),
            ColumnData::Text(_) => Self::Text(History::new(length)),
        }
    }

    /// Writes the value that lies `length` rows before each row in play, or `default`, to `out`.
    pub fn slide(
        &mut self,
        rows: &RowsInPlay<'_>,
        argument: &Column,
        default: &Value,
        out: &mut Column,
    ) {
        let nulls = &argument.nulls;
        match (self, &argument.data, &mut out.data) {
            (Self::Bool(lag), ColumnData::Bool(from), ColumnData::Bool(to)) => {
                let default = match default {
                    Value::Bool(value) => Some(*value),
                    _ => None,
                };
                lag_values(lag, rows, from, nulls, default, (to, &mut out.nulls));
            }
            (Self::I64(lag), ColumnData::I64(from), ColumnData::I64(to)) => {
                let default = match default {
                    Value::I64(value) => Some(*value),
                    _ => None,
                };
                lag_values(lag, rows, from, nulls, default, (to, &mut out.nulls));
            }
            (Self::I128(lag), ColumnData::I128(from), ColumnData::I128(to)) => {
                let default = match default {
                    Value::I128(value) => Some(*value),
                    _ => None,
                };
                lag_values(lag, rows, from, nulls, default, (to, &mut out.nulls));
            }
            (Self::F64(lag), ColumnData::F64(from), ColumnData::F64(to)) => {
                let default = match default {
                    Value::F64(value) => Some(*value),
                    _ => None,
                };
                lag_values(lag, rows, from, nulls, default, (to, &mut out.nulls));
            }
            (Self::Text(lag), ColumnData::Text(from), ColumnData::Text(to)) => {
                let absent = TextSlot::default();
                let default = match default.as_bytes() {
                    Some(bytes) => TextSlot {
                        present: true,
                        bytes: bytes.to_vec(),
                    },
                    None => absent,
                };
                let out_nulls = &mut out.nulls;
                lag.slide(
                    rows,
                    |row, item| item.take(argument, from, row),
                    |row, item| {
                        let item = item.unwrap_or(&default);
                        if item.present {
                            to.set(row, &item.bytes);
                        } else {
                            mark(out_nulls, to.views.len(), row);
                        }
                    },
                );
            }
            _ => panic!("LAG keeps the type of its argument"),
        }
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Bool(lag) => lag.bytes(),
            Self::I64(lag) => lag.bytes(),
            Self::I128(lag) => lag.bytes(),
            Self::F64(lag) => lag.bytes(),
            Self::Text(lag) => lag.bytes(),
        }
    }

    /// As a component.
    pub fn part(&mut self) -> &mut dyn Part {
        match self {
            Self::Bool(lag) => lag,
            Self::I64(lag) => lag,
            Self::I128(lag) => lag,
            Self::F64(lag) => lag,
            Self::Text(lag) => lag,
        }
    }
}

fn lag_values<T: Copy + Default + Send>(
    lag: &mut History<Option<T>>,
    rows: &RowsInPlay<'_>,
    from: &[T],
    nulls: &[bool],
    default: Option<T>,
    (to, to_nulls): (&mut [T], &mut Vec<bool>),
) where
    Option<T>: Saved,
{
    lag.slide(
        rows,
        |row, item| *item = (nulls.is_empty() || !nulls[row]).then_some(from[row]),
        |row, item| match item.copied().unwrap_or(default) {
            Some(value) => to[row] = value,
            None => mark(to_nulls, to.len(), row),
        },
    );
}

/// Marks `row` of `len` NULL.
pub fn mark(nulls: &mut Vec<bool>, len: usize, row: usize) {
    if nulls.is_empty() {
        nulls.resize(len, false);
    }
    nulls[row] = true;
}
