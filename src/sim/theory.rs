//! The engine against the mathematics: whatever it does must be what the formulas say.
//!
//! Every figure is held within four standard errors of its own, so more callers make the test
//! sharper, never luckier. Seeds are fixed.

use crate::{
    acd::plan::{Agent, AgentOrder, Level, Needs, Overflow, Plan, Queue, Skill},
    base::{
        numbers::{QueueNo, SkillNo},
        time::Span,
    },
    sim::{
        queueing::{Scene, Stream, Talk, Trouble, play, play_watched},
        tally::{Estimate, Tally},
    },
    staff::{
        erlang_a::ErlangA, erlang_b::blocking, erlang_c::ErlangC, hunting, load::Load, priority,
        reserve,
    },
};

/// Unoptimised code plays fewer callers; the tolerance follows by itself.
const CALLERS: u32 = if cfg!(debug_assertions) { 25_000 } else { 400_000 };
/// The promise.
const TARGET: Span = Span::secs(20);
const FOR_EVER: Span = Span::secs(1 << 40);

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
        short_abandon: Span::ZERO,
        retired: false,
    }
}

fn agent(skills: &[(SkillNo, Level)]) -> Agent {
    Agent { id: String::new(), skills: skills.to_vec(), retired: false }
}

fn at(queue: u32, per_hour: f64) -> Stream {
    Stream::steady(QueueNo::first(queue), per_hour)
}

/// So many agents who can all do everything, before one queue for each stream.
fn pooled(agents: usize, streams: Vec<Stream>, length: f64) -> Scene {
    let queues = streams.iter().map(|_| queue(TARGET)).collect();
    let agents = vec![agent(&[]); agents];
    Scene {
        plan: Plan { skills: vec![], queues, agents, calls_max: u32::MAX },
        streams,
        patience: None,
        talk: Talk::Exponential(length),
        callers: CALLERS,
        roster: vec![],
        trouble: Trouble::default(),
        seed: 1,
    }
}

#[test]
fn patient_callers_wait_as_erlang_c_says() {
    for (agents, calls, length) in [(1_u32, 10.0, 180.0), (14, 200.0, 180.0), (55, 720.0, 240.0)] {
        let played = play(&pooled(agents as usize, vec![at(0, calls)], length));
        let theory = ErlangC::new(agents, Load::new(calls, length));
        holds("delayed", played.all(Tally::delay_share), theory.delayed());
        holds("within 20 s", played.all(Tally::service_level), theory.within(20.0));
        holds("mean wait", played.all(Tally::mean_wait), theory.mean_wait());
    }
}

#[test]
fn impatient_callers_leave_as_erlang_a_says() {
    for (agents, calls, length, patience) in
        [(50, 2880.0, 60.0, 120.0), (6, 100.0, 240.0, 120.0), (14, 200.0, 240.0, 180.0)]
    {
        let mut scene = pooled(agents as usize, vec![at(0, calls)], length);
        scene.patience = Some(patience);
        let played = play(&scene);
        let theory = ErlangA::new(agents, Load::new(calls, length), patience);
        holds("abandoned", played.all(Tally::abandon_share), theory.abandoned());
        let in_time = theory.within(20.0).answered;
        holds("served within 20 s", played.all(Tally::service_level), in_time);
        holds("mean wait", played.all(Tally::mean_wait), theory.mean_wait());
    }
}

#[test]
fn talks_of_one_length_halve_the_wait() {
    let mut scene = pooled(1, vec![at(0, 10.0)], 180.0);
    scene.talk = Talk::Fixed(180.0);
    // M/D/1 at load 1/2: half of the 180 s of M/M/1.
    holds("mean wait", play(&scene).all(Tally::mean_wait), 90.0);
}

#[test]
fn a_target_of_nothing_is_priority() {
    let mut scene = pooled(10, vec![at(0, 30.0), at(1, 70.0)], 240.0);
    scene.plan.queues = vec![queue(Span(1)), queue(FOR_EVER)];
    let played = play(&scene);
    for (class, wait) in priority::strict(10, &[30.0, 70.0], 240.0).into_iter().enumerate() {
        holds("class", played.of(class, Tally::mean_wait), wait);
    }
    // Whoever gains, somebody pays: the mean over all is as without priority.
    let all = ErlangC::new(10, Load::new(100.0, 240.0)).mean_wait();
    holds("all", played.all(Tally::mean_wait), all);
}

/// A loss system: who finds nobody is told busy.
fn loss(agents: usize, calls: f64) -> Scene {
    let mut scene = pooled(agents, vec![at(0, calls)], 240.0);
    scene.plan.queues[0].waiting_max = 0;
    scene
}

#[test]
fn the_longest_idle_rule_loads_everyone_alike() {
    let played = play(&loss(12, 150.0));
    let lost = |tally: &Tally| 1.0 - tally.answered / tally.offered;
    holds("lost", played.all(lost), blocking(12, 10.0));
    let each = hunting::longest_idle(12, 10.0);
    for spoken in &played.spoken {
        let load = spoken / played.length;
        assert!((load / each - 1.0).abs() < 0.03, "{load} is not {each}");
    }
}

#[test]
fn the_best_skill_rule_hunts_from_the_best_down() {
    const SKILL: SkillNo = SkillNo::first(0);
    let mut scene = loss(10, 120.0);
    scene.plan.skills = vec![Skill { name: String::new(), reserve: 0, release: Span::ZERO }];
    scene.plan.agents = (1..=10).rev().map(|level| agent(&[(SKILL, level)])).collect();
    scene.plan.queues[0].needs = Needs::new([(SKILL, 1)]);
    scene.plan.queues[0].order = AgentOrder::BestSkill;
    let played = play(&scene);
    let theories = hunting::in_order(10, 8.0);
    for (place, (spoken, theory)) in (1..).zip(played.spoken.iter().zip(theories)) {
        let load = spoken / played.length;
        assert!((load / theory - 1.0).abs() < 0.06, "place {place}: {load} is not {theory}");
    }
}

/// Ten agents who all have a skill that 30 of 90 callers an hour need; some are kept back.
#[test]
fn a_reserve_never_released_is_a_cut_off_priority() {
    const SKILL: SkillNo = SkillNo::first(0);
    for reserve in [0, 1, 2] {
        let mut scene = pooled(10, vec![at(0, 30.0), at(1, 60.0)], 240.0);
        scene.plan.skills = vec![Skill { name: String::new(), reserve, release: FOR_EVER }];
        scene.plan.agents = vec![agent(&[(SKILL, 1)]); 10];
        scene.plan.queues = vec![queue(Span(1)), queue(FOR_EVER)];
        scene.plan.queues[0].needs = Needs::new([(SKILL, 1)]);
        scene.callers = CALLERS * 2;
        let played = play(&scene);
        let theory = reserve::cut_off(10, reserve, [30.0, 60.0], 240.0);
        holds("who need it", played.of(0, Tally::mean_wait), theory.first);
        holds("who do not", played.of(1, Tally::mean_wait), theory.second);
    }
}

#[test]
fn waits_keep_the_ratio_of_their_targets() {
    let mut scene = pooled(20, vec![at(0, 142.5), at(1, 142.5)], 240.0);
    scene.plan.queues = vec![queue(Span::secs(20)), queue(Span::secs(40))];
    let played = play(&scene);
    let [first, second] = priority::by_ratio(20, [142.5, 142.5], 240.0, 0.5);
    holds("first", played.of(0, Tally::mean_wait), first);
    holds("second", played.of(1, Tally::mean_wait), second);
    // The two move together, so their ratio is much better known than either.
    let ratio = played.of(0, Tally::mean_wait).mean / played.of(1, Tally::mean_wait).mean;
    assert!((ratio / (first / second) - 1.0).abs() < 0.03, "{ratio}");
}

const GERMAN: SkillNo = SkillNo::first(0);
const FEDERAL: SkillNo = SkillNo::first(1);
const ENGLISH: SkillNo = SkillNo::first(2);

/// A city's centre at its peak: 18 agents speak German, 12 of them answer 115 as well, and 5 of
/// the others English callers.
fn city(reserve: u32, release: u64) -> Scene {
    let needs = [GERMAN, FEDERAL, ENGLISH].map(|skill| Needs::new([(skill, 1)]));
    let skill = |reserve| Skill { name: String::new(), reserve, release: Span::secs(release) };
    let streams = vec![at(0, 197.0 * 0.82), at(1, 197.0 * 0.14), at(2, 197.0 * 0.04)];
    let mut scene = pooled(0, streams, 240.0);
    scene.plan.skills = vec![skill(0), skill(0), skill(reserve)];
    for (queue, needs) in scene.plan.queues.iter_mut().zip(needs) {
        queue.needs = needs;
    }
    scene.plan.agents = (0..18)
        .map(|place| {
            let has = [(GERMAN, true), (FEDERAL, place < 12), (ENGLISH, place >= 13)];
            let skills = has.into_iter().filter(|(_, has)| *has).map(|(skill, _)| (skill, 1));
            agent(&skills.collect::<Vec<_>>())
        })
        .collect();
    scene.patience = Some(180.0);
    scene.callers = CALLERS * 2;
    scene
}

#[test]
fn a_soft_reserve_helps_the_few_and_costs_the_many_nothing() {
    // Reserve, release; service levels of all, German, 115 and English by another simulation
    // of 250,000 callers, good to 0.002 for all and to 0.008 for the few English.
    for (reserve, release, all, german, federal, english) in [
        (0, 0, 0.9330, 0.943, 0.916, 0.784),
        (1, 8, 0.9320, 0.940, 0.903, 0.880),
        (1, 16, 0.9331, 0.941, 0.900, 0.897),
        (2, 16, 0.9284, 0.938, 0.876, 0.915),
    ] {
        let played = play(&city(reserve, release));
        let near = |what: &str, ours: Estimate, theirs: f64, their_error: f64| {
            let error = ours.error.hypot(their_error);
            let says = format!("{what} with {reserve}, {release}: {ours:?} is not {theirs}");
            assert!((ours.mean - theirs).abs() <= 4.0 * error && error < 0.03, "{says}");
        };
        near("all", played.all(Tally::service_level), all, 0.002);
        near("german", played.of(0, Tally::service_level), german, 0.002);
        near("115", played.of(1, Tally::service_level), federal, 0.005);
        near("english", played.of(2, Tally::service_level), english, 0.008);
    }
}

#[test]
fn agents_who_can_all_do_everything_are_one_pool() {
    let mut scene = city(0, 0);
    for agent in &mut scene.plan.agents {
        agent.skills = [GERMAN, FEDERAL, ENGLISH].map(|skill| (skill, 1)).to_vec();
    }
    let theory = ErlangA::new(18, Load::new(197.0, 240.0), 180.0);
    let played = play(&scene);
    holds("within 20 s", played.all(Tally::service_level), theory.within(20.0).answered);
    holds("abandoned", played.all(Tally::abandon_share), theory.abandoned());
}

/// A Monday from 7:30 to 18:00 in half hours: the share of the day's 1,314 callers, and how
/// many agents Erlang C asks for.
const MONDAY: [(f64, u32); 21] = [
    (2.0, 7),
    (4.2, 12),
    (5.6, 15),
    (6.9, 17),
    (7.4, 18),
    (7.5, 18),
    (7.2, 18),
    (6.5, 16),
    (5.7, 15),
    (4.6, 13),
    (4.1, 12),
    (4.5, 12),
    (5.1, 14),
    (5.5, 14),
    (5.4, 14),
    (4.9, 13),
    (4.2, 12),
    (3.2, 10),
    (2.4, 8),
    (1.8, 6),
    (1.3, 5),
];

#[test]
fn a_monday_staffed_by_erlang_c_keeps_the_promise() {
    let half_hour = Span::secs(1800);
    // Each half hour is a stream of its own, so that it has its own figures.
    let streams = (0..).zip(MONDAY).map(|(at, (share, _))| {
        let mut per_hour = vec![0.0; MONDAY.len()];
        per_hour[at] = 1314.0 * share / 100.0 * 2.0;
        Stream { per_hour, interval: half_hour, ..at_queue_zero() }
    });
    let mut scene = pooled(18, streams.collect(), 240.0);
    scene.patience = Some(180.0);
    let days = if cfg!(debug_assertions) { 30 } else { 300 };
    scene.callers = 1314 * days;
    scene.roster = (0..u64::from(days) * 21)
        .zip(MONDAY.iter().cycle())
        .map(|(at, &(_, agents))| (at * 1800, agents))
        .collect();
    let played = play(&scene);
    let day = played.all(Tally::service_level);
    assert!(day.mean >= 0.90, "{day:?}");
    for (half_hour, _) in MONDAY.iter().enumerate() {
        let level = played.of(half_hour, Tally::service_level);
        assert!(level.mean + 2.0 * level.error >= 0.85, "half hour {half_hour}: {level:?}");
    }
}

fn at_queue_zero() -> Stream {
    at(0, 0.0)
}

#[test]
fn three_times_the_load_starves_nobody() {
    let mut scene = pooled(18, vec![at(0, 463.0 / 2.0), at(1, 463.0 / 2.0)], 240.0);
    scene.patience = Some(180.0);
    scene.callers = 3000;
    let played = play_watched(&scene).unwrap();
    let theory = ErlangA::new(18, Load::new(463.0, 240.0), 180.0);
    holds("abandoned", played.all(Tally::abandon_share), theory.abandoned());
    // Patience bounds the wait: in 3000 lives nobody waits ten of them.
    assert!(played.longest_wait < 1800.0, "{}", played.longest_wait);
}

#[test]
fn phones_that_vanish_and_ring_out_lose_no_caller() {
    for seed in 1..=3 {
        let mut scene = city(1, 16);
        scene.callers = 800;
        scene.trouble = Trouble { rings_out: 0.1, vanishings: 120.0 };
        scene.seed = seed;
        let played = play_watched(&scene).unwrap_or_else(|broken| panic!("{seed}: {broken}"));
        let sum =
            |count: fn(&Tally) -> f64| -> f64 { played.tallies.iter().flatten().map(count).sum() };
        let lost = 800.0 - sum(|tally| tally.answered + tally.abandoned);
        assert!(lost.abs() < 0.5, "seed {seed}: {lost}");
    }
}

#[test]
fn the_same_seed_plays_the_same() {
    let mut scene = city(1, 16);
    scene.callers = 2000;
    let spoken = |scene: &Scene| play(scene).spoken;
    assert_eq!(spoken(&scene), spoken(&scene));
    let other = Scene { seed: 2, ..scene.clone() };
    assert_ne!(spoken(&scene), spoken(&other));
}
