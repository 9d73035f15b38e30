//! What is logged, and how. Lines go to standard error; standard output is for answers.

use std::io::{self, IsTerminal};

use clap::{Args, ValueEnum};
use tracing_subscriber::EnvFilter;

use crate::{
    cli::failure::Failure,
    config::meant::{Log, LogFormat},
};

/// What the command line says about the log. It wins over the configuration.
#[derive(Debug, Args)]
pub struct Choice {
    /// What is logged: `info`, `debug`, `info,lotse::sip=debug`.
    #[arg(long, global = true, env = "LOTSE_LOG", value_name = "FILTER")]
    log: Option<String>,
    /// How a line is written.
    #[arg(long, global = true, env = "LOTSE_LOG_FORMAT", value_name = "FORMAT")]
    log_format: Option<Format>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// For eyes.
    Text,
    /// For machines: one object a line.
    Json,
}

/// Whether colours are welcome on standard error (<https://no-color.org>).
pub(super) fn in_colour() -> bool {
    io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none()
}

impl Choice {
    /// Starts logging, by the configuration where the command line is silent.
    pub(super) fn start(&self, configured: &Log) -> Result<(), Failure> {
        let filter = self.log.as_deref().unwrap_or(&configured.filter);
        let filter = EnvFilter::try_new(filter)
            .map_err(|why| Failure::Configuration(format!("log filter {filter:?}: {why}")))?;
        let format = match self.log_format {
            Some(Format::Text) => LogFormat::Text,
            Some(Format::Json) => LogFormat::Json,
            None => configured.format,
        };
        let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
        // Another start in the same process (a test) keeps the first one's log.
        let _ = match format {
            LogFormat::Text => lines.with_ansi(in_colour()).try_init(),
            LogFormat::Json => lines.json().flatten_event(true).try_init(),
        };
        Ok(())
    }
}
