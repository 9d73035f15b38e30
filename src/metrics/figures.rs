//! All figures of the process: folded from the records that the board is folded from, and rendered when scraped.
//!
//! ```text
//!   Record (and the board as it was before) ──► fold   ──► counters, histograms
//!   the board as it is, and now           ──► render ──► gauges, text
//! ```
//!
//! A counter moves when the thing happens: a call's wait counts when it is over, not when the
//! call is. Intervals by arrival are the board's, and the journal's (DOMAIN.md 2.4, K-3).

use prometheus::{IntCounter, IntGaugeVec, Registry, TextEncoder};
use sha2::{Digest, Sha256};

use crate::{
    acd::fact::Fact as AcdFact,
    base::time::Timestamp,
    board::fold::Board,
    exchange::{
        fact::{Fact, Record},
        plan::Plan,
    },
    journal,
    media::order::Traffic,
    metrics::{
        agents::Agents, calls::Calls, journal::Journal, make::Make, process::Process, sip::Sip,
        sockets::Sockets, sound::Sound, traffic::Carried, trunks::Trunks,
    },
    net,
    sip::counts::Counts,
};

/// The figures and their registry.
pub struct Figures {
    registry: Registry,
    calls: Calls,
    agents: Agents,
    sip: Sip,
    journal: Journal,
    sockets: Sockets,
    sound: Sound,
    traffic: Carried,
    process: Process,
    trunks: Trunks,
    config: IntGaugeVec,
    missed: IntCounter,
}

impl Figures {
    /// Figures of a process that has done nothing yet.
    #[must_use]
    pub fn new() -> Self {
        let registry = Registry::new();
        let make = Make::new(&registry);

        let build = make.gauges(
            "acd_build_info",
            "Always 1; the labels say what is running",
            &["version", "commit"],
        );
        let commit = option_env!("LOTSE_COMMIT").unwrap_or("unknown");
        build.with_label_values(&[env!("CARGO_PKG_VERSION"), commit]).set(1);

        Self {
            calls: Calls::new(&make),
            agents: Agents::new(&make),
            sip: Sip::new(&make),
            journal: Journal::new(&make),
            sockets: Sockets::new(&make),
            sound: Sound::new(&make),
            traffic: Carried::new(&make),
            process: Process::new(&make),
            trunks: Trunks::new(&make),
            config: make.gauges(
                "acd_config_hash_info",
                "Always 1; the label changes when queues, agents, phones, numbers or trunks do",
                &["hash"],
            ),
            missed: make.counter(
                "acd_facts_missed_total",
                "Facts that these figures should have been told and were not",
            ),
            registry,
        }
    }

    /// The configuration is this from now on. Its names get their figures, at zero; those of
    /// names that are gone stay, so that sums never fall.
    pub fn configure(&mut self, plan: &Plan) {
        self.trunks.configure(plan);
        self.config.reset();
        self.config.with_label_values(&[hash(plan)]).set(1);
    }

    /// Counts one fact. `before` is the board without it.
    pub fn fold(&mut self, record: &Record, before: &Board) {
        if record.seq <= before.seq() {
            return;
        }
        self.missed.inc_by(record.seq - before.seq() - 1);
        match &record.fact {
            Fact::Acd(fact) => {
                if let AcdFact::Planned(plan) = fact {
                    self.calls.prepare(plan);
                }
                self.calls.fold(record.at, fact, before);
            }
            Fact::CallRefused { why, .. } => self.calls.refused(why),
            Fact::MenuAnswered { name, answer, .. } => self.calls.menu_answered(name, *answer),
            Fact::LegClosed { agent, report, .. } => self.sound.closed(*agent, report),
            Fact::DialledOut { emergency, .. } => self.trunks.dialled(*emergency),
            Fact::TransferredOutside { call, .. } => self.calls.passed_outside(*call, before),
            Fact::DialRefused { why, .. } => self.trunks.refused(why),
            // What was held is counted when the call is over.
            Fact::CallOpened { .. }
            | Fact::TrunkUp { .. }
            | Fact::TrunkDown { .. }
            | Fact::LegOpened { .. }
            | Fact::Held { .. }
            | Fact::Resumed { .. }
            | Fact::Conferenced { .. }
            | Fact::OutsideRung { .. }
            | Fact::OutsideConsulted { .. }
            | Fact::OutsideLost { .. }
            | Fact::Negotiated { .. }
            | Fact::DialEnded { .. }
            | Fact::Routed { .. }
            | Fact::PhoneAt { .. }
            | Fact::Draining => (),
        }
    }

    /// How the journal fares.
    pub fn count_journal(&mut self, counts: &journal::Counts) {
        self.journal.show(counts);
    }

    /// What the sockets that carry SIP counted so far.
    pub fn count_sockets(&mut self, counts: &net::counts::Counts) {
        self.sockets.show(counts);
    }

    /// What went over SIP so far.
    pub fn count_sip(&mut self, counts: &Counts) {
        self.sip.show(counts);
    }

    /// What the media threads have carried so far.
    pub fn count_sound(&mut self, traffic: &Traffic) {
        self.traffic.show(traffic);
    }

    /// The text that Prometheus reads, as it is `now`.
    #[must_use]
    pub fn render(&mut self, board: &Board, now: Timestamp) -> String {
        self.calls.show(board, now);
        self.agents.show(board, now);
        self.process.show();
        self.trunks.show(board);
        let mut text = String::new();
        TextEncoder::new()
            .encode_utf8(&self.registry.gather(), &mut text)
            .expect("writing to a String fails for no figure that registered");
        text
    }
}

impl Default for Figures {
    fn default() -> Self {
        Self::new()
    }
}

/// What tells two configurations apart. Secrets and sockets are not in it.
fn hash(plan: &Plan) -> String {
    let Plan { acd, trunks, phones, agents, treatments, menus, numbers, codes, outside, .. } = plan;
    let written = format!(
        "{acd:?}{trunks:?}{phones:?}{agents:?}{treatments:?}{menus:?}{numbers:?}{codes:?}{outside:?}"
    );
    let digest = Sha256::digest(written);
    let head = digest.iter().take(6).fold(0u64, |head, byte| head << 8 | u64::from(*byte));
    format!("{head:012x}")
}
