//! Snapshots of OVER: the partitions of a vnode, each with the state of every component.

use super::Over;
use super::part::{PartState, Progress};
use crate::error::JobError;
use crate::operator::archive::{ArchiveHeader, ColumnImage, read, write};

/// Version of [`Partitions`].
const VERSION: u32 = 2;

#[derive(rkyv::Archive, rkyv::Serialize, rkyv::Deserialize)]
struct Partitions {
    /// The key columns, one entry a partition.
    keys: Vec<ColumnImage>,
    /// Rows so far.
    rows: Vec<u64>,
    /// Time of the last row.
    times: Vec<i64>,
    /// For each partition the states of all components in plan order.
    parts: Vec<Vec<PartState>>,
}

impl Over {
    fn header(&self) -> ArchiveHeader<'static> {
        ArchiveHeader {
            operator: "over",
            version: VERSION,
            hash_seed: self.hash_seed,
        }
    }

    /// Appends the archive of `partitions`, nothing if there is none.
    pub(super) fn save(&mut self, partitions: &[u32], out: &mut Vec<u8>) {
        if !partitions.is_empty() {
            let mut parts = vec![Vec::new(); partitions.len()];
            self.for_each_part(&mut |part| {
                for (states, &partition) in parts.iter_mut().zip(partitions) {
                    states.push(part.save(partition as usize));
                }
            });
            let state = Partitions {
                keys: self.partitions.save(partitions),
                rows: partitions
                    .iter()
                    .map(|&p| self.progress[p as usize].rows)
                    .collect(),
                times: partitions
                    .iter()
                    .map(|&p| self.progress[p as usize].time)
                    .collect(),
                parts,
            };
            write(self.header(), &state, out);
        }
    }

    /// Adds the partitions of an archive.
    pub(super) fn load(&mut self, archive: &[u8]) -> Result<(), JobError> {
        let refuse = |what: &str| JobError::Snapshot(format!("over: {what}"));
        let state: Partitions = read(self.header(), archive)?;
        let count = state.rows.len();
        let shape = [state.times.len(), state.parts.len()];
        if shape != [count; 2] || state.keys.len() != self.keys || count == 0 {
            return Err(refuse("the archive has another shape"));
        }
        if !self.partitions.load(state.keys, count)? {
            return Err(refuse("a partition occurs twice"));
        }
        self.grow();
        let partitions = std::mem::take(&mut self.partitions.of_rows);
        let saved = state.rows.iter().zip(&state.times);
        for (&partition, (&rows, &time)) in partitions.iter().zip(saved) {
            self.progress[partition as usize] = Progress { rows, time };
        }
        let progress = std::mem::take(&mut self.progress);
        let mut all_fit = true;
        for (&partition, states) in partitions.iter().zip(state.parts) {
            let partition = partition as usize;
            let mut states = states.into_iter();
            let mut fits = true;
            self.for_each_part(&mut |part| {
                let loaded = states
                    .next()
                    .and_then(|state| part.load(partition, state, &progress));
                fits &= loaded.is_some();
            });
            all_fit &= fits && states.next().is_none();
        }
        self.progress = progress;
        if all_fit {
            Ok(())
        } else {
            Err(refuse("a partition's state is of another query"))
        }
    }
}
