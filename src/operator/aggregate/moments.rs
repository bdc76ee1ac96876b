//! Variance, skewness, kurtosis, correlation and regression, updated row by row without cancellation.
//!
//! Means and sums of powers of the differences from the mean, so that values far from zero lose nothing:
//! B. P. Welford, "Note on a method for calculating corrected sums of squares and products", Technometrics 4 (1962);
//! parts are merged by T. F. Chan, G. H. Golub and R. J. LeVeque, "Updating formulae and a pairwise algorithm for
//! computing sample variances", Stanford STAN-CS-79-773 (1979); third and fourth powers and products by P. Pebay,
//! "Formulas for robust, one-pass parallel computation of covariances and arbitrary-order statistical moments",
//! Sandia SAND2008-6212 (2008). A NaN or an infinity among the values makes the result NaN.

use super::cells::Cells;
use crate::plan::AggregateKind;

/// n; mean, sum of (x - mean)^2.
pub(in crate::operator) type Variance = Cells<1, 2>;
/// n; mean, sums of (x - mean)^2, ^3 and ^4.
pub(in crate::operator) type Moments = Cells<1, 4>;
/// n; means of a and b, sums of (a - mean)^2, (b - mean)^2 and of their products.
pub(in crate::operator) type Joint = Cells<1, 5>;

pub(in crate::operator) fn add_variance(state: Variance, x: f64) -> Variance {
    let n = state.ints[0] + 1;
    let [mean, m2] = state.floats;
    let delta = x - mean;
    let mean = mean + delta / n as f64;
    Cells {
        ints: [n],
        floats: [mean, m2 + delta * (x - mean)],
    }
}

pub(in crate::operator) fn merge_variance(a: Variance, b: Variance) -> Variance {
    let ([na], [nb]) = (a.ints, b.ints);
    if na == 0 || nb == 0 {
        return if na == 0 { b } else { a };
    }
    let (na, nb, n) = (na as f64, nb as f64, (na + nb) as f64);
    let delta = b.floats[0] - a.floats[0];
    Cells {
        ints: [a.ints[0] + b.ints[0]],
        floats: [
            a.floats[0] + delta * nb / n,
            a.floats[1] + b.floats[1] + delta * delta * (na * nb / n),
        ],
    }
}

pub(in crate::operator) fn add_moments(state: Moments, x: f64) -> Moments {
    let before = state.ints[0] as f64;
    let n = before + 1.0;
    let [mean, m2, m3, m4] = state.floats;
    let delta = x - mean;
    let step = delta / n;
    let step2 = step * step;
    let term = delta * step * before;
    let m4 = m4 + term * step2 * (n * n - 3.0 * n + 3.0) + 6.0 * step2 * m2 - 4.0 * step * m3;
    let m3 = m3 + term * step * (n - 2.0) - 3.0 * step * m2;
    Cells {
        ints: [state.ints[0] + 1],
        floats: [mean + step, m2 + term, m3, m4],
    }
}

pub(in crate::operator) fn merge_moments(a: Moments, b: Moments) -> Moments {
    if a.ints[0] == 0 || b.ints[0] == 0 {
        return if a.ints[0] == 0 { b } else { a };
    }
    let (na, nb) = (a.ints[0] as f64, b.ints[0] as f64);
    let n = na + nb;
    let [mean_a, m2_a, m3_a, m4_a] = a.floats;
    let [mean_b, m2_b, m3_b, m4_b] = b.floats;
    let delta = mean_b - mean_a;
    let delta2 = delta * delta;
    let product = na * nb;
    let m2 = m2_a + m2_b + delta2 * product / n;
    let m3 = m3_a
        + m3_b
        + delta2 * delta * product * (na - nb) / (n * n)
        + 3.0 * delta * (na * m2_b - nb * m2_a) / n;
    let m4 = m4_a
        + m4_b
        + delta2 * delta2 * product * (na * na - product + nb * nb) / (n * n * n)
        + 6.0 * delta2 * (na * na * m2_b + nb * nb * m2_a) / (n * n)
        + 4.0 * delta * (na * m3_b - nb * m3_a) / n;
    Cells {
        ints: [a.ints[0] + b.ints[0]],
        floats: [mean_a + delta * nb / n, m2, m3, m4],
    }
}

pub(in crate::operator) fn add_joint(state: Joint, a: f64, b: f64) -> Joint {
    let count = state.ints[0] + 1;
    let n = count as f64;
    let [mean_a, mean_b, m2_a, m2_b, product] = state.floats;
    let (delta_a, delta_b) = (a - mean_a, b - mean_b);
    let (mean_a, mean_b) = (mean_a + delta_a / n, mean_b + delta_b / n);
    Cells {
        ints: [count],
        floats: [
            mean_a,
            mean_b,
            m2_a + delta_a * (a - mean_a),
            m2_b + delta_b * (b - mean_b),
            product + delta_a * (b - mean_b),
        ],
    }
}

pub(in crate::operator) fn merge_joint(a: Joint, b: Joint) -> Joint {
    if a.ints[0] == 0 || b.ints[0] == 0 {
        return if a.ints[0] == 0 { b } else { a };
    }
    let (na, nb) = (a.ints[0] as f64, b.ints[0] as f64);
    let n = na + nb;
    let (x, y) = (b.floats[0] - a.floats[0], b.floats[1] - a.floats[1]);
    let share = na * nb / n;
    Cells {
        ints: [a.ints[0] + b.ints[0]],
        floats: [
            a.floats[0] + x * nb / n,
            a.floats[1] + y * nb / n,
            a.floats[2] + b.floats[2] + x * x * share,
            a.floats[3] + b.floats[3] + y * y * share,
            a.floats[4] + b.floats[4] + x * y * share,
        ],
    }
}

/// VAR_POP, VAR_SAMP and their roots: NULL of no value, the sample's of fewer than two.
pub(in crate::operator) fn variance_result(kind: AggregateKind, state: Variance) -> Option<f64> {
    use AggregateKind as A;
    let (n, m2) = (state.ints[0], state.floats[1]);
    let divisor = match kind {
        A::VarSamp | A::StddevSamp => n - 1,
        _ => n,
    };
    if divisor < 1 {
        return None;
    }
    let variance = m2 / divisor as f64;
    Some(match kind {
        A::StddevSamp | A::StddevPop => variance.sqrt(),
        _ => variance,
    })
}

/// The sample's skewness G1, of three values at least that are not all one.
pub(in crate::operator) fn skewness(state: Moments) -> Option<f64> {
    let n = state.ints[0] as f64;
    let [_, m2, m3, _] = state.floats;
    if n < 3.0 || m2 == 0.0 {
        return None;
    }
    let spread = m2 / n;
    let of_population = m3 / n / (spread * spread.sqrt());
    Some(of_population * (n * (n - 1.0)).sqrt() / (n - 2.0))
}

/// The sample's excess kurtosis G2, of four values at least that are not all one.
pub(in crate::operator) fn kurtosis(state: Moments) -> Option<f64> {
    let n = state.ints[0] as f64;
    let [_, m2, _, m4] = state.floats;
    if n < 4.0 || m2 == 0.0 {
        return None;
    }
    let of_population = n * m4 / (m2 * m2);
    let scaled = (n + 1.0) * of_population - 3.0 * (n - 1.0);
    Some((n - 1.0) / ((n - 2.0) * (n - 3.0)) * scaled)
}

/// CORR, COVAR and REGR: of (y, x), as SQL writes a regression's arguments.
pub(in crate::operator) fn joint_result(kind: AggregateKind, state: Joint) -> Option<f64> {
    use AggregateKind as A;
    let n = state.ints[0];
    let [mean_y, mean_x, m2_y, m2_x, product] = state.floats;
    if n == 0 {
        return None;
    }
    match kind {
        A::CovarPop => Some(product / n as f64),
        A::CovarSamp => (n > 1).then(|| product / (n - 1) as f64),
        A::Corr => Some(correlation(m2_y, m2_x, product)),
        // A vertical line's is no number.
        A::RegrSlope if m2_x == 0.0 => Some(f64::NAN),
        A::RegrSlope => Some(product / m2_x),
        _ if m2_x == 0.0 => None,
        A::RegrIntercept => Some(mean_y - product / m2_x * mean_x),
        A::RegrR2 if m2_y == 0.0 => Some(1.0),
        A::RegrR2 => {
            let correlation = correlation(m2_y, m2_x, product);
            Some(correlation * correlation)
        }
        other => panic!("{other:?} is not made of two columns"),
    }
}

/// NaN where one of the two does not vary.
fn correlation(m2_y: f64, m2_x: f64, product: f64) -> f64 {
    let spread = m2_y.sqrt() * m2_x.sqrt();
    if spread == 0.0 {
        return f64::NAN;
    }
    product / spread
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(seed: u64, shift: f64) -> Vec<f64> {
        let mut state = seed;
        let next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            // Squared, so that there is a skew to find.
            shift + ((state >> 40) as f64 / 1e6).powi(2)
        };
        std::iter::repeat_with(next).take(500).collect()
    }

    fn power_sum(values: &[f64], power: i32) -> f64 {
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        values.iter().map(|x| (x - mean).powi(power)).sum()
    }

    #[track_caller]
    fn close(found: Option<f64>, expected: f64) {
        let found = found.expect("a result");
        let error = (found - expected).abs() / expected.abs().max(1e-9);
        assert!(error < 1e-12, "{found} {expected}: {error:e}");
    }

    #[test]
    fn one_pass_is_as_good_as_two_and_parts_as_the_whole() {
        for (seed, shift) in [(7, 0.0), (11, -3.0), (13, 1000.0)] {
            let x = values(seed, shift);
            let n = x.len() as f64;
            let whole = x.iter().fold(Moments::EMPTY, |s, &x| add_moments(s, x));
            let simple = x.iter().fold(Variance::EMPTY, |s, &x| add_variance(s, x));
            let parts = x.chunks(37).map(|part| {
                let state = part.iter().fold(Moments::EMPTY, |s, &x| add_moments(s, x));
                let simple = part
                    .iter()
                    .fold(Variance::EMPTY, |s, &x| add_variance(s, x));
                (state, simple)
            });
            let merged = parts.fold((Moments::EMPTY, Variance::EMPTY), |s, part| {
                (merge_moments(s.0, part.0), merge_variance(s.1, part.1))
            });
            let [m2, m3, m4] = [2, 3, 4].map(|power| power_sum(&x, power));
            for state in [whole, merged.0] {
                let g1 = (m3 / n) / (m2 / n).powf(1.5);
                close(skewness(state), g1 * (n * (n - 1.0)).sqrt() / (n - 2.0));
                let g2 = (m4 / n) / (m2 / n).powi(2) - 3.0;
                let expected = (n - 1.0) / ((n - 2.0) * (n - 3.0)) * ((n + 1.0) * g2 + 6.0);
                close(kurtosis(state), expected);
            }
            for state in [simple, merged.1] {
                close(variance_result(AggregateKind::VarPop, state), m2 / n);
                let expected = (m2 / (n - 1.0)).sqrt();
                close(variance_result(AggregateKind::StddevSamp, state), expected);
            }
        }
    }

    #[test]
    fn two_columns_agree_with_two_passes() {
        let x = values(3, 50.0);
        let noise = values(5, 0.0);
        let y: Vec<f64> = x.iter().zip(&noise).map(|(x, e)| 2.5 * x + e).collect();
        let pairs: Vec<(f64, f64)> = y.iter().copied().zip(x.iter().copied()).collect();
        let fold = |pairs: &[(f64, f64)]| {
            let add = |s, &(y, x): &(f64, f64)| add_joint(s, y, x);
            pairs.iter().fold(Joint::EMPTY, add)
        };
        let merged = pairs.chunks(41).map(fold).fold(Joint::EMPTY, merge_joint);
        let n = x.len() as f64;
        let mean = |values: &[f64]| values.iter().sum::<f64>() / n;
        let (mean_x, mean_y) = (mean(&x), mean(&y));
        let product: f64 = pairs.iter().map(|(y, x)| (y - mean_y) * (x - mean_x)).sum();
        let (m2_x, m2_y) = (power_sum(&x, 2), power_sum(&y, 2));
        for state in [fold(&pairs), merged] {
            let result = |kind| joint_result(kind, state);
            close(result(AggregateKind::CovarPop), product / n);
            close(result(AggregateKind::CovarSamp), product / (n - 1.0));
            let corr = product / (m2_x * m2_y).sqrt();
            close(result(AggregateKind::Corr), corr);
            close(result(AggregateKind::RegrR2), corr * corr);
            let slope = product / m2_x;
            close(result(AggregateKind::RegrSlope), slope);
            let intercept = mean_y - slope * mean_x;
            close(result(AggregateKind::RegrIntercept), intercept);
        }
    }

    #[test]
    fn far_from_zero_nothing_is_lost() {
        let shifted = [4.0, 7.0, 13.0, 16.0].map(|x| 1e9 + x);
        let state = shifted
            .iter()
            .fold(Variance::EMPTY, |s, &x| add_variance(s, x));
        assert_eq!(variance_result(AggregateKind::VarSamp, state), Some(30.0));
        let spoiled = add_variance(state, f64::INFINITY);
        assert!(variance_result(AggregateKind::VarPop, spoiled).is_some_and(f64::is_nan));
    }
}
