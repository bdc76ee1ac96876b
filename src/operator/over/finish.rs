//! From sums and counts to the results of SUM and AVG.
//!
//! A result that its type cannot hold drops its output row and counts as a group error: the row itself has
//! been used.

use super::counts::Counts;
use super::number::Sums;
use super::part::RowsInPlay;
use crate::batch::{Column, ColumnData};
use crate::types::DataType;

/// 10^38, the first number of more digits than the widest DECIMAL has.
const DECIMAL_END: i128 = 10_i128.pow(38);

/// Gives the sums to `out`, once; appends the rows that overflow to `failed`.
pub fn sum(
    rows: &RowsInPlay<'_>,
    (sums, counts): (Sums<'_>, &Counts),
    out: &mut Column,
    failed: &mut Vec<u32>,
) {
    out.nulls.clear();
    match (sums, &mut out.data) {
        (Sums::F64(sums), ColumnData::F64(to)) => std::mem::swap(sums, to),
        (Sums::I64(sums), ColumnData::I64(to)) => {
            std::mem::swap(&mut sums.low, to);
            failed.extend(sums.wide.iter().map(|&(row, _)| row));
        }
        (Sums::I64(sums), ColumnData::I128(to)) => {
            to.clear();
            to.extend(sums.low.iter().map(|&low| i128::from(low)));
            for &(row, sum) in &sums.wide {
                to[row as usize] = sum;
                if !in_decimal(sum) {
                    failed.push(row);
                }
            }
        }
        (Sums::I128(sums), ColumnData::I128(to)) => {
            to.resize(rows.total, 0);
            for &row in rows.rows {
                match sums[row as usize].narrow().filter(|sum| in_decimal(*sum)) {
                    Some(sum) => to[row as usize] = sum,
                    None => failed.push(row),
                }
            }
        }
        _ => panic!("SUM is BIGINT, DECIMAL(38) or DOUBLE"),
    }
    counts.mark_empty(rows, out);
}

/// Writes AVG of an argument of type `argument`; appends the rows that overflow to `failed`.
pub fn average(
    rows: &RowsInPlay<'_>,
    (sums, counts): (Sums<'_>, &Counts),
    argument: DataType,
    (out, ty): (&mut Column, DataType),
    failed: &mut Vec<u32>,
) {
    out.nulls.clear();
    match (sums, &mut out.data) {
        (Sums::F64(sums), ColumnData::F64(to)) => {
            divide(rows, counts, to, sums, |sum| sum);
        }
        (Sums::I64(sums), ColumnData::F64(to)) => {
            divide(rows, counts, to, &sums.low, |sum| sum as f64);
            for &(row, sum) in &sums.wide {
                let at = rows.rows.partition_point(|&known| known < row);
                to[row as usize] = sum as f64 / counts.of(at) as f64;
            }
        }
        (Sums::I64(sums), ColumnData::I128(to)) => {
            let factor = scale_factor(argument, ty);
            let mut wide = sums.wide.iter().peekable();
            let sum_of = |row: u32| match wide.next_if(|(known, _)| *known == row) {
                Some(&(_, sum)) => Some(sum),
                None => Some(i128::from(sums.low[row as usize])),
            };
            means(rows, counts, to, sum_of, factor, failed);
        }
        (Sums::I128(sums), ColumnData::I128(to)) => {
            let factor = scale_factor(argument, ty);
            let sum_of = |row: u32| sums[row as usize].narrow();
            means(rows, counts, to, sum_of, factor, failed);
        }
        _ => panic!("AVG is DOUBLE or DECIMAL(38)"),
    }
    counts.mark_empty(rows, out);
}

/// Means as DOUBLEs. With one count for all the loop has no index and vectorises.
fn divide<S: Copy>(
    rows: &RowsInPlay<'_>,
    counts: &Counts,
    to: &mut Vec<f64>,
    sums: &[S],
    as_double: impl Fn(S) -> f64,
) {
    to.resize(rows.total, 0.0);
    if let Some(count) = counts.uniform {
        for (to, &sum) in to.iter_mut().zip(sums) {
            *to = as_double(sum) / count as f64;
        }
        return;
    }
    for (&row, &count) in rows.rows.iter().zip(&counts.results) {
        // A count is below 2^63, and a signed number is converted in one instruction.
        to[row as usize] = as_double(sums[row as usize]) / count as i64 as f64;
    }
}

/// Means as DECIMALs; a sum that does not fit and a mean that does not are failures.
fn means(
    rows: &RowsInPlay<'_>,
    counts: &Counts,
    to: &mut Vec<i128>,
    mut sum_of: impl FnMut(u32) -> Option<i128>,
    factor: i64,
    failed: &mut Vec<u32>,
) {
    to.resize(rows.total, 0);
    for (at, &row) in rows.rows.iter().enumerate() {
        match sum_of(row).and_then(|sum| mean(sum, counts.of(at), factor)) {
            Some(mean) => to[row as usize] = mean,
            None => failed.push(row),
        }
    }
}

/// Whether a DECIMAL can hold it.
pub fn in_decimal(value: i128) -> bool {
    value.unsigned_abs() < DECIMAL_END.unsigned_abs()
}

/// What the mean of unscaled `argument` values is multiplied by to be an unscaled `result`.
pub fn scale_factor(argument: DataType, result: DataType) -> i64 {
    let digits = result.scale().checked_sub(argument.scale());
    10_i64.pow(u32::from(
        digits.expect("AVG has at least the scale of its argument"),
    ))
}

/// `sum * factor / count`, half up away from zero; 0 of no rows.
#[inline(always)]
pub fn mean(sum: i128, count: u64, factor: i64) -> Option<i128> {
    // Both products and the rounding fit in 64 bits for all but enormous sums: one machine division.
    let small = i64::try_from(sum)
        .ok()
        .and_then(|sum| sum.checked_mul(factor));
    if let Some(scaled) = small
        && let Ok(count) = i64::try_from(count.max(1))
    {
        let (quotient, rest) = (scaled / count, scaled % count);
        let up = rest.unsigned_abs() >= (count as u64).div_ceil(2);
        return Some(i128::from(quotient) + i128::from(up) * i128::from(scaled.signum()));
    }
    mean_wide(sum, count.max(1), factor)
}

#[cold]
fn mean_wide(sum: i128, count: u64, factor: i64) -> Option<i128> {
    let (count, factor) = (i128::from(count), i128::from(factor));
    // factor is at most 10^6 or so and the rest below 2^64, so only the first product can overflow.
    let whole = (sum / count).checked_mul(factor)?;
    let rest = (sum % count).checked_mul(factor)?;
    let up = (rest % count).unsigned_abs() >= count.unsigned_abs().div_ceil(2);
    let mean = whole.checked_add(rest / count)?;
    let mean = mean.checked_add(i128::from(up) * sum.signum())?;
    in_decimal(mean).then_some(mean)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_round_half_away_from_zero_on_both_ways() {
        for (sum, count, factor, expected) in [
            (7, 2, 1, 4),
            (-7, 2, 1, -4),
            (5, 3, 1, 2),
            (4, 3, 1, 1),
            (-4, 3, 1, -1),
            (1, 3, 100, 33),
            (2, 3, 100, 67),
            (-2, 3, 100, -67),
            (1, 8, 100, 13),
            (0, 5, 100, 0),
        ] {
            assert_eq!(mean(sum, count, factor), Some(expected), "{sum}/{count}");
            assert_eq!(
                mean_wide(sum, count, factor),
                Some(expected),
                "{sum}/{count}"
            );
        }
        assert_eq!(mean_wide(DECIMAL_END - 1, 1, 100), None);
    }
}
