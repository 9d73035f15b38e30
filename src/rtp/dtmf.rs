//! A key pressed on a phone, as it travels in RTP (RFC 4733).
//!
//! ```text
//!  0                   1                   2                   3
//! |     event     |E|R| volume    |          duration             |
//! ```
//!
//! One press is many packets of one timestamp, the duration growing; its end is said three
//! times, for packets get lost.

/// One telephone-event packet's payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// Which event: 0-15 are the keys of a phone.
    pub code: u8,
    /// Whether the key has been released.
    pub end: bool,
    /// How loud the tone is, in dB below 0 dBm0 (0-63).
    pub volume: u8,
    /// How long it has lasted, in units of the RTP clock.
    pub duration: u16,
}

const KEYS: &[u8; 16] = b"0123456789*#ABCD";

impl Event {
    /// The event that a payload tells of. Of redundant ones (RFC 4733 2.5.1.1) the first.
    #[must_use]
    pub fn read(payload: &[u8]) -> Option<Self> {
        let (&[code, flags, d0, d1], _) = payload.split_first_chunk()?;
        Some(Self {
            code,
            end: flags & 0x80 != 0,
            volume: flags & 0x3F,
            duration: u16::from_be_bytes([d0, d1]),
        })
    }

    /// The payload that tells of this event.
    #[must_use]
    pub fn write(self) -> [u8; 4] {
        let [d0, d1] = self.duration.to_be_bytes();
        [self.code, u8::from(self.end) << 7 | (self.volume & 0x3F), d0, d1]
    }

    /// The key, if the event is one.
    #[must_use]
    pub fn key(self) -> Option<char> {
        KEYS.get(usize::from(self.code)).map(|&key| char::from(key))
    }

    /// The event code of a key, if there is such a key.
    #[must_use]
    pub fn code_of(key: char) -> Option<u8> {
        let at = KEYS.iter().position(|&it| char::from(it) == key.to_ascii_uppercase())?;
        u8::try_from(at).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_written_as_the_rfc_draws_it_and_read_back() {
        let event = Event { code: 11, end: true, volume: 10, duration: 1_440 };
        assert_eq!(event.write(), [11, 0x8A, 0x05, 0xA0]);
        assert_eq!(Event::read(&[11, 0x8A, 0x05, 0xA0, 99]), Some(event));
        assert_eq!(event.key(), Some('#'));
        assert_eq!(Event::read(&[11, 0x8A, 0x05]), None);
    }

    #[test]
    fn every_key_has_its_code_and_other_events_are_none() {
        for (code, key) in (0..).zip("0123456789*#ABCD".chars()) {
            assert_eq!(Event::code_of(key), Some(code));
            let event = Event { code, end: false, volume: 0, duration: 0 };
            assert_eq!(event.key(), Some(key));
        }
        assert_eq!(Event::code_of('x'), None);
        assert_eq!(Event { code: 16, end: false, volume: 0, duration: 0 }.key(), None);
    }
}
