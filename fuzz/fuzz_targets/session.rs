//! An offer is answered or refused, and our answer can be read by the other side.

#![no_main]

use libfuzzer_sys::fuzz_target;
use lotse::sdp::{
    negotiate::{Format, Ours},
    session::Session,
};

const PCMA: Format = Format { name: "PCMA", clock: 8_000, channels: 1, payload_type: 8 };
const G722: Format = Format { name: "G722", clock: 8_000, channels: 1, payload_type: 9 };

fuzz_target!(|bytes: &[u8]| {
    let Ok(offer) = Session::read(bytes) else { return };
    let address = ([192, 0, 2, 1], 20_000).into();
    let mut ours = Ours::new(1, address, vec![G722, PCMA]);
    if let Ok((answer, _)) = ours.answer(&offer) {
        Session::read(&answer).expect("what we say can be read");
    }
    let _ = ours.answered(&offer);
});
