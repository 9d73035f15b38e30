//! Callers at a menu, from their INVITE to the queue or the end.

use super::ladder::Ladder;
use crate::{
    acd::{
        fact::{Fact as Engine, Limit, Outcome},
        input::Channel,
        plan::Needs,
    },
    base::{
        numbers::{LanguageNo, LegNo, MenuNo, QueueNo, SkillNo, SoundNo},
        time::Span,
    },
    exchange::{
        check, example,
        fact::Fact,
        plan::{AnswerMode, Leads, Plan},
        switch::Input,
    },
    media::order::Notice,
    treatment::plan::{Choice, Goal, Menu, Prompt},
};

const MENU: &str = "sip:1231@192.0.2.1";
const TO: &str = "To: <sip:1231@lotse.example>";
/// The caller's leg of the first call.
const CALLER: LegNo = LegNo::first(0);
const QUESTION: SoundNo = SoundNo::first(10);
const WRONG: SoundNo = SoundNo::first(11);
const BYE: SoundNo = SoundNo::first(12);

/// 1231 leads to a menu: 2 to the city's queue for who needs another skill, 3 outside, 0 to the
/// end; who presses nothing right twice comes into 115's queue.
fn plan() -> Plan {
    let mut plan = example::plan();
    let said = |sound| Prompt(vec![Some(sound)]);
    let to = |goal| Choice { language: None, needs: Needs::default(), goal };
    let city = Goal::Queue(QueueNo::first(0));
    let english = Choice { needs: Needs(vec![(SkillNo::first(0), 7)]), ..to(city) };
    plan.menus.menus = vec![Some(Menu {
        name: "auswahl".into(),
        say: said(QUESTION),
        choices: vec![('2', english), ('3', to(Goal::Outside(0))), ('0', to(Goal::End(said(BYE))))],
        tries: 2,
        timeout: Span::secs(10),
        otherwise: to(Goal::Queue(QueueNo::first(1))),
    })];
    plan.menus.wrong_key = said(WRONG);
    let mut number = plan.numbers[0].clone();
    (number.digits, number.leads) = ("1231".into(), Leads::Menu(MenuNo::first(0)));
    number.language = LanguageNo::first(0);
    plan.numbers.push(number);
    plan
}

fn presses(it: &mut Ladder, digit: char) {
    it.does(Input::Notice(Notice::Digit { leg: CALLER, digit }));
}

fn has_heard(it: &mut Ladder) {
    it.does(Input::Notice(Notice::Played { leg: CALLER }));
}

/// What became of the call: the queue it came into, or how it ended.
fn became(it: &Ladder) -> Vec<String> {
    let word = |fact: &Fact| {
        if let Fact::Acd(Engine::Queued { queue, needs, arrived, .. }) = fact {
            return Some(format!("{queue} needs {needs}, since {arrived}"));
        }
        if let Fact::Acd(Engine::Ended { queue, outcome, wait, .. }) = fact {
            return Some(format!("{queue:?}: {outcome}, waited {wait}"));
        }
        let Fact::MenuAnswered { name, answer, .. } = fact else { return None };
        Some(format!("{name}: {}", answer.word()))
    };
    it.facts.iter().filter_map(word).collect()
}

#[test]
fn a_key_leads_to_the_queue_with_the_place_of_the_invite() {
    let mut it = Ladder::of(plan());
    it.calls(MENU, TO);
    assert!(it.told().contains("200 OK (INVITE)"), "without an answer nobody may press keys");
    assert_eq!(it.heard, [[QUESTION]]);
    assert_eq!(it.x.engine().state().calls().count(), 0, "the queue has not heard of it");
    it.until(4_000);
    presses(&mut it, '2');
    let facts = became(&it);
    assert_eq!(facts.len(), 2, "{facts:?}");
    assert_eq!(facts[0], "auswahl: 2");
    assert_eq!(facts[1], "queue-0 needs skill-0:7, since 00:00:01.000");
    let greeting_and_music = [SoundNo::first(0), SoundNo::first(1)];
    assert_eq!(it.heard.last().unwrap(), &greeting_and_music);
    // From here on keys are nobody's business.
    presses(&mut it, '3');
    assert_eq!(became(&it).len(), 2);
}

#[test]
fn wrong_keys_and_silence_lead_where_everybody_else_goes() {
    let mut it = Ladder::of(plan());
    it.calls(MENU, TO);
    presses(&mut it, '9');
    presses(&mut it, '*');
    assert_eq!(it.heard[..2], [vec![QUESTION], vec![WRONG, QUESTION]]);
    assert_eq!(became(&it)[..2], ["auswahl: wrong", "auswahl: wrong"]);
    assert!(became(&it)[2].starts_with("queue-1"), "{:?}", became(&it));

    let mut it = Ladder::of(plan());
    it.calls(MENU, TO);
    has_heard(&mut it);
    assert_eq!(it.heard, [vec![QUESTION], vec![]]);
    it.until(10_999);
    assert_eq!(became(&it), Vec::<String>::new());
    it.until(11_000);
    assert_eq!(it.heard.last().unwrap(), &[QUESTION], "the same once more is said once more");
    has_heard(&mut it);
    it.until(21_000);
    assert_eq!(became(&it)[..2], ["auswahl: none", "auswahl: none"]);
    assert!(became(&it)[2].starts_with("queue-1"), "{:?}", became(&it));
}

#[test]
fn a_question_of_which_no_end_is_heard_is_taken_for_said() {
    let mut it = Ladder::of(plan());
    it.calls(MENU, TO);
    it.until(1_000 + 2 * (60_000 + 10_000));
    assert!(became(&it)[2].starts_with("queue-1"), "{:?}", became(&it));
}

#[test]
fn who_hangs_up_at_a_menu_has_an_outcome_like_everybody() {
    let mut it = Ladder::of(plan());
    it.calls(MENU, TO);
    it.until(3_000);
    let tag = it.tag_of_call(1);
    it.hears(
        example::carrier(),
        &format!(
            "BYE {MENU} SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.50:5060;branch=z9hG4bKbye\nCall-ID: call-1\n\
             CSeq: 9 BYE\nFrom: <sip:+493415550001@carrier.example>;tag=f\nTo: <sip:1230@lotse.example>;tag={tag}\n"
        ),
    );
    assert_eq!(became(&it), ["None: abandoned, waited 2s"]);
    assert_eq!(check::left_over(&it.x), Vec::<String>::new());
}

#[test]
fn an_end_is_said_and_then_the_call_is_over() {
    let mut it = Ladder::of(plan());
    it.calls(MENU, TO);
    presses(&mut it, '0');
    assert_eq!(it.heard.last().unwrap(), &[BYE]);
    it.until(3_000);
    has_heard(&mut it);
    assert_eq!(became(&it), ["auswahl: 0", "None: announced, waited 2s"]);
    it.asked("BYE");
    it.answers("BYE", 200, "");
    assert_eq!(check::left_over(&it.x), Vec::<String>::new());
}

#[test]
fn a_choice_may_lead_outside() {
    let mut it = Ladder::of(plan());
    it.calls(MENU, TO);
    presses(&mut it, '3');
    let ended = it.facts.iter().any(|fact| {
        matches!(
            fact,
            Fact::Acd(Engine::Ended {
                outcome: Outcome::Overflowed(0, Limit::Chosen),
                channel: Channel::City,
                ..
            })
        )
    });
    assert!(ended, "{:?}", became(&it));
    assert_eq!(it.asked("INVITE").1.uri.to_string(), "sip:+493412345@192.0.2.60");
    assert_eq!(it.x.status().calls, 1);
}

#[test]
fn keys_by_info_count_as_those_that_are_heard() {
    let mut it = Ladder::of(plan());
    it.calls(MENU, TO);
    let tag = it.tag_of_call(1);
    it.hears(
        example::carrier(),
        &format!(
            "INFO {MENU} SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.50:5060;branch=z9hG4bKinfo\nCall-ID: call-1\n\
             CSeq: 9 INFO\nFrom: <sip:+493415550001@carrier.example>;tag=f\nTo: <sip:1230@lotse.example>;tag={tag}\n\
             Content-Type: application/dtmf-relay\n\nSignal=2\nDuration=160\n"
        ),
    );
    assert_eq!(became(&it)[0], "auswahl: 2");
}

#[test]
fn a_menu_is_heard_before_the_answer_where_the_number_says_so() {
    let mut early = plan();
    early.numbers[2].answer = AnswerMode::EarlyMedia;
    let mut it = Ladder::of(early);
    it.calls(MENU, TO);
    let told = it.told();
    assert!(told.contains(" 183 ") && !told.contains(" 200 "), "{told}");
    assert_eq!(it.heard, [[QUESTION]]);
    // Who offers no sound is answered: a 183 without any would ask nobody anything.
    let mut it = Ladder::of(plan());
    it.acknowledges = false;
    it.hears(example::carrier(), &super::ladder::invite(1, MENU, TO, ""));
    assert!(it.told().contains(" 200 "));
}

#[test]
fn a_draining_exchange_lets_callers_at_menus_go_at_its_end() {
    let mut it = Ladder::of(plan());
    it.calls(MENU, TO);
    let ticket = crate::exchange::request::Ticket {
        number: 1,
        request: crate::exchange::request::Request::Drain,
    };
    it.does(Input::Request(ticket));
    it.until(24 * 3_600_000);
    it.answers("BYE", 200, "");
    assert_eq!(check::left_over(&it.x), Vec::<String>::new());
}
