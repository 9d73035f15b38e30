//! Figures of SIP: what the endpoint counted, shown as it stands.

use prometheus::{IntCounter, IntCounterVec, IntGauge};

use crate::{
    metrics::make::{Make, raise},
    sip::counts::Counts,
};

const DIRECTIONS: [&str; 2] = ["in", "out"];
const PEERS: [&str; 3] = ["trunk", "phone", "other"];
const METHODS: [&str; 6] = ["INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "REGISTER"];
const REASONS: [&str; 9] =
    ["acl", "rate", "auth", "user", "malformed", "scanner", "size", "capacity", "overload"];

/// Statuses that an exchange sees every day, and those that are looked for on a bad one.
const CODES: [&str; 21] = [
    "100", "180", "183", "200", "202", "302", "400", "401", "403", "404", "408", "480", "481",
    "486", "487", "488", "491", "500", "503", "600", "603",
];

/// The figures of SIP.
pub(super) struct Sip {
    requests: IntCounterVec,
    responses: IntCounterVec,
    rejected: IntCounterVec,
    timeouts: IntCounter,
    retransmissions: IntCounter,
    registrations: IntGauge,
    dialogs: IntGauge,
    transactions: IntGauge,
}

impl Sip {
    pub(super) fn new(make: &Make<'_>) -> Self {
        let sip = Self {
            requests: make.counters(
                "acd_sip_requests_total",
                "SIP requests",
                &["method", "direction", "peer_kind"],
            ),
            responses: make.counters(
                "acd_sip_responses_total",
                "SIP responses",
                &["code", "direction", "peer_kind"],
            ),
            rejected: make.counters(
                "acd_sip_rejected_total",
                "SIP messages dropped, or answered with a refusal",
                &["reason"],
            ),
            timeouts: make.counter(
                "acd_sip_transaction_timeouts_total",
                "SIP transactions that nobody answered (timers B and F)",
            ),
            retransmissions: make
                .counter("acd_sip_retransmissions_total", "SIP messages sent again"),
            registrations: make.gauge("acd_sip_registrations", "Contacts registered now"),
            dialogs: make.gauge("acd_sip_dialogs", "SIP dialogs now"),
            transactions: make.gauge("acd_sip_transactions", "SIP transactions now"),
        };
        for direction in DIRECTIONS {
            for peer in PEERS {
                for method in METHODS {
                    sip.requests.with_label_values(&[method, direction, peer]);
                }
                for code in CODES {
                    sip.responses.with_label_values(&[code, direction, peer]);
                }
            }
        }
        for reason in REASONS {
            sip.rejected.with_label_values(&[reason]);
        }
        sip
    }

    pub(super) fn show(&self, counts: &Counts) {
        for (&(method, direction, peer), &total) in &counts.requests {
            raise(&self.requests.with_label_values(&[method, direction, peer]), total);
        }
        for (&(code, direction, peer), &total) in &counts.responses {
            let code = code.to_string();
            raise(&self.responses.with_label_values(&[code.as_str(), direction, peer]), total);
        }
        for (&reason, &total) in &counts.rejected {
            raise(&self.rejected.with_label_values(&[reason]), total);
        }
        raise(&self.timeouts, counts.timeouts);
        raise(&self.retransmissions, counts.retransmissions);
        for (gauge, count) in [
            (&self.registrations, counts.bindings),
            (&self.dialogs, counts.dialogs),
            (&self.transactions, counts.transactions),
        ] {
            gauge.set(i64::try_from(count).unwrap_or(i64::MAX));
        }
    }
}
