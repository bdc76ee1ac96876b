//! LATE DATA INTO: the late rows themselves, each with how late it was.

use super::eval::time_of;
use super::statement::Gone;
use super::window::windows_of;
use super::{Counts, Row};
use crate::plan::LateColumnsPlan;
use crate::types::Value;

/// Turns the verdict on a row round: late rows are taken, the others are filtered.
pub fn admit(verdict: Result<u64, Gone>) -> Result<(), Gone> {
    match verdict {
        Err(Gone::Late) => Ok(()),
        Ok(_) | Err(Gone::Filtered) => Err(Gone::Filtered),
        Err(refused) => Err(refused),
    }
}

/// Every row with the distance of its time from the watermark, the start of its last window, and the watermark.
pub fn columns(plan: &LateColumnsPlan, rows: &[Row], counts: &mut Counts) -> Vec<Row> {
    let mut out = Vec::new();
    for row in rows {
        let time = match time_of(&plan.time, &row.values) {
            Ok(time) => time,
            Err(reason) => {
                counts.reject(reason);
                continue;
            }
        };
        let watermark = row.key.watermark();
        let windows = plan.window.as_ref().map(|it| windows_of(it, time, 0));
        let last = windows
            .flatten()
            .and_then(|windows| windows.last().copied());
        let mut row = row.clone();
        row.values.push(Value::I64(watermark.saturating_sub(time)));
        row.values
            .push(last.map_or(Value::Null, |(start, _)| Value::I64(start)));
        row.values.push(Value::I64(watermark));
        out.push(row);
    }
    out
}
