//! `esxray inventory` over every case.

use std::process::Stdio;

use crate::harness::{assert_harmless, cases, esxray, input, on_cases};
use crate::json::Judge;

fn text(case: &str, flags: &[&str]) -> Vec<u8> {
    on_cases([&["inventory", input(case).as_str()], flags].concat()).exits(0).bytes().to_vec()
}

#[test]
fn every_case_keeps_the_schema() {
    let judge = Judge::of(&["inventory"]);
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

/// The inventory of a case as JSON, narrowed by flags.
fn narrowed(case: &str, flags: &[&str]) -> serde_json::Value {
    let mut run = on_cases([&["inventory", input(case).as_str(), "--format", "json"], flags].concat());
    run.command.stdout(Stdio::piped());
    run.ends().with(0).json()
}

#[test]
fn it_is_narrowed_to_a_vm_by_any_of_its_names_and_to_a_time() {
    let case = "ha-reset-mid-rekey";
    let whole = narrowed(case, &[]);
    let of_vm = narrowed(case, &["--vm", "TEST-VM-2"]);
    let judge = Judge::of(&["inventory"]);
    judge.accepts(&of_vm);
    assert_eq!(of_vm["selection"]["vm"], "TEST-VM-2");
    let count = |answer: &serde_json::Value, key: &str| answer[key].as_array().unwrap().len();
    assert_eq!(count(&of_vm, "vms"), 1);
    assert!(whole["vms"].as_array().unwrap().contains(&of_vm["vms"][0]), "the row is the same");
    assert!(count(&whole, "vms") > 1);
    for name in ["62", "vm-1012", "test-vm-2"] {
        assert_eq!(narrowed(case, &["--vm", name])["vms"], of_vm["vms"], "{name}");
    }
    let late = narrowed(case, &["--since", "2100-01-01"]);
    assert_eq!(["vms", "keys", "providers", "sources", "hosts"].map(|key| count(&late, key)), [0; 5]);
    let early = narrowed(case, &["--until", "2100-01-01"]);
    assert_eq!(early["vms"], whole["vms"]);
    assert_eq!(early["sources"], whole["sources"]);
    let none = narrowed(case, &["--vm", "no-such"]);
    assert_eq!(count(&none, "vms"), 0);
    assert!(none["problems"].to_string().contains("no VM of the input goes by `no-such`"));
    esxray(["inventory", ".", "--since", "2024-01-02", "--until", "2024-01-01"])
        .exits(2)
        .refuses("is not before --until");
    let told = String::from_utf8(text(case, &["--vm", "62"])).unwrap();
    assert!(told.contains("narrowed to the VM 62\n"), "{told}");
}

#[test]
fn a_generation_that_is_missing_leaves_a_gap_between_two_but_a_vm_may_be_off() {
    let hostd = |day: u32| {
        let line = |minute: u32| {
            format!(
                "2024-03-{day:02}T10:{minute:02}:00.000Z info hostd[2099138] [Originator@6876 sub=Hostsvc] all is said\n"
            )
        };
        [line(0), line(30)].concat()
    };
    let vmx = |day: u32| {
        format!(
            "2024-03-{day:02}T10:00:00.000Z In(05) vmx - Log for VMware ESX pid=1 version=8.0.2 build=build-22380479 option=Release\n"
        )
    };
    let folder = crate::harness::Folder::new()
        .with("in/esx/hostd.0.log", hostd(11))
        .with("in/esx/hostd.log", hostd(14))
        .with("in/APP-01/vmware-1.log", vmx(1))
        .with("in/APP-01/vmware.log", vmx(9));
    let json = folder.run(["inventory", "in", "--format", "json"]).exits(0).json();
    let between = json["between"].as_array().unwrap();
    let usual: Vec<(&str, bool)> =
        between.iter().map(|it| (it["newer"].as_str().unwrap(), it["usual"].as_bool().unwrap())).collect();
    assert_eq!(usual, [("in/APP-01/vmware.log", true), ("in/esx/hostd.log", false)]);
    assert_eq!(between[1]["from"], "2024-03-11T10:30:00.000Z");
    assert_eq!(between[1]["to"], "2024-03-14T10:00:00.000Z");
    let text = folder.run(["inventory", "in", "--width", "120"]).exits(0).text();
    let expected = "Nothing between two generations\n  – in/esx/hostd.0.log and in/esx/hostd.log: 2024-03-11T10:30:00.000Z → 2024-03-14T10:00:00.000Z (2 d 23 h)\n\n";
    assert!(text.contains(expected), "{text}");
    assert!(folder.run(["inventory", "in", "-v"]).exits(0).text().contains("in/APP-01/vmware-1.log and"));
    let short = folder.run(["inventory", "in", "--gap", "5760"]).exits(0).text();
    assert!(!short.contains("between two generations"), "{short}");
}

#[test]
fn many_sources_are_counted_by_format() {
    let mut folder = crate::harness::Folder::new();
    for number in 0..40 {
        folder = folder.with(&format!("in/{number}/vmware.log"), crate::harness::QUIET);
    }
    let text = folder.run(["inventory", "in"]).exits(0).text();
    assert!(text.contains("  · vmware-log  40 sources, 40 records, 2023-03-10T15:16:20.000Z\n"), "{text}");
    assert!(text.contains("… and 40 more sources (-v shows all)\n"), "{text}");
    assert!(!text.contains("· in/7/vmware.log"), "each by itself:\n{text}");
    let all = folder.run(["inventory", "in", "-v"]).exits(0).text();
    assert!((0..40).all(|number| all.contains(&format!("in/{number}/vmware.log"))));
}
