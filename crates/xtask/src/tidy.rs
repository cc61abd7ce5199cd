//! The checks, one file each; a new one is a file and a word in [`CHECKS`].

mod data;
mod fixtures;
mod machine;
mod manifests;
mod rooms;
mod sources;

use crate::{Complaint, Project};

/// One check: its name, what it wants, and how it looks.
#[derive(Debug, Clone, Copy)]
pub struct Check {
    /// A word for messages.
    pub name: &'static str,
    /// What has to hold.
    pub wants: &'static str,
    /// Looks at the project.
    pub run: fn(&Project) -> Vec<Complaint>,
}

/// Every check.
pub const CHECKS: &[Check] = &[
    Check { name: "rooms", wants: "the table of ARCHITECTURE.md names each crate and whom it uses", run: rooms::check },
    Check { name: "sources", wants: "no unfinished, ignored or debugging code", run: sources::check },
    Check { name: "manifests", wants: "each dependency has its reason beside it", run: manifests::check },
    Check { name: "machine", wants: "nothing names the machine it was written on", run: machine::check },
    Check { name: "fixtures", wants: "each case says in a README.md what it is", run: fixtures::check },
    Check { name: "data", wants: "knowledge files are plain text", run: data::check },
];

/// Runs every check.
pub fn tidy(project: &Project) -> Vec<Complaint> {
    CHECKS.iter().flat_map(|check| (check.run)(project)).collect()
}
