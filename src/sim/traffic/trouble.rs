//! What can go wrong in a day, or merely happens while calls go on: telephones die, sound and
//! connections break off, agents leave their desks all at once, go home, hold the line and change
//! their minds, operators interfere, a cable is cut, the configuration is read again and changed, the
//! exchange starts again.

use crate::{
    acd::plan::{Needs, Relax},
    base::{
        numbers::{AgentNo, CallNo, SkillNo, SoundNo},
        rng::Rng,
        time::{Span, Timestamp},
    },
    exchange::{
        plan::{Leads, Number, Plan},
        request::Request,
    },
    sim::world::{city, handset::Passes, mute::NO_SUCH_SOUND, second::In},
};

/// One thing that happens to an agent, a call or the whole.
#[derive(Clone, Debug)]
pub enum Trouble {
    /// That agent's telephone dies.
    Die(u16),
    /// The agent sits down, at a telephone that is new if the old one died.
    SitDown(u16),
    /// The agent withdraws its registration.
    GoHome(u16),
    /// That telephone's sound breaks off.
    Silence(u16),
    /// The connection to that telephone breaks.
    Cut(u16),
    /// That telephone finds its connection broken, and registers again.
    ComeBack(u16),
    /// All agents leave their desks: every telephone rings in vain.
    Leave,
    /// All agents are back.
    Return,
    /// Nothing arrives any more.
    Outage,
    /// The network is as bad as it was.
    Mended,
    /// The exchange starts again, from its facts.
    Restart,
    /// The configuration is read again, with other limits, reserves and times.
    Retune(u64),
    /// The agent puts its caller on hold, this way.
    Hold(u16, Passes),
    /// The agent takes its caller back.
    Resume(u16),
    /// The agent passes its caller on to that number or colleague.
    Refer(u16, String),
    /// The agent holds its caller and calls that number or colleague on its second line.
    Ask(u16, String),
    /// The agent brings the far sides of both lines together.
    BringTogether(u16, In),
    /// The agent hangs up on whoever it called on its second line.
    HangUpAside(u16),
    /// The agent hangs up on its caller.
    HangUp(u16),
    /// Someone asks the exchange for something.
    Request(Request),
    /// The configuration is read again, without that agent.
    ReloadWithout(u16),
    /// The configuration is read again, as it was.
    Reload,
}

/// A day's trouble for so many agents, not in order.
#[must_use]
pub fn plan(agents: u16, span: Span, start: Timestamp, rng: &mut Rng) -> Vec<(Timestamp, Trouble)> {
    let mut plan = vec![];
    for n in 0..agents {
        let mut at = || start + Span::micros(rng.below(span.0));
        let (leaves, silence, hold, request) = (at(), at(), at(), at());
        let cut = at();
        let back = leaves + Span::secs(60 + rng.below(300));
        let leaving = if rng.chance(0.5) { Trouble::Die(n) } else { Trouble::GoHome(n) };
        plan.push((leaves, leaving));
        plan.push((back, Trouble::SitDown(n)));
        plan.push((silence, Trouble::Silence(n)));
        plan.push((cut, Trouble::Cut(n)));
        plan.push((cut + Span::millis(rng.below(12_000)), Trouble::ComeBack(n)));
        let how =
            *rng.pick(&[Passes::Ours, Passes::Nothing, Passes::Nowhere]).unwrap_or(&Passes::Ours);
        let to = someone(agents, rng);
        plan.push((start + Span::micros(rng.below(span.0)), Trouble::Refer(n, to)));
        plan.push((hold, Trouble::Hold(n, how)));
        plan.push((hold + Span::secs(rng.below(30)), Trouble::Resume(n)));
        plan.extend((0..10).map(|nth| {
            let at = request + Span::secs(nth * rng.below(60));
            (at, Trouble::Request(any_request(AgentNo::first(n.into()), agents, rng)))
        }));
    }
    for n in 0..agents {
        plan.extend(asks(n, agents, span, start, rng));
    }
    let reload = start + Span::micros(rng.below(span.0));
    let without = u16::try_from(rng.below(agents.into())).unwrap_or(0);
    plan.push((reload, Trouble::ReloadWithout(without)));
    plan.push((reload + Span::secs(200), Trouble::Reload));
    for _ in 0..3 {
        let mut at = || start + Span::micros(rng.below(span.0));
        let (storm, outage, restart, retune) = (at(), at(), at(), at());
        plan.push((storm, Trouble::Leave));
        plan.push((storm + Span::secs(30), Trouble::Return));
        plan.push((outage, Trouble::Outage));
        plan.push((outage + Span::millis(rng.below(15_000)), Trouble::Mended));
        plan.push((restart, Trouble::Restart));
        plan.push((retune, Trouble::Retune(rng.bits())));
    }
    plan
}

/// An agent asks somebody now and then, and does one thing or another then.
fn asks(
    n: u16,
    agents: u16,
    span: Span,
    start: Timestamp,
    rng: &mut Rng,
) -> Vec<(Timestamp, Trouble)> {
    let mut plan = vec![];
    for _ in 0..20 {
        let at = start + Span::micros(rng.below(span.0));
        let then = at + Span::micros(rng.below(20_000_000));
        let deed = match rng.below(5) {
            0 => Trouble::HangUpAside(n),
            1 => Trouble::HangUp(n),
            2 => Trouble::BringTogether(n, In::Second),
            _ => Trouble::BringTogether(n, In::First),
        };
        plan.push((at, Trouble::Ask(n, someone(agents, rng))));
        plan.push((then, deed));
        plan.push((then + Span::secs(5), Trouble::HangUpAside(n)));
        plan.push((then + Span::secs(6), Trouble::Resume(n)));
    }
    plan
}

/// A colleague, a number that leads to a queue, one outside, or one that leads nowhere.
fn someone(agents: u16, rng: &mut Rng) -> String {
    match rng.below(6) {
        0 => "115".to_owned(),
        1 => "no-such-place".to_owned(),
        2 => "03415550001".to_owned(),
        _ => city::name(u16::try_from(rng.below(agents.into())).unwrap_or(0)),
    }
}

/// Whatever comes to someone's mind, sensible or not.
fn any_request(agent: AgentNo, agents: u16, rng: &mut Rng) -> Request {
    let call = CallNo::first(u32::try_from(rng.below(8)).unwrap_or(0));
    match rng.below(16) {
        0 => Request::Away { agent, reason: "break".into() },
        1 => Request::SignOut(agent),
        2 => Request::EndWrapUp(agent),
        3 => Request::ExtendWrapUp(agent),
        4 => Request::HangUp(call),
        5 => Request::SignIn { agent, phone: None, ready: false },
        // Twice as likely as the others: else nobody is left at work.
        6 => Request::SignIn { agent, phone: None, ready: true },
        7 => Request::Hold(call),
        9 => Request::Transfer { call, to: someone(agents, rng) },
        8 => Request::Resume(call),
        10 => Request::Consult { call, to: someone(agents, rng) },
        11 => Request::Complete(call),
        12 => Request::Cancel(call),
        13 => Request::Toggle(call),
        14 => Request::Conference(call),
        _ => Request::Ready(agent),
    }
}

/// The city's configuration without that agent and its telephone.
#[must_use]
pub fn without(n: u16, agents: u16) -> Plan {
    let mut plan = city::reaching_out(city::plan(agents));
    let place = usize::from(n);
    if let Some(agent) = plan.acd.agents.get_mut(place) {
        agent.retired = true;
    }
    if let Some(agent) = plan.agents.get_mut(place) {
        *agent = None;
    }
    if let Some(phone) = plan.phones.get_mut(place) {
        *phone = None;
    }
    if let Some(phone) = plan.sip.phones.get_mut(place) {
        *phone = None;
    }
    plan
}

/// The city's configuration with other limits, reserves, times, needs and sounds, and perhaps
/// without a queue, by chance.
#[must_use]
pub fn retuned(agents: u16, seed: u64) -> Plan {
    let mut rng = Rng::new(seed);
    let mut plan = city::reaching_out(city::plan(agents));
    let mut below = |limit: u64| rng.below(limit);
    for skill in &mut plan.acd.skills {
        skill.reserve = u32::try_from(below(3)).unwrap_or(0);
        skill.release = Span::secs(below(30));
    }
    for queue in &mut plan.acd.queues {
        queue.ring = Span::secs(3 + below(10));
        queue.wrap_up = Span::secs(below(60));
        queue.waiting_max = u32::try_from(1 + below(40)).unwrap_or(1);
        queue.wait_max = Some(Span::secs(20 + below(300)));
        queue.target = Span::secs(1 + below(60));
        // Whoever is inside is served all the same.
        queue.retired = below(8) == 0;
        let needed = SkillNo::first(u32::try_from(below(2)).unwrap_or(0));
        queue.needs = Needs(vec![(needed, 1)]);
        queue.relax = vec![Relax { after: Span::secs(below(90)), skill: needed, to: 0 }];
    }
    for treatment in &mut plan.treatments {
        let mut sound = || match below(5) {
            0 => None,
            // A file that is gone: the caller hears nothing, and is served.
            1 => Some(SoundNo::first(NO_SUCH_SOUND)),
            n => Some(SoundNo::first(u32::try_from(n - 2).unwrap_or(0))),
        };
        (treatment.greeting, treatment.music, treatment.announcement) = (sound(), sound(), sound());
    }
    // Numbers that lead to a retired queue lead nowhere, as the configuration's check has it.
    let retired = |it: &Number| match it.leads {
        Leads::Queue(queue) => plan.acd.queues.get(queue.index()).is_none_or(|it| it.retired),
        Leads::Menu(_) => false,
    };
    plan.numbers.retain(|it| !retired(it));
    plan.legs_max = usize::try_from(20 + below(2_000)).unwrap_or(2_000);
    plan.outgoing.calls_max = usize::try_from(below(10)).unwrap_or(10);
    plan.drain = Span::secs(60 + below(120));
    plan
}
