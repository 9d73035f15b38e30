//! Words to deeds, and outcomes to exit codes.

use std::process::ExitCode;

use clap::Parser;
use lotse::cli::{Cli, failure::Failure};

/// A fifth of what a call costs the deciding thread is memory taken and given back.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // Wrong usage ends inside, with 2.
    let cli = Cli::parse();
    match cli.run() {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::from(code(&failure))
        }
    }
}

/// As sysexits.h has them; the systemd unit goes by these.
fn code(failure: &Failure) -> u8 {
    match failure {
        Failure::Failed(_) => 1,
        Failure::Usage(_) => 2,
        Failure::Unreachable(_) => 69,
        Failure::TryAgain(_) => 75,
        Failure::NotAllowed(_) => 77,
        Failure::Configuration(_) => 78,
    }
}
