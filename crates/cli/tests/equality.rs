//! However the same files are packed, the report is the same but for the names of the sources.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::disallowed_methods, reason = "the test packs files")]
#![expect(clippy::print_stderr, reason = "the test says what it skipped")]
#![expect(clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// Cases that differ in what stands in them: a failure over several logs, generations, damage, a paste, nothing.
const CASES: [&str; 6] = ["ha-reset-mid-rekey", "recovered", "damaged", "pasted", "quotes-only", "clean-host"];

/// Runs a shell command in a folder; `false` where a program of it is missing.
fn shell(folder: &Path, script: &str) -> bool {
    let programs = ["tar", "gzip", "bzip2", "xz", "zstd", "zip"];
    let missing = |program: &&&str| {
        let found = Command::new("sh").args(["-c", &format!("command -v {program}")]).stdout(Stdio::null()).status();
        script.split([' ', '|']).any(|word| word == **program) && !found.unwrap().success()
    };
    if let Some(program) = programs.iter().find(missing) {
        eprintln!("skipped: `{script}`, for there is no {program}");
        return false;
    }
    let status = Command::new("sh").args(["-ec", script]).current_dir(folder).stdin(Stdio::null()).status().unwrap();
    assert!(status.success(), "{script}");
    true
}

/// A report on `argument`, with `prefix` in front of each source's name taken for the folder `in/`.
fn report(folder: &Path, argument: &str, stdin: Option<&Path>, prefix: &str) -> Value {
    report_renamed(folder, argument, stdin, (prefix, "in/"))
}

fn report_renamed(folder: &Path, argument: &str, stdin: Option<&Path>, (from, to): (&str, &str)) -> Value {
    let stdin = stdin.map_or(Stdio::null(), |path| File::open(folder.join(path)).unwrap().into());
    let output = Command::new(env!("CARGO_BIN_EXE_esxray"))
        .args(["diagnose", "--format", "json", argument])
        .current_dir(folder)
        .stdin(stdin)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap().replace(from, to);
    let mut report: Value = serde_json::from_str(&text)
        .unwrap_or_else(|why| panic!("{argument}: {why}\n{}", String::from_utf8_lossy(&output.stderr)));
    // The names give the order of these, and nothing else does.
    for list in ["coverage", "problems"] {
        let rows = report[list].as_array_mut().unwrap();
        rows.sort_by_key(ToString::to_string);
    }
    report
}

/// The first place where two reports differ, for a message that can be read.
fn difference(one: &Value, other: &Value, path: &str) -> Option<String> {
    match (one, other) {
        (Value::Object(a), Value::Object(b)) if a.keys().eq(b.keys()) => {
            a.iter().find_map(|(key, value)| difference(value, &b[key], &format!("{path}.{key}")))
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            a.iter().zip(b).enumerate().find_map(|(at, (a, b))| difference(a, b, &format!("{path}[{at}]")))
        }
        _ => (one != other).then(|| format!("{path}: {one} became {other}")),
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let to = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &to);
        } else {
            fs::copy(&path, &to).unwrap();
        }
    }
}

fn fixture(case: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures").join(case).join("input")
}

#[test]
fn however_the_files_are_packed() {
    // What is made, of which the argument is the last word, and what stands in front of each member's name.
    const FORMS: &[(&str, &str, &str)] = &[
        ("tar -cf plain.tar in", "plain.tar", "plain.tar!in/"),
        ("tar -C in -cf dots.tar .", "dots.tar", "dots.tar!./"),
        // The opposite order of the members.
        ("tar -cf turned.tar $(find in -type f | sort -r)", "turned.tar", "turned.tar!in/"),
        ("tar -cf - in | gzip > bundle.tgz", "bundle.tgz", "bundle.tgz!in/"),
        ("tar -cf - in | gzip > named.log", "named.log", "named.log!in/"),
        ("tar -cf - in | bzip2 > bundle.tar.bz2", "bundle.tar.bz2", "bundle.tar.bz2!in/"),
        ("tar -cf - in | xz > bundle.tar.xz", "bundle.tar.xz", "bundle.tar.xz!in/"),
        ("tar -cf - in | zstd -q > bundle.tar.zst", "bundle.tar.zst", "bundle.tar.zst!in/"),
        ("zip -qr bundle.zip in", "bundle.zip", "bundle.zip!in/"),
        ("tar -cf - in | gzip > esx.tgz ; zip -q export.zip esx.tgz", "export.zip", "export.zip!esx.tgz!in/"),
        ("mkdir parts ; tar -cf - in | gzip | split -b 9000 -d -a 5 - parts/b.tgz.FRAG-", "parts", "parts/b.tgz!in/"),
        ("tar -cf - in | gzip > piped.tgz", "-", "-!in/"),
        ("zip -qr piped.zip in", "-", "-!in/"),
    ];
    for case in CASES {
        let folder = tempfile::tempdir().unwrap();
        copy(&fixture(case), &folder.path().join("in"));
        let plain = report(folder.path(), "in", None, "in/");
        assert!(!plain["coverage"].as_array().unwrap().is_empty(), "{case}");
        for (script, argument, prefix) in FORMS {
            if !shell(folder.path(), script) {
                continue;
            }
            let stdin = script.split(' ').find(|it| it.starts_with("piped."));
            let packed = report(folder.path(), argument, stdin.filter(|_| *argument == "-").map(Path::new), prefix);
            if let Some(difference) = difference(&plain, &packed, "") {
                panic!("{case}: {script}: {difference}");
            }
        }
    }
}

#[test]
fn one_log_by_its_path_compressed_piped_or_in_parts() {
    for (case, log) in [("ha-reset-mid-rekey", "esx07/hostd.log"), ("vmware-log-only", "LEGAL-07/vmware.log")] {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("in")).unwrap();
        fs::copy(fixture(case).join(log), folder.path().join("in/x.log")).unwrap();
        let named = report(folder.path(), "in/x.log", None, "in/");
        let found = report(folder.path(), "in", None, "in/");
        assert_eq!(difference(&named, &found, ""), None, "{case}");
        let piped = Some(Path::new("in/x.log"));
        let piped = report_renamed(folder.path(), "-", piped, ("\"-\"", "\"in/x.log\""));
        assert_eq!(difference(&named, &piped, ""), None, "{case}: piped");
        for (script, argument, prefix) in [
            ("mkdir gz ; gzip < in/x.log > gz/x.log", "gz/x.log", "gz/"),
            // Two streams, one behind the other.
            (
                "mkdir two ; head -c 3000 in/x.log | gzip > two/x.log ; tail -c +3001 in/x.log | gzip >> two/x.log",
                "two/x.log",
                "two/",
            ),
            ("mkdir gzgz ; gzip < in/x.log | gzip > gzgz/x.log", "gzgz/x.log", "gzgz/"),
            ("mkdir xz ; xz < in/x.log > xz/x.log", "xz/x.log", "xz/"),
            ("mkdir parts ; split -b 7000 -d -a 5 in/x.log parts/x.log.FRAG-", "parts", "parts/"),
        ] {
            if shell(folder.path(), script) {
                let packed = report(folder.path(), argument, None, prefix);
                assert_eq!(difference(&named, &packed, ""), None, "{case}: {script}");
            }
        }
    }
}
