//! The failure catalogue against the knowledge base: each of its texts, by itself, yields its entry and no other family.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::disallowed_methods, reason = "the test reads the catalogue")]
#![expect(clippy::print_stderr, reason = "the test says what it skipped")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use esxray::diagnosis::Recogniser;
use esxray::knowledge::{Cause, Condition};
use esxray::{Grade, Knowledge, Options};
use saphyr::{LoadableYamlNode, Yaml};

/// Texts that do not yield their entry: its id, which of its texts, and why that is right.
const NOT_YIELDED: &[(&str, usize, &str)] = &[
    ("cbt-change-tracking-error", 0, "the catalogue names it a counter-sample: tracking ends in good order"),
    ("ha-vm-monitoring-reset", 0, "a screenshot precedes a reset, but consoles and portals take them all day"),
    ("ha-vmmon-reset-during-rekey", 0, "a reset alone: that it fell into a re-key, another log has to show"),
    ("ha-vmmon-reset-during-rekey", 1, "a reset alone: that it fell into a re-key, another log has to show"),
    ("nfs-server-disconnect", 0, "the connection is restored: the text shows the end of the failure alone"),
];

/// Findings of another family that are right: the entry, which of its texts, the other cause, and why.
const ALSO_HELD: &[(&str, usize, &str, &str)] = &[
    (
        "ha-vmmon-reset-during-rekey",
        0,
        "ha-vm-monitoring-reset",
        "the family of the entry is the re-key, the text's is HA",
    ),
    (
        "ha-vmmon-reset-during-rekey",
        1,
        "ha-vm-monitoring-reset-exhausted",
        "the family of the entry is the re-key, the text's is HA",
    ),
    ("host-corrected-memory-errors", 0, "hostd-non-responsive", "its second line says so"),
    ("vmkernel-heap-exhausted", 0, "hostd-crash-core", "its last lines tell of the core dump of hostd"),
];

/// An entry of the catalogue: its id and its texts.
struct Entry {
    id: String,
    texts: Vec<String>,
}

/// All entries, or `None` where the catalogue is not beside the project.
fn catalogue() -> Option<Vec<Entry>> {
    let mut entries = Vec::new();
    for file in ["encryption.yaml", "adjacent.yaml"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/knowledge").join(file);
        let Ok(text) = fs::read_to_string(&path) else {
            eprintln!("SKIPPED: there is no ../shared/knowledge/{file} beside the project");
            return None;
        };
        let documents = Yaml::load_from_str(&text).unwrap();
        let listed = documents.first().and_then(|it| it.as_mapping_get("entries")).unwrap();
        entries.extend(listed.as_sequence().unwrap().iter().map(entry));
    }
    Some(entries)
}

fn entry(node: &Yaml<'_>) -> Entry {
    let id = node.as_mapping_get("id").unwrap().as_str().unwrap().to_owned();
    let listed = ["excerpts", "examples"].iter().filter_map(|key| node.as_mapping_get(key)?.as_sequence());
    let text = |node: &Yaml<'_>| node.as_mapping_get("text").unwrap_or(node).as_str().unwrap().to_owned();
    Entry { id, texts: listed.flatten().map(text).collect() }
}

/// The cause that an entry became: by its id, or by the alias that took it over.
fn owner<'k>(knowledge: &'k Knowledge, id: &str) -> Option<&'k Cause> {
    let by_alias = || knowledge.causes.iter().find(|cause| cause.aliases.iter().any(|alias| alias == id));
    knowledge.cause(id).or_else(by_alias)
}

/// What a text yields by itself.
struct Yield {
    /// Its entry's cause was found or, where that is evidence only, seen.
    own: bool,
    /// Causes of other families that were found at `probable` or above.
    foreign: BTreeSet<String>,
}

fn yielded(knowledge: &Knowledge, recogniser: &Recogniser<'_>, owner: &Cause, text: &str, folder: &Path) -> Yield {
    let path = folder.join("excerpt.txt");
    fs::write(&path, text).unwrap();
    let options = Options { threads: Some(1), ..Options::default() };
    let diagnosis = esxray::diagnosis::diagnose(&[path], knowledge, &options).unwrap();
    let findings = || diagnosis.incidents.iter().flat_map(|incident| &incident.findings);
    let of_other_family = |cause: &str| knowledge.cause(cause).is_some_and(|it| it.category != owner.category);
    let foreign = findings().filter(|it| it.grade >= Grade::Probable && of_other_family(&it.cause));
    let foreign: BTreeSet<String> = foreign.map(|it| it.cause.clone()).collect();
    let events = || owner.when.iter().flat_map(Condition::events);
    let seen = || {
        recogniser.recognise(text.as_bytes(), "excerpt.txt").iter().any(|it| events().any(|event| *event == it.event))
    };
    let own = findings().any(|it| it.cause == owner.id) || (owner.context && seen());
    Yield { own, foreign }
}

#[test]
fn each_text_of_the_catalogue_yields_its_entry_and_no_other_family() {
    let Some(entries) = catalogue() else { return };
    let knowledge = Knowledge::builtin().unwrap();
    let recogniser = Recogniser::new(&knowledge).unwrap();
    let texts: Vec<(&Entry, usize, &String)> = entries
        .iter()
        .flat_map(|entry| entry.texts.iter().enumerate().map(move |(at, text)| (entry, at, text)))
        .collect();
    assert!(texts.len() > 200, "only {} texts in the catalogue", texts.len());
    let next = std::sync::atomic::AtomicUsize::new(0);
    let work = || {
        let folder = tempfile::tempdir().unwrap();
        let mut seen: BTreeMap<(&str, usize), Yield> = BTreeMap::new();
        while let Some((entry, at, text)) = texts.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed)) {
            let owner = owner(&knowledge, &entry.id).unwrap_or_else(|| panic!("{} has no cause", entry.id));
            seen.insert((&entry.id, *at), yielded(&knowledge, &recogniser, owner, text, folder.path()));
        }
        seen
    };
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    let seen: BTreeMap<(&str, usize), Yield> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        threads.into_iter().flat_map(|it| it.join().unwrap()).collect()
    });

    let mut wrong = Vec::new();
    for ((id, at), it) in &seen {
        let excused = NOT_YIELDED.iter().any(|(of, which, _)| of == id && which == at);
        match (it.own, excused) {
            (false, false) => wrong.push(format!("{id}, text {at}: does not yield it")),
            (true, true) => wrong.push(format!("{id}, text {at}: yields it, so it needs no exception")),
            _ => {}
        }
        let allowed = ALSO_HELD.iter().filter(|(of, which, ..)| of == id && which == at);
        let allowed: BTreeSet<String> = allowed.map(|(_, _, cause, _)| (*cause).to_owned()).collect();
        wrong.extend(it.foreign.difference(&allowed).map(|cause| format!("{id}, text {at}: yields {cause} too")));
        let unneeded = allowed.difference(&it.foreign);
        wrong.extend(unneeded.map(|cause| format!("{id}, text {at}: needs no exception for {cause}")));
    }
    let known = |id: &str, at: usize| seen.contains_key(&(id, at));
    let stale = NOT_YIELDED.iter().map(|it| (it.0, it.1)).chain(ALSO_HELD.iter().map(|it| (it.0, it.1)));
    wrong.extend(
        stale.filter(|(id, at)| !known(id, *at)).map(|(id, at)| format!("{id}, text {at}: there is no such text")),
    );
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), seen.len(), wrong.join("\n"));
}

#[test]
fn each_entry_of_the_catalogue_is_listed() {
    let Some(entries) = catalogue() else { return };
    let output =
        Command::new(env!("CARGO_BIN_EXE_esxray")).args(["knowledge", "list", "--format", "json"]).output().unwrap();
    let list: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let strings = |value: &serde_json::Value| -> Vec<String> {
        value.as_array().unwrap().iter().map(|it| it.as_str().unwrap().to_owned()).collect()
    };
    let causes = list["causes"].as_array().unwrap().iter();
    let listed: BTreeSet<String> = causes
        .flat_map(|it| strings(&it["aliases"]).into_iter().chain([it["id"].as_str().unwrap().to_owned()]))
        .collect();
    assert_eq!(entries.len(), 236);
    let missing: Vec<&str> = entries.iter().map(|it| it.id.as_str()).filter(|id| !listed.contains(*id)).collect();
    assert!(missing.is_empty(), "not listed: {missing:?}");
}
