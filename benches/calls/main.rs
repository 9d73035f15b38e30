//! What a call costs: the real server under real SIP, measured from outside.
//!
//! ```text
//!   sipp (callers) ──► lotse serve ──► sipp (agents)
//!                          │
//!                    /proc/PID: CPU by the nanosecond, resident memory
//! ```
//!
//! Every figure stands beside another of the same run, since machines differ and the same
//! machine differs from hour to hour: CPU beside what `sipp` itself spends on one side of the
//! same call, reaction beside a bare datagram's round trip. Knows nothing of the inside.

// A bench may fall over where a server may not; its figures are rough enough for any cast.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::unchecked_time_subtraction,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss
)]

mod agent;
mod process;
mod world;

use std::time::Duration;

use world::{Plan, World};

fn main() {
    // `cargo test --benches` only asks whether it starts.
    if std::env::args().any(|arg| arg == "--test" || arg == "--list") {
        return;
    }
    if !process::installed("sipp") {
        eprintln!("sipp is not installed (Debian: sip-tester); no figures of calls");
        return;
    }
    println!("\ncost of a call\n");
    println!("{:<44}{:>12}{:>12}{:>12}{:>10}", "", "measured", "reach", "asterisk", "met");
    // `cargo bench --bench calls -- reaction` measures that alone.
    let only = std::env::args().skip(1).find(|arg| !arg.starts_with('-'));
    let wanted = |name: &str| only.as_deref().is_none_or(|only| name.contains(only));
    if wanted("cpu") {
        cpu(100, 200.0, "13 ms");
        cpu(1_000, 200.0, "9 ms");
    }
    if wanted("waiting") {
        waiting();
    }
    if wanted("joined") {
        joined();
    }
    if wanted("reaction") {
        reaction();
    }
}

/// A row of the table. `asterisk` is what was measured on this kind of machine, elsewhere.
fn row(what: &str, measured: f64, reach: f64, unit: &str, asterisk: &str) {
    let met = if measured <= reach { "yes" } else { "NO" };
    println!("{what:<44}{measured:>9.3} {unit:<2}{reach:>9} {unit:<2}{asterisk:>12}{met:>10}");
}

/// CPU per queued, answered and ended call, beside what one side of it costs `sipp`.
fn cpu(agents: usize, rate: f64, asterisk: &str) {
    let calls = 4_000;
    let world = World::start(&Plan { agents, ..Plan::default() });
    let phones = world.sipp_agents(agents);
    // Warm: first pages, first sockets.
    world.sipp_callers(200, rate, 100).finish(Duration::from_secs(60));
    let (before, phones_before) = (world.server.cpu(), phones.cpu());
    let callers = world.sipp_callers(calls, rate, agents * 2);
    let spent = callers.finish(Duration::from_secs(120));
    let server = (world.server.cpu() - before).as_secs_f64() * 1e3 / calls as f64;
    let phone = (phones.cpu() - phones_before).as_secs_f64() * 1e3 / calls as f64;
    let caller = spent.as_secs_f64() * 1e3 / calls as f64;
    row(&format!("CPU a call, {agents} agents"), server, 0.5, "ms", asterisk);
    println!(
        "{:<44}{:>9.2} x  (sipp: {:.3} + {:.3} ms)",
        "  … to sipp's two ends of the same call",
        server / (phone + caller),
        caller,
        phone
    );
}

/// Memory per waiting call: nobody at work, 5,000 callers hearing music.
fn waiting() {
    let calls = 5_000;
    let world = World::start(&Plan { agents: 0, ..Plan::default() });
    world.sipp_callers(0, 1.0, 1).stop();
    let before = world.server.resident();
    let callers = world.sipp_callers(calls, 400.0, calls);
    world.wait_for("acd_queue_calls", calls as f64, Duration::from_secs(60));
    let each = (world.server.resident() - before) as f64 / calls as f64 / 1024.0;
    row("memory a waiting call", each, 10.0, "KB", "143 KB");
    callers.stop();
}

/// Memory per joined call.
fn joined() {
    let calls = 1_000;
    let world = World::start(&Plan { agents: calls, talk: Duration::from_secs(600) });
    let _phones = world.sipp_agents(calls);
    let before = world.server.resident();
    let callers = world.sipp_callers(calls, 200.0, calls);
    world.wait_for_talking(calls as f64, Duration::from_secs(60));
    let each = (world.server.resident() - before) as f64 / calls as f64 / 1024.0;
    row("memory a joined call", each, 20.0, "KB", "450 KB");
    callers.stop();
}

/// From an agent's BYE to the INVITE of the next caller, 5,000 waiting.
fn reaction() {
    let calls = 5_000;
    let world = World::start(&Plan { agents: 1, ..Plan::default() });
    let callers = world.sipp_callers(calls, 400.0, calls);
    world.wait_for("acd_queue_calls", calls as f64 - 2.0, Duration::from_secs(60));
    let times = agent::reactions(world.agent_port, 300);
    // While they hear music on: a journey on a busy machine is compared to one on a busy machine.
    let floor = agent::floor(300);
    callers.stop();
    let at = |p: f64| times[((times.len() - 1) as f64 * p) as usize].as_secs_f64() * 1e3;
    row("agent free to next INVITE, 5,000 waiting, p50", at(0.5), 2.0, "ms", "590 ms");
    row("agent free to next INVITE, 5,000 waiting, p99", at(0.99), 2.0, "ms", "1600 ms");
    let floor_p99 = floor[((floor.len() - 1) as f64 * 0.99) as usize].as_secs_f64() * 1e3;
    println!("{:<44}{:>9.3} ms", "  … a bare datagram's round trip, p99", floor_p99);
}
