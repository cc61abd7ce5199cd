//! Recognises records: all anchors in one pass over a block, then the signatures of the records that hold one.

use std::collections::BTreeSet;

use aho_corasick::{AhoCorasick, AhoCorasickKind, Input, MatchKind};
use bstr::ByteSlice;
use esxray_knowledge::{FieldKind, Knowledge, Signature, Tone};
use esxray_model::{FormatName, Level, MissKind, Place, SourceId};
use esxray_record::{Account, Block, Form, Head, Record, Span, SpanKind, Text};

use crate::dump::requested_keys;
use crate::error::Error;
use crate::event::{Event, EventStore, Standing};
use crate::rejected::{self, Rejected, Rejects};
use crate::template::{Clusters, template};
use crate::told::{MARKS, only_events, told};

/// Bytes of a record that are cited whole; of a longer one its head and what was recognised.
const MOST_TEXT: usize = 8 << 10;

/// The signatures of a knowledge base, ready to search with.
pub(crate) struct Classifier<'k> {
    knowledge: &'k Knowledge,
    /// Finds that there is something: all anchors, whatever their case, in one pass.
    quick: AhoCorasick,
    /// Finds all that there is in one record.
    thorough: AhoCorasick,
    /// Of each anchor: its signature, and its letters where case counts.
    anchors: Vec<(usize, Option<&'k [u8]>)>,
    /// Signatures of which the records that they do not take are kept.
    watched: &'k BTreeSet<usize>,
}

/// What was recognised in one source.
pub(crate) struct Seen {
    pub events: EventStore,
    /// Of lines without a head; dropped if the source turns out to be a log.
    pub bare: EventStore,
    pub clusters: Clusters,
    /// Of the signatures that are watched.
    pub rejects: Rejects,
}

impl Seen {
    /// What is recognised may take about so many bytes.
    pub(crate) fn with_room(room: usize) -> Self {
        Self {
            events: EventStore::with_room(room / 2),
            bare: EventStore::with_room(room / 4),
            clusters: Clusters::with_room(room / 4),
            rejects: Rejects::default(),
        }
    }

    /// The events of a source that has been read to its end.
    ///
    /// Lines without a head count only where the source is no log: in a log they are torn or foreign. Lines with
    /// the mark of a continuation count in whatever the user named: a paste of two logs holds both.
    pub(crate) fn into_events(self, account: &Account, explicit: bool) -> Vec<Event> {
        let mut events = self.events.into_events();
        let paste = account.form.is_none_or(|form| form.format == FormatName::Snippet);
        if paste || explicit {
            events.extend(self.bare.into_events().into_iter().filter(|it| paste || it.text.starts_with("-->")));
            events.sort_by_key(|event| (event.place, event.signature, event.span));
        }
        events
    }
}

impl<'k> Classifier<'k> {
    /// Compiles the anchors.
    ///
    /// # Errors
    ///
    /// [`Error::TooManyAnchors`] where they are too many for an automaton.
    pub(crate) fn new(knowledge: &'k Knowledge) -> Result<Self, Error> {
        let texts: Vec<&[u8]> = knowledge.anchors().map(|it| it.0).collect();
        let anchors =
            knowledge.anchors().map(|(text, ignore_case, signature)| (signature, (!ignore_case).then_some(text)));
        // Events count even where nothing else of their record is known.
        let marked: Vec<&[u8]> = texts.iter().copied().chain(MARKS).collect();
        let build = |texts: &[&[u8]], kind, of| {
            AhoCorasick::builder()
                .match_kind(kind)
                .kind(Some(of))
                .ascii_case_insensitive(true)
                .build(texts)
                .map_err(|source| Error::TooManyAnchors { source })
        };
        Ok(Self {
            knowledge,
            quick: build(&marked, MatchKind::LeftmostFirst, AhoCorasickKind::DFA)?,
            // It only sees records that the first one has hit: what it takes to build counts more than its speed.
            thorough: build(&texts, MatchKind::Standard, AhoCorasickKind::ContiguousNFA)?,
            anchors: anchors.collect(),
            watched: const { &BTreeSet::new() },
        })
    }

    /// The same, keeping records that these signatures do not take although an anchor stands in them.
    pub(crate) fn watching(self, watched: &'k BTreeSet<usize>) -> Self {
        Self { watched, ..self }
    }

    /// Recognises what a block holds.
    pub(crate) fn block(&self, block: &Block<'_>, source: SourceId, explicit: bool, seen: &mut Seen) {
        let mut touched = vec![false; block.spans.len()];
        let mut at = 0;
        while let Some(found) = self.quick.find(Input::new(block.bytes).range(at..)) {
            let index = block.spans.partition_point(|span| span.range.end <= found.start());
            at = found.end();
            if let (Some(span), Some(flag)) = (block.spans.get(index), touched.get_mut(index)) {
                *flag = true;
                at = if span.kind == SpanKind::Record { span.range.end.max(at) } else { next_line(block.bytes, at) };
            }
        }
        for (span, touched) in block.spans.iter().zip(touched) {
            let known = touched && self.span(block, span, source, explicit, seen);
            let loud = span.level.filter(|level| *level >= Level::Error);
            let may_tell = touched || block.form.is_some_and(|form| only_events(form.format));
            if !known
                && (may_tell || loud.is_some())
                && let Some(record) = block.record(span)
            {
                unexplained(&record, loud, place(source, &record), &mut seen.clusters);
            }
        }
    }

    /// Recognises one span that holds an anchor; says whether a signature claimed it.
    fn span(&self, block: &Block<'_>, span: &Span, source: SourceId, explicit: bool, seen: &mut Seen) -> bool {
        if let Some(record) = block.record(span) {
            return self.record(&record, block.form, source, seen);
        }
        let bytes = block.bytes.get(span.range.clone()).unwrap_or_default();
        match span.kind {
            // A file of unknown kind counts only if it was named; the mark of a continuation line is a sign of its own.
            SpanKind::Unparsed => {
                let mut offset = block.offset + span.range.start as u64;
                for (number, line) in (span.line..).zip(bytes.lines_with_terminator()) {
                    let place = Place { source, line: number, last_line: number, byte_offset: offset };
                    offset += line.len() as u64;
                    self.reject_line(line, place, seen);
                    if !explicit && !line.starts_with(b"-->") {
                        continue;
                    }
                    self.bare_line(line.trim_end_with(|it| it == '\n' || it == '\r'), place, &mut seen.bare);
                }
                true
            }
            _ => false,
        }
    }

    /// The signatures of which an anchor stands in a text, without repetition.
    fn candidates(&self, text: &[u8]) -> Vec<usize> {
        let mut candidates: Vec<usize> = Vec::new();
        for found in self.thorough.find_overlapping_iter(text) {
            if let Some((signature, exact)) = self.anchors.get(found.pattern().as_usize())
                && exact.is_none_or(|exact| text.get(found.range()) == Some(exact))
            {
                candidates.push(*signature);
            }
        }
        candidates.sort_unstable();
        candidates.dedup();
        candidates
    }

    fn record(&self, record: &Record<'_>, form: Option<Form>, source: SourceId, seen: &mut Seen) -> bool {
        let candidates = self.candidates(record.bytes());
        if candidates.is_empty() {
            return false;
        }
        let head = record.head();
        let format = record.format();
        let text = record.text();
        if is_posted_by_user(&text.joined) {
            for index in candidates {
                self.reject(index, record, source, || MissKind::UserText, seen);
            }
            return true;
        }
        // A head of no known form says neither who wrote it nor where the message begins.
        let headless = format == FormatName::Generic
            && form.is_some_and(|form| [FormatName::Generic, FormatName::VmwareLog].contains(&form.format));
        let standing = if headless {
            Standing::Foreign
        } else if record.generation().starts_with("snippet") {
            Standing::Snippet
        } else if record.span.foreign && form.is_some() {
            Standing::Foreign
        } else {
            Standing::Sound
        };
        let id = record.part(head.component);
        let mut known = false;
        for index in candidates {
            let Some(signature) = self.knowledge.signatures.get(index) else { continue };
            let (text, matches) = if headless {
                (&text, after_unknown_head(signature, form, &text.joined))
            } else if let Err(why) = accepts(signature, format, standing, &head) {
                self.reject(index, record, source, || why, seen);
                continue;
            } else {
                let matches = all_matches(signature, &text.joined);
                // Of an exported event the id may tell, whatever language its text has.
                if matches.is_empty() && format == FormatName::Events {
                    (&id, all_matches(signature, &id.joined))
                } else {
                    (&text, matches)
                }
            };
            if matches.is_empty() {
                let of_user = || text.joined.starts_with(b"Guest:") || is_behind_user_text(&text.joined);
                let why = || if of_user() { MissKind::UserText } else { rejected::why(signature, &text.joined) };
                self.reject(index, record, source, why, seen);
            }
            for captures in matches {
                known = true;
                let fields = captures
                    .fields
                    .iter()
                    .map(|(name, kind, range)| (name.clone(), *kind, lossy(&text.joined, range.clone())))
                    .collect();
                let (cited, span) = cite(record.bytes(), text, captures.span);
                let event = Event {
                    signature: index,
                    name: signature.event.clone(),
                    place: place(source, record),
                    time: record.span.time,
                    format,
                    standing,
                    component: head.component.to_str_lossy().into_owned(),
                    op_id: head.op_id.map(|it| it.to_str_lossy().into_owned()),
                    user: head.user.map(|it| it.to_str_lossy().into_owned()),
                    session: head.fields.iter().find(|it| it.0 == "sid").map(|it| it.1.to_str_lossy().into_owned()),
                    fields,
                    requested: if signature.event == "crypto-spec" {
                        requested_keys(&text.joined.to_str_lossy())
                    } else {
                        Vec::new()
                    },
                    text: cited,
                    span,
                    weight: 1,
                };
                seen.events.push(event, signature.tone == Tone::Failure);
            }
        }
        known
    }

    /// Keeps a record that a signature does not take, if that one is watched.
    fn reject(
        &self,
        signature: usize,
        record: &Record<'_>,
        source: SourceId,
        why: impl FnOnce() -> MissKind,
        seen: &mut Seen,
    ) {
        if !self.watched.contains(&signature) {
            return;
        }
        seen.rejects.push(Rejected {
            signature,
            place: place(source, record),
            time: record.span.time,
            format: record.format(),
            component: record.head().component.to_str_lossy().into_owned(),
            text: rejected::shown(record.bytes()),
            why: why(),
        });
    }

    /// Keeps a line that belongs to no record, for the signatures that are watched.
    fn reject_line(&self, line: &[u8], place: Place, seen: &mut Seen) {
        if self.watched.is_empty() {
            return;
        }
        for signature in self.candidates(line).into_iter().filter(|it| self.watched.contains(it)) {
            seen.rejects.push(Rejected {
                signature,
                place,
                time: None,
                format: FormatName::Unknown,
                component: String::new(),
                text: rejected::shown(line),
                why: MissKind::NoRecord,
            });
        }
    }

    /// A line without a head: it may be a message, or a continuation line with its mark.
    fn bare_line(&self, line: &[u8], place: Place, events: &mut EventStore) {
        for index in self.candidates(line) {
            let Some(signature) = self.knowledge.signatures.get(index) else { continue };
            let unmarked = line.strip_prefix(b"-->").unwrap_or(line).trim_start();
            let mut as_continuation = b"\n".to_vec();
            as_continuation.extend_from_slice(unmarked);
            let message: &[u8] = if line.starts_with(b"-->") { b"" } else { line };
            for text in [message, &as_continuation] {
                let matches = all_matches(signature, text);
                for captures in &matches {
                    // The line feed of a continuation line is ours: its text begins behind the mark.
                    let is_ours = text.first() == Some(&b'\n');
                    let in_line = |at: usize| {
                        if is_ours { at.saturating_sub(1) + line.len() - unmarked.len() } else { at }
                    };
                    let (from, until) = (in_line(captures.span.start), in_line(captures.span.end));
                    let (cited, span) = decode(line, from..until);
                    let event = Event {
                        signature: index,
                        name: signature.event.clone(),
                        place,
                        time: None,
                        format: FormatName::Snippet,
                        standing: Standing::Bare,
                        component: String::new(),
                        op_id: None,
                        user: None,
                        session: None,
                        fields: captures
                            .fields
                            .iter()
                            .map(|(name, kind, range)| (name.clone(), *kind, lossy(text, range.clone())))
                            .collect(),
                        requested: Vec::new(),
                        text: cited,
                        span,
                        weight: 1,
                    };
                    events.push(event, signature.tone == Tone::Failure);
                }
                if !matches.is_empty() {
                    break;
                }
            }
        }
    }
}

/// Keeps a record that no signature claimed, if it tells of a failure: as an event by its id, or by its level.
fn unexplained(record: &Record<'_>, loud: Option<Level>, place: Place, clusters: &mut Clusters) {
    let event = told(record).filter(|event| event.level >= Level::Warning);
    let kept = event
        .map(|event| (event.template, event.level))
        .or_else(|| loud.map(|level| (template(&record.message()), level)));
    if let Some((template, level)) = kept {
        clusters.add(template, level, record.span.time, place);
    }
}

/// What a signature found at one place of a text.
struct Match {
    span: std::ops::Range<usize>,
    fields: Vec<(String, FieldKind, std::ops::Range<usize>)>,
}

/// Every place of a text that a signature matches: the message once, and each continuation line.
fn all_matches(signature: &Signature, text: &[u8]) -> Vec<Match> {
    let mut matches = Vec::new();
    let mut from = 0;
    while let Some(found) = text.get(from..).and_then(|rest| signature.matches(rest)) {
        let shift = |range: std::ops::Range<usize>| range.start + from..range.end + from;
        let fields = found.fields.iter().map(|it| (it.name.to_owned(), it.kind, shift(it.span.clone()))).collect();
        let span = shift(found.span);
        // What settles a match that goes over lines stands in its last one.
        let last =
            text.get(span.clone()).and_then(|it| memchr::memrchr(b'\n', it)).map_or(span.start, |at| span.start + at);
        let quoted = is_behind_user_text(text.get(..last).unwrap_or_default());
        // The next line begins at the line feed behind the match, so that it is a continuation line again.
        let next = text.get(span.end..).and_then(|rest| memchr::memchr(b'\n', rest)).map(|at| span.end + at);
        if !quoted {
            matches.push(Match { span, fields });
        }
        match next {
            Some(next) if signature.place != esxray_knowledge::TextPlace::Message => from = next,
            _ => break,
        }
    }
    matches
}

/// Tries a signature behind a head of no known form: at the words of the first line, outside of quotations.
///
/// In a VM's log the record can only be the VM's; a log of no known form may be anybody's.
fn after_unknown_head(signature: &Signature, form: Option<Form>, text: &[u8]) -> Vec<Match> {
    /// Words among which a message may begin.
    const MOST_STARTS: usize = 64;
    let of_vm = form.is_some_and(|form| form.format == FormatName::VmwareLog);
    if of_vm && ![FormatName::VmwareLog, FormatName::Generic].iter().any(|it| signature.logs.contains(it)) {
        return Vec::new();
    }
    let line = text.get(..memchr::memchr(b'\n', text).unwrap_or(text.len())).unwrap_or_default();
    let words = line.iter().enumerate().filter(|it| b" :]|".contains(it.1)).map(|it| it.0 + 1);
    for start in std::iter::once(0).chain(words).take(MOST_STARTS) {
        let before = text.get(..start).unwrap_or_default();
        if before.iter().filter(|byte| b"\"'".contains(byte)).count() % 2 == 1 || is_behind_user_text(before) {
            continue;
        }
        let matches = all_matches(signature, text.get(start..).unwrap_or_default());
        if !matches.is_empty() {
            let shift = |range: std::ops::Range<usize>| range.start + start..range.end + start;
            return matches
                .into_iter()
                .map(|it| Match {
                    span: shift(it.span),
                    fields: it.fields.into_iter().map(|field| (field.0, field.1, shift(field.2))).collect(),
                })
                .collect();
        }
    }
    Vec::new()
}

/// Whether a record is an event that a user posted: it is the user's to its end, line breaks and all.
fn is_posted_by_user(text: &[u8]) -> bool {
    let line = text.get(..memchr::memchr(b'\n', text).unwrap_or(text.len())).unwrap_or_default();
    line.contains_str("[vim.event.GeneralUserEvent]") || line.contains_str("(vim.event.GeneralUserEvent)")
}

/// Whether a text that a user wrote stands before the end of a text: the annotation of a VM, a description.
///
/// A user may write line breaks and quotation marks, so nothing after the first of it is known not to be
/// the user's. Other quotations count: a fault's `reason = "…` holds the error's own words.
fn is_behind_user_text(before: &[u8]) -> bool {
    const USER_TEXTS: [&[u8]; 3] = [b"annotation", b"description", b"notes"];
    before.split(|byte| *byte == b'\n').any(|line| {
        let lower = line.to_ascii_lowercase();
        let value = USER_TEXTS.iter().filter_map(|word| Some(lower.find(word)? + word.len())).min();
        value.and_then(|at| lower.get(at..)).is_some_and(|value| value.replace("\"\"", "").contains(&b'"'))
    })
}

/// Whether a record can be one of a signature's: format and writer agree.
///
/// What lost its head in a paste can show neither, and what it gets for that is a lower grade.
fn accepts(signature: &Signature, format: FormatName, standing: Standing, head: &Head<'_>) -> Result<(), MissKind> {
    const FAMILY: [FormatName; 5] =
        [FormatName::Hostd, FormatName::Vpxd, FormatName::Vpxa, FormatName::Fdm, FormatName::Vmacore];
    const OF_EVENTS: [FormatName; 5] =
        [FormatName::Vpxd, FormatName::Vobd, FormatName::Hostd, FormatName::Fdm, FormatName::Generic];
    let of_family = |logs: &[FormatName]| logs.iter().any(|it| FAMILY.contains(it));
    let log = signature.logs.contains(&format)
        || (format == FormatName::Vmacore && head.program.is_empty() && of_family(&signature.logs));
    // An export holds the same events that a vCenter's own log does, or an article's table.
    let of_events = format == FormatName::Events
        && (standing == Standing::Snippet || OF_EVENTS.iter().any(|it| signature.logs.contains(it)));
    let log = log || of_events;
    let writer = of_events
        || signature.component.is_empty()
        || signature.component.iter().any(|glob| glob.matches(head.component))
        || (standing == Standing::Snippet && head.component.is_empty());
    match (log, writer) {
        (true, true) => Ok(()),
        (true, false) => Err(MissKind::OtherWriter),
        (false, _) => Err(MissKind::OtherLog),
    }
}

fn place(source: SourceId, record: &Record<'_>) -> Place {
    let span = record.span;
    Place { source, line: span.line, last_line: span.line + span.lines.saturating_sub(1), byte_offset: record.offset }
}

fn lossy(text: &[u8], range: std::ops::Range<usize>) -> String {
    text.get(range).unwrap_or_default().to_str_lossy().into_owned()
}

/// Where the line of a byte ends.
fn next_line(bytes: &[u8], at: usize) -> usize {
    bytes.get(at..).and_then(|rest| memchr::memchr(b'\n', rest)).map_or(bytes.len(), |end| at + end + 1)
}

/// The text of a record, and where in it the recognised part stands.
fn cite(bytes: &[u8], text: &Text<'_>, span: std::ops::Range<usize>) -> (String, (usize, usize)) {
    let whole = bytes.trim_end_with(|it| it == '\n' || it == '\r');
    let range = text.in_record(span);
    if whole.len() <= MOST_TEXT {
        return decode(whole, range);
    }
    // The head line says who and when; around the match stands what counts.
    let head_end = next_line(whole, 0).min(MOST_TEXT / 4);
    let from = range.start.saturating_sub(MOST_TEXT / 4).max(head_end).min(range.start.max(head_end));
    let until = (range.end + MOST_TEXT / 4).min(whole.len()).max(from);
    let until = until.min(from + MOST_TEXT);
    let (head, _) = decode(whole.get(..head_end).unwrap_or_default(), 0..0);
    let left_out = whole.len() - head_end - (until - from);
    let mut cited = format!("{head}\n[… {left_out} bytes of the record are left out …]\n");
    let base = cited.len();
    let inner = range.start.saturating_sub(from)..range.end.saturating_sub(from);
    let (tail, inner) = decode(whole.get(from..until).unwrap_or_default(), inner);
    cited.push_str(&tail);
    (cited, (inner.0 + base, inner.1 + base))
}

/// Decodes lossily and keeps a byte range's place.
fn decode(bytes: &[u8], range: std::ops::Range<usize>) -> (String, (usize, usize)) {
    let start = range.start.min(bytes.len());
    let end = range.end.clamp(start, bytes.len());
    let mut text = lossy(bytes, 0..start);
    let from = text.len();
    text.push_str(&lossy(bytes, start..end));
    let until = text.len();
    text.push_str(&lossy(bytes, end..bytes.len()));
    (text, (from, until))
}
