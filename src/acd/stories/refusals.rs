//! What makes no sense changes nothing, and is told where it met whom.

use super::*;

/// Every state of an agent, as the inputs that lead there.
fn states() -> Vec<(&'static str, Vec<Input>)> {
    let reserved = || vec![signs_in(0), arrives(1)];
    let and = |mut path: Vec<Input>, more: &[Input]| {
        path.extend_from_slice(more);
        path
    };
    // Agent 1 has the call, and calls this one.
    let aside = |more: &[Input]| {
        let path = [signs_in(1), arrives(1), answers(1, 1), signs_in(0), consults(1, 1, 0)];
        and(path.to_vec(), more)
    };
    let extend = Input::ExtendWrapUp { agent: AgentNo::first(0) };
    let wrapping = [answers(1, 0), hangs_up(1, 0)];
    vec![
        ("signed out", vec![]),
        ("idle", vec![signs_in(0)]),
        ("reserved", reserved()),
        ("talking", and(reserved(), &[answers(1, 0)])),
        ("wrapping up", and(reserved(), &wrapping)),
        ("and longer", and(and(reserved(), &wrapping), &[extend])),
        ("away, asked", vec![signs_in(0), away(0)]),
        ("no answer", and(reserved(), &[lost(1, 0, OfferLost::NoAnswer), gone(1)])),
        ("busy", and(reserved(), &[lost(1, 0, OfferLost::Busy), gone(1)])),
        ("unreachable", and(reserved(), &[lost(1, 0, OfferLost::Unreachable), gone(1)])),
        ("no phone", vec![signs_in(0), down(0)]),
        ("own call", vec![signs_in(0), busy(0)]),
        ("lunch, call", vec![signs_in(0), busy(0), away(0)]),
        ("missed it", and(reserved(), &[lost(1, 0, OfferLost::NoAnswer)])),
        ("left outside", and(reserved(), &[answers(1, 0), leaves_outside(1, 0)])),
        ("phone failed", and(reserved(), &[answers(1, 0), loses(1, 0), gone(1)])),
        ("transfers", and(reserved(), &[answers(1, 0), signs_in(1), transfers_to(1, 0, 1)])),
        ("consults", and(reserved(), &[answers(1, 0), signs_in(1), consults(1, 0, 1)])),
        (
            "and speaks",
            and(reserved(), &[answers(1, 0), signs_in(1), consults(1, 0, 1), answers(1, 1)]),
        ),
        ("is called", aside(&[])),
        ("is consulted", aside(&[answers(1, 0)])),
    ]
}

/// Every input about an agent or its call.
fn inputs() -> Vec<Input> {
    let agent = AgentNo::first(0);
    vec![
        signs_in(0),
        Input::SignIn { agent, phone: PhoneNo::first(1), ready: false },
        signs_out(0),
        ready(0),
        away(0),
        Input::EndWrapUp { agent },
        Input::ExtendWrapUp { agent },
        up(0),
        down(0),
        busy(0),
        free(0),
        answers(1, 0),
        lost(1, 0, OfferLost::Refused),
        hangs_up(1, 0),
        loses(1, 0),
        transfers(1, 0),
        transfers_to(1, 0, 0),
        consults(1, 0, 0),
        completes(1, 0),
        ends_consult(1, 0),
        leaves_outside(1, 0),
        taken_outside(1),
        not_taken_outside(1),
        gone(1),
        Input::CallFailed { call: CallNo::first(1) },
        Input::Tick,
    ]
}

fn letter(fact: &Fact) -> char {
    match fact {
        Fact::SignedIn { .. } => 'I',
        Fact::SignedOut { .. } => 'S',
        Fact::Ready { .. } => 'R',
        Fact::WentAway { .. } => 'A',
        Fact::NextChosen { .. } => 'N',
        Fact::WrappingUp { .. } => 'W',
        Fact::WrapUpExtended { .. } => 'X',
        Fact::PhoneReach { .. } => 'P',
        Fact::PhoneOccupied { .. } => 'O',
        Fact::QueueOpen { .. } => 'Q',
        Fact::OfferLost { .. } => 'L',
        Fact::Answered { .. } => 'T',
        Fact::Requeued { .. } => 'B',
        Fact::Transferred { .. } => 'F',
        Fact::ExternalTransferStarted { .. } => 'U',
        Fact::ExternalTransferFailed { .. } => 'C',
        Fact::Consulted { .. } => 'K',
        Fact::ConsultEnded { .. } => 'D',
        Fact::Ended { .. } => 'E',
        Fact::Planned(_)
        | Fact::Queued { .. }
        | Fact::Relaxed { .. }
        | Fact::Moved { .. }
        | Fact::Offered { .. } => '?',
    }
}

/// Every state against every input. A refusal changes nothing.
#[test]
fn the_whole_table() {
    let mut plan = plan(2);
    plan.queues[0].wrap_up = span(10);
    plan.queues[0].wrap_up_extension = span(10);
    let mut table = String::new();
    for (name, path) in states() {
        write!(table, "{name:12}").unwrap();
        let mut engine = Engine::new();
        for input in [replan(&plan), up(0), up(1)].into_iter().chain(path) {
            engine.handle(Timestamp(1), input, &mut vec![]).unwrap();
        }
        for input in inputs() {
            let mut then = engine.clone();
            let mut facts = vec![];
            // Late enough for everything that ends by itself.
            let at = if input == Input::Tick { Timestamp(60_000_000) } else { Timestamp(2) };
            let cell = match then.handle(at, input, &mut facts) {
                Ok(()) if facts.is_empty() => ".".to_owned(),
                Ok(()) => facts.iter().map(letter).collect(),
                Err(_) => {
                    assert!(facts.is_empty() && then == engine);
                    "-".to_owned()
                }
            };
            write!(table, " {cell:3}").unwrap();
        }
        table = table.trim_end().to_owned() + "\n";
    }
    // In, in elsewhere, out, ready, away, end, extend, up, down, busy, free, answered, lost, hung up,
    // phone lost, transfers to a queue, to a colleague, consults, completes, ends that, leaves
    // outside, taken there, not taken, gone, failed, tick.
    assert_eq!(
        table,
        "\
signed out   IR  IA  -   -   -   -   -   .   P   O   .   -   -   -   -   -   -   -   -   -   -   -   -   -   -   .
idle         .   IA  S   .   A   -   -   .   PA  OA  .   -   -   -   -   -   -   -   -   -   -   -   -   -   -   .
reserved     -   -   LS  .   LA  -   -   .   PLA OLA .   T   LA  LA  LA  -   -   -   -   -   -   -   -   ER  ER  LA
talking      -   -   N   N   N   -   -   .   P   O   .   -   BA  EW  BA  FW  -   -   -   -   UW  EW  -   EW  EW  .
wrapping up  -   -   S   N   A   R   X   .   P   O   .   -   -   -   -   -   -   -   -   -   -   -   -   -   -   R
and longer   -   -   S   N   A   R   -   .   P   O   .   -   -   -   -   -   -   -   -   -   -   -   -   -   -   R
away, asked  IR  IA  S   R   A   -   -   .   P   O   .   -   -   -   -   -   -   -   -   -   -   -   -   -   -   .
no answer    IR  IA  S   R   A   -   -   .   P   O   .   -   -   -   -   -   -   -   -   -   -   -   -   -   -   .
busy         IR  IA  S   R   A   -   -   .   PA  O   .   -   -   -   -   -   -   -   -   -   -   -   -   -   -   R
unreachable  IR  IA  S   R   A   -   -   R   PA  O   .   -   -   -   -   -   -   -   -   -   -   -   -   -   -   R
no phone     IA  IA  S   A   A   -   -   PR  .   O   .   -   -   -   -   -   -   -   -   -   -   -   -   -   -   .
own call     IA  IA  S   A   A   -   -   .   P   .   OR  -   -   -   -   -   -   -   -   -   -   -   -   -   -   .
lunch, call  IA  IA  S   A   A   -   -   .   P   .   O   -   -   -   -   -   -   -   -   -   -   -   -   -   -   .
missed it    IR? IA  S   R?  A   -   -   .   P   O   .   -   .   .   .   -   -   -   -   -   -   -   -   E   E   .
left outside -   -   S   N   A   R   X   .   P   O   .   -   .   .   .   -   -   -   -   -   -   E   C   E   E   R
phone failed IR  IA  S   R   A   -   -   R   PA  O   .   -   -   -   -   -   -   -   -   -   -   -   -   -   -   R
transfers    -   -   N   N   N   -   -   .   P   O   .   -   BA  FW  BA  -   -   -   FW  DR  -   EWR -   EWR EWR LA
consults     -   -   N   N   N   -   -   .   P   O   .   -   BA  FW  BA  -   -   -   FW  DR  -   EWR -   EWR EWR LA
and speaks   -   -   N   N   N   -   -   .   P   O   .   -   BAT FWT BAT -   -   -   FWT DR  -   EWR -   EWR EWR .
is called    -   -   LS  .   LA  -   -   .   PLA OLA .   K   LA  LA  LA  -   -   -   -   -   -   EWR -   EWR EWR LA
is consulted -   -   N   N   N   -   -   .   P   O   .   -   DA  DR  DA  -   -   -   -   -   -   EWR -   EWR EWR .
"
    );
}

#[test]
fn a_refusal_says_what_was_asked_and_where_we_stood() {
    let mut engine = Engine::new();
    let mut facts = vec![];
    engine.handle(Timestamp(0), replan(&plan(1)), &mut facts).unwrap();
    engine.handle(Timestamp(0), arrives(1), &mut facts).unwrap();
    let known = engine.clone();
    let german = |level| Input::Arrived {
        call: CallNo::first(2),
        queue: QueueNo::first(0),
        needs: Needs(vec![(SkillNo::first(level), 1)]),
        channel: Channel::City,
        arrived: Timestamp::EPOCH,
    };
    let shrunk = |change: fn(&mut Plan)| {
        let mut plan = plan(1);
        change(&mut plan);
        replan(&plan)
    };
    for (input, stood) in [
        (arrives(1), "the call is waiting"),
        (arrives(u32::MAX), "the number is out of bounds"),
        (arrives_in(2, 9, &[]), "there is no such queue"),
        (german(9), "there is no such skill"),
        (gone(2), "there is no such call"),
        (answers(1, 0), "the call is waiting"),
        (hangs_up(2, 0), "there is no such call"),
        (loses(2, 0), "there is no such call"),
        (lost(2, 0, OfferLost::Busy), "there is no such call"),
        (hangs_up(1, 7), "there is no such agent"),
        (loses(1, 7), "there is no such agent"),
        (lost(1, 7, OfferLost::Busy), "there is no such agent"),
        (signs_in(7), "there is no such agent"),
        (ready(7), "there is no such agent"),
        (ready(0), "the agent is signed-out"),
        (shrunk(|plan| plan.skills.clear()), "the plan does not fit: skills: fewer than before"),
        (shrunk(|plan| plan.queues.clear()), "the plan does not fit: queues: fewer than before"),
        (shrunk(|plan| plan.agents.clear()), "the plan does not fit: agents: fewer than before"),
        (
            shrunk(|plan| plan.queues[0].needs = Needs(vec![(SkillNo::first(9), 1)])),
            "the plan does not fit: queue.needs: unknown, twice, or not in order",
        ),
        (
            shrunk(|plan| plan.queues[0].when_late = Overflow::Queue(QueueNo::first(9))),
            "the plan does not fit: queue.when_late: no such queue",
        ),
        (
            shrunk(|plan| plan.agents[0].skills = vec![(ENGLISH, 1), (GERMAN, 1)]),
            "the plan does not fit: agent.skills: unknown, twice, or not in order",
        ),
    ] {
        facts.clear();
        let refusal = engine.handle(Timestamp(1), input.clone(), &mut facts).unwrap_err();
        assert_eq!((refusal.input, refusal.stood.to_string().as_str()), (input, stood));
        assert!(facts.is_empty() && engine == known);
    }
}
