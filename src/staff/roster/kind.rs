//! A kind of shift: how long it is, what of it is paid, and when its break may be.

/// More than so long without a break nobody works, and then the break is so long: German
/// working-time law (`ArbZG` § 4), in minutes.
const BREAKS: [(u32, u32); 2] = [(9 * 60, 45), (6 * 60, 30)];
/// Longer nobody works in a day (`ArbZG` § 3), in minutes.
pub const PAID_MAX: u32 = 10 * 60;
/// A break begins at the earliest and at the latest so long after the shift, in minutes.
const WINDOW: (u32, u32) = (3 * 60, 5 * 60 + 30);

/// A kind of shift, in slots of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// Minutes that are paid: all but the break.
    pub paid: u32,
    /// From its first slot to its last.
    pub slots: usize,
    /// The break, if it has one.
    pub rest: Option<Rest>,
}

/// A break within a shift.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rest {
    /// How long it is, in slots.
    pub slots: usize,
    /// After how many slots of the shift it begins at the earliest.
    pub earliest: usize,
    /// And at the latest.
    pub latest: usize,
}

impl Kind {
    /// A shift of `paid` minutes in a day of slots of `slot` minutes. One longer than six hours
    /// has the break that the law wants, unpaid, in its middle.
    ///
    /// `None` if it is not of whole slots, too short to be one, or longer than the law allows.
    #[must_use]
    pub fn new(paid: u32, slot: u32) -> Option<Self> {
        if slot == 0 || paid == 0 || paid > PAID_MAX || !paid.is_multiple_of(slot) {
            return None;
        }
        let slots = |minutes: u32| minutes.div_ceil(slot) as usize;
        let rest = BREAKS.iter().find(|(longer, _)| paid > *longer).map(|&(longest, minutes)| {
            // Neither before nor after it anyone works more than six hours on end.
            let (from, to) = WINDOW;
            let earliest = from.max(paid.saturating_sub(longest.min(6 * 60)));
            Rest { slots: slots(minutes), earliest: slots(earliest), latest: (to / slot) as usize }
        });
        let rest = rest.filter(|rest| rest.earliest <= rest.latest);
        let away = rest.map_or(0, |rest| rest.slots);
        Some(Self { paid, slots: slots(paid) + away, rest })
    }

    /// The same for a day of so few slots that it does not fit: there from the first to the last, and
    /// paid in full.
    #[must_use]
    pub fn cut_to(self, slots: usize) -> Self {
        Self { slots: self.slots.min(slots), rest: None, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_works_more_than_six_hours_has_a_break() {
        let kind = |hours: u32, slot| Kind::new(hours * 60, slot).unwrap();
        assert_eq!(kind(6, 30), Kind { paid: 360, slots: 12, rest: None });
        let rest = Rest { slots: 1, earliest: 6, latest: 11 };
        assert_eq!(kind(8, 30), Kind { paid: 480, slots: 17, rest: Some(rest) });
        let rest = Rest { slots: 2, earliest: 12, latest: 22 };
        assert_eq!(kind(8, 15), Kind { paid: 480, slots: 34, rest: Some(rest) });
        // Ten hours: 45 minutes, and not before the last six hours begin.
        let rest = Rest { slots: 3, earliest: 16, latest: 22 };
        assert_eq!(kind(10, 15), Kind { paid: 600, slots: 43, rest: Some(rest) });
    }

    #[test]
    fn what_is_no_shift_is_none() {
        for (paid, slot) in [(0, 30), (11 * 60, 30), (250, 30), (240, 0)] {
            assert_eq!(Kind::new(paid, slot), None, "{paid} {slot}");
        }
    }
}
