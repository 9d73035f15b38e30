//! Every key that may stand in a scenario, with its kind, its default and its reason.
//!
//! Files are checked against this table, and the second half of `docs/SIMULATION.md` is read off it.

use crate::{
    base::time::Span,
    config::{
        keys::{QUEUE, SKILL},
        schema::{
            Absent::{self, Is, May, Must},
            Key, Kind,
            Kind::{
                Clock, Count, Levels, List, Name, NameOf, Need, Number, Table, Text, Time, Word,
            },
            Section,
        },
    },
};

const SECOND: Span = Span::secs(1);
const MINUTE: Span = Span::secs(60);
const HOUR: Span = Span::secs(3_600);
const DAY_LONG: Span = Span::secs(86_400);

const fn key(name: &'static str, kind: Kind, absent: Absent, about: &'static str) -> Key {
    Key { name, kind, absent, about }
}

/// All sections, in the order in which a reader wants to meet them.
pub const SECTIONS: &[Section] = &[
    Section { name: "day", many: false, about: "The day as a whole.", keys: DAY },
    Section { name: "callers", many: true, about: "Callers of one kind.", keys: CALLERS },
    Section {
        name: "agents",
        many: true,
        about: "A crew: agents with the same skills.",
        keys: AGENTS,
    },
    Section {
        name: "queue",
        many: true,
        about: "A waiting line with its promise, as in a server's configuration. What is heard in it is not simulated.",
        keys: QUEUE,
    },
    Section {
        name: "skill",
        many: true,
        about: "Something that calls may need and agents may have, as in a server's configuration.",
        keys: SKILL,
    },
    Section {
        name: "network",
        many: false,
        about: "What happens to datagrams, with `--full`.",
        keys: NETWORK,
    },
];

const DAY: &[Key] = &[
    key("name", Text, Must, "What people call it."),
    key("opens", Clock, Is("00:00"), "The first calls come."),
    key("closes", Clock, Is("24:00"), "The last calls come."),
    key(
        "at_closing",
        Word(&["serve", "end"]),
        Is("serve"),
        "Whether those who still wait then are served, by whoever is at work then, or told so and ended.",
    ),
    key(
        "interval",
        Time(MINUTE, DAY_LONG),
        Is("30m"),
        "Figures are given by intervals of this length, and lists below have one value for each.",
    ),
];

const CALLERS: &[Key] = &[
    key("name", Name, Must, "What people call them."),
    key("queue", NameOf("queue"), Must, "Where they want to be."),
    key(
        "skills",
        List(&Need),
        Is("[]"),
        "What they need beyond their queue's skills: a language, say.",
    ),
    key(
        "channel",
        Word(&["123-0", "115", "pin", "callback", "other"]),
        Is("other"),
        "By which entry they come.",
    ),
    key(
        "per_hour",
        List(&Number(0.0, 10_000_000.0)),
        May("per_day, or arrivals"),
        "How many call in an hour, by chance (Poisson): one value for the whole day, or one for each interval.",
    ),
    key(
        "per_day",
        Number(0.0, 100_000_000.0),
        May("per_hour, or arrivals"),
        "How many call on an average day, by chance (Poisson).",
    ),
    key(
        "shape",
        List(&Number(0.0, 1_000_000.0)),
        May("the same in every interval"),
        "How `per_day` is spread: a weight for each interval.",
    ),
    key(
        "arrivals",
        List(&Clock),
        May("per_hour, or per_day"),
        "Instead of chance, the times at which they call.",
    ),
    key("handling", Table(LAW), Must, "How long they speak."),
    key(
        "wrap_up",
        Table(LAW),
        May("as long as the queue's wrap_up"),
        "How long their agent finishes up; the queue's wrap_up is the limit.",
    ),
    key(
        "patience",
        Table(LAW),
        May("they wait for ever"),
        "How long they wait before they give up.",
    ),
];

/// A distribution of times.
const LAW: &[Key] = &[
    key(
        "law",
        Word(&["exponential", "log-normal", "fixed", "empirical"]),
        Is("exponential"),
        "The distribution.",
    ),
    key("mean", Time(Span::ZERO, DAY_LONG), May("only `empirical` has none"), "The mean."),
    key(
        "spread",
        Number(0.0, 100.0),
        Is("1"),
        "For `log-normal`: the standard deviation over the mean.",
    ),
    key(
        "values",
        List(&Time(Span::ZERO, DAY_LONG)),
        May("only `empirical` has them"),
        "For `empirical`: measured times, each as likely as the others.",
    ),
];

const AGENTS: &[Key] = &[
    key("name", Name, Must, "What people call them. Agents are not called anything."),
    key(
        "skills",
        Levels,
        Is("[]"),
        "What they can do. In a list each skill counts 10; a table tells the levels.",
    ),
    key("count", Count(1, 100_000), May("shifts, or staffed"), "So many are at work all day."),
    key(
        "staffed",
        List(&Count(0, 100_000)),
        May("count, or shifts"),
        "How many are at work in each interval. The first to come is the last to go.",
    ),
    key("shifts", List(&Table(SHIFT)), May("count, or staffed"), "Who is at work when."),
    key("answers", Table(LAW), May("at once"), "How long they let the phone ring."),
    key(
        "unanswered",
        Number(0.0, 1.0),
        Is("0"),
        "The share of offers that nobody picks up: the phone rings out, and the agent is away for `returns`.",
    ),
    key(
        "returns",
        Time(SECOND, HOUR),
        Is("60s"),
        "How long after a missed offer they are ready again.",
    ),
    key(
        "phone_failures",
        Number(0.0, 3_600.0),
        Is("0"),
        "How often in an hour each phone fails, by chance.",
    ),
    key("phone_repair", Table(LAW), May("fixed, 30s"), "How long it is gone then."),
];

const SHIFT: &[Key] = &[
    key("from", Clock, Must, "They come."),
    key("to", Clock, Must, "They go. Who is in a call finishes it."),
    key("count", Count(1, 100_000), Is("1"), "How many work this shift."),
    key("breaks", List(&Table(BREAK)), Is("[]"), "When they are away."),
];

const BREAK: &[Key] = &[
    key("from", Clock, Must, "It begins. Who is in a call finishes it."),
    key("to", Clock, Must, "It ends."),
];

const NETWORK: &[Key] = &[
    key("loss", Number(0.0, 1.0), Is("0"), "The share of datagrams that are lost."),
    key("twice", Number(0.0, 1.0), Is("0"), "The share that come twice."),
    key("delay", Time(Span::ZERO, MINUTE), Is("1ms"), "The least time they take."),
    key(
        "jitter",
        Time(Span::ZERO, MINUTE),
        Is("0s"),
        "How much longer they may take: more than the gap between two, and they overtake.",
    ),
];
