//! How many calls a second the simulator plays: the bare engine, and the whole exchange with SIP.
//!
//! The scenario is a city's Monday. The second table lets the city grow, from ten agents to ten
//! thousand with callers in proportion: a call should cost the same.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::cast_precision_loss)]

use std::path::Path;

use lotse::{
    base::{numbers::AgentNo, time::Span},
    net::clock::Clock,
    scenario,
    sim::traffic::{
        full,
        ledger::Day,
        play::{self, seed_of},
        scenario::{Arrivals, Duty, Scenario, Then},
    },
};

/// Days in a year of service.
const YEAR: u64 = 250;

fn main() {
    let is_test = std::env::args().any(|arg| arg == "--test");
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/config/scenarios/leipzig-2019-monday.toml");
    let (monday, _) = scenario::load(Path::new(path)).unwrap();

    let rounds = if is_test { 1 } else { 5 };
    let days = if is_test { 2 } else { YEAR };
    // The fastest of a few: whatever else the machine does makes it only slower.
    let year = (0..rounds).map(|_| played(&monday, days, play::day)).fold((0, f64::MAX), faster);
    tell("engine alone, a year of Mondays", year, "reach 1,000,000 calls/s");
    let full =
        (0..rounds.min(2)).map(|_| played(&monday, 1, full::day)).fold((0, f64::MAX), faster);
    tell("whole exchange with SIP, one Monday", full, "");

    println!("\n{:>8} {:>12} {:>10} {:>8}", "agents", "calls", "µs a call", "ratio");
    let mut first = None;
    for agents in [10, 100, 1_000, 10_000] {
        if is_test && agents > 100 {
            continue;
        }
        let city = grown(&monday, agents);
        let days = (100_000 / (agents * 70)).max(1) as u64;
        let (calls, secs) =
            (0..rounds.min(3)).map(|_| played(&city, days, play::day)).fold((0, f64::MAX), faster);
        let cost = secs * 1e6 / f64::from(calls);
        let ratio = cost / *first.get_or_insert(cost);
        println!("{agents:>8} {calls:>12} {cost:>10.2} {ratio:>7.2}x");
    }
}

/// How many calls, and in how many seconds.
fn played(scenario: &Scenario, days: u64, day: fn(&Scenario, u64) -> Day) -> (u32, f64) {
    let clock = Clock::start();
    let start = clock.now();
    let calls = (0..days).map(|run| {
        let day = day(scenario, seed_of(1, run));
        day.cells.iter().map(|cell| cell.offered).sum::<u32>()
    });
    (calls.sum(), clock.now().since(start).as_secs_f64())
}

fn faster(one: (u32, f64), other: (u32, f64)) -> (u32, f64) {
    if other.1 < one.1 { other } else { one }
}

fn tell(what: &str, (calls, secs): (u32, f64), reach: &str) {
    let speed = f64::from(calls) / secs;
    println!("{what}: {calls} calls in {secs:.3} s, {speed:.0} calls/s {reach}");
}

/// The same city with so many agents, all day, and 10 callers an hour for each.
fn grown(monday: &Scenario, agents: usize) -> Scenario {
    let mut city = monday.clone();
    let (opens, closes) = (city.opens, city.closes);
    let like = city.plan.agents.clone();
    city.plan.agents = (0..agents).map(|place| like[place * 7 % like.len()].clone()).collect();
    let duty =
        |slot| Duty { agent: AgentNo::first(slot), from: opens, to: closes, then: Then::Home };
    city.crews.truncate(1);
    city.crews[0].duties = (0..).take(agents).map(duty).collect();
    let hours = Span(closes.0 - opens.0).as_secs_f64() / 3_600.0;
    for (callers, share) in city.callers.iter_mut().zip([0.82, 0.14, 0.04]) {
        let all = agents as f64 * 10.0 * hours * share;
        callers.arrivals = Arrivals::Expected(vec![all / 21.0; 21]);
    }
    city
}
