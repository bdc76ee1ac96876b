//! Snapshots: the keys of a vnode with their last touch, around the archive of the operator behind.

use super::Expire;
use crate::error::JobError;
use crate::hash::Vnode;
use crate::operator::SnapshotStep;
use crate::operator::archive::{ArchiveHeader, ColumnImage, read, write};

/// Version of [`ExpireImage`].
const VERSION: u32 = 1;

#[derive(rkyv::Archive, rkyv::Serialize, rkyv::Deserialize)]
struct ExpireImage {
    /// The key columns, one entry a key.
    keys: Vec<ColumnImage>,
    /// The last touch of each, nanoseconds since the epoch.
    touched: Vec<i64>,
    /// The number of each one's life.
    numbers: Vec<i64>,
    /// The archive of the operator behind; empty if it holds nothing.
    behind: Vec<u8>,
}

impl Expire {
    fn header(&self) -> ArchiveHeader<'static> {
        ArchiveHeader {
            operator: "expire",
            version: VERSION,
            hash_seed: self.hash_seed,
        }
    }

    /// Appends the archive of `vnode`'s keys, nothing if there is none.
    pub(super) fn save(&mut self, vnode: Vnode, out: &mut Vec<u8>, budget: usize) {
        let mut behind = Vec::new();
        while self.behind.snapshot(vnode, &mut behind, budget) == SnapshotStep::More {}
        let own = self.lives.of_vnode(vnode);
        if own.is_empty() && behind.is_empty() {
            return;
        }
        let (keys, touched, numbers) = self.lives.save(&own);
        let image = ExpireImage {
            keys,
            touched,
            numbers,
            behind,
        };
        write(self.header(), &image, out);
    }

    /// Adds what an archive holds.
    pub(super) fn load(&mut self, archive: &[u8]) -> Result<(), JobError> {
        let image: ExpireImage = read(self.header(), archive)?;
        if !self.lives.load(image.keys, image.touched, image.numbers)? {
            let what = "a key under 'state.ttl' occurs twice, or is another query's";
            return Err(JobError::Snapshot(what.to_owned()));
        }
        match image.behind.is_empty() {
            true => Ok(()),
            false => self.behind.restore(&image.behind),
        }
    }
}
