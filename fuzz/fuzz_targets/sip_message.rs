//! Whatever comes is read, answered or dropped; what was read is written and read as the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use lotse::sip::{
    digest::{Challenge, Credentials},
    message::Message,
    method::Method,
    read::{Limits, read},
    wire::Transport,
};

fuzz_target!(|bytes: &[u8]| {
    let limits = Limits::default();
    let again = |message: &Message| {
        let mut written = vec![];
        message.write(&mut written);
        let read = read(&written, Transport::Tcp, &Limits { message: usize::MAX, ..limits });
        assert_eq!(read.as_ref(), Ok(message), "{}", written.escape_ascii());
    };
    match read(bytes, Transport::Udp, &limits) {
        Ok(message) => {
            again(&message);
            look(&message);
            if let Message::Request(request) = message {
                let mut answer = request.answer(180).with_to_tag("fuzz");
                answer.headers.set_source("192.0.2.1:5060".parse().unwrap());
                again(&Message::Response(answer));
            }
        }
        Err(unreadable) => {
            if let Some(answer) = unreadable.answer {
                let mut written = vec![];
                answer.write(&mut written);
                assert!(written.starts_with(b"SIP/2.0 "));
                assert_eq!(written.windows(4).filter(|it| *it == b"\r\n\r\n").count(), 1);
            }
        }
    }
});

/// Every typed look, as a machine that trusts nobody might take it.
fn look(message: &Message) {
    let headers = message.headers();
    assert!(headers.vias().is_ok() && headers.cseq().is_ok() && headers.call_id().is_ok());
    for address in [headers.from().unwrap(), headers.to().unwrap()] {
        let uri = address.uri();
        assert!(uri.is_same(&uri));
        let _ = (address.display(), uri.user(), uri.host(), uri.port(), uri.headers());
        let _ = (uri.params().count(), address.tag(), address.q(), address.expires());
        let _ = address.instance();
    }
    assert!(headers.contacts().is_ok() && headers.routes().is_ok());
    assert!(headers.record_routes().is_ok() && headers.max_forwards().is_ok());
    let _ = (headers.asserted_identities(), headers.called_party(), headers.retry_after());
    let _ = (headers.privacy().count(), headers.reasons().count(), headers.content_type());
    for value in headers.all("Authorization") {
        if let Some(credentials) = Credentials::read(value) {
            let _ = credentials.is_right("secret", &Method::REGISTER);
        }
    }
    for value in headers.all("WWW-Authenticate") {
        if let Some(challenge) = Challenge::read(value) {
            assert_eq!(Challenge::read(&challenge.value()), Some(challenge));
        }
    }
}
