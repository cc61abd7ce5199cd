//! Traces a cause: each of its conditions, what was made of it, and what came nearest where it is not met.
//!
//! A trace shows the account that the judge concludes from; it judges nothing itself.

mod miss;
#[cfg(test)]
mod tests;
mod tracer;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use esxray_knowledge::{Cause, Knowledge, Subject};
use esxray_model::{ConditionPart, ConditionState, Fact, FormatName, Grade, MissKind, Role, Said, Timestamp};

use crate::assemble::{Options, Selection, unknown_vm};
use crate::correlate::{Episode, episodes};
use crate::coverage::{Window, holes, problems};
use crate::error::Error;
use crate::facts::rekey::Attempt;
use crate::facts::{Facts, shown_by};
use crate::judge::{Extent, Judge, Judgement, Outcome, is_judged, rivals};
use crate::outcome::{Evidence, HostName, Incident, Problem, Supports, VmName};
use crate::scan::{Scan, Source, scan_watching};
use crate::timeline::{Timeline, VmIndex, timeline};

pub use crate::coverage::holes::LogSeen;
pub(crate) use tracer::Tracer;

/// Why a cause holds, or does not, in an input.
#[derive(Debug, Clone)]
pub struct WhyNot {
    /// Id of the cause.
    pub cause: String,
    /// Names of the sources as given, indexed by `SourceId`.
    pub sources: Vec<String>,
    /// VMs and hosts, each in a stretch of time with failures or a re-key, in which the cause was judged: the nearest
    /// to holding first.
    pub candidates: Vec<Trace>,
    /// How many there are; those beyond the limit are not listed.
    pub judged: usize,
    /// For each event of its `when` conditions, how often it stands in the input at all.
    pub events: Vec<EventSeen>,
    /// Records that hold the words of such an event and yet do not count as one.
    pub alike: Vec<Miss>,
    /// The logs that would show those events, and what they leave open of the range that was asked for.
    pub logs: Vec<LogSeen>,
    /// What could not be read.
    pub problems: Vec<Problem>,
}

/// How often an event stands in the input, whomever it is about.
#[derive(Debug, Clone)]
pub struct EventSeen {
    /// Its name.
    pub event: String,
    /// How many records.
    pub count: u64,
    /// The first of them.
    pub first: Option<Evidence>,
}

/// One cause, tried on one VM or host in one stretch of time.
#[derive(Debug, Clone)]
pub struct Trace {
    /// Id of the cause.
    pub cause: String,
    /// The VM, where one is concerned.
    pub vm: Option<VmName>,
    /// The host, where it is known.
    pub host: Option<HostName>,
    /// The release that the host's build is, where it is known; to be compared with what the cause is known for.
    pub release: Option<String>,
    /// The stretch of time.
    pub window: Option<(Timestamp, Timestamp)>,
    /// What came of it.
    pub conclusion: Conclusion,
    /// Every condition, in the order of the cause's file.
    pub conditions: Vec<ConditionTrace>,
    /// The logs that have to cover the window before the cause can be confirmed.
    pub needs: Vec<NeedTrace>,
    /// What keeps it from the next grade, or would if its conditions were met.
    pub grade: GradeTrace,
    /// What closed it.
    pub recovered: Option<Evidence>,
    /// The causes that hold in the same stretch of time; empty where they are told elsewhere.
    pub others: Vec<OtherCause>,
}

/// What came of trying a cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Conclusion {
    /// It holds.
    Holds {
        /// How sure.
        grade: Grade,
        /// Its part among the causes that hold.
        role: Role,
    },
    /// An observation rules it out.
    RuledOut {
        /// The observation.
        because: Said,
        /// Sources that cover the window.
        covered_by: Vec<String>,
    },
    /// The input does not say.
    NotEvaluated {
        /// What would have to be there.
        needs: Vec<Said>,
    },
}

/// One condition of a cause, and what was made of it.
#[derive(Debug, Clone)]
pub struct ConditionTrace {
    /// What it is for.
    pub part: ConditionPart,
    /// Its place among those of its part, from 1.
    pub number: usize,
    /// What it says, in words.
    pub what: Said,
    /// Events of which any one will do; empty for a fact.
    pub events: Vec<String>,
    /// The fact.
    pub fact: Option<Fact>,
    /// What it asks for beyond the event, in words.
    pub asks: Vec<Said>,
    /// Whether it settles the matter by itself.
    pub decisive: bool,
    /// What was made of it.
    pub state: ConditionState,
    /// How many records show it.
    pub count: u64,
    /// A few of them.
    pub evidence: Vec<Evidence>,
    /// Where it was not seen: sources that would have shown it.
    pub covered_by: Vec<String>,
    /// Where it is not evaluable: the logs that would show it, and what they leave open.
    pub uncovered: Vec<LogSeen>,
    /// Where it is not met: the records that come nearest.
    pub misses: Vec<Miss>,
}

/// A record that comes near a condition and does not meet it.
#[derive(Debug, Clone)]
pub struct Miss {
    /// Why not.
    pub kind: MissKind,
    /// The same in words.
    pub because: Said,
    /// The record.
    pub evidence: Evidence,
}

/// A log that has to cover the window.
#[derive(Debug, Clone)]
pub struct NeedTrace {
    /// Its name for a person.
    pub what: Said,
    /// What it would confirm or exclude.
    pub would: Said,
    /// Sources that cover the window.
    pub covered_by: Vec<String>,
    /// If there are none: what there is.
    pub uncovered: Vec<LogSeen>,
}

/// What keeps a cause from the next grade.
#[derive(Debug, Clone)]
pub struct GradeTrace {
    /// The grade that it has, or would have if the conditions that are not met were met.
    pub grade: Grade,
    /// The next better one.
    pub next: Option<Grade>,
    /// What is missing to it.
    pub missing: Vec<Said>,
}

/// Another cause that holds in the same stretch of time.
#[derive(Debug, Clone)]
pub struct OtherCause {
    /// Its id.
    pub cause: String,
    /// One sentence.
    pub title: Said,
    /// How sure.
    pub grade: Grade,
    /// Its part.
    pub role: Role,
    /// Whether the cause that was asked for is a consequence of it.
    pub explains: bool,
}

/// Tries one cause on everything in an input.
///
/// At most `most` candidates are traced, those that come nearest to it.
///
/// # Errors
///
/// [`Error`] where a path that was named cannot be opened. Damage inside of the input is part of the answer.
pub fn why_not(
    paths: &[PathBuf],
    knowledge: &Knowledge,
    options: &Options,
    cause: &Cause,
    most: usize,
) -> Result<WhyNot, Error> {
    let read = Read::new(scan_watching(paths, knowledge, options, &watched(knowledge, cause))?, knowledge);
    Ok(read.answer(knowledge, &options.select, cause, most))
}

/// How the findings of an incident and their rivals were judged, in the order of the findings.
pub(crate) fn of_incident<'e>(
    incident: &Incident,
    episodes: &[&'e Episode],
    knowledge: &Knowledge,
    facts: impl Fn(&'e Episode) -> Facts<'e>,
) -> Vec<Trace> {
    let mut told: Vec<Option<Trace>> = incident.findings.iter().map(|_| None).collect();
    for (number, episode) in episodes.iter().enumerate() {
        let facts = facts(episode);
        let tracer = Tracer::new(knowledge, &facts);
        for (finding, slot) in incident.findings.iter().zip(&mut told).filter(|it| it.1.is_none()) {
            let Some(cause) = knowledge.cause(&finding.cause) else { continue };
            // Of failures that were repeated, the surest gave the finding its grade.
            let trace = tracer.trace(cause, &incident.findings);
            if matches!(trace.conclusion, Conclusion::Holds { grade, .. } if grade == finding.grade) {
                *slot = Some(trace);
            }
        }
        if number == 0 && incident.recovered.is_none() {
            let rivals = rivals(knowledge, &incident.findings)
                .filter(|it| is_judged(it) && (!it.needs.is_empty() || tracer.rules_out(it)));
            told.extend(rivals.map(|cause| Some(tracer.trace(cause, &incident.findings))));
        }
        if told.iter().all(Option::is_some) {
            break;
        }
    }
    told.into_iter().flatten().collect()
}

/// The signatures whose near misses are worth telling.
fn watched(knowledge: &Knowledge, cause: &Cause) -> BTreeSet<usize> {
    let named: BTreeSet<&str> = cause.conditions().flat_map(|it| it.1).flat_map(|it| names(&it.subject)).collect();
    let emits = |at: &usize| knowledge.signatures.get(*at).is_some_and(|it| named.contains(it.event.as_str()));
    (0..knowledge.signatures.len()).filter(emits).collect()
}

/// The events that show what a condition asks for.
pub(crate) fn names(subject: &Subject) -> Vec<&str> {
    match subject {
        Subject::Events(names) => names.iter().map(String::as_str).collect(),
        Subject::Fact(fact) => shown_by(*fact).0.to_vec(),
    }
}

/// An input that was read, ready to be asked for any cause.
struct Read {
    sources: Vec<Source>,
    timeline: Timeline,
    episodes: Vec<Episode>,
    attempts: BTreeMap<VmIndex, Vec<Attempt>>,
    problems: Vec<Problem>,
}

impl Read {
    fn new(scan: Scan, knowledge: &Knowledge) -> Self {
        let Scan { mut sources, problems: read_problems } = scan;
        let timeline = timeline(&mut sources);
        let (episodes, attempts) = episodes(&timeline, knowledge);
        let problems = problems(&sources, read_problems);
        Self { sources, timeline, episodes, attempts, problems }
    }

    fn facts<'e>(&'e self, episode: &'e Episode) -> Facts<'e> {
        Facts {
            timeline: &self.timeline,
            sources: &self.sources,
            episode,
            attempts: episode.vm.and_then(|vm| self.attempts.get(&vm)).map_or(&[][..], Vec::as_slice),
            assumed: None,
        }
    }

    fn answer(&self, knowledge: &Knowledge, select: &Selection, cause: &Cause, most: usize) -> WhyNot {
        let mut ranked: Vec<_> = self
            .episodes
            .iter()
            .enumerate()
            .filter(|(_, episode)| is_judged(cause) && takes(select, episode, &self.timeline))
            .map(|(at, episode)| (rank(&Judge::new(knowledge, &self.facts(episode)), cause), at, episode))
            .collect();
        ranked.sort_by_key(|it| (it.0, it.1));
        let judged = ranked.len();
        let traced = ranked.into_iter().take(most).map(|(_, _, episode)| {
            let facts = self.facts(episode);
            Tracer::new(knowledge, &facts).with_others(cause)
        });
        let candidates = traced.collect();
        WhyNot {
            cause: cause.id.clone(),
            sources: self.sources.iter().map(|it| it.name.clone()).collect(),
            candidates,
            judged,
            events: events_seen(&self.timeline, knowledge, cause),
            alike: miss::alike(&self.sources, &self.timeline, knowledge, cause),
            logs: logs(&self.sources, knowledge, select, cause),
            problems: self.problems.iter().cloned().chain(unknown_vm(select, &self.timeline)).collect(),
        }
    }
}

/// The logs that would show what a cause asks for, over the range that was asked for or the whole input.
fn logs(sources: &[Source], knowledge: &Knowledge, select: &Selection, cause: &Cause) -> Vec<LogSeen> {
    // Without a range nobody asked for the days before a log begins.
    let asked = select.since.is_some() || select.until.is_some();
    let first = select.since.or_else(|| sources.iter().filter_map(|it| it.account.first).min());
    let last = select.until.or_else(|| sources.iter().filter_map(|it| it.account.last).max());
    let window = first.zip(last).filter(|it| asked && it.0 <= it.1);
    let window = window.map(|(from, to)| Window { from, to, slack: 0 });
    let signatures = cause.when.iter().flat_map(|it| names(&it.subject)).flat_map(|it| knowledge.signatures_of(it));
    let of_facts = cause.when.iter().flat_map(|it| match it.subject {
        Subject::Fact(fact) => shown_by(fact).1,
        Subject::Events(_) => &[],
    });
    let formats: BTreeSet<FormatName> =
        signatures.flat_map(|it| it.logs.iter().copied()).chain(of_facts.copied()).collect();
    holes::seen(sources, &formats.into_iter().collect::<Vec<_>>(), &[], window)
}

/// Whether an episode is one that was asked for.
fn takes(select: &Selection, episode: &Episode, timeline: &Timeline) -> bool {
    let named = |wanted: &str| episode.vm.and_then(|vm| timeline.vms.get(vm)).is_some_and(|vm| vm.is(wanted));
    let window = episode.window(timeline);
    select.vm.as_deref().is_none_or(named)
        && select.since.is_none_or(|since| window.is_none_or(|it| it.to >= since))
        && select.until.is_none_or(|until| window.is_none_or(|it| it.from < until))
}

/// How near a cause comes to holding: less is nearer.
fn rank(judge: &Judge<'_>, cause: &Cause) -> (u8, Reverse<Grade>, Reverse<usize>, Reverse<usize>) {
    let evaluated = judge.evaluate(cause, Extent::Judged);
    let count = |is: fn(&Outcome) -> bool| Reverse(evaluated.when.iter().filter(|it| is(&it.outcome)).count());
    let (met, unknown) = (count(|it| matches!(it, Outcome::Met(_))), count(|it| matches!(it, Outcome::Unknown)));
    match judge.conclude(&evaluated) {
        Judgement::Holds(held) => (0, Reverse(held.finding.grade), met, unknown),
        _ => (1, Reverse(Grade::Possible), met, unknown),
    }
}

fn events_seen(timeline: &Timeline, knowledge: &Knowledge, cause: &Cause) -> Vec<EventSeen> {
    let mut seen: BTreeMap<&str, EventSeen> = BTreeMap::new();
    for name in cause.when.iter().flat_map(|it| names(&it.subject)) {
        let of_name = || timeline.named(name).iter().filter_map(|at| timeline.events.get(*at));
        seen.entry(name).or_insert_with(|| EventSeen {
            event: name.to_owned(),
            count: of_name().map(|it| it.event.weight).sum(),
            first: of_name().next().map(|it| tracer::cited(&it.event, knowledge, Supports::For)),
        });
    }
    seen.into_values().collect()
}
