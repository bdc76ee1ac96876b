//! Columns, selections and batches: what workers decode into and operators pass on.
//!
//! A batch is reused: clearing keeps every allocation. Columns are addressed by row index; a selection says
//! which rows are still in play, and kernels write only (or at least) the selected rows.
//!
//! ```text
//! TextView, 16 bytes:  | len u32 | up to 12 bytes inline                  |   len <= 12
//!                      | len u32 | first 4 bytes | offset into heap, u64  |   len > 12
//! ```

use crate::time::{EventTimeNs, OrderKey, WatermarkRuns};
use crate::types::{DataType, Physical, Value};

/// Bytes that a [`TextView`] holds without the heap.
pub const TEXT_INLINE: usize = 12;

/// A text value of a [`TextColumn`]: short ones inline and comparable as one 128-bit word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(align(16))]
pub struct TextView([u8; 16]);

impl TextView {
    /// Length in bytes.
    #[inline(always)]
    pub fn len(self) -> usize {
        // By way of the word: with the word at hand too, one load serves both.
        self.word() as u32 as usize
    }

    /// Whether it is ''.
    #[inline(always)]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// Whether the bytes are inline.
    #[inline(always)]
    pub fn is_inline(self) -> bool {
        self.len() <= TEXT_INLINE
    }

    /// The whole view as one word; equal words are equal texts when both are inline.
    #[inline(always)]
    pub fn word(self) -> u128 {
        u128::from_le_bytes(self.0)
    }

    /// The view of an inline text from its bytes as a word whose bytes at and behind `len` are zero.
    #[inline(always)]
    pub fn from_word(word: u128, len: usize) -> Self {
        debug_assert!(len <= TEXT_INLINE && word >> (8 * len).min(127) == 0 || len == 16);
        Self(((word << 32) | len as u128).to_le_bytes())
    }

    #[inline]
    fn inline(bytes: &[u8]) -> Self {
        let mut view = [0; 16];
        view[..4].copy_from_slice(&(bytes.len() as u32).to_le_bytes());
        view[4..4 + bytes.len()].copy_from_slice(bytes);
        Self(view)
    }

    fn heap(bytes: &[u8], offset: usize) -> Self {
        let mut view = [0; 16];
        view[..4].copy_from_slice(&(bytes.len() as u32).to_le_bytes());
        view[4..8].copy_from_slice(&bytes[..4]);
        view[8..].copy_from_slice(&(offset as u64).to_le_bytes());
        Self(view)
    }

    fn heap_offset(self) -> usize {
        u64::from_le_bytes(self.0[8..].try_into().expect("eight bytes")) as usize
    }
}

/// Texts: views plus a heap for those longer than [`TEXT_INLINE`].
#[derive(Clone, Debug, Default)]
pub struct TextColumn {
    /// One view a row.
    pub views: Vec<TextView>,
    heap: Vec<u8>,
}

impl TextColumn {
    /// The same texts without the bytes of those that were overwritten.
    pub fn compacted(&self) -> Self {
        let mut live = Self::default();
        live.views.reserve(self.views.len());
        for row in 0..self.views.len() {
            live.push_from(self, row);
        }
        live
    }

    /// The bytes of `row`.
    #[inline]
    pub fn get(&self, row: usize) -> &[u8] {
        let view = &self.views[row];
        let len = view.len();
        if len <= TEXT_INLINE {
            &view.0[4..4 + len]
        } else {
            let start = view.heap_offset();
            &self.heap[start..start + len]
        }
    }

    /// The text of `row` of a VARCHAR, which holds only valid UTF-8: decoders check it.
    pub fn get_str(&self, row: usize) -> &str {
        std::str::from_utf8(self.get(row)).expect("decoders admit only UTF-8")
    }

    /// Appends a text.
    #[inline]
    pub fn push(&mut self, bytes: &[u8]) {
        let view = self.store(bytes);
        self.views.push(view);
    }

    /// Overwrites `row`; the heap bytes of the old value stay until the column is cleared.
    #[inline]
    pub fn set(&mut self, row: usize, bytes: &[u8]) {
        self.views[row] = self.store(bytes);
    }

    /// Overwrites `row` by what `write` appends; the row stays as it is when that fails.
    ///
    /// # Errors
    /// Those of `write`.
    pub fn set_from<E>(
        &mut self,
        row: usize,
        write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
    ) -> Result<(), E> {
        let offset = self.heap.len();
        let written = write(&mut self.heap);
        let bytes = &self.heap[offset..];
        let is_kept = written.is_ok() && bytes.len() > TEXT_INLINE;
        if is_kept {
            self.views[row] = TextView::heap(bytes, offset);
        } else {
            if written.is_ok() {
                self.views[row] = TextView::inline(bytes);
            }
            self.heap.truncate(offset);
        }
        written
    }

    /// Makes a view of `bytes`, copying them to the heap when they do not fit inline.
    #[inline]
    pub fn store(&mut self, bytes: &[u8]) -> TextView {
        if bytes.len() <= TEXT_INLINE {
            TextView::inline(bytes)
        } else {
            let offset = self.heap.len();
            self.heap.extend_from_slice(bytes);
            TextView::heap(bytes, offset)
        }
    }

    /// Appends row `row` of `other`.
    #[inline]
    pub fn push_from(&mut self, other: &Self, row: usize) {
        let view = other.views[row];
        if view.is_inline() {
            self.views.push(view);
        } else {
            self.push(other.get(row));
        }
    }

    /// Whether row `row` equals row `other_row` of `other`.
    #[inline(always)]
    pub fn equals(&self, row: usize, other: &Self, other_row: usize) -> bool {
        let (a, b) = (self.views[row], other.views[other_row]);
        if a.is_inline() || b.is_inline() {
            a == b
        } else {
            self.get(row) == other.get(other_row)
        }
    }

    /// Empties it, keeping its memory.
    pub fn clear(&mut self) {
        self.views.clear();
        self.heap.clear();
    }

    /// Bytes of heap in use.
    pub fn heap_bytes(&self) -> usize {
        self.heap.len()
    }
}

/// The values of a column in its physical representation.
#[derive(Clone, Debug)]
pub enum ColumnData {
    /// BOOLEAN.
    Bool(Vec<bool>),
    /// INT, BIGINT, DATE, TIME, TIMESTAMP, INTERVAL, narrow DECIMAL.
    I64(Vec<i64>),
    /// Wide DECIMAL.
    I128(Vec<i128>),
    /// DOUBLE and REAL.
    F64(Vec<f64>),
    /// VARCHAR and VARBINARY.
    Text(TextColumn),
}

/// A column: values, and which of them are NULL.
#[derive(Clone, Debug)]
pub struct Column {
    /// The values; the value of a NULL row is any legal one.
    pub data: ColumnData,
    /// True where NULL; empty when no row is.
    pub nulls: Vec<bool>,
}

/// Swaps two vectors in registers.
#[inline(always)]
pub fn swap_vecs<T>(a: &mut Vec<T>, b: &mut Vec<T>) {
    let was = std::mem::replace(a, std::mem::take(b));
    // What is left in `b` is empty and owns nothing.
    std::mem::forget(std::mem::replace(b, was));
}

impl Column {
    /// An empty column that holds values of `ty`.
    pub fn new(ty: DataType) -> Self {
        Self::with_physical(ty.physical())
    }

    /// An empty column of a physical representation.
    pub fn with_physical(physical: Physical) -> Self {
        let data = match physical {
            Physical::Bool => ColumnData::Bool(Vec::new()),
            Physical::I64 => ColumnData::I64(Vec::new()),
            Physical::I128 => ColumnData::I128(Vec::new()),
            Physical::F64 => ColumnData::F64(Vec::new()),
            Physical::Text => ColumnData::Text(TextColumn::default()),
        };
        Self {
            data,
            nulls: Vec::new(),
        }
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        match &self.data {
            ColumnData::Bool(values) => values.len(),
            ColumnData::I64(values) => values.len(),
            ColumnData::I128(values) => values.len(),
            ColumnData::F64(values) => values.len(),
            ColumnData::Text(values) => values.views.len(),
        }
    }

    /// Whether it has no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Empties it, keeping its memory.
    pub fn clear(&mut self) {
        self.nulls.clear();
        match &mut self.data {
            ColumnData::Bool(values) => values.clear(),
            ColumnData::I64(values) => values.clear(),
            ColumnData::I128(values) => values.clear(),
            ColumnData::F64(values) => values.clear(),
            ColumnData::Text(values) => values.clear(),
        }
    }

    /// Gives it exactly `rows` rows of zero values without NULLs, for kernels that write by index.
    pub fn reset(&mut self, rows: usize) {
        self.clear();
        match &mut self.data {
            ColumnData::Bool(values) => values.resize(rows, false),
            ColumnData::I64(values) => values.resize(rows, 0),
            ColumnData::I128(values) => values.resize(rows, 0),
            ColumnData::F64(values) => values.resize(rows, 0.0),
            ColumnData::Text(values) => values.views.resize(rows, TextView::default()),
        }
    }

    /// Swaps values and NULLs with `other`. Vector by vector, where both hold the same kind: `std::mem::swap` of the
    /// whole took three times the instructions (2026-11-25), which a batch of one row feels.
    pub fn swap_with(&mut self, other: &mut Self) {
        match (&mut self.data, &mut other.data) {
            (ColumnData::Bool(a), ColumnData::Bool(b)) => swap_vecs(a, b),
            (ColumnData::I64(a), ColumnData::I64(b)) => swap_vecs(a, b),
            (ColumnData::I128(a), ColumnData::I128(b)) => swap_vecs(a, b),
            (ColumnData::F64(a), ColumnData::F64(b)) => swap_vecs(a, b),
            (ColumnData::Text(a), ColumnData::Text(b)) => {
                swap_vecs(&mut a.views, &mut b.views);
                swap_vecs(&mut a.heap, &mut b.heap);
            }
            (a, b) => std::mem::swap(a, b),
        }
        swap_vecs(&mut self.nulls, &mut other.nulls);
    }

    /// Whether `row` is NULL.
    #[inline(always)]
    pub fn is_null(&self, row: usize) -> bool {
        !self.nulls.is_empty() && self.nulls[row]
    }

    /// Makes the value of `row` the type's zero.
    pub fn zero(&mut self, row: usize) {
        match &mut self.data {
            ColumnData::Bool(values) => values[row] = false,
            ColumnData::I64(values) => values[row] = 0,
            ColumnData::I128(values) => values[row] = 0,
            ColumnData::F64(values) => values[row] = 0.0,
            ColumnData::Text(values) => values.views[row] = TextView::default(),
        }
    }

    /// Marks `row` NULL.
    pub fn set_null(&mut self, row: usize) {
        if self.nulls.is_empty() {
            self.nulls.resize(self.len(), false);
        }
        self.nulls[row] = true;
    }

    /// The value of `row`, for the slow paths.
    pub fn value(&self, row: usize) -> Value {
        if self.is_null(row) {
            return Value::Null;
        }
        match &self.data {
            ColumnData::Bool(values) => Value::Bool(values[row]),
            ColumnData::I64(values) => Value::I64(values[row]),
            ColumnData::I128(values) => Value::I128(values[row]),
            ColumnData::F64(values) => Value::F64(values[row]),
            ColumnData::Text(values) => Value::of_bytes(values.get(row)),
        }
    }

    /// Appends a value.
    ///
    /// # Panics
    /// When the value's representation is not the column's.
    pub fn push(&mut self, value: &Value) {
        if matches!(value, Value::Null) {
            self.push_null();
            return;
        }
        match (&mut self.data, value) {
            (ColumnData::Bool(values), Value::Bool(value)) => values.push(*value),
            (ColumnData::I64(values), Value::I64(value)) => values.push(*value),
            (ColumnData::I128(values), Value::I128(value)) => values.push(*value),
            (ColumnData::F64(values), Value::F64(value)) => values.push(*value),
            (ColumnData::Text(values), Value::Text(value)) => values.push(value.as_bytes()),
            (ColumnData::Text(values), Value::Bytes(value)) => values.push(value),
            (data, value) => panic!("value {value:?} pushed to a column of {data:?}"),
        }
        if !self.nulls.is_empty() {
            self.nulls.push(false);
        }
    }

    /// Appends a NULL.
    pub fn push_null(&mut self) {
        if self.nulls.is_empty() {
            self.nulls.resize(self.len(), false);
        }
        match &mut self.data {
            ColumnData::Bool(values) => values.push(false),
            ColumnData::I64(values) => values.push(0),
            ColumnData::I128(values) => values.push(0),
            ColumnData::F64(values) => values.push(0.0),
            ColumnData::Text(values) => values.views.push(TextView::default()),
        }
        self.nulls.push(true);
    }

    /// Appends rows `rows` of `other`, which has the same representation.
    pub fn extend_from(&mut self, other: &Self, rows: Rows<'_>) {
        let before = self.len();
        match (&mut self.data, &other.data) {
            (ColumnData::Bool(to), ColumnData::Bool(from)) => rows.gather(from, to),
            (ColumnData::I64(to), ColumnData::I64(from)) => rows.gather(from, to),
            (ColumnData::I128(to), ColumnData::I128(from)) => rows.gather(from, to),
            (ColumnData::F64(to), ColumnData::F64(from)) => rows.gather(from, to),
            (ColumnData::Text(to), ColumnData::Text(from)) => {
                rows.for_each(|row| to.push_from(from, row));
            }
            (to, from) => panic!("column of {from:?} appended to {to:?}"),
        }
        if !self.nulls.is_empty() || !other.nulls.is_empty() {
            self.nulls.resize(before, false);
            if other.nulls.is_empty() {
                let len = self.len();
                self.nulls.resize(len, false);
            } else {
                rows.gather(&other.nulls, &mut self.nulls);
            }
        }
    }
}

/// Rows of a batch that are in play, ascending.
#[derive(Clone, Copy, Debug)]
pub enum Rows<'a> {
    /// Rows 0..n.
    All(usize),
    /// These rows.
    Some(&'a [u32]),
}

impl Rows<'_> {
    /// How many.
    #[inline]
    pub fn len(self) -> usize {
        match self {
            Self::All(rows) => rows,
            Self::Some(rows) => rows.len(),
        }
    }

    /// Whether none is left.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// Calls `f` with every row, ascending. The two loops compile apart, so the dense one vectorises.
    #[inline(always)]
    pub fn for_each(self, mut f: impl FnMut(usize)) {
        match self {
            Self::All(rows) => {
                for row in 0..rows {
                    f(row);
                }
            }
            Self::Some(rows) => {
                for &row in rows {
                    f(row as usize);
                }
            }
        }
    }

    fn gather<T: Copy>(self, from: &[T], to: &mut Vec<T>) {
        match self {
            Self::All(rows) => to.extend_from_slice(&from[..rows]),
            Self::Some(rows) => to.extend(rows.iter().map(|&row| from[row as usize])),
        }
    }
}

/// The owner of a set of rows: all of them until something is filtered.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    dense: bool,
    total: usize,
    rows: Vec<u32>,
}

impl Selection {
    /// Selects rows 0..`total`.
    pub fn all(&mut self, total: usize) {
        self.dense = true;
        self.total = total;
        self.rows.clear();
    }

    /// The rows in play.
    #[inline]
    pub fn rows(&self) -> Rows<'_> {
        if self.dense {
            Rows::All(self.total)
        } else {
            Rows::Some(&self.rows)
        }
    }

    /// How many rows are in play.
    pub fn len(&self) -> usize {
        self.rows().len()
    }

    /// Whether no row is in play.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Keeps the rows for which `keep` is true. Branch-free: every row is written, kept ones advance.
    #[inline(always)]
    pub fn retain(&mut self, mut keep: impl FnMut(usize) -> bool) {
        if self.dense {
            self.rows.resize(self.total, 0);
            let mut kept = 0;
            for row in 0..self.total {
                self.rows[kept] = row as u32;
                kept += usize::from(keep(row));
            }
            self.rows.truncate(kept);
            self.dense = kept == self.total;
        } else {
            let mut kept = 0;
            for i in 0..self.rows.len() {
                let row = self.rows[i];
                self.rows[kept] = row;
                kept += usize::from(keep(row as usize));
            }
            self.rows.truncate(kept);
        }
    }

    /// Replaces the rows in play; `rows` is ascending.
    pub fn assign(&mut self, total: usize, rows: &[u32]) {
        self.dense = false;
        self.total = total;
        self.rows.clear();
        self.rows.extend_from_slice(rows);
    }

    /// Copies another selection, keeping this one's memory.
    pub fn copy_from(&mut self, other: &Self) {
        self.dense = other.dense;
        self.total = other.total;
        self.rows.clear();
        self.rows.extend_from_slice(&other.rows);
    }
}

/// What happened to a row in a changelog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum RowOp {
    /// `+I`: a new row.
    Insert,
    /// `-U`: the row before an update.
    UpdateBefore,
    /// `+U`: the row after an update.
    UpdateAfter,
    /// `-D`: a row taken back.
    Delete,
}

/// Where the rows of a batch stand in the one order.
#[derive(Clone, Debug)]
pub enum RowOrder {
    /// Records of a source: `first_seq + offset` and the watermark runs.
    Source {
        /// Number of the record that offset 0 means.
        first_seq: u64,
        /// Offset of each row; empty when row `r` has offset `r`.
        seq_offsets: Vec<u32>,
        /// W(i) of every row.
        watermarks: WatermarkRuns,
    },
    /// Rows of an operator: one key each.
    Keys(Vec<OrderKey>),
}

impl RowOrder {
    /// The order key of `row`.
    #[inline]
    pub fn key(&self, row: usize) -> OrderKey {
        match self {
            Self::Source {
                first_seq,
                seq_offsets,
                watermarks,
            } => {
                let offset = seq_offsets.get(row).map_or(row as u64, |&o| u64::from(o));
                OrderKey::record(watermarks.at(row as u32), first_seq + offset)
            }
            Self::Keys(keys) => keys[row],
        }
    }

    /// Appends the order keys of `rows`: a stretch of rows under one watermark at a time.
    pub fn extend_keys(&self, rows: Rows<'_>, keys: &mut Vec<OrderKey>) {
        match self {
            Self::Source {
                first_seq,
                seq_offsets,
                watermarks,
            } => {
                let (mut from, mut watermark) = (0, watermarks.initial);
                let rises = watermarks.rises.iter().copied();
                // The last ones have no rise behind them.
                for (row, next) in rises.chain([(u32::MAX, watermark)]) {
                    let key = |row: usize| {
                        let offset = seq_offsets.get(row).map_or(row as u64, |&o| u64::from(o));
                        OrderKey::record(watermark, first_seq + offset)
                    };
                    let upto = match rows {
                        Rows::All(rows) => rows.min(row as usize),
                        Rows::Some(rows) => rows.partition_point(|&other| other < row),
                    };
                    match rows {
                        Rows::All(_) => keys.extend((from..upto).map(key)),
                        Rows::Some(rows) => {
                            keys.extend(rows[from..upto].iter().map(|&row| key(row as usize)));
                        }
                    }
                    (from, watermark) = (upto, next);
                }
            }
            Self::Keys(from) => match rows {
                Rows::All(rows) => keys.extend_from_slice(&from[..rows]),
                Rows::Some(rows) => keys.extend(rows.iter().map(|&row| from[row as usize])),
            },
        }
    }

    /// The watermark in force for `row`: what decides whether it is late.
    #[inline]
    pub fn watermark(&self, row: usize) -> EventTimeNs {
        match self {
            Self::Source { watermarks, .. } => watermarks.at(row as u32),
            Self::Keys(keys) => keys[row].watermark(),
        }
    }

    /// The number of the record behind `row`.
    #[inline]
    pub fn seq(&self, row: usize) -> u64 {
        match self {
            Self::Source {
                first_seq,
                seq_offsets,
                ..
            } => first_seq + seq_offsets.get(row).map_or(row as u64, |&o| u64::from(o)),
            Self::Keys(keys) => keys[row].seq,
        }
    }
}

/// Rows in columns with what every operator may need beside the values.
#[derive(Clone, Debug)]
pub struct Batch {
    /// Rows in every column (those not decoded have none).
    pub rows: usize,
    /// Rows in play.
    pub selection: Selection,
    /// The columns; their types are the plan's.
    pub columns: Vec<Column>,
    /// Order keys and watermarks.
    pub order: RowOrder,
    /// Event time of every row; empty when the plan has none.
    pub time: Vec<EventTimeNs>,
    /// Hash of the key the rows were routed by; empty when they were not.
    pub hashes: Vec<u64>,
    /// What happened to each row; empty when all are `+I`.
    pub ops: Vec<RowOp>,
    /// Arrival stamp of the read that brought the newest row, for latency.
    pub arrival_ns: ClockStamp,
}

/// Nanoseconds of the clock that stamps reads; 0 when unknown.
pub type ClockStamp = u64;

impl Batch {
    /// An empty batch with one column for each type.
    pub fn new(types: &[DataType]) -> Self {
        Self {
            rows: 0,
            selection: Selection::default(),
            columns: types.iter().map(|&ty| Column::new(ty)).collect(),
            order: RowOrder::Keys(Vec::new()),
            time: Vec::new(),
            hashes: Vec::new(),
            ops: Vec::new(),
            arrival_ns: 0,
        }
    }

    /// Empties it, keeping its memory.
    pub fn clear(&mut self) {
        self.rows = 0;
        self.selection.all(0);
        for column in &mut self.columns {
            column.clear();
        }
        if let RowOrder::Keys(keys) = &mut self.order {
            keys.clear();
        }
        self.time.clear();
        self.hashes.clear();
        self.ops.clear();
    }

    /// The order keys of its rows, to be written; the order of records, if it had that, is gone.
    #[inline]
    pub fn order_keys(&mut self) -> &mut Vec<OrderKey> {
        if !matches!(self.order, RowOrder::Keys(_)) {
            self.order = RowOrder::Keys(Vec::new());
        }
        match &mut self.order {
            RowOrder::Keys(keys) => keys,
            RowOrder::Source { .. } => unreachable!("it was just replaced"),
        }
    }

    /// Becomes rows `rows` of `columns`, which are its first. Columns that nobody reads have no rows.
    pub fn gather<'a>(&mut self, columns: impl IntoIterator<Item = &'a Column>, rows: &[u32]) {
        self.clear();
        for (out, column) in self.columns.iter_mut().zip(columns) {
            if !column.is_empty() {
                out.extend_from(column, Rows::Some(rows));
            }
        }
        self.rows = rows.len();
        self.selection.all(rows.len());
    }

    /// Appends rows `rows` to `columns`, which stand for the first of the batch's. Columns that nothing reads are not
    /// decoded and have no rows.
    pub fn append_to(&self, rows: Rows<'_>, columns: &mut [Column]) {
        for (to, from) in columns.iter_mut().zip(&self.columns) {
            if from.len() >= self.rows {
                to.extend_from(from, rows);
            }
        }
    }
}
