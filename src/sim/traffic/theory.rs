//! The engine against the mathematics: whatever it does must be what the formulas say.
//!
//! Every figure is held within four standard errors of its own, so more callers make the test
//! sharper, never luckier. Seeds are fixed.

use crate::{
    acd::{
        input::Channel,
        plan::{Agent, AgentOrder, Level, Needs, Overflow, Plan, Queue, Skill},
    },
    base::{
        numbers::{AgentNo, QueueNo, SkillNo},
        time::{Span, Timestamp},
    },
    sim::{
        traffic::{
            estimate::{Estimate, Ratio},
            law::{Law, seconds_of},
            ledger::{Cell, Day},
            play,
            scenario::{Arrivals, Callers, Closing, Crew, Duty, Scenario, Then},
        },
        world::wire::Weather,
    },
    staff::{
        erlang_a::ErlangA, erlang_b::blocking, erlang_c::ErlangC, hunting, load::Load, priority,
        reserve,
    },
};

/// Unoptimised code plays fewer callers; the tolerance follows by itself.
const CALLERS: f64 = if cfg!(debug_assertions) { 25_000.0 } else { 400_000.0 };
/// The promise.
const TARGET: Span = Span::secs(20);
const FOR_EVER: Span = Span::secs(1 << 40);
/// One long day, in so many parts that know little of one another. The first starts empty, and is
/// left out.
const PARTS: u32 = 31;
const SEED: u64 = 1;

/// Holds an estimate against what it should be, within four standard errors.
#[track_caller]
fn holds(what: &str, ours: Estimate, theirs: f64) {
    let off = (ours.mean - theirs).abs();
    assert!(off <= 4.0 * ours.error, "{what}: {ours:?} is not {theirs}");
    assert!(ours.error < 0.3 * theirs, "{what}: {ours:?} says nothing of {theirs}");
}

fn queue(target: Span) -> Queue {
    Queue {
        name: String::new(),
        needs: Needs::default(),
        relax: vec![],
        target,
        order: AgentOrder::LongestIdle,
        ring: Span::secs(8),
        wrap_up: Span::ZERO,
        wrap_up_extension: Span::ZERO,
        waiting_max: u32::MAX,
        when_full: Overflow::Busy,
        wait_max: None,
        when_late: Overflow::Stay,
        when_closed: Overflow::Announce,
        short_abandon: Span::ZERO,
        retired: false,
    }
}

fn skill(reserve: u32, release: Span) -> Skill {
    Skill { name: String::new(), reserve, release }
}

/// Agents with these skills, each always at work, before queues with callers of so many an hour
/// who talk so long.
fn centre(agents: &[Vec<(SkillNo, Level)>], per_hour: &[f64], length: f64) -> Scenario {
    let hours = CALLERS / per_hour.iter().sum::<f64>();
    let closes = seconds_of(hours * 3_600.0);
    let interval = Span(closes.0.div_ceil(PARTS.into()));
    let plan = Plan {
        skills: vec![],
        queues: per_hour.iter().map(|_| queue(TARGET)).collect(),
        agents: agents
            .iter()
            .map(|skills| Agent { id: String::new(), skills: skills.clone(), retired: false })
            .collect(),
        calls_max: u32::MAX,
    };
    let callers = (0..).zip(per_hour).map(|(queue, rate)| Callers {
        name: String::new(),
        queue: QueueNo::first(queue),
        own: Needs::default(),
        channel: Channel::City,
        arrivals: Arrivals::Expected(vec![rate * hours / f64::from(PARTS); PARTS as usize]),
        patience: Law::Never,
        handling: Law::Exponential(length),
        wrap_up: None,
    });
    let duty =
        |slot| Duty { agent: AgentNo::first(slot), from: Span::ZERO, to: closes, then: Then::Home };
    let duties = (0..).take(agents.len()).map(duty).collect();
    Scenario {
        name: String::new(),
        callers: callers.collect(),
        crews: vec![Crew { duties, ..Crew::perfect("all") }],
        plan,
        opens: Span::ZERO,
        closes,
        at_closing: Closing::Serve,
        interval,
        weather: Weather::FAIR,
    }
}

/// So many agents who can all do everything.
fn pooled(agents: u32, per_hour: &[f64], length: f64) -> Scenario {
    centre(&vec![vec![]; agents as usize], per_hour, length)
}

/// Callers give up after so many seconds on average.
fn impatient(mut scenario: Scenario, patience: f64) -> Scenario {
    for callers in &mut scenario.callers {
        callers.patience = Law::Exponential(patience);
    }
    scenario
}

fn play(scenario: &Scenario) -> Day {
    play::day(scenario, SEED)
}

/// A figure of callers of one kind, part by part.
fn of(day: &Day, kind: usize, above: fn(&Cell) -> f64) -> Estimate {
    let parts = day.kind(kind).iter().skip(1);
    Ratio::new(parts.map(|cell| (above(cell), f64::from(cell.offered)))).estimate()
}

/// A figure of all callers, part by part.
fn all(day: &Day, above: fn(&Cell) -> f64) -> Estimate {
    let kinds = day.cells.len() / day.intervals;
    let parts = (1..day.intervals).map(|part| {
        let mut sum = Cell::default();
        (0..kinds).filter_map(|kind| day.kind(kind).get(part)).for_each(|cell| sum.add(cell));
        (above(&sum), f64::from(sum.offered))
    });
    Ratio::new(parts).estimate()
}

fn in_target(cell: &Cell) -> f64 {
    cell.in_target.into()
}

fn delayed(cell: &Cell) -> f64 {
    (cell.offered - cell.at_once).into()
}

fn waited(cell: &Cell) -> f64 {
    cell.waited_all.as_secs_f64()
}

fn abandoned(cell: &Cell) -> f64 {
    cell.abandoned.into()
}

/// The share of its time that each agent spoke.
fn loads(day: &Day) -> Vec<f64> {
    let length = day.ended.since(Timestamp::EPOCH).as_secs_f64();
    day.spoken.iter().map(|spoken| spoken.as_secs_f64() / length).collect()
}

#[test]
fn patient_callers_wait_as_erlang_c_says() {
    for (agents, calls, length) in [
        (1, 10.0, 180.0),
        (2, 20.0, 180.0),
        (13, 200.0, 180.0),
        (14, 200.0, 180.0),
        (21, 360.0, 180.0),
        (55, 720.0, 240.0),
    ] {
        let played = play(&pooled(agents, &[calls], length));
        let theory = ErlangC::new(agents, Load::new(calls, length));
        holds("delayed", all(&played, delayed), theory.delayed());
        holds("within 20 s", all(&played, in_target), theory.within(20.0));
        holds("mean wait", all(&played, waited), theory.mean_wait());
    }
}

#[test]
fn impatient_callers_leave_as_erlang_a_says() {
    for (agents, calls, length, patience) in
        [(50, 2880.0, 60.0, 120.0), (6, 100.0, 240.0, 120.0), (14, 200.0, 240.0, 180.0)]
    {
        let played = play(&impatient(pooled(agents, &[calls], length), patience));
        let theory = ErlangA::new(agents, Load::new(calls, length), patience);
        holds("abandoned", all(&played, abandoned), theory.abandoned());
        holds("served within 20 s", all(&played, in_target), theory.within(20.0).answered);
        holds("mean wait", all(&played, waited), theory.mean_wait());
    }
}

#[test]
fn talks_of_one_length_halve_the_wait() {
    let mut scenario = pooled(1, &[10.0], 180.0);
    scenario.callers[0].handling = Law::Fixed(180.0);
    // M/D/1 at load 1/2: half of the 180 s of M/M/1.
    holds("mean wait", all(&play(&scenario), waited), 90.0);
}

#[test]
fn the_spread_of_talks_lengthens_the_wait() {
    let mut scenario = pooled(1, &[10.0], 180.0);
    scenario.callers[0].handling = Law::LogNormal { mean: 180.0, spread: 1.5 };
    // Pollaczek and Khinchine: 90 s times 1 + spread².
    holds("mean wait", all(&play(&scenario), waited), 90.0 * (1.0 + 1.5 * 1.5));
}

#[test]
fn a_target_of_nothing_is_priority() {
    for (agents, first, second) in [(10, 30.0, 70.0), (18, 40.0, 157.0)] {
        let mut scenario = pooled(agents, &[first, second], 240.0);
        scenario.plan.queues = vec![queue(Span(1)), queue(FOR_EVER)];
        let played = play(&scenario);
        for (class, wait) in
            priority::strict(agents, &[first, second], 240.0).into_iter().enumerate()
        {
            holds("a class", of(&played, class, waited), wait);
        }
        // Whoever gains, somebody pays: the mean over all is as without priority.
        let one_line = ErlangC::new(agents, Load::new(first + second, 240.0));
        holds("all", all(&played, waited), one_line.mean_wait());
    }
}

/// Who finds nobody is told busy.
fn loss(mut scenario: Scenario) -> Scenario {
    scenario.plan.queues[0].waiting_max = 0;
    scenario
}

#[test]
fn the_longest_idle_rule_loads_everyone_alike() {
    let played = play(&loss(pooled(12, &[150.0], 240.0)));
    holds("lost", all(&played, |cell| cell.turned_away.into()), blocking(12, 10.0));
    let each = hunting::longest_idle(12, 10.0);
    for load in loads(&played) {
        assert!((load / each - 1.0).abs() < 0.03, "{load} is not {each}");
    }
}

#[test]
fn the_best_skill_rule_hunts_from_the_best_down() {
    const SKILL: SkillNo = SkillNo::first(0);
    let agents: Vec<_> = (1..=12).rev().map(|level| vec![(SKILL, level)]).collect();
    let mut scenario = loss(centre(&agents, &[150.0], 240.0));
    scenario.plan.skills = vec![skill(0, Span::ZERO)];
    scenario.plan.queues[0].needs = Needs::new([(SKILL, 1)]);
    scenario.plan.queues[0].order = AgentOrder::BestSkill;
    for (load, theory) in loads(&play(&scenario)).into_iter().zip(hunting::in_order(12, 10.0)) {
        assert!((load / theory - 1.0).abs() < 0.06, "{load} is not {theory}");
    }
}

/// Ten agents who all have a skill that 30 of 90 callers an hour need; some are kept back.
#[test]
fn a_reserve_never_released_is_a_cut_off_priority() {
    const SKILL: SkillNo = SkillNo::first(0);
    for reserve in 0..=2 {
        let mut scenario = centre(&vec![vec![(SKILL, 1)]; 10], &[30.0, 60.0], 240.0);
        scenario.plan.skills = vec![skill(reserve, FOR_EVER)];
        scenario.plan.queues = vec![queue(Span(1)), queue(FOR_EVER)];
        scenario.plan.queues[0].needs = Needs::new([(SKILL, 1)]);
        let played = play(&scenario);
        let theory = reserve::cut_off(10, reserve, [30.0, 60.0], 240.0);
        holds("who need it", of(&played, 0, waited), theory.first);
        holds("who do not", of(&played, 1, waited), theory.second);
    }
}

#[test]
fn waits_keep_the_ratio_of_their_targets() {
    let by_half = |calls| {
        let mut scenario = pooled(20, &[calls, calls], 240.0);
        scenario.plan.queues = vec![queue(Span::secs(20)), queue(Span::secs(40))];
        play(&scenario)
    };
    let played = by_half(135.0);
    let [first, second] = priority::by_ratio(20, [135.0, 135.0], 240.0, 0.5);
    holds("first", of(&played, 0, waited), first);
    holds("second", of(&played, 1, waited), second);
    // Nearer to their limit lines are long remembered, and parts of a day say little of a mean wait.
    // But the waits move together, and their ratio, which comes near that of the targets, is known.
    let played = by_half(142.5);
    let parts = played.kind(0).iter().zip(played.kind(1)).skip(1);
    let ratio = Ratio::new(parts.map(|(one, other)| (waited(one), waited(other)))).estimate();
    let [first, second] = priority::by_ratio(20, [142.5, 142.5], 240.0, 0.5);
    holds("ratio", ratio, first / second);
}

#[test]
fn agents_who_can_all_do_everything_are_one_pool_whatever_is_reserved() {
    const ENGLISH: SkillNo = SkillNo::first(0);
    let mut scenario =
        impatient(centre(&vec![vec![(ENGLISH, 1)]; 18], &[189.0, 8.0], 240.0), 180.0);
    scenario.plan.skills = vec![skill(0, TARGET)];
    scenario.plan.queues[1].needs = Needs::new([(ENGLISH, 1)]);
    let theory = ErlangA::new(18, Load::new(197.0, 240.0), 180.0);
    let played = play(&scenario);
    holds("within 20 s", all(&played, in_target), theory.within(20.0).answered);
    holds("abandoned", all(&played, abandoned), theory.abandoned());
}

#[test]
fn a_ring_that_everyone_lets_sound_is_part_of_the_work_and_of_the_wait() {
    let mut scenario = pooled(14, &[200.0], 170.0);
    scenario.crews[0].answers = Law::Exponential(10.0);
    for queue in &mut scenario.plan.queues {
        queue.ring = FOR_EVER;
    }
    let mut bare = pooled(14, &[200.0], 180.0);
    bare.callers[0].handling = Law::Exponential(180.0);
    let (rung, bare) = (play(&scenario), play(&bare));
    // Work of 170 s and 10 s has a little less spread than 180 s at once, and so a shorter queue.
    let wait = all(&rung, waited).mean - 10.0;
    assert!((wait / all(&bare, waited).mean - 1.0).abs() < 0.15, "{wait}");
}

/// A day on which everything goes wrong, held after every step by what must always hold.
#[test]
fn phones_that_fail_and_ring_out_lose_no_caller_and_no_place() {
    for seed in 1..=4 {
        let mut scenario = impatient(pooled(6, &[60.0, 20.0], 240.0), 180.0);
        scenario.closes = Span::secs(8 * 3_600);
        scenario.interval = Span::secs(3_600);
        for callers in &mut scenario.callers {
            callers.arrivals = Arrivals::Expected(vec![40.0; 8]);
        }
        let crew = &mut scenario.crews[0];
        crew.answers = Law::LogNormal { mean: 4.0, spread: 0.7 };
        crew.unanswered = 0.1;
        crew.failures = 6.0;
        for duty in &mut crew.duties {
            (duty.to, duty.then) = (Span::secs(3 * 3_600), Then::Break);
        }
        let again: Vec<Duty> = crew
            .duties
            .iter()
            .map(|duty| Duty { from: Span::secs(4 * 3_600), to: scenario.closes, ..*duty })
            .collect();
        crew.duties.extend(again);
        let day =
            play::watched(&scenario, seed).unwrap_or_else(|broken| panic!("seed {seed}: {broken}"));
        assert!(day.cells.iter().all(|cell| cell.offered == cell.ended()), "seed {seed}");
        assert_eq!(day, play::day(&scenario, seed), "seed {seed}: watching changes nothing");
    }
}

#[test]
fn those_who_still_wait_at_closing_time_are_served_or_told() {
    let mut scenario = pooled(1, &[100.0], 240.0);
    scenario.closes = Span::secs(3_600);
    scenario.interval = scenario.closes;
    scenario.callers[0].arrivals = Arrivals::Expected(vec![100.0]);
    let day =
        |at_closing| play::watched(&Scenario { at_closing, ..scenario.clone() }, SEED).unwrap();
    let (served, told) = (day(Closing::Serve).cells[0], day(Closing::End).cells[0]);
    assert_eq!((served.failed, served.answered), (0, served.offered));
    assert!(told.failed > 50 && told.failed + told.answered == served.offered, "{told:?}");
}
