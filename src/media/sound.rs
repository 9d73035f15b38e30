//! The sounds that can be played: music, greetings, apologies, and what operators add.
//!
//! Each lies ready in every codec, so that playing is copying. The built-in ones are prepared
//! by the build (`build.rs`; origin and licences: `sounds/README.md`), the operator's at start
//! from WAV files. Reads bytes, never files.

use std::borrow::Cow;

use crate::{
    base::{numbers::SoundNo, time::Span},
    media::{
        order::Codec,
        render::{FRAME, render},
        wav::{self, Unplayable},
    },
};

/// A sound, ready in every codec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sound {
    name: Cow<'static, str>,
    pcma: Cow<'static, [u8]>,
    pcmu: Cow<'static, [u8]>,
    g722: Cow<'static, [u8]>,
}

/// All sounds, by number and by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Catalogue {
    sounds: Vec<Sound>,
}

/// The names of the built-in sounds, in the order of their numbers.
pub const BUILT_IN: [&str; 5] = ["music", "greeting-de", "greeting-en", "sorry-de", "sorry-en"];

macro_rules! prepared {
    ($name:literal) => {
        Sound {
            name: Cow::Borrowed($name),
            pcma: Cow::Borrowed(include_bytes!(concat!(env!("OUT_DIR"), "/", $name, ".pcma"))),
            pcmu: Cow::Borrowed(include_bytes!(concat!(env!("OUT_DIR"), "/", $name, ".pcmu"))),
            g722: Cow::Borrowed(include_bytes!(concat!(env!("OUT_DIR"), "/", $name, ".g722"))),
        }
    };
}

impl Sound {
    /// A sound from the bytes of a WAV file (8 or 16 kHz, one channel, 16 bit).
    pub fn from_wav(name: impl Into<String>, file: &[u8]) -> Result<Self, Unplayable> {
        let (rate, samples) = wav::read(file)?;
        let rendered = render(rate, &samples);
        Ok(Self {
            name: Cow::Owned(name.into()),
            pcma: Cow::Owned(rendered.pcma),
            pcmu: Cow::Owned(rendered.pcmu),
            g722: Cow::Owned(rendered.g722),
        })
    }

    /// What it is called.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How long it lasts, whole frames of 20 ms.
    #[must_use]
    pub fn length(&self) -> Span {
        Span::millis(20) * (self.pcma.len() / FRAME) as u64
    }

    /// All of it, eight bytes a millisecond.
    #[must_use]
    pub fn bytes(&self, codec: Codec) -> &[u8] {
        match codec {
            Codec::Pcma => &self.pcma,
            Codec::Pcmu => &self.pcmu,
            Codec::G722 => &self.g722,
        }
    }

    /// The `frame`th 20 ms of it, if it is that long.
    #[must_use]
    pub fn frame(&self, codec: Codec, frame: usize) -> Option<&[u8; FRAME]> {
        self.bytes(codec).as_chunks().0.get(frame)
    }
}

impl Catalogue {
    /// The sounds that come with the program: [`BUILT_IN`].
    #[must_use]
    pub fn built_in() -> Self {
        let sounds = vec![
            prepared!("music"),
            prepared!("greeting-de"),
            prepared!("greeting-en"),
            prepared!("sorry-de"),
            prepared!("sorry-en"),
        ];
        Self { sounds }
    }

    /// Adds a sound. One of the same name takes the place, and the number, of the one before.
    pub fn add(&mut self, sound: Sound) -> SoundNo {
        let number = self.named(sound.name()).unwrap_or_else(|| number(self.sounds.len()));
        match self.sounds.get_mut(number.index()) {
            Some(place) => *place = sound,
            None => self.sounds.push(sound),
        }
        number
    }

    /// The number of the sound of that name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<SoundNo> {
        self.sounds.iter().position(|sound| sound.name == name).map(number)
    }

    /// The sound of that number.
    #[must_use]
    pub fn get(&self, number: SoundNo) -> Option<&Sound> {
        self.sounds.get(number.index())
    }

    /// All sounds, in the order of their numbers.
    pub fn iter(&self) -> impl Iterator<Item = (SoundNo, &Sound)> {
        self.sounds.iter().enumerate().map(|(index, sound)| (number(index), sound))
    }
}

impl Default for Catalogue {
    fn default() -> Self {
        Self::built_in()
    }
}

fn number(index: usize) -> SoundNo {
    SoundNo::first(u32::try_from(index).expect("there are not that many sounds"))
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use hound::{SampleFormat, WavSpec, WavWriter};

    use super::*;
    use crate::rtp::{g711, g722};

    fn wav(rate: u32, channels: u16, bits: u16, samples: &[i16]) -> Vec<u8> {
        let mut file = std::io::Cursor::new(vec![]);
        let spec = WavSpec {
            channels,
            sample_rate: rate,
            bits_per_sample: bits,
            sample_format: SampleFormat::Int,
        };
        let mut writer = WavWriter::new(&mut file, spec).unwrap();
        for &sample in samples {
            writer.write_sample(sample).unwrap();
        }
        writer.finalize().unwrap();
        file.into_inner()
    }

    /// Loudness in dBFS, of the parts that are not silence.
    #[allow(clippy::cast_precision_loss)] // Sounds of minutes.
    fn loudness(samples: &[i16]) -> f64 {
        let power = |it: &[i16]| {
            it.iter().map(|&it| f64::from(it).powi(2)).sum::<f64>()
                / f64::from(u16::try_from(it.len()).unwrap())
        };
        let frames: Vec<f64> =
            samples.chunks(160).map(power).filter(|&it| it > 200.0 * 200.0).collect();
        10.0 * (frames.iter().sum::<f64>() / frames.len() as f64 / 32_768f64.powi(2)).log10()
    }

    #[test]
    fn every_built_in_sound_is_there_in_every_codec_and_not_too_loud() {
        let catalogue = Catalogue::built_in();
        for (index, name) in BUILT_IN.into_iter().enumerate() {
            let number = catalogue.named(name).unwrap();
            assert_eq!(number.index(), index);
            let sound = catalogue.get(number).unwrap();
            assert_eq!(sound.name(), name);

            let pcma: Vec<i16> =
                sound.bytes(Codec::Pcma).iter().map(|&it| g711::from_pcma(it)).collect();
            let pcmu: Vec<i16> =
                sound.bytes(Codec::Pcmu).iter().map(|&it| g711::from_pcmu(it)).collect();
            let mut decoder = g722::Decoder::default();
            let wide: Vec<i16> =
                sound.bytes(Codec::G722).iter().map(|&it| decoder.narrow(it)).collect();
            for heard in [&pcma, &pcmu, &wide] {
                assert_eq!(heard.len() % FRAME, 0, "{name}");
                assert_eq!(heard.len(), pcma.len(), "{name}");
                let loud = loudness(heard);
                assert!((-22.0..-18.0).contains(&loud), "{name}: {loud:.1} dBFS");
            }
        }
        let length = |name| catalogue.get(catalogue.named(name).unwrap()).unwrap().length();
        assert!(length("music") >= Span::secs(60));
        // A greeting must not eat the target it stands before.
        assert!(length("greeting-de") <= Span::secs(4));
        assert!(length("greeting-en") <= Span::secs(4));
    }

    #[test]
    fn the_music_goes_round_without_a_click() {
        let catalogue = Catalogue::built_in();
        let music = catalogue.get(catalogue.named("music").unwrap()).unwrap();
        let heard: Vec<i32> =
            music.bytes(Codec::Pcma).iter().map(|&it| i32::from(g711::from_pcma(it))).collect();
        let jumps = heard.windows(2).map(|pair| (pair[1] - pair[0]).abs());
        let largest = jumps.max().unwrap();
        let seam = (heard[0] - heard[heard.len() - 1]).abs();
        assert!(seam <= largest / 2, "seam {seam}, largest step {largest}");
        assert!(heard.iter().all(|it| it.abs() < 26_000), "nothing is cut off");
    }

    #[test]
    fn an_operators_file_is_taken_at_both_rates_and_replaces_its_namesake() {
        let tone = |rate: f64, count: u16| -> Vec<i16> {
            #[allow(clippy::cast_possible_truncation)]
            (0..count)
                .map(|at| ((f64::from(at) / rate * 800.0 * TAU).sin() * 5_000.0) as i16)
                .collect()
        };
        let mut catalogue = Catalogue::built_in();
        let narrow = Sound::from_wav("hello", &wav(8_000, 1, 16, &tone(8_000.0, 8_100))).unwrap();
        let wide = Sound::from_wav("hello", &wav(16_000, 1, 16, &tone(16_000.0, 16_200))).unwrap();
        // 8100 samples are filled up to whole frames.
        assert_eq!((narrow.length(), wide.length()), (Span::millis(1_020), Span::millis(1_020)));
        assert!(
            (loudness(&wide.pcma.iter().map(|&it| g711::from_pcma(it)).collect::<Vec<_>>()) + 19.3)
                .abs()
                < 0.5
        );

        let number = catalogue.add(narrow);
        assert_eq!(number.index(), BUILT_IN.len());
        assert_eq!(catalogue.add(wide.clone()), number);
        assert_eq!(catalogue.get(number), Some(&wide));
    }

    #[test]
    fn a_file_that_cannot_be_played_says_what_is_wanted() {
        let refusals: [(&[u8], &str); 6] = [
            (b"RIFF but no more", "not a WAV file that can be read"),
            (&wav(44_100, 1, 16, &[0]), "44100 samples a second (8000 or 16000 wanted)"),
            (&wav(8_000, 2, 16, &[0, 0]), "2 channels (1 wanted)"),
            (&wav(8_000, 1, 24, &[0]), "24 bits a sample (16 wanted)"),
            (&wav(8_000, 1, 16, &[]), "no sound in it"),
            (&wav(8_000, 1, 16, &[1, 2, 3])[..46], "not a WAV file that can be read"),
        ];
        for (file, wanted) in refusals {
            let told = Sound::from_wav("it", file).unwrap_err().to_string();
            assert!(told.starts_with(wanted), "{told}");
        }
    }
}
