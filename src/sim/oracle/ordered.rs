//! Aggregates whose answer depends on the order of rows: rows as they come, each part by itself, then joined on.

use super::moments::Item;

/// A row: a number and the time that TWAP is told.
#[derive(Clone, Copy)]
pub struct Tick {
    /// The number.
    pub x: f64,
    /// Nanoseconds.
    pub time: i64,
}

type Items = [Item<Tick>];

/// Joins rows and parts, none of them empty, one behind the other; a row is the part that `of_row` makes of it unless
/// `add` takes it in.
fn fold<S>(
    items: &Items,
    of_row: &impl Fn(Tick) -> S,
    add: &impl Fn(S, Tick) -> S,
    join: &impl Fn(S, S) -> S,
) -> Option<S> {
    let mut whole = None;
    for item in items {
        whole = match (item, whole) {
            (Item::Row(tick), None) => Some(of_row(*tick)),
            (Item::Row(tick), Some(before)) => Some(add(before, *tick)),
            (Item::Part(part), None) => fold(part, of_row, add, join),
            (Item::Part(part), Some(before)) => {
                let part = fold(part, of_row, add, join).expect("a part has rows");
                Some(join(before, part))
            }
        };
    }
    whole
}

/// EMA.
pub fn ema(items: &Items, alpha: f64) -> Option<f64> {
    let keep = 1.0 - alpha;
    // What it starts from, the average, and how much of the start is left in it.
    let whole = fold(
        items,
        &|tick| (tick.x, tick.x, keep),
        &|(start, average, left), tick| (start, alpha * tick.x + keep * average, left * keep),
        &|(first, before, left), (start, average, left_of_part)| {
            let moved = left_of_part * (before - start);
            (first, average + moved, left * left_of_part)
        },
    );
    whole.map(|(_, average, _)| average)
}

/// Prices by the time they held.
#[derive(Clone, Copy)]
struct Held {
    first: i64,
    last: Tick,
    time: i64,
    sum: f64,
}

impl Held {
    /// The last price has held until `until`.
    fn wait(mut self, until: i64) -> Self {
        let length = i128::from(until) - i128::from(self.last.time);
        let length = length.clamp(0, i128::from(i64::MAX)) as i64;
        self.time = self.time.saturating_add(length);
        self.sum += match length {
            0 => 0.0,
            _ => self.last.x * length as f64,
        };
        self
    }
}

/// TWAP; the last row counts until `end`.
pub fn twap(items: &Items, end: Option<i64>) -> Option<f64> {
    let mut whole = fold(
        items,
        &|tick| Held {
            first: tick.time,
            last: tick,
            time: 0,
            sum: 0.0,
        },
        &|before, tick| Held {
            last: tick,
            ..before.wait(tick.time)
        },
        &|before, part: Held| {
            let before = before.wait(part.first);
            Held {
                last: part.last,
                time: before.time.saturating_add(part.time),
                sum: before.sum + part.sum,
                ..before
            }
        },
    )?;
    if let Some(end) = end {
        whole = whole.wait(end);
    }
    Some(match whole.time {
        0 => whole.last.x,
        time => whole.sum / time as f64,
    })
}

/// REALIZED_VOL.
pub fn volatility(items: &Items) -> Option<f64> {
    let square = |from: f64, to: f64| match from > 0.0 && to > 0.0 {
        true => (to / from).ln() * (to / from).ln(),
        false => f64::NAN,
    };
    // Rows, the first number, the last, and the sum between them.
    let whole = fold(
        items,
        &|tick| (1, tick.x, tick.x, 0.0),
        &|(count, first, last, sum), tick| (count + 1, first, tick.x, sum + square(last, tick.x)),
        &|(count, first, last, sum), (more, next, end, inside)| {
            (count + more, first, end, sum + square(last, next) + inside)
        },
    );
    whole.and_then(|(count, _, _, sum)| (count > 1).then(|| sum.sqrt()))
}

/// MAX_DRAWDOWN.
pub fn drawdown(items: &Items) -> Option<f64> {
    let bad = |x: f64| x.is_nan() || x <= 0.0;
    // Peak, least, worst fall; whether any number spoils it.
    let whole = fold(
        items,
        &|tick| (tick.x, tick.x, 0.0, bad(tick.x)),
        &|(peak, least, worst, spoiled), tick| {
            let peak = f64::max(peak, tick.x);
            let fall = (peak - tick.x) / peak;
            let least = f64::min(least, tick.x);
            (peak, least, f64::max(worst, fall), spoiled || bad(tick.x))
        },
        &|(peak, least, worst, spoiled), (next, low, inside, bad)| {
            let across = if peak > low { (peak - low) / peak } else { 0.0 };
            let worst = f64::max(f64::max(worst, across), inside);
            (
                f64::max(peak, next),
                f64::min(least, low),
                worst,
                spoiled || bad,
            )
        },
    );
    whole.map(|(_, _, worst, spoiled)| if spoiled { f64::NAN } else { worst })
}
