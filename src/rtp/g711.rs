//! G.711: a sample of telephone sound in one byte, by the A-law or the µ-law (ITU-T G.711).
//!
//! Both laws cut the range of loudness into eight segments, each twice as wide as the one
//! below, and each into sixteen steps: `sign, segment (3 bits), step (4 bits)`. A-law sends
//! every other bit inverted, µ-law all of them. Knows no packets.

/// The sample (16 bit, linear) that a byte of A-law stands for.
#[must_use]
pub fn from_pcma(byte: u8) -> i16 {
    entry(&FROM_PCMA, byte)
}

/// The sample (16 bit, linear) that a byte of µ-law stands for.
#[must_use]
pub fn from_pcmu(byte: u8) -> i16 {
    entry(&FROM_PCMU, byte)
}

/// A byte of A-law said in µ-law.
#[must_use]
pub fn pcma_to_pcmu(byte: u8) -> u8 {
    entry(&PCMA_TO_PCMU, byte)
}

/// A byte of µ-law said in A-law.
#[must_use]
pub fn pcmu_to_pcma(byte: u8) -> u8 {
    entry(&PCMU_TO_PCMA, byte)
}

/// The byte of A-law nearest to a sample.
#[must_use]
#[allow(clippy::cast_sign_loss, clippy::cast_possible_truncation)] // Sizes fit by construction.
pub const fn to_pcma(sample: i16) -> u8 {
    // Thirteen bits count. A negative number is measured by its complement, one less.
    let size = (if sample < 0 { !sample } else { sample } as u16) >> 3;
    // Segments 0 and 1 are equally wide; from there each begins where a higher bit is set.
    let segment = 11_u32.saturating_sub(size.leading_zeros());
    let step = (if segment < 2 { size >> 1 } else { size >> segment }) & 0x0F;
    let sign = if sample < 0 { 0 } else { 0x80 };
    (sign | (segment as u8) << 4 | step as u8) ^ 0x55
}

/// The byte of µ-law nearest to a sample.
#[must_use]
#[allow(clippy::cast_sign_loss, clippy::cast_possible_truncation)] // Sizes fit by construction.
pub const fn to_pcmu(sample: i16) -> u8 {
    /// Makes every segment begin at a power of two, the lowest at 32.
    const BIAS: u16 = 33;
    const LOUDEST: u16 = 0x1FFF;

    // Fourteen bits count.
    let size = ((if sample < 0 { !sample } else { sample } as u16) >> 2) + BIAS;
    let size = if size > LOUDEST { LOUDEST } else { size };
    let segment = 10_u32.saturating_sub(size.leading_zeros());
    let step = (size >> (segment + 1)) & 0x0F;
    let sign = if sample < 0 { 0x80 } else { 0 };
    !(sign | (segment as u8) << 4 | step as u8)
}

const fn read_pcma(byte: u8) -> i16 {
    let byte = byte ^ 0x55;
    let segment = (byte >> 4) & 7;
    // The middle of the step.
    let low = ((byte & 0x0F) as i16) << 4 | 8;
    let size = if segment == 0 { low } else { (low | 0x100) << (segment - 1) };
    if byte & 0x80 == 0 { -size } else { size }
}

const fn read_pcmu(byte: u8) -> i16 {
    const BIAS: i16 = 33 << 2;

    let byte = !byte;
    let segment = (byte >> 4) & 7;
    let size = (((((byte & 0x0F) as i16) << 3) + BIAS) << segment) - BIAS;
    if byte & 0x80 == 0 { size } else { -size }
}

/// Fills a table of 256 entries at compile time, where neither closures nor iterators are had.
macro_rules! table {
    ($of:ty, $byte:ident => $entry:expr) => {{
        let mut table = [0 as $of; 256];
        let mut index = 0;
        while index < 256 {
            #[allow(clippy::cast_possible_truncation)] // Below 256.
            let $byte = index as u8;
            #[allow(clippy::indexing_slicing)] // As long as the loop.
            {
                table[index] = $entry;
            }
            index += 1;
        }
        table
    }};
}

static FROM_PCMA: [i16; 256] = table!(i16, byte => read_pcma(byte));
static FROM_PCMU: [i16; 256] = table!(i16, byte => read_pcmu(byte));
static PCMA_TO_PCMU: [u8; 256] = table!(u8, byte => to_pcmu(read_pcma(byte)));
static PCMU_TO_PCMA: [u8; 256] = table!(u8, byte => to_pcma(read_pcmu(byte)));

/// A byte names one of 256 entries: there is none to miss.
#[allow(clippy::indexing_slicing)]
fn entry<T: Copy>(table: &[T; 256], byte: u8) -> T {
    table[usize::from(byte)]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The corners of both laws, as ITU-T G.711 tables 1 and 2 print them (scaled to 16 bit).
    #[test]
    fn the_corners_are_those_of_the_recommendation() {
        let pcma = [(0xD5, 8), (0x55, -8), (0xAA, 32256), (0x2A, -32256), (0x80, 5504)];
        for (byte, sample) in pcma {
            assert_eq!((from_pcma(byte), to_pcma(sample)), (sample, byte), "A-law {byte:#x}");
        }
        let pcmu = [(0xFF, 0), (0x80, 32124), (0x00, -32124), (0xF0, 120), (0x8F, 16764)];
        for (byte, sample) in pcmu {
            assert_eq!((from_pcmu(byte), to_pcmu(sample)), (sample, byte), "µ-law {byte:#x}");
        }
        assert_eq!((to_pcma(i16::MAX), to_pcma(i16::MIN)), (0xAA, 0x2A));
        assert_eq!((to_pcmu(i16::MAX), to_pcmu(i16::MIN)), (0x80, 0x00));
    }

    #[test]
    fn what_was_read_is_written_the_same_again() {
        for byte in 0..=255 {
            assert_eq!(to_pcma(from_pcma(byte)), byte);
            // µ-law knows two zeros; the negative one comes back as the positive one.
            let again = if byte == 0x7F { 0xFF } else { byte };
            assert_eq!(to_pcmu(from_pcmu(byte)), again);
        }
    }

    /// A segment's step is 1/16 of its beginning at most, so half a step is the error.
    #[test]
    fn no_sample_is_off_by_more_than_half_a_step() {
        for sample in i16::MIN..=i16::MAX {
            let size = i32::from(sample).abs();
            for (law, back) in
                [("A", from_pcma(to_pcma(sample))), ("µ", from_pcmu(to_pcmu(sample)))]
            {
                let off = (i32::from(back) - i32::from(sample)).abs();
                // The loudest step of each law also takes what lies above it.
                let allowed = if size > 32_124 { 644 } else { (size / 32).max(8) + 8 };
                assert!(off <= allowed, "{law}-law {sample} came back as {back}");
            }
        }
    }

    #[test]
    fn from_one_law_to_the_other_costs_one_step_at_most() {
        for byte in 0..=255 {
            let (there, sample) = (from_pcmu(pcma_to_pcmu(byte)), from_pcma(byte));
            let off = (i32::from(there) - i32::from(sample)).abs();
            assert!(off <= i32::from(sample).abs() / 32 + 8, "{sample} became {there}");
            assert_eq!(pcmu_to_pcma(byte), to_pcma(from_pcmu(byte)));
        }
    }
}
