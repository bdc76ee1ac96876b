//! Result rows to bytes: CSV, JSON lines, fixed-width records and the fields of the table for people.
//!
//! Rows are written straight from the columns into [`Encoded::bytes`](super::Encoded): nothing is allocated
//! once its buffers have grown. An encoder goes row by row and branches on the column's type at every value;
//! the branch is predicted, since rows repeat the types. What all encoders share lies here: which rows are
//! written, and the `op` field of changelogs.

pub mod binary;
pub mod csv;
pub mod json;
pub mod rows;
pub mod table;

mod align;
pub(in crate::format) mod text;
mod value;

pub use align::Aligner;

use super::{Encoded, Encoder};
use crate::batch::{Batch, Column, RowOp};
use crate::plan::{ChangelogMode, SinkFormat};
use crate::types::Schema;

/// The encoder of a sink that takes rows of `schema`.
pub fn encoder(
    format: &SinkFormat,
    schema: &Schema,
    changelog: &ChangelogMode,
) -> Box<dyn Encoder> {
    let changelog = Changelog::of(changelog);
    match format {
        SinkFormat::Table => Box::new(table::TableEncoder::new(schema, changelog)),
        SinkFormat::Csv {
            delimiter,
            header,
            null_text,
            timestamp,
        } => Box::new(csv::CsvEncoder::new(
            &csv::CsvOptions {
                delimiter: *delimiter,
                header: *header,
                null_text: null_text.clone(),
                timestamp: timestamp.clone(),
            },
            schema,
            changelog,
        )),
        SinkFormat::Json { timestamp } => {
            Box::new(json::JsonEncoder::new(schema, timestamp, changelog))
        }
        SinkFormat::Binary(format) => {
            Box::new(binary::BinaryEncoder::new(format, schema, changelog))
        }
        SinkFormat::Rows => Box::new(rows::RowsEncoder::new(schema.fields.len())),
    }
}

/// The columns of a sink: which of a batch's each one is, and what writes it.
#[derive(Debug)]
struct Columns<W> {
    places: Vec<usize>,
    writers: Vec<W>,
}

impl<W> Columns<W> {
    /// Columns that stand in a batch as they do in the sink.
    fn new(writers: impl Iterator<Item = W>) -> Self {
        let writers: Vec<W> = writers.collect();
        Self {
            places: (0..writers.len()).collect(),
            writers,
        }
    }

    /// Takes them from these columns of a batch.
    ///
    /// # Panics
    /// When there are not as many as the sink has.
    fn place(&mut self, places: &[usize]) {
        assert_eq!(places.len(), self.writers.len(), "the sink's columns");
        self.places = places.to_vec();
    }

    /// What writes each, and the column.
    #[inline(always)]
    fn each<'a>(&'a mut self, batch: &'a Batch) -> impl Iterator<Item = (&'a mut W, &'a Column)> {
        let columns = self.places.iter().map(|&place| &batch.columns[place]);
        self.writers.iter_mut().zip(columns)
    }
}

/// What becomes of the ops of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changelog {
    /// An `op` field comes first when the batch has ops, which the planner lets happen only on purpose.
    Append,
    /// Rows are written plainly; the row before an update is not written.
    Upsert,
    /// An `op` field always comes first.
    Retract,
}

impl Changelog {
    /// What becomes of the ops of a sink's rows in this mode.
    pub const fn of(mode: &ChangelogMode) -> Self {
        match mode {
            ChangelogMode::Append => Self::Append,
            ChangelogMode::Upsert(_) => Self::Upsert,
            ChangelogMode::Retract => Self::Retract,
        }
    }

    /// What the rows of `batch` need before their own fields.
    fn prefix(self, batch: &Batch) -> Prefix<'_> {
        match (self, batch.ops.is_empty()) {
            (Self::Append | Self::Upsert, true) => Prefix::Nothing,
            (Self::Upsert, false) => Prefix::Skip(&batch.ops),
            (Self::Append | Self::Retract, false) => Prefix::Ops(&batch.ops),
            (Self::Retract, true) => Prefix::Inserts,
        }
    }
}

/// What stands before a row's own fields.
enum Prefix<'a> {
    /// Nothing.
    Nothing,
    /// Nothing, and rows before an update are not written.
    Skip(&'a [RowOp]),
    /// `+I`.
    Inserts,
    /// The row's op.
    Ops(&'a [RowOp]),
}

impl Prefix<'_> {
    /// The op to write before `row`, if any.
    #[inline(always)]
    fn op(&self, row: usize) -> Option<RowOp> {
        match self {
            Self::Nothing | Self::Skip(_) => None,
            Self::Inserts => Some(RowOp::Insert),
            Self::Ops(ops) => Some(ops[row]),
        }
    }

    /// Whether `row` is written at all.
    #[inline(always)]
    fn is_written(&self, row: usize) -> bool {
        match self {
            Self::Skip(ops) => match ops[row] {
                RowOp::UpdateBefore => false,
                RowOp::Insert | RowOp::UpdateAfter => true,
                RowOp::Delete => panic!("the planner gives no deletes to an upsert sink"),
            },
            _ => true,
        }
    }
}

/// The text of an op.
const fn op_text(op: RowOp) -> &'static [u8] {
    match op {
        RowOp::Insert => b"+I",
        RowOp::UpdateBefore => b"-U",
        RowOp::UpdateAfter => b"+U",
        RowOp::Delete => b"-D",
    }
}

/// Calls `write(row, op, bytes)` for the rows of `batch` that are written, and notes where each ends. A row
/// that is not written ends where the one before it does, so that ends and selected rows stay in step.
#[inline(always)]
fn encode_rows(
    batch: &Batch,
    changelog: Changelog,
    out: &mut Encoded,
    mut write: impl FnMut(usize, Option<RowOp>, &mut Vec<u8>),
) {
    let prefix = changelog.prefix(batch);
    let bytes = &mut out.bytes;
    let ends = &mut out.ends;
    batch.selection.rows().for_each(|row| {
        if prefix.is_written(row) {
            write(row, prefix.op(row), bytes);
        }
        ends.push(bytes.len() as u32);
    });
    assert!(
        u32::try_from(bytes.len()).is_ok(),
        "an output morsel is below 4 GiB"
    );
}

#[cfg(test)]
mod tests;
