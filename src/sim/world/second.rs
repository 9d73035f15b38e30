//! A telephone's second line: somebody is asked while the caller is held, and what becomes of it.
//!
//! ```text
//! Speaking ── call_aside() ──► holds, and calls ──► speaks with both, one at a time
//!                                                     │ refer_aside()    both far sides meet
//!                                                     └ hang_up_aside()  the caller is left
//! ```

use crate::{
    base::time::Timestamp,
    sim::world::handset::{Dialog, Handset, Hook, Passes, Said},
    sip::message::{method::Method, uri::Uri},
};

/// Which of its two calls a telephone sends its REFER in, to bring their far sides together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum In {
    /// The caller's.
    First,
    /// The one that asked somebody.
    Second,
}

impl Handset {
    /// Holds the far side, and calls `number` on the second line.
    pub fn call_aside(&mut self, now: Timestamp, number: &str, out: &mut Said) {
        if !self.is_speaking() || self.aside_dialog().is_some() {
            return;
        }
        self.hold(now, Passes::Ours, out);
        let target = Uri::sip(number, self.transactions.there);
        let us = Uri::sip(&self.user, self.transactions.here);
        let dialog = Dialog {
            call_id: self.transactions.word(),
            local: format!("<{us}>;tag={}", self.transactions.word()),
            remote: format!("<{target}>"),
            target,
            sound: None,
        };
        let invite = self.within(&dialog, Method::INVITE);
        self.aside = Hook::Calling(dialog);
        let passes = std::mem::replace(&mut self.passes, Passes::All);
        let invite = invite.with_body("application/sdp", self.session());
        self.passes = passes;
        self.ask(now, invite, out);
    }

    /// Asks the exchange to bring the far sides of both lines together (RFC 3891).
    pub fn refer_aside(&mut self, now: Timestamp, within: In, out: &mut Said) {
        let (Hook::Speaking(first), Hook::Speaking(second)) = (&self.hook, &self.aside) else {
            return;
        };
        let (within, other) = match within {
            In::First => (first.clone(), second.clone()),
            In::Second => (second.clone(), first.clone()),
        };
        let refer_to = format!("<{}?Replaces={}>", other.target, other.escaped());
        let us = Uri::sip(&self.user, self.transactions.here);
        let refer = self
            .within(&within, Method::REFER)
            .with("Refer-To", refer_to)
            .with("Referred-By", format!("<{us}>"));
        self.ask(now, refer, out);
    }

    /// Calls anew, to take the place of the call that stands: another instance of this telephone
    /// would.
    pub fn replace(&mut self, now: Timestamp, out: &mut Said) {
        let Hook::Speaking(first) = &self.hook else { return };
        let replaces = first.named();
        let target = Uri::sip("replaces", self.transactions.there);
        let us = Uri::sip(&self.user, self.transactions.here);
        let dialog = Dialog {
            call_id: self.transactions.word(),
            local: format!("<{us}>;tag={}", self.transactions.word()),
            remote: format!("<{target}>"),
            target,
            sound: None,
        };
        let invite = self.within(&dialog, Method::INVITE).with("Replaces", replaces);
        self.aside = Hook::Calling(dialog);
        let invite = invite.with_body("application/sdp", self.session());
        self.ask(now, invite, out);
    }

    /// Ends the call on the second line, whatever it is doing.
    pub fn hang_up_aside(&mut self, now: Timestamp, out: &mut Said) {
        match &self.aside {
            Hook::Idle | Hook::Ringing(..) => (),
            Hook::Calling(_) => {
                let mut sip = vec![];
                self.transactions.cancel(now, &mut sip);
                self.flush(sip, out);
            }
            Hook::Speaking(dialog) => {
                let dialog = dialog.clone();
                let bye = self.within(&dialog, Method::BYE);
                self.aside = Hook::Idle;
                self.ask(now, bye, out);
            }
        }
    }
}

impl Dialog {
    /// How a Replaces names it.
    fn named(&self) -> String {
        let tag = |of: &str| of.rsplit_once(";tag=").map_or("", |(_, tag)| tag).to_owned();
        // To is whoever is to be told: the exchange.
        let (to, from) = (tag(&self.remote), tag(&self.local));
        format!("{};to-tag={to};from-tag={from}", self.call_id)
    }

    /// The same, as a URI carries it.
    fn escaped(&self) -> String {
        self.named().replace('@', "%40").replace(';', "%3B").replace('=', "%3D")
    }
}
