//! The voice of a simulated person: one pure tone, and an ear for another's.
//!
//! Citizens and agents speak at different pitches, so whoever hears the right one knows that
//! it is joined to the right side, and not to music (Goertzel's algorithm over each packet).

use std::f32::consts::TAU;

use crate::{
    base::time::{Span, Timestamp},
    rtp::g711,
};

/// The pitch of callers, in hertz.
pub const CITIZEN: f32 = 450.0;
/// The pitch of agents, in hertz.
pub const AGENT: f32 = 1050.0;

/// Samples a packet: 20 ms at 8 kHz.
const FRAME: u16 = 160;
const GAP: Span = Span::millis(20);
/// A-law's static payload type.
const PCMA: u8 = 8;
/// RTP's fixed header without contributing sources.
const HEAD: usize = 12;
/// So many packets of the right pitch in a row are a voice.
const SURE: u8 = 5;

/// A voice: a packet every 20 ms.
#[derive(Debug)]
pub struct Voice {
    pitch: f32,
    ssrc: u32,
    sequence: u16,
    /// The RTP timestamp, in samples.
    samples: u32,
    next: Timestamp,
}

/// An ear for one pitch.
#[derive(Debug)]
pub struct Ear {
    pitch: f32,
    in_a_row: u8,
}

impl Voice {
    /// A voice that speaks from `now` on.
    #[must_use]
    pub fn new(pitch: f32, ssrc: u32, now: Timestamp) -> Self {
        Self { pitch, ssrc, sequence: 0, samples: 0, next: now }
    }

    /// The next packet, if it is time for it.
    pub fn speak(&mut self, now: Timestamp) -> Option<Vec<u8>> {
        if self.next > now {
            return None;
        }
        let mut packet = Vec::with_capacity(HEAD + usize::from(FRAME));
        packet.extend([0x80, PCMA | if self.sequence == 0 { 0x80 } else { 0 }]);
        packet.extend(self.sequence.to_be_bytes());
        packet.extend(self.samples.to_be_bytes());
        packet.extend(self.ssrc.to_be_bytes());
        packet.extend((0..FRAME).map(|at| self.sample(at)));
        self.sequence = self.sequence.wrapping_add(1);
        self.samples = self.samples.wrapping_add(FRAME.into());
        self.next = self.next + GAP;
        Some(packet)
    }

    /// When it speaks next.
    #[must_use]
    pub fn next_wake(&self) -> Timestamp {
        self.next
    }

    fn sample(&self, at: u16) -> u8 {
        // The tone's phase repeats every second, so a second's samples tell it exactly.
        let in_second = u16::try_from((self.samples + u32::from(at)) % 8000).unwrap_or(0);
        let wave = (TAU * self.pitch * f32::from(in_second) / 8000.0).sin();
        #[allow(clippy::cast_possible_truncation)] // Below 8000 in size.
        g711::to_pcma((wave * 8000.0) as i16)
    }
}

impl Ear {
    /// An ear for that pitch.
    #[must_use]
    pub fn new(pitch: f32) -> Self {
        Self { pitch, in_a_row: 0 }
    }

    /// Hears a packet. `true` from when the voice is sure to be there.
    pub fn hear(&mut self, packet: &[u8]) -> bool {
        let payload = match packet.get(1) {
            Some(kind) if kind & 0x7f == PCMA => packet.get(HEAD..).unwrap_or_default(),
            _ => return self.in_a_row >= SURE,
        };
        if share(payload, self.pitch) > 0.5 {
            self.in_a_row = self.in_a_row.saturating_add(1);
        } else {
            self.in_a_row = 0;
        }
        self.in_a_row >= SURE
    }
}

/// How much of the sound's power is at `pitch`: 1 for that tone alone.
fn share(payload: &[u8], pitch: f32) -> f32 {
    let turn = 2.0 * (TAU * pitch / 8000.0).cos();
    let (mut last, mut before, mut power) = (0.0_f32, 0.0_f32, 0.0_f32);
    for &byte in payload {
        let sample = f32::from(g711::from_pcma(byte));
        (last, before) = (sample + turn * last - before, last);
        power += sample * sample;
    }
    if power < 1.0 {
        return 0.0;
    }
    let at_pitch = last * last + before * before - turn * last * before;
    #[allow(clippy::cast_precision_loss)] // A packet's length.
    let length = payload.len() as f32;
    2.0 * at_pitch / (length * power)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ear_knows_its_voice_after_a_tenth_of_a_second_and_no_other() {
        let mut voice = Voice::new(AGENT, 7, Timestamp(0));
        let (mut ear, mut other) = (Ear::new(AGENT), Ear::new(CITIZEN));
        let mut sure = vec![];
        for packet in 0..8 {
            let bytes = voice.speak(Timestamp(packet * 20_000)).unwrap();
            assert!(voice.speak(Timestamp(packet * 20_000)).is_none(), "one every 20 ms");
            assert!(!other.hear(&bytes));
            sure.push(ear.hear(&bytes));
        }
        assert_eq!(sure, [false, false, false, false, true, true, true, true]);
    }
}
