//! How the program ends.

use std::process::ExitCode;

/// The exit statuses of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done; for a diagnosis: everything was read, and no finding reached `--fail-on`.
    Done,
    /// A finding reached `--fail-on`.
    Reached,
    /// `explain`, `records`, `timeline`: there is nothing to show.
    NothingFound,
    /// `redact`: a name could not be replaced safely, or the proof failed.
    Unproven,
    /// Could not run.
    CannotRun,
    /// No finding reached `--fail-on`, but not everything could be read or judged.
    Incomplete,
    /// The user interrupted it.
    Interrupted,
}

impl Exit {
    /// The number.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Reached | Self::NothingFound | Self::Unproven => 1,
            Self::CannotRun => 2,
            Self::Incomplete => 3,
            Self::Interrupted => 130,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
