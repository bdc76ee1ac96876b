//! Rows with their window beside them: a table function without an aggregate.
//!
//! A row of `TUMBLE(..)` goes on as it comes, its bounds computed of its time. What groups by them on top is an aggregate
//! over that window. What ranks or sorts the rows of each window needs all of them: they wait until it closes.

use super::flow::{Flow, WindowColumns};
use super::select::among;
use super::window::{self, BoundWindow};
use super::{Planner, unbuilt};
use crate::error::SqlError;
use crate::plan::Expr;
use crate::sql::ast::{From, LateData, Select};
use crate::sql::bind::{last_instant, rewrite};

/// The window that each row is in.
#[derive(Clone)]
pub struct Assigned {
    /// `window_start`.
    pub start: Expr,
    /// `window_end`.
    pub end: Expr,
    /// The window.
    pub window: BoundWindow,
}

/// Puts its window beside each row of a query that has no aggregates.
pub(super) fn assign(
    flow: &mut Flow,
    select: &Select,
    window: BoundWindow,
) -> Result<(), SqlError> {
    let is_function = matches!(select.from, From::Windowed { .. });
    let Some([start, end]) = window::of_row(&window).filter(|_| is_function) else {
        let what = match is_function {
            true => "a window other than TUMBLE without aggregates",
            false => "a window without aggregates",
        };
        return Err(unbuilt(window.span, what)
            .with_hint("add GROUP BY window_start, window_end and an aggregate"));
    };
    flow.assigned = Some(Box::new(Assigned { start, end, window }));
    Ok(())
}

/// A column that is not among the keys.
struct NotAmong;

impl Assigned {
    /// `window_time`.
    pub fn time(&self) -> Expr {
        last_instant(self.end.clone())
    }

    /// Whether the rows have to be sorted at the end of the input before the window is taken of them: they came so, or come
    /// so from what has stood on top since.
    pub fn settles(&self, flow: &Flow) -> bool {
        self.window.settles || flow.settles()
    }

    /// Itself over columns that are made of `keys`; `None` where they do not say the window.
    pub fn over(&self, keys: &[Expr]) -> Option<Self> {
        let of_keys = |expr: &Expr| {
            let new = rewrite(expr, &mut |node| match (among(keys, node), node) {
                (None, Expr::Column { .. }) => Err(NotAmong),
                (column, _) => Ok(column),
            });
            new.ok()
        };
        let (start, end) = (of_keys(&self.start)?, of_keys(&self.end)?);
        let time = of_keys(&self.window.time).unwrap_or_else(|| last_instant(end.clone()));
        let window = BoundWindow {
            time,
            ..self.window.clone()
        };
        Some(Self { start, end, window })
    }

    /// Whether the expression says which window it is.
    pub fn says(&self, expr: &Expr) -> bool {
        *expr == self.start || *expr == self.end || *expr == self.time()
    }
}

impl Planner<'_> {
    /// Keeps rows until their window closes; then they leave together, as rows that the window made. They lie by `keys`,
    /// in a stage of its own where they have just been `exchanged`.
    pub(super) fn close_windows(
        &self,
        flow: &mut Flow,
        keys: &[Expr],
        exchanged: bool,
        late: Option<&LateData>,
    ) -> Result<(), SqlError> {
        let Some(assigned) = flow.assigned.take() else {
            return Ok(());
        };
        if let Some(late) = late.filter(|_| !flow.state.late_taken) {
            let what = "LATE DATA of ranks, ORDER BY or LIMIT of the rows of each window";
            return Err(
                unbuilt(late.span, what).with_hint("give the table's WATERMARK a longer delay")
            );
        }
        if assigned.window.by_clock {
            self.follow_clock(flow, assigned.window.span)?;
        }
        // That was another order.
        flow.state.sorted = false;
        let time = assigned.time();
        flow.check_settles(
            "ranks, ORDER BY or LIMIT of each window",
            assigned.window.span,
        )?;
        match assigned.settles(flow) {
            true => self.settle(flow, &time),
            false => {
                flow.time = Some(time);
                let allowed_ns = assigned.window.allowed_ns_min;
                super::over::sort_by_time(flow, keys, exchanged, allowed_ns);
            }
        }
        flow.window = Some(WindowColumns {
            start: assigned.start,
            end: assigned.end,
            plan: assigned.window.plan,
            allowed_ns: assigned.window.allowed_ns_min,
            at_once: true,
        });
        Ok(())
    }
}
