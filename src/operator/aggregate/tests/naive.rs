//! The twin: keeps every row and computes each result from all rows of its group.

use std::collections::{BTreeMap, HashSet};

use super::super::window::{Window, WindowAssigner};
use super::harness::*;
use crate::plan::{AggregateCall, AggregateKind, AggregatePlan, Emission, LatePolicy};
use crate::types::{DataType, Value};

struct Group {
    window: Window,
    key: Vec<Value>,
    rows: Vec<usize>,
    fired: bool,
}

/// Output lines in order, and what the ledger says.
pub fn naive(plan: &AggregatePlan, rows: &[Row]) -> (Vec<String>, Counts) {
    let mut twin = Twin {
        plan,
        rows,
        retention: match plan.late {
            LatePolicy::Drop => 0,
            _ => plan.retention_ns,
        },
        groups: BTreeMap::new(),
        out: Vec::new(),
        counts: Counts::default(),
    };
    for (i, row) in rows.iter().enumerate() {
        if !row.dropped {
            twin.take(i);
        }
    }
    if plan.emission == Emission::Final {
        twin.fire(i64::MAX);
    }
    (twin.out, twin.counts)
}

struct Twin<'a> {
    plan: &'a AggregatePlan,
    rows: &'a [Row],
    retention: i64,
    groups: BTreeMap<String, Group>,
    out: Vec<String>,
    counts: Counts,
}

impl Twin<'_> {
    fn take(&mut self, i: usize) {
        let row = &self.rows[i];
        let mut window = Window::ALL;
        if let Some(plan) = &self.plan.window {
            let Value::I64(time) = row.values[TS] else {
                panic!("the twin knows no NULL times")
            };
            let assigner = WindowAssigner::new(plan, 0, 0);
            window = assigner.pane_of(time).expect("an ordinary time");
            if window.end + self.plan.allowed_ns + self.retention <= row.watermark {
                self.counts.late += 1;
                return;
            }
            if self.plan.emission == Emission::Final {
                self.fire(row.watermark);
            }
        }
        let late = window != Window::ALL && window.end + self.plan.allowed_ns <= row.watermark;
        let key: Vec<Value> = self
            .plan
            .keys
            .iter()
            .map(|key| canonical(&row.values[index_of(key)]))
            .collect();
        let name = format!("{} {}", window.end, line(&key));
        let group = self.groups.entry(name.clone()).or_insert(Group {
            window,
            key,
            rows: Vec::new(),
            fired: false,
        });
        group.rows.push(i);
        if late {
            group.fired = true;
            self.counts.corrected += 1;
        }
        if late || self.plan.emission == Emission::Changes {
            let op = if late { "UpdateAfter" } else { "Insert" };
            let order = format!("{} 1 {}", row.watermark, row.seq);
            let time = row.time();
            self.emit(&name, &order, time, op);
        }
    }

    fn fire(&mut self, watermark: i64) {
        let mut due: Vec<(i64, u64, String)> = Vec::new();
        for (name, group) in &mut self.groups {
            let final_at = match group.window {
                Window::ALL => i64::MAX,
                window => window.end + self.plan.allowed_ns,
            };
            if final_at <= watermark && !group.fired {
                group.fired = true;
                due.push((final_at, self.rows[group.rows[0]].seq, name.clone()));
            }
        }
        due.sort();
        for (final_at, first, name) in due {
            let time = match self.groups[&name].window {
                Window::ALL => None,
                window => Some(window.end - 1),
            };
            self.emit(&name, &format!("{final_at} 0 {first}"), time, "Insert");
        }
    }

    fn emit(&mut self, name: &str, order: &str, time: Option<i64>, op: &str) {
        let group = &self.groups[name];
        let mut values = group.key.clone();
        if group.window != Window::ALL {
            values.extend([group.window.start, group.window.end].map(Value::I64));
        }
        for call in &self.plan.aggregates {
            match self.result(call, &group.rows) {
                Some(value) => values.push(value),
                None => {
                    self.counts.group_errors += 1;
                    return;
                }
            }
        }
        self.out
            .push(format!("{order} {time:?} {} {op}", line(&values)));
    }

    /// The result over these rows; `None` when it does not fit its type.
    fn result(&self, call: &AggregateCall, rows: &[usize]) -> Option<Value> {
        use AggregateKind::{Avg, Count, CountRows, First, Last, Max, Min, Sum, Vwap};
        let mut seen = HashSet::new();
        let mut taken: Vec<(&Row, Vec<Value>)> = Vec::new();
        for &row in rows {
            let row = &self.rows[row];
            let passes = call.filter.is_none() || row.values[FLAG] == Value::Bool(true);
            let args: Vec<Value> = call
                .args
                .iter()
                .map(|arg| row.values[index_of(arg)].clone())
                .collect();
            if !passes || args.contains(&Value::Null) {
                continue;
            }
            if call.distinct && !matches!(call.kind, Min | Max | First | Last) {
                let key = args.iter().map(canonical).collect::<Vec<_>>();
                if !seen.insert(line(&key)) {
                    continue;
                }
            }
            taken.push((row, args));
        }
        if matches!(call.kind, CountRows | Count) {
            return Some(Value::I64(taken.len() as i64));
        }
        if taken.is_empty() {
            return Some(Value::Null);
        }
        let values = || taken.iter().map(|(_, args)| &args[0]);
        match call.kind {
            Sum | Avg => sum_or_average(call, values().cloned().collect()),
            Min => values()
                .cloned()
                .reduce(|a, b| if less(&b, &a) { b } else { a }),
            Max => values()
                .cloned()
                .reduce(|a, b| if less(&a, &b) { b } else { a }),
            First => taken
                .iter()
                .min_by_key(|(row, _)| row.time())
                .map(|(_, args)| args[0].clone()),
            Last => taken
                .iter()
                .max_by_key(|(row, _)| row.time())
                .map(|(_, args)| args[0].clone()),
            Vwap => {
                let product = taken
                    .iter()
                    .map(|(_, a)| exact(&a[0]) * exact(&a[1]))
                    .sum::<i128>();
                let weight = taken.iter().map(|(_, args)| exact(&args[1])).sum::<i128>();
                if weight == 0 {
                    return Some(Value::Null);
                }
                if call.ty == DataType::Double {
                    return Some(Value::F64(product as f64 / weight as f64));
                }
                let digits = u32::from(call.ty.scale() - call.args[0].ty().scale());
                Some(Value::I128(rounded(product * 10i128.pow(digits), weight)))
            }
            CountRows | Count => unreachable!("answered above"),
            other => panic!("the twin does not know {other:?}"),
        }
    }
}

fn sum_or_average(call: &AggregateCall, values: Vec<Value>) -> Option<Value> {
    let count = values.len();
    let average = call.kind == AggregateKind::Avg;
    if let Value::F64(_) = values[0] {
        let sum = values.iter().fold(0.0, |sum, value| match value {
            Value::F64(value) => sum + value,
            other => panic!("{other:?}"),
        });
        return Some(Value::F64(if average { sum / count as f64 } else { sum }));
    }
    let sum: i128 = values.iter().map(exact).sum();
    match (average, call.ty) {
        (true, DataType::Double) => Some(Value::F64(sum as f64 / count as f64)),
        (true, ty) => {
            let digits = u32::from(ty.scale() - call.args[0].ty().scale());
            Some(Value::I128(rounded(
                sum * 10i128.pow(digits),
                count as i128,
            )))
        }
        (false, DataType::BigInt) => i64::try_from(sum).ok().map(Value::I64),
        (false, _) => Some(Value::I128(sum)),
    }
}

fn exact(value: &Value) -> i128 {
    match value {
        Value::I64(value) => i128::from(*value),
        Value::I128(value) => *value,
        other => panic!("{other:?}"),
    }
}

/// Half away from zero.
fn rounded(n: i128, d: i128) -> i128 {
    let magnitude = (2 * n.abs() + d.abs()) / (2 * d.abs());
    if (n < 0) == (d < 0) {
        magnitude
    } else {
        -magnitude
    }
}

fn less(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Bool(a), Value::Bool(b)) => a < b,
        (Value::I64(a), Value::I64(b)) => a < b,
        (Value::I128(a), Value::I128(b)) => a < b,
        (Value::F64(a), Value::F64(b)) => a < b || (b.is_nan() && !a.is_nan()),
        (Value::Text(a), Value::Text(b)) => a.as_bytes() < b.as_bytes(),
        _ => panic!("{a:?} {b:?}"),
    }
}
