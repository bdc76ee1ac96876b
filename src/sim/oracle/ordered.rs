//! Aggregates whose answer depends on the order of rows: each part by itself, then the parts in order.

/// A row: a number and the time that TWAP is told.
#[derive(Clone, Copy)]
pub struct Tick {
    /// The number.
    pub x: f64,
    /// Nanoseconds.
    pub time: i64,
}

/// EMA of rows in parts, none of them empty.
pub fn ema(parts: &[Vec<Tick>], alpha: f64) -> Option<f64> {
    let keep = 1.0 - alpha;
    let mut whole: Option<f64> = None;
    for part in parts {
        let start = part[0].x;
        let (mut average, mut decay) = (start, keep);
        for tick in &part[1..] {
            average = alpha * tick.x + keep * average;
            decay *= keep;
        }
        whole = Some(whole.map_or(average, |before| average + decay * (before - start)));
    }
    whole
}

/// TWAP of rows in parts; the last row counts until `end`.
pub fn twap(parts: &[Vec<Tick>], end: Option<i64>) -> Option<f64> {
    let ticks: Vec<Tick> = parts.concat();
    let last = *ticks.last()?;
    let length = |from: Tick, to: i64| {
        let length = i128::from(to) - i128::from(from.time);
        length.clamp(0, i128::from(i64::MAX)) as i64
    };
    let (mut sum, mut time, mut at) = (0.0, 0i64, 0);
    for part in parts {
        let mut of_part = 0.0;
        let following = ticks.get(at + part.len()).copied();
        for pair in part.windows(2) {
            let length = length(pair[0], pair[1].time);
            time = time.saturating_add(length);
            of_part += if length > 0 {
                pair[0].x * length as f64
            } else {
                0.0
            };
        }
        sum += of_part;
        // Towards the next part, or the end.
        let border = following.map(|tick| tick.time).or(end);
        if let (Some(tick), Some(border)) = (part.last(), border) {
            let length = length(*tick, border);
            time = time.saturating_add(length);
            sum += if length > 0 {
                tick.x * length as f64
            } else {
                0.0
            };
        }
        at += part.len();
    }
    Some(if time == 0 { last.x } else { sum / time as f64 })
}

/// REALIZED_VOL of rows in parts.
pub fn volatility(parts: &[Vec<Tick>]) -> Option<f64> {
    let square = |from: Tick, to: Tick| match from.x > 0.0 && to.x > 0.0 {
        true => (to.x / from.x).ln() * (to.x / from.x).ln(),
        false => f64::NAN,
    };
    let mut sum = 0.0;
    let mut before: Option<Tick> = None;
    for part in parts {
        let pairs = part.windows(2);
        let inside = pairs.fold(0.0, |sum, pair| sum + square(pair[0], pair[1]));
        sum = match before {
            Some(before) => sum + square(before, part[0]) + inside,
            None => inside,
        };
        before = part.last().copied();
    }
    let count: usize = parts.iter().map(Vec::len).sum();
    (count > 1).then(|| sum.sqrt())
}

/// MAX_DRAWDOWN of rows in parts.
pub fn drawdown(parts: &[Vec<Tick>]) -> Option<f64> {
    let all = || parts.iter().flatten().map(|tick| tick.x);
    if all().any(|x| x.is_nan() || x <= 0.0) {
        return Some(f64::NAN);
    }
    let (mut worst, mut peak_before) = (0.0, f64::NEG_INFINITY);
    for part in parts {
        let mut peak = f64::NEG_INFINITY;
        for tick in part {
            peak = peak.max(tick.x);
            worst = f64::max(worst, (peak - tick.x) / peak);
        }
        let least = part.iter().map(|tick| tick.x).fold(f64::INFINITY, f64::min);
        if peak_before > least {
            worst = worst.max((peak_before - least) / peak_before);
        }
        peak_before = peak_before.max(peak);
    }
    all().next().map(|_| worst)
}
