//! From one codec to another, in place: all of ours take eight bytes a millisecond.
//!
//! G.722 meets G.711 in its low band, which is telephone sound (see `rtp::g722`), so nothing is
//! resampled, delayed or allocated.

use crate::{
    media::order::Codec,
    rtp::{g711, g722},
};

/// Sound of one direction of a call, made another codec.
#[derive(Clone, Debug)]
pub struct Transcoder {
    from: Codec,
    to: Codec,
    decoder: g722::Decoder,
    encoder: g722::Encoder,
}

impl Transcoder {
    /// From one codec to the other.
    #[must_use]
    pub fn new(from: Codec, to: Codec) -> Self {
        Self { from, to, decoder: g722::Decoder::default(), encoder: g722::Encoder::default() }
    }

    /// Whether this one does just that.
    #[must_use]
    pub fn is(&self, from: Codec, to: Codec) -> bool {
        (self.from, self.to) == (from, to)
    }

    /// Rewrites a payload.
    pub fn rewrite(&mut self, payload: &mut [u8]) {
        use Codec::{G722, Pcma, Pcmu};

        let (decoder, encoder) = (&mut self.decoder, &mut self.encoder);
        for byte in payload {
            *byte = match (self.from, self.to) {
                (Pcma, Pcma) | (Pcmu, Pcmu) | (G722, G722) => return,
                (Pcma, Pcmu) => g711::pcma_to_pcmu(*byte),
                (Pcmu, Pcma) => g711::pcmu_to_pcma(*byte),
                (Pcma, G722) => encoder.narrow(g711::from_pcma(*byte)),
                (Pcmu, G722) => encoder.narrow(g711::from_pcmu(*byte)),
                (G722, Pcma) => g711::to_pcma(decoder.narrow(*byte)),
                (G722, Pcmu) => g711::to_pcmu(decoder.narrow(*byte)),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[allow(clippy::cast_possible_truncation)]
    fn tone(at: u16) -> i16 {
        ((f64::from(at) * std::f64::consts::TAU * 1_020.0 / 8_000.0).sin() * 8_000.0) as i16
    }

    fn encode(codec: Codec) -> Vec<u8> {
        let mut encoder = g722::Encoder::default();
        (0..16_000)
            .map(|at| match codec {
                Codec::Pcma => g711::to_pcma(tone(at)),
                Codec::Pcmu => g711::to_pcmu(tone(at)),
                Codec::G722 => encoder.narrow(tone(at)),
            })
            .collect()
    }

    fn decode(codec: Codec, bytes: &[u8]) -> Vec<f64> {
        let mut decoder = g722::Decoder::default();
        let samples = bytes.iter().map(|&byte| match codec {
            Codec::Pcma => g711::from_pcma(byte),
            Codec::Pcmu => g711::from_pcmu(byte),
            Codec::G722 => decoder.narrow(byte),
        });
        samples.map(f64::from).collect()
    }

    /// A tone through every pair of codecs, packet by packet. Each law alone has 37 dB, and two in a row 3 less at best.
    #[test]
    fn a_tone_comes_through_every_pair_of_codecs() {
        for from in Codec::ALL {
            for to in Codec::ALL {
                let mut bytes = encode(from);
                let mut transcoder = Transcoder::new(from, to);
                for payload in bytes.chunks_mut(160) {
                    transcoder.rewrite(payload);
                }
                let (mut signal, mut noise) = (0.0, 0.0);
                // The first half second is G.722's to find its scale.
                for (at, heard) in (0..).zip(decode(to, &bytes)).skip(4_000) {
                    signal += f64::from(tone(at)).powi(2);
                    noise += (heard - f64::from(tone(at))).powi(2);
                }
                let snr_db = 10.0 * (signal / noise).log10();
                assert!(snr_db > 30.0, "{} to {}: {snr_db:.1} dB", from.name(), to.name());
            }
        }
    }
}
