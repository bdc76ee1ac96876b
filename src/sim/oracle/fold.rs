//! Aggregate functions over lists of values.

use super::big::Big;
use super::eval::{integer, order, unscaled};
use super::field::exact_value;
use super::number::in_precision;
use super::{moments, ordered, percentile};
use crate::error::Reason;
use crate::plan::{AggregateKind, Expr};
use crate::types::{DataType, Value};

/// The arguments of one call for one row, none of them NULL.
#[derive(Clone, Debug)]
pub struct Argued {
    /// The values of the arguments.
    pub args: Vec<Value>,
    /// Event time of the row, if it has one.
    pub time: Option<i64>,
    /// Where a DOUBLE of the row stands in the fold: the numbers of the parts that it lies in, the outermost first,
    /// each folded by itself; empty when it is folded as it comes.
    pub path: Vec<u64>,
}

/// A call without its rows.
#[derive(Clone, Debug)]
pub struct Function {
    /// Which.
    pub kind: AggregateKind,
    /// Types of the arguments.
    pub types: Vec<DataType>,
    /// Type of the result.
    pub ty: DataType,
}

impl Function {
    /// The function of a call.
    pub fn new(kind: AggregateKind, args: &[Expr], ty: DataType) -> Self {
        Self {
            kind,
            types: args.iter().map(Expr::ty).collect(),
            ty,
        }
    }

    /// The result over `rows`, in source order; `Overflow` when its type cannot hold it.
    pub fn result(&self, rows: &[Argued]) -> Result<Value, Reason> {
        self.result_until(rows, None)
    }

    /// The result over `rows` of a window that ends at `end`.
    pub fn result_until(&self, rows: &[Argued], end: Option<i64>) -> Result<Value, Reason> {
        let firsts = || rows.iter().map(|row| &row.args[0]);
        match self.kind {
            AggregateKind::CountRows | AggregateKind::Count => Ok(Value::I64(rows.len() as i64)),
            AggregateKind::Vwap => self.vwap(rows),
            AggregateKind::ApproxCountDistinct => {
                Ok(Value::I64(percentile::distinct(firsts().cloned())))
            }
            _ if rows.is_empty() => Ok(Value::Null),
            AggregateKind::Sum if self.types[0] == DataType::Double => {
                Ok(Value::F64(double_sum(rows, |row| double(&row.args[0]))))
            }
            AggregateKind::Avg if self.types[0] == DataType::Double => {
                let sum = double_sum(rows, |row| double(&row.args[0]));
                Ok(Value::F64(sum / rows.len() as f64))
            }
            AggregateKind::Sum | AggregateKind::Avg if overflows(firsts()) => Err(Reason::Overflow),
            AggregateKind::Sum => self.exact_sum(firsts()),
            AggregateKind::Avg => self.exact_average(firsts(), rows.len()),
            AggregateKind::Min | AggregateKind::BoolAnd => {
                let least = firsts().reduce(|a, b| if order(b, a).is_lt() { b } else { a });
                Ok(least.cloned().unwrap_or(Value::Null))
            }
            AggregateKind::Max | AggregateKind::BoolOr => {
                let greatest = firsts().reduce(|a, b| if order(b, a).is_gt() { b } else { a });
                Ok(greatest.cloned().unwrap_or(Value::Null))
            }
            AggregateKind::First => {
                let first = rows
                    .iter()
                    .reduce(|a, b| if b.time < a.time { b } else { a });
                Ok(first.map_or(Value::Null, |row| row.args[0].clone()))
            }
            AggregateKind::Last => {
                let last = rows
                    .iter()
                    .reduce(|a, b| if b.time >= a.time { b } else { a });
                Ok(last.map_or(Value::Null, |row| row.args[0].clone()))
            }
            _ => self.further(rows, end),
        }
    }

    /// The result over some rows of what is not plain SQL's.
    fn further(&self, rows: &[Argued], end: Option<i64>) -> Result<Value, Reason> {
        let firsts = || rows.iter().map(|row| &row.args[0]);
        match self.kind {
            AggregateKind::ArgMin | AggregateKind::ArgMax => Ok(self.picked(rows)),
            AggregateKind::Delta => self.delta(rows),
            AggregateKind::Median => Ok(percentile::continuous(sorted(rows), 0.5)),
            AggregateKind::PercentileCont => Ok(percentile::continuous(
                sorted(rows),
                double(&rows[0].args[1]),
            )),
            AggregateKind::PercentileDisc => {
                Ok(percentile::discrete(sorted(rows), double(&rows[0].args[1])))
            }
            AggregateKind::ApproxPercentile => Ok(percentile::approximate(
                sorted(rows),
                double(&rows[0].args[1]),
            )),
            AggregateKind::Mode => Ok(percentile::mode(firsts().cloned())),
            AggregateKind::ArrayAgg => {
                let parts = firsts().map(|part| part.as_bytes().expect("an ARRAY"));
                Ok(Value::of_bytes(&parts.collect::<Vec<_>>().concat()))
            }
            AggregateKind::StringAgg => {
                let text = |value: &Value| match value {
                    Value::Text(text) => text.clone(),
                    other => panic!("{other:?} is no text"),
                };
                let texts: Vec<String> = firsts().map(text).collect();
                Ok(Value::Text(texts.join(&text(&rows[0].args[1]))))
            }
            AggregateKind::Imbalance => self.imbalance(rows),
            AggregateKind::Rate => {
                let times = || firsts().map(unscaled);
                let span = times().max().unwrap_or(0) - times().min().unwrap_or(0);
                let intervals = rows.len() as f64 - 1.0;
                Ok(number((span > 0).then(|| intervals / (span as f64 / 1e9))))
            }
            AggregateKind::Ema
            | AggregateKind::Twap
            | AggregateKind::RealizedVol
            | AggregateKind::MaxDrawdown => Ok(self.ordered(rows, end)),
            _ => {
                let pair = |row: &Argued| {
                    let other = row.args.get(1).map_or(0.0, double);
                    [double(&row.args[0]), other]
                };
                Ok(number(moments::result(self.kind, &items(rows, 0, &pair))))
            }
        }
    }

    fn ordered(&self, rows: &[Argued], end: Option<i64>) -> Value {
        let tick = |row: &Argued| ordered::Tick {
            x: double(&row.args[0]),
            time: match row.args.get(1) {
                Some(Value::I64(time)) => *time,
                _ => 0,
            },
        };
        let items = items(rows, 0, &tick);
        number(match self.kind {
            AggregateKind::Ema => ordered::ema(&items, double(&rows[0].args[1])),
            AggregateKind::Twap => ordered::twap(&items, end),
            AggregateKind::RealizedVol => ordered::volatility(&items),
            _ => ordered::drawdown(&items),
        })
    }

    /// ARG_MIN and ARG_MAX.
    fn picked(&self, rows: &[Argued]) -> Value {
        let better = |new: &Argued, known: &Argued| {
            let order = order(&new.args[1], &known.args[1]);
            let order = match self.kind {
                AggregateKind::ArgMin => order,
                _ => order.reverse(),
            };
            order.then(new.time.cmp(&known.time)).is_lt()
        };
        let picked = rows.iter().reduce(|a, b| if better(b, a) { b } else { a });
        picked.map_or(Value::Null, |row| row.args[0].clone())
    }

    /// MAX - MIN.
    fn delta(&self, rows: &[Argued]) -> Result<Value, Reason> {
        // Of zeros, which are equal, both are the first.
        let values = || rows.iter().map(|row| &row.args[0]);
        let least = values().reduce(|a, b| if order(b, a).is_lt() { b } else { a });
        let greatest = values().reduce(|a, b| if order(b, a).is_gt() { b } else { a });
        let (least, greatest) = (least.expect("rows"), greatest.expect("rows"));
        if let (Value::F64(least), Value::F64(greatest)) = (least, greatest) {
            return Ok(Value::F64(greatest - least));
        }
        let negative = Big::new(-1).times(&Big::new(unscaled(least)));
        exact_result(&Big::new(unscaled(greatest)).plus(&negative), self.ty)
    }

    fn imbalance(&self, rows: &[Argued]) -> Result<Value, Reason> {
        let ratio = |difference: f64, sum: f64| number((sum != 0.0).then(|| difference / sum));
        if self.types[0] == DataType::Double {
            let sum = |at: usize| double_sum(rows, |row| double(&row.args[at]));
            return Ok(ratio(sum(0) - sum(1), sum(0) + sum(1)));
        }
        let sizes = |at: usize| rows.iter().map(move |row| &row.args[at]);
        if overflows(sizes(0)) || overflows(sizes(1)) {
            return Err(Reason::Overflow);
        }
        let sum = |at: usize| total(sizes(at));
        let as_double = |big: Big| big.to_i128().map(|value| value as f64);
        let both = as_double(sum(0).plus(&sum(1))).ok_or(Reason::Overflow)?;
        let difference = sum(0).plus(&Big::new(-1).times(&sum(1)));
        Ok(ratio(as_double(difference).ok_or(Reason::Overflow)?, both))
    }

    /// SUM of exact numbers.
    pub fn exact_sum<'a>(&self, values: impl Iterator<Item = &'a Value>) -> Result<Value, Reason> {
        exact_result(&total(values), self.ty)
    }

    /// AVG of `count` exact numbers.
    pub fn exact_average<'a>(
        &self,
        values: impl Iterator<Item = &'a Value>,
        count: usize,
    ) -> Result<Value, Reason> {
        let count = count as i128;
        let sum = total(values);
        if self.ty == DataType::Double {
            let sum = sum.to_i128().ok_or(Reason::Overflow)?;
            return Ok(Value::F64(sum as f64 / count as f64));
        }
        self.quotient(sum, &Big::new(count))
    }

    fn vwap(&self, rows: &[Argued]) -> Result<Value, Reason> {
        if self.types.contains(&DataType::Double) {
            let as_double = |at: usize, row: &Argued| match &row.args[at] {
                Value::F64(value) => *value,
                exact => super::number::to_double(unscaled(exact), self.types[at].scale()),
            };
            let product = |row: &Argued| as_double(0, row) * as_double(1, row);
            let (value, size) = (
                double_sum(rows, product),
                double_sum(rows, |row| as_double(1, row)),
            );
            let none = rows.is_empty() || size == 0.0;
            return Ok(if none {
                Value::Null
            } else {
                Value::F64(value / size)
            });
        }
        let big = |row: &Argued, at: usize| Big::new(unscaled(&row.args[at]));
        let products = rows.iter().map(|row| big(row, 0).times(&big(row, 1)));
        let value = products.fold(Big::new(0), |sum, product| sum.plus(&product));
        let size = total(rows.iter().map(|row| &row.args[1]));
        if size.is_zero() {
            return Ok(Value::Null);
        }
        if self.ty == DataType::Double {
            let value = value.to_i128().ok_or(Reason::Overflow)? as f64;
            let size = size.to_i128().ok_or(Reason::Overflow)? as f64;
            let unit = 10_f64.powi(i32::from(self.types[0].scale()));
            return Ok(Value::F64(value / unit / size));
        }
        self.quotient(value, &size)
    }

    /// `sum / divisor` at the result's scale, `sum` being at the first argument's.
    fn quotient(&self, sum: Big, divisor: &Big) -> Result<Value, Reason> {
        let digits = u32::from(self.ty.scale() - self.types[0].scale());
        let scaled = sum.times(&Big::power_of_ten(digits));
        exact_result(&scaled.divide_half_up(divisor), self.ty)
    }
}

/// The first arguments in their order.
fn sorted(rows: &[Argued]) -> Vec<Value> {
    let mut values: Vec<Value> = rows.iter().map(|row| row.args[0].clone()).collect();
    values.sort_by(order);
    values
}

/// A DOUBLE or NULL.
fn number(value: Option<f64>) -> Value {
    value.map_or(Value::Null, Value::F64)
}

/// Rows and the parts among them, as their paths say.
fn items<R>(rows: &[Argued], depth: usize, read: &impl Fn(&Argued) -> R) -> Vec<moments::Item<R>> {
    let parts =
        rows.chunk_by(|a, b| a.path.get(depth).is_some() && a.path.get(depth) == b.path.get(depth));
    let item = |part: &[Argued]| match part[0].path.get(depth) {
        Some(_) => moments::Item::Part(items(part, depth + 1, read)),
        None => moments::Item::Row(read(&part[0])),
    };
    parts.map(item).collect()
}

fn double(value: &Value) -> f64 {
    match value {
        Value::F64(value) => *value,
        other => panic!("{other:?} is no DOUBLE"),
    }
}

/// Whether a sum leaves 128 bits on its way: it is an overflow then, wherever it ends.
fn overflows<'a>(mut values: impl Iterator<Item = &'a Value>) -> bool {
    let mut sum = Big::new(0);
    values.any(|value| {
        sum = sum.plus(&Big::new(unscaled(value)));
        sum.to_i128().is_none()
    })
}

fn total<'a>(values: impl Iterator<Item = &'a Value>) -> Big {
    values.fold(Big::new(0), |sum, value| {
        sum.plus(&Big::new(unscaled(value)))
    })
}

/// An unscaled result in its type, if that can hold it.
fn exact_result(value: &Big, ty: DataType) -> Result<Value, Reason> {
    let value = match ty {
        DataType::Decimal { precision, .. } => {
            in_precision(value, precision).map(|value| exact_value(ty, value))
        }
        _ => value.to_i128().and_then(|value| integer(value, ty)),
    };
    value.ok_or(Reason::Overflow)
}

/// A sum of DOUBLEs in its fold shape: rows as they come, and parts of them (blocks, panes, merged sessions) as one.
fn double_sum(rows: &[Argued], value: impl Fn(&Argued) -> f64) -> f64 {
    sum_below(rows, 0, &value)
}

fn sum_below(rows: &[Argued], depth: usize, value: &impl Fn(&Argued) -> f64) -> f64 {
    let parts =
        rows.chunk_by(|a, b| a.path.get(depth).is_some() && a.path.get(depth) == b.path.get(depth));
    let sum_of = |part: &[Argued]| match part[0].path.get(depth) {
        Some(_) => sum_below(part, depth + 1, value),
        None => value(&part[0]),
    };
    parts.map(sum_of).fold(0.0, |sum, part| sum + part)
}
