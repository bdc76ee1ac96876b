//! EMIT FINAL EARLY: every row's group after it, as changes, and every window once more when it is final.
//!
//! What is final at the watermark of a row fires before the row is folded, so that both come in the one order of keys;
//! which changes are told, and when, is for `coalesce` to say.

use super::engine::Core;
use super::fold::Folding;
use crate::operator::{Advance, Context, Output};
use crate::table::Segment;

impl Core {
    /// Folds rows, each stretch under one watermark behind what that makes final.
    pub(super) fn fold_early(
        &mut self,
        folding: &Folding<'_>,
        rows: Segment<'_>,
        context: &mut Context<'_>,
        next: &mut dyn Output,
    ) {
        let mut from = 0;
        while let Some((to, watermark)) = stretch(folding, rows, from) {
            while self.fire(folding.layout, watermark, false, context, next) == Advance::More {}
            self.fold_changes(folding, rows.slice(from, to), context, next);
            from = to;
        }
    }
}

/// The end of the rows from `from` on that are under one watermark, and that.
pub(super) fn stretch(
    folding: &Folding<'_>,
    rows: Segment<'_>,
    from: usize,
) -> Option<(usize, i64)> {
    let order = &folding.batch.order;
    let watermark_of = |at: usize| order.watermark(rows.row(at));
    let watermark = (from < rows.len()).then(|| watermark_of(from))?;
    let same = (from..rows.len()).take_while(|&at| watermark_of(at) == watermark);
    Some((from + same.count(), watermark))
}
