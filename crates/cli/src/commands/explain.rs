//! `esxray explain`: what the knowledge base says of an id or of a pasted text.

use std::collections::BTreeSet;
use std::io::Read as _;

use esxray::Knowledge;
use esxray::knowledge::decode::{EventId, decode};
use esxray::knowledge::{Captures, Cause, Condition, Entry, Signature};
use esxray::model::FormatName;
use esxray::record::{ReadOptions, SpanKind, read};
use esxray::report::explain;

use crate::args::{Explain, TextOrJson};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Destination;
use crate::{packs, terminal};

pub(crate) fn run(args: &Explain) -> Result<Exit, Failure> {
    let destination = Destination::check(&args.target, &args.packs.folders)?;
    let knowledge = packs::load(&args.packs.folders)?;
    let query = if args.query == "-" { stdin()? } else { args.query.clone().into_bytes() };
    let options = terminal::text_options(&args.look, &destination);
    let text = String::from_utf8_lossy(&query);
    let codes = decode(&text);
    let events = events(&text);
    let found = match find(&knowledge, &query) {
        // The page of an event says what recognises it.
        Found::Records(_) if EventId::find(text.trim()).is_some() => Found::Nothing,
        found => found,
    };
    if matches!(found, Found::Nothing) && codes.is_empty() && events.is_empty() {
        return Err(nothing(&knowledge, &query));
    }
    let lang = terminal::machine_lang(&args.look);
    let answer = match args.format {
        TextOrJson::Text => {
            let mut parts = vec![explain::events(&knowledge, &events, &options)];
            match &found {
                Found::Entries(entries) => {
                    parts.push(explain::text(&knowledge, entries, &options));
                    parts.push(explain::decoded(None, &codes, &options));
                }
                Found::Records(records) => parts.extend(records.iter().map(|record| {
                    let found: Vec<_> = record.claims(&knowledge).collect();
                    let text = String::from_utf8_lossy(&record.text);
                    explain::recognised(&knowledge, &text, record.format.is_some(), &found, &options)
                })),
                Found::Nothing if codes.is_empty() => {}
                Found::Nothing => parts.push(explain::decoded(Some(&text), &codes, &options)),
            }
            parts.retain(|part| !part.trim().is_empty());
            parts.join("\n")
        }
        TextOrJson::Json => match &found {
            Found::Entries(entries) => explain::json(&knowledge, entries, &codes, &events, lang),
            Found::Records(records) => explain::json(&knowledge, &pages(&knowledge, records), &codes, &events, lang),
            Found::Nothing => explain::json(&knowledge, &[], &codes, &events, lang),
        },
    };
    destination.write(&answer)?;
    Ok(Exit::Done)
}

/// The events of vCenter that a text names: by whole ids, or by a short one where there is nothing else.
fn events(text: &str) -> Vec<EventId> {
    const MOST: usize = 8;
    let is_part = |it: char| it.is_ascii_alphanumeric() || "._-".contains(it);
    let is_id = |word: &&str| word.contains('.') || word.ends_with("Event");
    let words = text.split(|it| !is_part(it)).map(|it| it.trim_matches('.')).filter(is_id);
    let mut found: Vec<EventId> = Vec::new();
    for event in std::iter::once(text.trim()).chain(words).filter_map(EventId::find) {
        if found.len() < MOST && !found.contains(&event) {
            found.push(event);
        }
    }
    found
}

/// More than anybody pastes.
const MOST_BYTES: u64 = 1 << 20;

pub(super) fn stdin() -> Result<Vec<u8>, Failure> {
    let mut text = Vec::new();
    let read = std::io::stdin().lock().take(MOST_BYTES + 1).read_to_end(&mut text);
    read.map_err(|source| Failure::Stdin { source })?;
    if text.len() as u64 > MOST_BYTES { Err(Failure::TextTooLong { limit: MOST_BYTES }) } else { Ok(text) }
}

enum Found<'k> {
    /// Things of the knowledge base that were named.
    Entries(Vec<Entry<'k>>),
    /// Records of the text that signatures recognise; at least one.
    Records(Vec<Pasted>),
    Nothing,
}

fn find<'k>(knowledge: &'k Knowledge, query: &[u8]) -> Found<'k> {
    let name = String::from_utf8_lossy(query);
    let entries = knowledge.find(&name);
    if !entries.is_empty() {
        return Found::Entries(entries);
    }
    let mut records: Vec<Pasted> =
        pasted(query).into_iter().filter(|record| record.claims(knowledge).next().is_some()).collect();
    // A line that is recognised as a message need not be tried as a continuation line too.
    records.dedup_by(|later, earlier| later.text.strip_prefix(b"\n") == Some(&earlier.text));
    if !records.is_empty() {
        return Found::Records(records);
    }
    let quoted: Vec<Entry<'k>> = quoted_causes(knowledge, &name).collect();
    if !quoted.is_empty() {
        return Found::Entries(quoted);
    }
    inside(knowledge, query).map_or(Found::Nothing, |record| Found::Records(vec![record]))
}

/// One record of a pasted text.
struct Pasted {
    /// `None` where the text does not say from which log it is.
    format: Option<FormatName>,
    component: Option<Vec<u8>>,
    /// Message and continuation lines, without heads and marks.
    text: Vec<u8>,
}

impl Pasted {
    /// What recognises it: here it only has to be like a record, nothing is concluded from it.
    fn claims<'p>(&'p self, knowledge: &'p Knowledge) -> impl Iterator<Item = (&'p Signature, Captures<'p>)> {
        knowledge.claims(self.format, self.component.as_deref(), &self.text)
    }
}

/// The records of a text, and its lines without a head, each by itself.
fn pasted(text: &[u8]) -> Vec<Pasted> {
    let mut found = Vec::new();
    read(&mut &*text, "", &ReadOptions::default(), &mut |block| {
        for span in block.spans {
            if let Some(record) = block.record(span) {
                let format = Some(record.format()).filter(|_| !is_bare(block.form));
                let head = record.head();
                let component = Some(head.component.to_vec()).filter(|component| !component.is_empty());
                found.push(Pasted { format, component, text: record.message().into_owned() });
            } else if span.kind == SpanKind::Unparsed {
                let lines = block.bytes.get(span.range.clone()).unwrap_or_default();
                found.extend(lines.split(|byte| *byte == b'\n').flat_map(bare_line));
            }
        }
    });
    found
}

/// Ids of the signatures that recognise a record of a text.
pub(super) fn claims(knowledge: &Knowledge, text: &[u8]) -> Vec<String> {
    let of = |record: &Pasted| record.claims(knowledge).map(|(it, _)| it.id.clone()).collect::<Vec<_>>();
    pasted(text).iter().flat_map(of).collect()
}

/// Whether the text is no log but lines of one, torn out.
fn is_bare(form: Option<esxray::record::Form>) -> bool {
    form.is_none_or(|form| form.format == FormatName::Snippet)
}

/// A line without a head: as a message, and as a continuation line.
fn bare_line(line: &[u8]) -> Vec<Pasted> {
    let line = line.trim_ascii();
    if line.is_empty() {
        return Vec::new();
    }
    let inside = line.strip_prefix(b"-->").unwrap_or(line).trim_ascii();
    let bare = |text: Vec<u8>| Pasted { format: None, component: None, text };
    vec![bare(inside.to_vec()), bare([b"\n", inside].concat())]
}

/// A text that begins with no record: what of it is one, from a word of a line on.
fn inside(knowledge: &Knowledge, text: &[u8]) -> Option<Pasted> {
    /// Lines that are tried, and words of each.
    const MOST_LINES: usize = 40;
    const MOST_STARTS: usize = 64;
    text.split(|byte| *byte == b'\n').take(MOST_LINES).find_map(|line| {
        let line = line.trim_ascii();
        let likely: Vec<&Signature> = knowledge.signatures.iter().filter(|it| it.has_anchor(line)).collect();
        let starts = line.iter().enumerate().filter(|it| b" :]|\"'(".contains(it.1)).map(|it| it.0 + 1);
        starts.take(MOST_STARTS).filter(|_| !likely.is_empty()).find_map(|start| {
            let rest = line.get(start..)?.trim_ascii_start();
            let seen = likely.iter().any(|signature| signature.matches(rest).is_some());
            seen.then(|| Pasted { format: None, component: None, text: rest.to_vec() })
        })
    })
}

/// Causes of which an alias of several words stands in the text: the error as people quote it.
fn quoted_causes<'k>(knowledge: &'k Knowledge, text: &str) -> impl Iterator<Item = Entry<'k>> {
    let text = text.to_lowercase();
    let stands = move |alias: &String| alias.contains(' ') && text.contains(&alias.to_lowercase());
    knowledge.causes.iter().filter(move |cause| cause.aliases.iter().any(&stands)).map(Entry::Cause)
}

/// The signatures that recognise the records, and the causes that they are evidence for.
fn pages<'k>(knowledge: &'k Knowledge, records: &[Pasted]) -> Vec<Entry<'k>> {
    let ids: BTreeSet<String> =
        records.iter().flat_map(|record| record.claims(knowledge).map(|(it, _)| it.id.clone())).collect();
    let signatures: Vec<&Signature> = ids.iter().filter_map(|id| knowledge.signature(id)).collect();
    let events: BTreeSet<&str> = signatures.iter().map(|signature| signature.event.as_str()).collect();
    let shows =
        |cause: &Cause| cause.when.iter().flat_map(Condition::events).any(|name| events.contains(name.as_str()));
    let causes = knowledge.causes.iter().filter(|cause| shows(cause));
    let causes: Vec<Entry<'k>> = causes.map(Entry::Cause).collect();
    signatures.into_iter().map(Entry::Signature).chain(causes).collect()
}

/// Nothing is known; what may have been meant.
fn nothing(knowledge: &Knowledge, query: &[u8]) -> Failure {
    const LONGEST: usize = 80;
    let text = String::from_utf8_lossy(query);
    let mut near: Vec<String> = knowledge.suggest(&text).into_iter().map(str::to_owned).collect();
    near.extend(EventId::suggest(&text).into_iter().take(5).map(str::to_owned));
    if near.is_empty() {
        let words = knowledge.signatures.iter().filter(|signature| signature.has_anchor(query));
        near.extend(words.map(|signature| signature.id.clone()));
    }
    let mut query: String = text.trim().chars().take(LONGEST).collect();
    if text.trim().chars().nth(LONGEST).is_some() {
        query.push('…');
    }
    Failure::NothingKnown { query, near }
}
