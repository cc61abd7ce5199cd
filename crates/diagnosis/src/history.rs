//! One history of VMs and hosts, merged from every source.
//!
//! What a recognised record means in it stands with its signature (`[history]`), or follows from the signature's area
//! and tone. The entries are points and spans in the order of time; nothing is judged here.

mod areas;
mod entries;
mod logs;
mod rekeys;
mod spans;

use std::cmp::Ordering;
use std::path::PathBuf;

use esxray_knowledge::{Knowledge, Tone};
use esxray_model::{HistoryKind, Lane, Place, Said, Timestamp};

use crate::assemble::{Judged, Options, Selection, judge_all};
use crate::error::Error;
use crate::outcome::{Coverage, Diagnosis, Problem, VmName};
use crate::scan::scan;

/// What happened, as far as the logs tell.
#[derive(Debug, Clone)]
pub struct History {
    /// Names of the sources; a `Place` names one by its index.
    pub sources: Vec<String>,
    /// Every VM that an entry is about.
    pub vms: Vec<VmName>,
    /// In the order of time, then of source and line; what has no time comes first.
    pub entries: Vec<HistoryEntry>,
    /// Stretches in which no log of a VM or host speaks.
    pub gaps: Vec<LogGap>,
    /// Records that are counted in entries and not shown one by one, because there were too many of their kind.
    pub thinned: u64,
    /// One row for each source.
    pub coverage: Vec<Coverage>,
    /// What could not be read, and every limit that was met.
    pub problems: Vec<Problem>,
}

/// One thing that happened: a point, or a span where it lasted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryEntry {
    /// What sort of thing.
    pub kind: HistoryKind,
    /// Whether it went wrong, went well, or neither.
    pub tone: Tone,
    /// When it happened or began, by vCenter's clock where that is known.
    pub time: Option<Timestamp>,
    /// When a span ended; `None` for a point, and for a span whose end the logs do not show.
    pub until: Option<Timestamp>,
    /// Whether it is a span of which the logs do not show the begin or the end.
    pub open: bool,
    /// Index of the VM in [`History::vms`].
    pub vm: Option<usize>,
    /// The host whose log tells it, where its name is known.
    pub host: Option<String>,
    /// What happened, in one line.
    pub title: Said,
    /// How a span ended, and what else there is to say.
    pub detail: Option<Said>,
    /// Operation that it belongs to.
    pub op_id: Option<String>,
    /// On whose behalf.
    pub user: Option<String>,
    /// How many records it stands for.
    pub count: u64,
    /// The record that tells it, or that tells its begin.
    pub place: Place,
    /// The record that tells the end of a span.
    pub end_place: Option<Place>,
    /// Text of the first record, as it is in the log.
    pub text: String,
    /// Id of the signature; `None` for what follows from several records.
    pub signature: Option<String>,
}

/// A stretch in which no log of a VM or host speaks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LogGap {
    /// Last record before it.
    pub from: Timestamp,
    /// First record after it.
    pub to: Timestamp,
    /// The sources on both sides: one and the same where the gap is in it.
    pub sources: (String, String),
    /// Whether it is usual: a VM that is off writes no log.
    pub usual: bool,
}

/// What shares one operation id, from its begin to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// The id.
    pub op_id: String,
    /// First entry.
    pub began: Option<Timestamp>,
    /// Last entry, or the end of the last span.
    pub ended: Option<Timestamp>,
    /// Index of its VM, where it is about one.
    pub vm: Option<usize>,
    /// On whose behalf.
    pub user: Option<String>,
    /// What it was: the title of its first span, or of its first entry.
    pub title: Said,
    /// Whether something of it failed, or its end says that it went well.
    pub outcome: Tone,
    /// Whether no end is shown.
    pub open: bool,
    /// Indexes of its entries.
    pub entries: Vec<usize>,
}

/// The history of what the paths hold, narrowed to the selection of the options.
///
/// # Errors
///
/// [`Error`] where a path that was named cannot be opened.
pub fn history(paths: &[PathBuf], knowledge: &Knowledge, options: &Options) -> Result<History, Error> {
    Ok(diagnose_with_history(paths, knowledge, options)?.1)
}

/// The diagnosis and the history, from one reading.
///
/// # Errors
///
/// As for [`history`].
pub fn diagnose_with_history(
    paths: &[PathBuf],
    knowledge: &Knowledge,
    options: &Options,
) -> Result<(Diagnosis, History), Error> {
    let scan = scan(paths, knowledge, options)?;
    let (diagnosis, history) =
        judge_all(scan, knowledge, &options.select, false, |judged| of(judged, knowledge, &options.select));
    let history = History { coverage: diagnosis.coverage.clone(), ..history };
    Ok((diagnosis, history))
}

/// The history of what was judged; its coverage is that of the diagnosis.
fn of(judged: &Judged<'_>, knowledge: &Knowledge, select: &Selection) -> History {
    let timeline = judged.timeline;
    let mut entries = entries::entries(judged, knowledge);
    entries.extend(rekeys::entries(judged));
    let gaps = logs::gaps(judged.sources);
    entries.extend(logs::entries(judged));
    entries.retain(|it| takes(select, it, &timeline.vms));
    entries.sort_by(|one, other| {
        let key = |it: &HistoryEntry| (it.time.or(it.until), it.place, it.kind);
        // The steps of a re-key that one record shows stay in the order of the steps.
        let by_title =
            || if one.kind == HistoryKind::RekeyStep { Ordering::Equal } else { one.title.cmp(&other.title) };
        key(one).cmp(&key(other)).then_with(by_title)
    });
    let thinned = entries.iter().map(|it| it.count.saturating_sub(1)).sum();
    History {
        sources: judged.sources.iter().map(|it| it.name.clone()).collect(),
        vms: timeline.vms.clone(),
        entries,
        gaps,
        thinned,
        coverage: Vec::new(),
        problems: judged.problems.to_vec(),
    }
}

/// Whether an entry was asked for. What has no time is shown only where no range is asked for.
fn takes(select: &Selection, entry: &HistoryEntry, vms: &[VmName]) -> bool {
    let first = entry.time.or(entry.until);
    let last = if entry.open && entry.until.is_none() { None } else { entry.until.or(entry.time) };
    let vm =
        select.vm.as_deref().is_none_or(|wanted| entry.vm.and_then(|vm| vms.get(vm)).is_some_and(|vm| vm.is(wanted)));
    let since = select.since.is_none_or(|since| {
        first.is_some() && (last.is_some_and(|last| last >= since) || (entry.open && entry.until.is_none()))
    });
    let until = select.until.is_none_or(|until| first.is_some_and(|first| first < until));
    vm && since && until
}

impl HistoryEntry {
    /// The lane that it belongs to.
    pub const fn lane(&self) -> Lane {
        self.kind.lane()
    }

    /// Seconds that a span lasted, where both ends are known.
    pub fn micros(&self) -> Option<i64> {
        Some(self.until?.micros_since(self.time?))
    }
}

impl History {
    /// The VM that an entry is about.
    pub fn vm(&self, entry: &HistoryEntry) -> Option<&VmName> {
        self.vms.get(entry.vm?)
    }

    /// The operations that entries belong to, by their first entries. An id with a suffix of a hop counts for itself.
    pub fn operations(&self) -> Vec<Operation> {
        let mut at: std::collections::HashMap<&str, usize> = std::collections::HashMap::new();
        let mut operations: Vec<Operation> = Vec::new();
        for (index, entry) in self.entries.iter().enumerate() {
            let Some(op_id) = entry.op_id.as_deref() else { continue };
            let slot = *at.entry(op_id).or_insert_with(|| {
                operations.push(Operation {
                    op_id: op_id.to_owned(),
                    began: entry.time,
                    ended: None,
                    vm: None,
                    user: None,
                    title: entry.title.clone(),
                    outcome: Tone::Context,
                    open: false,
                    entries: Vec::new(),
                });
                operations.len() - 1
            });
            let Some(operation) = operations.get_mut(slot) else { continue };
            let is_span = entry.until.is_some() || entry.open;
            let has_span = operation.entries.iter().filter_map(|it| self.entries.get(*it));
            if is_span && !has_span.clone().any(|it| it.until.is_some() || it.open) {
                operation.title = entry.title.clone();
            }
            operation.ended = operation.ended.max(entry.until).max(entry.time);
            operation.vm = operation.vm.or(entry.vm);
            operation.user = operation.user.take().or_else(|| entry.user.clone());
            operation.open |= entry.open;
            operation.outcome = match (operation.outcome, entry.tone) {
                (Tone::Failure, _) | (_, Tone::Failure) => Tone::Failure,
                (Tone::Success, _) | (_, Tone::Success) => Tone::Success,
                _ => Tone::Context,
            };
            operation.entries.push(index);
        }
        operations
    }
}
