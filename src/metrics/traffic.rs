//! Figures of the media threads: datagrams and ports, as they count them while calls go on.

use prometheus::{IntCounterVec, IntGaugeVec};

use crate::{
    media::order::Traffic,
    metrics::make::{Make, raise, whole},
};

/// The figures of what is carried.
pub(super) struct Carried {
    datagrams: IntCounterVec,
    dropped: IntCounterVec,
    ports: IntGaugeVec,
}

impl Carried {
    pub(super) fn new(make: &Make<'_>) -> Self {
        let carried = Self {
            datagrams: make.counters(
                "acd_rtp_datagrams_total",
                "Datagrams on the ports of RTP and RTCP",
                &["direction"],
            ),
            dropped: make.counters(
                "acd_rtp_datagrams_dropped_total",
                "Datagrams of sound that went nowhere: no call at that port, too long, or not sent",
                &["reason"],
            ),
            ports: make.gauges(
                "acd_rtp_ports",
                "Pairs of ports for sound: bound, and of those in use",
                &["state"],
            ),
        };
        carried.show(&Traffic::default());
        carried
    }

    pub(super) fn show(&self, traffic: &Traffic) {
        for (direction, total) in [("in", traffic.received), ("out", traffic.sent)] {
            raise(&self.datagrams.with_label_values(&[direction]), total);
        }
        for (reason, total) in
            [("astray", traffic.astray), ("too_long", traffic.too_long), ("unsent", traffic.unsent)]
        {
            raise(&self.dropped.with_label_values(&[reason]), total);
        }
        for (state, count) in [("bound", traffic.ports_bound), ("in_use", traffic.ports_in_use)] {
            self.ports.with_label_values(&[state]).set(whole(count));
        }
    }
}
