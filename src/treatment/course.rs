//! One caller's way through menus.
//!
//! ```text
//!          Said                Late, wrong key (fewer than `tries`)
//! Asking ───────► Listening ────────────────────────────────────────► Asking, from the start
//!   └──────┬─────────┘
//!          │ a right key, or `otherwise` after `tries`
//!          ▼
//!   another menu · the queue · outside · Ending ──Said──► End
//! ```
//!
//! A key cuts a question short: whoever knows the way need not listen. A menu stands in the
//! course as it was when the caller came to it, so a reload changes nothing under its hands.

use crate::{
    acd::plan::Needs,
    base::{
        numbers::{LanguageNo, MenuNo, QueueNo, SoundNo},
        time::Span,
    },
    treatment::plan::{Choice, Goal, Menu, Plan, Prompt},
};

/// Answers of one caller. People choose within five; whoever is here is a machine or a pocket, and
/// every further answer counts as wrong.
const ANSWERS_MAX: u8 = 50;

/// A prompt that has not ended by then is taken for ended: nobody hears out a longer one.
pub const PROMPT_MAX: Span = Span::secs(60);

/// A caller on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Course {
    /// Which language it hears.
    language: LanguageNo,
    /// What its call needs, by its choices so far.
    needs: Needs,
    answers: u8,
    at: At,
}

/// Where a caller is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum At {
    /// At a question.
    Menu {
        menu: Box<Menu>,
        no: MenuNo,
        /// Times without a right key so far.
        failures: u8,
        /// The question is over, and a key is waited for.
        listens: bool,
    },
    /// Hears the last thing.
    Ending,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The caller pressed a key.
    Key(char),
    /// All that was to be said has been said, or cannot be.
    Said,
    /// The time given is over.
    Late,
}

/// What is to follow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Say these, one after another, instead of what is said. [`Event::Said`] when they are
    /// over, [`Event::Late`] when they last longer than [`PROMPT_MAX`] each.
    Say(Vec<SoundNo>),
    /// Say nothing, and wait for a key so long.
    Listen(Span),
    /// Into the queue.
    Queue {
        /// Which.
        queue: QueueNo,
        /// What the call needs beyond the queue's needs.
        needs: Needs,
    },
    /// To a place outside.
    Outside(u32),
    /// It is over.
    End,
    /// Nothing.
    Nothing,
}

/// What the caller answered to a question, for the figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The question.
    pub menu: MenuNo,
    /// What to.
    pub answer: Answer,
}

/// An answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// One of its keys.
    Key(char),
    /// Another key.
    Wrong,
    /// None in time.
    Nothing,
}

impl Answer {
    /// The word of the figures: the key, `wrong` or `none`.
    #[must_use]
    pub fn word(self) -> String {
        match self {
            Self::Key(key) => key.to_string(),
            Self::Wrong => "wrong".to_owned(),
            Self::Nothing => "none".to_owned(),
        }
    }
}

impl Course {
    /// A caller comes to a question. `needs`: what its call needs by how it came in.
    #[must_use]
    pub fn begin(plan: &Plan, menu: MenuNo, language: LanguageNo, needs: Needs) -> (Self, Act) {
        let mut course = Self { language, needs, answers: 0, at: At::Ending };
        let act = course.ask(plan, menu);
        (course, act)
    }

    /// The language that the caller hears, by its choices so far.
    #[must_use]
    pub fn language(&self) -> LanguageNo {
        self.language
    }

    /// Something happened: what is to follow, and what the caller has answered by it.
    pub fn hear(&mut self, plan: &Plan, event: Event) -> (Act, Option<Answered>) {
        let At::Menu { menu, no, failures, listens } = &mut self.at else {
            return match event {
                Event::Said | Event::Late => (Act::End, None),
                Event::Key(_) => (Act::Nothing, None),
            };
        };
        let no = *no;
        let key = match event {
            Event::Key(key) => Some(key),
            Event::Late if *listens => None,
            // Whatever is still being said has lasted long enough.
            Event::Said | Event::Late => {
                *listens = true;
                return (Act::Listen(menu.timeout), None);
            }
        };
        self.answers = self.answers.saturating_add(1);
        let chosen = key.and_then(|key| menu.choices.iter().find(|(it, _)| *it == key));
        let chosen = chosen.filter(|_| self.answers <= ANSWERS_MAX);
        let answered = |answer| Some(Answered { menu: no, answer });
        if let Some((key, choice)) = chosen.cloned() {
            return (self.take(plan, no, choice), answered(Answer::Key(key)));
        }
        *failures += 1;
        let answer = if key.is_some() { Answer::Wrong } else { Answer::Nothing };
        if *failures >= menu.tries || self.answers > ANSWERS_MAX {
            let otherwise = menu.otherwise.clone();
            return (self.take(plan, no, otherwise), answered(answer));
        }
        let hint = if key.is_some() { &plan.wrong_key } else { &plan.no_key };
        let said = [hint, &menu.say].into_iter().filter_map(|it| it.sound(self.language));
        let said: Vec<_> = said.collect();
        *listens = said.is_empty();
        let act = if said.is_empty() { Act::Listen(menu.timeout) } else { Act::Say(said) };
        (act, answered(answer))
    }

    fn take(&mut self, plan: &Plan, here: MenuNo, choice: Choice) -> Act {
        self.language = choice.language.unwrap_or(self.language);
        self.needs = self.needs.and(&choice.needs);
        match choice.goal {
            Goal::Queue(queue) => Act::Queue { queue, needs: self.needs.clone() },
            Goal::Menu(menu) => self.ask(plan, menu),
            Goal::Again => self.ask(plan, here),
            Goal::Outside(to) => Act::Outside(to),
            Goal::End(prompt) => self.end(&prompt),
        }
    }

    fn ask(&mut self, plan: &Plan, no: MenuNo) -> Act {
        // A choice of a menu that a reload has taken since: there is nothing more to ask.
        let Some(menu) = plan.menu(no) else { return self.end(&Prompt::default()) };
        let said = menu.say.sound(self.language);
        let act = said.map_or(Act::Listen(menu.timeout), |sound| Act::Say(vec![sound]));
        let listens = said.is_none();
        self.at = At::Menu { menu: Box::new(menu.clone()), no, failures: 0, listens };
        act
    }

    fn end(&mut self, prompt: &Prompt) -> Act {
        self.at = At::Ending;
        prompt.sound(self.language).map_or(Act::End, |sound| Act::Say(vec![sound]))
    }
}
