//! Which windows a time falls into, found one by one in arithmetic that cannot overflow.

use super::times::{instant, shown};
use crate::plan::{DaysPlan, OverlappingPlan, Reach, WindowPlan};
use crate::time::NS_PER_DAY;

/// `[start, end)`.
pub type Window = (i64, i64);

/// The windows of `time` by rising end; `None` if a bound of one, or the watermarks that close it, is no event time.
pub fn windows_of(plan: &WindowPlan, time: i64, open_after_ns: i64) -> Option<Vec<Window>> {
    let time = i128::from(time);
    let mut found = Vec::new();
    let aligned = |offset: i64, period: i64| {
        let (offset, period) = (i128::from(offset), i128::from(period));
        offset + (time - offset).div_euclid(period) * period
    };
    match *plan {
        WindowPlan::Tumble { size_ns, offset_ns } => {
            let start = aligned(offset_ns, size_ns);
            found.push((start, start + i128::from(size_ns)));
        }
        WindowPlan::Hop {
            size_ns,
            slide_ns,
            offset_ns,
        } => {
            let mut start = aligned(offset_ns, slide_ns);
            // The window before a gap closes where it closes, though it does not hold the time.
            exists(start, start + i128::from(size_ns), open_after_ns)?;
            while time < start + i128::from(size_ns) {
                found.push((start, start + i128::from(size_ns)));
                start -= i128::from(slide_ns);
            }
            found.reverse();
        }
        WindowPlan::Cumulate {
            size_ns,
            step_ns,
            offset_ns,
        } => {
            let start = aligned(offset_ns, size_ns);
            let mut end = start + i128::from(step_ns);
            while end <= start + i128::from(size_ns) {
                if time < end {
                    found.push((start, end));
                }
                end += i128::from(step_ns);
            }
        }
        WindowPlan::Made(ref by) if by.moves() => found.push((time, time + 1)),
        WindowPlan::Made(ref by) => {
            let of_it = windows_of(by, time as i64, open_after_ns)?;
            let window = of_it
                .into_iter()
                .find(|&(_, end)| i128::from(end) == time + 1);
            return window.map(|window| vec![window]);
        }
        WindowPlan::Days(ref days) => found.push(part_of(days, time)?),
        WindowPlan::Overlapping(ref windows) => found = in_a_row(windows, time)?,
        // A row of a bar is late when the watermark has passed its time.
        WindowPlan::Bars(_) => found.push((time, time + 1)),
        // The one that a row would begin alone: it closes behind its end.
        WindowPlan::Session { gap_ns, .. } => found.push((time, time + i128::from(gap_ns) + 1)),
    }
    for &(start, end) in &found {
        exists(start, end, open_after_ns)?;
    }
    let windows = found.into_iter();
    Some(
        windows
            .map(|(start, end)| (start as i64, end as i64))
            .collect(),
    )
}

/// The days or part of a day that holds `time`.
fn part_of(days: &DaysPlan, time: i128) -> Option<(i128, i128)> {
    match days.size_ns < NS_PER_DAY {
        true => part_of_day(days, i64::try_from(time).ok()?),
        false => day_of(days, time),
    }
}

/// The windows of `time` that are parts in a row.
fn in_a_row(plan: &OverlappingPlan, time: i128) -> Option<Vec<(i128, i128)>> {
    let here = part_of(&plan.parts, time)?;
    match &plan.reach {
        Reach::Parts(count) => {
            let mut row = vec![here];
            for _ in 1..*count {
                row.insert(0, part_of(&plan.parts, row[0].0 - 1)?);
                row.push(part_of(&plan.parts, row[row.len() - 1].1)?);
            }
            let of_window = row.windows(*count as usize);
            Some(
                of_window
                    .map(|parts| (parts[0].0, parts[parts.len() - 1].1))
                    .collect(),
            )
        }
        Reach::Since(whole) => {
            let (start, end) = part_of(whole, time)?;
            let mut ends = vec![here.1];
            while ends[ends.len() - 1] < end {
                ends.push(part_of(&plan.parts, ends[ends.len() - 1])?.1);
            }
            Some(ends.into_iter().map(|it| (start, it.min(end))).collect())
        }
    }
}

/// The day that holds `time`: the last bound that is not behind it, and the next.
fn day_of(days: &DaysPlan, time: i128) -> Option<(i128, i128)> {
    let size = i128::from(days.size_ns);
    let bound = |number: i128| {
        let shown = i64::try_from(number * size + i128::from(days.offset_ns)).ok()?;
        instant(shown, &days.zone).ok()
    };
    // No clock is two days off.
    let about = time.div_euclid(size);
    let bounds: Vec<Option<i64>> = (about - 4..about + 6).map(bound).collect();
    let starts = |at: &usize| bounds[*at].is_some_and(|start| i128::from(start) <= time);
    let at = (0..bounds.len() - 1).rev().find(starts)?;
    Some((i128::from(bounds[at]?), i128::from(bounds[at + 1]?)))
}

/// The part of a day that holds `time`, found step by step: one begins at a step where the clock shows a bound, or where
/// the number of the bound it has passed has risen.
fn part_of_day(days: &DaysPlan, time: i64) -> Option<(i128, i128)> {
    // Clocks have been changed by quarters of an hour since 1972, and at them.
    let quarter = NS_PER_DAY / 96;
    let whole = if time < 2 * 366 * NS_PER_DAY {
        NS_PER_DAY / 86_400
    } else {
        quarter
    };
    let mut step = whole;
    while days.size_ns % step != 0 || days.offset_ns % step != 0 || whole % step != 0 {
        // The sizes of the tests have short factors.
        step = (1..)
            .map(|part| whole / part)
            .find(|&it| it < step && whole % it == 0)?;
    }
    let number = |at: i64| -> Option<(i64, i64)> {
        let from_bound = shown(at, &days.zone).ok()? - days.offset_ns;
        Some((
            from_bound.div_euclid(days.size_ns),
            from_bound.rem_euclid(days.size_ns),
        ))
    };
    let begins = |at: i64| -> Option<bool> {
        let ((now, into), (before, _)) = (number(at)?, number(at.checked_sub(1)?)?);
        Some(into == 0 || before < now)
    };
    let mut start = time - time.rem_euclid(step);
    let mut end = start.checked_add(step)?;
    while !begins(start)? {
        start = start.checked_sub(step)?;
    }
    while !begins(end)? {
        end = end.checked_add(step)?;
    }
    Some((i128::from(start), i128::from(end)))
}

fn exists(start: i128, end: i128, open_after_ns: i64) -> Option<()> {
    let gone = end + i128::from(open_after_ns);
    (i128::from(i64::MIN) < start && gone < i128::from(i64::MAX)).then_some(())
}

/// The number of the stretch of time between two bounds of windows that `time` lies in; it rises with time.
pub fn pane_of(plan: &WindowPlan, time: i64) -> u64 {
    let below = |offset: i128, period: i64| {
        let period = i128::from(period);
        offset + (i128::from(time) - offset).div_euclid(period) * period
    };
    let start = match *plan {
        WindowPlan::Hop {
            size_ns,
            slide_ns,
            offset_ns,
        } => {
            let (offset, size) = (i128::from(offset_ns), i128::from(size_ns));
            below(offset, slide_ns).max(below(offset + size, slide_ns))
        }
        WindowPlan::Cumulate {
            step_ns, offset_ns, ..
        } => below(i128::from(offset_ns), step_ns),
        WindowPlan::Overlapping(ref windows) => {
            let start = |days| part_of(days, i128::from(time)).expect("a window").0;
            match &windows.reach {
                Reach::Parts(_) => start(&windows.parts),
                Reach::Since(whole) => start(&windows.parts).max(start(whole)),
            }
        }
        _ => 0,
    };
    (start - i128::from(i64::MIN)) as u64
}

/// What tells the rows apart that a record causes in its windows: the number of the window among as many as one time
/// can lie in.
pub fn ordinal_of(plan: &WindowPlan, window: Window, ordinal: u32) -> u32 {
    let (stride, windows) = match *plan {
        WindowPlan::Hop {
            size_ns, slide_ns, ..
        } => (slide_ns, size_ns / slide_ns + 1),
        WindowPlan::Cumulate {
            size_ns, step_ns, ..
        } => (step_ns, size_ns / step_ns),
        WindowPlan::Overlapping(ref windows) => {
            let size_ns = match &windows.reach {
                Reach::Parts(count) => windows.parts.size_ns * i64::from(*count),
                Reach::Since(whole) => whole.size_ns,
            };
            // A minute, or what divides it and the parts.
            let (step, offset) = (windows.parts.size_ns, windows.parts.offset_ns);
            let divides = |unit: &i64| step % unit == 0 && offset % unit == 0;
            let minute = NS_PER_DAY / 1440;
            let parts = (1..)
                .map(|part| minute / part)
                .filter(|unit| minute % unit == 0);
            let unit = parts.into_iter().find(divides).unwrap_or(1);
            (unit, (size_ns + NS_PER_DAY) / unit + 1)
        }
        _ => return ordinal,
    };
    let number = window.1.div_euclid(stride).rem_euclid(windows);
    ordinal * windows as u32 + number as u32
}
