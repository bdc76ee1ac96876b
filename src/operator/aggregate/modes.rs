//! MODE: the value that comes most often, of several the one seen first.
//!
//! A table of (group, value) gives every pair a number in the order in which they are first seen; counts and the best
//! pair of each group are kept beside it. Counts only grow, so the best of a group changes at most to the pair that
//! has just grown.

use super::held::{Held, Scratch, all, take};
use super::kernel::{Native, Span};
use super::pick_by::set;
use crate::batch::{Column, ColumnData};
use crate::table::{GroupTable, Segment, hash_keys};
use crate::types::DataType;

const NONE: u32 = u32::MAX;
const SEED: u64 = 0;

/// A group's pairs, in the order in which they are first seen.
#[derive(Clone, Copy)]
struct Chain {
    first: u32,
    last: u32,
    best: u32,
}

const EMPTY: Chain = Chain {
    first: NONE,
    last: NONE,
    best: NONE,
};

/// The counted values of every group.
pub(super) struct Modes {
    // Fixed at construction.
    ty: DataType,
    // State.
    pairs: GroupTable,
    counts: Vec<u64>,
    /// By pair: the next one of its group.
    next: Vec<u32>,
    chains: Vec<Chain>,
    // Scratch of one batch.
    owners: Column,
    hashes: Vec<u64>,
    found: Vec<u32>,
    created: Vec<u32>,
}

impl Modes {
    pub fn new(ty: DataType) -> Self {
        Self {
            ty,
            pairs: GroupTable::new(&[DataType::BigInt, ty]),
            counts: Vec::new(),
            next: Vec::new(),
            chains: Vec::new(),
            owners: Column::new(DataType::BigInt),
            hashes: Vec::new(),
            found: Vec::new(),
            created: Vec::new(),
        }
    }

    /// Counts each row's value `times(position)` times for its group.
    fn count(&mut self, arg: &Column, span: Span<'_>, times: impl Fn(usize) -> u64) {
        self.owners.reset(arg.len());
        let owners = i64::of_mut(&mut self.owners);
        span.for_each(|row, group| owners[row] = group as i64);
        let keys = [&self.owners, arg];
        hash_keys(SEED, &keys, span.rows, arg.len(), &mut self.hashes);
        let (found, created) = (&mut self.found, &mut self.created);
        self.pairs
            .find_or_insert(&self.hashes, &keys, span.rows, found, created);
        self.counts.resize(self.pairs.len(), 0);
        self.chain();
        let mut position = 0;
        span.for_each(|_, group| {
            let pair = self.found[position];
            self.counts[pair as usize] += times(position);
            position += 1;
            let best = &mut self.chains[group].best;
            let count = |pair: u32| self.counts[pair as usize];
            if *best == NONE || (count(*best), pair) < (count(pair), *best) {
                *best = pair;
            }
        });
    }

    /// Appends new pairs to the chains of their groups.
    fn chain(&mut self) {
        let owners = i64::of(&self.pairs.keys()[0]);
        for &owner in &owners[self.next.len()..] {
            let pair = self.next.len() as u32;
            self.next.push(NONE);
            let chain = &mut self.chains[owner as usize];
            match chain.last {
                NONE => chain.first = pair,
                last => self.next[last as usize] = pair,
            }
            chain.last = pair;
        }
    }
}

impl Held for Modes {
    fn grow(&mut self, groups: usize) {
        self.chains.resize(groups.max(self.chains.len()), EMPTY);
    }

    fn clear(&mut self) {
        self.pairs.clear();
        self.counts.clear();
        self.next.clear();
        self.chains.clear();
    }

    fn fold(&mut self, arg: &Column, span: Span<'_>) {
        self.count(arg, span, |_| 1);
    }

    fn result(&self, group: usize, _: &mut Scratch, out: &mut [Column], at: usize) {
        let best = self.chains[group].best;
        if best != NONE {
            let values = &self.pairs.keys()[1];
            set(&mut out[0].data, at, &values.data, best as usize);
        }
    }

    fn export(&self, group: usize, out: &mut Vec<u8>) {
        let mut pair = self.chains[group].first;
        while pair != NONE {
            out.extend_from_slice(&self.counts[pair as usize].to_le_bytes());
            write(&self.pairs.keys()[1], pair as usize, out);
            pair = self.next[pair as usize];
        }
    }

    fn merge(&mut self, group: usize, mut state: &[u8]) {
        let (mut values, mut counts) = (Column::new(self.ty), Vec::new());
        while !state.is_empty() {
            counts.push(u64::from_le_bytes(take(&mut state)));
            read(&mut state, &mut values);
        }
        let rows: Segment<'_> = all(&values).into();
        let groups = super::kernel::Groups::One(group as u32);
        self.count(&values, Span { rows, groups }, |position| counts[position]);
    }

    fn entries(&self) -> usize {
        self.pairs.len()
    }
}

/// Appends the bytes of a value.
fn write(values: &Column, row: usize, out: &mut Vec<u8>) {
    match &values.data {
        ColumnData::Bool(values) => out.push(u8::from(values[row])),
        ColumnData::I64(values) => out.extend_from_slice(&values[row].to_le_bytes()),
        ColumnData::I128(values) => out.extend_from_slice(&values[row].to_le_bytes()),
        ColumnData::F64(values) => out.extend_from_slice(&values[row].to_bits().to_le_bytes()),
        ColumnData::Text(texts) => {
            let text = texts.get(row);
            out.extend_from_slice(&(text.len() as u32).to_le_bytes());
            out.extend_from_slice(text);
        }
    }
}

/// Takes the bytes of a value and appends it.
fn read(state: &mut &[u8], values: &mut Column) {
    match &mut values.data {
        ColumnData::Bool(values) => values.push(take::<1>(state)[0] != 0),
        ColumnData::I64(values) => values.push(i64::from_le_bytes(take(state))),
        ColumnData::I128(values) => values.push(i128::from_le_bytes(take(state))),
        ColumnData::F64(values) => values.push(f64::from_bits(u64::from_le_bytes(take(state)))),
        ColumnData::Text(texts) => {
            let len = u32::from_le_bytes(take(state)) as usize;
            let (text, rest) = state.split_at(len);
            texts.push(text);
            *state = rest;
        }
    }
}
