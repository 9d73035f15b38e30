//! A roster for a day: the fewest people or the fewest paid hours, and where it falls short.

use std::fmt;

use crate::staff::roster::{
    kind::Kind,
    model::{Aim, Answer, Counts, Question},
};

/// What a roster is for.
#[derive(Clone, Copy, Debug)]
pub struct Task<'a> {
    /// Agents required in each slot of the day.
    pub required: &'a [u32],
    /// The shifts there may be, in any number.
    pub kinds: &'a [Kind],
    /// Not more people than these; `None`: as many as it takes.
    pub heads_max: Option<u32>,
    /// What is to be least in the first place.
    pub fewest: Fewest,
    /// The solver takes no more seconds than these for each of its few questions, and then
    /// gives the best answer so far. The solver reads that clock, nobody here.
    pub seconds_max: f64,
}

/// What is to be least in the first place; the other in the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fewest {
    /// People who must come.
    Heads,
    /// Hours that are paid.
    Hours,
}

/// Who works when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roster {
    /// One a person, the earliest first.
    pub shifts: Vec<Shift>,
    /// How many are on duty in each slot.
    pub on_duty: Vec<u32>,
    /// The fewest people that any roster needs in which nobody is missing.
    pub heads_min: u32,
    /// The fewest paid minutes, perhaps with more people.
    pub paid_min: u32,
    /// Whether it is proven that no roster is better; if not, time ran out.
    pub is_best: bool,
}

/// A person's working day, in slots of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shift {
    /// The first slot.
    pub from: usize,
    /// The slot after the last.
    pub to: usize,
    /// The break: its first slot, and the one after its last.
    pub rest: Option<(usize, usize)>,
    /// Minutes that are paid.
    pub paid: u32,
}

/// Why there is no roster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unsolved {
    /// There are no shifts, or there is no day.
    Nothing,
    /// The solver gave up; its own words.
    Solver(String),
}

impl Roster {
    /// How many people come.
    #[must_use]
    pub fn heads(&self) -> usize {
        self.shifts.len()
    }

    /// What they are paid for, in minutes.
    #[must_use]
    pub fn paid(&self) -> u32 {
        self.shifts.iter().map(|shift| shift.paid).sum()
    }
}

/// Makes a roster. A shift that does not fit into the day is left out; if none fits, the shortest is
/// worked from the first slot to the last.
pub fn plan(task: &Task) -> Result<Roster, Unsolved> {
    let day = task.required.len();
    let mut kinds: Vec<Kind> = task.kinds.iter().copied().filter(|it| it.slots <= day).collect();
    if kinds.is_empty() {
        let shortest = task.kinds.iter().min_by_key(|kind| kind.slots).ok_or(Unsolved::Nothing)?;
        kinds.push(shortest.cut_to(day));
    }
    if day == 0 {
        return Err(Unsolved::Nothing);
    }
    let whole = Question {
        required: task.required,
        kinds: &kinds,
        may_miss: false,
        seconds_max: task.seconds_max,
    };
    let (first, second) = match task.fewest {
        Fewest::Heads => (Aim::Heads, Aim::Paid),
        Fewest::Hours => (Aim::Paid, Aim::Heads),
    };
    let heads = one_by_one(&whole, &[Aim::Heads], None)?;
    let paid = one_by_one(&whole, &[Aim::Paid], None)?;
    let heads_min = whole.measure(Aim::Heads, &heads.counts);
    let paid_min = whole.measure(Aim::Paid, &paid.counts);
    let (question, best) = match task.heads_max {
        Some(most) if most < heads_min => {
            let question = Question { may_miss: true, ..whole };
            (question, one_by_one(&question, &[Aim::Shortage, Aim::Paid], Some(most))?)
        }
        most => (whole, one_by_one(&whole, &[first, second], most)?),
    };
    Ok(Roster {
        shifts: people(&kinds, &best.counts),
        on_duty: question.cover(&best.counts),
        heads_min,
        paid_min,
        is_best: best.is_best && heads.is_best && paid.is_best,
    })
}

/// The least of the first aim; among these answers the least of the second, and so on.
fn one_by_one(
    question: &Question,
    aims: &[Aim],
    heads_max: Option<u32>,
) -> Result<Answer, Unsolved> {
    let mut bounds: Vec<(Aim, u32)> =
        heads_max.map(|most| (Aim::Heads, most)).into_iter().collect();
    let mut best: Option<Answer> = None;
    for &aim in aims {
        let known = best.as_ref().map(|best| &best.counts);
        let mut answer =
            question.least(aim, &bounds, known).map_err(|why| Unsolved::Solver(why.to_string()))?;
        answer.is_best &= best.is_none_or(|best| best.is_best);
        bounds.push((aim, question.measure(aim, &answer.counts)));
        best = Some(answer);
    }
    best.ok_or(Unsolved::Nothing)
}

/// Gives each shift its break. All windows of a kind are equally long, so the earliest shift takes
/// the earliest break.
fn people(kinds: &[Kind], counts: &Counts) -> Vec<Shift> {
    let each = |counts: &[u32]| -> Vec<usize> {
        let slots = counts.iter().enumerate();
        slots.flat_map(|(slot, people)| std::iter::repeat_n(slot, *people as usize)).collect()
    };
    let mut shifts = vec![];
    for (kind, (starts, rests)) in kinds.iter().zip(counts.starts.iter().zip(&counts.rests)) {
        let mut rests = each(rests).into_iter();
        shifts.extend(each(starts).into_iter().map(|from| Shift {
            from,
            to: from + kind.slots,
            rest: kind.rest.and_then(|rest| rests.next().map(|at| (at, at + rest.slots))),
            paid: kind.paid,
        }));
    }
    shifts.sort_unstable();
    shifts
}

impl fmt::Display for Unsolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("there is no shift, or no time to cover"),
            Self::Solver(why) => write!(f, "the solver found no roster: {why}"),
        }
    }
}

impl std::error::Error for Unsolved {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::rng::Rng;
    use crate::staff::{
        load::Load,
        required::{Model, Promise},
    };

    /// The share in percent of a day's calls in each half hour from 7:30.
    const SHAPE: [f64; 21] = [
        2.0, 4.2, 5.6, 6.9, 7.4, 7.5, 7.2, 6.5, 5.7, 4.6, 4.1, 4.5, 5.1, 5.5, 5.4, 4.9, 4.2, 3.2,
        2.4, 1.8, 1.3,
    ];

    fn kinds() -> Vec<Kind> {
        [4, 6, 8].iter().filter_map(|hours| Kind::new(hours * 60, 30)).collect()
    }

    fn task<'a>(required: &'a [u32], kinds: &'a [Kind]) -> Task<'a> {
        Task { required, kinds, heads_max: None, fewest: Fewest::Heads, seconds_max: 10.0 }
    }

    /// Agents for so many calls a day, 90 % of them in 20 s.
    fn required(calls: f64, aht_s: f64) -> Vec<u32> {
        let promise = Promise { share: 0.9, within_s: 20.0, occupancy_max: 1.0 };
        let agents = SHAPE.iter().map(|percent| {
            let load = Load::new(calls * percent / 100.0 * 2.0, aht_s);
            Model::Patient.agents_for(load, &promise).unwrap()
        });
        agents.collect()
    }

    /// Nobody works what no shift allows, and the cover is what the shifts give.
    #[track_caller]
    fn holds(task: &Task, roster: &Roster) {
        let mut on_duty = vec![0; task.required.len()];
        for shift in &roster.shifts {
            let kind = task.kinds.iter().find(|kind| kind.paid == shift.paid).unwrap();
            assert!(shift.to - shift.from == kind.slots.min(on_duty.len()), "{shift:?}");
            on_duty[shift.from..shift.to].iter_mut().for_each(|there| *there += 1);
            if let Some((from, to)) = shift.rest {
                let window = kind.rest.unwrap();
                let after = from - shift.from;
                assert!((window.earliest..=window.latest).contains(&after), "{shift:?}");
                assert_eq!(to - from, window.slots);
                on_duty[from..to].iter_mut().for_each(|there| *there -= 1);
            } else {
                assert!(kind.rest.is_none() || kind.slots > on_duty.len(), "{shift:?}");
            }
        }
        assert_eq!(on_duty, roster.on_duty);
        assert!(roster.is_best);
    }

    #[test]
    fn the_known_optima_come_out_exactly() {
        // Calls a day, and for calls of 180, 240 and 300 s: peak, fewest heads, fewest paid hours.
        for (calls, known) in [
            (1051.0 * 1.25, [(15, 18, 110), (18, 22, 136), (22, 27, 162)]),
            (1051.0 * 0.70, [(9, 12, 72), (12, 15, 90), (14, 17, 104)]),
            (1051.0 * 0.90, [(11, 15, 88), (14, 17, 108), (17, 21, 126)]),
            (816.0 * 1.25, [(12, 15, 92), (15, 19, 112), (18, 22, 132)]),
            (816.0 * 0.70, [(8, 10, 64), (10, 12, 74), (12, 15, 88)]),
        ] {
            for (aht_s, (peak, heads, hours)) in [180.0, 240.0, 300.0].into_iter().zip(known) {
                let (required, kinds) = (required(calls, aht_s), kinds());
                assert_eq!(required.iter().max(), Some(&peak));
                let task = task(&required, &kinds);
                let roster = plan(&task).unwrap();
                holds(&task, &roster);
                assert_eq!((roster.heads_min, roster.paid_min), (heads, hours * 60));
                assert_eq!(roster.heads(), heads as usize);
                let cheap = plan(&Task { fewest: Fewest::Hours, ..task }).unwrap();
                holds(&task, &cheap);
                assert_eq!(cheap.paid(), hours * 60);
                // Fewer people now and then take two more hours, and never less.
                assert!((hours * 60..=hours * 60 + 120).contains(&roster.paid()), "{roster:?}");
                let missing = |roster: &Roster| {
                    roster.on_duty.iter().zip(&required).any(|(there, needed)| there < needed)
                };
                assert!(!missing(&roster) && !missing(&cheap));
            }
        }
    }

    #[test]
    fn too_few_people_are_spread_over_the_day() {
        let (required, kinds) = (required(1051.0 * 1.25, 240.0), kinds());
        for heads_max in [0, 1, 5, 10, 15, 21] {
            let task = Task { heads_max: Some(heads_max), ..task(&required, &kinds) };
            let roster = plan(&task).unwrap();
            holds(&task, &roster);
            assert_eq!((roster.heads(), roster.heads_min), (heads_max as usize, 22));
            let missing: u32 = required
                .iter()
                .zip(&roster.on_duty)
                .map(|(need, on)| need.saturating_sub(*on))
                .sum();
            assert!(missing > 0);
            // One short is short by little, and at no time by many.
            if heads_max == 21 {
                let worst =
                    required.iter().zip(&roster.on_duty).map(|(need, on)| need.saturating_sub(*on));
                assert_eq!(worst.max(), Some(1), "{:?}", roster.on_duty);
            }
        }
    }

    #[test]
    fn a_short_day_and_an_empty_one_have_a_roster_too() {
        let kinds = kinds();
        let required = [3, 5, 2];
        let task_ = task(&required, &kinds);
        let roster = plan(&task_).unwrap();
        holds(&task_, &roster);
        assert_eq!((roster.heads(), roster.paid()), (5, 5 * 240));
        let required = [0; 21];
        let nobody = plan(&task(&required, &kinds)).unwrap();
        assert_eq!((nobody.heads(), nobody.on_duty), (0, vec![0; 21]));
        assert_eq!(plan(&task(&[], &kinds)), Err(Unsolved::Nothing));
        assert_eq!(plan(&task(&[1], &[])), Err(Unsolved::Nothing));
    }

    #[test]
    fn whatever_a_day_requires_is_planned_and_proven() {
        let (mut rng, kinds) = (Rng::new(1), kinds());
        for _ in 0..20 {
            let required: Vec<u32> =
                (0..21).map(|_| u32::try_from(rng.below(30)).unwrap()).collect();
            let task = task(&required, &kinds);
            let roster = plan(&task).unwrap();
            holds(&task, &roster);
            assert!(roster.on_duty.iter().zip(&required).all(|(on, need)| on >= need));
            let half = Task { heads_max: Some(roster.heads_min / 2), ..task };
            holds(&half, &plan(&half).unwrap());
        }
    }

    #[test]
    fn quarters_of_an_hour_around_the_clock_are_planned_too() {
        let required: Vec<u32> =
            (0..96_u32).map(|slot| 2 + (slot * 7 % 13) + slot % 50 / 5).collect();
        let kinds: Vec<Kind> = [5, 8, 10].iter().filter_map(|it| Kind::new(it * 60, 15)).collect();
        let task = task(&required, &kinds);
        let roster = plan(&task).unwrap();
        holds(&task, &roster);
        assert!(roster.on_duty.iter().zip(&required).all(|(on, need)| on >= need));
    }
}
