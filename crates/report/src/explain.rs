//! Pages of the knowledge base, for `esxray explain`: what a cause, a remedy, a prohibition or a signature says.
//!
//! They need no input file, and say nothing about one.

mod json;
mod text;

use esxray_diagnosis::RemedyStep;
use esxray_knowledge::decode::EventId;
use esxray_knowledge::{
    Cause, History, Knowledge, Part, Piece, Remedy, RemedyKind, ServiceImpact, Signature, Step, parts,
};
use esxray_model::Said;

pub use json::{json, schema};
pub use text::{decoded, events, recognised, text};

pub use crate::words::basis_means;

/// A title without its braces: `Disk <disk> cannot be opened`.
pub fn title(text: &str) -> String {
    let part = |part: Part<'_>| match part {
        Part::Literal(text) => text.to_owned(),
        Part::Name(name) => format!("<{name}>"),
    };
    parts(text).into_iter().map(part).collect()
}

/// The same in every language.
pub(crate) fn said_title(title_of: &Said) -> Said {
    title_of.map(title)
}

/// A step whose values nobody knows yet.
fn step(step: &Step) -> RemedyStep {
    let piece = |piece: &Piece| match piece {
        Piece::Literal(text) => text.clone(),
        Piece::Value(placeholder) => format!("<{placeholder}>"),
    };
    RemedyStep {
        shell: step.shell,
        command: step.command.pieces().iter().map(piece).collect(),
        complete: step.command.placeholders().next().is_none(),
        note: step.note.clone(),
    }
}

/// The remedies of a cause in the order in which they are tried where none is held back: what costs least comes first.
pub fn in_order<'k>(knowledge: &'k Knowledge, cause: &'k Cause) -> Vec<&'k Remedy> {
    let mut remedies: Vec<&Remedy> = cause.remedies.iter().filter_map(|id| knowledge.remedy(id)).collect();
    remedies.sort_by_key(|remedy| {
        let costs = (
            remedy.data_loss,
            remedy.history == History::Lost,
            remedy.service_impact == ServiceImpact::Outage,
            remedy.kind != RemedyKind::Check,
        );
        (costs, remedy.order, &remedy.id)
    });
    remedies
}

/// Causes with a condition on an event, with the keys under which it stands.
fn evidence_for<'k>(knowledge: &'k Knowledge, event: &str) -> Vec<(&'k Cause, Vec<&'static str>)> {
    let keys = |cause: &'k Cause| {
        let held = |conditions: &[esxray_knowledge::Condition]| {
            conditions.iter().any(|condition| condition.events().iter().any(|name| name == event))
        };
        cause.conditions().filter(|(_, conditions)| held(conditions)).map(|(key, _)| key).collect::<Vec<_>>()
    };
    knowledge.causes.iter().map(|cause| (cause, keys(cause))).filter(|(_, keys)| !keys.is_empty()).collect()
}

/// The signatures that know an event by its id: it stands in what they search for, or in a sample.
fn recognising<'k>(knowledge: &'k Knowledge, event: &EventId) -> Vec<&'k Signature> {
    let id = event.id.to_ascii_lowercase();
    let is_part = |it: char| it.is_ascii_alphanumeric() || it == '.';
    let holds = |text: &str| {
        let text = text.to_ascii_lowercase();
        text.match_indices(&id).any(|(at, _)| {
            let before = text.get(..at).and_then(|it| it.strip_suffix("vim.event.").unwrap_or(it).chars().next_back());
            let after = text.get(at + id.len()..).unwrap_or_default();
            // A sentence may end behind an id.
            let ends = !after.strip_prefix('.').unwrap_or(after).starts_with(is_part);
            ends && before.is_none_or(|it| !is_part(it))
        })
    };
    let knows = |signature: &&Signature| {
        holds(&signature.regex().replace('\\', "")) || signature.samples.iter().any(|sample| holds(&sample.text))
    };
    knowledge.signatures.iter().filter(knows).collect()
}
