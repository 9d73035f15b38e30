//! One day of a scenario, lived by the whole exchange: SIP on a bad network, telephones that ring,
//! and the same callers as in [`play`](crate::sim::traffic::play).
//!
//! ```text
//! callers ──► World (citizens, wire, Exchange, clerks) ──► facts ──► ledger
//! roster, broken phones, finished work ──┘
//! ```
//!
//! A thousand times slower than the bare engine. It shows what signalling costs: a lost INVITE is
//! half a second of somebody's wait. After every step the world holds the exchange's tables and the
//! engine against what must always be so.

use std::{collections::BTreeMap, net::SocketAddr};

use crate::{
    acd::{
        fact::Fact as Engine,
        state::{
            agent::{Agent, AgentState},
            call::CallState,
        },
    },
    base::{
        numbers::{AgentNo, CallNo, LanguageNo, QueueNo, TrunkNo},
        rng::Rng,
        time::{Span, Timestamp},
    },
    exchange::{
        fact::Fact,
        plan::{AnswerMode, Leads, Number, Plan},
        request::Request,
    },
    sim::{
        traffic::{
            arrivals::{Person, Source},
            law::seconds_of,
            ledger::{Day, Ledger},
            scenario::{Closing, Crew, Scenario, Then},
        },
        world::{
            citizen::{self, Citizen},
            city,
            clerk::{self, Clerk},
            handset::Handset,
            simulation::{self, START, World},
        },
    },
};

/// Telephones register before the day begins.
const BEFORE: Span = Span::secs(120);
/// How often the story is read: so late at most does someone say that its work is finished.
const LOOK: Span = Span::secs(1);
/// Whoever still speaks so long after closing time is cut off.
const AFTER: Span = Span::secs(7_200);
/// The most callers and agents that have an address each.
pub const PEOPLE_MAX: u16 = 50_000;

#[derive(Clone, Debug)]
enum Event {
    Calls(usize, Person),
    Begins(AgentNo),
    Ends(AgentNo, Then),
    Finishes(AgentNo, CallNo),
    Fails(AgentNo),
    IsBack(AgentNo),
    Closes,
}

struct Life<'a> {
    scenario: &'a Scenario,
    sources: Vec<Source<'a>>,
    rng: Rng,
    world: World,
    midnight: Timestamp,
    agenda: BTreeMap<(Timestamp, u64), Event>,
    planned: u64,
    ledger: Ledger,
    /// Where each agent is among the people.
    clerks: Vec<Option<usize>>,
    callers: u16,
    /// How long the work of a call will take, if not as long as the queue says.
    works: BTreeMap<CallNo, Option<Span>>,
    /// The same by the number of a caller who is still on its way.
    called: BTreeMap<String, Option<Span>>,
}

/// Lives the day that grows from `seed`. What did not hold is told in [`Day::faults`].
#[must_use]
pub fn day(scenario: &Scenario, seed: u64) -> Day {
    let mut life = Life::new(scenario, seed);
    while let Some((&(at, _), _)) = life.agenda.first_key_value() {
        let next = at.min(life.world.now() + LOOK);
        life.world.run_until(next);
        life.read();
        if next == at
            && let Some((_, event)) = life.agenda.pop_first()
        {
            life.happens(event);
            life.read();
        }
    }
    life.close()
}

impl<'a> Life<'a> {
    fn new(scenario: &'a Scenario, seed: u64) -> Self {
        let mut rng = Rng::new(seed).nth(0);
        let midnight = START + BEFORE - scenario.opens;
        let mut world = World::new(plan(scenario), scenario.weather, rng.fork());
        world.diary = Some(vec![]);
        let kinds = scenario.callers.iter().enumerate();
        let mut life = Self {
            scenario,
            sources: kinds.map(|(kind, it)| Source::new(scenario, kind, it, seed)).collect(),
            rng,
            world,
            midnight,
            agenda: BTreeMap::new(),
            planned: 0,
            ledger: Ledger::new(scenario, midnight),
            clerks: vec![None; scenario.plan.agents.len()],
            callers: 0,
            works: BTreeMap::new(),
            called: BTreeMap::new(),
        };
        for crew in &scenario.crews {
            for agent in crew.members() {
                life.sits_down(agent);
                life.plan_failure(crew, agent);
            }
            for duty in &crew.duties {
                life.plan_at(midnight + duty.from, Event::Begins(duty.agent));
                let goes_on =
                    crew.duties.iter().any(|next| next.agent == duty.agent && next.from == duty.to);
                if duty.to < scenario.closes && !goes_on {
                    life.plan_at(midnight + duty.to, Event::Ends(duty.agent, duty.then));
                }
            }
        }
        for kind in 0..life.sources.len() {
            life.plan_next_caller(kind);
        }
        life.plan_at(midnight + scenario.closes, Event::Closes);
        life
    }

    fn happens(&mut self, event: Event) {
        match event {
            Event::Calls(kind, person) => {
                self.calls(kind, &person);
                self.plan_next_caller(kind);
            }
            Event::Begins(agent) => match self.stands(agent) {
                Some(AgentState::SignedOut) => {
                    self.world.ask(Request::SignIn { agent, phone: None, ready: true });
                }
                Some(_) => self.world.ask(Request::Ready(agent)),
                None => (),
            },
            // The phone rings just now: the call comes first.
            Event::Ends(agent, then) if self.is_reserved(agent) => {
                self.plan_at(self.world.now() + LOOK, Event::Ends(agent, then));
            }
            Event::Ends(agent, Then::Home) => self.world.ask(Request::SignOut(agent)),
            Event::Ends(agent, Then::Break) => {
                self.world.ask(Request::Away { agent, reason: "break".to_owned() });
            }
            Event::Finishes(agent, call) => {
                if matches!(self.stands(agent), Some(AgentState::WrapUp { call: it, .. }) if *it == call)
                {
                    self.world.ask(Request::EndWrapUp(agent));
                }
            }
            Event::Fails(agent) => {
                let Some(crew) = self.crew_of(agent) else { return };
                self.with_clerk(agent, Clerk::die);
                self.world.fall_silent(desk(agent).1);
                let repair = crew.repair.draw(&mut self.rng);
                self.plan_at(self.world.now() + repair, Event::IsBack(agent));
                self.plan_failure(crew, agent);
            }
            Event::IsBack(agent) => self.sits_down(agent),
            Event::Closes => match self.scenario.at_closing {
                Closing::Serve => (),
                Closing::End => {
                    let state = self.world.exchange.engine().state();
                    let waits = |(call, it): (CallNo, &crate::acd::state::call::Call)| {
                        (!matches!(it.state(), CallState::Talking { .. })).then_some(call)
                    };
                    let waiting: Vec<CallNo> = state.calls().filter_map(waits).collect();
                    for call in waiting {
                        self.world.ask(Request::HangUp(call));
                    }
                }
            },
        }
    }

    /// A citizen dials its kind's number.
    fn calls(&mut self, kind: usize, person: &Person) {
        let place = city::citizen(self.callers);
        let user = format!("+4934155{:05}", self.callers);
        self.callers += 1;
        let habits =
            citizen::Habits { patience: person.patience, talk: Some(person.talk), sound: false };
        self.called.insert(user.clone(), person.wrap_up);
        let handset = Handset::new(&user, None, place, city::EXCHANGE, self.rng.fork());
        self.world.enter(place, |now, out| {
            let citizen = Citizen::call(now, handset, &digits(kind), habits, out);
            simulation::Person::Citizen(Box::new(citizen))
        });
    }

    fn sits_down(&mut self, agent: AgentNo) {
        let Some(crew) = self.crew_of(agent) else { return };
        let habits = clerk::Habits {
            reaction: seconds_of(crew.answers.mean()),
            talk: None,
            declines: 0.0,
            absent: crew.unanswered,
            returns: crew.returns,
            expires: 3_600,
            sound: false,
        };
        let user = city::name(slot(agent));
        let (rng, password) = (self.rng.fork(), city::password(&user));
        let handset =
            Handset::new(&user, Some(&password), desk(agent), city::EXCHANGE, self.rng.fork());
        let clerk = self.world.enter(desk(agent), |now, out| {
            simulation::Person::Clerk(Box::new(Clerk::sit_down(now, handset, habits, rng, out)))
        });
        if let Some(place) = self.clerks.get_mut(agent.index()) {
            *place = Some(clerk);
        }
    }

    /// Reads what became so since the last look.
    fn read(&mut self) {
        let diary = self.world.diary.replace(vec![]).unwrap_or_default();
        for (at, fact) in diary {
            if let Fact::CallOpened { call, dialled, caller, .. } = fact {
                let mut kinds = 0..self.scenario.callers.len();
                let kind = kinds.find(|kind| dialled.ends_with(&digits(*kind)));
                self.ledger.arrives(at, call, kind.unwrap_or_default());
                self.works.insert(call, self.called.remove(caller.unmask()).flatten());
            } else if let Fact::Acd(fact) = fact {
                self.ledger.hear(at, &fact);
                if let Engine::WrappingUp { agent, call, .. } = fact
                    && let Some(Some(work)) = self.works.remove(&call)
                {
                    self.plan_at(at + work, Event::Finishes(agent, call));
                }
            }
        }
    }

    /// Lets everyone finish, and looks what is left over.
    fn close(mut self) -> Day {
        let until = self.world.now() + AFTER;
        while !self.world.is_quiet() && self.world.now() < until {
            self.world.run_for(LOOK);
            self.read();
        }
        let ended = self.world.now();
        self.world.ask(Request::Drain);
        // Draining ends what did not end by itself; transactions linger for 64*T1.
        self.world.run_for(Span::secs(240));
        self.read();
        self.world.check_left_over();
        let faults = std::mem::take(&mut self.world.faults);
        Day { faults, ..self.ledger.close(ended) }
    }

    fn stands(&self, agent: AgentNo) -> Option<&AgentState> {
        self.world.exchange.engine().state().agent(agent).map(Agent::state)
    }

    fn is_reserved(&self, agent: AgentNo) -> bool {
        matches!(self.stands(agent), Some(AgentState::Reserved { .. }))
    }

    fn crew_of(&self, agent: AgentNo) -> Option<&'a Crew> {
        let mut crews = self.scenario.crews.iter();
        crews.find(|crew| crew.duties.iter().any(|duty| duty.agent == agent))
    }

    fn with_clerk(&mut self, agent: AgentNo, act: impl FnOnce(&mut Clerk)) {
        if let Some(Some(clerk)) = self.clerks.get(agent.index()) {
            self.world.with_clerk(*clerk, |_, clerk, _| act(clerk));
        }
    }

    fn plan_next_caller(&mut self, kind: usize) {
        let next = self.sources.get_mut(kind).and_then(Iterator::next);
        if let Some(person) = next.filter(|_| self.callers < PEOPLE_MAX) {
            let at = self.midnight + Span(person.at.0);
            self.plan_at(at, Event::Calls(kind, person));
        }
    }

    fn plan_failure(&mut self, crew: &Crew, agent: AgentNo) {
        if crew.failures <= 0.0 {
            return;
        }
        let at = self.world.now() + seconds_of(self.rng.exponential(3_600.0 / crew.failures));
        if at < self.midnight + self.scenario.closes {
            self.plan_at(at, Event::Fails(agent));
        }
    }

    fn plan_at(&mut self, at: Timestamp, event: Event) {
        self.planned += 1;
        self.agenda.insert((at, self.planned), event);
    }
}

/// The scenario's queues, skills and agents in a city's exchange, and a number for each kind of
/// caller.
fn plan(scenario: &Scenario) -> Plan {
    let agents = u16::try_from(scenario.plan.agents.len()).unwrap_or(u16::MAX);
    let mut plan = city::plan(agents);
    plan.acd = scenario.plan.clone();
    plan.acd.calls_max = u32::try_from(plan.legs_max / 2).unwrap_or(u32::MAX);
    for phone in plan.phones.iter_mut().flatten() {
        (phone.fixed, phone.auto_answer) = (None, false);
    }
    for agent in plan.agents.iter_mut().flatten() {
        agent.ready_on_register = false;
    }
    if let Some(treatment) = plan.treatments.first().cloned() {
        let silent = crate::exchange::plan::Treatment { greeting: None, ..treatment };
        plan.treatments = vec![silent; scenario.plan.queues.len()];
    }
    for trunk in plan.trunks.iter_mut().flatten() {
        trunk.fallback = Some(QueueNo::first(0));
    }
    plan.numbers = scenario
        .callers
        .iter()
        .enumerate()
        .map(|(kind, callers)| Number {
            digits: digits(kind),
            prefix: false,
            trunk: None::<TrunkNo>,
            leads: Leads::Queue(callers.queue),
            language: LanguageNo::first(0),
            needs: callers.own.clone(),
            channel: callers.channel,
            answer: AnswerMode::Immediate,
        })
        .collect();
    plan
}

/// What callers of that kind dial. None is the beginning of another.
fn digits(kind: usize) -> String {
    format!("1230{:04}", kind + 1)
}

fn desk(agent: AgentNo) -> (SocketAddr, SocketAddr) {
    city::desk(slot(agent))
}

fn slot(agent: AgentNo) -> u16 {
    u16::try_from(agent.index()).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        acd::{
            input::Channel,
            plan::{self as acd, Needs},
        },
        sim::{
            traffic::{
                law::Law,
                play,
                scenario::{Arrivals, Callers, Duty},
            },
            world::wire::Weather,
        },
    };

    /// Two hours, one queue, eight agents, all of whom pick up after three seconds.
    fn scenario(weather: Weather) -> Scenario {
        let hours = |hours: u64| Span::secs(hours * 3_600);
        let queue = crate::sim::world::city::plan(1).acd.queues.remove(0);
        let needs = Needs::default();
        let queue = acd::Queue { needs, relax: vec![], wrap_up: Span::secs(10), ..queue };
        let agent = acd::Agent { id: String::new(), skills: vec![], retired: false };
        let duty = |slot| Duty {
            agent: AgentNo::first(slot),
            from: hours(8),
            to: hours(10),
            then: Then::Home,
        };
        Scenario {
            name: "two hours".to_owned(),
            plan: acd::Plan {
                skills: vec![],
                queues: vec![queue],
                agents: vec![agent; 8],
                calls_max: 100,
            },
            opens: hours(8),
            closes: hours(10),
            at_closing: Closing::Serve,
            interval: hours(1),
            callers: vec![Callers {
                name: "all".to_owned(),
                queue: QueueNo::first(0),
                own: Needs::default(),
                channel: Channel::City,
                arrivals: Arrivals::Expected(vec![60.0, 60.0]),
                patience: Law::Exponential(180.0),
                handling: Law::Exponential(240.0),
                wrap_up: None,
            }],
            crews: vec![Crew {
                duties: (0..8).map(duty).collect(),
                answers: Law::Exponential(3.0),
                ..Crew::perfect("all")
            }],
            weather,
        }
    }

    #[test]
    fn the_whole_exchange_serves_the_callers_that_the_bare_engine_serves() {
        let scenario = scenario(Weather::FAIR);
        let (full, bare) = (day(&scenario, 1), play::day(&scenario, 1));
        assert!(full.faults.is_empty(), "{:?}", full.faults);
        let sum = |day: &Day| {
            let mut sum = crate::sim::traffic::ledger::Cell::default();
            day.cells.iter().for_each(|cell| sum.add(cell));
            sum
        };
        let (full, bare) = (sum(&full), sum(&bare));
        // The very same callers; some ring a little longer.
        assert_eq!(full.offered, bare.offered);
        assert_eq!(full.offered, full.ended());
        assert!(full.answered.abs_diff(bare.answered) <= 5, "{full:?} {bare:?}");
    }

    #[test]
    fn a_bad_network_and_dying_phones_lose_no_call() {
        let mut scenario = scenario(Weather::FOUL);
        scenario.crews[0].failures = 1.0;
        scenario.crews[0].unanswered = 0.05;
        let day = day(&scenario, 1);
        assert!(day.faults.is_empty(), "{:?}", day.faults);
        let (offered, ended) =
            day.cells.iter().fold((0, 0), |sum, it| (sum.0 + it.offered, sum.1 + it.ended()));
        assert!(offered > 100 && offered == ended, "{offered} {ended}");
    }
}
