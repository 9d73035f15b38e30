//! Being asked to bring a call elsewhere: REFER and what is told of it (RFC 3515, 4488), perhaps
//! in the place of another call (Replaces, RFC 3891).
//!
//! ```text
//! REFER ──► Referred ──► respond_to_refer(202) ──► NOTIFY 100, active
//!                   │                                  │ tell_referrer(status)
//!                   └──► 4xx, 6xx: it is not done      ▼
//!                                                  NOTIFY status, terminated
//! ```
//!
//! The subscription that a REFER makes lives in its dialog and ends with it.

use crate::{
    base::numbers::DialogNo,
    sip::{
        core::{Core, Incoming},
        event::{Event, Referred},
        message::{
            Response,
            method::Method,
            replaces::{Replaces, Unreadable},
        },
        transaction::user::Owner,
        turn::Turn,
        ua::referral::Referral,
        ua::{dialog::Stage, echo::Echo},
        verb::Refusal,
    },
};

impl Core {
    /// Their REFER.
    pub(in crate::sip) fn refer(
        &mut self,
        turn: &mut Turn<'_>,
        incoming: &Incoming<'_>,
        number: DialogNo,
        cseq: u32,
    ) {
        if self.lacks(turn, incoming) {
            return;
        }
        let request = incoming.request;
        let mut targets = request.headers.all("Refer-To");
        let (Some(_), None) = (targets.next(), targets.next()) else {
            return self.refuse(turn, incoming, 400);
        };
        let Ok(to) = request.headers.refer_to().map(|it| it.uri()) else {
            return self.refuse(turn, incoming, 400);
        };
        let Some(dialog) = self.dialogs.get(number) else { return };
        if !matches!(dialog.stage, Stage::Standing(_)) {
            return self.refuse(turn, incoming, 481);
        }
        if dialog.referral().is_some() {
            // One at a time.
            return self.later(turn, incoming);
        }
        let replaces = match Replaces::in_uri(&to) {
            Ok(None) => None,
            Ok(Some(named)) => match self.brought_together(&named) {
                Some(replaced) => Some(replaced),
                None => return self.refuse(turn, incoming, 481),
            },
            Err(Unreadable) => return self.refuse(turn, incoming, 400),
        };
        let referred_by = request.headers.get("Referred-By").map(str::to_owned);
        let echo = Echo::of(request, dialog.local());
        let transaction = self.receive(turn, incoming, Owner::Nobody);
        if let Some(dialog) = self.dialogs.get_mut(number) {
            let referral = Referral::asked(request, cseq, transaction, echo);
            dialog.referred(referral);
        }
        turn.tell(Event::Referred(Box::new(Referred {
            dialog: number,
            to,
            replaces,
            referred_by,
        })));
    }

    /// Our answer to their REFER: it is begun (202), or not done.
    pub(in crate::sip) fn respond_to_refer(
        &mut self,
        turn: &mut Turn<'_>,
        number: DialogNo,
        status: u16,
    ) -> Result<(), Refusal> {
        let dialog = self.dialogs.get_mut(number).ok_or(Refusal::NoDialog)?;
        let referral = dialog.referral_mut().ok_or(Refusal::WrongState)?;
        let (transaction, echo) = referral.answered()?;
        let is_told = referral.is_told();
        let mut response = Response::new(status);
        if status < 300 {
            response = response.with("Contact", dialog.contact());
            if !is_told {
                response = response.with("Refer-Sub", "false");
            }
        }
        let bytes = echo.write(&response.with("Server", turn.shared.settings.product.clone()));
        if status >= 300 {
            dialog.referral_ended();
        }
        self.transactions.respond(turn, transaction, status, &bytes);
        if status < 300 {
            self.notify(turn, number, 100);
        }
        Ok(())
    }

    /// What came of what they asked for. It is the last that they hear of it.
    pub(in crate::sip) fn tell_referrer(
        &mut self,
        turn: &mut Turn<'_>,
        number: DialogNo,
        status: u16,
    ) -> Result<(), Refusal> {
        let dialog = self.dialogs.get_mut(number).ok_or(Refusal::NoDialog)?;
        if !dialog.referral().is_some_and(Referral::is_begun) {
            return Err(Refusal::WrongState);
        }
        self.notify(turn, number, status);
        if let Some(dialog) = self.dialogs.get_mut(number) {
            dialog.referral_ended();
        }
        Ok(())
    }

    fn notify(&mut self, turn: &mut Turn<'_>, number: DialogNo, status: u16) {
        let Some(dialog) = self.dialogs.get_mut(number) else { return };
        if !dialog.referral().is_some_and(Referral::is_told) {
            return;
        }
        let notify = dialog.request(Method::NOTIFY).with("Contact", dialog.contact());
        let Some(referral) = dialog.referral() else { return };
        let notify = referral.notify(notify, status);
        let way = dialog.way();
        self.send_in(turn, number, notify, way, Owner::Notify(number));
    }
}
