//! `esxray inventory` over every case.

use std::process::Stdio;

use crate::harness::{assert_harmless, cases, esxray, input, on_cases};
use crate::json::Judge;

fn text(case: &str, flags: &[&str]) -> Vec<u8> {
    on_cases([&["inventory", input(case).as_str()], flags].concat()).exits(0).bytes().to_vec()
}

#[test]
fn every_case_keeps_the_schema() {
    let judge = Judge::of("inventory");
    for case in cases() {
        let answer = on_cases(["inventory", input(&case).as_str(), "--format", "json"]).exits(0);
        judge.accepts(&answer.json());
        assert_harmless(&case, answer.bytes());
    }
    assert!(judge.refuses(&serde_json::json!({ "schema_version": 1 })), "the schema takes anything");
}

#[test]
fn the_same_bytes_with_any_number_of_threads() {
    for case in cases() {
        for form in [&["--format", "json"][..], &["-v"]] {
            let of = |threads| text(&case, &[form, &["--threads", threads]].concat());
            assert!(of("1") == of("7"), "{case} {form:?}");
        }
    }
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for case in cases() {
        for (width, flags) in [(60, &["-v"][..]), (80, &[]), (97, &["-v", "--ascii"])] {
            let text = String::from_utf8(text(&case, &[&["--width", &width.to_string()], flags].concat())).unwrap();
            assert_harmless(&case, text.as_bytes());
            for line in text.lines() {
                assert!(line.chars().count() <= width, "{case} at {width}: {line}");
            }
        }
    }
}

#[test]
fn nothing_of_the_input_drives_the_terminal() {
    let folder = crate::harness::Folder::new();
    let log = "2023-02-14T15:30:18.858Z info hostd[2099138] [Originator@6876 sub=Vmsvc.vm:/vmfs/volumes/ds1/A\u{1b}[2J/A\u{202e}.vmx opID=a-1] \
Failed to resolve: vim.fault x\n";
    let folder = folder.with("in/a\u{1b}[31m.log", log);
    for flags in [&["-v"][..], &["--format", "json"]] {
        let answer = esxray([&["inventory", "in"], flags].concat()).within(folder.path()).exits(0);
        assert_harmless("hostile", answer.bytes());
    }
}

#[test]
fn what_cannot_be_read_is_no_inventory() {
    esxray(["inventory", "no-such-folder"]).exits(2);
    esxray(["inventory", ".", "--gap", "0"]).exits(2);
}

#[test]
fn the_case_of_the_article() {
    let text = String::from_utf8(text("ha-reset-mid-rekey", &["--width", "80"])).unwrap();
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("ha-reset-mid-rekey@inventory", text);
    });
}

#[test]
fn the_gaps_are_those_that_were_asked_for() {
    let gaps = |minutes: &str| -> usize {
        let mut run = on_cases(["inventory", input("clean-host").as_str(), "--format", "json", "--gap", minutes]);
        run.command.stdout(Stdio::piped());
        let answer = run.ends().json();
        answer["sources"].as_array().unwrap().iter().map(|it| it["gaps"].as_array().map_or(0, Vec::len)).sum()
    };
    assert!(gaps("60") > gaps("240"));
    assert_eq!(gaps("100000"), 0);
}
