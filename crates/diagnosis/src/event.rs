//! Recognised records, kept small and in bounded number.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

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
    /// On whose behalf, as the head of the record says it.
    pub user: Option<String>,
    /// The session, or its beginning, as the head of the record says it.
    pub session: Option<String>,
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

    /// Where in `text` the captured values stand, in order: looked up when the record is cited, because most never are.
    pub(crate) fn captured(&self) -> Vec<(usize, usize)> {
        let (start, end) = self.span;
        let recognised = self.text.get(start..end).unwrap_or_default();
        let stands = |value: &str| {
            // `62` is not found in `1962`; a value that is part of a longer word has to be long to be told from chance.
            let alone = |at: &usize| {
                let before = recognised.get(..*at).and_then(|it| it.chars().next_back());
                let after = recognised.get(at + value.len()..).and_then(|it| it.chars().next());
                ![before, after].into_iter().flatten().any(char::is_alphanumeric)
            };
            let mut found = recognised.match_indices(value).map(|it| it.0);
            found.clone().find(alone).or_else(|| found.next().filter(|_| value.len() > 3))
        };
        let values = self.fields.iter().map(|it| it.2.as_str()).filter(|it| !it.is_empty());
        let mut spans: Vec<_> =
            values.filter_map(|it| stands(it).map(|at| (start + at, start + at + it.len()))).collect();
        spans.sort_unstable();
        spans.dedup();
        spans
    }

    /// About how much memory it takes.
    pub(crate) fn cost(&self) -> usize {
        let text = self.name.len() + self.component.len() + self.text.len();
        let of_head = [&self.op_id, &self.user, &self.session].into_iter().flatten().map(String::len).sum::<usize>();
        let fields: usize = self.fields.iter().map(|it| size_of_val(it) + it.0.len() + it.2.len()).sum();
        // A request names a device, a path, two keys and their providers.
        let requested = self.requested.len() * (size_of::<Requested>() + 256);
        size_of::<Self>() + text + of_head + fields + requested
    }
}

/// Keeps the first and the last of the same event, the first and the last different ones of each signature, as
/// far as there is room, and counts the rest.
///
/// Each signature has room of its own: tasks with ever new numbers never push out a failure.
#[derive(Debug)]
pub(crate) struct EventStore {
    index: HashMap<u64, usize>,
    slots: Vec<Slot>,
    signatures: HashMap<usize, Share>,
    /// Bytes of events that there is still room for.
    room: usize,
    /// Bytes that the events of one signature may take.
    share: usize,
    /// Events of other values than those kept.
    pub dropped: u64,
    /// Those of them that tell of a failure.
    pub dropped_failures: u64,
}

#[derive(Debug)]
struct Slot {
    key: u64,
    first: Vec<Event>,
    last: VecDeque<Event>,
    thinned: u64,
}

/// What one signature has of the store.
#[derive(Debug, Default)]
struct Share {
    different: usize,
    used: usize,
    /// Slots that give way to newer ones, the oldest first; those filled before them stay.
    passing: VecDeque<usize>,
}

impl EventStore {
    /// Events of one signature with the same values that are kept at each end.
    const KEPT: usize = 16;
    /// Different events of one signature that are kept of one source.
    const MOST: usize = 4000;

    /// A store for so many bytes of events.
    pub(crate) fn with_room(room: usize) -> Self {
        Self {
            index: HashMap::new(),
            slots: Vec::new(),
            signatures: HashMap::new(),
            room,
            share: room / 4,
            dropped: 0,
            dropped_failures: 0,
        }
    }

    /// Keeps an event, or counts it. What tells of a failure is counted apart.
    pub(crate) fn push(&mut self, event: Event, failure: bool) {
        let (key, cost) = (key(&event), event.cost());
        let known = self.index.get(&key).copied();
        let Some(at) = known.or_else(|| self.slot(key, &event, cost, failure)) else {
            self.dropped += 1;
            self.dropped_failures += u64::from(failure);
            return;
        };
        let share = self.signatures.entry(event.signature).or_default();
        let Some(slot) = self.slots.get_mut(at) else { return };
        let fits = cost <= self.room && share.used + cost <= self.share;
        if slot.first.is_empty() || (slot.first.len() < Self::KEPT && fits) {
            slot.first.push(event);
        } else {
            // Where there is no room, one of the last gives way, or of the first if there is none yet.
            if slot.last.len() >= Self::KEPT || !fits {
                slot.thinned += 1;
                let gone = match slot.last.pop_front() {
                    None if slot.first.len() > 1 => slot.first.pop(),
                    gone => gone,
                };
                let Some(gone) = gone else { return };
                self.room += gone.cost();
                share.used = share.used.saturating_sub(gone.cost());
            }
            slot.last.push_back(event);
        }
        self.room = self.room.saturating_sub(cost);
        share.used += cost;
    }

    /// A slot for an event with new values, where there is one: if need be that of older ones of its signature.
    fn slot(&mut self, key: u64, event: &Event, cost: usize, failure: bool) -> Option<usize> {
        let share = self.signatures.entry(event.signature).or_default();
        let full = share.different >= Self::MOST || cost > self.room || share.used + cost > self.share;
        let at = if full { share.passing.pop_front()? } else { self.slots.len() };
        let new = Slot { key, first: Vec::with_capacity(1), last: VecDeque::new(), thinned: 0 };
        if let Some(slot) = self.slots.get_mut(at) {
            let gone = std::mem::replace(slot, new);
            let lost = gone.thinned + (gone.first.len() + gone.last.len()) as u64;
            self.dropped += lost;
            self.dropped_failures += if failure { lost } else { 0 };
            let freed: usize = gone.first.iter().chain(&gone.last).map(Event::cost).sum();
            self.room += freed;
            share.used = share.used.saturating_sub(freed);
            self.index.remove(&gone.key);
        } else {
            self.slots.push(new);
            share.different += 1;
        }
        if full || share.different > Self::MOST / 2 || share.used > self.share / 2 {
            share.passing.push_back(at);
        }
        self.index.insert(key, at);
        Some(at)
    }

    /// Everything kept, in the order of the source.
    pub(crate) fn into_events(self) -> Vec<Event> {
        let mut events: Vec<Event> = Vec::new();
        for mut slot in self.slots {
            if let Some(event) = slot.last.front_mut().or(slot.first.last_mut()) {
                event.weight += slot.thinned;
            }
            events.extend(slot.first);
            events.extend(slot.last);
        }
        events.sort_by_key(|event| (event.place, event.signature, event.span));
        events
    }
}

/// What makes two events the same: signature, standing, operation, writer and values.
///
/// A host that does not know a key provider says so in the same words for each of a hundred VMs: what tells them apart
/// is the operation, or the subsystem with the path of the VM.
///
/// Were two of them ever to share a key by chance, they would be thinned out together, and nothing more.
fn key(event: &Event) -> u64 {
    let mut hasher = DefaultHasher::new();
    (event.signature, event.standing, &event.op_id, &event.component).hash(&mut hasher);
    for field in &event.fields {
        field.2.hash(&mut hasher);
    }
    hasher.finish()
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
            user: None,
            session: None,
            fields: vec![("disk".to_owned(), esxray_knowledge::FieldKind::DiskPath, value.to_owned())],
            requested: Vec::new(),
            text: String::new(),
            span: (0, 0),
            weight: 1,
        }
    }

    #[test]
    fn a_flood_keeps_its_ends_and_its_count() {
        let mut store = EventStore::with_room(1 << 20);
        for line in 0..100_000 {
            store.push(event(line, "a"), true);
        }
        store.push(event(100_000, "b"), true);
        let events = store.into_events();
        assert_eq!(events.len(), 33);
        assert_eq!(events.iter().map(|it| it.weight).sum::<u64>(), 100_001);
        assert_eq!(events.first().unwrap().place.line, 0);
        assert_eq!(events.get(31).unwrap().place.line, 99_999);
    }

    #[test]
    fn the_same_error_of_another_vm_or_operation_is_another_event() {
        let mut store = EventStore::with_room(1 << 20);
        for line in 0..100 {
            let component = format!("Vmsvc.vm:/vmfs/volumes/ds1/APP-{line}/APP-{line}.vmx");
            store.push(Event { component, ..event(line, "KMS-EXT") }, true);
            store.push(Event { op_id: Some(format!("op-{line}")), ..event(100 + line, "KMS-EXT") }, true);
        }
        assert_eq!(store.into_events().len(), 200);
    }

    #[test]
    fn ever_new_values_of_one_signature_keep_their_ends_and_push_out_no_other() {
        let mut store = EventStore::with_room(100 << 20);
        for line in 0..30_000 {
            store.push(event(line, &line.to_string()), false);
        }
        store.push(Event { signature: 1, ..event(30_000, "x") }, true);
        assert_eq!((store.dropped, store.dropped_failures), (26_000, 0));
        let events = store.into_events();
        assert_eq!(events.len(), 4001);
        assert_eq!(events[1999].place.line, 1999);
        assert_eq!(events[2001].place.line, 28_001);
        assert_eq!(events[4000].signature, 1);
    }

    #[test]
    fn where_room_ends_the_first_and_the_last_stay_and_all_are_counted() {
        let one = event(0, "a").cost();
        let mut store = EventStore::with_room(16 * one);
        for line in 0..1000 {
            store.push(event(line, "a"), true);
        }
        store.push(Event { signature: 1, ..event(1000, "b") }, true);
        assert_eq!((store.dropped, store.dropped_failures), (0, 0));
        let events = store.into_events();
        assert_eq!(events.iter().map(|it| it.weight).sum::<u64>(), 1001);
        let lines: Vec<u64> = events.iter().map(|it| it.place.line).collect();
        // A quarter of the room for each signature.
        assert_eq!((lines.len(), lines[0], lines[3], lines[4]), (5, 0, 999, 1000));
    }
}
