//! `lotse agent`: who is at work, and a change of state, on a running server.

use clap::Subcommand;
use serde_json::{Value, json};

use crate::cli::{
    failure::Failure,
    remote::{Column, Remote, escaped, field, seconds},
};

/// What `lotse agent` takes on the command line.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    remote: Remote,
    #[command(subcommand)]
    deed: Deed,
}

#[derive(Debug, Subcommand)]
enum Deed {
    /// Lists all agents.
    Ls,
    /// Shows one agent.
    Show {
        /// As the configuration names them.
        id: String,
    },
    /// Lets an agent be offered calls; signs in one who is not at work.
    Ready {
        /// As the configuration names them.
        id: String,
    },
    /// Lets an agent be offered no calls; while talking: after the call.
    Away {
        /// As the configuration names them.
        id: String,
        /// What for.
        #[arg(long)]
        reason: Option<String>,
    },
    /// Signs an agent in, ready for calls.
    SignIn {
        /// As the configuration names them.
        id: String,
        /// The phone to sit at, by its user name; else the agent's own.
        #[arg(long)]
        phone: Option<String>,
        /// Not ready yet.
        #[arg(long)]
        away: bool,
    },
    /// Signs an agent out; while talking: after the call.
    SignOut {
        /// As the configuration names them.
        id: String,
    },
    /// Ends an agent's wrap-up.
    EndWrapUp {
        /// As the configuration names them.
        id: String,
    },
    /// Makes an agent's wrap-up longer, once a call.
    ExtendWrapUp {
        /// As the configuration names them.
        id: String,
    },
}

const COLUMNS: [Column; 7] = [
    ("AGENT", |it| field(it, "id")),
    ("STATE", |it| field(it, "state")),
    ("SINCE", |it| seconds(it, "state_seconds")),
    ("REASON", |it| field(it, "reason")),
    ("PHONE", |it| field(it, "phone")),
    ("CALL", |it| field(it, "call")),
    ("SKILLS", skills),
];

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let (id, change) = match &args.deed {
        Deed::Ls => {
            args.remote.show(&args.remote.rows("/api/v1/agents", "agents")?, &COLUMNS);
            return Ok(());
        }
        Deed::Show { id } => {
            let agent = args.remote.get(&format!("/api/v1/agents/{}", escaped(id)))?;
            args.remote.show_one(&agent, &COLUMNS);
            return Ok(());
        }
        Deed::Ready { id } => (id, json!({"state": "ready"})),
        Deed::Away { id, reason } => (id, json!({"state": "away", "reason": reason})),
        Deed::SignIn { id, phone, away } => {
            let state = if *away { "away" } else { "ready" };
            (id, json!({"state": state, "phone": phone}))
        }
        Deed::SignOut { id } => (id, json!({"state": "signed-out"})),
        Deed::EndWrapUp { id } => (id, json!({"state": "wrap-up-end"})),
        Deed::ExtendWrapUp { id } => (id, json!({"state": "wrap-up-extend"})),
    };
    let path = format!("/api/v1/agents/{}/state", escaped(id));
    let agent = args.remote.post(&path, &change)?;
    args.remote.show_one(&agent, &COLUMNS);
    Ok(())
}

/// `german 10, english 8`
fn skills(agent: &Value) -> String {
    let skills = agent.get("skills").and_then(Value::as_array);
    let one = |skill: &Value| format!("{} {}", field(skill, "skill"), field(skill, "level"));
    skills.map_or(String::new(), |all| all.iter().map(one).collect::<Vec<_>>().join(", "))
}
