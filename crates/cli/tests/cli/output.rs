//! Where the answer goes: files whole or absent, pipes that close, disks that are full.

use std::fs;
use std::process::Stdio;

use crate::harness::{Folder, QUIET, WRONG_KEY, input, on_cases};

fn folder() -> Folder {
    Folder::new().with("vmware.log", [QUIET, WRONG_KEY].concat())
}

#[test]
fn a_file_gets_what_standard_output_would() {
    let folder = folder();
    for format in ["text", "json"] {
        let ended = folder.run(["vmware.log", "--format", format, "-o", format]).exits(1);
        assert_eq!(ended.text(), "");
        assert_eq!(ended.errors(), "");
        let plain = folder.run(["vmware.log", "--format", format]).exits(1);
        assert_eq!(fs::read(folder.path().join(format)).unwrap(), plain.bytes());
    }
    folder.run(["records", "vmware.log", "-o", "records"]).exits(0);
    let plain = folder.run(["records", "vmware.log"]).exits(0);
    assert_eq!(fs::read(folder.path().join("records")).unwrap(), plain.bytes());
    folder.run(["schema", "report", "-o", "schema"]).exits(0);
    folder.run(["explain", "reload-vmx", "-o", "page"]).exits(0);
    folder.run(["knowledge", "list", "-o", "list"]).exits(0);
    assert_eq!(folder.names(), ["json", "list", "page", "records", "schema", "text", "vmware.log"]);
    assert_eq!(folder.run(["vmware.log", "-o", "-"]).exits(1).bytes(), folder.run(["vmware.log"]).exits(1).bytes());
}

#[test]
fn nothing_is_overwritten_without_force() {
    let folder = folder().with("kept", "mine");
    folder.run(["vmware.log", "-o", "kept"]).exits(2).refuses("kept exists");
    folder.run(["records", "vmware.log", "-o", "kept"]).exits(2).refuses("--force overwrites it");
    assert_eq!(fs::read_to_string(folder.path().join("kept")).unwrap(), "mine");
    folder.run(["vmware.log", "--output", "kept", "--force"]).exits(1);
    assert!(fs::read_to_string(folder.path().join("kept")).unwrap().starts_with("FAILURE"));
    assert_eq!(folder.names(), ["kept", "vmware.log"]);
}

#[test]
fn input_is_not_overwritten_with_force_either() {
    let folder = folder();
    for args in [["vmware.log", "-o", "vmware.log", "--force"], [".", "-o", "vmware.log", "--force"]] {
        folder.run(args).exits(2).refuses("vmware.log is part of the input");
    }
    assert_eq!(fs::read_to_string(folder.path().join("vmware.log")).unwrap(), [QUIET, WRONG_KEY].concat());
}

#[test]
fn a_file_that_cannot_be_written_is_2_and_leaves_nothing() {
    let folder = folder();
    folder.run(["vmware.log", "-o", "no/such/folder.txt"]).exits(2).refuses("cannot write no/such/folder.txt: ");
    folder.run(["vmware.log", "-o", "."]).exits(2).refuses(". is a folder, not a file");
    // The answer is refused before any work, and the refused work leaves no file.
    folder.run(["nowhere.log", "-o", "report"]).exits(2).refuses("nowhere.log");
    folder.run(["records", "nowhere.log", "-o", "report"]).exits(2).refuses("nowhere.log");
    assert_eq!(folder.names(), ["vmware.log"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_2() {
    let folder = folder();
    let full = || fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    for args in [
        &["vmware.log"][..],
        &["vmware.log", "--format", "json"],
        &["records", "vmware.log"],
        &["explain", "reload-vmx"],
        &["knowledge", "list"],
        &["knowledge", "check"],
        &["schema", "report"],
        &["completions", "bash"],
        &["man"],
        &["--help"],
        &["--version"],
    ] {
        let ended = folder.run(args).stdout(full()).ends().with(2);
        assert!(ended.errors().starts_with("error: cannot write standard output: "), "{args:?}: {}", ended.errors());
    }
    folder.run(["vmware.log", "-o", "/dev/full"]).exits(2).refuses("cannot write /dev/full");
    folder.run(["records", "vmware.log", "-o", "/dev/full"]).exits(2).refuses("cannot write /dev/full");
}

#[test]
fn a_closed_pipe_is_success() {
    for args in [
        &["records", "both-causes/input"][..],
        &["records", "both-causes/input", "--format", "json", "--threads", "1"],
        &["both-causes/input", "-v"],
        &["schema", "report"],
        &["completions", "bash"],
        &["--help"],
    ] {
        let mut run = on_cases(args);
        let mut child = run.command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let ended = child.wait_with_output().unwrap();
        assert_eq!(ended.status.code(), Some(0), "{args:?}: {}", String::from_utf8_lossy(&ended.stderr));
        assert_eq!(ended.stderr, b"", "{args:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_pipe_with_a_name_is_written_to() {
    let folder = folder();
    let made = std::process::Command::new("mkfifo").arg(folder.path().join("pipe")).status();
    if !made.is_ok_and(|status| status.success()) {
        eprintln!("skipped: there is no mkfifo");
        return;
    }
    let path = folder.path().join("pipe");
    let reader = std::thread::spawn(move || fs::read_to_string(path).unwrap());
    folder.run(["vmware.log", "-o", "pipe"]).exits(1);
    assert!(reader.join().unwrap().starts_with("FAILURE"));
    assert_eq!(folder.names(), ["pipe", "vmware.log"]);
}

#[cfg(unix)]
#[test]
fn an_interrupt_is_130_and_leaves_no_file() {
    use std::io::Write as _;
    use std::time::{Duration, Instant};
    for args in [&["records", "-", "-o", "out"][..], &["records", "-"], &["diagnose", "-", "-o", "out"]] {
        let folder = Folder::new();
        let mut run = folder.run(args);
        let mut child = run.command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        // It waits for the rest of its input, with an unfinished file where there is to be one.
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(QUIET.repeat(50_000).as_bytes()).unwrap();
        let begun = Instant::now();
        while args == ["records", "-", "-o", "out"] && folder.names().is_empty() {
            assert!(begun.elapsed() < Duration::from_mins(1), "no unfinished file");
            std::thread::sleep(Duration::from_millis(5));
        }
        let kill = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
        assert!(kill.success());
        assert_eq!(child.wait().unwrap().code(), Some(130), "{args:?}");
        assert_eq!(folder.names(), [""; 0], "{args:?}");
        drop(stdin);
    }
}

#[test]
fn colour_only_where_it_is_asked_for() {
    let case = input("ha-reset-mid-rekey");
    let plain = on_cases([&case]).exits(1);
    assert!(!plain.bytes().contains(&0x1b));
    assert_eq!(on_cases([&case]).env("NO_COLOR", "1").exits(1).bytes(), plain.bytes());
    assert_eq!(on_cases([&case, "--color", "never"]).exits(1).bytes(), plain.bytes());
    // What a flag asks for outranks what the environment prefers.
    assert!(on_cases([&case, "--color", "always"]).env("NO_COLOR", "1").exits(1).bytes().contains(&0x1b));
    assert!(!on_cases([&case, "--color", "always", "--format", "json"]).exits(1).bytes().contains(&0x1b));
}

#[test]
fn the_text_keeps_its_width_and_ascii() {
    let case = input("ha-reset-mid-rekey");
    let of = |args: &[&str]| on_cases([&[case.as_str()], args].concat()).exits(1).text();
    let rule = |text: &str| text.lines().find(|line| line.starts_with("── I1")).unwrap().chars().count();
    assert_eq!(rule(&of(&[])), 100);
    assert_eq!(rule(&of(&["--width", "80"])), 80);
    assert_eq!(rule(&of(&["--width", "7"])), 60);
    assert!(of(&["--ascii"]).is_ascii());
    let lines = |args: &[&str]| of(args).lines().count();
    assert!(lines(&["-q"]) < 5);
    assert!(lines(&["-v"]) > lines(&[]));
}
