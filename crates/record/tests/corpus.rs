//! Real logs, where they are at hand: none of their lines may be lost.

use std::path::{Path, PathBuf};

use esxray_record::{ReadOptions, read};

/// The folder of real logs beside the project, or nothing where the project stands alone.
fn corpus(folder: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus").join(folder);
    let Ok(entries) = std::fs::read_dir(&root) else {
        eprintln!("skipped: there is no ../shared/corpus/{folder} beside the project");
        return Vec::new();
    };
    let mut files = Vec::new();
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            files.extend(corpus(&format!("{folder}/{name}")));
        } else {
            files.push(path);
        }
    }
    files.sort();
    files
}

#[expect(clippy::disallowed_methods, reason = "the test reads its own corpus")]
fn account(path: &Path) -> esxray_record::Account {
    let log = std::fs::read(path).unwrap();
    let account = read(&mut &log[..], &path.to_string_lossy(), &ReadOptions::default(), &mut |_| {});
    let newlines = memchr::memchr_iter(b'\n', &log).count() as u64;
    assert_eq!(account.lines, newlines + u64::from(log.last().is_some_and(|byte| *byte != b'\n')), "{}", path.display());
    assert_eq!(
        account.lines,
        account.records + account.continuation_lines + account.unparsed_lines + account.blank_lines,
        "{}",
        path.display()
    );
    account
}

#[test]
fn every_vmware_log_is_read_whole() {
    for path in corpus("vmware-log") {
        let account = account(&path);
        assert_eq!(account.form.unwrap().format, esxray_model::FormatName::VmwareLog, "{}", path.display());
        assert_eq!(account.unparsed_lines, 0, "{}", path.display());
        assert!(account.header.build.is_some(), "{} has a header", path.display());
        assert_eq!(account.foreign, 0, "{}", path.display());
    }
}

#[test]
fn every_excerpt_adds_up() {
    for path in corpus("excerpts") {
        account(&path);
    }
}
