//! Puts events into episodes: what happened to one VM, or on one host, in one stretch of time.
//!
//! An episode is what an incident is made of once a cause holds in it. Two things make one: a re-key
//! attempt with its aftermath, or failures that follow each other closely. Being near alone never
//! brings two VMs together.

use std::collections::{BTreeMap, BTreeSet};

use esxray_knowledge::{Knowledge, Tone};
use esxray_model::Timestamp;

use crate::coverage::Window;
use crate::facts::rekey::{Attempt, attempts};
use crate::timeline::{Timed, Timeline, VmIndex};

/// Seconds between two failures of one VM or host that still are one episode.
const QUIET_SECONDS: i64 = 30 * 60;
/// Seconds around an episode that are looked at as well.
const MARGIN_SECONDS: i64 = 5 * 60;

/// What happened to one VM, or on one host, in one stretch of time.
#[derive(Debug, Clone)]
pub(crate) struct Episode {
    pub vm: Option<VmIndex>,
    /// The folder of the logs of the host, where no VM is concerned.
    pub host: Option<String>,
    /// In order.
    pub events: Vec<usize>,
    /// The failures among them.
    pub failures: Vec<usize>,
    pub attempt: Option<Attempt>,
}

impl Episode {
    /// From a little before its first event to its last.
    pub(crate) fn window(&self, timeline: &Timeline) -> Option<Window> {
        let times = || self.core(timeline).filter_map(|it| it.at);
        let from = times().min().into_iter().chain(self.attempt.as_ref().and_then(|it| it.began)).min()?;
        let to = times().max().into_iter().chain(self.attempt.as_ref().and_then(|it| it.ended)).max()?;
        let slack = self.core(timeline).map(|it| it.slack).max().unwrap_or(0);
        Some(Window { from, to, slack })
    }

    /// The failures, or all events where there is no failure.
    fn core<'t>(&'t self, timeline: &'t Timeline) -> impl Iterator<Item = &'t Timed> {
        let core = if self.failures.is_empty() { &self.events } else { &self.failures };
        core.iter().filter_map(|at| timeline.events.get(*at))
    }

    /// When its last failure was.
    pub(crate) fn last_failure(&self, timeline: &Timeline) -> Option<Timestamp> {
        self.core(timeline).filter_map(|it| it.at).max()
    }

    /// Folders of the logs of the hosts that took part: those of services, not of `vmware.log` files.
    pub(crate) fn folders<'t>(&'t self, timeline: &'t Timeline) -> Vec<&'t str> {
        let folders: BTreeSet<&str> = self
            .events
            .iter()
            .filter_map(|at| timeline.events.get(*at))
            .filter(|it| {
                it.event.format != esxray_model::FormatName::VmwareLog
                    && it.event.format != esxray_model::FormatName::Vpxd
            })
            .map(|it| it.host.as_str())
            .collect();
        folders.into_iter().collect()
    }
}

/// All episodes, in the order of their first events, and the attempts of each VM.
pub(crate) fn episodes(timeline: &Timeline, knowledge: &Knowledge) -> (Vec<Episode>, BTreeMap<VmIndex, Vec<Attempt>>) {
    let mut episodes = Vec::new();
    let mut all_attempts = BTreeMap::new();
    for vm in 0..timeline.vms.len() {
        let attempts = attempts(timeline, vm);
        episodes.extend(of_vm(timeline, knowledge, vm, &attempts));
        all_attempts.insert(vm, attempts);
    }
    let mut by_host: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, timed) in timeline.events.iter().enumerate().filter(|it| it.1.vm.is_none()) {
        by_host.entry(timed.host.as_str()).or_default().push(at);
    }
    for (host, events) in by_host {
        for failures in clusters(timeline, events.iter().copied().filter(|at| is_failure(timeline, knowledge, *at))) {
            let host = Some(host.to_owned());
            episodes.push(surround(
                timeline,
                &events,
                Episode { vm: None, host, events: failures.clone(), failures, attempt: None },
            ));
        }
    }
    episodes.sort_by_key(|it| it.events.first().and_then(|at| timeline.events.get(*at)).map(Timed::order));
    (episodes, all_attempts)
}

fn of_vm(timeline: &Timeline, knowledge: &Knowledge, vm: VmIndex, attempts: &[Attempt]) -> Vec<Episode> {
    let all = timeline.of_vm(vm);
    let mut left: BTreeSet<usize> = all.iter().copied().filter(|at| is_failure(timeline, knowledge, *at)).collect();
    let mut episodes = Vec::new();
    for (number, attempt) in attempts.iter().enumerate() {
        let next = attempts.get(number + 1).and_then(|it| it.began);
        let inside = |at: &usize| {
            let Some(timed) = timeline.events.get(*at) else { return false };
            let before_next = next.is_none() || timed.at.is_none() || timed.at < next;
            attempt.events.contains(at) || (attempt.takes(timed) && before_next)
        };
        let failures: Vec<usize> = left.iter().copied().filter(inside).collect();
        for at in &failures {
            left.remove(at);
        }
        let events: Vec<usize> = all.iter().copied().filter(inside).collect();
        episodes.push(Episode { vm: Some(vm), host: None, events, failures, attempt: Some(attempt.clone()) });
    }
    for failures in clusters(timeline, left.into_iter()) {
        let episode = Episode { vm: Some(vm), host: None, events: failures.clone(), failures, attempt: None };
        episodes.push(surround(timeline, all, episode));
    }
    episodes
}

/// Whether an event is one that a cause can begin with.
fn is_failure(timeline: &Timeline, knowledge: &Knowledge, at: usize) -> bool {
    timeline
        .events
        .get(at)
        .and_then(|it| knowledge.signatures.get(it.event.signature))
        .is_some_and(|signature| signature.tone == Tone::Failure)
}

/// Events that follow each other closely.
fn clusters(timeline: &Timeline, events: impl Iterator<Item = usize>) -> Vec<Vec<usize>> {
    let mut clusters: Vec<Vec<usize>> = Vec::new();
    let mut last: Option<Timestamp> = None;
    for at in events {
        let when = timeline.events.get(at).and_then(|it| it.at);
        let near = match (last, when) {
            (Some(last), Some(when)) => when.seconds_since(last) <= QUIET_SECONDS,
            // Without times, the order of the paste is all there is.
            (None, None) => true,
            _ => false,
        };
        match clusters.last_mut() {
            Some(cluster) if near => cluster.push(at),
            _ => clusters.push(vec![at]),
        }
        last = when;
    }
    clusters
}

/// Adds the events around an episode that are no failures themselves.
fn surround(timeline: &Timeline, all: &[usize], mut episode: Episode) -> Episode {
    let Some(window) = episode.window(timeline) else { return episode };
    let (from, to) = (window.from.plus_seconds(-MARGIN_SECONDS), window.to.plus_seconds(MARGIN_SECONDS));
    let near = |at: &&usize| timeline.events.get(**at).is_some_and(|it| it.at.is_some_and(|at| from <= at && at <= to));
    let around: BTreeSet<usize> = all.iter().filter(near).copied().chain(episode.events.iter().copied()).collect();
    // Failures of other episodes stay with them.
    let failures: BTreeSet<usize> = episode.failures.iter().copied().collect();
    episode.events =
        around.into_iter().filter(|at| failures.contains(at) || !is_failure_event(timeline, *at, &episode)).collect();
    episode
}

/// A failure that another episode of the same VM or host holds.
fn is_failure_event(timeline: &Timeline, at: usize, episode: &Episode) -> bool {
    let name = timeline.events.get(at).map(|it| it.event.name.as_str());
    !episode.failures.contains(&at)
        && episode.failures.iter().any(|it| timeline.events.get(*it).map(|it| it.event.name.as_str()) == name)
}
