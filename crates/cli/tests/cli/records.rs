//! `esxray records`.

use std::process::Stdio;

use serde_json::Value;

use crate::harness::{Folder, QUIET, WRONG_KEY, assert_harmless, cases, esxray, input, on_cases};
use crate::json::Judge;

fn lines(text: &str) -> Vec<Value> {
    assert!(text.is_empty() || text.ends_with('\n'));
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

#[test]
fn there_is_one_line_for_each_record_that_coverage_counts() {
    for case in cases() {
        let mut run = on_cases(["records", &input(&case)]);
        run.command.stdout(Stdio::piped());
        let ended = run.ends();
        assert_harmless(&case, ended.bytes());
        let records = lines(&ended.text());
        let mut run = on_cases(["--format", "json", &input(&case)]);
        run.command.stdout(Stdio::piped());
        let report = run.ends().json();
        for row in report["coverage"].as_array().unwrap() {
            let here: Vec<&Value> = records.iter().filter(|record| record["source"] == row["source"]).collect();
            assert_eq!(here.len() as u64, row["records"].as_u64().unwrap(), "{}", row["source"]);
            assert!(here.is_sorted_by_key(|record| record["line"].as_u64()), "{}", row["source"]);
        }
        let all: u64 = report["coverage"].as_array().unwrap().iter().map(|row| row["records"].as_u64().unwrap()).sum();
        assert_eq!(records.len() as u64, all, "{case}");
    }
}

#[test]
fn every_record_keeps_the_schema() {
    let judge = Judge::of(&["records"]);
    for record in lines(&on_cases(["records", &input("both-causes")]).exits(0).text()) {
        judge.accepts(&record);
    }
}

#[test]
fn a_record_says_what_its_head_says() {
    let text = [
        "2023-03-10T15:16:19.870Z error hostd[2099045] [Originator@6876 sub=Vimsvc.TaskManager opID=ab-1 user=vpxuser] Failed\n",
        "--> (vmodl.fault.SystemError) {\n",
        "-->    reason = \"Zeit\u{fc}berschreitung\"\n",
        "\n",
        "2023-03-10T15:16:20.000Z info hostd[2099046] [Originator@6876 sub=Hostsvc] next\n",
    ];
    let records = lines(&esxray(["records", "-"]).stdin(text.concat()).exits(0).text());
    assert_eq!(records.len(), 2);
    let first = &records[0];
    for (key, value) in [
        ("source", "-"),
        ("format", "hostd"),
        ("dialect", "hostd-6"),
        ("time", "2023-03-10T15:16:19.870Z"),
        ("level", "error"),
        ("component", "Vimsvc.TaskManager"),
        ("op_id", "ab-1"),
        ("user", "vpxuser"),
        ("message", "Failed"),
    ] {
        assert_eq!(first[key], value, "{key}");
    }
    assert_eq!((&first["line"], &first["last_line"], &first["byte_offset"]), (&1.into(), &3.into(), &0.into()));
    assert_eq!(first["continuation"][1], "   reason = \"Zeit\u{fc}berschreitung\"");
    assert_eq!(first["fields"], serde_json::json!({ "program": "hostd" }));
    assert_eq!(first["raw_hex"], Value::Null);
    assert_eq!(records[1]["line"], 5);
}

#[test]
fn bytes_that_are_no_text_come_back() {
    let raw = b"2023-03-10T15:16:20.000Z In(05) vmx - displayName = \"B\xfcro\"\n";
    let pairs = |hex: &str| hex.as_bytes().chunks(2).map(|pair| String::from_utf8_lossy(pair).into_owned()).collect();
    let records = lines(&esxray(["records", "-"]).stdin(&raw[..]).exits(0).text());
    let hex: Vec<String> = pairs(records[0]["raw_hex"].as_str().unwrap());
    let bytes: Vec<u8> = hex.iter().map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect();
    assert_eq!(bytes, raw);
    assert_eq!(records[0]["message"], "displayName = \"B\u{fffd}ro\"");
}

#[test]
fn a_range_of_time_is_taken_out() {
    let text = [QUIET, WRONG_KEY].concat();
    let of = |args: &[&str]| lines(&esxray([&["records", "-"], args].concat()).stdin(text.as_str()).exits(0).text());
    assert_eq!(of(&["--since", "2023-03-10T15:16:21Z"])[0]["line"], 2);
    assert_eq!(of(&["--until", "2023-03-10T15:16:21Z"])[0]["line"], 1);
    assert_eq!(of(&["--since", "2023-03-10"]).len(), 2);
    let run = esxray(["records", "-", "--until", "2023-03-10"]).stdin(text.as_str());
    run.exits(1).refuses("no record was found");
}

#[test]
fn an_array_holds_the_same_as_the_lines() {
    let lines = lines(&on_cases(["records", &input("recovered")]).exits(0).text());
    let array = on_cases(["records", &input("recovered"), "--format", "json"]).exits(0).json();
    assert_eq!(array, Value::Array(lines));
    let nothing = esxray(["records", "-", "--format", "json"]).exits(1);
    assert_eq!(nothing.json(), serde_json::json!([]));
}

#[test]
fn nothing_found_is_1() {
    let folder = Folder::new().with("noise.bin", [0, 1, 2].repeat(900)).with("empty/.keep", "");
    for path in ["noise.bin", "empty"] {
        folder.run(["records", path]).exits(1).refuses("no record was found");
    }
}

#[test]
fn what_was_not_read_is_told_on_standard_error() {
    let case = input("damaged");
    let ended = on_cases(["records", &case]).exits(0);
    assert!(ended.errors().contains("warning: damaged/input/esx10/hostd.0.gz: "), "{}", ended.errors());
    assert_eq!(on_cases(["records", &case, "-q"]).exits(0).errors(), "");
    let records = lines(&ended.text());
    assert!(records.iter().any(|record| record["source"] == "damaged/input/esx10/hostd.0.gz"), "what was read is kept");
}

#[test]
fn zone_and_year_are_taken_from_the_flags() {
    let text = "Mar 10 16:16:20 esx07.lab.example Hostd: info hostd[2099045] [Originator@6876 sub=Hostsvc] x\n";
    let run = esxray(["records", "-", "--tz", "+01:00", "--year", "2023"]).stdin(text);
    assert_eq!(lines(&run.exits(0).text())[0]["time"], "2023-03-10T15:16:20.000Z");
    let run = esxray(["records", "-", "--tz", "Europe/Paris", "--year", "2023"]).stdin(text);
    assert_eq!(lines(&run.exits(0).text())[0]["time"], "2023-03-10T15:16:20.000Z");
}
