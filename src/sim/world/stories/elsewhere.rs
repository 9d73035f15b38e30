//! Passing a caller on to a number outside, or asking someone there first.

use super::{
    dialling::outward,
    scene::{ABSENT, CALLER, DECLINES, PROMPT, Scene, check, outside},
};
use crate::{
    base::{numbers::CallNo, time::Span},
    exchange::request::{Answer, Request},
    sim::world::{citizen, clerk, handset::Passes, second::In},
};

/// Speaks for a minute.
const LONG: citizen::Habits = citizen::Habits { talk: Some(Span::secs(60)), ..CALLER };
const CALL: CallNo = CallNo::first(0);
const NUMBER: &str = "03415550001";

/// Agent 0 speaks with a caller, and somebody sits outside.
fn speaking(somebody: clerk::Habits) -> (Scene, usize) {
    let mut scene = Scene::of(outward(), &[PROMPT]);
    let somebody = outside(&mut scene, somebody);
    scene.call("1230", LONG);
    scene.world.run_for(Span::secs(5));
    (scene, somebody)
}

/// The agent holds the line and refers its caller there.
fn referred(somebody: clerk::Habits) -> Scene {
    let (mut scene, _) = speaking(somebody);
    scene.clerk(0, 0, |now, clerk, out| clerk.hold(now, Passes::Ours, out));
    scene.clerk(1, 0, |now, clerk, out| clerk.refer(now, NUMBER, out));
    scene
}

/// The agent holds the line and calls there on its second line.
fn asked() -> (Scene, usize) {
    let (mut scene, somebody) = speaking(PROMPT);
    scene.clerk(0, 0, |now, clerk, out| clerk.ask(now, NUMBER, out));
    scene.world.run_for(Span::secs(3));
    (scene, somebody)
}

/// Holds what is told behind `since` against that.
#[track_caller]
fn tells(scene: Scene, since: &str, expected: &str) {
    let told = scene.told();
    check(told.split_once(since).unwrap().1, expected);
}

const SPEAK: &str = "join leg-0 and leg-1\n";
const HELD: &str = "play sound-1 to leg-0, the last for ever\n";
const CONFER: &str = "join leg-2 and leg-3\n";

#[test]
fn a_caller_is_passed_on_to_a_number_outside_that_answers() {
    tells(
        referred(PROMPT),
        HELD,
        r#"
8.0 call-0: agent-0 has +493415550001 called
8.0 call-0 goes by trunk-0
8.0         10.3.0.1 <- INVITE
8.0         10.2.0.0 <- 202 (REFER)
8.0         10.2.0.0 <- NOTIFY
8.0 leg-2 speaks PCMA
8.0 call-0 ended: answered by agent-0
8.0 call-0 transferred to +493415550001 by agent-0
8.0 agent-0 wraps up
8.0         10.2.0.0 <- NOTIFY
8.0         10.2.0.0 <- BYE, Q.850;cause=16;text="Normal call clearing"
8.0         open leg-2
8.0         close leg-1
8.0         join leg-0 and leg-2
28.0 agent-0 ready
62.0         10.1.0.1 <- 200 (BYE)
62.0         10.3.0.1 <- BYE, Q.850;cause=16;text="Normal call clearing"
62.0         close leg-0
62.0         close leg-2
"#,
    );
}

#[test]
fn a_number_outside_that_declines_leaves_the_agent_its_caller() {
    tells(
        referred(DECLINES),
        HELD,
        r#"
8.0 call-0: agent-0 has +493415550001 called
8.0 call-0 goes by trunk-0
8.0         10.3.0.1 <- INVITE
8.0         10.2.0.0 <- 202 (REFER)
8.0         10.2.0.0 <- NOTIFY
8.0 call-0 has nobody outside
8.0         10.2.0.0 <- NOTIFY
62.0 call-0 ended: answered by agent-0
62.0 agent-0 wraps up
62.0         10.1.0.1 <- 200 (BYE)
62.0         10.2.0.0 <- BYE, Q.850;cause=16;text="Normal call clearing"
62.0         close leg-0
62.0         close leg-1
82.0 agent-0 ready
"#,
    );
}

#[test]
fn an_agent_who_hangs_up_meanwhile_leaves_the_caller_to_the_number_outside() {
    let mut scene = referred(clerk::Habits { reaction: Span::secs(5), ..PROMPT });
    scene.clerk(1, 0, |now, clerk, out| clerk.hang_up(now, out));
    tells(
        scene,
        HELD,
        r#"
8.0 call-0: agent-0 has +493415550001 called
8.0 call-0 goes by trunk-0
8.0         10.3.0.1 <- INVITE
8.0         10.2.0.0 <- 202 (REFER)
8.0         10.2.0.0 <- NOTIFY
9.0 call-0 left by agent-0, rings outside
9.0 agent-0 wraps up
9.0 call-0 resumed
9.0         10.2.0.0 <- 200 (BYE)
9.0         close leg-1
15.0 leg-2 speaks PCMA
15.0 call-0 ended: answered by agent-0
15.0 call-0 transferred to +493415550001 by agent-0
15.0         open leg-2
15.0         join leg-0 and leg-2
29.0 agent-0 ready
62.0         10.1.0.1 <- 200 (BYE)
62.0         10.3.0.1 <- BYE, Q.850;cause=16;text="Normal call clearing"
62.0         close leg-0
62.0         close leg-2
"#,
    );
}

#[test]
fn a_caller_left_to_a_number_outside_that_declines_waits_again_in_its_old_place() {
    let slow = clerk::Habits { reaction: Span::secs(5), ..DECLINES };
    let mut scene = referred(slow);
    scene.clerk(1, 0, |now, clerk, out| clerk.hang_up(now, out));
    tells(
        scene,
        HELD,
        r#"
8.0 call-0: agent-0 has +493415550001 called
8.0 call-0 goes by trunk-0
8.0         10.3.0.1 <- INVITE
8.0         10.2.0.0 <- 202 (REFER)
8.0         10.2.0.0 <- NOTIFY
9.0 call-0 left by agent-0, rings outside
9.0 agent-0 wraps up
9.0 call-0 resumed
9.0         10.2.0.0 <- 200 (BYE)
9.0         close leg-1
15.0 call-0 has nobody outside
15.0 call-0 came back
29.0 agent-0 ready
29.0 call-0 offered to agent-0
29.0         10.2.0.0 <- INVITE
29.0 leg-2.1 speaks PCMA
29.0 call-0 answered by agent-0 after 14.022s
29.0         open leg-2.1
29.0         join leg-0 and leg-2.1
62.0 call-0 ended: answered by agent-0
62.0 agent-0 wraps up
62.0         10.1.0.1 <- 200 (BYE)
62.0         10.2.0.0 <- BYE, Q.850;cause=16;text="Normal call clearing"
62.0         close leg-0
62.0         close leg-2.1
82.0 agent-0 ready
"#,
    );
}

#[test]
fn a_caller_left_to_a_number_outside_may_give_up_there() {
    let mut scene = referred(ABSENT);
    scene.clerk(2, 0, |now, clerk, out| clerk.hang_up(now, out));
    tells(
        scene,
        HELD,
        r#"
8.0 call-0: agent-0 has +493415550001 called
8.0 call-0 goes by trunk-0
8.0         10.3.0.1 <- INVITE
8.0         10.2.0.0 <- 202 (REFER)
8.0         10.2.0.0 <- NOTIFY
10.0 call-0 left by agent-0, rings outside
10.0 agent-0 wraps up
10.0 call-0 resumed
10.0         10.2.0.0 <- 200 (BYE)
10.0         close leg-1
30.0 agent-0 ready
62.0 call-0 ended: answered by agent-0
62.0         10.1.0.1 <- 200 (BYE)
62.0         10.3.0.1 <- CANCEL, Q.850;cause=16;text="Normal call clearing"
62.0         close leg-0
"#,
    );
}

#[test]
fn whoever_was_asked_outside_has_the_caller_by_a_refer_on_either_line() {
    for within in [In::First, In::Second] {
        let (mut scene, _) = asked();
        scene.clerk(0, 0, |now, clerk, out| clerk.bring_together(now, within, out));
        tells(
            scene,
            SPEAK,
            r#"
7.0 call-0 held
7.0         10.2.0.0 <- 200 (INVITE)
7.0         change leg-1
7.0         play sound-1 to leg-0, the last for ever
7.0 call-0: agent-0 has +493415550001 called
7.0 call-0 goes by trunk-0
7.0         10.3.0.1 <- INVITE
7.0         10.2.0.0 <- 180 (INVITE)
7.0 leg-3 speaks PCMA
7.0 call-0: agent-0 consults +493415550001
7.0 leg-2 speaks PCMA
7.0         10.2.0.0 <- 200 (INVITE)
7.0         open leg-3
7.0         open leg-2
7.0         join leg-2 and leg-3
10.0 call-0 ended: answered by agent-0
10.0 call-0 transferred to +493415550001 by agent-0
10.0 agent-0 wraps up
10.0         10.2.0.0 <- 202 (REFER)
10.0         10.2.0.0 <- NOTIFY
10.0         10.2.0.0 <- NOTIFY
10.0         10.2.0.0 <- BYE, Q.850;cause=16;text="Normal call clearing"
10.0         10.2.0.0 <- BYE, Q.850;cause=16;text="Normal call clearing"
10.0         close leg-1
10.0         close leg-2
10.0         join leg-0 and leg-3
30.0 agent-0 ready
62.0         10.1.0.1 <- 200 (BYE)
62.0         10.3.0.1 <- BYE, Q.850;cause=16;text="Normal call clearing"
62.0         close leg-0
62.0         close leg-3
"#,
        );
    }
}

#[test]
fn whoever_hangs_up_outside_or_is_let_go_leaves_the_agent_its_caller() {
    let (mut scene, somebody) = asked();
    scene.world.with_clerk(somebody, |now, clerk, out| clerk.hang_up(now, out));
    tells(
        scene,
        CONFER,
        r#"
10.0 call-0 has nobody outside
10.0         10.3.0.1 <- 200 (BYE)
10.0         10.2.0.0 <- BYE, Q.850;cause=16;text="Normal call clearing"
10.0         close leg-3
10.0         close leg-2
62.0 call-0 ended: answered by agent-0
62.0 agent-0 wraps up
62.0         10.1.0.1 <- 200 (BYE)
62.0         10.2.0.0 <- BYE, Q.850;cause=16;text="Normal call clearing"
62.0         close leg-0
62.0         close leg-1
82.0 agent-0 ready
"#,
    );
    let (mut scene, _) = asked();
    scene.clerk(0, 0, |now, clerk, out| clerk.hang_up_aside(now, out));
    tells(
        scene,
        CONFER,
        r#"
10.0 call-0 has nobody outside
10.0         10.2.0.0 <- 200 (BYE)
10.0         10.3.0.1 <- BYE, Q.850;cause=16;text="Normal call clearing"
10.0         close leg-3
10.0         close leg-2
62.0 call-0 ended: answered by agent-0
62.0 agent-0 wraps up
62.0         10.1.0.1 <- 200 (BYE)
62.0         10.2.0.0 <- BYE, Q.850;cause=16;text="Normal call clearing"
62.0         close leg-0
62.0         close leg-1
82.0 agent-0 ready
"#,
    );
}

#[test]
fn an_agent_who_hangs_up_on_its_caller_leaves_it_to_whoever_was_asked_outside() {
    let (mut scene, _) = asked();
    scene.clerk(0, 0, |now, clerk, out| clerk.hang_up(now, out));
    tells(
        scene,
        CONFER,
        r#"
10.0 call-0 ended: answered by agent-0
10.0 call-0 transferred to +493415550001 by agent-0
10.0 agent-0 wraps up
10.0         10.2.0.0 <- 200 (BYE)
10.0         10.2.0.0 <- BYE, Q.850;cause=16;text="Normal call clearing"
10.0         close leg-1
10.0         close leg-2
10.0         join leg-0 and leg-3
30.0 agent-0 ready
62.0         10.1.0.1 <- 200 (BYE)
62.0         10.3.0.1 <- BYE, Q.850;cause=16;text="Normal call clearing"
62.0         close leg-0
62.0         close leg-3
"#,
    );
}

#[test]
fn by_the_api_caller_agent_and_a_number_outside_confer() {
    let (mut scene, _) = speaking(PROMPT);
    let consult = Request::Consult { call: CALL, to: NUMBER.into() };
    for request in [consult, Request::Conference(CALL), Request::Complete(CALL)] {
        scene.world.ask(request);
        scene.world.run_for(Span::secs(2));
    }
    tells(
        scene,
        SPEAK,
        r#"
7.0 call-0: agent-0 has +493415550001 called
7.0 call-0 goes by trunk-0
7.0 call-0 held
7.0         10.3.0.1 <- INVITE
7.0         play sound-1 to leg-0, the last for ever
7.0 leg-2 speaks PCMA
7.0 call-0: agent-0 consults +493415550001
7.0         open leg-2
7.0         join leg-1 and leg-2
9.0 call-0 is a conference
9.0 call-0 resumed
9.0         mix leg-0, leg-1, leg-2
11.0 call-0 ended: answered by agent-0
11.0 call-0 transferred to +493415550001 by agent-0
11.0 agent-0 wraps up
11.0         10.2.0.0 <- BYE, Q.850;cause=16;text="Normal call clearing"
11.0         close leg-1
31.0 agent-0 ready
62.0         10.1.0.1 <- 200 (BYE)
62.0         10.3.0.1 <- BYE, Q.850;cause=16;text="Normal call clearing"
62.0         close leg-0
62.0         close leg-2
"#,
    );
}

#[test]
fn nobody_is_passed_on_where_no_rule_lets_the_agent_or_to_who_helps() {
    let (mut scene, _) = speaking(PROMPT);
    for to in ["112", "0900123456", "0015550001"] {
        scene.world.ask(Request::Transfer { call: CALL, to: to.into() });
        scene.world.ask(Request::Consult { call: CALL, to: to.into() });
    }
    let said = scene.world.answers.iter().map(|it| match it {
        Answer::Refused(refused) => refused.to_string(),
        Answer::Done | Answer::Later(_) => "done".to_owned(),
    });
    check(
        &said.step_by(2).collect::<Vec<_>>().join("\n"),
        "
nobody sends a caller to 110 or 112
calls to that number are not allowed (see [outgoing])
calls to that number are not allowed (see [outgoing])
",
    );
}

#[test]
fn no_call_that_was_passed_on_lasts_longer_than_it_may() {
    let mut plan = outward();
    plan.outgoing.lasts_max = Span::secs(30);
    let mut scene = Scene::of(plan, &[PROMPT]);
    outside(&mut scene, PROMPT);
    scene.call("1230", CALLER);
    scene.world.run_for(Span::secs(5));
    scene.world.ask(Request::Transfer { call: CALL, to: NUMBER.into() });
    let told = scene.told();
    let (_, told) = told.split_once("join leg-0 and leg-2\n").unwrap();
    check(
        told,
        r#"
27.0 agent-0 ready
37.0         10.1.0.1 <- BYE, Q.850;cause=16;text="Normal call clearing"
37.0         10.3.0.1 <- BYE, Q.850;cause=16;text="Normal call clearing"
37.0         close leg-0
37.0         close leg-2
"#,
    );
}
