//! Figures of sound: what the reports of closed legs say of loss, jitter and how it was heard.

use prometheus::{HistogramVec, IntCounterVec};

use crate::{media::order::Report, metrics::figures::Make};

const LEGS: [&str; 2] = ["trunk", "agent"];
const DIRECTIONS: [&str; 2] = ["in", "out"];

/// The figures of sound.
pub(super) struct Sound {
    packets: IntCounterVec,
    lost: IntCounterVec,
    refused: IntCounterVec,
    jitter: HistogramVec,
    mos: HistogramVec,
}

impl Sound {
    pub(super) fn new(make: &Make<'_>) -> Self {
        let sound = Self {
            packets: make.counters(
                "acd_rtp_packets_total",
                "RTP packets of closed legs",
                &["leg", "direction"],
            ),
            lost: make.counters(
                "acd_rtp_packets_lost_total",
                "RTP packets of closed legs that never came",
                &["leg"],
            ),
            refused: make.counters(
                "acd_rtp_packets_refused_total",
                "RTP packets of closed legs from a wrong source, malformed or of an unknown payload",
                &["leg"],
            ),
            jitter: make.histograms(
                "acd_rtp_jitter_seconds",
                "Jitter of a leg at its end (RFC 3550 A.8)",
                &["leg"],
                &[0.005, 0.01, 0.015, 0.02, 0.03, 0.05, 0.075, 0.1],
            ),
            mos: make.histograms(
                "acd_rtp_mos",
                "How a leg was heard, 1 to 4.5, estimated from loss and delay (ITU-T G.107)",
                &["leg"],
                &[1.5, 2.0, 2.5, 3.0, 3.5, 3.8, 4.0, 4.2, 4.3, 4.5],
            ),
        };
        for leg in LEGS {
            for direction in DIRECTIONS {
                sound.packets.with_label_values(&[leg, direction]);
            }
            sound.lost.with_label_values(&[leg]);
            sound.refused.with_label_values(&[leg]);
            sound.jitter.with_label_values(&[leg]);
            sound.mos.with_label_values(&[leg]);
        }
        sound
    }

    /// A leg is over. One that was never heard has no quality.
    pub(super) fn closed(&self, agent: bool, report: &Report) {
        let leg = if agent { "agent" } else { "trunk" };
        self.packets.with_label_values(&[leg, "in"]).inc_by(report.received);
        self.packets.with_label_values(&[leg, "out"]).inc_by(report.sent);
        self.refused.with_label_values(&[leg]).inc_by(report.refused);
        let lost = u64::try_from(report.lost).unwrap_or(0);
        self.lost.with_label_values(&[leg]).inc_by(lost);
        if report.received > 0 {
            self.jitter.with_label_values(&[leg]).observe(report.jitter);
            self.mos.with_label_values(&[leg]).observe(mos(report));
        }
    }
}

/// The mean opinion score that the E-model gives for G.711 with concealment of lost packets
/// (ITU-T G.107; `Ie` 0 and `Bpl` 25.1 by G.113 appendix I).
#[allow(clippy::cast_precision_loss)] // Packets of one call.
fn mos(report: &Report) -> f64 {
    let lost = report.lost.max(0) as f64;
    let loss_percent = 100.0 * lost / (report.received as f64 + lost).max(1.0);
    // One packet, the network one way, and a jitter buffer of twice the jitter.
    let delay_ms =
        20.0 + report.round_trip.unwrap_or(0.0) * 500.0 + 2.0 * report.jitter.max(0.0) * 1000.0;
    let delayed = 0.024 * delay_ms + 0.11 * (delay_ms - 177.3).max(0.0);
    let impaired = 95.0 * loss_percent / (loss_percent + 25.1);
    let rating = (93.2 - delayed - impaired).clamp(0.0, 100.0);
    1.0 + 0.035 * rating + rating * (rating - 60.0) * (100.0 - rating) * 7e-6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clean_leg_sounds_well_and_a_torn_one_does_not() {
        let report = |received, lost, jitter, round_trip| Report {
            received,
            lost,
            jitter,
            round_trip,
            ..Report::default()
        };
        let shown = |it: &Report| format!("{:.1}", mos(it));
        assert_eq!(shown(&report(1000, 0, 0.001, None)), "4.4");
        assert_eq!(shown(&report(980, 20, 0.001, None)), "4.2");
        assert_eq!(shown(&report(800, 200, 0.010, Some(0.1))), "2.5");
        assert_eq!(shown(&report(1, 10_000, 3.0, Some(9.0))), "1.0");
        // Duplicates make a negative loss, which is no gain.
        assert_eq!(shown(&report(1000, -50, 0.0, None)), "4.4");
    }
}
