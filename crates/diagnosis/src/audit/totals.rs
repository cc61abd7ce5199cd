//! The rows of an audit, counted.

use std::collections::{BTreeMap, BTreeSet};

use esxray_model::{Grade, Said};

use super::{VmOutcome, VmRow};

/// The rows, counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Totals {
    /// All rows.
    pub vms: usize,
    /// Rows that the input cannot vouch for.
    pub doubtful: usize,
    /// For each outcome.
    pub outcomes: Vec<OutcomeCount>,
    /// For each root cause, the most frequent first.
    pub causes: Vec<CauseTotal>,
    /// For each host; those without one last.
    pub hosts: Vec<PlaceTotal>,
    /// For each datastore; those without one last.
    pub datastores: Vec<PlaceTotal>,
    /// For each key provider that an object's key is of; those without one last.
    pub providers: Vec<ProviderTotal>,
}

/// How many rows have an outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutcomeCount {
    /// The outcome.
    pub outcome: VmOutcome,
    /// How many.
    pub vms: usize,
}

/// How many rows have a root cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CauseTotal {
    /// Its id.
    pub cause: String,
    /// Its title, without the names of one VM.
    pub title: Said,
    /// The surest grade among them.
    pub grade: Grade,
    /// How many.
    pub vms: usize,
    /// On which hosts: one host, or all of them, is evidence by itself.
    pub hosts: BTreeSet<String>,
}

/// How many rows are on a host or a datastore.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceTotal {
    /// Its name; `None` where the input does not say it.
    pub name: Option<String>,
    /// How many of each outcome.
    pub outcomes: Vec<OutcomeCount>,
}

/// How many objects have a key of a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderTotal {
    /// Its name; `None` for objects whose provider the input does not say.
    pub provider: Option<String>,
    /// How many objects.
    pub objects: usize,
    /// Of how many VMs.
    pub vms: usize,
}

/// How many objects, and of which rows.
type Shares = (usize, BTreeSet<usize>);

pub(super) fn count(rows: &[VmRow]) -> Totals {
    let mut causes: BTreeMap<&str, CauseTotal> = BTreeMap::new();
    let mut providers: BTreeMap<(bool, Option<&str>), Shares> = BTreeMap::new();
    for (at, row) in rows.iter().enumerate() {
        if let Some(cause) = &row.cause {
            let total = causes.entry(&cause.id).or_insert_with(|| CauseTotal {
                cause: cause.id.clone(),
                title: cause.of_many.clone(),
                grade: cause.grade,
                vms: 0,
                hosts: BTreeSet::new(),
            });
            total.vms += 1;
            total.grade = total.grade.max(cause.grade);
            total.hosts.extend(row.host.clone());
        }
        for object in row.objects.iter().filter(|it| !it.plain) {
            let key = (object.provider.is_none(), object.provider.as_deref());
            let total = providers.entry(key).or_default();
            total.0 += 1;
            total.1.insert(at);
        }
    }
    let mut causes: Vec<CauseTotal> = causes.into_values().collect();
    causes.sort_by(|one, other| other.vms.cmp(&one.vms).then_with(|| one.cause.cmp(&other.cause)));
    Totals {
        vms: rows.len(),
        doubtful: rows.iter().filter(|it| !it.doubts.is_empty()).count(),
        outcomes: outcomes(rows.iter()),
        causes,
        hosts: places(rows, |it| it.host.clone()),
        datastores: places(rows, |it| it.vm.datastore.clone()),
        providers: providers
            .into_iter()
            .map(|((_, provider), (objects, vms))| ProviderTotal {
                provider: provider.map(str::to_owned),
                objects,
                vms: vms.len(),
            })
            .collect(),
    }
}

fn places(rows: &[VmRow], of: impl Fn(&VmRow) -> Option<String>) -> Vec<PlaceTotal> {
    let mut places: BTreeMap<(bool, Option<String>), Vec<&VmRow>> = BTreeMap::new();
    for row in rows {
        let name = of(row);
        places.entry((name.is_none(), name)).or_default().push(row);
    }
    let total = |((_, name), rows): ((bool, Option<String>), Vec<&VmRow>)| PlaceTotal {
        name,
        outcomes: outcomes(rows.into_iter()),
    };
    places.into_iter().map(total).collect()
}

/// Every outcome that occurs, the most pressing first.
fn outcomes<'r>(rows: impl Iterator<Item = &'r VmRow>) -> Vec<OutcomeCount> {
    let mut counts: BTreeMap<VmOutcome, usize> = BTreeMap::new();
    for row in rows {
        *counts.entry(row.outcome).or_default() += 1;
    }
    counts.into_iter().map(|(outcome, vms)| OutcomeCount { outcome, vms }).collect()
}
