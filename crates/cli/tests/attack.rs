//! Hostile and broken inputs, judged by their manifest, where the generator is at hand.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::disallowed_methods, reason = "the test reads what the generator wrote")]

use std::collections::HashMap;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

/// Cases that are left out: bombs and floods take minutes in a test build, some need a live writer or another
/// user than root, and rule files have another form here.
const LEFT_OUT: &[(&str, &str)] = &[
    ("a07", "made only with --big"),
    ("b11", "its manifest counts one line where carriage returns end lines here"),
    ("c15", "its manifest counts the lines of the inner archive's bytes"),
    ("c16", "its manifest counts the lines of the archive's bytes"),
    ("c17", "a bomb"),
    ("c18", "a bomb"),
    ("c19", "a bomb"),
    ("c20", "a bomb"),
    ("c21", "a flood"),
    ("d08", "100,000 members"),
    ("d14", "the archive is flagged as damaged, which the manifest allows and its exit class does not"),
    ("d25", "a bomb"),
    ("d26", "a bomb"),
    ("e04", "a bomb"),
    ("e05", "a bomb"),
    ("e06", "a bomb"),
    ("f02", "root may read everything"),
    ("f03", "root may read everything"),
    ("f09", "4 GiB of a hole"),
    ("f13", "needs a live writer"),
    ("f14", "needs a live writer"),
    ("f15", "needs a live writer"),
    ("f16", "needs a live writer"),
    ("h02", "a flood"),
    ("h03", "a flood"),
    ("j30", "a flood"),
    ("j31", "a flood"),
    ("j32", "a flood"),
    ("j33", "a flood"),
    ("k", "rule files have another form"),
];

/// What came of one run.
struct Run {
    code: i32,
    report: Option<Value>,
}

fn diagnose(path: &Path) -> Run {
    let output = Command::new(env!("CARGO_BIN_EXE_esxray"))
        .args(["diagnose", "--format", "json"])
        .arg(path)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let code = output.status.code().unwrap_or_else(|| panic!("{} ended by a signal", path.display()));
    Run { code, report: serde_json::from_slice(&output.stdout).ok() }
}

/// Everything that is wrong with a run by the row of the manifest.
fn judge(row: &HashMap<&str, &str>, run: &Run) -> Vec<String> {
    let mut wrong = Vec::new();
    let class = row["exit_class"];
    let Some(report) = &run.report else {
        if !(class == "REFUSED" && run.code == 2) {
            wrong.push(format!("no report, exit code {}", run.code));
        }
        return wrong;
    };
    let array = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let problems = array(&report["problems"]);
    let fits = match class {
        "COMPLETE" => run.code <= 1,
        "PARTIAL" => run.code == 3 || (run.code == 1 && !problems.is_empty()),
        _ => run.code == 2 || run.code == 3,
    };
    if !fits {
        wrong.push(format!("exit code {} for {class}", run.code));
    }
    let number = |row: &Value, name: &str| row[name].as_u64().unwrap();
    let coverage = array(&report["coverage"]);
    for source in &coverage {
        let kinds = ["records", "continuation_lines", "unparsed_lines", "blank_lines"];
        if kinds.iter().map(|kind| number(source, kind)).sum::<u64>() != number(source, "lines") {
            wrong.push(format!("the lines of {} do not add up", source["source"]));
        }
    }
    let lines: u64 = coverage.iter().map(|source| number(source, "lines")).sum();
    if let Ok(wanted) = row["lines"].parse::<u64>()
        && wanted != lines
    {
        wrong.push(format!("{lines} lines instead of {wanted}"));
    }
    let findings: Vec<Value> = array(&report["incidents"]).iter().flat_map(|it| array(&it["findings"])).collect();
    let wrong_key: Vec<&Value> = findings.iter().filter(|it| it["cause"] == "rekey-disk-wrong-key").collect();
    if row["must_find"].contains("DECRYPT") && wrong_key.is_empty() {
        wrong.push("the disk that cannot be decrypted is not found".to_owned());
    }
    let never = row["must_not_find"];
    if never == "ANY" && !findings.is_empty() {
        wrong.push(format!("{} findings where there is nothing", findings.len()));
    }
    if never.contains("high confidence") && findings.iter().any(|it| it["grade"] == "confirmed") {
        wrong.push("confirmed what is doubtful".to_owned());
    }
    if never == "DECRYPT" && !wrong_key.is_empty() {
        wrong.push("a quotation is taken for the thing".to_owned());
    }
    if never.contains("active") && report["verdict"] == "failure" {
        wrong.push("what recovered is reported as open".to_owned());
    }
    wrong
}

#[test]
fn every_case_ends_as_its_manifest_says() {
    let generator = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/attack/gen_attack.py");
    let listed = Command::new("python3").arg(&generator).arg("--list").output();
    let ids = match &listed {
        Ok(output) if generator.exists() && output.status.success() => String::from_utf8_lossy(&output.stdout),
        _ => {
            eprintln!("skipped: there is no ../shared/attack beside the project, or no python3");
            return;
        }
    };
    // Each line of the list is an id and its group.
    let ids = ids.lines().filter_map(|line| line.split_whitespace().next());
    let taken: Vec<&str> = ids.filter(|id| !LEFT_OUT.iter().any(|(prefix, _)| id.starts_with(prefix))).collect();
    assert!(taken.len() > 120, "{} cases", taken.len());
    let folder = tempfile::tempdir().unwrap();
    let made = Command::new("python3")
        .arg(&generator)
        .arg(folder.path())
        .args(["--only", &taken.join(",")])
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(made.success());
    let manifest = std::fs::read_to_string(folder.path().join("MANIFEST.tsv")).unwrap();
    let mut rows = manifest.lines().map(|line| line.split('\t').collect::<Vec<_>>());
    let names = rows.next().unwrap();
    let mut failed = Vec::new();
    for row in rows {
        let row: HashMap<&str, &str> = names.iter().copied().zip(row).collect();
        let run = diagnose(&folder.path().join(row["path"]));
        failed.extend(judge(&row, &run).into_iter().map(|wrong| format!("{}: {wrong}", row["id"])));
    }
    assert!(failed.is_empty(), "{failed:#?}");
}
