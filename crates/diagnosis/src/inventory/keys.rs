//! Key providers and keys, by the names that records give them.

use std::collections::{BTreeMap, BTreeSet};

use esxray_knowledge::FieldKind;
use esxray_model::{Place, Timestamp};

use super::{KeySeen, ProviderSeen};
use crate::event::Standing;
use crate::timeline::{Timed, Timeline};

/// What is known of one name.
#[derive(Default)]
struct Seen {
    vms: BTreeSet<String>,
    /// The weight of each record: one that several signatures recognise counts once.
    records: BTreeMap<Place, u64>,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    sound: bool,
}

impl Seen {
    fn add(&mut self, timeline: &Timeline, timed: &Timed) {
        self.vms.extend(timed.vm.and_then(|vm| timeline.vms.get(vm)?.name.clone()));
        let weight = self.records.entry(timed.event.place).or_default();
        *weight = timed.event.weight.max(*weight);
        self.first = self.first.into_iter().chain(timed.event.time).min();
        self.last = self.last.max(timed.event.time);
        self.sound |= timed.event.standing == Standing::Sound;
    }
}

/// The providers and keys of the events that are taken, sorted.
pub(super) fn seen(timeline: &Timeline, takes: &dyn Fn(&Timed) -> bool) -> (Vec<ProviderSeen>, Vec<KeySeen>) {
    let mut providers: BTreeMap<&str, Seen> = BTreeMap::new();
    let mut keys: BTreeMap<(&str, Option<&str>), Seen> = BTreeMap::new();
    for timed in timeline.events.iter().filter(|it| takes(it)) {
        for (key, provider) in pairs(timed) {
            if let Some(provider) = provider {
                providers.entry(provider).or_default().add(timeline, timed);
            }
            if let Some(key) = key {
                keys.entry((key, provider)).or_default().add(timeline, timed);
            }
        }
    }
    let providers = providers.into_iter().map(|(provider, seen)| ProviderSeen {
        provider: provider.to_owned(),
        vms: seen.vms.into_iter().collect(),
        records: seen.records.values().sum(),
        first: seen.first,
        last: seen.last,
        only_quoted: !seen.sound,
    });
    let mut keys: Vec<KeySeen> = one_entry_a_key(keys)
        .into_iter()
        .map(|((key, provider), seen)| KeySeen {
            key_id: key.to_owned(),
            provider: provider.map(str::to_owned),
            vms: seen.vms.into_iter().collect(),
            records: seen.records.values().sum(),
            first: seen.first,
            last: seen.last,
            only_quoted: !seen.sound,
        })
        .collect();
    keys.sort_by(|one, other| (&one.provider, &one.key_id).cmp(&(&other.provider, &other.key_id)));
    (providers.collect(), keys)
}

/// The keys that an event names, each with its provider where the event names that too.
fn pairs(timed: &Timed) -> Vec<(Option<&str>, Option<&str>)> {
    let value = |kind| timed.event.value(kind).filter(|it| !it.trim().is_empty());
    let mut pairs = vec![
        (value(FieldKind::KeyId), value(FieldKind::Provider)),
        (value(FieldKind::OldKeyId), value(FieldKind::OldProvider)),
        (value(FieldKind::NewKeyId), value(FieldKind::NewProvider)),
    ];
    for asked in &timed.event.requested {
        pairs.push((asked.old_key.as_deref(), asked.old_provider.as_deref()));
        pairs.push((asked.new_key.as_deref(), asked.new_provider.as_deref()));
    }
    pairs.retain(|it| it.0.is_some() || it.1.is_some());
    pairs
}

type Keys<'t> = BTreeMap<(&'t str, Option<&'t str>), Seen>;

/// Puts the records that name a key without its provider to the one provider that others name with it.
///
/// Ids are unique within a provider only: two providers with one id stay two keys, and a bare id beside them a third.
fn one_entry_a_key(mut keys: Keys<'_>) -> Keys<'_> {
    let bare: Vec<&str> = keys.keys().filter(|it| it.1.is_none()).map(|it| it.0).collect();
    for key in bare {
        let named: Vec<(&str, Option<&str>)> =
            keys.keys().filter(|it| it.0 == key && it.1.is_some()).copied().collect();
        if let [one] = named.as_slice()
            && let Some(seen) = keys.remove(&(key, None))
            && let Some(known) = keys.get_mut(one)
        {
            known.vms.extend(seen.vms);
            for (place, weight) in seen.records {
                let held = known.records.entry(place).or_default();
                *held = weight.max(*held);
            }
            known.first = known.first.into_iter().chain(seen.first).min();
            known.last = known.last.max(seen.last);
            known.sound |= seen.sound;
        }
    }
    keys
}
