//! What of ingest a checkpoint keeps: positions, numbers and maxima.

use super::Ingest;
use crate::time::EventTimeNs;

/// Where a source stands: the first record not handed on.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, rkyv::Archive, rkyv::Serialize, rkyv::Deserialize,
)]
pub struct SourcePosition {
    /// Index of its file.
    pub file: u32,
    /// Offset in that file, in decoded bytes.
    pub offset: u64,
    /// Records handed on.
    pub records: u64,
    /// Bytes of the files before this one.
    pub bytes: u64,
    /// Least and greatest event time so far.
    pub time_range: Option<(EventTimeNs, EventTimeNs)>,
}

/// The state of ingest at a barrier.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, rkyv::Archive, rkyv::Serialize, rkyv::Deserialize,
)]
pub struct IngestSnapshot {
    /// The next record's number.
    pub seq: u64,
    /// W in force for it.
    pub watermark: EventTimeNs,
    /// Per source: its position, its greatest event time, whether it has ended.
    pub sources: Vec<(SourcePosition, EventTimeNs, bool)>,
}

impl Ingest {
    /// The state as it stands.
    pub(super) fn snapshot(&self) -> IngestSnapshot {
        let (clocks, watermark) = self.watermark.state();
        let sources = self
            .sources
            .iter()
            .zip(clocks)
            .map(|(input, (time_max, ended))| (input.position(), time_max, ended))
            .collect();
        IngestSnapshot {
            seq: self.seq,
            watermark,
            sources,
        }
    }

    /// Goes on from a snapshot; the driver resumes every source at its position.
    pub fn restore(&mut self, snapshot: &IngestSnapshot) {
        self.seq = snapshot.seq;
        let clocks: Vec<_> = snapshot
            .sources
            .iter()
            .map(|source| (source.1, source.2))
            .collect();
        self.watermark.restore(&clocks, snapshot.watermark);
        for (input, (position, ..)) in self.sources.iter_mut().zip(&snapshot.sources) {
            input.restore(position);
        }
    }
}
