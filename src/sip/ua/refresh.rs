//! The session timer of a call that stands: refreshed by us, or watched for theirs (RFC 4028 7, 10).

use crate::{
    base::{numbers::DialogNo, time::Span},
    sip::{
        core::Core,
        due::{Due, Wait},
        event::Event,
        message::{Response, ability::Ability, header::reason::Reason, method::Method},
        ours,
        transaction::user::Owner,
        turn::Turn,
        ua::dialog::{Stage, Standing},
        ua::session::{Session, Unrefreshed},
    },
};

/// When a refresh that came to nothing, or that something stood in the way of, is tried again.
const AGAIN: Span = Span::secs(3);

impl Core {
    /// The session begins, or has been refreshed.
    pub(in crate::sip) fn keep_session(&mut self, turn: &mut Turn<'_>, number: DialogNo) {
        let Some(dialog) = self.dialogs.get(number) else { return };
        let [refresh, expiry] = [Wait::Refresh, Wait::Expiry].map(|it| Due::Dialog(number, it));
        turn.shared.dues.disarm(refresh);
        turn.shared.dues.disarm(expiry);
        let Some(session) = dialog.timer().agreed() else { return };
        turn.arm(expiry, session.end());
        if session.is_ours() {
            turn.arm(refresh, session.half());
        }
    }

    /// Their 2xx to an INVITE, re-INVITE or UPDATE of ours: what it says of the session holds.
    pub(in crate::sip) fn session_answered(
        &mut self,
        turn: &mut Turn<'_>,
        number: DialogNo,
        theirs: &Ability,
    ) {
        let Some(dialog) = self.dialogs.get_mut(number) else { return };
        dialog.timer_mut().heard(theirs);
        if dialog.timer_mut().agree(Session::answered(theirs)) {
            self.keep_session(turn, number);
        }
    }

    /// Half of the interval is over, and the refresh is ours.
    pub(in crate::sip) fn refresh(&mut self, turn: &mut Turn<'_>, number: DialogNo) {
        let Some(dialog) = self.dialogs.get_mut(number) else { return };
        let is_quiet = matches!(dialog.stage, Stage::Standing(Standing { owed: None, .. }))
            && dialog.is_quiet();
        turn.arm(Due::Dialog(number, Wait::Refresh), AGAIN);
        if !is_quiet || self.transactions.len() >= turn.shared.settings.transactions_max {
            return; // What is under way may well refresh it.
        }
        if !dialog.timer().takes_update() {
            // The same session once more, which is not ours to know.
            turn.shared.dues.disarm(Due::Dialog(number, Wait::Refresh));
            turn.tell(Event::RefreshDue { dialog: number });
            return;
        }
        let update = dialog
            .request(Method::UPDATE)
            .with("Contact", dialog.contact())
            .with("Supported", ours::SUPPORTED);
        let update = dialog.timer().asking(update, &turn.shared.settings);
        let way = dialog.way();
        turn.shared.dues.disarm(Due::Dialog(number, Wait::Refresh));
        self.send_in(turn, number, update, way, Owner::Refresh(number));
    }

    /// Their answer to our refreshing UPDATE.
    pub(in crate::sip) fn refresh_answered(
        &mut self,
        turn: &mut Turn<'_>,
        number: DialogNo,
        response: &Response,
    ) {
        match response.status {
            ..200 => (),
            200..300 => {
                let Some(dialog) = self.dialogs.get_mut(number) else { return };
                if matches!(dialog.stage, Stage::Over) {
                    return;
                }
                dialog.refresh(&response.headers);
                self.session_answered(turn, number, &Ability::of(&response.headers));
            }
            status => self.not_refreshed(turn, number, status, &Ability::of(&response.headers)),
        }
    }

    /// Our refreshing UPDATE or re-INVITE came to nothing.
    pub(in crate::sip) fn not_refreshed(
        &mut self,
        turn: &mut Turn<'_>,
        number: DialogNo,
        status: u16,
        theirs: &Ability,
    ) {
        let Some(dialog) = self.dialogs.get_mut(number) else { return };
        if matches!(dialog.stage, Stage::Over) {
            return;
        }
        match dialog.timer_mut().refused(status, theirs) {
            None => (),
            Some(Unrefreshed::Lost) => {
                self.bye(turn, number, Reason::Sip(status));
                turn.tell(Event::Lost { dialog: number });
            }
            Some(Unrefreshed::Again) => turn.arm(Due::Dialog(number, Wait::Refresh), AGAIN),
        }
    }

    /// Nobody has refreshed the session in time: whoever was there is gone.
    pub(in crate::sip) fn expired(&mut self, turn: &mut Turn<'_>, number: DialogNo) {
        let Some(dialog) = self.dialogs.get(number) else { return };
        let Stage::Standing(standing) = &dialog.stage else { return };
        let is_ending = standing.owed.as_ref().is_some_and(|it| it.ending.is_some());
        self.bye(turn, number, Reason::Q850(102));
        if !is_ending {
            turn.tell(Event::Lost { dialog: number });
        }
    }
}
