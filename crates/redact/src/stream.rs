//! Reads a source in stretches of whole lines.

use std::io::{self, Read};

/// Bytes after which a stretch ends with the line.
const STRETCH: usize = 256 << 10;
/// Bytes of a line, or of a text in UTF-16, beyond which it is not read: it would have to be held whole.
const MOST: usize = 128 << 20;

/// In which form a source is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Bytes, of which those below 128 are ASCII.
    Bytes,
    /// UTF-16, low byte first.
    Little,
    /// UTF-16, high byte first.
    Big,
}

/// Why a source was left out.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// It is no text: what stands in it cannot be replaced without breaking it.
    #[error("no text")]
    Binary,
    /// It would have to be held in memory whole.
    #[error("a line longer than {MOST} bytes")]
    TooLong,
    /// The system refuses.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl Encoding {
    /// The text in this form again.
    pub fn encode(self, text: &[u8]) -> Vec<u8> {
        let units = |bytes: fn(u16) -> [u8; 2]| String::from_utf8_lossy(text).encode_utf16().flat_map(bytes).collect();
        match self {
            Self::Bytes => text.to_vec(),
            Self::Little => units(u16::to_le_bytes),
            Self::Big => units(u16::to_be_bytes),
        }
    }

    fn of(head: &[u8]) -> Option<Self> {
        match head {
            [0xff, 0xfe, ..] => return Some(Self::Little),
            [0xfe, 0xff, ..] => return Some(Self::Big),
            _ => {}
        }
        let nul = |first: usize| head.iter().skip(first).step_by(2).filter(|it| **it == 0).count();
        let half = head.len() / 2;
        if half > 8 && nul(1) * 10 > half * 8 && nul(0) * 10 < half {
            return Some(Self::Little);
        }
        if half > 8 && nul(0) * 10 > half * 8 && nul(1) * 10 < half {
            return Some(Self::Big);
        }
        let odd = head.iter().filter(|it| **it < 32 && !matches!(**it, b'\t' | b'\n' | b'\r' | 0x1b | 0x0c)).count();
        (odd * 10 <= head.len()).then_some(Self::Bytes)
    }
}

/// Hands a source out in stretches of whole lines, as bytes or UTF-8; gives the form in which it was written.
///
/// # Errors
///
/// [`Unreadable`] where it cannot be redacted, or where `each` fails.
pub fn stretches(
    reader: &mut dyn Read,
    each: &mut dyn FnMut(Encoding, &[u8]) -> io::Result<()>,
) -> Result<(), Unreadable> {
    let mut held = Vec::new();
    read_more(reader, &mut held, STRETCH)?;
    let encoding = Encoding::of(held.get(..held.len().min(8 << 10)).unwrap_or_default()).ok_or(Unreadable::Binary)?;
    if encoding != Encoding::Bytes {
        read_more(reader, &mut held, MOST)?;
        if held.len() > MOST {
            return Err(Unreadable::TooLong);
        }
        let unit = |pair: &[u8]| match pair {
            [a, b] if encoding == Encoding::Little => u16::from_le_bytes([*a, *b]),
            [a, b] => u16::from_be_bytes([*a, *b]),
            _ => 0xfffd,
        };
        let units: Vec<u16> = held.chunks(2).map(unit).collect();
        each(encoding, String::from_utf16_lossy(&units).as_bytes())?;
        return Ok(());
    }
    loop {
        let whole = match held.iter().rposition(|it| *it == b'\n') {
            Some(end) => end + 1,
            None if held.len() > MOST => return Err(Unreadable::TooLong),
            None => 0,
        };
        each(encoding, held.get(..whole).unwrap_or_default())?;
        held.drain(..whole);
        let before = held.len();
        read_more(reader, &mut held, before + STRETCH)?;
        if held.len() == before {
            each(encoding, &held)?;
            return Ok(());
        }
    }
}

/// Reads until so much is held, or all.
fn read_more(reader: &mut dyn Read, held: &mut Vec<u8>, upto: usize) -> io::Result<()> {
    let room = upto.saturating_add(1).saturating_sub(held.len());
    reader.take(room as u64).read_to_end(held).map(|_| ())
}
