//! A conference: whoever speaks is laid by until it is time, and each hears the sum of the others.
//!
//! ```text
//! packet ──► Voice: decoded, put where its timestamp says ─┐
//! packet ──► Voice ────────────────────────────────────────┼─ every 20 ms: all of them,
//! packet ──► Voice ────────────────────────────────────────┘  less one's own ──► each listener
//! ```
//!
//! All codecs of the house take eight bytes a millisecond, so a byte is a sample of telephone
//! sound (see [`transcode`](super::transcode)), and nothing is resampled. A voice begins 40 ms
//! late, so that what comes a little later or in another order finds its place; what is lost is
//! silence. Seats are made when the conference begins: nothing is allocated for a packet.
//!
//! Knows no legs and no addresses, only places.

use crate::{
    media::order::Codec,
    rtp::{g711, g722},
};

/// Samples in 20 ms.
pub const FRAME: usize = 160;
/// Samples that a voice can be ahead: 128 ms, three times what it begins with. A power of two, so that its clock can
/// wrap.
const ROOM: usize = 1024;
/// How far a voice begins ahead of what is heard: 40 ms, so that a packet may come one late or change places with the
/// next.
const AHEAD: u32 = 320;

/// A conference.
#[derive(Debug)]
pub struct Mixer {
    seats: Vec<Seat>,
}

/// Someone who speaks and hears.
#[derive(Debug)]
struct Seat {
    place: u16,
    voice: Voice,
    encoder: g722::Encoder,
}

/// 20 ms for someone.
#[derive(Debug)]
pub struct Frame<'a> {
    samples: [i16; FRAME],
    encoder: &'a mut g722::Encoder,
}

/// What someone has said and is yet to be heard.
#[derive(Debug)]
struct Voice {
    samples: Box<[i16; ROOM]>,
    /// The timestamp of the next sample that is heard; `None`: it has not begun.
    heard: Option<u32>,
    /// The timestamp behind the last sample said.
    said: u32,
    decoder: g722::Decoder,
}

impl Mixer {
    /// A conference of those at these places.
    pub fn new(places: impl IntoIterator<Item = u16>) -> Self {
        let seat =
            |place| Seat { place, voice: Voice::default(), encoder: g722::Encoder::default() };
        Self { seats: places.into_iter().map(seat).collect() }
    }

    /// Who is in it.
    pub fn places(&self) -> impl Iterator<Item = u16> + '_ {
        self.seats.iter().map(|it| it.place)
    }

    /// Someone leaves.
    pub fn leave(&mut self, place: u16) {
        self.seats.retain(|it| it.place != place);
    }

    /// Someone has said that.
    pub fn say(&mut self, place: u16, timestamp: u32, codec: Codec, payload: &[u8]) {
        if let Some(seat) = self.seats.iter_mut().find(|it| it.place == place) {
            seat.voice.say(timestamp, codec, payload);
        }
    }

    /// The next 20 ms: `tell` is given each place and what it hears.
    pub fn turn(&mut self, mut tell: impl FnMut(u16, Frame<'_>) -> Option<()>) {
        let mut sum = [0_i32; FRAME];
        for seat in &self.seats {
            for (sum, sample) in sum.iter_mut().zip(seat.voice.next()) {
                *sum += i32::from(sample);
            }
        }
        for Seat { place, voice, encoder } in &mut self.seats {
            let mut samples = [0_i16; FRAME];
            for ((sample, sum), own) in samples.iter_mut().zip(sum).zip(voice.next()) {
                *sample = clip(sum - i32::from(own));
            }
            // Whoever cannot be told now goes without.
            let _ = tell(*place, Frame { samples, encoder });
            voice.advance();
        }
    }
}

impl Frame<'_> {
    /// Writes it as that codec has it.
    pub fn write(self, codec: Codec, bytes: &mut [u8; FRAME]) {
        for (byte, sample) in bytes.iter_mut().zip(self.samples) {
            *byte = encode(codec, self.encoder, sample);
        }
    }
}

impl Default for Voice {
    fn default() -> Self {
        Self {
            samples: Box::new([0; ROOM]),
            heard: None,
            said: 0,
            decoder: g722::Decoder::default(),
        }
    }
}

impl Voice {
    fn say(&mut self, timestamp: u32, codec: Codec, payload: &[u8]) {
        let Ok(len) = u32::try_from(payload.len()) else { return };
        let heard = match self.heard {
            Some(heard) if self.has_room_for(heard, timestamp, len) => heard,
            Some(_) | None => self.begin(timestamp),
        };
        for (offset, byte) in (timestamp.wrapping_sub(heard)..).zip(payload) {
            let sample = match codec {
                Codec::Pcma => g711::from_pcma(*byte),
                Codec::Pcmu => g711::from_pcmu(*byte),
                Codec::G722 => self.decoder.narrow(*byte),
            };
            // What comes too late for its place, or lies beyond all room, is not heard.
            if let Some(place) = place(heard, offset).and_then(|it| self.samples.get_mut(it)) {
                *place = sample;
            }
        }
        let end = timestamp.wrapping_add(len);
        if ahead(end, self.said) {
            self.said = end;
        }
    }

    /// Whether it fits in, or is merely late. If the newest comes too late, or anything from far
    /// away, its clock is another than it was: it begins anew.
    fn has_room_for(&self, heard: u32, timestamp: u32, len: u32) -> bool {
        let is_near = |span: u32| usize::try_from(span).is_ok_and(|it| it <= ROOM);
        let is_newest = ahead(timestamp.wrapping_add(len), self.said);
        let fits = is_near(timestamp.wrapping_sub(heard).saturating_add(len));
        fits || (!is_newest && is_near(heard.wrapping_sub(timestamp)))
    }

    fn begin(&mut self, timestamp: u32) -> u32 {
        self.samples.fill(0);
        let heard = timestamp.wrapping_sub(AHEAD);
        (self.heard, self.said) = (Some(heard), timestamp);
        heard
    }

    /// The next 20 ms: what was said, and silence where nothing was.
    fn next(&self) -> impl Iterator<Item = i16> + '_ {
        (0..FRAME)
            .map(|offset| {
                let heard = self.heard?;
                let offset = u32::try_from(offset).ok()?;
                self.samples.get(place(heard, offset)?).copied()
            })
            .map(Option::unwrap_or_default)
    }

    /// Those 20 ms are over.
    fn advance(&mut self) {
        let Some(heard) = self.heard else { return };
        for offset in 0..FRAME {
            let place = u32::try_from(offset).ok().and_then(|it| place(heard, it));
            if let Some(sample) = place.and_then(|it| self.samples.get_mut(it)) {
                *sample = 0;
            }
        }
        self.heard = Some(heard.wrapping_add(160));
    }
}

/// Where the sample lies that comes so far behind the one heard next; `None`: nowhere.
fn place(heard: u32, offset: u32) -> Option<usize> {
    let offset = usize::try_from(offset).ok().filter(|it| *it < ROOM)?;
    Some((usize::try_from(heard).ok()? + offset) % ROOM)
}

/// Whether one timestamp comes behind another; they wrap.
const fn ahead(one: u32, other: u32) -> bool {
    one != other && one.wrapping_sub(other) < 1 << 31
}

fn clip(sum: i32) -> i16 {
    i16::try_from(sum).unwrap_or(if sum < 0 { i16::MIN } else { i16::MAX })
}

fn encode(codec: Codec, encoder: &mut g722::Encoder, sample: i16) -> u8 {
    match codec {
        Codec::Pcma => g711::to_pcma(sample),
        Codec::Pcmu => g711::to_pcmu(sample),
        Codec::G722 => encoder.narrow(sample),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODECS: [Codec; 3] = [Codec::Pcma, Codec::G722, Codec::Pcmu];
    const TONES: [f64; 3] = [450.0, 1_050.0, 750.0];

    /// Someone with a tone of its own, and what it has heard.
    struct Party {
        place: u16,
        codec: Codec,
        encoder: g722::Encoder,
        decoder: g722::Decoder,
        heard: Vec<f64>,
    }

    impl Party {
        fn all() -> Vec<Self> {
            let party = |(place, codec)| Self {
                place,
                codec,
                encoder: g722::Encoder::default(),
                decoder: g722::Decoder::default(),
                heard: vec![],
            };
            (0..).zip(CODECS).map(party).collect()
        }

        #[allow(clippy::cast_possible_truncation)]
        fn frame(&mut self, number: u32, loud: f64) -> Vec<u8> {
            let tone = TONES[usize::from(self.place)];
            (0..160)
                .map(|at| {
                    let at = f64::from(number * 160 + at);
                    let sample = (at * std::f64::consts::TAU * tone / 8_000.0).sin() * loud;
                    encode(self.codec, &mut self.encoder, sample as i16)
                })
                .collect()
        }

        fn hear(&mut self, bytes: &[u8]) {
            for byte in bytes {
                self.heard.push(f64::from(match self.codec {
                    Codec::Pcma => g711::from_pcma(*byte),
                    Codec::Pcmu => g711::from_pcmu(*byte),
                    Codec::G722 => self.decoder.narrow(*byte),
                }));
            }
        }

        /// How loud the tone is in what it heard of late, as an amplitude (Goertzel).
        fn loudness(&self, tone: f64) -> f64 {
            let heard = &self.heard[self.heard.len() - 4_000..];
            let (mut re, mut im) = (0.0, 0.0);
            for (at, sample) in (0..).zip(heard) {
                let angle = f64::from(at) * std::f64::consts::TAU * tone / 8_000.0;
                re += sample * angle.cos();
                im += sample * angle.sin();
            }
            (re * re + im * im).sqrt() * 2.0 / 4_000.0
        }
    }

    /// All speak for two seconds. Packets reach the mixer as `arrive` has it: by number of frame,
    /// those that are there then.
    fn speak(loud: f64, arrive: impl Fn(u16, u32) -> Vec<u32>) -> Vec<Party> {
        let mut parties = Party::all();
        let mut mixer = Mixer::new(0..3);
        let mut frames: Vec<Vec<Vec<u8>>> = vec![];
        for party in &mut parties {
            frames.push((0..110).map(|number| party.frame(number, loud)).collect());
        }
        for number in 0..100 {
            for party in &parties {
                for it in arrive(party.place, number) {
                    let payload = &frames[usize::from(party.place)][it as usize];
                    // Clocks begin anywhere, and one of them wraps.
                    let first = u32::MAX - 3_000 * u32::from(party.place);
                    mixer.say(party.place, first.wrapping_add(it * 160), party.codec, payload);
                }
            }
            let mut heard = vec![];
            mixer.turn(|place, frame| {
                let mut bytes = [0; FRAME];
                frame.write(CODECS[usize::from(place)], &mut bytes);
                heard.push((place, bytes));
                Some(())
            });
            for (place, bytes) in heard {
                parties[usize::from(place)].hear(&bytes);
            }
        }
        parties
    }

    #[track_caller]
    fn each_hears_the_others(parties: &[Party], loud: f64) {
        for party in parties {
            for (place, tone) in (0..).zip(TONES) {
                let heard = party.loudness(tone) / loud;
                let whom = format!("{} of {place}: {heard:.3}", party.place);
                if party.place == place {
                    assert!(heard < 0.02, "hears itself, {whom}");
                } else {
                    assert!((0.9..1.1).contains(&heard), "hears too little or too much, {whom}");
                }
            }
        }
    }

    #[test]
    fn each_hears_the_two_others_and_not_itself() {
        each_hears_the_others(&speak(6_000.0, |_, number| vec![number]), 6_000.0);
    }

    #[test]
    fn packets_that_come_late_or_in_another_order_find_their_place() {
        // Pairs change places; one speaker's come 20 ms late, two at a time.
        let arrive = |place, number: u32| match place {
            0 => vec![number ^ 1],
            1 if number % 2 == 1 => vec![number - 1, number],
            1 => vec![],
            _ => vec![number],
        };
        each_hears_the_others(&speak(6_000.0, arrive), 6_000.0);
    }

    #[test]
    fn who_is_too_loud_together_is_clipped_and_not_wrapped_around() {
        let parties = speak(30_000.0, |_, number| vec![number]);
        for party in parties {
            let steps = party.heard.windows(2).map(|it| (it[1] - it[0]).abs());
            let largest = steps.fold(0.0, f64::max);
            assert!(largest < 50_000.0, "{} jumps by {largest}", party.place);
        }
    }

    #[test]
    fn a_speaker_who_pauses_or_whose_clock_jumps_is_heard_again() {
        let mut mixer = Mixer::new(0..2);
        let tone = [g711::to_pcma(8_000); FRAME];
        let heard = |mixer: &mut Mixer| {
            let mut loud = false;
            mixer.turn(|place, frame| {
                loud |= place == 1 && frame.samples.iter().any(|it| *it > 7_000);
                Some(())
            });
            loud
        };
        for start in [0_u32, 1_000_000, 500, 500 + 160 * 40, u32::MAX - 100] {
            let loud: Vec<_> = (0..10)
                .map(|number| {
                    mixer.say(0, start.wrapping_add(number * 160), Codec::Pcma, &tone);
                    heard(&mut mixer)
                })
                .collect();
            assert_eq!(loud.iter().filter(|it| **it).count(), 8, "{start}: {loud:?}");
            for _ in 0..20 {
                heard(&mut mixer);
            }
            assert!(!heard(&mut mixer));
        }
    }
}
