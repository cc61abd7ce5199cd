//! Hostile and broken inputs, judged by their manifest, where the generator is at hand.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::disallowed_methods, reason = "the test reads what the generator wrote")]

use std::collections::HashMap;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

/// Cases that are left out, and why.
const LEFT_OUT: &[(&str, &str)] = &[
    ("a07", "made only with --big"),
    ("c17", "a bomb, half a minute in a test build"),
    ("c21", "a flood of seven million records"),
    ("d08", "100,000 members, a minute in a test build"),
    ("c18", "a bomb like c17, half a minute in a test build"),
    ("c19", "a bomb like c17, half a minute in a test build"),
    ("c20", "a bomb like c17, half a minute in a test build"),
    ("d25", "a bomb like c17, half a minute in a test build"),
    ("d26", "a bomb like c17, half a minute in a test build"),
    ("e04", "a bomb like c17, half a minute in a test build"),
    ("e05", "a bomb like c17, half a minute in a test build"),
    ("e06", "a bomb like c17, half a minute in a test build"),
    ("f09", "4 GiB of a hole"),
    ("f13", "a test of its own, with the live writer"),
    ("f14", "is about `follow`, which does not exist"),
    ("f15", "is about `follow`, which does not exist; a file that shrinks is tested in `bundle`"),
    ("f16", "is about `follow`, which does not exist; a file that vanishes is tested in `bundle`"),
    ("h02", "200 MB in one record"),
    ("h03", "200 MB in one line"),
    ("i04", "its evidence stands behind a level that no writer has: such a head is nobody's, and made up at will"),
    ("j30", "a flood"),
    ("j31", "a flood of ten million records"),
    ("j32", "a flood"),
    ("j33", "a flood"),
    ("k", "rule files have another form"),
];

/// Cases whose manifest counts other lines than the issue means, and how many are right.
const LINES: &[(&str, u64)] = &[
    // "31 records, or 1 line and stated", says the manifest: where carriage returns end lines, they are counted.
    ("b11", 31),
    // "31 lines, path shows both layers": its number is that of the bytes of the inner archive.
    ("c15", 31),
    // Not opened, so that none is read: its number is that of the bytes of an inner archive.
    ("c16", 0),
];

/// Cases that end as incomplete although the manifest says complete.
const INCOMPLETE: &[(&str, &str)] = &[
    // GNU tar lists the same member and ends with a failure, "Skipping to next header".
    ("d14", "bytes up to the end hold no further header"),
];

/// Cases that mean nothing to root, who may read everything.
const NOT_AS_ROOT: [&str; 2] = ["f02", "f03"];

/// What came of one run.
struct Run {
    code: i32,
    report: Option<Value>,
}

fn is_one_of(id: &str, prefix: &str) -> bool {
    id.strip_prefix(prefix).is_some_and(|rest| !rest.starts_with(|it: char| it.is_ascii_digit()) || prefix.len() == 1)
}

/// A command as a user who is not root: `None` where the tests run as root and cannot become another user.
fn as_nobody() -> Option<Command> {
    let id = Command::new("id").arg("-u").output().ok()?;
    if id.stdout != b"0\n" {
        return Some(Command::new(env!("CARGO_BIN_EXE_esxray")));
    }
    let command = || {
        let mut command = Command::new("setpriv");
        command.args(["--reuid", "65534", "--clear-groups", env!("CARGO_BIN_EXE_esxray")]);
        command
    };
    let works = command().arg("--version").output().is_ok_and(|output| output.status.success());
    works.then(command)
}

fn diagnose(path: &Path) -> Run {
    run(Command::new(env!("CARGO_BIN_EXE_esxray")), path)
}

fn run(mut command: Command, path: &Path) -> Run {
    let output = command.args(["diagnose", "--format", "json"]).arg(path).stdin(Stdio::null()).output().unwrap();
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
    let allowed = INCOMPLETE.iter().find(|(id, _)| is_one_of(row["id"], id));
    let fits = match class {
        _ if allowed.is_some() => {
            run.code == 3 && problems.iter().any(|it| it.to_string().contains(allowed.unwrap().1))
        }
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
    let known = LINES.iter().find(|(id, _)| is_one_of(row["id"], id)).map(|it| it.1);
    if let Some(wanted) = known.or_else(|| row["lines"].parse::<u64>().ok())
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
    let taken: Vec<&str> = ids.filter(|id| !LEFT_OUT.iter().any(|(prefix, _)| is_one_of(id, prefix))).collect();
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
    // Another user has to reach them.
    assert!(Command::new("chmod").arg("755").arg(folder.path()).status().unwrap().success());
    for row in rows {
        let row: HashMap<&str, &str> = names.iter().copied().zip(row).collect();
        let path = folder.path().join(row["path"]);
        let run = if NOT_AS_ROOT.iter().any(|id| is_one_of(row["id"], id)) {
            let Some(command) = as_nobody() else {
                eprintln!("skipped: {}, for there is no setpriv to be another user with", row["id"]);
                continue;
            };
            run(command, &path)
        } else {
            diagnose(&path)
        };
        failed.extend(judge(&row, &run).into_iter().map(|wrong| format!("{}: {wrong}", row["id"])));
    }
    assert!(failed.is_empty(), "{failed:#?}");
}

#[test]
fn a_log_that_grows_while_it_is_read_is_read_to_where_it_ended() {
    let generator = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/attack/gen_attack.py");
    if !generator.exists() {
        eprintln!("skipped: there is no ../shared/attack beside the project");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("vmware.log");
    let writer = Command::new("python3")
        .arg(&generator)
        .args(["--seconds", "2", "--live", "grow"])
        .arg(&log)
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut writer) = writer else {
        eprintln!("skipped: there is no python3");
        return;
    };
    while std::fs::metadata(&log).map_or(0, |it| it.len()) == 0 && writer.try_wait().unwrap().is_none() {
        std::thread::yield_now();
    }
    let mut last = 0;
    while writer.try_wait().unwrap().is_none() {
        let run = diagnose(&log);
        let report = run.report.unwrap();
        let row = &report["coverage"][0];
        let number = |name: &str| row[name].as_u64().unwrap();
        assert_eq!(run.code, 0, "{report:#}");
        assert_eq!(number("records") + number("unparsed_lines"), number("lines"), "{report:#}");
        assert!(number("bytes") >= last, "{report:#}");
        last = number("bytes");
    }
    assert!(last > 0);
}
