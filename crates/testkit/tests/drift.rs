//! The committed fixtures are what the generator makes today, byte for byte.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use esxray_testkit::{Case, Scenario, Tale};

fn folder(case: Case) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures").join(case.name())
}

#[expect(clippy::disallowed_methods, reason = "a test reads the committed fixtures")]
fn committed(folder: &Path, below: &str, into: &mut BTreeMap<String, Vec<u8>>) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = format!("{below}{}", entry.file_name().display());
        if entry.file_type()?.is_dir() {
            committed(&entry.path(), &format!("{name}/"), into)?;
        } else {
            into.insert(name, std::fs::read(entry.path())?);
        }
    }
    Ok(())
}

#[test]
fn fixtures_are_up_to_date() {
    for case in Case::ALL {
        let mut there = BTreeMap::new();
        committed(&folder(*case).join("input"), "", &mut there)
            .unwrap_or_else(|error| panic!("cannot read fixture {}: {error}", case.name()));
        let made = Scenario::new(*case).generate();
        let names: Vec<&String> = made.files.iter().map(|file| &file.path).collect();
        assert_eq!(there.keys().collect::<Vec<_>>(), names, "files of {}", case.name());
        for file in &made.files {
            let same = there.get(&file.path) == Some(&file.bytes);
            assert!(
                same,
                "{}/input/{} differs from what the generator makes: run `cargo run -p esxray-testkit --bin make-fixtures` and read the difference",
                case.name(),
                file.path
            );
        }
    }
}

#[test]
fn every_case_says_what_it_is() {
    for case in Case::ALL {
        let readme = folder(*case).join("README.md");
        assert!(readme.is_file(), "{} is missing", readme.display());
    }
}

#[test]
fn the_tasks_that_a_readme_names_are_in_its_input() {
    for case in Case::ALL {
        #[expect(clippy::disallowed_methods, reason = "a test reads the committed fixtures")]
        let readme = std::fs::read_to_string(folder(*case).join("README.md")).unwrap();
        let made = Scenario::new(*case).generate();
        for task in readme.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-') {
            let named = task.strip_prefix("task-").is_some_and(|number| number.parse::<u32>().is_ok());
            let needle = task.as_bytes();
            let there = || made.files.iter().any(|file| file.bytes.windows(needle.len()).any(|bytes| bytes == needle));
            assert!(!named || there(), "{} names {task}", case.name());
        }
    }
}

#[test]
fn fixtures_stay_small() {
    let sizes: Vec<usize> = Case::ALL.iter().map(|case| Scenario::new(*case).generate().size()).collect();
    assert!(sizes.iter().all(|size| *size < 1_000_000), "{sizes:?}");
    assert!(sizes.iter().sum::<usize>() < 6_000_000, "{sizes:?}");
}

#[test]
fn what_is_expected_of_each_tale_is_written_down() {
    let mut there = BTreeMap::new();
    committed(&Path::new(env!("CARGO_MANIFEST_DIR")).join("expected"), "", &mut there).unwrap();
    let made: BTreeMap<String, Vec<u8>> =
        Tale::all().iter().map(|tale| (format!("{}.json", tale.name), tale.expected().json().into_bytes())).collect();
    assert!(there == made, "run `cargo run -p esxray-testkit --bin make-fixtures` and read the difference");
}
