//! What agents' telephones do: stay silent, die, dial feature codes, call in themselves.

use crate::base::time::Span;
use crate::sim::world::{
    city,
    stories::scene::{ABSENT, CALLER, LINGERS, PROMPT, Scene, TALKS, check},
};

#[test]
fn an_agent_who_does_not_answer_costs_the_caller_time_but_not_its_place() {
    let mut scene = Scene::with(&[ABSENT, PROMPT]);
    scene.call("1230", TALKS);
    check(
        &scene.told(),
        r#"
3.0 call-0 opened: 1230
3.0 call-0 waits in queue-0
3.0 leg-0 speaks PCMA
3.0 call-0 offered to agent-0
3.0         10.1.0.1 <- 200 (INVITE)
3.0         10.2.0.0 <- INVITE
3.0         open leg-0
3.0         play sound-0, sound-1 to leg-0, the last for ever
11.0 call-0 not taken by agent-0: NoAnswer
11.0 agent-0 away: Lost(NoAnswer)
11.0 call-0 offered to agent-1
11.0         10.2.0.0 <- CANCEL, Q.850;cause=19;text="No answer from user"
11.0         10.2.0.1 <- INVITE
11.0 leg-1.1 speaks PCMA
11.0 call-0 answered by agent-1 after 8.002s
11.0         open leg-1.1
11.0         join leg-0 and leg-1.1
41.0 call-0 ended: answered by agent-1
41.0 agent-1 wraps up
41.0         10.1.0.1 <- 200 (BYE)
41.0         10.2.0.1 <- BYE, Q.850;cause=16;text="Normal call clearing"
41.0         close leg-0
41.0         close leg-1.1
61.0 agent-1 ready
"#,
    );
}

#[test]
fn a_phone_that_dies_while_it_rings_costs_a_few_seconds() {
    let mut scene = Scene::with(&[ABSENT, PROMPT]);
    scene.call("1230", TALKS);
    scene.clerk(1, 0, |_, clerk, _| clerk.die());
    check(
        &scene.told(),
        r#"
3.0 call-0 opened: 1230
3.0 call-0 waits in queue-0
3.0 leg-0 speaks PCMA
3.0 call-0 offered to agent-0
3.0         10.1.0.1 <- 200 (INVITE)
3.0         10.2.0.0 <- INVITE
3.0         open leg-0
3.0         play sound-0, sound-1 to leg-0, the last for ever
11.0 call-0 not taken by agent-0: NoAnswer
11.0 agent-0 away: Lost(NoAnswer)
11.0 call-0 offered to agent-1
11.0         10.2.0.0 <- CANCEL, Q.850;cause=19;text="No answer from user"
11.0         10.2.0.1 <- INVITE
11.0 leg-1.1 speaks PCMA
11.0 call-0 answered by agent-1 after 8.002s
11.0         open leg-1.1
11.0         join leg-0 and leg-1.1
41.0 call-0 ended: answered by agent-1
41.0 agent-1 wraps up
41.0         10.1.0.1 <- 200 (BYE)
41.0         10.2.0.1 <- BYE, Q.850;cause=16;text="Normal call clearing"
41.0         close leg-0
41.0         close leg-1.1
61.0 agent-1 ready
"#,
    );
}

#[test]
fn a_phone_that_is_gone_is_not_waited_for_until_its_ring_limit() {
    let mut scene = Scene::with(&[PROMPT, PROMPT]);
    scene.clerk(1, 0, |_, clerk, _| clerk.die());
    scene.call("1230", TALKS);
    check(
        &scene.told(),
        r#"
4.0 call-0 opened: 1230
4.0 call-0 waits in queue-0
4.0 leg-0 speaks PCMA
4.0 call-0 offered to agent-0
4.0         10.1.0.1 <- 200 (INVITE)
4.0         10.2.0.0 <- INVITE
4.0         open leg-0
4.0         play sound-0, sound-1 to leg-0, the last for ever
8.0 call-0 not taken by agent-0: Unreachable
8.0 agent-0 away: Lost(Unreachable)
8.0 call-0 offered to agent-1
8.0         10.2.0.1 <- INVITE
8.0 leg-1.1 speaks PCMA
8.0 call-0 answered by agent-1 after 4.002s
8.0         open leg-1.1
8.0         join leg-0 and leg-1.1
38.0 agent-0 ready
38.0 call-0 ended: answered by agent-1
38.0 agent-1 wraps up
38.0         10.1.0.1 <- 200 (BYE)
38.0         10.2.0.1 <- BYE, Q.850;cause=16;text="Normal call clearing"
38.0         close leg-0
38.0         close leg-1.1
58.0 agent-1 ready
"#,
    );
}

#[test]
fn a_caller_whose_agents_phone_dies_waits_again_and_speaks_with_the_next() {
    let mut scene = Scene::with(&[PROMPT, PROMPT]);
    scene.call("1230", LINGERS);
    scene.clerk(5, 0, |_, clerk, _| clerk.die());
    scene.world.fall_silent(city::desk(0).1);
    check(
        &scene.told(),
        r#"
3.0 call-0 opened: 1230
3.0 call-0 waits in queue-0
3.0 leg-0 speaks PCMA
3.0 call-0 offered to agent-0
3.0         10.1.0.1 <- 200 (INVITE)
3.0         10.2.0.0 <- INVITE
3.0         open leg-0
3.0         play sound-0, sound-1 to leg-0, the last for ever
3.0 leg-1 speaks PCMA
3.0 call-0 answered by agent-0 after 0.002s
3.0         open leg-1
3.0         join leg-0 and leg-1
38.0 call-0 returned by agent-0 after 34.998s
38.0 agent-0 away: PhoneFailed
38.0 call-0 offered to agent-1
38.0         10.2.0.0 <- BYE, Q.850;cause=27;text="Destination out of order"
38.0         10.2.0.1 <- INVITE
38.0         close leg-1
38.0         play sound-1 to leg-0, the last for ever
38.0 leg-2 speaks PCMA
38.0 call-0 answered by agent-1 after 0.002s
38.0         open leg-2
38.0         join leg-0 and leg-2
63.0 call-0 ended: answered by agent-1
63.0 agent-1 wraps up
63.0         10.1.0.1 <- 200 (BYE)
63.0         10.2.0.1 <- BYE, Q.850;cause=16;text="Normal call clearing"
63.0         close leg-0
63.0         close leg-2
68.0 agent-0 ready
83.0 agent-1 ready
"#,
    );
}

#[test]
fn a_caller_whose_own_side_falls_silent_is_gone() {
    let mut scene = Scene::with(&[PROMPT]);
    scene.call("1230", CALLER);
    scene.world.run_for(Span::secs(5));
    scene.world.fall_silent(city::citizen(1).1);
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
37.0 call-0 ended: answered by agent-0
37.0 agent-0 wraps up
37.0         10.1.0.1 <- BYE, Q.850;cause=31;text="Normal, unspecified"
37.0         10.2.0.0 <- BYE, Q.850;cause=31;text="Normal, unspecified"
37.0         close leg-0
37.0         close leg-1
57.0 agent-0 ready
"#,
    );
}

#[test]
fn a_phone_that_is_out_of_reach_in_mid_call_is_dead_if_it_says_nothing() {
    let mut scene = Scene::with(&[PROMPT, PROMPT]);
    scene.call("1230", LINGERS);
    scene.clerk(5, 0, |now, clerk, out| clerk.go_home(now, out));
    scene.clerk(1, 0, |_, clerk, _| clerk.die());
    scene.world.fall_silent(city::desk(0).1);
    check(
        &scene.told(),
        r#"
3.0 call-0 opened: 1230
3.0 call-0 waits in queue-0
3.0 leg-0 speaks PCMA
3.0 call-0 offered to agent-0
3.0         10.1.0.1 <- 200 (INVITE)
3.0         10.2.0.0 <- INVITE
3.0         open leg-0
3.0         play sound-0, sound-1 to leg-0, the last for ever
3.0 leg-1 speaks PCMA
3.0 call-0 answered by agent-0 after 0.002s
3.0         open leg-1
3.0         join leg-0 and leg-1
8.0         10.2.0.0 <- 401 Unauthorized
8.0         10.2.0.0 <- 200 (REGISTER)
13.0         change leg-1
15.0 call-0 returned by agent-0 after 12.001s
15.0 agent-0 away: NoPhone
15.0 call-0 offered to agent-1
15.0         10.2.0.0 <- BYE, Q.850;cause=27;text="Destination out of order"
15.0         10.2.0.1 <- INVITE
15.0         close leg-1
15.0         play sound-1 to leg-0, the last for ever
15.0 leg-2 speaks PCMA
15.0 call-0 answered by agent-1 after 0.002s
15.0         open leg-2
15.0         join leg-0 and leg-2
63.0 call-0 ended: answered by agent-1
63.0 agent-1 wraps up
63.0         10.1.0.1 <- 200 (BYE)
63.0         10.2.0.1 <- BYE, Q.850;cause=16;text="Normal call clearing"
63.0         close leg-0
63.0         close leg-2
83.0 agent-1 ready
"#,
    );
}

#[test]
fn a_phone_that_comes_back_into_reach_in_mid_call_goes_on() {
    let mut scene = Scene::with(&[PROMPT]);
    scene.call("1230", TALKS);
    scene.clerk(5, 0, |now, clerk, out| clerk.go_home(now, out));
    scene.clerk(3, 0, |now, clerk, out| clerk.come_back(now, out));
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
7.0         10.2.0.0 <- 401 Unauthorized
7.0         10.2.0.0 <- 200 (REGISTER)
10.0         10.2.0.0 <- 401 Unauthorized
10.0         10.2.0.0 <- 200 (REGISTER)
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
fn feature_codes_are_answered_for_a_moment_or_refused_with_the_reason() {
    let mut scene = Scene::with(&[PROMPT]);
    for code in ["*13", "*11", "*10", "*12", "*10*1002", "*10*9999", "*99"] {
        scene.clerk(5, 0, |now, clerk, out| clerk.dial(now, code, out));
    }
    check(
        &scene.told(),
        r#"
7.0         10.2.0.0 <- 403 end-wrap-up is not possible while ready
12.0 leg-0 speaks PCMA
12.0 agent-0 away: Asked("")
12.0         10.2.0.0 <- 200 (INVITE)
12.0         open leg-0
12.7         10.2.0.0 <- BYE, Q.850;cause=16;text="Normal call clearing"
12.7         close leg-0
17.0 leg-0.1 speaks PCMA
17.0 agent-0 ready
17.0         10.2.0.0 <- 200 (INVITE)
17.0         open leg-0.1
17.7         10.2.0.0 <- BYE, Q.850;cause=16;text="Normal call clearing"
17.7         close leg-0.1
22.0 leg-0.2 speaks PCMA
22.0 agent-0 signed out
22.0         10.2.0.0 <- 200 (INVITE)
22.0         open leg-0.2
22.7         10.2.0.0 <- BYE, Q.850;cause=16;text="Normal call clearing"
22.7         close leg-0.2
27.0 leg-0.3 speaks PCMA
27.0 agent-1 signed in at phone-0
27.0 agent-1 ready
27.0         10.2.0.0 <- 200 (INVITE)
27.0         open leg-0.3
27.7         10.2.0.0 <- BYE, Q.850;cause=16;text="Normal call clearing"
27.7         close leg-0.3
32.0         10.2.0.0 <- 404 there is no agent 9999
37.0 refused: 404 no-number
37.0         10.2.0.0 <- 404 No such number, Q.850;cause=1
"#,
    );
}

#[test]
fn a_phone_that_calls_in_itself_is_not_offered_its_own_call() {
    let mut scene = Scene::with(&[PROMPT, PROMPT]);
    scene.clerk(1, 0, |now, clerk, out| clerk.dial(now, "1230", out));
    scene.clerk(20, 0, |now, clerk, out| clerk.hang_up(now, out));
    check(
        &scene.told(),
        r#"
4.0 call-0 opened: 1230
4.0 agent-0 away: OwnCall
4.0 call-0 waits in queue-0
4.0 leg-0 speaks PCMA
4.0 call-0 offered to agent-1
4.0         10.2.0.0 <- 200 (INVITE)
4.0         10.2.0.1 <- INVITE
4.0         open leg-0
4.0         play sound-0, sound-1 to leg-0, the last for ever
4.0 leg-1 speaks PCMA
4.0 call-0 answered by agent-1 after 0.002s
4.0         open leg-1
4.0         join leg-0 and leg-1
24.0 call-0 ended: answered by agent-1
24.0 agent-1 wraps up
24.0 agent-0 ready
24.0         10.2.0.0 <- 200 (BYE)
24.0         10.2.0.1 <- BYE, Q.850;cause=16;text="Normal call clearing"
24.0         close leg-0
24.0         close leg-1
44.0 agent-1 ready
"#,
    );
}
