//! `esxray knowledge` and `--knowledge`.

use std::path::Path;

use serde_json::Value;

use crate::harness::{Folder, QUIET, WRONG_KEY, assert_harmless, esxray};

const SIGNATURE: &str = r#"
title   = "the nightly backup of a VM began"
logs    = ["vmware-log"]
anchors = ["Nightly backup of "]
regex   = 'Nightly backup of (?<vm>\S+) began'
tone    = "context"
basis   = "verbatim"
sources = ["our own backup script"]
fields  = { vm = "vm-name" }

[[sample]]
text   = "Nightly backup of APP-01 began"
fields = { vm = "APP-01" }

[[not]]
text = "Nightly backup of APP-01 is off"
why  = "nothing began"
"#;

#[test]
fn the_list_names_everything() {
    let text = esxray(["knowledge", "list"]).exits(0).text();
    let json = esxray(["knowledge", "list", "--format", "json"]).exits(0).json();
    for kind in ["causes", "remedies", "prohibitions", "signatures"] {
        let entries = json[kind].as_array().unwrap();
        assert!(!entries.is_empty());
        assert!(text.contains(&format!("{} {kind}\n", entries.len())), "{kind}");
        for entry in entries {
            assert!(text.contains(&format!("\n  {} ", entry["id"].as_str().unwrap())), "{entry}");
        }
    }
    assert_eq!(json["packs"], serde_json::json!(["builtin"]));
}

#[test]
fn the_list_is_narrowed_by_each_filter_and_by_all() {
    let listed =
        |filters: &[&str]| esxray([&["knowledge", "list", "--format", "json"], filters].concat()).exits(0).json();
    let ids = |list: &Value, kind: &str| -> Vec<String> {
        list[kind].as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect()
    };
    let all = listed(&[]);
    for filters in [
        &["--category", "rekey"][..],
        &["--category", "rekey", "--category", "ha"],
        &["--severity", "critical"],
        &["--component", "vcpu-0"],
        &["--component", "Vimsvc.TaskManager", "--log", "hostd"],
        &["--log", "vmware-log"],
        &["--applies-to", "6.0"],
        &["--severity", "error", "--category", "kms", "--applies-to", "8.0U2", "--log", "hostd"],
    ] {
        let list = listed(filters);
        for kind in ["causes", "signatures"] {
            let (some, every) = (ids(&list, kind), ids(&all, kind));
            assert!(!some.is_empty() && some.len() < every.len(), "{filters:?}: {} {kind}", some.len());
            assert!(some.iter().all(|id| every.contains(id)));
        }
    }
    let critical = listed(&["--category", "rekey", "--severity", "critical"]);
    assert!(ids(&critical, "causes").contains(&"rekey-disk-wrong-key".to_owned()));
    for cause in critical["causes"].as_array().unwrap() {
        assert_eq!((&cause["category"], &cause["severity"]), (&"rekey".into(), &"critical".into()));
    }
    // Native key providers are there from 7.0 U2 on, and a whole line of releases holds that one.
    let of = |release: &str| ids(&listed(&["--applies-to", release, "--category", "nkp"]), "causes");
    let nkp = "nkp-deleted-recreated".to_owned();
    assert!(of("7.0").contains(&nkp) && of("8.0.3").contains(&nkp));
    assert!(!of("7.0U1").contains(&nkp) && !of("6.7").contains(&nkp));
    // The ids alone are for scripts, and nothing that is left away is shown.
    let short = esxray(["knowledge", "list", "--category", "rekey", "-q"]).exits(0).text();
    assert!(short.lines().any(|line| line == "rekey-disk-wrong-key"), "{short}");
    assert!(short.lines().all(|line| !line.contains(' ') && line != "storage-apd"), "{short}");
}

#[test]
fn the_list_fits_the_width() {
    for width in ["80", "120"] {
        for extra in [&[][..], &["-v"]] {
            let text = esxray([&["knowledge", "list", "--width", width], extra].concat()).exits(0).text();
            let sha = text.lines().last().unwrap();
            assert!(sha.starts_with("sha256: "), "{sha}");
            for line in text.lines() {
                assert!(line.chars().count() <= width.parse().unwrap() || line == sha, "{line}");
            }
        }
    }
}

#[test]
fn a_filter_with_an_unknown_word_is_refused_with_those_that_there_are() {
    for (filter, word, names) in [
        ("--category", "re-key", "rekey"),
        ("--component", "hosd", "hostd"),
        ("--severity", "fatal", "critical"),
        ("--log", "vmware", "vmware-log"),
        ("--applies-to", "eight", "8.0 U2"),
    ] {
        let told = esxray(["knowledge", "list", filter, word]).exits(2).errors();
        assert!(told.starts_with("error: ") && told.contains(word) && told.contains(names), "{told}");
    }
}

/// Every failure mode of the catalogue is there, under its own id or as another name of what took it over.
#[test]
fn the_list_holds_every_id_of_the_catalogue() {
    let list = esxray(["knowledge", "list", "--format", "json"]).exits(0).json();
    let mut known = std::collections::BTreeSet::new();
    for cause in list["causes"].as_array().unwrap() {
        known.extend(
            [&cause["id"]].into_iter().chain(cause["aliases"].as_array().unwrap()).map(|it| it.as_str().unwrap()),
        );
    }
    for page in ["encryption.yaml", "adjacent.yaml"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/knowledge").join(page);
        let Ok(text) = std::fs::read_to_string(&path) else {
            eprintln!("skipped: there is no {}", path.display());
            continue;
        };
        let ids: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("- id: ")).map(str::trim).collect();
        assert!(ids.len() > 100, "{page}");
        let missing: Vec<&&str> = ids.iter().filter(|id| !known.contains(**id)).collect();
        assert!(missing.is_empty(), "{page}: {missing:?}");
    }
}

#[test]
fn the_built_in_base_is_sound() {
    let ended = esxray(["knowledge", "check"]).exits(0);
    assert!(ended.text().starts_with("ok: "), "{}", ended.text());
    assert_eq!(esxray(["knowledge", "check", "-q"]).exits(0).text(), "");
}

#[test]
fn a_pack_is_checked_and_used() {
    let folder = Folder::new()
        .with("ours/signatures/backup/nightly-backup-began.toml", SIGNATURE)
        .with("vmware.log", [QUIET, WRONG_KEY].concat());
    let text = folder.run(["knowledge", "check", "ours"]).exits(0).text();
    assert!(text.contains("packs: builtin, ours"), "{text}");
    assert_eq!(folder.run(["knowledge", "check", "--knowledge", "ours"]).exits(0).text(), text);
    let page = folder.run(["explain", "Nightly backup of DB-02 began", "--knowledge", "ours"]).exits(0).text();
    assert!(page.contains("DB-02"), "{page}");
    let report = folder.run(["vmware.log", "--knowledge", "ours", "--format", "json"]).exits(1).json();
    assert_eq!(report["knowledge"]["packs"], serde_json::json!(["builtin", "ours"]));
    let list = folder.run(["knowledge", "list", "--knowledge", "ours", "--format", "json"]).exits(0).json();
    assert_eq!(list["sha256"], report["knowledge"]["sha256"]);
}

#[test]
fn what_is_wrong_is_told_with_file_and_line() {
    let folder = Folder::new()
        .with("a.log", QUIET)
        .with("unknown/signatures/x/y.toml", SIGNATURE.replace("tone ", "tune "))
        .with("regex/signatures/x/y.toml", SIGNATURE.replace(r"(?<vm>\S+)", r"(?<vm>\S+"))
        .with("sample/signatures/x/y.toml", SIGNATURE.replace("APP-01 began", "APP-01 broke"))
        .with("torn/signatures/x/y.toml", "title = \"x\nlogs = 1")
        .with("control/prohibitions/x.toml", "text = \"a\u{202e}b\"\nreason = 'x'\nsources = ['y']\n")
        .with("bytes/causes/x.toml", b"# \xff\n")
        .with("misplaced/x.toml", SIGNATURE)
        .with("deep/causes/x.toml", "a = ".to_owned() + &"[".repeat(100_000));
    for (pack, place) in [
        ("unknown", "unknown/signatures/x/y.toml:6: "),
        ("regex", "regex/signatures/x/y.toml:5: "),
        ("torn", "torn/signatures/x/y.toml:1: "),
        ("control", "control/prohibitions/x.toml:1: "),
        ("bytes", "bytes/causes/x.toml:1: not valid UTF-8"),
        ("misplaced", "misplaced/x.toml:1: "),
        ("deep", "deep/causes/x.toml:1: "),
    ] {
        folder.run(["knowledge", "check", pack]).exits(2).refuses(place);
        // Knowledge is refused before any input is read.
        folder.run(["nowhere.log", "--knowledge", pack]).exits(2).refuses(place);
    }
    // What only the samples show is told by the check alone.
    folder.run(["knowledge", "check", "sample"]).exits(2).refuses("sample/signatures/x/y.toml:1");
}

#[test]
fn a_folder_that_is_no_pack_is_refused() {
    let folder = Folder::new().with("empty/.keep", "").with("logs/vmware.log", QUIET);
    folder.run(["knowledge", "check", "empty"]).exits(2).refuses("empty holds no knowledge file");
    folder.run(["knowledge", "check", "logs"]).exits(2).refuses("logs/vmware.log:1: ");
}

#[test]
fn hostile_names_do_no_harm() {
    let name = "ours\u{1b}[2J\u{202e}";
    let folder = Folder::new().with(&format!("{name}/signatures/x/nightly-backup.toml"), SIGNATURE);
    for args in [
        &["knowledge", "check", name][..],
        &["knowledge", "list", "--knowledge", name],
        &["knowledge", "list", "--knowledge", name, "--format", "json"],
    ] {
        let ended = folder.run(args).exits(0);
        assert_harmless("list", ended.bytes());
    }
    let folder = folder.with(&format!("{name}/causes/\u{9b}x.toml"), "x = \"\u{1b}\"");
    let ended = folder.run(["knowledge", "check", name]).exits(2);
    assert_harmless("check", ended.errors().as_bytes());
}

const CAUSE: &str = r#"
title       = "the nightly backup of {vm} began"
category    = "backup"
kind        = "other"
severity    = "warning"
about       = "vm"
explanation = "A backup began."
basis       = "verbatim"
affected    = "all"
confirm     = ["look at the backup script"]
remedies    = []
sources     = ["our own backup script"]

[[when]]
event = ["nightly-backup-began"]
what  = "a backup began"

[[recovered]]
event = ["vm-powered-off"]
what  = "the VM is off"
"#;

#[test]
fn the_built_in_base_proves_itself() {
    let text = esxray(["knowledge", "test"]).exits(0).text();
    assert!(text.starts_with("ok: "), "{text}");
    assert_eq!(esxray(["knowledge", "test", "-q"]).exits(0).text(), "");
}

#[test]
fn a_cause_that_cannot_hold_is_told_with_its_file() {
    let cause = "ours/causes/backup/nightly-backup.toml";
    let folder = Folder::new().with("ours/signatures/backup/nightly-backup-began.toml", SIGNATURE).with(cause, CAUSE);
    // Its one event is no failure, so no incident can begin with it.
    folder.run(["knowledge", "check", "ours"]).exits(0);
    let told = folder.run(["knowledge", "test", "ours"]).exits(2).errors();
    assert!(told.contains("ours/causes/backup/nightly-backup.toml:1: it does not hold on the samples"), "{told}");
    let failing = SIGNATURE.replace("\"context\"", "\"failure\"");
    let folder = Folder::new().with("ours/signatures/backup/nightly-backup-began.toml", failing).with(cause, CAUSE);
    folder.run(["knowledge", "test", "ours"]).exits(0);
}

const BACKUP_LINE: &str = "2024-03-12T15:16:13.197Z Er(163) Hostd[2099111]: [Originator@6876 sub=Backup.Agent opID=a1b2c3d4] \
Failed to back up disk \"/vmfs/volumes/ds1/APP-01/APP-01.vmdk\" after 3 tries";

#[test]
fn a_new_signature_works_as_it_is_drafted() {
    let folder = Folder::new();
    let path = "ours/signatures/backup/backup-failed.toml";
    std::fs::create_dir_all(folder.path().join("ours/signatures/backup")).unwrap();
    folder.run(["knowledge", "new", "--from-line", BACKUP_LINE, "--id", "backup-failed", "-o", path]).exits(0);
    for command in ["check", "test"] {
        folder.run(["knowledge", command, "ours"]).exits(0);
    }
    let other = BACKUP_LINE.replace("APP-01", "DB-07").replace("3 tries", "12 tries");
    let page = folder.run(["explain", &other, "--knowledge", "ours"]).exits(0).text();
    assert!(page.contains("backup-failed") && page.contains("/vmfs/volumes/ds1/DB-07/DB-07.vmdk"), "{page}");
    // From standard input it is the same.
    let piped = esxray(["knowledge", "new", "--from-line", "-", "--id", "backup-failed"]).stdin(BACKUP_LINE);
    assert_eq!(piped.exits(0).text(), std::fs::read_to_string(folder.path().join(path)).unwrap());
}

#[test]
fn what_needs_no_new_signature_gets_none() {
    let known = "2023-03-10T15:16:22.314Z In(05) vmx - DISKLIB-LINK  : \"/vmfs/volumes/ds1/a/a.vmdk\" : failed to open \
                 (Cannot decrypt disk because key or password is incorrect).";
    esxray(["knowledge", "new", "--from-line", known])
        .exits(2)
        .refuses("the signature `disklib-wrong-key` recognises this line");
    esxray(["knowledge", "new", "--from-line", "1 2 3"]).exits(2).refuses("no text of six characters");
    esxray(["knowledge", "new", "--from-line", BACKUP_LINE, "--log", "hosd"])
        .exits(2)
        .refuses("there is no log `hosd`");
}

#[test]
fn a_pack_may_lower_a_severity_and_leave_a_cause_out() {
    let over = "severity = \"warning\"\nreason = \"a lab: nobody is woken for it\"\n";
    let path = "lab/overrides/rekey-disk-wrong-key.toml";
    let run = |text: &str, code| {
        let folder = Folder::new().with(path, text).with("vmware.log", [QUIET, WRONG_KEY].concat());
        folder.run(["vmware.log", "--knowledge", "lab", "--format", "json", "--fail-on", "possible"]).exits(code)
    };
    let plain = Folder::new().with("vmware.log", [QUIET, WRONG_KEY].concat());
    let report = plain.run(["vmware.log", "--format", "json"]).exits(1).json();
    assert_eq!(
        (&report["verdict"], &report["incidents"][0]["findings"][0]["severity"]),
        (&"failure".into(), &"critical".into())
    );
    let report = run(over, 1).json();
    assert_eq!(
        (&report["verdict"], &report["incidents"][0]["findings"][0]["severity"]),
        (&"attention".into(), &"warning".into())
    );
    let report = run("disabled = true\nreason = \"known\"\n", 0).json();
    assert!(
        report["incidents"].as_array().unwrap().iter().all(|it| it["findings"][0]["cause"] != "rekey-disk-wrong-key")
    );
    for (text, says) in [
        ("severity = \"warn\"\nreason = \"x\"\n", "unknown severity `warn`"),
        ("reason = \"x\"\n", "severity"),
        ("disabled = true\n", "missing field `reason`"),
    ] {
        let folder = Folder::new().with(path, text);
        let told = folder.run(["knowledge", "check", "lab"]).exits(2).errors();
        assert!(told.contains("lab/overrides/rekey-disk-wrong-key.toml") && told.contains(says), "{told}");
    }
    let folder = Folder::new().with("lab/overrides/rekey-disk-wrong-kez.toml", over);
    let told = folder.run(["knowledge", "check", "lab"]).exits(2).errors();
    assert!(told.contains("rekey-disk-wrong-key`"), "{told}");
}
