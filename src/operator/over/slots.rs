//! Flat storage for the rows of frames: one slab a component, one region a partition.
//!
//! ```text
//! values:  | region of partition 0 | region of 1 | free | grown region of 0 ...      all in one vector
//! region:  | slot 0 | slot 1 | ... | slot length - 1 |      slot of row r: r mod length
//! ```
//!
//! A region starts small and doubles until it holds the whole frame, so a partition of few rows is cheap and a
//! long frame costs what its rows cost. Until then no slot is ever reused, so growing is a plain move. Regions
//! start at multiples of [`SLOTS_MIN`].

use crate::batch::{Column, TextColumn};
use crate::operator::archive::{ColumnImage, ColumnValues};

/// Slots of a new region: a cache line of 64-bit values.
pub const SLOTS_MIN: usize = 8;

/// Where a partition's slots lie.
#[derive(Clone, Copy, Debug, Default)]
pub struct Region {
    /// First slot in the slab.
    pub start: usize,
    /// Slots held.
    pub capacity: usize,
}

/// Slots of all partitions.
#[derive(Debug)]
pub struct Slab<T> {
    /// The slots; a region is `start .. start + capacity`.
    pub values: Vec<T>,
    length: usize,
    /// Regions that were outgrown, by the number of doublings of their size.
    free: Vec<Vec<usize>>,
}

impl<T: Clone + Default> Slab<T> {
    /// A slab of regions that grow to `length` slots, at least 1.
    pub fn new(length: usize) -> Self {
        assert!(length > 0, "a frame has at least one row");
        Self {
            values: Vec::new(),
            length,
            free: Vec::new(),
        }
    }

    /// A slab of the same regions with `value` in every slot.
    pub fn like<U>(other: &Slab<U>, value: T) -> Self {
        Self {
            values: vec![value; other.values.len()],
            length: other.length,
            free: other.free.clone(),
        }
    }

    /// Moves `region` to one of about twice its size, its slots keeping their indices.
    #[cold]
    pub fn grow(&mut self, region: &mut Region) {
        assert!(region.capacity < self.length, "a whole frame fits");
        let whole = self.length.next_multiple_of(SLOTS_MIN);
        let capacity = (region.capacity * 2).max(SLOTS_MIN).min(whole);
        let start = self.take(capacity);
        for slot in 0..region.capacity {
            self.values.swap(region.start + slot, start + slot);
        }
        if region.capacity > 0 {
            let class = class_of(region.capacity);
            if self.free.len() <= class {
                self.free.resize_with(class + 1, Vec::new);
            }
            self.free[class].push(region.start);
        }
        *region = Region { start, capacity };
    }

    /// Grows `region` until it has `slots` slots.
    pub fn reserve(&mut self, region: &mut Region, slots: usize) {
        while region.capacity < slots {
            self.grow(region);
        }
    }

    fn take(&mut self, capacity: usize) -> usize {
        let reusable = capacity < self.length;
        if reusable && let Some(start) = self.free.get_mut(class_of(capacity)).and_then(Vec::pop) {
            return start;
        }
        let start = self.values.len();
        self.values.resize(start + capacity, T::default());
        start
    }
}

fn class_of(capacity: usize) -> usize {
    (capacity / SLOTS_MIN).ilog2() as usize
}

/// A text in a slot; absent stands for NULL. Overwriting it reuses its memory.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct TextSlot {
    /// Whether there is a text.
    pub present: bool,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl Clone for TextSlot {
    fn clone(&self) -> Self {
        Self {
            present: self.present,
            bytes: self.bytes.clone(),
        }
    }

    fn clone_from(&mut self, other: &Self) {
        self.present = other.present;
        self.bytes.clone_from(&other.bytes);
    }
}

impl TextSlot {
    /// Takes row `row` of `column`.
    pub fn take(&mut self, column: &Column, values: &TextColumn, row: usize) {
        self.bytes.clear();
        self.present = !column.is_null(row);
        if self.present {
            self.bytes.extend_from_slice(values.get(row));
        }
    }
}

/// Something that slots or accumulators hold, as columns in a snapshot.
pub trait Saved: Sized {
    /// Copies `items` to columns.
    fn save(items: &[Self]) -> ColumnImage;
    /// The items of `column`; `None` when it holds others.
    fn load(column: ColumnImage) -> Option<Vec<Self>>;
}

/// The texts that `ends` cut from `bytes`, if they do.
fn texts<'a>(bytes: &'a [u8], ends: &[u64]) -> Option<Vec<&'a [u8]>> {
    let mut start = 0;
    ends.iter()
        .map(|&end| {
            let end = usize::try_from(end).ok()?;
            let text = bytes.get(start..end)?;
            start = end;
            Some(text)
        })
        .collect()
}

macro_rules! saved {
    ($type:ty, $variant:ident) => {
        impl Saved for $type {
            fn save(items: &[Self]) -> ColumnImage {
                plain(ColumnValues::$variant(items.to_vec()))
            }

            fn load(column: ColumnImage) -> Option<Vec<Self>> {
                match column.values {
                    ColumnValues::$variant(values) => Some(values),
                    _ => None,
                }
            }
        }

        impl Saved for Option<$type> {
            fn save(items: &[Self]) -> ColumnImage {
                let values = items.iter().map(|item| item.unwrap_or_default()).collect();
                ColumnImage {
                    values: ColumnValues::$variant(values),
                    nulls: items.iter().map(Option::is_none).collect(),
                }
            }

            fn load(column: ColumnImage) -> Option<Vec<Self>> {
                let ColumnValues::$variant(values) = column.values else {
                    return None;
                };
                let items = values.into_iter().zip(&column.nulls);
                let items: Vec<_> = items.map(|(v, &null)| (!null).then_some(v)).collect();
                (items.len() == column.nulls.len()).then_some(items)
            }
        }
    };
}

saved!(bool, Bool);
saved!(i64, I64);
saved!(i128, I128);

// DOUBLE goes as bits, so that a NaN stays the NaN it was.
impl Saved for f64 {
    fn save(items: &[Self]) -> ColumnImage {
        let bits = items.iter().map(|item| item.to_bits()).collect();
        plain(ColumnValues::F64(bits))
    }

    fn load(column: ColumnImage) -> Option<Vec<Self>> {
        match column.values {
            ColumnValues::F64(bits) => Some(bits.into_iter().map(Self::from_bits).collect()),
            _ => None,
        }
    }
}

impl Saved for Option<f64> {
    fn save(items: &[Self]) -> ColumnImage {
        let values: Vec<_> = items.iter().map(|item| item.unwrap_or_default()).collect();
        ColumnImage {
            nulls: items.iter().map(Option::is_none).collect(),
            ..f64::save(&values)
        }
    }

    fn load(column: ColumnImage) -> Option<Vec<Self>> {
        let nulls = column.nulls.clone();
        let values = f64::load(column)?;
        (values.len() == nulls.len()).then_some(())?;
        let items = values.into_iter().zip(nulls);
        Some(items.map(|(v, null)| (!null).then_some(v)).collect())
    }
}

fn plain(values: ColumnValues) -> ColumnImage {
    ColumnImage {
        values,
        nulls: Vec::new(),
    }
}

impl Saved for TextSlot {
    fn save(items: &[Self]) -> ColumnImage {
        let (mut bytes, mut ends) = (Vec::new(), Vec::new());
        for item in items {
            // An absent text may hold bytes of the one before it.
            if item.present {
                bytes.extend_from_slice(&item.bytes);
            }
            ends.push(bytes.len() as u64);
        }
        ColumnImage {
            values: ColumnValues::Text(ends, bytes),
            nulls: items.iter().map(|item| !item.present).collect(),
        }
    }

    fn load(column: ColumnImage) -> Option<Vec<Self>> {
        let ColumnValues::Text(ends, bytes) = column.values else {
            return None;
        };
        let texts = texts(&bytes, &ends)?;
        (texts.len() == column.nulls.len()).then_some(())?;
        let slot = |(text, &null): (&&[u8], &bool)| Self {
            present: !null,
            bytes: text.to_vec(),
        };
        Some(texts.iter().zip(&column.nulls).map(slot).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_grow_in_place_of_outgrown_ones() {
        let mut slab = Slab::<i64>::new(20);
        let mut regions = [Region::default(); 3];
        for (partition, region) in regions.iter_mut().enumerate() {
            for slot in 0..20 {
                slab.reserve(region, slot + 1);
                slab.values[region.start + slot] = (partition * 100 + slot) as i64;
            }
        }
        for (partition, region) in regions.iter().enumerate() {
            assert_eq!(region.capacity, 24);
            for slot in 0..20 {
                let value = slab.values[region.start + slot];
                assert_eq!(value, (partition * 100 + slot) as i64);
            }
        }
        // 8 and 16 slots once, 24 for each partition: what the first outgrew served the others.
        assert_eq!(slab.values.len(), 8 + 16 + 3 * 24);
    }

    #[test]
    fn saved_items_come_back() {
        let texts = [
            TextSlot {
                present: true,
                bytes: b"abc".to_vec(),
            },
            TextSlot::default(),
        ];
        assert_eq!(
            Saved::load(TextSlot::save(&texts)).as_deref(),
            Some(&texts[..])
        );
        let numbers = [Some(1_i64), None, Some(-3)];
        assert_eq!(
            <Option<i64>>::load(<Option<i64>>::save(&numbers)).as_deref(),
            Some(&numbers[..])
        );
        assert_eq!(i64::load(f64::save(&[1.0])), None);
    }
}
