//! A figure over many runs, and how far it may be off.
//!
//! Callers who follow one another share their luck, so they say less than their number promises.
//! Runs know nothing of one another: the error is that of the mean over runs. A share is the sum
//! of its numerators over the sum of its denominators, never a mean of shares (DOMAIN.md 2.4).

use serde::{Serialize, Serializer, ser::SerializeStruct};

/// A figure with its error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The figure.
    pub mean: f64,
    /// Its standard error; not a number if there was one run only.
    pub error: f64,
    /// In 95 of 100 such estimates the truth lies no further off than this.
    pub margin: f64,
}

/// A share, run by run.
#[derive(Clone, Debug, Default)]
pub struct Ratio {
    parts: Vec<(f64, f64)>,
}

impl Ratio {
    /// From the numerator and denominator of each run.
    pub fn new(parts: impl Iterator<Item = (f64, f64)>) -> Self {
        Self { parts: parts.collect() }
    }

    /// The share over all runs.
    #[must_use]
    pub fn estimate(&self) -> Estimate {
        of(self.share(), &self.linear())
    }

    /// How much more this is than `other`, run for run: what two scenarios have in common, the
    /// callers, falls out of the error.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Estimate {
        let each = self.linear().into_iter().zip(other.linear()).map(|(one, two)| one - two);
        of(self.share() - other.share(), &each.collect::<Vec<_>>())
    }

    fn sums(&self) -> (f64, f64) {
        self.parts.iter().fold((0.0, 0.0), |sum, part| (sum.0 + part.0, sum.1 + part.1))
    }

    fn share(&self) -> f64 {
        let (above, below) = self.sums();
        above / below
    }

    /// What each run adds to the share, to first order (the delta method).
    fn linear(&self) -> Vec<f64> {
        let share = self.share();
        let mean = self.sums().1 / count(&self.parts);
        self.parts.iter().map(|(above, below)| (above - share * below) / mean).collect()
    }
}

/// A mean of values, one a run.
#[must_use]
pub fn mean(values: &[f64]) -> Estimate {
    of(values.iter().sum::<f64>() / count(values), values)
}

/// A figure whose runs scatter as these values do.
#[must_use]
pub fn of(figure: f64, scatter: &[f64]) -> Estimate {
    let runs = count(scatter);
    let mean = scatter.iter().sum::<f64>() / runs;
    let variance = scatter.iter().map(|it| (it - mean).powi(2)).sum::<f64>() / (runs - 1.0);
    let error = (variance / runs).sqrt();
    Estimate { mean: figure, error, margin: error * students(runs - 1.0) }
}

/// Within so many standard errors of its mean lie 95 of 100 figures of Student's distribution with
/// that much freedom (Cornish and Fisher's expansion; to half a percent from 3 on).
fn students(freedom: f64) -> f64 {
    const NORMAL: f64 = 1.959_964;
    let (z, n) = (NORMAL, freedom);
    let first = (z.powi(3) + z) / (4.0 * n);
    let second = (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / (96.0 * n * n);
    let third =
        (3.0 * z.powi(7) + 19.0 * z.powi(5) + 17.0 * z.powi(3) - 15.0 * z) / (384.0 * n.powi(3));
    z + first + second + third
}

#[allow(clippy::cast_precision_loss)] // Runs are thousands at most.
fn count<T>(list: &[T]) -> f64 {
    list.len() as f64
}

/// `{ "value": 0.9331, "low": 0.9312, "high": 0.9350 }`, the ends null after one run only.
impl Serialize for Estimate {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut object = to.serialize_struct("Estimate", 3)?;
        object.serialize_field("value", &self.mean)?;
        object.serialize_field("low", &(self.mean - self.margin))?;
        object.serialize_field("high", &(self.mean + self.margin))?;
        object.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_of_sums_and_its_error_is_that_of_runs() {
        let ratio = Ratio::new([(9.0, 10.0), (10.0, 20.0)].into_iter());
        let share = ratio.estimate();
        assert!((share.mean - 19.0 / 30.0).abs() < 1e-12);
        // Both runs lie 8/3 calls off, of a mean of 15.
        assert!((share.error - 8.0 / 3.0 / 15.0).abs() < 1e-12, "{share:?}");
        assert!(ratio.minus(&ratio).margin.abs() < 1e-12);
    }

    #[test]
    fn few_runs_promise_less() {
        for (freedom, expected) in [(4.0, 2.776), (9.0, 2.262), (19.0, 2.093), (1e9, 1.96)] {
            assert!((students(freedom) / expected - 1.0).abs() < 0.005, "{freedom}");
        }
        assert!(mean(&[1.0]).margin.is_nan());
        assert_eq!(
            serde_json::to_string(&mean(&[1.0])).unwrap(),
            r#"{"value":1.0,"low":null,"high":null}"#
        );
    }
}
