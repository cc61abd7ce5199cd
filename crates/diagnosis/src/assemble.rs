//! The whole way from paths to a diagnosis.

use std::cell::OnceCell;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use esxray_bundle::{Limits, Meter};
use esxray_knowledge::{About, Knowledge};
use esxray_model::{Grade, IncidentKind, RekeyOutcome, Said, Severity, Timestamp, Verdict, say};
use esxray_record::ReadOptions;

use crate::behind::behind;
use crate::correlate::{Episode, episodes};
use crate::coverage::{problems, row};
use crate::error::Error;
use crate::facts::Facts;
use crate::facts::rekey::{self, Attempt};
use crate::judge::{Held, Judge, Judgement, evidence, quieten, weigh};
use crate::outcome::{
    Diagnosis, Excluded, Finding, Incident, KnowledgeUsed, NotEvaluated, Problem, Supports, Unexplained, VmName,
};
use crate::remedies::{Values, prohibitions, remedies};
use crate::roots::{Rooted, root_causes};
use crate::scan::{Scan, Source, scan};
use crate::timeline::{Timeline, VmIndex, host, timeline, uuid};
use crate::trace;

/// How to diagnose.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// How to read a source.
    pub read: ReadOptions,
    /// What to read of archives and folders at most.
    pub limits: Limits,
    /// What to speak of.
    pub select: Selection,
    /// Threads to read with; all processors where it is `None`.
    pub threads: Option<usize>,
    /// About how much memory to read with, where it is to be less or more than usual: a quarter of it is for what
    /// is recognised. [`Limits::within`] and [`ReadOptions::within`] share out the rest.
    pub memory_bytes: Option<u64>,
    /// Told how far the reading is; the answer does not depend on it.
    pub meter: Option<Arc<Meter>>,
}

/// Which incidents to speak of.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Display name, UUID, vmid, moref or path of a `.vmx`.
    pub vm: Option<String>,
    /// Only incidents that ended at this moment or later.
    pub since: Option<Timestamp>,
    /// Only incidents that began before this moment.
    pub until: Option<Timestamp>,
}

impl Selection {
    fn takes(&self, incident: &Incident) -> bool {
        let vm = self.vm.as_deref().is_none_or(|wanted| incident.vm.as_ref().is_some_and(|vm| vm.is(wanted)));
        let since = self.since.is_none_or(|since| incident.ended.is_none_or(|ended| ended >= since));
        let until = self.until.is_none_or(|until| incident.started.is_none_or(|started| started < until));
        vm && since && until
    }
}

impl VmName {
    /// Whether a word that a user typed names this VM.
    pub fn is(&self, wanted: &str) -> bool {
        let names = [&self.name, &self.vmid, &self.moref, &self.uuid, &self.instance_uuid, &self.vmx_path];
        let all = || names.into_iter().flatten().chain(&self.also);
        // A UUID may have its hyphens elsewhere, as a `.vmx` writes it, and a path may be given from any folder on.
        let wanted_uuid = uuid(wanted);
        all().any(|name| name.eq_ignore_ascii_case(wanted))
            || (wanted_uuid.is_some() && all().any(|name| uuid(name) == wanted_uuid))
            || all().any(|name| name.strip_suffix(wanted).is_some_and(|before| before.ends_with(['/', ' '])))
    }
}

/// Diagnoses what a customer sent.
///
/// # Errors
///
/// [`Error`] where a path that was named cannot be opened. Damage inside of the input is part of the answer.
pub fn diagnose(paths: &[PathBuf], knowledge: &Knowledge, options: &Options) -> Result<Diagnosis, Error> {
    Ok(judge_all(scan(paths, knowledge, options)?, knowledge, &options.select, false, |_| ()).0)
}

/// The same, with an account of how the causes of each incident and their rivals were judged: every condition.
///
/// # Errors
///
/// As for [`diagnose`].
pub fn diagnose_traced(paths: &[PathBuf], knowledge: &Knowledge, options: &Options) -> Result<Diagnosis, Error> {
    Ok(judge_all(scan(paths, knowledge, options)?, knowledge, &options.select, true, |_| ()).0)
}

/// Incidents that are traced, the worst first: each takes pages.
const MOST_TRACED: usize = 100;

/// What a further answer is made from, once every incident is judged.
pub(crate) struct Judged<'a> {
    pub timeline: &'a Timeline,
    pub sources: &'a [Source],
    /// The re-key attempts of each VM, those without any incident included.
    pub attempts: &'a BTreeMap<VmIndex, Vec<Attempt>>,
    /// Named and in the order of the report.
    pub incidents: &'a [Incident],
    /// What could not be read.
    pub problems: &'a [Problem],
}

/// Judges everything that was read, with traces where `in_full` asks for them; `look` makes a further answer of it, before the timeline is let go.
pub(crate) fn judge_all<T>(
    scan: Scan,
    knowledge: &Knowledge,
    select: &Selection,
    in_full: bool,
    look: impl FnOnce(&Judged<'_>) -> T,
) -> (Diagnosis, T) {
    let Scan { mut sources, problems: read_problems } = scan;
    let timeline = timeline(&mut sources);
    let (episodes, attempts) = episodes(&timeline, knowledge);
    let mut rooted: Vec<Rooted> = Vec::new();
    let mut excluded: Vec<Excluded> = Vec::new();
    let mut not_evaluated: Vec<NotEvaluated> = Vec::new();
    let no_attempts: Vec<Attempt> = Vec::new();
    let mut groups = groups(&episodes, &timeline, &sources, knowledge, &attempts);
    // Only asked for where a failure without a VM explains what VMs met.
    let completed = OnceCell::new();
    let came_through = |from, to| {
        let completed = completed.get_or_init(|| completed_at(&timeline, &attempts));
        completed.iter().any(|began| from <= *began && *began <= to)
    };
    let behind = behind(&groups, &timeline, knowledge, came_through);
    for (group, held) in groups.iter_mut().zip(behind) {
        group.held.extend(held);
    }
    for (at, group) in groups.iter().enumerate() {
        let Some(first) = group.episodes.first().copied() else { continue };
        let attempts = first.vm.and_then(|vm| attempts.get(&vm)).unwrap_or(&no_attempts);
        let facts = Facts { timeline: &timeline, sources: &sources, episode: first, attempts, assumed: None };
        let mut incident = incident(group, &facts, knowledge);
        if !select.takes(&incident) {
            continue;
        }
        if incident.recovered.is_none() {
            let name = incident.vm.as_ref().and_then(|vm| vm.name.clone());
            let (out, open) = Judge::new(knowledge, &facts).rivals(&incident.findings, name.as_deref());
            excluded.extend(out);
            not_evaluated.extend(open);
        }
        // Until they are in order, they go by the number of their group.
        incident.id = at.to_string();
        let root = incident.findings.first().map(|it| it.cause.as_str());
        let root = group.held.iter().find(|it| Some(it.finding.cause.as_str()) == root);
        let events = root.map(|it| it.events.clone()).unwrap_or_default();
        rooted.push(Rooted { incident, events });
    }
    rooted.sort_by(|one, other| order(&one.incident, &other.incident));
    let mut traces = BTreeMap::new();
    for (Rooted { incident, .. }, number) in rooted.iter_mut().zip(1..) {
        let group = incident.id.parse::<usize>().ok().and_then(|at| groups.get(at));
        incident.id = format!("I{number}");
        if let Some(group) = group.filter(|_| in_full && number <= MOST_TRACED) {
            let told = trace::of_incident(incident, &group.episodes, knowledge, |episode| Facts {
                timeline: &timeline,
                sources: &sources,
                episode,
                attempts: episode.vm.and_then(|vm| attempts.get(&vm)).unwrap_or(&no_attempts),
                assumed: None,
            });
            traces.insert(incident.id.clone(), told);
        }
    }
    let root_causes = root_causes(&rooted, &timeline, &sources);
    let incidents: Vec<Incident> = rooted.into_iter().map(|it| it.incident).collect();
    // A cause that is ruled out for one VM may be open for another; what is the same is said once.
    excluded.sort();
    excluded.dedup();
    not_evaluated.sort();
    not_evaluated.dedup();
    let mut problems = problems(&sources, read_problems);
    problems.extend(unknown_vm(select, &timeline));
    problems.extend(not_all_traced(incidents.len()).filter(|_| in_full));
    let unexplained = unexplained(&sources, &incidents);
    let unsaid = failed_unsaid(&timeline, &attempts, &incidents, select);
    let verdict = match verdict(&incidents, &problems, &sources) {
        Verdict::Clean if !unsaid.is_empty() => Verdict::Inconclusive,
        verdict => verdict,
    };
    not_evaluated.extend(unsaid);
    let further = look(&Judged {
        timeline: &timeline,
        sources: &sources,
        attempts: &attempts,
        incidents: &incidents,
        problems: &problems,
    });
    let diagnosis = Diagnosis {
        verdict,
        sources: sources.iter().map(|it| it.name.clone()).collect(),
        incidents,
        root_causes,
        excluded,
        not_evaluated,
        unexplained,
        clocks: timeline.clocks,
        coverage: sources.into_iter().map(row).collect(),
        problems,
        knowledge: KnowledgeUsed {
            causes: knowledge.causes.len(),
            signatures: knowledge.signatures.len(),
            remedies: knowledge.remedies.len(),
            sha256: knowledge.sha256.clone(),
            packs: knowledge.packs.clone(),
        },
        traces,
        around: BTreeMap::new(),
    };
    (diagnosis, further)
}

/// That there are more incidents than are traced.
fn not_all_traced(all: usize) -> Option<Problem> {
    let problem = say!(
        en: "only the first {MOST_TRACED} of {all} incidents are traced",
        fr: "seuls les {MOST_TRACED} premiers incidents sur {all} sont tracés",
    );
    let problem = Problem { source: "--trace".to_owned(), problem, lost_bytes: None, incomplete: false };
    Some(problem).filter(|_| all > MOST_TRACED)
}

/// A VM that was asked for and is not there: a typing error must not read as "nothing wrong".
pub(crate) fn unknown_vm(select: &Selection, timeline: &Timeline) -> Option<Problem> {
    let wanted = select.vm.as_ref().filter(|wanted| !timeline.vms.iter().any(|vm| vm.is(wanted)))?;
    let problem = say!(
        en: "no VM of the input goes by `{wanted}`",
        fr: "aucune VM de l’entrée ne répond au nom `{wanted}`",
    );
    Some(Problem { source: "--vm".to_owned(), problem, lost_bytes: None, incomplete: true })
}

/// Episodes that are one incident: of one VM or host, with the same first finding.
pub(crate) struct Group<'e> {
    pub episodes: Vec<&'e Episode>,
    pub held: Vec<Held>,
}

/// When the re-keys that went through began.
fn completed_at(timeline: &Timeline, attempts: &BTreeMap<VmIndex, Vec<Attempt>>) -> Vec<Timestamp> {
    let went_through = |it: &&Attempt| rekey::describe(timeline, it).outcome == RekeyOutcome::Completed;
    attempts.values().flatten().filter(went_through).filter_map(|it| it.began).collect()
}

/// Judges every episode and puts repetitions of one failure together.
fn groups<'e>(
    episodes: &'e [Episode],
    timeline: &Timeline,
    sources: &[Source],
    knowledge: &Knowledge,
    attempts: &BTreeMap<VmIndex, Vec<Attempt>>,
) -> Vec<Group<'e>> {
    let mut groups: Vec<Group<'e>> = Vec::new();
    let no_attempts: Vec<Attempt> = Vec::new();
    for episode in episodes {
        let attempts = episode.vm.and_then(|vm| attempts.get(&vm)).unwrap_or(&no_attempts);
        let facts = Facts { timeline, sources, episode, attempts, assumed: None };
        let judge = Judge::new(knowledge, &facts);
        let held: Vec<Held> = knowledge
            .causes
            .iter()
            .filter_map(|cause| match judge.cause(cause) {
                Judgement::Holds(held) => Some(*held),
                _ => None,
            })
            .collect();
        if held.is_empty() {
            continue;
        }
        let same = groups.iter_mut().find(|group| {
            group.episodes.first().is_some_and(|first| {
                first.vm == episode.vm && first.host == episode.host && is_again(timeline, first, episode)
            }) && is_same(&group.held, &held)
        });
        match same {
            Some(group) => {
                // What the last attempt left is how the VM is now.
                let at = if episode.attempt.is_some() { 0 } else { group.episodes.len() };
                group.episodes.insert(at, episode);
                merge(&mut group.held, held);
            }
            None => groups.push(Group { episodes: vec![episode], held }),
        }
    }
    groups
}

/// Whether an episode repeats another one: none of them is of a re-key, or both are and ended alike.
fn is_again(timeline: &Timeline, one: &Episode, other: &Episode) -> bool {
    match (&one.attempt, &other.attempt) {
        (None, None) => true,
        (Some(one), Some(other)) => {
            let (one, other) = (rekey::describe(timeline, one), rekey::describe(timeline, other));
            let key = |it: &crate::outcome::Rekey| {
                (it.outcome, it.failed_step, it.from_provider.clone(), it.to_provider.clone())
            };
            key(&one) == key(&other)
        }
        _ => false,
    }
}

/// Whether the same causes hold, and both are open or both are closed.
fn is_same(one: &[Held], other: &[Held]) -> bool {
    let key = |held: &[Held]| -> Vec<(String, bool)> {
        held.iter().map(|it| (it.finding.cause.clone(), it.recovered.is_some())).collect()
    };
    key(one) == key(other)
}

/// Adds the repetition of a failure to the first one.
fn merge(into: &mut [Held], from: Vec<Held>) {
    for (known, new) in into.iter_mut().zip(from) {
        known.finding.count += new.finding.count;
        known.finding.last_seen = known.finding.last_seen.max(new.finding.last_seen);
        known.finding.grade = known.finding.grade.max(new.finding.grade);
        known.finding.evidence.extend(new.finding.evidence.into_iter().take(2));
        known.recovered = new.recovered.or(known.recovered);
        known.events.extend(new.events);
    }
}

fn incident(group: &Group<'_>, facts: &Facts<'_>, knowledge: &Knowledge) -> Incident {
    let timeline = facts.timeline;
    let mut findings: Vec<Finding> = group.held.iter().map(|it| it.finding.clone()).collect();
    for finding in &mut findings {
        name_evidence(finding, timeline, knowledge);
    }
    weigh(knowledge, &mut findings);
    // Closed only if every root of it is; a consequence without an end of its own ends with its cause.
    let ends_itself = |it: &Finding| knowledge.cause(&it.cause).is_some_and(|cause| !cause.recovered.is_empty());
    let closing = findings
        .iter()
        .filter(|it| it.role != esxray_model::Role::Consequence || findings.len() == 1 || ends_itself(it))
        .map(|finding| group.held.iter().find(|it| it.finding.cause == finding.cause).and_then(|it| it.recovered))
        .collect::<Option<Vec<usize>>>();
    let recovered = closing.filter(|it| !it.is_empty()).and_then(|it| it.into_iter().max());
    let recovered = recovered.and_then(|at| timeline.events.get(at)).map(|it| {
        let meaning = knowledge.signatures.get(it.event.signature).map(|it| it.title.clone()).unwrap_or_default();
        crate::outcome::Evidence { meaning, ..evidence(&it.event, Supports::Against) }
    });
    if recovered.is_some() {
        quieten(&mut findings);
    }
    let root = findings.first().and_then(|it| knowledge.cause(&it.cause));
    // What happened to a VM in an operation on it stays its incident, whatever stands behind it.
    let of_vm = |finding: &Finding| knowledge.cause(&finding.cause).is_some_and(|it| it.about == About::Vm);
    let about_vm = root.is_none() || facts.episode.attempt.is_some() || findings.iter().any(of_vm);
    let vm = facts.episode.vm.filter(|_| about_vm).and_then(|vm| timeline.vms.get(vm)).cloned();
    let times = || {
        group
            .held
            .iter()
            .flat_map(|it| &it.events)
            .filter_map(|at| timeline.events.get(*at))
            .filter(|it| it.event.time.is_some())
            .filter_map(|it| it.at)
    };
    let attempt = facts.episode.attempt.as_ref();
    let began = group.episodes.iter().filter_map(|it| it.attempt.as_ref().and_then(|it| it.began));
    let started = times().min().into_iter().chain(began).min();
    let ended = times().max();
    let kind = match root.map_or(IncidentKind::Other, |cause| cause.kind) {
        IncidentKind::Other | IncidentKind::Host if attempt.is_some() => IncidentKind::Rekey,
        kind => kind,
    };
    let rekey = match (attempt, facts.episode.vm) {
        (Some(attempt), _) => Some(crate::outcome::Rekey {
            attempts: rekey::earlier(timeline, facts.attempts, attempt),
            ..rekey::describe(timeline, attempt)
        }),
        (None, Some(vm)) if kind == IncidentKind::Rekey => {
            let wrong_keys: Vec<usize> = facts.named("disk-open-wrong-key");
            Some(rekey::unseen(timeline, vm, &wrong_keys))
        }
        _ => None,
    };
    let rekey = rekey.map(|rekey| name_rekey(rekey, timeline, knowledge));
    let host = incident_host(facts);
    let values = Values { vm: vm.as_ref(), host: host.as_ref(), rekey: rekey.as_ref(), findings: &findings };
    let open = recovered.is_none();
    let (remedies, withheld) = if open { remedies(knowledge, facts, &values) } else { (Vec::new(), Vec::new()) };
    let do_not = if open { prohibitions(knowledge, facts, &findings) } else { Vec::new() };
    let title = findings.first().map(|it| it.title.clone()).unwrap_or_default();
    Incident {
        id: String::new(),
        kind,
        title,
        recovered,
        vm,
        host,
        started,
        ended,
        rekey,
        findings,
        remedies,
        withheld,
        do_not,
    }
}

/// The host that an incident happened on: the one whose services logged it, or the one its `vmware.log` names.
pub(crate) fn incident_host(facts: &Facts<'_>) -> Option<crate::outcome::HostName> {
    let timeline = facts.timeline;
    let services = facts.episode.folders(timeline);
    let vm_logs: BTreeSet<&str> = facts
        .episode
        .events
        .iter()
        .filter_map(|at| timeline.events.get(*at))
        .filter(|it| it.event.format == esxray_model::FormatName::VmwareLog)
        .map(|it| it.host.as_str())
        .collect();
    let folders: Vec<&str> = services.into_iter().chain(vm_logs).collect();
    let named = facts
        .episode
        .events
        .iter()
        .filter_map(|at| timeline.events.get(*at))
        .find_map(|it| it.event.value(esxray_knowledge::FieldKind::Host));
    let mut host = host(timeline, facts.sources, &folders);
    if let Some(named) = named {
        host.get_or_insert_default().name.get_or_insert_with(|| named.to_owned());
    }
    host
}

/// Says of each cited record what it means.
fn name_evidence(finding: &mut Finding, timeline: &Timeline, knowledge: &Knowledge) {
    for cited in &mut finding.evidence {
        cited.meaning = meaning(cited, timeline, knowledge);
    }
}

/// What a cited record means, in one sentence.
pub(crate) fn meaning(cited: &crate::outcome::Evidence, timeline: &Timeline, knowledge: &Knowledge) -> Said {
    let found = timeline.of_record(cited.place).find(|it| Some(it.event.span) == cited.span);
    let Some(event) = found.map(|it| &it.event) else { return Said::default() };
    match knowledge.signatures.get(event.signature) {
        Some(signature) => signature.title.clone(),
        None => crate::files::meaning(&event.name).unwrap_or_default(),
    }
}

fn name_rekey(mut rekey: crate::outcome::Rekey, timeline: &Timeline, knowledge: &Knowledge) -> crate::outcome::Rekey {
    let steps = rekey.steps.iter_mut().flat_map(|it| it.evidence.iter_mut());
    let objects = rekey.objects.iter_mut().flat_map(|it| it.evidence.iter_mut());
    let cut = rekey.interrupted_by.iter_mut().flat_map(|it| it.evidence.iter_mut());
    for cited in steps.chain(objects).chain(cut).chain(&mut rekey.refused_by) {
        cited.meaning = meaning(cited, timeline, knowledge);
    }
    rekey
}

/// The re-keys that did not end well and that no incident tells of: that one failed is no all-clear, whatever made it.
fn failed_unsaid(
    timeline: &Timeline,
    attempts: &BTreeMap<VmIndex, Vec<Attempt>>,
    incidents: &[Incident],
    select: &Selection,
) -> Vec<NotEvaluated> {
    let mut unsaid: Vec<NotEvaluated> = Vec::new();
    for (vm, attempts) in attempts {
        // A retry that went well closes what was before it.
        let (Some(vm), Some(last)) = (timeline.vms.get(*vm), attempts.last()) else { continue };
        let told = incidents.iter().any(|it| it.rekey.is_some() && it.vm.as_ref() == Some(vm));
        let asked = select.vm.as_ref().is_none_or(|wanted| vm.is(wanted))
            && select.since.is_none_or(|since| last.until().is_none_or(|until| until >= since))
            && select.until.is_none_or(|until| last.began.is_none_or(|began| began < until));
        let outcome = rekey::describe(timeline, last).outcome;
        let failed = matches!(outcome, RekeyOutcome::Failed | RekeyOutcome::Interrupted | RekeyOutcome::Partial);
        if told || !asked || !failed {
            continue;
        }
        let name = vm.name.as_ref().or(vm.vmx_path.as_ref()).or(vm.moref.as_ref()).or(vm.vmid.as_ref());
        let name = name.map_or_else(|| say!(en: "a VM", fr: "une VM"), Said::name);
        let at = last.began.or(last.ended);
        let (when, when_fr) = at.map(|at| (format!(" of {at}"), format!(" du {at}"))).unwrap_or_default();
        unsaid.push(NotEvaluated {
            cause: "rekey-fail-event".to_owned(),
            needs: say!(
                en: "the re-key{when} of {name} did not end well ({outcome}), and no known cause is in the input: \
                     vpxd.log, and hostd.log and vmware.log of the host that ran it, around that time";
                fr: "le changement de clé{when_fr} de {} ne s’est pas bien terminé ({outcome}), et l’entrée ne montre \
                     aucune cause connue\u{a0}: vpxd.log, ainsi que hostd.log et vmware.log de l’hôte qui l’exécutait, \
                     autour de ce moment",
                name.fr()
            ),
        });
    }
    unsaid
}

/// Open incidents first, the worst and surest of them first, then by time.
fn order(one: &Incident, other: &Incident) -> Ordering {
    let key = |it: &Incident| {
        let worst = it.findings.iter().map(|it| (it.severity, it.grade)).max();
        (it.recovered.is_some(), std::cmp::Reverse(worst), it.started)
    };
    key(one).cmp(&key(other)).then_with(|| one.title.cmp(&other.title))
}

fn verdict(incidents: &[Incident], problems: &[Problem], sources: &[Source]) -> Verdict {
    let findings = || incidents.iter().flat_map(|it| &it.findings);
    if findings().any(|it| it.severity >= Severity::Error && it.grade >= Grade::Probable) {
        return Verdict::Failure;
    }
    if findings().next().is_some() {
        return Verdict::Attention;
    }
    let unread = problems.iter().any(|it| it.incomplete);
    // What happened stands in logs: a VM's files alone show nothing of it.
    let mut logs = sources.iter().filter(|it| it.account.file.is_none()).peekable();
    let nothing_read =
        logs.peek().is_none() || (logs.clone().all(|it| it.account.records == 0) && logs.any(|it| !was_searched(it)));
    if unread || nothing_read { Verdict::Inconclusive } else { Verdict::Clean }
}

/// Whether a source without a known form was at least searched as the text that it is.
fn was_searched(source: &Source) -> bool {
    let is_text = !source.account.not_utf8 && source.account.nul_bytes == 0;
    source.account.bytes == 0 || (source.explicit && is_text)
}

/// Templates kept over all sources.
const MOST_UNEXPLAINED: usize = 200;

/// The unexplained error records of all sources: rare ones and those near an incident first.
fn unexplained(sources: &[Source], incidents: &[Incident]) -> Vec<Unexplained> {
    let mut all: BTreeMap<String, Unexplained> = BTreeMap::new();
    for cluster in sources.iter().flat_map(|it| &it.clusters) {
        let entry = all.entry(cluster.template.clone()).or_insert_with(|| Unexplained {
            template: cluster.template.clone(),
            level: cluster.level,
            count: 0,
            first_seen: None,
            last_seen: None,
            place: cluster.place,
        });
        entry.count += cluster.count;
        entry.level = entry.level.max(cluster.level);
        entry.first_seen = entry.first_seen.into_iter().chain(cluster.first_seen).min();
        entry.last_seen = entry.last_seen.max(cluster.last_seen);
    }
    let near = |it: &Unexplained| {
        incidents.iter().any(|incident| match (incident.started, incident.ended, it.first_seen, it.last_seen) {
            (Some(started), Some(ended), Some(first), Some(last)) => {
                first <= ended.plus_seconds(300) && last >= started.plus_seconds(-300)
            }
            _ => false,
        })
    };
    let mut all: Vec<Unexplained> = all.into_values().collect();
    all.sort_by(|one, other| {
        let key = |it: &Unexplained| (!near(it), std::cmp::Reverse(it.level), it.count, it.first_seen, it.place);
        key(one).cmp(&key(other))
    });
    all.truncate(MOST_UNEXPLAINED);
    all
}
