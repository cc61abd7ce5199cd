//! The re-key audit of a whole fleet: one row a VM, one entry an object that has a key.
//!
//! What comes in is what a diagnosis is made from, read once. A row says how the last attempt on a VM ended, on which
//! key each of its objects is, why, and what to do first; and what the input does not show of it, because a VM of
//! which nothing is known is not one that was re-keyed.

mod list;
mod preflight;
mod retire;
mod rows;
mod totals;
mod wanted;

use std::path::PathBuf;

use esxray_knowledge::Knowledge;
use esxray_model::{Grade, KeyState, RekeyOutcome, RekeyStep, Said, Severity, Timestamp, Verdict};

pub use list::{ListError, ListedVm, VmList};
pub use preflight::{Preflight, Readiness, Risk, Weight};
pub use retire::{Naming, Retirement, Safety, Unvouched};
pub use totals::{CauseTotal, OutcomeCount, PlaceTotal, ProviderTotal, Totals};
pub use wanted::{ListAnswer, ListState, ListedAnswer};

use crate::assemble::{Judged, Options, Selection, judge_all};
use crate::error::Error;
use crate::outcome::{Diagnosis, DoNot, Evidence, ObjectKind, Remedy, VmName};
use crate::scan::scan;

/// What is asked of an audit beside the rows.
#[derive(Debug, Clone, Default)]
pub struct AuditOptions {
    /// The VMs that a migration meant to do.
    pub list: Option<VmList>,
    /// The key provider that is to be retired.
    pub retire: Option<String>,
    /// Whether to say which VMs are at risk in a migration to come.
    pub preflight: bool,
}

/// The answer of an audit.
#[derive(Debug, Clone)]
pub struct Audit {
    /// What the rows rest on: incidents, coverage, problems.
    pub diagnosis: Diagnosis,
    /// What was asked for.
    pub select: Selection,
    /// Failures first, then by name.
    pub rows: Vec<VmRow>,
    /// Open incidents about keys that are no VM's: they may stand behind any of the rows, or before the next.
    pub beside: Vec<Beside>,
    /// VMs of the input without a row: no sign of encryption or of a re-key.
    pub without_row: usize,
    /// The rows, counted.
    pub totals: Totals,
    /// What became of the listed VMs.
    pub list: Option<ListAnswer>,
    /// Whether a provider may be retired.
    pub retire: Option<Retirement>,
    /// What stands against a migration to come.
    pub preflight: Option<Preflight>,
}

/// How the last attempt on a VM ended, the most pressing first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VmOutcome {
    /// It ended with objects on both keys.
    Partial,
    /// Something cut it short: a reset, a crash, a power loss.
    Interrupted,
    /// It, or a step of it, failed.
    Failed,
    /// The input does not show how it ended.
    Unknown,
    /// Every object that the input shows is on the new key.
    Completed,
    /// The input shows no attempt.
    NotAttempted,
}

impl VmOutcome {
    /// Every value.
    pub const ALL: &'static [Self] =
        &[Self::Partial, Self::Interrupted, Self::Failed, Self::Unknown, Self::Completed, Self::NotAttempted];

    /// The word that reports print.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Partial => "partial",
            Self::Interrupted => "interrupted",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::Completed => "completed",
            Self::NotAttempted => "not-attempted",
        }
    }

    /// The word in a sentence for a person: in English the one that reports print.
    pub fn said(self) -> Said {
        Said::new(
            self.as_str(),
            match self {
                Self::Partial => "partiel",
                Self::Interrupted => "interrompu",
                Self::Failed => "échoué",
                Self::Unknown => "inconnu",
                Self::Completed => "terminé",
                Self::NotAttempted => "non tenté",
            },
        )
    }

    /// Whether the VM was to be re-keyed and is not.
    pub const fn is_failure(self) -> bool {
        matches!(self, Self::Partial | Self::Interrupted | Self::Failed)
    }
}

impl From<RekeyOutcome> for VmOutcome {
    fn from(outcome: RekeyOutcome) -> Self {
        match outcome {
            RekeyOutcome::Completed => Self::Completed,
            RekeyOutcome::Failed => Self::Failed,
            RekeyOutcome::Interrupted => Self::Interrupted,
            RekeyOutcome::Partial => Self::Partial,
            RekeyOutcome::Unknown => Self::Unknown,
        }
    }
}

/// One VM.
#[derive(Debug, Clone)]
pub struct VmRow {
    /// Every name.
    pub vm: VmName,
    /// The host whose logs spoke of it last, where its name is known.
    pub host: Option<String>,
    /// Whether the input shows that it has encrypted objects.
    pub encrypted: bool,
    /// Whether it was asked for, by name or by a list.
    pub asked: bool,
    /// How the last attempt ended.
    pub outcome: VmOutcome,
    /// Whether its incident was closed by a later observation, though no later re-key completed.
    pub recovered: bool,
    /// The step that the last attempt failed at.
    pub failed_step: Option<RekeyStep>,
    /// Provider of the keys before the last attempt.
    pub from_provider: Option<String>,
    /// Provider of the keys that it was to bring.
    pub to_provider: Option<String>,
    /// All attempts, in order.
    pub attempts: Vec<AttemptSeen>,
    /// Its home, its disks and the links of their snapshots.
    pub objects: Vec<KeyedObject>,
    /// Id of its open incident in the diagnosis.
    pub incident: Option<String>,
    /// Why.
    pub cause: Option<RowCause>,
    /// What to do first.
    pub remedy: Option<Remedy>,
    /// What not to do while that incident is open.
    pub do_not: Vec<DoNot>,
    /// What the input cannot vouch for: nothing where it is whole.
    pub doubts: Vec<Said>,
}

/// One attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptSeen {
    /// Operation id.
    pub op_id: Option<String>,
    /// Task.
    pub task: Option<String>,
    /// When it began.
    pub began: Option<Timestamp>,
    /// When its task ended.
    pub ended: Option<Timestamp>,
    /// How.
    pub outcome: RekeyOutcome,
    /// Where it failed.
    pub failed_step: Option<RekeyStep>,
}

/// One object that has a key.
#[derive(Debug, Clone)]
pub struct KeyedObject {
    /// VM home or disk.
    pub kind: ObjectKind,
    /// Path, where the input gives one.
    pub path: Option<String>,
    /// Such as `device 2000`.
    pub label: Option<String>,
    /// For the link of a snapshot: the name of the disk below it.
    pub link_of: Option<String>,
    /// Whether its own descriptor names no key: it is not encrypted, so none concerns it.
    pub plain: bool,
    /// On which key, after the last attempt; `None` where no attempt concerns it.
    pub key_state: Option<KeyState>,
    /// Id of that key.
    pub key_id: Option<String>,
    /// Its provider.
    pub provider: Option<String>,
    /// The records that show it.
    pub evidence: Vec<Evidence>,
}

/// The root cause of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowCause {
    /// Id.
    pub id: String,
    /// One sentence.
    pub title: Said,
    /// The same with `…` for the names of this one VM.
    pub of_many: Said,
    /// How sure.
    pub grade: Grade,
    /// How bad.
    pub severity: Severity,
}

/// An open incident about keys that is no VM's, as far as the input says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beside {
    /// Its id in the diagnosis.
    pub incident: String,
    /// The host, where it is known.
    pub host: Option<String>,
    /// Its root cause.
    pub cause: RowCause,
}

/// What an audit means for a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditVerdict {
    /// Nothing that was asked speaks against going on.
    Clear,
    /// Something does.
    Reached,
    /// Nothing does, but not everything could be read or vouched for.
    Incomplete,
}

impl VmRow {
    /// What the row means for a script; a VM that was asked for and not tried is for [`Audit::verdict`] to judge.
    ///
    /// A re-key that failed, was cut short or left objects on both keys is an observation, and counts at every grade.
    pub fn verdict(&self, fail_on: Grade) -> AuditVerdict {
        let found = self.incident.is_some() && self.cause.as_ref().is_some_and(|it| it.grade >= fail_on);
        let concerned = self.asked || !self.attempts.is_empty() || self.incident.is_some();
        if self.outcome.is_failure() || found {
            AuditVerdict::Reached
        } else if concerned && !self.doubts.is_empty() {
            AuditVerdict::Incomplete
        } else {
            AuditVerdict::Clear
        }
    }
}

impl Audit {
    /// Whether a VM that was asked for and shows no attempt counts: not before its migration.
    pub fn expects_attempts(&self) -> bool {
        self.preflight.is_none()
    }

    /// What a script should do with it.
    ///
    /// Beside the rows, a VM that was asked for and not tried counts, a provider that is not safe to retire, and in a
    /// preflight whatever has to be done first.
    pub fn verdict(&self, fail_on: Grade) -> AuditVerdict {
        let rows = |verdict| self.rows.iter().any(|it| it.verdict(fail_on) == verdict);
        let untried = |it: &VmRow| it.asked && it.outcome == VmOutcome::NotAttempted;
        let listed =
            |states: &[ListState]| self.list.iter().flat_map(|it| &it.vms).any(|it| states.contains(&it.state));
        let safety = self.retire.as_ref().map(|it| it.safety);
        let beside = self.beside.iter().any(|it| it.cause.grade >= fail_on && it.cause.severity >= Severity::Error);
        if rows(AuditVerdict::Reached)
            || beside
            || (self.expects_attempts() && self.rows.iter().any(untried))
            || safety == Some(Safety::NotSafe)
            || self.preflight.as_ref().is_some_and(Preflight::stops)
        {
            return AuditVerdict::Reached;
        }
        let unread = self.diagnosis.problems.iter().any(|it| it.incomplete);
        let nothing = self.rows.is_empty() && self.diagnosis.verdict == Verdict::Inconclusive;
        if unread
            || nothing
            || rows(AuditVerdict::Incomplete)
            || listed(&[ListState::NotInInput, ListState::Ambiguous, ListState::Unknown])
            || safety == Some(Safety::CannotSay)
            || self.preflight.as_ref().is_some_and(Preflight::is_blind)
        {
            return AuditVerdict::Incomplete;
        }
        AuditVerdict::Clear
    }
}

/// Audits the re-keys of all VMs of the input.
///
/// # Errors
///
/// [`Error`] where a path that was named cannot be opened. Damage inside of the input is part of the answer.
///
/// # Examples
///
/// ```
/// use esxray_diagnosis::{AuditOptions, Options, VmOutcome, audit};
/// use esxray_knowledge::Knowledge;
///
/// # let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/recovered/input");
/// let audit = audit(&[folder.into()], &Knowledge::builtin()?, &Options::default(), &AuditOptions::default())?;
/// let row = audit.rows.first().unwrap();
/// assert_eq!(row.vm.name.as_deref(), Some("CRM-02"));
/// assert_eq!((row.attempts.len(), row.outcome), (2, VmOutcome::Completed));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn audit(
    paths: &[PathBuf],
    knowledge: &Knowledge,
    options: &Options,
    asked: &AuditOptions,
) -> Result<Audit, Error> {
    let select = &options.select;
    let look = |judged: &Judged<'_>| {
        let seen = rows::Seen::new(judged, knowledge);
        let mut rows = seen.rows(select);
        let list = asked.list.as_ref().map(|list| wanted::answer(list, &mut rows, &seen));
        let taken = rows.len();
        rows.retain(|it| it.row.encrypted || it.row.asked || !it.row.attempts.is_empty() || it.row.incident.is_some());
        let retire = asked.retire.as_deref().map(|provider| retire::answer(provider, &seen));
        let preflight = asked.preflight.then(|| preflight::answer(&seen, &rows, select));
        let without_row = taken - rows.len();
        let rows: Vec<VmRow> = rows.into_iter().map(|it| it.row).collect();
        (rows, seen.beside(), without_row, list, retire, preflight)
    };
    let (diagnosis, (rows, beside, without_row, list, retire, preflight)) =
        judge_all(scan(paths, knowledge, options)?, knowledge, select, false, look);
    let totals = totals::count(&rows);
    Ok(Audit { diagnosis, select: select.clone(), totals, rows, beside, without_row, list, retire, preflight })
}
