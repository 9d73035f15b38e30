//! RTP, RTCP and their protected forms from anyone: read or dropped.

#![no_main]

use libfuzzer_sys::fuzz_target;
use lotse::rtp::{
    dtmf, packet, rtcp,
    srtp::{receiver::Receiver, sender::Sender, suite::Suite},
};

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
    for suite in Suite::ALL {
        protected(suite, bytes);
    }
});

/// Nobody opens what was not sealed, and what was sealed opens to what it was.
fn protected(suite: Suite, bytes: &[u8]) {
    let master = &[7; 46][..suite.key_len() + suite.salt_len()];
    let mut receiver = Receiver::new(suite, master).expect("the key fits");
    assert_eq!(receiver.open_rtp(&mut bytes.to_vec()), None);
    assert_eq!(receiver.open_rtcp(&mut bytes.to_vec()), None);
    let mut sender = Sender::new(suite, master).expect("the key fits");
    let room = || [bytes, &[0; Suite::GROWTH_MAX]].concat();
    let mut sealed = room();
    if let Some(len) = sender.seal_rtp(&mut sealed, bytes.len()) {
        let opened = receiver.open_rtp(&mut sealed[..len]).expect("it was sealed for us");
        assert_eq!(&sealed[..opened], bytes);
    }
    let mut sealed = room();
    if let Some(len) = sender.seal_rtcp(&mut sealed, bytes.len()) {
        let opened = receiver.open_rtcp(&mut sealed[..len]).expect("it was sealed for us");
        assert_eq!(&sealed[..opened], bytes);
    }
}
