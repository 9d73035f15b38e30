//! Three functions that the formulas need: the regularised incomplete beta function, the normal
//! distribution, and sums of a harmonic series. Gamma and error function are `libm`'s.

use std::f64::consts::{PI, SQRT_2};

/// The regularised incomplete beta function `I_x(a, b)` (DLMF 8.17), for `0 <= x <= 1`,
/// `a > 0` and `b >= 0`; for `b = 0` it is the limit, 0 below 1.
#[must_use]
pub fn beta_share(x: f64, a: f64, b: f64) -> f64 {
    if x >= 1.0 {
        return 1.0;
    }
    if x <= 0.0 || b <= 0.0 {
        return 0.0;
    }
    // The fraction converges fast on this side of the mean only; the other is its mirror.
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - beta_fraction(1.0 - x, b, a);
    }
    beta_fraction(x, a, b)
}

/// The logarithm of the beta function `B(a, b)`, both above 0.
#[must_use]
pub fn ln_beta(a: f64, b: f64) -> f64 {
    libm::lgamma(a) + libm::lgamma(b) - libm::lgamma(a + b)
}

/// `I_x(a, b)` by its continued fraction (DLMF 8.17.22), two terms at a time by Lentz's method.
fn beta_fraction(x: f64, a: f64, b: f64) -> f64 {
    /// Enough for `a` and `b` beyond 10^8; some twenty do for common ones.
    const TERMS_MAX: u32 = 100_000;
    let front = a * x.ln() + b * (-x).ln_1p() - ln_beta(a, b);
    let away_from_0 = |value: f64| if value.abs() < 1e-300 { 1e-300 } else { value };
    let mut above = 1.0;
    let mut below = 1.0 / away_from_0(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = below;
    for m in (1..TERMS_MAX).map(f64::from) {
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let before = fraction;
        for term in [even, odd] {
            below = 1.0 / away_from_0(1.0 + term * below);
            above = away_from_0(1.0 + term / above);
            fraction *= above * below;
        }
        if (fraction / before - 1.0).abs() < 1e-15 {
            break;
        }
    }
    front.exp() * fraction / a
}

/// The share of the standard normal distribution below `x`, by its density there: the inverse
/// of the hazard rate of `-x`. Infinite where the density is no longer a number.
#[must_use]
pub fn normal_share_by_density(x: f64) -> f64 {
    let share = libm::erfc(-x / SQRT_2) / 2.0;
    let density = (-x * x / 2.0).exp() / (2.0 * PI).sqrt();
    share / density
}

/// `1/from + 1/(from + 1) + … + 1/(from + last)`, for `from > 0`; `last` is a whole number.
///
/// The first terms are added, the rest is Euler's and Maclaurin's formula (DLMF 2.10.1), good to
/// 13 digits: as quick for a million terms as for twenty.
#[must_use]
pub fn harmonic(from: f64, last: f64) -> f64 {
    /// From here on the formula's next term is below 10^-13.
    const FAR: f64 = 20.0;
    let (mut sum, mut step) = (0.0, 0.0);
    while step <= last && from + step < FAR {
        sum += 1.0 / (from + step);
        step += 1.0;
    }
    if step > last {
        return sum;
    }
    let (low, high) = (1.0 / (from + step), 1.0 / (from + last));
    let ends = |share: f64, power: i32| share * (low.powi(power) - high.powi(power));
    let line = ((last - step) * low).ln_1p() + f64::midpoint(low, high);
    sum + line + ends(1.0 / 12.0, 2) - ends(1.0 / 120.0, 4) + ends(1.0 / 252.0, 6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn near(ours: f64, theirs: f64) {
        assert!((ours / theirs - 1.0).abs() < 1e-12, "{ours} is not {theirs}");
    }

    #[test]
    fn the_beta_function_has_its_exact_values() {
        // I_x(1, b) = 1 - (1-x)^b, I_x(a, 1) = x^a, and half at the middle by symmetry.
        near(beta_share(0.3, 1.0, 4.5), 1.0 - 0.7_f64.powf(4.5));
        near(beta_share(0.3, 4.5, 1.0), 0.3_f64.powf(4.5));
        // So large that the logarithms leave nine digits of sixteen.
        assert!((beta_share(0.5, 1e6, 1e6) - 0.5).abs() < 1e-9);
        assert_eq!(beta_share(0.5, 2.0, 0.0), 0.0);
        assert_eq!((beta_share(0.0, 2.0, 3.0), beta_share(1.0, 2.0, 3.0)), (0.0, 1.0));
    }

    #[test]
    fn a_harmonic_sum_is_what_adding_gives() {
        for (from, last) in [(0.5, 0_u32), (0.5, 7), (3.25, 40), (25.0, 1), (7.5, 100_000)] {
            let added: f64 = (0..=last).rev().map(|step| 1.0 / (from + f64::from(step))).sum();
            near(harmonic(from, f64::from(last)), added);
        }
        // No digit is lost where the terms are all alike.
        near(harmonic(1e12, 9.0), 1e-11 * (1.0 - 4.5e-12));
    }

    #[test]
    fn the_normal_share_has_its_known_values() {
        near(normal_share_by_density(0.0), (PI / 2.0).sqrt());
        near(normal_share_by_density(1.0), 0.841_344_746_068_542_9 / 0.241_970_724_519_143_37);
        assert!(normal_share_by_density(50.0).is_infinite());
    }
}
