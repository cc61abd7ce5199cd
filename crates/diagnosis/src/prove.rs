//! Proves causes on cases made from the samples of their signatures: each holds on all that it asks for, and
//! without any one of it no longer, or less surely.
//!
//! A condition that no case can reach is told as untested: nothing would show if it were broken.

use std::collections::BTreeMap;
use std::fmt;

use esxray_knowledge::{Cause, Condition, FieldKind, Knowledge, Sample, Signature, Subject, Tone, Wanted};
use esxray_model::{Fact, FormatName, Grade, Place, SourceId, Timestamp};
use esxray_record::{Account, Share};

use crate::correlate::episodes;
use crate::event::{Event, Standing};
use crate::facts::Facts;
use crate::judge::{Held, Judge, Judgement};
use crate::scan::Source;
use crate::timeline::timeline;

/// What proving a knowledge base gave.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proof {
    /// Causes that were tried.
    pub causes: usize,
    /// Causes that nothing can be tried of: context, or not in logs.
    pub without_conditions: usize,
    /// Cases over all.
    pub cases: usize,
    /// Causes that do not do what their files say.
    pub failures: Vec<ProofProblem>,
    /// Conditions that no case can reach.
    pub untested: Vec<ProofProblem>,
}

/// What is wrong with a condition of a cause.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ProofProblem {
    /// Path of the cause's file.
    pub path: String,
    /// Line of the condition, from 1; the cause as a whole stands on line 1.
    pub line: u32,
    /// The condition: its key and its place among those of the key, such as `[[when]] 2`; empty for the cause as a whole.
    pub condition: String,
    /// What is wrong, and what to do.
    pub what: String,
}

impl fmt::Display for ProofProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.path, self.line)?;
        if !self.condition.is_empty() {
            write!(f, "{}: ", self.condition)?;
        }
        f.write_str(&self.what)
    }
}

/// Tries every cause of a knowledge base.
///
/// # Examples
///
/// ```
/// use esxray_diagnosis::prove;
/// use esxray_knowledge::Knowledge;
///
/// let proof = prove(&Knowledge::builtin()?);
/// assert!(proof.cases > proof.causes);
/// assert_eq!(proof.failures, []);
/// # Ok::<(), esxray_knowledge::Error>(())
/// ```
pub fn prove(knowledge: &Knowledge) -> Proof {
    let mut proof = Proof::default();
    for cause in &knowledge.causes {
        if cause.when.is_empty() || cause.context {
            proof.without_conditions += 1;
            continue;
        }
        proof.causes += 1;
        Prover { knowledge, cause, proof: &mut proof }.prove();
    }
    proof.failures.sort();
    proof.untested.sort();
    proof
}

/// One thing that a case holds.
#[derive(Clone)]
struct Part<'k> {
    condition: &'k Condition,
    /// Which of its events stands for it.
    event: Option<&'k str>,
    /// How often it stands there.
    count: u32,
    /// Seconds after the begin.
    at: i64,
    /// In a file of its own.
    apart: bool,
    /// Whether the fact holds, where it is one.
    holds: bool,
    /// The field whose value is none of those that the condition asks for.
    missing: Option<&'k str>,
}

struct Prover<'k, 'p> {
    knowledge: &'k Knowledge,
    cause: &'k Cause,
    proof: &'p mut Proof,
}

impl<'k> Prover<'k, '_> {
    fn prove(mut self) {
        let whole = self.whole();
        let Some(held) = self.held(&whole) else {
            let has_events = self.cause.when.iter().any(|it| !it.events().is_empty());
            if has_events {
                self.fail(None, "it does not hold on the samples of all that it asks for: is one of its events a failure, and do its events name the same VM or none?");
            } else {
                self.untested(
                    None,
                    "it rests on facts alone, which only a whole log can show: try `esxray diagnose` on one",
                );
            }
            return;
        };
        let grade = held.finding.grade;
        for index in 0..self.cause.when.len() {
            self.without(&whole, index, grade);
            self.alternatives(&whole, index);
        }
        for (index, condition) in self.cause.unless.iter().enumerate() {
            let with = with(&whole, condition, 1, false);
            if self.judgement(&with).is_some_and(|it| matches!(it, Judgement::Holds(_))) {
                self.fail(
                    Some(place("unless", index, condition)),
                    "the cause holds in spite of it: do its event and the cause's name the same VM?",
                );
            }
        }
        for (index, condition) in self.cause.against.iter().enumerate() {
            let with = with(&whole, condition, 1, false);
            if self.held(&with).is_some_and(|it| it.finding.grade == Grade::Confirmed) {
                self.fail(Some(place("against", index, condition)), "the cause is confirmed in spite of it");
            }
        }
        for (index, condition) in self.cause.corroborate.iter().enumerate() {
            let with = with(&whole, condition, 1, true);
            match self.held(&with) {
                Some(it) if it.finding.grade < grade => {
                    self.fail(Some(place("corroborate", index, condition)), "it lowers the grade of the cause");
                }
                Some(_) => {}
                None => self.fail(Some(place("corroborate", index, condition)), "the cause no longer holds with it"),
            }
        }
        for (index, condition) in self.cause.recovered.iter().enumerate() {
            let with = with(&whole, condition, 600, false);
            match self.held(&with) {
                Some(it) if it.recovered.is_some() => {}
                // A fact about the future of the VM is shown by whole logs alone.
                _ if condition.events().is_empty() => {
                    self.untested(
                        Some(place("recovered", index, condition)),
                        "a fact closes it, which only a whole log can show: try `esxray diagnose` on one",
                    );
                }
                _ => self.fail(
                    Some(place("recovered", index, condition)),
                    "it does not close the incident: does its event name the same VM, and the field of `same`?",
                ),
            }
        }
    }

    /// Everything that the cause asks for.
    fn whole(&self) -> Vec<Part<'k>> {
        let part = |(index, condition): (usize, &'k Condition)| Part {
            condition,
            event: condition.events().first().map(String::as_str),
            count: condition.count,
            at: i64::try_from(index).unwrap_or(0),
            apart: false,
            holds: true,
            missing: None,
        };
        let mut whole: Vec<Part<'k>> = self.cause.when.iter().enumerate().map(part).collect();
        if whole.iter().all(|it| it.event.is_none()) {
            let at = whole.len();
            whole.extend(self.stand_in().map(|it| part((at, it))));
        }
        whole
    }

    /// A failure for a cause that rests on facts alone to be found in: what it explains, or what corroborates it.
    fn stand_in(&self) -> Option<&'k Condition> {
        let explained = self.cause.explains.iter().filter_map(|id| self.knowledge.cause(id)).flat_map(|it| &it.when);
        let fails = |event: &String| self.knowledge.signatures_of(event).any(|it| it.tone == Tone::Failure);
        explained.chain(&self.cause.corroborate).find(|it| it.events().first().is_some_and(fails))
    }

    /// Without one condition, with one occurrence less than it asks for, or with another value.
    fn without(&mut self, whole: &[Part<'k>], index: usize, grade: Grade) {
        let Some(part) = whole.get(index) else { return };
        let mut cases: Vec<Vec<Part<'k>>> = Vec::new();
        let mut less = whole.to_vec();
        if part.condition.events().is_empty() {
            if let Some(part) = less.get_mut(index) {
                part.holds = false;
            }
        } else {
            less.remove(index);
        }
        cases.push(less);
        if part.count > 1 {
            let mut fewer = whole.to_vec();
            if let Some(part) = fewer.get_mut(index) {
                part.count -= 1;
            }
            cases.push(fewer);
        }
        for (field, _) in &part.condition.values {
            let mut other = whole.to_vec();
            if let Some(part) = other.get_mut(index) {
                part.missing = Some(field);
            }
            cases.push(other);
        }
        for case in cases {
            if self.held(&case).is_some_and(|it| it.finding.grade >= grade) {
                self.fail(Some(place("when", index, part.condition)), "the cause holds as surely without it, so nothing depends on it: take it out, or move it to `corroborate`");
            }
        }
    }

    /// Every other event that may stand for a condition.
    fn alternatives(&mut self, whole: &[Part<'k>], index: usize) {
        let Some(part) = whole.get(index) else { return };
        for event in part.condition.events().iter().skip(1) {
            let mut other = whole.to_vec();
            if let Some(part) = other.get_mut(index) {
                part.event = Some(event);
            }
            if self.held(&other).is_none() {
                self.fail(
                    Some(place("when", index, part.condition)),
                    &format!("the cause does not hold with the event `{event}`"),
                );
            }
        }
    }

    fn held(&mut self, parts: &[Part<'k>]) -> Option<Held> {
        match self.judgement(parts)? {
            Judgement::Holds(held) => Some(*held),
            _ => None,
        }
    }

    /// The best that the cause comes to in any episode of a case.
    fn judgement(&mut self, parts: &[Part<'k>]) -> Option<Judgement> {
        self.proof.cases += 1;
        let mut sources = self.sources(parts);
        let facts: BTreeMap<Fact, bool> = parts
            .iter()
            .filter_map(|it| match it.condition.subject {
                Subject::Fact(fact) => Some((fact, it.holds)),
                Subject::Events(_) => None,
            })
            .collect();
        let timeline = timeline(&mut sources);
        let (episodes, attempts) = episodes(&timeline, self.knowledge);
        let mut best: Option<Judgement> = None;
        for episode in &episodes {
            let attempts = episode.vm.and_then(|vm| attempts.get(&vm)).map_or(&[][..], Vec::as_slice);
            let facts = Facts { timeline: &timeline, sources: &sources, episode, attempts, assumed: Some(&facts) };
            let judgement = Judge::new(self.knowledge, &facts).cause(self.cause);
            let better = match (&judgement, &best) {
                (Judgement::Holds(new), Some(Judgement::Holds(old))) => new.finding.grade > old.finding.grade,
                (Judgement::Holds(_), _) | (_, None) => true,
                _ => false,
            };
            if better {
                best = Some(judgement);
            }
        }
        best
    }

    /// The logs of a case: one for each format that holds an event of it or that the cause needs.
    fn sources(&self, parts: &[Part<'k>]) -> Vec<Source> {
        let mut events: BTreeMap<(FormatName, bool), Vec<Event>> = BTreeMap::new();
        for format in self.cause.needs.iter().filter_map(|it| it.logs.first()) {
            events.entry((*format, false)).or_default();
        }
        let mut values: BTreeMap<String, String> = BTreeMap::new();
        // The fields that tie one record to another.
        let tying: Vec<&str> = parts.iter().filter_map(|it| it.condition.same.as_deref()).collect();
        for part in parts {
            let asked = part.condition.values.iter().map(|it| it.0.as_str());
            let wanted: Vec<&str> = tying.iter().copied().chain(asked).collect();
            let Some((signature, sample)) = part.event.and_then(|event| self.sample(event, &wanted)) else { continue };
            for number in 0..part.count {
                let event = self.event(signature, sample, part, number, &mut values);
                events.entry((event.format, part.apart)).or_default().push(event);
            }
        }
        let mut sources: Vec<Source> =
            events.into_iter().map(|((format, apart), events)| source(format, apart, events)).collect();
        sources.push(names());
        for (index, source) in sources.iter_mut().enumerate() {
            for (line, event) in (1..).zip(&mut source.events) {
                let id = SourceId(u32::try_from(index).unwrap_or(u32::MAX));
                event.place = Place { source: id, line, last_line: line, byte_offset: line };
            }
        }
        sources
    }

    /// The sample of an event that says most: what names no VM can be tied to none.
    fn sample(&self, event: &'k str, wanted: &[&str]) -> Option<(&'k Signature, &'k Sample)> {
        let says = |signature: &Signature, sample: &Sample| {
            let of_vm = signature.fields.iter().filter(|it| of_the_vm(it.1).is_some());
            let named = of_vm.filter(|it| sample.fields.contains_key(&it.0)).count();
            let in_component = sample.component.as_deref().is_some_and(|it| it.contains("vm:/"));
            let tied = wanted.iter().filter(|name| sample.fields.contains_key(**name)).count();
            (tied, named + usize::from(in_component), sample.fields.len())
        };
        let all = self.knowledge.signatures_of(event).flat_map(|it| it.samples.iter().map(move |sample| (it, sample)));
        // The first of equals, so that the order of the file decides.
        all.reduce(|best, next| if says(next.0, next.1) > says(best.0, best.1) { next } else { best })
    }

    fn event(
        &self,
        signature: &Signature,
        sample: &Sample,
        part: &Part<'_>,
        number: u32,
        values: &mut BTreeMap<String, String>,
    ) -> Event {
        let fields = sample.fields.iter().filter_map(|(name, value)| {
            let kind = signature.fields.iter().find(|it| it.0 == *name)?.1;
            let asked = part.condition.values.iter().find(|it| it.0 == *name).map(|it| it.1.as_slice());
            let value = if let Some(asked) = asked {
                asked_value(value, asked, part.missing == Some(name.as_str()))?
            } else if let Some(canonical) = of_the_vm(kind) {
                canonical.to_owned()
            } else if part.condition.distinct.as_ref() == Some(name) {
                format!("{value}-{number}")
            } else {
                // What two records name alike is one thing in a case.
                values.entry(name.clone()).or_insert_with(|| value.clone()).clone()
            };
            Some((name.clone(), kind, value))
        });
        let format = sample.log.or_else(|| signature.logs.first().copied()).unwrap_or(FormatName::Generic);
        Event {
            signature: self.knowledge.signatures.iter().position(|it| it.id == signature.id).unwrap_or(usize::MAX),
            component: component(sample.component.as_deref().unwrap_or_default()),
            text: sample.text.clone(),
            span: (0, sample.text.len()),
            ..blank(&signature.event, format, part.at, fields.collect())
        }
    }

    fn fail(&mut self, at: Option<(u32, String)>, what: &str) {
        let problem = self.problem(at, what);
        self.proof.failures.push(problem);
    }

    fn untested(&mut self, at: Option<(u32, String)>, what: &str) {
        let problem = self.problem(at, what);
        self.proof.untested.push(problem);
    }

    fn problem(&self, at: Option<(u32, String)>, what: &str) -> ProofProblem {
        let (line, condition) = at.unwrap_or((1, String::new()));
        ProofProblem { path: self.cause.file.clone(), line, condition, what: what.to_owned() }
    }
}

/// A case with one thing more, so many seconds after the others.
fn with<'k>(whole: &[Part<'k>], condition: &'k Condition, after: i64, apart: bool) -> Vec<Part<'k>> {
    let event = condition.events().first().map(String::as_str);
    let at = i64::try_from(whole.len()).unwrap_or(0) + after;
    // The first condition stands at the begin.
    let at = condition.within.map_or(at, |within| at.min(i64::from(within)));
    let part = Part { condition, event, count: condition.count, at, apart, holds: true, missing: None };
    whole.iter().cloned().chain([part]).collect()
}

/// When a case begins: 2024-03-12T15:00:00Z.
const BEGIN: Timestamp = Timestamp::from_micros(1_710_255_600_000_000);

/// All records of a case are about one VM: each of its names has one value.
fn of_the_vm(kind: FieldKind) -> Option<&'static str> {
    Some(match kind {
        FieldKind::VmxPath => "/vmfs/volumes/65f0a1b2-c3d4e5f6-0718-005056000001/APP-01/APP-01.vmx",
        FieldKind::VmFile => "/vmfs/volumes/65f0a1b2-c3d4e5f6-0718-005056000001/APP-01/APP-01-0.png",
        FieldKind::VmName => "APP-01",
        FieldKind::Vmid => "62",
        FieldKind::Moref => "vm-1012",
        FieldKind::BiosUuid => "42 0c f1 91 8c d4 54 97-45 cc b5 b1 e2 38 43 b6",
        FieldKind::InstanceUuid => "50 0c f1 91 8c d4 54 97-45 cc b5 b1 e2 38 43 b6",
        FieldKind::WorldId => "2100101",
        _ => return None,
    })
}

/// A value that a condition asks for, the sample's own if it is one; or one that it does not ask for, or none.
fn asked_value(of_sample: &str, asked: &[Wanted], misses: bool) -> Option<String> {
    let fits = |value: &str| asked.iter().any(|wanted| wanted.fits(value));
    if misses {
        let others = ["other", "-9999999", "9999999", ""];
        return others.into_iter().find(|value| !fits(value)).map(str::to_owned);
    }
    if fits(of_sample) { Some(of_sample.to_owned()) } else { asked.first().map(Wanted::example) }
}

/// A subsystem as it is in a case: one that names a VM names that of the case.
fn component(of_sample: &str) -> String {
    match (of_sample.split_once("vm:/"), of_the_vm(FieldKind::VmxPath)) {
        (Some((before, _)), Some(path)) => format!("{before}vm:{path}"),
        _ => of_sample.to_owned(),
    }
}

/// An event that says nothing but its fields. A record of a VM's log carries no operation.
fn blank(name: &str, format: FormatName, at: i64, fields: Vec<(String, FieldKind, String)>) -> Event {
    Event {
        signature: usize::MAX,
        name: name.to_owned(),
        place: Place { source: SourceId(0), line: 1, last_line: 1, byte_offset: 0 },
        time: Some(BEGIN.plus_seconds(at)),
        format,
        standing: Standing::Sound,
        component: String::new(),
        op_id: (format != FormatName::VmwareLog).then(|| "proof-0a1b2c3d".to_owned()),
        user: None,
        session: None,
        fields,
        requested: Vec::new(),
        text: String::new(),
        span: (0, 0),
        weight: 1,
    }
}

/// A log of one format over the whole time of a case.
fn source(format: FormatName, apart: bool, mut events: Vec<Event>) -> Source {
    if format == FormatName::VmwareLog {
        // The log of a VM says whose it is.
        let names = [("vmx", FieldKind::VmxPath), ("vm", FieldKind::VmName)];
        let fields =
            names.iter().filter_map(|(name, kind)| Some(((*name).to_owned(), *kind, of_the_vm(*kind)?.to_owned())));
        events.push(blank("vm-config-path", format, -60, fields.collect()));
    }
    events.sort_by_key(|it| it.time);
    let (first, last) = (Some(BEGIN.plus_seconds(-7200)), Some(BEGIN.plus_seconds(7200)));
    let share = Share { format, records: events.len() as u64, first, last };
    let account = Account { shares: vec![share], first, last, ..Account::default() };
    let apart = if apart { "apart-" } else { "" };
    let of_vm = format == FormatName::VmwareLog;
    let (in_folder, file) = if of_vm { ("APP-01/", "vmware") } else { ("", format.as_str()) };
    let name = format!("{apart}{file}.log");
    Source {
        name: format!("{in_folder}{name}"),
        host: in_folder.trim_end_matches('/').to_owned(),
        format,
        account,
        sha256: [0; 32],
        dropped: 0,
        dropped_failures: 0,
        events,
        clusters: Vec::new(),
        rejected: Vec::new(),
        explicit: true,
        damaged: false,
        remarks: Vec::new(),
        clock: None,
        sightings: crate::clocks::Sightings::default(),
    }
}

/// What a whole bundle has somewhere: one record with every name of the VM.
fn names() -> Source {
    let named =
        FieldKind::ALL.iter().filter_map(|kind| Some((kind.as_str().to_owned(), *kind, of_the_vm(*kind)?.to_owned())));
    let fields = named.filter(|it| it.1 != FieldKind::VmFile).collect();
    let mut source = source(FormatName::Generic, false, vec![blank("names", FormatName::Generic, -60, fields)]);
    "names.log".clone_into(&mut source.name);
    source.account = Account::default();
    source
}

/// Where a condition stands, and how it is named: `[[when]] 2`.
fn place(key: &str, index: usize, condition: &Condition) -> (u32, String) {
    (condition.line, format!("[[{key}]] {}", index + 1))
}
