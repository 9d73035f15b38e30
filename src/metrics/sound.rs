//! Figures of sound: what the reports of closed legs say of loss, jitter and how it was heard.

use prometheus::{HistogramVec, IntCounterVec};

use crate::{media::order::Report, metrics::make::Make};

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
        if let Some(mos) = report.mos() {
            self.jitter.with_label_values(&[leg]).observe(report.jitter);
            self.mos.with_label_values(&[leg]).observe(mos);
        }
    }
}
