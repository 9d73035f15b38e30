//! A WAV file as an operator hands it in: 8 or 16 kHz, one channel, 16 bit.
//!
//! Anything else is refused with what was found and what is wanted; we do not resample behind
//! people's backs. Reads bytes, never files. The build script compiles this file too.

use std::fmt;

use hound::{SampleFormat, WavReader};

use crate::media::render::Rate;

/// The longest sound that is taken, in seconds: 30 minutes.
pub const SECONDS_MAX: u32 = 1_800;

/// Why a file cannot be played.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unplayable {
    /// Not a WAV file, or a damaged one. What the reader says.
    NotWav(String),
    /// Samples a second.
    Rate(u32),
    /// How many channels.
    Channels(u16),
    /// Bits a sample, or not whole numbers at all.
    Samples {
        /// Bits a sample.
        bits: u16,
        /// Whether they are floating-point numbers.
        float: bool,
    },
    /// No sound in it.
    Empty,
    /// Longer than [`SECONDS_MAX`].
    TooLong,
}

/// The samples of a WAV file and how many of them make a second.
pub fn read(bytes: &[u8]) -> Result<(Rate, Vec<i16>), Unplayable> {
    let mut reader = WavReader::new(bytes).map_err(|it| Unplayable::NotWav(it.to_string()))?;
    let spec = reader.spec();
    let rate = match spec.sample_rate {
        8_000 => Rate::Narrow,
        16_000 => Rate::Wide,
        other => return Err(Unplayable::Rate(other)),
    };
    if spec.channels != 1 {
        return Err(Unplayable::Channels(spec.channels));
    }
    let float = spec.sample_format == SampleFormat::Float;
    if float || spec.bits_per_sample != 16 {
        return Err(Unplayable::Samples { bits: spec.bits_per_sample, float });
    }
    match reader.duration() / spec.sample_rate {
        _ if reader.duration() == 0 => return Err(Unplayable::Empty),
        SECONDS_MAX.. => return Err(Unplayable::TooLong),
        _ => (),
    }
    let samples: Result<Vec<i16>, _> = reader.samples().collect();
    Ok((rate, samples.map_err(|it| Unplayable::NotWav(it.to_string()))?))
}

impl fmt::Display for Unplayable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotWav(why) => write!(f, "not a WAV file that can be read ({why})"),
            Self::Rate(rate) => write!(f, "{rate} samples a second (8000 or 16000 wanted)"),
            Self::Channels(channels) => write!(f, "{channels} channels (1 wanted)"),
            Self::Samples { bits, float: false } => {
                write!(f, "{bits} bits a sample (16 wanted)")
            }
            Self::Samples { bits, float: true } => {
                write!(f, "floating-point samples of {bits} bits (whole numbers of 16 wanted)")
            }
            Self::Empty => f.write_str("no sound in it"),
            Self::TooLong => write!(f, "longer than {} minutes", SECONDS_MAX / 60),
        }
    }
}

impl std::error::Error for Unplayable {}
