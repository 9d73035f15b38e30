//! How well a stream arrives: loss, order and jitter (RFC 3550 A.1, A.3, A.8).
//!
//! All in whole numbers, as the RFC computes them, so that two receivers of the same packets
//! agree to the digit. Knows no addresses; the caller has made sure whose packets these are.

use crate::rtp::{packet::Ssrc, rtcp::Block};

/// More packets missing in one step than this is a restart, not a loss.
const DROPOUT_MAX: u16 = 3_000;
/// More packets late than this is a restart, not a reordering.
const MISORDER_MAX: u16 = 100;

/// What is known of one far side's packets.
#[derive(Clone, Debug, Default)]
pub struct Reception {
    source: Option<Source>,
    /// Packets of sources that have ended.
    received_before: u64,
    lost_before: i64,
}

/// One SSRC's numbering, from its first packet on.
#[derive(Clone, Debug)]
struct Source {
    ssrc: Ssrc,
    base: u16,
    highest: u16,
    cycles: u32,
    /// The number after one that made no sense; if it comes, the sender has restarted.
    suspect: Option<u16>,
    received: u32,
    received_at_report: u32,
    expected_at_report: u32,
    /// Arrival minus timestamp of the last packet, in timestamp units.
    transit: Option<u32>,
    /// Sixteen times the jitter.
    jitter: u32,
}

/// What a packet's number means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The first of its source, or of a sender that has restarted.
    First,
    /// Newer than all before, perhaps after a gap.
    Next,
    /// Late, or a duplicate.
    Late,
    /// Far off: it is not counted unless the next one follows it.
    Astray,
}

impl Reception {
    /// Counts a packet by its number (A.1).
    pub fn count(&mut self, ssrc: Ssrc, sequence: u16) -> Order {
        match &mut self.source {
            Some(source) if source.ssrc == ssrc => match source.count(sequence) {
                Order::First => self.begin(ssrc, sequence),
                order @ (Order::Next | Order::Late | Order::Astray) => order,
            },
            _ => self.begin(ssrc, sequence),
        }
    }

    /// Learns from when a packet of sound came, in units of its timestamp (A.8). Packets of
    /// events all bear the time of their beginning and teach nothing.
    pub fn time(&mut self, timestamp: u32, arrival: u32) {
        let Some(source) = &mut self.source else { return };
        let transit = arrival.wrapping_sub(timestamp);
        if let Some(last) = source.transit.replace(transit) {
            let difference = transit.wrapping_sub(last).cast_signed().unsigned_abs();
            // Half a minute's jump is a new clock, not jitter; it must not poison the average.
            if difference < 240_000 {
                source.jitter += difference;
                source.jitter -= (source.jitter.saturating_sub(difference) + 8) >> 4;
            }
        }
    }

    /// The block that a report says of this source (RFC 3550 6.4.1), but for the times of
    /// sender reports, and the beginning of a new interval. `None` if nothing was heard.
    pub fn report(&mut self) -> Option<Block> {
        let source = self.source.as_mut()?;
        let expected = source.expected();
        let expected_interval = expected.wrapping_sub(source.expected_at_report);
        let received_interval = source.received.wrapping_sub(source.received_at_report);
        source.expected_at_report = expected;
        source.received_at_report = source.received;
        let fraction = match expected_interval.checked_sub(received_interval) {
            Some(lost) if expected_interval > 0 => {
                u64::from(lost) * 256 / u64::from(expected_interval)
            }
            // Duplicates outweigh the losses, or nothing was expected.
            _ => 0,
        };
        Some(Block {
            about: source.ssrc,
            fraction_lost: u8::try_from(fraction).unwrap_or(u8::MAX),
            lost: i32::try_from(source.lost()).unwrap_or(i32::MAX),
            highest: source.cycles + u32::from(source.highest),
            jitter: source.jitter >> 4,
            last_report: 0,
            since_last_report: 0,
        })
    }

    /// All packets counted.
    #[must_use]
    pub fn received(&self) -> u64 {
        self.received_before + self.source.as_ref().map_or(0, |it| u64::from(it.received))
    }

    /// All packets that never came (A.3); negative with duplicates.
    #[must_use]
    pub fn lost(&self) -> i64 {
        self.lost_before + self.source.as_ref().map_or(0, Source::lost)
    }

    /// The jitter now, in timestamp units.
    #[must_use]
    pub fn jitter(&self) -> u32 {
        self.source.as_ref().map_or(0, |it| it.jitter >> 4)
    }

    fn begin(&mut self, ssrc: Ssrc, sequence: u16) -> Order {
        self.received_before = self.received();
        self.lost_before = self.lost();
        let jitter = self.source.as_ref().map_or(0, |it| it.jitter);
        self.source = Some(Source {
            ssrc,
            base: sequence,
            highest: sequence,
            cycles: 0,
            suspect: None,
            received: 1,
            received_at_report: 0,
            expected_at_report: 0,
            transit: None,
            jitter,
        });
        Order::First
    }
}

impl Source {
    fn count(&mut self, sequence: u16) -> Order {
        let ahead = sequence.wrapping_sub(self.highest);
        if ahead == 0 || ahead > u16::MAX - MISORDER_MAX {
            self.received = self.received.wrapping_add(1);
            return Order::Late;
        }
        if ahead < DROPOUT_MAX {
            if sequence < self.highest {
                self.cycles = self.cycles.wrapping_add(1 << 16);
            }
            self.highest = sequence;
            self.suspect = None;
            self.received = self.received.wrapping_add(1);
            return Order::Next;
        }
        if self.suspect == Some(sequence) {
            return Order::First;
        }
        self.suspect = Some(sequence.wrapping_add(1));
        Order::Astray
    }

    fn expected(&self) -> u32 {
        (self.cycles + u32::from(self.highest)).wrapping_sub(u32::from(self.base)).wrapping_add(1)
    }

    fn lost(&self) -> i64 {
        i64::from(self.expected()) - i64::from(self.received)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SSRC: Ssrc = Ssrc(1);

    /// Counts packets by number and tells each order's letter: First, Next, Late, Astray.
    fn orders(reception: &mut Reception, numbers: impl IntoIterator<Item = u16>) -> String {
        let letter = |order| match order {
            Order::First => 'F',
            Order::Next => 'N',
            Order::Late => 'L',
            Order::Astray => 'A',
        };
        numbers.into_iter().map(|it| letter(reception.count(SSRC, it))).collect()
    }

    #[test]
    fn numbers_wrap_and_late_ones_and_duplicates_are_counted() {
        let mut it = Reception::default();
        // 65535 comes late, 2 is lost, 3 comes twice.
        assert_eq!(orders(&mut it, [65_534, 0, 65_535, 1, 3, 3, 4]), "FNLNNLN");
        // Expected 65534..=65540, seven; seven came, one of them a duplicate.
        assert_eq!((it.received(), it.lost()), (7, 0));
        let block = it.report().unwrap();
        assert_eq!((block.highest, block.lost, block.fraction_lost), (65_536 + 4, 0, 0));
    }

    #[test]
    fn the_fraction_lost_is_of_the_last_interval_and_the_sum_of_all() {
        let mut it = Reception::default();
        orders(&mut it, (0..100).filter(|n| n % 4 != 1));
        let block = it.report().unwrap();
        // 25 of 100: 64 of 256.
        assert_eq!((block.fraction_lost, block.lost), (64, 25));
        orders(&mut it, 100..200);
        let block = it.report().unwrap();
        assert_eq!((block.fraction_lost, block.lost), (0, 25));
        // Every packet twice: losses turn negative, the fraction does not.
        orders(&mut it, (200..230).flat_map(|n| [n, n]));
        let block = it.report().unwrap();
        assert_eq!((block.fraction_lost, block.lost), (0, -5));
    }

    #[test]
    fn a_sender_that_restarts_is_followed_from_its_second_packet_and_a_stray_is_not() {
        let mut it = Reception::default();
        assert_eq!(
            orders(&mut it, [10, 11, 40_000, 12, 40_001, 30_000, 30_001, 30_002]),
            "FNANAAFN"
        );
        assert_eq!((it.received(), it.lost()), (5, 0));
        assert_eq!(it.count(Ssrc(2), 9), Order::First);
        assert_eq!(it.received(), 6);
    }

    /// The example of RFC 3550 A.8 worked by hand: J += |D| - (J + 8) / 16, J scaled by 16.
    #[test]
    fn jitter_is_the_rfcs_to_the_digit() {
        let mut it = Reception::default();
        it.count(SSRC, 0);
        let mut expected: u32 = 0;
        for (n, late) in [(0, 0), (1, 40), (2, 0), (3, 0), (4, 160), (5, 160)] {
            it.time(n * 160, 5_000 + n * 160 + late);
            let difference = match n {
                1 | 2 => 40,
                4 => 160,
                _ => 0,
            };
            if n > 0 {
                expected = expected + difference - ((expected + 8) >> 4);
            }
        }
        assert_eq!(it.source.as_ref().unwrap().jitter, expected);
        assert_eq!(it.jitter(), expected >> 4);
    }

    #[test]
    fn steady_jitter_settles_at_its_mean() {
        let mut it = Reception::default();
        it.count(SSRC, 0);
        for n in 0..2_000 {
            it.time(n * 160, n * 160 + n % 2 * 80);
        }
        // Every difference is 80, and so is the mean.
        assert!((79..=80).contains(&it.jitter()), "{}", it.jitter());
    }
}
