//! Calling someone: an agent's phone, or somebody outside.

use crate::{
    base::numbers::LegNo,
    exchange::{
        agreement, ending,
        fact::Fact,
        leg::{Leg, Reply, Role},
        switch::{Exchange, Turn},
    },
    sip::{
        message::header::reason::Reason,
        verb::{Invite, Target},
    },
};

/// Calls someone: a leg with a port, and an INVITE with our offer. `None` at a limit.
pub(super) fn call_out(
    x: &mut Exchange,
    turn: &mut Turn<'_>,
    role: Role,
    invite: Invite,
) -> Option<LegNo> {
    let port = x.ports.lend()?;
    let trunk = match &invite.target {
        Target::Trunks(ways) => ways.first().map(|by| by.trunk),
        Target::Phone(_) | Target::Uri { .. } => None,
    };
    let wanted = match trunk {
        Some(trunk) => agreement::wanted_by_trunk(x, trunk),
        None => agreement::wanted_by_called(x, role),
    }
    .towards(x, &invite.target);
    let leg = Leg {
        role,
        dialog: None,
        reply: Reply::Given,
        codec: None,
        ours: agreement::ours(x, port, wanted),
    };
    let Ok(leg) = x.legs.insert(leg) else {
        x.ports.unused(port);
        return None;
    };
    x.sound.lend(leg, port);
    let sdp = agreement::offer(x, leg);
    let called = x.endpoint.invite(turn.now, Invite { sdp, ..invite }, &mut turn.out.sip);
    let Ok(dialog) = called else {
        // The SIP machine is at its limit.
        ending::hang_up(x, turn, leg, Reason::Q850(41));
        return None;
    };
    x.dialogs.insert(dialog, leg);
    let known = x.legs.get_mut(leg)?;
    known.dialog = Some(dialog);
    if let (Some(call), Some(call_id)) = (known.call(), x.endpoint.call_id(dialog)) {
        let call_id = call_id.to_owned();
        x.tell(turn, Fact::LegOpened { call, leg, call_id });
    }
    Some(leg)
}
