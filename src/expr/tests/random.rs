//! Expressions of all kinds over rows with NULLs and extremes.

use super::*;
use crate::decimal::{POWERS_OF_TEN, result_type};
use crate::plan::{ArithmeticOp, CompareOp, ScalarFunction};

const TYPES: [DataType; 13] = [
    DataType::BigInt,
    DataType::Int,
    DataType::Double,
    DataType::decimal(10, 2),
    DataType::decimal(38, 6),
    DataType::Varchar,
    DataType::Boolean,
    DataType::Timestamp,
    DataType::Date,
    DataType::Interval,
    // Without NULLs.
    DataType::BigInt,
    DataType::decimal(18, 4),
    DataType::Varchar,
];
const NULLABLE: usize = 10;

const TEXTS: [&str; 14] = [
    "",
    "a",
    "AAPL",
    " 12 ",
    "12.5",
    "-7",
    "true",
    "F",
    "2013-10-08",
    "2013-10-08 13:30:00.5",
    "1e3",
    "é%_",
    "a text longer than twelve bytes",
    "another text longer than twelve bytes",
];

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, bound: usize) -> usize {
        ((self.next() >> 33) as usize) % bound
    }

    fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    fn exact(&mut self, limit: i128) -> i128 {
        let value = match self.below(5) {
            0 => limit,
            1 => 0,
            2 => self.below(10) as i128,
            3 => i128::from(self.next()) % (limit + 1),
            _ => (i128::from(self.next()) << 60 | i128::from(self.next())).rem_euclid(limit + 1),
        };
        if self.below(2) == 0 { value } else { -value }
    }

    fn value(&mut self, ty: DataType) -> Value {
        match ty {
            DataType::Boolean => Value::Bool(self.below(2) == 0),
            DataType::Int if self.below(6) == 0 => Value::I64(i64::from(i32::MIN)),
            DataType::Int => Value::I64(self.exact(i128::from(i32::MAX)) as i64),
            DataType::BigInt | DataType::Interval if self.below(6) == 0 => Value::I64(i64::MIN),
            DataType::BigInt | DataType::Interval => {
                Value::I64(self.exact(i128::from(i64::MAX)) as i64)
            }
            DataType::Timestamp => Value::I64(self.exact(4_000_000_000_000_000_000) as i64),
            DataType::Date => Value::I64(self.exact(200_000) as i64),
            DataType::Double => Value::F64(match self.below(8) {
                0 => f64::NAN,
                1 => f64::INFINITY,
                2 => -0.0,
                3 => 0.0,
                4 => 9.3e18,
                5 => self.exact(1_000) as f64 / 8.0,
                6 => f64::from_bits(self.next()),
                _ => self.exact(100_000_000) as f64 / 100.0,
            }),
            DataType::Varchar => Value::Text(self.one_of(&TEXTS).to_owned()),
            DataType::Decimal { precision, .. } => {
                let value = self.exact(POWERS_OF_TEN[usize::from(precision)] - 1);
                if precision <= 18 {
                    Value::I64(value as i64)
                } else {
                    Value::I128(value)
                }
            }
            other => panic!("{other} has its twin in the oracle"),
        }
    }

    fn maybe_null(&mut self, ty: DataType) -> Value {
        if self.below(5) == 0 {
            Value::Null
        } else {
            self.value(ty)
        }
    }

    fn leaf(&mut self, ty: DataType) -> Expr {
        let columns: Vec<usize> = (0..TYPES.len()).filter(|&i| TYPES[i] == ty).collect();
        if !columns.is_empty() && self.below(4) != 0 {
            return Expr::Column {
                index: self.one_of(&columns),
                ty,
            };
        }
        let value = if self.below(12) == 0 {
            Value::Null
        } else {
            self.value(ty)
        };
        Expr::Literal { value, ty }
    }

    fn boxed(&mut self, ty: DataType, depth: usize) -> Box<Expr> {
        Box::new(self.expr(ty, depth))
    }

    fn expr(&mut self, ty: DataType, depth: usize) -> Expr {
        if depth == 0 {
            return self.leaf(ty);
        }
        let depth = depth - 1;
        match self.below(7) {
            0 => self.leaf(ty),
            1 => Expr::Case {
                branches: (0..1 + self.below(2))
                    .map(|_| (self.expr(DataType::Boolean, depth), self.expr(ty, depth)))
                    .collect(),
                otherwise: (self.below(2) == 0).then(|| self.boxed(ty, depth)),
                ty,
            },
            2 => Expr::Coalesce {
                args: self.args(ty, depth),
                ty,
            },
            3 => Expr::Call {
                function: self.one_of(&[ScalarFunction::Greatest, ScalarFunction::Least]),
                args: self.args(ty, depth),
                ty,
            },
            4 => self.cast(ty, depth),
            _ => self.of_type(ty, depth),
        }
    }

    fn args(&mut self, ty: DataType, depth: usize) -> Vec<Expr> {
        (0..1 + self.below(3))
            .map(|_| self.expr(ty, depth))
            .collect()
    }

    fn cast(&mut self, ty: DataType, depth: usize) -> Expr {
        let sources: Vec<DataType> = TYPES
            .iter()
            .copied()
            .filter(|&from| can_cast(from, ty))
            .collect();
        if sources.is_empty() {
            return self.leaf(ty);
        }
        let from = self.one_of(&sources);
        Expr::Cast {
            input: self.boxed(from, depth),
            ty,
            lenient: self.below(3) == 0,
        }
    }

    fn of_type(&mut self, ty: DataType, depth: usize) -> Expr {
        use ArithmeticOp::{Add, Divide, Modulo, Multiply, Subtract};
        let ops = [Add, Subtract, Multiply, Divide, Modulo];
        let (op, left, right) = match ty {
            DataType::Boolean => return self.predicate(depth),
            DataType::Varchar => return self.text(depth),
            DataType::Date => return self.leaf(ty),
            DataType::Decimal { .. } => return self.decimal(ty, depth),
            DataType::Int | DataType::BigInt | DataType::Double if self.below(4) == 0 => {
                let function = self.one_of(&[
                    ScalarFunction::Abs,
                    ScalarFunction::Round,
                    ScalarFunction::Ceil,
                    ScalarFunction::Floor,
                ]);
                return Expr::Call {
                    function,
                    args: vec![self.expr(ty, depth)],
                    ty,
                };
            }
            DataType::BigInt if self.below(6) == 0 => {
                let args = vec![self.expr(DataType::Varchar, depth)];
                return Expr::Call {
                    function: ScalarFunction::CharLength,
                    args,
                    ty,
                };
            }
            DataType::Timestamp => match self.below(3) {
                0 => (Add, DataType::Date, DataType::Interval),
                1 => (Subtract, DataType::Timestamp, DataType::Interval),
                _ => (Add, DataType::Interval, DataType::Timestamp),
            },
            DataType::Interval => match self.below(3) {
                0 => (Subtract, DataType::Timestamp, DataType::Timestamp),
                1 => (Multiply, DataType::Interval, DataType::BigInt),
                _ => (Add, DataType::Interval, DataType::Interval),
            },
            _ if self.below(5) == 0 => {
                return Expr::Negate {
                    input: self.boxed(ty, depth),
                };
            }
            _ => (self.one_of(&ops), ty, ty),
        };
        Expr::Arithmetic {
            op,
            left: self.boxed(left, depth),
            right: self.boxed(right, depth),
            ty,
        }
    }

    /// Arithmetic in Flink's result type, cast to the type asked for.
    fn decimal(&mut self, ty: DataType, depth: usize) -> Expr {
        if self.below(4) == 0 {
            let function = self.one_of(&[
                ScalarFunction::Abs,
                ScalarFunction::Round,
                ScalarFunction::Ceil,
                ScalarFunction::Floor,
            ]);
            return Expr::Call {
                function,
                args: vec![self.expr(ty, depth)],
                ty,
            };
        }
        if self.below(5) == 0 {
            return Expr::Negate {
                input: self.boxed(ty, depth),
            };
        }
        let decimals = [
            TYPES[3],
            TYPES[4],
            TYPES[11],
            DataType::decimal(5, 0),
            DataType::decimal(38, 38),
        ];
        let (left, right) = (self.one_of(&decimals), self.one_of(&decimals));
        let op = self.one_of(&[
            ArithmeticOp::Add,
            ArithmeticOp::Subtract,
            ArithmeticOp::Multiply,
            ArithmeticOp::Divide,
            ArithmeticOp::Modulo,
        ]);
        let shape = |ty: DataType| match ty {
            DataType::Decimal { precision, scale } => (precision, scale),
            _ => unreachable!(),
        };
        let (precision, scale) = result_type(op, shape(left), shape(right));
        let result = Expr::Arithmetic {
            op,
            left: self.boxed(left, depth),
            right: self.boxed(right, depth),
            ty: DataType::decimal(precision, scale),
        };
        Expr::Cast {
            input: Box::new(result),
            ty,
            lenient: self.below(2) == 0,
        }
    }

    fn text(&mut self, depth: usize) -> Expr {
        use ScalarFunction::{Concat, Lower, Substring, Trim, Upper};
        let ty = DataType::Varchar;
        let function = self.one_of(&[Concat, Lower, Substring, Trim, Upper]);
        let args = match function {
            Concat => self.args(ty, depth),
            Substring => {
                let mut args = vec![self.expr(ty, depth)];
                for _ in 0..1 + self.below(2) {
                    let value = Value::I64(self.below(9) as i64 - 2);
                    args.push(if self.below(3) == 0 {
                        self.expr(DataType::BigInt, depth)
                    } else {
                        Expr::Literal {
                            value,
                            ty: DataType::BigInt,
                        }
                    });
                }
                args
            }
            _ => vec![self.expr(ty, depth)],
        };
        Expr::Call { function, args, ty }
    }

    fn predicate(&mut self, depth: usize) -> Expr {
        match self.below(8) {
            0 => Expr::And(
                (0..2 + self.below(2))
                    .map(|_| self.expr(DataType::Boolean, depth))
                    .collect(),
            ),
            1 => Expr::Or(
                (0..2 + self.below(2))
                    .map(|_| self.expr(DataType::Boolean, depth))
                    .collect(),
            ),
            2 => Expr::Not(self.boxed(DataType::Boolean, depth)),
            3 => {
                let ty = self.one_of(&TYPES);
                Expr::IsNull {
                    input: self.boxed(ty, depth),
                    negated: self.below(2) == 0,
                }
            }
            4 => {
                let ty = self.one_of(&TYPES);
                let list = (0..1 + self.below(20))
                    .map(|_| {
                        if self.below(30) == 0 {
                            Value::Null
                        } else {
                            self.value(ty)
                        }
                    })
                    .collect();
                Expr::InList {
                    input: self.boxed(ty, depth),
                    list,
                    negated: self.below(2) == 0,
                }
            }
            5 => Expr::Like {
                input: self.boxed(DataType::Varchar, depth),
                pattern: self
                    .one_of(&["%", "a%", "%text%bytes", "_", "AAPL", "%é\u{25}_", "%1_%"])
                    .to_owned(),
                escape: None,
                ignore_case: false,
                negated: self.below(2) == 0,
            },
            _ => {
                let ty = self.one_of(&TYPES);
                let op = self.one_of(&[
                    CompareOp::Equal,
                    CompareOp::NotEqual,
                    CompareOp::Less,
                    CompareOp::LessOrEqual,
                    CompareOp::Greater,
                    CompareOp::GreaterOrEqual,
                    CompareOp::Distinct,
                    CompareOp::NotDistinct,
                ]);
                Expr::Compare {
                    op,
                    left: self.boxed(ty, depth),
                    right: self.boxed(ty, depth),
                }
            }
        }
    }

    fn rows(&mut self) -> Vec<Vec<Value>> {
        (0..1 + self.below(40))
            .map(|_| {
                let mut row: Vec<Value> = TYPES[..NULLABLE]
                    .iter()
                    .map(|&ty| self.maybe_null(ty))
                    .collect();
                row.extend(TYPES[NULLABLE..].iter().map(|&ty| self.value(ty)));
                row
            })
            .collect()
    }
}

#[test]
fn random_expressions_agree_with_the_naive_evaluator() {
    for seed in 1..=3_000u64 {
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let ty = random.one_of(&TYPES);
        let depth = 1 + random.below(4);
        let expr = random.expr(ty, depth);
        let mut program = Program::new(&expr);
        // The same program for several batches: nothing may be left of the one before.
        for _ in 0..2 {
            let rows = random.rows();
            let batch = batch_of(&TYPES, &rows);
            let what = format!("seed {seed}");
            check(
                &mut program,
                &expr,
                &rows,
                &batch,
                Rows::All(rows.len()),
                &what,
            );
            let some: Vec<u32> = (0..rows.len() as u32)
                .filter(|_| random.below(3) != 0)
                .collect();
            check(&mut program, &expr, &rows, &batch, Rows::Some(&some), &what);
        }
    }
}

#[test]
fn random_filters_agree_with_the_naive_evaluator() {
    for seed in 1..=3_000u64 {
        let mut random = Random(seed.wrapping_mul(0xd134_2543_de82_ef95));
        let depth = 1 + random.below(3);
        let expr = if random.below(2) == 0 {
            Expr::And(
                (0..2 + random.below(3))
                    .map(|_| random.predicate(depth - 1))
                    .collect(),
            )
        } else {
            random.predicate(depth)
        };
        let rows = random.rows();
        let mut batch = batch_of(&TYPES, &rows);
        if random.below(2) == 0 {
            batch.selection.retain(|_| random.below(3) != 0);
        }
        check_filter(&expr, &rows, &mut batch, &format!("seed {seed}"));
    }
}
