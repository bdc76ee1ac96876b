//! Snapshots of FILL: the keys, their last rows, and the rows that wait.

use super::Fill;
use crate::batch::{Column, Rows, Selection};
use crate::error::JobError;
use crate::hash::Vnode;
use crate::operator::archive::{ArchiveHeader, ColumnImage, read, write};
use crate::table::hash_keys;
use crate::types::DataType;

/// Version of [`State`].
const VERSION: u32 = 2;

#[derive(rkyv::Archive, rkyv::Serialize, rkyv::Deserialize)]
struct State {
    number: u64,
    complete: Option<i64>,
    seen: Vec<i64>,
    keys: Vec<ColumnImage>,
    previous: Vec<ColumnImage>,
    due: Vec<i64>,
    queue: Vec<ColumnImage>,
}

impl Fill {
    fn header(&self) -> ArchiveHeader<'static> {
        ArchiveHeader {
            operator: "fill",
            version: VERSION,
            hash_seed: self.hash_seed,
        }
    }

    /// Appends the state, which is vnode 0's.
    pub(super) fn save(&self, vnode: Vnode, out: &mut Vec<u8>) {
        if vnode != Vnode(0) || (self.seen.is_empty() && self.due.is_empty()) {
            return;
        }
        assert!(
            self.filling.is_none() && self.filled.is_none(),
            "a barrier passes behind what is due"
        );
        let mut waiting = Selection::default();
        waiting.all(self.due.len());
        waiting.retain(|row| row >= self.taken);
        let image = |column: &Column, ty: &DataType| {
            let mut kept = Column::new(*ty);
            kept.extend_from(column, waiting.rows());
            ColumnImage::of(&kept)
        };
        let state = State {
            number: self.number,
            complete: self.complete,
            seen: self.seen.clone(),
            keys: self.table.keys().iter().map(ColumnImage::of).collect(),
            previous: self.previous.iter().map(ColumnImage::of).collect(),
            due: self.due[self.taken..].to_vec(),
            queue: self
                .queue
                .iter()
                .zip(&self.types)
                .map(|(column, ty)| image(column, ty))
                .collect(),
        };
        write(self.header(), &state, out);
    }

    /// Takes up the state that [`save`](Self::save) wrote.
    ///
    /// # Errors
    /// When it does not fit.
    pub(super) fn load(&mut self, archive: &[u8]) -> Result<(), JobError> {
        let refuse = |what: &str| JobError::Snapshot(format!("fill: {what}"));
        let state: State = read(self.header(), archive)?;
        let widths = (state.keys.len(), state.previous.len(), state.queue.len());
        if widths != (self.keys, self.values.len(), self.types.len()) || !self.seen.is_empty() {
            return Err(refuse("the archive is of another query"));
        }
        let (known, waiting) = (state.seen.len(), state.due.len());
        let keys = ColumnImage::into_columns(state.keys, &self.types[..self.keys], known)?;
        if self.keys > 0 {
            let keys: Vec<&Column> = keys.iter().collect();
            let all = Rows::All(known);
            hash_keys(self.hash_seed, &keys, all.into(), known, &mut self.hashes);
            let (groups, created) = (&mut self.groups, &mut self.created);
            self.table
                .find_or_insert(&self.hashes, &keys, all, groups, created);
            if !self.groups.iter().copied().eq(0..known as u32) {
                return Err(refuse("a key is there twice"));
            }
            // They are those of no rows of the queue.
            self.groups.clear();
        }
        let aggregates = &self.types[self.keys + 2..];
        for (at, image) in state.previous.into_iter().enumerate() {
            if self.values[at].looks_back() {
                self.previous[at] = image.into_column(aggregates[at], known)?;
            }
        }
        self.queue = ColumnImage::into_columns(state.queue, &self.types, waiting)?;
        (self.number, self.complete) = (state.number, state.complete);
        (self.seen, self.due) = (state.seen, state.due);
        Ok(())
    }
}
