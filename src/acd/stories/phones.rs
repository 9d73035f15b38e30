//! Stories of phones in calls of their own, and of phones that are not there: whoever sits at one is
//! not ready, and is by itself when that is over.

use super::*;

#[test]
fn whose_phone_calls_by_itself_is_offered_nothing_until_it_is_over() {
    story(
        &plan(1),
        &[
            (1, signs_in(0)),
            (2, busy(0)),
            (3, busy(0)),
            (4, arrives(7)),
            (9, free(0)),
            (10, free(0)),
        ],
        "
        00:00:01.000 agent-0 signs in at phone-0
        00:00:01.000 agent-0 is ready
        00:00:02.000 phone-0 is in a call of its own
        00:00:02.000 agent-0 is away: own-call
        00:00:04.000 call-7 waits in queue-0, needs skill-0:1
        00:00:09.000 phone-0 is in no call of its own
        00:00:09.000 agent-0 is ready
        00:00:09.000 call-7 rings agent-0 until 00:00:17.000 (hldr: age 5s, idle 0s; 1 waiting, 1 idle)
        ",
    );
}

#[test]
fn whose_phone_calls_by_itself_while_wrapping_up_is_not_ready_after_that() {
    let mut plan = plan(1);
    plan.queues[0].wrap_up = span(10);
    story(
        &plan,
        &[
            (0, signs_in(0)),
            (0, arrives(7)),
            (1, answers(7, 0)),
            (5, hangs_up(7, 0)),
            (8, busy(0)),
            (12, arrives(8)),
            (20, free(0)),
        ],
        "
        00:00:00.000 agent-0 signs in at phone-0
        00:00:00.000 agent-0 is ready
        00:00:00.000 call-7 waits in queue-0, needs skill-0:1
        00:00:00.000 call-7 rings agent-0 until 00:00:08.000 (direct: age 0s, idle 0s; 1 waiting, 1 idle)
        00:00:01.000 call-7 speaks with agent-0 after 1s
        00:00:05.000 call-7 ends answered by agent-0, waited 1s, spoke 4s
        00:00:05.000 agent-0 wraps up call-7 until 00:00:15.000
        00:00:08.000 phone-0 is in a call of its own
        00:00:12.000 call-8 waits in queue-0, needs skill-0:1
        00:00:15.000 agent-0 is away: own-call
        00:00:20.000 phone-0 is in no call of its own
        00:00:20.000 agent-0 is ready
        00:00:20.000 call-8 rings agent-0 until 00:00:28.000 (hldr: age 8s, idle 0s; 1 waiting, 1 idle)
        ",
    );
}

#[test]
fn whoever_signs_in_at_a_phone_that_talks_is_not_ready() {
    story(
        &plan(1),
        &[(1, busy(0)), (2, signs_in(0)), (3, ready(0)), (9, free(0))],
        "
        00:00:01.000 phone-0 is in a call of its own
        00:00:02.000 agent-0 signs in at phone-0
        00:00:02.000 agent-0 is away: own-call
        00:00:03.000 agent-0 is away: own-call
        00:00:09.000 phone-0 is in no call of its own
        00:00:09.000 agent-0 is ready
        ",
    );
}

#[test]
fn whoever_chose_lunch_while_the_phone_talked_stays_at_lunch() {
    story(
        &plan(1),
        &[
            (1, signs_in(0)),
            (2, busy(0)),
            (3, away(0)),
            (9, free(0)),
            (10, busy(0)),
            (11, ready(0)),
        ],
        "
        00:00:01.000 agent-0 signs in at phone-0
        00:00:01.000 agent-0 is ready
        00:00:02.000 phone-0 is in a call of its own
        00:00:02.000 agent-0 is away: own-call
        00:00:03.000 agent-0 is away: lunch
        00:00:09.000 phone-0 is in no call of its own
        00:00:10.000 phone-0 is in a call of its own
        00:00:11.000 agent-0 is away: own-call
        ",
    );
}

#[test]
fn whoever_dials_while_the_phone_rings_does_not_take_that_call() {
    story(
        &plan(2),
        &[(1, signs_in(0)), (2, arrives(7)), (3, busy(0)), (4, signs_in(1)), (9, free(0))],
        "
        00:00:01.000 agent-0 signs in at phone-0
        00:00:01.000 agent-0 is ready
        00:00:02.000 call-7 waits in queue-0, needs skill-0:1
        00:00:02.000 call-7 rings agent-0 until 00:00:10.000 (direct: age 0s, idle 1s; 1 waiting, 1 idle)
        00:00:03.000 phone-0 is in a call of its own
        00:00:03.000 call-7 is not taken by agent-0: Busy
        00:00:03.000 agent-0 is away: own-call
        00:00:04.000 agent-1 signs in at phone-1
        00:00:04.000 agent-1 is ready
        00:00:04.000 call-7 rings agent-1 until 00:00:12.000 (hldr: age 2s, idle 0s; 1 waiting, 1 idle)
        00:00:09.000 phone-0 is in no call of its own
        00:00:09.000 agent-0 is ready
        ",
    );
}

#[test]
fn a_phone_that_vanishes_in_its_own_call_keeps_its_agent_away_until_it_is_back() {
    story(
        &plan(1),
        &[(1, signs_in(0)), (2, busy(0)), (3, down(0)), (4, free(0)), (5, up(0))],
        "
        00:00:01.000 agent-0 signs in at phone-0
        00:00:01.000 agent-0 is ready
        00:00:02.000 phone-0 is in a call of its own
        00:00:02.000 agent-0 is away: own-call
        00:00:03.000 phone-0 cannot be rung
        00:00:04.000 phone-0 is in no call of its own
        00:00:04.000 agent-0 is away: no phone
        00:00:05.000 phone-0 can be rung
        00:00:05.000 agent-0 is ready
        ",
    );
}

#[test]
fn whoever_signs_in_at_a_phone_that_is_not_registered_is_ready_once_it_is() {
    let nowhere =
        Input::SignIn { agent: AgentNo::first(0), phone: PhoneNo::first(PHONES_UP), ready: true };
    story(
        &plan(1),
        &[(1, nowhere), (2, arrives(7)), (9, up(PHONES_UP))],
        "
        00:00:01.000 agent-0 signs in at phone-10
        00:00:01.000 agent-0 is away: no phone
        00:00:02.000 call-7 waits in queue-0, needs skill-0:1
        00:00:09.000 phone-10 can be rung
        00:00:09.000 agent-0 is ready
        00:00:09.000 call-7 rings agent-0 until 00:00:17.000 (hldr: age 7s, idle 0s; 1 waiting, 1 idle)
        ",
    );
}
