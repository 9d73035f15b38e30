//! The integer programme of a roster, in the words of the solver.
//!
//! ```text
//! x(k, s)  people who begin a shift of kind k at slot s          whole
//! b(k, t)  of these, how many begin their break at slot t        whole
//! u(t, p)  how many are missing at slot t, piece by piece        dearer with each piece
//!
//! duty     sum x over shifts that contain t - sum b over breaks that do + sum u >= required(t)
//! breaks   as many as shifts; until any slot at least those whose window is over, and from any
//!          slot on at least those whose window has not begun: then each has one (Hall 1935)
//! ```

use good_lp::{
    Constraint, Expression, ProblemVariables, ResolutionError, Solution as _, SolverModel as _,
    Variable, WithMipGap as _, WithTimeLimit as _, microlp, solvers::SolutionStatus, variable,
};

use crate::staff::roster::kind::Kind;

/// For how many missing agents it holds, and how much each of them hurts: the callers of the third
/// wait longer than those of the first.
const PIECES: [(u32, u32); 4] = [(1, 1), (1, 2), (2, 4), (u32::MAX, 8)];
/// How much it hurts if nobody at all is there.
const NOBODY: u32 = 16;

/// What is to be as little as can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Aim {
    /// What missing agents hurt.
    Shortage,
    /// How many people.
    Heads,
    /// Their paid minutes.
    Paid,
}

/// How many begin a shift, and how many a break, at each slot of the day: by kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) starts: Vec<Vec<u32>>,
    pub(super) rests: Vec<Vec<u32>>,
}

/// A day's question: whom to have there, when so many are required and these shifts exist.
#[derive(Clone, Copy, Debug)]
pub(super) struct Question<'a> {
    pub(super) required: &'a [u32],
    /// All fit into the day.
    pub(super) kinds: &'a [Kind],
    /// Whether agents may be missing, or all that is required must be there.
    pub(super) may_miss: bool,
    /// The solver takes no more seconds than these for an answer.
    pub(super) seconds_max: f64,
}

/// An answer, and whether it is proven that there is none better.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) counts: Counts,
    pub(super) is_best: bool,
}

/// The variables by what they mean, as long as the solver has not had them.
struct Columns {
    starts: Vec<Vec<Variable>>,
    /// With the first slot at which a break may begin.
    rests: Vec<(usize, Vec<Variable>)>,
}

impl Question<'_> {
    /// The least of `aim` while nothing in `bounds` is exceeded. `known` is an answer within
    /// these bounds, to start from.
    pub(super) fn least(
        &self,
        aim: Aim,
        bounds: &[(Aim, u32)],
        known: Option<&Counts>,
    ) -> Result<Answer, ResolutionError> {
        let mut variables = ProblemVariables::new();
        let columns = self.columns(&mut variables, known);
        let mut rules = self.breaks(&columns);
        let mut on_duty = self.on_duty(&columns);
        let mut shortage = Expression::from(0);
        if self.may_miss {
            shortage = self.missing(&mut variables, &mut on_duty, known);
        }
        for (there, required) in on_duty.into_iter().zip(self.required) {
            rules.push(there.geq(f64::from(*required)));
        }
        let unit = self.unit();
        let measured = |aim| match aim {
            Aim::Shortage => shortage.clone(),
            Aim::Heads => columns.starts.iter().flatten().sum(),
            Aim::Paid => {
                let kinds = self.kinds.iter().zip(&columns.starts);
                kinds.map(|(kind, starts)| sum(starts) * f64::from(kind.paid / unit)).sum()
            }
        };
        for &(aim, most) in bounds {
            let most = if aim == Aim::Paid { most / unit } else { most };
            rules.push(measured(aim).leq(f64::from(most)));
        }
        let mut problem = variables
            .minimise(measured(aim))
            .using(microlp)
            .with_time_limit(self.seconds_max)
            .with_mip_gap(self.nearest(aim, known))
            .map_err(|why| ResolutionError::Str(why.to_string()))?;
        for rule in rules {
            problem.add_constraint(rule);
        }
        let solved = problem.solve()?;
        let counts = |variables: &[Variable]| -> Vec<u32> {
            variables.iter().map(|it| whole(solved.value(*it))).collect()
        };
        // Breaks are counted from the day's first slot, like shifts.
        let from_first =
            |(first, rests): &(usize, Vec<Variable>)| [vec![0; *first], counts(rests)].concat();
        Ok(Answer {
            counts: Counts {
                starts: columns.starts.iter().map(|starts| counts(starts)).collect(),
                rests: columns.rests.iter().map(from_first).collect(),
            },
            is_best: !matches!(solved.status(), SolutionStatus::TimeLimit),
        })
    }

    /// Shifts and breaks at all slots where they may begin.
    fn columns(&self, variables: &mut ProblemVariables, known: Option<&Counts>) -> Columns {
        let day = self.required.len();
        // Nobody needs more people of a kind than are required at all slots together.
        let most = self.at_most(Aim::Heads);
        let mut row = |slots: std::ops::RangeInclusive<usize>, known: Option<&Vec<u32>>| {
            let one = |slot: usize| {
                let any = variable().integer().min(0).max(most);
                match known.and_then(|known| known.get(slot)) {
                    Some(known) => any.initial(*known),
                    None => any,
                }
            };
            slots.map(|slot| variables.add(one(slot))).collect::<Vec<_>>()
        };
        let mut columns = Columns { starts: vec![], rests: vec![] };
        for (number, kind) in self.kinds.iter().enumerate() {
            let last = day - kind.slots;
            columns.starts.push(row(0..=last, known.and_then(|it| it.starts.get(number))));
            let known = known.and_then(|it| it.rests.get(number));
            columns.rests.push(match kind.rest {
                Some(rest) => (rest.earliest, row(rest.earliest..=last + rest.latest, known)),
                None => (0, vec![]),
            });
        }
        columns
    }

    /// How many are on duty at each slot.
    fn on_duty(&self, columns: &Columns) -> Vec<Expression> {
        let mut on_duty = vec![Expression::from(0); self.required.len()];
        for (kind, (starts, (first, rests))) in
            self.kinds.iter().zip(columns.starts.iter().zip(&columns.rests))
        {
            for (start, people) in starts.iter().enumerate() {
                for there in on_duty.iter_mut().skip(start).take(kind.slots) {
                    *there += *people;
                }
            }
            let away = kind.rest.map_or(0, |rest| rest.slots);
            for (start, people) in (*first..).zip(rests) {
                for there in on_duty.iter_mut().skip(start).take(away) {
                    *there -= *people;
                }
            }
        }
        on_duty
    }

    /// Who has a shift with a break has one within its window.
    fn breaks(&self, columns: &Columns) -> Vec<Constraint> {
        let mut rules = vec![];
        for (kind, (starts, (first, rests))) in
            self.kinds.iter().zip(columns.starts.iter().zip(&columns.rests))
        {
            let Some(rest) = kind.rest else { continue };
            rules.push(sum(rests).eq(sum(starts)));
            let slots = *first..first + rests.len();
            for slot in slots.skip(1) {
                let at = slot - first;
                // Windows that close before this slot, and such that open at it or later.
                let closed = starts.iter().take(slot.saturating_sub(rest.latest));
                rules.push(sum(rests.iter().take(at)).geq(sum(closed)));
                let to_open = starts.iter().skip(slot - rest.earliest);
                rules.push(sum(rests.iter().skip(at)).geq(sum(to_open)));
            }
        }
        rules
    }

    /// Lets agents be missing, and says what that hurts.
    fn missing(
        &self,
        variables: &mut ProblemVariables,
        on_duty: &mut [Expression],
        known: Option<&Counts>,
    ) -> Expression {
        let mut shortage = Expression::from(0);
        let known = known.map(|known| self.cover(known));
        for (slot, (there, required)) in on_duty.iter_mut().zip(self.required).enumerate() {
            let known = known.as_ref().and_then(|cover| cover.get(slot));
            let mut known = known.map(|cover| required.saturating_sub(*cover));
            for (people, hurt) in pieces(*required) {
                let mut piece = variable().min(0).max(people);
                if let Some(missing) = &mut known {
                    piece = piece.initial(people.min(*missing));
                    *missing = missing.saturating_sub(people);
                }
                let piece = variables.add(piece);
                *there += piece;
                shortage += f64::from(hurt) * piece;
            }
        }
        shortage
    }

    /// How many are on duty at each slot by an answer.
    pub(super) fn cover(&self, counts: &Counts) -> Vec<u32> {
        let slots = 0..self.required.len();
        let over = |begun: &[u32], slot: usize, length: usize| -> u32 {
            let from = (slot + 1).saturating_sub(length);
            begun.iter().take(slot + 1).skip(from).sum()
        };
        let at = |slot: usize| {
            let kinds = self.kinds.iter().zip(counts.starts.iter().zip(&counts.rests));
            let there = kinds.map(|(kind, (starts, rests))| {
                let away = kind.rest.map_or(0, |rest| over(rests, slot, rest.slots));
                over(starts, slot, kind.slots) - away
            });
            there.sum()
        };
        slots.map(at).collect()
    }

    /// What an answer comes to.
    pub(super) fn measure(&self, aim: Aim, counts: &Counts) -> u32 {
        match aim {
            Aim::Heads => counts.starts.iter().flatten().sum(),
            Aim::Paid => {
                let kinds = self.kinds.iter().zip(&counts.starts);
                kinds.map(|(kind, starts)| kind.paid * starts.iter().sum::<u32>()).sum()
            }
            Aim::Shortage => {
                let slots = self.required.iter().zip(self.cover(counts));
                slots.map(|(required, cover)| hurt(*required, required.saturating_sub(cover))).sum()
            }
        }
    }

    /// More than this of `aim` no answer needs.
    fn at_most(&self, aim: Aim) -> u32 {
        let people = self.required.iter().fold(0_u32, |sum, it| sum.saturating_add(*it));
        match aim {
            Aim::Heads => people,
            Aim::Paid => {
                let longest = self.kinds.iter().map(|kind| kind.paid).max().unwrap_or(0);
                people.saturating_mul(longest)
            }
            Aim::Shortage => people.saturating_mul(NOBODY),
        }
    }

    /// How near to the best an answer must come, relative to it, so as to be the best: what is
    /// measured are whole units, so less than one apart is none.
    #[allow(clippy::cast_possible_truncation)] // A tolerance.
    fn nearest(&self, aim: Aim, known: Option<&Counts>) -> f32 {
        let most = known.map_or(self.at_most(aim), |known| self.measure(aim, known));
        let unit = if aim == Aim::Paid { self.unit() } else { 1 };
        (0.5 * f64::from(unit) / f64::from(most.max(unit))) as f32
    }

    /// All paid times are multiples of so many minutes.
    fn unit(&self) -> u32 {
        self.kinds.iter().fold(0, |unit, kind| divisor(unit, kind.paid)).max(1)
    }
}

/// All of them together.
fn sum<'a>(variables: impl IntoIterator<Item = &'a Variable>) -> Expression {
    variables.into_iter().sum()
}

/// So many people can be missing of those required, by how much each hurts: the last most.
fn pieces(required: u32) -> impl Iterator<Item = (u32, u32)> {
    let mut left = required.saturating_sub(1);
    let all_but_one = PIECES.into_iter().map_while(move |(people, hurt)| {
        let people = people.min(left);
        left -= people;
        (people > 0).then_some((people, hurt))
    });
    all_but_one.chain((required > 0).then_some((1, NOBODY)))
}

/// What it hurts if so many of those required are missing.
fn hurt(required: u32, missing: u32) -> u32 {
    let mut left = missing;
    let hurts = pieces(required).map(|(people, hurt)| {
        let people = people.min(left);
        left -= people;
        people * hurt
    });
    hurts.sum()
}

/// The greatest common divisor (Euclid).
fn divisor(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { divisor(b, a % b) }
}

/// A count as the solver has it: whole but for rounding.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // A head count; `as` saturates.
fn whole(value: f64) -> u32 {
    value.round() as u32
}
