//! Spans: what begins with one record and ends with another.

use std::collections::{HashMap, HashSet};

use esxray_knowledge::{HistoryMeaning, Tone};
use esxray_model::{SourceId, Timestamp};

use super::HistoryEntry;
use crate::event::Event;

/// Which begins and ends belong together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    span: String,
    /// The VM; where it is not known, the source stands for it.
    whose: Result<usize, SourceId>,
    by: Option<String>,
}

/// Entries, with the spans among them that have not ended yet.
#[derive(Debug, Default)]
pub(super) struct Spans {
    entries: Vec<HistoryEntry>,
    /// Index of the entry of each span that has begun and not ended.
    begun: HashMap<Key, usize>,
    /// When each span last ended, and in which entry.
    ended: HashMap<Key, (Option<Timestamp>, usize)>,
    /// Sources that show the process of their VM from its begin: what ends there without a begin ended nothing.
    whole: HashSet<SourceId>,
}

impl Spans {
    /// No spans yet; some sources show the process of their VM from its begin.
    pub(super) fn new(whole: HashSet<SourceId>) -> Self {
        Self { whole, ..Self::default() }
    }

    /// Adds an entry, or ends a span with it. Gives the index of the entry that tells it.
    pub(super) fn add(
        &mut self,
        mut entry: HistoryEntry,
        meaning: Option<&HistoryMeaning>,
        event: &Event,
    ) -> Option<usize> {
        if let Some(span) = meaning.and_then(|it| it.ends.as_deref()) {
            let key = key(span, &entry, meaning, event);
            let told = self.ended.get(&key).copied().filter(|it| is_same_moment(it.0, entry.time));
            match self.begun.remove(&key) {
                Some(at) => {
                    self.ended.insert(key, (entry.time, at));
                    self.end(at, entry);
                    return Some(at);
                }
                None if told.is_some() => return told.map(|it| self.count(it.1, &entry)),
                None if self.whole.contains(&entry.place.source) && key.by.is_none() => return None,
                None => {
                    (entry.until, entry.time, entry.open) = (entry.time, None, true);
                    entry.end_place = Some(entry.place);
                }
            }
        }
        let at = self.entries.len();
        if let Some(span) = meaning.and_then(|it| it.begins.as_deref()) {
            let key = key(span, &entry, meaning, event);
            let told = self.begun.get(&key).copied();
            let is_told = |at: &usize| self.entries.get(*at).is_some_and(|it| is_same_moment(it.time, entry.time));
            if let Some(at) = told.filter(is_told) {
                return Some(self.count(at, &entry));
            }
            // A begin while it has begun already: of the earlier one the logs show no end.
            self.begun.insert(key, at);
            entry.open = true;
        }
        self.entries.push(entry);
        Some(at)
    }

    fn end(&mut self, at: usize, end: HistoryEntry) {
        let Some(span) = self.entries.get_mut(at) else { return };
        span.until = end.time;
        span.open = span.until.is_none();
        span.end_place = Some(end.place);
        span.detail = Some(end.title);
        span.user = span.user.take().or(end.user);
        span.op_id = span.op_id.take().or(end.op_id);
        span.tone = match (span.tone, end.tone) {
            (Tone::Failure, _) | (_, Tone::Failure) => Tone::Failure,
            (_, tone) => tone,
        };
    }

    /// A further record tells the same begin or end.
    fn count(&mut self, at: usize, again: &HistoryEntry) -> usize {
        if let Some(entry) = self.entries.get_mut(at) {
            entry.count += again.count;
            if again.tone == Tone::Failure {
                entry.tone = Tone::Failure;
            }
        }
        at
    }

    /// A further signature says that it went wrong.
    pub(super) fn make_failure(&mut self, at: usize) {
        if let Some(entry) = self.entries.get_mut(at) {
            entry.tone = Tone::Failure;
        }
    }

    /// All entries, those that have not ended being open.
    pub(super) fn finish(self) -> Vec<HistoryEntry> {
        self.entries
    }
}

/// Seconds within which a host and a VM, or two records of one, tell the same begin or end.
const SAME_SECONDS: i64 = 120;

fn is_same_moment(one: Option<Timestamp>, other: Option<Timestamp>) -> bool {
    matches!((one, other), (Some(one), Some(other)) if other.seconds_since(one).abs() <= SAME_SECONDS)
}

fn key(span: &str, entry: &HistoryEntry, meaning: Option<&HistoryMeaning>, event: &Event) -> Key {
    let by = meaning.and_then(|it| it.by.as_deref()).and_then(|by| match by {
        "operation" => event.op_id.as_deref(),
        field => event.field(field),
    });
    // An operation has an id of its own, and its end may name no VM.
    let is_operation = meaning.and_then(|it| it.by.as_deref()) == Some("operation") && by.is_some();
    let whose = match entry.vm {
        Some(vm) if !is_operation => Ok(vm),
        _ => Err(entry.place.source),
    };
    Key { span: span.to_owned(), whose, by: by.map(str::to_owned) }
}
