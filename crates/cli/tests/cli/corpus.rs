//! Real logs of machines on which nothing of what we look for happened. They are not part of the repository.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::harness::esxray;

fn logs(folder: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus").join(folder);
    let mut logs = Vec::new();
    let mut folders = vec![root];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for path in entries.map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else {
                logs.push(path);
            }
        }
    }
    logs.sort();
    if logs.is_empty() {
        eprintln!("SKIPPED: there is no ../shared/corpus/{folder} beside the project");
    }
    logs
}

/// Causes that would be a false alarm in these logs.
fn alarms() -> BTreeSet<String> {
    let list = esxray(["knowledge", "list", "--format", "json"]).exits(0).json();
    let causes = list["causes"].as_array().unwrap().iter();
    let of = ["rekey", "key-provider", "encryption", "ha"];
    let alarms = causes.filter(|cause| of.iter().any(|category| cause["category"] == *category));
    let alarms: BTreeSet<String> = alarms.map(|cause| cause["id"].as_str().unwrap().to_owned()).collect();
    assert!(alarms.contains("rekey-disk-wrong-key") && alarms.contains("ha-vm-monitoring-reset"), "{alarms:?}");
    alarms
}

#[test]
fn nothing_of_it_is_taken_for_an_encryption_or_ha_failure() {
    let alarms = alarms();
    for path in logs("vmware-log").into_iter().chain(logs("excerpts")) {
        let mut run = esxray(["diagnose", "--format", "json"]);
        run.command.arg(&path).stdout(Stdio::piped());
        let report = run.ends().json();
        for finding in report["incidents"].as_array().unwrap().iter().flat_map(|it| it["findings"].as_array().unwrap())
        {
            let is_alarm = alarms.contains(finding["cause"].as_str().unwrap()) && finding["grade"] != "possible";
            assert!(!is_alarm, "{}: {}", path.display(), finding["title"]);
        }
    }
}

#[test]
fn every_line_of_a_whole_log_belongs_to_a_record() {
    for path in logs("vmware-log") {
        let mut run = esxray(["diagnose", "--format", "json"]);
        run.command.arg(&path).stdout(Stdio::piped());
        let report = run.ends().json();
        for row in report["coverage"].as_array().unwrap() {
            assert_eq!(row["unparsed_lines"], 0, "{}", path.display());
        }
        assert_eq!(report["problems"], serde_json::json!([]), "{}", path.display());
    }
}
