//! What the conditions of a cause can say, tried on a pack of its own.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::disallowed_methods, reason = "the test writes its own input")]

use esxray_diagnosis::{Options, diagnose, prove};
use esxray_knowledge::{Knowledge, Pack, PackFile};
use esxray_model::Grade;

fn signature(event: &str, log: &str, basis: &str) -> String {
    format!(
        r#"emits = "{event}"
title = "the pump says {event}"
logs = ["{log}"]
anchors = ["pump {event}"]
regex = 'pump {event}: state (?<state>\w+), pressure (?<pressure>\d+)'
tone = "failure"
basis = "{basis}"
sources = ["none"]
[fields]
state = "text"
pressure = "number"
[[sample]]
text = "pump {event}: state open, pressure 7"
fields = {{ state = "open", pressure = "7" }}
[[not]]
text = "a pump {event}"
why = "another text"
"#
    )
}

fn cause(basis: &str, conditions: &str) -> String {
    format!(
        r#"title = "the pump is broken"
category = "pump"
kind = "other"
severity = "error"
about = "host"
explanation = "It is."
basis = "{basis}"
affected = "all"
confirm = []
remedies = []
sources = ["none"]
{conditions}"#
    )
}

fn knowledge(basis_of_text: &str, causes: &[(&str, String)]) -> Knowledge {
    let file = |path: String, text: String| PackFile { path, text };
    let mut files = vec![
        file("signatures/pump-stuck.toml".to_owned(), signature("stuck", "hostd", basis_of_text)),
        file("signatures/pump-cold.toml".to_owned(), signature("cold", "vpxd", basis_of_text)),
    ];
    files.extend(causes.iter().map(|(id, text)| file(format!("causes/{id}.toml"), text.clone())));
    Knowledge::load(&[Pack { name: "pump".to_owned(), files }]).unwrap()
}

/// Grade of each cause of the pump, and what would raise it.
fn judged(knowledge: &Knowledge, hostd: &[&str], vpxd: &[&str]) -> Vec<(String, Grade, Vec<String>)> {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, process: &str, lines: &[&str]| {
        let stamped = lines.iter().zip(10..).map(|(line, second)| {
            format!("2024-03-12T15:14:{second}.317Z info {process}[2099012] [Originator@6876 sub=Default] {line}\n")
        });
        std::fs::write(folder.path().join(name), stamped.collect::<String>()).unwrap();
    };
    write("hostd.log", "hostd", hostd);
    if !vpxd.is_empty() {
        write("vpxd.log", "vpxd", vpxd);
    }
    let diagnosis = diagnose(&[folder.path().to_path_buf()], knowledge, &Options::default()).unwrap();
    let findings = diagnosis.incidents.into_iter().flat_map(|it| it.findings);
    let mut found: Vec<_> = findings
        .map(|it| (it.cause, it.grade, it.missing_evidence.into_iter().map(|it| it.would.to_string()).collect()))
        .collect();
    found.sort();
    found
}

fn ids(found: &[(String, Grade, Vec<String>)]) -> Vec<&str> {
    found.iter().map(|it| it.0.as_str()).collect()
}

const OPEN: &str = "pump stuck: state open, pressure 7";

#[test]
fn a_condition_on_captured_values_asks_for_all_of_them() {
    let when = |values: &str| {
        cause(
            "documented",
            &format!("[[when]]\nevent = [\"stuck\"]\nwhere = {values}\ndecisive = true\nwhat = \"x\"\n"),
        )
    };
    let causes = [
        ("pump-list", when(r#"{ state = ["shut", "open"] }"#)),
        ("pump-glob", when(r#"{ state = "op*" }"#)),
        ("pump-range", when(r#"{ pressure = "5..10" }"#)),
        ("pump-both", when(r#"{ state = "open", pressure = "8.." }"#)),
    ];
    let knowledge = knowledge("documented", &causes);
    assert_eq!(ids(&judged(&knowledge, &[OPEN], &[])), ["pump-glob", "pump-list", "pump-range"]);
    let other = "pump stuck: state shut, pressure 11";
    assert_eq!(ids(&judged(&knowledge, &[other], &[])), ["pump-list"]);
    // Every field of one and the same record.
    assert_eq!(ids(&judged(&knowledge, &[OPEN, other], &[])), ["pump-glob", "pump-list", "pump-range"]);
    let proof = prove(&knowledge);
    assert_eq!(proof.failures, []);
    assert!(!proof.untested.iter().any(|it| it.path.contains("pump")));
}

#[test]
fn a_value_that_closes_an_incident_is_asked_for_too() {
    let text = "[[when]]\nevent = [\"stuck\"]\nwhere = { state = \"open\" }\nwhat = \"x\"\n\
                [[recovered]]\nevent = [\"stuck\"]\nwhere = { state = \"shut\" }\nwhat = \"it was shut\"\n";
    let knowledge = knowledge("documented", &[("pump-open", cause("documented", text))]);
    let open = |lines: &[&str]| {
        let folder = tempfile::tempdir().unwrap();
        let stamped = lines.iter().zip(10..).map(|(line, second)| {
            format!("2024-03-12T15:14:{second}.317Z info hostd[2099012] [Originator@6876 sub=Default] {line}\n")
        });
        std::fs::write(folder.path().join("hostd.log"), stamped.collect::<String>()).unwrap();
        let diagnosis = diagnose(&[folder.path().to_path_buf()], &knowledge, &Options::default()).unwrap();
        diagnosis.incidents.iter().any(|it| it.recovered.is_none())
    };
    assert!(open(&[OPEN, "pump stuck: state half, pressure 7"]));
    assert!(!open(&[OPEN, "pump stuck: state shut, pressure 7"]));
}

#[test]
fn weak_evidence_is_a_possibility_until_a_second_source_bears_it_out() {
    let with = |words: &str| {
        format!(
            "[[when]]\nevent = [\"stuck\"]\n{words}\nwhat = \"x\"\n\
             [[corroborate]]\nevent = [\"cold\"]\nwhat = \"it is cold\"\n"
        )
    };
    let cold = "pump cold: state open, pressure 0";
    for (basis_of_text, basis, words, alone, both, would) in [
        ("documented", "documented", "decisive = true", Grade::Confirmed, Grade::Confirmed, None),
        (
            "documented",
            "documented",
            "weak = true",
            Grade::Possible,
            Grade::Confirmed,
            Some("tell it from its other explanations"),
        ),
        (
            "inferred",
            "documented",
            "decisive = true",
            Grade::Possible,
            Grade::Confirmed,
            Some("bear out what no public source confirms"),
        ),
        (
            "from-memory",
            "documented",
            "decisive = true",
            Grade::Possible,
            Grade::Confirmed,
            Some("bear out what no public source confirms"),
        ),
        (
            "documented",
            "from-memory",
            "decisive = true",
            Grade::Possible,
            Grade::Confirmed,
            Some("bear out what no public source confirms"),
        ),
        ("documented", "inferred", "", Grade::Probable, Grade::Confirmed, Some("corroborate it from a second source")),
    ] {
        let knowledge = knowledge(basis_of_text, &[("pump-stuck", cause(basis, &with(words)))]);
        let what = format!("text {basis_of_text}, cause {basis}, {words}");
        let found = judged(&knowledge, &[OPEN, "ready"], &[]);
        assert_eq!(found.first().map(|it| it.1), Some(alone), "{what}");
        assert_eq!(found.first().and_then(|it| it.2.first()).map(String::as_str), would, "{what}");
        let found = judged(&knowledge, &[OPEN, "ready"], &[cold, "ready"]);
        assert_eq!(found.first().map(|it| it.1), Some(both), "{what}");
        assert_eq!(prove(&knowledge).failures, [], "{what}");
    }
}
