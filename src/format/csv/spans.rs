//! Where one field of every row lies: as a framer finds it, and as a decoder keeps it.

/// One field of rows: told by the row's delimiter mask, or, where that is 0, by the table of field ends.
#[derive(Clone, Copy)]
pub(super) struct Spans<'a> {
    /// What the indices count in.
    pub bytes: &'a [u8],
    /// First byte of each row.
    pub starts: &'a [u32],
    /// Byte behind each row's last.
    pub ends: &'a [u32],
    /// Bit `b` is set where byte `b` of the row is a delimiter; 0, or no entry, where only the table knows. A
    /// row with a mask has no quotes.
    pub delimiters: &'a [u64],
    /// `stride` ends a row, row after row; those of rows with a mask are any.
    pub field_ends: &'a [u32],
    /// Ends kept for each row.
    pub stride: usize,
    /// Which field.
    pub field: usize,
}

/// Start and end of field `field` of the row `start..end` that has these delimiters.
#[inline(always)]
pub(super) fn in_mask(field: usize, mut mask: u64, start: u32, end: u32) -> (usize, usize) {
    let (start, end) = (start as usize, end as usize);
    let mut from = 0;
    if field > 0 {
        for _ in 1..field {
            mask &= mask.wrapping_sub(1);
        }
        from = mask.trailing_zeros() as usize + 1;
        mask &= mask.wrapping_sub(1);
    }
    // Without a further delimiter these are 64 zeros, and a row with a mask is no longer than that.
    let to = (start + mask.trailing_zeros() as usize).min(end);
    ((start + from).min(to), to)
}

impl<'a> Spans<'a> {
    /// Start and end of the field in `row` as its mask tells; `None` where it has none.
    #[inline(always)]
    pub fn masked(&self, row: usize) -> Option<(usize, usize)> {
        let mask = *self.delimiters.get(row)?;
        (mask != 0).then(|| in_mask(self.field, mask, self.starts[row], self.ends[row]))
    }

    /// Start and end of the field in `row`; empty when the row has too few fields.
    #[inline(always)]
    pub fn get(&self, row: usize) -> (usize, usize) {
        self.masked(row).unwrap_or_else(|| self.tabled(row))
    }

    /// Start and end of the field in `row`; `None` where it begins with the quote.
    #[inline(always)]
    pub fn unquoted(&self, row: usize, quote: u8) -> Option<(usize, usize)> {
        let masked = self.masked(row);
        if masked.is_some() {
            return masked;
        }
        let (start, end) = self.tabled(row);
        (self.bytes.get(start) != Some(&quote)).then_some((start, end))
    }

    /// Start and end of the field in `row` as the table tells.
    #[inline]
    pub fn tabled(&self, row: usize) -> (usize, usize) {
        let ends = &self.field_ends[row * self.stride..][..self.stride];
        let end = ends[self.field];
        let start = match self.field {
            0 => self.starts[row],
            field => (ends[field - 1] + 1).min(end),
        };
        (start as usize, end as usize)
    }

    /// The field in `row` as it stands.
    #[inline]
    pub fn field(&self, row: usize) -> &'a [u8] {
        let (start, end) = self.get(row);
        &self.bytes[start..end]
    }
}

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
