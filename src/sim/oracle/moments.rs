//! Variance and its kin over lists of doubles: each part in source order, then the parts in order.
//!
//! The formulas are those that the engine's documentation cites, written down anew, because the bytes of a result
//! depend on the order of its operations.

use crate::plan::AggregateKind;

/// Powers of differences from the mean of one column, or of two and their products.
#[derive(Clone, Copy, Default)]
struct Sums {
    n: f64,
    mean: f64,
    other_mean: f64,
    second: f64,
    other_second: f64,
    product: f64,
    third: f64,
    fourth: f64,
}

/// A row, here of one or two numbers, or a part that is folded by itself.
pub enum Item<R = [f64; 2]> {
    Row(R),
    Part(Vec<Item<R>>),
}

/// The result of `kind` over rows and parts of rows; `None` is NULL.
pub fn result(kind: AggregateKind, items: &[Item]) -> Option<f64> {
    use AggregateKind as A;
    let high = matches!(kind, A::Skewness | A::Kurtosis);
    let total = Sums::of(items, high);
    if total.n == 0.0 {
        return None;
    }
    let Sums {
        n,
        second,
        other_second,
        product,
        ..
    } = total;
    match kind {
        A::VarPop => (n > 0.0).then(|| second / n),
        A::StddevPop => (n > 0.0).then(|| (second / n).sqrt()),
        A::VarSamp => (n > 1.0).then(|| second / (n - 1.0)),
        A::StddevSamp => (n > 1.0).then(|| (second / (n - 1.0)).sqrt()),
        A::Skewness => {
            let variance = second / n;
            let g = total.third / n / (variance * variance.sqrt());
            (n > 2.0 && second != 0.0).then(|| g * (n * (n - 1.0)).sqrt() / (n - 2.0))
        }
        A::Kurtosis => {
            let b = n * total.fourth / (second * second);
            let g = (n + 1.0) * b - 3.0 * (n - 1.0);
            let factor = (n - 1.0) / ((n - 2.0) * (n - 3.0));
            (n > 3.0 && second != 0.0).then_some(factor * g)
        }
        A::CovarPop => Some(product / n),
        A::CovarSamp => (n > 1.0).then(|| product / (n - 1.0)),
        A::Corr => Some(total.correlation()),
        A::RegrSlope if other_second == 0.0 => Some(f64::NAN),
        A::RegrSlope => Some(product / other_second),
        A::RegrIntercept if other_second == 0.0 => None,
        A::RegrIntercept => Some(total.mean - product / other_second * total.other_mean),
        A::RegrR2 if other_second == 0.0 => None,
        A::RegrR2 if second == 0.0 => Some(1.0),
        A::RegrR2 => Some(total.correlation() * total.correlation()),
        other => panic!("{other:?} has no moments"),
    }
}

impl Sums {
    fn of(items: &[Item], high: bool) -> Self {
        items.iter().fold(Self::default(), |sums, item| match item {
            Item::Row(row) if high => sums.with_powers(row[0]),
            Item::Row(row) => sums.with(*row),
            Item::Part(items) => {
                let part = Self::of(items, high);
                match (sums.n == 0.0, high) {
                    (true, _) => part,
                    (false, true) => sums.join_powers(part),
                    (false, false) => sums.join(part),
                }
            }
        })
    }

    fn with(self, [x, y]: [f64; 2]) -> Self {
        let n = self.n + 1.0;
        let (off_x, off_y) = (x - self.mean, y - self.other_mean);
        let mean = self.mean + off_x / n;
        let other_mean = self.other_mean + off_y / n;
        Self {
            n,
            mean,
            other_mean,
            second: self.second + off_x * (x - mean),
            other_second: self.other_second + off_y * (y - other_mean),
            product: self.product + off_x * (y - other_mean),
            ..self
        }
    }

    fn join(self, b: Self) -> Self {
        let n = self.n + b.n;
        let (x, y) = (b.mean - self.mean, b.other_mean - self.other_mean);
        let share = self.n * b.n / n;
        Self {
            n,
            mean: self.mean + x * b.n / n,
            other_mean: self.other_mean + y * b.n / n,
            second: self.second + b.second + x * x * share,
            other_second: self.other_second + b.other_second + y * y * share,
            product: self.product + b.product + x * y * share,
            ..self
        }
    }

    fn correlation(&self) -> f64 {
        match self.second.sqrt() * self.other_second.sqrt() {
            0.0 => f64::NAN,
            spread => self.product / spread,
        }
    }

    fn with_powers(self, x: f64) -> Self {
        let n = self.n + 1.0;
        let off = x - self.mean;
        let by_n = off / n;
        let square = by_n * by_n;
        let growth = off * by_n * self.n;
        Self {
            n,
            mean: self.mean + by_n,
            second: self.second + growth,
            third: self.third + growth * by_n * (n - 2.0) - 3.0 * by_n * self.second,
            fourth: self.fourth
                + growth * square * (n * n - 3.0 * n + 3.0)
                + 6.0 * square * self.second
                - 4.0 * by_n * self.third,
            ..self
        }
    }

    fn join_powers(self, b: Self) -> Self {
        let (p, q) = (self.n, b.n);
        let n = p + q;
        let off = b.mean - self.mean;
        let (square, both) = (off * off, p * q);
        Self {
            n,
            mean: self.mean + off * q / n,
            second: self.second + b.second + square * both / n,
            third: self.third
                + b.third
                + square * off * both * (p - q) / (n * n)
                + 3.0 * off * (p * b.second - q * self.second) / n,
            fourth: self.fourth
                + b.fourth
                + square * square * both * (p * p - both + q * q) / (n * n * n)
                + 6.0 * square * (p * p * b.second + q * q * self.second) / (n * n)
                + 4.0 * off * (p * b.third - q * self.third) / n,
            ..self
        }
    }
}
