//! What came of a play: how many callers, how long they waited, and how sure that is.
//!
//! Waits of callers who follow one another are alike, so a standard error over callers would
//! promise too much. Figures are therefore taken over batches of callers, long enough to
//! know little of one another, and the error is that of the batches' mean.

/// What came of it.
#[derive(Clone, Debug)]
pub struct Figures {
    /// By stream, then by batch: callers in the order of their arrival, in equal parts.
    pub tallies: Vec<Vec<Tally>>,
    /// How long each agent spoke, in seconds.
    pub spoken: Vec<f64>,
    /// How long the play lasted, in seconds.
    pub length: f64,
    /// The longest wait of all, in seconds.
    pub longest_wait: f64,
}

/// A few hundred or thousand callers.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    /// Who called.
    pub offered: f64,
    /// Who spoke with someone.
    pub answered: f64,
    /// Who did so within 20 seconds.
    pub in_target: f64,
    /// Who gave up.
    pub abandoned: f64,
    /// Who did not find someone at once.
    pub delayed: f64,
    /// The seconds that all of them waited.
    pub waited: f64,
}

/// A figure with its standard error.
#[derive(Clone, Copy, Debug)]
pub struct Estimate {
    /// The mean.
    pub mean: f64,
    /// The standard error of it, from batches.
    pub error: f64,
}

/// In how many batches the callers are counted. The first is left out: it starts empty.
pub(super) const BATCHES: u32 = 31;
impl Figures {
    /// A figure over all streams.
    #[must_use]
    pub fn all(&self, figure: impl Fn(&Tally) -> f64) -> Estimate {
        let batches = (0..BATCHES as usize).map(|batch| {
            let tallies = self.tallies.iter().filter_map(|batches| batches.get(batch));
            tallies.fold(Tally::default(), Tally::and)
        });
        estimate(batches, figure)
    }

    /// A figure of one stream.
    #[must_use]
    pub fn of(&self, stream: usize, figure: impl Fn(&Tally) -> f64) -> Estimate {
        estimate(self.tallies.get(stream).into_iter().flatten().copied(), figure)
    }
}

impl Tally {
    /// Served within 20 s, of all who called (F3).
    #[must_use]
    pub fn service_level(&self) -> f64 {
        self.in_target / self.offered
    }

    /// The mean wait of all who called, in seconds.
    #[must_use]
    pub fn mean_wait(&self) -> f64 {
        self.waited / self.offered
    }

    /// The share who did not find someone at once.
    #[must_use]
    pub fn delay_share(&self) -> f64 {
        self.delayed / self.offered
    }

    /// The share who gave up.
    #[must_use]
    pub fn abandon_share(&self) -> f64 {
        self.abandoned / self.offered
    }

    fn and(self, other: &Self) -> Self {
        Self {
            offered: self.offered + other.offered,
            answered: self.answered + other.answered,
            in_target: self.in_target + other.in_target,
            abandoned: self.abandoned + other.abandoned,
            delayed: self.delayed + other.delayed,
            waited: self.waited + other.waited,
        }
    }
}

/// The mean over batches, and how far it may be off.
fn estimate(batches: impl Iterator<Item = Tally>, figure: impl Fn(&Tally) -> f64) -> Estimate {
    let values: Vec<f64> =
        batches.skip(1).filter(|tally| tally.offered > 0.0).map(|tally| figure(&tally)).collect();
    let count = values.iter().map(|_| 1.0).sum::<f64>();
    let mean = values.iter().sum::<f64>() / count;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0);
    Estimate { mean, error: (variance / count).sqrt() }
}
