//! G.722: two samples of 16 kHz sound in one byte (ITU-T G.722, 64 kbit/s).
//!
//! ```text
//!             ┌► low band  (0-4 kHz) ─► 6 bits ADPCM ─┐
//! 16 kHz ─QMF─┤                                       ├─► byte: high 2, low 6
//!             └► high band (4-8 kHz) ─► 2 bits ADPCM ─┘
//! ```
//!
//! The filter in front (QMF) splits the sound into two bands of 8 kHz each. So the codec has
//! its own bridge to telephone sound: [`Encoder::narrow`] and [`Decoder::narrow`] leave the
//! filter out and speak with the low band alone, which is the 8 kHz that G.711 carries. The
//! blocks below bear the names of the Recommendation. Nothing is allocated; knows no packets.
//!
//! Ours, because no crate has that bridge: they resample instead, which costs delay, sound and
//! an allocation for every packet, and the best kept of them (`ezk-g722`) begins with another
//! scale than the Recommendation. It agrees with ours to the bit in the tests.

/// Writes G.722.
#[derive(Clone, Debug)]
pub struct Encoder {
    low: Band,
    high: Band,
    filter: Qmf,
}

/// Reads G.722.
#[derive(Clone, Debug)]
pub struct Decoder {
    low: Band,
    high: Band,
    filter: Qmf,
}

impl Default for Encoder {
    fn default() -> Self {
        Self { low: Band::LOW, high: Band::HIGH, filter: Qmf::default() }
    }
}

impl Default for Decoder {
    fn default() -> Self {
        Self { low: Band::LOW, high: Band::HIGH, filter: Qmf::default() }
    }
}

impl Encoder {
    /// The byte for the next two samples of 16 kHz sound.
    pub fn wide(&mut self, first: i16, second: i16) -> u8 {
        let (low, high) = self.filter.split(first, second);
        self.bands(low, high)
    }

    /// The byte for the next sample of 8 kHz sound, heard as 16 kHz sound without highs.
    pub fn narrow(&mut self, sample: i16) -> u8 {
        self.bands(i32::from(sample) >> 1, 0)
    }

    fn bands(&mut self, low: i32, high: i32) -> u8 {
        // Blocks 1L, 1H: the difference to what was predicted, quantised.
        let low_code = quantise_low(saturate(low - self.low.predicted), self.low.scale);
        let high_code = quantise_high(saturate(high - self.high.predicted), self.high.scale);
        self.low.adapt_low(low_code);
        self.high.adapt_high(high_code);
        high_code << 6 | low_code
    }
}

impl Decoder {
    /// The two samples of 16 kHz sound that a byte stands for.
    pub fn wide(&mut self, byte: u8) -> [i16; 2] {
        let (low, high) = self.bands(byte);
        self.filter.join(low, high)
    }

    /// The sample of 8 kHz sound that a byte stands for: its low band alone.
    pub fn narrow(&mut self, byte: u8) -> i16 {
        let (low, _) = self.bands(byte);
        short(low << 1)
    }

    fn bands(&mut self, byte: u8) -> (i32, i32) {
        let (low_code, high_code) = (byte & 0x3F, byte >> 6);
        // Blocks 5, 6: what was predicted and the difference, limited.
        let low = self.low.predicted + scaled(self.low.scale, pick(&LOW_LEVELS_6, low_code));
        let high = self.high.predicted + scaled(self.high.scale, pick(&HIGH_LEVELS, high_code));
        self.low.adapt_low(low_code);
        self.high.adapt_high(high_code);
        (low.clamp(-16_384, 16_383), high.clamp(-16_384, 16_383))
    }
}

/// Splits 16 kHz sound into its low band, 8 kHz, by the filter of G.722. What was above 4 kHz
/// is lost.
pub fn to_narrow(wide: &[i16]) -> impl Iterator<Item = i16> + '_ {
    let mut filter = Qmf::default();
    wide.chunks_exact(2).filter_map(move |pair| match pair {
        [first, second] => Some(short(filter.split(*first, *second).0 << 1)),
        _ => None,
    })
}

/// One sub-band: its adaptive predictor (two poles, six zeros) and quantiser scale.
#[derive(Clone, Debug)]
struct Band {
    /// What the next sample is expected to be (`S`).
    predicted: i32,
    /// The part of it that the zeros make (`SZ`).
    by_zeros: i32,
    /// The scale of the quantiser (`DET`) and its logarithm (`NB`).
    scale: i32,
    log_scale: i32,
    /// The last two reconstructed samples (`R`) and partial ones (`P`), newest first.
    reconstructed: [i32; 2],
    partial: [i32; 2],
    /// The last six differences (`D`), newest first.
    differences: [i32; 6],
    /// The coefficients of poles (`A`) and zeros (`B`).
    poles: [i32; 2],
    zeros: [i32; 6],
}

impl Band {
    const LOW: Self = Self {
        predicted: 0,
        by_zeros: 0,
        scale: 32,
        log_scale: 0,
        reconstructed: [0; 2],
        partial: [0; 2],
        differences: [0; 6],
        poles: [0; 2],
        zeros: [0; 6],
    };
    const HIGH: Self = Self { scale: 8, ..Self::LOW };

    /// Blocks 2L, 3L and 4: what a low-band code teaches, on either side of the line.
    fn adapt_low(&mut self, code: u8) {
        let code = code >> 2;
        let difference = scaled(self.scale, pick(&LOW_LEVELS_4, code));
        let weight = pick(&LOW_WEIGHTS, code);
        self.log_scale = (((self.log_scale * 127) >> 7) + weight).clamp(0, 18_432);
        self.scale = antilog(self.log_scale, 8);
        self.predict(difference);
    }

    /// Blocks 2H, 3H and 4.
    fn adapt_high(&mut self, code: u8) {
        let difference = scaled(self.scale, pick(&HIGH_LEVELS, code));
        let weight = pick(&HIGH_WEIGHTS, code);
        self.log_scale = (((self.log_scale * 127) >> 7) + weight).clamp(0, 22_528);
        self.scale = antilog(self.log_scale, 10);
        self.predict(difference);
    }

    /// Block 4: moves the predictor on by one sample.
    fn predict(&mut self, difference: i32) {
        // RECONS, PARREC.
        let reconstructed = saturate(self.predicted + difference);
        let partial = saturate(self.by_zeros + difference);
        let [before, before_that] = self.partial;

        // UPPOL2, UPPOL1: the poles follow the signs of the partial signal.
        let [first, second] = self.poles;
        let towards = saturate(first << 2);
        let towards = if same_sign(partial, before) { -towards } else { towards };
        let step = if same_sign(partial, before_that) { 128 } else { -128 };
        let new_second = (towards.min(32_767) >> 7) + step + ((second * 32_512) >> 15);
        let new_second = new_second.clamp(-12_288, 12_288);
        let step = if same_sign(partial, before) { 192 } else { -192 };
        let bound = saturate(15_360 - new_second);
        let new_first = saturate(step + ((first * 32_640) >> 15)).clamp(-bound, bound);

        // UPZERO: every zero follows the sign of its difference.
        let step = if difference == 0 { 0 } else { 128 };
        for (zero, &old) in self.zeros.iter_mut().zip(&self.differences) {
            let step = if same_sign(old, difference) { step } else { -step };
            *zero = saturate(step + ((*zero * 32_640) >> 15));
        }

        // DELAYA.
        self.differences.rotate_right(1);
        if let Some(newest) = self.differences.first_mut() {
            *newest = difference;
        }
        let [last, _] = self.reconstructed;
        self.reconstructed = [reconstructed, last];
        self.partial = [partial, before];
        self.poles = [new_first, new_second];

        // FILTEP, FILTEZ, PREDIC.
        let by_poles = ((new_first * saturate(2 * reconstructed)) >> 15)
            + ((new_second * saturate(2 * last)) >> 15);
        let by_zeros = self.zeros.iter().zip(&self.differences);
        self.by_zeros = saturate(by_zeros.map(|(b, d)| (b * saturate(2 * d)) >> 15).sum());
        self.predicted = saturate(saturate(by_poles) + self.by_zeros);
    }
}

/// The quadrature mirror filter, either way: 24 taps over the last 24 samples.
#[derive(Clone, Debug, Default)]
struct Qmf {
    /// Even and odd samples apart, oldest first.
    even: [i32; 12],
    odd: [i32; 12],
}

impl Qmf {
    fn split(&mut self, first: i16, second: i16) -> (i32, i32) {
        let (odd, even) = self.filter(i32::from(first), i32::from(second));
        ((even + odd) >> 14, (even - odd) >> 14)
    }

    fn join(&mut self, low: i32, high: i32) -> [i16; 2] {
        let (odd, even) = self.filter(low + high, low - high);
        [short(even >> 11), short(odd >> 11)]
    }

    fn filter(&mut self, even: i32, odd: i32) -> (i32, i32) {
        self.even.copy_within(1.., 0);
        self.odd.copy_within(1.., 0);
        if let (Some(newest_even), Some(newest_odd)) = (self.even.last_mut(), self.odd.last_mut()) {
            (*newest_even, *newest_odd) = (even, odd);
        }
        let forth = self.even.iter().zip(&QMF).map(|(x, c)| x * c).sum();
        let back = self.odd.iter().zip(QMF.iter().rev()).map(|(x, c)| x * c).sum();
        (forth, back)
    }
}

/// Block 1L, QUANTL: six bits.
fn quantise_low(difference: i32, scale: i32) -> u8 {
    let size = if difference < 0 { !difference } else { difference };
    let steps = LOW_DECISIONS.iter().take_while(|&&it| size >= (it * scale) >> 12).count();
    // Sixty codes: the smallest steps of either sign lie next to each other, and negative
    // ones of the outermost steps begin at 4. See table 8 of the Recommendation.
    let steps = u8::try_from(steps).expect("there are 29 decisions");
    match (difference < 0, steps) {
        (true, 0 | 1) => 63 - steps,
        (true, steps) => 33 - steps,
        (false, steps) => 61 - steps,
    }
}

/// Block 1H, QUANTH: two bits.
fn quantise_high(difference: i32, scale: i32) -> u8 {
    let size = if difference < 0 { !difference } else { difference };
    match (difference < 0, size >= (564 * scale) >> 12) {
        (true, false) => 1,
        (true, true) => 0,
        (false, false) => 3,
        (false, true) => 2,
    }
}

/// Blocks 3L, 3H, SCALEL and SCALEH: the scale from its logarithm to base 2 (11 bits fraction).
fn antilog(log: i32, shift: i32) -> i32 {
    let fraction = pick(&ANTILOG, u8::try_from(log >> 6 & 31).unwrap_or_default());
    let shift = shift - (log >> 11);
    (if shift < 0 { fraction << -shift } else { fraction >> shift }) << 2
}

fn scaled(scale: i32, level: i32) -> i32 {
    (scale * level) >> 15
}

fn same_sign(one: i32, other: i32) -> bool {
    (one < 0) == (other < 0)
}

fn saturate(value: i32) -> i32 {
    value.clamp(-32_768, 32_767)
}

fn short(value: i32) -> i16 {
    i16::try_from(saturate(value)).unwrap_or_default()
}

/// The entry of a table for a code that it is as long as.
fn pick<const N: usize>(table: &[i32; N], code: u8) -> i32 {
    table.get(usize::from(code)).copied().unwrap_or_default()
}

/// The filter's coefficients, every other one: the rest are these backwards.
const QMF: [i32; 12] = [3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11];

/// Decision levels of the low band (`Q6`).
const LOW_DECISIONS: [i32; 29] = [
    35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650, 714, 786, 858, 940, 1023,
    1121, 1219, 1339, 1458, 1612, 1765, 1980, 2195, 2557, 2919,
];

/// Output levels of the low band by four bits (`QQ4`) and six (`QQ6`), and the weights of the
/// four-bit codes (`WL`).
const LOW_LEVELS_4: [i32; 16] = [
    0, -20_456, -12_896, -8_968, -6_288, -4_240, -2_584, -1_200, 20_456, 12_896, 8_968, 6_288,
    4_240, 2_584, 1_200, 0,
];
const LOW_LEVELS_6: [i32; 64] = [
    -136, -136, -136, -136, -24_808, -21_904, -19_008, -16_704, -14_984, -13_512, -12_280, -11_192,
    -10_232, -9_360, -8_576, -7_856, -7_192, -6_576, -6_000, -5_456, -4_944, -4_464, -4_008,
    -3_576, -3_168, -2_776, -2_400, -2_032, -1_688, -1_360, -1_040, -728, 24_808, 21_904, 19_008,
    16_704, 14_984, 13_512, 12_280, 11_192, 10_232, 9_360, 8_576, 7_856, 7_192, 6_576, 6_000,
    5_456, 4_944, 4_464, 4_008, 3_576, 3_168, 2_776, 2_400, 2_032, 1_688, 1_360, 1_040, 728, 432,
    136, -432, -136,
];
const LOW_WEIGHTS: [i32; 16] =
    [-60, 3_042, 1_198, 538, 334, 172, 58, -30, 3_042, 1_198, 538, 334, 172, 58, -30, -60];

/// Output levels of the high band (`QQ2`) and the weights of its codes (`WH`).
const HIGH_LEVELS: [i32; 4] = [-7_408, -1_616, 7_408, 1_616];
const HIGH_WEIGHTS: [i32; 4] = [798, -214, 798, -214];

/// Powers of two between 1 and 2, times 2048 (`ILB`).
const ANTILOG: [i32; 32] = [
    2_048, 2_093, 2_139, 2_186, 2_233, 2_282, 2_332, 2_383, 2_435, 2_489, 2_543, 2_599, 2_656,
    2_714, 2_774, 2_834, 2_896, 2_960, 3_025, 3_091, 3_158, 3_228, 3_298, 3_371, 3_444, 3_520,
    3_597, 3_676, 3_756, 3_838, 3_922, 4_008,
];

#[cfg(test)]
mod tests {
    use ezk_g722::libg722::{self, Bitrate};

    use super::*;
    use crate::base::rng::Rng;

    /// Sound that visits every corner: noise, loudest tones, silence, one after another.
    fn trial() -> Vec<i16> {
        let mut rng = Rng::new(722);
        let mut noise = move |loud: i64| {
            i16::try_from(i64::try_from(rng.bits() >> 48).unwrap() - 32_768).unwrap_or(0)
                / i16::try_from(loud).unwrap()
        };
        (0..64_000)
            .map(|at| match at / 8_000 {
                0 => noise(1),
                1 => 0,
                2 => noise(300),
                3 if at % 40 < 20 => i16::MAX,
                3 => i16::MIN,
                4 if at % 2 == 0 => 30_000,
                4 => -30_000,
                5 => tone(at, 440.0, 16_000.0, 8_000.0),
                6 => tone(at, 3_000.0, 16_000.0, 20_000.0),
                _ => noise(4),
            })
            .collect()
    }

    #[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)]
    fn tone(at: usize, hertz: f64, rate: f64, size: f64) -> i16 {
        ((at as f64 * hertz / rate * std::f64::consts::TAU).sin() * size) as i16
    }

    /// A second reading of the Recommendation agrees with ours to the bit.
    #[test]
    fn every_bit_is_as_another_codec_makes_it() {
        let sound = trial();
        // That codec begins with scales of zero, the Recommendation with 32 and 8.
        let band = |like: Band| Band { scale: 0, ..like };
        let mut encoder =
            Encoder { low: band(Band::LOW), high: band(Band::HIGH), filter: Qmf::default() };
        let decoder =
            Decoder { low: band(Band::LOW), high: band(Band::HIGH), filter: Qmf::default() };
        let ours: Vec<u8> =
            sound.chunks_exact(2).map(|pair| encoder.wide(pair[0], pair[1])).collect();
        let theirs =
            libg722::encoder::Encoder::new(Bitrate::Mode1_64000, false, false).encode(&sound);
        assert_eq!(ours.iter().zip(&theirs).position(|(a, b)| a != b), None);

        let mut fresh = decoder.clone();
        let back: Vec<i16> = ours.iter().flat_map(|&byte| fresh.wide(byte)).collect();
        let theirs =
            libg722::decoder::Decoder::new(Bitrate::Mode1_64000, false, false).decode(&ours);
        assert_eq!(back.iter().zip(&theirs).position(|(a, b)| a != b), None);

        let mut fresh = decoder;
        let garbage: Vec<u8> = sound.iter().map(|it| it.to_le_bytes()[0]).collect();
        let back: Vec<i16> = garbage.iter().flat_map(|&byte| fresh.wide(byte)).collect();
        let theirs =
            libg722::decoder::Decoder::new(Bitrate::Mode1_64000, false, false).decode(&garbage);
        assert_eq!(back.iter().zip(&theirs).position(|(a, b)| a != b), None);
    }

    #[test]
    fn telephone_sound_comes_through_the_low_band_clean() {
        let sound: Vec<i16> = (0..8_000).map(|at| tone(at, 1_020.0, 8_000.0, 6_000.0)).collect();
        let (mut encoder, mut decoder) = (Encoder::default(), Decoder::default());
        let mut noise = 0.0;
        let mut signal = 0.0;
        for (at, &sample) in sound.iter().enumerate() {
            let back = decoder.narrow(encoder.narrow(sample));
            // The first half second is the codec's to find its scale.
            if at > 4_000 {
                noise += (f64::from(back) - f64::from(sample)).powi(2);
                signal += f64::from(sample).powi(2);
            }
        }
        let snr_db = 10.0 * (signal / noise).log10();
        assert!(snr_db > 35.0, "{snr_db:.1} dB");
    }

    #[test]
    fn the_filter_alone_halves_the_rate() {
        let wide: Vec<i16> = (0..16_000).map(|at| tone(at, 1_000.0, 16_000.0, 8_000.0)).collect();
        let narrow: Vec<i16> = to_narrow(&wide).collect();
        assert_eq!(narrow.len(), 8_000);
        let power = |sound: &[i16]| sound.iter().map(|&it| f64::from(it).powi(2)).sum::<f64>();
        let gain = power(&narrow) * 2.0 / power(&wide);
        assert!((0.97..1.03).contains(&gain), "{gain}");
    }
}
