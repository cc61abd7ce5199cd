//! What stands behind the failures of VMs: a failure of vCenter, of a key provider or of a host that reached them.
//!
//! vCenter logs that a key server is down without naming the VMs that need it. Being near in time alone never
//! makes a cause: it has to explain what the VM saw, in the logs of the same vCenter or host, and name the same
//! key provider, datastore or device. Where only the names are missing it is a possibility, and says what would
//! settle it.

use std::collections::{BTreeMap, BTreeSet};

use esxray_knowledge::{Cause, FieldKind, Knowledge};
use esxray_model::{FormatName, Grade, Timestamp, say};

use crate::assemble::Group;
use crate::correlate::Episode;
use crate::event::Event;
use crate::judge::{Held, cited, fill_title};
use crate::outcome::{Finding, Missing};
use crate::timeline::{Timed, Timeline};

/// Seconds before an operation began in which what happened still reaches it.
const BEFORE_SECONDS: i64 = 10 * 60;
/// Seconds after the last failure: a service may notice late.
const AFTER_SECONDS: i64 = 60;

/// Names of fields that say which thing of several hosts' an event is about, and what kind of thing it is.
const THINGS: [(&str, &str); 6] = [
    ("datastore", "datastore"),
    ("volume", "datastore"),
    ("device", "device"),
    ("export", "export"),
    ("server", "server"),
    ("cluster", "cluster"),
];

/// The kind that key providers are put under.
const PROVIDER: &str = "key provider";

/// Seconds between two records of one outage that still are one, where nothing came through meanwhile.
const LASTING_SECONDS: i64 = 30 * 60;

/// So many VMs that meet one failure in the same minutes make more of it than a possibility.
const MANY_VMS: usize = 3;

/// A cause that holds for a host or for vCenter.
struct Wide<'a> {
    host: Option<&'a str>,
    held: &'a Held,
    /// Records of it that follow each other: it lasted from each to the next, as far as the input shows.
    lasting: Vec<(usize, usize)>,
}

impl<'a> Wide<'a> {
    fn of(
        group: &'a Group<'_>,
        timeline: &Timeline,
        came_through: &impl Fn(Timestamp, Timestamp) -> bool,
    ) -> Vec<Self> {
        let host = group.episodes.first().and_then(|it| it.host.as_deref());
        let wide = |held: &'a Held| {
            let mut seen: Vec<(Timestamp, usize)> =
                held.events.iter().filter_map(|at| Some((timeline.events.get(*at)?.at?, *at))).collect();
            seen.sort_unstable();
            let pairs = seen.iter().zip(seen.iter().skip(1));
            let lasted = |((from, _), (to, _)): &(&(Timestamp, usize), &(Timestamp, usize))| {
                to.seconds_since(*from) <= LASTING_SECONDS && !came_through(*from, *to)
            };
            let lasting = pairs.filter(lasted).map(|(one, other)| (one.1, other.1)).collect();
            Self { host, held, lasting }
        };
        group.held.iter().map(wide).collect()
    }
}

/// The things by kind that events name.
pub(crate) type Things<'a> = BTreeMap<&'static str, BTreeSet<&'a str>>;

/// How sure it is that two failures are about one thing.
#[derive(PartialEq, Eq, PartialOrd, Ord, Clone, Copy)]
enum Tie {
    Other,
    Unnamed,
    Same,
}

/// For each group of a VM, the causes of hosts and of vCenter that explain what it saw.
///
/// `came_through` tells whether an operation of the same kind succeeded on any VM between two moments.
pub(crate) fn behind(
    groups: &[Group<'_>],
    timeline: &Timeline,
    knowledge: &Knowledge,
    came_through: impl Fn(Timestamp, Timestamp) -> bool,
) -> Vec<Vec<Held>> {
    let of_vm = |group: &Group<'_>| group.episodes.first().is_some_and(|it| it.vm.is_some());
    let wide: Vec<Wide<'_>> =
        groups.iter().filter(|it| !of_vm(it)).flat_map(|group| Wide::of(group, timeline, &came_through)).collect();
    let of_vcenter = timeline.events.iter().filter(|it| it.event.format == FormatName::Vpxd);
    let vcenters: BTreeSet<&str> = of_vcenter.map(|it| it.host.as_str()).collect();
    let reached = |group: &Group<'_>| {
        if of_vm(group) {
            reaching(&wide, &vcenters, &group.episodes, &group.held, timeline, knowledge)
        } else {
            Vec::new()
        }
    };
    let mut found: Vec<Vec<Held>> = groups.iter().map(reached).collect();
    // How many VMs failed is evidence itself: what three of them met in the same minutes, and none escaped, is no chance.
    let mut vms: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    for (group, held) in groups.iter().zip(&found) {
        for held in held {
            vms.entry(held.finding.cause.clone()).or_default().extend(group.episodes.iter().filter_map(|it| it.vm));
        }
    }
    for held in found.iter_mut().flatten() {
        let many = vms.get(&held.finding.cause).is_some_and(|it| it.len() >= MANY_VMS);
        let times = || held.events.iter().filter_map(|at| timeline.events.get(*at)).filter_map(|it| it.at);
        let escaped = match (times().min(), times().max()) {
            (Some(first), Some(last)) => came_through(first, last.plus_seconds(BEFORE_SECONDS)),
            _ => true,
        };
        let of_host = wide.iter().filter(|it| it.held.finding.cause == held.finding.cause);
        let at_most = of_host.map(|it| it.held.finding.grade).max().unwrap_or(Grade::Possible);
        if many && !escaped {
            held.finding.grade = held.finding.grade.max(Grade::Probable.min(at_most));
        }
    }
    found
}

/// The causes of hosts and of vCenter that explain what one VM's episodes saw.
fn reaching(
    wide: &[Wide<'_>],
    vcenters: &BTreeSet<&str>,
    episodes: &[&Episode],
    own: &[Held],
    timeline: &Timeline,
    knowledge: &Knowledge,
) -> Vec<Held> {
    let known: BTreeSet<&str> = own.iter().map(|it| it.finding.cause.as_str()).collect();
    let Some(of_vm) = Seen::of(episodes, timeline) else { return Vec::new() };
    let mut found: Vec<Held> = Vec::new();
    for wide in wide {
        let id = wide.held.finding.cause.as_str();
        let Some(cause) = knowledge.cause(id) else { continue };
        let explains = cause.explains.iter().any(|it| known.contains(it.as_str()));
        if !explains || known.contains(id) || !of_vm.shares_logs_with(wide, vcenters) {
            continue;
        }
        let mut by_tie: BTreeMap<Tie, BTreeSet<usize>> = BTreeMap::new();
        let timed = |at: usize| timeline.events.get(at);
        let around: Vec<(usize, usize)> =
            wide.lasting.iter().copied().filter(|it| of_vm.is_within(*it, timed)).collect();
        for at in &wide.held.events {
            let Some(timed) = timed(*at) else { continue };
            if of_vm.reaches(timed) || around.iter().any(|it| it.0 == *at || it.1 == *at) {
                by_tie.entry(of_vm.tie(&timed.event)).or_default().insert(*at);
            }
        }
        let Some((tie, events)) = by_tie.pop_last().filter(|it| it.0 != Tie::Other) else { continue };
        // Once the VM came through, what stood behind its failure is over for it too.
        let closed = own.iter().map(|it| it.recovered).collect::<Option<Vec<usize>>>();
        let recovered = closed.and_then(|it| it.into_iter().max());
        let mut finding = finding(cause, wide.held, tie, &events, timeline);
        // A failure of the same part of the whole, between two signs of an outage that nothing came through.
        let same_part = |it: &&Held| {
            let known = knowledge.cause(&it.finding.cause);
            known.is_some_and(|it| it.category == cause.category && cause.explains.contains(&it.id))
        };
        if !around.is_empty() && own.iter().any(|it| same_part(&it)) {
            finding.grade = finding.grade.max(Grade::Probable.min(wide.held.finding.grade));
        }
        match found.iter_mut().find(|it| it.finding.cause == id) {
            Some(earlier) if earlier.finding.grade >= finding.grade => {}
            Some(earlier) => *earlier = Held { finding, events, recovered },
            None => found.push(Held { finding, events, recovered }),
        }
    }
    found
}

/// What a VM's episodes say of where, when and with what they failed.
struct Seen<'a> {
    from: Timestamp,
    to: Timestamp,
    /// From its first failure to its last.
    failing: (Timestamp, Timestamp),
    hosts: BTreeSet<&'a str>,
    in_vcenter: bool,
    things: Things<'a>,
}

impl<'a> Seen<'a> {
    fn of(episodes: &[&'a Episode], timeline: &'a Timeline) -> Option<Self> {
        let windows = || episodes.iter().filter_map(|it| it.window(timeline));
        let events = || episodes.iter().flat_map(|it| &it.events).filter_map(|at| timeline.events.get(*at));
        let mut things = Things::new();
        for timed in events() {
            add_things(&mut things, &timed.event);
            for request in &timed.event.requested {
                let providers = [request.old_provider.as_deref(), request.new_provider.as_deref()];
                things.entry(PROVIDER).or_default().extend(providers.into_iter().flatten());
            }
        }
        for vm in episodes.iter().filter_map(|it| timeline.vms.get(it.vm?)) {
            things.entry("datastore").or_default().extend(vm.datastore.as_deref());
        }
        let (from, to) = (windows().map(|it| it.from).min()?, windows().map(|it| it.to).max()?);
        let failures = episodes.iter().flat_map(|it| &it.failures).filter_map(|at| timeline.events.get(*at)?.at);
        Some(Self {
            from: from.plus_seconds(-BEFORE_SECONDS),
            to: to.plus_seconds(AFTER_SECONDS),
            failing: (failures.clone().min().unwrap_or(from), failures.max().unwrap_or(to)),
            hosts: events().map(|it| it.host.as_str()).collect(),
            in_vcenter: events().any(|it| it.event.format == FormatName::Vpxd),
            things,
        })
    }

    /// Whether the same vCenter or the same host logged both.
    fn shares_logs_with(&self, wide: &Wide<'_>, vcenters: &BTreeSet<&str>) -> bool {
        if wide.host.is_some_and(|host| self.hosts.contains(host)) {
            return true;
        }
        // With one vCenter in the input, the VMs whose host alone logged are taken to be its own.
        !self.in_vcenter && vcenters.len() == 1 && wide.host.is_some_and(|host| vcenters.contains(host))
    }

    fn reaches(&self, timed: &Timed) -> bool {
        timed.at.is_some_and(|at| self.from <= at && at <= self.to)
    }

    /// Whether all of it failed between two events.
    fn is_within<'t>(&self, pair: (usize, usize), timed: impl Fn(usize) -> Option<&'t Timed>) -> bool {
        let at = |index: usize| timed(index).and_then(|it| it.at);
        matches!((at(pair.0), at(pair.1)), (Some(from), Some(to)) if from <= self.failing.0 && self.failing.1 <= to)
    }

    fn tie(&self, event: &Event) -> Tie {
        let mut things = Things::new();
        add_things(&mut things, event);
        let mut compared = things.iter().filter_map(|(kind, values)| Some((values, self.things.get(kind)?)));
        let shared = compared.clone().any(|(one, other)| one.iter().any(|value| other.contains(value)));
        if shared {
            Tie::Same
        } else if compared.any(|(one, other)| !one.is_empty() && !other.is_empty()) {
            Tie::Other
        } else {
            Tie::Unnamed
        }
    }
}

/// Adds what an event names.
pub(crate) fn add_things<'a>(things: &mut Things<'a>, event: &'a Event) {
    for (name, kind, value) in &event.fields {
        let kind = match kind {
            FieldKind::Provider | FieldKind::OldProvider | FieldKind::NewProvider => Some(PROVIDER),
            FieldKind::Text => THINGS.iter().find(|it| it.0 == name).map(|it| it.1),
            _ => None,
        };
        if let Some(kind) = kind {
            things.entry(kind).or_default().insert(value.as_str());
        }
    }
}

/// The finding as it concerns one VM: what is cited of it is what reaches that VM.
fn finding(cause: &Cause, wide: &Held, tie: Tie, events: &BTreeSet<usize>, timeline: &Timeline) -> Finding {
    let timed: Vec<&Timed> = events.iter().filter_map(|at| timeline.events.get(*at)).collect();
    let mut captures: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in timed.iter().flat_map(|it| it.event.captures()) {
        captures.entry(name).or_insert(value);
    }
    let mut missing_evidence = wide.finding.missing_evidence.clone();
    if tie != Tie::Same {
        let what = say!(
            en: "which key provider, datastore or device this VM's operation needed",
            fr: "quel fournisseur de clés, datastore ou périphérique l’opération de cette VM demandait",
        );
        let would = say!(
            en: "tell whether this failure is the one that reached it",
            fr: "dire si c’est bien cette panne qui l’a touchée",
        );
        missing_evidence.push(Missing { what, would });
    }
    Finding {
        title: fill_title(&cause.title, &captures, None),
        grade: if tie == Tie::Same { wide.finding.grade } else { Grade::Possible },
        count: timed.iter().map(|it| it.event.weight).sum(),
        first_seen: timed.iter().filter_map(|it| it.event.time).min(),
        last_seen: timed.iter().filter_map(|it| it.event.time).max(),
        evidence: cited(&timed),
        captures,
        missing_evidence,
        ..wide.finding.clone()
    }
}
