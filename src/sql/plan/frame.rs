//! What frames become: those that rows can be taken into as they come, those that need whole partitions.
//!
//! Rows come in the order of time, so a frame by that order which ends at its row is there with it. One that ends some
//! rows behind it is made of such frames and of LEAD: the frame of a row that ends m rows behind it ends at the m-th row
//! that comes, which has the result, and LEAD brings it. Where only j rows come behind the row, the last of them has
//! it, of a frame that is m - j shorter: so there is a call for each j, at most [`FOLLOWING_ROWS_MAX`]. All other
//! frames are of whole partitions.

use super::bind_error;
use super::flow::Flow;
use super::over::comes_by;
use crate::error::SqlError;
use crate::limits::{COLUMNS_MAX, FOLLOWING_ROWS_MAX};
use crate::plan::{
    AggregateKind, Around, Distance, Expr, FrameUnit, OverCall, OverFrame, OverFunction,
};
use crate::sql::ast::Emit;
use crate::sql::bind::{OVER_BASE, OverDraft};
use crate::types::{DataType, Value};

/// Where a frame lies.
enum Bounds {
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

/// The calls that a SELECT is computed by.
#[derive(Default)]
pub(super) struct Settled {
    /// The calls, each once.
    pub drafts: Vec<OverDraft>,
    /// For each call that was written its result, over the virtual columns of `drafts`.
    pub results: Vec<Expr>,
}

/// Settles how the calls that are `written` are computed.
pub(super) fn settle(
    flow: &Flow,
    written: Vec<OverDraft>,
    emit: Option<&Emit>,
) -> Result<Settled, SqlError> {
    let mut settled = Settled::default();
    for draft in written {
        let result = match draft.call.frame {
            OverFrame::Around(frame) => match running(flow, &draft, frame, emit) {
                Some(Bounds::Behind(frame)) => settled.add(with_frame(&draft, frame))?,
                Some(Bounds::Ahead { from, rows }) => settled.ahead(&draft, from, rows)?,
                None => {
                    let frame = OverFrame::Around(of_whole(frame));
                    settled.add(with_frame(&draft, frame))?
                }
            },
            _ => settled.add(draft)?,
        };
        settled.results.push(result);
    }
    Ok(settled)
}

/// Whether rows can be taken to come in the order of a call.
pub(super) fn as_they_come(flow: &Flow, draft: &OverDraft, emit: Option<&Emit>) -> bool {
    if flow.takes_whole(draft, emit) {
        return false;
    }
    match &draft.order[..] {
        [] => true,
        [key] => !key.descending && !key.nulls_first && comes_by(flow, &key.expr),
        _ => false,
    }
}

/// Where a frame lies that rows show as they come; `None`: only whole partitions show it.
fn running(flow: &Flow, draft: &OverDraft, frame: Around, emit: Option<&Emit>) -> Option<Bounds> {
    if !as_they_come(flow, draft, emit) {
        return None;
    }
    let from = match frame.from {
        None => None,
        Some(from) => Some(exact(from)?),
    };
    let upto = exact(frame.upto?)?;
    let by = draft.order.first().map(|key| &key.expr);
    let by_time = by.is_some() && by == flow.time.as_ref();
    let so_far = (from, upto) == (None, 0);
    Some(match frame.unit {
        FrameUnit::Rows if upto <= 0 => Bounds::Behind(OverFrame::Rows {
            preceding: from.map(|from| -from as u32),
            until: -upto as u32,
        }),
        FrameUnit::Rows if upto <= i64::from(FOLLOWING_ROWS_MAX) => Bounds::Ahead {
            from,
            rows: upto as u32,
        },
        FrameUnit::Groups if by_time && so_far => Bounds::Behind(OverFrame::Range {
            preceding_ns: None,
            until_ns: 0,
        }),
        // What only stands for the time has no lengths of time.
        FrameUnit::Range if upto <= 0 && (by_time || by.is_some() && so_far) => {
            Bounds::Behind(OverFrame::Range {
                preceding_ns: from.map(|from| -from),
                until_ns: -upto,
            })
        }
        _ => return None,
    })
}

/// A distance that is exact, and not longer than any time.
fn exact(distance: Distance) -> Option<i64> {
    match distance {
        Distance::Exact(length) => i64::try_from(length).ok(),
        Distance::Double(_) => None,
    }
}

/// A RANGE frame without a length is one of peers; all frames of the whole partition are one.
fn of_whole(frame: Around) -> Around {
    let no_length = |bound: Option<Distance>| bound.is_none_or(|bound| bound == Distance::NONE);
    match frame.unit {
        _ if (frame.from, frame.upto) == (None, None) => Around::WHOLE,
        FrameUnit::Range if no_length(frame.from) && no_length(frame.upto) => Around {
            unit: FrameUnit::Groups,
            ..frame
        },
        _ => frame,
    }
}

impl Settled {
    /// The result of a call.
    fn add(&mut self, draft: OverDraft) -> Result<Expr, SqlError> {
        let ty = draft.call.ty;
        let same = |known: &OverDraft| {
            known.keys == draft.keys
                && known.order == draft.order
                && known.call == draft.call
                && known.whole == draft.whole
        };
        let at = match self.drafts.iter().position(same) {
            Some(at) => at,
            None if self.drafts.len() == COLUMNS_MAX => {
                let message = format!("a query has at most {COLUMNS_MAX} OVER calls");
                return Err(bind_error(draft.span, message));
            }
            None => {
                self.drafts.push(draft);
                self.drafts.len() - 1
            }
        };
        Ok(Expr::Column {
            index: OVER_BASE + at,
            ty,
        })
    }

    /// The result of a call over a frame that ends `rows` behind its row.
    fn ahead(&mut self, draft: &OverDraft, from: Option<i64>, rows: u32) -> Result<Expr, SqlError> {
        debug_assert!(rows <= FOLLOWING_ROWS_MAX, "frames are bounded");
        let mut branches = Vec::with_capacity(rows as usize);
        for behind in (1..=rows).rev() {
            let is_there = self.lead(draft, truth(), behind, Value::Bool(false))?;
            branches.push((is_there, self.ending(draft, from, behind)?));
        }
        Ok(Expr::Case {
            branches,
            otherwise: Some(Box::new(self.ending(draft, from, 0)?)),
            ty: draft.call.ty,
        })
    }

    /// The result of a frame that begins at `from` and ends `behind` rows behind the current one, which are there.
    fn ending(
        &mut self,
        draft: &OverDraft,
        from: Option<i64>,
        behind: u32,
    ) -> Result<Expr, SqlError> {
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
        let there = self.add(with_frame(draft, frame))?;
        match behind {
            0 => Ok(there),
            _ => self.lead(draft, there, behind, Value::Null),
        }
    }

    /// LEAD of `value` over the rows of `draft`.
    fn lead(
        &mut self,
        draft: &OverDraft,
        value: Expr,
        offset: u32,
        default: Value,
    ) -> Result<Expr, SqlError> {
        let call = OverCall {
            function: OverFunction::Lead { offset, default },
            frame: OverFrame::RUNNING,
            ty: value.ty(),
            args: vec![value],
        };
        self.add(OverDraft {
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
