//! What callers meet: an agent, music, their own impatience.

use crate::{
    base::time::Span,
    sim::world::{
        citizen,
        stories::scene::{ABSENT, CALLER, DECLINES, PROMPT, Scene, TALKS, check},
    },
};

#[test]
fn a_citizen_speaks_with_the_free_agent() {
    let mut scene = Scene::with(&[PROMPT]);
    scene.call("1230", TALKS);
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
fn a_caller_who_gives_up_frees_the_ringing_phone() {
    let mut scene = Scene::with(&[ABSENT]);
    scene.call("1230", citizen::Habits { patience: Span::secs(4), ..CALLER });
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
6.0 call-0 ended: abandoned soon
6.0 agent-0 ready
6.0         10.1.0.1 <- 200 (BYE)
6.0         10.2.0.0 <- CANCEL, Q.850;cause=16;text="Normal call clearing"
6.0         close leg-0
"#,
    );
}

#[test]
fn a_call_with_its_answer_from_the_agent_is_free_until_then() {
    let mut scene = Scene::with(&[PROMPT]);
    scene.call("12302", TALKS);
    check(
        &scene.told(),
        r#"
2.0 call-0 opened: 12302
2.0 call-0 waits in queue-0
2.0 call-0 offered to agent-0
2.0         10.1.0.1 <- 180 (INVITE)
2.0         10.2.0.0 <- INVITE
2.0 leg-1 speaks PCMA
2.0 call-0 answered by agent-0 after 0.002s
2.0 leg-0 speaks PCMA
2.0         10.1.0.1 <- 200 (INVITE)
2.0         open leg-1
2.0         open leg-0
2.0         join leg-0 and leg-1
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
fn a_caller_of_an_early_media_number_who_meets_a_declining_agent_waits_on() {
    let mut scene = Scene::with(&[DECLINES]);
    scene.call("115", citizen::Habits { patience: Span::secs(20), ..CALLER });
    check(
        &scene.told(),
        "
2.0 call-0 opened: 115
2.0 call-0 waits in queue-1
2.0 leg-0 speaks PCMA
2.0 call-0 offered to agent-0
2.0         10.1.0.1 <- 183 (INVITE)
2.0         10.2.0.0 <- INVITE
2.0         open leg-0
2.0         play sound-1 to leg-0, the last for ever
2.0 call-0 not taken by agent-0: Refused
2.0 agent-0 away: Lost(Refused)
22.0 call-0 ended: abandoned
22.0         10.1.0.1 <- 200 (CANCEL)
22.0         10.1.0.1 <- 487 Request Terminated
22.0         close leg-0
",
    );
}

#[test]
fn an_agent_hangs_up() {
    let mut scene = Scene::with(&[PROMPT]);
    scene.call("1230", CALLER);
    scene.clerk(5, 0, |now, clerk, out| clerk.hang_up(now, out));
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
7.0 call-0 ended: answered by agent-0
7.0 agent-0 wraps up
7.0         10.2.0.0 <- 200 (BYE)
7.0         10.1.0.1 <- BYE, Q.850;cause=16;text="Normal call clearing"
7.0         close leg-0
7.0         close leg-1
27.0 agent-0 ready
"#,
    );
}
