//! Why a command came to nothing, in words for the one who typed it.

use std::fmt;

/// Each kind has its own exit code; what it shows is what, which one, and what to do.
#[derive(Debug)]
pub enum Failure {
    /// It was tried and did not work.
    Failed(String),
    /// What was typed, or the file it names, makes no sense.
    Usage(String),
    /// The server does not answer.
    Unreachable(String),
    /// Something is taken that may be free later: a port.
    TryAgain(String),
    /// The system, or the server, does not allow it.
    NotAllowed(String),
    /// The configuration is not valid.
    Configuration(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Configuration(drawing) => f.write_str(drawing),
            Self::Failed(why)
            | Self::Usage(why)
            | Self::Unreachable(why)
            | Self::TryAgain(why)
            | Self::NotAllowed(why) => write!(f, "lotse: {why}"),
        }
    }
}

impl std::error::Error for Failure {}
