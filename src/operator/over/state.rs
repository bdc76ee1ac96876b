//! Snapshots of OVER: the partitions of a vnode, each with the state of every component.

use super::part::{PartState, Progress};
use super::{KeyColumns, Over};
use crate::batch::{Column, Rows};
use crate::error::JobError;
use crate::hash::Vnode;
use crate::operator::archive::{ArchiveHeader, ColumnImage, open, seal};
use crate::table::{Segment, hash_keys};

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

    /// Appends the archive of `vnode`'s partitions, nothing if there is none.
    pub(super) fn save(&mut self, vnode: Vnode, out: &mut Vec<u8>) {
        let partitions = std::mem::take(&mut self.vnodes[usize::from(vnode.0)]);
        if !partitions.is_empty() {
            let mut parts = vec![Vec::new(); partitions.len()];
            self.for_each_part(&mut |part| {
                for (states, &partition) in parts.iter_mut().zip(&partitions) {
                    states.push(part.save(partition as usize));
                }
            });
            let gather = |column: &Column, &ty| {
                let mut gathered = Column::new(ty);
                gathered.extend_from(column, Rows::Some(&partitions));
                ColumnImage::of(&gathered)
            };
            let keys = self.table.keys().iter().zip(&self.key_types);
            let state = Partitions {
                keys: keys.map(|(column, ty)| gather(column, ty)).collect(),
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
            let payload = rkyv::to_bytes::<rkyv::rancor::Error>(&state)
                .expect("plain data is serialised to memory");
            seal(self.header(), &payload, out);
        }
        self.vnodes[usize::from(vnode.0)] = partitions;
    }

    /// Adds the partitions of an archive.
    pub(super) fn load(&mut self, archive: &[u8]) -> Result<(), JobError> {
        let refuse = |what: &str| JobError::Snapshot(format!("over: {what}"));
        let payload = open(self.header(), archive)?;
        let state = rkyv::from_bytes::<Partitions, rkyv::rancor::Error>(&payload)
            .map_err(|error| refuse(&error.to_string()))?;
        let count = state.rows.len();
        let shape = [state.times.len(), state.parts.len()];
        if shape != [count; 2] || state.keys.len() != self.key_types.len() || count == 0 {
            return Err(refuse("the archive has another shape"));
        }
        let before = self.progress.len();
        self.insert(state.keys, count)?;
        if self.progress.len() != before + count {
            return Err(refuse("a partition occurs twice"));
        }
        let partitions = std::mem::take(&mut self.batch_partitions);
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

    /// Finds or makes the partitions of the saved keys and leaves them in `batch_partitions`.
    fn insert(&mut self, keys: Vec<ColumnImage>, count: usize) -> Result<(), JobError> {
        if !keys.is_empty() {
            let types = self.key_types.iter();
            let columns: Vec<Column> = keys
                .into_iter()
                .zip(types)
                .map(|(image, &ty)| image.into_column(ty, count))
                .collect::<Result<_, _>>()?;
            let columns = KeyColumns::new(columns.len(), |i| &columns[i]);
            let rows = Segment::from(Rows::All(count));
            let (hashes, created) = (&mut self.batch_hashes, &mut self.created);
            hash_keys(self.hash_seed, columns.get(), rows, count, hashes);
            let partitions = &mut self.batch_partitions;
            self.table
                .find_or_insert(hashes, columns.get(), rows, partitions, created);
        } else {
            self.batch_partitions.clear();
            self.batch_partitions.resize(count, 0);
        }
        self.grow();
        Ok(())
    }
}
