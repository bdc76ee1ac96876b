//! FILL: all windows from the first to the last, each with all keys that have had a row; with LINEAR those between
//! two of a key.

use super::big::Big;
use super::eval::unscaled;
use super::field::exact_value;
use super::window::{Window, windows_of};
use super::{Row, same_values};
use crate::batch::RowOp;
use crate::plan::{FillPlan, FillValue, WindowPlan};
use crate::time::OrderKey;
use crate::types::{DataType, Value};
use std::collections::BTreeMap;

/// A key, by the order in which they came.
struct Known {
    /// Its newest row, made or filled.
    row: Vec<Value>,
    /// The end of its last window that has rows.
    end: i64,
}

/// What is filled so far.
struct Filling<'a> {
    plan: &'a FillPlan,
    fired: i64,
    out: Vec<Row>,
}

/// Takes all rows, in order, and gives those of all windows.
pub fn run(plan: &FillPlan, rows: &[Row]) -> Vec<Row> {
    let mut windows: BTreeMap<i64, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        windows
            .entry(window_of(plan, &row.values).1)
            .or_default()
            .push(row);
    }
    let mut filling = Filling {
        plan,
        fired: i64::MIN,
        out: Vec::new(),
    };
    let mut known: Vec<Known> = Vec::new();
    let mut complete: Option<Window> = None;
    for rows in windows.values() {
        filling.fired = rows[0].key.time;
        match plan.values.contains(&FillValue::Linear) {
            true => filling.between(&mut known, rows),
            false => filling.window(&mut known, &mut complete, rows),
        }
    }
    filling.out
}

impl Filling<'_> {
    fn push(&mut self, values: Vec<Value>) {
        let end = window_of(self.plan, &values).1;
        self.out.push(Row {
            key: OrderKey::fired(self.fired, self.out.len() as u64, 0),
            op: RowOp::Insert,
            time: Some(end - 1),
            values,
        });
    }

    fn place(&self, known: &[Known], row: &Row) -> Option<usize> {
        let keys = ..self.plan.keys;
        let mut known = known.iter();
        known.position(|other| same_values(&other.row[keys], &row.values[keys]))
    }

    /// Whether a window that ends at `end` still knows a key.
    fn knows(&self, key: &Known, end: i64) -> bool {
        let ttl_ns = self.plan.ttl_ns.map(i128::from);
        ttl_ns.is_none_or(|ttl_ns| i128::from(end) <= i128::from(key.end) + ttl_ns)
    }

    /// The windows that no key has, the rows of one, and those of the keys that have none in it.
    fn window(&mut self, known: &mut Vec<Known>, complete: &mut Option<Window>, rows: &[&Row]) {
        let here = window_of(self.plan, &rows[0].values);
        while let Some(next) = complete.map(|last| next_window(self.plan, last))
            && next.1 < here.1
        {
            known.retain(|key| self.knows(key, next.1));
            for key in known.iter_mut() {
                key.row = filled(self.plan, &key.row, next);
                self.push(key.row.clone());
            }
            *complete = Some(next);
        }
        known.retain(|key| self.knows(key, here.1));
        let mut missing = vec![true; known.len()];
        for row in rows {
            self.push(row.values.clone());
            let new = Known {
                row: row.values.clone(),
                end: here.1,
            };
            match self.place(known, row) {
                Some(at) => {
                    known[at] = new;
                    if let Some(missing) = missing.get_mut(at) {
                        *missing = false;
                    }
                }
                None => known.push(new),
            }
        }
        let both = known.iter_mut().zip(&missing);
        for (key, _) in both.filter(|(_, missing)| **missing) {
            key.row = filled(self.plan, &key.row, here);
            self.push(key.row.clone());
        }
        *complete = Some(here);
    }

    /// The rows of one window, each behind those that lie between its key's last row and it.
    fn between(&mut self, known: &mut Vec<Known>, rows: &[&Row]) {
        for row in rows {
            let here = window_of(self.plan, &row.values);
            known.retain(|key| self.knows(key, here.1));
            let new = Known {
                row: row.values.clone(),
                end: here.1,
            };
            let Some(at) = self.place(known, row) else {
                known.push(new);
                self.push(row.values.clone());
                continue;
            };
            let before = std::mem::replace(&mut known[at], new).row;
            let since = window_of(self.plan, &before);
            let mut window = next_window(self.plan, since);
            while window.1 < here.1 {
                let mut values = filled(self.plan, &before, window);
                let ends = [since.1, window.1, here.1];
                for (at, value) in self.plan.values.iter().enumerate() {
                    let at = self.plan.keys + 2 + at;
                    if *value == FillValue::Linear {
                        let ty = self.plan.input.fields[at].ty;
                        values[at] = on_line(&before[at], &row.values[at], ends, ty);
                    }
                }
                self.push(values);
                window = next_window(self.plan, window);
            }
            self.push(row.values.clone());
        }
    }
}

/// The bounds that a row says.
fn window_of(plan: &FillPlan, row: &[Value]) -> Window {
    match (&row[plan.keys], &row[plan.keys + 1]) {
        (Value::I64(start), Value::I64(end)) => (*start, *end),
        other => panic!("{other:?} are no times"),
    }
}

/// The window that ends next behind one.
fn next_window(plan: &FillPlan, (start, end): Window) -> Window {
    if let WindowPlan::Hop { slide_ns, .. } = plan.window {
        return (start + slide_ns, end + slide_ns);
    }
    windows_of(&plan.window, end, 0).expect("a window")[0]
}

fn filled(plan: &FillPlan, row: &[Value], (start, end): Window) -> Vec<Value> {
    let keys = row[..plan.keys].iter().cloned();
    let bounds = [start, end].map(Value::I64);
    let before = &row[plan.keys + 2..];
    let values = plan.values.iter().zip(before);
    let aggregates = values.map(|(value, before)| match value {
        FillValue::Null | FillValue::Linear => Value::Null,
        FillValue::Previous => before.clone(),
        FillValue::Constant(value) => value.clone(),
    });
    keys.chain(bounds).chain(aggregates).collect()
}

/// What the line from a value to another says at the second of three times.
fn on_line(before: &Value, after: &Value, [from, at, to]: [i64; 3], ty: DataType) -> Value {
    match (before, after) {
        (Value::Null, _) | (_, Value::Null) => Value::Null,
        (Value::F64(before), Value::F64(after)) if before == after => Value::F64(*before),
        (Value::F64(before), Value::F64(after)) => {
            let value = before + (after - before) * ((at - from) as f64 / (to - from) as f64);
            let is_real = ty == DataType::Real;
            Value::F64(if is_real {
                f64::from(value as f32)
            } else {
                value
            })
        }
        _ => {
            let weighed =
                |value, weight: i64| Big::new(unscaled(value)).times(&Big::new(i128::from(weight)));
            let sum = weighed(before, to - at).plus(&weighed(after, at - from));
            let value = sum.divide_half_up(&Big::new(i128::from(to - from)));
            exact_value(ty, value.to_i128().expect("between two"))
        }
    }
}
