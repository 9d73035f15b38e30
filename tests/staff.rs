//! `lotse staff` as it is typed: commands and answers in `tests/scenarios/staff.txt`, side by side.
//!
//! A command stands after `$ `, its answer below, what it complains of as well, and last its exit
//! code unless that is 0. `UPDATE_GOLDENS=1` writes the answers anew.

#![allow(clippy::unwrap_used)]

use std::{env, fmt::Write as _, fs, process::Command};

const CONVERSATION: &str = "tests/scenarios/staff.txt";

#[test]
fn every_command_answers_as_it_did() {
    let known = fs::read_to_string(CONVERSATION).unwrap();
    let commands = known.lines().filter(|line| line.starts_with("$ ") || line.starts_with("# "));
    let now = commands.fold(String::new(), |text, line| match line.strip_prefix("$ lotse ") {
        Some(typed) => format!("{text}{line}\n{}\n", answer(typed)),
        None => format!("{text}{line}\n\n"),
    });
    if env::var_os("UPDATE_GOLDENS").is_some() {
        fs::write(CONVERSATION, now).unwrap();
        return;
    }
    for (number, (known, now)) in (1..).zip(known.lines().zip(now.lines())) {
        assert!(alike(known, now), "{CONVERSATION}:{number}\n  was {known}\n  now {now}");
    }
    assert_eq!(now.lines().count(), known.lines().count(), "{CONVERSATION}");
}

#[test]
fn every_reference_value_comes_out_of_the_command_line() {
    for line in include_str!("data/erlang-reference.csv").lines().skip(1) {
        let [id, model, inputs, output, value] =
            line.split(',').collect::<Vec<_>>().try_into().unwrap();
        let (command, keys) = match model {
            "erlang_a" => (
                "erlang-a",
                "n=agents calls_per_h=calls-per-hour aht_s=aht patience_s=patience t_s=within",
            ),
            "erlang_b" => ("erlang-b", "n=servers a=erlangs"),
            "erlang_c" => ("erlang-c", "n=agents calls_per_h=calls-per-hour aht_s=aht t_s=within"),
            "required_agents_erlang_c" => {
                ("required", "calls_per_h=calls-per-hour aht_s=aht sl=target t_s=within")
            }
            // These have no command.
            "halfin_whitt" | "nonpreemptive_priority" => continue,
            other => panic!("{id}: {other}"),
        };
        let mut typed = format!("staff {command} --json");
        for (name, key) in keys.split(' ').filter_map(|pair| pair.split_once('=')) {
            let given = inputs.split(';').filter_map(|pair| pair.split_once('='));
            let (_, value) = given.clone().find(|(given, _)| *given == name).unwrap();
            write!(typed, " --{key} {value}").unwrap();
        }
        let answer: serde_json::Value = serde_json::from_str(&answer(&typed)).unwrap();
        let field = match output {
            "sl" => "service_level",
            "sl_served_within_t_over_offered" => "service_level_offered",
            "asa_s" => "asa_seconds",
            "mean_wait_all_s" => "mean_wait_all_seconds",
            "occ" => "occupancy",
            "n" => "agents",
            same => same,
        };
        let ours = answer[field].as_f64().unwrap_or_else(|| panic!("{id}: {typed}: {answer}"));
        let value: f64 = value.parse().unwrap();
        assert!((ours / value - 1.0).abs() < 1e-9, "{id}: {field} {ours} is not {value}");
    }
}

/// What is printed and complained of, and the exit code if there is one to speak of.
fn answer(typed: &str) -> String {
    let told = Command::new(env!("CARGO_BIN_EXE_lotse")).args(typed.split(' ')).output().unwrap();
    let text = String::from_utf8(told.stdout).unwrap() + &String::from_utf8(told.stderr).unwrap();
    match told.status.code() {
        Some(0) => text,
        code => format!("{text}exit {}\n", code.unwrap()),
    }
}

/// The same but for the last digits of a number, in which mathematical libraries differ.
fn alike(known: &str, now: &str) -> bool {
    let parts = |line: &str| -> Vec<String> {
        line.split([',', ':', ' ', '}']).map(str::to_owned).collect()
    };
    let (known, now) = (parts(known), parts(now));
    known.len() == now.len()
        && known.iter().zip(&now).all(|(known, now)| {
            known == now
                || match (known.parse::<f64>(), now.parse::<f64>()) {
                    (Ok(known), Ok(now)) => (known - now).abs() <= 1e-12 * known.abs().max(1.0),
                    _ => false,
                }
        })
}
