//! By which id calls are known: those let in, and those refused.

use super::ladder::Ladder;
use crate::{
    base::ucid::Ucid,
    exchange::{example, fact::Fact, plan::Plan},
};

/// The ids of calls to these numbers, one after another in the same moment, on that node.
fn ids(node: u16, numbers: &[&str]) -> Vec<Ucid> {
    let mut it = Ladder::of(Plan { node, ..example::plan() });
    for number in numbers {
        it.calls(&format!("sip:{number}@192.0.2.1"), "");
    }
    let ids = it.facts.iter().filter_map(|fact| {
        let (Fact::CallOpened { id, .. } | Fact::CallRefused { id, .. }) = fact else {
            return None;
        };
        Some(*id)
    });
    ids.map(|id| id.expect("each has one")).collect()
}

#[test]
fn every_call_has_an_id_whether_it_is_let_in_or_not_and_ids_rise() {
    let ids = ids(0, &["1230", "999", "1230"]);
    assert_eq!(ids.len(), 3);
    assert!(ids.is_sorted_by(|one, next| one < next), "{ids:?}");
}

#[test]
fn two_nodes_that_are_called_in_the_same_moment_give_different_ids() {
    assert_ne!(ids(1, &["1230"]), ids(2, &["1230"]));
    assert_eq!(ids(1, &["1230"]), ids(1, &["1230"]), "the same seed lives the same life");
}
