//! Keys pressed by a far side: each told once, when it is released (RFC 4733 2.5.1).
//!
//! All packets of a press bear one timestamp. The end is said three times; if all three are
//! lost, the next press, or a pause, ends it as well.

use crate::{
    base::time::{Span, Timestamp},
    rtp::dtmf::Event,
};

/// A key of which nothing more is heard for this long has been released: twelve packets of a usual phone, five of one
/// that sends every 50 ms.
const LET_GO: Span = Span::millis(250);

/// What is pressed at the moment.
#[derive(Clone, Copy, Debug, Default)]
pub struct Keys {
    press: Option<Press>,
}

#[derive(Clone, Copy, Debug)]
struct Press {
    /// The RTP timestamp of all its packets.
    timestamp: u32,
    key: char,
    told: bool,
    heard: Timestamp,
}

impl Keys {
    /// A telephone-event packet came. Says the keys that have been released by that: one whose
    /// end got lost, and this one.
    pub fn press(&mut self, now: Timestamp, timestamp: u32, event: Event) -> [Option<char>; 2] {
        let Some(key) = event.key() else { return [None; 2] };
        let same = self.press.is_some_and(|it| it.timestamp == timestamp);
        let lost = if same { None } else { self.release() };
        let told = same && self.press.is_some_and(|it| it.told);
        self.press = Some(Press { timestamp, key, told, heard: now });
        [lost, if event.end { self.release() } else { None }]
    }

    /// A packet of sound came: a press that has fallen silent is over.
    pub fn sound(&mut self, now: Timestamp) -> Option<char> {
        let press = self.press?;
        if press.told || now.since(press.heard) < LET_GO { None } else { self.release() }
    }

    /// The key that is down is released, if it was not told yet.
    pub fn release(&mut self) -> Option<char> {
        let press = self.press.as_mut().filter(|it| !it.told)?;
        press.told = true;
        Some(press.key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn millis(millis: u64) -> Timestamp {
        Timestamp(millis * 1_000)
    }

    /// Presses `(at, timestamp, key, end)` and tells what was released.
    fn story(packets: &[(u64, u32, char, bool)]) -> String {
        let mut keys = Keys::default();
        let mut told = String::new();
        for &(at, timestamp, key, end) in packets {
            let code = Event::code_of(key).unwrap();
            let event = Event { code, end, volume: 10, duration: 160 };
            told.extend(keys.press(millis(at), timestamp, event).into_iter().flatten());
        }
        told.extend(keys.sound(millis(10_000)));
        told
    }

    #[test]
    fn a_key_is_told_once_however_often_its_end_is_said() {
        let ends = [(60, 7, '1', true), (60, 7, '1', true), (60, 7, '1', true)];
        assert_eq!(story(&[&[(0, 7, '1', false), (20, 7, '1', false)][..], &ends].concat()), "1");
        assert_eq!(story(&ends), "1");
    }

    #[test]
    fn the_same_key_twice_is_two_keys() {
        assert_eq!(
            story(&[(0, 7, '5', true), (700, 900, '5', false), (720, 900, '5', true)]),
            "55"
        );
    }

    #[test]
    fn a_key_whose_ends_are_all_lost_is_told_by_the_next_or_by_a_pause() {
        assert_eq!(story(&[(0, 7, '*', false), (700, 900, '1', true)]), "*1");
        assert_eq!(story(&[(0, 7, '*', false), (20, 7, '*', false)]), "*");
    }
}
