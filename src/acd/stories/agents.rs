//! Stories of agents: phones that ring out, fail or vanish; wrap-up; what comes next.

use super::*;

#[test]
fn a_call_from_the_door_to_the_end_of_wrap_up() {
    let mut plan = plan(1);
    plan.queues[0].wrap_up = span(30);
    story(
        &plan,
        &[(1, signs_in(0)), (5, arrives(7)), (9, answers(7, 0)), (69, hangs_up(7, 0)), until(100)],
        "
        00:00:01.000 agent-0 signs in at phone-0
        00:00:01.000 agent-0 is ready
        00:00:05.000 call-7 waits in queue-0, needs skill-0:1
        00:00:05.000 call-7 rings agent-0 until 00:00:13.000 (direct: age 0s, idle 4s; 1 waiting, 1 idle)
        00:00:09.000 call-7 speaks with agent-0 after 4s
        00:01:09.000 call-7 ends answered by agent-0, waited 4s, spoke 60s
        00:01:09.000 agent-0 wraps up call-7 until 00:01:39.000
        00:01:39.000 agent-0 is ready
        ",
    );
}

#[test]
fn a_phone_that_rings_out_sends_its_agent_away_and_the_caller_keeps_its_place() {
    story(
        &plan(2),
        &[
            (1, signs_in(0)),
            (2, signs_in(1)),
            (3, away(1)),
            (5, arrives(7)),
            (6, arrives(8)),
            until(14),
            (15, ready(1)),
        ],
        "
        00:00:01.000 agent-0 signs in at phone-0
        00:00:01.000 agent-0 is ready
        00:00:02.000 agent-1 signs in at phone-1
        00:00:02.000 agent-1 is ready
        00:00:03.000 agent-1 is away: lunch
        00:00:05.000 call-7 waits in queue-0, needs skill-0:1
        00:00:05.000 call-7 rings agent-0 until 00:00:13.000 (direct: age 0s, idle 4s; 1 waiting, 1 idle)
        00:00:06.000 call-8 waits in queue-0, needs skill-0:1
        00:00:13.000 call-7 is not taken by agent-0: NoAnswer
        00:00:13.000 agent-0 is away: did not take a call, NoAnswer
        00:00:15.000 agent-1 is ready
        00:00:15.000 call-7 rings agent-1 until 00:00:23.000 (hldr: age 10s, idle 0s; 2 waiting, 1 idle)
        ",
    );
}

#[test]
fn a_call_that_was_not_answered_rings_the_next_agent_at_once() {
    story(
        &plan(2),
        &[(1, signs_in(0)), (2, signs_in(1)), (5, arrives(7)), until(14), (15, answers(7, 1))],
        "
        00:00:01.000 agent-0 signs in at phone-0
        00:00:01.000 agent-0 is ready
        00:00:02.000 agent-1 signs in at phone-1
        00:00:02.000 agent-1 is ready
        00:00:05.000 call-7 waits in queue-0, needs skill-0:1
        00:00:05.000 call-7 rings agent-0 until 00:00:13.000 (direct: age 0s, idle 4s; 1 waiting, 2 idle)
        00:00:13.000 call-7 is not taken by agent-0: NoAnswer
        00:00:13.000 agent-0 is away: did not take a call, NoAnswer
        00:00:13.000 call-7 rings agent-1 until 00:00:21.000 (hldr: age 8s, idle 11s; 1 waiting, 1 idle)
        00:00:15.000 call-7 speaks with agent-1 after 10s
        ",
    );
}

#[test]
fn whoever_missed_a_call_and_comes_back_is_asked_again_only_if_nobody_else_is_there() {
    story(
        &plan(2),
        &[
            (1, signs_in(0)),
            (5, arrives(7)),
            (6, lost(7, 0, OfferLost::Refused)),
            (8, ready(0)),
            (9, lost(7, 0, OfferLost::Refused)),
        ],
        "
        00:00:01.000 agent-0 signs in at phone-0
        00:00:01.000 agent-0 is ready
        00:00:05.000 call-7 waits in queue-0, needs skill-0:1
        00:00:05.000 call-7 rings agent-0 until 00:00:13.000 (direct: age 0s, idle 4s; 1 waiting, 1 idle)
        00:00:06.000 call-7 is not taken by agent-0: Refused
        00:00:06.000 agent-0 is away: did not take a call, Refused
        00:00:08.000 agent-0 is ready
        00:00:08.000 call-7 rings agent-0 until 00:00:16.000 (hldr: age 3s, idle 0s; 1 waiting, 1 idle)
        00:00:09.000 call-7 is not taken by agent-0: Refused
        00:00:09.000 agent-0 is away: did not take a call, Refused
        ",
    );
}

#[test]
fn of_two_who_come_back_the_one_who_did_not_just_miss_the_call_gets_it() {
    story(
        &plan(2),
        &[
            (1, signs_in(1)),
            (2, signs_in(0)),
            (5, arrives(7)),
            (6, lost(7, 1, OfferLost::Busy)),
            (6, lost(7, 0, OfferLost::Busy)),
            // Both are back at 16. By the order alone it would be agent-0 again.
            until(17),
        ],
        "
        00:00:01.000 agent-1 signs in at phone-1
        00:00:01.000 agent-1 is ready
        00:00:02.000 agent-0 signs in at phone-0
        00:00:02.000 agent-0 is ready
        00:00:05.000 call-7 waits in queue-0, needs skill-0:1
        00:00:05.000 call-7 rings agent-1 until 00:00:13.000 (direct: age 0s, idle 4s; 1 waiting, 2 idle)
        00:00:06.000 call-7 is not taken by agent-1: Busy
        00:00:06.000 agent-1 is away until 00:00:16.000: did not take a call, Busy
        00:00:06.000 call-7 rings agent-0 until 00:00:14.000 (hldr: age 1s, idle 4s; 1 waiting, 1 idle)
        00:00:06.000 call-7 is not taken by agent-0: Busy
        00:00:06.000 agent-0 is away until 00:00:16.000: did not take a call, Busy
        00:00:16.000 agent-0 is ready
        00:00:16.000 agent-1 is ready
        00:00:16.000 call-7 rings agent-1 until 00:00:24.000 (hldr: age 11s, idle 0s; 1 waiting, 2 idle)
        ",
    );
}

#[test]
fn a_busy_phone_is_tried_again_after_a_rest() {
    story(
        &plan(1),
        &[(1, signs_in(0)), (5, arrives(7)), (6, lost(7, 0, OfferLost::Busy)), until(17)],
        "
        00:00:01.000 agent-0 signs in at phone-0
        00:00:01.000 agent-0 is ready
        00:00:05.000 call-7 waits in queue-0, needs skill-0:1
        00:00:05.000 call-7 rings agent-0 until 00:00:13.000 (direct: age 0s, idle 4s; 1 waiting, 1 idle)
        00:00:06.000 call-7 is not taken by agent-0: Busy
        00:00:06.000 agent-0 is away until 00:00:16.000: did not take a call, Busy
        00:00:16.000 agent-0 is ready
        00:00:16.000 call-7 rings agent-0 until 00:00:24.000 (hldr: age 11s, idle 0s; 1 waiting, 1 idle)
        ",
    );
}

#[test]
fn an_unreachable_phone_rests_until_it_is_heard_of() {
    story(
        &plan(1),
        &[
            (1, signs_in(0)),
            (5, arrives(7)),
            (6, lost(7, 0, OfferLost::Unreachable)),
            (9, up(0)),
            (10, lost(7, 0, OfferLost::Unreachable)),
            until(41),
        ],
        "
        00:00:01.000 agent-0 signs in at phone-0
        00:00:01.000 agent-0 is ready
        00:00:05.000 call-7 waits in queue-0, needs skill-0:1
        00:00:05.000 call-7 rings agent-0 until 00:00:13.000 (direct: age 0s, idle 4s; 1 waiting, 1 idle)
        00:00:06.000 call-7 is not taken by agent-0: Unreachable
        00:00:06.000 agent-0 is away until 00:00:36.000: did not take a call, Unreachable
        00:00:09.000 agent-0 is ready
        00:00:09.000 call-7 rings agent-0 until 00:00:17.000 (hldr: age 4s, idle 0s; 1 waiting, 1 idle)
        00:00:10.000 call-7 is not taken by agent-0: Unreachable
        00:00:10.000 agent-0 is away until 00:00:40.000: did not take a call, Unreachable
        00:00:40.000 agent-0 is ready
        00:00:40.000 call-7 rings agent-0 until 00:00:48.000 (hldr: age 35s, idle 0s; 1 waiting, 1 idle)
        ",
    );
}

#[test]
fn a_phone_that_vanishes_takes_its_idle_agent_along_and_brings_it_back() {
    story(
        &plan(1),
        &[(1, signs_in(0)), (2, down(0)), (3, down(0)), (4, arrives(7)), (9, up(0)), (10, up(0))],
        "
        00:00:01.000 agent-0 signs in at phone-0
        00:00:01.000 agent-0 is ready
        00:00:02.000 phone-0 cannot be rung
        00:00:02.000 agent-0 is away: no phone
        00:00:04.000 call-7 waits in queue-0, needs skill-0:1
        00:00:09.000 phone-0 can be rung
        00:00:09.000 agent-0 is ready
        00:00:09.000 call-7 rings agent-0 until 00:00:17.000 (hldr: age 5s, idle 0s; 1 waiting, 1 idle)
        ",
    );
}

#[test]
fn a_phone_that_vanishes_while_ringing_loses_the_offer() {
    story(
        &plan(2),
        &[(1, signs_in(0)), (2, signs_in(1)), (5, arrives(7)), (6, down(0)), (7, up(0))],
        "
        00:00:01.000 agent-0 signs in at phone-0
        00:00:01.000 agent-0 is ready
        00:00:02.000 agent-1 signs in at phone-1
        00:00:02.000 agent-1 is ready
        00:00:05.000 call-7 waits in queue-0, needs skill-0:1
        00:00:05.000 call-7 rings agent-0 until 00:00:13.000 (direct: age 0s, idle 4s; 1 waiting, 2 idle)
        00:00:06.000 phone-0 cannot be rung
        00:00:06.000 call-7 is not taken by agent-0: Unreachable
        00:00:06.000 agent-0 is away: no phone
        00:00:06.000 call-7 rings agent-1 until 00:00:14.000 (hldr: age 1s, idle 4s; 1 waiting, 1 idle)
        00:00:07.000 phone-0 can be rung
        00:00:07.000 agent-0 is ready
        ",
    );
}

#[test]
fn a_phone_that_vanishes_while_talking_does_not_end_the_call() {
    story(
        &plan(1),
        &[
            (1, signs_in(0)),
            (5, arrives(7)),
            (6, answers(7, 0)),
            (8, down(0)),
            (20, hangs_up(7, 0)),
            (25, up(0)),
        ],
        "
        00:00:01.000 agent-0 signs in at phone-0
        00:00:01.000 agent-0 is ready
        00:00:05.000 call-7 waits in queue-0, needs skill-0:1
        00:00:05.000 call-7 rings agent-0 until 00:00:13.000 (direct: age 0s, idle 4s; 1 waiting, 1 idle)
        00:00:06.000 call-7 speaks with agent-0 after 1s
        00:00:08.000 phone-0 cannot be rung
        00:00:20.000 call-7 ends answered by agent-0, waited 1s, spoke 14s
        00:00:20.000 agent-0 is away: no phone
        00:00:25.000 phone-0 can be rung
        00:00:25.000 agent-0 is ready
        ",
    );
}

#[test]
fn a_phone_coming_back_does_not_end_a_lunch() {
    story(
        &plan(1),
        &[(1, signs_in(0)), (2, down(0)), (3, away(0)), (9, up(0)), (10, ready(0))],
        "
        00:00:01.000 agent-0 signs in at phone-0
        00:00:01.000 agent-0 is ready
        00:00:02.000 phone-0 cannot be rung
        00:00:02.000 agent-0 is away: no phone
        00:00:03.000 agent-0 is away: lunch
        00:00:09.000 phone-0 can be rung
        00:00:10.000 agent-0 is ready
        ",
    );
}

#[test]
fn whoever_wants_calls_without_a_phone_gets_them_once_it_is_there() {
    story(
        &plan(1),
        &[(0, down(0)), (1, signs_in(0)), (2, away(0)), (3, ready(0)), (9, up(0))],
        "
        00:00:00.000 phone-0 cannot be rung
        00:00:01.000 agent-0 signs in at phone-0
        00:00:01.000 agent-0 is away: no phone
        00:00:02.000 agent-0 is away: lunch
        00:00:03.000 agent-0 is away: no phone
        00:00:09.000 phone-0 can be rung
        00:00:09.000 agent-0 is ready
        ",
    );
}

#[test]
fn a_caller_who_gives_up_while_it_rings_costs_the_agent_neither_turn_nor_time() {
    let mut plan = plan(2);
    plan.queues[0].wrap_up = span(30);
    story(
        &plan,
        &[(1, signs_in(0)), (2, signs_in(1)), (5, arrives(7)), (11, gone(7)), (12, arrives(8))],
        "
        00:00:01.000 agent-0 signs in at phone-0
        00:00:01.000 agent-0 is ready
        00:00:02.000 agent-1 signs in at phone-1
        00:00:02.000 agent-1 is ready
        00:00:05.000 call-7 waits in queue-0, needs skill-0:1
        00:00:05.000 call-7 rings agent-0 until 00:00:13.000 (direct: age 0s, idle 4s; 1 waiting, 2 idle)
        00:00:11.000 call-7 ends abandoned, waited 6s, spoke 0s
        00:00:11.000 agent-0 is ready
        00:00:12.000 call-8 waits in queue-0, needs skill-0:1
        00:00:12.000 call-8 rings agent-0 until 00:00:20.000 (direct: age 0s, idle 11s; 1 waiting, 2 idle)
        ",
    );
}

#[test]
fn wrap_up_is_ended_early_or_extended_once() {
    let mut plan = plan(1);
    plan.queues[0].wrap_up = span(30);
    plan.queues[0].wrap_up_extension = span(60);
    let end = Input::EndWrapUp { agent: AgentNo::first(0) };
    let extend = Input::ExtendWrapUp { agent: AgentNo::first(0) };
    story(
        &plan,
        &[
            (1, signs_in(0)),
            (2, arrives(1)),
            (3, answers(1, 0)),
            (4, extend.clone()),
            (5, gone(1)),
            (6, end.clone()),
            (7, arrives(2)),
            (8, answers(2, 0)),
            (10, gone(2)),
            (30, extend.clone()),
            (31, extend),
            until(101),
            (102, end),
        ],
        "
        00:00:01.000 agent-0 signs in at phone-0
        00:00:01.000 agent-0 is ready
        00:00:02.000 call-1 waits in queue-0, needs skill-0:1
        00:00:02.000 call-1 rings agent-0 until 00:00:10.000 (direct: age 0s, idle 1s; 1 waiting, 1 idle)
        00:00:03.000 call-1 speaks with agent-0 after 1s
        00:00:04.000 refused: the agent is talking
        00:00:05.000 call-1 ends answered by agent-0, waited 1s, spoke 2s
        00:00:05.000 agent-0 wraps up call-1 until 00:00:35.000
        00:00:06.000 agent-0 is ready
        00:00:07.000 call-2 waits in queue-0, needs skill-0:1
        00:00:07.000 call-2 rings agent-0 until 00:00:15.000 (direct: age 0s, idle 1s; 1 waiting, 1 idle)
        00:00:08.000 call-2 speaks with agent-0 after 1s
        00:00:10.000 call-2 ends answered by agent-0, waited 1s, spoke 2s
        00:00:10.000 agent-0 wraps up call-2 until 00:00:40.000
        00:00:30.000 agent-0 wraps up longer, until 00:01:40.000
        00:00:31.000 refused: the agent is wrap-up
        00:01:40.000 agent-0 is ready
        00:01:42.000 refused: the agent is ready
        ",
    );
}

#[test]
fn what_comes_next_is_chosen_while_talking() {
    let mut plan = plan(1);
    plan.queues[0].wrap_up = span(10);
    story(
        &plan,
        &[
            (1, signs_in(0)),
            (2, arrives(1)),
            (3, answers(1, 0)),
            (4, away(0)),
            (5, signs_out(0)),
            (6, away(0)),
            (9, hangs_up(1, 0)),
            until(20),
            (21, ready(0)),
            (22, arrives(2)),
            (23, answers(2, 0)),
            (24, signs_out(0)),
            (30, hangs_up(2, 0)),
            until(41),
        ],
        "
        00:00:01.000 agent-0 signs in at phone-0
        00:00:01.000 agent-0 is ready
        00:00:02.000 call-1 waits in queue-0, needs skill-0:1
        00:00:02.000 call-1 rings agent-0 until 00:00:10.000 (direct: age 0s, idle 1s; 1 waiting, 1 idle)
        00:00:03.000 call-1 speaks with agent-0 after 1s
        00:00:04.000 agent-0 will be away: lunch
        00:00:05.000 agent-0 will be signed out
        00:00:06.000 agent-0 will be away: lunch
        00:00:09.000 call-1 ends answered by agent-0, waited 1s, spoke 6s
        00:00:09.000 agent-0 wraps up call-1 until 00:00:19.000
        00:00:19.000 agent-0 is away: lunch
        00:00:21.000 agent-0 is ready
        00:00:22.000 call-2 waits in queue-0, needs skill-0:1
        00:00:22.000 call-2 rings agent-0 until 00:00:30.000 (direct: age 0s, idle 1s; 1 waiting, 1 idle)
        00:00:23.000 call-2 speaks with agent-0 after 1s
        00:00:24.000 agent-0 will be signed out
        00:00:30.000 call-2 ends answered by agent-0, waited 1s, spoke 7s
        00:00:30.000 agent-0 wraps up call-2 until 00:00:40.000
        00:00:40.000 agent-0 signs out
        ",
    );
}

#[test]
fn whoever_leaves_while_it_rings_leaves_the_call_to_the_next() {
    story(
        &plan(3),
        &[
            (1, signs_in(0)),
            (2, signs_in(1)),
            (3, signs_in(2)),
            (5, arrives(7)),
            (6, away(0)),
            (7, signs_out(1)),
        ],
        "
        00:00:01.000 agent-0 signs in at phone-0
        00:00:01.000 agent-0 is ready
        00:00:02.000 agent-1 signs in at phone-1
        00:00:02.000 agent-1 is ready
        00:00:03.000 agent-2 signs in at phone-2
        00:00:03.000 agent-2 is ready
        00:00:05.000 call-7 waits in queue-0, needs skill-0:1
        00:00:05.000 call-7 rings agent-0 until 00:00:13.000 (direct: age 0s, idle 4s; 1 waiting, 3 idle)
        00:00:06.000 call-7 is not taken by agent-0: Refused
        00:00:06.000 agent-0 is away: lunch
        00:00:06.000 call-7 rings agent-1 until 00:00:14.000 (hldr: age 1s, idle 4s; 1 waiting, 2 idle)
        00:00:07.000 call-7 is not taken by agent-1: Refused
        00:00:07.000 agent-1 signs out
        00:00:07.000 call-7 rings agent-2 until 00:00:15.000 (hldr: age 2s, idle 4s; 1 waiting, 1 idle)
        ",
    );
}

#[test]
fn an_agent_sits_at_one_phone_and_a_phone_has_one_agent() {
    let sit = |agent, phone, ready| Input::SignIn {
        agent: AgentNo::first(agent),
        phone: PhoneNo::first(phone),
        ready,
    };
    story(
        &plan(2),
        &[
            (1, sit(0, 5, true)),
            (2, sit(0, 5, true)),
            (3, sit(1, 5, true)),
            (4, sit(0, 6, true)),
            (5, sit(1, 5, false)),
            (6, arrives(7)),
            (7, sit(0, 7, true)),
        ],
        "
        00:00:01.000 agent-0 signs in at phone-5
        00:00:01.000 agent-0 is ready
        00:00:03.000 refused: agent-0 sits at that phone
        00:00:04.000 agent-0 signs in at phone-6
        00:00:04.000 agent-0 is ready
        00:00:05.000 agent-1 signs in at phone-5
        00:00:05.000 agent-1 is away: signed-in
        00:00:06.000 call-7 waits in queue-0, needs skill-0:1
        00:00:06.000 call-7 rings agent-0 until 00:00:14.000 (direct: age 0s, idle 2s; 1 waiting, 1 idle)
        00:00:07.000 refused: the agent is reserved
        ",
    );
}

#[test]
fn an_agent_whom_the_plan_forgets_finishes_the_call_in_hand() {
    let old = plan(3);
    let mut new = old.clone();
    new.agents[0].retired = true;
    new.agents[1].retired = true;
    story(
        &old,
        &[
            (1, signs_in(0)),
            (2, arrives(7)),
            (3, answers(7, 0)),
            (4, signs_in(1)),
            (5, replan(&new)),
            (6, signs_in(1)),
            (9, hangs_up(7, 0)),
        ],
        "
        00:00:01.000 agent-0 signs in at phone-0
        00:00:01.000 agent-0 is ready
        00:00:02.000 call-7 waits in queue-0, needs skill-0:1
        00:00:02.000 call-7 rings agent-0 until 00:00:10.000 (direct: age 0s, idle 1s; 1 waiting, 1 idle)
        00:00:03.000 call-7 speaks with agent-0 after 1s
        00:00:04.000 agent-1 signs in at phone-1
        00:00:04.000 agent-1 is ready
        00:00:05.000 planned: 1 queues, 3 agents
        00:00:05.000 agent-1 signs out
        00:00:06.000 refused: there is no such agent
        00:00:09.000 call-7 ends answered by agent-0, waited 1s, spoke 6s
        00:00:09.000 agent-0 signs out
        ",
    );
}

#[test]
fn a_caller_whose_agents_phone_dies_is_first_in_line_again_and_for_no_limit() {
    let mut plan = plan(2);
    plan.queues[0].wait_max = Some(span(60));
    plan.queues[0].when_late = Overflow::Announce;
    plan.queues[0].wrap_up = span(30);
    story(
        &plan,
        &[
            (1, signs_in(0)),
            (5, arrives(7)),
            (9, answers(7, 0)),
            (300, arrives(8)),
            (309, loses(7, 0)),
            (320, signs_in(1)),
            (322, answers(7, 1)),
            (330, hangs_up(7, 1)),
            (331, gone(8)),
            until(340),
        ],
        "
        00:00:01.000 agent-0 signs in at phone-0
        00:00:01.000 agent-0 is ready
        00:00:05.000 call-7 waits in queue-0, needs skill-0:1
        00:00:05.000 call-7 rings agent-0 until 00:00:13.000 (direct: age 0s, idle 4s; 1 waiting, 1 idle)
        00:00:09.000 call-7 speaks with agent-0 after 4s
        00:05:00.000 call-8 waits in queue-0, needs skill-0:1
        00:05:09.000 call-7 waits again: the phone of agent-0 failed after 300s
        00:05:09.000 agent-0 is away until 00:05:39.000: phone failed
        00:05:20.000 agent-1 signs in at phone-1
        00:05:20.000 agent-1 is ready
        00:05:20.000 call-7 rings agent-1 until 00:05:28.000 (hldr: age 315s, idle 0s; 2 waiting, 1 idle)
        00:05:22.000 call-7 speaks with agent-1 after 13s
        00:05:30.000 call-7 ends answered by agent-1, waited 4s, spoke 308s
        00:05:30.000 agent-1 wraps up call-7 until 00:06:00.000
        00:05:31.000 call-8 ends abandoned, waited 31s, spoke 0s
        00:05:39.000 agent-0 is ready
        ",
    );
}

#[test]
fn who_gives_up_after_the_agents_phone_died_was_answered_all_the_same() {
    story(
        &plan(1),
        &[(1, signs_in(0)), (2, arrives(7)), (3, answers(7, 0)), (13, loses(7, 0)), (20, gone(7))],
        "
        00:00:01.000 agent-0 signs in at phone-0
        00:00:01.000 agent-0 is ready
        00:00:02.000 call-7 waits in queue-0, needs skill-0:1
        00:00:02.000 call-7 rings agent-0 until 00:00:10.000 (direct: age 0s, idle 1s; 1 waiting, 1 idle)
        00:00:03.000 call-7 speaks with agent-0 after 1s
        00:00:13.000 call-7 waits again: the phone of agent-0 failed after 10s
        00:00:13.000 agent-0 is away until 00:00:43.000: phone failed
        00:00:20.000 call-7 ends answered by agent-0, waited 1s, spoke 10s
        ",
    );
}

#[test]
fn an_agent_whose_phone_died_is_what_it_chose_or_ready_when_the_phone_is_back() {
    story(
        &plan(2),
        &[
            (1, signs_in(0)),
            (2, arrives(7)),
            (3, answers(7, 0)),
            (4, away(0)),
            (5, loses(7, 0)),
            (6, signs_in(1)),
            (7, answers(7, 1)),
            (8, down(1)),
            (9, loses(7, 1)),
            (10, up(1)),
        ],
        "
        00:00:01.000 agent-0 signs in at phone-0
        00:00:01.000 agent-0 is ready
        00:00:02.000 call-7 waits in queue-0, needs skill-0:1
        00:00:02.000 call-7 rings agent-0 until 00:00:10.000 (direct: age 0s, idle 1s; 1 waiting, 1 idle)
        00:00:03.000 call-7 speaks with agent-0 after 1s
        00:00:04.000 agent-0 will be away: lunch
        00:00:05.000 call-7 waits again: the phone of agent-0 failed after 2s
        00:00:05.000 agent-0 is away: lunch
        00:00:06.000 agent-1 signs in at phone-1
        00:00:06.000 agent-1 is ready
        00:00:06.000 call-7 rings agent-1 until 00:00:14.000 (hldr: age 4s, idle 0s; 1 waiting, 1 idle)
        00:00:07.000 call-7 speaks with agent-1 after 2s
        00:00:08.000 phone-1 cannot be rung
        00:00:09.000 call-7 waits again: the phone of agent-1 failed after 2s
        00:00:09.000 agent-1 is away: no phone
        00:00:10.000 phone-1 can be rung
        00:00:10.000 agent-1 is ready
        00:00:10.000 call-7 rings agent-1 until 00:00:18.000 (hldr: age 8s, idle 0s; 1 waiting, 1 idle)
        ",
    );
}
