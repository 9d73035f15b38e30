//! `lotse staff`: how many agents a promise takes, what callers get from those there are, and who
//! works when. Asks no server.
//!
//! Each command prints a table for people, or with `--json` one object for machines with the exact
//! figures. A figure that has no end, as the wait before too few agents, is `null` there.

mod day;
mod demand;
mod erlang;
mod forecast;
mod needed;
mod roster;
mod say;
mod sheet;
mod show;
mod values;

use clap::Subcommand;

use crate::cli::failure::Failure;

/// What `lotse staff` takes on the command line.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    deed: Deed,
}

#[derive(Debug, Subcommand)]
enum Deed {
    /// Callers who find nobody free are turned away: lines of a trunk.
    ErlangB(erlang::B),
    /// Callers wait for ever: the cautious figures, for plans.
    ErlangC(erlang::C),
    /// Callers give up after a while: the figures that explain a real day.
    ErlangA(erlang::A),
    /// The fewest agents who keep a promise.
    Required(needed::Args),
    /// How many agents each interval of a day takes.
    Day(day::Args),
    /// How many will call on a day, by those who called on days like it.
    Forecast(forecast::Args),
    /// Who works when, so that enough are there: shifts by integer programming.
    Roster(roster::Args),
}

/// Answers from what was typed, and from the files it names.
pub(super) fn run(args: &Args) -> Result<(), Failure> {
    match &args.deed {
        Deed::ErlangB(args) => erlang::b(args),
        Deed::ErlangC(args) => erlang::c(args),
        Deed::ErlangA(args) => erlang::a(args),
        Deed::Required(args) => needed::run(args),
        Deed::Day(args) => day::run(args),
        Deed::Forecast(args) => forecast::run(args),
        Deed::Roster(args) => roster::run(args),
    }
}
