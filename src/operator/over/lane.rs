//! SUM, MIN and MAX of one argument over one frame, for every partition, in one pass over a batch's rows.
//!
//! Rows of a partition are cut into blocks as long as the frame; row `r` takes slot `r mod length` of the
//! partition's ring from the row that leaves the frame. The rows of the current block are folded in source
//! order as they come (the *back*). What a frame has of the block before (the *front*) is made ready when that
//! block is full: its slots are overwritten from the newest to the oldest with the sum of each row and those
//! after it, and what can still be the least or the greatest goes on a stack (`stack`):
//!
//! ```text
//! block before, slots hold suffix sums       current block, slots hold values
//! | .. | x x x | v+(v+(v+v)) | .. | v+v | v ||  v | v | v |
//!              ^ slot + 1: the front           (v+v)+v: the back          frame = front + back
//! ```
//!
//! A slot is read as front once before the current block takes it. Nothing is ever subtracted from a DOUBLE, so
//! it neither drifts nor keeps a NaN, and its fold shape depends on the number of the row alone. Exact sums do
//! subtract (`number`), so their slots keep the values. NaNs are one value here: MIN and MAX give any of them.
//!
//! What a row touches lies together: a head of one cache line and two neighbouring slots, 8 bytes each.
//!
//! ```text
//! head, 64 bytes (DOUBLE):  line 4 | slot 4 | limit 4 | full 4 | until 2 x 4 | sum 8 | MIN 2 x 8 | MAX 2 x 8
//! ```

use super::number::{Ending, Ends, Greatest, Least, Number, Results, Summing, Sums, Unwanted};
use super::part::{Part, PartState, Progress, RowsInPlay};
use super::slots::{Region, SLOTS_MIN, Saved, Slab};
use super::stack::{NEVER, Stacks};
use crate::batch::Column;
use crate::operator::archive::ColumnImage;
use crate::types::{DataType, Physical};

/// What the calls of a frame ask for.
#[derive(Clone, Copy, Default)]
pub struct Wants {
    /// SUM or AVG.
    pub sum: bool,
    /// MIN.
    pub least: bool,
    /// MAX.
    pub greatest: bool,
}

/// A [`SlidingLane`] of any type.
pub trait Lane: Part {
    /// Takes in the rows of a batch.
    fn slide(&mut self, rows: &RowsInPlay<'_>, argument: &Column);
    /// The last batch's sums.
    fn sums(&mut self) -> Sums<'_>;
    /// Gives the last batch's MINs to `out`, once.
    fn give_least(&mut self, out: &mut Column);
    /// Gives the last batch's MAXs to `out`, once.
    fn give_greatest(&mut self, out: &mut Column);
}

/// A lane for `ty` and the last `length` rows, or all; `None` when `ty` is no number.
pub fn lane(ty: DataType, wants: Wants, length: Option<u32>) -> Option<Box<dyn Lane>> {
    match ty.physical() {
        Physical::I64 => Some(lane_of::<i64>(wants, length)),
        Physical::I128 => Some(lane_of::<i128>(wants, length)),
        Physical::F64 => Some(lane_of::<f64>(wants, length)),
        Physical::Bool | Physical::Text => None,
    }
}

fn lane_of<T: Number>(wants: Wants, length: Option<u32>) -> Box<dyn Lane> {
    if wants.sum {
        lane_with::<T, T::Sum>(wants, length)
    } else {
        lane_with::<T, Unwanted>(wants, length)
    }
}

fn lane_with<T: Number, S: Summing<T>>(wants: Wants, length: Option<u32>) -> Box<dyn Lane> {
    type Min<T> = Ends<T, Least>;
    type Max<T> = Ends<T, Greatest>;
    match (wants.least, wants.greatest) {
        (false, false) => Box::new(SlidingLane::<T, S, Unwanted, Unwanted>::new(length)),
        (true, false) => Box::new(SlidingLane::<T, S, Min<T>, Unwanted>::new(length)),
        (false, true) => Box::new(SlidingLane::<T, S, Unwanted, Max<T>>::new(length)),
        (true, true) => Box::new(SlidingLane::<T, S, Min<T>, Max<T>>::new(length)),
    }
}

/// A partition's place and running values.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Head<S, A, B> {
    /// Where its region starts in the ring, in units of [`SLOTS_MIN`] slots.
    line: u32,
    /// Slot of the next row.
    slot: u32,
    /// Slots that can be used; at the frame's length the block is full.
    limit: u32,
    /// Whether the slots from `slot` on hold the block before.
    full: bool,
    /// Slots of the front's MIN and MAX.
    until: [u32; 2],
    sum: S,
    least: A,
    greatest: B,
}

const _: () =
    assert!(size_of::<Head<super::number::Total, Ends<f64, Least>, Ends<f64, Greatest>>>() == 64);

impl<S, A, B> Head<S, A, B> {
    fn region(&self) -> Region {
        Region {
            start: self.line as usize * SLOTS_MIN,
            capacity: self.limit as usize,
        }
    }

    /// Takes `region`, of a frame of `length` rows.
    fn place(&mut self, region: Region, length: u32) {
        self.line =
            u32::try_from(region.start / SLOTS_MIN).expect("2^35 slots are beyond any memory");
        self.limit = region.capacity.min(length as usize) as u32;
    }
}

/// The slots of all partitions.
struct Store<T> {
    length: u32,
    ring: Slab<T>,
    /// Which slots hold values, at the indices of `ring`; absent until the first NULL.
    present: Option<Slab<bool>>,
    least: Stacks<T>,
    greatest: Stacks<T>,
}

impl<T: Number> Store<T> {
    /// Moves a partition to a larger region.
    fn grow<S, A, B>(&mut self, head: &mut Head<S, A, B>) {
        let mut region = head.region();
        if let Some(present) = &mut self.present {
            // The same steps in the same order lead to the same place.
            let mut same = region;
            present.grow(&mut same);
        }
        self.ring.grow(&mut region);
        head.place(region, self.length);
    }

    /// Gives the next row a slot: in a larger region, or in a new block.
    #[cold]
    fn make_room<S, A, B>(&mut self, partition: usize, head: &mut Head<S, A, B>)
    where
        S: Summing<T>,
        A: Ending<T>,
        B: Ending<T>,
    {
        if head.limit < self.length {
            return self.grow(head);
        }
        let start = head.region().start;
        let range = start..start + self.length as usize;
        let slots = &mut self.ring.values[range.clone()];
        let present = self.present.as_ref().map(|slab| &slab.values[range]);
        if A::WANTED {
            let (front, until) = self.least.build::<A::Order>(partition, slots, present);
            head.least.start_block(front);
            head.until[0] = until;
        }
        if B::WANTED {
            let (front, until) = self.greatest.build::<B::Order>(partition, slots, present);
            head.greatest.start_block(front);
            head.until[1] = until;
        }
        head.sum.start_block(slots);
        head.slot = 0;
        head.full = true;
    }
}

/// SUM, MIN and MAX, each as wanted, of one argument over one frame, for every partition.
struct SlidingLane<T, S: Summing<T>, A: Ending<T>, B: Ending<T>> {
    // Fixed at construction.
    length: Option<u32>,
    // State.
    heads: Vec<Head<S, A, B>>,
    store: Store<T>,
    // Results of the last batch, by row.
    sums: S::Results,
    least: A::Results,
    greatest: B::Results,
}

impl<T: Number, S: Summing<T>, A: Ending<T>, B: Ending<T>> SlidingLane<T, S, A, B> {
    fn new(length: Option<u32>) -> Self {
        let slots = length.unwrap_or(1);
        Self {
            length,
            heads: Vec::new(),
            store: Store {
                length: slots,
                ring: Slab::new(slots as usize),
                present: None,
                least: Stacks::new(slots as usize),
                greatest: Stacks::new(slots as usize),
            },
            sums: S::Results::default(),
            least: A::Results::default(),
            greatest: B::Results::default(),
        }
    }

    /// Folds every row in play into its frame.
    fn slide_bounded<const NULLS: bool>(
        &mut self,
        rows: &RowsInPlay<'_>,
        values: &[T],
        nulls: &[bool],
    ) {
        let store = &mut self.store;
        for (&row, &partition) in rows.rows.iter().zip(rows.partitions) {
            let head = &mut self.heads[partition as usize];
            if head.slot == head.limit {
                store.make_room(partition as usize, head);
            }
            let is_null = NULLS && nulls.get(row as usize).is_some_and(|null| *null);
            let value = if is_null {
                T::NOTHING
            } else {
                values[row as usize]
            };
            let Region { start, capacity } = head.region();
            let slot = head.slot as usize;
            let slots = &mut store.ring.values[start..start + capacity];
            let displaced = std::mem::replace(&mut slots[slot], value);
            if NULLS && let Some(present) = &mut store.present {
                present.values[start + slot] = !is_null;
            }
            // A slot not in use yet may hold anything, so it must not be subtracted.
            let displaced = if head.full { displaced } else { T::NOTHING };
            head.sum.enter(value, displaced);
            if !is_null {
                head.least.enter(value);
                head.greatest.enter(value);
            }
            head.slot += 1;
            match slots.get(slot + 1) {
                Some(&front) if head.full => {
                    if A::WANTED && head.until[0] as usize == slot {
                        let (front, until) = store.least.pop::<A::Order>(partition as usize);
                        head.least.set_front(front);
                        head.until[0] = until;
                    }
                    if B::WANTED && head.until[1] as usize == slot {
                        let (front, until) = store.greatest.pop::<B::Order>(partition as usize);
                        head.greatest.set_front(front);
                        head.until[1] = until;
                    }
                    self.sums.put(row, head.sum.frame(Some(front)));
                    self.least.put(row, head.least.frame());
                    self.greatest.put(row, head.greatest.frame());
                }
                _ => {
                    self.sums.put(row, head.sum.frame(None));
                    self.least.put(row, head.least.back());
                    self.greatest.put(row, head.greatest.back());
                }
            }
        }
    }

    /// Folds every row in play into all that came before it.
    fn slide_running(&mut self, rows: &RowsInPlay<'_>, values: &[T], nulls: &[bool]) {
        for (&row, &partition) in rows.rows.iter().zip(rows.partitions) {
            let head = &mut self.heads[partition as usize];
            if nulls.is_empty() || !nulls[row as usize] {
                let value = values[row as usize];
                head.sum.enter(value, T::NOTHING);
                head.least.enter(value);
                head.greatest.enter(value);
            }
            self.sums.put(row, head.sum.frame(None));
            self.least.put(row, head.least.back());
            self.greatest.put(row, head.greatest.back());
        }
    }

    /// The slots in use of a partition.
    fn held(&self, head: &Head<S, A, B>) -> std::ops::Range<usize> {
        let start = head.region().start;
        match self.length {
            None => start..start,
            Some(_) if head.full => start..start + head.limit as usize,
            Some(_) => start..start + head.slot as usize,
        }
    }
}

impl<T: Number, S: Summing<T>, A: Ending<T>, B: Ending<T>> Lane for SlidingLane<T, S, A, B>
where
    A::Results: Given<T>,
    B::Results: Given<T>,
{
    fn slide(&mut self, rows: &RowsInPlay<'_>, argument: &Column) {
        let (values, nulls) = (T::values(&argument.data), &argument.nulls[..]);
        self.sums.start(rows.total);
        self.least.start(rows.total);
        self.greatest.start(rows.total);
        if self.length.is_none() {
            return self.slide_running(rows, values, nulls);
        }
        if self.store.present.is_none() && !nulls.is_empty() {
            self.store.present = Some(Slab::like(&self.store.ring, true));
        }
        if self.store.present.is_none() {
            self.slide_bounded::<false>(rows, values, nulls);
        } else {
            self.slide_bounded::<true>(rows, values, nulls);
        }
    }

    fn sums(&mut self) -> Sums<'_> {
        S::sums(&mut self.sums).expect("SUM is wanted")
    }

    fn give_least(&mut self, out: &mut Column) {
        self.least.give(T::values_mut(&mut out.data));
    }

    fn give_greatest(&mut self, out: &mut Column) {
        self.greatest.give(T::values_mut(&mut out.data));
    }
}

/// Results that can be handed over without a copy.
trait Given<T> {
    /// Swaps them with `out`, whose memory is used again.
    fn give(&mut self, out: &mut Vec<T>);
}

impl<T> Given<T> for Vec<T> {
    fn give(&mut self, out: &mut Vec<T>) {
        std::mem::swap(self, out);
    }
}

impl<T> Given<T> for () {
    fn give(&mut self, _: &mut Vec<T>) {
        panic!("a result that no call asked for");
    }
}

impl<T: Number, S: Summing<T>, A: Ending<T>, B: Ending<T>> Part for SlidingLane<T, S, A, B>
where
    A::Results: Send,
{
    fn grow(&mut self, partitions: usize) {
        let empty = Head {
            line: 0,
            slot: 0,
            limit: 0,
            full: false,
            until: [NEVER; 2],
            sum: S::new(),
            least: A::new(),
            greatest: B::new(),
        };
        self.heads.resize(partitions, empty);
        if A::WANTED {
            self.store.least.grow(partitions);
        }
        if B::WANTED {
            self.store.greatest.grow(partitions);
        }
    }

    /// Images: the sum; the ring, NULLs marked; for MIN and MAX each the back and the stack's values and slots.
    fn save(&self, partition: usize) -> PartState {
        let head = &self.heads[partition];
        let held = self.held(head);
        let mut images = Vec::new();
        images.extend(head.sum.image());
        let present = self.store.present.as_ref();
        let present = present.map_or(&[][..], |slab| &slab.values[held.clone()]);
        images.push(ColumnImage {
            nulls: present.iter().map(|present| !present).collect(),
            ..T::save(&self.store.ring.values[held])
        });
        let extremes = [
            (A::WANTED, head.least.back(), &self.store.least),
            (B::WANTED, head.greatest.back(), &self.store.greatest),
        ];
        for (_, back, stacks) in extremes.into_iter().filter(|(wanted, ..)| *wanted) {
            let (values, slots) = stacks.save(partition, head.slot);
            images.extend([T::save(&[back]), T::save(&values), i64::save(&slots)]);
        }
        PartState {
            slot: u64::from(head.slot),
            full: head.full,
            images,
        }
    }

    fn load(&mut self, partition: usize, state: PartState, _: &[Progress]) -> Option<()> {
        let mut images = state.images.into_iter();
        let mut head = self.heads[partition];
        if head.sum.image().is_some() {
            head.sum = S::of_image(images.next()?)?;
        }
        let ring = images.next()?;
        self.load_ring(&mut head, (state.slot, state.full), ring)?;
        let slots = (head.slot, self.store.length);
        if A::WANTED {
            let back = T::load(images.next()?)?.pop()?;
            let saved = (T::load(images.next()?)?, i64::load(images.next()?)?);
            let stacks = &mut self.store.least;
            let (front, until) = stacks.load::<A::Order>(partition, saved, slots)?;
            head.least.start_block(front);
            head.least.enter(back);
            head.until[0] = until;
        }
        if B::WANTED {
            let back = T::load(images.next()?)?.pop()?;
            let saved = (T::load(images.next()?)?, i64::load(images.next()?)?);
            let stacks = &mut self.store.greatest;
            let (front, until) = stacks.load::<B::Order>(partition, saved, slots)?;
            head.greatest.start_block(front);
            head.greatest.enter(back);
            head.until[1] = until;
        }
        self.heads[partition] = head;
        images.next().is_none().then_some(())
    }

    fn bytes(&self) -> usize {
        let store = &self.store;
        let present = store.present.as_ref().map_or(0, |slab| slab.values.len());
        self.heads.len() * size_of::<Head<S, A, B>>()
            + store.ring.values.len() * size_of::<T>()
            + present
            + store.least.bytes()
            + store.greatest.bytes()
    }
}

impl<T: Number, S: Summing<T>, A: Ending<T>, B: Ending<T>> SlidingLane<T, S, A, B> {
    /// Gives a new partition its slots again.
    fn load_ring(
        &mut self,
        head: &mut Head<S, A, B>,
        (slot, full): (u64, bool),
        mut ring: ColumnImage,
    ) -> Option<()> {
        let nulls = std::mem::take(&mut ring.nulls);
        let values = T::load(ring)?;
        let slot = u32::try_from(slot).ok()?;
        let held = match self.length {
            None => 0,
            Some(length) if full => length as usize,
            Some(_) => slot as usize,
        };
        let fits = values.len() == held && slot <= self.length.unwrap_or(0);
        (fits && (nulls.is_empty() || nulls.len() == held)).then_some(())?;
        while (head.limit as usize) < held {
            self.store.grow(head);
        }
        head.slot = slot;
        head.full = full;
        let start = head.region().start;
        self.store.ring.values[start..start + held].copy_from_slice(&values);
        if self.store.present.is_none() && !nulls.is_empty() {
            self.store.present = Some(Slab::like(&self.store.ring, true));
        }
        if let Some(present) = &mut self.store.present {
            let slots = &mut present.values[start..start + held];
            slots.fill(true);
            for (present, null) in slots.iter_mut().zip(nulls) {
                *present = !null;
            }
        }
        Some(())
    }
}
