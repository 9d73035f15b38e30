//! Figures of trunks: which can be used, how full they are, and what is dialled outside.

use prometheus::{IntCounter, IntCounterVec, IntGaugeVec};

use crate::{
    base::numbers::TrunkNo,
    board::fold::Board,
    exchange::plan::Plan,
    metrics::make::{Make, whole},
};

/// Why a phone of ours may not call what it dialled: the words of
/// [`dial::Refusal`](crate::exchange::dial::Refusal).
const REFUSALS: [&str; 7] =
    ["no-number", "not-allowed", "emergency", "closed", "calls", "minutes", "no-trunk"];

/// The figures of trunks.
pub(super) struct Trunks {
    registered: IntGaugeVec,
    channels: IntGaugeVec,
    dialled: IntCounter,
    refused: IntCounterVec,
    emergencies: IntCounter,
    names: Vec<(TrunkNo, String)>,
}

impl Trunks {
    pub(super) fn new(make: &Make<'_>) -> Self {
        let trunks = Self {
            registered: make.gauges(
                "acd_trunk_registered",
                "1 while the carrier knows us, or answers; 0 while it does not. Trunks that only receive calls are always 1",
                &["trunk"],
            ),
            channels: make.gauges(
                "acd_trunk_channels_in_use",
                "Legs open on the trunk now, in and out",
                &["trunk"],
            ),
            dialled: make.counter("acd_dialled_total", "Calls that phones of ours made outside"),
            refused: make.counters(
                "acd_dial_refused_total",
                "Calls outside that were not allowed, by why",
                &["reason"],
            ),
            emergencies: make
                .counter("acd_emergency_calls_total", "Calls to 110 and 112 by phones of ours"),
            names: vec![],
        };
        for reason in REFUSALS {
            trunks.refused.with_label_values(&[reason]);
        }
        trunks
    }

    /// These trunks there are. One that registers is down until it has; of the others nothing
    /// is known, so they count as up until they are not.
    pub(super) fn configure(&mut self, plan: &Plan) {
        self.names = (0u32..)
            .zip(&plan.trunks)
            .filter_map(|(slot, trunk)| Some((TrunkNo::first(slot), trunk.as_ref()?.name.clone())))
            .collect();
        // A trunk that is gone from the configuration must not alarm anyone for ever.
        self.registered.reset();
        for (trunk, name) in &self.names {
            let settings = plan.sip.trunks.get(trunk.index()).and_then(Option::as_ref);
            let carrier = settings.and_then(|it| it.carrier.as_ref());
            let registers = carrier.is_some_and(|it| it.registers.is_some());
            self.registered.with_label_values(&[name]).set(i64::from(!registers));
            self.channels.with_label_values(&[name]);
        }
    }

    pub(super) fn dialled(&self, emergency: bool) {
        self.dialled.inc();
        if emergency {
            self.emergencies.inc();
        }
    }

    pub(super) fn refused(&self, why: &str) {
        let known = REFUSALS.into_iter().find(|it| *it == why);
        self.refused.with_label_values(&[known.unwrap_or("not-allowed")]).inc();
    }

    /// As the board has them.
    pub(super) fn show(&self, board: &Board) {
        for (trunk, name) in &self.names {
            self.channels.with_label_values(&[name]).set(whole(board.channels_in_use(*trunk)));
            if let Some(known) = board.trunk(*trunk) {
                self.registered.with_label_values(&[name]).set(known.up.into());
            }
        }
    }
}
