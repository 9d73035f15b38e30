//! One transaction: one of the four machines, with the bytes it repeats.

use crate::sip::{
    counts::Kind,
    message::header::reason::Reason,
    timer::{Timer, Wire},
    transaction::{
        invite_client, invite_server, other_client, other_server, step::Do, user::Owner,
    },
    turn::Turn,
    wire::Peer,
};

/// One transaction: its machine, and what that needs to speak.
#[derive(Debug)]
pub(super) struct Transaction {
    pub(super) machine: Machine,
    pub(super) peer: Peer,
    pub(super) kind: Kind,
    pub(super) owner: Owner,
    /// How often the bytes were sent.
    pub(super) sent: u8,
    /// The request (ours), the last response (theirs).
    pub(super) bytes: Box<[u8]>,
    /// The same request by datagram, if no connection can be had for it.
    pub(super) instead: Option<Box<Instead>>,
}

/// A request by another way.
#[derive(Debug)]
pub(super) struct Instead {
    pub(super) peer: Peer,
    pub(super) bytes: Box<[u8]>,
}

/// One of the four, where it stands, and what is true of its kind only.
#[derive(Debug)]
pub(super) enum Machine {
    InviteClient {
        state: invite_client::State,
        branch: u64,
        cancel: Cancel,
        /// More than one if the INVITE was forked.
        acks: Vec<Ack>,
    },
    InviteServer {
        state: invite_server::State,
        key: Box<str>,
        /// Its place among those that may come twice; empty if it has none.
        merge: Box<str>,
    },
    OtherClient {
        state: other_client::State,
        branch: Branch,
    },
    OtherServer {
        state: other_server::State,
        key: Box<str>,
    },
}

/// Our ACK to a 2xx, to be sent again whenever that comes again (RFC 3261 13.2.2.4).
#[derive(Debug)]
pub(super) struct Ack {
    /// The tag in the 2xx's To.
    pub(super) tag: Box<str>,
    pub(super) peer: Peer,
    pub(super) bytes: Box<[u8]>,
}

/// Whether our INVITE is to be cancelled.
#[derive(Debug)]
pub(super) enum Cancel {
    No,
    /// As soon as a provisional response comes, for this reason (RFC 3261 9.1).
    Held(Reason),
    Sent,
}

/// How our transactions are found: the token in the branch, and whether it is the CANCEL,
/// which shares the branch of its INVITE (RFC 3261 9.1).
pub(super) type Branch = (u64, IsCancel);
type IsCancel = bool;

/// An input to one of the four.
#[derive(Clone, Copy)]
pub(super) enum Input {
    InviteClient(invite_client::Input),
    InviteServer(invite_server::Input),
    OtherClient(other_client::Input),
    OtherServer(other_server::Input),
}

impl Transaction {
    pub(super) fn wire(&self) -> Wire {
        if self.peer.transport.is_stream() { Wire::Reliable } else { Wire::Unreliable }
    }

    pub(super) fn send(&mut self, turn: &mut Turn<'_>) {
        if self.bytes.is_empty() {
            return; // Their request came again before we had anything to say.
        }
        if self.sent > 0 {
            turn.shared.counts.retransmissions += 1;
        }
        self.sent = self.sent.saturating_add(1);
        turn.send(self.peer, &self.bytes);
    }
}

impl Machine {
    /// Takes one step; says what is to be done, and whether that was the last.
    pub(super) fn step(&mut self, input: Input) -> Option<(&'static [Do], bool)> {
        match (self, input) {
            (Self::InviteClient { state, .. }, Input::InviteClient(input)) => {
                let (next, todo) = invite_client::step(*state, input)?;
                *state = next;
                Some((todo, next == invite_client::State::Terminated))
            }
            (Self::InviteServer { state, .. }, Input::InviteServer(input)) => {
                let (next, todo) = invite_server::step(*state, input)?;
                *state = next;
                Some((todo, next == invite_server::State::Terminated))
            }
            (Self::OtherClient { state, .. }, Input::OtherClient(input)) => {
                let (next, todo) = other_client::step(*state, input)?;
                *state = next;
                Some((todo, next == other_client::State::Terminated))
            }
            (Self::OtherServer { state, .. }, Input::OtherServer(input)) => {
                let (next, todo) = other_server::step(*state, input)?;
                *state = next;
                Some((todo, next == other_server::State::Terminated))
            }
            _ => None,
        }
    }

    pub(super) fn due(&self, timer: Timer) -> Input {
        match self {
            Self::InviteClient { .. } => Input::InviteClient(invite_client::Input::Due(timer)),
            Self::InviteServer { .. } => Input::InviteServer(invite_server::Input::Due(timer)),
            Self::OtherClient { .. } => Input::OtherClient(other_client::Input::Due(timer)),
            Self::OtherServer { .. } => Input::OtherServer(other_server::Input::Due(timer)),
        }
    }

    /// The timers that may run.
    pub(super) fn timers(&self) -> &'static [Timer] {
        match self {
            Self::InviteClient { .. } => &[Timer::A, Timer::B, Timer::D, Timer::M],
            Self::InviteServer { .. } => &[Timer::G, Timer::H, Timer::I, Timer::L],
            Self::OtherClient { .. } => &[Timer::E, Timer::F, Timer::K],
            Self::OtherServer { .. } => &[Timer::F, Timer::J],
        }
    }
}
