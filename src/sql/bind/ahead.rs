//! Frames that reach beyond the current row, made of frames that end at their row and of LEAD.
//!
//! The frame of a row that ends m rows behind it ends at the m-th row that comes, which has the result, and LEAD brings
//! it. Where only j rows come behind the row, the last of them has it, of a frame that is m - j shorter: so there is a
//! call for each j, at most [`FOLLOWING_ROWS_MAX`].

use super::expr::{Binder, Bound};
use super::over::OverDraft;
use crate::limits::FOLLOWING_ROWS_MAX;
use crate::plan::{AggregateKind, Expr, OverCall, OverFrame, OverFunction};
use crate::types::{DataType, Value};

/// Where a frame lies.
pub(super) enum FrameBounds {
    /// It ends at the current row or before.
    Behind(OverFrame),
    /// It ends behind the current row.
    Ahead {
        /// Where it begins, in rows from the current one; `None`: with the partition.
        from: Option<i64>,
        /// Where it ends, at least 1.
        rows: u32,
    },
}

impl Binder<'_> {
    /// The call of `draft` over a frame, whatever frame it has.
    pub(super) fn framed_call(&mut self, draft: OverDraft, bounds: FrameBounds) -> Bound {
        let (from, rows) = match bounds {
            FrameBounds::Behind(frame) => return self.over_call(with_frame(&draft, frame)),
            FrameBounds::Ahead { from, rows } => (from, rows),
        };
        debug_assert!(rows <= FOLLOWING_ROWS_MAX, "frames are bounded");
        let mut branches = Vec::with_capacity(rows as usize);
        for behind in (1..=rows).rev() {
            let is_there = self.lead(&draft, truth(), behind, Value::Bool(false))?;
            branches.push((is_there, self.ending(&draft, from, behind)?));
        }
        Ok(Expr::Case {
            branches,
            otherwise: Some(Box::new(self.ending(&draft, from, 0)?)),
            ty: draft.call.ty,
        })
    }

    /// The result of a frame that begins at `from` and ends `behind` rows behind the current one, which are there.
    fn ending(&mut self, draft: &OverDraft, from: Option<i64>, behind: u32) -> Bound {
        let preceding = match from.map(|from| u32::try_from(i64::from(behind) - from)) {
            None => None,
            Some(Ok(preceding)) => Some(preceding),
            // It would begin behind its end.
            Some(Err(_)) => return Ok(of_no_rows(&draft.call)),
        };
        let frame = OverFrame::Rows {
            preceding,
            until: 0,
        };
        let there = self.over_call(with_frame(draft, frame))?;
        match behind {
            0 => Ok(there),
            _ => self.lead(draft, there, behind, Value::Null),
        }
    }

    /// LEAD of `value` over the rows of `draft`.
    fn lead(&mut self, draft: &OverDraft, value: Expr, offset: u32, default: Value) -> Bound {
        let call = OverCall {
            function: OverFunction::Lead { offset, default },
            frame: OverFrame::RUNNING,
            ty: value.ty(),
            args: vec![value],
        };
        self.over_call(OverDraft {
            call,
            ..draft.clone()
        })
    }
}

fn with_frame(draft: &OverDraft, frame: OverFrame) -> OverDraft {
    let mut draft = draft.clone();
    draft.call.frame = frame;
    draft
}

/// The result over an empty frame.
fn of_no_rows(call: &OverCall) -> Expr {
    use AggregateKind::{ApproxCountDistinct, Count, CountRows};
    let counts = matches!(
        call.function,
        OverFunction::Aggregate(Count | CountRows | ApproxCountDistinct)
            | OverFunction::Distinct(Count)
    );
    Expr::Literal {
        value: if counts { Value::I64(0) } else { Value::Null },
        ty: call.ty,
    }
}

fn truth() -> Expr {
    Expr::Literal {
        value: Value::Bool(true),
        ty: DataType::Boolean,
    }
}
