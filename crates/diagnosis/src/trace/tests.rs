//! A trace and the judge never disagree: on every fixture and for every cause.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use esxray_knowledge::Knowledge;
use esxray_model::{ConditionPart, ConditionState, Said};

use super::{Conclusion, Read, Trace, WhyNot};
use crate::assemble::{Options, Selection, judge_all};
use crate::outcome::{Diagnosis, Incident};
use crate::scan::{scan, scan_watching};

fn inputs() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    let entries = std::fs::read_dir(folder).unwrap();
    let mut inputs: Vec<PathBuf> =
        entries.map(|it| it.unwrap().path().join("input")).filter(|it| it.is_dir()).collect();
    inputs.sort();
    assert!(inputs.len() >= 9, "{inputs:?}");
    inputs
}

#[test]
fn every_cause_on_every_fixture_as_the_judge_says() {
    let knowledge = Knowledge::builtin().unwrap();
    let all: BTreeSet<usize> = (0..knowledge.signatures.len()).collect();
    let mut held = 0;
    for input in inputs() {
        let (paths, options) = ([input.clone()], Options::default());
        let diagnosis =
            judge_all(scan(&paths, &knowledge, &options).unwrap(), &knowledge, &options.select, true, |_| ()).0;
        // What is watched in addition must change nothing.
        let read = Read::new(scan_watching(&paths, &knowledge, &options, &all).unwrap(), &knowledge);
        for cause in &knowledge.causes {
            let answer = read.answer(&knowledge, &Selection::default(), cause, usize::MAX);
            let what = format!("{} {}", input.display(), cause.id);
            for trace in &answer.candidates {
                agrees_with_itself(trace, &what);
            }
            held += agrees(&diagnosis, &answer, &what);
        }
        every_row_is_traced(&diagnosis);
    }
    assert!(held > 10, "{held} findings are too few to say anything");
}

/// The same findings, rows and grades; how many findings there are.
fn agrees(diagnosis: &Diagnosis, answer: &WhyNot, what: &str) -> usize {
    let findings = || {
        diagnosis
            .incidents
            .iter()
            .flat_map(|it| it.findings.iter().map(move |finding| (it, finding)))
            .filter(|it| it.1.cause == answer.cause)
    };
    for (incident, finding) in findings() {
        let same = |it: &&Trace| {
            matches!(it.conclusion, Conclusion::Holds { grade, .. } if grade == finding.grade) && meets(it, incident)
        };
        assert!(answer.candidates.iter().any(|it| same(&it)), "{what}: found, and not traced so");
    }
    for trace in &answer.candidates {
        match &trace.conclusion {
            Conclusion::Holds { grade, .. } => assert!(
                findings().any(|it| it.1.grade >= *grade && meets(trace, it.0)),
                "{what}: traced as holding, and not found"
            ),
            Conclusion::RuledOut { .. } | Conclusion::NotEvaluated { .. } => {}
        }
    }
    for row in diagnosis.excluded.iter().filter(|it| it.cause == answer.cause) {
        let same = |it: &&Trace| {
            matches!(&it.conclusion, Conclusion::RuledOut { because, covered_by }
                if row.because.en().starts_with(because.en()) && row.covered_by == *covered_by)
        };
        assert!(answer.candidates.iter().any(|it| same(&it)), "{what}: ruled out, and not traced so: {row:?}");
    }
    for row in diagnosis.not_evaluated.iter().filter(|it| it.cause == answer.cause) {
        let same = |it: &&Trace| matches!(&it.conclusion, Conclusion::NotEvaluated { needs } if row.needs.en().starts_with(Said::join(needs, "; ").en()));
        assert!(answer.candidates.iter().any(|it| same(&it)), "{what}: not judged, and not traced so: {row:?}");
    }
    findings().count()
}

/// Whether a trace is about the VM and the time of an incident.
fn meets(trace: &Trace, incident: &Incident) -> bool {
    let vm = incident.vm.is_none() || incident.vm == trace.vm;
    let time = match (trace.window, incident.started, incident.ended) {
        (Some((from, to)), Some(started), Some(ended)) => from <= ended && started <= to,
        _ => true,
    };
    vm && time
}

/// The conditions of a trace lead to what it says, and what it says of the grade is the grade.
fn agrees_with_itself(trace: &Trace, what: &str) {
    let of = |part| trace.conditions.iter().filter(move |it| it.part == part);
    let when = || of(ConditionPart::When);
    let excluded = of(ConditionPart::Unless).any(|it| it.state == ConditionState::Met);
    match &trace.conclusion {
        Conclusion::Holds { grade, .. } => {
            assert!(when().any(|it| it.state == ConditionState::Met), "{what}");
            assert!(when().all(|it| it.state != ConditionState::NotMet), "{what}");
            assert!(!excluded, "{what}");
            assert_eq!(trace.grade.grade, *grade, "{what}");
        }
        Conclusion::RuledOut { .. } | Conclusion::NotEvaluated { .. } => {
            assert!(excluded || when().any(|it| it.state != ConditionState::Met), "{what}: nothing stands in its way");
        }
    }
    for it in &trace.conditions {
        let met = it.state == ConditionState::Met;
        assert_eq!(met, !it.evidence.is_empty(), "{what}: {}", it.what);
        assert!(!met || it.misses.is_empty(), "{what}: {}", it.what);
        assert_eq!(trace.grade.next.is_none(), trace.grade.missing.is_empty(), "{what}");
    }
}

/// With `--trace`, each finding has its trace, and so has each cause of the two lists below the incidents.
fn every_row_is_traced(diagnosis: &Diagnosis) {
    let all = || diagnosis.traces.values().flatten();
    for incident in &diagnosis.incidents {
        for finding in &incident.findings {
            let traced = diagnosis.traces[&incident.id].iter().find(|it| it.cause == finding.cause);
            let conclusion = traced.map(|it| &it.conclusion);
            let holds = Conclusion::Holds { grade: finding.grade, role: finding.role };
            assert_eq!(conclusion, Some(&holds), "{} {}", incident.id, finding.cause);
        }
    }
    let ids = diagnosis.excluded.iter().map(|it| &it.cause).chain(diagnosis.not_evaluated.iter().map(|it| &it.cause));
    for id in ids {
        assert!(all().any(|it| it.cause == *id && !matches!(it.conclusion, Conclusion::Holds { .. })), "{id}");
    }
}
