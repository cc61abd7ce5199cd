//! Containers: whatever the bytes, reading ends, stays within its limits and says what was lost.

use esxray_bundle::{Limits, ReadProblem, plan};

use super::Target;
use crate::pack::{bzip2, gzip, tar, xz, zip, zstd};
use crate::{Trace, mutate};

pub(super) const TARGET: Target = Target {
    name: "containers",
    about: "bytes as a file of any kind: reading ends within its limits, twice in the same way",
    seeds,
    mutate: mutate::archive,
    run,
    most_bytes: 64 << 10,
};

/// Decoded bytes of one input.
const BUDGET: u64 = 1 << 20;

fn seeds() -> Vec<Vec<u8>> {
    let log: Vec<u8> = (0..60)
        .flat_map(|n| format!("2024-03-12T09:00:{n:02}.000Z In(05) vmx - line {n} {:x}\n", n * 7919 % 997).into_bytes())
        .collect();
    let (head, tail) = log.split_at(log.len() / 3);
    let inner = tar(&[(b"var/log/hostd.log", b'0', &log), (b"empty", b'0', b""), (b"link", b'2', b"")]);
    let odd = tar(&[
        (b"././@LongLink", b'L', b"a/long/name/of/vmware.log\0"),
        (b"short", b'0', &log),
        (b"PaxHeader/x", b'x', b"18 path=a\nb=c.log\n"),
        (b"y", b'0', head),
        (b"hostd.log.FRAG-00000", b'0', head),
        (b"hostd.log.FRAG-00001", b'0', tail),
        (b"g", b'g', b"13 size=1000\n"),
    ]);
    let zipped = zip(&[(b"a.log", true, &log), (b"b/c.log", false, tail), (b"d.tar", true, &inner)]);
    let nested = tar(&[(b"a.tgz", b'0', &gzip(&inner)), (b"b.zip", b'0', &zipped), (b"c.xz", b'0', &xz(&log))]);
    let mut two_streams = gzip(head);
    two_streams.extend(gzip(tail));
    let mut seeds = vec![log.clone(), inner.clone(), odd.clone(), zipped.clone(), nested.clone(), two_streams];
    for packed in [&log, &inner, &nested] {
        seeds.extend([gzip(packed), bzip2(packed), xz(packed), zstd(packed)]);
    }
    seeds.push(gzip(&odd));
    seeds.push(zip(&[(b"a.zip", false, &zipped), (b"b.tgz", true, &gzip(&nested))]));
    seeds.push(gzip(&vec![0; 300_000]));
    seeds
}

/// Name, time and bytes of each source.
type Got = (Vec<(String, Option<i64>, Vec<u8>)>, Vec<ReadProblem>);

fn run(input: &[u8], trace: &mut Trace) {
    #[expect(clippy::expect_used, reason = "without a file nothing can be read")]
    let file = {
        use std::io::Write;
        let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
        file.write_all(input).expect("a temporary file can be written");
        file
    };
    let mut limits = Limits::default();
    limits.free_bytes = BUDGET / 4;
    limits.unit_free_bytes = BUDGET / 2;
    limits.unit_bytes = BUDGET;
    limits.window_bytes = 1 << 20;
    limits.zip_bytes = 1 << 18;
    limits.members = 100;
    limits.problems = 20;
    let path = file.path().to_path_buf();
    let whole = read(&path, &limits, 1 << 16);
    let bytes: u64 = whole.0.iter().map(|it| it.2.len() as u64).sum();
    assert!(bytes <= BUDGET + (1 << 16), "{bytes} bytes came out of a budget of {BUDGET}");
    if !is_container(input) {
        let as_it_is = whole.0.len() == 1 && whole.0.iter().all(|it| it.2 == input);
        assert!(as_it_is && whole.1.is_empty(), "what is no container comes out as it is: {:?}", whole.1);
    }
    let problems = whole.1.iter().filter(|it| !it.incomplete).count();
    assert!(problems <= 21 && whole.1.len() <= 42, "{} problems are listed singly", whole.1.len());
    for problem in &whole.1 {
        assert!(!problem.problem.is_empty() && !problem.source.is_empty());
        trace.saw(problem.incomplete);
        // Behind the first words come names.
        trace.words(&problem.problem.chars().take(28).collect::<String>());
    }
    for (name, modified, bytes) in &whole.0 {
        trace.saw((name.matches('!').count(), modified.is_some(), bytes.len().checked_ilog2()));
    }
    // At a limit of bytes, how far a decoder got depends on the size of its steps.
    if whole.1.iter().all(|it| !it.problem.starts_with("stopped at the limit")) {
        let again = read(&path, &limits, 1000);
        assert!(whole == again, "the size of the reader's steps changes what comes out");
    }
}

/// Whether bytes say of themselves that they are a container; in doubt yes.
pub(super) fn is_container(bytes: &[u8]) -> bool {
    const MAGICS: &[&[u8]] = &[
        b"\x1f\x8b",
        b"BZh",
        b"\xfd7zXZ",
        b"\x28\xb5\x2f\xfd",
        b"PK",
        b"7z\xbc\xaf",
        b"Rar!",
        b"\x04\x22\x4d\x18",
        b"\x1f\x9d",
        b"LZIP",
        b"\x5d\0\0",
    ];
    let skippable = bytes.get(1..4) == Some(b"\x2a\x4d\x18") && bytes.first().is_some_and(|it| it & 0xf0 == 0x50);
    MAGICS.iter().any(|magic| bytes.starts_with(magic))
        || skippable
        || bytes.get(257..262) == Some(b"ustar")
        || (bytes.len() >= 512
            && bytes.get(148..156).is_some_and(|sum| sum.iter().all(|it| matches!(it, b'0'..=b'7' | b' ' | 0))))
        || bytes.windows(4).any(|it| it == b"PK\x05\x06")
}

fn read(path: &std::path::Path, limits: &Limits, step: usize) -> Got {
    let mut sources = Vec::new();
    #[expect(clippy::expect_used, reason = "the file was just written")]
    let found = plan(&[path.to_path_buf()], limits).expect("the file is there");
    let mut problems = found.problems;
    let mut buffer = vec![0; step];
    for unit in &found.units {
        problems.extend(unit.read(limits, &mut |member| {
            let mut bytes = Vec::new();
            while let Ok(count @ 1..) = member.reader.read(&mut buffer) {
                bytes.extend_from_slice(buffer.get(..count).unwrap_or_default());
            }
            sources.push((member.name, member.modified, bytes));
        }));
    }
    (sources, problems)
}
