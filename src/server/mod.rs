//! Threads, one turn, shutdown.
//!
//! ```text
//!        commands ┌──────────┐ orders  ┌─────────┐
//!   API ─────────►│  signal  │────────►│  media  │
//!   signals       │  turns   │◄────────│  relay  │
//!                 └────┬─────┘ notices └─────────┘
//!                facts │ (bounded; nobody is waited for)
//!            ┌─────────┼──────────┐
//!            ▼         ▼          ▼
//!           web      scribe     whoever listens in
//! ```
//!
//! A thread that panics ends the process: half an exchange is worse than none, and whoever
//! watches over the process starts it anew.

mod limits;
mod readers;
mod rejections;
mod scribe;
mod tap;
mod turn;
mod web;

use std::{
    fmt, io,
    net::SocketAddr,
    path::{Path, PathBuf},
    process,
    sync::Arc,
    thread::{self, JoinHandle},
};

use crossbeam_channel::{Receiver, Sender, TrySendError};
use mio::Waker;
use tokio::sync::mpsc;

pub use self::turn::Ended;
use self::{
    readers::{Readers, UNREAD_MAX},
    rejections::Rejections,
    scribe::Files,
    tap::Tap,
    turn::{Command, Course, Pace, Turns},
};
use crate::{
    api::web::{News, RequestSender, Settings, Tape, Web},
    base::{
        numbers::TrunkNo,
        time::{Span, Timestamp},
    },
    config::meant::{self, Config},
    exchange::{
        fact::Record,
        handover::Handover,
        plan::Plan,
        switch::{Exchange, Output},
    },
    journal::{self, Journal, handover::Keeper},
    media::order::Notice,
    net::{
        bind::{self, CannotListen},
        clock::Clock,
        names::{self, Lookup, Lookups},
        sockets::{self, Sockets},
        tls::{self, Tls},
    },
    relay::Relay,
    sip::{self, settings::Serves, wire::Transport},
};

/// Commands that may lie unread; beyond, the API says 503.
const COMMANDS_MAX: usize = 4096;

/// A server at work.
pub struct Server {
    /// Where SIP is listened for.
    pub sip: Vec<(Transport, SocketAddr)>,
    /// Where HTTP is.
    pub http: SocketAddr,
    handle: Handle,
    signal: JoinHandle<Ended>,
    others: Vec<JoinHandle<()>>,
}

/// The way to say something to a server, from any thread.
#[derive(Clone)]
pub struct Handle {
    commands: Sender<Command>,
    waker: Arc<Waker>,
    /// What a reload must not change: where we listen, and the seed of the nonces given out.
    listen: Vec<(Transport, SocketAddr)>,
    serves: Vec<Serves>,
    clients: Vec<Option<PathBuf>>,
    seed: [u8; 32],
    names: mpsc::UnboundedSender<Lookups>,
}

/// Why a server did not start.
#[derive(Debug)]
pub enum CannotStart {
    /// An address could not be had. Says which key of the configuration names it.
    Listen(&'static str, CannotListen),
    /// A certificate or key is of no use.
    Tls(tls::Fault),
    /// The journal could not be opened.
    Journal(journal::Fault),
    /// The media threads did not start.
    Relay(io::Error),
    /// No socket could be had for the collector of SIP messages.
    Collector(io::Error),
    /// The system gave no thread, or no chance.
    System(io::Error),
}

/// Starts a server by `config`. `listeners` are sent every fact.
pub fn start(
    mut config: Config,
    clock: Clock,
    mut listeners: Vec<Sender<Record>>,
) -> Result<Server, CannotStart> {
    limits::raise_open_files(&config);
    let sockets = open_sockets(&config)?;
    let http = bind::http(config.http.listen)
        .map_err(|fault| CannotStart::Listen("http.listen", fault))?;
    let files = config.data_dir.as_deref().map(open_files).transpose();
    let files = files.map_err(CannotStart::Journal)?;
    let handover = recall(&config, clock.now());
    seed(&mut config.exchange)?;
    // A port asked for as 0 is known by now, and Via and Contact must name it.
    config.exchange.sip.listen = sockets.addresses();

    let sip = config.exchange.sip.listen.clone();
    let (commands, heard) = crossbeam_channel::bounded(COMMANDS_MAX);
    let (names, asked) = mpsc::unbounded_channel();
    let handle = Handle {
        commands,
        waker: sockets.waker(),
        listen: sip.clone(),
        serves: config.exchange.sip.serves.clone(),
        clients: config.tls.clients.clone(),
        seed: config.exchange.sip.seed,
        names,
    };
    let teller = handle.clone();
    // It ends with the process: nobody waits for a name server.
    let _ = spawn("names", move || names::run(asked, move |it| teller.say(Command::Found(it))))?;
    let _ = handle.names.send(lookups(&config));
    let tap = Tap::open(&config.trace).map_err(CannotStart::Collector)?;
    let (relay, notices) = start_relay(&config, clock, &handle)?;
    let (tell_web, news) = mpsc::channel(UNREAD_MAX);
    let (tell_scribe, facts) = crossbeam_channel::bounded(UNREAD_MAX);
    listeners.push(tell_scribe);

    let web = Web::new(
        Settings::of(&config.http),
        handle.request_sender(),
        handle.tape(),
        Arc::new(move || clock.now()),
    );
    let http_address = http.local_addr().map_err(CannotStart::System)?;
    let of_journal = tell_web.clone();
    let mut readers = Readers::new(tell_web, listeners);
    readers.tell(News::Configured(Arc::new(config.exchange.clone())));
    readers.tell(News::Unready(vec![]));
    let mut exchange = Exchange::new(config.exchange);
    if let Some(handover) = handover {
        exchange.take_over(handover);
    }
    let turns = Turns {
        clock,
        sockets,
        exchange,
        relay,
        notices,
        commands: heard,
        readers,
        out: Output::default(),
        course: Course::default(),
        tap,
        rejections: Rejections::start(clock).map_err(CannotStart::System)?,
        figures_due: Timestamp::EPOCH,
        pace: Pace::default(),
    };
    let connections_max = config.http.connections_max;
    let others = vec![
        spawn("scribe", move || scribe::run(&facts, files, clock, &of_journal))?,
        spawn("web", move || {
            if let Err(why) = web::run(http, &web, connections_max, news) {
                panic!("the web thread cannot go on: {why}");
            }
        })?,
    ];
    let signal = spawn("signal", move || {
        turns.run().unwrap_or_else(|why| panic!("the signal thread cannot go on: {why}"))
    })?;
    Ok(Server { sip, http: http_address, handle, signal, others })
}

impl Server {
    /// The way to say something to it from other threads.
    #[must_use]
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Waits for the end, whoever brings it about.
    #[must_use]
    pub fn join(self) -> Ended {
        // A thread that panics has ended the process already.
        let ended = self.signal.join().unwrap_or(Ended { cut: 0 });
        for other in self.others {
            let _ = other.join();
        }
        ended
    }
}

impl Handle {
    /// Goes by `config` from now on, as far as a running server can: where it listens and its
    /// RTP ports stay as they are.
    pub fn reload(&self, config: Config) -> Result<(), tls::Fault> {
        let mut config = config;
        // What goes by a listener's place stays with the listeners that are open.
        config.tls.clients.clone_from(&self.clients);
        // A certificate that is of no use must not take the place of one that is.
        let tls = load_tls(&config, self.listen.len())?;
        let _ = self.names.send(lookups(&config));
        let mut plan = config.exchange;
        // Nonces given out stay good, and Via and Contact name sockets that are open.
        plan.sip.seed = self.seed;
        plan.sip.listen.clone_from(&self.listen);
        plan.sip.serves.clone_from(&self.serves);
        self.say(Command::Config(Box::new(plan), config.http.tokens, Arc::new(tls)));
        Ok(())
    }

    /// Takes no new calls, finishes those inside, then ends; not later than after `limit`.
    pub fn drain(&self, limit: Span) {
        self.say(Command::Drain(limit));
    }

    /// Ends now.
    pub fn stop(&self) {
        self.say(Command::Stop);
    }

    /// Says it even if that takes a moment: these commands are few, and none may be lost.
    fn say(&self, command: Command) {
        // Nobody listens any more: then what we wanted to say is of no use either.
        let _ = self.commands.send(command);
        let _ = self.waker.wake();
    }

    /// For the API: takes a request, or gives it back when too many wait.
    fn request_sender(&self) -> RequestSender {
        let handle = self.clone();
        Arc::new(move |request| match handle.commands.try_send(Command::Request(request)) {
            Ok(()) => {
                let _ = handle.waker.wake();
                Ok(())
            }
            Err(TrySendError::Full(command) | TrySendError::Disconnected(command)) => match command
            {
                Command::Request(request) => Err(request),
                Command::Found(_)
                | Command::Config(..)
                | Command::Recall(..)
                | Command::Drain(_)
                | Command::Stop => Ok(()),
            },
        })
    }
}

impl Handle {
    /// For the API: asks for the messages of these Call-IDs; `false` when too many commands wait.
    fn tape(&self) -> Tape {
        let handle = self.clone();
        Arc::new(move |call_ids, asker| {
            let said = handle.commands.try_send(Command::Recall(call_ids, asker)).is_ok();
            let _ = handle.waker.wake();
            said
        })
    }
}

fn open_files(directory: &Path) -> Result<Files, journal::Fault> {
    Ok(Files { journal: Journal::open(directory)?, keeper: Keeper::new(directory) })
}

/// What the process before this one knew, if it has not been gone for long.
fn recall(config: &Config, now: Timestamp) -> Option<Handover> {
    let directory = config.data_dir.as_deref()?;
    match journal::handover::read(directory, now, config.remember) {
        Ok(handover) => handover,
        Err(fault) => {
            tracing::warn!("{fault}: agents must sign in again");
            None
        }
    }
}

fn start_relay(
    config: &Config,
    clock: Clock,
    handle: &Handle,
) -> Result<(Relay, Receiver<Notice>), CannotStart> {
    let (tell, notices) = crossbeam_channel::unbounded();
    let waker = Arc::clone(&handle.waker);
    let tell = move |notice| {
        // What is only bookkeeping waits for the next turn, a second away at most.
        let is_urgent = match notice {
            Notice::Ports { .. } | Notice::Closed { .. } => false,
            Notice::Silent { .. }
            | Notice::Played { .. }
            | Notice::Digit { .. }
            | Notice::NotPlayed { .. }
            | Notice::Failed { .. } => true,
        };
        let _ = tell.send(notice);
        if is_urgent {
            let _ = waker.wake();
        }
    };
    let relay = Relay::start(&config.media, &config.sounds, clock, Box::new(tell));
    Ok((relay.map_err(CannotStart::Relay)?, notices))
}

/// Runs `work` on a thread of that name, whose panic is the end of the process.
fn spawn<T: Send + 'static>(
    name: &'static str,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<JoinHandle<T>, CannotStart> {
    let work = move || {
        let _loud = Loud(name);
        work()
    };
    thread::Builder::new().name(name.to_owned()).spawn(work).map_err(CannotStart::System)
}

/// Ends the process when its thread panics.
struct Loud(&'static str);

impl Drop for Loud {
    fn drop(&mut self) {
        if thread::panicking() {
            tracing::error!(thread = self.0, "a thread failed: this process ends");
            process::exit(1);
        }
    }
}

/// Reads the certificates that `config` names, for that many listeners.
fn load_tls(config: &Config, listeners: usize) -> Result<Tls, tls::Fault> {
    let identity = |it: &meant::Identity| tls::Identity {
        certificate: it.certificate.clone(),
        key: it.key.clone(),
    };
    let trust = |it: &meant::Trust| tls::Trust {
        roots: it.roots.clone(),
        own: it.own.as_ref().map(identity),
    };
    let settings = tls::Settings {
        own: config.tls.own.as_ref().map(identity),
        takes_tls12: config.tls.takes_tls12,
        clients: config.tls.clients.clone(),
        trunks: config.tls.trunks.iter().map(|it| it.as_ref().map(trust)).collect(),
    };
    Tls::load(&settings, listeners)
}

/// The carriers to look up.
fn lookups(config: &Config) -> Lookups {
    let sip = &config.exchange.sip;
    let lookup = |(slot, trunk): (u32, &Option<sip::settings::Trunk>)| {
        let uris = trunk.as_ref()?.carrier.as_ref()?.proxies.clone();
        let trunk = TrunkNo::first(slot);
        let trust = config.tls.trunks.get(trunk.index()).and_then(Option::as_ref);
        Some(Lookup { trunk, uris, name: trust.and_then(|it| it.name.clone()) })
    };
    let has = |is_ipv4| sip.listen.iter().any(|(_, at)| at.is_ipv4() == is_ipv4);
    Lookups {
        all: (0..).zip(&sip.trunks).filter_map(lookup).collect(),
        servers: config.net.dns.clone(),
        families: (has(true), has(false)),
    }
}

fn open_sockets(config: &Config) -> Result<Sockets, CannotStart> {
    tls::install_provider();
    let tls = load_tls(config, config.exchange.sip.listen.len()).map_err(CannotStart::Tls)?;

    let settings = sockets::Settings {
        dscp: config.net.dscp,
        connections_max: config.net.connections_max,
        connections_from_one: config.net.connections_from_one,
        handshakes_max: config.net.handshakes_max,
        connection_idle: config.net.connection_idle,
        keep_alive: config.net.keep_alive,
        unsent_max: config.net.unsent_max,
        message_max: config.exchange.sip.message_max,
    };
    Sockets::open(&config.exchange.sip.listen, settings, Arc::new(tls))
        .map_err(|fault| CannotStart::Listen("sip.listen, listener", fault))
}

/// Nonces and tags must not be guessed: their seed is the operating system's.
fn seed(plan: &mut Plan) -> Result<(), CannotStart> {
    getrandom::fill(&mut plan.sip.seed).map_err(|why| CannotStart::System(why.into()))
}

impl CannotStart {
    /// What the operating system said.
    #[must_use]
    pub fn kind(&self) -> io::ErrorKind {
        match self {
            Self::Listen(_, fault) => fault.why.kind(),
            Self::Tls(_) => io::ErrorKind::InvalidData,
            Self::Journal(fault) => fault.why.kind(),
            Self::Relay(why) | Self::Collector(why) | Self::System(why) => why.kind(),
        }
    }
}

impl fmt::Display for CannotStart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listen(key, fault) => write!(f, "{fault} (see {key}): {}", fault.why),
            Self::Tls(fault) => write!(f, "cannot speak TLS (see [tls]): {fault}"),
            Self::Journal(fault) => write!(f, "{fault} (see server.data_dir)"),
            Self::Relay(why) => write!(f, "cannot start the media threads (see [rtp]): {why}"),
            Self::Collector(why) => {
                write!(f, "cannot send to the collector (see trace.hep): {why}")
            }
            Self::System(why) => write!(f, "the operating system refused: {why}"),
        }
    }
}

impl std::error::Error for CannotStart {}
