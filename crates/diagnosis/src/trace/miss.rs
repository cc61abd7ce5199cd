//! The records that come nearest to a condition that is not met.

use std::collections::BTreeSet;

use esxray_knowledge::{Cause, Condition, Knowledge, Subject};
use esxray_model::{MissKind, Place, Timestamp};

use super::{Miss, names, tracer::cited, tracer::one_of};
use crate::coverage::Window;
use crate::event::Standing;
use crate::judge::{Judge, same_value};
use crate::outcome::{Evidence, Supports};
use crate::rejected::Rejected;
use crate::scan::Source;
use crate::timeline::{Timed, Timeline};

use super::Tracer;

/// Records that are shown of each condition.
const MOST: usize = 2;

/// How near a record is: less is nearer.
type Nearness = (u8, i64, Place);

/// Finds the nearest misses of a condition.
///
/// `anchor` are the events of the first condition that is met, `met` those that meet this one.
pub(super) fn nearest(tracer: &Tracer<'_>, condition: &Condition, anchor: &[usize], met: &[usize]) -> Vec<Miss> {
    let names = names(&condition.subject);
    let window = tracer.judge.episode().window(tracer.judge.timeline());
    let inside: BTreeSet<usize> = tracer.judge.episode().events.iter().copied().collect();
    let mut misses: Vec<(Nearness, Miss)> = Vec::new();
    for at in names.iter().flat_map(|name| tracer.judge.timeline().named(name)) {
        let Some(timed) = tracer.judge.timed(*at).filter(|_| !met.contains(at)) else { continue };
        let (kind, mut because) =
            if inside.contains(at) { within(tracer, condition, anchor, timed) } else { without(tracer, window, timed) };
        if timed.event.standing != Standing::Sound {
            because.push_str(", and the record is none of the log that it stands in");
        }
        let miss = Miss { kind, because, evidence: cited(&timed.event, tracer.knowledge, Supports::For) };
        keep(&mut misses, nearness(kind, window, timed.at, timed.event.place), miss);
    }
    for (source, rejected) in refusals(tracer.facts.sources, tracer.judge.timeline(), tracer.knowledge, &names) {
        let at = rejected.time.map(|it| source.when(it));
        keep(&mut misses, nearness(rejected.why, window, at, rejected.place), refusal(rejected, tracer.knowledge));
    }
    misses.into_iter().map(|it| it.1).collect()
}

/// Records that are shown of the whole input.
const MOST_ALIKE: usize = 3;

/// The first records of an input that hold the words of an event of a cause and yet do not count as one.
pub(super) fn alike(sources: &[Source], timeline: &Timeline, knowledge: &Knowledge, cause: &Cause) -> Vec<Miss> {
    let names: Vec<&str> = cause.when.iter().flat_map(|it| names(&it.subject)).collect();
    let refused = refusals(sources, timeline, knowledge, &names).filter(|it| it.1.why != MissKind::OtherText);
    let mut places: BTreeSet<Place> = BTreeSet::new();
    let once = refused.filter(|it| places.insert(it.1.place));
    once.take(MOST_ALIKE).map(|it| refusal(it.1, knowledge)).collect()
}

/// The records that signatures of some events do not take, unless another signature of these events does.
fn refusals<'s>(
    sources: &'s [Source],
    timeline: &'s Timeline,
    knowledge: &'s Knowledge,
    names: &[&str],
) -> impl Iterator<Item = (&'s Source, &'s Rejected)> {
    sources.iter().flat_map(|source| source.rejected.iter().map(move |it| (source, it))).filter(
        move |(source, rejected)| {
            let signature = knowledge.signatures.get(rejected.signature);
            let taken = || timeline.of_record(rejected.place).any(|it| names.contains(&it.event.name.as_str()));
            // That a second signature reads another log says nothing where the first one reads this one.
            let told = || {
                let of_record = || source.rejected.iter().filter(|it| it.place == rejected.place);
                rejected.why == MissKind::OtherLog && of_record().any(|it| it.why != MissKind::OtherLog)
            };
            signature.is_some_and(|it| names.contains(&it.event.as_str())) && !taken() && !told()
        },
    )
}

fn refusal(rejected: &Rejected, knowledge: &Knowledge) -> Miss {
    let title = knowledge.signatures.get(rejected.signature).map_or("", |it| it.title.as_str());
    Miss { kind: rejected.why, because: refused(rejected), evidence: quoted(rejected, title) }
}

/// Keeps a few of the nearest.
fn keep(misses: &mut Vec<(Nearness, Miss)>, near: Nearness, miss: Miss) {
    let at = misses.partition_point(|it| it.0 <= near);
    if at < MOST && !misses.iter().any(|it| it.1.evidence.place == miss.evidence.place) {
        misses.insert(at, (near, miss));
        misses.truncate(MOST);
    }
}

/// What keeps an event of the episode from meeting a condition.
fn within(tracer: &Tracer<'_>, condition: &Condition, anchor: &[usize], timed: &Timed) -> (MissKind, String) {
    if let Subject::Fact(_) = condition.subject {
        return (MissKind::Undecided, "it belongs to the incident, but does not settle the matter".to_owned());
    }
    for (field, wanted) in &condition.values {
        let value = timed.event.field(field);
        if !value.is_some_and(|value| wanted.iter().any(|it| it.fits(value))) {
            let value = value.map_or_else(|| "not there".to_owned(), |it| format!("`{it}`"));
            let wanted = one_of(wanted);
            return (MissKind::OtherValue, format!("its {field} is {value}, and {wanted} is asked for"));
        }
    }
    let anchors: Vec<&Timed> = anchor.iter().filter_map(|it| tracer.judge.timed(*it)).collect();
    if let Some(field) = &condition.same
        && !anchors.is_empty()
        && !anchors.iter().any(|it| same_value(&it.event, &timed.event, field))
    {
        let of = |timed: &Timed| timed.event.field(field).map(|it| format!("`{it}`"));
        let other = anchors.iter().find_map(|it| of(it)).unwrap_or_else(|| "none".to_owned());
        let own = of(timed).unwrap_or_else(|| "none".to_owned());
        return (MissKind::OtherValue, format!("its {field} is {own}, that of the first condition {other}"));
    }
    if let Some(seconds) = condition.within
        && !anchors.is_empty()
        && !anchors.iter().any(|it| apart(it.at, timed.at).is_some_and(|it| it <= i64::from(seconds) * 1_000_000))
    {
        let nearest = anchors.iter().filter_map(|it| apart(it.at, timed.at)).min();
        let far = nearest.map_or_else(|| "at an unknown time".to_owned(), |it| format!("{} away", span(it)));
        return (MissKind::TooFar, format!("it is {far} from the first condition, and {seconds} s is the most"));
    }
    let seen = tracer.count_of(condition, anchor);
    (MissKind::TooFew, format!("there are {seen}, and {} are asked for", condition.count))
}

/// Why an event does not belong to the episode.
fn without(tracer: &Tracer<'_>, window: Option<Window>, timed: &Timed) -> (MissKind, String) {
    let episode = tracer.judge.episode();
    let vms = &tracer.judge.timeline().vms;
    let name = |vm: usize| {
        let vm = vms.get(vm);
        let names = vm.and_then(|vm| [&vm.name, &vm.vmx_path, &vm.moref, &vm.vmid].into_iter().flatten().next());
        names.map_or_else(|| "without a name".to_owned(), |it| format!("`{it}`"))
    };
    let host_of_it = || {
        let hosts = episode.folders(tracer.judge.timeline());
        hosts.contains(&timed.host.as_str()) || episode.host.as_deref() == Some(timed.host.as_str())
    };
    let of_same = match (episode.vm, timed.vm) {
        (Some(vm), Some(other)) if vm == other => true,
        (_, Some(other)) => return (MissKind::OtherVm, format!("it is about another VM, {}", name(other))),
        (Some(_), None) if host_of_it() => {
            return (MissKind::NamesNoVm, "no record says which VM it is about".to_owned());
        }
        (None, None) => host_of_it(),
        (Some(_), None) => false,
    };
    if !of_same {
        return (MissKind::OtherHost, "it is of another host, and names no VM".to_owned());
    }
    match distance(window, timed.at) {
        Some(0) => (MissKind::OtherIncident, "it belongs to another incident of the same VM or host".to_owned()),
        Some(micros) => {
            let before = matches!((window, timed.at), (Some(window), Some(at)) if at < window.from);
            let side = if before { "before" } else { "after" };
            (MissKind::OtherTime, format!("it is {} {side} this time", span(micros)))
        }
        None => (MissKind::OtherTime, "nothing says when it was".to_owned()),
    }
}

/// Why a record is no event at all.
fn refused(rejected: &Rejected) -> String {
    let format = rejected.format;
    match rejected.why {
        MissKind::OtherLog => format!("it holds the words, but in a log that does not count for them ({format})"),
        MissKind::OtherWriter if rejected.component.is_empty() => {
            "it holds the words, but does not say which component wrote it".to_owned()
        }
        MissKind::OtherWriter => format!("it holds the words, but `{}` wrote it", rejected.component),
        MissKind::UserText => "it holds the words, but in a text that a user wrote".to_owned(),
        MissKind::NoRecord => "it holds the words, but the line belongs to no record".to_owned(),
        _ => "it holds some of the words, but says something else".to_owned(),
    }
}

fn nearness(kind: MissKind, window: Option<Window>, at: Option<Timestamp>, place: Place) -> Nearness {
    let class = match kind {
        MissKind::OtherValue | MissKind::TooFew | MissKind::TooFar | MissKind::Undecided => 0,
        MissKind::OtherTime | MissKind::OtherIncident => 1,
        MissKind::NamesNoVm => 2,
        // What holds the words and does not count may be what the user has seen.
        MissKind::OtherWriter | MissKind::UserText | MissKind::NoRecord | MissKind::OtherLog => 3,
        MissKind::OtherVm => 4,
        MissKind::OtherHost => 5,
        MissKind::OtherText => 6,
    };
    (class, distance(window, at).unwrap_or(i64::MAX), place)
}

/// Microseconds from a moment to a window; 0 inside of it.
fn distance(window: Option<Window>, at: Option<Timestamp>) -> Option<i64> {
    let (window, at) = (window?, at?);
    Some(if at < window.from {
        window.from.micros_since(at)
    } else if at > window.to {
        at.micros_since(window.to)
    } else {
        0
    })
}

fn apart(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<i64> {
    Some(one?.micros_since(other?).abs())
}

/// A length of time in its two largest units.
fn span(micros: i64) -> String {
    let seconds = micros / 1_000_000;
    match seconds {
        ..60 => format!("{}.{:03} s", seconds, micros / 1000 % 1000),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        3600..86400 => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
        _ => format!("{} d {} h", seconds / 86400, seconds % 86400 / 3600),
    }
}

fn quoted(rejected: &Rejected, meaning: &str) -> Evidence {
    Evidence {
        place: rejected.place,
        time: rejected.time,
        text: rejected.text.clone(),
        span: None,
        meaning: if meaning.is_empty() { String::new() } else { format!("not: {meaning}") },
        supports: Supports::Against,
    }
}

impl Tracer<'_> {
    /// How many events of the episode a condition finds.
    fn count_of(&self, condition: &Condition, anchor: &[usize]) -> u64 {
        let judge: &Judge<'_> = &self.judge;
        judge.count(&judge.tied(condition, anchor), condition)
    }
}
