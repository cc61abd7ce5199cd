//! The terminal report as a user sees it.
//!
//! Read a changed snapshot line by line, as you would read code.

use crate::cases;
use esxray_model::Said;
use esxray_report::{Output, TextOptions, Verbosity};

#[test]
fn as_the_user_sees_it() {
    for (name, diagnosis) in cases::all() {
        for (look, width, color, unicode, verbosity) in [
            ("80", 80, false, true, Verbosity::Normal),
            ("120", 120, false, true, Verbosity::Normal),
            ("80-ascii", 80, false, false, Verbosity::Normal),
            ("120-color", 120, true, true, Verbosity::Normal),
            ("100-verbose", 100, false, true, Verbosity::Verbose),
        ] {
            let options = TextOptions { width, color, unicode, verbosity, ..TextOptions::default() };
            let text = Output::Text.render(&diagnosis, &options);
            let text = text.replace('\u{1b}', "␛");
            insta::assert_snapshot!(format!("{name}@{look}"), text);
        }
    }
}

#[test]
fn what_was_not_read_is_said_right_below_the_verdict() {
    let problem = |source: &str, problem: &str| esxray_diagnosis::Problem {
        source: source.to_owned(),
        problem: Said::name(problem.to_owned()),
        lost_bytes: None,
        incomplete: true,
    };
    let mut diagnosis = cases::clean();
    diagnosis.problems = Vec::new();
    let head = |diagnosis: &esxray_diagnosis::Diagnosis| {
        let options = TextOptions { width: 120, verbosity: Verbosity::Quiet, ..TextOptions::default() };
        let text = Output::Text.render(diagnosis, &options);
        text.split_once("INCOMPLETE").map(|(_, rest)| rest.trim().to_owned())
    };
    assert_eq!(head(&diagnosis), None, "nothing is missing");
    let source = diagnosis.sources.first().unwrap().clone();
    diagnosis.problems = vec![problem(&source, "cut off"), problem(&source, "cut off again")];
    let all = diagnosis.sources.len();
    let first = format!("1 of {all} sources could not be read in full");
    assert_eq!(head(&diagnosis), Some(first.clone()));
    diagnosis.problems.push(problem("x.tgz", "nested too deep"));
    diagnosis.problems.push(problem("--vm", "no VM of the input goes by `x`"));
    let rest = "; 1 archive, folder or file could not be read in full; no VM of the input goes by `x`";
    assert_eq!(head(&diagnosis).unwrap().split_whitespace().collect::<Vec<_>>().join(" "), first + rest);
}
