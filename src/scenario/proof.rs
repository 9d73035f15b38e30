//! What the examples promise, played: the routing rule beside other policies, a Monday, three times its
//! load, and reservations that come in bursts.

use std::path::Path;

use crate::{
    acd::input::Channel,
    base::{numbers::QueueNo, time::Span},
    scenario::{load, what_if::WhatIf},
    sim::traffic::{
        estimate::{Estimate, Ratio},
        ledger::Day,
        play::{self, seed_of},
        report::Slice,
        scenario::{Arrivals, Callers, Scenario},
    },
};

/// Unoptimised code plays fewer days; the tolerance follows by itself.
const DAYS: u64 = if cfg!(debug_assertions) { 40 } else { 400 };
const CITY: usize = 0;
const FEDERAL: usize = 1;
const ENGLISH: usize = 2;

fn example(name: &str, changes: &[&str]) -> Scenario {
    let path = format!("config/scenarios/{name}.toml");
    let (scenario, _) = load(Path::new(&path)).unwrap_or_else(|faults| panic!("{faults}"));
    changes.iter().fold(scenario, |scenario, change| {
        change
            .parse::<WhatIf>()
            .and_then(|it| it.apply(&scenario))
            .unwrap_or_else(|why| panic!("{why}"))
    })
}

fn played(scenario: &Scenario) -> Vec<Day> {
    (0..DAYS).map(|run| play::day(scenario, seed_of(1, run))).collect()
}

/// Who spoke with an agent within the promised 20 s, whatever target a queue was given to aim at: of
/// callers of one kind, or of all, run by run.
fn level(days: &[Day], kind: Option<usize>) -> Ratio {
    Ratio::new(days.iter().map(|day| {
        let is_of = |cell: usize| kind.is_none_or(|kind| cell / day.intervals == kind);
        let cells = day.cells.iter().enumerate().filter(|(cell, _)| is_of(*cell));
        let (at_once, all) = cells.fold((0, 0), |sum, (_, cell)| {
            (sum.0 + cell.at_once, sum.1 + cell.answered + cell.abandoned)
        });
        let soon = day.waits.iter().filter(|(cell, wait)| is_of(*cell as usize) && *wait <= 20_000);
        (f64::from(at_once) + soon.map(|_| 1.0).sum::<f64>(), f64::from(all))
    }))
}

#[test]
fn a_soft_reserve_helps_the_few_and_costs_the_many_nothing() {
    // Service levels of all, German, 115 and English by another simulation of 250,000 callers, good
    // to 0.002 for all and to 0.008 for the few English. A reserve that is released after an hour is a
    // hard one; a target of next to nothing is strict priority.
    let strict =
        ["reserve.english=0", "target.english=1ms", "target.d115=5ms", "target.city=1000s"];
    for (changes, all, city, federal, english) in [
        (&["reserve.english=0"][..], 0.9330, 0.943, 0.916, 0.784),
        (&strict, 0.9301, 0.936, 0.937, 0.795),
        (&["theta.english=1h"], 0.9065, 0.908, 0.883, 0.964),
        (&["theta.english=1h", "reserve.english=2"], 0.8605, 0.858, 0.835, 0.995),
        (&["theta.english=8s"], 0.9320, 0.940, 0.903, 0.880),
        (&["theta.english=12s"], 0.9323, 0.940, 0.899, 0.888),
        (&[], 0.9331, 0.941, 0.900, 0.897),
        (&["reserve.english=2"], 0.9284, 0.938, 0.876, 0.915),
    ] {
        let days = played(&example("peak-hour", changes));
        let near = |what: &str, ours: Estimate, theirs: f64, their_error: f64| {
            let error = ours.error.hypot(their_error);
            let says = format!("{what} with {changes:?}: {ours:?} is not {theirs}");
            assert!((ours.mean - theirs).abs() <= 4.0 * error && error < 0.03, "{says}");
        };
        near("all", level(&days, None).estimate(), all, 0.002);
        near("german", level(&days, Some(CITY)).estimate(), city, 0.002);
        near("115", level(&days, Some(FEDERAL)).estimate(), federal, 0.005);
        near("english", level(&days, Some(ENGLISH)).estimate(), english, 0.008);
    }
}

#[test]
fn the_rule_as_delivered_keeps_the_promise_to_all_and_to_the_few() {
    let days = played(&example("peak-hour", &[]));
    let (all, english) = (level(&days, None).estimate(), level(&days, Some(ENGLISH)).estimate());
    assert!(all.mean + 2.0 * all.error >= 0.93, "{all:?}");
    assert!(english.mean + 2.0 * english.error >= 0.89, "{english:?}");
    // Beside the same callers without any reserve.
    let bare = played(&example("peak-hour", &["reserve=0"]));
    let gain = level(&days, Some(ENGLISH)).minus(&level(&bare, Some(ENGLISH)));
    assert!(gain.mean - 2.0 * gain.error > 0.05, "{gain:?}");
}

#[test]
fn a_monday_staffed_by_erlang_c_keeps_the_promise() {
    let days = played(&example("leipzig-2019-monday", &[]));
    let day = Slice::new(&days, &|_, _| true).level().estimate();
    assert!(day.mean - 2.0 * day.error >= 0.90, "{day:?}");
    for interval in 0..21 {
        let level = Slice::new(&days, &|_, it| it == interval).level().estimate();
        assert!(level.mean + 2.0 * level.error >= 0.85, "half hour {interval}: {level:?}");
    }
}

/// The watch holds the order of each line after every step, and that each call has one outcome.
#[test]
fn three_times_the_load_starves_nobody_and_keeps_the_order() {
    for seed in 1..=2 {
        let scenario = example("leipzig-2020-stress", &[]);
        let day =
            play::watched(&scenario, seed).unwrap_or_else(|broken| panic!("{seed}: {broken}"));
        assert!(day.cells.iter().all(|cell| cell.offered == cell.ended()), "seed {seed}");
        // Patience bounds the wait: in 3000 lives nobody waits ten of them.
        let longest = day.cells.iter().map(|cell| cell.longest).max().unwrap();
        assert!(longest < Span::secs(1800), "seed {seed}: {longest}");
        // Nobody fares much worse than the others.
        let answered = |kind| {
            let cells = day.kind(kind).iter();
            let (some, all) =
                cells.fold((0, 0), |sum, it| (sum.0 + it.answered, sum.1 + it.offered));
            f64::from(some) / f64::from(all)
        };
        let least = [CITY, FEDERAL, ENGLISH].map(answered).into_iter().fold(1.0, f64::min);
        assert!(least > 0.4, "seed {seed}: {least}");
    }
}

#[test]
fn reservations_that_come_in_bursts_cost_the_others_next_to_nothing() {
    // Seven in each quarter of an hour, all within a minute: first as callers like any others, then
    // with a target of 10 s.
    let mut alike = example("peak-hour", &[]);
    let quarters = (0..40).map(|quarter| Span::secs(8 * 3_600 + 300 + quarter * 900));
    let times = quarters.flat_map(|at| (0..7).map(move |nth| at + Span::secs(nth * 8)));
    let mut queue = alike.plan.queues[CITY].clone();
    queue.name = "pin".to_owned();
    alike.plan.queues.push(queue);
    let booked = Callers {
        name: "pin".to_owned(),
        queue: QueueNo::first(3),
        channel: Channel::Pin,
        arrivals: Arrivals::Times(times.collect()),
        ..alike.callers[CITY].clone()
    };
    alike.callers.push(booked);
    let mut sooner = alike.clone();
    sooner.plan.queues[3].target = Span::secs(10);

    let others = |days: &[Day]| Slice::new(days, &|kind, _| kind != 3);
    let (alike, sooner) = (played(&alike), played(&sooner));
    // Each adds at most a talk over all agents to those behind, seven in a quarter: 1.9 s at most.
    let wait =
        |days: &[Day]| others(days).ratio(|it| it.waited_all.as_secs_f64(), |it| it.offered.into());
    let delay = wait(&sooner).minus(&wait(&alike));
    assert!(delay.mean + 2.0 * delay.error <= 1.9, "{delay:?}");
    let loss = others(&alike).level().minus(&others(&sooner).level());
    assert!(loss.mean + 2.0 * loss.error < 0.02, "{loss:?}");
    let gain = level(&sooner, Some(3)).minus(&level(&alike, Some(3)));
    assert!(gain.mean > 0.0, "{gain:?}");
}
