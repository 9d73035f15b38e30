//! Sender and receiver with one another, and each with another's.

use proptest::prelude::*;
use rtc_srtp::{
    context::Context,
    option::{srtcp_replay_protection, srtp_replay_protection},
    protection_profile::ProtectionProfile,
};

use super::{receiver::Receiver, sender::Sender, suite::Suite};
use crate::rtp::packet::{self, Head, Ssrc};

fn master(suite: Suite) -> Vec<u8> {
    (7..).step_by(5).take(suite.key_len() + suite.salt_len()).collect()
}

fn pair(suite: Suite) -> (Sender, Receiver) {
    (Sender::new(suite, &master(suite)).unwrap(), Receiver::new(suite, &master(suite)).unwrap())
}

/// The second opinion, for one direction.
fn other(suite: Suite) -> Context {
    let profile = match suite {
        Suite::AesCm128HmacSha1_80 => ProtectionProfile::Aes128CmHmacSha1_80,
        Suite::AesCm128HmacSha1_32 => ProtectionProfile::Aes128CmHmacSha1_32,
        Suite::AeadAes128Gcm => ProtectionProfile::AeadAes128Gcm,
        Suite::AeadAes256Gcm => ProtectionProfile::AeadAes256Gcm,
    };
    let master = master(suite);
    let (key, salt) = master.split_at(suite.key_len());
    let provider = rtc_crypto::default_provider().unwrap();
    let (rtp, rtcp) = (srtp_replay_protection(64), srtcp_replay_protection(64));
    Context::new(key, salt, profile, Some(rtp), Some(rtcp), provider.crypto()).unwrap()
}

fn sound(sequence: u16) -> Vec<u8> {
    sound_of(Ssrc(0xCAFE_F00D), sequence)
}

fn sound_of(ssrc: Ssrc, sequence: u16) -> Vec<u8> {
    let head = Head { payload_type: 8, sequence, ssrc, ..Head::default() };
    let mut bytes = vec![];
    packet::write(&mut bytes, head, &[0xD5; 160]);
    bytes
}

fn report() -> Vec<u8> {
    let sent = [0x80, 200, 0, 6, 0xCA, 0xFE, 0xF0, 0x0D];
    [sent.as_slice(), &[7; 20]].concat()
}

fn sealed(sender: &mut Sender, plain: &[u8]) -> Option<Vec<u8>> {
    let mut room = [plain, &[0; Suite::GROWTH_MAX]].concat();
    let len = sender.seal_rtp(&mut room, plain.len())?;
    room.truncate(len);
    Some(room)
}

fn opened(receiver: &mut Receiver, mut bytes: Vec<u8>) -> Option<Vec<u8>> {
    let len = receiver.open_rtp(&mut bytes)?;
    bytes.truncate(len);
    Some(bytes)
}

#[test]
fn another_srtp_understands_us_and_we_it_over_two_rollovers() {
    for suite in Suite::ALL {
        let (mut sender, mut receiver) = pair(suite);
        let (mut reads, mut writes) = (other(suite), other(suite));
        // Every 97th packet arrives, and two around each rollover.
        for number in (30_000..160_000_u32).filter(|it| it % 97 == 0 || it % 65_536 < 2) {
            let plain = sound(u16::try_from(number % 65_536).unwrap());
            let ours = sealed(&mut sender, &plain).unwrap();
            assert_ne!(ours[12..172], plain[12..], "{suite:?}");
            assert_eq!(reads.decrypt_rtp(&ours).unwrap(), plain, "{suite:?} {number}");
            let theirs = writes.encrypt_rtp(&plain).unwrap();
            assert_eq!(opened(&mut receiver, theirs.to_vec()), Some(plain), "{suite:?} {number}");
        }
    }
}

#[test]
fn another_srtcp_understands_us_and_we_it() {
    for suite in Suite::ALL {
        let (mut sender, mut receiver) = pair(suite);
        let (mut reads, mut writes) = (other(suite), other(suite));
        for _ in 0..3 {
            let plain = report();
            let mut room = [plain.as_slice(), &[0; Suite::GROWTH_MAX]].concat();
            let len = sender.seal_rtcp(&mut room, plain.len()).unwrap();
            assert_ne!(room[8..28], plain[8..]);
            assert_eq!(reads.decrypt_rtcp(&room[..len]).unwrap(), plain, "{suite:?}");
            let mut theirs = writes.encrypt_rtcp(&plain).unwrap().to_vec();
            let again = theirs.clone();
            let len = receiver.open_rtcp(&mut theirs).unwrap();
            assert_eq!(theirs[..len], plain, "{suite:?}");
            assert_eq!(receiver.open_rtcp(&mut again.clone()), None, "{suite:?}: heard twice");
        }
    }
}

#[test]
fn what_was_changed_repeated_or_sealed_by_another_key_is_not_heard() {
    for suite in Suite::ALL {
        let (mut sender, mut receiver) = pair(suite);
        let packet = sealed(&mut sender, &sound(1)).unwrap();
        for at in 0..packet.len() {
            let mut changed = packet.clone();
            changed[at] ^= 0x04;
            assert_eq!(opened(&mut receiver, changed), None, "{suite:?}: octet {at}");
        }
        for len in 0..packet.len() {
            assert_eq!(opened(&mut receiver, packet[..len].to_vec()), None, "{suite:?}: {len}");
        }
        let mut foreign =
            Sender::new(suite, &master(suite).iter().map(|it| it ^ 1).collect::<Vec<_>>()).unwrap();
        assert_eq!(opened(&mut receiver, sealed(&mut foreign, &sound(2)).unwrap()), None);
        assert_eq!(opened(&mut receiver, packet.clone()), Some(sound(1)), "{suite:?}");
        assert_eq!(opened(&mut receiver, packet), None, "{suite:?}: heard twice");
    }
}

/// Two payloads under one index would give both away, and with GCM the key of the tags.
#[test]
fn no_number_goes_out_twice() {
    let (mut sender, _) = pair(Suite::AeadAes128Gcm);
    assert!(sealed(&mut sender, &sound(500)).is_some());
    assert!(sealed(&mut sender, &sound(499)).is_some());
    for used in [500, 499, 371] {
        assert_eq!(sealed(&mut sender, &sound(used)), None, "{used}");
    }
}

#[test]
fn a_phone_that_changes_its_ssrc_is_followed_and_its_old_words_stay_old() {
    let suite = Suite::AesCm128HmacSha1_80;
    let (_, mut receiver) = pair(suite);
    let of = |ssrc| sealed(&mut pair(suite).0, &sound_of(Ssrc(ssrc), 9)).unwrap();
    assert!(opened(&mut receiver, of(1)).is_some());
    // Strangers' numbers change nothing.
    for stranger in 10..20 {
        let mut forged = of(stranger);
        forged[20] ^= 1;
        assert_eq!(opened(&mut receiver, forged), None);
    }
    for ssrc in [2, 3, 4] {
        assert!(opened(&mut receiver, of(ssrc)).is_some(), "{ssrc}");
    }
    for ssrc in [1, 2, 3, 4] {
        assert_eq!(opened(&mut receiver, of(ssrc)), None, "{ssrc} is heard twice");
    }
}

#[test]
fn a_packet_without_room_for_its_tag_stays_unsent_and_its_number_unused() {
    for suite in Suite::ALL {
        let (mut sender, mut receiver) = pair(suite);
        let mut full = sound(1);
        let len = full.len();
        assert_eq!(sender.seal_rtp(&mut full, len), None);
        let packet = sealed(&mut sender, &sound(1)).unwrap();
        assert_eq!(opened(&mut receiver, packet), Some(sound(1)));
    }
}

proptest! {
    #[test]
    fn no_bytes_panic(
        first in prop_oneof![Just(0x80_u8), Just(0x90), any::<u8>()],
        mut bytes in prop::collection::vec(any::<u8>(), 1..300),
        suite in 0..4_usize,
    ) {
        bytes[0] = first;
        let (mut sender, mut receiver) = pair(Suite::ALL[suite]);
        prop_assert_eq!(receiver.open_rtp(&mut bytes.clone()), None);
        prop_assert_eq!(receiver.open_rtcp(&mut bytes.clone()), None);
        let (mut room, len) = (bytes.clone(), bytes.len().saturating_sub(20));
        let _ = sender.seal_rtp(&mut room, len);
        let _ = sender.seal_rtcp(&mut bytes, len);
    }
}
