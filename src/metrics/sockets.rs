//! Figures of the sockets that carry SIP: what they counted, shown as it stands.

use prometheus::{IntCounter, IntCounterVec, IntGauge};

use crate::{
    metrics::make::{Make, raise},
    net::counts::Counts,
};

/// The figures of the sockets.
pub(super) struct Sockets {
    datagrams: IntCounterVec,
    connections: IntGauge,
    ended: IntCounterVec,
    handshakes: IntCounterVec,
    faults: IntCounter,
}

impl Sockets {
    pub(super) fn new(make: &Make<'_>) -> Self {
        let sockets = Self {
            datagrams: make.counters(
                "acd_sip_datagrams_total",
                "UDP datagrams received, sent, and refused by the system for sending",
                &["result"],
            ),
            connections: make.gauge("acd_sip_connections", "TCP, TLS and WebSocket connections now"),
            ended: make.counters(
                "acd_sip_connections_total",
                "Connections accepted, opened by us, turned away at a limit, and closed for being silent or slow",
                &["event"],
            ),
            handshakes: make.counters(
                "acd_sip_tls_handshakes_total",
                "TLS handshakes, by whether they ended well",
                &["result"],
            ),
            faults: make.counter(
                "acd_sip_socket_faults_total",
                "Receiving or accepting failed: no memory, no file descriptor",
            ),
        };
        sockets.show(&Counts::default());
        sockets
    }

    pub(super) fn show(&self, counts: &Counts) {
        for (figure, label, total) in [
            (&self.datagrams, "in", counts.datagrams_in),
            (&self.datagrams, "out", counts.datagrams_out),
            (&self.datagrams, "lost", counts.datagrams_lost),
            (&self.ended, "accepted", counts.accepted),
            (&self.ended, "opened", counts.opened),
            (&self.ended, "turned_away", counts.turned_away),
            (&self.ended, "timed_out", counts.timed_out),
            (&self.handshakes, "ok", counts.handshakes_done),
            (&self.handshakes, "failed", counts.handshakes_failed),
        ] {
            raise(&figure.with_label_values(&[label]), total);
        }
        raise(&self.faults, counts.faults);
        self.connections.set(i64::try_from(counts.connections).unwrap_or(i64::MAX));
    }
}
