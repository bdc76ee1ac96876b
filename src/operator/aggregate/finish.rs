//! Makes results of slot states: the loops that run when rows leave.

use super::cells::finish_cells;
use super::kernel::Native;
use super::layout::CallPlan;
use super::slot::{OVERFLOWED, SlotState};
use super::{moments, trading};
use crate::batch::{Column, ColumnData, Rows};
use crate::error::Reason;
use crate::plan::AggregateKind;
use crate::table::Segment;
use crate::types::{DECIMAL_DIGITS_MAX, DataType};

/// Results that could not be made: (output row, reason).
pub(super) type GroupErrors = Vec<(u32, Reason)>;

/// Appends the result of `call` for every one of `rows` of a lane's states to `out`, `count` being the slot that holds
/// the lane's count; one that cannot be
/// represented is NULL there and noted in `errors`.
pub(super) fn finish(
    call: &CallPlan,
    count: &SlotState,
    slots: &[SlotState],
    rows: Rows<'_>,
    out: &mut Column,
    errors: &mut GroupErrors,
) {
    use AggregateKind as A;
    let counts = i64::of(&count.columns[0]);
    let states = &slots[call.slot].columns[0];
    let others = &slots[call.weights].columns[0];
    match call.kind {
        A::CountRows | A::Count => {
            append_all(counts, rows, out);
        }
        A::Sum => finish_sum(call, counts, states, rows, out, errors),
        A::Avg => finish_average(call, counts, states, rows, out, errors),
        A::Vwap => finish_vwap(call, states, others, rows, out, errors),
        A::Min | A::Max | A::First | A::Last | A::ArgMin | A::ArgMax | A::BoolAnd | A::BoolOr => {
            finish_value(counts, states, rows, out);
        }
        A::Delta => finish_delta(call, counts, [states, others], rows, out, errors),
        A::Rate => finish_rate(counts, [states, others], rows, out),
        A::Imbalance => finish_imbalance(states, others, rows, out, errors),
        A::Median
        | A::PercentileCont
        | A::PercentileDisc
        | A::ApproxPercentile
        | A::Mode
        | A::StringAgg
        | A::ArrayAgg => {
            let results = &slots[call.slot].columns[call.column];
            finish_value(counts, results, rows, out);
        }
        A::ApproxCountDistinct => append_all(i64::of(states), rows, out),
        kind => finish_numbers(kind, &slots[call.slot].columns, rows, out),
    }
}

/// Results that are doubles made of several cells.
fn finish_numbers(kind: AggregateKind, states: &[Column], rows: Rows<'_>, out: &mut Column) {
    use AggregateKind as A;
    match kind {
        A::StddevSamp | A::StddevPop | A::VarSamp | A::VarPop => {
            finish_cells(states, rows, out, |state| {
                moments::variance_result(kind, state)
            });
        }
        A::Skewness => finish_cells(states, rows, out, moments::skewness),
        A::Kurtosis => finish_cells(states, rows, out, moments::kurtosis),
        A::Corr | A::CovarSamp | A::CovarPop | A::RegrSlope | A::RegrIntercept | A::RegrR2 => {
            finish_cells(states, rows, out, |state| {
                moments::joint_result(kind, state)
            });
        }
        A::Ema => finish_cells(states, rows, out, trading::ema),
        A::Twap => finish_cells(states, rows, out, trading::twap),
        A::RealizedVol => finish_cells(states, rows, out, trading::volatility),
        A::MaxDrawdown => finish_cells(states, rows, out, trading::drawdown),
        other => panic!("{other:?} is not made of cells"),
    }
}

/// MAX - MIN.
fn finish_delta(
    call: &CallPlan,
    counts: &[i64],
    bounds: [&Column; 2],
    rows: Rows<'_>,
    out: &mut Column,
    errors: &mut GroupErrors,
) {
    let exact = Exact::of(call.ty);
    rows.for_each(|row| {
        if counts[row] == 0 {
            return out.push_null();
        }
        match bounds.map(|bound| &bound.data) {
            [ColumnData::F64(least), ColumnData::F64(greatest)] => {
                append(out, greatest[row] - least[row]);
            }
            [ColumnData::I64(least), ColumnData::I64(greatest)] => {
                let delta = i128::from(greatest[row]) - i128::from(least[row]);
                exact.append(Some(delta), out, errors);
            }
            [ColumnData::I128(least), ColumnData::I128(greatest)] => {
                exact.append(greatest[row].checked_sub(least[row]), out, errors);
            }
            other => panic!("a difference of {other:?}"),
        }
    });
}

/// Rows a second: the intervals between them by the time from first to last.
fn finish_rate(counts: &[i64], bounds: [&Column; 2], rows: Rows<'_>, out: &mut Column) {
    let [first, last] = bounds.map(i64::of);
    rows.for_each(|row| {
        let span_ns = i128::from(last[row]) - i128::from(first[row]);
        match counts[row] > 1 && span_ns > 0 {
            true => append(out, (counts[row] - 1) as f64 / (span_ns as f64 / 1e9)),
            false => out.push_null(),
        }
    });
}

/// (a - b) / (a + b).
fn finish_imbalance(
    bids: &Column,
    asks: &Column,
    rows: Rows<'_>,
    out: &mut Column,
    errors: &mut GroupErrors,
) {
    match (&bids.data, &asks.data) {
        (ColumnData::F64(bids), ColumnData::F64(asks)) => {
            rows.for_each(|row| match bids[row] + asks[row] {
                0.0 => out.push_null(),
                sum => append(out, (bids[row] - asks[row]) / sum),
            });
        }
        (ColumnData::I128(bids), ColumnData::I128(asks)) => rows.for_each(|row| {
            let (bid, ask) = (bids[row], asks[row]);
            let overflowed = bid == OVERFLOWED || ask == OVERFLOWED;
            match (bid.checked_add(ask), bid.checked_sub(ask)) {
                _ if overflowed => refuse(out, errors),
                (Some(0), _) => out.push_null(),
                (Some(sum), Some(difference)) => append(out, difference as f64 / sum as f64),
                _ => refuse(out, errors),
            }
        }),
        (bids, asks) => panic!("an imbalance is held in {bids:?} and {asks:?}"),
    }
}

fn finish_sum(
    call: &CallPlan,
    counts: &[i64],
    states: &Column,
    rows: Rows<'_>,
    out: &mut Column,
    errors: &mut GroupErrors,
) {
    let exact = Exact::of(call.ty);
    if all_counted(counts, rows) {
        let done = match &states.data {
            ColumnData::F64(sums) => append_whole(rows, out, |row| (sums[row], true)),
            ColumnData::I128(sums) if call.ty == DataType::BigInt => {
                append_whole(rows, out, |row| {
                    let sum = sums[row] as i64;
                    (sum, i128::from(sum) == sums[row])
                })
            }
            _ => false,
        };
        if done {
            return;
        }
    }
    match &states.data {
        ColumnData::F64(sums) => rows.for_each(|row| match counts[row] {
            0 => out.push_null(),
            _ => append(out, sums[row]),
        }),
        ColumnData::I128(sums) if call.ty == DataType::BigInt => {
            rows.for_each(|row| match (counts[row], i64::try_from(sums[row])) {
                (0, _) => out.push_null(),
                (_, Ok(sum)) => append(out, sum),
                (_, Err(_)) => refuse(out, errors),
            });
        }
        ColumnData::I128(sums) => rows.for_each(|row| match counts[row] {
            0 => out.push_null(),
            _ => exact.append(Some(sums[row]), out, errors),
        }),
        other => panic!("a sum is held in {other:?}"),
    }
}

fn finish_average(
    call: &CallPlan,
    counts: &[i64],
    states: &Column,
    rows: Rows<'_>,
    out: &mut Column,
    errors: &mut GroupErrors,
) {
    let exact = Exact::of(call.ty);
    if all_counted(counts, rows) {
        let done = match (&states.data, call.ty) {
            (ColumnData::F64(sums), _) => {
                append_whole(rows, out, |row| (sums[row] / counts[row] as f64, true))
            }
            (ColumnData::I128(sums), DataType::Double) => {
                let unit = 10f64.powi(i32::from(call.input.scale()));
                append_whole(rows, out, |row| {
                    let average = sums[row] as f64 / unit / counts[row] as f64;
                    (average, sums[row] != OVERFLOWED)
                })
            }
            _ => false,
        };
        if done {
            return;
        }
    }
    match (&states.data, call.ty) {
        (ColumnData::F64(sums), _) => rows.for_each(|row| match counts[row] {
            0 => out.push_null(),
            count => append(out, sums[row] / count as f64),
        }),
        (ColumnData::I128(sums), DataType::Double) => {
            let unit = 10f64.powi(i32::from(call.input.scale()));
            rows.for_each(|row| match (counts[row], sums[row]) {
                (0, _) => out.push_null(),
                (_, OVERFLOWED) => refuse(out, errors),
                (count, sum) => append(out, sum as f64 / unit / count as f64),
            });
        }
        (ColumnData::I128(sums), ty) => {
            let digits = u32::from(ty.scale().saturating_sub(call.input.scale()));
            rows.for_each(|row| match (counts[row], sums[row]) {
                (0, _) => out.push_null(),
                (_, OVERFLOWED) => refuse(out, errors),
                (count, sum) => {
                    let average = divide_half_up(sum, digits, i128::from(count));
                    exact.append(average, out, errors);
                }
            });
        }
        (other, _) => panic!("a sum is held in {other:?}"),
    }
}

fn finish_vwap(
    call: &CallPlan,
    products: &Column,
    weights: &Column,
    rows: Rows<'_>,
    out: &mut Column,
    errors: &mut GroupErrors,
) {
    match (&products.data, &weights.data) {
        (ColumnData::F64(products), ColumnData::F64(weights)) => {
            rows.for_each(|row| match weights[row] == 0.0 {
                true => out.push_null(),
                false => append(out, products[row] / weights[row]),
            });
        }
        (ColumnData::I128(products), ColumnData::I128(weights)) => {
            let (exact, double) = (Exact::of(call.ty), call.ty == DataType::Double);
            let digits = u32::from(call.ty.scale().saturating_sub(call.input.scale()));
            let unit = 10f64.powi(i32::from(call.input.scale()));
            rows.for_each(|row| match (products[row], weights[row]) {
                (OVERFLOWED, _) | (_, OVERFLOWED) => refuse(out, errors),
                (_, 0) => out.push_null(),
                (product, weight) if !double => {
                    let average = divide_half_up(product, digits, weight);
                    exact.append(average, out, errors);
                }
                (product, weight) => append(out, product as f64 / unit / weight as f64),
            });
        }
        (products, weights) => panic!("a VWAP is held in {products:?} and {weights:?}"),
    }
}

fn finish_value(counts: &[i64], states: &Column, rows: Rows<'_>, out: &mut Column) {
    if let (ColumnData::Text(states), ColumnData::Text(_)) = (&states.data, &out.data) {
        rows.for_each(|row| match counts[row] {
            0 => out.push_null(),
            _ => {
                let ColumnData::Text(texts) = &mut out.data else {
                    unreachable!("a column keeps its representation")
                };
                texts.push_from(states, row);
                not_null(out);
            }
        });
        return;
    }
    match &states.data {
        ColumnData::Bool(states) => value_or_null(counts, states, rows, out),
        ColumnData::I64(states) => value_or_null(counts, states, rows, out),
        ColumnData::I128(states) => value_or_null(counts, states, rows, out),
        ColumnData::F64(states) => value_or_null(counts, states, rows, out),
        ColumnData::Text(_) => panic!("a text result in a column of {:?}", out.data),
    }
}

fn value_or_null<T: Native>(counts: &[i64], states: &[T], rows: Rows<'_>, out: &mut Column) {
    if all_counted(counts, rows) {
        return append_all(states, rows, out);
    }
    rows.for_each(|row| match counts[row] {
        0 => out.push_null(),
        _ => append(out, states[row]),
    });
}

/// Whether every one of `rows` has a state of at least one row.
fn all_counted(counts: &[i64], rows: Rows<'_>) -> bool {
    let rows = Segment::from(rows);
    let mut all = true;
    for position in 0..rows.len() {
        all &= counts[rows.row(position)] != 0;
    }
    all
}

/// Appends `make(row)` of every row, growing the column once; where one is not right none is appended, and it gives
/// false.
fn append_whole<T: Native>(
    rows: Rows<'_>,
    out: &mut Column,
    make: impl Fn(usize) -> (T, bool),
) -> bool {
    let before = out.len();
    let mut right = true;
    let values = T::of_mut(out);
    Segment::from(rows).extend(values, |row| {
        let (value, fits) = make(row);
        right &= fits;
        value
    });
    if !right {
        values.truncate(before);
        return false;
    }
    if !out.nulls.is_empty() {
        let len = out.len();
        out.nulls.resize(len, false);
    }
    true
}

/// Appends the values of all of `rows`, growing the column once.
fn append_all<T: Native>(states: &[T], rows: Rows<'_>, out: &mut Column) {
    Segment::from(rows).extend(T::of_mut(out), |row| states[row]);
    if !out.nulls.is_empty() {
        let len = out.len();
        out.nulls.resize(len, false);
    }
}

#[inline(always)]
fn append<T: Native>(out: &mut Column, value: T) {
    T::of_mut(out).push(value);
    not_null(out);
}

#[inline(always)]
fn not_null(out: &mut Column) {
    if !out.nulls.is_empty() {
        out.nulls.push(false);
    }
}

fn refuse(out: &mut Column, errors: &mut GroupErrors) {
    errors.push((out.len() as u32, Reason::Overflow));
    out.push_null();
}

/// What an exact result type can hold.
#[derive(Clone, Copy)]
struct Exact {
    /// Below 10 to the power of its digits.
    bound: u128,
    int: bool,
}

impl Exact {
    fn of(ty: DataType) -> Self {
        let digits = match ty {
            DataType::Decimal { precision, .. } => precision.min(DECIMAL_DIGITS_MAX),
            _ => DECIMAL_DIGITS_MAX,
        };
        Self {
            bound: 10u128.pow(u32::from(digits)),
            int: ty == DataType::Int,
        }
    }

    /// Appends a value if it fits.
    #[inline]
    fn append(self, value: Option<i128>, out: &mut Column, errors: &mut GroupErrors) {
        let value = value.filter(|value| value.unsigned_abs() < self.bound);
        let narrow = value.and_then(|value| i64::try_from(value).ok());
        let in_range = |narrow| !self.int || i32::try_from(narrow).is_ok();
        match (&mut out.data, value, narrow) {
            (ColumnData::I128(values), Some(value), _) => values.push(value),
            (ColumnData::I64(values), _, Some(narrow)) if in_range(narrow) => values.push(narrow),
            _ => return refuse(out, errors),
        }
        not_null(out);
    }
}

/// `numerator * 10^digits / denominator`, rounded half away from zero; `None` beyond i128.
pub(super) fn divide_half_up(numerator: i128, digits: u32, denominator: i128) -> Option<i128> {
    let negative = (numerator < 0) != (denominator < 0);
    let (n, d) = (numerator.unsigned_abs(), denominator.unsigned_abs());
    if d == 0 || digits > u32::from(DECIMAL_DIGITS_MAX) {
        return None;
    }
    let factor = 10u128.pow(digits);
    if let (Ok(n), Ok(d), Ok(factor)) = (u64::try_from(n), u64::try_from(d), u64::try_from(factor))
        && let Some(scaled) = n.checked_mul(factor)
    {
        let quotient = i128::from(scaled / d) + i128::from(scaled % d >= d - d / 2);
        return Some(if negative { -quotient } else { quotient });
    }
    let (mut quotient, mut rest) = ((n / d).checked_mul(factor)?, n % d);
    // What is behind the point, digit by digit: the rest stays below the denominator, at most 2^127.
    let mut behind = 0u128;
    for _ in 0..digits {
        let (digit, next) = times_ten(rest, d);
        behind = behind * 10 + digit;
        rest = next;
    }
    quotient = quotient.checked_add(behind)?;
    quotient = quotient.checked_add(u128::from(rest >= d - d / 2))?;
    let value = i128::try_from(quotient).ok()?;
    Some(if negative { -value } else { value })
}

/// `(rest * 10 / d, rest * 10 % d)` for `rest < d <= 2^127`, without leaving u128.
fn times_ten(rest: u128, d: u128) -> (u128, u128) {
    let settle = |quotient: u128, rest: u128| {
        (
            quotient + u128::from(d <= rest),
            rest - d * u128::from(d <= rest),
        )
    };
    let (q, r) = settle(0, rest * 2);
    let (q, r) = settle(q * 2, r * 2);
    let (q, r) = settle(q, r + rest);
    settle(q * 2, r * 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn division_rounds_half_away_from_zero() {
        for (n, digits, d, expected) in [
            (1, 0, 2, 1),
            (-1, 0, 2, -1),
            (1, 0, 3, 0),
            (2, 0, 3, 1),
            (10, 2, 3, 333),
            (-10, 2, 3, -333),
            (5, 1, 100, 1),
            (4, 1, 100, 0),
            (7, 0, 1, 7),
            (0, 6, 9, 0),
        ] {
            assert_eq!(
                divide_half_up(n, digits, d),
                Some(expected),
                "{n} {digits} {d}"
            );
            // The wide way must agree: scale both beyond 64 bits.
            let wide = 1i128 << 80;
            assert_eq!(divide_half_up(n * wide, digits, d * wide), Some(expected));
        }
        assert_eq!(divide_half_up(i128::MAX, 1, 1), None);
        assert_eq!(divide_half_up(1, 0, 0), None);
        let third = divide_half_up(i128::MAX / 3, 38, i128::MAX).expect("below one");
        assert_eq!(third, 33_333_333_333_333_333_333_333_333_333_333_333_333);
    }
}
