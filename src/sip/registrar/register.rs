//! REGISTER, and what it is answered (RFC 3261 10.3).

use crate::sip::{
    core::{Core, Incoming},
    counts::Kind,
    registrar::bindings::{Refused, Stamp, registration},
    turn::Turn,
};

impl Core {
    /// A REGISTER.
    pub(in crate::sip) fn register(&mut self, turn: &mut Turn<'_>, incoming: &Incoming<'_>) {
        let Some(phone) = self.identify(turn, incoming) else { return };
        let incoming = &Incoming { kind: Kind::Phone, ..*incoming };
        if self.lacks(turn, incoming) {
            return;
        }
        let request = incoming.request;
        let stamp = Stamp {
            call_id: request.headers.call_id().unwrap_or_default(),
            cseq: request.headers.cseq().map_or(0, |it| it.number),
            peer: incoming.peer,
        };
        let changed = registration(request, &turn.shared.settings)
            .and_then(|registration| self.registrar.changed(turn, phone, registration, &stamp));
        let response = match changed {
            Ok(bindings) => {
                let mut ok = request.answer(200);
                for it in &bindings {
                    ok.headers.push("Contact", it.as_contact(turn.now));
                }
                let before = self.registrar.known(phone).to_vec();
                self.registrar.set(turn, phone, bindings);
                self.follow(turn, phone, &before);
                ok
            }
            Err(Refused::OutOfOrder) => request.answer(500),
            Err(Refused::Nonsense) => request.answer(400).with_reason("Bad Contact"),
            Err(Refused::TooBrief) => {
                let least = turn.shared.settings.expires_min.to_string();
                request.answer(423).with("Min-Expires", least)
            }
        };
        self.answer(turn, incoming, response);
    }
}
