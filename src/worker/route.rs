//! A route on one worker: one decode of the union of its statements' columns, then each statement's first
//! stage, in the ledger's order.

use super::output::DeadLetterPort;
use super::pipeline::Pipeline;
use super::system::SystemWriter;
use crate::batch::{Batch, RowOrder, Rows, swap_vecs};
use crate::chunk::Morsel;
use crate::error::{JobError, Reason};
use crate::format::{Decoder, FieldFault, RECORD_FAULT};
use crate::limits::ERROR_TEXT_MAX;
use crate::link::ErrorSample;
use crate::plan::OnError;
use crate::probe::{Stage, mark};
use crate::time::OrderKey;
use std::fmt::Write;

/// A route's decoding state.
pub struct RouteWork {
    // Fixed at construction.
    source: usize,
    /// Its statements.
    statements: Vec<usize>,
    system: SystemWriter,
    /// How a refused record is shown.
    show: fn(&[u8]) -> String,
    // State.
    decoder: Box<dyn Decoder>,
    batch: Batch,
    /// Columns decoded for the morsel at hand.
    decoded: Vec<bool>,
    faults: Vec<FieldFault>,
    bad: Vec<bool>,
    dead: Vec<(OrderKey, u32, u32)>,
}

impl RouteWork {
    /// A route of source `source` that feeds `statements`; `batch` has the table's columns, `show` writes a
    /// record for people.
    pub fn new(
        source: usize,
        statements: Vec<usize>,
        decoder: Box<dyn Decoder>,
        system: SystemWriter,
        batch: Batch,
        show: fn(&[u8]) -> String,
    ) -> Self {
        Self {
            source,
            statements,
            system,
            show,
            decoder,
            decoded: vec![false; batch.columns.len()],
            batch,
            faults: Vec::new(),
            bad: Vec::new(),
            dead: Vec::new(),
        }
    }

    /// Index of its source.
    pub fn source_index(&self) -> usize {
        self.source
    }

    /// Runs every statement's first stage over a morsel and fires what its watermark makes final.
    pub fn process(
        &mut self,
        morsel: &mut Morsel,
        pipelines: &mut [Pipeline],
        dead_letters: Option<&mut DeadLetterPort>,
    ) {
        mark(Stage::Hop);
        self.take_rows(morsel);
        let view = morsel.bytes.take().expect("a morsel in a ring has bytes");
        let bytes = view.bytes();
        self.faults.clear();
        self.decoder.begin(bytes, &morsel.rows, &mut self.faults);
        let shared = self.statements.len() > 1;
        for index in 0..self.statements.len() {
            let statement = self.statements[index];
            let pipeline = &mut pipelines[statement];
            self.run_statement(bytes, morsel, pipeline, shared);
            self.settle_refused(bytes, morsel, statement, pipeline);
            self.settle_warned(bytes, morsel, statement, pipeline);
        }
        if let Some(port) = dead_letters {
            for &(key, start, end) in &self.dead {
                port.hold(key, &bytes[start as usize..end as usize]);
            }
        }
        self.dead.clear();
        let frontier = self.frontier_behind(morsel);
        for &statement in &self.statements {
            let pipeline = &mut pipelines[statement];
            pipeline.stages[0].start_advance(frontier);
            pipeline.stages[0].advance_slice(&mut pipeline.ledger);
        }
        morsel.bytes = Some(view);
    }

    /// Moves what is known of the rows into the batch; the morsel gets the batch's old vectors.
    fn take_rows(&mut self, morsel: &mut Morsel) {
        self.batch.clear();
        self.decoded.fill(false);
        let batch = &mut self.batch;
        batch.rows = morsel.rows.len();
        batch.arrival_ns = morsel.arrival_ns;
        swap_vecs(&mut batch.hashes, &mut morsel.rows.hashes);
        if !matches!(batch.order, RowOrder::Source { .. }) {
            batch.order = RowOrder::Source {
                first_seq: 0,
                seq_offsets: Vec::new(),
                watermarks: Default::default(),
            };
        }
        if let RowOrder::Source {
            first_seq,
            seq_offsets,
            watermarks,
        } = &mut batch.order
        {
            *first_seq = morsel.first_seq;
            swap_vecs(seq_offsets, &mut morsel.rows.seq_offsets);
            std::mem::swap(watermarks, &mut morsel.watermarks);
        }
    }

    /// The frontier behind the last row or refused record.
    fn frontier_behind(&self, morsel: &Morsel) -> OrderKey {
        let RowOrder::Source { watermarks, .. } = &self.batch.order else {
            unreachable!("set when the rows were taken");
        };
        let last_row = self.batch.rows.checked_sub(1);
        let row_seq = last_row.map_or(0, |row| self.batch.order.seq(row) + 1);
        let reject_seq = morsel.rejects.last().map_or(0, |reject| reject.seq + 1);
        OrderKey::record(watermarks.last(), row_seq.max(reject_seq))
    }

    fn run_statement(
        &mut self,
        bytes: &[u8],
        morsel: &Morsel,
        pipeline: &mut Pipeline,
        shared: bool,
    ) {
        let counts = &mut pipeline.ledger.counts;
        counts.read += (morsel.rows.len() + morsel.rejects.len()) as u64;
        self.batch.selection.all(self.batch.rows);
        self.batch.time.clear();
        self.batch.time.extend_from_slice(&morsel.rows.times);
        self.refuse_faulty(pipeline, &[RECORD_FAULT]);
        for gate in 0..pipeline.needs.gates.len() {
            let columns = std::mem::take(&mut pipeline.needs.gates[gate]);
            self.decode(bytes, morsel, &columns, shared);
            self.refuse_columns(pipeline, &columns);
            pipeline.needs.gates[gate] = columns;
            mark(Stage::Decode);
            let passed = pipeline.stages[0].gate(gate, &mut self.batch, &mut pipeline.ledger);
            mark(Stage::Filter);
            if !passed {
                return;
            }
        }
        let columns = std::mem::take(&mut pipeline.needs.rest);
        self.decode(bytes, morsel, &columns, shared);
        self.refuse_columns(pipeline, &columns);
        mark(Stage::Decode);
        let in_play = self.batch.selection.len() as u64;
        let gone = pipeline.ledger.gone();
        let gates = pipeline.needs.gates.len();
        if shared {
            let mut private = pipeline.private.take().expect("a shared route copies");
            self.copy_into(&mut private, pipeline, &columns);
            pipeline.stages[0].process(gates, &mut private, &mut pipeline.ledger);
            pipeline.private = Some(private);
        } else if in_play > 0 {
            pipeline.stages[0].process(gates, &mut self.batch, &mut pipeline.ledger);
        }
        pipeline.needs.rest = columns;
        pipeline.stages[0].end_unit();
        let refused = pipeline.ledger.gone() - gone;
        pipeline.ledger.counts.used += in_play - refused;
    }

    fn decode(&mut self, bytes: &[u8], morsel: &Morsel, columns: &[usize], shared: bool) {
        for &column in columns {
            if std::mem::replace(&mut self.decoded[column], true) {
                continue;
            }
            let Batch { order, columns, .. } = &mut self.batch;
            if self
                .system
                .write(morsel, order, column, &mut columns[column])
            {
                continue;
            }
            let all = Rows::All(self.batch.rows);
            let faulty = self.faults.iter().any(|fault| fault.column == RECORD_FAULT);
            let mut good = crate::batch::Selection::default();
            let rows = match (shared, faulty) {
                (false, _) => self.batch.selection.rows(),
                (true, false) => all,
                (true, true) => {
                    good.all(self.batch.rows);
                    let faults = &self.faults;
                    good.retain(|row| {
                        !faults
                            .iter()
                            .any(|f| f.column == RECORD_FAULT && f.row as usize == row)
                    });
                    good.rows()
                }
            };
            self.decoder.column(
                bytes,
                &morsel.rows,
                column,
                rows,
                &mut self.batch.columns[column],
                &mut self.faults,
            );
        }
    }

    fn refuse_columns(&mut self, pipeline: &mut Pipeline, columns: &[usize]) {
        if self.faults.is_empty() {
            return;
        }
        for &column in columns {
            self.refuse_faulty(pipeline, &[column as u16]);
        }
    }

    /// Refuses the rows in play that have a fault in `columns`.
    fn refuse_faulty(&mut self, pipeline: &mut Pipeline, columns: &[u16]) {
        let mut found = false;
        for fault in &self.faults {
            if columns.contains(&fault.column) {
                if !found {
                    self.bad.clear();
                    self.bad.resize(self.batch.rows, false);
                    found = true;
                }
                self.bad[fault.row as usize] = true;
            }
        }
        if !found {
            return;
        }
        let (bad, faults) = (&self.bad, &self.faults);
        let ledger = &mut pipeline.ledger;
        self.batch.selection.retain(|row| {
            if bad[row] {
                let fault = faults
                    .iter()
                    .find(|f| f.row as usize == row && columns.contains(&f.column))
                    .expect("the row is bad because of it");
                let column = (fault.column != RECORD_FAULT).then_some(fault.column);
                ledger.refuse(row as u32, fault.reason, column);
            }
            !bad[row]
        });
    }

    /// Copies what a statement needs, because another statement reads the same batch.
    fn copy_into(&self, private: &mut Batch, pipeline: &Pipeline, rest: &[usize]) {
        private.clear();
        let gates = pipeline.needs.gates.iter().flatten();
        for &column in gates.chain(rest) {
            if private.columns[column].is_empty() {
                private.columns[column]
                    .extend_from(&self.batch.columns[column], Rows::All(self.batch.rows));
            }
        }
        private.rows = self.batch.rows;
        private.selection.copy_from(&self.batch.selection);
        private.order.clone_from(&self.batch.order);
        private.time.extend_from_slice(&self.batch.time);
        private.hashes.extend_from_slice(&self.batch.hashes);
        private.arrival_ns = self.batch.arrival_ns;
    }

    /// Counts, shows and keeps the records that a statement refused, those of ingest included.
    fn settle_refused(
        &mut self,
        bytes: &[u8],
        morsel: &Morsel,
        statement: usize,
        pipeline: &mut Pipeline,
    ) {
        for reject in &morsel.rejects {
            pipeline.ledger.counts.rejected[reject.reason as usize] += 1;
            let key = OrderKey::record(reject.watermark, reject.seq);
            let place = (reject.start, reject.end);
            self.settle_one(
                bytes,
                morsel,
                statement,
                pipeline,
                (reject.reason, None, key, place),
            );
        }
        let refused = std::mem::take(&mut pipeline.ledger.refused);
        for &(row, reason, column) in &refused {
            let row = row as usize;
            let place = morsel.rows.place(row);
            let key = self.batch.order.key(row);
            self.settle_one(
                bytes,
                morsel,
                statement,
                pipeline,
                (reason, column, key, place),
            );
        }
        pipeline.ledger.refused = refused;
        pipeline.ledger.refused.clear();
    }

    fn settle_one(
        &mut self,
        bytes: &[u8],
        morsel: &Morsel,
        statement: usize,
        pipeline: &mut Pipeline,
        refused: (Reason, Option<u16>, OrderKey, (u32, u32)),
    ) {
        let (reason, column, key, (start, end)) = refused;
        if matches!(pipeline.on_error, OnError::DeadLetter(_)) {
            self.dead.push((key, start, end));
        }
        let fails = pipeline.on_error == OnError::Fail;
        if !fails && !pipeline.wants_sample(reason) {
            return;
        }
        let mut sample = self.sample(bytes, morsel, statement, key, (start, end));
        (sample.reason, sample.column) = (Some(reason), column);
        if fails {
            let failure = &mut pipeline.stages[0].failure;
            failure.get_or_insert_with(|| JobError::Record {
                source: pipeline.source_name.clone(),
                detail: format!(
                    "{} at {} byte {}: {}",
                    reason.name(),
                    pipeline.connector.file_name(sample.file),
                    sample.offset,
                    sample.text
                ),
            });
        }
        pipeline.show(reason, sample);
    }

    /// Logs a late record that corrected a closed window, if it is time for one.
    fn settle_warned(
        &self,
        bytes: &[u8],
        morsel: &Morsel,
        statement: usize,
        pipeline: &mut Pipeline,
    ) {
        let Some(row) = pipeline.ledger.warned.take() else {
            return;
        };
        if pipeline.logs_late(morsel.arrival_ns) {
            let row = row as usize;
            let place = morsel.rows.place(row);
            let sample = self.sample(bytes, morsel, statement, self.batch.order.key(row), place);
            pipeline.log_late(morsel.arrival_ns, sample);
        }
    }

    /// The record at `place` of the morsel as it is shown.
    fn sample(
        &self,
        bytes: &[u8],
        morsel: &Morsel,
        statement: usize,
        key: OrderKey,
        (start, end): (u32, u32),
    ) -> ErrorSample {
        ErrorSample {
            statement: statement as u16,
            reason: None,
            file: morsel.file,
            offset: morsel.file_offset + u64::from(start),
            seq: key.seq,
            column: None,
            text: (self.show)(&bytes[start as usize..end as usize]),
        }
    }
}

/// The first characters of a record, unreadable bytes replaced.
pub(super) fn show_text(record: &[u8]) -> String {
    let cut = &record[..record.len().min(ERROR_TEXT_MAX)];
    String::from_utf8_lossy(cut).into_owned()
}

/// The first bytes of a record, each as two hexadecimal digits.
pub(super) fn show_bytes(record: &[u8]) -> String {
    let cut = &record[..record.len().min(ERROR_TEXT_MAX / 2)];
    cut.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
