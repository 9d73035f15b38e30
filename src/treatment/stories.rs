//! Callers on their way: what they press on the left, what they hear and where they come on the
//! right.

use proptest::prelude::*;

use crate::{
    acd::plan::Needs,
    base::{
        numbers::{LanguageNo, MenuNo, QueueNo, SkillNo, SoundNo},
        time::Span,
    },
    treatment::{
        course::{Act, Answer, Course, Event, PROMPT_MAX},
        plan::{Choice, Goal, Menu, Plan, Prompt},
    },
};

const GERMAN: LanguageNo = LanguageNo::first(0);
const ENGLISH: LanguageNo = LanguageNo::first(1);
const SPEAKS_ENGLISH: SkillNo = SkillNo::first(1);

/// What is said in German has an even number, what is said in English the next one.
fn prompt(no: u32) -> Prompt {
    Prompt(vec![Some(SoundNo::first(2 * no)), Some(SoundNo::first(2 * no + 1))])
}

fn words(sounds: &[SoundNo]) -> String {
    let names = ["wrong key", "no key", "language?", "topic?", "bye"];
    let word = |it: &SoundNo| {
        let no = it.index();
        format!("{}{}", names[no / 2], if no % 2 == 1 { " (en)" } else { "" })
    };
    sounds.iter().map(word).collect::<Vec<_>>().join(", ")
}

fn to(goal: Goal) -> Choice {
    Choice { language: None, needs: Needs::default(), goal }
}

fn queue(no: u32) -> Goal {
    Goal::Queue(QueueNo::first(no))
}

/// 1 German, 2 English, 3 the federal queue, 4 topics, 9 once more, 0 the end; no or wrong keys
/// twice lead to the city's queue.
fn plan() -> Plan {
    let english =
        Choice { language: Some(ENGLISH), needs: Needs(vec![(SPEAKS_ENGLISH, 1)]), goal: queue(0) };
    let german = Choice { language: Some(GERMAN), ..to(queue(0)) };
    let languages = Menu {
        name: "auswahl".into(),
        say: prompt(2),
        choices: vec![
            ('1', german),
            ('2', english.clone()),
            ('3', to(queue(1))),
            ('4', Choice { goal: Goal::Menu(MenuNo::first(1)), ..english }),
            ('9', to(Goal::Again)),
            ('0', to(Goal::End(prompt(4)))),
        ],
        tries: 2,
        timeout: Span::secs(10),
        otherwise: to(queue(0)),
    };
    let topics = Menu {
        name: "topics".into(),
        say: prompt(3),
        choices: vec![('1', to(queue(2))), ('2', to(Goal::Outside(7)))],
        tries: 1,
        timeout: Span::secs(15),
        otherwise: to(Goal::Menu(MenuNo::first(0))),
    };
    Plan { menus: vec![Some(languages), Some(topics)], wrong_key: prompt(0), no_key: prompt(1) }
}

fn shown(act: &Act) -> String {
    match act {
        Act::Say(sounds) => format!("hears {}", words(sounds)),
        Act::Listen(span) => format!("is listened to for {span}"),
        Act::Queue { queue, needs } if needs.0.is_empty() => format!("comes into {queue}"),
        Act::Queue { queue, needs } => {
            format!("comes into {queue}, needs {}", needs.0[0].0)
        }
        Act::Outside(to) => format!("is sent to outside-{to}"),
        Act::End => "is gone".into(),
        Act::Nothing => "nothing".into(),
    }
}

/// `.` is the end of what is said, `-` the end of patience, everything else a key.
fn way(plan: &Plan, events: &str) -> Vec<String> {
    let (mut course, act) = Course::begin(plan, MenuNo::first(0), GERMAN, Needs::default());
    let mut lines = vec![shown(&act)];
    for event in events.chars() {
        let event = match event {
            '.' => Event::Said,
            '-' => Event::Late,
            key => Event::Key(key),
        };
        let (act, _) = course.hear(plan, event);
        lines.push(shown(&act));
    }
    lines
}

#[test]
fn what_is_pressed_leads_where_the_menu_says() {
    let asked = "hears language?";
    let thinks = "is listened to for 10s";
    for (events, then) in [
        ("1", vec!["comes into queue-0"]),
        (".2", vec![thinks, "comes into queue-0, needs skill-1"]),
        ("3", vec!["comes into queue-1"]),
        // A wrong key, and the right one in the midst of what is said of it.
        ("71", vec!["hears wrong key, language?", "comes into queue-0"]),
        (".77", vec![thinks, "hears wrong key, language?", "comes into queue-0"]),
        // Nothing at all, twice.
        (".-.-", vec![thinks, "hears no key, language?", thinks, "comes into queue-0"]),
        // A question that does not end is taken for said.
        ("--2", vec![thinks, "hears no key, language?", "comes into queue-0, needs skill-1"]),
        // The language holds on, and so do the needs.
        (
            "4.1",
            vec![
                "hears topic? (en)",
                "is listened to for 15s",
                "comes into queue-2, needs skill-1",
            ],
        ),
        ("42", vec!["hears topic? (en)", "is sent to outside-7"]),
        ("4.-", vec!["hears topic? (en)", "is listened to for 15s", "hears language? (en)"]),
        ("991", vec![asked, asked, "comes into queue-0"]),
        // Keys do not hold up the end.
        ("01.", vec!["hears bye", "nothing", "is gone"]),
    ] {
        let mut expected = vec![asked.to_owned()];
        expected.extend(then.into_iter().map(str::to_owned));
        assert_eq!(way(&plan(), events), expected, "{events}");
    }
}

#[test]
fn a_reload_takes_nothing_from_whoever_is_asked() {
    let plan = plan();
    let (mut course, _) = Course::begin(&plan, MenuNo::first(0), GERMAN, Needs::default());
    let gone = Plan { menus: vec![None, None], ..plan };
    assert_eq!(course.hear(&gone, Event::Said).0, Act::Listen(Span::secs(10)));
    let mut other = course.clone();
    assert_eq!(shown(&course.hear(&gone, Event::Key('3')).0), "comes into queue-1");
    // Only what leads to a menu that is gone has nothing more to ask.
    assert_eq!(other.hear(&gone, Event::Key('4')).0, Act::End);
}

#[test]
fn where_no_prompt_is_there_is_silence_and_a_choice_all_the_same() {
    let mut mute = plan();
    (mute.wrong_key, mute.no_key) = (Prompt::default(), Prompt::default());
    for menu in mute.menus.iter_mut().flatten() {
        menu.say = Prompt::default();
    }
    let thinks = "is listened to for 10s";
    assert_eq!(way(&mute, "-2"), [thinks, thinks, "comes into queue-0, needs skill-1"]);
    // What is there in one language only is said in that.
    mute.menus[1].as_mut().unwrap().say = Prompt(vec![Some(SoundNo::first(6)), None]);
    assert_eq!(way(&mute, "4"), [thinks, "hears topic?"]);
}

#[test]
fn answers_are_counted_with_their_question() {
    let plan = plan();
    let (mut course, _) = Course::begin(&plan, MenuNo::first(0), GERMAN, Needs::default());
    let mut answers = vec![];
    for event in [Event::Said, Event::Key('8'), Event::Key('4'), Event::Said, Event::Late] {
        let (_, answered) = course.hear(&plan, event);
        answers.extend(answered.map(|it| (it.menu.index(), it.answer)));
    }
    assert_eq!(answers, [(0, Answer::Wrong), (0, Answer::Key('4')), (1, Answer::Nothing)]);
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => prop::sample::select("0123456789*#AD".chars().collect::<Vec<_>>()).prop_map(Event::Key),
        2 => Just(Event::Said),
        1 => Just(Event::Late),
    ]
}

/// How long what follows from an act may last.
fn lasts(act: &Act) -> Span {
    match act {
        Act::Say(sounds) => PROMPT_MAX * u64::try_from(sounds.len()).unwrap(),
        Act::Listen(span) => *span,
        Act::Queue { .. } | Act::Outside(_) | Act::End | Act::Nothing => Span::ZERO,
    }
}

proptest! {
    /// Whatever is pressed and however often, whoever then does nothing leaves all menus, in
    /// bounded time.
    #[test]
    fn whoever_does_nothing_any_more_arrives_somewhere(events in prop::collection::vec(event(), 0..120)) {
        let plan = plan();
        let (mut course, mut act) = Course::begin(&plan, MenuNo::first(0), GERMAN, Needs::default());
        for event in events {
            if matches!(act, Act::Queue { .. } | Act::Outside(_) | Act::End) {
                return Ok(());
            }
            act = course.hear(&plan, event).0;
        }
        let mut silent = Span::ZERO;
        while !matches!(act, Act::Queue { .. } | Act::Outside(_) | Act::End) {
            silent = silent + lasts(&act);
            prop_assert!(silent <= Span::secs(20 * 60), "still {act:?}");
            act = course.hear(&plan, Event::Late).0;
        }
    }
}
