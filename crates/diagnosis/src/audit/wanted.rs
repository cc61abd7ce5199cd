//! What became of the VMs of a list.

use std::collections::{BTreeMap, BTreeSet};

use super::VmOutcome;
use super::list::{ListedVm, VmList};
use super::rows::{RowOf, Seen};
use crate::outcome::VmName;

/// What became of the VMs of a list.
#[derive(Debug, Clone)]
pub struct ListAnswer {
    /// How the list was read.
    pub form: &'static str,
    /// One for each VM of the list, in its order.
    pub vms: Vec<ListedAnswer>,
    /// VMs that were re-keyed and are not on the list.
    pub beyond: Vec<VmName>,
}

/// What became of one VM of a list.
#[derive(Debug, Clone)]
pub struct ListedAnswer {
    /// The line of the list.
    pub line: usize,
    /// As the list names it.
    pub wanted: String,
    /// What became of it.
    pub state: ListState,
    /// The VMs that go by that name: none, one, or several that the list does not tell apart.
    pub vms: Vec<VmName>,
}

/// What became of a VM of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ListState {
    /// Its last attempt left objects on both keys.
    Partial,
    /// Its last attempt was cut short.
    Interrupted,
    /// Its last attempt failed.
    Failed,
    /// The input names it and shows no attempt.
    NotAttempted,
    /// How its attempt ended is not shown.
    Unknown,
    /// No log names it.
    NotInInput,
    /// Several VMs go by that name.
    Ambiguous,
    /// Its last attempt completed.
    Completed,
}

impl ListState {
    /// Every value, the most pressing first.
    pub const ALL: &'static [Self] = &[
        Self::Partial,
        Self::Interrupted,
        Self::Failed,
        Self::NotAttempted,
        Self::Unknown,
        Self::NotInInput,
        Self::Ambiguous,
        Self::Completed,
    ];

    /// The word that reports print.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Partial => "partial",
            Self::Interrupted => "interrupted",
            Self::Failed => "failed",
            Self::NotAttempted => "not-attempted",
            Self::Unknown => "unknown",
            Self::NotInInput => "not-in-input",
            Self::Ambiguous => "ambiguous",
            Self::Completed => "completed",
        }
    }

    /// Whether the last attempt went wrong.
    pub const fn is_failure(self) -> bool {
        matches!(self, Self::Partial | Self::Interrupted | Self::Failed)
    }
}

impl From<VmOutcome> for ListState {
    fn from(outcome: VmOutcome) -> Self {
        match outcome {
            VmOutcome::Partial => Self::Partial,
            VmOutcome::Interrupted => Self::Interrupted,
            VmOutcome::Failed => Self::Failed,
            VmOutcome::Unknown => Self::Unknown,
            VmOutcome::Completed => Self::Completed,
            VmOutcome::NotAttempted => Self::NotAttempted,
        }
    }
}

/// Finds each VM of the list among the rows, and marks those rows as asked for.
pub(super) fn answer(list: &VmList, rows: &mut [RowOf], seen: &Seen<'_>) -> ListAnswer {
    let mut vms = Vec::new();
    let mut listed: BTreeSet<usize> = BTreeSet::new();
    let names = by_name(rows);
    for entry in &list.entries {
        let found = find(entry, rows, &names);
        let state = match found.as_slice() {
            [] => ListState::NotInInput,
            [one] => rows.get(*one).map_or(ListState::NotInInput, |it| it.row.outcome.into()),
            // Whichever of them is meant: where all failed, or none was tried, that is the answer.
            several => {
                let states: BTreeSet<ListState> =
                    several.iter().filter_map(|at| Some(rows.get(*at)?.row.outcome.into())).collect();
                states.first().copied().filter(|_| states.len() == 1).unwrap_or(ListState::Ambiguous)
            }
        };
        let names = found.iter().filter_map(|at| Some(rows.get(*at)?.row.vm.clone())).collect();
        vms.push(ListedAnswer { line: entry.line, wanted: entry.wanted.clone(), state, vms: names });
        listed.extend(found);
    }
    for at in &listed {
        if let Some(it) = rows.get_mut(*at) {
            it.row.asked = true;
            it.row.doubts = seen.doubts(it.index, &it.row);
        }
    }
    let beyond = rows
        .iter()
        .enumerate()
        .filter(|(at, it)| !listed.contains(at) && !it.row.attempts.is_empty())
        .map(|it| it.1.row.vm.clone())
        .collect();
    ListAnswer { form: list.form, vms, beyond }
}

/// The rows that bear each display name; case does not matter.
fn by_name(rows: &[RowOf]) -> BTreeMap<String, Vec<usize>> {
    let mut names: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, it) in rows.iter().enumerate() {
        if let Some(name) = &it.row.vm.name {
            names.entry(name.to_lowercase()).or_default().push(at);
        }
    }
    names
}

/// The rows that an entry of the list means: by its name, and where that does not decide, by its ids.
fn find(entry: &ListedVm, rows: &[RowOf], called: &BTreeMap<String, Vec<usize>>) -> Vec<usize> {
    let by = |is: &dyn Fn(&VmName) -> bool| -> Vec<usize> {
        rows.iter().enumerate().filter(|it| is(&it.1.row.vm)).map(|it| it.0).collect()
    };
    // A VM that is called `12` is meant before the one that has this number on its host.
    let named = match called.get(&entry.wanted.to_lowercase()) {
        Some(rows) => rows.clone(),
        None => by(&|vm| vm.is(&entry.wanted)),
    };
    if named.len() == 1 {
        return named;
    }
    let same_id = by(&|vm| entry.ids.iter().any(|id| vm.is(id)));
    // A number of one host is another VM's on the next one: it only tells those of the name apart.
    let both: Vec<usize> = named.iter().copied().filter(|at| same_id.contains(at)).collect();
    match (both.is_empty(), named.is_empty()) {
        (false, _) => both,
        (true, false) => named,
        (true, true) => same_id,
    }
}
