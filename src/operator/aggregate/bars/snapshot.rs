//! Snapshots of bars: the open ones of a vnode, and those that wait to be told, in the order of their first rows.

use super::{Bar, Bars, NONE, Sums};
use crate::error::JobError;
use crate::hash::Vnode;
use crate::operator::aggregate::layout::Layout;
use crate::operator::aggregate::numbered::{Numbered, NumberedImage};
use crate::operator::aggregate::state::First;
use crate::operator::aggregate::told::Told;
use crate::operator::archive::{self, ArchiveHeader};
use crate::table::GroupTable;
use std::borrow::Cow;

const OPERATOR: &str = "bars";
const VERSION: u32 = 2;

#[derive(rkyv::Archive, rkyv::Serialize, rkyv::Deserialize)]
struct BarsImage {
    /// (first, last) of each bar.
    bounds: Vec<(i64, i64)>,
    /// What the rows of each come to, of DOUBLEs the bits.
    sums: Vec<i128>,
    /// Whether each is open; the others wait to be told only.
    open: Vec<bool>,
    /// The tick that those wait for which have changed.
    tick: i64,
    /// (seq, ordinal) of what changed each first since the last tick.
    changed: Vec<Option<(u64, u32)>>,
    states: NumberedImage,
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
    /// Puts the bars of use in the order of vnodes, unless that is done: those of `hashes_of` the keys own them.
    pub fn index(
        &mut self,
        told: Option<&mut Told>,
        hashes_of: impl Fn(&GroupTable) -> Cow<'_, [u64]>,
    ) {
        if self.numbered.is_indexed() {
            return;
        }
        self.list_used(told.as_deref());
        told.into_iter().for_each(Told::index);
        let used = self.ids.iter().copied().zip(self.of_ids.iter().copied());
        self.numbered.index(used, |_, first| first, hashes_of);
    }

    /// Appends the bars of `vnode`; they have been indexed.
    pub fn snapshot(
        &mut self,
        hash_seed: u64,
        told: Option<&Told>,
        vnode: Vnode,
        out: &mut Vec<u8>,
    ) {
        let ids = self.numbered.of_vnode(vnode);
        if ids.is_empty() {
            return;
        }
        let of_ids = || ids.iter().map(|&id| &self.bars[id as usize]);
        let keys: Vec<u32> = of_ids().map(|bar| bar.key).collect();
        let is_open = |(&id, &key): (&u32, &u32)| self.open[key as usize] == id;
        let image = BarsImage {
            bounds: of_ids().map(|bar| (bar.first, bar.last)).collect(),
            sums: ids.iter().map(|&id| self.sums.image(id)).collect(),
            open: ids.iter().zip(&keys).map(is_open).collect(),
            tick: told.map_or(i64::MIN, |told| told.tick),
            changed: Told::waiting(told, &ids),
            states: self.numbered.image(&ids, &keys),
        };
        archive::write(header(hash_seed), &image, out);
    }

    /// Adds bars that `snapshot` wrote.
    pub fn restore(
        &mut self,
        layout: &Layout,
        hash_seed: u64,
        told: Option<&mut Told>,
        bytes: &[u8],
    ) -> Result<(), JobError> {
        let mut image: BarsImage = archive::read(header(hash_seed), bytes)?;
        let counts = [image.bounds.len(), image.sums.len(), image.open.len()];
        Numbered::check(&image.states, &counts)?;
        let (keys, known) = self.numbered.enter(&mut image.states)?;
        self.open.resize(known, NONE);
        let base = self.bars.len() as u32;
        let bars = image.bounds.iter().zip(image.states.firsts());
        let bars = bars.zip(&image.sums).zip(&image.open).zip(keys);
        for ((((&bounds, begun), &sum), &open), key) in bars {
            if open && self.open[key as usize] != NONE {
                return Err(JobError::Snapshot("two open bars of one key".to_owned()));
            }
            self.resume(key, bounds, begun, open);
            self.sums.push(sum);
        }
        if let Some(told) = told {
            told.resume(image.tick, base, &image.changed)?;
            for &(_, id) in &told.changed {
                self.bars[id as usize].changed = true;
            }
        }
        self.numbered.fill(layout, image.states)
    }

    /// Adds a bar as it was.
    fn resume(&mut self, key: u32, (first, last): (i64, i64), begun: First, open: bool) {
        if open {
            let id = self.begin(key, first, begun);
            self.bars[id as usize].last = last;
            return;
        }
        self.bars.push(Bar {
            first,
            last,
            key,
            changed: true,
        });
        self.numbered.begin(begun);
    }
}
