//! `/api/v1/calls`: the calls that go on and the last that ended; and an operator's hand to end one.

use axum::{
    Json,
    extract::{Path, State},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    acd::{consult::Consultee, fact::Outcome},
    api::{
        decision::Decision,
        list::{Page, Parameters},
        names::{agent_id, queue_name},
        problem::{Problem, Written},
        queues::Need,
        time::rfc3339,
        token::Viewer,
        web::{Web, WebState},
        words,
    },
    base::{
        call_ref::CallRef,
        numbers::{CallNo, QueueNo},
        time::{Span, Timestamp},
    },
    board::{
        call::{Call, Ended, State as CallState},
        fold::Board,
        service::Verdict,
    },
    media::order::{Codec, Report},
};

/// A call as it stands, or as it ended.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Call)]
pub struct View {
    /// Its id: the same in events, the log, the journal and `lotse explain`, on every node.
    #[schema(example = "1M8RQKQG0017QK00")]
    pub id: String,
    /// Its number in this process; it is asked for by that, too.
    #[schema(example = "call-7")]
    pub number: String,
    /// `opened`, `waiting`, `ringing`, `talking`, `held`, `transferring`, `consulting`, `conference`,
    /// `outside` or `ended`.
    #[schema(example = "waiting")]
    pub state: &'static str,
    /// Since when.
    pub since: String,
    /// When its INVITE came; its place in the line.
    pub arrived: String,
    /// The queue it is, or was last, in.
    #[schema(example = "buergertelefon")]
    pub queue: Option<String>,
    /// The entry it came by: `123-0`, `115`, `pin`, `callback` or `other`.
    pub channel: &'static str,
    /// What it needs now.
    pub needs: Vec<Need>,
    /// How many steps its needs have softened.
    pub relaxed: u8,
    /// From the INVITE until an agent, the end, or now.
    pub wait_seconds: f64,
    /// Who is rung, or speaks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// Whom the agent consults or transfers the caller to, ringing or speaking: an agent's id, or a number, masked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "b.schmidt")]
    pub consultee: Option<String>,
    /// `consultee`, by its name of before.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(deprecated)]
    pub aside: Option<String>,
    /// When the offer lapses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offered_until: Option<String>,
    /// By which rule the agent was chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decision>,
    /// Offers that came to nothing.
    pub offers_lost: u32,
    /// How often it was requeued: it had to wait again, because its agent's phone failed.
    pub requeued: u32,
    /// How often an agent transferred it.
    pub transferred: u32,
    /// `requeued`, by its name of before.
    #[schema(deprecated)]
    pub returned: u32,
    /// `transferred`, by its name of before.
    #[schema(deprecated)]
    pub passed: u32,
    /// Who calls, masked; empty if anonymous.
    #[schema(example = "***4567")]
    pub caller: Option<String>,
    /// What was dialled.
    #[schema(example = "1230")]
    pub dialled: Option<String>,
    /// Whom it was for before it was sent on to us, masked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "***4711")]
    pub called_first: Option<String>,
    /// The trunk it came by; absent for a phone of ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trunk: Option<String>,
    /// The SIP Call-ID, for the log.
    pub sip_call_id: Option<String>,
    /// The codec of the caller's leg.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub codec: Option<&'static str>,
    /// How well it was heard, leg by leg, once a leg is over.
    #[serde(skip_serializing_if = "Heard::is_nothing")]
    pub sound: Heard,
    /// How it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<&'static str>,
    /// Which limit it met, if it was turned away or sent outside: `full`, `late`, `capacity`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<&'static str>,
    /// How long caller and agent spoke.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub talk_seconds: Option<f64>,
    /// How long the caller was held, all holds together; absent if it never was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held_seconds: Option<f64>,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<String>,
}

/// How well a call was heard.
#[derive(Debug, Serialize, ToSchema)]
pub struct Heard {
    /// What came from the caller.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caller: Option<Quality>,
    /// What came from the agent who took the call last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<Quality>,
}

/// How well one far side was heard.
#[derive(Debug, Serialize, ToSchema)]
pub struct Quality {
    /// RTP packets that came.
    pub packets_received: u64,
    /// RTP packets that never came; negative with duplicates.
    pub packets_lost: i64,
    /// Jitter at the end (RFC 3550 A.8).
    pub jitter_seconds: f64,
    /// There and back by RTCP, if it was measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub round_trip_seconds: Option<f64>,
    /// What listeners would say, 1 (bad) to 4.5 (excellent), as ITU-T G.107 estimates it; absent
    /// if nothing came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mos: Option<f64>,
}

impl Heard {
    fn is_nothing(&self) -> bool {
        self.caller.is_none() && self.agent.is_none()
    }
}

impl From<&Report> for Quality {
    fn from(report: &Report) -> Self {
        Self {
            packets_received: report.received,
            packets_lost: report.lost,
            jitter_seconds: report.jitter,
            round_trip_seconds: report.round_trip,
            mos: report.mos(),
        }
    }
}

/// Some of the calls.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Calls)]
pub struct List {
    /// Those that go on; then, the last first, those that ended.
    pub calls: Vec<View>,
    /// Where to go on: `?after=` of the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// Which calls.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    /// Only those in this state; all that go on if not said.
    #[param(inline, example = "waiting")]
    state: Option<InState>,
    /// Only those of this queue.
    #[param(example = "buergertelefon")]
    queue: Option<String>,
    /// How many rows, 1 to 1000; 100 if not said.
    limit: Option<usize>,
    /// The id behind which to go on: `next` of the page before.
    after: Option<String>,
}

/// The words for where a call stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum InState {
    Opened,
    Waiting,
    Ringing,
    Talking,
    Held,
    Transferring,
    Consulting,
    Conference,
    Outside,
    Ended,
}

impl InState {
    const fn word(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Waiting => "waiting",
            Self::Ringing => "ringing",
            Self::Talking => "talking",
            Self::Held => "held",
            Self::Transferring => "transferring",
            Self::Consulting => "consulting",
            Self::Conference => "conference",
            Self::Outside => "outside",
            Self::Ended => "ended",
        }
    }
}

/// All calls that go on, as they stand at `now`.
pub(super) fn live(state: &WebState, now: Timestamp) -> Vec<View> {
    state.board.calls().map(|call| live_view(state, now, call)).collect()
}

fn live_view(state: &WebState, now: Timestamp, call: &Call) -> View {
    let plan = state.board.plan();
    let skill =
        |place: usize| plan.skills.get(place).map_or_else(String::new, |it| it.name.clone());
    let (offered_until, decision) = match &call.state {
        CallState::Ringing { until, decision, .. } => (Some(rfc3339(*until)), Some(*decision)),
        CallState::Opened | CallState::Waiting | CallState::Talking { .. } | CallState::Outside => {
            (None, None)
        }
    };
    let from = call.from.as_ref();
    let consultee = call.consult.as_ref().map(|it| match &it.with {
        Consultee::Agent(agent) => agent_id(&state.board, *agent),
        Consultee::Outside(number) => number.clone(),
    });
    View {
        id: call.name().to_string(),
        number: call.no.to_string(),
        state: call.word(),
        since: rfc3339(call.held.unwrap_or(call.since)),
        arrived: rfc3339(call.arrived),
        queue: call.queue.map(|queue| queue_name(&state.board, queue)),
        channel: call.channel.word(),
        needs: call
            .needs
            .0
            .iter()
            .map(|&(no, level)| Need { skill: skill(no.index()), level })
            .collect(),
        relaxed: call.relaxed,
        wait_seconds: call.wait.unwrap_or_else(|| now.since(call.arrived)).as_secs_f64(),
        agent: call.state.agent().map(|agent| agent_id(&state.board, agent)),
        consultee: consultee.clone(),
        aside: consultee,
        offered_until,
        decision: decision.map(Decision::from),
        offers_lost: call.offers_lost,
        requeued: call.returned,
        transferred: call.passed,
        returned: call.returned,
        passed: call.passed,
        caller: from.map(|it| it.caller.clone()),
        dialled: from.map(|it| it.dialled.clone()),
        called_first: from.map(|it| it.called_first.clone()).filter(|it| !it.is_empty()),
        trunk: from.and_then(|it| it.trunk).map(|trunk| state.names.trunk(trunk)),
        sip_call_id: from.map(|it| it.call_id.clone()),
        codec: from.and_then(|it| it.codec).map(Codec::name),
        sound: Heard {
            caller: call.sound.caller.as_ref().map(Quality::from),
            agent: call.sound.agent.as_ref().map(Quality::from),
        },
        outcome: None,
        limit: None,
        talk_seconds: None,
        held_seconds: call.held_by(now).map(Span::as_secs_f64),
        ended: None,
    }
}

fn ended_view(state: &WebState, ended: &Ended) -> View {
    let agent = match &ended.outcome {
        Outcome::Answered(agent) => Some(agent_id(&state.board, *agent)),
        Outcome::Abandoned
        | Outcome::ShortAbandoned
        | Outcome::Overflowed(..)
        | Outcome::TurnedAway(..)
        | Outcome::Failed => None,
    };
    View {
        state: "ended",
        since: rfc3339(ended.at),
        agent,
        consultee: None,
        aside: None,
        offered_until: None,
        decision: None,
        outcome: Some(Verdict::of(&ended.outcome).word()),
        limit: words::limit(&ended.outcome),
        talk_seconds: ended.call.wait.map(|_| ended.talk.as_secs_f64()),
        ended: Some(rfc3339(ended.at)),
        ..live_view(state, ended.at, &ended.call)
    }
}

/// Calls, page by page.
#[utoipa::path(get, path = "/api/v1/calls", tag = "calls", security(("token" = [])),
    params(Which),
    responses(
        (status = 200, description = "Those that go on, or those asked for", body = List),
        (status = 400, description = "The query cannot be read", body = Written, content_type = "application/problem+json"),
        (status = 401, description = "No valid token", body = Written, content_type = "application/problem+json"),
    ))]
pub(super) async fn list(
    _: Viewer,
    State(web): State<Web>,
    Parameters(which): Parameters<Which>,
) -> Result<Json<List>, Problem> {
    let now = web.now();
    let state = web.state();
    let page = Page { limit: which.limit, after: which.after };
    let of_queue = |queue: Option<QueueNo>| match &which.queue {
        None => true,
        Some(name) => queue.is_some_and(|queue| queue_name(&state.board, queue) == *name),
    };
    let (calls, next) = if which.state == Some(InState::Ended) {
        let rows = state.board.ended().filter(|it| of_queue(it.call.queue));
        let (rows, next) = page.cut(rows, |it| it.call.name().to_string());
        (rows.into_iter().map(|it| ended_view(&state, it)).collect(), next)
    } else {
        let in_state = |call: &&Call| which.state.is_none_or(|it| it.word() == call.word());
        let rows = state.board.calls().filter(in_state).filter(|it| of_queue(it.queue));
        let (rows, next) = page.cut(rows, |it| it.name().to_string());
        (rows.into_iter().map(|it| live_view(&state, now, it)).collect(), next)
    };
    Ok(Json(List { calls, next }))
}

/// One call.
#[utoipa::path(get, path = "/api/v1/calls/{id}", tag = "calls", security(("token" = [])),
    params(("id" = String, Path, description = "Its id, or its number in this process", example = "1M8RQKQG0017QK00")),
    responses(
        (status = 200, description = "As it stands, or as it ended", body = View),
        (status = 401, description = "No valid token", body = Written, content_type = "application/problem+json"),
        (status = 404, description = "There is no such call, or it is long over", body = Written, content_type = "application/problem+json"),
    ))]
pub(super) async fn one(
    _: Viewer,
    State(web): State<Web>,
    Path(id): Path<String>,
) -> Result<Json<View>, Problem> {
    let now = web.now();
    let state = web.state();
    let no = number_of(&state.board, &id)?;
    match (state.board.call(no), state.board.ended_call(no)) {
        (Some(call), _) => Ok(Json(live_view(&state, now, call))),
        (None, Some(ended)) => Ok(Json(ended_view(&state, ended))),
        (None, None) => Err(no_such(&id)),
    }
}

/// The number of the call asked for by its id, or by that number.
pub(super) fn number_of(board: &Board, id: &str) -> Result<CallNo, Problem> {
    let name: CallRef = id.parse().map_err(|_| no_such(id))?;
    board.number_of(name).ok_or_else(|| no_such(id))
}

pub(super) fn no_such(id: &str) -> Problem {
    Problem::no_such("call", "Einen Anruf", id)
}
