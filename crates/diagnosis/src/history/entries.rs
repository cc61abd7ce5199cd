//! From recognised records to entries.

use std::collections::HashMap;

use esxray_knowledge::{HistoryMeaning, Knowledge, Part, Signature, Tone, parts};
use esxray_model::{Place, Said, Timestamp};

use super::HistoryEntry;
use super::areas;
use super::logs;
use super::spans::Spans;
use crate::assemble::Judged;
use crate::event::{Event, Standing};
use crate::timeline::Timed;

/// Entries of the same title, VM and source, one after another, from which on they are one with a count.
const FOLDED_SECONDS: i64 = 60;

/// The entries of all events, in the order of the events.
pub(super) fn entries(judged: &Judged<'_>, knowledge: &Knowledge) -> Vec<HistoryEntry> {
    let timeline = judged.timeline;
    let whole = judged.sources.iter().enumerate().filter(|it| logs::shows_process_start(it.1));
    let whole = whole.map(|it| logs::id(it.0)).collect();
    let mut spans = Spans::new(whole);
    let mut seen: HashMap<(Place, esxray_model::HistoryKind), usize> = HashMap::new();
    for timed in &timeline.events {
        let event = &timed.event;
        let Some(signature) = knowledge.signatures.get(event.signature) else { continue };
        let Some(kind) = areas::kind(signature) else { continue };
        // A line that a ticket quotes is no event of the source's own history.
        if event.standing == Standing::Foreign {
            continue;
        }
        // Several signatures may know one record; it happened once.
        if let Some(at) = seen.get(&(event.place, kind)) {
            if signature.tone == Tone::Failure {
                spans.make_failure(*at);
            }
            continue;
        }
        let host = timeline.host_names.get(&timed.host).cloned();
        let mut entry = HistoryEntry {
            kind,
            tone: signature.tone,
            time: timed.at,
            until: None,
            open: false,
            vm: timed.vm,
            host,
            title: title(signature, event),
            detail: None,
            op_id: event.op_id.clone(),
            user: event.user.clone(),
            count: event.weight,
            place: event.place,
            end_place: None,
            text: event.text.clone(),
            signature: Some(signature.id.clone()),
        };
        if let Some((began, until)) = lasted(signature.history.as_ref(), timed) {
            (entry.time, entry.until) = (Some(began), Some(until));
        }
        let at = spans.add(entry, signature.history.as_ref(), event);
        if let Some(at) = at {
            seen.insert((event.place, kind), at);
        }
    }
    fold(spans.finish())
}

/// What happened, with the captured values in their places.
fn title(signature: &Signature, event: &Event) -> Said {
    match signature.history.as_ref().and_then(|it| it.say.as_ref()) {
        Some(say) => say.map(|text| fill(text, event)),
        None => signature.title.clone(),
    }
}

/// A text with the captured values in the place of their names; what was not captured is a dash.
pub(super) fn fill(text: &str, event: &Event) -> String {
    let values = parts(text).into_iter().map(|part| match part {
        Part::Literal(literal) => literal,
        Part::Name(name) => event.field(name).unwrap_or("–"),
    });
    values.collect()
}

/// Begin and end of what a record tells when it is over.
fn lasted(meaning: Option<&HistoryMeaning>, timed: &Timed) -> Option<(Timestamp, Timestamp)> {
    let micros: i64 = timed.event.field(meaning?.lasted_us.as_deref()?)?.parse().ok()?;
    let until = timed.at?;
    Some((Timestamp::from_micros(until.as_micros().checked_sub(micros)?), until))
}

/// The same thing said again within a minute is one entry with a count.
fn fold(entries: Vec<HistoryEntry>) -> Vec<HistoryEntry> {
    let mut folded: Vec<HistoryEntry> = Vec::new();
    let mut last: HashMap<(u32, Option<usize>, String), usize> = HashMap::new();
    for entry in entries {
        let is_point = entry.until.is_none() && !entry.open;
        let key = (entry.place.source.0, entry.vm, entry.title.to_string());
        let again = last.get(&key).and_then(|at| folded.get_mut(*at)).filter(|before| {
            let near = match (before.time, entry.time) {
                (Some(before), Some(now)) => now.seconds_since(before).abs() <= FOLDED_SECONDS,
                (None, None) => true,
                _ => false,
            };
            is_point && near && before.kind == entry.kind && before.op_id == entry.op_id && before.until.is_none()
        });
        if let Some(before) = again {
            before.count += entry.count;
            before.end_place = Some(entry.place);
            continue;
        }
        last.insert(key, folded.len());
        folded.push(entry);
    }
    folded
}
