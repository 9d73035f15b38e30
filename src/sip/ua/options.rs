//! What is asked of us as a user agent: OPTIONS, methods that we lack, extensions and bodies that
//! we do not read (RFC 3261 8.2, 11).

use crate::sip::{
    core::{Core, Incoming},
    message::{Request, method::Method},
    ours,
    turn::Turn,
};

impl Core {
    /// OPTIONS, and what we do not do, within a dialog or without.
    pub(in crate::sip) fn other(&mut self, turn: &mut Turn<'_>, incoming: &Incoming<'_>) {
        if self.lacks(turn, incoming) {
            return;
        }
        let request = incoming.request;
        let response = if request.method == Method::OPTIONS {
            request.answer(200).with("Accept", ours::SDP).with("Supported", ours::SUPPORTED)
        } else if [Method::SUBSCRIBE, Method::NOTIFY].contains(&request.method) {
            request.answer(489)
        } else if matches!(request.method, Method::Extension(_)) {
            request.answer(501)
        } else {
            request.answer(405)
        };
        self.answer(turn, incoming, response.with("Allow", ours::ALLOW));
    }

    /// Refuses what asks for an extension or a body that we lack (RFC 3261 8.2.2.3, 8.2.3), or
    /// wants an answer of a kind that we do not give (20.1).
    pub(in crate::sip) fn lacks(&mut self, turn: &mut Turn<'_>, incoming: &Incoming<'_>) -> bool {
        let request = incoming.request;
        let lacking: Vec<&str> =
            request.headers.require().filter(|it| !ours::supports(it)).collect();
        if !lacking.is_empty() {
            let unsupported = lacking.join(", ");
            self.answer(turn, incoming, request.answer(420).with("Unsupported", unsupported));
            return true;
        }
        if request.method == Method::INVITE && !takes_sdp(request) {
            self.answer(turn, incoming, request.answer(406).with("Accept", ours::SDP));
            return true;
        }
        let reads_body = [Method::INVITE, Method::UPDATE, Method::PRACK].contains(&request.method);
        if !reads_body || request.body.is_empty() {
            return false;
        }
        let is_sdp = request.headers.content_type().is_none_or(|it| it == ours::SDP);
        let encoding = request.headers.get("Content-Encoding").unwrap_or("identity");
        if is_sdp && encoding.eq_ignore_ascii_case("identity") {
            return false;
        }
        let response =
            request.answer(415).with("Accept", ours::SDP).with("Accept-Encoding", "identity");
        self.answer(turn, incoming, response);
        true
    }
}

/// Whether SDP is among what may answer it; without Accept it is (RFC 3261 20.1).
fn takes_sdp(request: &Request) -> bool {
    let takes = |range: &str| {
        let kind = range.split(';').next().unwrap_or_default().trim();
        [ours::SDP, "application/*", "*/*"].iter().any(|it| kind.eq_ignore_ascii_case(it))
    };
    !request.headers.has("Accept") || request.headers.list("Accept").any(takes)
}
