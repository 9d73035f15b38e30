//! Sounds on their way to one leg: which, and how far.
//!
//! A place is counted in frames of 20 ms, which are the same in every codec; so a far side may
//! change its codec in the middle of a song.

use crate::{
    base::numbers::SoundNo,
    media::{order::Codec, render::FRAME, sound::Catalogue},
};

/// A list of sounds being played.
#[derive(Clone, Debug)]
pub struct Player {
    sounds: Vec<SoundNo>,
    loop_last: bool,
    /// Which sound of the list, and which frame of it, comes next.
    sound: usize,
    frame: usize,
}

impl Player {
    /// These, one after another; the last again and again if it is to be looped.
    #[must_use]
    pub fn new(sounds: Vec<SoundNo>, loop_last: bool) -> Self {
        Self { sounds, loop_last, sound: 0, frame: 0 }
    }

    /// The next 20 ms; `None` when all has been played.
    pub fn next<'a>(&mut self, catalogue: &'a Catalogue, codec: Codec) -> Option<&'a [u8; FRAME]> {
        // Three tries: the end of one sound, the beginning of the next or of the same again.
        for _ in 0..=self.sounds.len() + 1 {
            let sound = catalogue.get(*self.sounds.get(self.sound)?);
            if let Some(frame) = sound.and_then(|it| it.frame(codec, self.frame)) {
                self.frame += 1;
                return Some(frame);
            }
            let is_last = self.sound + 1 >= self.sounds.len();
            self.sound += usize::from(!(is_last && self.loop_last));
            self.frame = 0;
        }
        // A loop over a sound without any sound.
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(catalogue: &Catalogue, name: &str) -> usize {
        let sound = catalogue.get(catalogue.named(name).unwrap()).unwrap();
        sound.bytes(Codec::Pcma).len() / FRAME
    }

    #[test]
    fn a_list_is_played_in_order_and_its_last_again_and_again() {
        let catalogue = Catalogue::built_in();
        let list: Vec<SoundNo> =
            ["greeting-de", "music"].map(|name| catalogue.named(name).unwrap()).to_vec();
        let (greeting, music) = (frames(&catalogue, "greeting-de"), frames(&catalogue, "music"));

        let mut once = Player::new(list.clone(), false);
        let mut played = 0;
        while once.next(&catalogue, Codec::Pcma).is_some() {
            played += 1;
        }
        assert_eq!(played, greeting + music);

        let mut looped = Player::new(list, true);
        let first = catalogue.get(catalogue.named("music").unwrap()).unwrap();
        for at in 0..=greeting + 2 * music {
            let frame = looped.next(&catalogue, Codec::G722).unwrap();
            if at >= greeting && (at - greeting) % music == 0 {
                assert_eq!(Some(frame), first.frame(Codec::G722, 0));
            }
        }
    }

    #[test]
    fn an_empty_list_is_over_at_once() {
        let catalogue = Catalogue::built_in();
        assert_eq!(Player::new(vec![], true).next(&catalogue, Codec::Pcma), None);
    }
}
