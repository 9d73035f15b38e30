//! `lotse check`: says all that is wrong with a configuration, and starts nothing.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::ValueEnum;

use crate::{
    config::{self, fault::Faults, show},
    net::clock::Clock,
};

/// What may be said on the command line.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The configuration file, as for `serve`.
    #[arg(short, long, value_name = "FILE", env = "LOTSE_CONFIG")]
    #[arg(default_value = "/etc/lotse/lotse.toml")]
    config: PathBuf,
    /// The same, said shorter.
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// End with 3 if there are only warnings.
    #[arg(long, value_name = "WHAT")]
    deny: Option<Deny>,
    /// How to show them.
    #[arg(long, value_name = "HOW", default_value = "human")]
    format: Format,
}

/// What is not let pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Deny {
    /// What is valid but probably not meant so.
    Warnings,
}

/// How faults are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Drawn under the lines they are about, to the standard error.
    Human,
    /// One JSON object, to the standard output.
    Json,
    /// Annotations of a GitHub build, to the standard output.
    Github,
}

/// The file is good.
const GOOD: u8 = 0;
/// The file could be used, but `--deny` does not let it pass.
const DENIED: u8 = 3;
/// The file cannot be used (`EX_CONFIG`).
const NOT_VALID: u8 = 78;

/// Checks the file and shows what there is to show.
#[must_use]
pub fn run(args: &Args) -> ExitCode {
    let path = args.file.as_ref().unwrap_or(&args.config);
    let (faults, code) = match config::load(path, Clock::start().now()) {
        Err(errors) => (errors, NOT_VALID),
        Ok(checked) if checked.warnings.list.is_empty() => (checked.warnings, GOOD),
        Ok(checked) => match args.deny {
            Some(Deny::Warnings) => (checked.warnings, DENIED),
            None => (checked.warnings, GOOD),
        },
    };
    match args.format {
        Format::Human => human(path, &faults, code),
        // A reader who has gone away has read enough.
        Format::Json => drop(io::stdout().write_all(show::json(&[&faults]).as_bytes())),
        Format::Github => drop(io::stdout().write_all(show::github(&[&faults]).as_bytes())),
    }
    ExitCode::from(code)
}

fn human(path: &Path, faults: &Faults, code: u8) {
    drop(io::stderr().write_all(show::drawn_for_eyes(faults).as_bytes()));
    if code == GOOD {
        drop(writeln!(io::stdout(), "{}: good", path.display()));
    }
}
