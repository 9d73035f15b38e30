//! How long things take, by chance: talks, wrap-ups, patience, the way to the telephone.

use crate::base::{rng::Rng, time::Span};

/// A distribution of times.
#[derive(Clone, Debug, PartialEq)]
pub enum Law {
    /// It never ends.
    Never,
    /// Always so many seconds.
    Fixed(f64),
    /// Without memory, with this mean in seconds.
    Exponential(f64),
    /// Its logarithm is normal: most are short, a few are very long. Talks are like that.
    LogNormal {
        /// The mean in seconds.
        mean: f64,
        /// The standard deviation over the mean.
        spread: f64,
    },
    /// One of these many seconds, each as likely as the others: what was measured.
    Empirical(Vec<f64>),
}

impl Law {
    /// No time at all.
    pub const NOTHING: Self = Self::Fixed(0.0);

    /// A time by these rng.
    #[must_use]
    pub fn draw(&self, rng: &mut Rng) -> Span {
        let seconds = match self {
            Self::Never => return Span(u64::MAX),
            Self::Fixed(length) => *length,
            Self::Exponential(mean) => rng.exponential(*mean),
            Self::LogNormal { mean, spread } => {
                // Of a log-normal time with that mean and deviation: sigma² = ln(1 + spread²).
                let variance = (spread * spread).ln_1p();
                mean * (variance.sqrt() * rng.normal() - variance / 2.0).exp()
            }
            Self::Empirical(seen) => rng.pick(seen).copied().unwrap_or_default(),
        };
        seconds_of(seconds)
    }

    /// The mean in seconds; infinite for never.
    #[must_use]
    pub fn mean(&self) -> f64 {
        match self {
            Self::Never => f64::INFINITY,
            Self::Fixed(mean) | Self::Exponential(mean) | Self::LogNormal { mean, .. } => *mean,
            Self::Empirical(seen) => {
                seen.iter().sum::<f64>() / seen.iter().map(|_| 1.0).sum::<f64>()
            }
        }
    }

    /// The same, so many times as long.
    #[must_use]
    pub fn times(&self, factor: f64) -> Self {
        match self {
            Self::Never => Self::Never,
            Self::Fixed(length) => Self::Fixed(length * factor),
            Self::Exponential(mean) => Self::Exponential(mean * factor),
            Self::LogNormal { mean, spread } => {
                Self::LogNormal { mean: mean * factor, spread: *spread }
            }
            Self::Empirical(seen) => Self::Empirical(seen.iter().map(|it| it * factor).collect()),
        }
    }
}

/// A number of seconds as a span, to the microsecond.
#[must_use]
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Saturates, as spans do.
pub fn seconds_of(seconds: f64) -> Span {
    Span((seconds * 1e6).round() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_law_has_the_mean_and_spread_it_says() {
        let spread_of = [
            (Law::Fixed(240.0), 0.0),
            (Law::Exponential(240.0), 1.0),
            (Law::LogNormal { mean: 240.0, spread: 1.3 }, 1.3),
            (Law::Empirical(vec![120.0, 360.0]), 0.5),
        ];
        for (law, spread) in spread_of {
            let mut rng = Rng::new(5);
            let drawn: Vec<f64> = (0..200_000).map(|_| law.draw(&mut rng).as_secs_f64()).collect();
            let mean = drawn.iter().sum::<f64>() / 200_000.0;
            let square = drawn.iter().map(|it| (it - mean).powi(2)).sum::<f64>() / 200_000.0;
            assert!((mean / law.mean() - 1.0).abs() < 0.02, "{law:?}: {mean}");
            assert!((square.sqrt() / 240.0 - spread).abs() < 0.1, "{law:?}: {square}");
            assert!((law.times(0.5).mean() - 120.0).abs() < 1e-9);
        }
        assert_eq!(Law::Never.draw(&mut Rng::new(1)), Span(u64::MAX));
    }
}
