//! The values of a frame in their order, and those that no frame has reached yet.

use super::item::Item;
use super::slots::Saved;
use crate::operator::archive::ColumnImage;
use std::collections::VecDeque;

/// The values that one partition holds, each with the position of its row.
#[derive(Clone, Default)]
pub struct Queue<T> {
    /// Those in the frame, the oldest first.
    pub inside: VecDeque<(i64, T)>,
    /// Those behind it.
    pub pending: VecDeque<(i64, T)>,
}

impl<T: Item> Queue<T> {
    /// Images: the positions of the values inside and of those pending, then the values of both.
    pub fn save(&self) -> Vec<ColumnImage> {
        let both = [&self.inside, &self.pending];
        let at = |rows: &VecDeque<(i64, T)>| {
            i64::save(&rows.iter().map(|(at, _)| *at).collect::<Vec<_>>())
        };
        let values = |rows: &VecDeque<(i64, T)>| {
            T::save(
                &rows
                    .iter()
                    .map(|(_, value)| value.clone())
                    .collect::<Vec<_>>(),
            )
        };
        both.into_iter()
            .map(at)
            .chain(both.into_iter().map(values))
            .collect()
    }

    /// The values of saved images; `None` when they are no queue of these.
    pub fn load(images: Vec<ColumnImage>) -> Option<Self> {
        let [inside_at, pending_at, inside, pending] = images.try_into().ok()?;
        let rows = |at, values| {
            let (at, values) = (i64::load(at)?, T::load(values)?);
            let rises = at.windows(2).all(|pair| pair[0] <= pair[1]);
            let fits = rises && at.len() == values.len();
            fits.then(|| at.into_iter().zip(values).collect::<VecDeque<_>>())
        };
        Some(Self {
            inside: rows(inside_at, inside)?,
            pending: rows(pending_at, pending)?,
        })
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        let rows = self.inside.capacity() + self.pending.capacity();
        size_of::<Self>() + rows * size_of::<(i64, T)>()
    }
}

/// Keeps what has memory of its own.
pub fn reuse<T: Item>(spare: &mut Vec<T>, value: T) {
    if value.has_memory() {
        spare.push(value);
    }
}
