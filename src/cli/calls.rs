//! `lotse calls`: the calls of a running server, a hand on one of them, and its SIP.

use std::{fs, path::PathBuf};

use clap::{Subcommand, ValueEnum};
use serde_json::{Value, json};

use crate::{
    cli::{
        failure::Failure,
        remote::{Column, Remote, escaped, field, seconds},
    },
    trace::{ladder, pcap, shown::Shown, tape::Way},
};

/// What `lotse calls` takes on the command line.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    remote: Remote,
    #[command(subcommand)]
    deed: Deed,
}

#[derive(Debug, Subcommand)]
enum Deed {
    /// Lists the calls that go on, or those in one state.
    Ls {
        /// Only these: opened, waiting, ringing, talking, held, transferring, consulting, conference, outside, ended.
        #[arg(long)]
        state: Option<String>,
    },
    /// Shows one call.
    Show {
        /// Its id, such as 1M8RQKQG0017QK00; or its number in that process, such as call-7.
        id: String,
    },
    /// Lets the caller hear music until the call is resumed.
    Hold {
        /// Its id, such as 1M8RQKQG0017QK00; or its number in that process, such as call-7.
        id: String,
    },
    /// Joins caller and agent again.
    Resume {
        /// Its id, such as 1M8RQKQG0017QK00; or its number in that process, such as call-7.
        id: String,
    },
    /// Passes the caller on: to a queue at once, to a colleague or a number outside that answers.
    Transfer {
        /// Its id, such as 1M8RQKQG0017QK00; or its number in that process, such as call-7.
        id: String,
        /// A queue's name, an agent's id, a phone's user, or a number.
        #[arg(long)]
        to: String,
    },
    /// Calls somebody for the agent, who speaks with that one while the caller hears music.
    Consult {
        /// Its id, such as 1M8RQKQG0017QK00; or its number in that process, such as call-7.
        id: String,
        /// A queue's name, an agent's id, a phone's user, or a number.
        #[arg(long)]
        to: String,
    },
    /// Leaves the caller to the consultee.
    Complete {
        /// Its id, such as 1M8RQKQG0017QK00; or its number in that process, such as call-7.
        id: String,
    },
    /// Releases the consultee, or whoever is being called: the agent keeps its caller.
    Cancel {
        /// Its id, such as 1M8RQKQG0017QK00; or its number in that process, such as call-7.
        id: String,
    },
    /// Lets the agent speak with its caller again and the other wait, or the other way round.
    Toggle {
        /// Its id, such as 1M8RQKQG0017QK00; or its number in that process, such as call-7.
        id: String,
    },
    /// Lets caller, agent and the consultee hear one another.
    Conference {
        /// Its id, such as 1M8RQKQG0017QK00; or its number in that process, such as call-7.
        id: String,
    },
    /// Ends a call.
    Hangup {
        /// Its id, such as 1M8RQKQG0017QK00; or its number in that process, such as call-7.
        id: String,
    },
    /// Shows a call's SIP messages, secrets masked, as far as the server still has them.
    Trace {
        /// Its id, such as 1M8RQKQG0017QK00; or its number in that process, such as call-7.
        id: String,
        /// Draws them as a ladder instead of writing them out.
        #[arg(long)]
        ladder: bool,
        /// Writes them to this file, for Wireshark.
        #[arg(long, value_name = "FILE")]
        pcap: Option<PathBuf>,
        /// Whether people's numbers are shown. The server notes that they were.
        #[arg(long, default_value = "masked")]
        numbers: Numbers,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Numbers {
    /// By their last digits.
    Masked,
    /// Whole.
    Clear,
}

const COLUMNS: [Column; 9] = [
    ("CALL", |it| field(it, "id")),
    ("STATE", |it| field(it, "state")),
    ("QUEUE", |it| field(it, "queue")),
    ("WAIT", |it| seconds(it, "wait_seconds")),
    ("TALK", |it| seconds(it, "talk_seconds")),
    ("AGENT", |it| field(it, "agent")),
    ("CALLER", |it| field(it, "caller")),
    ("DIALLED", |it| field(it, "dialled")),
    ("OUTCOME", |it| field(it, "outcome")),
];

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let remote = &args.remote;
    match &args.deed {
        Deed::Ls { state } => {
            let only =
                state.as_ref().map_or_else(String::new, |it| format!("&state={}", escaped(it)));
            remote.show(&remote.rows_of("/api/v1/calls", &only, "calls")?, &COLUMNS);
        }
        Deed::Show { id } => {
            remote.show_one(&remote.get(&format!("/api/v1/calls/{}", escaped(id)))?, &COLUMNS);
        }
        Deed::Hold { id } => ask(remote, id, "hold", &json!({}))?,
        Deed::Resume { id } => ask(remote, id, "resume", &json!({}))?,
        Deed::Transfer { id, to } => ask(remote, id, "transfer", &json!({ "to": to }))?,
        Deed::Consult { id, to } => ask(remote, id, "consult", &json!({ "to": to }))?,
        Deed::Complete { id } => ask(remote, id, "complete", &json!({}))?,
        Deed::Cancel { id } => ask(remote, id, "cancel", &json!({}))?,
        Deed::Toggle { id } => ask(remote, id, "toggle", &json!({}))?,
        Deed::Conference { id } => ask(remote, id, "conference", &json!({}))?,
        Deed::Hangup { id } => {
            remote.delete(&format!("/api/v1/calls/{}", escaped(id)))?;
        }
        Deed::Trace { id, ladder, pcap, numbers } => {
            let numbers = match numbers {
                Numbers::Masked => "masked",
                Numbers::Clear => "clear",
            };
            let path = format!("/api/v1/calls/{}/trace?numbers={numbers}", escaped(id));
            let answer = remote.get(&path)?;
            let messages = messages(&answer)?;
            if messages.is_empty() {
                return Err(Failure::Failed(format!(
                    "{id}: its messages are not kept any more (see trace.bytes)"
                )));
            }
            if let Some(file) = pcap {
                fs::write(file, pcap::write(&messages))
                    .map_err(|why| Failure::Failed(format!("{}: {why}", file.display())))?;
            }
            match (ladder, pcap, remote.wants_json()) {
                (true, _, _) => print!("{}", ladder::draw(&messages)),
                (false, Some(_), _) => (),
                (false, None, true) => println!("{answer:#}"),
                (false, None, false) => print!("{}", written(&messages)),
            }
        }
    }
    Ok(())
}

/// Asks that of a call.
fn ask(remote: &Remote, id: &str, verb: &str, body: &Value) -> Result<(), Failure> {
    remote.post(&format!("/api/v1/calls/{}/{verb}", escaped(id)), body).map(drop)
}

fn messages(answer: &Value) -> Result<Vec<Shown>, Failure> {
    let list = answer.get("messages").cloned().unwrap_or_default();
    serde_json::from_value(list)
        .map_err(|why| Failure::Failed(format!("the server's answer cannot be read: {why}")))
}

/// The messages one after another, each under the line that says when and between whom.
fn written(messages: &[Shown]) -> String {
    let first = messages.first().map(|it| it.at).unwrap_or_default();
    messages.iter().fold(String::new(), |text, message| {
        let since = message.at.since(first).as_secs_f64();
        let arrow = match message.way {
            Way::Received => "from",
            Way::Sent => "to",
        };
        let (over, whom) = (message.transport.name(), message.remote);
        text + &format!(
            "--- {since:.3} s  {arrow} {whom} ({over})\n{}\n",
            message.text.replace('\r', "")
        )
    })
}
