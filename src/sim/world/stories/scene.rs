//! A small city in fair weather, for stories: who is in it, what they do, and what was told of it.

use crate::{
    base::{
        rng::Rng,
        time::{Span, Timestamp},
    },
    exchange::plan::Plan,
    sim::world::{
        citizen::{self, Citizen, Sent},
        city,
        clerk::{self, Clerk},
        handset::Handset,
        simulation::{Person, World},
        wire::Weather,
    },
};

/// Waits a minute, and speaks until the agent hangs up.
pub(super) const CALLER: citizen::Habits =
    citizen::Habits { patience: Span::secs(60), talk: None, sound: false };
/// Picks up at once.
pub(super) const PROMPT: clerk::Habits = clerk::Habits {
    reaction: Span::ZERO,
    talk: None,
    declines: 0.0,
    absent: 0.0,
    returns: Span::secs(3600),
    expires: 600,
    sound: false,
};
/// Speaks for half a minute.
pub(super) const TALKS: citizen::Habits = citizen::Habits { talk: Some(Span::secs(30)), ..CALLER };
/// Speaks for a minute, with whomever.
pub(super) const LINGERS: citizen::Habits =
    citizen::Habits { talk: Some(Span::secs(60)), ..CALLER };
/// Lets it ring.
pub(super) const ABSENT: clerk::Habits = clerk::Habits { absent: 1.0, ..PROMPT };
/// Declines at once.
pub(super) const DECLINES: clerk::Habits = clerk::Habits { declines: 1.0, ..PROMPT };

/// A city in fair weather, told from when its agents are at work.
pub(super) struct Scene {
    pub(super) world: World,
    clerks: Vec<usize>,
    callers: u16,
}

impl Scene {
    pub(super) fn with(clerks: &[clerk::Habits]) -> Self {
        Self::of(plan(), clerks)
    }

    pub(super) fn of(plan: Plan, clerks: &[clerk::Habits]) -> Self {
        let mut world = World::new(plan, Weather::FAIR, Rng::new(1));
        let clerks = (0..)
            .zip(clerks)
            .map(|(n, habits)| {
                let number = sit_down(&mut world, n, *habits);
                world.run_for(Span::secs(1));
                number
            })
            .collect();
        world.run_for(Span::secs(1));
        world.story = Some(vec![]);
        Self { world, clerks, callers: 0 }
    }

    pub(super) fn call(&mut self, number: &str, habits: citizen::Habits) -> usize {
        self.callers += 1;
        let place = city::citizen(self.callers);
        let rng = Rng::new(1000 + u64::from(self.callers));
        let handset = Handset::new("+493415550001", None, place, city::EXCHANGE, rng);
        self.world.enter(place, |now, out| {
            Person::Citizen(Box::new(Citizen::call(now, handset, number, habits, out)))
        })
    }

    /// One more clerk sits down.
    pub(super) fn also(&mut self, habits: clerk::Habits) {
        let n = u16::try_from(self.clerks.len()).expect("few clerks");
        let number = sit_down(&mut self.world, n, habits);
        self.clerks.push(number);
    }

    /// After so many seconds, lets that clerk do something.
    pub(super) fn clerk(
        &mut self,
        secs: u64,
        n: usize,
        act: impl FnOnce(Timestamp, &mut Clerk, &mut Sent),
    ) {
        self.world.run_for(Span::secs(secs));
        self.world.with_clerk(self.clerks[n], act);
    }

    /// The story until all is quiet; nothing may be left over.
    pub(super) fn told(mut self) -> String {
        self.world.run_for(Span::secs(240));
        self.world.check_left_over();
        assert_eq!(self.world.faults, Vec::<String>::new());
        self.world.story.take().unwrap().join("\n")
    }
}

/// The city with four agents, none of whom is kept back for English.
pub(super) fn plan() -> Plan {
    let mut plan = city::plan(4);
    for skill in &mut plan.acd.skills {
        skill.reserve = 0;
    }
    plan
}

/// The city where calls wait 10 s at most.
pub(super) fn late() -> Plan {
    let mut plan = plan();
    for queue in &mut plan.acd.queues {
        queue.wait_max = Some(Span::secs(10));
    }
    plan
}

/// Someone sits where calls overflow to.
pub(super) fn outside(scene: &mut Scene, habits: clerk::Habits) -> usize {
    let sound = (city::OUTSIDE.ip(), 4000).into();
    let place = (city::OUTSIDE, sound);
    let handset = Handset::new("+49341999", None, place, city::EXCHANGE, Rng::new(4));
    let habits = clerk::Habits { expires: 0, ..habits };
    scene.world.enter(place, |now, out| {
        Person::Clerk(Box::new(Clerk::sit_down(now, handset, habits, Rng::new(5), out)))
    })
}

fn sit_down(world: &mut World, n: u16, habits: clerk::Habits) -> usize {
    let user = city::name(n);
    let password = city::password(&user);
    let desk = city::desk(n);
    let handset = Handset::new(&user, Some(&password), desk, city::EXCHANGE, Rng::new(n.into()));
    let rng = Rng::new(100 + u64::from(n));
    world.enter(desk, |now, out| {
        Person::Clerk(Box::new(Clerk::sit_down(now, handset, habits, rng, out)))
    })
}

#[track_caller]
pub(super) fn check(told: &str, expected: &str) {
    let expected = expected.trim();
    assert!(told == expected, "\n{told}\n-- was expected to be --\n{expected}\n");
}
