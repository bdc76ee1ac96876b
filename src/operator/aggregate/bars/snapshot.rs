//! Snapshots of bars: the open ones of a vnode in the order of their first rows.

use super::{Bars, NONE, Sums};
use crate::batch::{Column, Rows};
use crate::error::JobError;
use crate::hash::{Vnode, vnode_of};
use crate::operator::aggregate::combine::merge_lanes;
use crate::operator::aggregate::kernel::{Groups, Span};
use crate::operator::aggregate::layout::Layout;
use crate::operator::aggregate::snapshot::{gathered, into_columns, misshapen};
use crate::operator::aggregate::state::First;
use crate::operator::archive::{self, ArchiveHeader, ColumnImage};
use crate::table::{GroupTable, Segment, hash_keys};
use std::borrow::Cow;

const OPERATOR: &str = "bars";
const VERSION: u32 = 1;

#[derive(rkyv::Archive, rkyv::Serialize, rkyv::Deserialize)]
struct BarsImage {
    /// (first, last) of each bar.
    bounds: Vec<(i64, i64)>,
    /// What the rows of each come to, of DOUBLEs the bits.
    sums: Vec<i128>,
    /// (seq, ordinal) of the first row of each.
    firsts: Vec<(u64, u32)>,
    keys: Vec<ColumnImage>,
    states: Vec<ColumnImage>,
}

fn header(hash_seed: u64) -> ArchiveHeader<'static> {
    ArchiveHeader {
        operator: OPERATOR,
        version: VERSION,
        hash_seed,
    }
}

impl Sums {
    fn image(&self, bar: u32) -> i128 {
        match self {
            Self::Exact { of_bars, .. } => of_bars[bar as usize],
            Self::Double { of_bars, .. } => i128::from(of_bars[bar as usize].to_bits()),
        }
    }

    fn push(&mut self, image: i128) {
        match self {
            Self::Exact { of_bars, .. } => of_bars.push(image),
            Self::Double { of_bars, .. } => of_bars.push(f64::from_bits(image as u64)),
        }
    }
}

impl Bars {
    /// Puts open bars in the order of vnodes, unless that is done: those of `hashes_of` the keys own them.
    pub fn index(&mut self, hashes_of: impl Fn(&GroupTable) -> Cow<'_, [u64]>) {
        if std::mem::replace(&mut self.indexed, true) {
            return;
        }
        self.list_open();
        let hashes = hashes_of(&self.keys);
        let vnode_of_bar = |&id: &u32| {
            let hash = hashes.get(self.bars[id as usize].key as usize);
            (hash.map_or(Vnode(0), |&hash| vnode_of(hash)), id)
        };
        self.by_vnode.clear();
        self.by_vnode.extend(self.ids.iter().map(vnode_of_bar));
        let firsts = &self.arena.firsts;
        self.by_vnode
            .sort_unstable_by_key(|&(vnode, id)| (vnode.0, firsts[id as usize]));
    }

    /// Appends the bars of `vnode`; they have been indexed.
    pub fn snapshot(&mut self, hash_seed: u64, vnode: Vnode, out: &mut Vec<u8>) {
        let from = self.by_vnode.partition_point(|entry| entry.0.0 < vnode.0);
        let of_vnode = self.by_vnode[from..].iter();
        let of_vnode = of_vnode.take_while(|entry| entry.0 == vnode);
        let ids: Vec<u32> = of_vnode.map(|entry| entry.1).collect();
        if ids.is_empty() {
            return;
        }
        let of_ids = || ids.iter().map(|&id| &self.bars[id as usize]);
        let keys: Vec<u32> = of_ids().map(|bar| bar.key).collect();
        let first = |&id: &u32| {
            let First { seq, ordinal } = self.arena.firsts[id as usize];
            (seq, ordinal)
        };
        let mut states = Vec::new();
        for slot in self.arena.lanes.iter().flat_map(|lane| &lane.slots) {
            match slot.exported(&ids) {
                Some(column) => states.push(ColumnImage::of(&column)),
                None => states.extend(slot.columns.iter().map(|column| gathered(column, &ids))),
            }
        }
        let of_keys = self.keys.keys().iter();
        let image = BarsImage {
            bounds: of_ids().map(|bar| (bar.first, bar.last)).collect(),
            sums: ids.iter().map(|&id| self.sums.image(id)).collect(),
            firsts: ids.iter().map(first).collect(),
            keys: of_keys.map(|column| gathered(column, &keys)).collect(),
            states,
        };
        let payload = rkyv::to_bytes::<rkyv::rancor::Error>(&image)
            .expect("an archive in memory has nothing to fail on");
        archive::seal(header(hash_seed), &payload, out);
    }

    /// Adds bars that `snapshot` wrote.
    pub fn restore(
        &mut self,
        layout: &Layout,
        hash_seed: u64,
        bytes: &[u8],
    ) -> Result<(), JobError> {
        let payload = archive::open(header(hash_seed), bytes)?;
        let image = rkyv::from_bytes::<BarsImage, rkyv::rancor::Error>(&payload)
            .map_err(|error| JobError::Snapshot(format!("bars: {error}")))?;
        let rows = image.bounds.len();
        if image.firsts.len() != rows || image.sums.len() != rows {
            return Err(misshapen());
        }
        let keys = into_columns(image.keys, &self.key_types, rows)?;
        let states = into_columns(image.states, &layout.state_types(), rows)?;
        let mut numbers = vec![0; rows];
        if !keys.is_empty() {
            let keys: Vec<&Column> = keys.iter().collect();
            let (mut hashes, mut created) = (Vec::new(), Vec::new());
            let all = Rows::All(rows);
            hash_keys(hash_seed, &keys, all.into(), rows, &mut hashes);
            self.keys
                .find_or_insert(&hashes, &keys, all, &mut numbers, &mut created);
        }
        let known = self.keys.len().max(usize::from(keys.is_empty()));
        self.open.resize(known, NONE);
        let base = self.bars.len() as u32;
        let bars = image.bounds.iter().zip(&image.firsts).zip(&image.sums);
        for ((((first, last), (seq, ordinal)), &sum), &key) in bars.zip(&numbers) {
            if self.open[key as usize] != NONE {
                return Err(JobError::Snapshot("two open bars of one key".to_owned()));
            }
            let (seq, ordinal) = (*seq, *ordinal);
            let id = self.begin(key, *first, First { seq, ordinal });
            self.bars[id as usize].last = *last;
            self.sums.push(sum);
        }
        self.indexed = false;
        self.arena.grow(layout);
        let groups: Vec<u32> = (base..self.bars.len() as u32).collect();
        let span = Span {
            rows: Segment::Range {
                start: 0,
                end: rows,
            },
            groups: Groups::Each(&groups),
        };
        let (rows, groups) = (&mut Vec::new(), &mut Vec::new());
        merge_lanes(layout, &mut self.arena.lanes, &states, span, rows, groups);
        Ok(())
    }
}
