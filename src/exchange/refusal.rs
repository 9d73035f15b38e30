//! What the engine refuses, in the words of whoever asked.

use crate::{
    acd::refusal::Stood,
    base::numbers::{CallNo, QueueNo},
    exchange::{request::Refused, switch::Exchange},
};

/// What the engine refused, of something that concerns an agent.
pub(super) fn refused(x: &Exchange, asked: &str, stood: Stood) -> Refused {
    match stood {
        Stood::PhoneOf(agent) => {
            let who = x.plan.agent(agent).map_or_else(|| agent.to_string(), |it| it.id.clone());
            Refused::NoPhone(format!("agent {who} sits at that phone"))
        }
        Stood::Agent(state) => {
            Refused::Impossible { state: state.word().to_owned(), asked: asked.to_owned() }
        }
        Stood::NobodyFree(queue) => Refused::NoPhone(nobody_free(x, queue)),
        Stood::QueueClosed(queue) => Refused::NoPhone(closed(x, queue)),
        Stood::NoSuchAgent => Refused::Unknown("such agent".to_owned()),
        Stood::NoSuchCall
        | Stood::NoSuchQueue
        | Stood::NoSuchSkill
        | Stood::NumberOutOfBounds
        | Stood::Call(_)
        | Stood::Unfit(_) => Refused::Unknown(stood.to_string()),
    }
}

/// As [`refused`], of something that concerns a call and says where that stands.
pub(super) fn refused_of_call(x: &Exchange, no: CallNo, asked: &str, stood: Stood) -> Refused {
    let state = x.calls.get(no).map_or("ended", |call| x.word(call)).to_owned();
    let asked = asked.to_owned();
    match stood {
        Stood::Agent(stands) => {
            let who = format!("that colleague is {}", stands.word());
            Refused::NotFree { who, state, asked }
        }
        Stood::NobodyFree(queue) => Refused::NotFree { who: nobody_free(x, queue), state, asked },
        Stood::QueueClosed(queue) => Refused::NotFree { who: closed(x, queue), state, asked },
        Stood::Call(_) => Refused::Impossible { state, asked },
        stood @ (Stood::NoSuchCall
        | Stood::NoSuchQueue
        | Stood::NoSuchSkill
        | Stood::NoSuchAgent
        | Stood::NumberOutOfBounds
        | Stood::PhoneOf(_)
        | Stood::Unfit(_)) => refused(x, &asked, stood),
    }
}

fn nobody_free(x: &Exchange, queue: QueueNo) -> String {
    let queue = x.plan.acd.queues.get(queue.index()).map_or("", |it| it.name.as_str());
    format!("nobody is free in the queue {queue}")
}

fn closed(x: &Exchange, queue: QueueNo) -> String {
    let queue = x.plan.acd.queues.get(queue.index()).map_or("", |it| it.name.as_str());
    format!("the queue {queue} is closed")
}
