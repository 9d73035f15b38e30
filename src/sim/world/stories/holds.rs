//! Holding the line, from either side and by every way there is.

use super::scene::{PROMPT, Scene, TALKS};
use crate::{
    base::{numbers::CallNo, time::Span},
    exchange::request::{Answer, Refused, Request},
    sim::world::handset::Passes,
};

/// What is told of a call from when it is answered until it ends.
fn told_between(scene: Scene) -> String {
    let told = scene.told();
    let (_, told) = told.split_once("join leg-0 and leg-1\n").unwrap();
    told.split_once("32.0 call-0 ended").unwrap().0.to_owned()
}

#[test]
fn an_agent_holds_in_any_way_and_the_caller_hears_music_meanwhile() {
    for how in [Passes::Ours, Passes::Nothing, Passes::Nowhere] {
        let mut scene = Scene::with(&[PROMPT]);
        scene.call("1230", TALKS);
        scene.clerk(5, 0, |now, clerk, out| clerk.hold(now, how, out));
        scene.clerk(5, 0, |now, clerk, out| clerk.hold(now, Passes::All, out));
        assert_eq!(
            told_between(scene),
            "\
7.0 call-0 held
7.0         10.2.0.0 <- 200 (INVITE)
7.0         change leg-1
7.0         play sound-1 to leg-0, the last for ever
12.0 call-0 resumed
12.0         10.2.0.0 <- 200 (INVITE)
12.0         change leg-1
12.0         join leg-0 and leg-1
",
            "{how:?}"
        );
    }
}

#[test]
fn a_caller_whose_side_holds_lets_the_agent_hear_music_and_both_may() {
    let mut scene = Scene::with(&[PROMPT]);
    let caller = scene.call("1230", TALKS);
    scene.world.run_for(Span::secs(5));
    scene.world.with_citizen(caller, |now, it, out| it.hold(now, Passes::Ours, out));
    scene.clerk(2, 0, |now, clerk, out| clerk.hold(now, Passes::Ours, out));
    scene.world.run_for(Span::secs(2));
    scene.world.with_citizen(caller, |now, it, out| it.hold(now, Passes::All, out));
    scene.clerk(2, 0, |now, clerk, out| clerk.hold(now, Passes::All, out));
    assert_eq!(
        told_between(scene),
        "\
7.0         10.1.0.1 <- 200 (INVITE)
7.0         change leg-0
7.0         play sound-1 to leg-1, the last for ever
9.0 call-0 held
9.0         10.2.0.0 <- 200 (INVITE)
9.0         change leg-1
11.0         10.1.0.1 <- 200 (INVITE)
11.0         change leg-0
11.0         play sound-1 to leg-0, the last for ever
13.0 call-0 resumed
13.0         10.2.0.0 <- 200 (INVITE)
13.0         change leg-1
13.0         join leg-0 and leg-1
"
    );
}

#[test]
fn whoever_asks_holds_the_line_without_a_word_to_the_phone() {
    let mut scene = Scene::with(&[PROMPT]);
    let call = CallNo::first(0);
    scene.call("1230", TALKS);
    scene.world.run_for(Span::secs(5));
    for request in [Request::Resume(call), Request::Hold(call), Request::Hold(call)] {
        scene.world.ask(request);
    }
    // The phone's own key does not end what was asked for here.
    scene.clerk(5, 0, |now, clerk, out| clerk.hold(now, Passes::All, out));
    scene.world.run_for(Span::secs(1));
    scene.world.ask(Request::Resume(call));
    let refused = Refused::Impossible { state: "talking".into(), asked: "resume".into() };
    assert_eq!(
        scene.world.answers,
        [Answer::Refused(refused), Answer::Done, Answer::Done, Answer::Done]
    );
    assert_eq!(
        told_between(scene),
        "\
7.0 call-0 held
7.0         play sound-1 to leg-0, the last for ever
12.0         10.2.0.0 <- 200 (INVITE)
12.0         change leg-1
13.0 call-0 resumed
13.0         join leg-0 and leg-1
"
    );
}
