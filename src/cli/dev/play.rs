//! The play: who is sent on people when, what is told of it, and when it is over.

use std::time::Duration;

use crossbeam_channel::{Receiver, after, select};

use crate::{
    acd,
    cli::{
        dev::{
            people::{Command, Experience, Handle},
            story::Story,
            tally::{Count, Summary},
            terminal::{QUIT, Terminal},
        },
        failure::Failure,
    },
    exchange::fact::{Fact, Record},
};

/// Calls of a rush.
const RUSH: usize = 40;
/// How long calls wait for the agents ordered with them.
const AGENTS_LATE: Duration = Duration::from_secs(5);
/// How long nothing at all may happen before a play is given up: longer than anyone's patience.
const DEADLOCK: Duration = Duration::from_secs(120);
/// How long the last facts may take to arrive.
const LAST_FACTS: Duration = Duration::from_secs(2);

/// A play in a city whose server is at work.
pub(super) struct Play {
    pub(super) terminal: Terminal,
    pub(super) people: Handle,
    pub(super) facts: Receiver<Record>,
    pub(super) signals: Receiver<i32>,
    /// Numbers that may be dialled; the first is the city's own.
    pub(super) numbers: Vec<String>,
    /// Phones that nobody sits at yet: user name and password, the next one last.
    pub(super) phones: Vec<(String, String)>,
    /// Nothing is shown while it happens.
    pub(super) silent: bool,
    pub(super) story: Story,
    pub(super) count: Count,
    pub(super) experience: Experience,
}

/// What the play goes on by.
enum Input {
    /// Something became so.
    Fact(Box<Record>),
    /// Calls are over.
    Experience,
    /// A key was pressed.
    Key(char),
    /// The system tells us to end.
    Signal,
    /// Nothing, for as long as was waited.
    Silence,
}

impl Play {
    /// So many agents come to work, and when they are ready, so many citizens call.
    pub(super) fn open(&mut self, agents: usize, calls: usize) -> Result<(), Failure> {
        for _ in 0..agents {
            self.clerk();
        }
        let mut ready = 0;
        while ready < agents {
            match self.next(AGENTS_LATE) {
                Input::Fact(record) => {
                    let is_ready = matches!(record.fact, Fact::Acd(acd::fact::Fact::Ready { .. }));
                    ready += usize::from(is_ready);
                }
                Input::Signal | Input::Key(QUIT) => return Err(stopped()),
                Input::Silence => {
                    return Err(Failure::Failed(format!(
                        "only {ready} of {agents} agents got ready"
                    )));
                }
                Input::Experience | Input::Key(_) => (),
            }
        }
        if calls > 0 {
            self.citizens(calls);
        }
        Ok(())
    }

    /// Goes by keys until one quits, or a signal does.
    pub(super) fn improvise(&mut self) {
        loop {
            match self.next(DEADLOCK) {
                Input::Key('c') => self.citizens(1),
                Input::Key('a') => self.clerk(),
                Input::Key('r') => self.citizens(RUSH),
                Input::Key(QUIT) | Input::Signal => return,
                Input::Fact(_) | Input::Experience | Input::Key(_) | Input::Silence => (),
            }
        }
    }

    /// Waits until so many calls are over, and sums up.
    pub(super) fn finish(&mut self, calls: usize) -> Result<Summary, Failure> {
        while self.experience.calls < calls {
            match self.next(DEADLOCK) {
                Input::Signal => return Err(stopped()),
                Input::Silence => {
                    let inside = self.experience.inside;
                    return Err(Failure::Failed(format!("{inside} calls never ended")));
                }
                Input::Fact(_) | Input::Experience | Input::Key(_) => (),
            }
        }
        // The people know how their calls ended before the last fact of them is folded.
        while self.count.summary().offered < calls as u64 {
            if let Input::Silence = self.next(LAST_FACTS) {
                break;
            }
        }
        Ok(self.count.summary())
    }

    /// Whether every call ended well, for its citizen, for its agent and in the figures.
    pub(super) fn judge(&self, calls: usize, summary: &Summary) -> Result<(), Failure> {
        let Experience { served, gave_up, failed, heard, .. } = self.experience;
        let fault = if failed > 0 {
            format!("{failed} citizens were refused, cut off, or waited in vain")
        } else if heard < served {
            format!("in {} calls the agent did not hear the citizen", served - heard)
        } else if summary.offered != calls as u64 {
            format!("{calls} citizens called, the server counts {}", summary.offered)
        } else if summary.answered < served as u64 {
            format!("{served} citizens were served, the server counts {}", summary.answered)
        } else if summary.abandoned > gave_up as u64 {
            format!("{gave_up} citizens gave up, the server counts {}", summary.abandoned)
        } else {
            return Ok(());
        };
        Err(Failure::Failed(fault))
    }

    /// Waits for what happens next, and tells it.
    fn next(&mut self, patience: Duration) -> Input {
        select! {
            recv(self.facts) -> record => match record {
                Ok(record) => {
                    self.tell(&record);
                    Input::Fact(Box::new(record))
                }
                Err(_) => Input::Signal,
            },
            recv(self.people.experiences) -> experience => match experience {
                Ok(experience) => {
                    self.experience = experience;
                    Input::Experience
                }
                // The people are gone, which is a fault of its own and shown as such at the end.
                Err(_) => Input::Signal,
            },
            recv(self.terminal.keys) -> key => {
                if key.is_err() {
                    // Standard input has ended; from now on nobody presses keys.
                    self.terminal.keys = crossbeam_channel::never();
                }
                Input::Key(key.unwrap_or(' '))
            },
            recv(self.signals) -> _ => Input::Signal,
            recv(after(patience)) -> _ => Input::Silence,
        }
    }

    fn tell(&mut self, record: &Record) {
        self.count.fold(record);
        let line = self.story.tell(record);
        if let Some(line) = line.filter(|_| !self.silent) {
            self.terminal.say(&line);
        }
    }

    fn clerk(&mut self) {
        match self.phones.pop() {
            Some((user, password)) => self.people.send(Command::Clerk { user, password }),
            None => self.terminal.say("  every phone of the city has its agent already"),
        }
    }

    fn citizens(&mut self, count: usize) {
        // One alone calls the city's own number, so that a newcomer knows what to expect.
        let choice = if count == 1 { 1 } else { self.numbers.len() };
        let numbers = self.numbers.iter().take(choice).cloned().collect();
        self.people.send(Command::Citizens { count, numbers });
    }
}

fn stopped() -> Failure {
    Failure::Failed("stopped before the calls were over".to_owned())
}
