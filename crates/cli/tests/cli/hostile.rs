//! No byte of the input drives the terminal: log text, file names, arguments.

use std::process::Stdio;

use crate::harness::{Folder, WRONG_KEY, assert_harmless};

/// Terminal attacks: title, clipboard, link, clear, cursor, device report, C1, backspaces, bidi, zero width, tags.
const ATTACKS: [&str; 14] = [
    "\u{1b}]0;PWNED\u{7}",
    "\u{1b}]52;c;eA==\u{7}",
    "\u{1b}]8;;http://example.com\u{1b}\\click\u{1b}]8;;\u{1b}\\",
    "\u{1b}[2J\u{1b}[H",
    "\u{1b}[6n",
    "\u{1b}P1$r0m\u{1b}\\",
    "\u{9b}31m",
    "\u{8}\u{8}\u{8}\rfake",
    "\u{7f}",
    "\u{202e}\u{2066}x\u{2069}",
    "\u{200b}\u{feff}\u{2060}",
    "\u{e0041}\u{e0042}",
    "\u{2028}\u{85}\u{b}\u{c}",
    "\u{1b}[31;1mFAILURE\u{1b}[0m",
];

#[test]
fn log_text_is_shown_and_not_obeyed() {
    for attack in ATTACKS {
        let log = [WRONG_KEY.replace("APP-01-lKPs", attack), WRONG_KEY.to_owned()].concat();
        let folder = Folder::new().with("vmware.log", &log);
        for args in [
            &["vmware.log"][..],
            &["vmware.log", "-v"],
            &["vmware.log", "--ascii"],
            &["vmware.log", "--format", "json"],
            &["records", "vmware.log"],
            &["vmware.log", "--vm", attack],
        ] {
            let mut run = folder.run(args);
            run.command.stdout(Stdio::piped());
            let ended = run.ends();
            assert_harmless(attack, ended.bytes());
            assert_harmless(attack, ended.errors().as_bytes());
        }
        let found = folder.run(["vmware.log"]).exits(1).text();
        assert!(found.contains("APP-01-lKPs.vmdk"), "the evidence beside it is still found: {found}");
    }
}

#[test]
fn colour_adds_our_own_sequences_alone() {
    let log = ATTACKS.map(|attack| WRONG_KEY.replace("APP-01-lKPs", attack)).concat();
    let folder = Folder::new().with("vmware.log", &log);
    let text = folder.run(["vmware.log", "-v", "--color", "always"]).exits(1).text();
    let mut plain = String::new();
    let mut pieces = text.split("\u{1b}[");
    plain.push_str(pieces.next().unwrap());
    for piece in pieces {
        let (codes, rest) = piece.split_once('m').unwrap();
        assert!(codes.bytes().all(|byte| byte.is_ascii_digit() || byte == b';'), "{piece:?}");
        plain.push_str(rest);
    }
    assert_harmless("colour", plain.as_bytes());
}

#[cfg(unix)]
#[test]
fn file_names_are_shown_and_not_obeyed() {
    for attack in ATTACKS {
        let name = format!("{}.log", attack.replace('/', "_"));
        let folder =
            Folder::new().with(&format!("in/{name}"), WRONG_KEY).with(&format!("in/{name}.gz"), b"\x1f\x8b\x08\0");
        let inside = format!("in/{name}");
        for args in [
            &["in"][..],
            &["in", "-v"],
            &["in", "--format", "json"],
            &["records", "in", "-v"],
            &[&inside],
            &[&inside, "-o", "in"],
            &["in", "-o", &inside],
            &["no", &inside, &name],
            &[&name],
            &["--since", &name, "in"],
            &[&format!("--{name}")],
            &["in", "--knowledge", &name],
            &["explain", &name],
        ] {
            let mut run = folder.run(args);
            run.command.stdout(Stdio::piped());
            let ended = run.ends();
            assert_harmless(attack, ended.bytes());
            assert_harmless(attack, ended.errors().as_bytes());
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_name_that_is_no_text_is_read() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    let folder = Folder::new();
    let name = OsStr::from_bytes(b"B\xfcro.log");
    std::fs::write(folder.path().join(name), WRONG_KEY).unwrap();
    let report = folder.run([name, OsStr::new("--format=json")]).exits(1).json();
    assert_eq!(report["coverage"][0]["source"], "B\\xfcro.log");
    let mut run = folder.run([OsStr::from_bytes(b"no\xff.log")]);
    run.command.stdout(Stdio::piped());
    assert_harmless("error", run.ends().with(2).errors().as_bytes());
}
