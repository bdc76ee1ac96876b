//! The engine's expressions against the oracle's, on random expressions over random rows.

use super::{eval_row, map, nested};
use crate::batch::{Batch, Rows};
use crate::civil::zone::Zone;
use crate::expr::{Program, RowErrors, can_cast};
use crate::plan::{ArithmeticOp, CompareOp, Expr, ScalarFunction};
use crate::time::NS_PER_DAY;
use crate::types::{DataType, Physical, Value, array_of, map_of, row_of};

/// Every type, TIMESTAMP_LTZ in a zone whose clock jumps.
pub(super) fn types() -> [DataType; 21] {
    let zone = Zone::register("America/New_York").expect("known");
    [
        DataType::Boolean,
        DataType::Int,
        DataType::BigInt,
        DataType::Double,
        DataType::decimal(9, 2),
        DataType::decimal(30, 6),
        DataType::Varchar,
        DataType::Date,
        DataType::Timestamp,
        DataType::Interval,
        DataType::Real,
        DataType::Varbinary,
        DataType::Time,
        DataType::TimestampLtz(zone),
        array_of(DataType::Int),
        array_of(DataType::Varchar),
        row_of(&[("price", DataType::decimal(30, 6)), ("x", DataType::Double)]),
        map_of(DataType::Varchar, DataType::BigInt),
        map_of(DataType::decimal(30, 6), DataType::Varchar),
        row_of(&[("a", DataType::BigInt), ("b", array_of(DataType::Varchar))]),
        row_of(&[("c", DataType::Varchar), ("d", array_of(DataType::Int))]),
    ]
}

pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11) % bound
    }

    pub(super) fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len() as u64) as usize]
    }

    fn integer(&mut self) -> i64 {
        let wild = (self.below(1 << 53) as i64).wrapping_mul(0x1_0000_0001);
        self.pick(&[
            0,
            1,
            -1,
            7,
            -100,
            i64::MAX,
            i64::MIN,
            wild,
            wild >> 40,
            wild >> 50,
        ])
    }

    pub(super) fn value(&mut self, ty: DataType) -> Value {
        if self.below(6) == 0 {
            return Value::Null;
        }
        let number = self.integer();
        match ty {
            DataType::Boolean => Value::Bool(number & 1 == 1),
            DataType::Int => Value::I64(i64::from(number as i32)),
            DataType::Double => Value::F64(match self.below(5) {
                0 => f64::NAN,
                1 => f64::INFINITY,
                2 => number as f64,
                3 => -0.0,
                _ => number as f64 / 1024.0 * 0.1,
            }),
            DataType::Decimal { precision, .. } if ty.physical() == Physical::I64 => {
                Value::I64(number % 10_i64.pow(u32::from(precision)))
            }
            DataType::Decimal { precision, .. } => {
                let wide = i128::from(number) * 1_000_000_007;
                Value::I128(wide % 10_i128.pow(u32::from(precision)))
            }
            DataType::Varchar => {
                let texts = [
                    "",
                    "a",
                    "-12",
                    " 3.75 ",
                    "true",
                    "2013-10-08",
                    "größer als sonst",
                    "1e3",
                    "23:59:59.5",
                    "2025-03-09 02:30:00",
                    "2025-07-01T00:00:00Z",
                    "1e39",
                ];
                Value::Text(self.pick(&texts).to_owned())
            }
            DataType::Date => Value::I64(number % 100_000),
            DataType::Real => Value::F64(match self.below(5) {
                0 => f64::NAN,
                1 => f64::NEG_INFINITY,
                2 => f64::from(f32::MAX),
                _ => f64::from(number as f32 / 1024.0 * 0.1),
            }),
            DataType::Varbinary => {
                let bytes = number.to_le_bytes().repeat(2);
                Value::of_bytes(&bytes[..self.below(17) as usize])
            }
            DataType::Time => Value::I64(number.rem_euclid(NS_PER_DAY)),
            DataType::Array(element) => {
                let items: Vec<Value> = (0..self.below(4)).map(|_| self.value(*element)).collect();
                nested::encode(&items, &[*element; 4])
            }
            DataType::Map(key, value) => {
                let entries: Vec<_> = (0..self.below(4))
                    .map(|_| (self.value(*key), self.value(*value)))
                    .filter(|entry| entry.0 != Value::Null)
                    .collect();
                map::make(entries, (*key, *value))
            }
            DataType::Row(fields) => {
                let items: Vec<Value> = fields.iter().map(|field| self.value(field.ty)).collect();
                let types: Vec<DataType> = fields.iter().map(|field| field.ty).collect();
                nested::encode(&items, &types)
            }
            _ => Value::I64(number >> 1),
        }
    }

    fn leaf(&mut self, ty: DataType) -> Expr {
        let index = types()
            .iter()
            .position(|known| *known == ty)
            .expect("known");
        if self.below(3) == 0 {
            let value = self.value(ty);
            Expr::Literal { value, ty }
        } else {
            Expr::Column { index, ty }
        }
    }

    fn expr(&mut self, ty: DataType, depth: u32) -> Expr {
        if depth == 0 {
            return self.leaf(ty);
        }
        let below = depth - 1;
        match self.below(6) {
            0 => self.leaf(ty),
            1 => {
                let condition = self.expr(DataType::Boolean, below);
                Expr::Case {
                    branches: vec![(condition, self.expr(ty, below))],
                    otherwise: (self.below(2) == 0).then(|| Box::new(self.expr(ty, below))),
                    ty,
                }
            }
            2 => Expr::Coalesce {
                args: vec![self.expr(ty, below), self.expr(ty, below)],
                ty,
            },
            3 => {
                let from = self.pick(&types());
                if !can_cast(from, ty) {
                    return self.leaf(ty);
                }
                Expr::Cast {
                    input: Box::new(self.expr(from, below)),
                    ty,
                    lenient: self.below(2) == 0,
                }
            }
            _ => self.of_type(ty, below),
        }
    }

    /// An operator that yields `ty`.
    fn of_type(&mut self, ty: DataType, depth: u32) -> Expr {
        use ArithmeticOp::{Add, Divide, Modulo, Multiply, Subtract};
        match ty {
            DataType::Boolean => self.predicate(depth),
            DataType::Varchar => self.text(depth),
            DataType::Real => Expr::Cast {
                input: Box::new(self.expr(DataType::Double, depth)),
                ty,
                lenient: false,
            },
            _ if ty.is_numeric() => {
                if self.below(4) == 0 {
                    return self.rounding(ty, depth);
                }
                let decimal = matches!(ty, DataType::Decimal { .. });
                let from = [4, 5].map(|at| if decimal { types()[at] } else { ty });
                Expr::Arithmetic {
                    op: self.pick(&[Add, Subtract, Multiply, Divide, Modulo]),
                    left: Box::new({
                        let ty = self.pick(&from);
                        self.expr(ty, depth)
                    }),
                    right: Box::new({
                        let ty = self.pick(&from);
                        self.expr(ty, depth)
                    }),
                    ty,
                }
            }
            DataType::Timestamp if self.below(2) == 0 => {
                let unit = self.pick(&["second", "week", "MONTH", "year"]);
                self.by_unit(ScalarFunction::DateTrunc, unit, ty, depth)
            }
            DataType::Timestamp => {
                let from = self.pick(&[DataType::Timestamp, DataType::Date]);
                Expr::Arithmetic {
                    op: self.pick(&[Add, Subtract]),
                    left: Box::new(self.expr(from, depth)),
                    right: Box::new(self.expr(DataType::Interval, depth)),
                    ty,
                }
            }
            DataType::Interval => Expr::Arithmetic {
                op: Subtract,
                left: Box::new(self.expr(DataType::Timestamp, depth)),
                right: Box::new(self.expr(DataType::Timestamp, depth)),
                ty,
            },
            _ => self.leaf(ty),
        }
    }

    fn by_unit(&mut self, function: ScalarFunction, unit: &str, ty: DataType, depth: u32) -> Expr {
        let unit = Expr::Literal {
            value: Value::Text(unit.to_owned()),
            ty: DataType::Varchar,
        };
        Expr::Call {
            function,
            args: vec![unit, self.expr(DataType::Timestamp, depth)],
            ty,
        }
    }

    fn rounding(&mut self, ty: DataType, depth: u32) -> Expr {
        use ScalarFunction as F;
        if ty == DataType::BigInt && self.below(2) == 0 {
            let unit = self.pick(&[
                "week",
                "doy",
                "dow",
                "quarter",
                "day",
                "epoch",
                "millisecond",
            ]);
            return self.by_unit(F::Extract, unit, ty, depth);
        }
        let function = self.pick(&[F::Abs, F::Ceil, F::Floor, F::Round, F::Greatest, F::Least]);
        let mut args = vec![self.expr(ty, depth)];
        match function {
            F::Round if self.below(2) == 0 => args.push(Expr::Literal {
                value: Value::I64(self.below(7) as i64 - 3),
                ty: DataType::BigInt,
            }),
            F::Greatest | F::Least => args.push(self.expr(ty, depth)),
            _ => {}
        }
        Expr::Call { function, args, ty }
    }

    fn text(&mut self, depth: u32) -> Expr {
        use ScalarFunction as F;
        let ty = DataType::Varchar;
        let function = self.pick(&[F::Upper, F::Trim, F::Concat, F::Substring]);
        let mut args = vec![self.expr(ty, depth)];
        match function {
            F::Concat => args.push(self.expr(ty, depth)),
            F::Substring => {
                for _ in 0..2 {
                    args.push(Expr::Literal {
                        value: Value::I64(self.below(9) as i64 - 2),
                        ty: DataType::BigInt,
                    });
                }
            }
            _ => {}
        }
        Expr::Call { function, args, ty }
    }

    fn predicate(&mut self, depth: u32) -> Expr {
        use CompareOp as C;
        let ops = [
            C::Equal,
            C::NotEqual,
            C::Less,
            C::LessOrEqual,
            C::Greater,
            C::GreaterOrEqual,
        ];
        let args = |random: &mut Self| {
            (0..3)
                .map(|_| random.expr(DataType::Boolean, depth))
                .collect()
        };
        let ty = self.pick(&types());
        let input = Box::new(self.expr(ty, depth));
        let negated = self.below(2) == 0;
        match self.below(7) {
            0 => Expr::And(args(self)),
            1 => Expr::Or(args(self)),
            2 => Expr::Not(Box::new(self.expr(DataType::Boolean, depth))),
            3 => Expr::IsNull { input, negated },
            4 => Expr::InList {
                input,
                list: (0..3).map(|_| self.value(ty)).collect(),
                negated,
            },
            5 => Expr::Like {
                input: Box::new(self.expr(DataType::Varchar, depth)),
                pattern: self.pick(&["%", "a%", "%_s%", "t__e", "-12"]).to_owned(),
                escape: None,
                ignore_case: self.below(2) == 0,
                negated,
            },
            _ => Expr::Compare {
                op: if negated {
                    self.pick(&ops)
                } else {
                    self.pick(&[C::Distinct, C::NotDistinct])
                },
                left: input,
                right: Box::new(self.expr(ty, depth)),
            },
        }
    }
}

fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::F64(a), Value::F64(b)) => a == b || (a.is_nan() && b.is_nan()),
        _ => a == b,
    }
}

#[test]
fn expressions_agree_with_the_engine() {
    for seed in 1..=3_000_u64 {
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let ty = random.pick(&types());
        let expr = random.expr(ty, 3);
        let rows: Vec<Vec<Value>> = (0..24)
            .map(|_| types().iter().map(|&ty| random.value(ty)).collect())
            .collect();
        check(&expr, &types(), &rows, seed);
    }
}

/// Compares the engine's results for `rows` with the oracle's.
pub(super) fn check(expr: &Expr, types: &[DataType], rows: &[Vec<Value>], seed: u64) {
    let mut batch = Batch::new(types);
    for row in rows {
        for (column, value) in batch.columns.iter_mut().zip(row) {
            column.push(value);
        }
    }
    batch.rows = rows.len();
    batch.selection.all(rows.len());
    let mut errors = RowErrors::default();
    let mut program = Program::new(expr);
    let column = program.eval(&batch, Rows::All(rows.len()), &mut errors);
    for (at, row) in rows.iter().enumerate() {
        let error = errors.rows.iter().find(|error| error.0 as usize == at);
        let found = error.map_or_else(|| Ok(column.value(at)), |error| Err(error.1));
        let wanted = eval_row(expr, row);
        let agree = match (&found, &wanted) {
            (Ok(a), Ok(b)) => same(a, b),
            (Err(_), Err(_)) => true,
            _ => false,
        };
        assert!(
            agree,
            "seed {seed}: {found:?}, not {wanted:?}\n{expr:#?}\n{row:?}"
        );
    }
}
