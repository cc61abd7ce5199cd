//! What stands behind the incidents: one outage may fail thirty VMs, and is one root cause with thirty incidents.
//!
//! Two incidents share a root cause where the same cause holds first in both, and both rest on one record or name
//! the same key provider, datastore or device. That both happened is not enough.

use std::collections::{BTreeMap, BTreeSet};

use esxray_model::{FormatName, Grade, Role, Said, Severity, Timestamp};

use crate::behind::{Things, add_things};
use crate::coverage::{Window, covering};
use crate::outcome::Incident;
use crate::scan::Source;
use crate::timeline::Timeline;

/// One cause behind one or many incidents: a key server that is down fails every VM that is re-keyed meanwhile.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RootCause {
    /// `R1`, `R2` and so on.
    pub id: String,
    /// Id of the cause.
    pub cause: String,
    /// One sentence: that of the surest of its findings.
    pub title: Said,
    /// The best grade among the incidents.
    pub grade: Grade,
    /// The worst severity among the incidents.
    pub severity: Severity,
    /// Ids of the incidents, in their order.
    pub incidents: Vec<String>,
    /// VMs that it concerns, by the name that is known of each.
    pub vms: Vec<String>,
    /// Hosts that it happened on, as far as they are known.
    pub hosts: Vec<String>,
    /// Hosts of the input whose logs cover the time and show nothing of it.
    pub hosts_without: Vec<String>,
    /// How far it reaches.
    pub scope: Scope,
    /// When it was first seen.
    pub first_seen: Option<Timestamp>,
    /// When it was last seen.
    pub last_seen: Option<Timestamp>,
}

/// How far a root cause reaches, as far as the input shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Scope {
    /// One VM.
    OneVm,
    /// Several VMs, all on one host.
    OneHost,
    /// VMs on several hosts, or several hosts themselves.
    SeveralHosts,
    /// It cannot be told: no host is known.
    Unknown,
}

impl Scope {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::OneVm, Self::OneHost, Self::SeveralHosts, Self::Unknown];

    /// The word for it in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OneVm => "one-vm",
            Self::OneHost => "one-host",
            Self::SeveralHosts => "several-hosts",
            Self::Unknown => "unknown",
        }
    }
}

/// An incident and the events that its root cause rests on.
pub(crate) struct Rooted {
    pub incident: Incident,
    pub events: BTreeSet<usize>,
}

/// What two incidents of one root cause share.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Shared<'a> {
    Event(usize),
    Thing(&'static str, &'a str),
}

/// The root causes of numbered incidents, in the order of their first incidents.
pub(crate) fn root_causes(rooted: &[Rooted], timeline: &Timeline, sources: &[Source]) -> Vec<RootCause> {
    let mut groups: Vec<Vec<(usize, &Rooted)>> = Vec::new();
    let mut known: BTreeMap<(&str, bool, Shared<'_>), usize> = BTreeMap::new();
    for (number, one) in rooted.iter().enumerate() {
        let Some(first) = one.incident.findings.first() else { continue };
        // What is over and what still lasts are answered apart.
        let key = |shared| (first.cause.as_str(), one.incident.recovered.is_some(), shared);
        let things = things(&one.events, timeline);
        let named = things.iter().flat_map(|(kind, values)| values.iter().map(|value| Shared::Thing(kind, value)));
        let keys: Vec<_> = one.events.iter().map(|at| Shared::Event(*at)).chain(named).map(key).collect();
        let met: BTreeSet<usize> = keys.iter().filter_map(|key| known.get(key).copied()).collect();
        let group = met.first().copied().unwrap_or(groups.len());
        // An incident that shares something with two groups shows that they are one.
        for other in met.iter().skip(1) {
            let joined = groups.get_mut(*other).map(std::mem::take).unwrap_or_default();
            groups.get_mut(group).into_iter().for_each(|it| it.extend(&joined));
            known.values_mut().filter(|it| **it == *other).for_each(|it| *it = group);
        }
        match groups.get_mut(group) {
            Some(incidents) => incidents.push((number, one)),
            None => groups.push(vec![(number, one)]),
        }
        for key in keys {
            known.entry(key).or_insert(group);
        }
    }
    for group in &mut groups {
        group.sort_by_key(|it| it.0);
    }
    let groups = groups.iter().map(|group| group.iter().map(|it| it.1).collect::<Vec<&Rooted>>());
    let described = groups.filter_map(|group| describe(&group, timeline, sources));
    described.zip(1..).map(|(root, number)| RootCause { id: format!("R{number}"), ..root }).collect()
}

fn things<'a>(events: &BTreeSet<usize>, timeline: &'a Timeline) -> Things<'a> {
    let mut things = Things::new();
    for timed in events.iter().filter_map(|at| timeline.events.get(*at)) {
        add_things(&mut things, &timed.event);
    }
    things
}

fn describe(group: &[&Rooted], timeline: &Timeline, sources: &[Source]) -> Option<RootCause> {
    let findings = || group.iter().filter_map(|it| it.incident.findings.first());
    let first = findings().next()?;
    let surest = findings().max_by_key(|it| (it.grade, it.role == Role::RootCause)).unwrap_or(first);
    let names = |name: &dyn Fn(&Incident) -> Option<String>| -> Vec<String> {
        let names: BTreeSet<String> = group.iter().filter_map(|it| name(&it.incident)).collect();
        names.into_iter().collect()
    };
    let vms = names(&|it| {
        let vm = it.vm.as_ref()?;
        vm.name.clone().or_else(|| vm.vmx_path.clone()).or_else(|| vm.moref.clone()).or_else(|| vm.vmid.clone())
    });
    let hosts = names(&|it| it.host.as_ref()?.name.clone());
    let unknown_host = group.iter().any(|it| it.incident.host.as_ref().is_none_or(|host| host.name.is_none()));
    let scope = match (vms.len(), hosts.len()) {
        (_, 2..) => Scope::SeveralHosts,
        (0 | 1, _) if group.len() == 1 && group.iter().all(|it| it.incident.vm.is_some()) => Scope::OneVm,
        (_, 1) if !unknown_host => Scope::OneHost,
        _ => Scope::Unknown,
    };
    let events: BTreeSet<usize> = group.iter().flat_map(|it| it.events.iter().copied()).collect();
    Some(RootCause {
        id: String::new(),
        cause: first.cause.clone(),
        title: surest.title.clone(),
        grade: findings().map(|it| it.grade).max().unwrap_or(Grade::Possible),
        severity: findings().map(|it| it.severity).max().unwrap_or(Severity::Info),
        incidents: group.iter().map(|it| it.incident.id.clone()).collect(),
        vms,
        hosts,
        hosts_without: hosts_without(&events, timeline, sources),
        scope,
        first_seen: findings().filter_map(|it| it.first_seen).min(),
        last_seen: findings().filter_map(|it| it.last_seen).max(),
    })
}

/// The hosts whose logs of the same kinds cover the time, and hold none of the events.
fn hosts_without(events: &BTreeSet<usize>, timeline: &Timeline, sources: &[Source]) -> Vec<String> {
    let timed = || events.iter().filter_map(|at| timeline.events.get(*at));
    let formats: BTreeSet<FormatName> = timed().map(|it| it.event.format).collect();
    // The log of one VM, or of vCenter, says nothing of how other hosts fare.
    let of_host = |it: &FormatName| !matches!(it, FormatName::VmwareLog | FormatName::Vpxd);
    let formats: Vec<FormatName> = formats.into_iter().filter(of_host).collect();
    let when = || timed().filter_map(|it| it.at);
    let (Some(from), Some(to)) = (when().min(), when().max()) else { return Vec::new() };
    if formats.is_empty() {
        return Vec::new();
    }
    let window = Window { from, to, slack: timed().map(|it| it.slack).max().unwrap_or(0) };
    let with: BTreeSet<&str> = timed().map(|it| it.host.as_str()).collect();
    let others: BTreeMap<&str, &str> = timeline
        .host_names
        .iter()
        .map(|(place, name)| (place.as_str(), name.as_str()))
        .filter(|(place, _)| !with.contains(place))
        .collect();
    let covered = |place: &str| !covering(sources, &formats, &[place], window).is_empty();
    let names: BTreeSet<&str> = others.into_iter().filter(|it| covered(it.0)).map(|it| it.1).collect();
    names.into_iter().map(str::to_owned).collect()
}
