//! Where one field of every row lies.

/// Start and end of a field behind the index `before` and before `end`.
#[inline(always)]
pub(super) fn between(before: u32, end: u32) -> (usize, usize) {
    // In a row with too few fields those it lacks are empty.
    let start = before.wrapping_add(1).min(end);
    (start as usize, end as usize)
}

/// One field of rows whose bounds are all known.
#[derive(Clone, Copy)]
pub(super) struct Bounds<'a> {
    /// What the indices count in.
    pub bytes: &'a [u8],
    /// For each row the index before the field's first byte, which wraps at 0.
    pub before: &'a [u32],
    /// For each row the index behind the field's last byte.
    pub ends: &'a [u32],
}

impl<'a> Bounds<'a> {
    /// Of field `field` of `rows` rows, whose bounds lie array by array in `bounds`: the index before each row's first
    /// byte, then the ends of each field.
    pub fn of(bytes: &'a [u8], bounds: &'a [u32], rows: usize, field: usize) -> Self {
        let (before, ends) = bounds[field * rows..][..2 * rows].split_at(rows);
        Self {
            bytes,
            before,
            ends,
        }
    }

    /// Start and end of the field in `row`.
    #[inline(always)]
    pub fn get(self, row: usize) -> (usize, usize) {
        between(self.before[row], self.ends[row])
    }

    /// The field in `row` as it stands.
    #[inline]
    pub fn field(self, row: usize) -> &'a [u8] {
        let (start, end) = self.get(row);
        &self.bytes[start..end]
    }
}
