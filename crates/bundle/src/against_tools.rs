//! What GNU tar and Info-ZIP's unzip find in an archive is found here too, byte for byte, or the difference is told.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::limits::Limits;
use crate::plan::plan;
use crate::testing::{Zipped, lines, pax, tar, tar_header, tar_member, tar_sum, zip, zip_end};

/// Names and contents, in the order of the archive.
type Members = Vec<(String, Vec<u8>)>;

/// How an archive compares.
#[derive(Debug, PartialEq, Eq)]
enum Compared {
    /// The same members, and nothing to tell.
    Equal,
    /// The same members, and something to tell.
    Told,
    /// Other members, and it is told why.
    Differs,
}
use Compared::{Differs, Equal, Told};

fn skipped(tool: &str) {
    eprintln!("skipped: there is no {tool}");
}

/// Output of a tool, whatever its exit status; `None` where it is not there.
fn output(command: &mut Command) -> Option<Vec<u8>> {
    Some(command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?.stdout)
}

/// The regular files that GNU tar hands out; it writes nothing.
fn by_tar(archive: &Path) -> Option<Members> {
    let each = "--to-command=printf '%s\\0' \"$TAR_FILENAME\"; cat; printf '\\0'";
    let mut command = Command::new("tar");
    command.args(["--extract", "--absolute-names", each, "--file"]).arg(archive);
    let told = output(command.current_dir(archive.parent()?))?;
    let pieces: Vec<&[u8]> = told.split(|byte| *byte == 0).collect();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    Some(pieces.chunks_exact(2).map(|it| (text(it[0]), it[1].to_vec())).collect())
}

/// The names that unzip lists, and the contents that it prints, of all files one behind the other.
fn by_unzip(archive: &Path) -> Option<(Vec<String>, Vec<u8>)> {
    let names = output(Command::new("unzip").arg("-Z1").arg(archive))?;
    let bytes = output(Command::new("unzip").arg("-p").arg(archive))?;
    Some((String::from_utf8(names).unwrap().lines().map(str::to_owned).collect(), bytes))
}

/// The members that this crate finds, by the names that stand in the archive, and whether it tells something.
fn here(archive: &Path) -> (Members, bool) {
    let limits = Limits::default();
    let found = plan(&[archive.to_owned()], &limits).unwrap();
    let inside = format!("{}!", archive.display());
    let mut members = Vec::new();
    let mut tells = !found.problems.is_empty();
    for unit in &found.units {
        let problems = unit.read(&limits, &mut |member| {
            let mut bytes = Vec::new();
            member.reader.read_to_end(&mut bytes).unwrap();
            let name = member.name.strip_prefix(&inside).unwrap_or(&member.name);
            // The second of a name has a number behind it.
            members.push((name.rsplit_once('#').map_or(name, |it| it.0).to_owned(), bytes));
        });
        tells |= !problems.is_empty();
    }
    (members, tells)
}

/// How the members compare; `None` where they differ and nothing tells of it: the one thing that must not be.
fn compared<T: PartialEq>(here: &T, there: &T, told: bool) -> Option<Compared> {
    match (here == there, told) {
        (true, false) => Some(Equal),
        (true, true) => Some(Told),
        (false, true) => Some(Differs),
        (false, false) => None,
    }
}

/// Pieces with an end mark.
fn ended(pieces: &[Vec<u8>]) -> Vec<u8> {
    [pieces.concat(), vec![0; 1024]].concat()
}

#[test]
fn tar_archives_hold_what_gnu_tar_finds() {
    if !output(Command::new("tar").arg("--version")).is_some_and(|told| told.starts_with(b"tar (GNU tar)")) {
        return skipped("GNU tar");
    }
    let log = lines(100);
    let (a, b) = (tar_member("a.log", b'0', &log), tar_member("b.log", b'0', &log[..3000]));
    let mut link = tar_header(b"hard.log", b'1', 0);
    link[157..162].copy_from_slice(b"a.log");
    tar_sum(&mut link);
    let deep = format!("{}/vmware.log", "folder".repeat(30));
    let gnu = tar_member("././@LongLink", b'L', format!("{deep}\0").as_bytes());
    let whole = tar(&[("a.log", &log), ("b.log", &log)]);
    let damaged = {
        let mut bytes = whole.clone();
        bytes[148] = b'9';
        bytes
    };
    let global = |key: &str, value: &str| {
        let mut header = pax(&[(key, value)]);
        header[156] = b'g';
        tar_sum(&mut header[..512]);
        header
    };
    let mut sized = tar_header(b"b.log", b'0', 0);
    sized.extend(&log[..3000]);
    sized.resize(sized.len().next_multiple_of(512), 0);
    let dir = tempfile::tempdir().unwrap();
    for (label, bytes, expected) in [
        ("two files", whole.clone(), Equal),
        ("an empty file", tar(&[("a.log", b""), ("b.log", &log)]), Equal),
        ("a name twice", ended(&[a.clone(), b.clone(), tar_member("a.log", b'0', &log[..100])]), Told),
        ("a hard link", ended(&[a.clone(), link, b.clone()]), Told),
        ("a long name, as GNU writes it", ended(&[gnu, a.clone(), b.clone()]), Equal),
        ("a long name in pax", ended(&[pax(&[("path", &deep)]), a.clone(), b.clone()]), Equal),
        ("a size in pax", ended(&[a.clone(), pax(&[("size", "3000")]), sized]), Equal),
        ("a global header with a remark", ended(&[global("comment", "all"), a.clone()]), Equal),
        ("a global header with a name", ended(&[global("path", "c.log"), a.clone(), b.clone()]), Differs),
        ("a name that leads out", tar(&[("../../up.log", &log), ("b.log", &log)]), Told),
        ("a name from the root", tar(&[("/var/log/up.log", &log), ("b.log", &log)]), Told),
        ("bytes behind the end", [whole.clone(), b"garbage\n".repeat(200)].concat(), Told),
        ("an archive behind the end", [whole.clone(), tar(&[("c.log", &log)])].concat(), Differs),
        ("no end mark", [a.clone(), b.clone()].concat(), Told),
        ("a damaged header", damaged, Told),
        ("cut in a file", whole[..4000].to_vec(), Differs),
        ("cut in a header", whole[..a.len() + 100].to_vec(), Told),
        ("cut in the padding", whole[..a.len() - 10].to_vec(), Differs),
    ] {
        let path = dir.path().join("archive.tar");
        fs::write(&path, &bytes).unwrap();
        let there = by_tar(&path).unwrap();
        let (here, told) = here(&path);
        let count = (here.len(), there.len());
        assert_eq!(compared(&here, &there, told), Some(expected), "{label}: {count:?}");
    }
}

/// An archive with the large end record, its numbers only there.
fn zip64(members: &[Zipped]) -> Vec<u8> {
    let mut bytes = zip(members);
    let end = bytes.split_off(bytes.len() - 22);
    let number = |at: usize| u64::from(u32::from_le_bytes(end[at..at + 4].try_into().unwrap()));
    let (length, start) = (number(12), number(16));
    let place = bytes.len() as u64;
    let count = members.len() as u64;
    bytes.extend(b"PK\x06\x06");
    bytes.extend(44_u64.to_le_bytes());
    bytes.extend([45, 3, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    bytes.extend([count, count, length, start].iter().flat_map(|it| it.to_le_bytes()));
    bytes.extend(b"PK\x06\x07\0\0\0\0");
    bytes.extend(place.to_le_bytes());
    bytes.extend(1_u32.to_le_bytes());
    let mut end = zip_end(u16::MAX, 0, 0);
    end[12..20].fill(0xff);
    [bytes, end].concat()
}

#[test]
fn zip_archives_hold_what_unzip_finds() {
    let log = lines(100);
    let (a, b) = (Zipped::new("a.log", &log), Zipped::stored("b.log", &log[..3000]));
    let two = [a.clone(), b.clone()];
    let whole = zip(&two);
    let follows = Zipped { flags: 8, ..a.clone() };
    let wrong = Zipped { crc: 7, ..a.clone() };
    let dir = tempfile::tempdir().unwrap();
    for (label, bytes, expected) in [
        ("two files", whole.clone(), Equal),
        ("an empty file", zip(&[Zipped::stored("a.log", b""), b.clone()]), Equal),
        ("a name twice", zip(&[a.clone(), Zipped::stored("a.log", &log[..100])]), Told),
        ("sizes behind the data", zip(&[follows, b.clone()]), Equal),
        ("the large end record", zip64(&two), Equal),
        ("data in front", [b"#!/bin/sh\n".repeat(50), whole.clone()].concat(), Told),
        ("bytes behind the end", [whole.clone(), b"garbage\n".repeat(20)].concat(), Told),
        ("a name that leads out", zip(&[Zipped::new("../../up.log", &log), b.clone()]), Told),
        ("a name from the root", zip(&[Zipped::new("/var/log/up.log", &log), b.clone()]), Told),
        ("a wrong checksum", zip(&[wrong, b.clone()]), Told),
        ("cut in a file", whole[..whole.len() / 3].to_vec(), Differs),
        ("cut in the directory", whole[..whole.len() - 60].to_vec(), Differs),
    ] {
        let path = dir.path().join("archive.zip");
        fs::write(&path, &bytes).unwrap();
        let Some(there) = by_unzip(&path) else { return skipped("unzip") };
        let (here, told) = here(&path);
        let count = here.len();
        let (names, contents): (Vec<String>, Vec<Vec<u8>>) = here.into_iter().unzip();
        let here = (names, contents.concat());
        assert_eq!(compared(&here, &there, told), Some(expected), "{label}: {count} and {:?}", there.0);
    }
}
