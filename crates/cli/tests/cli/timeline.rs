//! `esxray timeline` over every case.

use std::collections::BTreeSet;
use std::process::Stdio;

use serde_json::Value;

use crate::harness::{Folder, assert_harmless, cases, input, on_cases};
use crate::json::Judge;

fn run(case: &str, flags: &[&str]) -> String {
    on_cases([&["timeline", input(case).as_str()], flags].concat()).exits(0).text()
}

fn entries(case: &str, flags: &[&str]) -> Vec<Value> {
    let lines = run(case, &[&["--format", "jsonl"], flags].concat());
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn kinds(entries: &[Value]) -> BTreeSet<&str> {
    entries.iter().filter_map(|it| it["kind"].as_str()).collect()
}

#[test]
fn every_line_keeps_the_schema_and_the_order_of_time() {
    let judge = Judge::of(&["timeline"]);
    for case in cases() {
        let entries = entries(&case, &[]);
        let times: Vec<&str> = entries.iter().filter_map(|it| it["time"].as_str()).collect();
        assert!(times.is_sorted(), "{case}");
        for entry in &entries {
            judge.accepts(entry);
            if let (Some(from), Some(until)) = (entry["time"].as_str(), entry["until"].as_str()) {
                assert!(from <= until, "{case}: {entry}");
                assert_eq!(entry["open"], false, "{case}: {entry}");
            }
        }
    }
    assert!(judge.refuses(&serde_json::json!({ "kind": "power-on" })), "the schema takes anything");
}

#[test]
fn many_kinds_of_entries_are_recognised() {
    let of_all = entries("ha-reset-mid-rekey", &[]);
    let wanted =
        ["ha-action", "reset", "rekey", "rekey-step", "disk-open", "disk-failure", "tools-timeout", "power-on"];
    let kinds = kinds(&of_all);
    assert!(wanted.iter().all(|kind| kinds.contains(kind)), "{kinds:?}");
    assert!(kinds.len() >= 25, "{kinds:?}");
}

#[test]
fn a_rekey_is_a_span_with_its_steps() {
    let rekey = entries("ha-reset-mid-rekey", &["--kind", "rekey"]);
    let [rekey] = rekey.as_slice() else { panic!("{rekey:?}") };
    assert_eq!(
        (rekey["time"].as_str(), rekey["until"].as_str()),
        (Some("2024-03-12T15:14:02.317Z"), Some("2024-03-12T15:16:21.648Z"))
    );
    assert_eq!((rekey["tone"].as_str(), rekey["vm"]["name"].as_str()), (Some("failure"), Some("TEST-VM-2")));
    let steps = entries("ha-reset-mid-rekey", &["--kind", "rekey-step"]);
    assert_eq!(steps.len(), 5);
    assert_eq!(steps.iter().filter(|it| it["tone"] == "failure").count(), 1);
}

#[test]
fn what_is_asked_for_is_what_comes() {
    for (flags, fits) in [
        (&["--kind", "reset"][..], (|it: &Value| it["kind"] == "reset") as fn(&Value) -> bool),
        (&["--vm", "TEST-VM-2"], |it| it["vm"]["vmid"] == "62"),
        (&["--since", "2024-03-12T15:16:00Z", "--kind", "ha-action"], |it| {
            it["time"].as_str() >= Some("2024-03-12T15:16")
        }),
        (&["--until", "2024-03-11T07:00:00Z"], |it| it["time"].as_str() < Some("2024-03-11T07:00:00.000Z")),
    ] {
        let some = entries("ha-reset-mid-rekey", flags);
        assert!(!some.is_empty() && some.iter().all(fits), "{flags:?}");
        assert!(some.len() < entries("ha-reset-mid-rekey", &[]).len(), "{flags:?}");
    }
}

#[test]
fn timesketch_gets_the_fields_that_it_asks_for() {
    let lines = run("ha-reset-mid-rekey", &["--format", "timesketch"]);
    let mut count = 0;
    for line in lines.lines() {
        let entry: Value = serde_json::from_str(line).unwrap();
        for field in ["message", "timestamp_desc"] {
            assert!(entry[field].as_str().is_some_and(|text| !text.is_empty()), "{field}: {entry}");
        }
        // ISO 8601 with an offset, and the same moment in microseconds.
        let datetime = entry["datetime"].as_str().unwrap();
        let plain = datetime.strip_suffix("+00:00").unwrap_or_else(|| panic!("{datetime}"));
        // A span has a line where it begins and one where it ends.
        let moments = [&entry["time"], &entry["until"]].map(|it| it.as_str().unwrap_or_default());
        assert!(moments.iter().any(|it| it.starts_with(plain)), "{entry}");
        assert_eq!(entry["timestamp"].as_i64().unwrap() / 1000 % 1000, plain[20..].parse::<i64>().unwrap(), "{entry}");
        count += 1;
    }
    assert!(count > 100, "{count}");
}

#[test]
fn a_table_has_a_row_for_each_entry() {
    for case in cases() {
        let table = run(&case, &["--format", "csv"]);
        assert!(table.starts_with("time,until,duration_us,open,lane,kind,tone,vm,"), "{case}");
        assert!(table.lines().count() > entries(&case, &[]).len(), "{case}");
        assert_harmless(&case, table.replace("\r\n", "\n").as_bytes());
    }
}

#[test]
fn the_same_bytes_with_any_number_of_threads() {
    for case in cases() {
        for form in [&["--format", "jsonl"][..], &["-v"], &["--ops"], &["--gaps"]] {
            let path = input(&case);
            let of = |threads| {
                on_cases([&["timeline", path.as_str()], form, &["--threads", threads]].concat())
                    .stdout(Stdio::piped())
                    .ends()
                    .text()
            };
            assert!(of("1") == of("7"), "{case} {form:?}");
        }
    }
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for case in cases() {
        for (width, flags) in [(60, &["-v"][..]), (80, &[]), (97, &["--ops"]), (120, &["--lang", "fr"])] {
            let text = run(&case, &[&["--width", &width.to_string()], flags].concat());
            assert_harmless(&case, text.as_bytes());
            for line in text.lines() {
                assert!(line.chars().count() <= width, "{case} at {width}: {line}");
            }
        }
    }
}

#[test]
fn in_french_the_titles_are_and_the_keys_are_not() {
    let of = |lang: &[&str]| entries("ha-reset-mid-rekey", &[&["--kind", "tools-timeout"], lang].concat());
    let (english, french) = (of(&[]), of(&["--lang", "fr"]));
    assert_eq!(english[0]["kind"], french[0]["kind"]);
    assert!(french[0]["title"].as_str().unwrap().contains("invité"), "{}", french[0]);
    assert!(!english[0]["title"].as_str().unwrap().contains("invité"));
}

#[test]
fn nothing_found_is_told_by_the_exit_status() {
    let folder = Folder::new().with("empty.log", "").with("notes.txt", "nothing of a log\n");
    folder.run(["timeline", "empty.log"]).exits(1);
    folder.run(["timeline", "notes.txt", "--format", "jsonl"]).exits(1);
    folder.run(["timeline", "no-such-file"]).exits(2);
    folder.run(["timeline", "empty.log", "--kind", "bogus"]).exits(2).refuses("bogus");
    let unknown = on_cases(["timeline", input("clean-host").as_str(), "--vm", "NO-SUCH-VM"]).exits(1);
    assert!(unknown.text().contains("NO-SUCH-VM"), "{}", unknown.text());
}

#[test]
fn names_of_the_input_stay_text() {
    let log = "2024-03-12T15:16:19.402Z In(05) vmx - Log for VMware ESX pid=2 version=8.0.2 build=build-22380479 option=Release\n\
2024-03-12T15:16:19.406Z In(05) vmx - DICT displayName = \"=cmd|'/c calc'!A1\u{1b}[2J\"\n";
    let folder = Folder::new().with("vmware.log", log);
    for form in ["text", "jsonl", "csv", "timesketch"] {
        let answer = folder.run(["timeline", "vmware.log", "-v", "--kind", "vm-name", "--format", form]).exits(0);
        assert!(answer.text().contains("=cmd|"), "{form}: {}", answer.text());
        assert_harmless(form, answer.text().replace("\r\n", "\n").as_bytes());
    }
    let table = folder.run(["timeline", "vmware.log", "--format", "csv"]).exits(0).text();
    assert!(!table.contains(",=cmd") && !table.contains(",\"=cmd"), "a spreadsheet takes it for a formula: {table}");
}
