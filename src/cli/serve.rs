//! `lotse serve`: a server by a configuration file, until a signal ends it.
//!
//! ```text
//! SIGHUP              read the file again; a bad one is refused whole
//! SIGTERM, SIGINT     take no new calls, finish those inside, end; the second one ends at once
//! ```

use std::{io, path::PathBuf, thread};

use clap::Args as ClapArgs;
use sd_notify::NotifyState;
use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM},
    iterator::Signals,
};
use tracing::{error, info, warn};

use crate::{
    cli::{failure::Failure, log},
    config::{
        self, change,
        meant::{Checked, Config},
        show,
    },
    net::clock::Clock,
    server::{self, CannotStart, Handle, Server},
};

/// What `lotse serve` takes on the command line.
#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// The configuration file.
    #[arg(short, long, env = "LOTSE_CONFIG", default_value = "/etc/lotse/lotse.toml")]
    #[arg(value_name = "FILE")]
    config: PathBuf,
}

pub(super) fn run(args: &Args, log: &log::Choice) -> Result<(), Failure> {
    let Checked { config, warnings } = config::load(&args.config, Clock::start().now())
        .map_err(|faults| Failure::Configuration(show::drawn_for_eyes(&faults)))?;
    log.start(&config.log)?;
    for fault in &warnings.list {
        warn!(line = warnings.line(fault).0, "{}: {}", warnings.name, fault.says);
    }
    // Before anything listens: a signal that comes early must not end us half started.
    let mut signals = Signals::new([SIGHUP, SIGTERM, SIGINT])
        .map_err(|why| Failure::Failed(format!("cannot listen for signals: {why}")))?;
    let ear = signals.handle();
    let running = config.clone();
    let server = server::start(config, Clock::start(), vec![]).map_err(|why| failure(&why))?;
    let mut watch =
        Watch { path: args.config.clone(), running, handle: server.handle(), draining: false };
    announce(&server);

    let watching = thread::spawn(move || {
        for signal in signals.forever() {
            watch.heed(signal);
        }
    });
    let ended = server.join();
    ear.close();
    let _ = watching.join();
    match ended.cut {
        0 => info!("ended; every call was finished"),
        cut => warn!(cut, "ended with calls still inside"),
    }
    Ok(())
}

/// One line, for whoever started us, and word to systemd.
fn announce(server: &Server) {
    let sip: Vec<String> = server
        .sip
        .iter()
        .map(|(transport, address)| format!("{} {address}", transport.name()))
        .collect();
    println!(
        "lotse {} listens: SIP {}, HTTP http://{}",
        env!("CARGO_PKG_VERSION"),
        sip.join(", "),
        server.http
    );
    let _ = sd_notify::notify(&[NotifyState::Ready]);
}

/// Why a server did not start, and what to do about it.
pub(super) fn failure(why: &CannotStart) -> Failure {
    let kind = why.kind();
    if kind == io::ErrorKind::AddrInUse {
        Failure::TryAgain(format!("{why}; stop the other program or choose another port"))
    } else if kind == io::ErrorKind::PermissionDenied {
        Failure::NotAllowed(format!(
            "{why}; ports below 1024 need CAP_NET_BIND_SERVICE, files need their owner"
        ))
    } else if kind == io::ErrorKind::AddrNotAvailable {
        Failure::Configuration(format!("lotse: {why}; this machine has no such address"))
    } else {
        Failure::Failed(why.to_string())
    }
}

/// Heeds signals, while the server runs by `running`.
struct Watch {
    path: PathBuf,
    running: Config,
    handle: Handle,
    draining: bool,
}

impl Watch {
    fn heed(&mut self, signal: i32) {
        match signal {
            SIGHUP => self.reload(),
            _ if self.draining => {
                warn!("told twice to end: ending now");
                self.handle.stop();
            }
            _ => {
                self.draining = true;
                let limit = self.running.exchange.drain;
                info!(%limit, "ending: no new calls, those inside are finished");
                let _ = sd_notify::notify(&[NotifyState::Stopping]);
                self.handle.drain(limit);
            }
        }
    }

    fn reload(&mut self) {
        let checked = match config::reload(&self.path, &self.running, Clock::start().now()) {
            Ok(checked) => checked,
            Err(faults) => {
                for fault in &faults.list {
                    error!(line = faults.line(fault).0, "{}: {}", faults.name, fault.says);
                }
                error!("the file is refused; the configuration in force stays");
                return;
            }
        };
        if let Err(fault) = self.handle.reload(checked.config.clone()) {
            error!("{fault}");
            error!("a certificate is refused; the configuration in force stays");
            return;
        }
        for key in change::at_next_start(&self.running, &checked.config) {
            warn!(key, "this has changed, and takes a restart");
        }
        info!(file = %self.path.display(), "configuration read again");
        self.running = checked.config;
    }
}
