//! Judges causes: which hold in an episode, how sure that is, and which explains which.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use esxray_knowledge::{About, Basis, Cause, Condition, Knowledge, Need, Part, Subject, Wanted, parts};
use esxray_model::{Fact, FormatName, Grade, Lang, Role, Said, Severity, say};

use crate::correlate::Episode;
use crate::coverage::{Window, covering, covering_vm_log};
use crate::event::{Event, Standing};
use crate::facts::{Facts, Holds};
use crate::grade::{Grading, Lack, grade};
use crate::outcome::{Evidence, Excluded, Finding, Missing, NotEvaluated, Supports};
use crate::scan::Source;
use crate::timeline::{Timed, Timeline};

/// Records that are cited for one finding.
const MOST_EVIDENCE: usize = 12;

/// What was made of one condition.
#[derive(Debug, Clone)]
pub(crate) enum Outcome {
    /// These events show it, in order.
    Met(Vec<usize>),
    /// Not met, and these sources would have shown it.
    NotMet(Vec<String>),
    /// The input does not say.
    Unknown,
}

/// A condition of a cause, and what was made of it.
#[derive(Debug, Clone)]
pub(crate) struct Tried<'c> {
    pub condition: &'c Condition,
    pub outcome: Outcome,
}

/// What was made of each condition of a cause: its judgement rests on this alone, and so does its trace.
#[derive(Debug, Clone)]
pub(crate) struct Evaluated<'c> {
    pub cause: &'c Cause,
    pub when: Vec<Tried<'c>>,
    /// Left empty, as the two that follow, where `when` already says that the cause does not hold.
    pub unless: Vec<Tried<'c>>,
    pub against: Vec<Tried<'c>>,
    pub corroborate: Vec<Tried<'c>>,
}

/// How far a cause is evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// As far as its judgement needs it.
    Judged,
    /// Every condition.
    Whole,
}

/// Why what was made of `when` keeps a cause from holding.
enum Stop<'e, 'c> {
    /// This was not seen, and would have been.
    Excluded(&'e Tried<'c>, &'e [String]),
    /// A part of it was seen.
    Needed,
    Silent,
}

/// What was made of one cause.
pub(crate) enum Judgement {
    Holds(Box<Held>),
    Excluded {
        because: Said,
        covered_by: Vec<String>,
    },
    NotEvaluated {
        needs: Vec<Said>,
    },
    /// Nothing of it was seen.
    Silent,
}

/// A cause that holds, before the causes of an incident are weighed against each other.
pub(crate) struct Held {
    pub finding: Finding,
    /// Events for it.
    pub events: BTreeSet<usize>,
    /// The event that closed it.
    pub recovered: Option<usize>,
}

impl Outcome {
    /// The events that show it; empty where it is not met.
    pub(crate) fn events(&self) -> &[usize] {
        match self {
            Self::Met(events) => events,
            Self::NotMet(_) | Self::Unknown => &[],
        }
    }
}

/// Whether the logs can show a cause at all.
pub(crate) fn is_judged(cause: &Cause) -> bool {
    !cause.context && cause.not_in_logs.is_none() && !cause.when.is_empty()
}

/// The events of the first condition that is met.
pub(crate) fn anchor<'e>(when: &'e [Tried<'_>]) -> &'e [usize] {
    when.iter().find(|it| matches!(it.outcome, Outcome::Met(_))).map_or(&[], |it| it.outcome.events())
}

pub(crate) fn events_of(tried: &[Tried<'_>]) -> BTreeSet<usize> {
    tried.iter().flat_map(|it| it.outcome.events()).copied().collect()
}

/// Whether a cause fails on its `when`.
fn stop<'e, 'c>(when: &'e [Tried<'c>]) -> Option<Stop<'e, 'c>> {
    let met = || when.iter().filter(|it| matches!(it.outcome, Outcome::Met(_)));
    let not_met = when.iter().find_map(|it| match &it.outcome {
        Outcome::NotMet(covered_by) => Some((it, covered_by)),
        Outcome::Met(_) | Outcome::Unknown => None,
    });
    if let Some((tried, covered_by)) = not_met {
        return Some(match (covered_by.is_empty(), met().next()) {
            (false, _) => Stop::Excluded(tried, covered_by),
            (true, Some(_)) => Stop::Needed,
            (true, None) => Stop::Silent,
        });
    }
    if when.is_empty() {
        return Some(Stop::Silent);
    }
    let decisive_missing = when.iter().any(|it| it.condition.decisive && matches!(it.outcome, Outcome::Unknown));
    let only_decisive = met().all(|it| it.condition.decisive);
    (met().next().is_none() || (decisive_missing && only_decisive)).then_some(Stop::Needed)
}

/// Judges causes for one episode.
pub(crate) struct Judge<'a> {
    knowledge: &'a Knowledge,
    facts: &'a Facts<'a>,
    /// The events of the episode by their names: hundreds of causes ask for them.
    by_name: HashMap<&'a str, Vec<usize>>,
}

impl<'a> Judge<'a> {
    pub(crate) fn new(knowledge: &'a Knowledge, facts: &'a Facts<'a>) -> Self {
        let mut by_name: HashMap<&str, Vec<usize>> = HashMap::new();
        for at in &facts.episode.events {
            if let Some(timed) = facts.timeline.events.get(*at) {
                by_name.entry(timed.event.name.as_str()).or_default().push(*at);
            }
        }
        Self { knowledge, facts, by_name }
    }

    pub(crate) fn timeline(&self) -> &'a Timeline {
        self.facts.timeline
    }

    pub(crate) fn episode(&self) -> &'a Episode {
        self.facts.episode
    }

    pub(crate) fn timed(&self, at: usize) -> Option<&'a Timed> {
        self.timeline().events.get(at)
    }

    /// Judges one cause.
    pub(crate) fn cause(&self, cause: &Cause) -> Judgement {
        self.conclude(&self.evaluate(cause, Extent::Judged))
    }

    /// Tries the conditions of a cause.
    pub(crate) fn evaluate<'c>(&self, cause: &'c Cause, extent: Extent) -> Evaluated<'c> {
        let mut when: Vec<Tried<'c>> = Vec::new();
        if is_judged(cause) {
            for condition in &cause.when {
                let outcome = self.condition(condition, anchor(&when));
                when.push(Tried { condition, outcome });
            }
        }
        let further = extent == Extent::Whole || stop(&when).is_none();
        let each = |conditions: &'c [Condition]| -> Vec<Tried<'c>> {
            let conditions = if further { conditions } else { &[] };
            let tried = |condition| Tried { condition, outcome: self.condition(condition, anchor(&when)) };
            conditions.iter().map(tried).collect()
        };
        let (unless, against, corroborate) = (each(&cause.unless), each(&cause.against), each(&cause.corroborate));
        Evaluated { cause, when, unless, against, corroborate }
    }

    /// What follows from the conditions of a cause.
    pub(crate) fn conclude(&self, evaluated: &Evaluated<'_>) -> Judgement {
        match stop(&evaluated.when) {
            Some(Stop::Excluded(tried, covered_by)) => {
                let because = not_seen(&tried.condition.what);
                return Judgement::Excluded { because, covered_by: covered_by.to_vec() };
            }
            Some(Stop::Needed) => return self.needed(evaluated.cause),
            Some(Stop::Silent) => return Judgement::Silent,
            None => {}
        }
        let met = |tried: &&Tried<'_>| matches!(tried.outcome, Outcome::Met(_));
        if let Some(Tried { condition, outcome }) = evaluated.unless.iter().find(met) {
            let covered_by = outcome.events().iter().filter_map(|at| self.source_of(*at)).collect::<BTreeSet<_>>();
            let because = condition.what.clone();
            return Judgement::Excluded { because, covered_by: covered_by.into_iter().collect() };
        }
        Judgement::Holds(Box::new(self.hold(evaluated)))
    }

    fn source_of(&self, at: usize) -> Option<String> {
        let source = self.timed(at)?.event.place.source.0 as usize;
        self.facts.sources.get(source).map(|it| it.name.clone())
    }

    /// What the input would have to hold for the cause to be judged.
    fn needed(&self, cause: &Cause) -> Judgement {
        let needs =
            cause.needs.iter().filter(|need| self.covered_by(&need.logs).is_empty()).map(|need| need.what.clone());
        let needs: Vec<Said> = needs.collect();
        if needs.is_empty() { Judgement::Silent } else { Judgement::NotEvaluated { needs } }
    }

    pub(crate) fn covered_by(&self, logs: &[esxray_model::FormatName]) -> Vec<String> {
        let Some(window) = self.episode().window(self.timeline()) else { return Vec::new() };
        covering(self.facts.sources, logs, &self.episode().folders(self.timeline()), window)
    }

    /// The sources that would show the events of a condition in the episode's window; empty where none would.
    ///
    /// Of the logs that the cause needs, or, where it needs none, of those that the events stand in.
    pub(crate) fn would_show(&self, condition: &Condition, needs: &[Need]) -> BTreeSet<String> {
        let formats = self.formats_of(condition);
        if !formats.contains(&FormatName::VmwareLog) {
            if needs.is_empty() {
                return self.covered_by(&formats.into_iter().collect::<Vec<_>>()).into_iter().collect();
            }
            return needs.iter().flat_map(|need| self.covered_by(&need.logs)).collect();
        }
        let Some(window) = self.episode().window(self.timeline()) else { return BTreeSet::new() };
        self.vm_logs().iter().flat_map(|generations| covering_vm_log(generations, window)).collect()
    }

    /// The formats that may hold the events of a condition.
    pub(crate) fn formats_of(&self, condition: &Condition) -> BTreeSet<FormatName> {
        let signatures = condition.events().iter().flat_map(|event| self.knowledge.signatures_of(event));
        signatures.flat_map(|it| it.logs.iter().copied()).collect()
    }

    /// The generations of each log of this very VM, not of any other.
    pub(crate) fn vm_logs(&self) -> Vec<Vec<&'a Source>> {
        let sources: &'a [Source] = self.facts.sources;
        let logs: BTreeSet<String> = self
            .timeline()
            .events
            .iter()
            .filter(|it| it.vm.is_some() && it.vm == self.episode().vm && it.event.format == FormatName::VmwareLog)
            .filter_map(|it| sources.get(it.event.place.source.0 as usize))
            .map(Source::log)
            .collect();
        logs.iter().map(|log| sources.iter().filter(|it| it.log() == *log).collect()).collect()
    }

    fn condition(&self, condition: &Condition, anchor: &[usize]) -> Outcome {
        match &condition.subject {
            Subject::Fact(fact) => match self.facts.holds(*fact) {
                Holds::Yes(events) => Outcome::Met(events),
                Holds::No(covered_by) => Outcome::NotMet(covered_by),
                Holds::Unknown => Outcome::Unknown,
            },
            Subject::Events(_) => {
                let events = self.tied(condition, anchor);
                if self.count(&events, condition) < u64::from(condition.count) || events.is_empty() {
                    return Outcome::NotMet(Vec::new());
                }
                Outcome::Met(events)
            }
        }
    }

    /// The events of the episode that a condition asks for, whatever their number.
    pub(crate) fn tied(&self, condition: &Condition, anchor: &[usize]) -> Vec<usize> {
        let seen = condition.events().iter().filter_map(|name| self.by_name.get(name.as_str())).flatten();
        let mut events: Vec<usize> = seen.copied().filter(|at| self.is_tied(*at, condition, anchor)).collect();
        events.sort_unstable();
        events
    }

    pub(crate) fn count(&self, events: &[usize], condition: &Condition) -> u64 {
        let timed = || events.iter().filter_map(|at| self.timed(*at));
        match &condition.distinct {
            Some(field) => {
                let values: BTreeSet<&str> = timed().filter_map(|it| it.event.field(field)).collect();
                values.len() as u64
            }
            None => timed().map(|it| it.event.weight).sum(),
        }
    }

    /// Whether an event has the fields, their values and the nearness that a condition asks for.
    fn is_tied(&self, at: usize, condition: &Condition, anchor: &[usize]) -> bool {
        let Some(timed) = self.timed(at) else { return false };
        let anchors: Vec<&Timed> = anchor.iter().filter_map(|it| self.timed(*it)).collect();
        let same = condition.same.as_deref().is_none_or(|field| {
            anchors.is_empty() || anchors.iter().any(|it| same_value(&it.event, &timed.event, field))
        });
        let within = condition.within.is_none_or(|seconds| {
            anchors.is_empty()
                || anchors.iter().any(|it| match (it.at, timed.at) {
                    (Some(one), Some(other)) => one.seconds_since(other).abs() <= i64::from(seconds),
                    _ => false,
                })
        });
        same && within && has_values(&timed.event, condition)
    }

    fn hold(&self, evaluated: &Evaluated<'_>) -> Held {
        let cause = evaluated.cause;
        let (events, against) = (events_of(&evaluated.when), events_of(&evaluated.against));
        let corroborating = events_of(&evaluated.corroborate);
        let Grading { lacks, missing } = self.grading(evaluated);
        let recovered = self.recovered(cause, &events);
        let finding = self.finding(cause, grade(&lacks), &events, &against, &corroborating, missing);
        Held { finding, events, recovered }
    }

    /// What keeps a cause from being confirmed, whose conditions are met or unknown.
    pub(crate) fn grading(&self, evaluated: &Evaluated<'_>) -> Grading {
        let cause = evaluated.cause;
        let events = events_of(&evaluated.when);
        // Two generations of one log, and vmkwarning.log beside vmkernel.log, are one witness.
        let sources = |events: &BTreeSet<usize>| -> BTreeSet<(FormatName, &str)> {
            events.iter().filter_map(|at| self.timed(*at)).map(|it| (it.event.format, it.host.as_str())).collect()
        };
        let own_sources = sources(&events);
        let second_source = sources(&events_of(&evaluated.corroborate)).difference(&own_sources).next().is_some();
        let corroborated = second_source || own_sources.len() > 1;

        let mut grading = Grading::default();
        for need in cause.needs.iter().filter(|need| self.covered_by(&need.logs).is_empty()) {
            grading.lack(Lack::Coverage, need.what.clone(), need.would.clone());
        }
        for tried in evaluated.when.iter().filter(|it| !matches!(it.outcome, Outcome::Met(_))) {
            let would =
                say!(en: "complete the conditions of this cause", fr: "compléter les conditions de cette cause");
            grading.lack(Lack::Condition, tried.condition.what.clone(), would);
        }
        let standing = events.iter().filter_map(|at| self.timed(*at)).map(|it| it.event.standing).min();
        if standing != Some(Standing::Sound) {
            let what = say!(
                en: "the log itself, whole, instead of an excerpt",
                fr: "le journal lui-même, entier, au lieu d’un extrait",
            );
            let would = say!(
                en: "show when it happened, who wrote the line and what came after it",
                fr: "montrer quand cela s’est produit, qui a écrit la ligne et ce qui a suivi",
            );
            grading.lack(Lack::Soundness, what, would);
        }
        let decisive = evaluated.when.iter().any(|it| it.condition.decisive && matches!(it.outcome, Outcome::Met(_)));
        // A text that nobody has seen in a log proves little by itself.
        let seen_text = events.iter().filter_map(|at| self.timed(*at)).any(|it| {
            let signature = self.knowledge.signatures.get(it.event.signature);
            signature.is_none_or(|it| it.basis >= Basis::Documented)
        });
        // Nor does one that has other explanations as well.
        let weak = evaluated.when.iter().filter(|it| matches!(it.outcome, Outcome::Met(_))).all(|it| it.condition.weak);
        let founded = cause.basis > Basis::FromMemory && seen_text && !weak;
        if !(corroborated || founded && decisive) {
            let (lack, would) = match (founded, weak) {
                (true, _) => (
                    Lack::Corroboration,
                    say!(en: "corroborate it from a second source", fr: "la corroborer par une seconde source"),
                ),
                (false, true) => (
                    Lack::Foundation,
                    say!(en: "tell it from its other explanations", fr: "la distinguer de ses autres explications"),
                ),
                (false, false) => (
                    Lack::Foundation,
                    say!(
                        en: "bear out what no public source confirms",
                        fr: "étayer ce qu’aucune source publique ne confirme",
                    ),
                ),
            };
            let unnamed = cause.corroborate.is_empty() && !founded;
            let what = if unnamed {
                say!(en: "another log that shows it", fr: "un autre journal qui la montre")
            } else {
                corroborating(cause)
            };
            grading.lack(lack, what, would);
        }
        if !events_of(&evaluated.against).is_empty() {
            grading.lacks.insert(Lack::Agreement);
        }
        grading
    }

    /// The later observation that closes the cause, if there is one for every thing that failed.
    fn recovered(&self, cause: &Cause, events: &BTreeSet<usize>) -> Option<usize> {
        cause.recovered.iter().find_map(|condition| self.closes(cause, condition, events))
    }

    /// The later observation that meets a condition of recovery for every thing that failed.
    pub(crate) fn closes(&self, cause: &Cause, condition: &Condition, events: &BTreeSet<usize>) -> Option<usize> {
        let failures: Vec<&Timed> = events.iter().filter_map(|at| self.timed(*at)).collect();
        let last =
            failures.iter().copied().reduce(|one, other| if Timeline::is_after(other, one) { other } else { one })?;
        match &condition.subject {
            Subject::Fact(fact) => match self.facts.holds(*fact) {
                Holds::Yes(events) => events.last().copied(),
                _ => None,
            },
            Subject::Events(names) => {
                let Some(field) = &condition.same else {
                    // Of several failures of VMs that nothing names, one unlocked VM closes nobody knows which.
                    let failed: u64 = failures.iter().map(|it| it.event.weight).sum();
                    if cause.about == About::Vm && last.vm.is_none() && failed > 1 {
                        return None;
                    }
                    return self.later(names, last, |it| has_values(it, condition));
                };
                // Every disk that failed has to open again, not just one of them.
                let mut closing = None;
                let values: BTreeSet<&str> = failures.iter().filter_map(|it| it.event.field(field)).collect();
                if values.is_empty() {
                    return None;
                }
                for value in values {
                    let of_value = failures.iter().copied().filter(|it| it.event.field(field) == Some(value));
                    let last =
                        of_value.reduce(|one, other| if Timeline::is_after(other, one) { other } else { one })?;
                    closing =
                        Some(self.later(names, last, |it| {
                            same_value(it, &last.event, field) && has_values(it, condition)
                        })?);
                }
                closing
            }
        }
    }

    /// The first event of a name, of the same VM or else of the same host, after another.
    fn later(&self, names: &[String], after: &Timed, same: impl Fn(&Event) -> bool) -> Option<usize> {
        let closes = |at: &usize| {
            self.timed(*at).is_some_and(|it| {
                let of_same = it.vm == after.vm && (it.vm.is_some() || it.host == after.host);
                of_same && Timeline::is_after(it, after) && same(&it.event)
            })
        };
        names.iter().filter_map(|name| self.timeline().named(name).iter().copied().find(closes)).min()
    }

    fn finding(
        &self,
        cause: &Cause,
        grade: Grade,
        events: &BTreeSet<usize>,
        against: &BTreeSet<usize>,
        corroborating: &BTreeSet<usize>,
        missing_evidence: Vec<Missing>,
    ) -> Finding {
        let of = |events: &BTreeSet<usize>| -> Vec<&'a Timed> {
            let mut timed: Vec<&Timed> = events.iter().filter_map(|at| self.timed(*at)).collect();
            timed.sort_by_key(|it| it.order());
            timed
        };
        let supporting = of(events);
        let mut captures: BTreeMap<String, String> = BTreeMap::new();
        for timed in &supporting {
            for (name, value) in timed.event.captures() {
                captures.entry(name).or_insert(value);
            }
        }
        let mut cited = cited(&supporting);
        let further: BTreeSet<usize> = corroborating.difference(events).copied().collect();
        cited.extend(of(&further).iter().take(4).map(|it| evidence(&it.event, Supports::For)));
        cited.extend(of(against).iter().take(4).map(|it| evidence(&it.event, Supports::Against)));
        let vm = self.episode().vm.and_then(|vm| self.timeline().vms.get(vm)).and_then(|vm| vm.name.as_deref());
        Finding {
            cause: cause.id.clone(),
            role: Role::Contributing,
            grade,
            severity: cause.severity,
            title: fill_title(&cause.title, &captures, vm),
            explanation: cause.explanation.map(|it| it.trim().to_owned()),
            explains: Vec::new(),
            count: supporting.iter().map(|it| it.event.weight).sum(),
            first_seen: supporting.iter().filter_map(|it| it.event.time).min(),
            last_seen: supporting.iter().filter_map(|it| it.event.time).max(),
            captures,
            evidence: cited,
            missing_evidence,
            confirm: cause.confirm.clone(),
            sources: cause.sources.clone(),
        }
    }

    /// What is known of the causes that could stand behind the findings of an incident but were not found.
    pub(crate) fn rivals(&self, found: &[Finding], vm: Option<&str>) -> (Vec<Excluded>, Vec<NotEvaluated>) {
        let (mut excluded, mut not_evaluated) = (Vec::new(), Vec::new());
        for rival in rivals(self.knowledge, found) {
            let window = self.episode().window(self.timeline());
            let evaluated = self.evaluate(rival, Extent::Judged);
            let judgement = self.conclude(&evaluated);
            // A cause that needs no log of its own is told of where something that was seen rules it out.
            let judgement = if rival.needs.is_empty() { judgement } else { self.settled(&evaluated, judgement) };
            match judgement {
                Judgement::Excluded { because, covered_by } => excluded.push(Excluded {
                    cause: rival.id.clone(),
                    vm: vm.map(str::to_owned),
                    because: window.map_or_else(|| because.clone(), |window| dated(&because, window)),
                    covered_by,
                }),
                Judgement::NotEvaluated { needs } => not_evaluated.push(NotEvaluated {
                    cause: rival.id.clone(),
                    needs: covering_words(Said::join(&needs, "; "), window),
                }),
                Judgement::Silent | Judgement::Holds(_) => {}
            }
        }
        (excluded, not_evaluated)
    }

    /// What it means that something of a cause was not seen: that says something only where logs cover the window.
    pub(crate) fn settled(&self, evaluated: &Evaluated<'_>, judgement: Judgement) -> Judgement {
        let cause = evaluated.cause;
        if !matches!(judgement, Judgement::Silent) || cause.not_in_logs.is_some() || cause.context {
            return judgement;
        }
        let unmet = evaluated.when.iter().find(|it| !matches!(it.outcome, Outcome::Met(_)));
        let unmet = unmet.map(|it| it.condition).or(cause.when.first());
        let covered_by: Vec<String> =
            unmet.map(|it| self.would_show(it, &cause.needs)).unwrap_or_default().into_iter().collect();
        if covered_by.is_empty() {
            return Judgement::NotEvaluated { needs: cause.needs.iter().map(|it| it.what.clone()).collect() };
        }
        Judgement::Excluded { because: not_seen(&unmet.map(|it| it.what.clone()).unwrap_or_default()), covered_by }
    }
}

/// The causes that could stand behind the findings of an incident but were not found.
///
/// What could stand behind the findings, what they could have led to, and what leads to the same.
pub(crate) fn rivals<'k>(knowledge: &'k Knowledge, found: &[Finding]) -> impl Iterator<Item = &'k Cause> {
    let ids: BTreeSet<String> = found.iter().map(|it| it.cause.clone()).collect();
    let causes = found.iter().filter_map(|it| knowledge.cause(&it.cause));
    let explained: BTreeSet<&'k String> = causes.flat_map(|it| it.explains.iter()).collect();
    knowledge.causes.iter().filter(move |rival| {
        let is_known = |id: &String| ids.contains(id) || explained.contains(id);
        let near = explained.contains(&rival.id) || rival.explains.iter().any(is_known);
        near && !ids.contains(&rival.id)
    })
}

/// An observation, and when it was made.
fn dated(because: &Said, window: Window) -> Said {
    say!(en: "{because} {window}"; fr: "{} {}", because.fr(), window.said().fr())
}

fn not_seen(what: &Said) -> Said {
    say!(en: "not seen: {what}"; fr: "non observé\u{a0}: {}", what.fr())
}

/// What would corroborate a cause; empty where nothing is known to.
pub(crate) fn corroborating(cause: &Cause) -> Said {
    let what = || cause.corroborate.iter().map(|it| &it.what);
    Said::new(Said::join(what(), "; or ").en(), Said::join(what(), "\u{a0}; ou ").fr())
}

/// What is needed, and which time it has to cover.
fn covering_words(needs: Said, window: Option<Window>) -> Said {
    match window {
        Some(Window { from, to, .. }) if from == to => {
            say!(en: "{needs}, covering {from}"; fr: "{}, couvrant {from}", needs.fr())
        }
        Some(Window { from, to, .. }) => {
            say!(en: "{needs}, covering {from} to {to}"; fr: "{}, couvrant {from} à {to}", needs.fr())
        }
        None => needs,
    }
}

/// Weighs the findings of one incident: what one explains becomes its consequence, the first of the rest is the root cause.
pub(crate) fn weigh(knowledge: &Knowledge, findings: &mut [Finding]) {
    let ids: Vec<String> = findings.iter().map(|it| it.cause.clone()).collect();
    let grades: BTreeMap<String, Grade> = findings.iter().map(|it| (it.cause.clone(), it.grade)).collect();
    let mut explained: BTreeSet<String> = BTreeSet::new();
    for finding in findings.iter_mut() {
        let Some(cause) = knowledge.cause(&finding.cause) else { continue };
        finding.explains =
            ids.iter().filter(|id| **id != finding.cause && cause.explains.contains(id)).cloned().collect();
        // A mere possibility does not push what is certain into the second row.
        let effective = finding
            .explains
            .iter()
            .filter(|id| finding.grade > Grade::Possible || grades.get(*id) == Some(&Grade::Possible));
        explained.extend(effective.cloned());
    }
    findings.sort_by(|one, other| {
        let key = |it: &Finding| {
            let explains = usize::MAX - it.explains.len();
            let possible = it.grade == Grade::Possible;
            (
                explained.contains(&it.cause),
                possible,
                std::cmp::Reverse(it.severity),
                explains,
                std::cmp::Reverse(it.grade),
            )
        };
        key(one).cmp(&key(other)).then_with(|| one.cause.cmp(&other.cause))
    });
    for (index, finding) in findings.iter_mut().enumerate() {
        finding.role = if explained.contains(&finding.cause) {
            Role::Consequence
        } else if index == 0 {
            Role::RootCause
        } else {
            Role::Contributing
        };
    }
}

/// Makes findings of a recovered incident what they are: worth knowing, no more.
pub(crate) fn quieten(findings: &mut [Finding]) {
    for finding in findings {
        finding.severity = Severity::Info;
    }
}

/// Whether a fact forbids or withholds something, for remedies and prohibitions.
pub(crate) fn fact_holds(facts: &Facts<'_>, fact: Fact) -> Option<bool> {
    match facts.holds(fact) {
        Holds::Yes(_) => Some(true),
        Holds::No(_) => Some(false),
        Holds::Unknown => None,
    }
}

/// A record as it is cited.
pub(crate) fn evidence(event: &Event, supports: Supports) -> Evidence {
    Evidence {
        place: event.place,
        time: event.time,
        text: event.text.clone(),
        span: (event.span.1 > event.span.0).then_some(event.span),
        captured: event.captured(),
        meaning: Said::default(),
        supports,
    }
}

/// The first and the last of many records, as they are cited for a finding.
pub(crate) fn cited(events: &[&Timed]) -> Vec<Evidence> {
    thin(events).map(|it| evidence(&it.event, Supports::For)).collect()
}

/// The first and the last of many.
fn thin<'t>(events: &'t [&'t Timed]) -> impl Iterator<Item = &'t Timed> {
    let half = MOST_EVIDENCE / 2;
    let skip = events.len().saturating_sub(half).max(half);
    events.iter().take(half).chain(events.iter().skip(skip)).copied()
}

/// Whether an event has the values that a condition asks for.
fn has_values(event: &Event, condition: &Condition) -> bool {
    let fits = |(field, values): &(String, Vec<Wanted>)| {
        event.field(field).is_some_and(|value| values.iter().any(|wanted| wanted.fits(value)))
    };
    condition.values.iter().all(fits)
}

/// Whether two events name the same thing; disks are compared by their descriptors.
pub(crate) fn same_value(one: &Event, other: &Event, field: &str) -> bool {
    let (Some(a), Some(b)) = (one.field(field), other.field(field)) else { return false };
    if a == b {
        return true;
    }
    let is_disk = |text: &str| std::path::Path::new(text).extension().is_some_and(|it| it.eq_ignore_ascii_case("vmdk"));
    is_disk(a) && is_disk(b) && {
        let (a, b) = (crate::path::StoredPath::read(a), crate::path::StoredPath::read(b));
        a.descriptor() == b.descriptor()
    }
}

/// Puts names into a sentence; what is not known is said in general words.
pub(crate) fn fill_title(title: &Said, captures: &BTreeMap<String, String>, vm: Option<&str>) -> Said {
    let fill = |lang| fill_in(lang, title.r#in(lang), captures, vm);
    Said::new(fill(Lang::En), fill(Lang::Fr))
}

fn fill_in(lang: Lang, title: &str, captures: &BTreeMap<String, String>, vm: Option<&str>) -> String {
    let mut filled = String::new();
    for part in parts(title) {
        match part {
            Part::Literal(text) => filled.push_str(text),
            Part::Name(name) => {
                let value = if name == "vm" {
                    vm.or_else(|| captures.get("vm").map(String::as_str))
                } else {
                    captures.get(name).map(String::as_str)
                };
                match (value, name) {
                    (Some(value), "disk") => filled.push_str(&crate::path::StoredPath::read(value).file),
                    (Some(value), _) => filled.push_str(value),
                    (None, name) => filled.push_str(&unknown(lang, name)),
                }
            }
        }
    }
    // A sentence begins with a capital letter, whatever its first word was filled with.
    let mut letters = filled.chars();
    match letters.next() {
        Some(first)
            if title.starts_with('{')
                && !captures.values().any(|value| filled.starts_with(value.as_str()))
                && vm.is_none_or(|vm| !filled.starts_with(vm)) =>
        {
            first.to_uppercase().chain(letters).collect()
        }
        _ => filled,
    }
}

/// What stands for a value that the input does not give.
fn unknown(lang: Lang, name: &str) -> String {
    let words = match name {
        "vm" => ("a VM", "une VM"),
        "disk" => ("a virtual disk", "un disque virtuel"),
        "provider" | "from_provider" | "to_provider" => ("a key provider", "un fournisseur de clés"),
        "host" => ("the host", "l’hôte"),
        // A field has a name in English alone.
        name => return lang.pick(format!("the {}", name.replace('_', " ")), format!("<{name}>")),
    };
    lang.pick(words.0, words.1).to_owned()
}
