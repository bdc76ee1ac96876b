//! Decimals: fixed cases of reading, writing, rounding and errors, and arithmetic against schoolbook digits.

use super::*;
use std::cmp::Ordering;

const ALL_NINES: i128 = POWERS_OF_TEN[38] - 1;

fn text(value: i128, scale: u8) -> String {
    let mut out = Vec::new();
    write(value, scale, &mut out);
    String::from_utf8(out).expect("ASCII")
}

#[test]
fn texts_are_read() {
    for (text, expected) in [
        ("12.34", Ok(1234)),
        ("-12.34", Ok(-1234)),
        ("+.5", Ok(50)),
        ("5.", Ok(500)),
        ("0012.3400", Ok(1234)),
        ("1e2", Ok(10_000)),
        ("1.5E-1", Ok(15)),
        ("0.000000e99999999999999999999", Ok(0)),
        ("999.99", Ok(99_999)),
        ("1000", Err(Reason::Range)),
        ("1000.001", Err(Reason::Range)),
        ("1e99999999999999999999", Err(Reason::Range)),
        ("1.001", Err(Reason::Scale)),
        ("1e-3", Err(Reason::Scale)),
        ("1e-99999999999999999999", Err(Reason::Scale)),
        ("", Err(Reason::Number)),
        (".", Err(Reason::Number)),
        ("-", Err(Reason::Number)),
        ("1.2.3", Err(Reason::Number)),
        ("--1", Err(Reason::Number)),
        (" 1", Err(Reason::Number)),
        ("1e", Err(Reason::Number)),
        ("1e+", Err(Reason::Number)),
        ("e5", Err(Reason::Number)),
        ("0x1", Err(Reason::Number)),
        ("NaN", Err(Reason::Number)),
    ] {
        assert_eq!(
            parse_i128(text.as_bytes(), 5, 2),
            expected.map(i128::from),
            "{text}"
        );
        assert_eq!(parse_i64(text.as_bytes(), 5, 2), expected, "{text}");
    }
}

#[test]
fn all_38_digits_are_read_and_written() {
    let nines = "9".repeat(38);
    assert_eq!(parse_i128(nines.as_bytes(), 38, 0), Ok(ALL_NINES));
    assert_eq!(text(-ALL_NINES, 0), format!("-{nines}"));
    assert_eq!(text(ALL_NINES, 38), format!("0.{nines}"));
    assert_eq!(
        parse_i128(format!("0.{nines}").as_bytes(), 38, 38),
        Ok(ALL_NINES)
    );
    assert_eq!(
        parse_i128(format!("1{nines}").as_bytes(), 38, 0),
        Err(Reason::Range)
    );
    assert_eq!(
        parse_rounded(format!("{nines}.5").as_bytes(), 38, 0),
        Err(Reason::Range)
    );
    assert_eq!(
        parse_rounded(format!("{nines}.4").as_bytes(), 38, 0),
        Ok(ALL_NINES)
    );
    assert_eq!(text(-5, 2), "-0.05");
    assert_eq!(text(0, 3), "0.000");
    assert_eq!(text(1234, 2), "12.34");
}

#[test]
fn rounding_is_half_away_from_zero() {
    for (value, expected) in [
        (15, 2),
        (14, 1),
        (25, 3),
        (-15, -2),
        (-14, -1),
        (-4, 0),
        (5, 1),
    ] {
        assert_eq!(rescale(value, 1, 0), Some(expected), "{value}");
    }
    assert_eq!(rescale(i128::MIN, 0, 0), Some(i128::MIN));
    assert_eq!(rescale(ALL_NINES, 38, 0), Some(1));
    assert_eq!(rescale(ALL_NINES, 0, 1), None);
    assert_eq!(parse_rounded(b"-2.5", 5, 0), Ok(-3));
    assert_eq!(parse_rounded(b"2.49999", 5, 0), Ok(2));
}

#[test]
fn result_types_are_flinks() {
    use ArithmeticOp::{Add, Divide, Modulo, Multiply};
    for (op, left, right, expected) in [
        (Add, (10, 2), (5, 4), (13, 4)),
        (Add, (38, 0), (38, 0), (38, 0)),
        (Add, (38, 10), (38, 10), (38, 9)),
        (Multiply, (18, 4), (19, 0), (38, 4)),
        (Multiply, (18, 4), (18, 4), (37, 8)),
        (Multiply, (38, 18), (38, 18), (38, 6)),
        (Multiply, (38, 38), (38, 38), (38, 37)),
        (Divide, (10, 2), (5, 1), (17, 8)),
        (Divide, (18, 4), (19, 0), (38, 24)),
        (Divide, (38, 18), (38, 18), (38, 6)),
        (Modulo, (10, 2), (5, 3), (5, 3)),
    ] {
        assert_eq!(
            result_type(op, left, right),
            expected,
            "{op:?} {left:?} {right:?}"
        );
    }
}

#[test]
fn extremes_of_arithmetic() {
    let wide = (38, 0);
    assert_eq!(add((ALL_NINES, 0), (1, 0), wide), Err(Reason::Overflow));
    assert_eq!(
        add((ALL_NINES, 0), (-ALL_NINES, 38), wide),
        Ok(ALL_NINES - 1)
    );
    assert_eq!(subtract((0, 0), (ALL_NINES, 0), wide), Ok(-ALL_NINES));
    assert_eq!(
        multiply((ALL_NINES, 0), (2, 0), wide),
        Err(Reason::Overflow)
    );
    assert_eq!(
        multiply((ALL_NINES, 38), (ALL_NINES, 0), wide),
        Ok(ALL_NINES - 1)
    );
    assert_eq!(
        multiply((ALL_NINES, 38), (-ALL_NINES, 38), (38, 6)),
        Ok(-1_000_000)
    );
    assert_eq!(divide((1, 0), (0, 5), wide), Err(Reason::DivisionByZero));
    assert_eq!(
        divide((ALL_NINES, 0), (1, 38), (38, 6)),
        Err(Reason::Overflow)
    );
    assert_eq!(
        divide((1, 0), (3, 0), (38, 37)),
        Ok((POWERS_OF_TEN[37] - 1) / 3)
    );
    assert_eq!(divide((ALL_NINES, 38), (ALL_NINES, 0), (38, 6)), Ok(0));
    assert_eq!(divide((-1, 0), (2, 0), (38, 0)), Ok(-1));
    assert_eq!(modulo((-7, 0), (3, 0), wide), Ok(-1));
    assert_eq!(
        modulo((ALL_NINES, 0), (7, 38), (38, 38)),
        Ok((ALL_NINES % 7) * (POWERS_OF_TEN[38] % 7) % 7)
    );
    assert_eq!(modulo((5, 38), (ALL_NINES, 0), (38, 38)), Ok(5));
}

#[test]
fn doubles_convert_exactly() {
    assert_eq!(to_f64(1, 1), 0.1);
    assert_eq!(to_f64(ALL_NINES, 38), 1.0);
    assert_eq!(to_f64(9_007_199_254_740_993, 0), 9_007_199_254_740_992.0);
    assert_eq!(
        to_f64(-123_456_789_012_345_678, 17),
        -1.234_567_890_123_456_8
    );
    assert_eq!(from_f64(0.145, 5, 2), Ok(15));
    assert_eq!(from_f64(-1e-300, 5, 2), Ok(0));
    assert_eq!(from_f64(1e300, 38, 0), Err(Reason::Range));
    assert_eq!(from_f64(f64::NAN, 38, 0), Err(Reason::Number));
}

/// Schoolbook numbers: decimal digits, the least significant first.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Digits(Vec<u8>);

impl Digits {
    fn of(value: u128) -> Self {
        Self(value.to_string().bytes().rev().map(|b| b - b'0').collect())
    }

    fn shifted(mut self, places: usize) -> Self {
        self.0.splice(0..0, std::iter::repeat_n(0, places));
        self
    }

    fn cmp(&self, other: &Self) -> Ordering {
        let len = self.0.len().max(other.0.len());
        let digit = |n: &Self, i: usize| n.0.get(i).copied().unwrap_or(0);
        (0..len)
            .rev()
            .map(|i| digit(self, i).cmp(&digit(other, i)))
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    }

    fn plus(&self, other: &Self) -> Self {
        let (mut out, mut carry) = (Vec::new(), 0);
        for i in 0..=self.0.len().max(other.0.len()) {
            let sum = self.0.get(i).unwrap_or(&0) + other.0.get(i).unwrap_or(&0) + carry;
            out.push(sum % 10);
            carry = sum / 10;
        }
        Self(out)
    }

    fn minus(&self, other: &Self) -> Self {
        let (mut out, mut borrow) = (Vec::new(), 0i8);
        for i in 0..self.0.len() {
            let mut digit = self.0[i] as i8 - *other.0.get(i).unwrap_or(&0) as i8 - borrow;
            borrow = i8::from(digit < 0);
            digit += 10 * borrow;
            out.push(digit as u8);
        }
        Self(out)
    }

    fn times(&self, other: &Self) -> Self {
        let mut out = vec![0u32; self.0.len() + other.0.len() + 1];
        for (i, &a) in self.0.iter().enumerate() {
            for (j, &b) in other.0.iter().enumerate() {
                out[i + j] += u32::from(a) * u32::from(b);
            }
        }
        let mut carry = 0;
        Self(
            out.iter()
                .map(|&digit| {
                    let sum = digit + carry;
                    carry = sum / 10;
                    (sum % 10) as u8
                })
                .collect(),
        )
    }

    fn div_rem(&self, other: &Self) -> (Self, Self) {
        let (mut quotient, mut rest) = (vec![0; self.0.len()], Self(Vec::new()));
        for i in (0..self.0.len()).rev() {
            rest.0.insert(0, self.0[i]);
            while rest.cmp(other).is_ge() {
                rest = rest.minus(other);
                quotient[i] += 1;
            }
        }
        (Self(quotient), rest)
    }

    fn half_up(&self, divisor: &Self) -> Self {
        let (quotient, rest) = self.div_rem(divisor);
        if rest.plus(&rest).cmp(divisor).is_ge() {
            quotient.plus(&Self::of(1))
        } else {
            quotient
        }
    }

    fn value(&self, precision: u8) -> Option<i128> {
        let mut value = 0i128;
        for &digit in self.0.iter().rev() {
            value = value.checked_mul(10)?.checked_add(i128::from(digit))?;
        }
        fits(value, precision).then_some(value)
    }
}

/// The result at `to` digits behind the point of an exact one at `from`.
fn at_scale(value: Digits, from: usize, to: usize) -> Digits {
    if to >= from {
        value.shifted(to - from)
    } else {
        value.half_up(&Digits::of(1).shifted(from - to))
    }
}

fn naive(op: ArithmeticOp, a: (i128, u8), b: (i128, u8), result: (u8, u8)) -> Result<i128, Reason> {
    let (s1, s2, s) = (usize::from(a.1), usize::from(b.1), usize::from(result.1));
    let scale = s1.max(s2);
    let x = Digits::of(a.0.unsigned_abs());
    let y = Digits::of(b.0.unsigned_abs());
    let (ax, ay) = (x.clone().shifted(scale - s1), y.clone().shifted(scale - s2));
    let (mut na, mut nb) = (a.0 < 0, b.0 < 0);
    let (value, negative) = match op {
        ArithmeticOp::Add | ArithmeticOp::Subtract => {
            nb ^= op == ArithmeticOp::Subtract;
            let sum = match (na == nb, ax.cmp(&ay)) {
                (true, _) => ax.plus(&ay),
                (false, Ordering::Less) => {
                    na = nb;
                    ay.minus(&ax)
                }
                (false, _) => ax.minus(&ay),
            };
            (at_scale(sum, scale, s), na)
        }
        ArithmeticOp::Multiply => (at_scale(x.times(&y), s1 + s2, s), na != nb),
        ArithmeticOp::Divide | ArithmeticOp::Modulo if b.0 == 0 => {
            return Err(Reason::DivisionByZero);
        }
        ArithmeticOp::Divide => (x.shifted(s + s2).half_up(&y.shifted(s1)), na != nb),
        ArithmeticOp::Modulo => (at_scale(ax.div_rem(&ay).1, scale, s), na),
    };
    let value = value.value(result.0).ok_or(Reason::Overflow)?;
    Ok(if negative { -value } else { value })
}

#[test]
fn arithmetic_agrees_with_schoolbook() {
    let mut state = 0x853c_49e6_748f_ea9b_u64;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let ops = [
        ArithmeticOp::Add,
        ArithmeticOp::Subtract,
        ArithmeticOp::Multiply,
        ArithmeticOp::Divide,
        ArithmeticOp::Modulo,
    ];
    for round in 0..2_000 {
        let mut operand = || {
            let precision = 1 + next() % 38;
            let scale = next() % (precision + 1);
            let digits = 1 + next() % precision;
            let raw = (i128::from(next()) << 62 | i128::from(next() >> 2))
                .rem_euclid(POWERS_OF_TEN[digits as usize]);
            let value = match next() % 8 {
                0 => 0,
                1 => POWERS_OF_TEN[precision as usize] - 1,
                2 => 5 * POWERS_OF_TEN[digits as usize - 1],
                _ => raw,
            };
            let value = if next() % 2 == 0 { value } else { -value };
            ((value, scale as u8), (precision as u8, scale as u8))
        };
        let ((a, ta), (b, tb)) = (operand(), operand());
        for op in ops {
            let result = result_type(op, ta, tb);
            let function = match op {
                ArithmeticOp::Add => add,
                ArithmeticOp::Subtract => subtract,
                ArithmeticOp::Multiply => multiply,
                ArithmeticOp::Divide => divide,
                ArithmeticOp::Modulo => modulo,
            };
            assert_eq!(
                function(a, b, result),
                naive(op, a, b, result),
                "round {round}: {a:?} {op:?} {b:?} -> {result:?}"
            );
        }
    }
}
