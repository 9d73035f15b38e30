//! A REFER of theirs in a dialog, until they have been told what came of it (RFC 3515, 4488).
//!
//! ```text
//! Asked ── answered: 2xx ──► Begun ── notify: 100, active … status, terminated ──► (gone)
//!   └── answered: refused ──────────────────────────────────────────────────────► (gone)
//! ```
//!
//! Sends nothing: it says what is to be sent. Its dialog holds it, and forgets it.

use crate::sip::{
    due::TransactionNo,
    message::{self, Request},
    ua::echo::Echo,
    verb::Refusal,
};

/// What a NOTIFY of ours carries (RFC 3515 2.4.5).
const SIPFRAG: &str = "message/sipfrag;version=2.0";

/// How long a subscription is said to last, in seconds: longer than any phone rings.
const LASTS: u32 = 180;

/// A REFER of theirs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::sip) struct Referral {
    stage: Stage,
    /// What tells this subscription from another in the same dialog: the number of the REFER.
    id: u32,
    /// Whether they want to be told how it goes on (RFC 4488).
    is_told: bool,
}

/// Where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Stage {
    /// The request waits for its answer, which has these lines.
    Asked(TransactionNo, Echo),
    /// It has been accepted.
    Begun,
}

impl Referral {
    /// Their REFER of that number waits in `transaction`.
    pub(super) fn asked(
        request: &Request,
        id: u32,
        transaction: TransactionNo,
        echo: Echo,
    ) -> Self {
        let is_told = request
            .headers
            .get("Refer-Sub")
            .is_none_or(|it| !it.trim().to_ascii_lowercase().starts_with("false"));
        Self { stage: Stage::Asked(transaction, echo), id, is_told }
    }

    /// It is answered, once: in that transaction, with these lines.
    pub(super) fn answered(&mut self) -> Result<(TransactionNo, Echo), Refusal> {
        match std::mem::replace(&mut self.stage, Stage::Begun) {
            Stage::Asked(transaction, echo) => Ok((transaction, echo)),
            Stage::Begun => Err(Refusal::WrongState),
        }
    }

    /// Whether it has been answered.
    pub(super) fn is_begun(&self) -> bool {
        matches!(self.stage, Stage::Begun)
    }

    /// Whether they want to be told how it goes on.
    pub(super) fn is_told(&self) -> bool {
        self.is_told
    }

    /// The NOTIFY that tells them of `status`, which is the last one if it is final.
    pub(super) fn notify(&self, notify: Request, status: u16) -> Request {
        let state = if status < 200 {
            format!("active;expires={LASTS}")
        } else {
            "terminated;reason=noresource".to_owned()
        };
        let body = format!("SIP/2.0 {status} {}\r\n", message::reason(status));
        notify
            .with("Event", format!("refer;id={}", self.id))
            .with("Subscription-State", state)
            .with_body(SIPFRAG, body.into_bytes())
    }
}
