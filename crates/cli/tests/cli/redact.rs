//! Copies with pseudonyms, and case files.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::harness::{cases, esxray, fixtures};

/// Redacts and verifies; gives what was told and the map.
#[track_caller]
fn redacted(input: &Path, output: &Path, code: i32, more: &[&str]) -> (String, Value) {
    let map = output.with_extension("map");
    let paths = [input.to_str().unwrap(), "-o", output.to_str().unwrap(), "--map", map.to_str().unwrap()];
    let args = ["redact", "--verify", "--lang", "en"].iter().chain(&paths).chain(more);
    let text = esxray(args).exits(code).text();
    assert!(text.contains(" values of the diagnosis compared, 0 differ"), "{}: {text}", input.display());
    assert!(text.contains(" files and their names searched, 0 originals found"), "{}: {text}", input.display());
    (text, serde_json::from_slice(&fs::read(&map).unwrap()).unwrap())
}

/// Every file below a folder, with its name below it.
fn files(root: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                found.push((name, fs::read(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

/// Looks for each original of the map in all files and their names, without any code of the tool.
fn search(root: &Path, map: &Value, ordinary: &[&str]) {
    let mut text = String::new();
    for (name, bytes) in files(root) {
        if !bytes.starts_with(&[0x1f, 0x8b]) {
            text.extend([name.as_str(), "\n", &String::from_utf8_lossy(&bytes), "\n"]);
        }
    }
    let text = text.to_lowercase();
    let plain: String = text.chars().filter(|it| it.is_ascii_hexdigit() || *it == '\n').collect();
    for (class, names) in map.as_object().unwrap() {
        for original in names.as_object().unwrap().values() {
            let original = original.as_str().unwrap().to_lowercase();
            // Short digits and short words stand in others by chance.
            if ordinary.contains(&original.as_str()) || original.len() < 5 || (class == "id" && original.len() < 16) {
                continue;
            }
            let is_word = |at: usize| {
                let beside = |it: Option<char>| it.is_some_and(char::is_alphanumeric);
                !beside(text[..at].chars().next_back()) && !beside(text[at + original.len()..].chars().next())
            };
            let found = match class.as_str() {
                "id" => plain.contains(&original),
                _ => text.match_indices(&original).any(|it| is_word(it.0)),
            };
            assert!(!found, "{class} {original} is left in {}", root.display());
        }
    }
}

#[test]
fn every_case_is_proven_and_nothing_is_left() {
    let folder = tempfile::tempdir().unwrap();
    for case in cases() {
        // One VM of that case is called by the text of a message, which has to stay.
        let hostile = case == "quotes-only";
        let output = folder.path().join(&case);
        let (text, map) = redacted(&fixtures().join(&case).join("input"), &output, i32::from(hostile), &[]);
        assert_eq!(text.contains("not replaced everywhere: `Cannot decrypt disk because key"), hostile, "{text}");
        let message = "cannot decrypt disk because key or password is incorrect";
        search(&output, &map, &["administrator", "datastore", message, "vsphere.local"]);
    }
}

#[test]
fn logs_of_others_are_proven() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    if !corpus.is_dir() {
        eprintln!("skipped: there is no {}", corpus.display());
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    // All of them take half a minute: every third here.
    let logs = files(&corpus).into_iter().filter(|it| Path::new(&it.0).extension().is_some_and(|end| end == "log"));
    for (index, (name, _)) in logs.enumerate().step_by(3) {
        let output = folder.path().join(index.to_string());
        let map = output.with_extension("map");
        let args = ["redact", corpus.join(&name).to_str().unwrap(), "-o", output.to_str().unwrap(), "--map"]
            .map(str::to_owned)
            .into_iter()
            .chain([map.to_str().unwrap().to_owned(), "--verify".to_owned(), "--lang=en".to_owned()]);
        let ended = esxray(args).stdout(std::process::Stdio::piped()).ends();
        let text = ended.text();
        assert!(text.contains("compared, 0 differ") && text.contains("searched, 0 originals found"), "{name}: {text}");
        // A host that is called by ordinary words is told, and nothing else ends so.
        ended.with(i32::from(text.contains("not replaced everywhere")));
    }
}

#[test]
fn the_same_input_gives_the_same_bytes_whatever_the_threads() {
    let folder = tempfile::tempdir().unwrap();
    let input = fixtures().join("both-causes/input");
    let archive = |name: &str, threads: &str| {
        let output = folder.path().join(name);
        redacted(&input, &output, 0, &["--threads", threads]);
        fs::read(output).unwrap()
    };
    assert_eq!(archive("a.tgz", "1"), archive("b.tgz", "4"));
}

#[test]
fn an_archive_stays_one_and_a_copy_can_be_redacted_again() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let input = fixtures().join("ha-reset-mid-rekey/input");
    let tar = |output: &Path, from: &Path, what: &[&str]| {
        let status = Command::new("tar").arg("czf").arg(output).arg("-C").arg(from).args(what).status().unwrap();
        assert!(status.success());
    };
    fs::create_dir(at("in")).unwrap();
    tar(&at("inner.tgz"), &input, &["TEST-VM-2"]);
    fs::copy(at("inner.tgz"), input_copy(&at("esx07-logs"), "TEST-VM-2.tgz")).unwrap();
    fs::copy(input.join("esx07/hostd.log"), at("esx07-logs/hostd.log")).unwrap();
    tar(&at("in/esx07-bundle.tgz"), folder.path(), &["esx07-logs"]);
    fs::copy(input.join("vcenter01/vpxd.log"), at("in/vpxd.log")).unwrap();
    let (_, map) = redacted(&at("in"), &at("out"), 0, &[]);
    let names: Vec<String> = files(&at("out")).into_iter().map(|it| it.0).collect();
    assert_eq!(names, ["host-a1-bundle.tgz", "vpxd.log"]);
    let report = esxray(["--format", "json", at("out").to_str().unwrap()]).exits(1).json();
    let sources: Vec<&str> =
        report["coverage"].as_array().unwrap().iter().map(|it| it["source"].as_str().unwrap()).collect();
    assert!(
        sources
            .iter()
            .any(|it| it.contains("host-a1-bundle.tgz!host-a1-logs/vm-a") && it.ends_with(".tgz!vm-a7/vmware.log")),
        "{sources:?}"
    );
    assert_eq!(map["host"]["host-a1"], "esx07");
    redacted(&at("out"), &at("again"), 0, &[]);
}

fn input_copy(folder: &Path, name: &str) -> PathBuf {
    fs::create_dir(folder).unwrap();
    folder.join(name)
}

#[test]
fn files_of_a_vm_are_read_in_the_copy_as_before() {
    let folder = tempfile::tempdir().unwrap();
    let vm = input_copy(&folder.path().join("in"), "PAY 7.vmx");
    let uuid = "56 4d 1a 2b 3c 4d 5e 6f-70 81 92 a3 b4 c5 d6 e7";
    fs::write(&vm, format!(
        ".encoding = \"UTF-8\"\nconfig.version = \"8\"\nvirtualHW.version = \"19\"\ndisplayName = \"PAY 7\"\nuuid.bios = \"{uuid}\"\nannotation = \"ask Jane Doe|0A555-1234\"\nscsi0:0.present = \"TRUE\"\nscsi0:0.fileName = \"PAY 7_1.vmdk\"\nguestOS = \"ubuntu-64\"\nencryption.keySafe = \"vmware:key/list/(pair/(fqid/<VMWARE-NULL>/KMS%2dGOLD/9c1d0f8a%2d1111%2d2222%2d3333%2d444455556666,HMAC%2dSHA%2d256,c2VjcmV0c2VjcmV0))\"\n"
    )).unwrap();
    fs::write(vm.with_file_name("PAY 7_1.vmdk"), "# Disk DescriptorFile\nversion=1\nCID=fffffffe\nparentCID=ffffffff\ncreateType=\"vmfs\"\nRW 100 VMFS \"PAY 7_1-flat.vmdk\"\n").unwrap();
    fs::write(vm.with_file_name("core.bin"), (0..=255).cycle().take(4096).collect::<Vec<u8>>()).unwrap();
    fs::write(vm.with_file_name("vms.csv"), "Name,Notes\r\nPAY 7,x\r\n").unwrap();
    let (text, map) = redacted(&folder.path().join("in"), &folder.path().join("out"), 0, &[]);
    assert!(text.contains("1 secrets blotted out") && text.contains("core.bin: no text"), "{text}");
    let out = files(&folder.path().join("out"));
    let names: Vec<&str> = out.iter().map(|it| it.0.as_str()).collect();
    assert_eq!(names, ["vm-a1.vmx", "vm-a1_1.vmdk", "vms.csv"]);
    let vmx = String::from_utf8(out[0].1.clone()).unwrap();
    assert!(vmx.contains("scsi0:0.fileName = \"vm-a1_1.vmdk\"") && vmx.contains("annotation = \"note-a1\""), "{vmx}");
    assert!(out[2].1.starts_with(b"Name,Notes\r\nvm-a1,"));
    search(&folder.path().join("out"), &map, &[]);
    let inventory = |folder: &Path| esxray(["inventory", "--format", "json", folder.to_str().unwrap()]).exits(0).json();
    let before = inventory(&folder.path().join("in"));
    let after = inventory(&folder.path().join("out"));
    assert_eq!(before["keys"].as_array().unwrap().len(), 1);
    assert_eq!(after["keys"].as_array().unwrap().len(), 1);
    assert_eq!(after["vms"][0]["names"], serde_json::json!(["vm-a1"]));
}

#[test]
fn what_was_damaged_is_damaged_in_the_copy() {
    let folder = tempfile::tempdir().unwrap();
    redacted(&fixtures().join("damaged/input"), &folder.path().join("out"), 0, &[]);
    let input = folder.path().join("out");
    let report = esxray(["--format", "json", "--fail-on", "confirmed", input.to_str().unwrap()]);
    let report = report.stdout(std::process::Stdio::piped()).ends().json();
    assert!(!report["problems"].as_array().unwrap().is_empty());
}

#[cfg(unix)]
#[test]
fn the_map_is_for_its_owner_and_never_in_the_output() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let input = fixtures().join("pasted/input");
    let out = folder.path().join("out");
    redacted(&input, &out, 0, &[]);
    let mode = fs::metadata(out.with_extension("map")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let inside = folder.path().join("new");
    let map = inside.join("map.json");
    let args = ["redact", input.to_str().unwrap(), "-o", inside.to_str().unwrap(), "--map", map.to_str().unwrap()];
    esxray(args).exits(2).refuses("would lie in the output");
    assert!(!inside.exists());
}

#[test]
fn nothing_is_overwritten_and_no_input_written_to() {
    let folder = tempfile::tempdir().unwrap();
    let full = folder.path().join("full");
    fs::create_dir(&full).unwrap();
    fs::write(full.join("mine"), "x").unwrap();
    let input = fixtures().join("pasted/input");
    let run = |args: &[&str]| esxray(["redact", input.to_str().unwrap()].iter().chain(args)).exits(2);
    run(&["-o", full.to_str().unwrap()]).refuses("holds something already");
    run(&["-o", input.join("out").to_str().unwrap()]).refuses("part of the input");
    esxray(["redact", "-", "-o", folder.path().join("x").to_str().unwrap()]).exits(2).refuses("more than once");
    esxray(["pack", input.to_str().unwrap(), "-o", folder.path().join("x.zip").to_str().unwrap()])
        .exits(2)
        .refuses(".tgz");
    assert_eq!(files(folder.path()), [("full/mine".to_owned(), b"x".to_vec())]);
}

#[test]
fn what_is_told_is_told_in_french_too() {
    let folder = tempfile::tempdir().unwrap();
    let args = ["redact", "pasted/input", "--verify", "--lang", "fr", "-o"].map(str::to_owned);
    let out = folder.path().join("out").to_str().unwrap().to_owned();
    let text = esxray(args.into_iter().chain([out])).within(fixtures()).exits(0).text();
    assert!(text.contains("2 fichiers copiés") && text.contains("0 originaux trouvés"), "{text}");
}

/// Unpacks a case and gives its files.
fn unpacked(archive: &Path) -> Vec<(String, Vec<u8>)> {
    let folder = archive.with_extension("d");
    fs::create_dir(&folder).unwrap();
    let status = Command::new("tar").arg("xzf").arg(archive).arg("-C").arg(&folder).status().unwrap();
    assert!(status.success());
    files(&folder)
}

#[test]
fn a_case_holds_what_a_ticket_needs() {
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (folder.path().join("one.tgz"), folder.path().join("other.tgz"));
    for (archive, threads) in [(&one, "1"), (&other, "3")] {
        let args = ["pack", "ha-reset-mid-rekey/input", "--threads", threads, "-o", archive.to_str().unwrap()];
        esxray(args).within(fixtures()).exits(0);
    }
    assert_eq!(fs::read(&one).unwrap(), fs::read(&other).unwrap());
    let case = unpacked(&one);
    let of = |name: &str| &case.iter().find(|it| it.0 == format!("case/{name}")).unwrap_or_else(|| panic!("{name}")).1;
    for name in ["report.txt", "report.json", "coverage.tsv", "SOURCES.sha256", "SHA256SUMS", "MANIFEST", "INDEX.tsv"] {
        assert!(!of(name).is_empty(), "{name}");
    }
    // The excerpts hold the cited lines, where the index says.
    let index = String::from_utf8(of("INDEX.tsv").clone()).unwrap();
    for row in index.lines().skip(1) {
        let cells: Vec<&str> = row.split('\t').collect();
        let number = |at: usize| cells[at].parse::<usize>().unwrap();
        let source = fs::read(fixtures().join(cells[2])).unwrap();
        let lines: Vec<&[u8]> = source.split_inclusive(|it| *it == b'\n').collect();
        let excerpt: Vec<&[u8]> = of(cells[0]).split_inclusive(|it| *it == b'\n').collect();
        let (from, first, last) = (number(1), number(3), number(4));
        assert_eq!(excerpt[from - 1..=from - 1 + last - first], lines[first - 1..last], "{row}");
    }
    let excerpts = one.with_extension("d").join("case/excerpts");
    let report = esxray(["--format", "json", excerpts.to_str().unwrap()]).exits(1).json();
    assert_eq!(report["incidents"][0]["findings"][0]["cause"], "ha-vmmon-reset-during-rekey");
    let manifest = String::from_utf8(of("MANIFEST").clone()).unwrap();
    assert!(manifest.contains("pack --context 20") && !manifest.contains(folder.path().to_str().unwrap()));
}

#[test]
fn a_redacted_case_holds_no_name() {
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("case.tgz");
    let map = folder.path().join("map.json");
    let args =
        ["pack", "ha-reset-mid-rekey/input", "--redact", "--vm", "TEST-VM-2", "-o", archive.to_str().unwrap(), "--map"];
    esxray(args.into_iter().chain([map.to_str().unwrap()])).within(fixtures()).exits(0);
    unpacked(&archive);
    let map = serde_json::from_slice(&fs::read(map).unwrap()).unwrap();
    search(&archive.with_extension("d"), &map, &["administrator", "datastore1", "vsphere.local"]);
    let text = fs::read_to_string(archive.with_extension("d").join("case/report.txt")).unwrap();
    assert!(text.contains("vm-a7") && text.contains("reset"), "{text}");
}
