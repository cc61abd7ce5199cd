//! The records that come nearest to a condition that is not met.

use std::collections::BTreeSet;

use esxray_knowledge::{Cause, Condition, Knowledge, Subject};
use esxray_model::{Lang, MissKind, Place, Said, Timestamp, say};

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
            because = say!(
                en: "{because}, and the record is none of the log that it stands in";
                fr: "{}, et l’enregistrement n’est pas du journal où il se trouve", because.fr()
            );
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
    let title = knowledge.signatures.get(rejected.signature).map_or_else(Said::default, |it| it.title.clone());
    Miss { kind: rejected.why, because: refused(rejected), evidence: quoted(rejected, &title) }
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
fn within(tracer: &Tracer<'_>, condition: &Condition, anchor: &[usize], timed: &Timed) -> (MissKind, Said) {
    if let Subject::Fact(_) = condition.subject {
        let because = say!(
            en: "it belongs to the incident, but does not settle the matter",
            fr: "il appartient à l’incident, mais ne tranche pas",
        );
        return (MissKind::Undecided, because);
    }
    for (field, wanted) in &condition.values {
        let value = timed.event.field(field);
        if !value.is_some_and(|value| wanted.iter().any(|it| it.fits(value))) {
            let wanted = one_of(wanted);
            let because = match value {
                Some(value) => say!(
                    en: "its {field} is `{value}`, and {wanted} is asked for";
                    fr: "son {field} vaut `{value}`, et {} est demandé", wanted.fr()
                ),
                None => say!(
                    en: "its {field} is not there, and {wanted} is asked for";
                    fr: "son {field} est absent, et {} est demandé", wanted.fr()
                ),
            };
            return (MissKind::OtherValue, because);
        }
    }
    let anchors: Vec<&Timed> = anchor.iter().filter_map(|it| tracer.judge.timed(*it)).collect();
    if let Some(field) = &condition.same
        && !anchors.is_empty()
        && !anchors.iter().any(|it| same_value(&it.event, &timed.event, field))
    {
        let of = |timed: &Timed| timed.event.field(field).map(|it| Said::name(format!("`{it}`")));
        let none = || say!(en: "none", fr: "absent");
        let other = anchors.iter().find_map(|it| of(it)).unwrap_or_else(none);
        let own = of(timed).unwrap_or_else(none);
        let because = say!(
            en: "its {field} is {own}, that of the first condition {other}";
            fr: "son {field}\u{a0}: {}\u{a0}; celui de la première condition\u{a0}: {}", own.fr(), other.fr()
        );
        return (MissKind::OtherValue, because);
    }
    if let Some(seconds) = condition.within
        && !anchors.is_empty()
        && !anchors.iter().any(|it| apart(it.at, timed.at).is_some_and(|it| it <= i64::from(seconds) * 1_000_000))
    {
        let nearest = anchors.iter().filter_map(|it| apart(it.at, timed.at)).min();
        let because = match nearest {
            Some(far) => say!(
                en: "it is {} away from the first condition, and {seconds} s is the most", span(Lang::En, far);
                fr: "il est à {} de la première condition, et {seconds}\u{a0}s est le maximum", span(Lang::Fr, far)
            ),
            None => say!(
                en: "it is at an unknown time from the first condition, and {seconds} s is the most",
                fr: "il est à une distance inconnue de la première condition, et {seconds}\u{a0}s est le maximum",
            ),
        };
        return (MissKind::TooFar, because);
    }
    let seen = tracer.count_of(condition, anchor);
    let wanted = condition.count;
    let because =
        say!(en: "there are {seen}, and {wanted} are asked for", fr: "il y en a {seen} sur {wanted} demandés");
    (MissKind::TooFew, because)
}

/// Why an event does not belong to the episode.
fn without(tracer: &Tracer<'_>, window: Option<Window>, timed: &Timed) -> (MissKind, Said) {
    let episode = tracer.judge.episode();
    let vms = &tracer.judge.timeline().vms;
    let name = |vm: usize| {
        let vm = vms.get(vm);
        let names = vm.and_then(|vm| [&vm.name, &vm.vmx_path, &vm.moref, &vm.vmid].into_iter().flatten().next());
        let unnamed = || say!(en: "without a name", fr: "sans nom");
        names.map_or_else(unnamed, |it| Said::name(format!("`{it}`")))
    };
    let host_of_it = || {
        let hosts = episode.folders(tracer.judge.timeline());
        hosts.contains(&timed.host.as_str()) || episode.host.as_deref() == Some(timed.host.as_str())
    };
    let of_same = match (episode.vm, timed.vm) {
        (Some(vm), Some(other)) if vm == other => true,
        (_, Some(other)) => {
            let name = name(other);
            let because = say!(en: "it is about another VM, {name}"; fr: "il concerne une autre VM, {}", name.fr());
            return (MissKind::OtherVm, because);
        }
        (Some(_), None) if host_of_it() => {
            let because = say!(
                en: "no record says which VM it is about",
                fr: "aucun enregistrement ne dit de quelle VM il s’agit",
            );
            return (MissKind::NamesNoVm, because);
        }
        (None, None) => host_of_it(),
        (Some(_), None) => false,
    };
    if !of_same {
        let because =
            say!(en: "it is of another host, and names no VM", fr: "il est d’un autre hôte et ne nomme aucune VM");
        return (MissKind::OtherHost, because);
    }
    match distance(window, timed.at) {
        Some(0) => (
            MissKind::OtherIncident,
            say!(
                en: "it belongs to another incident of the same VM or host",
                fr: "il appartient à un autre incident de la même VM ou du même hôte",
            ),
        ),
        Some(micros) => {
            let before = matches!((window, timed.at), (Some(window), Some(at)) if at < window.from);
            let (side, side_fr) = if before { ("before", "avant") } else { ("after", "après") };
            let because = say!(
                en: "it is {} {side} this time", span(Lang::En, micros);
                fr: "il se situe {} {side_fr} ce moment", span(Lang::Fr, micros)
            );
            (MissKind::OtherTime, because)
        }
        None => (MissKind::OtherTime, say!(en: "nothing says when it was", fr: "rien ne dit quand c’était")),
    }
}

/// Why a record is no event at all.
fn refused(rejected: &Rejected) -> Said {
    let (format, component) = (rejected.format, &rejected.component);
    match rejected.why {
        MissKind::OtherLog => say!(
            en: "it holds the words, but in a log that does not count for them ({format})",
            fr: "il contient ces mots, mais dans un journal qui ne compte pas pour eux ({format})",
        ),
        MissKind::OtherWriter if component.is_empty() => say!(
            en: "it holds the words, but does not say which component wrote it",
            fr: "il contient ces mots, mais ne dit pas quel composant l’a écrit",
        ),
        MissKind::OtherWriter => say!(
            en: "it holds the words, but `{component}` wrote it",
            fr: "il contient ces mots, mais c’est `{component}` qui l’a écrit",
        ),
        MissKind::UserText => say!(
            en: "it holds the words, but in a text that a user wrote",
            fr: "il contient ces mots, mais dans un texte écrit par un utilisateur",
        ),
        MissKind::NoRecord => say!(
            en: "it holds the words, but the line belongs to no record",
            fr: "il contient ces mots, mais la ligne n’appartient à aucun enregistrement",
        ),
        _ => say!(
            en: "it holds some of the words, but says something else",
            fr: "il contient une partie de ces mots, mais dit autre chose",
        ),
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
fn span(lang: Lang, micros: i64) -> String {
    let seconds = micros / 1_000_000;
    let (point, day) = lang.pick((".", "d"), (",", "j"));
    match seconds {
        ..60 => format!("{}{point}{:03} s", seconds, micros / 1000 % 1000),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        3600..86400 => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
        _ => format!("{} {day} {} h", seconds / 86400, seconds % 86400 / 3600),
    }
}

fn quoted(rejected: &Rejected, meaning: &Said) -> Evidence {
    Evidence {
        place: rejected.place,
        time: rejected.time,
        text: rejected.text.clone(),
        span: None,
        captured: Vec::new(),
        meaning: if meaning.is_empty() {
            Said::default()
        } else {
            say!(en: "not: {meaning}"; fr: "non pas\u{a0}: {}", meaning.fr())
        },
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
