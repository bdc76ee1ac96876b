//! Ports to egress: result rows encoded in the sink's format, and refused records as they were.

use crate::batch::Batch;
use crate::egress::OutputMorsel;
use crate::format::Encoder;
use crate::link::{Message, Sender};
use crate::probe::{Stage, mark};
use crate::time::OrderKey;
use std::collections::BTreeMap;

/// Bytes of an output morsel that is sent without waiting for the end of the unit of work.
const OUTPUT_BYTES: usize = 1 << 16;

/// The port of a statement's last stage.
pub struct OutputPort {
    // Fixed at construction.
    encoder: Option<Box<dyn Encoder>>,
    /// Whether rows get order keys.
    pub keyed: bool,
    // State.
    pub sender: Sender<OutputMorsel>,
    current: Option<Box<OutputMorsel>>,
}

impl OutputPort {
    /// A port; without an encoder rows are only counted.
    pub fn new(
        encoder: Option<Box<dyn Encoder>>,
        keyed: bool,
        sender: Sender<OutputMorsel>,
    ) -> Self {
        Self {
            encoder,
            keyed,
            sender,
            current: None,
        }
    }

    /// Encodes the selected rows.
    pub fn push(&mut self, batch: &Batch) {
        let rows = batch.selection.rows();
        if rows.is_empty() {
            return;
        }
        mark(Stage::Emit);
        let mut morsel = self
            .current
            .take()
            .unwrap_or_else(|| self.sender.take().unwrap_or_default());
        if let Some(encoder) = &mut self.encoder {
            encoder.encode(batch, &mut morsel.encoded);
        }
        if self.keyed {
            batch.order.extend_keys(rows, &mut morsel.keys);
        }
        mark(Stage::Encode);
        morsel.rows += rows.len() as u64;
        morsel.arrival_ns = morsel.arrival_ns.max(batch.arrival_ns);
        let full = morsel.encoded.bytes.len() >= OUTPUT_BYTES;
        self.current = Some(morsel);
        if full {
            self.end_unit();
        }
    }

    /// Sends what has been gathered.
    pub fn end_unit(&mut self) {
        if let Some(morsel) = self.current.take() {
            self.sender.send(Message::Data(morsel));
        }
    }
}

/// What a cut record of fixed width is filled up with: no text and no BOOLEAN has such bytes, so that it is
/// refused once more if the dead letters are read as records.
const CUT_RECORD_FILL: u8 = 0xff;

/// The port of a source's dead letters: each record once, in the order of the source; those of fixed width lie
/// back to back, as in their file, others on lines.
///
/// Several statements can refuse a record, and several routes of a source meet it at different times, so
/// records are held until every statement has come past them.
pub struct DeadLetterPort {
    // Fixed at construction.
    /// Bytes of every record, where the format fixes them.
    record_bytes: Option<usize>,
    // State.
    sender: Sender<OutputMorsel>,
    held: BTreeMap<OrderKey, Box<[u8]>>,
}

impl DeadLetterPort {
    /// A port for records of this many bytes each, or of any length.
    pub fn new(sender: Sender<OutputMorsel>, record_bytes: Option<usize>) -> Self {
        Self {
            record_bytes,
            sender,
            held: BTreeMap::new(),
        }
    }

    /// Takes a refused record.
    pub fn hold(&mut self, key: OrderKey, bytes: &[u8]) {
        self.held.entry(key).or_insert_with(|| bytes.into());
    }

    /// Sends what no statement can refuse any more: all below `frontier` is processed.
    pub fn release(&mut self, frontier: OrderKey) {
        let is_due = |held: &BTreeMap<OrderKey, _>| {
            let first = held.first_key_value();
            first.is_some_and(|(&key, _)| key < frontier)
        };
        if !is_due(&self.held) {
            return;
        }
        let mut morsel = self.sender.take().unwrap_or_default();
        while is_due(&self.held)
            && let Some((key, bytes)) = self.held.pop_first()
        {
            let out = &mut morsel.encoded.bytes;
            let start = out.len();
            out.extend_from_slice(&bytes);
            match self.record_bytes {
                Some(record_bytes) => out.resize(start + record_bytes, CUT_RECORD_FILL),
                None => out.push(b'\n'),
            }
            morsel.encoded.ends.push(morsel.encoded.bytes.len() as u32);
            morsel.keys.push(key);
            morsel.rows += 1;
        }
        self.sender.send(Message::Data(morsel));
    }

    /// Sends a signal, and what is held before it.
    pub fn send(&mut self, message: Message<OutputMorsel>) {
        self.release(OrderKey::MAX);
        self.sender.send(message);
    }

    /// Pushes what is kept.
    pub fn flush(&mut self) -> bool {
        self.sender.flush()
    }

    /// Whether everything sent is in the ring.
    pub fn is_clear(&self) -> bool {
        self.sender.is_clear()
    }

    /// Publishes how far this worker has come.
    pub fn publish(&mut self, frontier: OrderKey) {
        self.release(frontier);
        self.sender.publish(frontier);
    }
}
