//! Asking a colleague first, by a phone's second line: handed over, kept, and every way in which
//! someone leaves meanwhile.

use super::scene::{ABSENT, CALLER, DECLINES, PROMPT, Scene, check};
use crate::{
    base::time::Span,
    sim::world::{citizen, clerk, handset::Passes, second::In},
};

/// Speaks for a minute.
const LONG: citizen::Habits = citizen::Habits { talk: Some(Span::secs(60)), ..CALLER };

/// Agent 0 speaks with a caller, and after five seconds holds the line and calls that number.
fn asked(colleague: clerk::Habits, number: &str) -> Scene {
    let mut scene = Scene::with(&[PROMPT]);
    scene.call("1230", LONG);
    scene.world.run_for(Span::secs(1));
    scene.also(colleague);
    scene.clerk(4, 0, |now, clerk, out| clerk.ask(now, number, out));
    scene
}

const HELD: &str = "
7.0 call-0 held
7.0         10.2.0.0 <- 200 (INVITE)
7.0         change leg-1
7.0         play sound-1 to leg-0, the last for ever
";

const RINGS: &str = "
7.0 call-0 offered to agent-1
7.0         10.2.0.0 <- 180 (INVITE)
7.0         10.2.0.1 <- INVITE
";

const SPEAKS: &str = "
7.0 leg-3 speaks PCMA
7.0 call-0: agent-0 consults agent-1
7.0 leg-2 speaks PCMA
7.0         10.2.0.0 <- 200 (INVITE)
7.0         open leg-3
7.0         open leg-2
7.0         join leg-2 and leg-3
";

/// The caller hangs up on whoever has it then.
const WITH_AGENT_0: &str = r#"
62.0 call-0 ended: answered by agent-0
62.0 agent-0 wraps up
62.0         10.1.0.1 <- 200 (BYE)
62.0         10.2.0.0 <- BYE, Q.850;cause=16;text="Normal call clearing"
62.0         close leg-0
62.0         close leg-1
82.0 agent-0 ready
"#;

const WITH_AGENT_1: &str = r#"
30.0 agent-0 ready
62.0 call-0 ended: answered by agent-1
62.0 agent-1 wraps up
62.0         10.1.0.1 <- 200 (BYE)
62.0         10.2.0.1 <- BYE, Q.850;cause=16;text="Normal call clearing"
62.0         close leg-0
62.0         close leg-3
82.0 agent-1 ready
"#;

/// Holds what is told from when agent 0 asks against these parts.
#[track_caller]
fn tells(scene: Scene, parts: &[&str]) {
    let told = scene.told();
    let (_, told) = told.split_once("<- 200 (REGISTER)\n").unwrap();
    let expected: Vec<_> = parts.iter().map(|it| it.trim()).collect();
    check(told, &expected.join("\n"));
}

#[test]
fn a_colleague_who_was_asked_has_the_caller_by_a_refer_on_either_line() {
    for (number, within) in [("1002", In::First), ("1002", In::Second), ("115", In::First)] {
        let mut scene = asked(PROMPT, number);
        scene.clerk(3, 0, |now, clerk, out| clerk.bring_together(now, within, out));
        let handed_over = r#"
10.0 call-0 transferred to queue-0 by agent-0
10.0 agent-0 wraps up
10.0 call-0 answered by agent-1 after 0s
10.0 call-0 resumed
10.0         10.2.0.0 <- 202 (REFER)
10.0         10.2.0.0 <- NOTIFY
10.0         10.2.0.0 <- NOTIFY
10.0         10.2.0.0 <- BYE, Q.850;cause=16;text="Normal call clearing"
10.0         10.2.0.0 <- BYE, Q.850;cause=16;text="Normal call clearing"
10.0         close leg-1
10.0         close leg-2
10.0         join leg-0 and leg-3
"#;
        tells(scene, &[HELD, RINGS, SPEAKS, handed_over, WITH_AGENT_1]);
    }
}

#[test]
fn an_agent_who_was_told_what_it_wanted_to_know_takes_its_caller_back() {
    let mut scene = asked(PROMPT, "1002");
    scene.clerk(3, 0, |now, clerk, out| clerk.hang_up_aside(now, out));
    scene.clerk(1, 0, |now, clerk, out| clerk.hold(now, Passes::All, out));
    let let_go = r#"
10.0 call-0: the consult with agent-1 ends
10.0 agent-1 ready
10.0         10.2.0.0 <- 200 (BYE)
10.0         10.2.0.1 <- BYE, Q.850;cause=16;text="Normal call clearing"
10.0         close leg-3
10.0         close leg-2
11.0 call-0 resumed
11.0         10.2.0.0 <- 200 (INVITE)
11.0         change leg-1
11.0         join leg-0 and leg-1
"#;
    tells(scene, &[HELD, RINGS, SPEAKS, let_go, WITH_AGENT_0]);
}

#[test]
fn a_colleague_who_hangs_up_leaves_the_agent_its_caller() {
    let mut scene = asked(PROMPT, "1002");
    scene.clerk(3, 1, |now, clerk, out| clerk.hang_up(now, out));
    // It was a crossing: what was asked for is gone.
    scene.clerk(1, 0, |now, clerk, out| clerk.bring_together(now, In::First, out));
    let gone = r#"
10.0 call-0: the consult with agent-1 ends
10.0 agent-1 ready
10.0         10.2.0.1 <- 200 (BYE)
10.0         10.2.0.0 <- BYE, Q.850;cause=16;text="Normal call clearing"
10.0         close leg-3
10.0         close leg-2
"#;
    tells(scene, &[HELD, RINGS, SPEAKS, gone, WITH_AGENT_0]);
}

#[test]
fn a_colleague_who_declines_or_is_not_there_leaves_the_agent_its_caller() {
    let declined = "
7.0 call-0 not taken by agent-1: Refused
7.0 agent-1 away: Lost(Refused)
7.0         10.2.0.0 <- 603 Decline, Q.850;cause=21
";
    tells(asked(DECLINES, "1002"), &[HELD, RINGS, declined, WITH_AGENT_0]);
    let absent = r#"
15.0 call-0 not taken by agent-1: NoAnswer
15.0 agent-1 away: Lost(NoAnswer)
15.0         10.2.0.0 <- 480 Temporarily Unavailable, Q.850;cause=18
15.0         10.2.0.1 <- CANCEL, Q.850;cause=19;text="No answer from user"
"#;
    tells(asked(ABSENT, "1002"), &[HELD, RINGS, absent, WITH_AGENT_0]);
    let unknown = r#"
7.0         10.2.0.0 <- 404 there is no agent, phone, queue or number "9999", Q.850;cause=1
"#;
    tells(asked(PROMPT, "9999"), &[HELD, unknown, WITH_AGENT_0]);
}

#[test]
fn an_agent_who_thinks_better_of_it_takes_its_call_to_the_colleague_back() {
    let mut scene = asked(ABSENT, "1002");
    scene.clerk(2, 0, |now, clerk, out| clerk.hang_up_aside(now, out));
    let cancelled = r#"
9.0 call-0: the consult with agent-1 ends
9.0 agent-1 ready
9.0         10.2.0.0 <- 200 (CANCEL)
9.0         10.2.0.0 <- 487 Request Terminated
9.0         10.2.0.1 <- CANCEL, Q.850;cause=16;text="Normal call clearing"
"#;
    tells(scene, &[HELD, RINGS, cancelled, WITH_AGENT_0]);
}

#[test]
fn an_agent_who_hangs_up_on_its_caller_leaves_it_to_the_colleague() {
    let mut scene = asked(PROMPT, "1002");
    scene.clerk(3, 0, |now, clerk, out| clerk.hang_up(now, out));
    let left = r#"
10.0 call-0 transferred to queue-0 by agent-0
10.0 agent-0 wraps up
10.0 call-0 answered by agent-1 after 0s
10.0 call-0 resumed
10.0         10.2.0.0 <- 200 (BYE)
10.0         10.2.0.0 <- BYE, Q.850;cause=16;text="Normal call clearing"
10.0         close leg-1
10.0         close leg-2
10.0         join leg-0 and leg-3
"#;
    tells(scene, &[HELD, RINGS, SPEAKS, left, WITH_AGENT_1]);
}

#[test]
fn an_agent_who_hangs_up_while_it_rings_leaves_the_caller_to_the_colleague_or_its_old_place() {
    let mut scene = asked(ABSENT, "1002");
    scene.clerk(3, 0, |now, clerk, out| clerk.hang_up(now, out));
    let left = r#"
10.0 call-0 transferred to queue-0 by agent-0
10.0 agent-0 wraps up
10.0 call-0 resumed
10.0         10.2.0.0 <- 200 (BYE)
10.0         10.2.0.0 <- 487 Request Terminated, Q.850;cause=16;text="Normal call clearing"
10.0         close leg-1
15.0 call-0 not taken by agent-1: NoAnswer
15.0 agent-1 away: Lost(NoAnswer)
15.0         10.2.0.1 <- CANCEL, Q.850;cause=19;text="No answer from user"
30.0 agent-0 ready
30.0 call-0 offered to agent-0
30.0         10.2.0.0 <- INVITE
30.0 leg-3.1 speaks PCMA
30.0 call-0 answered by agent-0 after 20.002s
30.0         open leg-3.1
30.0         join leg-0 and leg-3.1
62.0 call-0 ended: answered by agent-0
62.0 agent-0 wraps up
62.0         10.1.0.1 <- 200 (BYE)
62.0         10.2.0.0 <- BYE, Q.850;cause=16;text="Normal call clearing"
62.0         close leg-0
62.0         close leg-3.1
82.0 agent-0 ready
"#;
    tells(scene, &[HELD, RINGS, left]);
}

#[test]
fn a_caller_who_hangs_up_ends_all_of_it() {
    let gone = r#"
62.0 call-0 ended: answered by agent-0
62.0 agent-0 wraps up
62.0 agent-1 ready
62.0         10.1.0.1 <- 200 (BYE)
62.0         10.2.0.0 <- BYE, Q.850;cause=16;text="Normal call clearing"
62.0         10.2.0.1 <- BYE, Q.850;cause=16;text="Normal call clearing"
62.0         10.2.0.0 <- BYE, Q.850;cause=16;text="Normal call clearing"
62.0         close leg-0
62.0         close leg-1
62.0         close leg-3
62.0         close leg-2
82.0 agent-0 ready
"#;
    tells(asked(PROMPT, "1002"), &[HELD, RINGS, SPEAKS, gone]);
}

#[test]
fn an_agent_goes_on_at_another_instance_of_its_phone() {
    let mut scene = Scene::with(&[PROMPT]);
    scene.call("1230", LONG);
    scene.clerk(5, 0, |now, clerk, out| clerk.replace(now, out));
    let told = scene.told();
    let (_, told) = told.split_once("join leg-0 and leg-1\n").unwrap();
    check(
        told,
        r#"
7.0 leg-2 speaks PCMA
7.0         10.2.0.0 <- 200 (INVITE)
7.0         10.2.0.0 <- BYE, Q.850;cause=16;text="Normal call clearing"
7.0         open leg-2
7.0         close leg-1
7.0         join leg-0 and leg-2
62.0 call-0 ended: answered by agent-0
62.0 agent-0 wraps up
62.0         10.1.0.1 <- 200 (BYE)
62.0         10.2.0.0 <- BYE, Q.850;cause=16;text="Normal call clearing"
62.0         close leg-0
62.0         close leg-2
82.0 agent-0 ready
"#,
    );
}
