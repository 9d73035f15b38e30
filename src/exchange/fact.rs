//! What the exchange says beyond the engine's facts: legs, trunks, phones. One stream for journal and boards.

use serde::{Deserialize, Serialize};

use crate::{
    acd::{self, consult::Stage},
    base::{
        masked::Masked,
        numbers::{AgentNo, CallNo, LegNo, PhoneNo, TrunkNo},
        time::{Span, Timestamp},
        ucid::Ucid,
    },
    media::order::{Codec, Report},
    sip::binding::Binding,
};

/// A fact with its time, as the journal keeps it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Counted from 1; a gap tells a reader that it missed something.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// What.
    pub fact: Fact,
}

/// What is so from now on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Fact {
    /// Of queues, calls and agents.
    Acd(acd::fact::Fact),
    /// A caller is here. The call's queue follows in `Acd(Queued)`.
    CallOpened {
        /// Which call.
        call: CallNo,
        /// Its id, by which it is known from now on; none in journals of older versions.
        #[serde(default)]
        id: Option<Ucid>,
        /// The caller's leg.
        leg: LegNo,
        /// The trunk it came by; `None`: from a phone of ours.
        trunk: Option<TrunkNo>,
        /// The SIP Call-ID, so that one grep tells one call's story.
        call_id: String,
        /// Who calls; empty if anonymous. Written down masked.
        caller: Masked,
        /// What was dialled.
        dialled: String,
        /// Whom it was for before it was sent on to us (Diversion, History-Info); empty: nobody.
        /// Written down masked.
        #[serde(default)]
        called_first: Masked,
    },
    /// An INVITE was refused before it became a call.
    CallRefused {
        /// The id it would have had; none in journals of older versions.
        #[serde(default)]
        id: Option<Ucid>,
        /// The SIP Call-ID; empty in journals of older versions.
        #[serde(default)]
        call_id: String,
        /// The trunk it came by; `None`: from a phone of ours.
        trunk: Option<TrunkNo>,
        /// The status sent.
        status: u16,
        /// Why: `no-number`, `capacity`, `draining`, `no-codec`, `no-srtp`, `no-ports`.
        why: String,
    },
    /// We call someone for this call: an agent's phone, or an address outside.
    LegOpened {
        /// For which call.
        call: CallNo,
        /// The leg.
        leg: LegNo,
        /// The SIP Call-ID of our INVITE.
        call_id: String,
    },
    /// The agent's side holds the call: its caller hears music.
    Held {
        /// Which call.
        call: CallNo,
    },
    /// The agent's side has taken the caller back, or somebody else has.
    Resumed {
        /// Which call.
        call: CallNo,
    },
    /// Caller, agent and consultee hear one another.
    Conferenced {
        /// Which call.
        call: CallNo,
    },
    /// A number outside is called for a caller, whose agent transfers it there or consults
    /// someone there first.
    OutsideRung {
        /// Which call.
        call: CallNo,
        /// The leg there.
        leg: LegNo,
        /// Whose caller it is.
        agent: AgentNo,
        /// The number. Written down masked.
        to: Masked,
        /// What whoever answers there has: the caller, or a word with the agent first.
        #[serde(default)]
        stage: Stage,
    },
    /// The agent speaks with someone outside, while its caller waits or hears both.
    OutsideConsulted {
        /// Which call.
        call: CallNo,
        /// Whose caller it is.
        agent: AgentNo,
        /// The number. Written down masked.
        to: Masked,
    },
    /// Nobody outside took the call, or whoever spoke there has gone. The agent has its caller, or
    /// the caller waits again.
    OutsideLost {
        /// Which call.
        call: CallNo,
        /// The leg there.
        leg: LegNo,
    },
    /// Someone outside has the caller now.
    #[serde(alias = "PassedOutside")]
    TransferredOutside {
        /// Which call.
        call: CallNo,
        /// Who transferred it.
        agent: AgentNo,
        /// The number. Written down masked.
        to: Masked,
    },
    /// The leg's sound goes over this codec.
    Negotiated {
        /// Which leg.
        leg: LegNo,
        /// As what.
        codec: Codec,
    },
    /// The leg is over.
    LegClosed {
        /// Which leg.
        leg: LegNo,
        /// The call it belonged to; none for a feature code.
        #[serde(default)]
        call: Option<CallNo>,
        /// Whether it was an agent's.
        agent: bool,
        /// What went over it.
        report: Report,
    },
    /// A trunk can be used: its carrier knows us, or answers.
    TrunkUp {
        /// Which.
        trunk: TrunkNo,
        /// As the configuration names it.
        name: String,
    },
    /// A trunk can no longer be used, or could not from the start.
    TrunkDown {
        /// Which.
        trunk: TrunkNo,
        /// As the configuration names it.
        name: String,
        /// Why, for people.
        why: String,
    },
    /// A phone of ours calls outside.
    DialledOut {
        /// Its call.
        call: CallNo,
        /// Its id, by which it is known from now on; none in journals of older versions.
        #[serde(default)]
        id: Option<Ucid>,
        /// The SIP Call-ID; empty in journals of older versions.
        #[serde(default)]
        call_id: String,
        /// The phone.
        phone: PhoneNo,
        /// Who sits there.
        agent: Option<AgentNo>,
        /// What it calls. Written down masked.
        dialled: Masked,
        /// 110 or 112: someone needs help.
        emergency: bool,
    },
    /// A phone of ours may not call what it dialled, or an overflow goes to a number that may
    /// not be called now.
    DialRefused {
        /// The phone; `None`: it is an overflow.
        phone: Option<PhoneNo>,
        /// Why: `not-allowed`, `closed`, `calls`, `minutes`, `no-trunk`, `no-number`.
        why: String,
    },
    /// A call out is over.
    DialEnded {
        /// Which.
        call: CallNo,
        /// How long the two spoke; `None`: they never did.
        talk: Option<Span>,
    },
    /// A leg goes out by that trunk, or by that one after another failed.
    Routed {
        /// Which call.
        call: CallNo,
        /// Its leg outside.
        leg: LegNo,
        /// By which.
        trunk: TrunkNo,
    },
    /// Where a phone is registered from now on.
    PhoneAt {
        /// Which.
        phone: PhoneNo,
        /// The user part of its address.
        user: String,
        /// Where; nowhere: it stands at a fixed address, or cannot be reached.
        bindings: Vec<Binding>,
    },
    /// No new calls are taken.
    Draining,
}
