//! `lotse staff erlang-b`, `erlang-c`, `erlang-a`: what callers get from the agents there are.

use serde::Serialize;

use crate::{
    cli::{
        failure::Failure,
        staff::{
            say::{say, say_json},
            show::{self, count, list, percent, wait},
            values::{self, Traffic},
        },
    },
    staff::{erlang_a::ErlangA, erlang_b::blocking, erlang_c::ErlangC, required::Model},
};

/// Servers and a load.
#[derive(Debug, clap::Args)]
#[command(allow_negative_numbers = true)]
pub(super) struct B {
    /// Agents or lines, each held for the length of a call.
    #[arg(long, visible_aliases = ["agents", "lines"], value_parser = values::agents)]
    servers: u32,
    /// Calls an hour times their hours: how many servers they would keep busy.
    #[arg(long, value_parser = values::erlangs)]
    erlangs: f64,
    /// One JSON object.
    #[arg(long)]
    json: bool,
}

/// Agents and a load of callers who wait.
#[derive(Debug, clap::Args)]
#[command(allow_negative_numbers = true)]
pub(super) struct C {
    /// Agents at work.
    #[arg(long, value_parser = values::agents)]
    agents: u32,
    #[command(flatten)]
    traffic: Traffic,
    /// In time is a wait of at most so much.
    #[arg(long, value_name = "SPAN", default_value = "20s", value_parser = values::span, allow_hyphen_values = true)]
    within: f64,
    /// One JSON object.
    #[arg(long)]
    json: bool,
}

/// Agents and a load of callers who give up.
#[derive(Debug, clap::Args)]
pub(super) struct A {
    #[command(flatten)]
    line: C,
    /// How long callers wait on average before they give up.
    #[arg(long, value_name = "SPAN", value_parser = values::length, allow_hyphen_values = true)]
    patience: f64,
}

#[derive(Debug, Serialize)]
struct BFigures {
    blocking: f64,
}

#[derive(Debug, Serialize)]
struct CFigures {
    p_wait: f64,
    service_level: f64,
    asa_seconds: f64,
    occupancy: f64,
    mean_queue: f64,
    /// Said only when it is so: then waits have no end.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    overload: bool,
}

#[derive(Debug, Serialize)]
struct AFigures {
    #[serde(flatten)]
    as_c: CFigures,
    p_abandon: f64,
    service_level_offered: f64,
    mean_wait_all_seconds: f64,
    p_virtual_wait_le_t: f64,
    /// The formula of `service_level`.
    sl_formula: &'static str,
    service_level_f1: f64,
    service_level_f2: f64,
    service_level_f4: f64,
}

pub(super) fn b(args: &B) -> Result<(), Failure> {
    let share = blocking(args.servers, args.erlangs);
    if args.json {
        return say_json(&BFigures { blocking: share });
    }
    let heading = format!(
        "Erlang B (M/M/n/n, nobody waits): {} servers before {} erlangs",
        args.servers, args.erlangs
    );
    let fewer = args.servers.checked_sub(1).map_or(1.0, |fewer| blocking(fewer, args.erlangs));
    let to_a_thousandth = |share: f64| format!("{:.3} %", share * 100.0);
    say(&list(
        &heading,
        &[
            ("turned away", to_a_thousandth(share), "of all callers".to_owned()),
            ("with one less", to_a_thousandth(fewer), String::new()),
            (
                "with one more",
                to_a_thousandth(blocking(args.servers + 1, args.erlangs)),
                String::new(),
            ),
        ],
    ));
    Ok(())
}

pub(super) fn c(args: &C) -> Result<(), Failure> {
    let line = ErlangC::new(args.agents, args.traffic.load());
    if args.json {
        return say_json(&CFigures {
            p_wait: line.delayed(),
            service_level: line.within(args.within),
            asa_seconds: line.mean_wait(),
            occupancy: line.occupancy(),
            mean_queue: line.mean_queue(),
            overload: line.is_overloaded(),
        });
    }
    let heading = format!("Erlang C (M/M/n, callers wait for ever): {}", before(args));
    let enough = args.traffic.load().erlangs().floor() + 1.0;
    let mut lines = vec![
        ("wait at all", percent(line.delayed()), String::new()),
        (
            "in time",
            percent(line.within(args.within)),
            format!("within {}; F1 to F4 alike, as nobody gives up", show::span(args.within)),
        ),
        ("mean wait", wait(line.mean_wait()), "ASA, of all callers".to_owned()),
        ("9 of 10 wait at most", wait(line.quantile(0.90)), String::new()),
        ("99 of 100 at most", wait(line.quantile(0.99)), String::new()),
        ("waiting", count(line.mean_queue()), "on average".to_owned()),
        ("busy", percent(line.occupancy()), "of the agents' time".to_owned()),
    ];
    lines.extend(one_less_or_more(Model::Patient, args));
    say(&list(&heading, &lines));
    if line.is_overloaded() {
        say(&format!(
            "\nOverload: more work comes than {} can do, and the line grows without end. At least {enough} \
             are needed;\nwhat happens with callers who give up, `lotse staff erlang-a` says.\n",
            show::agents(args.agents)
        ));
    }
    Ok(())
}

pub(super) fn a(args: &A) -> Result<(), Failure> {
    let (patience, args) = (args.patience, &args.line);
    let line = ErlangA::new(args.agents, args.traffic.load(), patience);
    let within = line.within(args.within);
    // The published formulas, by what became of callers in time and in all.
    let f1 = within.answered + within.abandoned;
    let f2 = if line.answered() > 0.0 { within.answered / line.answered() } else { 0.0 };
    let f3 = within.answered;
    let f4 = within.answered / (1.0 - within.abandoned);
    if args.json {
        return say_json(&AFigures {
            as_c: CFigures {
                p_wait: line.delayed(),
                service_level: f3,
                asa_seconds: line.mean_wait_of_answered(),
                occupancy: line.occupancy(),
                mean_queue: line.mean_queue(),
                overload: false,
            },
            p_abandon: line.abandoned(),
            service_level_offered: f3,
            mean_wait_all_seconds: line.mean_wait(),
            p_virtual_wait_le_t: line.virtual_wait_within(args.within),
            sl_formula: "F3",
            service_level_f1: f1,
            service_level_f2: f2,
            service_level_f4: f4,
        });
    }
    let heading = format!(
        "Erlang A (M/M/n+M, callers give up after {}): {}",
        show::span(patience),
        before(args)
    );
    let mut lines = vec![
        ("find nobody free", percent(line.delayed()), String::new()),
        (
            "in time",
            percent(f3),
            format!("F3: answered within {}, of all who call", show::span(args.within)),
        ),
        ("", percent(f2), "F2: of those answered".to_owned()),
        ("", percent(f4), "F4: those who give up in time left out".to_owned()),
        ("", percent(f1), "F1: those who give up in time counted as served".to_owned()),
        ("give up", percent(line.abandoned()), "of all who call".to_owned()),
        ("mean wait", wait(line.mean_wait_of_answered()), "ASA, of those answered".to_owned()),
        ("", wait(line.mean_wait()), "of all who call".to_owned()),
        ("9 of 10 wait at most", wait(line.quantile(0.90)), "given up or not".to_owned()),
        ("99 of 100 at most", wait(line.quantile(0.99)), String::new()),
        ("waiting", count(line.mean_queue()), "on average".to_owned()),
        ("busy", percent(line.occupancy()), "of the agents' time".to_owned()),
    ];
    lines.extend(one_less_or_more(Model::Impatient { patience_s: patience }, args));
    say(&list(&heading, &lines));
    Ok(())
}

fn before(args: &C) -> String {
    let load = args.traffic.load();
    format!(
        "{} before {} calls an hour of {}, {:.2} erlangs",
        show::agents(args.agents),
        load.calls_per_hour,
        show::span(load.aht_s),
        load.erlangs()
    )
}

/// What a supervisor asks next.
fn one_less_or_more(model: Model, args: &C) -> [show::Labelled; 2] {
    let level = |agents| percent(model.service_level(agents, args.traffic.load(), args.within));
    [
        (
            "with one less",
            args.agents.checked_sub(1).map_or("-".to_owned(), level),
            "in time".to_owned(),
        ),
        ("with one more", level(args.agents + 1), "in time".to_owned()),
    ]
}
