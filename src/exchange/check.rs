//! What must always hold of calls, legs, dialogs and ports. Run after every step of a
//! simulation; each line says which rule is broken, and by whom.

use std::collections::BTreeMap;

use crate::{
    base::numbers::{CallNo, LegNo},
    bridge::call::Party,
    exchange::{
        ending,
        leg::{Leg, Role},
        plan::Plan,
        route::Routes,
        switch::Exchange,
    },
};

/// What does not hold. Empty is well.
#[must_use]
pub fn broken(x: &Exchange) -> Vec<String> {
    let mut faults = vec![];
    calls_stand_on_legs(x, &mut faults);
    legs_belong_to_calls(x, &mut faults);
    the_engine_knows_the_same_calls(x, &mut faults);
    faults
}

/// Whether whoever calls `number` by any trunk reaches a queue of ours.
#[must_use]
pub fn leads_to_us(plan: &Plan, number: &str) -> bool {
    Routes::new(plan).by_number(number).is_some()
}

/// The call in which an agent speaks over that leg.
#[must_use]
pub fn spoken_over(x: &Exchange, leg: LegNo) -> Option<CallNo> {
    let call = x.legs.get(leg).filter(|it| matches!(it.role, Role::Agent(..)))?.call()?;
    (x.calls.get(call)?.bridge.agent()?.leg == leg).then_some(call)
}

/// How many callers are at menus: the engine has not heard of them.
#[must_use]
pub fn at_menus(x: &Exchange) -> usize {
    x.calls.iter().filter(|(_, call)| call.at_menu.is_some()).count()
}

/// Whether the call goes on.
#[must_use]
pub fn goes_on(x: &Exchange, call: CallNo) -> bool {
    x.calls.get(call).is_some()
}

/// What is left over when all callers have gone, the phones are quiet and the media have closed.
#[must_use]
pub fn left_over(x: &Exchange) -> Vec<String> {
    let mut faults = broken(x);
    faults.extend(x.calls.iter().map(|(call, it)| format!("{call} is left: {it:?}")));
    faults.extend(x.legs.iter().map(|(leg, it)| format!("{leg} is left: {it:?}")));
    faults.extend(x.dialogs.iter().map(|(dialog, leg)| format!("{dialog} of {leg} is left")));
    let dialogs = x.endpoint.counts().dialogs;
    if dialogs > 0 {
        faults.push(format!("{dialogs} dialogs are left in the SIP machine"));
    }
    faults
}

fn calls_stand_on_legs(x: &Exchange, faults: &mut Vec<String>) {
    for (no, call) in x.calls.iter() {
        for (party, leg) in call.bridge.parties() {
            let wanted = match party {
                Party::Caller => Role::Caller(no),
                Party::Absent => continue,
                Party::Agent(agent) | Party::Colleague(agent) => Role::Agent(no, agent),
                Party::SecondLine(agent) => Role::SecondLine(no, agent),
                Party::Outside => Role::Outside(no),
            };
            let role = leg.filter(|it| !x.sound.is_closing(*it)).and_then(|it| x.legs.get(it));
            if role.map(|it| it.role) != Some(wanted) {
                faults.push(format!("{no} has no leg of {party:?}, yet it is {:?}", call.bridge));
            }
        }
    }
}

fn legs_belong_to_calls(x: &Exchange, faults: &mut Vec<String>) {
    let mut ports = BTreeMap::new();
    for (no, leg) in x.legs.iter() {
        if let Some(dialog) = leg.dialog
            && x.dialogs.get(&dialog) != Some(&no)
        {
            faults.push(format!("{no} has a {dialog} that is not known to be its own"));
        }
        // A closed leg's port may be lent again before its report is here.
        let Some(port) = x.sound.port(no) else { continue };
        if let Some(other) = ports.insert(port, no) {
            faults.push(format!("{no} and {other} have the same port"));
        }
        let wanted = match leg.call() {
            Some(call) => x.calls.get(call).is_some_and(|it| it.bridge.legs().any(|it| it == no)),
            None => leg.dialog.is_some(),
        };
        if !wanted {
            faults.push(format!("{no} belongs to nobody: {leg:?}"));
        }
    }
    for (dialog, no) in &x.dialogs {
        let known = matches!(x.legs.get(*no), Some(Leg { dialog: Some(it), .. }) if it == dialog);
        if !known {
            faults.push(format!("{dialog} is said to be of {no}, which knows nothing of it"));
        }
    }
}

fn the_engine_knows_the_same_calls(x: &Exchange, faults: &mut Vec<String>) {
    let ours = x.calls.iter().filter(|(_, call)| ending::is_engines(call));
    let ours: Vec<_> = ours.map(|(no, _)| no).collect();
    let mut theirs: Vec<_> = x.engine().state().calls().map(|(no, _)| no).collect();
    theirs.sort_unstable_by_key(|no| no.index());
    if ours != theirs {
        faults.push(format!("we hold {ours:?}, the engine {theirs:?}"));
    }
}
