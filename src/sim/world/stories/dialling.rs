//! What phones of ours dial outside: by rule, by trunk, and for help.

use crate::{
    exchange::plan::Plan,
    sim::world::{
        city,
        stories::scene::{DECLINES, PROMPT, Scene, check, outside, plan},
    },
};

/// The city may call Germany, by a trunk that ends where calls overflow to.
pub(super) fn outward() -> Plan {
    city::reaching_out(plan())
}

#[test]
fn an_agent_calls_outside_and_is_offered_nothing_meanwhile() {
    let mut scene = Scene::of(outward(), &[PROMPT]);
    outside(&mut scene, PROMPT);
    scene.clerk(1, 0, |now, clerk, out| clerk.dial(now, "03415550001", out));
    scene.clerk(10, 0, |now, clerk, out| clerk.hang_up(now, out));
    check(
        &scene.told(),
        r#"
3.0 call-0: phone-0 calls +493415550001
3.0 agent-0 away: OwnCall
3.0 call-0 goes by trunk-0
3.0         10.3.0.1 <- INVITE
3.0         10.2.0.0 <- 180 (INVITE)
3.0 leg-1 speaks PCMA
3.0 leg-0 speaks PCMA
3.0         10.2.0.0 <- 200 (INVITE)
3.0         open leg-1
3.0         open leg-0
3.0         join leg-0 and leg-1
13.0 call-0 over, spoke for 9.998s
13.0 agent-0 ready
13.0         10.2.0.0 <- 200 (BYE)
13.0         10.3.0.1 <- BYE, Q.850;cause=16;text="Normal call clearing"
13.0         close leg-0
13.0         close leg-1
"#,
    );
}

#[test]
fn what_is_not_allowed_is_refused_with_the_reason_on_the_screen() {
    let mut scene = Scene::of(outward(), &[PROMPT]);
    scene.clerk(1, 0, |now, clerk, out| clerk.dial(now, "0015550001", out));
    scene.clerk(1, 0, |now, clerk, out| clerk.dial(now, "0900123456", out));
    check(
        &scene.told(),
        r"
3.0 phone-0 may not call that: not-allowed
3.0         10.2.0.0 <- 403 calls to that number are not allowed (see [outgoing]), Q.850;cause=21
4.0 phone-0 may not call that: not-allowed
4.0         10.2.0.0 <- 403 calls to that number are not allowed (see [outgoing]), Q.850;cause=21
",
    );
}

#[test]
fn help_is_reached_while_nothing_else_is_and_while_closing() {
    let mut plan = outward();
    plan.outgoing.allow.clear();
    plan.outgoing.calls_max = 0;
    let mut scene = Scene::of(plan, &[PROMPT]);
    outside(&mut scene, PROMPT);
    scene.world.ask(crate::exchange::request::Request::Drain);
    scene.clerk(1, 0, |now, clerk, out| clerk.dial(now, "112", out));
    scene.clerk(70, 0, |now, clerk, out| clerk.hang_up(now, out));
    check(
        &scene.told(),
        r#"
2.0 draining
3.0 call-0: phone-0 calls 112, an emergency
3.0 agent-0 away: OwnCall
3.0 call-0 goes by trunk-0
3.0         10.3.0.1 <- INVITE
3.0         10.2.0.0 <- 180 (INVITE)
3.0 leg-1 speaks PCMA
3.0 leg-0 speaks PCMA
3.0         10.2.0.0 <- 200 (INVITE)
3.0         open leg-1
3.0         open leg-0
3.0         join leg-0 and leg-1
73.0 call-0 over, spoke for 69.998s
73.0 agent-0 ready
73.0         10.2.0.0 <- 200 (BYE)
73.0         10.3.0.1 <- BYE, Q.850;cause=16;text="Normal call clearing"
73.0         close leg-0
73.0         close leg-1
300.0         10.2.0.0 <- 401 Unauthorized
300.0         10.2.0.0 <- 200 (REGISTER)
"#,
    );
}

#[test]
fn who_is_busy_outside_is_busy_to_the_phone_and_a_long_call_ends() {
    let mut scene = Scene::of(outward(), &[PROMPT]);
    outside(&mut scene, DECLINES);
    scene.clerk(1, 0, |now, clerk, out| clerk.dial(now, "03415550001", out));
    check(
        &scene.told(),
        "
3.0 call-0: phone-0 calls +493415550001
3.0 agent-0 away: OwnCall
3.0 call-0 goes by trunk-0
3.0         10.3.0.1 <- INVITE
3.0         10.2.0.0 <- 180 (INVITE)
3.0 call-0 over, never spoke
3.0 agent-0 ready
3.0         10.2.0.0 <- 603 Decline, Q.850;cause=21
",
    );
    let mut scene = Scene::of(outward(), &[PROMPT]);
    outside(&mut scene, PROMPT);
    scene.clerk(1, 0, |now, clerk, out| clerk.dial(now, "03415550001", out));
    let told = scene.told();
    assert!(told.contains("63.0 call-0 over, spoke for 60s"), "{told}");
}
