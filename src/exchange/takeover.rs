//! Goes on with what the life of the process before knew: who is at work, and where phones are.
//!
//! What is handed over, and how it comes about, is in [`handover`](super::handover).

use std::collections::BTreeMap;

use crate::{
    acd::input::Input,
    base::numbers::{AgentNo, PhoneNo},
    exchange::{
        handover::{Handover, Stands},
        phone,
        switch::{Exchange, Turn},
    },
};

/// Goes on with what the life before knew: the plan has been told, and no phone looked for yet.
pub(super) fn take_over(x: &mut Exchange, turn: &mut Turn<'_>, handover: Handover) {
    let phones = (0..).map(PhoneNo::first).zip(&x.plan.phones);
    let phones: BTreeMap<_, _> =
        phones.filter_map(|(no, it)| Some((it.as_ref()?.user.clone(), no))).collect();
    let agents = (0..).map(AgentNo::first).zip(&x.plan.agents);
    let agents: BTreeMap<_, _> =
        agents.filter_map(|(no, it)| Some((it.as_ref()?.id.clone(), no))).collect();

    for (user, bindings) in handover.phones {
        let Some(&phone) = phones.get(&user) else { continue };
        if x.plan.phone(phone).is_some_and(|it| it.fixed.is_none()) {
            x.endpoint.rebind(turn.now, phone, bindings, &mut turn.out.sip);
        }
    }
    for seat in handover.agents {
        let Some(&agent) = agents.get(&seat.agent) else { continue };
        let usual = x.plan.agent(agent).and_then(|it| it.phone);
        // Nobody is signed in, or fetched back from home, because of a phone that was there all
        // the time.
        let here = seat.phone.and_then(|user| phones.get(&user).copied());
        for phone in here.into_iter().chain(usual) {
            phone::find(x, turn, phone);
        }
        let Some(phone) = here.or(usual) else { continue };
        match seat.stands {
            Stands::Ready => x.raise(Input::SignIn { agent, phone, ready: true }),
            Stands::Away(reason) => {
                x.raise(Input::SignIn { agent, phone, ready: false });
                x.raise(Input::Away { agent, reason });
            }
            Stands::SignedOut => (),
        }
    }
}
