//! Keys that we press for someone else: on the far side they sound as telephone-events (RFC 4733 2.5).
//!
//! ```text
//! 0    20   40   …   length   +20   +40   +40…
//! M    ·    ·    ·   end      end   end   the next key, or the speaker goes on
//! ```
//!
//! Every packet of a key bears the time of its beginning. Its end is said three times, for
//! packets get lost, and between two keys there is a pause, or they are one.

use std::collections::VecDeque;

use crate::{base::time::Span, rtp::dtmf::Event};

/// From one packet of a key to the next.
pub const STEP: Span = Span::millis(20);
/// [`STEP`] in units of the RTP clock, which is 8 kHz for all we know.
const STEP_TICKS: u16 = 160;
/// How often the end is said: three times, a [`STEP`] apart, as RFC 4733 2.5.1.4 asks, for one packet may be lost.
const ENDS: u8 = 3;
/// Steps of quiet between two keys: 60 ms. Less, and a receiver may hear one key twice as one; more, and a long number
/// takes longer.
const PAUSE: u8 = 3;
/// How loud a key is: -10 dBm0, as phones send it.
const VOLUME: u8 = 10;
/// Keys that may wait; a person presses none of them while sixteen sound.
const WAITING_MAX: usize = 16;
/// The shortest and the longest key that is sent, in steps: 80 ms, so that a far side which makes a tone of it has some
/// to listen to, and 3 s, so that a key stuck at one end does not keep those that wait.
const STEPS: (u16, u16) = (4, 150);

/// Keys being pressed, one after another.
#[derive(Clone, Debug, Default)]
pub struct Presses {
    now: Option<Press>,
    waiting: VecDeque<Press>,
}

#[derive(Clone, Copy, Debug)]
struct Press {
    code: u8,
    /// How long it is to last, in steps.
    steps: u16,
    /// How many have passed.
    passed: u16,
    /// How often its end was said, and then how long it has been quiet.
    after: u8,
}

/// What a step sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The first packet of a key.
    Begin(Event),
    /// Another one of it.
    Go(Event),
    /// Nothing: a pause after it.
    Pause,
    /// Nothing, and nothing is left to be pressed.
    Over,
}

impl Presses {
    /// A key to be pressed for so long, after those that wait. `false`: it is none, or too many
    /// wait.
    pub fn push(&mut self, key: char, length: Span) -> bool {
        let Some(code) = Event::code_of(key).filter(|_| self.waiting.len() < WAITING_MAX) else {
            return false;
        };
        let steps = u16::try_from(length.as_millis() / 20).unwrap_or(u16::MAX);
        let (least, most) = STEPS;
        let steps = steps.clamp(least, most);
        self.waiting.push_back(Press { code, steps, passed: 0, after: 0 });
        true
    }

    /// Whether a key is down, or one waits.
    #[must_use]
    pub fn are_there(&self) -> bool {
        self.now.is_some() || !self.waiting.is_empty()
    }

    /// 20 ms have passed.
    pub fn step(&mut self) -> Step {
        if self.now.is_none() {
            self.now = self.waiting.pop_front();
        }
        let Some(press) = &mut self.now else { return Step::Over };
        if press.after >= ENDS {
            press.after += 1;
            if press.after < ENDS + PAUSE {
                return Step::Pause;
            }
            self.now = None;
            return if self.are_there() { Step::Pause } else { Step::Over };
        }
        let begins = press.passed == 0;
        press.passed = (press.passed + 1).min(press.steps);
        let end = press.passed == press.steps;
        press.after += u8::from(end);
        let duration = press.passed * STEP_TICKS;
        let event = Event { code: press.code, end, volume: VOLUME, duration };
        if begins { Step::Begin(event) } else { Step::Go(event) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Presses these keys and tells every step: `1` begins, `+` goes on, `.` ends, `_` is quiet.
    fn story(keys: &[(char, u64)]) -> String {
        let mut presses = Presses::default();
        for &(key, millis) in keys {
            presses.push(key, Span::millis(millis));
        }
        let mut told = String::new();
        loop {
            told.push(match presses.step() {
                Step::Begin(event) => event.key().unwrap(),
                Step::Go(event) if event.end => '.',
                Step::Go(_) => '+',
                Step::Pause => '_',
                Step::Over => return told,
            });
        }
    }

    #[test]
    fn a_key_lasts_as_long_as_it_was_pressed_and_ends_three_times() {
        assert_eq!(story(&[('5', 160)]), "5++++++...__");
        assert_eq!(story(&[('#', 0)]), "#++...__", "shorter than anyone understands");
        assert_eq!(story(&[('#', 99_999)]).len(), 154, "longer than anyone means");
    }

    #[test]
    fn keys_wait_for_one_another_and_are_told_apart() {
        assert_eq!(story(&[('1', 80), ('1', 80)]), "1++...___1++...__");
    }

    #[test]
    fn what_is_no_key_and_what_is_too_much_is_not_taken() {
        let mut presses = Presses::default();
        assert!(!presses.push('x', STEP));
        let taken = (0..30).filter(|_| presses.push('1', STEP)).count();
        assert_eq!(taken, WAITING_MAX);
    }

    #[test]
    fn a_keys_duration_grows_and_stands_still_at_its_end() {
        let mut presses = Presses::default();
        presses.push('9', Span::millis(80));
        let durations: Vec<u16> = std::iter::from_fn(|| match presses.step() {
            Step::Begin(event) | Step::Go(event) => Some(event.duration),
            Step::Pause | Step::Over => None,
        })
        .collect();
        assert_eq!(durations, [160, 320, 480, 640, 640, 640]);
    }
}
