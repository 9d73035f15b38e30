//! `lotse dev`: a small city on this machine, to try things out in.
//!
//! ```text
//! keys ──────►┌──────┐ commands ──► people: citizens and agents ──► SIP, RTP ──► server
//! signals ───►│ play │ ◄── experiences                                              │
//!             └──────┘ ◄──────────────────────────── facts ───────────────────────┘
//!                 └──► one line per thing that happens, and at the end a summary
//! ```
//!
//! Loopback only; nothing is kept unless `--keep` says where. The server is the one of `lotse serve`.

mod city;
mod people;
mod play;
mod story;
mod tally;
mod terminal;

use std::{net::SocketAddr, path::PathBuf, thread};

use clap::Args as ClapArgs;
use crossbeam_channel::{Receiver, unbounded};
use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM},
    iterator::Signals,
};

use self::{
    city::City,
    people::{Command, Experience},
    play::Play,
    story::Story,
    tally::Count,
    terminal::Terminal,
};
use crate::{
    base::time::Span,
    cli::{failure::Failure, log, serve},
    config::meant::Config,
    net::clock::Clock,
    server::{self, Server},
};

/// What `lotse dev` takes on the command line.
#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// So many simulated agents come to work at the start.
    #[arg(long, value_name = "N", default_value_t = 0)]
    agents: usize,
    /// So many simulated citizens call, once the agents are ready.
    #[arg(long, value_name = "N", default_value_t = 0)]
    calls: usize,
    /// What the citizens and agents are like follows from this number.
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// Ends when the calls are over; exit code 0 only if every one of them ended well.
    #[arg(long)]
    exit: bool,
    /// Keeps the journal in that directory, for `lotse explain` and `lotse replay`.
    #[arg(long, value_name = "DIRECTORY")]
    keep: Option<PathBuf>,
    /// The summary as one JSON object, and nothing else on standard output.
    #[arg(long, requires = "exit")]
    json: bool,
}

pub(super) fn run(args: &Args, log: &log::Choice) -> Result<(), Failure> {
    let clock = Clock::start();
    let started = clock.now();
    let City { mut config, taken } = city::found()?;
    config.data_dir.clone_from(&args.keep);
    // The agents of the play before have gone home with it.
    config.remember = Span::ZERO;
    // What happens is told as a story; the log is for what goes wrong.
    "warn".clone_into(&mut config.log.filter);
    log.start(&config.log)?;
    let signals = signals()?;
    let seed = args.seed.unwrap_or(started.0 % 1_000_000);
    let (phones, numbers) = (phones(&config), numbers(&config));
    if args.agents > phones.len() {
        let most = phones.len();
        return Err(Failure::Failed(format!("the city has {most} phones, and so many agents")));
    }

    let (tell, facts) = unbounded();
    let server = server::start(config, clock, vec![tell]).map_err(|why| serve::failure(&why))?;
    let (handle, people) = people::gather(sip(&server), clock, seed)
        .map_err(|why| Failure::Failed(format!("no sockets for simulated people: {why}")))?;
    let playing = thread::spawn(move || people.play());
    let mut play = Play {
        terminal: if args.exit { Terminal::output_only() } else { Terminal::open() },
        people: handle,
        facts,
        signals,
        numbers,
        phones,
        silent: args.json,
        story: Story::default(),
        count: Count::default(),
        experience: Experience::default(),
    };
    if !args.json {
        let ready = clock.now().since(started);
        play.terminal.say(&welcome(&server, &play, ready, &taken, args.exit));
    }
    let ended = perform(args, &mut play, seed);
    play.people.send(Command::End);
    let played = playing.join();
    server.handle().stop();
    let _ = server.join();
    match played {
        Ok(Ok(())) => ended,
        Ok(Err(why)) => Err(Failure::Failed(format!("the simulated people's sockets: {why}"))),
        Err(_) => Err(Failure::Failed("the simulated people failed".to_owned())),
    }
}

/// From the first agent to the summary, or to the key that quits.
fn perform(args: &Args, play: &mut Play, seed: u64) -> Result<(), Failure> {
    play.open(args.agents, args.calls)?;
    if !args.exit {
        play.improvise();
        return Ok(());
    }
    let summary = play.finish(args.calls)?;
    if args.json {
        let json = serde_json::to_string(&summary).expect("numbers are JSON");
        play.terminal.say(&json);
    } else {
        play.terminal.say(&format!("\n{summary}\nthe same play again: --seed {seed}"));
    }
    play.judge(args.calls, &summary)
}

/// What was made, and the next thing to do.
fn welcome(server: &Server, play: &Play, ready: Span, taken: &[u16], exit: bool) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let (http, sip) = (server.http, sip(server));
    let (first, last) = (play.phones.last(), play.phones.first());
    let user = |phone: Option<&(String, String)>| phone.map_or("", |(user, _)| user).to_owned();
    // Simulated agents sit down from the first phone on; a real one does best at the last.
    let (first, last) = (user(first), user(last));
    let numbers = play.numbers.join(", ");
    let taken = taken.iter().fold(String::new(), |text, port| {
        text + &format!("  Port {port} is taken by another program; another one is used.\n")
    });
    let next = if exit {
        String::new()
    } else {
        format!(
            "\n  c a citizen calls · a a simulated agent comes to work · r a rush of 40 calls · q quit\n\
             \n  Next: press a, then c. Or register a softphone as {last} and press c.\n"
        )
    };
    format!(
        "lotse {version}  a small city on this machine: loopback only, nothing is kept     ready in {:.2} s\n\
         {taken}\n  \
         SIP       {sip} (UDP, TCP)\n  \
         Phones    {first} … {last}, password dev-<number>; an agent is ready when its phone is\n  \
         Numbers   {numbers}\n  \
         Figures   http://{http}/metrics\n  \
         API       http://{http}/api/v1/queues   with Authorization: Bearer dev\n{next}",
        ready.as_secs_f64()
    )
}

fn sip(server: &Server) -> SocketAddr {
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    server.sip.first().map_or(any, |(_, address)| *address)
}

/// User names and passwords, the first phone last: agents come in the order of their numbers.
fn phones(config: &Config) -> Vec<(String, String)> {
    let phones = config.exchange.sip.phones.iter().flatten().rev();
    // To the simulated phones, which could not register without.
    phones
        .filter_map(|phone| {
            Some((phone.user.clone(), phone.password.as_ref()?.unmask().to_owned()))
        })
        .collect()
}

fn numbers(config: &Config) -> Vec<String> {
    let numbers = config.exchange.numbers.iter().filter(|number| !number.prefix);
    numbers.map(|number| number.digits.clone()).collect()
}

/// Signals that end us, as they come.
fn signals() -> Result<Receiver<i32>, Failure> {
    let mut signals = Signals::new([SIGHUP, SIGTERM, SIGINT])
        .map_err(|why| Failure::Failed(format!("cannot listen for signals: {why}")))?;
    let (tell, told) = unbounded();
    thread::spawn(move || signals.forever().try_for_each(|signal| tell.send(signal)));
    Ok(told)
}
