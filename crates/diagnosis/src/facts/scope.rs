//! How far a failure reaches: one host or several, one VM or several.

use std::collections::BTreeSet;

use esxray_knowledge::FieldKind;
use esxray_model::FormatName;

use super::{Facts, Holds};
use crate::timeline::Timed;

/// Seconds around an episode in which the same failure elsewhere is one with it.
const SAME_TIME_SECONDS: i64 = 30 * 60;

impl Facts<'_> {
    /// The episode's failures wherever they happened at that time: on any host, to any VM.
    fn everywhere(&self) -> Vec<(usize, &Timed)> {
        let own: Vec<&Timed> = self.timed(self.episode.failures.iter().copied()).map(|it| it.1).collect();
        let names: BTreeSet<&str> = own.iter().map(|it| it.event.name.as_str()).collect();
        // What names a provider is the same failure only where it names the same.
        let is_same = |it: &Timed| {
            let provider = it.event.value(FieldKind::Provider);
            own.iter().any(|own| own.event.name == it.event.name && own.event.value(FieldKind::Provider) == provider)
        };
        let mut found: Vec<usize> = names.into_iter().flat_map(|name| self.timeline.named(name)).copied().collect();
        found.sort_unstable();
        self.timed(found).filter(|it| self.is_near(it.1) && is_same(it.1)).collect()
    }

    fn is_near(&self, timed: &Timed) -> bool {
        let (Some(window), Some(at)) = (self.episode.window(self.timeline), timed.at) else { return false };
        window.from.plus_seconds(-SAME_TIME_SECONDS) <= at && at <= window.to.plus_seconds(SAME_TIME_SECONDS)
    }

    /// The hosts whose own services logged these.
    fn hosts<'t>(events: &[(usize, &'t Timed)]) -> BTreeSet<&'t str> {
        let of_host = |it: &&Timed| {
            matches!(
                it.event.format,
                FormatName::Hostd | FormatName::Vpxa | FormatName::Kmxa | FormatName::Vmkernel | FormatName::Vobd
            )
        };
        events.iter().map(|it| it.1).filter(of_host).map(|it| it.host.as_str()).collect()
    }

    pub(super) fn many_hosts(&self) -> Holds {
        let events = self.everywhere();
        if Self::hosts(&events).len() > 1 {
            return Holds::Yes(events.iter().map(|it| it.0).collect());
        }
        match self.used_elsewhere(&events) {
            used if used.is_empty() => Holds::Unknown,
            used => Holds::No(self.sources_of(&used)),
        }
    }

    pub(super) fn one_host(&self) -> Holds {
        let events = self.everywhere();
        if Self::hosts(&events).len() > 1 {
            return Holds::No(self.sources_of(&events.iter().map(|it| it.0).collect::<Vec<_>>()));
        }
        match self.used_elsewhere(&events) {
            used if used.is_empty() => Holds::Unknown,
            used => Holds::Yes(used),
        }
    }

    /// Changes of keys that worked on another host at that time, to the provider that the failure names.
    ///
    /// A host that merely has no such error says nothing: it may not have been asked.
    fn used_elsewhere(&self, events: &[(usize, &Timed)]) -> Vec<usize> {
        let hosts = Self::hosts(events);
        let providers: BTreeSet<&str> = events.iter().filter_map(|it| it.1.event.value(FieldKind::Provider)).collect();
        if hosts.len() != 1 || providers.is_empty() {
            return Vec::new();
        }
        let changes: Vec<(usize, &Timed)> = self
            .timed(self.timeline.named("key-changed").iter().copied())
            .filter(|it| self.is_near(it.1))
            .filter(|it| it.1.event.value(FieldKind::NewProvider).is_some_and(|it| providers.contains(it)))
            .collect();
        let elsewhere = |it: &&(usize, &Timed)| Self::hosts(&[**it]).iter().any(|host| !hosts.contains(host));
        changes.iter().filter(elsewhere).map(|it| it.0).collect()
    }
}
