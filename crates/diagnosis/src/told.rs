//! Events of vCenter and ESXi in records that no signature explains: which one, and how loud it is.
//!
//! ```text
//! Event [575800] [1-1] [2021-09-06T14:40:29.187973Z] [vim.event.VmOrphanedEvent] [warning] …   vpxd, forwarded
//! [EventManagerMO] Event[7] [vim.event.VmOrphanedEvent] [warning] …                            vpxd
//! New event: EventEx=com.vmware.vc.HA.HostAgentErrorEvent vm= host=host-9                      fdm
//! (vim.event.EventEx) { eventTypeId = "esx.problem.storage.apd.start", severity = "warning" }  hostd
//! [esx.problem.storage.apd.start] Device naa.600 …                                             vobd
//! ```
//!
//! and the rows of an export. What the record says of its severity counts more than what the id does: the level of
//! the log's line is that of the line, not of the event.

use bstr::ByteSlice;
use esxray_knowledge::decode::EventId;
use esxray_model::{FormatName, Level};
use esxray_record::Record;

use crate::template::template;

/// What stands in every record with an event, but for those of logs that hold nothing else.
pub(crate) const MARKS: [&[u8]; 5] =
    [b"Event [", b"Event[", b"New event: Event", b"eventTypeId = \"", b"[esx.problem."];

/// Bytes of an id; what is longer is none.
const MOST_ID: usize = 200;

/// An event that a record tells of.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub level: Level,
    /// Begins with the id.
    pub template: String,
}

/// Whether a log holds nothing but events.
pub(crate) const fn only_events(format: FormatName) -> bool {
    matches!(format, FormatName::Events | FormatName::Vobd)
}

/// The event that a record tells of; `None` where it tells of none.
pub(crate) fn told(record: &Record<'_>) -> Option<Told> {
    let head = record.head();
    let text = record.message();
    let (id, own) = if only_events(record.format()) {
        (head.component, head.level.filter(|_| record.format() == FormatName::Events))
    } else {
        in_text(&text)?
    };
    event(id, own, &text)
}

/// The id in a text, and the severity that the text gives.
fn in_text(text: &[u8]) -> Option<(&[u8], Option<Level>)> {
    let line = text.lines().next().unwrap_or_default();
    let behind = |mark: &str| line.find(mark).and_then(|at| line.get(at + mark.len()..));
    if let Some(rest) = behind("New event: EventEx=").or_else(|| behind("New event: Event=")) {
        return Some((rest.fields().next()?, None));
    }
    let start = line.trim_ascii_start();
    let start = start.strip_prefix(b"[EventManagerMO] ").unwrap_or(start);
    if let Some(rest) = start.strip_prefix(b"Event").map(<[u8]>::trim_ascii_start).filter(|it| it.starts_with(b"[")) {
        const MOST: usize = 6;
        let mut parts = rest.split_str("] ").map(|it| it.strip_prefix(b"[").unwrap_or(it)).take(MOST);
        let id = parts.find(|it| it.contains(&b'.') && it.first().is_some_and(u8::is_ascii_alphabetic))?;
        return Some((id, parts.next().and_then(Level::from_word)));
    }
    let value = |name: &str| {
        let from = text.find(name)? + name.len();
        let rest = text.get(from..)?;
        rest.get(..rest.find_byte(b'"')?)
    };
    if let Some(id) = value("eventTypeId = \"") {
        return Some((id, value("severity = \"").and_then(Level::from_word)));
    }
    let inside = start.strip_prefix(b"[").filter(|it| it.starts_with(b"esx.problem."))?;
    Some((inside.get(..inside.find_byte(b']')?)?, None))
}

fn event(id: &[u8], own: Option<Level>, text: &[u8]) -> Option<Told> {
    let id = id.to_str().ok().filter(|it| (1..=MOST_ID).contains(&it.len()))?;
    let plain = |it: char| it.is_ascii_alphanumeric() || matches!(it, '.' | '_' | '-');
    // What a user posts is the user's, and the observation under an event is told by the event.
    if !id.chars().all(plain) || id.ends_with("GeneralUserEvent") || id.starts_with("vob.") {
        return None;
    }
    let known = EventId::find(id);
    let of_family = ["esx.problem.", "vprob."].iter().any(|it| id.starts_with(it)).then_some(Level::Warning);
    let level = own.or(known.map(|it| it.level)).or(of_family)?;
    let template = match known.filter(|it| !it.description.is_empty()) {
        Some(known) => format!("{}: {}", known.id, known.description),
        None => format!("{id}: {}", template(text)),
    };
    Some(Told { level, template })
}

#[cfg(test)]
mod tests {
    use esxray_model::Level;

    use super::{event, in_text};

    #[track_caller]
    fn check(text: &str, expected: Option<(Level, &str)>) {
        let told = in_text(text.as_bytes()).and_then(|(id, own)| event(id, own, text.as_bytes()));
        assert_eq!(told.as_ref().map(|it| (it.level, it.template.as_str())), expected, "{text}");
    }

    #[test]
    fn an_event_in_every_log() {
        let apd = "esx.problem.storage.apd.start: All paths are down";
        check(
            "Event [575800] [1-1] [2021-09-06T14:40:29.187973Z] [vim.event.VmOrphanedEvent] [warning] [] [Lab] [575800] [x",
            Some((Level::Warning, "VmOrphanedEvent: VM orphaned")),
        );
        check(
            "[EventManagerMO] Event[7] [vim.event.VmPoweredOffEvent] [info] [LAB\\ann] [] [] [x]",
            Some((Level::Info, "VmPoweredOffEvent: VM powered off")),
        );
        check(
            "New event: EventEx=com.vmware.vc.HA.HostAgentErrorEvent vm= host=host-9 tag=x",
            Some((Level::Error, "com.vmware.vc.HA.HostAgentErrorEvent: vSphere HA agent on a host has an error")),
        );
        check(
            "Post\n(vim.event.EventEx) {\n   eventTypeId = \"esx.problem.storage.apd.start\", \n   severity = <unset>, \n}",
            Some((Level::Error, apd)),
        );
        check(
            "(vim.event.EventEx) {\n   eventTypeId = \"esx.problem.storage.apd.start\", \n   severity = \"info\", \n}",
            Some((Level::Info, apd)),
        );
        check("[esx.problem.storage.apd.start] Device naa.600", Some((Level::Error, apd)));
    }

    #[test]
    fn an_event_that_the_registry_does_not_know() {
        check(
            "Event [7] [1-1] [2021-09-06T14:40:29Z] [vim.event.GeneralHostWarningEvent] [warning] [] [Lab] [7] [Issue 12]",
            Some((
                Level::Warning,
                "vim.event.GeneralHostWarningEvent: Event [<*>] [<*>] [<*>] [vim.event.GeneralHostWarningEvent] [warning] [] [Lab] [<*>] [Issue <*>]",
            )),
        );
        check("[esx.problem.new.thing] x", Some((Level::Warning, "esx.problem.new.thing: [esx.problem.new.thing] x")));
    }

    #[test]
    fn what_is_none() {
        for text in [
            "",
            "Event 35 : User root logged in",
            "Event [7] [1-1] [2021] [vim.event.GeneralUserEvent] [error] [] [] [7] [esx.problem.storage.apd.start]",
            "Event[",
            "eventTypeId = \"",
            "eventTypeId = \"a b\"",
            "[esx.problem.",
            "New event: EventEx=",
            "Event [x] y",
        ] {
            check(text, None);
        }
    }
}
