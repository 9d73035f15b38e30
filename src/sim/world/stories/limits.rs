//! When there is no room or no time: full lines, long waits, an operator's hand, the exchange closing.

use crate::{
    acd::fact::Next,
    base::{
        numbers::{AgentNo, CallNo},
        time::Span,
    },
    exchange::request::{Answer, Refused, Request},
    sim::world::stories::scene::{
        CALLER, DECLINES, PROMPT, Scene, TALKS, check, late, outside, plan,
    },
};

#[test]
fn a_full_line_is_told_by_voice_or_by_busy_as_the_queue_wishes() {
    let mut plan = plan();
    for queue in &mut plan.acd.queues {
        queue.waiting_max = 0;
    }
    let mut scene = Scene::of(plan, &[]);
    for number in ["1230", "115", "12302"] {
        scene.call(number, CALLER);
        scene.world.run_for(Span::secs(10));
    }
    check(
        &scene.told(),
        r#"
1.0 call-0 opened: 1230
1.0 call-0 ended: turned away by Announce: Full
1.0 leg-0 speaks PCMA
1.0         10.1.0.1 <- 200 (INVITE)
1.0         open leg-0
1.0         play sound-2 to leg-0
5.0         10.1.0.1 <- BYE, Q.850;cause=17;text="User busy"
5.0         close leg-0
11.0 call-0.1 opened: 115
11.0 call-0.1 ended: turned away by Busy: Full
11.0         10.1.0.2 <- 486 All lines are busy, Q.850;cause=17
21.0 call-0.2 opened: 12302
21.0 call-0.2 ended: turned away by Announce: Full
21.0 leg-0.2 speaks PCMA
21.0         10.1.0.3 <- 183 (INVITE)
21.0         open leg-0.2
21.0         play sound-2 to leg-0.2
25.0         10.1.0.3 <- 486 All lines are busy, Q.850;cause=17
25.0         close leg-0.2
"#,
    );
}

#[test]
fn a_call_that_waited_too_long_is_taken_outside() {
    let mut scene = Scene::of(late(), &[]);
    outside(&mut scene, PROMPT);
    scene.call("115", TALKS);
    check(
        &scene.told(),
        r#"
1.0 call-0 opened: 115
1.0 call-0 waits in queue-1
1.0 leg-0 speaks PCMA
1.0         10.1.0.1 <- 183 (INVITE)
1.0         open leg-0
1.0         play sound-1 to leg-0, the last for ever
11.0 call-0 ended: sent outside to 0: Late
11.0         10.3.0.1 <- INVITE
11.0 leg-1 speaks PCMA
11.0         10.1.0.1 <- 200 (INVITE)
11.0         open leg-1
11.0         change leg-0
11.0         join leg-0 and leg-1
41.0         10.1.0.1 <- 200 (BYE)
41.0         10.3.0.1 <- BYE, Q.850;cause=16;text="Normal call clearing"
41.0         close leg-0
41.0         close leg-1
"#,
    );
}

#[test]
fn a_call_that_nobody_takes_outside_is_let_go() {
    let mut scene = Scene::of(late(), &[]);
    outside(&mut scene, DECLINES);
    scene.call("115", CALLER);
    check(
        &scene.told(),
        "
1.0 call-0 opened: 115
1.0 call-0 waits in queue-1
1.0 leg-0 speaks PCMA
1.0         10.1.0.1 <- 183 (INVITE)
1.0         open leg-0
1.0         play sound-1 to leg-0, the last for ever
11.0 call-0 ended: sent outside to 0: Late
11.0         10.3.0.1 <- INVITE
11.0         10.1.0.1 <- 486 All lines are busy, Q.850;cause=17
11.0         close leg-0
",
    );
}

#[test]
fn a_drained_exchange_finishes_its_calls_and_takes_no_new_one() {
    let mut scene = Scene::with(&[PROMPT]);
    scene.call("1230", TALKS);
    scene.world.run_for(Span::secs(1));
    scene.world.ask(Request::Drain);
    scene.call("1230", CALLER);
    check(
        &scene.told(),
        r#"
2.0 call-0 opened: 1230
2.0 call-0 waits in queue-0
2.0 leg-0 speaks PCMA
2.0 call-0 offered to agent-0
2.0         10.1.0.1 <- 200 (INVITE)
2.0         10.2.0.0 <- INVITE
2.0         open leg-0
2.0         play sound-0, sound-1 to leg-0, the last for ever
2.0 leg-1 speaks PCMA
2.0 call-0 answered by agent-0 after 0.002s
2.0         open leg-1
2.0         join leg-0 and leg-1
3.0 draining
3.0 refused: 486 draining
3.0         10.1.0.2 <- 486 Closing, Q.850;cause=17
32.0 call-0 ended: answered by agent-0
32.0 agent-0 wraps up
32.0         10.1.0.1 <- 200 (BYE)
32.0         10.2.0.0 <- BYE, Q.850;cause=16;text="Normal call clearing"
32.0         close leg-0
32.0         close leg-1
52.0 agent-0 ready
"#,
    );
}

#[test]
fn an_operator_ends_a_call_and_is_told_what_cannot_be() {
    let mut scene = Scene::with(&[PROMPT]);
    scene.call("1230", CALLER);
    scene.world.run_for(Span::secs(1));
    scene.world.ask(Request::EndWrapUp(AgentNo::first(0)));
    scene.world.ask(Request::Away { agent: AgentNo::first(0), reason: "break".into() });
    scene.world.ask(Request::HangUp(CallNo::first(0)));
    scene.world.ask(Request::HangUp(CallNo::first(7)));
    scene.world.ask(Request::Ready(AgentNo::first(77)));
    assert_eq!(
        scene.world.answers,
        [
            Answer::Refused(Refused::Impossible {
                state: "talking".into(),
                asked: "end-wrap-up".into()
            }),
            Answer::Later(Next::Away("break".into())),
            Answer::Done,
            Answer::Refused(Refused::Unknown("call-7".into())),
            Answer::Refused(Refused::Unknown("such agent".into())),
        ]
    );
    check(
        &scene.told(),
        r#"
2.0 call-0 opened: 1230
2.0 call-0 waits in queue-0
2.0 leg-0 speaks PCMA
2.0 call-0 offered to agent-0
2.0         10.1.0.1 <- 200 (INVITE)
2.0         10.2.0.0 <- INVITE
2.0         open leg-0
2.0         play sound-0, sound-1 to leg-0, the last for ever
2.0 leg-1 speaks PCMA
2.0 call-0 answered by agent-0 after 0.002s
2.0         open leg-1
2.0         join leg-0 and leg-1
3.0 agent-0 afterwards: Away("break")
3.0 call-0 ended: answered by agent-0
3.0 agent-0 wraps up
3.0         10.1.0.1 <- BYE, Q.850;cause=16;text="Normal call clearing"
3.0         10.2.0.0 <- BYE, Q.850;cause=16;text="Normal call clearing"
3.0         close leg-0
3.0         close leg-1
23.0 agent-0 away: Asked("break")
"#,
    );
}
