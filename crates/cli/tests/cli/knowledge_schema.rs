//! `esxray schema knowledge`, held to the files of the built-in base.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::harness::esxray;
use crate::json::Judge;

const KINDS: [(&str, &str); 5] = [
    ("cause", "causes"),
    ("override", "overrides"),
    ("prohibition", "prohibitions"),
    ("remedy", "remedies"),
    ("signature", "signatures"),
];

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.map(|it| it.unwrap()) {
        if entry.file_type().unwrap().is_dir() {
            files(&entry.path(), found);
        } else {
            found.push(entry.path());
        }
    }
}

fn value(text: &str) -> Value {
    toml::from_str(text).unwrap()
}

#[test]
fn every_built_in_file_keeps_the_schema_of_its_kind() {
    let any = Judge::of(&["knowledge"]);
    for (kind, folder) in KINDS {
        let judge = Judge::of(&["knowledge", kind]);
        let mut found = Vec::new();
        files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../knowledge/data").join(folder), &mut found);
        assert!(kind == "override" || found.len() > 10, "{kind}");
        for path in found {
            let value = value(&std::fs::read_to_string(&path).unwrap());
            assert!(!judge.refuses(&value), "{}", path.display());
            assert!(!any.refuses(&value), "{}", path.display());
        }
    }
}

const OVERRIDE: &str = "severity = 'warning'\nreason = 'a lab'\n";
const PROHIBITION: &str = "text = 'do not'\nreason = 'x'\nrequires = ['vm-running']\nsources = ['y']\n";
const SIGNATURE: &str = "
title = 'x'
logs = ['hostd']
anchors = ['began at']
regex = 'It began at (?<vm>.*)'
tone = 'context'
basis = 'verbatim'
sources = ['y']
fields = { vm = 'vm-name' }
[[sample]]
text = 'It began at APP-01'
fields = { vm = 'APP-01' }
[[not]]
text = 'It ended'
why = 'the end'
";
const CAUSE: &str = "
title = 'x'
category = 'rekey'
kind = 'rekey'
severity = 'error'
about = 'vm'
explanation = 'x'
basis = 'inferred'
affected = 'all'
since = '7.0 U2'
confirm = []
remedies = ['reload-vmx']
sources = ['y']
[[when]]
event = ['disk-open-wrong-key']
count = 2
what = 'a disk did not open'
";
const REMEDY: &str = "
title = 'x'
why = 'x'
kind = 'check'
service_impact = 'none'
history = 'kept'
reversible = true
order = 1
applies = 'x'
prechecks = []
verify = []
risks = []
basis = 'documented'
sources = ['y']
[[step]]
where = 'esxi-shell'
command = 'vim-cmd vmsvc/getallvms'
";

/// What the loader refuses for its form, the editor underlines.
#[test]
fn a_broken_file_is_refused() {
    for (kind, sound, broken) in [
        (
            "signature",
            SIGNATURE,
            &[
                ("tone =", "tune ="),
                ("'hostd'", "'hosd'"),
                ("'began at'", "'began'"),
                ("['hostd']", "[]"),
                ("'verbatim'", "'certain'"),
                ("vm = 'vm-name'", "vm = 'vmname'"),
                ("why = 'the end'", "because = 'the end'"),
                ("[[not]]\ntext = 'It ended'\nwhy = 'the end'", ""),
                ("sources = ['y']", "sources = []"),
                ("title = 'x'", "title = 1"),
            ][..],
        ),
        (
            "cause",
            CAUSE,
            &[
                ("'error'", "'fatal'"),
                ("kind = 'rekey'", "kind = 're-key'"),
                ("about = 'vm'", "about = 'vms'"),
                ("event = ['disk-open-wrong-key']", ""),
                ("event = ['disk-open-wrong-key']", "event = ['a']\nfact = 'vm-running'"),
                ("event = ['disk-open-wrong-key']", "fact = 'vm-runs'"),
                ("count = 2", "count = 0"),
                ("count = 2", "counts = 2"),
                ("confirm = []", ""),
            ],
        ),
        (
            "remedy",
            REMEDY,
            &[
                ("'esxi-shell'", "'bash'"),
                ("kind = 'check'", "kind = 'repair'"),
                ("service_impact = 'none'", "service_impact = 'some'"),
                ("history = 'kept'", "history = 'gone'"),
                ("reversible = true", "reversible = 'yes'"),
                ("order = 1", "order = -1"),
                ("[[step]]\nwhere = 'esxi-shell'\ncommand = 'vim-cmd vmsvc/getallvms'", "step = []"),
            ],
        ),
        ("prohibition", PROHIBITION, &[("'vm-running'", "'vm-runs'"), ("reason", "why"), ("['y']", "[]")]),
        ("override", OVERRIDE, &[("'warning'", "'warn'"), ("reason = 'a lab'", ""), ("severity = 'warning'", "")]),
    ] {
        let (judge, any) = (Judge::of(&["knowledge", kind]), Judge::of(&["knowledge"]));
        judge.accepts(&value(sound));
        any.accepts(&value(sound));
        for (from, to) in broken {
            let text = sound.replacen(from, to, 1);
            assert_ne!(text, sound, "{kind}: {from}");
            assert!(judge.refuses(&value(&text)), "{kind}: {from} → {to}");
            assert!(any.refuses(&value(&text)), "any: {kind}: {from} → {to}");
        }
    }
}

#[test]
fn what_an_editor_shows_comes_from_the_comments() {
    let schema = esxray(["schema", "knowledge", "signature"]).exits(0).json();
    let described = |it: &Value| it["description"].as_str().is_some_and(|text| text.len() > 5);
    let types = schema["$defs"].as_object().unwrap().values().chain([&schema]);
    for of in types {
        assert!(described(of), "{of}");
        for (name, key) in of["properties"].as_object().into_iter().flatten() {
            assert!(described(key), "{name}");
        }
        for word in of["oneOf"].as_array().into_iter().flatten().filter(|it| it.get("const").is_some()) {
            assert!(described(word), "{word}");
        }
    }
    assert!(!schema.to_string().contains("null"), "TOML has no null");
    esxray(["schema", "knowledge", "signatures"]).exits(2);
}
