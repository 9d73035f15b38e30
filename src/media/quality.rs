//! How well a leg was heard: the mean opinion score that the E-model estimates (ITU-T G.107).

use crate::media::order::Report;

impl Report {
    /// What listeners would say of the far side's sound, from 1 (bad) to 4.5 (excellent); `None`
    /// if it was never heard.
    ///
    /// The E-model with its defaults for G.711 whose losses are concealed (`Ie` 0, `Bpl` 25.1:
    /// ITU-T G.113 appendix I), and the delay of one packet, of the network one way, and of a
    /// jitter buffer that holds twice the jitter. Losses are taken to be random.
    #[must_use]
    #[allow(clippy::cast_precision_loss)] // Packets of one call.
    pub fn mos(&self) -> Option<f64> {
        if self.received == 0 {
            return None;
        }
        let lost = self.lost.max(0) as f64;
        let loss_percent = 100.0 * lost / (self.received as f64 + lost);
        let delay_ms =
            20.0 + self.round_trip.unwrap_or(0.0) * 500.0 + 2.0 * self.jitter.max(0.0) * 1000.0;
        let delayed = 0.024 * delay_ms + 0.11 * (delay_ms - 177.3).max(0.0);
        let impaired = 95.0 * loss_percent / (loss_percent + 25.1);
        let rating = (93.2 - delayed - impaired).clamp(0.0, 100.0);
        Some(1.0 + 0.035 * rating + rating * (rating - 60.0) * (100.0 - rating) * 7e-6)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clean_leg_sounds_well_and_a_torn_one_does_not() {
        let shown = |received, lost, jitter, round_trip| {
            let report = Report { received, lost, jitter, round_trip, ..Report::default() };
            report.mos().map_or("unheard".to_owned(), |it| format!("{it:.1}"))
        };
        assert_eq!(shown(1000, 0, 0.001, None), "4.4");
        assert_eq!(shown(980, 20, 0.001, None), "4.2");
        assert_eq!(shown(800, 200, 0.010, Some(0.1)), "2.5");
        assert_eq!(shown(1, 10_000, 3.0, Some(9.0)), "1.0");
        // Duplicates make a negative loss, which is no gain.
        assert_eq!(shown(1000, -50, 0.0, None), "4.4");
        assert_eq!(shown(0, 0, 0.0, None), "unheard");
    }
}
