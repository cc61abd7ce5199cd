use esxray_model::{Fact, FormatName, IncidentKind, Said, Severity};

use crate::release::Release;
use crate::schema::{About, Basis};
use crate::wanted::Wanted;

/// A cause: what holds when which events and facts meet, and what it explains.
///
/// Every id in it is known to exist, every event is one that a signature emits,
/// and `explains` never runs in a circle.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Cause {
    /// Id: the file's stem.
    pub id: String,
    /// Folder between `causes/` and the file.
    pub area: String,
    /// Other ids that mean the same.
    pub aliases: Vec<String>,
    /// One sentence; names in braces stand for captured fields, see [`parts`](crate::parts).
    pub title: Said,
    /// The catalogue's category.
    pub category: String,
    /// The kind of incident.
    pub kind: IncidentKind,
    /// How bad it is.
    pub severity: Severity,
    /// What an incident is about.
    pub about: About,
    /// What goes on, for a reader who does not know vSphere's inside.
    pub explanation: Said,
    /// How well founded the cause is.
    pub basis: Basis,
    /// Releases and builds it is known for.
    pub affected: Said,
    /// The first release that can have it, where one is known.
    pub since: Option<Release>,
    /// The first release that can no longer have it.
    pub before: Option<Release>,
    /// Whether it is evidence only and never becomes a finding.
    pub context: bool,
    /// Where no log shows it: why, and what to compare by hand. Such a cause has no conditions.
    pub not_in_logs: Option<Said>,
    /// What must hold: all of them.
    pub when: Vec<Condition>,
    /// Observations of which any one excludes the cause.
    pub unless: Vec<Condition>,
    /// Observations that speak against it.
    pub against: Vec<Condition>,
    /// Observations of which any one, from another source, raises `probable` to `confirmed`.
    pub corroborate: Vec<Condition>,
    /// A later observation that closes the incident.
    pub recovered: Vec<Condition>,
    /// Logs that have to cover the incident before the grade can be `confirmed`.
    pub needs: Vec<Need>,
    /// Ids of causes that are consequences of this one when both hold in one incident.
    pub explains: Vec<String>,
    /// How a person confirms it.
    pub confirm: Vec<Said>,
    /// Ids of the remedies that serve it.
    pub remedies: Vec<String>,
    /// Ids of remedies that one may expect and that do not help, each with the reason.
    pub unhelpful: Vec<(String, Said)>,
    /// Ids of the prohibitions that hold while it is open.
    pub do_not: Vec<String>,
    /// Ids of causes worth looking at beside it; one that does not exist is only a warning.
    pub see_also: Vec<String>,
    /// Where it is public.
    pub sources: Vec<String>,
    /// Path of its file, as messages name it.
    pub file: String,
}

impl Cause {
    /// All conditions with the key that they stand under.
    pub fn conditions(&self) -> impl Iterator<Item = (&'static str, &[Condition])> {
        [
            ("when", &self.when),
            ("unless", &self.unless),
            ("against", &self.against),
            ("corroborate", &self.corroborate),
            ("recovered", &self.recovered),
        ]
        .into_iter()
        .map(|(key, conditions)| (key, conditions.as_slice()))
    }
}

/// One condition of a cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// What has to be observed.
    pub subject: Subject,
    /// The field that must be the same as in the event that the first `when` condition found.
    pub same: Option<String>,
    /// The event must be at most this many seconds away from the one that the first `when` condition found.
    pub within: Option<u32>,
    /// At least this many occurrences; 1 or more.
    pub count: u32,
    /// Counts different values of this field instead of occurrences.
    pub distinct: Option<String>,
    /// Values of which each of these fields must have one.
    pub values: Vec<(String, Vec<Wanted>)>,
    /// Whether this condition alone settles the matter when its record is structurally sound.
    pub decisive: bool,
    /// Whether a cause that rests on such conditions alone is at most `possible` without a second source.
    pub weak: bool,
    /// What it says, in words.
    pub what: Said,
    /// Its line in the file.
    pub line: u32,
}

/// What a condition observes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// Any one of these events; never empty.
    Events(Vec<String>),
    /// A fact that `diagnosis` computes.
    Fact(Fact),
}

impl Condition {
    /// The names of its events; empty for a fact.
    pub fn events(&self) -> &[String] {
        match &self.subject {
            Subject::Events(events) => events,
            Subject::Fact(_) => &[],
        }
    }
}

/// A log that has to cover the incident's window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// Formats of which any one will do; never empty.
    pub logs: Vec<FormatName>,
    /// Its name for a person.
    pub what: Said,
    /// What it would confirm or exclude.
    pub would: Said,
}
