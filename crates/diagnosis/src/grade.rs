//! How sure a finding is: confirmed, unless something is lacking.

use std::collections::BTreeSet;

use esxray_model::{Grade, Said};

use crate::outcome::Missing;

/// What keeps a finding from being confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Lack {
    /// A condition of which the input does not say whether it is met.
    Condition,
    /// A text that nobody has seen in a log, or evidence with other explanations, and no second source.
    Foundation,
    /// A sound record: all stand in excerpts, or in records of another log.
    Soundness,
    /// A log that has to cover the window.
    Coverage,
    /// A condition that is decisive by itself, or a second source.
    Corroboration,
    /// Something speaks against it.
    Agreement,
}

impl Lack {
    /// The best grade that a finding can have with it.
    pub(crate) const fn at_most(self) -> Grade {
        match self {
            Self::Condition | Self::Foundation => Grade::Possible,
            Self::Soundness | Self::Coverage | Self::Corroboration | Self::Agreement => Grade::Probable,
        }
    }
}

/// What a finding lacks.
#[derive(Debug, Clone, Default)]
pub(crate) struct Grading {
    pub lacks: BTreeSet<Lack>,
    /// Evidence that would make up for it, where there is such a thing.
    pub missing: Vec<Missing>,
}

impl Grading {
    /// Adds something that is lacking, and the evidence that would make up for it.
    pub(crate) fn lack(&mut self, lack: Lack, what: Said, would: Said) {
        self.lacks.insert(lack);
        if !what.is_empty() {
            self.missing.push(Missing { what, would });
        }
    }
}

/// The grade of a finding that lacks this.
pub(crate) fn grade(lacks: &BTreeSet<Lack>) -> Grade {
    lacks.iter().map(|it| it.at_most()).min().unwrap_or(Grade::Confirmed)
}
