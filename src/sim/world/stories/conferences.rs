//! Asking a colleague first, by the API: over the agent's one line, to and fro, all together.

use super::scene::{ABSENT, CALLER, PROMPT, Scene, check};
use crate::{
    base::{numbers::CallNo, time::Span},
    exchange::request::{Answer, Refused, Request},
    sim::world::{citizen, clerk},
};

/// Speaks for a minute.
const LONG: citizen::Habits = citizen::Habits { talk: Some(Span::secs(60)), ..CALLER };
const CALL: CallNo = CallNo::first(0);

fn consult(to: &str) -> Request {
    Request::Consult { call: CALL, to: to.into() }
}

/// Agent 0 speaks with a caller; agent 1 is at work; then this is asked, two seconds apart.
fn asked(colleague: clerk::Habits, requests: &[Request]) -> Scene {
    let mut scene = Scene::with(&[PROMPT]);
    scene.call("1230", LONG);
    scene.world.run_for(Span::secs(1));
    scene.also(colleague);
    for request in requests {
        scene.world.run_for(Span::secs(2));
        scene.world.ask(request.clone());
    }
    scene
}

/// Holds what is told behind `since`, until the caller hangs up, against that.
#[track_caller]
fn tells(scene: Scene, since: &str, expected: &str) {
    let told = scene.told();
    let (_, told) = told.split_once(since).unwrap();
    check(told.split("\n62.0").next().unwrap().trim(), expected);
}

const AT_WORK: &str = "<- 200 (REGISTER)\n";
const CONFER: &str = "join leg-1 and leg-2\n";
const TOGETHER: &str = "mix leg-0, leg-1, leg-2\n";

#[test]
fn a_colleague_is_asked_over_the_agents_one_line_and_has_the_caller() {
    tells(
        asked(PROMPT, &[consult("1002"), Request::Complete(CALL)]),
        AT_WORK,
        r#"
5.0 call-0 offered to agent-1
5.0 call-0 held
5.0         10.2.0.1 <- INVITE
5.0         play sound-1 to leg-0, the last for ever
5.0 leg-2 speaks PCMA
5.0 call-0: agent-0 consults agent-1
5.0         open leg-2
5.0         join leg-1 and leg-2
7.0 call-0 transferred to queue-0 by agent-0
7.0 agent-0 wraps up
7.0 call-0 answered by agent-1 after 0s
7.0 call-0 resumed
7.0         10.2.0.0 <- BYE, Q.850;cause=16;text="Normal call clearing"
7.0         close leg-1
7.0         join leg-0 and leg-2
27.0 agent-0 ready
"#,
    );
}

#[test]
fn whoever_leaves_while_the_colleagues_phone_rings_has_passed_the_caller_on() {
    tells(
        asked(ABSENT, &[consult("1002"), Request::Complete(CALL)]),
        AT_WORK,
        r#"
5.0 call-0 offered to agent-1
5.0 call-0 held
5.0         10.2.0.1 <- INVITE
5.0         play sound-1 to leg-0, the last for ever
7.0 call-0 transferred to queue-0 by agent-0
7.0 agent-0 wraps up
7.0 call-0 resumed
7.0         10.2.0.0 <- BYE, Q.850;cause=16;text="Normal call clearing"
7.0         close leg-1
13.0 call-0 not taken by agent-1: NoAnswer
13.0 agent-1 away: Lost(NoAnswer)
13.0         10.2.0.1 <- CANCEL, Q.850;cause=19;text="No answer from user"
27.0 agent-0 ready
27.0 call-0 offered to agent-0
27.0         10.2.0.0 <- INVITE
27.0 leg-2.1 speaks PCMA
27.0 call-0 answered by agent-0 after 20.002s
27.0         open leg-2.1
27.0         join leg-0 and leg-2.1
"#,
    );
}

#[test]
fn a_colleague_who_is_not_needed_any_more_leaves_the_agent_its_caller() {
    tells(
        asked(PROMPT, &[consult("1002"), Request::Cancel(CALL)]),
        CONFER,
        r#"
7.0 call-0: the consult with agent-1 ends
7.0 agent-1 ready
7.0 call-0 resumed
7.0         10.2.0.1 <- BYE, Q.850;cause=16;text="Normal call clearing"
7.0         close leg-2
7.0         join leg-0 and leg-1
"#,
    );
    tells(
        asked(ABSENT, &[consult("1002"), Request::Cancel(CALL)]),
        AT_WORK,
        r#"
5.0 call-0 offered to agent-1
5.0 call-0 held
5.0         10.2.0.1 <- INVITE
5.0         play sound-1 to leg-0, the last for ever
7.0 call-0: the consult with agent-1 ends
7.0 agent-1 ready
7.0 call-0 resumed
7.0         10.2.0.1 <- CANCEL, Q.850;cause=16;text="Normal call clearing"
7.0         join leg-0 and leg-1
"#,
    );
}

#[test]
fn the_agent_goes_to_and_fro_and_whoever_waits_hears_music() {
    let requests =
        [consult("1002"), Request::Toggle(CALL), Request::Toggle(CALL), Request::Complete(CALL)];
    tells(
        asked(PROMPT, &requests),
        CONFER,
        r#"
7.0 call-0 resumed
7.0         join leg-0 and leg-1
7.0         play sound-1 to leg-2, the last for ever
9.0 call-0 held
9.0         play sound-1 to leg-0, the last for ever
9.0         join leg-1 and leg-2
11.0 call-0 transferred to queue-0 by agent-0
11.0 agent-0 wraps up
11.0 call-0 answered by agent-1 after 0s
11.0 call-0 resumed
11.0         10.2.0.0 <- BYE, Q.850;cause=16;text="Normal call clearing"
11.0         close leg-1
11.0         join leg-0 and leg-2
31.0 agent-0 ready
"#,
    );
}

#[test]
fn all_three_hear_one_another_until_one_leaves() {
    let requests = [consult("1002"), Request::Conference(CALL)];
    let and = |request: Request| [requests.to_vec(), [request].to_vec()].concat();
    tells(
        asked(PROMPT, &requests),
        CONFER,
        "
7.0 call-0 is a conference
7.0 call-0 resumed
7.0         mix leg-0, leg-1, leg-2
",
    );
    tells(
        asked(PROMPT, &and(Request::Complete(CALL))),
        TOGETHER,
        r#"
9.0 call-0 transferred to queue-0 by agent-0
9.0 agent-0 wraps up
9.0 call-0 answered by agent-1 after 0s
9.0         10.2.0.0 <- BYE, Q.850;cause=16;text="Normal call clearing"
9.0         close leg-1
29.0 agent-0 ready
"#,
    );
    tells(
        asked(PROMPT, &and(Request::Cancel(CALL))),
        TOGETHER,
        r#"
9.0 call-0: the consult with agent-1 ends
9.0 agent-1 ready
9.0         10.2.0.1 <- BYE, Q.850;cause=16;text="Normal call clearing"
9.0         close leg-2
"#,
    );
    let mut scene = asked(PROMPT, &requests);
    scene.clerk(2, 0, |now, clerk, out| clerk.hang_up(now, out));
    tells(
        scene,
        TOGETHER,
        "
9.0 call-0 transferred to queue-0 by agent-0
9.0 agent-0 wraps up
9.0 call-0 answered by agent-1 after 0s
9.0         10.2.0.0 <- 200 (BYE)
9.0         close leg-1
29.0 agent-0 ready
",
    );
    let mut scene = asked(PROMPT, &requests);
    scene.clerk(2, 1, |now, clerk, out| clerk.hang_up(now, out));
    tells(
        scene,
        TOGETHER,
        "
9.0 call-0: the consult with agent-1 ends
9.0 agent-1 ready
9.0         10.2.0.1 <- 200 (BYE)
9.0         close leg-2
",
    );
}

#[test]
fn who_asked_by_a_phone_may_be_brought_together_by_the_api() {
    let mut scene = asked(PROMPT, &[]);
    scene.clerk(2, 0, |now, clerk, out| clerk.ask(now, "1002", out));
    for request in [Request::Conference(CALL), Request::Cancel(CALL)] {
        scene.world.run_for(Span::secs(2));
        scene.world.ask(request);
    }
    tells(
        scene,
        "join leg-2 and leg-3\n",
        r#"
7.0 call-0 is a conference
7.0 call-0 resumed
7.0         mix leg-0, leg-2, leg-3
9.0 call-0: the consult with agent-1 ends
9.0 agent-1 ready
9.0 call-0 held
9.0         10.2.0.1 <- BYE, Q.850;cause=16;text="Normal call clearing"
9.0         10.2.0.0 <- BYE, Q.850;cause=16;text="Normal call clearing"
9.0         close leg-3
9.0         close leg-2
9.0         play sound-1 to leg-0, the last for ever
"#,
    );
}

#[test]
fn what_cannot_be_says_where_the_call_stands() {
    let requests = [
        Request::Complete(CALL),
        Request::Cancel(CALL),
        Request::Conference(CALL),
        Request::Toggle(CALL),
        consult("nobody"),
        consult("1001"),
        consult("115"),
        Request::Conference(CALL),
        Request::Transfer { call: CALL, to: "115".into() },
        Request::Cancel(CALL),
    ];
    let scene = asked(ABSENT, &requests);
    let said = scene.world.answers.iter().map(|it| match it {
        Answer::Refused(refused @ Refused::NotFree { state, .. }) => format!("{refused}, {state}"),
        Answer::Refused(refused) => refused.to_string(),
        Answer::Done | Answer::Later(_) => "done".to_owned(),
    });
    check(
        &said.collect::<Vec<_>>().join("\n"),
        r#"
complete is not possible while talking
cancel is not possible while talking
conference is not possible while talking
toggle is not possible while talking
there is no agent, phone, queue or number "nobody"
consult is not possible: that colleague is talking, talking
done
conference is not possible while consulting
transfer is not possible while consulting
done
"#,
    );
}
