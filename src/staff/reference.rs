//! Published and independently computed values, one a line, each held to a millionth and better.

use std::collections::BTreeMap;

use crate::staff::{
    erlang_a::ErlangA,
    erlang_b::blocking,
    erlang_c::ErlangC,
    load::Load,
    priority,
    required::{Model, Promise},
    square_root,
};

const REFERENCE: &str = include_str!("../../tests/data/erlang-reference.csv");
/// What is asked of every value, relative to it; ours keep three digits more.
const TOLERANCE: f64 = 1e-9;

#[test]
fn every_reference_value_is_met() {
    let mut faults = vec![];
    for line in REFERENCE.lines().skip(1) {
        let [id, model, inputs, output, value] =
            line.split(',').collect::<Vec<_>>().try_into().unwrap();
        let value: f64 = value.parse().unwrap();
        let inputs: BTreeMap<&str, f64> = inputs
            .split(';')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name, value.parse().unwrap()))
            .collect();
        let of = |name: &str| inputs.get(name).copied().unwrap_or_else(|| panic!("{id}: {name}"));
        let ours = ours(model, output, &of).unwrap_or_else(|| panic!("{id}: {model}, {output}"));
        if (ours - value).abs() > TOLERANCE * value.abs() {
            faults.push(format!("{id} {model} {output}: {ours} is not {value}"));
        }
    }
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

/// The figure that a line of the file names, by our formulas.
fn ours(model: &str, output: &str, of: &dyn Fn(&str) -> f64) -> Option<f64> {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let n = || of("n") as u32;
    let load = || Load::new(of("calls_per_h"), of("aht_s"));
    let c = || ErlangC::new(n(), load());
    let a = || ErlangA::new(n(), load(), of("patience_s"));
    let classes =
        || priority::strict(n(), &[of("hi_calls_per_h"), of("lo_calls_per_h")], of("aht_s"));
    let promise = || Promise { share: of("sl"), within_s: of("t_s"), occupancy_max: 1.0 };
    Some(match (model, output) {
        ("erlang_b", "blocking") => blocking(n(), of("a")),
        ("erlang_c", "p_wait") => c().delayed(),
        ("erlang_c", "sl") => c().within(of("t_s")),
        ("erlang_c", "asa_s") => c().mean_wait(),
        ("erlang_c", "occ") => c().occupancy(),
        ("erlang_a", "p_wait") => a().delayed(),
        ("erlang_a", "p_abandon") => a().abandoned(),
        ("erlang_a", "mean_queue") => a().mean_queue(),
        ("erlang_a", "mean_wait_all_s") => a().mean_wait(),
        ("erlang_a", "occ") => a().occupancy(),
        ("erlang_a", "p_virtual_wait_le_t") => a().virtual_wait_within(of("t_s")),
        ("erlang_a", "sl_served_within_t_over_offered") => a().within(of("t_s")).answered,
        ("halfin_whitt", "p_wait_limit") => square_root::delayed(of("beta")),
        ("nonpreemptive_priority", "mean_wait_hi_s") => *classes().first()?,
        ("nonpreemptive_priority", "mean_wait_lo_s") => *classes().last()?,
        ("required_agents_erlang_c", "n") => {
            f64::from(Model::Patient.agents_for(load(), &promise())?)
        }
        _ => return None,
    })
}

/// What the table of staffing by Erlang C says for 90 % in 20 s: calls an hour, and agents for
/// calls of 180, 240 and 300 s.
const REQUIRED: [(f64, [u32; 3]); 15] = [
    (20.0, [3, 4, 4]),
    (50.0, [5, 7, 8]),
    (80.0, [7, 9, 11]),
    (100.0, [9, 11, 13]),
    (120.0, [10, 13, 15]),
    (140.0, [11, 14, 17]),
    (160.0, [12, 16, 19]),
    (180.0, [14, 17, 21]),
    (200.0, [15, 19, 23]),
    (220.0, [16, 20, 25]),
    (240.0, [17, 22, 26]),
    (260.0, [18, 23, 28]),
    (300.0, [20, 26, 32]),
    (400.0, [26, 34, 41]),
    (500.0, [31, 41, 50]),
];

#[test]
fn the_table_of_required_agents_is_met() {
    let promise = Promise { share: 0.9, within_s: 20.0, occupancy_max: 1.0 };
    for (calls, agents) in REQUIRED {
        let ours = [180.0, 240.0, 300.0]
            .map(|aht_s| Model::Patient.agents_for(Load::new(calls, aht_s), &promise));
        assert_eq!(ours, agents.map(Some), "{calls} calls an hour");
    }
}

#[test]
fn a_trunk_has_the_lines_that_one_in_a_thousand_finds_taken() {
    for (erlangs, lines) in [(15.0, 28), (20.0, 35), (30.0, 47), (45.0, 66)] {
        let enough = (1..100).find(|&lines| blocking(lines, erlangs) <= 0.001);
        assert_eq!(enough, Some(lines), "{erlangs} erlangs");
    }
}

#[test]
fn waits_have_their_known_percentiles() {
    let line = ErlangC::new(11, Load::new(100.0, 240.0));
    assert_eq!(line.quantile(0.90), 0.0);
    assert!((line.quantile(0.95) - 33.771_753_7).abs() < 1e-7);
    assert!((line.quantile(0.99) - 122.909_853_5).abs() < 1e-7);
}
