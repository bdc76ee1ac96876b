//! Aggregates over rows in source order: EMA, TWAP, realized volatility, drawdown.
//!
//! Each part of a group's rows keeps enough of its first and last row that parts merge in their order: the blocks of
//! a split aggregate do, and sessions that become one, the earlier in time first. (Panes of a window are not merged:
//! they are divided by time, and rows out of order would be folded in another order than over a tumbling window.)
//!
//! * EMA: `e = x` of the first row, then `e = alpha * x + (1 - alpha) * e`. A part that started with its first value
//!   instead of the `e` before it is off by `(1 - alpha)^rows * (e - first)`.
//! * TWAP: each price weighs the time until the next row's; a row that is earlier than the one before takes no
//!   time from it. In a window the last price weighs until the window's end.
//! * Realized volatility: the root of the sum of squared logarithms of the ratios of neighbours.
//! * Drawdown: the greatest fall from a peak, as a share of the peak.

use super::cells::Cells;

/// n; first value, average, (1 - alpha)^n.
pub(in crate::operator) type Ema = Cells<1, 3>;
/// n, time of the first row, of the last row, time weighed; last price, sum of price * time.
pub(in crate::operator) type Twap = Cells<4, 2>;
/// n; first price, last price, sum of squared log returns.
pub(in crate::operator) type Volatility = Cells<1, 3>;
/// n; greatest value, least value, greatest fall.
pub(in crate::operator) type Drawdown = Cells<1, 3>;

pub(in crate::operator) fn add_ema(state: Ema, x: f64, alpha: f64) -> Ema {
    let [first, average, decay] = state.floats;
    let keep = 1.0 - alpha;
    Cells {
        ints: [state.ints[0] + 1],
        floats: match state.ints[0] {
            0 => [x, x, keep],
            _ => [first, alpha * x + keep * average, decay * keep],
        },
    }
}

pub(in crate::operator) fn merge_ema(a: Ema, b: Ema) -> Ema {
    if a.ints[0] == 0 || b.ints[0] == 0 {
        return if a.ints[0] == 0 { b } else { a };
    }
    let [first, before, decay_a] = a.floats;
    let [start, average, decay_b] = b.floats;
    Cells {
        ints: [a.ints[0] + b.ints[0]],
        floats: [
            first,
            average + decay_b * (before - start),
            decay_a * decay_b,
        ],
    }
}

pub(in crate::operator) fn ema(state: Ema) -> Option<f64> {
    (state.ints[0] > 0).then_some(state.floats[1])
}

pub(in crate::operator) fn add_twap(state: Twap, price: f64, time: i64) -> Twap {
    let [n, first, last, weighed] = state.ints;
    if n == 0 {
        return Cells {
            ints: [1, time, time, 0],
            floats: [price, 0.0],
        };
    }
    let state = weigh(state, last, time, weighed);
    Cells {
        ints: [n + 1, first, time, state.ints[3]],
        floats: [price, state.floats[1]],
    }
}

/// Lets the last price weigh from `from` until `until`.
fn weigh(state: Twap, from: i64, until: i64, weighed: i64) -> Twap {
    let time = until.saturating_sub(from).max(0);
    let [price, sum] = state.floats;
    let mut state = state;
    state.ints[3] = weighed.saturating_add(time);
    if time > 0 {
        state.floats[1] = sum + price * time as f64;
    }
    state
}

pub(in crate::operator) fn merge_twap(a: Twap, b: Twap) -> Twap {
    if a.ints[0] == 0 || b.ints[0] == 0 {
        return if a.ints[0] == 0 { b } else { a };
    }
    let a = weigh(a, a.ints[2], b.ints[1], a.ints[3]);
    Cells {
        ints: [
            a.ints[0] + b.ints[0],
            a.ints[1],
            b.ints[2],
            a.ints[3].saturating_add(b.ints[3]),
        ],
        floats: [b.floats[0], a.floats[1] + b.floats[1]],
    }
}

/// The state when its window ends: the last price weighs until then.
pub(in crate::operator) fn close_twap(state: Twap, end: i64) -> Twap {
    match state.ints[0] {
        0 => state,
        _ => weigh(state, state.ints[2], end, state.ints[3]),
    }
}

/// Without any time between rows it is the last price.
pub(in crate::operator) fn twap(state: Twap) -> Option<f64> {
    let [n, _, _, weighed] = state.ints;
    let [last, sum] = state.floats;
    match (n, weighed) {
        (0, _) => None,
        (_, 0) => Some(last),
        (_, weighed) => Some(sum / weighed as f64),
    }
}

pub(in crate::operator) fn add_volatility(state: Volatility, price: f64) -> Volatility {
    let [first, last, sum] = state.floats;
    Cells {
        ints: [state.ints[0] + 1],
        floats: match state.ints[0] {
            0 => [price, price, 0.0],
            _ => [first, price, sum + squared_return(last, price)],
        },
    }
}

pub(in crate::operator) fn merge_volatility(a: Volatility, b: Volatility) -> Volatility {
    if a.ints[0] == 0 || b.ints[0] == 0 {
        return if a.ints[0] == 0 { b } else { a };
    }
    let between = squared_return(a.floats[1], b.floats[0]);
    Cells {
        ints: [a.ints[0] + b.ints[0]],
        floats: [
            a.floats[0],
            b.floats[1],
            a.floats[2] + between + b.floats[2],
        ],
    }
}

/// NaN where a price is not positive.
fn squared_return(from: f64, to: f64) -> f64 {
    if from > 0.0 && to > 0.0 {
        let change = (to / from).ln();
        return change * change;
    }
    f64::NAN
}

/// Of two prices at least.
pub(in crate::operator) fn volatility(state: Volatility) -> Option<f64> {
    (state.ints[0] > 1).then(|| state.floats[2].sqrt())
}

pub(in crate::operator) fn add_drawdown(state: Drawdown, x: f64) -> Drawdown {
    let [peak, least, fall] = state.floats;
    let n = state.ints[0];
    let (peak, least) = match n {
        0 => (x, x),
        _ => (peak.max(x), least.min(x)),
    };
    Cells {
        ints: [n + 1],
        floats: [peak, least, greater_fall(fall, peak, x)],
    }
}

pub(in crate::operator) fn merge_drawdown(a: Drawdown, b: Drawdown) -> Drawdown {
    if a.ints[0] == 0 || b.ints[0] == 0 {
        return if a.ints[0] == 0 { b } else { a };
    }
    let [peak_a, least_a, fall_a] = a.floats;
    let [peak_b, least_b, fall_b] = b.floats;
    let across = greater_fall(fall_a, peak_a.max(least_b), least_b);
    let fall = if fall_b.is_nan() || fall_b > across {
        fall_b
    } else {
        across
    };
    Cells {
        ints: [a.ints[0] + b.ints[0]],
        floats: [peak_a.max(peak_b), least_a.min(least_b), fall],
    }
}

/// The greater of a fall and that from `peak` to `x`; NaN once a value was not positive.
fn greater_fall(fall: f64, peak: f64, x: f64) -> f64 {
    if fall.is_nan() || x <= 0.0 || x.is_nan() {
        return f64::NAN;
    }
    fall.max((peak - x) / peak)
}

pub(in crate::operator) fn drawdown(state: Drawdown) -> Option<f64> {
    (state.ints[0] > 0).then_some(state.floats[2])
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRICES: [f64; 9] = [100.0, 103.0, 101.5, 99.0, 104.0, 90.0, 95.0, 108.0, 107.0];
    const TIMES: [i64; 9] = [0, 10, 10, 30, 25, 40, 70, 71, 100];

    #[track_caller]
    fn close(found: Option<f64>, expected: f64) {
        let found = found.expect("a result");
        assert!(
            (found - expected).abs() <= 1e-12 * expected.abs(),
            "{found} {expected}"
        );
    }

    /// Folds the parts before and behind `cut` and merges them.
    fn cut<const I: usize, const F: usize>(
        cut: usize,
        add: impl Fn(Cells<I, F>, usize) -> Cells<I, F>,
        merge: impl Fn(Cells<I, F>, Cells<I, F>) -> Cells<I, F>,
    ) -> Cells<I, F> {
        let fold = |range: std::ops::Range<usize>| range.fold(Cells::EMPTY, &add);
        merge(fold(0..cut), fold(cut..PRICES.len()))
    }

    #[test]
    fn parts_are_as_good_as_the_whole() {
        let alpha: f64 = 0.3;
        let average = PRICES[1..]
            .iter()
            .fold(PRICES[0], |e, x| alpha * x + (1.0 - alpha) * e);
        let returns = PRICES
            .windows(2)
            .map(|pair| (pair[1] / pair[0]).ln().powi(2));
        let volatile = returns.sum::<f64>().sqrt();
        let falls = (0..9).flat_map(|to| (0..to).map(move |from| (from, to)));
        let fall = falls
            .map(|(from, to)| (PRICES[from] - PRICES[to]) / PRICES[from])
            .fold(0.0, f64::max);
        for at in 0..=9 {
            let add = |state, i: usize| add_ema(state, PRICES[i], alpha);
            close(ema(cut(at, add, merge_ema)), average);
            let add = |state, i: usize| add_volatility(state, PRICES[i]);
            close(volatility(cut(at, add, merge_volatility)), volatile);
            let add = |state, i: usize| add_drawdown(state, PRICES[i]);
            close(drawdown(cut(at, add, merge_drawdown)), fall);
            let add = |state, i: usize| add_twap(state, PRICES[i], TIMES[i]);
            // 103 has no time, and what comes at 25 is before what came at 30.
            let weighed =
                100.0 * 10.0 + 101.5 * 20.0 + 104.0 * 15.0 + 90.0 * 30.0 + 95.0 + 108.0 * 29.0;
            let state = cut(at, add, merge_twap);
            close(twap(state), weighed / 105.0);
            close(twap(close_twap(state, 110)), (weighed + 1070.0) / 115.0);
        }
    }

    #[test]
    fn edges() {
        assert_eq!(ema(Ema::EMPTY), None);
        assert_eq!(twap(Twap::EMPTY), None);
        assert_eq!(twap(close_twap(Twap::EMPTY, 5)), None);
        assert_eq!(twap(add_twap(Twap::EMPTY, 7.0, 5)), Some(7.0));
        assert_eq!(volatility(add_volatility(Volatility::EMPTY, 7.0)), None);
        assert_eq!(drawdown(add_drawdown(Drawdown::EMPTY, 7.0)), Some(0.0));
        let spoiled = add_drawdown(add_drawdown(Drawdown::EMPTY, -7.0), 3.0);
        assert!(drawdown(spoiled).is_some_and(f64::is_nan));
    }
}
