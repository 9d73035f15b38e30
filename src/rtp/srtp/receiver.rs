//! What a far side sends under one master key: opened if authentic and new.
//!
//! Numbers roll over by SSRC, so a few streams are known at once: a phone that changes its SSRC
//! within a call is followed, and what was recorded of the stream before cannot be played again.
//! A stream is known from its first authentic packet on; strangers fill nothing.

use crate::rtp::{
    packet::{self, Ssrc},
    srtp::{cipher::Cipher, suite::Suite, window::Window},
};

/// Streams known at once; the one that has been silent longest makes room.
const STREAMS: usize = 4;

/// A far side, under one master key.
#[derive(Debug)]
pub struct Receiver {
    cipher: Cipher,
    /// Last heard first.
    streams: [Option<Stream>; STREAMS],
}

#[derive(Clone, Copy, Debug, Default)]
struct Stream {
    ssrc: Ssrc,
    rtp: Window,
    rtcp: Window,
}

impl Receiver {
    /// A receiver by a master key with its salt; `None` if it does not fit the suite.
    #[must_use]
    pub fn new(suite: Suite, master: &[u8]) -> Option<Self> {
        Some(Self { cipher: Cipher::new(suite, master)?, streams: [None; STREAMS] })
    }

    /// Opens an RTP packet in place and says how long it is then. `None`: it is not authentic,
    /// or was heard before. Then its bytes are worth nothing.
    pub fn open_rtp(&mut self, bytes: &mut [u8]) -> Option<usize> {
        let head = packet::head_len(bytes)?;
        let (place, mut stream) = self.stream(packet::ssrc(bytes)?);
        let index = stream.rtp.index_of(packet::sequence(bytes)?)?;
        if !stream.rtp.is_fresh(index) {
            return None;
        }
        let len = self.cipher.open_rtp(index, bytes, head)?;
        stream.rtp.mark(index);
        self.keep(place, stream);
        Some(len)
    }

    /// Opens an RTCP packet in place and says how long it is then.
    pub fn open_rtcp(&mut self, bytes: &mut [u8]) -> Option<usize> {
        let index = self.cipher.rtcp_index(bytes)?;
        let ssrc = bytes.get(4..8)?.try_into().ok().map(u32::from_be_bytes)?;
        let (place, mut stream) = self.stream(Ssrc(ssrc));
        if !stream.rtcp.is_fresh(index.into()) {
            return None;
        }
        let len = self.cipher.open_rtcp(index, bytes)?;
        stream.rtcp.mark(index.into());
        self.keep(place, stream);
        Some(len)
    }

    /// The stream of that SSRC and its place; a new one would take the last place.
    fn stream(&self, ssrc: Ssrc) -> (usize, Stream) {
        let known = self.streams.iter().position(|it| it.is_some_and(|it| it.ssrc == ssrc));
        let place = known.unwrap_or(STREAMS - 1);
        let stream = known.and_then(|place| *self.streams.get(place)?);
        (place, stream.unwrap_or(Stream { ssrc, ..Stream::default() }))
    }

    /// The stream has just been heard.
    fn keep(&mut self, place: usize, stream: Stream) {
        if let Some(upto) = self.streams.get_mut(..=place) {
            upto.rotate_right(1);
        }
        let [first, ..] = &mut self.streams;
        *first = Some(stream);
    }
}
