//! A call's talk as a conversation: a step a line, and behind it what follows.

use std::fmt::Write as _;

use crate::{
    acd::consult::Stage,
    base::{
        masked::Masked,
        numbers::{AgentNo, LegNo, SoundNo},
        time::Span,
    },
    bridge::{
        call::{Agent, Call, Consultee},
        hears::{self, Hears},
        sound::{Agreed, Closed, Legs},
        step::Step,
    },
    media::order::{Codec, Order, Stream},
};

pub(super) const CALLER: LegNo = LegNo::first(0);
pub(super) const AGENT: LegNo = LegNo::first(1);
pub(super) const FAR: LegNo = LegNo::first(2);
pub(super) const SECOND: LegNo = LegNo::first(3);
pub(super) const NEW: LegNo = LegNo::first(4);

/// All legs of the stories, with their names.
pub(super) const NAMES: [(LegNo, &str); 5] =
    [(CALLER, "caller"), (AGENT, "agent"), (FAR, "far"), (SECOND, "second"), (NEW, "new")];

/// A sound that the caller hears once, at first.
pub(super) const GREETING: SoundNo = SoundNo::first(7);
/// What whoever waits or is held hears.
pub(super) const MUSIC: SoundNo = SoundNo::first(8);
/// What a caller hears who cannot be served.
pub(super) const FULL: SoundNo = SoundNo::first(9);

pub(super) fn name(leg: LegNo) -> &'static str {
    NAMES.iter().find(|(it, _)| *it == leg).map_or("?", |(_, name)| name)
}

pub(super) fn agent() -> Agent {
    Agent { no: AgentNo::first(1), leg: AGENT }
}

pub(super) fn colleague() -> Agent {
    Agent { no: AgentNo::first(2), leg: FAR }
}

pub(super) fn outside() -> Consultee {
    Consultee::Outside { leg: FAR, number: Masked::new("+49341") }
}

pub(super) fn stream(listens: bool) -> Stream {
    Stream {
        remote: None,
        second: None,
        remote_rtcp: None,
        rtcp_mux: false,
        protection: None,
        codec: Codec::Pcma,
        payload_type: 8,
        dtmf: None,
        send: listens,
        receive: true,
        silence: Some(Span::secs(30)),
    }
}

/// A call that waits, with its greeting and music, and its caller's leg open.
pub(super) fn waiting() -> (Call, Legs) {
    let mut call = Call::waiting(Some(CALLER));
    (call.treatment, call.loops, call.music) = (vec![GREETING, MUSIC], true, Some(MUSIC));
    let mut legs = Legs::default();
    open(&mut legs, CALLER, true);
    (call, legs)
}

pub(super) fn open(legs: &mut Legs, leg: LegNo, listens: bool) {
    let mut out = vec![];
    if legs.port(leg).is_none() {
        legs.lend(leg, 20_000);
    }
    legs.carry(leg, stream(listens), Agreed::Yes, &mut out);
}

/// What each line of a conversation means.
fn step(word: &str) -> Option<Step> {
    let call = |second, with, stage| Step::Call { second, with, stage };
    let nobody = || Consultee::Colleague(None);
    Some(match word {
        "ring" => Step::Ring(agent()),
        "stop-ringing" => Step::StopRinging,
        "answered" => Step::Answered,
        "hold" => Step::Hold,
        "resume" => Step::Resume,
        "transfer" => call(None, nobody(), Stage::Transferring),
        "consult" => call(None, nobody(), Stage::Ringing),
        "consult-by-phone" => call(Some(SECOND), nobody(), Stage::Ringing),
        "transfer-outside" => call(None, outside(), Stage::Transferring),
        "consult-outside" => call(None, outside(), Stage::Ringing),
        "colleague-rings" => Step::RingColleague(colleague()),
        "consulted" => Step::Consulted,
        "swap" => Step::Swap,
        "conference" => Step::Conference,
        "released" => Step::Released,
        "requeued" => Step::Requeued,
        "agent-left" => Step::AgentLeft,
        "external-failed" => Step::ExternalTransferFailed,
        "outside-took-over" => Step::OutsideTookOver,
        "forward" => Step::Forward(FAR),
        "announce" => Step::Announce(vec![FULL]),
        "queue" => Step::Queue,
        "replace" => Step::Replace { old: AGENT, new: NEW },
        "caller-here" => Step::CallerHere(CALLER),
        "caller-left" => Step::CallerLeft,
        _ => return None,
    })
}

/// The conversation, with what follows of each line: where the call stands, what was ordered.
/// `open far`, `far holds`, `far listens` and `far hangs up` say what legs do.
pub(super) fn converse(lines: &str) -> String {
    let (mut call, mut legs) = waiting();
    let mut told = String::from("\n");
    for line in lines.split_whitespace().collect::<Vec<_>>().join(" ").split(", ") {
        let mut out = vec![];
        let mut refused = "";
        let words: Vec<_> = line.split(' ').collect();
        let leg = |word: &str| NAMES.iter().find(|(_, name)| *name == word).unwrap().0;
        match words[..] {
            ["begin"] => (),
            ["open", it] | [it, "listens"] => open(&mut legs, leg(it), true),
            [it, "holds"] => open(&mut legs, leg(it), false),
            [it, "hangs-up"] => {
                assert_eq!(legs.close(leg(it), &mut out), Closed::Soon);
                assert!(legs.closed(leg(it)));
            }
            [word] => match call.step(step(word).unwrap_or_else(|| panic!("{word}"))) {
                Ok(left) => left.into_iter().for_each(|leg| {
                    legs.close(leg, &mut out);
                }),
                Err(_) => refused = " refused",
            },
            _ => panic!("{line}"),
        }
        legs.settle(&call, &mut out);
        let word = call.word(|leg| legs.ear(leg).holds);
        let held = if hears::is_held(&call, &|leg| legs.ear(leg)) { ", held" } else { "" };
        let orders = out.iter().map(order).collect::<Vec<_>>().join("; ");
        let line = format!("{line}{refused}: {word}{held} | {orders}");
        writeln!(told, "{}", line.trim_end()).unwrap();
        let mut again = vec![];
        legs.settle(&call, &mut again);
        assert_eq!(again, [], "what is so is not ordered again: {line}");
    }
    told
}

pub(super) fn order(order: &Order) -> String {
    match order {
        Order::Play { leg, sounds, .. } => format!("play {} to {}", sounds_of(sounds), name(*leg)),
        Order::Stop { leg } => format!("stop {}", name(*leg)),
        Order::Part { leg } => format!("part {}", name(*leg)),
        Order::Join { a, b } => format!("join {} and {}", name(*a), name(*b)),
        Order::Mix { legs } => format!("mix {}", legs.map(name).join(", ")),
        Order::Close { leg } => format!("close {}", name(*leg)),
        Order::Open { leg, .. } => format!("open {}", name(*leg)),
        Order::Change { leg, .. } => format!("change {}", name(*leg)),
        Order::Press { leg, .. } => format!("press {}", name(*leg)),
    }
}

fn sounds_of(sounds: &[SoundNo]) -> String {
    let word = |it: &SoundNo| match *it {
        GREETING => "greeting",
        MUSIC => "music",
        _ => "announcement",
    };
    sounds.iter().map(word).collect::<Vec<_>>().join("+")
}

/// What a leg hears, in a word.
pub(super) fn heard(hears: &Hears) -> String {
    match hears {
        Hears::Nothing => "-".into(),
        Hears::Sounds { sounds, .. } => sounds_of(sounds),
        Hears::Other(leg) => name(*leg).into(),
        Hears::Mix(_) => "all".into(),
    }
}

fn check(lines: &str, expected: &str) {
    let told = converse(lines);
    assert!(told == expected, "{told}\n-- was expected to be --\n{expected}");
}

#[test]
fn a_caller_waits_is_answered_and_is_held_in_every_way() {
    check(
        "begin, ring, open agent, answered, agent holds, agent listens, hold, agent holds, \
         agent listens, hold, resume, resume, caller holds, hold, resume, agent holds, \
         caller listens, agent listens",
        "
begin: waiting | play greeting+music to caller
ring: ringing |
open agent: ringing |
answered: talking | join caller and agent
agent holds: held, held | play music to caller
agent listens: talking | join caller and agent
hold: held, held | play music to caller
agent holds: held, held |
agent listens: held, held |
hold: held, held |
resume: talking | join caller and agent
resume refused: talking |
caller holds: talking | play music to agent
hold: held, held | stop agent
resume: talking | play music to agent
agent holds: held, held |
caller listens: held, held | play music to caller
agent listens: talking | join caller and agent
",
    );
}

#[test]
fn a_colleague_is_consulted_over_one_line_and_has_the_caller() {
    check(
        "begin, ring, open agent, answered, consult, colleague-rings, open far, consulted, swap, \
         swap, requeued, answered",
        "
begin: waiting | play greeting+music to caller
ring: ringing |
open agent: ringing |
answered: talking | join caller and agent
consult: consulting, held | play music to caller
colleague-rings: consulting, held |
open far: consulting, held |
consulted: consulting, held | join agent and far
swap: consulting | join caller and agent; play music to far
swap: consulting, held | play music to caller; join agent and far
requeued: ringing | close agent
answered: talking | join caller and far
",
    );
}

#[test]
fn a_phone_with_two_lines_holds_by_itself_and_is_not_swapped() {
    check(
        "begin, ring, open agent, answered, agent holds, consult-by-phone, colleague-rings, \
         open far, open second, consulted, swap, second holds, agent listens, second listens, \
         conference, released",
        "
begin: waiting | play greeting+music to caller
ring: ringing |
open agent: ringing |
answered: talking | join caller and agent
agent holds: held, held | play music to caller
consult-by-phone: consulting, held |
colleague-rings: consulting, held |
open far: consulting, held |
open second: consulting, held |
consulted: consulting, held | join far and second
swap refused: consulting, held |
second holds: consulting, held | play music to far
agent listens: consulting | join caller and agent
second listens: consulting | join far and second
conference: conference | mix caller, second, far
released: talking | close far; close second; join caller and agent
",
    );
}

#[test]
fn three_hear_one_another_until_one_hangs_up() {
    check(
        "begin, ring, open agent, answered, consult, colleague-rings, open far, consulted, \
         conference, agent hangs-up, requeued, answered",
        "
begin: waiting | play greeting+music to caller
ring: ringing |
open agent: ringing |
answered: talking | join caller and agent
consult: consulting, held | play music to caller
colleague-rings: consulting, held |
open far: consulting, held |
consulted: consulting, held | join agent and far
conference: conference | mix caller, agent, far
agent hangs-up: conference | close agent
requeued: ringing | play music to caller
answered: talking | join caller and far
",
    );
}

#[test]
fn a_number_outside_rings_on_without_the_agent_and_may_fail() {
    check(
        "begin, ring, open agent, answered, transfer-outside, agent-left, external-failed, ring",
        "
begin: waiting | play greeting+music to caller
ring: ringing |
open agent: ringing |
answered: talking | join caller and agent
transfer-outside: transferring, held | play music to caller
agent-left: transferring | close agent
external-failed: waiting |
ring: ringing |
",
    );
    check(
        "begin, ring, open agent, answered, consult-outside, open far, consulted, conference, \
         outside-took-over, far holds, announce",
        "
begin: waiting | play greeting+music to caller
ring: ringing |
open agent: ringing |
answered: talking | join caller and agent
consult-outside: consulting, held | play music to caller
open far: consulting, held |
consulted: consulting, held | join agent and far
conference: conference | mix caller, agent, far
outside-took-over: outside | close agent
far holds: outside | play music to caller
announce: turned-away | close far; play announcement to caller
",
    );
}

#[test]
fn a_call_stands_without_its_caller_and_joins_it_when_it_is_called_back() {
    check(
        "begin, caller hangs-up, caller-left, ring, open agent, answered, caller-here, open caller, \
         hold, resume",
        "
begin: waiting | play greeting+music to caller
caller hangs-up: waiting | close caller
caller-left: waiting |
ring: ringing |
open agent: ringing |
answered: talking |
caller-here: talking |
open caller: talking | join caller and agent
hold: held, held | play music to caller
resume: talking | join caller and agent
",
    );
}

#[test]
fn a_leg_takes_the_place_of_another_and_what_is_no_row_is_refused() {
    check(
        "begin, answered, ring, open agent, answered, open new, replace, replace, swap, \
         conference, released, external-failed, outside-took-over, announce",
        "
begin: waiting | play greeting+music to caller
answered refused: waiting |
ring: ringing |
open agent: ringing |
answered: talking | join caller and agent
open new: talking |
replace: talking | close agent; join caller and new
replace refused: talking |
swap refused: talking |
conference refused: talking |
released refused: talking |
external-failed refused: talking |
outside-took-over refused: talking |
announce refused: talking |
",
    );
}
