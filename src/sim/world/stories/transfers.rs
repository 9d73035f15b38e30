//! Passing a caller on: to a queue, to a colleague, in vain, and when someone hangs up meanwhile.

use super::scene::{ABSENT, CALLER, DECLINES, PROMPT, Scene, check};
use crate::{
    base::{numbers::CallNo, time::Span},
    exchange::request::{Answer, Refused, Request},
    sim::world::{citizen, clerk, handset::Passes},
};

/// Speaks for a minute.
const LONG: citizen::Habits = citizen::Habits { talk: Some(Span::secs(60)), ..CALLER };

/// What is told from when agent 0 has the caller, and agent 1 is at work.
fn told(scene: Scene) -> String {
    let told = scene.told();
    let (_, told) = told.split_once("<- 200 (REGISTER)\n").unwrap();
    told.to_owned()
}

/// Agent 0 speaks with a caller, and after five seconds holds the line and refers.
fn referred(colleague: clerk::Habits, to: &str) -> Scene {
    let mut scene = Scene::with(&[PROMPT]);
    scene.call("1230", LONG);
    scene.world.run_for(Span::secs(1));
    scene.also(colleague);
    scene.clerk(4, 0, |now, clerk, out| clerk.hold(now, Passes::Ours, out));
    scene.clerk(1, 0, |now, clerk, out| clerk.refer(now, to, out));
    scene
}

#[test]
fn a_caller_is_passed_on_to_a_queue_where_somebody_else_takes_it() {
    check(
        &told(referred(PROMPT, "115")),
        r#"
7.0 call-0 held
7.0         10.2.0.0 <- 200 (INVITE)
7.0         change leg-1
7.0         play sound-1 to leg-0, the last for ever
8.0 call-0 transferred to queue-1 by agent-0
8.0 agent-0 wraps up
8.0 call-0 offered to agent-1
8.0 call-0 resumed
8.0         10.2.0.0 <- 202 (REFER)
8.0         10.2.0.0 <- NOTIFY
8.0         10.2.0.0 <- NOTIFY
8.0         10.2.0.0 <- BYE, Q.850;cause=16;text="Normal call clearing"
8.0         10.2.0.1 <- INVITE
8.0         close leg-1
8.0 leg-2 speaks PCMA
8.0 call-0 answered by agent-1 after 0.002s
8.0         open leg-2
8.0         join leg-0 and leg-2
28.0 agent-0 ready
62.0 call-0 ended: answered by agent-1
62.0 agent-1 wraps up
62.0         10.1.0.1 <- 200 (BYE)
62.0         10.2.0.1 <- BYE, Q.850;cause=16;text="Normal call clearing"
62.0         close leg-0
62.0         close leg-2
82.0 agent-1 ready
"#,
    );
}

#[test]
fn a_caller_is_passed_on_to_a_colleague_who_answers() {
    check(
        &told(referred(PROMPT, "1002")),
        r#"
7.0 call-0 held
7.0         10.2.0.0 <- 200 (INVITE)
7.0         change leg-1
7.0         play sound-1 to leg-0, the last for ever
8.0 call-0 offered to agent-1
8.0         10.2.0.0 <- 202 (REFER)
8.0         10.2.0.0 <- NOTIFY
8.0         10.2.0.1 <- INVITE
8.0 leg-2 speaks PCMA
8.0 call-0 transferred to queue-0 by agent-0
8.0 agent-0 wraps up
8.0 call-0 answered by agent-1 after 0s
8.0 call-0 resumed
8.0         10.2.0.0 <- NOTIFY
8.0         10.2.0.0 <- BYE, Q.850;cause=16;text="Normal call clearing"
8.0         open leg-2
8.0         close leg-1
8.0         join leg-0 and leg-2
28.0 agent-0 ready
62.0 call-0 ended: answered by agent-1
62.0 agent-1 wraps up
62.0         10.1.0.1 <- 200 (BYE)
62.0         10.2.0.1 <- BYE, Q.850;cause=16;text="Normal call clearing"
62.0         close leg-0
62.0         close leg-2
82.0 agent-1 ready
"#,
    );
}

#[test]
fn a_colleague_who_declines_leaves_the_caller_with_its_agent() {
    let mut scene = referred(DECLINES, "1002");
    scene.clerk(5, 0, |now, clerk, out| clerk.hold(now, Passes::All, out));
    check(
        &told(scene),
        r#"
7.0 call-0 held
7.0         10.2.0.0 <- 200 (INVITE)
7.0         change leg-1
7.0         play sound-1 to leg-0, the last for ever
8.0 call-0 offered to agent-1
8.0         10.2.0.0 <- 202 (REFER)
8.0         10.2.0.0 <- NOTIFY
8.0         10.2.0.1 <- INVITE
8.0 call-0 not taken by agent-1: Refused
8.0 agent-1 away: Lost(Refused)
8.0         10.2.0.0 <- NOTIFY
13.0 call-0 resumed
13.0         10.2.0.0 <- 200 (INVITE)
13.0         change leg-1
13.0         join leg-0 and leg-1
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
fn an_agent_who_hangs_up_meanwhile_leaves_the_caller_to_the_colleague_or_the_queue() {
    let mut scene = referred(ABSENT, "1002");
    scene.clerk(1, 0, |now, clerk, out| clerk.hang_up(now, out));
    check(
        &told(scene),
        r#"
7.0 call-0 held
7.0         10.2.0.0 <- 200 (INVITE)
7.0         change leg-1
7.0         play sound-1 to leg-0, the last for ever
8.0 call-0 offered to agent-1
8.0         10.2.0.0 <- 202 (REFER)
8.0         10.2.0.0 <- NOTIFY
8.0         10.2.0.1 <- INVITE
9.0 call-0 transferred to queue-0 by agent-0
9.0 agent-0 wraps up
9.0 call-0 resumed
9.0         10.2.0.0 <- 200 (BYE)
9.0         close leg-1
16.0 call-0 not taken by agent-1: NoAnswer
16.0 agent-1 away: Lost(NoAnswer)
16.0         10.2.0.1 <- CANCEL, Q.850;cause=19;text="No answer from user"
29.0 agent-0 ready
29.0 call-0 offered to agent-0
29.0         10.2.0.0 <- INVITE
29.0 leg-2.1 speaks PCMA
29.0 call-0 answered by agent-0 after 20.002s
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
fn the_api_passes_on_as_well_and_says_what_cannot_be() {
    let mut scene = Scene::with(&[PROMPT]);
    let call = CallNo::first(0);
    scene.call("1230", LONG);
    scene.world.run_for(Span::secs(1));
    scene.also(PROMPT);
    scene.world.run_for(Span::secs(1));
    for to in ["nobody", "1001", "1002", "115"] {
        scene.world.ask(Request::Transfer { call, to: to.into() });
    }
    let impossible = |state: &str| {
        let (state, asked) = (state.into(), "transfer".into());
        Answer::Refused(Refused::Impossible { state, asked })
    };
    let unknown = Refused::Unknown("agent, phone, queue or number \"nobody\"".into());
    let not_free = Answer::Refused(Refused::NotFree {
        who: "that colleague is talking".into(),
        state: "talking".into(),
        asked: "transfer".into(),
    });
    assert_eq!(
        scene.world.answers,
        [Answer::Refused(unknown), not_free, Answer::Done, impossible("transferring")]
    );
    check(
        &told(scene),
        r#"
4.0 call-0 offered to agent-1
4.0 call-0 held
4.0         10.2.0.1 <- INVITE
4.0         play sound-1 to leg-0, the last for ever
4.0 leg-2 speaks PCMA
4.0 call-0 transferred to queue-0 by agent-0
4.0 agent-0 wraps up
4.0 call-0 answered by agent-1 after 0s
4.0 call-0 resumed
4.0         10.2.0.0 <- BYE, Q.850;cause=16;text="Normal call clearing"
4.0         open leg-2
4.0         close leg-1
4.0         join leg-0 and leg-2
24.0 agent-0 ready
62.0 call-0 ended: answered by agent-1
62.0 agent-1 wraps up
62.0         10.1.0.1 <- 200 (BYE)
62.0         10.2.0.1 <- BYE, Q.850;cause=16;text="Normal call clearing"
62.0         close leg-0
62.0         close leg-2
82.0 agent-1 ready
"#,
    );
}
