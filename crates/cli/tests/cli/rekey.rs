//! `esxray rekey`: over every case, and over a fleet of thirty successes and three failures.

use std::collections::BTreeMap;
use std::process::Stdio;

use serde_json::Value;

use crate::fleet::{Ends, fleet, with_files, write};
use crate::harness::{Ended, Folder, assert_harmless, cases, esxray, input, on_cases};
use crate::json::Judge;

/// Runs it to its end, whatever its status.
fn answer(mut run: crate::harness::Run) -> Ended {
    run.command.stdout(Stdio::piped());
    run.ends()
}

fn case(name: &str, flags: &[&str]) -> Ended {
    answer(on_cases([&["rekey", input(name).as_str()], flags].concat()))
}

fn names(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|it| it["vm"]["name"].as_str().unwrap()).collect()
}

fn row<'v>(audit: &'v Value, name: &str) -> &'v Value {
    audit["rows"].as_array().unwrap().iter().find(|it| it["vm"]["name"] == name).unwrap()
}

/// How many VMs have each outcome.
fn outcomes(audit: &Value) -> BTreeMap<&str, u64> {
    let outcomes = audit["totals"]["outcomes"].as_array().unwrap().iter();
    outcomes.map(|it| (it["outcome"].as_str().unwrap(), it["vms"].as_u64().unwrap())).collect()
}

/// What each test case of a `JUnit` file came to, by suite and name; read by a parser that is not ours.
fn junit(xml: &[u8]) -> BTreeMap<(String, String), String> {
    use quick_xml::events::Event;
    let text = std::str::from_utf8(xml).unwrap();
    let mut reader = quick_xml::Reader::from_str(text);
    reader.config_mut().check_end_names = true;
    let mut cases = BTreeMap::new();
    let (mut suite, mut case, mut depth) = (String::new(), String::new(), 0);
    loop {
        let event = reader.read_event().unwrap_or_else(|error| panic!("{error}\n{text}"));
        let (start, empty) = match &event {
            Event::Start(it) => (Some(it), false),
            Event::Empty(it) => (Some(it), true),
            _ => (None, false),
        };
        depth += i32::from(start.is_some() && !empty) - i32::from(matches!(event, Event::End(_)));
        if let Some(start) = start {
            let attributes: BTreeMap<String, String> = start
                .attributes()
                .map(|it| {
                    let it = it.unwrap();
                    let value = it.normalized_value(quick_xml::XmlVersion::Explicit1_0).unwrap();
                    (it.key.as_ref().to_owned(), value.into_owned())
                })
                .collect();
            match start.name().as_ref() {
                "testsuite" => suite.clone_from(&attributes["name"]),
                "testcase" => {
                    case.clone_from(&attributes["name"]);
                    cases.insert((suite.clone(), case.clone()), "passed".to_owned());
                }
                "failure" | "error" | "skipped" => {
                    let kind = start.name().as_ref().to_owned();
                    let id = attributes.get("type").map(|it| format!(" {it}")).unwrap_or_default();
                    cases.insert((suite.clone(), case.clone()), format!("{kind}{id}"));
                }
                _ => {}
            }
        }
        if matches!(event, Event::Eof) {
            assert_eq!(depth, 0, "{text}");
            return cases;
        }
    }
}

#[test]
fn every_case_keeps_the_schema_and_drives_no_terminal() {
    let judge = Judge::of(&["rekey"]);
    for name in cases() {
        for flags in [&[][..], &["--preflight"], &["--retire", "NKP-1"], &["--vm", "no-such"]] {
            let ended = case(&name, &[flags, &["--format", "json"]].concat());
            judge.accepts(&ended.json());
            assert_harmless(&name, ended.bytes());
        }
        for format in ["text", "csv", "junit"] {
            let ended = case(&name, &["--preflight", "--retire", "NKP-1", "--format", format]);
            assert_harmless(&name, &ended.bytes().iter().copied().filter(|it| *it != b'\r').collect::<Vec<_>>());
        }
    }
    assert!(judge.refuses(&serde_json::json!({ "schema_version": 1 })), "the schema takes anything");
}

#[test]
fn every_case_as_text() {
    for name in cases() {
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(format!("{name}@rekey"), case(&name, &["--width", "80"]).text());
        });
    }
}

#[test]
fn the_cases_end_as_they_must() {
    for (name, code, rows) in [
        ("ha-reset-mid-rekey", 1, &[("TEST-VM-2", "interrupted")][..]),
        ("provider-not-found", 1, &[("PAY-01", "failed"), ("PAY-02", "failed")]),
        ("both-causes", 1, &[("ERP-01", "interrupted"), ("ERP-DB", "failed")]),
        ("recovered", 0, &[("CRM-02", "completed")]),
        ("clean-host", 0, &[]),
        ("quotes-only", 0, &[]),
    ] {
        let ended = case(name, &["--format", "json"]).with(code);
        let audit = ended.json();
        let mut found: Vec<(&str, &str)> = audit["rows"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| (it["vm"]["name"].as_str().unwrap(), it["outcome"].as_str().unwrap()))
            .collect();
        found.sort_unstable();
        assert_eq!(found, rows, "{name}");
    }
    // Of the VM's log alone only the disk that does not open is known.
    let audit = case("vmware-log-only", &["--format", "json"]).with(1).json();
    let row = row(&audit, "LEGAL-07");
    assert_eq!((row["outcome"].as_str(), row["cause"]["id"].as_str()), (Some("unknown"), Some("rekey-disk-wrong-key")));
    assert!(!row["not_vouched_for"].as_array().unwrap().is_empty());
}

#[test]
fn thirty_went_well_and_three_did_not() {
    let folder = fleet();
    let run = |flags: &[&str]| folder.run([&["rekey", "in"], flags].concat());
    let audit = run(&["--format", "json"]).exits(1).json();
    Judge::of(&["rekey"]).accepts(&audit);
    let expected = BTreeMap::from([("interrupted", 1), ("failed", 2), ("completed", 30)]);
    assert_eq!(outcomes(&audit), expected);
    // Failures first.
    let mut first = names(&audit["rows"])[..3].to_vec();
    first.sort_unstable();
    assert_eq!(first, ["APP-05", "APP-17", "APP-23"]);
    let missing = row(&audit, "APP-05");
    assert_eq!(missing["cause"]["id"], "kms-provider-not-found-on-host");
    assert_eq!(missing["failed_step"], "get-new-key");
    assert!(missing["remedy"]["steps"].as_array().is_some_and(|it| !it.is_empty()));
    assert!(missing["objects"].as_array().unwrap().iter().all(|it| it["key_state"] == "old"), "{missing}");
    assert_eq!(row(&audit, "APP-23")["cause"]["id"], "ha-vmmon-reset-during-rekey");
    let well = row(&audit, "APP-01");
    assert_eq!(well["objects"].as_array().unwrap().len(), 3);
    assert!(
        well["objects"].as_array().unwrap().iter().all(|it| it["key_state"] == "new" && it["provider"] == "KMS-EXT")
    );
    assert_eq!(well["not_vouched_for"], serde_json::json!([]));
    let causes: Vec<(&str, u64)> = audit["totals"]["causes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it["cause"].as_str().unwrap(), it["vms"].as_u64().unwrap()))
        .collect();
    assert_eq!(causes, [("kms-provider-not-found-on-host", 2), ("ha-vmmon-reset-during-rekey", 1)]);
    for width in ["80", "120"] {
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(format!("fleet@rekey-{width}"), run(&["--width", width]).exits(1).text());
        });
    }
    let quiet = run(&["-q"]).exits(1).text();
    assert_eq!(quiet.lines().count(), 1, "{quiet}");
    let all = run(&["-v"]).exits(1).text();
    assert!((1..=33).all(|number| all.contains(&format!("APP-{number:02}"))), "{all}");
}

#[test]
fn every_form_is_the_same_with_any_number_of_threads() {
    let folder = fleet();
    for form in ["text", "json", "csv", "junit"] {
        let of = |threads| {
            let flags = ["rekey", "in", "--preflight", "--retire", "NKP-1", "--format", form, "--threads", threads];
            answer(folder.run(flags)).bytes().to_vec()
        };
        assert!(of("1") == of("8"), "{form}");
    }
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    let folder = fleet();
    for (width, flags) in [(60, &["-v"][..]), (80, &[]), (97, &["-v", "--ascii"]), (120, &[])] {
        let columns = width.to_string();
        let asked = ["rekey", "in", "--preflight", "--retire", "NKP-1", "--width", &columns];
        let text = answer(folder.run([&asked[..], flags].concat())).text();
        for line in text.lines().filter(|it| it.chars().count() > width) {
            // Only what is to be copied is never broken.
            let is_command = |it: &str| ["Set-VM ", "Get-VM ", "vim-cmd "].iter().any(|name| it.starts_with(name));
            let copied = line.starts_with("          ") || line.starts_with("        # ");
            assert!(copied || is_command(line.trim_start()), "{width}: {line}");
        }
    }
}

#[test]
fn a_gate_lets_the_next_vm_through_only_where_this_one_is_done() {
    let folder = fleet();
    for (vm, code) in [("APP-01", 0), ("APP-05", 1), ("APP-23", 1), ("NOT-THERE", 3)] {
        folder.run(["rekey", "in", "--vm", vm, "-q"]).exits(code);
    }
    // Its re-key is not in this range: for a gate that is not tried.
    folder.run(["rekey", "in", "--vm", "APP-01", "--since", "2024-05-15", "-q"]).exits(1);
    let folder = folder.with("cut/hostd.log.gz", [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3]);
    folder.run(["rekey", "in", "cut", "--vm", "APP-01", "-q"]).exits(3);
    folder.run(["rekey", "in", "cut", "--vm", "APP-05", "-q"]).exits(1);
    folder.run(["rekey", "nowhere", "-q"]).exits(2);
}

/// The shell script of the documentation, as it stands there.
#[cfg(unix)]
#[test]
fn the_gate_of_the_documentation_stops_at_the_first_failure() {
    use std::os::unix::fs::PermissionsExt as _;
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/rekey.md");
    let page = std::fs::read_to_string(page).unwrap();
    let script = page.split("```sh\n").find(|it| it.starts_with("#!/bin/sh")).unwrap();
    let script = script.split("```").next().unwrap();
    let folder = fleet()
        .with("migrate.sh", script)
        .with("planned.txt", "APP-01\nAPP-02\nAPP-05\nAPP-06\n")
        .with("bin/rekey-one", "#!/bin/sh\necho \"$1\" >>done.txt\n")
        .with("bin/fetch-logs", "#!/bin/sh\nexit 0\n");
    let tool = std::path::Path::new(env!("CARGO_BIN_EXE_esxray"));
    for name in ["rekey-one", "fetch-logs"] {
        let path = folder.path().join("bin").join(name);
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    let path = format!(
        "{}:{}:{}",
        folder.path().join("bin").display(),
        tool.parent().unwrap().display(),
        std::env::var("PATH").unwrap()
    );
    let mut shell = std::process::Command::new("sh");
    shell.args(["migrate.sh", "planned.txt", "in"]).current_dir(folder.path()).env("PATH", path);
    let ended = shell.output().unwrap();
    let told = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert_eq!(ended.status.code(), Some(1), "{told}");
    assert!(told.contains("stopped at APP-05 (exit status 1)"), "{told}");
    assert!(String::from_utf8_lossy(&ended.stdout).contains("The host does not know the key provider KMS-EXT"));
    let done = std::fs::read_to_string(folder.path().join("done.txt")).unwrap();
    assert_eq!(done, "APP-01\nAPP-02\nAPP-05\n", "APP-06 was touched");
}

#[test]
fn a_list_shows_what_was_forgotten_and_what_is_not_there() {
    let lists: [(&str, Vec<u8>); 4] = [
        ("plain.txt", b"APP-01\nAPP-05\nELSEWHERE\n".to_vec()),
        ("export.csv", b"#TYPE VM\r\n\"Name\",\"PowerState\"\r\n\"APP-01\",\"PoweredOn\"\r\n\"APP-05\",\"PoweredOn\"\r\n\"ELSEWHERE\",\"PoweredOff\"\r\n".to_vec()),
        ("table.txt", {
            let table = "\u{feff}\r\nName      PowerState\r\n----      ----------\r\nAPP-01    PoweredOn\r\nAPP-05    PoweredOn\r\nELSEWHERE PoweredOff\r\n\r\n";
            table.encode_utf16().flat_map(u16::to_le_bytes).collect()
        }),
        ("semicolons.csv", b"vm;id\napp-01;\nAPP-05;\nELSEWHERE;VirtualMachine-vm-7\n".to_vec()),
    ];
    for (name, list) in lists {
        let folder = fleet().with(name, list);
        let audit = folder.run(["rekey", "in", "--list", name, "--format", "json"]).exits(1).json();
        Judge::of(&["rekey"]).accepts(&audit);
        let states: Vec<&str> =
            audit["list"]["vms"].as_array().unwrap().iter().map(|it| it["state"].as_str().unwrap()).collect();
        assert_eq!(states, ["completed", "failed", "not-in-input"], "{name}");
        assert_eq!(audit["list"]["beyond"].as_array().unwrap().len(), 31);
        assert_eq!(row(&audit, "APP-01")["asked_for"], true);
    }
    let folder = fleet().with("two.txt", "APP-01\nAPP-02\n").with("gone.txt", "APP-01\nGONE\n");
    // What is not on the list failed all the same.
    folder.run(["rekey", "in", "--list", "two.txt"]).exits(1);
    let folder = write(folder, 4, |_| Ends::Well);
    folder.run(["rekey", "in", "--list", "two.txt"]).exits(0);
    let text = folder.run(["rekey", "in", "--list", "gone.txt", "--width", "80"]).exits(3).text();
    assert!(text.contains("On the list and not in the input · 1 VM"), "{text}");
    assert!(text.contains("GONE (line 2)"), "{text}");
    let csv = folder.run(["rekey", "in", "--list", "gone.txt", "--format", "csv"]).exits(3).text();
    assert!(csv.lines().any(|it| it.starts_with("GONE,") && it.contains(",not-in-input,")), "{csv}");
    let piped = folder.run(["rekey", "in", "--list", "-"]).stdin("GONE\n").exits(3).text();
    assert!(piped.contains("GONE (line 1)"), "{piped}");
}

#[test]
fn a_vm_of_the_list_that_the_input_knows_and_nobody_tried() {
    let folder = write(Folder::new(), 3, |_| Ends::Well);
    let folder = with_files(folder, "FORGOTTEN", ["NKP-1", "NKP-1", "NKP-1"]).with("list.txt", "APP-01\nFORGOTTEN\n");
    let audit = folder.run(["rekey", "in", "--list", "list.txt", "--format", "json"]).exits(1).json();
    assert_eq!(audit["list"]["vms"][1]["state"], "not-attempted");
    assert_eq!(row(&audit, "FORGOTTEN")["objects"][1]["provider"], "NKP-1");
    let text = folder.run(["rekey", "in", "--list", "list.txt"]).exits(1).text();
    assert!(text.contains("On the list and never attempted · 1 VM"), "{text}");
    // Nobody asked for it: no attempt is no failure.
    folder.run(["rekey", "in"]).exits(0);
    let xml = folder.run(["rekey", "in", "--list", "list.txt", "--format", "junit"]).exits(1);
    assert_eq!(junit(xml.bytes())[&("re-key".to_owned(), "FORGOTTEN".to_owned())], "failure not-attempted");
}

#[test]
fn a_list_that_is_not_sure_is_refused() {
    let folder = fleet()
        .with("cut.txt", "Name      Host\n----      ----\nAPP-0...  esx01\n")
        .with("wrong.csv", "Host,Size\nesx01,3\n")
        .with("empty.txt", "\n");
    for (list, says) in [
        ("cut.txt", "the list cut.txt cannot be used: line 3: `APP-0...` is cut off"),
        ("wrong.csv", "line 1: no column is called"),
        ("empty.txt", "line 1: the list names no VM"),
        ("nowhere.txt", "cannot read the list nowhere.txt"),
    ] {
        folder.run(["rekey", "in", "--list", list]).exits(2).refuses(says);
    }
    folder.run(["rekey", "-", "--list", "-"]).exits(2).refuses("standard input cannot be both");
    for wrong in [&["--list", "x", "--vm", "APP-01"][..], &["--retire", "X", "--vm", "APP-01"], &["--format", "xml"]] {
        folder.run([&["rekey", "in"], wrong].concat()).exits(2).refuses("");
    }
    // The list is no place to write to.
    folder.run(["rekey", "in", "--list", "cut.txt", "-o", "cut.txt", "--force"]).exits(2).refuses("part of the input");
}

#[test]
fn a_provider_is_safe_to_retire_not_safe_or_nobody_can_say() {
    let retire = |folder: &Folder, provider: &str, code: i32| {
        let audit = folder.run(["rekey", "in", "--retire", provider, "--format", "json"]).exits(code).json();
        Judge::of(&["rekey"]).accepts(&audit);
        audit["retire"].clone()
    };
    let vms = || write(Folder::new(), 2, |_| Ends::Well);
    let files = |folder, second: [&str; 3]| with_files(with_files(folder, "APP-01", ["KMS-EXT"; 3]), "APP-02", second);

    let safe = files(vms(), ["KMS-EXT"; 3]);
    let answer = retire(&safe, "NKP-1", 0);
    assert_eq!((answer["answer"].as_str(), answer["vouched_for"].as_u64()), (Some("safe"), Some(2)), "{answer}");
    assert!(answer["check_by_hand"].as_array().unwrap().iter().any(|it| it.as_str().unwrap().contains("backups")));
    let text = safe.run(["rekey", "in", "--retire", "NKP-1", "--width", "80"]).exits(0).text();
    assert!(text.contains("RETIRE  NKP-1: SAFE for the VMs of this input"), "{text}");

    // The descriptor has the last word, whatever the events say.
    let left = files(vms(), ["KMS-EXT", "KMS-EXT", "NKP-1"]);
    let answer = retire(&left, "NKP-1", 1);
    assert_eq!(answer["answer"], "not-safe");
    assert_eq!(names(&answer["naming"]), ["APP-02"]);
    let object = &answer["naming"][0]["object"];
    assert!(object["path"].as_str().unwrap().ends_with("APP-02_1.vmdk"), "{object}");
    assert!(
        object["evidence"].as_array().unwrap().iter().any(|it| it["source"].as_str().unwrap().ends_with("_1.vmdk"))
    );

    // Without the files nobody knows whether there are further disks.
    let answer = retire(&vms(), "NKP-1", 3);
    assert_eq!(answer["answer"], "cannot-say");
    assert_eq!(names(&answer["not_vouched_for"]), ["APP-01", "APP-02"]);

    // A disk whose descriptor names no key is not encrypted: a VM with a vTPM alone has such.
    let plain = "# Disk DescriptorFile\nversion=1\nencoding=\"UTF-8\"\nCID=3a1f0c2e\nparentCID=ffffffff\ncreateType=\"vmfs\"\nRW 83886080 VMFS \"VTPM-01-flat.vmdk\"\n";
    let folder = with_files(files(vms(), ["KMS-EXT"; 3]), "VTPM-01", ["KMS-EXT"; 3]);
    let home = "in/vmfs/volumes/ds1/VTPM-01";
    let folder = folder.with(&format!("{home}/VTPM-01.vmdk"), plain).with(&format!("{home}/VTPM-01_1.vmdk"), plain);
    assert_eq!(retire(&folder, "NKP-1", 0)["vouched_for"], 3);
    let audit = folder.run(["rekey", "in", "--format", "json"]).exits(0).json();
    let vtpm = row(&audit, "VTPM-01");
    assert_eq!(vtpm["objects"][1]["plain"], true);
    assert!(!vtpm["not_vouched_for"].to_string().contains("the key of"), "{vtpm}");

    let answer = retire(&safe, "NOBODY", 3);
    assert_eq!(answer["answer"], "cannot-say");
    assert!(answer["because"].as_str().unwrap().contains("proves nothing"), "{answer}");
    assert_eq!(retire(&safe, "nkp-1", 3)["alike"], serde_json::json!(["NKP-1"]));
    assert_eq!(retire(&safe, "KMS-EXT", 1)["naming"].as_array().unwrap().len(), 6);

    for (folder, expected) in [(&safe, "passed"), (&left, "failure not-safe")] {
        let xml = answer_of(folder, &["--retire", "NKP-1", "--format", "junit"]);
        assert_eq!(junit(&xml)[&("retire".to_owned(), "NKP-1".to_owned())], expected);
    }
    // A file that was left on the old key is a re-key that is not complete.
    assert_eq!(left.run(["rekey", "in", "-q"]).exits(1).text().lines().count(), 1);
}

fn answer_of(folder: &Folder, flags: &[&str]) -> Vec<u8> {
    answer(folder.run([&["rekey", "in"], flags].concat())).bytes().to_vec()
}

#[test]
fn before_a_migration_the_vms_at_risk_are_named_with_the_reason() {
    let folder = with_files(Folder::new(), "CALM-01", ["NKP-1"; 3]);
    let folder = with_files(folder, "MIXED-01", ["NKP-1", "NKP-2", "NKP-1"]);
    let snapshot = ".encoding = \"UTF-8\"\nsnapshot.lastUID = \"1\"\nsnapshot.current = \"1\"\nsnapshot.numSnapshots = \"1\"\nsnapshot0.uid = \"1\"\nsnapshot0.filename = \"SNAP-01-Snapshot1.vmsn\"\nsnapshot0.displayName = \"before\"\n";
    let folder = with_files(folder, "SNAP-01", ["NKP-1"; 3]).with("in/vmfs/volumes/ds1/SNAP-01/SNAP-01.vmsd", snapshot);
    let audit = folder.run(["rekey", "in", "--preflight", "--format", "json"]).exits(3).json();
    Judge::of(&["rekey"]).accepts(&audit);
    let vms: BTreeMap<&str, Vec<&str>> = audit["preflight"]["vms"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| {
            let risks = it["risks"].as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap());
            (it["vm"]["name"].as_str().unwrap(), risks.collect())
        })
        .collect();
    assert_eq!(vms["CALM-01"], ["several-disks"]);
    assert_eq!(vms["MIXED-01"], ["mixed-providers", "several-disks"]);
    assert_eq!(vms["SNAP-01"], ["several-disks", "snapshot"]);
    // No log of a host or of vCenter is there, and that is said.
    assert_eq!(audit["preflight"]["not_visible"].as_array().unwrap().len(), 3);
    let text = folder.run(["rekey", "in", "--preflight", "--width", "80"]).exits(3).text();
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("preflight@rekey", text);
    });
    // What stops a VM is in its files alone, and is more than what was not visible.
    let clone = || {
        let disk = ".encoding = \"UTF-8\"\n# Disk DescriptorFile\nversion=1\nCID=1\nparentCID=2\nparentFileNameHint=\"/vmfs/volumes/ds1/GOLD-01/GOLD-01.vmdk\"\ncreateType=\"vmfsSparse\"\n";
        with_files(Folder::new(), "CLONE-01", ["NKP-1"; 3]).with("in/vmfs/volumes/ds1/CLONE-01/CLONE-01.vmdk", disk)
    };
    let audit = clone().run(["rekey", "in", "--preflight", "--format", "json"]).exits(1).json();
    let risks = audit["preflight"]["vms"][0]["risks"].as_array().unwrap();
    assert_eq!((&risks[0]["id"], &risks[0]["weight"]), (&"linked-clone".into(), &"stop".into()));
    // An unfinished re-key, a provider that a host does not know, a reset by HA: something has to be done first.
    let audit = fleet().run(["rekey", "in", "--preflight", "--format", "json"]).exits(1).json();
    let at = |name: &str| {
        let vms = audit["preflight"]["vms"].as_array().unwrap();
        let vm = vms.iter().find(|it| it["vm"]["name"] == name).unwrap();
        let risks = vm["risks"].as_array().unwrap().iter();
        risks.map(|it| (it["id"].as_str().unwrap(), it["weight"].as_str().unwrap())).collect::<Vec<_>>()
    };
    assert_eq!(at("APP-05"), [("key-provider", "stop"), ("unfinished-rekey", "stop"), ("several-disks", "care")]);
    assert_eq!(at("APP-23"), [("unfinished-rekey", "stop"), ("ha-vm-monitoring", "care"), ("several-disks", "care")]);
    assert_eq!(at("APP-01"), [("several-disks", "care")]);
    // A VM that is about to be re-keyed was not tried yet.
    let one = ["rekey", "in", "--preflight", "--vm", "CALM-01", "--format", "json"];
    let audit = folder.run(one).exits(3).json();
    assert_eq!(names(&audit["preflight"]["vms"]), ["CALM-01"]);
}

#[test]
fn a_build_server_reads_the_fleet() {
    let folder = fleet();
    let read = junit(folder.run(["rekey", "in", "--format", "junit"]).exits(1).bytes());
    assert_eq!(read.len(), 33);
    let of = |name: &str| read[&("re-key".to_owned(), name.to_owned())].as_str();
    assert_eq!(of("APP-01"), "passed");
    assert_eq!(of("APP-05"), "failure kms-provider-not-found-on-host");
    assert_eq!(of("APP-23"), "failure ha-vmmon-reset-during-rekey");
    let xml = folder.run(["rekey", "in", "--format", "junit"]).exits(1).text();
    assert!(xml.contains("<testsuites name=\"esxray rekey\" tests=\"33\" failures=\"3\" errors=\"0\" skipped=\"0\">"));
}

#[test]
fn an_error_about_keys_that_is_no_vms_is_no_success_either() {
    let error = "-->    com.vmware.esx.trusted_infrastructure.kms.providers.not_found<The provider 'KMS-EXT' does not exist.>\n";
    let folder = Folder::new().with("ticket.txt", error);
    let audit = folder.run(["rekey", "ticket.txt", "--format", "json"]).exits(1).json();
    assert_eq!(audit["rows"], serde_json::json!([]));
    assert_eq!(audit["beside"][0]["cause"]["id"], "kms-provider-not-found-on-host");
    let read = junit(folder.run(["rekey", "ticket.txt", "--format", "junit"]).exits(1).bytes());
    assert_eq!(read.values().collect::<Vec<_>>(), ["failure kms-provider-not-found-on-host"]);
    folder.run(["rekey", "ticket.txt", "--fail-on", "confirmed"]).exits(0);
}

/// A VM whose name tries everything, and the request that fails for it.
const HOSTILE: &str = "=1+1\"><failure/>&\u{1b}[2J\u{202e}]]>";

#[test]
fn a_name_stays_a_name_in_every_form() {
    let vm = format!("/vmfs/volumes/ds1/x/{}.vmx", "x");
    let line = |second: u32, sub: &str, text: &str| {
        format!(
            "2024-05-14T20:00:{second:02}.000Z info hostd[2099138] [Originator@6876 sub={sub} opID=l0000001-40001-auto-abc-h5:70000001-aa-01-ab12 user=root] {text}\n"
        )
    };
    let hostd = [
        line(1, "Vimsvc.TaskManager", "Task Created : haTask-9-vim.VirtualMachine.reconfigure-7"),
        line(
            1,
            &format!("Vmsvc.vm:{vm}"),
            "Reconfigure: (vim.vm.ConfigSpec) {\n-->    crypto = (vim.encryption.CryptoSpecShallowRecrypt) {\n-->       newKeyId = (vim.encryption.CryptoKeyId) {\n-->          keyId = \"k\", \n-->          providerId = (vim.encryption.KeyProviderId) {\n-->             id = \"=P\"\n-->          }\n-->       }\n-->    }\n--> }",
        ),
        line(3, "Vimsvc.TaskManager", "Task Completed : haTask-9-vim.VirtualMachine.reconfigure-7 Status error"),
    ];
    let vmx = format!(
        ".encoding = \"UTF-8\"\nconfig.version = \"8\"\nvirtualHW.version = \"19\"\ndisplayName = \"{}\"\n",
        HOSTILE.replace('"', "|22")
    );
    let folder = Folder::new()
        .with("in/esx01/hostd.log", hostd.concat())
        .with("in/vmfs/volumes/ds1/x/x.vmx", vmx)
        .with("list.txt", "'=cmd|x'\n<b>&\n");
    for form in ["text", "json", "csv", "junit"] {
        let flags = ["--format", form, "--preflight", "--retire", "=P", "--list", "list.txt"];
        let bytes = answer_of(&folder, &flags);
        assert_harmless(form, &bytes.iter().copied().filter(|it| *it != b'\r').collect::<Vec<_>>());
        assert!(!bytes.is_empty());
    }
    let read = junit(&answer_of(&folder, &["--format", "junit", "--list", "list.txt"]));
    assert!(read.contains_key(&("list".to_owned(), "<b>&".to_owned())), "{read:?}");
    assert!(read.keys().any(|it| it.1.contains("\"><failure/>&<U+001B>[2J<U+202E>]]>")), "{read:?}");
    let csv = String::from_utf8(answer_of(&folder, &["--format", "csv", "--list", "list.txt"])).unwrap();
    assert!(csv.contains("\r\n\"'=cmd|x\","), "{csv}");
    assert!(csv.contains("\r\n\"'=1+1"), "{csv}");
}

#[test]
fn five_hundred_vms_fit_on_a_few_screens() {
    let folder = write(Folder::new(), 500, |number| if number % 4 == 0 { Ends::ProviderMissing } else { Ends::Well });
    let text = folder.run(["rekey", "in", "--width", "80"]).exits(1).text();
    assert!(text.lines().count() < 130, "{} lines", text.lines().count());
    assert!(text.starts_with("RE-KEY  500 VMs: 125 failed, 375 completed\n"), "{}", &text[..200]);
    assert!(text.contains("… and 94; -v shows the objects of each"), "{text}");
    assert!(!text.contains("No known cause"), "{text}");
}

#[test]
fn nothing_to_audit_is_no_success_of_a_gate() {
    let text = case("clean-host", &["--width", "80"]).with(0).text();
    assert!(text.starts_with("RE-KEY  no VM of the input shows a re-key"), "{text}");
    let folder = Folder::new().with("noise.bin", [0, 1, 2, 3].repeat(5000));
    folder.run(["rekey", "noise.bin"]).exits(3);
    esxray(["rekey"]).exits(2);
}
