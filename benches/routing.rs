//! What a routing decision costs, with 10 to 100,000 callers waiting and 10 to 10,000 agents.
//!
//! One turn is what a busy centre does all day: an agent hangs up, the next caller is found and
//! offered and answered, and another caller comes. The other figure is a caller somewhere in
//! the middle giving up, and another coming. Both must stay flat: under three times from end
//! to end. The table at the end gives ratios within this one run.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::cast_precision_loss)]
#![allow(missing_docs)] // What criterion's macros make.

use std::{collections::BTreeMap, hint::black_box, time::Duration};

use criterion::{BenchmarkId, Criterion, SamplingMode};
use lotse::{
    acd::{
        engine::Engine,
        fact::{Fact, Outcome},
        input::{Channel, Input},
        plan::{Agent, AgentOrder, Needs, Overflow, Plan, Queue, Skill},
    },
    base::{
        arena::Arena,
        numbers::{AgentNo, CallNo, PhoneNo, QueueNo, SkillNo},
        rng::Rng,
        time::{Span, Timestamp},
    },
    net::clock::Clock,
};

const WAITING: [usize; 5] = [10, 100, 1_000, 10_000, 100_000];
const AGENTS: [usize; 4] = [10, 100, 1_000, 10_000];

const GERMAN: SkillNo = SkillNo::first(0);
const ENGLISH: SkillNo = SkillNo::first(1);

/// A centre with every agent talking and so many callers waiting.
struct Centre {
    engine: Engine,
    now: Timestamp,
    rng: Rng,
    numbers: Arena<CallNo, ()>,
    /// What each agent has in hand.
    in_hand: Vec<Option<CallNo>>,
    waiting: Vec<CallNo>,
    /// Where in `waiting` a call stands.
    place: BTreeMap<CallNo, usize>,
    facts: Vec<Fact>,
}

impl Centre {
    fn new(waiting: usize, agents: usize) -> Self {
        let mut centre = Self {
            engine: Engine::new(),
            now: Timestamp(1_000_000_000),
            rng: Rng::new(7),
            numbers: Arena::new(usize::MAX),
            in_hand: vec![None; agents],
            waiting: vec![],
            place: BTreeMap::new(),
            facts: vec![],
        };
        centre.tell(Input::Plan(Box::new(plan(agents))));
        for slot in (0..).take(agents) {
            let phone = PhoneNo::first(slot);
            centre.tell(Input::PhoneUp { phone });
            centre.tell(Input::SignIn { agent: AgentNo::first(slot), phone, ready: true });
        }
        for _ in 0..agents + waiting {
            centre.arrives();
        }
        // Past the first come, whose ages are all alike.
        for _ in 0..1_000 {
            centre.turn();
        }
        centre
    }

    /// One agent hangs up and has the next caller; another caller comes.
    fn turn(&mut self) {
        let slot = u32::try_from(self.rng.below(self.in_hand.len() as u64)).unwrap();
        let agent = AgentNo::first(slot);
        if let Some(call) = self.in_hand[agent.index()] {
            self.tell(Input::AgentHungUp { call, agent });
        }
        self.arrives();
    }

    /// One caller gives up, wherever it stands; another comes.
    fn change_of_mind(&mut self) {
        if let Some(&call) = self.rng.pick(&self.waiting) {
            self.tell(Input::CallerGone { call });
        }
        self.arrives();
    }

    fn arrives(&mut self) {
        self.now = self.now + Span::millis(3);
        let call = self.numbers.insert(()).unwrap();
        let queue = QueueNo::first(u32::try_from(self.rng.below(4)).unwrap());
        let english = self.rng.chance(0.05);
        let needs = Needs(if english { vec![(ENGLISH, 1)] } else { vec![] });
        self.place.insert(call, self.waiting.len());
        self.waiting.push(call);
        let arrived = self.now;
        self.tell(Input::Arrived { call, queue, needs, channel: Channel::City, arrived });
    }

    fn tell(&mut self, input: Input) {
        self.engine.handle(self.now, input, &mut self.facts).unwrap();
        black_box(self.engine.next_wake());
        let mut facts = std::mem::take(&mut self.facts);
        for fact in facts.drain(..) {
            if let Fact::Offered { call, agent, .. } = fact {
                self.leaves(call);
                self.in_hand[agent.index()] = Some(call);
                self.tell(Input::PhoneAnswered { call, agent });
            } else if let Fact::Ended { call, outcome, .. } = fact {
                if let Outcome::Answered(agent) = outcome {
                    self.in_hand[agent.index()] = None;
                }
                self.leaves(call);
                self.numbers.remove(call);
            }
        }
        self.facts = facts;
    }

    fn leaves(&mut self, call: CallNo) {
        let Some(place) = self.place.remove(&call) else { return };
        self.waiting.swap_remove(place);
        if let Some(&moved) = self.waiting.get(place) {
            self.place.insert(moved, place);
        }
    }
}

/// Four queues with other targets and needs, relaxation, a scarce language, sixteen kinds of agent.
fn plan(agents: usize) -> Plan {
    let skill = |reserve| Skill { name: String::new(), reserve, release: Span::secs(16) };
    let queue = |level, target| Queue {
        name: String::new(),
        needs: Needs(vec![(GERMAN, level)]),
        relax: vec![lotse::acd::plan::Relax { after: Span::secs(60), skill: GERMAN, to: 1 }],
        target: Span::secs(target),
        order: AgentOrder::LongestIdle,
        ring: Span::secs(8),
        wrap_up: Span::ZERO,
        wrap_up_extension: Span::ZERO,
        waiting_max: u32::MAX,
        when_full: Overflow::Busy,
        wait_max: Some(Span::secs(1_000_000)),
        when_late: Overflow::Announce,
        when_closed: Overflow::Announce,
        short_abandon: Span::secs(5),
        retired: false,
    };
    let agents = (0..agents).map(|number| {
        let level = u8::try_from(number % 8 + 3).unwrap();
        let mut skills = vec![(GERMAN, level)];
        skills.extend((number % 16 >= 8).then_some((ENGLISH, 5)));
        Agent { id: String::new(), skills, retired: false }
    });
    Plan {
        skills: vec![skill(0), skill(2)],
        queues: vec![queue(1, 20), queue(2, 20), queue(3, 30), queue(1, 60)],
        agents: agents.collect(),
        calls_max: u32::MAX,
    }
}

fn main() {
    let is_test = std::env::args().any(|arg| arg == "--test");
    let mut criterion = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(800))
        .without_plots()
        .configure_from_args();
    let clock = Clock::start();
    let mut table = BTreeMap::new();

    for (name, step) in
        [("turn", Centre::turn as fn(&mut Centre)), ("give up", Centre::change_of_mind)]
    {
        let mut group = criterion.benchmark_group(name);
        group.sampling_mode(SamplingMode::Flat);
        for (agents, waiting) in AGENTS.into_iter().flat_map(|agents| WAITING.map(|w| (agents, w)))
        {
            if is_test && agents * waiting > 1_000 {
                continue;
            }
            let mut centre = Centre::new(waiting, agents);
            let mut fastest = f64::MAX;
            group.bench_function(
                BenchmarkId::new(format!("{agents} agents"), waiting),
                |bencher| {
                    bencher.iter_custom(|rounds| {
                        let start = clock.now();
                        for _ in 0..rounds {
                            step(&mut centre);
                        }
                        let spent = clock.now().since(start);
                        if rounds >= 100 {
                            fastest = fastest.min(spent.0 as f64 / rounds as f64);
                        }
                        Duration::from(spent)
                    });
                },
            );
            table.insert((name, agents, waiting), fastest);
        }
        group.finish();
    }
    criterion.final_summary();
    if !is_test {
        print(&table);
    }
}

/// Microseconds, and the ratio to the smallest centre.
fn print(table: &BTreeMap<(&str, usize, usize), f64>) {
    for (name, what) in [
        ("turn", "an agent hangs up, has the next caller, another comes"),
        ("give up", "a caller in the middle gives up, another comes"),
    ] {
        println!("\n{what}: µs, and times the smallest");
        print!("{:>14}", "waiting");
        for waiting in WAITING {
            print!("{waiting:>16}");
        }
        println!();
        let smallest = table.get(&(name, AGENTS[0], WAITING[0])).copied().unwrap_or(f64::NAN);
        for agents in AGENTS {
            print!("{agents:>7} agents");
            for waiting in WAITING {
                let cost = table.get(&(name, agents, waiting)).copied().unwrap_or(f64::NAN);
                print!("{cost:>9.2} {:>5.2}x", cost / smallest);
            }
            println!();
        }
        let worst = AGENTS
            .into_iter()
            .flat_map(|agents| WAITING.map(|waiting| (name, agents, waiting)))
            .filter_map(|key| table.get(&key))
            .fold(0.0_f64, |worst, &cost| worst.max(cost));
        let ratio = worst / smallest;
        println!(
            "flat: {ratio:.2}x at worst (reach 3x) {}",
            if ratio < 3.0 { "yes" } else { "NO" }
        );
    }
}
