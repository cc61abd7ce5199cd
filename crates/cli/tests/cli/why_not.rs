//! `esxray why-not` and `esxray diagnose --trace`: every condition, with what shows it or what comes nearest.

use std::process::Stdio;

use serde_json::Value;

use crate::harness::{Folder, QUIET, WRONG_KEY, assert_harmless, cases, input, on_cases};
use crate::json::Judge;

/// A cause that rests on a fact, one on a named event, one on the VM's own log, one about hosts.
const CAUSES: [&str; 4] =
    ["ha-vmmon-reset-during-rekey", "kms-provider-not-found-on-host", "rekey-disk-wrong-key", "host-crypto-disabled"];

fn asked(cause: &str, fixture: &str, flags: &[&str]) -> String {
    on_cases([&["why-not", cause, input(fixture).as_str()], flags].concat()).exits(0).text()
}

/// One cause that holds, one that an observation rules out, one that the input cannot settle, one without a candidate.
#[test]
fn what_a_reader_sees() {
    for (name, cause, fixture) in [
        ("holds", "kms-provider-not-found-on-host", "provider-not-found"),
        ("ruled-out", "ha-vmmon-reset-during-rekey", "provider-not-found"),
        ("not-the-cause", "kms-provider-not-found-on-host", "ha-reset-mid-rekey"),
        ("no-candidate", "host-crypto-disabled", "recovered"),
    ] {
        let text = asked(cause, fixture, &["--most", "1", "--width", "80"]);
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(format!("{name}@why-not"), text);
        });
    }
}

#[test]
fn every_answer_keeps_its_schema() {
    let judge = Judge::of(&["why-not"]);
    for case in cases() {
        for cause in CAUSES {
            let text = asked(cause, &case, &["--format", "json"]);
            judge.accepts(&serde_json::from_str(&text).unwrap());
            assert_harmless(&case, text.as_bytes());
        }
    }
    assert!(judge.refuses(&serde_json::json!({ "schema_version": 1 })), "the schema takes anything");
}

#[test]
fn a_traced_report_keeps_its_schema_and_says_nothing_else() {
    let judge = Judge::of(&["report"]);
    for case in cases() {
        let report = |flags: &[&str]| {
            let mut run = on_cases([&[input(&case).as_str(), "--format", "json"], flags].concat());
            run.command.stdout(Stdio::piped());
            run.ends().json()
        };
        let (plain, mut traced) = (report(&[]), report(&["--trace"]));
        judge.accepts(&traced);
        for incident in traced["incidents"].as_array_mut().unwrap() {
            let incident = incident.as_object_mut().unwrap();
            let trace = incident.remove("trace").expect("every incident is traced");
            let traced = trace.as_array().unwrap();
            for finding in incident["findings"].as_array().unwrap() {
                let same = traced.iter().find(|it| it["cause"] == finding["cause"]).unwrap();
                assert_eq!(same["conclusion"]["grade"], finding["grade"], "{case}");
                assert_eq!(same["conclusion"]["role"], finding["role"], "{case}");
            }
        }
        assert_eq!(plain, traced, "{case}");
    }
    let text = on_cases([input("provider-not-found").as_str(), "--trace", "--width", "80"]).exits(1).text();
    for says in ["Trace of kms-provider-not-found-on-host", "HOLDS  confirmed", "RULED OUT  not seen"] {
        assert!(text.contains(says), "{says}\n{text}");
    }
}

#[test]
fn a_name_that_is_none_is_answered_with_those_near_it() {
    let folder = Folder::new().with("vmware.log", QUIET);
    let ended = folder.run(["why-not", "rekey-disk-wrong-kez", "vmware.log"]).exits(2);
    ended.refuses("near it: rekey-disk-wrong-key");
    // An event is no cause, and the folder of the input no name of one.
    folder.run(["why-not", "disk-open-wrong-key", "vmware.log"]).exits(2).refuses("no cause");
    folder.run(["why-not", "vmware.log"]).exits(2);
    // An alias means its cause.
    let answer = folder.run(["why-not", "kms.providers.not_found", "vmware.log", "--format", "json"]).exits(0).json();
    assert_eq!(answer["cause"], "kms-provider-not-found-on-host");
}

#[test]
fn an_input_without_anything_is_an_answer_too() {
    for (name, bytes) in [("empty.log", ""), ("blank.log", "\n\n"), ("noise.bin", "\0\u{1}\u{2}")] {
        let folder = Folder::new().with(name, bytes);
        let answer = folder.run(["why-not", "rekey-disk-wrong-key", name, "--format", "json"]).exits(0).json();
        assert_eq!((&answer["judged"], &answer["candidates"]), (&Value::from(0), &Value::from(Vec::<Value>::new())));
        let text = folder.run(["why-not", "rekey-disk-wrong-key", name, "--width", "160"]).exits(0).text();
        assert!(text.contains("nothing to judge it on"), "{text}");
    }
    let folder = Folder::new();
    folder.run(["why-not", "rekey-disk-wrong-key", "nothing-there"]).exits(2).refuses("cannot read");
}

/// The first condition of the nearest candidate.
fn first(answer: &Value) -> &Value {
    &answer["candidates"][0]["conditions"][0]
}

#[test]
fn the_nearest_miss_says_why_it_is_none() {
    let failed = "2023-03-10T15:16:22.314Z In(05) vmx - Msg_Post: Error\n";
    let quoted = WRONG_KEY.replace("vmx - DISKLIB", "vmx - Guest: DISKLIB");
    let elsewhere = WRONG_KEY.replace("APP-01", "APP-02");
    // In the VM's own log only as words of the guest; the real one is about another VM.
    let folder = Folder::new()
        .with("APP-01/vmware.log", [QUIET, failed, &quoted].concat())
        .with("APP-02/vmware.log", [QUIET, &elsewhere].concat());
    let args = ["why-not", "rekey-disk-wrong-key", ".", "--format", "json"];
    let answer = folder.run(args).exits(0).json();
    assert_eq!(answer["candidates"][0]["conclusion"]["type"], "holds", "{answer:#}");
    assert_eq!(first(&answer)["state"], "met");
    assert_eq!(first(&answer)["evidence"][0]["source"], "./APP-02/vmware.log");
    let count = &answer["events"][0]["count"];
    assert_eq!(count, 1, "the guest's words are no event: {answer:#}");
}

#[test]
fn a_typing_error_in_a_flag_is_told() {
    let vm = asked("rekey-disk-wrong-key", "provider-not-found", &["--vm", "PAY-99"]);
    assert!(vm.contains("no VM of the input goes by `PAY-99`"), "{vm}");
    let range = ["why-not", "rekey-disk-wrong-key", "x.log", "--since", "2023-01-02", "--until", "2023-01-01"];
    Folder::new().with("x.log", QUIET).run(range).exits(2).refuses("is not before");
}

#[test]
fn few_are_shown_and_the_rest_is_counted() {
    let all = asked("ha-vmmon-reset-during-rekey", "provider-not-found", &["--format", "json"]);
    let all: Value = serde_json::from_str(&all).unwrap();
    assert_eq!((&all["judged"], all["candidates"].as_array().unwrap().len()), (&Value::from(2), 2));
    let one = asked("ha-vmmon-reset-during-rekey", "provider-not-found", &["--most", "1", "--format", "json"]);
    let one: Value = serde_json::from_str(&one).unwrap();
    assert_eq!((&one["judged"], &one["candidates"][0]), (&Value::from(2), &all["candidates"][0]));
    assert_eq!(one["candidates"].as_array().unwrap().len(), 1);
    let text = asked("ha-vmmon-reset-during-rekey", "provider-not-found", &["--most", "1"]);
    assert!(text.contains("--most N shows more"), "{text}");
}

#[test]
fn names_are_shown_and_not_obeyed_and_threads_change_nothing() {
    let name = "\u{1b}]0;PWNED\u{7}\u{202e}\u{9b}31m";
    let log = [WRONG_KEY.replace("APP-01-lKPs", name), QUIET.to_owned()].concat();
    let folder = Folder::new().with("vmware.log", &log).with("vmware-1.log", QUIET);
    for flags in [&[][..], &["-v"], &["--ascii"], &["--format", "json"], &["--vm", name]] {
        let run = |threads: &str| {
            let args = [&["why-not", "rekey-disk-wrong-key", ".", "--threads", threads], flags].concat();
            let ended = folder.run(args).exits(0);
            assert_harmless(name, ended.bytes());
            ended.text()
        };
        assert_eq!(run("1"), run("4"));
    }
    let refused = folder.run(["why-not", name, "."]).exits(2);
    assert_harmless(name, refused.errors().as_bytes());
    let ascii = folder.run(["why-not", "rekey-disk-wrong-key", ".", "--ascii", "-v"]).exits(0).text();
    assert!(ascii.is_ascii(), "{ascii}");
}
