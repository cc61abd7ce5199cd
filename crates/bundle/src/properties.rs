//! What holds for any bytes whatever: no panic, no endless loop, the same bytes for any size of step.

use proptest::prelude::*;

use crate::limits::Limits;
use crate::testing::{Got, Zipped, gz, lines, read_with, tar, tar_member, zip};
use crate::unit::ReadProblem;

/// Limits that keep a test fast, whatever comes.
fn limits() -> Limits {
    Limits { free_bytes: 1 << 20, unit_bytes: 4 << 20, window_bytes: 1 << 20, zip_bytes: 1 << 16, ..Limits::default() }
}

/// One input of each kind, and of kinds in kinds, with some length to damage.
fn samples() -> Vec<Vec<u8>> {
    let log = lines(300);
    let (head, tail) = log.split_at(5000);
    let archive = [
        tar_member("././@LongLink", b'L', b"a/long/name.log\0"),
        tar_member("short.log", b'0', &log),
        tar_member("PaxHeader/x", b'x', b"18 path=a\nb=c.log\n"),
        tar(&[("a.log.gz", &gz(&log)), ("b.FRAG-00000", head), ("b.FRAG-00001", tail), ("empty", b"")]),
    ]
    .concat();
    let mut follows = Zipped::new("b.log", &log);
    follows.flags = 8;
    let zipped = zip(&[Zipped::new("a.log", &log), follows, Zipped::stored("c.tar", &archive)]);
    let mut all = vec![
        gz(&log),
        [gz(head), gz(tail)].concat(),
        gz(&archive),
        archive.clone(),
        zipped.clone(),
        tar(&[("a.zip", &zipped)]),
        zip(&[Zipped::stored("a.zip", &zipped), Zipped::new("a.tgz", &gz(&archive))]),
    ];
    all.extend(packed(&log));
    all.extend(packed(&archive));
    all
}

#[cfg(all(feature = "bzip2", feature = "xz", feature = "zstd"))]
fn packed(bytes: &[u8]) -> Vec<Vec<u8>> {
    crate::codec::tests::ALL[1..].iter().map(|(_, pack)| pack(bytes)).collect()
}

#[cfg(not(all(feature = "bzip2", feature = "xz", feature = "zstd")))]
fn packed(_: &[u8]) -> Vec<Vec<u8>> {
    Vec::new()
}

/// Reads the same bytes in large and in small steps, which must make no difference.
fn read_both_ways(bytes: &[u8]) -> (Vec<Got>, Vec<ReadProblem>) {
    let limits = limits();
    let large = read_with(bytes, &limits, 1 << 16);
    let total: usize = large.0.iter().map(|got| got.bytes.len()).sum();
    // At a limit of bytes it does make one: how far a decoder got before it was counted.
    let stopped = large.1.iter().any(|problem| problem.problem.starts_with("stopped at the limit"));
    if !stopped {
        assert_eq!(read_with(bytes, &limits, 1), large);
        assert_eq!(read_with(bytes, &limits, 1000), large);
    }
    assert!(total <= 5 << 20, "{total} bytes");
    large
}

/// A way to damage an input.
#[derive(Debug, Clone)]
enum Damage {
    Flip(usize, u8),
    Cut(usize),
    Copy(usize, usize, usize),
    Zero(usize, usize),
    Insert(usize, Vec<u8>),
}

fn damage() -> impl Strategy<Value = Damage> {
    let place = any::<usize>();
    prop_oneof![
        4 => (place, 1_u8..).prop_map(|(at, bits)| Damage::Flip(at, bits)),
        1 => place.prop_map(Damage::Cut),
        1 => (place, place, 0_usize..600).prop_map(|(from, to, length)| Damage::Copy(from, to, length)),
        1 => (place, 0_usize..600).prop_map(|(at, length)| Damage::Zero(at, length)),
        1 => (place, proptest::collection::vec(any::<u8>(), 0..40)).prop_map(|(at, bytes)| Damage::Insert(at, bytes)),
    ]
}

impl Damage {
    fn apply(&self, bytes: &mut Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        let length = bytes.len();
        match self {
            Damage::Flip(at, bits) => bytes[at % length] ^= bits,
            Damage::Cut(at) => bytes.truncate(at % length),
            Damage::Copy(from, to, count) => {
                let from = from % length;
                let piece = bytes[from..(from + count).min(length)].to_vec();
                bytes.splice(to % length..to % length, piece);
            }
            Damage::Zero(at, count) => {
                let at = at % length;
                bytes[at..(at + count).min(length)].fill(0);
            }
            Damage::Insert(at, piece) => {
                bytes.splice(at % length..at % length, piece.iter().copied());
            }
        }
    }
}

/// More cases for a longer run, by the environment variable of `proptest`.
fn cases(count: u32) -> ProptestConfig {
    ProptestConfig {
        cases: count.max(ProptestConfig::default().cases / 256 * count),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        let (got, problems) = read_both_ways(&bytes);
        prop_assert!(!got.is_empty() || !problems.is_empty());
    }

    #[test]
    fn any_bytes_behind_a_magic_are_read(
        magic in prop::sample::select(vec![
            &b"\x1f\x8b\x08\0"[..], b"BZh91AY&SY", b"\xfd7zXZ\0\0\x04\xe6\xd6\xb4F", b"\x28\xb5\x2f\xfd", b"PK\x03\x04", b"PK\x05\x06",
        ]),
        bytes in proptest::collection::vec(any::<u8>(), 0..2000),
    ) {
        let (got, problems) = read_both_ways(&[magic, &bytes].concat());
        prop_assert!(!got.is_empty() || !problems.is_empty());
    }

    #[test]
    fn plain_bytes_come_out_as_they_are(bytes in "[ -~\n]{0,3000}") {
        let (got, problems) = read_both_ways(bytes.as_bytes());
        prop_assert_eq!(&got[0].bytes, bytes.as_bytes());
        prop_assert_eq!(problems, vec![]);
    }

    #[test]
    fn damaged_archives_are_read(which in any::<prop::sample::Index>(), damages in proptest::collection::vec(damage(), 0..4)) {
        let all = samples();
        let mut bytes = all[which.index(all.len())].clone();
        for damage in &damages {
            damage.apply(&mut bytes);
        }
        let (got, problems) = read_both_ways(&bytes);
        if damages.is_empty() {
            prop_assert_eq!(&problems, &vec![]);
            prop_assert!(!got.is_empty());
        }
    }
}

#[test]
fn the_samples_are_whole() {
    for (at, bytes) in samples().iter().enumerate() {
        let (got, problems) = read_both_ways(bytes);
        assert_eq!(problems, [], "sample {at}");
        assert!(got.iter().any(|got| got.bytes.len() > 1000), "sample {at}");
    }
}
