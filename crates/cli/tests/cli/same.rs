//! The same input gives the same bytes, and is left as it was.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::SystemTime;

use crate::harness::{Folder, Run, cases, esxray, fixtures, input, on_cases};

/// Standard output and status, whatever the status is.
fn answer(mut run: Run) -> Vec<u8> {
    run.command.stdout(Stdio::piped());
    run.ends().bytes().to_vec()
}

const FORMS: [&[&str]; 3] = [&["diagnose", "--format", "json"], &["diagnose", "-v"], &["records"]];

#[test]
fn twice_and_with_any_number_of_threads() {
    for case in cases() {
        for form in FORMS {
            let of = |threads: &str| answer(on_cases([form, &[input(&case).as_str(), "--threads", threads]].concat()));
            let one = of("1");
            assert!(!one.is_empty());
            assert!(one == of("1"), "{case} {form:?}: two runs differ");
            for threads in ["2", "7"] {
                assert!(one == of(threads), "{case} {form:?}: {threads} threads give something else");
            }
        }
    }
}

#[test]
fn wherever_and_in_whatever_surroundings() {
    let folder = Folder::new();
    for case in cases() {
        let path = fixtures().join(input(&case));
        for form in FORMS {
            let run = || esxray(form).within(fixtures());
            let mut plain = run();
            plain.command.arg(&path);
            let mut other = esxray(form).within(folder.path()).env("TZ", "Pacific/Chatham").env("LANG", "ja_JP.SJIS");
            other = other.env("LC_ALL", "C").env("COLUMNS", "31").env("NO_COLOR", "1").env("HOME", "/nonexistent");
            other.command.arg(&path);
            assert!(answer(plain) == answer(other), "{case} {form:?}");
        }
    }
}

#[test]
fn the_order_of_the_files_in_a_folder_does_not_matter() {
    // The same files, written in the opposite order: many file systems list them in another order then.
    let case = fixtures().join("ha-reset-mid-rekey/input");
    let mut files = Vec::new();
    walk(&case, &mut |path| files.push(path.strip_prefix(&case).unwrap().to_owned()));
    let write = |files: &[std::path::PathBuf]| {
        let folder = Folder::new();
        files.iter().fold(folder, |folder, file| {
            folder.with(&format!("in/{}", file.display()), fs::read(case.join(file)).unwrap())
        })
    };
    let forwards = write(&files);
    files.reverse();
    let backwards = write(&files);
    for form in FORMS {
        let of = |folder: &Folder| answer(folder.run([form, &["in"]].concat()));
        assert!(of(&forwards) == of(&backwards), "{form:?}");
    }
}

fn walk(folder: &Path, each: &mut dyn FnMut(&Path)) {
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() { walk(&path, each) } else { each(&path) }
    }
}

#[test]
fn the_input_is_left_as_it_was() {
    let look = |folder: &Path| {
        let mut all: BTreeMap<String, (Vec<u8>, SystemTime)> = BTreeMap::new();
        walk(folder, &mut |path| {
            let written = fs::metadata(path).unwrap().modified().unwrap();
            all.insert(path.display().to_string(), (fs::read(path).unwrap(), written));
        });
        all
    };
    let case = fixtures().join("damaged/input");
    let mut folder = Folder::new();
    let mut files = Vec::new();
    walk(&case, &mut |path| files.push(path.to_owned()));
    for file in files {
        let name = format!("in/{}", file.strip_prefix(&case).unwrap().display());
        folder = folder.with(&name, fs::read(file).unwrap());
    }
    let before = look(folder.path());
    for form in FORMS {
        answer(folder.run([form, &["in"]].concat()));
    }
    assert!(look(folder.path()) == before);
}
