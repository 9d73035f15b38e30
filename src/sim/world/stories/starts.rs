//! The process ends and another begins: who was at work still is, and nobody registers anew.

use crate::{
    base::time::Span,
    sim::world::stories::scene::{PROMPT, Scene, TALKS, check, plan},
};

#[test]
fn a_new_start_knows_who_was_at_work_and_where_phones_are() {
    let mut scene = Scene::with(&[PROMPT, PROMPT, PROMPT]);
    // One goes home, one has a break.
    scene.clerk(1, 0, |now, clerk, out| clerk.dial(now, "*12", out));
    scene.clerk(1, 1, |now, clerk, out| clerk.dial(now, "*11", out));
    scene.world.run_for(Span::secs(10));
    scene.world.story = Some(vec![]);
    scene.world.begin_anew(plan());
    scene.world.run_for(Span::secs(5));
    scene.call("1230", TALKS);
    check(
        &scene.told(),
        r#"
16.0 agent-1 signed in at phone-1
16.0 agent-1 away: Asked("signed-in")
16.0 agent-1 away: Asked("")
16.0 agent-2 signed in at phone-2
16.0 agent-2 ready
21.0 call-0 opened: 1230
21.0 call-0 waits in queue-0
21.0 leg-0 speaks PCMA
21.0 call-0 offered to agent-2
21.0         10.1.0.1 <- 200 (INVITE)
21.0         10.2.0.2 <- INVITE
21.0         open leg-0
21.0         play sound-0, sound-1 to leg-0, the last for ever
21.0 leg-1 speaks PCMA
21.0 call-0 answered by agent-2 after 0.002s
21.0         open leg-1
21.0         join leg-0 and leg-1
51.0 call-0 ended: answered by agent-2
51.0 agent-2 wraps up
51.0         10.1.0.1 <- 200 (BYE)
51.0         10.2.0.2 <- BYE, Q.850;cause=16;text="Normal call clearing"
51.0         close leg-0
51.0         close leg-1
71.0 agent-2 ready
"#,
    );
}

#[test]
fn an_agent_whom_the_new_configuration_does_not_name_stays_at_home() {
    let mut scene = Scene::with(&[PROMPT, PROMPT]);
    let mut plan = plan();
    plan.agents[0] = None;
    plan.acd.agents[0].retired = true;
    scene.world.story = Some(vec![]);
    scene.world.begin_anew(plan);
    check(
        &scene.told(),
        "
3.0 agent-1 signed in at phone-1
3.0 agent-1 ready
",
    );
}
