//! Where one field of every row lies.

/// One field of the rows of a table of field ends (`stride` ends a row, row after row).
#[derive(Clone, Copy)]
pub(super) struct Spans<'a> {
    /// What the indices count in.
    pub bytes: &'a [u8],
    /// Holds for row `r`, at `r * before_stride`, the index `behind` bytes before the field.
    before: &'a [u32],
    before_stride: usize,
    behind: u32,
    ends: &'a [u32],
    stride: usize,
}

impl<'a> Spans<'a> {
    /// Field `field` of rows that begin at `starts`.
    pub fn new(
        bytes: &'a [u8],
        starts: &'a [u32],
        ends: &'a [u32],
        stride: usize,
        field: usize,
    ) -> Self {
        let (before, before_stride, behind) = match field {
            0 => (starts, 1, 0),
            _ => (ends.get(field - 1..).unwrap_or_default(), stride, 1),
        };
        Self {
            bytes,
            before,
            before_stride,
            behind,
            ends: ends.get(field..).unwrap_or_default(),
            stride,
        }
    }

    /// Start and end of the field in `row`; empty when the row has too few fields.
    #[inline(always)]
    pub fn get(&self, row: usize) -> (usize, usize) {
        let end = self.ends[row * self.stride];
        let start = (self.before[row * self.before_stride] + self.behind).min(end);
        (start as usize, end as usize)
    }

    /// The field in `row` as it stands.
    #[inline(always)]
    pub fn field(&self, row: usize) -> &'a [u8] {
        let (start, end) = self.get(row);
        &self.bytes[start..end]
    }
}
