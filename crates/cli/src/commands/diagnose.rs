//! `esxray diagnose`: the main job.

use esxray::diagnosis::{around, diagnose, diagnose_traced, diagnose_with_history};
use esxray::report::outputs::html;
use esxray::{Diagnosis, Grade, Options, Output, Verdict};

use super::{check_range, read_options};
use crate::args::Diagnose;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Destination;
use crate::progress::Progress;
use crate::{packs, terminal};

/// Lines that a page shows before and behind a cited record.
const AROUND: u64 = 2;

pub(crate) fn run(args: &Diagnose) -> Result<Exit, Failure> {
    check_range(&args.select.range)?;
    let destination = Destination::check(&args.target, &args.input.paths)?;
    let knowledge = packs::load(&args.packs.folders)?;
    let progress = Progress::begin(&args.look.noise, false);
    let options = Options {
        read: read_options(&args.input, &args.limits),
        limits: args.limits.limits(args.input.threads),
        memory_bytes: args.limits.max_memory.map(|memory| memory.0),
        select: args.select.selection(),
        threads: args.input.threads.map(Into::into),
        meter: Some(progress.meter()),
    };
    if args.format == Output::Html {
        let (mut diagnosis, history) = diagnose_with_history(&args.input.paths, &knowledge, &options)?;
        diagnosis.around = around(&args.input.paths, &options, &diagnosis, AROUND);
        drop(progress);
        let look = terminal::text_options(&args.look, &destination);
        destination.write(&html::with_history(&diagnosis, &history, &look))?;
        return Ok(exit(&diagnosis, args.fail_on));
    }
    let diagnose = if args.trace { diagnose_traced } else { diagnose };
    let diagnosis = diagnose(&args.input.paths, &knowledge, &options)?;
    drop(progress);
    let mut look = terminal::text_options(&args.look, &destination);
    if args.format == Output::Json {
        look.lang = terminal::machine_lang(&args.look);
    }
    destination.write(&args.format.render(&diagnosis, &look))?;
    Ok(exit(&diagnosis, args.fail_on))
}

/// What the diagnosis means for a script.
fn exit(diagnosis: &Diagnosis, fail_on: Grade) -> Exit {
    let mut findings = diagnosis.incidents.iter().flat_map(|incident| &incident.findings);
    let incomplete = diagnosis.problems.iter().any(|problem| problem.incomplete);
    if findings.any(|finding| finding.grade >= fail_on) {
        Exit::Reached
    } else if diagnosis.verdict == Verdict::Inconclusive || incomplete {
        Exit::Incomplete
    } else {
        Exit::Done
    }
}

#[cfg(test)]
mod tests {
    use esxray::diagnosis::{KnowledgeUsed, Problem};
    use esxray::model::{IncidentKind, Role, Said};
    use esxray::{Diagnosis, Finding, Grade, Incident, Severity, Verdict};

    use super::exit;
    use crate::exit::Exit;

    fn finding(grade: Grade) -> Finding {
        Finding {
            cause: "x".to_owned(),
            role: Role::RootCause,
            grade,
            severity: Severity::Info,
            title: Said::default(),
            explanation: Said::default(),
            captures: std::collections::BTreeMap::new(),
            explains: Vec::new(),
            count: 1,
            first_seen: None,
            last_seen: None,
            evidence: Vec::new(),
            missing_evidence: Vec::new(),
            confirm: Vec::new(),
            sources: Vec::new(),
        }
    }

    fn diagnosis(verdict: Verdict, grade: Option<Grade>, incomplete: bool) -> Diagnosis {
        let incident = |grade| Incident {
            id: "I1".to_owned(),
            kind: IncidentKind::Other,
            title: Said::default(),
            recovered: None,
            vm: None,
            host: None,
            started: None,
            ended: None,
            rekey: None,
            findings: vec![finding(grade)],
            remedies: Vec::new(),
            withheld: Vec::new(),
            do_not: Vec::new(),
        };
        Diagnosis {
            verdict,
            sources: Vec::new(),
            incidents: grade.map(incident).into_iter().collect(),
            root_causes: Vec::new(),
            excluded: Vec::new(),
            not_evaluated: Vec::new(),
            unexplained: Vec::new(),
            clocks: Vec::new(),
            coverage: Vec::new(),
            problems: vec![Problem { source: "a".to_owned(), problem: Said::name("b"), lost_bytes: None, incomplete }],
            knowledge: KnowledgeUsed {
                causes: 0,
                signatures: 0,
                remedies: 0,
                sha256: String::new(),
                packs: Vec::new(),
            },
            traces: std::collections::BTreeMap::new(),
            around: std::collections::BTreeMap::new(),
        }
    }

    #[test]
    fn a_finding_counts_from_the_grade_that_was_asked_for() {
        use Grade::{Confirmed, Possible, Probable};
        for (grade, fail_on, expected) in [
            (Possible, Possible, Exit::Reached),
            (Possible, Probable, Exit::Done),
            (Probable, Probable, Exit::Reached),
            (Probable, Confirmed, Exit::Done),
            (Confirmed, Confirmed, Exit::Reached),
        ] {
            let it = diagnosis(Verdict::Attention, Some(grade), false);
            assert_eq!(exit(&it, fail_on), expected, "{grade} {fail_on}");
        }
    }

    #[test]
    fn what_was_not_read_outranks_clean_but_not_a_finding() {
        assert_eq!(exit(&diagnosis(Verdict::Clean, None, false), Grade::Probable), Exit::Done);
        assert_eq!(exit(&diagnosis(Verdict::Inconclusive, None, false), Grade::Probable), Exit::Incomplete);
        assert_eq!(
            exit(&diagnosis(Verdict::Attention, Some(Grade::Possible), true), Grade::Probable),
            Exit::Incomplete
        );
        assert_eq!(exit(&diagnosis(Verdict::Failure, Some(Grade::Probable), true), Grade::Probable), Exit::Reached);
    }
}
