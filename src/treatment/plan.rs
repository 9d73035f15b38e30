//! Menus and prompts: what callers may be asked, and where each answer leads.
//!
//! Checked before it gets here (`config::check`): every choice leads somewhere, and whoever
//! presses nothing leaves every menu, for `otherwise` never leads in circles.

use crate::{
    acd::plan::Needs,
    base::{
        numbers::{LanguageNo, MenuNo, QueueNo, SoundNo},
        time::Span,
    },
};

/// What callers may go through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Menus by [`MenuNo`]; `None`: gone from the configuration.
    pub menus: Vec<Option<Menu>>,
    /// Said before a menu is repeated, when the key was none of its keys.
    pub wrong_key: Prompt,
    /// The same, when no key came.
    pub no_key: Prompt,
}

/// What is said, by [`LanguageNo`]. A recording that is the same for all stands in each place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prompt(pub Vec<Option<SoundNo>>);

/// A question, and where each answer leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Menu {
    /// As the configuration names it.
    pub name: String,
    /// The question.
    pub say: Prompt,
    /// What each key does.
    pub choices: Vec<(char, Choice)>,
    /// How often wrong keys and silence are forgiven before `otherwise`; at least 1.
    pub tries: u8,
    /// How long a caller may think after the question.
    pub timeout: Span,
    /// Where whoever presses nothing, or nothing right, is led.
    pub otherwise: Choice,
}

/// What an answer brings about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// From now on the caller hears that language; `None`: as before.
    pub language: Option<LanguageNo>,
    /// What the call needs from now on beyond its queue's needs.
    pub needs: Needs,
    /// Where it leads.
    pub goal: Goal,
}

/// Where an answer leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Goal {
    /// Into that queue.
    Queue(QueueNo),
    /// To another question.
    Menu(MenuNo),
    /// To a place outside; the exchange knows where by this number.
    Outside(u32),
    /// The same question once more.
    Again,
    /// To the end, after that is said.
    End(Prompt),
}

impl Plan {
    /// The menu of that number, unless it is gone.
    #[must_use]
    pub fn menu(&self, menu: MenuNo) -> Option<&Menu> {
        self.menus.get(menu.index())?.as_ref()
    }
}

impl Menu {
    /// The queues that it leads to.
    pub fn queues(&self) -> impl Iterator<Item = QueueNo> {
        let choices = self.choices.iter().map(|(_, choice)| choice).chain([&self.otherwise]);
        choices.filter_map(|choice| match choice.goal {
            Goal::Queue(queue) => Some(queue),
            Goal::Menu(_) | Goal::Outside(_) | Goal::Again | Goal::End(_) => None,
        })
    }
}

impl Prompt {
    /// The sound in that language; in the first that there is one in, if there is none in that.
    #[must_use]
    pub fn sound(&self, language: LanguageNo) -> Option<SoundNo> {
        let in_it = self.0.get(language.index()).copied().flatten();
        in_it.or_else(|| self.0.iter().copied().flatten().next())
    }
}
