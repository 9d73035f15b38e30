//! The command line: one file a subcommand.
//!
//! ```text
//! serve    a server by a configuration file       dev      a small city to try things out in
//! agent, calls, queue, trunk, status              ask a running server
//! check    what is wrong with a configuration     config   files to start from
//! doctor   what is wrong with the machine
//! simulate days at a virtual exchange             replay   read a journal again
//! staff    how many agents a promise takes, and who works when
//! explain  why a call waited, from a journal
//! ```

mod agent;
mod calls;
pub mod check;
pub mod config;
mod dev;
mod doctor;
mod explain;
pub mod failure;
pub mod log;
mod queue;
mod remote;
mod replay;
mod serve;
mod simulate;
mod staff;
mod trunk;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::cli::failure::Failure;

/// An automatic call distributor: callers reach the right free agent, soon and in order.
#[derive(Debug, Parser)]
#[command(version, about, propagate_version = true, arg_required_else_help = true)]
#[command(after_help = "\
Exit codes: 0 ok, 1 failed, 2 usage, 69 server unreachable, 75 try again (a port is taken),
77 not allowed, 78 configuration.")]
pub struct Cli {
    #[command(flatten)]
    log: log::Choice,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs a server by a configuration file.
    Serve(serve::Args),
    /// Makes a small city on this machine to try things out in: no file, loopback only.
    Dev(dev::Args),
    /// Asks a running server about its agents, and changes their states.
    Agent(agent::Args),
    /// Asks a running server about its calls, lends one a hand, and shows its SIP.
    #[command(visible_alias = "call")]
    Calls(calls::Args),
    /// Asks a running server about its queues.
    Queue(queue::Args),
    /// Asks a running server about its trunks.
    Trunk(trunk::Args),
    /// Asks a running server whether it takes calls.
    Status(queue::StatusArgs),
    /// Reads a journal again, and says what is in it and what is wrong with it.
    Replay(replay::Args),
    /// Says why a call waited as it did, and who was chosen for it, from a journal.
    Explain(explain::Args),
    /// Says all that is wrong with a configuration, and starts nothing.
    Check(check::Args),
    /// Looks at this machine: ports, limits, clock, disk, carriers; and says what to do.
    Doctor(doctor::Args),
    /// Prints files to start from, and the schema of what may stand in them.
    Config(config::Args),
    /// Lives through days at a virtual exchange, and says what broke.
    Simulate(simulate::Args),
    /// Says how many agents a promise takes, what callers get, and who works when.
    Staff(staff::Args),
}

impl Cli {
    /// Does what was asked. A check has its own exit codes.
    pub fn run(self) -> Result<ExitCode, Failure> {
        match self.command {
            Command::Serve(args) => serve::run(&args, &self.log)?,
            Command::Dev(args) => dev::run(&args, &self.log)?,
            Command::Agent(args) => agent::run(&args)?,
            Command::Calls(args) => calls::run(&args)?,
            Command::Queue(args) => queue::run(&args)?,
            Command::Trunk(args) => trunk::run(&args)?,
            Command::Status(args) => queue::status(&args)?,
            Command::Simulate(args) => simulate::run(&args)?,
            Command::Staff(args) => staff::run(&args)?,
            Command::Replay(args) => replay::run(&args)?,
            Command::Explain(args) => explain::run(&args)?,
            Command::Doctor(args) => doctor::run(&args)?,
            Command::Check(args) => return Ok(check::run(&args)),
            // A reader who has gone away has read enough.
            Command::Config(args) => drop(config::run(&args)),
        }
        Ok(ExitCode::SUCCESS)
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_contradicts_itself_nowhere() {
        Cli::command().debug_assert();
    }
}
