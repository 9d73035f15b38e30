//! `agents=+1`, `reserve=0`, `volume=3x`: one change to a scenario, as people say it.
//!
//! ```text
//! key[.name]=amount      without a name all that the key can be about
//!                amount: 12s   +1   -2   0.9   3x   +10%   -10%
//! ```

use std::{fmt, str::FromStr};

use crate::{
    acd::plan::Skill,
    base::time::Span,
    config::fault::{instead, near},
    sim::traffic::{
        law::{Law, seconds_of},
        scenario::{Arrivals, Crew, Scenario},
    },
};

/// One change.
#[derive(Clone, Debug, PartialEq)]
pub struct WhatIf {
    key: Key,
    name: Option<String>,
    amount: Amount,
    /// As it was written.
    text: String,
}

/// What may be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Key {
    Agents,
    Volume,
    Handling,
    Patience,
    WrapUp,
    Ring,
    Target,
    Reserve,
    Release,
    Unanswered,
    Failures,
}

/// By how much.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Amount {
    /// `12s`, in seconds, or `0.9`.
    Is(f64),
    /// `+1`, `-2`.
    More(f64),
    /// `3x`, `+10%`.
    Times(f64),
}

const KEYS: [(&str, Key); 13] = [
    ("agents", Key::Agents),
    ("volume", Key::Volume),
    ("aht", Key::Handling),
    ("handling", Key::Handling),
    ("patience", Key::Patience),
    ("wrap_up", Key::WrapUp),
    ("ring", Key::Ring),
    ("target", Key::Target),
    ("reserve", Key::Reserve),
    ("release", Key::Release),
    ("theta", Key::Release),
    ("unanswered", Key::Unanswered),
    ("phone_failures", Key::Failures),
];

/// Why a change makes no sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nonsense {
    text: String,
    why: String,
}

impl WhatIf {
    /// `scenario` with this change.
    pub fn apply(&self, scenario: &Scenario) -> Result<Scenario, Nonsense> {
        let mut other = scenario.clone();
        let amount = self.amount;
        let plan = &mut other.plan;
        match self.key {
            Key::Agents => {
                let more = match amount {
                    Amount::More(more) => more,
                    Amount::Is(_) | Amount::Times(_) => {
                        return Err(self.nonsense("say how many more or less: +1, -2".to_owned()));
                    }
                };
                let names: Vec<String> = other.crews.iter().map(|it| it.name.clone()).collect();
                let place = match &self.name {
                    None => 0,
                    Some(_) => self.only(&names)?,
                };
                let Some(crew) = other.crews.get_mut(place) else {
                    return Err(self.nonsense("nobody is at work".to_owned()));
                };
                for _ in 0..whole(more.abs()) {
                    if more > 0.0 { crew.hire(plan) } else { crew.dismiss() }
                }
            }
            Key::Volume => self.each(
                &mut other.callers,
                |it| &it.name,
                |it| match &mut it.arrivals {
                    Arrivals::Expected(each) => {
                        let sum: f64 = each.iter().sum();
                        let factor = amount.of(sum) / sum;
                        for expected in each {
                            *expected *= factor;
                        }
                        Ok(())
                    }
                    Arrivals::Times(_) => Err("their arrivals are written down one by one"),
                },
            )?,
            Key::Handling => self.each(
                &mut other.callers,
                |it| &it.name,
                |it| {
                    it.handling = scaled(&it.handling, amount);
                    Ok(())
                },
            )?,
            Key::Patience => self.each(
                &mut other.callers,
                |it| &it.name,
                |it| {
                    it.patience = scaled(&it.patience, amount);
                    Ok(())
                },
            )?,
            Key::WrapUp => self.each(
                &mut plan.queues,
                |it| &it.name,
                |it| {
                    it.wrap_up = amount.of_span(it.wrap_up);
                    Ok(())
                },
            )?,
            Key::Ring => self.each(
                &mut plan.queues,
                |it| &it.name,
                |it| {
                    it.ring = amount.of_span(it.ring);
                    Ok(())
                },
            )?,
            Key::Target => self.each(
                &mut plan.queues,
                |it| &it.name,
                |it| {
                    it.target = amount.of_span(it.target);
                    Ok(())
                },
            )?,
            Key::Reserve => self.skills(&mut plan.skills, |it| {
                it.reserve = u32::try_from(whole(amount.of(it.reserve.into()))).unwrap_or(u32::MAX);
            })?,
            Key::Release => {
                self.skills(&mut plan.skills, |it| it.release = amount.of_span(it.release))?;
            }
            Key::Unanswered => self.each(&mut other.crews, name_of, |it| {
                it.unanswered = amount.of(it.unanswered).clamp(0.0, 1.0);
                Ok(())
            })?,
            Key::Failures => self.each(&mut other.crews, name_of, |it| {
                it.failures = amount.of(it.failures).max(0.0);
                Ok(())
            })?,
        }
        Ok(other)
    }

    /// Changes the one that is named, or all.
    fn each<T>(
        &self,
        things: &mut [T],
        name: fn(&T) -> &String,
        change: impl Fn(&mut T) -> Result<(), &'static str>,
    ) -> Result<(), Nonsense> {
        let names: Vec<String> = things.iter().map(|it| name(it).clone()).collect();
        let only = self.name.as_ref().map(|_| self.only(&names)).transpose()?;
        for (place, thing) in things.iter_mut().enumerate() {
            if only.is_none_or(|only| only == place) {
                change(thing).map_err(|why| self.nonsense(why.to_owned()))?;
            }
        }
        Ok(())
    }

    /// Changes the skill that is named, or all that are scarce.
    fn skills(&self, skills: &mut [Skill], change: impl Fn(&mut Skill)) -> Result<(), Nonsense> {
        if self.name.is_none() && skills.iter().all(|it| it.reserve == 0) {
            let word = self.text.split('=').next().unwrap_or_default();
            let names: Vec<&str> = skills.iter().map(|it| it.name.as_str()).collect();
            let says = format!("no skill is scarce yet; say which: {word}.{}", names.join(", "));
            return Err(self.nonsense(says));
        }
        let all_scarce = self.name.is_none();
        self.each(
            skills,
            |it| &it.name,
            |it| {
                if !all_scarce || it.reserve > 0 {
                    change(it);
                }
                Ok(())
            },
        )
    }

    /// The place of the name that was given.
    fn only(&self, names: &[String]) -> Result<usize, Nonsense> {
        let name = self.name.as_deref().unwrap_or_default();
        names.iter().position(|it| it == name).ok_or_else(|| {
            let instead = instead(name, names.iter().map(String::as_str));
            self.nonsense(format!("there is no \"{name}\"{instead}"))
        })
    }

    fn nonsense(&self, why: String) -> Nonsense {
        Nonsense { text: self.text.clone(), why }
    }
}

fn name_of(crew: &Crew) -> &String {
    &crew.name
}

impl Amount {
    fn of(self, before: f64) -> f64 {
        match self {
            Self::Is(value) => value,
            Self::More(more) => before + more,
            Self::Times(factor) => before * factor,
        }
    }

    fn of_span(self, before: Span) -> Span {
        seconds_of(self.of(before.as_secs_f64()).max(0.0))
    }
}

fn scaled(law: &Law, amount: Amount) -> Law {
    let mean = law.mean();
    let factor = amount.of(mean) / mean;
    if factor.is_finite() { law.times(factor.max(0.0)) } else { law.clone() }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Heads, saturating.
fn whole(number: f64) -> u64 {
    number.max(0.0).round() as u64
}

impl FromStr for WhatIf {
    type Err = Nonsense;

    fn from_str(text: &str) -> Result<Self, Nonsense> {
        let nonsense = |why: &str| Nonsense { text: text.to_owned(), why: why.to_owned() };
        let (key, amount) =
            text.split_once('=').ok_or_else(|| nonsense("say key=amount, as in agents=+1"))?;
        let (key, name) = key.split_once('.').map_or((key, None), |(key, name)| (key, Some(name)));
        let words = || KEYS.iter().map(|(word, _)| *word);
        let known = KEYS.iter().find(|(word, _)| *word == key).ok_or_else(|| {
            let near = near(key, words()).map(|it| format!(", did you mean {it}?"));
            let all = words().collect::<Vec<_>>().join(", ");
            nonsense(&format!("{key} is none of {all}{}", near.unwrap_or_default()))
        })?;
        let amount = read(amount).ok_or_else(|| {
            nonsense(&format!("{amount:?} is no amount; write 12s, +1, -2, 0.9, 3x or +10%"))
        })?;
        Ok(Self { key: known.1, name: name.map(str::to_owned), amount, text: text.to_owned() })
    }
}

fn read(text: &str) -> Option<Amount> {
    let number = |text: &str| text.parse::<f64>().ok().filter(|it| it.is_finite());
    let is_signed = text.starts_with(['+', '-']);
    if let Some(percent) = text.strip_suffix('%').filter(|_| is_signed) {
        return Some(Amount::Times(1.0 + number(percent)? / 100.0));
    }
    if let Some(factor) = text.strip_suffix('x').or_else(|| text.strip_prefix('x')) {
        return Some(Amount::Times(number(factor).filter(|it| *it >= 0.0)?));
    }
    let unit = |suffix: &str, seconds: f64| Some(number(text.strip_suffix(suffix)?)? * seconds);
    let value = unit("ms", 0.001)
        .or_else(|| unit("s", 1.0))
        .or_else(|| unit("m", 60.0))
        .or_else(|| unit("h", 3_600.0));
    let value = value.or_else(|| number(text))?;
    Some(if is_signed { Amount::More(value) } else { Amount::Is(value) })
}

impl fmt::Display for WhatIf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Display for Nonsense {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.text, self.why)
    }
}

impl std::error::Error for Nonsense {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_people_say_them() {
        for (text, expected) in [
            ("12s", Some(Amount::Is(12.0))),
            ("2m", Some(Amount::Is(120.0))),
            ("250ms", Some(Amount::Is(0.25))),
            ("+1", Some(Amount::More(1.0))),
            ("-2", Some(Amount::More(-2.0))),
            ("3x", Some(Amount::Times(3.0))),
            ("x0.5", Some(Amount::Times(0.5))),
            ("+10%", Some(Amount::Times(1.1))),
            ("10%", None),
            ("-1x", None),
            ("inf", None),
            ("many", None),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn what_makes_no_sense_says_what_would() {
        let says = |text: &str| text.parse::<WhatIf>().unwrap_err().to_string();
        assert_eq!(says("agents"), "agents: say key=amount, as in agents=+1");
        assert!(says("agnets=+1").ends_with("did you mean agents?"), "{}", says("agnets=+1"));
        assert_eq!(
            says("theta=soon"),
            "theta=soon: \"soon\" is no amount; write 12s, +1, -2, 0.9, 3x or +10%"
        );
    }
}
