//! RTP and RTCP from anyone: read or dropped.

#![no_main]

use libfuzzer_sys::fuzz_target;
use lotse::rtp::{dtmf, packet, rtcp};

fuzz_target!(|bytes: &[u8]| {
    let _ = packet::is_rtcp(bytes);
    if let Some((head, payload)) = packet::read(bytes) {
        let _ = bytes.get(payload).expect("the payload lies within").first();
        let mut patched = bytes.to_vec();
        packet::patch(&mut patched, head);
        assert_eq!(patched.len(), bytes.len());
    }
    let _ = rtcp::read(bytes).count();
    let _ = dtmf::Event::read(bytes);
});
