//! Where fields lie, from the masks of rows.

use crate::format::simd::{Kernel, Scan};

/// The bounds of the first fields of rows, from masks of their delimiters.
pub(super) struct ExpandRows<'a> {
    /// First byte of each row.
    pub starts: &'a [u32],
    /// Byte behind each row's last.
    pub ends: &'a [u32],
    /// Bit `b` is set where byte `b` of the row is a delimiter.
    pub delimiters: &'a [u64],
    /// Arrays in `bounds`, at least one.
    pub arrays: usize,
    /// Arrays with an entry for each row: the index before its first byte, which wraps at 0, and the ends of its first
    /// fields. What a row lacks of delimiters makes its entries any.
    pub bounds: &'a mut [u32],
}

impl Kernel for ExpandRows<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Scan>(self, _: S) {
        self.expand(|_| true);
    }
}

impl ExpandRows<'_> {
    /// Fills the arrays; says whether `check` holds for the masks of all rows, of which there must be one.
    #[inline(always)]
    pub fn expand(self, check: impl Fn(u64) -> bool) -> bool {
        match self.arrays {
            1 => self.fields::<1>(check),
            2 => self.fields::<2>(check),
            3 => self.fields::<3>(check),
            4 => self.fields::<4>(check),
            5 => self.fields::<5>(check),
            6 => self.fields::<6>(check),
            7 => self.fields::<7>(check),
            8 => self.fields::<8>(check),
            _ => self.many_fields(check),
        }
    }

    #[inline(always)]
    fn fields<const ARRAYS: usize>(self, check: impl Fn(u64) -> bool) -> bool {
        let rows = self.starts.len();
        let (ends, masks) = (&self.ends[..rows], &self.delimiters[..rows]);
        let mut arrays = self.bounds.chunks_exact_mut(rows);
        let mut bounds: [&mut [u32]; ARRAYS] =
            std::array::from_fn(|_| &mut arrays.next().expect("an array a bound")[..rows]);
        let mut all = true;
        for row in 0..rows {
            let (start, mask) = (self.starts[row], masks[row]);
            all &= check(mask);
            // The last field ends with the row, which is shorter than a block.
            let mut rest = mask | 1_u64.wrapping_shl(ends[row].wrapping_sub(start));
            bounds[0][row] = start.wrapping_sub(1);
            for bounds in &mut bounds[1..] {
                bounds[row] = start.wrapping_add(rest.trailing_zeros());
                rest &= rest.wrapping_sub(1);
            }
        }
        all
    }

    #[inline(always)]
    fn many_fields(self, check: impl Fn(u64) -> bool) -> bool {
        let rows = self.starts.len();
        let mut all = true;
        for row in 0..rows {
            let (start, mask) = (self.starts[row], self.delimiters[row]);
            all &= check(mask);
            let mut rest = mask | 1_u64.wrapping_shl(self.ends[row].wrapping_sub(start));
            self.bounds[row] = start.wrapping_sub(1);
            for field in 1..self.arrays {
                self.bounds[field * rows + row] = start.wrapping_add(rest.trailing_zeros());
                rest &= rest.wrapping_sub(1);
            }
        }
        all
    }
}
