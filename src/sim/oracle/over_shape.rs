//! Aggregates of neighbouring rows over a frame, in the shape in which it is folded.
//!
//! The older part is a row and what is behind it, that again a row and what is behind it, and so on; the newer part
//! is its rows as they come. A part of one row is folded as a row.

use crate::plan::AggregateKind;
use crate::types::Value;

/// A row's number, and its time where TWAP is told one.
#[derive(Clone, Copy)]
struct Tick {
    x: f64,
    time: i64,
}

enum Item {
    Row(Tick),
    Part(Vec<Item>),
}

/// The result over both parts of a frame, each row its arguments; the last argument of EMA is the same in every row.
pub fn result(kind: AggregateKind, parts: &[Vec<&[Value]>; 2]) -> Value {
    let ticks = |part: &Vec<&[Value]>| -> Vec<Tick> {
        let rows = part.iter().filter(|args| !args.contains(&Value::Null));
        rows.map(|args| tick(args)).collect()
    };
    let mut items = nested(&ticks(&parts[0]));
    items.push(part(rows(&ticks(&parts[1]))));
    let result = match kind {
        AggregateKind::Ema => {
            let alpha = parts.iter().flatten().map(|args| &args[1]).next();
            let alpha = match alpha {
                Some(Value::F64(alpha)) => *alpha,
                _ => 1.0,
            };
            ema(&items, alpha).map(|(_, average, _)| average)
        }
        AggregateKind::Twap => twap(&items).map(|twap| match twap.weighed {
            0 => twap.last.x,
            weighed => twap.sum / weighed as f64,
        }),
        AggregateKind::RealizedVol => volatility(&items)
            .filter(|volatility| volatility.count > 1)
            .map(|volatility| volatility.sum.sqrt()),
        AggregateKind::MaxDrawdown => drawdown(&items).map(|(_, _, fall)| fall),
        other => panic!("{other:?} has no neighbours"),
    };
    result.map_or(Value::Null, Value::F64)
}

fn tick(args: &[Value]) -> Tick {
    let x = match &args[0] {
        Value::F64(x) => *x,
        other => panic!("a DOUBLE, not {other:?}"),
    };
    let time = match args.get(1) {
        Some(Value::I64(time)) => *time,
        _ => 0,
    };
    Tick { x, time }
}

fn rows(ticks: &[Tick]) -> Vec<Item> {
    ticks.iter().copied().map(Item::Row).collect()
}

/// A row, and what is behind it as one.
fn nested(ticks: &[Tick]) -> Vec<Item> {
    match ticks {
        [] => Vec::new(),
        [first, rest @ ..] => vec![Item::Row(*first), part(nested(rest))],
    }
}

/// Items as one; a single row is that row.
fn part(mut items: Vec<Item>) -> Item {
    items.retain(|item| !matches!(item, Item::Part(items) if items.is_empty()));
    match items.len() {
        1 => items.remove(0),
        _ => Item::Part(items),
    }
}

/// The first value, the average, and what is left of a value before the first.
fn ema(items: &[Item], alpha: f64) -> Option<(f64, f64, f64)> {
    let keep = 1.0 - alpha;
    items
        .iter()
        .fold(None, |whole: Option<(f64, f64, f64)>, item| match item {
            Item::Row(tick) => Some(match whole {
                None => (tick.x, tick.x, keep),
                Some((first, average, left)) => {
                    (first, alpha * tick.x + keep * average, left * keep)
                }
            }),
            Item::Part(items) => match (whole, ema(items, alpha)) {
                (None, part) => part,
                (whole, None) => whole,
                (Some((first, before, left)), Some((start, average, left_of_part))) => Some((
                    first,
                    average + left_of_part * (before - start),
                    left * left_of_part,
                )),
            },
        })
}

#[derive(Clone, Copy)]
struct Twap {
    first: Tick,
    last: Tick,
    sum: f64,
    weighed: i64,
}

impl Twap {
    /// The last price counts until `time`.
    fn until(mut self, time: i64) -> Self {
        let length = i128::from(time) - i128::from(self.last.time);
        let length = length.clamp(0, i128::from(i64::MAX)) as i64;
        self.weighed = self.weighed.saturating_add(length);
        if length > 0 {
            self.sum += self.last.x * length as f64;
        }
        self
    }
}

fn twap(items: &[Item]) -> Option<Twap> {
    items.iter().fold(None, |whole: Option<Twap>, item| {
        let part = match item {
            Item::Row(tick) => Some(Twap {
                first: *tick,
                last: *tick,
                sum: 0.0,
                weighed: 0,
            }),
            Item::Part(items) => twap(items),
        };
        let (Some(before), Some(part)) = (whole, part) else {
            return whole.or(part);
        };
        let before = before.until(part.first.time);
        Some(Twap {
            first: before.first,
            last: part.last,
            sum: before.sum + part.sum,
            weighed: before.weighed.saturating_add(part.weighed),
        })
    })
}

#[derive(Clone, Copy)]
struct Volatility {
    count: usize,
    first: f64,
    last: f64,
    sum: f64,
}

fn volatility(items: &[Item]) -> Option<Volatility> {
    let square = |from: f64, to: f64| match from > 0.0 && to > 0.0 {
        true => (to / from).ln() * (to / from).ln(),
        false => f64::NAN,
    };
    items.iter().fold(None, |whole: Option<Volatility>, item| {
        let part = match item {
            Item::Row(tick) => Some(Volatility {
                count: 1,
                first: tick.x,
                last: tick.x,
                sum: 0.0,
            }),
            Item::Part(items) => volatility(items),
        };
        let (Some(before), Some(part)) = (whole, part) else {
            return whole.or(part);
        };
        Some(Volatility {
            count: before.count + part.count,
            first: before.first,
            last: part.last,
            sum: before.sum + square(before.last, part.first) + part.sum,
        })
    })
}

/// The peak, the least and the greatest fall.
fn drawdown(items: &[Item]) -> Option<(f64, f64, f64)> {
    items
        .iter()
        .fold(None, |whole: Option<(f64, f64, f64)>, item| {
            let part = match item {
                Item::Row(tick) => {
                    let no_price = tick.x.is_nan() || tick.x <= 0.0;
                    Some((tick.x, tick.x, if no_price { f64::NAN } else { 0.0 }))
                }
                Item::Part(items) => drawdown(items),
            };
            let (Some((peak, least, fall)), Some((peak_of, least_of, fall_of))) = (whole, part)
            else {
                return whole.or(part);
            };
            let peaks = (peak.max(peak_of), least.min(least_of));
            if fall.is_nan() || fall_of.is_nan() {
                return Some((peaks.0, peaks.1, f64::NAN));
            }
            // From the higher peak before to the lowest point behind it.
            let from = peak.max(least_of);
            let across = (from - least_of) / from;
            Some((peaks.0, peaks.1, fall.max(across).max(fall_of)))
        })
}
