//! The frame of an OVER clause, as it is written: where it lies among the rows is the planner's.

use super::expr::{Binder, error};
use super::over::{FRAME_ROWS_MAX, Window};
use super::place::place;
use super::types;
use crate::error::{Span, SqlError};
use crate::plan::{Around, Distance, Expr, FrameUnit, SortKey};
use crate::time::NS_PER_DAY;
use crate::types::{DataType, Value};
use sqlparser::ast::{Expr as SqlExpr, WindowFrame, WindowFrameBound, WindowFrameUnits};

/// A distance that may lie between two values of the ORDER BY column.
#[derive(Clone, Copy)]
struct Length {
    /// The next value that is not further.
    floor: Distance,
    /// The next that is not nearer.
    ceil: Distance,
}

impl Length {
    const fn exactly(distance: Distance) -> Self {
        Self {
            floor: distance,
            ceil: distance,
        }
    }

    /// `numerator / denominator`, both at least 0.
    fn ratio(numerator: i128, denominator: i128) -> Self {
        let floor = numerator / denominator;
        let is_between = floor * denominator != numerator;
        Self {
            floor: Distance::Exact(floor),
            ceil: Distance::Exact(floor + i128::from(is_between)),
        }
    }

    /// As far in the other direction.
    fn back(self) -> Self {
        let back = |distance| match distance {
            Distance::Exact(length) => Distance::Exact(-length),
            Distance::Double(length) => Distance::Double(-length),
        };
        Self {
            floor: back(self.ceil),
            ceil: back(self.floor),
        }
    }
}

impl Binder<'_> {
    /// The frame of a window that is ordered by `order`; without one, SQL's default.
    pub(super) fn frame(
        &mut self,
        window: &Window<'_>,
        order: &[SortKey],
        span: Span,
    ) -> Result<Around, SqlError> {
        let Some(frame) = window.frame else {
            return Ok(match order {
                [] => Around::WHOLE,
                _ => Around {
                    unit: FrameUnit::Range,
                    from: None,
                    upto: Some(Distance::NONE),
                },
            });
        };
        let unit = match frame.units {
            WindowFrameUnits::Rows => FrameUnit::Rows,
            WindowFrameUnits::Range => FrameUnit::Range,
            WindowFrameUnits::Groups if order.is_empty() => {
                return Err(
                    error(span, "a GROUPS frame needs ORDER BY in its OVER clause")
                        .with_hint("ORDER BY ts"),
                );
            }
            WindowFrameUnits::Groups => FrameUnit::Groups,
        };
        let (from, upto) = self.bounds(frame, unit, order, span)?;
        if let (Some(from), Some(upto)) = (&from, &upto)
            && is_before(upto.ceil, from.floor)
        {
            return Err(backwards(span));
        }
        Ok(Around {
            unit,
            from: from.map(|from| from.ceil),
            upto: upto.map(|upto| upto.floor),
        })
    }

    /// Both bounds; `None` where they are those of the partition.
    fn bounds(
        &mut self,
        frame: &WindowFrame,
        unit: FrameUnit,
        order: &[SortKey],
        span: Span,
    ) -> Result<(Option<Length>, Option<Length>), SqlError> {
        use WindowFrameBound::{CurrentRow, Following, Preceding};
        let here = Length::exactly(Distance::NONE);
        let mut length = |expr: &SqlExpr| match unit {
            FrameUnit::Rows | FrameUnit::Groups => self.rows(expr, unit),
            FrameUnit::Range => self.length(expr, order, span),
        };
        let from = match &frame.start_bound {
            CurrentRow => Some(here),
            Preceding(None) => None,
            Preceding(Some(expr)) => Some(length(expr)?.back()),
            Following(Some(expr)) => Some(length(expr)?),
            Following(None) => return Err(backwards(span)),
        };
        let upto = match &frame.end_bound {
            None | Some(CurrentRow) => Some(here),
            Some(Preceding(Some(expr))) => Some(length(expr)?.back()),
            Some(Preceding(None)) => return Err(backwards(span)),
            Some(Following(Some(expr))) => Some(length(expr)?),
            Some(Following(None)) => None,
        };
        Ok((from, upto))
    }

    /// A number of rows, or of groups.
    fn rows(&mut self, expr: &SqlExpr, unit: FrameUnit) -> Result<Length, SqlError> {
        match self.bind(expr)? {
            Expr::Literal {
                value: Value::I64(rows),
                ty: DataType::Int | DataType::BigInt,
            } if (0..=i64::from(FRAME_ROWS_MAX)).contains(&rows) => {
                Ok(Length::exactly(Distance::Exact(i128::from(rows))))
            }
            _ => {
                let what = match unit {
                    FrameUnit::Groups => "groups",
                    _ => "rows",
                };
                Err(error(
                    place(expr),
                    format!("a frame reaches a constant number of {what}, 0 to {FRAME_ROWS_MAX}"),
                ))
            }
        }
    }

    /// How far a RANGE frame reaches by the one column of `order`.
    fn length(
        &mut self,
        expr: &SqlExpr,
        order: &[SortKey],
        span: Span,
    ) -> Result<Length, SqlError> {
        let by = match order {
            [key] => key.expr.ty(),
            [] => {
                return Err(
                    error(span, "a RANGE frame needs ORDER BY in its OVER clause")
                        .with_hint("ORDER BY ts"),
                );
            }
            _ => {
                return Err(error(
                    span,
                    "a RANGE frame of a length needs ORDER BY of one column",
                )
                .with_hint("ROWS and GROUPS frames take any ORDER BY"));
            }
        };
        let bound = self.bind(expr)?;
        match by {
            DataType::Timestamp
            | DataType::TimestampLtz(_)
            | DataType::Time
            | DataType::Interval
            | DataType::Date => of_time(&bound, by).ok_or_else(|| {
                error(
                    place(expr),
                    "a RANGE frame by a time reaches a constant length of time that is not negative",
                )
                .with_hint("RANGE BETWEEN INTERVAL '10' SECOND PRECEDING AND CURRENT ROW")
            }),
            by if by.is_numeric() => of_number(bound, by).ok_or_else(|| {
                error(
                    place(expr),
                    "a RANGE frame by a number reaches a constant number that is not negative",
                )
                .with_hint("RANGE BETWEEN 10 PRECEDING AND 10 FOLLOWING")
            }),
            by => Err(error(
                span,
                format!("a RANGE frame of a length needs ORDER BY of a time or a number, not {by}"),
            )
            .with_hint("ROWS and GROUPS frames take any ORDER BY")),
        }
    }
}

/// A constant length of time, by a column of type `by`.
fn of_time(bound: &Expr, by: DataType) -> Option<Length> {
    let Expr::Literal {
        value: Value::I64(length_ns),
        ty: DataType::Interval,
    } = bound
    else {
        return None;
    };
    let length_ns = (*length_ns >= 0).then_some(i128::from(*length_ns))?;
    Some(match by {
        DataType::Date => Length::ratio(length_ns, i128::from(NS_PER_DAY)),
        _ => Length::exactly(Distance::Exact(length_ns)),
    })
}

/// A constant number, by a column of type `by`.
fn of_number(bound: Expr, by: DataType) -> Option<Length> {
    if by.is_float() {
        let Ok(Expr::Literal {
            value: Value::F64(length),
            ..
        }) = types::cast_to(bound, DataType::Double, false)
        else {
            return None;
        };
        return (length >= 0.0 && length.is_finite())
            .then_some(Length::exactly(Distance::Double(length)));
    }
    let scale_of = |ty| match ty {
        DataType::Decimal { scale, .. } => Some(scale),
        DataType::Int | DataType::BigInt => Some(0),
        _ => None,
    };
    let Expr::Literal { value, ty } = bound else {
        return None;
    };
    let (from, to) = (scale_of(ty)?, scale_of(by)?);
    let number = match value {
        Value::I64(number) => i128::from(number),
        Value::I128(number) => number,
        _ => return None,
    };
    (number >= 0).then_some(())?;
    let factor = |digits: u8| 10_i128.pow(u32::from(digits));
    Some(match from > to {
        true => Length::ratio(number, factor(from - to)),
        false => Length::exactly(Distance::Exact(number.saturating_mul(factor(to - from)))),
    })
}

/// Whether a bound lies before another.
fn is_before(a: Distance, b: Distance) -> bool {
    let double = |distance| match distance {
        Distance::Exact(length) => length as f64,
        Distance::Double(length) => length,
    };
    match (a, b) {
        (Distance::Exact(a), Distance::Exact(b)) => a < b,
        (a, b) => double(a) < double(b),
    }
}

fn backwards(span: Span) -> SqlError {
    error(span, "the frame ends before it begins")
        .with_hint("the bound further back comes first: ROWS BETWEEN 9 PRECEDING AND 1 PRECEDING")
}
