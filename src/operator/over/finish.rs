//! From sums and counts to the results of COUNT, SUM and AVG.
//!
//! A result that its type cannot hold drops its output row and counts as a group error: the row itself has
//! been used.

use super::frame::{Sums, mark_empty};
use super::part::RowsInPlay;
use crate::batch::{Column, ColumnData};
use crate::types::DataType;

/// 10^38, the first number of more digits than the widest DECIMAL has.
const DECIMAL_END: i128 = 10_i128.pow(38);

/// Writes COUNT.
pub fn count(rows: &RowsInPlay<'_>, counts: &[u64], out: &mut Column) {
    let ColumnData::I64(to) = &mut out.data else {
        panic!("COUNT is BIGINT");
    };
    for (&row, &count) in rows.rows.iter().zip(counts) {
        to[row as usize] = count as i64;
    }
}

/// Writes SUM; appends the rows that overflow to `failed`.
pub fn sum(
    rows: &RowsInPlay<'_>,
    counts: &[u64],
    sums: &Sums,
    out: &mut Column,
    failed: &mut Vec<u32>,
) {
    match (sums, &mut out.data) {
        (Sums::F64(sums), ColumnData::F64(to)) => {
            for (&row, &sum) in rows.rows.iter().zip(&sums.results) {
                to[row as usize] = sum;
            }
        }
        (Sums::I64(sums), ColumnData::I64(to)) => {
            for (&row, &sum) in rows.rows.iter().zip(&sums.results) {
                to[row as usize] = sum as i64;
                if i128::from(sum as i64) != sum {
                    failed.push(row);
                }
            }
        }
        (Sums::I64(sums), ColumnData::I128(to)) => {
            for (&row, &sum) in rows.rows.iter().zip(&sums.results) {
                to[row as usize] = sum;
                if sum.unsigned_abs() >= DECIMAL_END.unsigned_abs() {
                    failed.push(row);
                }
            }
        }
        (Sums::I128(sums), ColumnData::I128(to)) => {
            for (&row, sum) in rows.rows.iter().zip(&sums.results) {
                match sum.narrow().filter(|sum| in_decimal(*sum)) {
                    Some(sum) => to[row as usize] = sum,
                    None => failed.push(row),
                }
            }
        }
        _ => panic!("SUM is BIGINT, DECIMAL(38) or DOUBLE"),
    }
    mark_empty(rows, counts, out);
}

/// Writes AVG of an argument of type `argument`; appends the rows that overflow to `failed`.
pub fn average(
    rows: &RowsInPlay<'_>,
    counts: &[u64],
    sums: &Sums,
    argument: DataType,
    (out, ty): (&mut Column, DataType),
    failed: &mut Vec<u32>,
) {
    let row_counts = || rows.rows.iter().zip(counts);
    match (sums, &mut out.data) {
        (Sums::F64(sums), ColumnData::F64(to)) => {
            for ((&row, &count), &sum) in row_counts().zip(&sums.results) {
                to[row as usize] = sum / count as f64;
            }
        }
        (Sums::I64(sums), ColumnData::F64(to)) => {
            for ((&row, &count), &sum) in row_counts().zip(&sums.results) {
                // Converting 64 bits is one instruction; both ways round alike.
                let sum = i64::try_from(sum).map_or(sum as f64, |sum| sum as f64);
                to[row as usize] = sum / count as f64;
            }
        }
        (Sums::I64(sums), ColumnData::I128(to)) => {
            let factor = scale_factor(argument, ty);
            for ((&row, &count), &sum) in row_counts().zip(&sums.results) {
                match mean(sum, count, factor) {
                    Some(mean) => to[row as usize] = mean,
                    None => failed.push(row),
                }
            }
        }
        (Sums::I128(sums), ColumnData::I128(to)) => {
            let factor = scale_factor(argument, ty);
            for ((&row, &count), sum) in row_counts().zip(&sums.results) {
                match sum.narrow().and_then(|sum| mean(sum, count, factor)) {
                    Some(mean) => to[row as usize] = mean,
                    None => failed.push(row),
                }
            }
        }
        _ => panic!("AVG is DOUBLE or DECIMAL(38)"),
    }
    mark_empty(rows, counts, out);
}

fn in_decimal(value: i128) -> bool {
    value.unsigned_abs() < DECIMAL_END.unsigned_abs()
}

/// What the mean of unscaled `argument` values is multiplied by to be an unscaled `result`.
fn scale_factor(argument: DataType, result: DataType) -> i64 {
    let digits = result.scale().checked_sub(argument.scale());
    10_i64.pow(u32::from(
        digits.expect("AVG has at least the scale of its argument"),
    ))
}

/// `sum * factor / count`, half up away from zero; 0 of no rows.
#[inline(always)]
fn mean(sum: i128, count: u64, factor: i64) -> Option<i128> {
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
