//! What the tests of several files share: reading bytes from memory, making gzip streams.

use std::io::{Read, Write as _};

use crate::limits::Limits;
use crate::reading::{At, Reading, open};
use crate::unit::{Member, ReadProblem};

/// A source that was read, and what it held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Got {
    pub(crate) name: String,
    pub(crate) modified: Option<i64>,
    pub(crate) bytes: Vec<u8>,
}

/// Reads `bytes` as if they stood in a file called `x`.
pub(crate) fn read(bytes: &[u8]) -> (Vec<Got>, Vec<ReadProblem>) {
    read_with(bytes, &Limits::default(), 1 << 16)
}

/// The same, `step` bytes at a time and with other limits.
pub(crate) fn read_with(bytes: &[u8], limits: &Limits, step: usize) -> (Vec<Got>, Vec<ReadProblem>) {
    let mut got = Vec::new();
    let mut buffer = vec![0; step];
    let mut each = |member: Member<'_>| {
        let mut bytes = Vec::new();
        loop {
            let count = member.reader.read(&mut buffer).unwrap();
            if count == 0 {
                break;
            }
            bytes.extend_from_slice(&buffer[..count]);
        }
        assert_eq!(member.reader.read(&mut buffer).unwrap(), 0, "an end stays an end");
        got.push(Got { name: member.name, modified: member.modified, bytes });
    };
    let reading = Reading::new(limits, &mut each);
    let mut raw = bytes;
    let mut counted = Counted(&reading, &mut raw);
    open(&reading, At::top("x", true), &mut counted);
    let problems = reading.into_problems();
    (got, problems)
}

struct Counted<'a, 'r, R>(&'a Reading<'r>, R);

impl<R: Read> Read for Counted<'_, '_, R> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let count = self.1.read(out)?;
        self.0.count_raw(count);
        Ok(count)
    }
}

/// One gzip member without a name or a time.
pub(crate) fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Some thousand different lines, so that a compressed stream is longer than a block.
pub(crate) fn lines(count: usize) -> Vec<u8> {
    let mut out = Vec::new();
    for n in 0..count {
        let twist = n.wrapping_mul(2_654_435_761) % 99_991;
        writeln!(
            out,
            "2026-03-04T10:{:02}:{:02}.{:03}Z In(05) vmx - line {n} {twist:x}",
            n / 60 % 60,
            n % 60,
            twist % 1000
        )
        .unwrap();
    }
    out
}
