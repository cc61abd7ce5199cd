//! Recognised records, kept small and in bounded number.

use std::collections::{BTreeMap, HashMap, VecDeque};

use esxray_knowledge::FieldKind;
use esxray_model::{FormatName, Place, Timestamp};

use crate::dump::Requested;

/// How much the place of a text says about who wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Standing {
    /// A record of the log that the source is.
    Sound,
    /// A record of another kind of log in the middle of a source.
    Foreign,
    /// A line with a known head but without its stamp.
    Snippet,
    /// A line without any head.
    Bare,
}

/// One recognised record: what a signature captured, and where.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    /// Index of the signature.
    pub signature: usize,
    /// Name of the event, as causes know it.
    pub name: String,
    pub place: Place,
    pub time: Option<Timestamp>,
    /// The format of the very record.
    pub format: FormatName,
    pub standing: Standing,
    /// Thread or subsystem.
    pub component: String,
    pub op_id: Option<String>,
    /// Name, meaning and value of what was captured.
    pub fields: Vec<(String, FieldKind, String)>,
    /// What a request asks of each object, where the record holds a dump of one.
    pub requested: Vec<Requested>,
    /// The record's text, cut if it is very long.
    pub text: String,
    /// What the signature recognised in `text`.
    pub span: (usize, usize),
    /// How many records it stands for: more than one where a flood was thinned out.
    pub weight: u64,
}

impl Event {
    /// The value captured with a meaning.
    pub(crate) fn value(&self, kind: FieldKind) -> Option<&str> {
        self.fields.iter().find(|it| it.1 == kind).map(|it| it.2.as_str())
    }

    /// The value captured under a name.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|it| it.0 == name).map(|it| it.2.as_str())
    }

    /// What was captured, by name.
    pub(crate) fn captures(&self) -> BTreeMap<String, String> {
        self.fields.iter().map(|it| (it.0.clone(), it.2.clone())).collect()
    }
}

/// Keeps the first and the last of the same event, and counts the rest.
#[derive(Debug, Default)]
pub(crate) struct EventStore {
    index: HashMap<Key, usize>,
    slots: Vec<Slot>,
    /// Events with ever new values beyond the limit.
    pub dropped: u64,
}

type Key = (usize, Standing, Vec<String>);

#[derive(Debug)]
struct Slot {
    first: Vec<Event>,
    last: VecDeque<Event>,
    thinned: u64,
}

impl EventStore {
    /// Events of one signature with the same values that are kept at each end.
    const KEPT: usize = 16;
    /// Different events that are kept of one source.
    const MOST: usize = 20_000;

    pub(crate) fn push(&mut self, event: Event) {
        let key = (event.signature, event.standing, event.fields.iter().map(|it| it.2.clone()).collect());
        let next = self.slots.len();
        let at = match self.index.get(&key) {
            Some(at) => *at,
            None if next >= Self::MOST => {
                self.dropped += 1;
                return;
            }
            None => {
                self.index.insert(key, next);
                self.slots.push(Slot { first: Vec::new(), last: VecDeque::new(), thinned: 0 });
                next
            }
        };
        let Some(slot) = self.slots.get_mut(at) else { return };
        if slot.first.len() < Self::KEPT {
            slot.first.push(event);
            return;
        }
        slot.last.push_back(event);
        if slot.last.len() > Self::KEPT {
            slot.last.pop_front();
            slot.thinned += 1;
        }
    }

    /// Everything kept, in the order of the source.
    pub(crate) fn into_events(self) -> Vec<Event> {
        let mut events: Vec<Event> = Vec::new();
        for mut slot in self.slots {
            if let Some(event) = slot.last.front_mut() {
                event.weight += slot.thinned;
            }
            events.extend(slot.first);
            events.extend(slot.last);
        }
        events.sort_by_key(|event| (event.place, event.signature, event.span));
        events
    }
}

#[cfg(test)]
mod tests {
    use esxray_model::{FormatName, Place, SourceId};

    use super::{Event, EventStore, Standing};

    fn event(line: u64, value: &str) -> Event {
        Event {
            signature: 0,
            name: "x".to_owned(),
            place: Place { source: SourceId(0), line, last_line: line, byte_offset: line },
            time: None,
            format: FormatName::Hostd,
            standing: Standing::Sound,
            component: String::new(),
            op_id: None,
            fields: vec![("disk".to_owned(), esxray_knowledge::FieldKind::DiskPath, value.to_owned())],
            requested: Vec::new(),
            text: String::new(),
            span: (0, 0),
            weight: 1,
        }
    }

    #[test]
    fn a_flood_keeps_its_ends_and_its_count() {
        let mut store = EventStore::default();
        for line in 0..100_000 {
            store.push(event(line, "a"));
        }
        store.push(event(100_000, "b"));
        let events = store.into_events();
        assert_eq!(events.len(), 33);
        assert_eq!(events.iter().map(|it| it.weight).sum::<u64>(), 100_001);
        assert_eq!(events.first().unwrap().place.line, 0);
        assert_eq!(events.get(31).unwrap().place.line, 99_999);
    }

    #[test]
    fn ever_new_values_are_bounded_and_counted() {
        let mut store = EventStore::default();
        for line in 0..30_000 {
            store.push(event(line, &line.to_string()));
        }
        assert_eq!(store.dropped, 10_000);
        assert_eq!(store.into_events().len(), 20_000);
    }
}
