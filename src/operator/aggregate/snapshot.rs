//! Snapshots: the groups of a vnode, window by window, in columns.
//!
//! The state of a key-less plan is vnode 0's (that of a split one, its blocks'). Archives of one vnode from several workers may be restored into one
//! operator: groups that meet are merged, in the order the archives come. Groups that had already left when the
//! snapshot was taken say so, and do not leave again.

use std::borrow::Cow;
use std::collections::HashMap;

use super::combine::merge_lanes;
use super::engine::Core;
use super::kernel::{Groups, Native, Span};
use super::layout::Layout;
use super::slot::empty_columns;
use super::state::{First, WindowState};
use super::window::Window;
use crate::batch::{Column, ColumnData, Rows};
use crate::error::JobError;
use crate::hash::{Vnode, vnode_of, vnode_of_block};
use crate::limits::{SEQUENCE_BLOCK, VNODES};
use crate::operator::archive::{self, ArchiveHeader, ColumnImage};
use crate::operator::expire::Keep;
use crate::plan::AggregateMode;
use crate::table::{GroupTable, Segment, hash_keys};
use crate::types::{DataType, Value};

const OPERATOR: &str = "aggregate";
const VERSION: u32 = 2;

#[derive(rkyv::Archive, rkyv::Serialize, rkyv::Deserialize)]
struct AggregateImage {
    /// The result of a plan without windows has left.
    finished: bool,
    windows: Vec<WindowImage>,
}

#[derive(rkyv::Archive, rkyv::Serialize, rkyv::Deserialize)]
struct WindowImage {
    start: i64,
    end: i64,
    /// (seq, ordinal) of the first row of each group.
    firsts: Vec<(u64, u32)>,
    /// Whether each group has left.
    emitted: Vec<bool>,
    /// Panes: the end up to which the windows of each group have left; else none.
    left: Vec<i64>,
    /// Panes: when the first row of each group came; else none.
    arrivals: Vec<i64>,
    keys: Vec<ColumnImage>,
    states: Vec<ColumnImage>,
    /// One for each DISTINCT lane.
    seen: Vec<SeenImage>,
}

#[derive(rkyv::Archive, rkyv::Serialize, rkyv::Deserialize)]
pub(super) struct SeenImage {
    /// Index in `firsts` of the group that has seen each value.
    pub owners: Vec<u32>,
    pub values: Vec<ColumnImage>,
}

/// Groups and distinct values by vnode, built once for all vnodes of a snapshot.
#[derive(Default)]
pub(super) struct SnapshotIndex {
    valid: bool,
    /// Where the items of each vnode start.
    starts: Vec<u32>,
    items: Vec<Item>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Item {
    window: u32,
    /// [`GROUP`] or the lane whose distinct value it is.
    lane: u32,
    index: u32,
}

const GROUP: u32 = u32::MAX;

impl SnapshotIndex {
    /// State has changed.
    pub fn forget(&mut self) {
        self.valid = false;
    }

    fn of(&self, vnode: Vnode) -> &[Item] {
        let at = usize::from(vnode.0);
        &self.items[self.starts[at] as usize..self.starts[at + 1] as usize]
    }
}

/// Calls `f` with every item and its vnode: window by window, groups before distinct values.
fn for_each_item(core: &Core, mut f: impl FnMut(Vnode, Item)) {
    for (window, state) in core.windows.held.iter().enumerate() {
        let window = window as u32;
        let hashes = core.owning_hashes(&state.table);
        for group in 0..state.groups() {
            let index = group as u32;
            f(
                vnode_of_group(core.mode, state, &hashes, group),
                Item {
                    window,
                    lane: GROUP,
                    index,
                },
            );
        }
        for (lane, state_of_lane) in state.lanes.iter().enumerate() {
            let Some(seen) = &state_of_lane.seen else {
                continue;
            };
            for index in 0..seen.len() {
                let item = Item {
                    window,
                    lane: lane as u32,
                    index: index as u32,
                };
                let owner = owner_of(seen.keys(), index);
                f(vnode_of_group(core.mode, state, &hashes, owner), item);
            }
        }
    }
}

/// Keyless state is vnode 0's, save for a split aggregate's: there a block is its vnode's, so that the worker
/// that goes on with an unfinished block has what was folded of it.
fn vnode_of_group(mode: AggregateMode, state: &WindowState, hashes: &[u64], group: usize) -> Vnode {
    if mode == AggregateMode::Partial {
        return vnode_of_block(state.firsts[group].seq / SEQUENCE_BLOCK);
    }
    hashes.get(group).map_or(Vnode(0), |&hash| vnode_of(hash))
}

fn owner_of(seen: &[Column], index: usize) -> usize {
    i64::of(&seen[0])[index] as usize
}

impl Core {
    /// Hashes whose vnodes own the groups of `table`: of the keys that rows are spread by.
    fn owning_hashes<'a>(&self, table: &'a GroupTable) -> Cow<'a, [u64]> {
        let Some(spread_by) = &self.spread_by else {
            return Cow::Borrowed(table.hashes());
        };
        let keys: Vec<&Column> = spread_by.iter().map(|&key| &table.keys()[key]).collect();
        let (rows, mut hashes) = (Rows::All(table.len()), Vec::new());
        hash_keys(self.hash_seed, &keys, rows.into(), table.len(), &mut hashes);
        Cow::Owned(hashes)
    }

    fn index_by_vnode(&mut self) {
        if self.index.valid {
            return;
        }
        let mut index = std::mem::take(&mut self.index);
        let mut counts = vec![0u32; VNODES + 1];
        for_each_item(self, |vnode, _| counts[usize::from(vnode.0) + 1] += 1);
        for vnode in 0..VNODES {
            counts[vnode + 1] += counts[vnode];
        }
        index.items.clear();
        index.items.resize(counts[VNODES] as usize, Item::default());
        index.starts.clone_from(&counts);
        for_each_item(self, |vnode, item| {
            let place = &mut counts[usize::from(vnode.0)];
            index.items[*place as usize] = item;
            *place += 1;
        });
        index.valid = true;
        self.index = index;
    }

    pub(super) fn snapshot(&mut self, layout: &Layout, vnode: Vnode, out: &mut Vec<u8>) {
        if let Some(mut sessions) = self.sessions.take() {
            let mut told = self.told.take();
            sessions.index(told.as_mut(), |keys| self.owning_hashes(keys));
            self.told = told;
            sessions.snapshot(self.hash_seed, self.told.as_ref(), vnode, out);
            self.sessions = Some(sessions);
            return;
        }
        if let Some(mut bars) = self.bars.take() {
            let mut told = self.told.take();
            bars.index(told.as_mut(), |keys| self.owning_hashes(keys));
            self.told = told;
            bars.snapshot(self.hash_seed, self.told.as_ref(), vnode, out);
            self.bars = Some(bars);
            return;
        }
        self.index_by_vnode();
        let items = self.index.of(vnode);
        let finished = self.finished && vnode == Vnode(0);
        if items.is_empty() && !finished {
            return;
        }
        let image = AggregateImage {
            finished,
            windows: items
                .chunk_by(|a, b| a.window == b.window)
                .map(|items| self.image_of(layout, items))
                .collect(),
        };
        archive::write(self.header(), &image, out);
    }

    /// Appends one archive of the groups of all vnodes that `keep` keeps, nothing if there is none: of a plan without
    /// windows.
    pub(super) fn snapshot_of(&self, layout: &Layout, keep: &mut Keep<'_>, out: &mut Vec<u8>) {
        assert!(self.assigner.is_none(), "windows end by themselves");
        let Some(state) = self.windows.held.front() else {
            return;
        };
        let kept = keep(state.table.keys(), state.groups());
        let item = |lane, index: usize| Item {
            window: 0,
            lane,
            index: index as u32,
        };
        let groups = (0..state.groups()).filter(|&group| kept[group]);
        let mut items: Vec<Item> = groups.map(|group| item(GROUP, group)).collect();
        for (lane, state) in (0..).zip(&state.lanes) {
            let seen = state.seen.iter();
            let values = seen.flat_map(|seen| {
                (0..seen.len()).filter(|&value| kept[owner_of(seen.keys(), value)])
            });
            items.extend(values.map(|value| item(lane, value)));
        }
        if !items.is_empty() {
            let image = AggregateImage {
                finished: self.finished,
                windows: vec![self.image_of(layout, &items)],
            };
            archive::write(self.header(), &image, out);
        }
    }

    fn header(&self) -> ArchiveHeader<'static> {
        ArchiveHeader {
            operator: OPERATOR,
            version: VERSION,
            hash_seed: self.hash_seed,
        }
    }

    /// The image of one window's items.
    fn image_of(&self, layout: &Layout, items: &[Item]) -> WindowImage {
        let at = items[0].window as usize;
        let state = &self.windows.held[at];
        let is_group = items.partition_point(|item| item.lane == GROUP);
        let groups: Vec<u32> = items[..is_group].iter().map(|item| item.index).collect();
        let gather = |columns: &[Column], rows: &[u32]| -> Vec<ColumnImage> {
            columns
                .iter()
                .map(|column| gathered(column, rows))
                .collect()
        };
        let slots = (0..state.lanes.len()).flat_map(|lane| state.slots_of(lane));
        let emitted = self.emitted_of(at);
        let left = self.panes.as_ref().map(|panes| self.left_of(panes, state));
        let left = left
            .iter()
            .flat_map(|left| groups.iter().map(|&group| left[group as usize]));
        let left = left.collect();
        let mut seen = Vec::new();
        for (lane, state) in state.lanes.iter().enumerate() {
            let Some(table) = &state.seen else {
                continue;
            };
            debug_assert!(layout.lanes[lane].distinct);
            let of_lane = items[is_group..]
                .iter()
                .filter(|item| item.lane == lane as u32);
            let rows: Vec<u32> = of_lane.map(|item| item.index).collect();
            let owner = |&row: &u32| {
                let owner = owner_of(table.keys(), row as usize) as u32;
                groups
                    .binary_search(&owner)
                    .expect("groups are indexed with their values") as u32
            };
            seen.push(SeenImage {
                owners: rows.iter().map(owner).collect(),
                values: gather(&table.keys()[1..], &rows),
            });
        }
        let first = |&group: &u32| {
            let first = state.firsts[group as usize];
            (first.seq, first.ordinal)
        };
        WindowImage {
            start: state.window.start,
            end: state.window.end,
            firsts: groups.iter().map(first).collect(),
            emitted: groups
                .iter()
                .map(|&group| emitted[group as usize])
                .collect(),
            left,
            arrivals: match self.panes.is_some() {
                true => groups.iter().map(|&g| state.arrivals[g as usize]).collect(),
                false => Vec::new(),
            },
            keys: gather(state.table.keys(), &groups),
            states: slots
                .flat_map(|slot| match slot.exported(&groups) {
                    Some(states) => vec![ColumnImage::of(&states)],
                    None => gather(&slot.columns, &groups),
                })
                .collect(),
            seen,
        }
    }

    /// Which groups of a window have left.
    fn emitted_of(&self, at: usize) -> Vec<bool> {
        let state = &self.windows.held[at];
        let mut emitted = state.emitted.clone();
        emitted.resize(state.groups(), at < self.windows.fired);
        if self.panes.is_some() {
            return emitted;
        }
        if at < self.windows.fired {
            emitted.fill(true);
        } else if let (true, Some(left)) = (at == self.windows.fired, self.firing) {
            for &group in &self.order[..left] {
                emitted[group as usize] = true;
            }
        }
        emitted
    }

    pub(super) fn restore(&mut self, layout: &Layout, bytes: &[u8]) -> Result<(), JobError> {
        if let Some(sessions) = &mut self.sessions {
            sessions.restore(layout, self.hash_seed, self.told.as_mut(), bytes)?;
            self.windows.entries = sessions.entries();
            return Ok(());
        }
        if let Some(bars) = &mut self.bars {
            bars.restore(layout, self.hash_seed, self.told.as_mut(), bytes)?;
            self.windows.entries = bars.entries();
            return Ok(());
        }
        let image: AggregateImage = archive::read(self.header(), bytes)?;
        self.finished |= image.finished;
        self.index.forget();
        for window in image.windows {
            self.restore_window(layout, window)?;
        }
        Ok(())
    }

    fn restore_window(&mut self, layout: &Layout, image: WindowImage) -> Result<(), JobError> {
        let rows = image.firsts.len();
        let lefts = if self.panes.is_some() { rows } else { 0 };
        if image.emitted.len() != rows || image.left.len() != lefts || image.arrivals.len() != lefts
        {
            return Err(misshapen());
        }
        let keys = into_columns(image.keys, &self.key_types, rows)?;
        let states = into_columns(image.states, &layout.state_types(), rows)?;
        let window = Window {
            start: image.start,
            end: image.end,
        };
        if (window == Window::ALL) != self.assigner.is_none() {
            return Err(misshapen());
        }
        let at = self.open(layout, window);
        let mode = self.mode;
        let state = &mut self.windows.held[at];
        let before = state.entries();
        let firsts: Vec<First> = image
            .firsts
            .iter()
            .map(|&(seq, ordinal)| First { seq, ordinal })
            .collect();
        let groups = restored_groups(mode, self.hash_seed, state, &keys, &firsts);
        state.grow(layout);
        state.emitted.resize(state.firsts.len(), false);
        for (&group, &left) in groups.iter().zip(&image.emitted) {
            state.emitted[group as usize] |= left;
        }
        if !state.emitted.contains(&true) {
            state.emitted.clear();
        }
        if !image.left.is_empty() {
            state.left.resize(state.firsts.len(), i64::MIN);
        }
        for (&group, &arrival) in groups.iter().zip(&image.arrivals) {
            state.arrivals.resize(state.firsts.len(), i64::MAX);
            let known = &mut state.arrivals[group as usize];
            *known = (*known).min(arrival);
        }
        for (&group, &left) in groups.iter().zip(&image.left) {
            let known = &mut state.left[group as usize];
            *known = (*known).max(left);
        }
        let span = Span {
            rows: Segment::Range {
                start: 0,
                end: rows,
            },
            groups: Groups::Each(&groups),
        };
        for lane in 0..state.lanes.len() {
            state.count_apart(lane);
        }
        let (scratch_rows, scratch_groups) = (&mut self.positions, &mut self.created);
        merge_lanes(
            layout,
            &mut state.lanes,
            &states,
            span,
            scratch_rows,
            scratch_groups,
        );
        restore_seen(layout, self.hash_seed, state, image.seen, &groups)?;
        self.windows.entries += state.entries() - before;
        Ok(())
    }
}

/// The group of every restored row, made where it is new, with its first row.
fn restored_groups(
    mode: AggregateMode,
    seed: u64,
    state: &mut WindowState,
    keys: &[Column],
    firsts: &[First],
) -> Vec<u32> {
    let mut groups = Vec::new();
    if !keys.is_empty() {
        let keys: Vec<&Column> = keys.iter().collect();
        let rows = Rows::All(firsts.len());
        let (mut hashes, mut created) = (Vec::new(), Vec::new());
        hash_keys(seed, &keys, rows.into(), firsts.len(), &mut hashes);
        state
            .table
            .find_or_insert(&hashes, &keys, rows, &mut groups, &mut created);
        state
            .firsts
            .extend(created.iter().map(|&row| firsts[row as usize]));
    } else {
        let slot_of = |first: &First| match mode {
            AggregateMode::Partial => first.seq / SEQUENCE_BLOCK,
            AggregateMode::Complete | AggregateMode::Combine => 0,
        };
        let known = state.firsts.iter().enumerate();
        let mut known: HashMap<u64, u32> = known
            .map(|(group, first)| (slot_of(first), group as u32))
            .collect();
        for first in firsts {
            let group = *known.entry(slot_of(first)).or_insert_with(|| {
                state.firsts.push(*first);
                state.block_max = state.block_max.max(first.seq / SEQUENCE_BLOCK);
                state.firsts.len() as u32 - 1
            });
            groups.push(group);
        }
    }
    for (&group, first) in groups.iter().zip(firsts) {
        let known = &mut state.firsts[group as usize];
        *known = (*known).min(*first);
    }
    groups
}

/// Adds what DISTINCT calls of `groups` have seen.
pub(super) fn restore_seen(
    layout: &Layout,
    seed: u64,
    state: &mut WindowState,
    images: Vec<SeenImage>,
    groups: &[u32],
) -> Result<(), JobError> {
    let distinct = layout.lanes.iter().zip(&mut state.lanes);
    let mut distinct = distinct.filter(|(plan, _)| plan.distinct);
    for image in images {
        let (plan, lane) = distinct.next().ok_or_else(misshapen)?;
        let rows = image.owners.len();
        let values = into_columns(image.values, &plan.types, rows)?;
        let mut owners = empty_columns(&[DataType::BigInt]);
        for &owner in &image.owners {
            let group = *groups.get(owner as usize).ok_or_else(misshapen)?;
            owners[0].push(&Value::I64(i64::from(group)));
        }
        let keys: Vec<&Column> = owners.iter().chain(&values).collect();
        let all = Rows::All(rows);
        let (mut hashes, mut found, mut created) = (Vec::new(), Vec::new(), Vec::new());
        hash_keys(seed, &keys, all.into(), rows, &mut hashes);
        let seen = lane.seen.as_mut().ok_or_else(misshapen)?;
        seen.find_or_insert(&hashes, &keys, all, &mut found, &mut created);
    }
    match distinct.next() {
        Some(_) => Err(misshapen()),
        None => Ok(()),
    }
}

pub(super) fn gathered(column: &Column, rows: &[u32]) -> ColumnImage {
    let mut part = Column {
        data: match &column.data {
            ColumnData::Bool(_) => ColumnData::Bool(Vec::new()),
            ColumnData::I64(_) => ColumnData::I64(Vec::new()),
            ColumnData::I128(_) => ColumnData::I128(Vec::new()),
            ColumnData::F64(_) => ColumnData::F64(Vec::new()),
            ColumnData::Text(_) => Column::new(DataType::Varchar).data,
        },
        nulls: Vec::new(),
    };
    part.extend_from(column, Rows::Some(rows));
    ColumnImage::of(&part)
}

pub(super) fn into_columns(
    images: Vec<ColumnImage>,
    types: &[DataType],
    rows: usize,
) -> Result<Vec<Column>, JobError> {
    if images.len() != types.len() {
        return Err(misshapen());
    }
    ColumnImage::into_columns(images, types, rows)
}

pub(super) fn misshapen() -> JobError {
    JobError::Snapshot("the state of an aggregate does not have the shape of its plan".to_owned())
}
