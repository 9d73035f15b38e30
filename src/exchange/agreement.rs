//! What a leg's far side is told and tells about its sound, and what comes of it.
//!
//! ```text
//! their offer ──► our answer ─┐
//! our offer ──► their answer ─┴─► agreed ──► the leg is opened with it, or changed
//! ```
//!
//! Each leg has its own agreement (RFC 3264). Where two legs agreed on different codecs the
//! media translate, so a caller's codec never decides which agent may be offered the call.

use crate::{
    base::numbers::{DialogNo, LegNo, TrunkNo},
    bridge::sound::Agreed as Known,
    exchange::{
        fact::Fact,
        leg::{Leg, Reply, Role},
        nat::{Whereabouts, whereabouts},
        switch::{Exchange, Turn},
    },
    media::order::{Codec, Protection, Stream},
    rtp::srtp::suite::Suite,
    sdp::{
        crypto::{self, Policy},
        keyring::{Keyring, Keys},
        negotiate::{Agreed, Format, Ours, Refused},
        session::Session,
    },
    sip::{
        event::{Invited, Origin},
        settings::Carrier,
        verb::{Respond, Target},
    },
};

/// How a leg's sound is to be protected.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Wanted {
    policy: Policy,
    /// Whether its SIP hides keys from others, or need not. If not, there are none, and what
    /// requires them comes to nothing.
    keys_may_go: bool,
    /// Whether the carrier's *mediasec* is to see that SRTP is asked for.
    to_edge: bool,
    /// Whether its SIP goes by IPv6: its sound will as well, unless it offers something else.
    by_ipv6: bool,
}

impl Wanted {
    /// The same, of someone who is called there.
    pub(super) fn towards(self, x: &Exchange, target: &Target) -> Self {
        Self { by_ipv6: x.endpoint.goes_by_ipv6(target), ..self }
    }
}

/// Our side of a leg's agreement, before anything is said.
pub(super) fn ours(x: &mut Exchange, port: u16, wanted: Wanted) -> Ours {
    // Ports are lent one at a time, and facts never go back: together they name one session.
    let id = u64::from(port) << 15 | x.seq() & 0x7fff;
    let suites = if wanted.keys_may_go { Suite::ALL.map(described).to_vec() } else { vec![] };
    let keyring = Keyring::new(suites, x.secrets.fork());
    let ours = Ours::new(id, (x.plan.media.address, port).into(), formats(&x.plan.media.codecs))
        .also_at(x.plan.media.other_address)
        .by_ipv6(wanted.by_ipv6)
        .at_home(x.plan.media.ports)
        .protected(wanted.policy, keyring);
    if wanted.to_edge { ours.to_edge() } else { ours }
}

/// How the sound of someone who calls us is to be protected.
pub(super) fn wanted_by_caller(x: &Exchange, invited: &Invited) -> Wanted {
    let (policy, to_edge) = match invited.origin {
        Origin::Trunk(trunk) => {
            let known = x.plan.sip.trunks.get(trunk.index()).and_then(Option::as_ref);
            let carrier = known.and_then(|it| it.carrier.as_ref());
            let policy = x.plan.trunk(trunk).map(|it| it.srtp);
            (policy, carrier.is_some_and(|it| it.mediasec))
        }
        Origin::Phone(phone) => (x.plan.phone(phone).map(|it| it.srtp), false),
    };
    let keys_may_go = x.plan.media.keys_in_clear || invited.peer.transport.is_secret();
    let by_ipv6 = invited.peer.remote.ip().to_canonical().is_ipv6();
    Wanted { policy: policy.unwrap_or_default(), keys_may_go, to_edge, by_ipv6 }
}

/// How the sound of someone whom we call is to be protected: of agents' phones as they are told
/// to; an address outside says nothing of it.
pub(super) fn wanted_by_called(x: &Exchange, role: Role) -> Wanted {
    let Role::Agent(_, agent) = role else { return Wanted::default() };
    let Some(number) = x.seats.phone(agent) else { return Wanted::default() };
    let Some(phone) = x.plan.phone(number) else { return Wanted::default() };
    let is_secret = match phone.fixed {
        Some((transport, _)) => transport.is_secret(),
        None => x.endpoint.is_reached_in_secret(number),
    };
    let keys_may_go = x.plan.media.keys_in_clear || is_secret;
    Wanted { policy: phone.srtp, keys_may_go, ..Wanted::default() }
}

/// How the sound of a call out by that trunk is to be protected.
pub(super) fn wanted_by_trunk(x: &Exchange, trunk: TrunkNo) -> Wanted {
    let known = x.plan.sip.trunks.get(trunk.index()).and_then(Option::as_ref);
    let carrier = known.and_then(|it| it.carrier.as_ref());
    let is_secret = |it: &Carrier| it.proxies.iter().all(|it| it.transport().is_secret());
    Wanted {
        policy: x.plan.trunk(trunk).map(|it| it.srtp).unwrap_or_default(),
        keys_may_go: x.plan.media.keys_in_clear || carrier.is_some_and(is_secret),
        to_edge: carrier.is_some_and(|it| it.mediasec),
        ..Wanted::default()
    }
}

/// A suite, as SDP must know it.
fn described(suite: Suite) -> crypto::Suite {
    crypto::Suite { name: suite.name(), octets: suite.key_len() + suite.salt_len() }
}

fn protection(keys: Keys) -> Option<Protection> {
    let suite = Suite::ALL.into_iter().find(|it| it.name() == keys.suite.name)?;
    Some(Protection { suite, send: keys.ours, receive: keys.theirs })
}

fn formats(codecs: &[Codec]) -> Vec<Format> {
    codecs
        .iter()
        .map(|codec| Format {
            name: codec.name(),
            // G.722's RTP clock is half its sampling rate, by an old mistake (RFC 3551 4.5.2).
            clock: 8000,
            channels: 1,
            payload_type: codec.payload_type(),
        })
        .collect()
}

fn codec(format: Format) -> Option<Codec> {
    Codec::ALL.into_iter().find(|codec| codec.name() == format.name)
}

/// Puts these first among what the leg can do; those not configured stay out.
fn prefer(x: &mut Exchange, leg: LegNo, first: &[Codec]) {
    let mut codecs: Vec<_> = first.to_vec();
    codecs.extend(&x.plan.media.codecs);
    let mut order = vec![];
    for codec in codecs {
        if x.plan.media.codecs.contains(&codec) && !order.contains(&codec) {
            order.push(codec);
        }
    }
    if let Some(leg) = x.legs.get_mut(leg) {
        leg.ours.formats = formats(&order);
    }
}

/// Whether we could answer that offer.
pub(super) fn fits(x: &mut Exchange, offer: &[u8], wanted: Wanted) -> Result<(), Refused> {
    let offer = Session::read(offer).map_err(|_| Refused::NoAudio)?;
    ours(x, 0, wanted).answer(&offer).map(|_| ())
}

/// Our offer for the leg. An agent's begins with what the caller speaks or can speak, so that
/// nothing needs translating if the phone can do it too.
pub(super) fn offer(x: &mut Exchange, leg: LegNo) -> Option<Vec<u8>> {
    let known = x.legs.get(leg)?;
    let caller = known.call().and_then(|call| x.calls.get(call)?.bridge.caller);
    let first = match caller.filter(|caller| *caller != leg).and_then(|caller| x.legs.get(caller)) {
        Some(Leg { codec: Some(codec), .. }) => vec![*codec],
        Some(Leg { reply: Reply::Owed(Some(offer)), .. }) => offered(offer),
        Some(_) | None => vec![],
    };
    prefer(x, leg, &first);
    Some(x.legs.get_mut(leg)?.ours.offer())
}

/// The codecs of an offer that we know, in its order.
fn offered(offer: &[u8]) -> Vec<Codec> {
    let Ok(offer) = Session::read(offer) else { return vec![] };
    let audio = offer.media.iter().filter(|media| media.kind == "audio");
    let named = |payload: &crate::sdp::session::Payload| match &payload.encoding {
        Some(it) => Codec::ALL.into_iter().find(|codec| it.name.eq_ignore_ascii_case(codec.name())),
        None => Codec::ALL.into_iter().find(|codec| payload.number == codec.payload_type()),
    };
    audio.flat_map(|media| &media.payloads).filter_map(named).collect()
}

/// Our answer to an offer of the leg's far side, and what follows for its sound. `like`: the
/// codec to take if they have it.
pub(super) fn answer(
    x: &mut Exchange,
    turn: &mut Turn<'_>,
    leg: LegNo,
    offer: &[u8],
    like: Option<Codec>,
) -> Option<Vec<u8>> {
    let offer = Session::read(offer).ok()?;
    let spoken = x.legs.get(leg)?.codec;
    if let Some(first) = spoken.or(like) {
        prefer(x, leg, &[first]);
    }
    let (answer, agreed) = x.legs.get_mut(leg)?.ours.answer(&offer).ok()?;
    carry(x, turn, leg, agreed);
    Some(answer)
}

/// The answer in their 2xx; where it has none, one that came before holds. Says whether there
/// is one that we can use.
pub(super) fn answered(
    x: &mut Exchange,
    turn: &mut Turn<'_>,
    leg: LegNo,
    answer: Option<&[u8]>,
) -> bool {
    match answer {
        Some(answer) => agreed(x, turn, leg, answer),
        None => x.legs.get(leg).is_some_and(|leg| leg.codec.is_some()),
    }
}

/// Their answer to our offer. Says whether it is one that we can use.
pub(super) fn agreed(x: &mut Exchange, turn: &mut Turn<'_>, leg: LegNo, answer: &[u8]) -> bool {
    let Ok(answer) = Session::read(answer) else { return false };
    let Some(Ok(agreed)) = x.legs.get_mut(leg).map(|leg| leg.ours.answered(&answer)) else {
        return false;
    };
    carry(x, turn, leg, agreed);
    true
}

/// What was agreed, as the media are to have it.
fn carry(x: &mut Exchange, turn: &mut Turn<'_>, no: LegNo, agreed: Agreed) {
    let Some(codec) = codec(agreed.format) else { return };
    let dialog = x.legs.get(no).and_then(|leg| leg.dialog);
    let source = dialog.and_then(|it| x.endpoint.source(it));
    let Whereabouts { remote, second, remote_rtcp } = whereabouts(&agreed, source);
    let stream = Stream {
        remote,
        second,
        remote_rtcp,
        rtcp_mux: agreed.rtcp_mux,
        protection: agreed.keys.and_then(protection),
        codec,
        payload_type: agreed.payload_type,
        dtmf: agreed.dtmf,
        send: agreed.send,
        receive: agreed.receive,
        // Who holds the line may well send nothing, and for as long as it likes.
        silence: x.plan.media.silence.filter(|_| agreed.send),
    };
    let Some(leg) = x.legs.get_mut(no) else { return };
    let call = leg.call();
    let is_new = leg.codec.replace(codec) != Some(codec);
    if is_new {
        x.tell(turn, Fact::Negotiated { leg: no, codec });
    }
    x.sound.carry(no, stream, Known::Yes, &mut turn.out.orders);
    if let Some(call) = call {
        x.touch(call);
    }
}

/// Opens a leg whose far side has yet to answer our offer: nothing is sent until then.
pub(super) fn await_answer(x: &mut Exchange, turn: &mut Turn<'_>, leg: LegNo) {
    let Some(&codec) = x.plan.media.codecs.first() else { return };
    let stream = Stream {
        remote: None,
        second: None,
        remote_rtcp: None,
        rtcp_mux: false,
        protection: None,
        codec,
        payload_type: codec.payload_type(),
        dtmf: None,
        send: false,
        receive: false,
        silence: x.plan.media.silence,
    };
    x.sound.carry(leg, stream, Known::NotYet, &mut turn.out.orders);
}

/// A re-INVITE or UPDATE: hold, resume, another address. It is between us and that leg alone;
/// the other side at most hears music meanwhile.
pub(super) fn reoffered(
    x: &mut Exchange,
    turn: &mut Turn<'_>,
    leg: LegNo,
    dialog: DialogNo,
    offer: Option<&[u8]>,
) {
    let sdp = match offer {
        Some(offer) => answer(x, turn, leg, offer, None),
        None => self::offer(x, leg),
    };
    let respond = match sdp {
        Some(sdp) => Respond { status: 200, sdp: Some(sdp), ..Respond::default() },
        // Nothing has changed by it (RFC 3261 14.1).
        None => Respond { status: 488, ..Respond::default() },
    };
    // It fails only if the dialog ended in this very turn.
    let _ = x.endpoint.respond_within(turn.now, dialog, respond, &mut turn.out.sip);
}

/// The session is refreshed by saying once more what was said last (RFC 4028 7.4).
pub(super) fn say_again(x: &mut Exchange, turn: &mut Turn<'_>, leg: LegNo, dialog: DialogNo) {
    let Some(sdp) = x.legs.get(leg).and_then(|leg| leg.ours.said_last()) else { return };
    // It fails only if something else is under way, which refreshes the session as well.
    let _ = x.endpoint.reinvite(turn.now, dialog, Some(sdp), &mut turn.out.sip);
}

/// What came of an offer of ours within the call. A refusal changes nothing (RFC 3261 14.1).
pub(super) fn reanswered(
    x: &mut Exchange,
    turn: &mut Turn<'_>,
    leg: LegNo,
    status: u16,
    answer: Option<&[u8]>,
) {
    if let Some(answer) = answer.filter(|_| status < 300) {
        agreed(x, turn, leg, answer);
    }
}
