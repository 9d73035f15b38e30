//! The music that waiting callers hear: composed here, played by no one else, owned by nobody else.
//!
//! Twenty slow bars of soft chords, and over them a plucked voice that wanders through the
//! tones of each chord, led by a seeded generator. Time is a circle: whatever still sounds at the end
//! is laid over the beginning, so the loop has no seam. Every partial lies in the telephone
//! band (300-3400 Hz): what a telephone cannot carry is not written in the first place.

// Sound is counted in samples and computed in fractions; the lengths here are small and known,
// and a build that fails is seen at once.
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::indexing_slicing
)]

use std::f64::consts::{PI, TAU};

use crate::base::rng::Rng;

/// Samples a second.
const RATE: f64 = 8_000.0;
/// Seconds of a beat, and beats of a bar: 75 beats a minute.
const BEAT: f64 = 0.8;
const BEATS: usize = 4;
/// Of full scale: -20 dBFS.
const LOUDNESS: f64 = 0.1;
/// The telephone band in hertz, with a little air at either end.
const BAND: std::ops::Range<f64> = 300.0..3_300.0;

/// Four tones of each bar's chord, as half tones above the F below middle C.
const BARS: [[i32; 4]; 20] = [
    F_MAJOR, A_MINOR, B_FLAT, C_MAJOR, //
    D_MINOR, A_MINOR, B_FLAT, C_SEVEN, //
    F_MAJOR, D_MINOR, G_MINOR, C_MAJOR, //
    A_MINOR, D_MINOR, B_FLAT, C_SEVEN, //
    B_FLAT, F_MAJOR, G_MINOR, C_SEVEN,
];
const F_MAJOR: [i32; 4] = [0, 7, 12, 16];
const A_MINOR: [i32; 4] = [-1, 7, 11, 16];
const B_FLAT: [i32; 4] = [0, 5, 9, 17];
const C_MAJOR: [i32; 4] = [-1, 7, 11, 14];
const C_SEVEN: [i32; 4] = [-1, 5, 11, 14];
const D_MINOR: [i32; 4] = [0, 4, 9, 16];
const G_MINOR: [i32; 4] = [0, 5, 9, 14];

/// The whole loop, 64 seconds at 8 kHz. The same on every machine, but for the last bit.
pub(crate) fn compose() -> Vec<i16> {
    let mut tape = Tape::new(BEAT * (BEATS * BARS.len()) as f64);
    let mut rng = Rng::new(1_230);
    let mut last = 12;
    for (bar, chord) in BARS.iter().enumerate() {
        let begin = (bar * BEATS) as f64 * BEAT;
        for &tone in chord {
            tape.pad(begin, hertz(tone));
        }
        // A low string at the first beat carries the chord; eighths follow, some left out.
        tape.pluck(begin, hertz(chord[0]), 0.8);
        for eighth in 1..2 * BEATS {
            let rests = if eighth % 2 == 0 { 0.25 } else { 0.55 };
            if rng.chance(rests) {
                continue;
            }
            last = step(&mut rng, chord, last);
            let softer = 0.55 + 0.25 * rng.fraction();
            tape.pluck(begin + eighth as f64 * BEAT / 2.0, hertz(last), softer);
        }
    }
    tape.echo();
    tape.samples()
}

/// The next tone of the voice: of the chord, an octave up, and not far from the last one.
fn step(rng: &mut Rng, chord: &[i32; 4], last: i32) -> i32 {
    let near: Vec<i32> = chord
        .iter()
        .flat_map(|&tone| [tone + 12, tone + 24])
        .filter(|&tone| tone != last && (tone - last).abs() <= 7 && (10..=29).contains(&tone))
        .collect();
    rng.pick(&near).copied().unwrap_or(chord[2] + 12)
}

/// Half tones above the F below middle C (174.6 Hz), equally tempered.
fn hertz(tone: i32) -> f64 {
    174.614 * 2f64.powf(f64::from(tone) / 12.0)
}

/// A loop of tape: what is written past its end is heard at its beginning.
struct Tape(Vec<f64>);

impl Tape {
    fn new(seconds: f64) -> Self {
        Self(vec![0.0; (seconds * RATE).round() as usize])
    }

    /// A soft chord tone: two slightly different voices that beat against one another, swelling
    /// for a second and fading into the next bar.
    fn pad(&mut self, begin: f64, hertz: f64) {
        let (swell, fade) = (1.0, 1.4);
        let length = BEAT * BEATS as f64 + fade;
        for (partial, size) in [(1.0, 1.0), (2.0, 0.35), (3.0, 0.12)] {
            for detune in [-0.35, 0.35] {
                self.add(begin, length, hertz * partial + detune, |t| {
                    let rise = smooth(t / swell);
                    let fall = smooth((length - t) / fade);
                    0.16 * size * rise * fall
                });
            }
        }
    }

    /// A plucked string: high partials die first.
    fn pluck(&mut self, begin: f64, hertz: f64, loud: f64) {
        for (partial, size) in [(1.0, 1.0), (2.0, 0.45), (3.0, 0.2), (4.0, 0.1)] {
            let dies = 0.9 / f64::sqrt(partial) / (hertz / 400.0).max(1.0).sqrt();
            self.add(begin, 4.0 * dies, hertz * partial, |t| {
                // Ten milliseconds of rise, so that no string clicks.
                let rise = smooth(t / 0.010);
                let fall = smooth((4.0 * dies - t) / 0.2);
                0.5 * loud * size * rise * fall * (-t / dies).exp()
            });
        }
    }

    /// Adds a sine of `hertz` whose size at `t` seconds is `envelope(t)`, if the band holds it.
    fn add(&mut self, begin: f64, length: f64, hertz: f64, envelope: impl Fn(f64) -> f64) {
        if !BAND.contains(&hertz) {
            return;
        }
        let start = (begin * RATE).round() as usize;
        let end = self.0.len();
        for at in 0..(length * RATE) as usize {
            let t = at as f64 / RATE;
            self.0[(start + at) % end] += envelope(t) * (TAU * hertz * t).sin();
        }
    }

    /// A room around it: three echoes that grow weaker, round the loop.
    fn echo(&mut self) {
        let dry = self.0.clone();
        for (beats, size) in [(0.75, 0.28), (1.5, 0.14), (2.25, 0.07)] {
            let back = dry.len() - (beats * BEAT * RATE).round() as usize;
            for (at, wet) in self.0.iter_mut().enumerate() {
                *wet += size * dry[(at + back) % dry.len()];
            }
        }
    }

    /// As whole numbers at [`LOUDNESS`].
    fn samples(&self) -> Vec<i16> {
        let power = self.0.iter().map(|it| it * it).sum::<f64>() / self.0.len() as f64;
        let gain = LOUDNESS * 32_768.0 / power.sqrt();
        self.0.iter().map(|it| (it * gain).round() as i16).collect()
    }
}

/// From 0 to 1 along half a cosine, and no further.
fn smooth(x: f64) -> f64 {
    0.5 - 0.5 * (PI * x.clamp(0.0, 1.0)).cos()
}
