//! Our stream as it goes out: every packet sealed, no index used twice.

use crate::rtp::{
    packet,
    srtp::{cipher::Cipher, suite::Suite, window::Window},
};

/// One stream of ours, under one master key.
#[derive(Debug)]
pub struct Sender {
    cipher: Cipher,
    window: Window,
    /// The index of the next SRTCP packet.
    report: u32,
}

/// SRTCP's index has 31 bits (RFC 3711 9.2).
const REPORTS_MAX: u32 = 1 << 31;

impl Sender {
    /// A sender by a master key with its salt; `None` if it does not fit the suite.
    #[must_use]
    pub fn new(suite: Suite, master: &[u8]) -> Option<Self> {
        Some(Self { cipher: Cipher::new(suite, master)?, window: Window::default(), report: 0 })
    }

    /// Seals the RTP packet that is the first `len` of `room`, and says how long it is then.
    /// `None`: it must not go out, its number having been used; or there is no room for the tag.
    pub fn seal_rtp(&mut self, room: &mut [u8], len: usize) -> Option<usize> {
        let head = packet::head_len(room.get(..len)?)?;
        let index = self.window.index_of(packet::sequence(room)?)?;
        if !self.window.is_fresh(index) {
            return None;
        }
        let sealed = self.cipher.seal_rtp(index, room, head, len)?;
        self.window.mark(index);
        Some(sealed)
    }

    /// Seals the RTCP packet that is the first `len` of `room`.
    pub fn seal_rtcp(&mut self, room: &mut [u8], len: usize) -> Option<usize> {
        let index = Some(self.report).filter(|it| *it < REPORTS_MAX)?;
        // Used up even if it fails: it may have been used before the fault.
        self.report += 1;
        self.cipher.seal_rtcp(index, room, len)
    }
}
