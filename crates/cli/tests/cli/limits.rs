//! Every limit of the reading has a flag, and what it stops is told with the place and the flag.

use std::process::Stdio;

use crate::harness::{Folder, QUIET, esxray};

const VMX: &str = ".encoding = \"UTF-8\"\nconfig.version = \"8\"\nvirtualHW.version = \"19\"\ndisplayName = \"APP-01\"\n\
guestOS = \"rhel8-64\"\nnvram = \"APP-01.nvram\"\n";

/// What is told of a run over `in` with these flags, as `source: problem`.
fn problems(folder: &Folder, flags: &[&str]) -> Vec<String> {
    let mut run = folder.run([&["in", "--format", "json"], flags].concat());
    run.command.stdout(Stdio::piped());
    let report = run.ends().json();
    let problems = report["problems"].as_array().unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    problems.iter().map(|it| format!("{}: {}", text(&it["source"]), text(&it["problem"]))).collect()
}

#[test]
fn what_a_limit_stops_is_told_with_its_place_and_its_flag() {
    let long = format!("{}{}\n", QUIET.trim_end(), "x".repeat(4000));
    let vmx = VMX.to_owned() + &"guestinfo.note = \"nothing of weight\"\n".repeat(4000);
    let folder = Folder::new().with("in/a.log", [QUIET, &long].concat()).with("in/b.log", QUIET).with("in/c.vmx", vmx);
    for (flag, value, place) in [
        ("--max-bytes", "1KiB", "in/a.log"),
        ("--max-record", "100", "in/a.log"),
        ("--max-line", "100", "in/a.log"),
        ("--max-members", "1", "in/"),
        ("--max-file", "100KiB", "in/c.vmx"),
    ] {
        let told = problems(&folder, &[flag, value]);
        assert!(told.iter().any(|it| it.starts_with(place) && it.contains(flag)), "{flag}: {told:?}");
        assert!(problems(&folder, &[]).is_empty());
    }
}

#[test]
fn every_flag_that_a_message_names_exists() {
    let help = esxray(["diagnose", "--help"]).exits(0).text();
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let mut named = 0;
    for room in ["bundle", "diagnosis", "record"] {
        for file in walk(&format!("{root}/{room}/src")) {
            let text = std::fs::read_to_string(file).unwrap();
            for (at, _) in text.match_indices("--max-") {
                let flag: String = text[at..].chars().take_while(|c| c.is_ascii_lowercase() || *c == '-').collect();
                assert!(help.contains(&format!("{flag} <")), "{flag} is told of and does not exist");
                named += 1;
            }
        }
    }
    assert!(named > 8, "only {named} messages name a flag");
}

fn walk(folder: &str) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() { files.extend(walk(entry.to_str().unwrap())) } else { files.push(entry) }
    }
    files
}

#[test]
fn the_defaults_are_told() {
    let help = esxray(["inventory", "--help"]).exits(0).text();
    for (flag, default) in [("ratio", "200"), ("depth", "8"), ("record", "4MiB"), ("free", "512MiB"), ("path", "4KiB")]
    {
        let at = help.find(&format!("--max-{flag} <")).unwrap_or_else(|| panic!("{flag}"));
        let rest = &help[at..];
        assert!(rest[..rest.find("\n\n").unwrap_or(rest.len())].contains(&format!("[default: {default}]")), "{flag}");
    }
}
