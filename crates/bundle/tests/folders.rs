//! What is found in folders, and how it is told.
#![cfg(unix)]
#![expect(clippy::disallowed_methods, clippy::unwrap_used, reason = "the tests make the files that are read")]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use esxray_bundle::{Error, Limits, Plan, ReadProblem, plan};

fn find(paths: &[&Path]) -> Plan {
    let paths: Vec<PathBuf> = paths.iter().map(|&path| path.to_owned()).collect();
    plan(&paths, &Limits::default()).unwrap()
}

/// Names below `root`, so that the temporary folder's own name does not matter.
fn names(plan: &Plan, root: &Path) -> Vec<String> {
    let root = format!("{}/", root.display());
    plan.units.iter().map(|unit| unit.name().replacen(&root, "", 1)).collect()
}

fn problems<'a>(all: &'a [ReadProblem], root: &Path) -> BTreeMap<String, &'a ReadProblem> {
    let root = format!("{}/", root.display());
    all.iter().map(|problem| (problem.source.replacen(&root, "", 1), problem)).collect()
}

fn contents(plan: &Plan) -> (Vec<Vec<u8>>, Vec<ReadProblem>) {
    let mut bytes = Vec::new();
    let mut problems = Vec::new();
    for unit in &plan.units {
        problems.extend(unit.read(&Limits::default(), &mut |member| {
            let mut all = Vec::new();
            member.reader.read_to_end(&mut all).unwrap();
            bytes.push(all);
        }));
    }
    (bytes, problems)
}

#[test]
fn a_folder_is_sorted_by_path_bytes_and_arguments_keep_their_order() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    fs::create_dir_all(root.join("a/deep")).unwrap();
    for name in ["a/deep/vmware.log", "a.log", "a/b.log", "Z.log", "é.log"] {
        fs::write(root.join(name), name).unwrap();
    }
    fs::write(root.join(std::ffi::OsStr::from_bytes(b"\xff.log")), "raw").unwrap();
    let found = find(&[root]);
    let sorted = ["Z.log", "a.log", "a/b.log", "a/deep/vmware.log", "é.log", "\\xff.log"];
    assert_eq!(names(&found, root), sorted);
    assert!(found.units.iter().all(|unit| !unit.explicit()));
    assert_eq!(found.units[1].size_hint(), 5);
    assert_eq!(contents(&found).0[3], b"a/deep/vmware.log");

    let found = find(&[&root.join("a.log"), &root.join("Z.log"), root]);
    assert_eq!(names(&found, root)[..3], ["a.log", "Z.log", "a/b.log"]);
    assert!(found.units[0].explicit() && !found.units[2].explicit());
}

#[test]
fn links_and_pipes_are_named_and_never_opened() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    fs::write(root.join("vmware.log"), "x").unwrap();
    let link = |to: &str, name: &str| std::os::unix::fs::symlink(to, root.join(name)).unwrap();
    link(".", "loop");
    link("/nonexistent/x", "broken.log");
    link("/dev/zero", "zero.log");
    let made = std::process::Command::new("mkfifo").arg(root.join("pipe.log")).status();
    assert!(made.unwrap().success());
    let _socket = std::os::unix::net::UnixListener::bind(root.join("socket")).unwrap();

    let found = find(&[root]);
    assert_eq!(names(&found, root), ["vmware.log"]);
    let told = problems(&found.problems, root);
    assert!(told.values().all(|problem| !problem.incomplete));
    assert_eq!(told["loop"].problem, "link to ., not followed");
    assert_eq!(told["zero.log"].problem, "link to /dev/zero, not followed");
    assert_eq!(told["pipe.log"].problem, "pipe, not a regular file, skipped");
    assert_eq!(told["socket"].problem, "socket, not a regular file, skipped");
    assert_eq!(told.len(), 5);

    // A link that the user named is followed: they asked for it.
    link("vmware.log", "named.log");
    assert_eq!(contents(&find(&[&root.join("named.log")])).0, [b"x"]);
}

#[test]
fn one_file_under_two_names_is_read_once() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    fs::write(root.join("b.log"), "x").unwrap();
    fs::hard_link(root.join("b.log"), root.join("a.log")).unwrap();
    let found = find(&[root, &root.join("b.log")]);
    assert_eq!(names(&found, root), ["a.log"]);
    assert!(found.units[0].explicit(), "it was named too");
    assert_eq!(found.problems.len(), 2);
    for problem in &found.problems {
        assert!(problem.source.ends_with("b.log") && problem.problem.contains("a.log, read once"));
        assert!(!problem.incomplete);
    }
    assert_eq!(find(&["-".as_ref(), "-".as_ref()]).units.len(), 1);
}

#[test]
fn what_was_named_and_cannot_be_read_is_an_error() {
    let limits = Limits::default();
    let error = plan(&["/nonexistent/vmware.log".into()], &limits).unwrap_err();
    assert!(matches!(error, Error::Read { .. }));
    assert_eq!(error.to_string(), "cannot read /nonexistent/vmware.log");
    let error = plan(&["/dev/zero".into()], &limits).unwrap_err();
    assert_eq!(error.to_string(), "/dev/zero is a device, not a file or folder");
}

#[test]
fn what_vanishes_or_turns_into_something_else_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    for name in ["gone.log", "link.log", "stays.log"] {
        fs::write(root.join(name), name).unwrap();
    }
    let found = find(&[root]);
    fs::remove_file(root.join("gone.log")).unwrap();
    fs::remove_file(root.join("link.log")).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", root.join("link.log")).unwrap();
    let (bytes, told) = contents(&found);
    assert_eq!(bytes, [b"stays.log"]);
    let told = problems(&told, root);
    assert!(told["gone.log"].problem.starts_with("cannot be opened: No such file"));
    assert_eq!(told["link.log"].problem, "cannot be opened: it is no longer a regular file");
    assert!(told.values().all(|problem| problem.incomplete && problem.lost_bytes == Some(8)));
}

#[test]
fn a_file_is_read_as_long_as_it_was_when_opened() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("live.log");
    let change = |length: u64| {
        let file = fs::File::options().write(true).open(&path).unwrap();
        file.set_len(length).unwrap();
    };
    let read = |length: u64| {
        fs::write(&path, vec![b'x'; 1 << 20]).unwrap();
        let found = find(&[&path]);
        let mut bytes = 0;
        let told = found.units[0].read(&Limits::default(), &mut |member| {
            let mut byte = [0];
            assert_eq!(member.reader.read(&mut byte).unwrap(), 1);
            change(length);
            bytes = 1 + std::io::copy(member.reader, &mut std::io::sink()).unwrap();
        });
        (bytes, told)
    };
    let (bytes, told) = read(2 << 20);
    assert_eq!(bytes, 1 << 20);
    assert_eq!((told[0].lost_bytes, told[0].incomplete), (Some(1 << 20), false));
    let (bytes, told) = read(200_000);
    assert_eq!(bytes, 200_000);
    assert_eq!((told[0].lost_bytes, told[0].incomplete), (Some((1 << 20) - 200_000), true));
    assert!(told[0].problem.starts_with("the file shrank"));
}

#[test]
fn an_empty_file_is_a_source() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("empty.log"), "").unwrap();
    assert_eq!(contents(&find(&[dir.path()])), (vec![vec![]], vec![]));
}

#[test]
fn a_limit_of_files_is_told() {
    let dir = tempfile::tempdir().unwrap();
    for n in 0..5 {
        fs::write(dir.path().join(format!("{n}.log")), "").unwrap();
    }
    let mut limits = Limits::default();
    limits.members = 3;
    let found = plan(&[dir.path().to_owned()], &limits).unwrap();
    assert_eq!(found.units.len(), 3);
    assert!(found.problems[0].incomplete);
}

#[test]
fn parts_of_a_split_file_are_one_source() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    let parts = ["h.log.FRAG-00000", "h.log.FRAG-00001", "h.log.FRAG-00002", "h.log.FRAG-00010", "v.log.FRAG-00002"];
    for name in parts {
        fs::write(root.join(name), format!("{name}\n")).unwrap();
    }
    fs::write(root.join("a.log"), "a").unwrap();
    fs::write(root.join("h.log.old"), "o").unwrap();
    let found = find(&[root]);
    assert_eq!(names(&found, root), ["a.log", "h.log", "h.log.FRAG-00010", "h.log.old", "v.log.FRAG-00002"]);
    assert_eq!(found.units[1].size_hint(), 3 * 17);
    let told = problems(&found.problems, root);
    assert_eq!(told["h.log.FRAG-00010"].problem, "parts 3 to 9 of a split file are missing before it");
    assert_eq!(told["v.log.FRAG-00002"].problem, "parts 0 to 1 of a split file are missing before it");
    assert!(told.len() == 2 && told.values().all(|problem| problem.incomplete));
    let (bytes, told) = contents(&found);
    assert_eq!(bytes[1], b"h.log.FRAG-00000\nh.log.FRAG-00001\nh.log.FRAG-00002\n");
    assert_eq!(told, []);

    // Behind a part that is lost, the rest is not glued on.
    fs::remove_file(root.join("h.log.FRAG-00001")).unwrap();
    let (bytes, told) = contents(&found);
    assert_eq!(bytes[1], b"h.log.FRAG-00000\n");
    let told = problems(&told, root);
    assert!(told["h.log.FRAG-00001"].problem.starts_with("cannot be opened"));
    assert_eq!(told["h.log.FRAG-00002"].problem, "parts of the split file behind it were not read");
    assert!(told.values().all(|problem| problem.incomplete));

    // Where somebody has joined the parts already, both are read, and told.
    fs::write(root.join("h.log"), "h").unwrap();
    let found = find(&[root]);
    assert_eq!(names(&found, root)[1..3], ["h.log", "h.log.FRAG-00000"]);
    assert!(problems(&found.problems, root)["h.log.FRAG-00000"].problem.contains("which may hold the same"));
}

#[test]
fn a_pipe_that_was_named_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
    let found = find(&[&path]);
    let writer = std::thread::spawn(move || fs::write(path, "through a pipe\n").unwrap());
    assert_eq!(contents(&found), (vec![b"through a pipe\n".to_vec()], vec![]));
    writer.join().unwrap();
}

/// A zip archive of one stored member, with the offsets of an archive that begins at its first byte.
fn zip(name: &str, data: &[u8]) -> Vec<u8> {
    let mut crc = flate2::Crc::new();
    crc.update(data);
    let length = u32::try_from(data.len()).unwrap().to_le_bytes();
    let name_length = u16::try_from(name.len()).unwrap().to_le_bytes();
    let common =
        [&[20, 0, 0, 0, 0, 0, 0, 0, 0, 0][..], &crc.sum().to_le_bytes(), &length, &length, &name_length].concat();
    let local = [b"PK\x03\x04", &common[..], &[0, 0], name.as_bytes(), data].concat();
    let central = [b"PK\x01\x02\x14\x03", &common[..], &[0; 8], &[0, 0, 0xa4, 0x81], &[0; 4], name.as_bytes()].concat();
    let sizes = [u32::try_from(central.len()).unwrap(), u32::try_from(local.len()).unwrap()];
    let end = [b"PK\x05\x06\0\0\0\0\x01\0\x01\0", &sizes.map(u32::to_le_bytes).concat()[..], &[0, 0]].concat();
    [local, central, end].concat()
}

#[test]
fn a_file_is_read_from_its_start_after_its_end_was_looked_at() {
    let dir = tempfile::tempdir().unwrap();
    let log: Vec<u8> = (0..200_000_u32).flat_map(u32::to_le_bytes).collect();
    let archive = zip("vmware.log", &log);
    let extractor = [b"#!/bin/sh\n".repeat(50), archive.clone()].concat();
    for (name, bytes) in [("a.log", &log), ("b.zip", &archive), ("c.sh", &extractor)] {
        fs::write(dir.path().join(name), bytes).unwrap();
    }
    let (bytes, told) = contents(&find(&[dir.path()]));
    assert!(bytes == [log.clone(), log.clone(), log]);
    let told: Vec<_> = told.iter().map(|problem| (problem.problem.as_str(), problem.incomplete)).collect();
    assert_eq!(told, [("500 bytes in front of the archive were not examined", false)]);
}
