//! Makes the trace of one cause in one episode.

use esxray_knowledge::{Basis, Cause, Condition, Knowledge, Subject, Wanted};
use esxray_model::{ConditionPart, ConditionState, FormatName, Grade, Role, Said, say};

use super::{Conclusion, ConditionTrace, GradeTrace, LogSeen, NeedTrace, OtherCause, Trace, miss};
use crate::assemble::incident_host;
use crate::builds;
use crate::coverage::holes;
use crate::event::Event;
use crate::facts::{Facts, shown_by};
use crate::grade::{Lack, grade};
use crate::judge::{
    Evaluated, Extent, Held, Judge, Judgement, Outcome, Tried, anchor, corroborating, events_of, evidence, weigh,
};
use crate::outcome::{Evidence, Finding, Supports};

/// Records that are shown of each condition.
const MOST_EVIDENCE: usize = 3;

/// Traces causes in one episode.
pub(crate) struct Tracer<'a> {
    pub(super) knowledge: &'a Knowledge,
    pub(super) facts: &'a Facts<'a>,
    pub(super) judge: Judge<'a>,
}

impl<'a> Tracer<'a> {
    pub(crate) fn new(knowledge: &'a Knowledge, facts: &'a Facts<'a>) -> Self {
        Self { knowledge, facts, judge: Judge::new(knowledge, facts) }
    }

    /// The trace of a cause, with its part among the causes that hold in the episode.
    pub(crate) fn with_others(&self, cause: &Cause) -> Trace {
        let held = self.knowledge.causes.iter().filter_map(|cause| match self.judge.cause(cause) {
            Judgement::Holds(held) => Some(held.finding),
            _ => None,
        });
        let mut findings: Vec<Finding> = held.collect();
        weigh(self.knowledge, &mut findings);
        let mut trace = self.trace(cause, &findings);
        let others = findings.into_iter().filter(|it| it.cause != cause.id);
        let explains = |other: &Finding| {
            let explained = self.knowledge.cause(&other.cause).is_some_and(|it| it.explains.contains(&cause.id));
            explained && (other.grade > Grade::Possible || trace.grade.grade == Grade::Possible)
        };
        trace.others = others
            .map(|it| OtherCause {
                explains: explains(&it),
                cause: it.cause,
                title: it.title,
                grade: it.grade,
                role: it.role,
            })
            .collect();
        trace
    }

    /// Whether something that was seen, and not only that nothing was, speaks against a cause.
    pub(crate) fn rules_out(&self, cause: &Cause) -> bool {
        matches!(self.judge.conclude(&self.judge.evaluate(cause, Extent::Judged)), Judgement::Excluded { .. })
    }

    /// The trace of a cause; `findings` are those of its incident.
    pub(crate) fn trace(&self, cause: &Cause, findings: &[Finding]) -> Trace {
        let evaluated = self.judge.evaluate(cause, Extent::Whole);
        let judgement = self.judge.settled(&evaluated, self.judge.conclude(&evaluated));
        let host = incident_host(self.facts);
        let release = host.as_ref().and_then(|host| builds::release(host.product.as_deref()?, host.build.as_deref()?));
        let window = self.judge.episode().window(self.judge.timeline());
        let recovered = match &judgement {
            Judgement::Holds(held) => held.recovered.and_then(|at| self.judge.timed(at)),
            _ => None,
        };
        Trace {
            cause: cause.id.clone(),
            vm: self.judge.episode().vm.and_then(|vm| self.judge.timeline().vms.get(vm)).cloned(),
            host,
            release: release.map(|it| it.name),
            window: window.map(|it| (it.from, it.to)),
            conditions: self.conditions(&evaluated),
            needs: self.needs(cause),
            grade: self.grade(&evaluated, &judgement),
            recovered: recovered.map(|it| cited(&it.event, self.knowledge, Supports::Against)),
            others: Vec::new(),
            conclusion: match judgement {
                Judgement::Holds(held) => {
                    let Held { finding, .. } = *held;
                    let role = findings.iter().find(|it| it.cause == cause.id).map_or(Role::Contributing, |it| it.role);
                    Conclusion::Holds { grade: finding.grade, role }
                }
                Judgement::Excluded { because, covered_by } => Conclusion::RuledOut { because, covered_by },
                Judgement::NotEvaluated { needs } => Conclusion::NotEvaluated { needs },
                Judgement::Silent => Conclusion::NotEvaluated { needs: Vec::new() },
            },
        }
    }

    fn conditions(&self, evaluated: &Evaluated<'_>) -> Vec<ConditionTrace> {
        let cause = evaluated.cause;
        let events = events_of(&evaluated.when);
        let recovered: Vec<Tried<'_>> = cause
            .recovered
            .iter()
            .map(|condition| {
                let closed = self.judge.closes(cause, condition, &events);
                Tried { condition, outcome: closed.map_or(Outcome::NotMet(Vec::new()), |at| Outcome::Met(vec![at])) }
            })
            .collect();
        let parts = [
            (ConditionPart::When, &evaluated.when),
            (ConditionPart::Unless, &evaluated.unless),
            (ConditionPart::Against, &evaluated.against),
            (ConditionPart::Corroborate, &evaluated.corroborate),
            (ConditionPart::Recovered, &recovered),
        ];
        let mut conditions = Vec::new();
        for (part, tried) in parts {
            for (index, it) in tried.iter().enumerate() {
                // A condition is tied to the first one that is met before it.
                let before = if part == ConditionPart::When { evaluated.when.get(..index) } else { None };
                let anchor = anchor(before.unwrap_or(&evaluated.when));
                conditions.push(self.condition(cause, (part, index + 1), it, anchor));
            }
        }
        conditions
    }

    fn condition(
        &self,
        cause: &Cause,
        (part, number): (ConditionPart, usize),
        tried: &Tried<'_>,
        anchor: &[usize],
    ) -> ConditionTrace {
        let Tried { condition, outcome } = tried;
        let fact = match condition.subject {
            Subject::Fact(fact) => Some(fact),
            Subject::Events(_) => None,
        };
        let covered_by: Vec<String> = match outcome {
            Outcome::NotMet(_) if fact.is_none() && part != ConditionPart::Recovered => {
                let needs = if part == ConditionPart::When { cause.needs.as_slice() } else { &[] };
                self.judge.would_show(condition, needs).into_iter().collect()
            }
            Outcome::NotMet(covered_by) => covered_by.clone(),
            Outcome::Met(_) | Outcome::Unknown => Vec::new(),
        };
        let state = match outcome {
            Outcome::Met(_) => ConditionState::Met,
            Outcome::NotMet(_) if fact.is_some() || !covered_by.is_empty() => ConditionState::NotMet,
            // An incident is open until something closes it.
            Outcome::NotMet(_) if part == ConditionPart::Recovered => ConditionState::NotMet,
            Outcome::NotMet(_) | Outcome::Unknown => ConditionState::NotEvaluable,
        };
        let supports = match part {
            ConditionPart::When | ConditionPart::Corroborate => Supports::For,
            ConditionPart::Unless | ConditionPart::Against | ConditionPart::Recovered => Supports::Against,
        };
        let shown = outcome.events().iter().filter_map(|at| self.judge.timed(*at)).map(|it| &it.event);
        let met = state == ConditionState::Met;
        ConditionTrace {
            part,
            number,
            what: condition.what.clone(),
            events: condition.events().to_vec(),
            fact,
            asks: asks(condition),
            decisive: condition.decisive,
            state,
            count: shown.clone().map(|it| it.weight).sum(),
            evidence: shown.take(MOST_EVIDENCE).map(|it| cited(it, self.knowledge, supports)).collect(),
            uncovered: if state == ConditionState::NotEvaluable { self.uncovered(condition) } else { Vec::new() },
            misses: if met { Vec::new() } else { miss::nearest(self, condition, anchor, outcome.events()) },
            covered_by,
        }
    }

    /// How far the logs that would show a condition cover the episode.
    fn uncovered(&self, condition: &Condition) -> Vec<LogSeen> {
        let formats: Vec<FormatName> = match &condition.subject {
            Subject::Fact(fact) => shown_by(*fact).1.to_vec(),
            Subject::Events(_) => self.judge.formats_of(condition).into_iter().collect(),
        };
        self.logs(&formats)
    }

    fn logs(&self, formats: &[FormatName]) -> Vec<LogSeen> {
        let window = self.judge.episode().window(self.judge.timeline());
        let hosts = self.judge.episode().folders(self.judge.timeline());
        let (of_vm, of_host): (Vec<_>, Vec<_>) = formats.iter().copied().partition(|it| *it == FormatName::VmwareLog);
        let mut logs = holes::seen(self.facts.sources, &of_host, &hosts, window);
        if !of_vm.is_empty() {
            logs.extend(holes::seen_of_vm(&self.judge.vm_logs(), window));
        }
        // Of many that would do, those that are there say more than all that are not.
        if logs.iter().any(|it| it.source.is_some()) {
            logs.retain(|it| it.source.is_some() || it.elsewhere.is_some() || formats.len() < 4);
        }
        logs
    }

    fn needs(&self, cause: &Cause) -> Vec<NeedTrace> {
        let needs = cause.needs.iter().map(|need| {
            let covered_by = self.judge.covered_by(&need.logs);
            let uncovered = if covered_by.is_empty() { self.logs(&need.logs) } else { Vec::new() };
            NeedTrace { what: need.what.clone(), would: need.would.clone(), covered_by, uncovered }
        });
        needs.collect()
    }

    /// What keeps the cause from the next grade; of one that does not hold, once its conditions are met.
    fn grade(&self, evaluated: &Evaluated<'_>, judgement: &Judgement) -> GradeTrace {
        let grading = self.judge.grading(evaluated);
        let mut lacks = grading.lacks;
        if !matches!(judgement, Judgement::Holds(_)) {
            let cause = evaluated.cause;
            lacks.remove(&Lack::Condition);
            let unseen = events_of(&evaluated.when).is_empty();
            if unseen {
                lacks.remove(&Lack::Soundness);
            }
            // Once all conditions are met, it has what any of them gives it.
            let alone = lacks.remove(&Lack::Foundation) | lacks.remove(&Lack::Corroboration) | unseen;
            let founded = cause.basis > Basis::FromMemory && !cause.when.iter().all(|it| it.weak);
            let decisive = cause.when.iter().any(|it| it.decisive);
            if alone && !(founded && decisive) {
                lacks.insert(if founded { Lack::Corroboration } else { Lack::Foundation });
            }
        }
        let grade = grade(&lacks);
        let next = Grade::ALL.iter().copied().find(|it| *it > grade);
        let missing = lacks.iter().filter(|it| it.at_most() == grade).flat_map(|lack| self.lacking(*lack, evaluated));
        GradeTrace { grade, next, missing: missing.collect() }
    }

    /// What is lacking, in words.
    fn lacking(&self, lack: Lack, evaluated: &Evaluated<'_>) -> Vec<Said> {
        let cause = evaluated.cause;
        let met = |it: &&Tried<'_>| matches!(it.outcome, Outcome::Met(_));
        match lack {
            Lack::Condition => {
                let unmet = evaluated.when.iter().filter(|it| !met(it));
                let said = |what: &Said| say!(en: "a condition: {what}"; fr: "une condition\u{a0}: {}", what.fr());
                unmet.map(|it| said(&it.condition.what)).collect()
            }
            Lack::Foundation => {
                let mut seen = evaluated.when.iter().filter(met).map(|it| it.condition).peekable();
                let weak =
                    if seen.peek().is_some() { seen.all(|it| it.weak) } else { cause.when.iter().all(|it| it.weak) };
                let (second, second_fr) = second_source(cause);
                vec![if weak {
                    say!(
                        en: "a second source, because what is asked for has other explanations{second}",
                        fr: "une seconde source, car ce qui est demandé a d’autres explications{second_fr}",
                    )
                } else {
                    say!(
                        en: "a second source, because no public source confirms it{second}",
                        fr: "une seconde source, car aucune source publique ne le confirme{second_fr}",
                    )
                }]
            }
            Lack::Soundness => {
                vec![say!(
                    en: "the log itself, whole: what shows it stands in an excerpt or in another log",
                    fr: "le journal lui-même, entier\u{a0}: ce qui le montre se trouve dans un extrait ou dans un autre journal",
                )]
            }
            Lack::Coverage => {
                let uncovered = cause.needs.iter().filter(|need| self.judge.covered_by(&need.logs).is_empty());
                let said = |what: &Said, would: &Said| {
                    say!(
                        en: "{what}, over the whole time, to {would}";
                        fr: "{}, sur toute la durée, pour {}", what.fr(), would.fr()
                    )
                };
                uncovered.map(|need| said(&need.what, &need.would)).collect()
            }
            Lack::Corroboration => {
                let (second, second_fr) = second_source(cause);
                vec![say!(
                    en: "a second source, because nothing that is met is decisive{second}",
                    fr: "une seconde source, car rien de ce qui est rempli n’est décisif{second_fr}",
                )]
            }
            Lack::Agreement => {
                let against = evaluated.against.iter().filter(met);
                let said = |what: &Said| {
                    say!(
                        en: "that nothing speaks against it: {what}";
                        fr: "que rien ne s’y oppose\u{a0}: {}", what.fr()
                    )
                };
                against.map(|it| said(&it.condition.what)).collect()
            }
        }
    }
}

/// What would corroborate a cause, as the end of a sentence in English and in French.
fn second_source(cause: &Cause) -> (String, String) {
    let what = corroborating(cause);
    if what.is_empty() {
        return (String::new(), String::new());
    }
    (format!(": {what}"), format!("\u{a0}: {}", what.fr()))
}

/// What a condition asks for beyond its event.
fn asks(condition: &Condition) -> Vec<Said> {
    let mut asks = Vec::new();
    let count = condition.count;
    match &condition.distinct {
        Some(field) => asks.push(say!(
            en: "at least {count} different values of `{field}`",
            fr: "valeurs différentes de `{field}`\u{a0}: {count} au moins",
        )),
        None if count > 1 => {
            asks.push(say!(en: "at least {count} records", fr: "au moins {count} enregistrements"));
        }
        None => {}
    }
    for (field, values) in &condition.values {
        let values = one_of(values);
        asks.push(say!(en: "its `{field}` is {values}"; fr: "son `{field}` vaut {}", values.fr()));
    }
    if let Some(field) = &condition.same {
        asks.push(say!(
            en: "the same `{field}` as the first condition",
            fr: "le même `{field}` que la première condition",
        ));
    }
    if let Some(seconds) = condition.within {
        asks.push(say!(
            en: "within {seconds} s of the first condition",
            fr: "à {seconds}\u{a0}s au plus de la première condition",
        ));
    }
    asks
}

/// Values of which any one will do, in words.
pub(super) fn one_of(values: &[Wanted]) -> Said {
    let values: Vec<String> = values.iter().map(|it| format!("`{it}`")).collect();
    Said::new(values.join(" or "), values.join(" ou "))
}

/// A record with what it means.
pub(super) fn cited(event: &Event, knowledge: &Knowledge, supports: Supports) -> Evidence {
    let meaning = match knowledge.signatures.get(event.signature) {
        Some(signature) => signature.title.clone(),
        None => crate::files::meaning(&event.name).unwrap_or_default(),
    };
    Evidence { meaning, ..evidence(event, supports) }
}
