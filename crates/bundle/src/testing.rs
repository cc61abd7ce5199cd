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
    let reading = Reading::new(limits, None, &mut each);
    let mut raw = bytes;
    let mut counted = Counted(&reading, &mut raw);
    open(&reading, At::top("x", true), &mut counted, None);
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

/// A header of a tar member, its checksum right.
pub(crate) fn tar_header(name: &[u8], kind: u8, size: u64) -> Vec<u8> {
    let mut block = vec![0; 512];
    block[..name.len()].copy_from_slice(name);
    block[100..108].copy_from_slice(b"0000644\0");
    block[124..136].copy_from_slice(format!("{size:011o}\0").as_bytes());
    block[136..148].copy_from_slice(b"14413251600\0");
    block[156] = kind;
    block[257..265].copy_from_slice(b"ustar\x0000");
    tar_sum(&mut block);
    block
}

/// Makes a header's checksum right again.
pub(crate) fn tar_sum(block: &mut [u8]) {
    block[148..156].fill(b' ');
    let sum: u32 = block.iter().map(|&byte| u32::from(byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
}

/// A tar member: header, data, padding.
pub(crate) fn tar_member(name: &str, kind: u8, data: &[u8]) -> Vec<u8> {
    let mut out = tar_header(name.as_bytes(), kind, data.len() as u64);
    out.extend(data);
    out.resize(out.len().next_multiple_of(512), 0);
    out
}

/// An archive of regular files, with its end mark.
pub(crate) fn tar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out: Vec<u8> = members.iter().flat_map(|(name, data)| tar_member(name, b'0', data)).collect();
    out.resize(out.len() + 1024, 0);
    out
}

/// A member of a zip archive that a test makes, with what it says about itself.
#[derive(Debug, Clone)]
pub(crate) struct Zipped {
    pub(crate) name: Vec<u8>,
    pub(crate) local_name: Vec<u8>,
    pub(crate) method: u16,
    pub(crate) flags: u16,
    pub(crate) crc: u32,
    pub(crate) size: u32,
    pub(crate) packed: Vec<u8>,
    pub(crate) mode: u32,
    pub(crate) extra: Vec<u8>,
}

impl Zipped {
    pub(crate) fn new(name: &str, data: &[u8]) -> Self {
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::new(6));
        encoder.write_all(data).unwrap();
        let mut crc = flate2::Crc::new();
        crc.update(data);
        Self {
            name: name.into(),
            local_name: name.into(),
            method: 8,
            flags: 0,
            crc: crc.sum(),
            size: u32::try_from(data.len()).unwrap(),
            packed: encoder.finish().unwrap(),
            mode: 0o10_0644,
            extra: Vec::new(),
        }
    }

    pub(crate) fn stored(name: &str, data: &[u8]) -> Self {
        Self { method: 0, packed: data.to_vec(), ..Self::new(name, data) }
    }

    fn sizes(&self) -> Vec<u8> {
        let packed = u32::try_from(self.packed.len()).unwrap();
        [self.crc, packed, self.size].iter().flat_map(|number| number.to_le_bytes()).collect()
    }

    /// Header and data, and the sizes behind them if the flags say so.
    pub(crate) fn local(&self) -> Vec<u8> {
        let follows = self.flags & 8 != 0;
        let mut out = b"PK\x03\x04\x14\0".to_vec();
        out.extend(self.flags.to_le_bytes());
        out.extend(self.method.to_le_bytes());
        out.extend([0, 0x60, 0x85, 0x56]);
        out.extend(if follows { vec![0; 12] } else { self.sizes() });
        out.extend(u16::try_from(self.local_name.len()).unwrap().to_le_bytes());
        out.extend(0_u16.to_le_bytes());
        out.extend(&self.local_name);
        out.extend(&self.packed);
        if follows {
            out.extend(b"PK\x07\x08");
            out.extend(self.sizes());
        }
        out
    }

    /// The entry of the central directory.
    pub(crate) fn central(&self, place: usize) -> Vec<u8> {
        let mut out = b"PK\x01\x02\x14\x03\x14\0".to_vec();
        out.extend(self.flags.to_le_bytes());
        out.extend(self.method.to_le_bytes());
        out.extend([0, 0x60, 0x85, 0x56]);
        out.extend(self.sizes());
        out.extend(u16::try_from(self.name.len()).unwrap().to_le_bytes());
        out.extend(u16::try_from(self.extra.len()).unwrap().to_le_bytes());
        out.extend([0; 6]);
        out.extend((self.mode << 16).to_le_bytes());
        out.extend(u32::try_from(place).unwrap().to_le_bytes());
        out.extend(&self.name);
        out.extend(&self.extra);
        out
    }
}

/// A zip archive whose end record counts `count` entries.
pub(crate) fn zip_counting(members: &[Zipped], count: u16) -> Vec<u8> {
    let mut out = Vec::new();
    let mut directory = Vec::new();
    for member in members {
        directory.extend(member.central(out.len()));
        out.extend(member.local());
    }
    let place = out.len();
    out.extend(&directory);
    out.extend(zip_end(count, directory.len(), place));
    out
}

pub(crate) fn zip_end(count: u16, length: usize, place: usize) -> Vec<u8> {
    let mut out = b"PK\x05\x06\0\0\0\0".to_vec();
    out.extend(count.to_le_bytes());
    out.extend(count.to_le_bytes());
    out.extend(u32::try_from(length).unwrap().to_le_bytes());
    out.extend(u32::try_from(place).unwrap().to_le_bytes());
    out.extend([0, 0]);
    out
}

pub(crate) fn zip(members: &[Zipped]) -> Vec<u8> {
    zip_counting(members, u16::try_from(members.len()).unwrap())
}

/// What a test compares of a source: its name and its length.
pub(crate) type Source = (String, usize);
/// What a test compares of a problem: its text and its weight.
pub(crate) type Problem = (String, bool);

/// Reads `bytes`, and gives what a test compares.
pub(crate) fn told(bytes: &[u8]) -> (Vec<Source>, Vec<Problem>) {
    let (got, problems) = read(bytes);
    (
        got.into_iter().map(|got| (got.name, got.bytes.len())).collect(),
        problems.into_iter().map(|problem| (problem.problem, problem.incomplete)).collect(),
    )
}
