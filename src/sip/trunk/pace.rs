//! When a trunk is asked again: refreshing, backing off, probing. Numbers in, spans out.

use crate::base::time::Span;

/// The first pause after a failure, and the longest (RFC 5626 4.5): doubled from one to the other.
const PAUSE: Span = Span::secs(5);
const PAUSE_MAX: Span = Span::secs(300);

/// So many probes in a row must fail, or be answered, before a trunk counts as down, or up again.
const PROBES: u32 = 2;
/// How soon a probe that failed is repeated.
const PROBE_AGAIN: Span = Span::secs(5);

/// A registration is refreshed between 50 and 80 % of its life (DOMAIN.md T-5), so that many
/// trunks of one carrier do not come back in step. `below` throws a number below its argument.
pub(super) fn refresh(granted: u32, below: &mut dyn FnMut(u64) -> u64) -> Span {
    let life = Span::secs(granted.max(1).into()).as_millis();
    Span::millis(life / 2 + below(life * 3 / 10 + 1))
}

/// How long to wait after that many failures in a row: half of the pause for sure, the other
/// half by chance; never less than the carrier asks for.
pub(super) fn pause(failures: u32, asked: Option<u32>, below: &mut dyn FnMut(u64) -> u64) -> Span {
    let doubled = PAUSE * (1 << failures.saturating_sub(1).min(10));
    let whole = doubled.min(PAUSE_MAX).as_millis();
    let span = Span::millis(whole / 2 + below(whole / 2 + 1));
    span.max(Span::secs(asked.unwrap_or(0).into()).min(PAUSE_MAX))
}

/// What probes have said of late.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Pulse {
    /// Whether the trunk counts as up; `None` before the first word.
    pub(super) is_up: Option<bool>,
    /// How many in a row said otherwise.
    against: u32,
}

impl Pulse {
    /// A probe was answered, or not. Says whether that changes how the trunk counts.
    pub(super) fn feel(&mut self, is_answered: bool) -> bool {
        let Some(is_up) = self.is_up else {
            self.is_up = Some(is_answered);
            return true;
        };
        if is_up == is_answered {
            self.against = 0;
            return false;
        }
        self.against += 1;
        if self.against < PROBES {
            return false;
        }
        *self = Self { is_up: Some(is_answered), against: 0 };
        true
    }

    /// When to probe next: soon, while there is doubt.
    pub(super) fn next(self, every: Span) -> Span {
        if self.against > 0 { PROBE_AGAIN.min(every) } else { every }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::rng::Rng;

    #[test]
    fn a_registration_is_refreshed_between_half_and_four_fifths_of_its_life() {
        let mut rng = Rng::new(1);
        let spans: Vec<u64> =
            (0..1000).map(|_| refresh(600, &mut |it| rng.below(it)).as_millis()).collect();
        assert!(spans.iter().all(|it| (300_000..=480_000).contains(it)));
        assert!(spans.iter().max() > spans.iter().min());
        assert_eq!(refresh(0, &mut |_| 0), Span::millis(500), "whatever is granted");
    }

    #[test]
    fn who_fails_waits_twice_as_long_each_time_up_to_five_minutes() {
        let most = |failures| pause(failures, None, &mut |it| it - 1).as_millis() / 1000;
        let told: Vec<u64> = (1..10).map(most).collect();
        assert_eq!(told, [5, 10, 20, 40, 80, 160, 300, 300, 300]);
        assert_eq!(pause(3, None, &mut |_| 0), Span::secs(10), "half of it at least");
        assert_eq!(pause(1, Some(60), &mut |_| 0), Span::secs(60), "the carrier's word holds");
        assert_eq!(pause(1, Some(86_400), &mut |_| 0), Span::secs(300), "within reason");
    }

    #[test]
    fn one_lost_probe_takes_no_trunk_down_and_one_answer_none_up() {
        let mut pulse = Pulse::default();
        let told: Vec<_> = [true, false, true, false, false, false, true, false, true, true]
            .map(|it| (pulse.feel(it), pulse.is_up.unwrap()))
            .into();
        let (t, f) = (true, false);
        assert_eq!(
            told,
            [(t, t), (f, t), (f, t), (f, t), (t, f), (f, f), (f, f), (f, f), (f, f), (t, t)]
        );
        pulse.feel(false);
        assert_eq!(pulse.next(Span::secs(30)), Span::secs(5), "doubt is cleared up soon");
    }
}
