//! Random walks through a call's talk, held against the plainest model of who hears whom.
//!
//! The model knows pairs of legs: an order that silences a leg takes its pairs away, one that joins
//! makes them. Who should hear whom is said a second time, by the groups that talk.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::conversation::*;
use crate::{
    acd::consult::Stage,
    base::numbers::LegNo,
    bridge::{
        call::{Call, Consultee, Talk},
        sound::Legs,
        step::Step,
    },
    media::order::Order,
};

/// What media do, as pairs of who hears whom, and who hears a sound.
#[derive(Default)]
struct Plain {
    pairs: BTreeSet<(LegNo, LegNo)>,
    sounds: BTreeMap<LegNo, bool>,
}

impl Plain {
    fn silence(&mut self, leg: LegNo) {
        self.pairs.retain(|(a, b)| *a != leg && *b != leg);
        self.sounds.remove(&leg);
    }

    fn carry_out(&mut self, order: &Order) {
        let group: Vec<_> = match order {
            Order::Join { a, b } => vec![*a, *b],
            Order::Mix { legs } => legs.to_vec(),
            Order::Play { leg, loop_last, .. } => {
                self.silence(*leg);
                self.sounds.insert(*leg, *loop_last);
                return;
            }
            Order::Stop { leg } | Order::Part { leg } | Order::Close { leg } => {
                return self.silence(*leg);
            }
            Order::Open { .. } | Order::Change { .. } | Order::Press { .. } => return,
        };
        for leg in &group {
            self.silence(*leg);
        }
        for a in &group {
            self.pairs.extend(group.iter().filter(|b| *b != a).map(|b| (*a, *b)));
        }
    }
}

/// The groups that talk, and who waits and is to hear music.
fn groups(call: &Call) -> (Vec<Vec<LegNo>>, Vec<LegNo>) {
    let caller: Vec<_> = call.caller.into_iter().collect();
    let with = |others: &[LegNo]| [&caller[..], others].concat();
    match &call.talk {
        Talk::Announcing { .. } | Talk::Waiting | Talk::Ringing { .. } => (vec![], caller),
        Talk::Two { agent } => (vec![with(&[agent.leg])], vec![]),
        Talk::Holding { .. } | Talk::ExternallyTransferring { .. } => (vec![], caller),
        Talk::Outside { leg } => (vec![with(&[*leg])], vec![]),
        Talk::Consulting { agent, second, with: far, stage: Stage::Conference, .. } => {
            let far: Vec<_> = far.leg().into_iter().collect();
            (vec![[with(&[second.unwrap_or(agent.leg)]), far].concat()], vec![])
        }
        Talk::Consulting { agent, second: None, with: far, stage: Stage::Talking, swapped } => {
            let far: Vec<_> = far.leg().into_iter().collect();
            if *swapped {
                (vec![with(&[agent.leg])], far)
            } else {
                (vec![[&[agent.leg][..], &far[..]].concat()], caller)
            }
        }
        Talk::Consulting { agent, second: Some(second), with: far, stage, .. } => {
            let mut groups = vec![with(&[agent.leg])];
            if *stage == Stage::Talking {
                groups.push([&[*second][..], &far.leg().into_iter().collect::<Vec<_>>()].concat());
            }
            (groups, vec![])
        }
        Talk::Consulting { second: None, .. } => (vec![], caller),
    }
}

#[derive(Clone, Debug)]
enum Happens {
    Step(Step),
    Opens(LegNo),
    Holds(LegNo),
    Closes(LegNo),
}

fn any_step() -> impl Strategy<Value = Step> {
    let leg = || prop::sample::select(NAMES.map(|(leg, _)| leg).to_vec());
    let stage = prop::sample::select(vec![Stage::Transferring, Stage::Ringing]);
    let with = prop::sample::select(vec![Consultee::Colleague(None), outside()]);
    let second = prop::sample::select(vec![None, Some(SECOND)]);
    let plain = vec![
        Step::Ring(agent()),
        Step::StopRinging,
        Step::Answered,
        Step::Answered,
        Step::Hold,
        Step::Resume,
        Step::RingColleague(colleague()),
        Step::RingColleague(colleague()),
        Step::Consulted,
        Step::Consulted,
        Step::Swap,
        Step::Conference,
        Step::Released,
        Step::Requeued,
        Step::AgentLeft,
        Step::ExternalTransferFailed,
        Step::OutsideTookOver,
        Step::Forward(FAR),
        Step::Announce(vec![FULL]),
        Step::Queue,
        Step::CallerHere(CALLER),
        Step::CallerLeft,
    ];
    prop_oneof![
        6 => prop::sample::select(plain),
        2 => (second, with, stage).prop_map(|(second, with, stage)| Step::Call { second, with, stage }),
        1 => leg().prop_map(|old| Step::Replace { old, new: NEW }),
    ]
}

fn anything() -> impl Strategy<Value = Happens> {
    let leg = || prop::sample::select(NAMES.map(|(leg, _)| leg).to_vec());
    prop_oneof![
        6 => any_step().prop_map(Happens::Step),
        4 => leg().prop_map(Happens::Opens),
        2 => leg().prop_map(Happens::Holds),
        1 => leg().prop_map(Happens::Closes),
    ]
}

/// Each leg that listens hears those of its group, and nobody else.
fn hears_whom_it_should(call: &Call, legs: &Legs, plain: &Plain) -> Result<(), TestCaseError> {
    let (groups, waits) = groups(call);
    let listens = |leg: &LegNo| legs.ear(*leg).is_open && !legs.ear(*leg).holds;
    // A pair of whom one holds, or is not there yet, is no pair. Of three, those who are there hear
    // one another, and the media tell apart who of three holds.
    let here = |group: &Vec<LegNo>| -> Vec<LegNo> {
        let there: Vec<_> = group.iter().copied().filter(|leg| legs.ear(*leg).is_open).collect();
        match there.len() {
            3 => there,
            2 if there.iter().all(&listens) => there,
            _ => vec![],
        }
    };
    let live: Vec<_> = groups.iter().map(here).collect();
    for leg in call.legs().filter(&listens) {
        let wanted: BTreeSet<_> = live
            .iter()
            .filter(|group| group.contains(&leg))
            .flat_map(|group| group.iter().copied().filter(|it| *it != leg))
            .collect();
        let heard: BTreeSet<_> =
            plain.pairs.iter().filter(|(it, _)| *it == leg).map(|(_, other)| *other).collect();
        prop_assert!(heard == wanted, "{leg:?} hears {heard:?}: {call:?}");
        if waits.contains(&leg) {
            prop_assert!(plain.sounds.contains_key(&leg), "{leg:?} waits in silence: {call:?}");
        }
    }
    for (a, b) in &plain.pairs {
        let both = [a, b].map(|leg| call.legs().any(|it| it == *leg));
        prop_assert!(both == [true, true], "{a:?} and {b:?} are not both in the call: {call:?}");
    }
    Ok(())
}

proptest! {
    #[test]
    fn whatever_happens_each_leg_hears_whom_it_should(
        steps in prop::collection::vec(anything(), 1..60),
    ) {
        let (mut call, mut legs) = waiting();
        let mut plain = Plain::default();
        for happens in steps {
            let mut out = vec![];
            match happens {
                Happens::Step(step) => {
                    // A leg is one party's at a time.
                    if matches!(step, Step::Replace { new, .. } if call.legs().any(|it| it == new)) {
                        continue;
                    }
                    let before = call.clone();
                    let Ok(left) = call.step(step) else {
                        prop_assert_eq!(&before, &call, "a refusal changes nothing");
                        continue;
                    };
                    for leg in left {
                        prop_assert!(!call.legs().any(|it| it == leg));
                        if legs.ear(leg).is_open {
                            legs.close(leg, &mut out);
                            legs.closed(leg);
                        }
                    }
                }
                Happens::Opens(leg) => open(&mut legs, leg, true),
                Happens::Holds(leg) => open(&mut legs, leg, false),
                Happens::Closes(leg) => {
                    legs.close(leg, &mut out);
                    legs.closed(leg);
                }
            }
            legs.settle(&call, &mut out);
            for order in &out {
                plain.carry_out(order);
            }
            hears_whom_it_should(&call, &legs, &plain)?;
            let mut again = vec![];
            legs.settle(&call, &mut again);
            prop_assert!(again.is_empty(), "ordered twice: {again:?}");
        }
    }
}
