//! A datagram is read, or answered as the RFC demands; what we write is read by ourselves, and
//! written again it stays as it is.

#![no_main]

use libfuzzer_sys::fuzz_target;
use lotse::sip::{
    message::{
        Message,
        read::{Limits, read},
    },
    wire::Transport,
};

fuzz_target!(|bytes: &[u8]| {
    for transport in [Transport::Udp, Transport::Tcp] {
        let limits = Limits::default();
        // A stray line end within a value is written as a space, so the first writing may differ.
        let (mut once, mut twice) = (vec![], vec![]);
        match read(bytes, transport, &limits) {
            Ok(message) => {
                message.write(&mut once);
                let again = read(&once, transport, &limits).expect("what we write can be read");
                again.write(&mut twice);
                assert_eq!(String::from_utf8_lossy(&once), String::from_utf8_lossy(&twice));
                if let Message::Request(request) = message {
                    request.answer(486).write(&mut twice);
                }
            }
            Err(unreadable) => {
                if let Some(answer) = unreadable.answer {
                    answer.write(&mut once);
                }
            }
        }
    }
});
