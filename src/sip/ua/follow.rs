//! A phone that is found elsewhere than before: its router has given it another port, or its
//! connection broke and stands again. Its calls go on by the way it registers by now, or nobody
//! could tell it that they are over.
//!
//! ```text
//! REGISTER of the same device from another place ──► calls at the old place are at the new one
//! REGISTER over a new connection                 ──► so are those of a connection that is gone
//! ```

use crate::{
    base::numbers::PhoneNo,
    sip::{
        binding::Binding,
        core::Core,
        turn::Turn,
        ua::dialog::{Dialog, Stage},
        wire::Peer,
    },
};

impl Core {
    /// The phone has registered; its bindings were these before.
    pub(in crate::sip) fn follow(&mut self, turn: &Turn<'_>, phone: PhoneNo, before: &[Binding]) {
        let now = self.registrar.known(phone);
        if now.iter().map(|it| it.peer).eq(before.iter().map(|it| it.peer)) {
            return;
        }
        let moved = |from: Peer| {
            let left = before.iter().filter(|it| it.peer == from);
            let mut left = left.filter_map(|old| {
                now.iter().find(|new| new.is_of(&old.uri, old.instance.as_deref()))
            });
            left.next().map(|it| it.peer)
        };
        let stands_again = |dialog: &Dialog| {
            let Peer { transport, remote, flow, .. } = dialog.peer();
            let stands = turn.shared.flows.get(&(transport, remote)) == Some(&flow);
            match now {
                _ if stands || !transport.is_stream() => None,
                [one] => Some(one.peer),
                several => {
                    several.iter().find(|it| it.uri.is_same(dialog.target())).map(|it| it.peer)
                }
            }
        };
        let Self { dialogs, transactions, .. } = self;
        dialogs.with_phone(phone, |dialog| {
            let from = dialog.peer();
            let Some(to) = moved(from).or_else(|| stands_again(dialog)) else { return };
            dialog.moved(to);
            match &dialog.stage {
                Stage::Calling(calling) => {
                    for &branch in &calling.open {
                        transactions.redirect(branch, from, to);
                    }
                }
                Stage::Invited(waiting) => transactions.redirect(waiting.transaction, from, to),
                Stage::Standing(_) | Stage::Over => (),
            }
        });
    }
}
