//! The events of vCenter Server and ESXi: what each id means and how loud it is.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use esxray_model::Level;

/// An event of the product's registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventId {
    /// Its id, as the registry writes it: `com.vmware.vc.kms.crypto.Unreachable`, `VmOrphanedEvent`.
    pub id: &'static str,
    /// The class of the API that carries it; empty where the registry's copy does not say.
    pub class: &'static str,
    /// How loud it is, by its words: the registry prints no severity.
    pub level: Level,
    /// What the registry says of it; empty where it says nothing.
    pub description: &'static str,
}

impl EventId {
    /// Where ids, classes and descriptions are public.
    pub const SOURCE: &'static str = "registry of vCenter 8.0 U3, lamw/vcenter-event-mapping";

    /// The event of an id, in any case, with or without `vim.event.` or `com.vmware.vc.` before it.
    ///
    /// # Examples
    ///
    /// ```
    /// use esxray_knowledge::decode::EventId;
    /// use esxray_model::Level;
    ///
    /// let event = EventId::find("vim.event.com.vmware.vc.KMS.crypto.unreachable").unwrap();
    /// assert_eq!(event, EventId::find("kms.crypto.Unreachable").unwrap());
    /// assert_eq!((event.level, event.description), (Level::Error, "Key Management Server is unreachable"));
    /// assert!(EventId::find("vim.event.EventEx").is_none());
    /// ```
    pub fn find(id: &str) -> Option<Self> {
        // No id is longer.
        if id.len() > 200 {
            return None;
        }
        let id = id.to_ascii_lowercase();
        let id = id.strip_prefix("vim.event.").unwrap_or(&id);
        EVENTS.get(id).or_else(|| EVENTS.get(&format!("com.vmware.vc.{id}"))).copied()
    }

    /// Ids that a text may have meant: those that hold it, or are a few letters from it; the nearest first.
    pub fn suggest(query: &str) -> Vec<&'static str> {
        crate::near::suggestions(query, EVENTS.values().map(|event| event.id))
    }

    /// All of them, in the order of their ids in small letters.
    pub fn all() -> impl Iterator<Item = Self> {
        EVENTS.values().copied()
    }
}

/// By the id in small letters.
static EVENTS: LazyLock<BTreeMap<String, EventId>> = LazyLock::new(|| {
    let lines = include_str!("events.tsv").lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(event).map(|it| (it.id.to_ascii_lowercase(), it)).collect()
});

fn event(line: &'static str) -> Option<EventId> {
    let mut columns = line.split('\t');
    let id = columns.next()?;
    let class = match columns.next()? {
        "s" => "Event",
        "e" => "EventEx",
        "x" => "ExtendedEvent",
        "?" => "",
        _ => return None,
    };
    let level = match columns.next()? {
        "e" => Level::Error,
        "w" => Level::Warning,
        "i" => Level::Info,
        _ => return None,
    };
    Some(EventId { id, class, level, description: columns.next()? })
}

#[cfg(test)]
mod tests {
    use esxray_model::Level;

    use super::{EVENTS, EventId};

    #[test]
    fn every_row_is_an_event() {
        let rows = include_str!("events.tsv").lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(EVENTS.len(), rows);
        assert!(rows > 800);
    }

    #[test]
    fn what_ends_well_is_no_error() {
        for id in [
            "VmPoweredOffEvent",
            "VmPoweredOnEvent",
            "esx.clear.storage.apd.exit",
            "vm.Crypto.VMUnlocked",
            "kms.crypto.Vendor",
        ] {
            assert_eq!(EventId::find(id).map(|it| it.level), Some(Level::Info), "{id}");
        }
        for id in ["VMFailedToPowerOnEvent", "esx.problem.storage.apd.start", "VM.crypto.VMLocked.KeyMissingOnKMS"] {
            assert_eq!(EventId::find(id).map(|it| it.level), Some(Level::Error), "{id}");
        }
        assert!(EventId::all().filter(|it| it.id.starts_with("esx.clear.")).all(|it| it.level == Level::Info));
    }
}
