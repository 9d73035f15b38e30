//! Sound made ready for the line: linear samples to A-law, µ-law and G.722, once and for all.
//!
//! The build script compiles this very file to prepare the sounds that come with the program.
//! All three codecs take eight bytes a millisecond, so one place in a sound is the same place
//! in each of them.

use crate::rtp::{g711, g722};

/// Bytes of any of the three codecs in a packet of 20 ms.
pub const FRAME: usize = 160;

/// How many samples a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rate {
    /// 8 kHz, telephone sound.
    Narrow,
    /// 16 kHz.
    Wide,
}

/// One sound in every codec, each a whole number of frames and equally long.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rendered {
    /// In A-law.
    pub pcma: Vec<u8>,
    /// In µ-law.
    pub pcmu: Vec<u8>,
    /// In G.722.
    pub g722: Vec<u8>,
}

/// Renders `samples`, with silence added up to a whole frame.
#[must_use]
pub fn render(rate: Rate, samples: &[i16]) -> Rendered {
    let per_byte = match rate {
        Rate::Narrow => 1,
        Rate::Wide => 2,
    };
    let mut samples = samples.to_vec();
    samples.resize(samples.len().next_multiple_of(FRAME * per_byte), 0);

    let narrow = match rate {
        Rate::Narrow => samples.clone(),
        Rate::Wide => g722::to_narrow(&samples).collect(),
    };
    let mut encoder = g722::Encoder::default();
    let mut encode = |samples: &[i16]| -> Vec<u8> {
        match rate {
            Rate::Narrow => samples.iter().map(|&it| encoder.narrow(it)).collect(),
            Rate::Wide => samples.chunks_exact(2).filter_map(|it| pair(&mut encoder, it)).collect(),
        }
    };
    // G.722 remembers. Begun in the state that the end leaves behind, a loop has no seam.
    let last_second = samples.len().saturating_sub(8_000 * per_byte);
    encode(samples.get(last_second..).unwrap_or_default());
    Rendered {
        pcma: narrow.iter().map(|&it| g711::to_pcma(it)).collect(),
        pcmu: narrow.iter().map(|&it| g711::to_pcmu(it)).collect(),
        g722: encode(&samples),
    }
}

fn pair(encoder: &mut g722::Encoder, samples: &[i16]) -> Option<u8> {
    match samples {
        [first, second] => Some(encoder.wide(*first, *second)),
        _ => None,
    }
}
