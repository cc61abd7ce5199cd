//! Decodes a source to bytes that the formats can read: UTF-8 or any code page over ASCII, lines ended by line feeds.

use std::borrow::Cow;
use std::io::{self, Read};

use crate::paste;

/// How a source writes its characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Encoding {
    /// One byte or more for each, ASCII among them: UTF-8, or the code page of the host. Nothing is decoded.
    #[default]
    Bytes,
    /// UTF-16, low byte first, as Windows writes it.
    Utf16Le,
    /// UTF-16, high byte first.
    Utf16Be,
}

/// What became of a source's bytes before they were lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Decoding {
    /// How the source writes its characters.
    pub encoding: Encoding,
    /// Whether the encoding was guessed, because no byte order mark says it.
    pub guessed: bool,
    /// Whether lines end with a carriage return alone; it was read as a line feed.
    pub carriage_returns: bool,
    /// Places that are no character: half of a pair, or a last byte without its second.
    pub undecodable: u64,
    /// Whether characters that a page had escaped or curled were read as what they stand for.
    pub pasted: bool,
    /// Bytes as they came in; all other counts and offsets are those of decoded bytes.
    pub read_bytes: u64,
}

/// Bytes that are looked at before anything is decided.
const LOOK: usize = 64 << 10;
/// Bytes that are decoded at a time.
const STEP: usize = 32 << 10;

/// A reader of decoded bytes.
pub(crate) struct Input<'r> {
    reader: &'r mut dyn Read,
    /// What was looked at.
    head: Vec<u8>,
    /// How much of it was handed out.
    at: usize,
    /// What the reader said after it.
    after_head: Option<io::Error>,
    ended: bool,
    /// Bytes that came in of a paste whose characters were decoded.
    undone: u64,
    pub(crate) decoding: Decoding,
    /// Bytes that wait for the rest of their character.
    rest: Vec<u8>,
    /// Decoded bytes, and how many of them were handed out.
    decoded: (Vec<u8>, usize),
}

impl<'r> Input<'r> {
    pub(crate) fn new(reader: &'r mut dyn Read) -> Self {
        let mut input = Self {
            reader,
            head: Vec::new(),
            at: 0,
            after_head: None,
            ended: false,
            undone: 0,
            decoding: Decoding::default(),
            rest: Vec::new(),
            decoded: (Vec::new(), 0),
        };
        input.look();
        input
    }

    /// Reads as much as is looked at, and decides.
    fn look(&mut self) {
        let mut head = vec![0; LOOK];
        let mut filled = 0;
        while let Some(rest) = head.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match self.reader.read(rest) {
                Ok(0) => {
                    self.ended = true;
                    break;
                }
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.after_head = Some(error);
                    break;
                }
            }
        }
        head.truncate(filled);
        (self.decoding.encoding, self.decoding.guessed) = encoding(&head);
        let ends = |end: u8| match self.decoding.encoding {
            Encoding::Bytes => memchr::memchr(end, &head).is_some(),
            Encoding::Utf16Le => head.chunks_exact(2).any(|unit| unit == [end, 0]),
            Encoding::Utf16Be => head.chunks_exact(2).any(|unit| unit == [0, end]),
        };
        self.decoding.carriage_returns = !ends(b'\n') && ends(b'\r');
        if self.ended
            && self.decoding.encoding == Encoding::Bytes
            && let Some(decoded) = paste::decode(&head)
        {
            // What is handed out is counted as it is handed out.
            self.undone = head.len() as u64;
            self.decoding.pasted = true;
            head = decoded;
        }
        self.head = head;
    }

    /// The first bytes, decoded, before anything was read; the last line may be cut.
    pub(crate) fn head(&self) -> Cow<'_, [u8]> {
        if self.decoding.encoding == Encoding::Bytes {
            return Cow::Borrowed(&self.head);
        }
        let big = self.decoding.encoding == Encoding::Utf16Be;
        let mut decoded = Vec::new();
        utf16(&self.head, big, false, &mut decoded, &mut 0);
        Cow::Owned(decoded)
    }

    /// Reads bytes as they come in.
    fn read_raw(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = if let Some(rest) = self.head.get(self.at..).filter(|rest| !rest.is_empty()) {
            let count = rest.len().min(into.len());
            for (to, from) in into.iter_mut().zip(rest) {
                *to = *from;
            }
            self.at += count;
            if self.at == self.head.len() {
                (self.head, self.at) = (Vec::new(), 0);
            }
            count
        } else if let Some(error) = self.after_head.take() {
            self.ended = true;
            return Err(error);
        } else if self.ended {
            0
        } else {
            self.reader.read(into)?
        };
        if self.decoding.pasted {
            self.decoding.read_bytes = self.undone;
        } else {
            self.decoding.read_bytes += count as u64;
        }
        Ok(count)
    }

    /// Decodes the next bytes; at the end also what waits for a rest that does not come.
    fn decode(&mut self) -> io::Result<()> {
        self.decoded = (Vec::new(), 0);
        while self.decoded.0.is_empty() {
            let mut raw = std::mem::take(&mut self.rest);
            let kept = raw.len();
            raw.resize(kept + STEP, 0);
            let count = match self.read_raw(raw.get_mut(kept..).unwrap_or_default()) {
                Ok(count) => count,
                Err(error) => {
                    raw.truncate(kept);
                    self.rest = raw;
                    return Err(error);
                }
            };
            raw.truncate(kept + count);
            let big = self.decoding.encoding == Encoding::Utf16Be;
            let used = utf16(&raw, big, count == 0, &mut self.decoded.0, &mut self.decoding.undecodable);
            if count == 0 {
                self.decoding.undecodable += u64::from(used < raw.len());
                return Ok(());
            }
            self.rest = raw.split_off(used);
        }
        Ok(())
    }
}

impl Read for Input<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = if self.decoding.encoding == Encoding::Bytes {
            self.read_raw(into)?
        } else {
            if self.decoded.1 == self.decoded.0.len() {
                self.decode()?;
            }
            let rest = self.decoded.0.get(self.decoded.1..).unwrap_or_default();
            let count = rest.len().min(into.len());
            for (to, from) in into.iter_mut().zip(rest) {
                *to = *from;
            }
            self.decoded.1 += count;
            count
        };
        if self.decoding.carriage_returns {
            for byte in into.iter_mut().take(count).filter(|byte| **byte == b'\r') {
                *byte = b'\n';
            }
        }
        Ok(count)
    }
}

/// The encoding of a source by its first bytes, and whether it was guessed.
///
/// A log without a mark is taken for UTF-16 if most of its characters are ASCII in two bytes: stamps and paths
/// are, whatever language the messages have.
fn encoding(head: &[u8]) -> (Encoding, bool) {
    const FEWEST: usize = 32;
    match head {
        [0xff, 0xfe, ..] => return (Encoding::Utf16Le, false),
        [0xfe, 0xff, ..] => return (Encoding::Utf16Be, false),
        _ => {}
    }
    let units = head.get(..4096).unwrap_or(head).chunks_exact(2);
    let all = units.len();
    let text = |byte: u8| matches!(byte, b' '..=b'~' | b'\t' | b'\r' | b'\n');
    let (mut little, mut big) = (0, 0);
    for unit in units {
        if let [one, two] = *unit {
            little += usize::from(two == 0 && text(one));
            big += usize::from(one == 0 && text(two));
        }
    }
    if all >= FEWEST && little * 3 > all * 2 {
        (Encoding::Utf16Le, true)
    } else if all >= FEWEST && big * 3 > all * 2 {
        (Encoding::Utf16Be, true)
    } else {
        (Encoding::Bytes, false)
    }
}

/// Decodes whole characters and says how many bytes they took.
fn utf16(raw: &[u8], big: bool, ended: bool, into: &mut Vec<u8>, undecodable: &mut u64) -> usize {
    let number = |unit: &[u8]| match *unit {
        [one, two] if big => u16::from_be_bytes([one, two]),
        [one, two] => u16::from_le_bytes([one, two]),
        _ => 0,
    };
    let mut units = raw.chunks_exact(2);
    // The first half of a pair waits for the second.
    if !ended && units.clone().next_back().is_some_and(|unit| (0xd800..0xdc00).contains(&number(unit))) {
        units.next_back();
    }
    let used = units.len() * 2;
    for character in char::decode_utf16(units.map(number)) {
        *undecodable += u64::from(character.is_err());
        let character = character.unwrap_or(char::REPLACEMENT_CHARACTER);
        into.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    }
    used
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::{Encoding, Input};

    /// Hands out one byte at a time.
    struct Drops<'a>(&'a [u8]);

    impl Read for Drops<'_> {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            let [one, rest @ ..] = self.0 else { return Ok(0) };
            into[0] = *one;
            self.0 = rest;
            Ok(1)
        }
    }

    /// What is decoded, and how many places are no character.
    #[track_caller]
    fn check(raw: &[u8], encoding: Encoding, text: &str, undecodable: u64) {
        let mut drops = Drops(raw);
        let mut whole = raw;
        let readers: [&mut dyn Read; 2] = [&mut whole, &mut drops];
        for reader in readers {
            let mut input = Input::new(reader);
            let mut seen = Vec::new();
            input.read_to_end(&mut seen).unwrap();
            assert_eq!(input.decoding.encoding, encoding);
            assert_eq!((String::from_utf8_lossy(&seen).as_ref(), input.decoding.undecodable), (text, undecodable));
            assert_eq!(input.decoding.read_bytes, raw.len() as u64);
        }
    }

    fn little(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    fn big(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_be_bytes).collect()
    }

    #[test]
    fn utf_16_with_and_without_its_mark() {
        let text = "2023-04-05T12:00:00.000Z In(05) vmx - Büro 日本 😀\r\n";
        check(&little(&format!("\u{feff}{text}")), Encoding::Utf16Le, &format!("\u{feff}{text}"), 0);
        check(&big(&format!("\u{feff}{text}")), Encoding::Utf16Be, &format!("\u{feff}{text}"), 0);
        check(&little(text), Encoding::Utf16Le, text, 0);
        check(&big(text), Encoding::Utf16Be, text, 0);
        check(text.as_bytes(), Encoding::Bytes, text, 0);
    }

    #[test]
    fn half_characters_are_counted() {
        let mut raw = little("\u{feff}a");
        raw.extend([0x00, 0xd8]);
        raw.extend(little("b"));
        check(&raw, Encoding::Utf16Le, "\u{feff}a\u{fffd}b", 1);
        // A second half alone, two first halves, and one at the very end.
        raw.extend([0x00, 0xdc, 0x00, 0xd8, 0x00, 0xd8]);
        check(&raw, Encoding::Utf16Le, "\u{feff}a\u{fffd}b\u{fffd}\u{fffd}\u{fffd}", 4);
        raw.push(0x41);
        check(&raw, Encoding::Utf16Le, "\u{feff}a\u{fffd}b\u{fffd}\u{fffd}\u{fffd}", 5);
    }

    #[test]
    fn what_is_no_utf_16() {
        for raw in [&[0; 200][..], &b"a\0b\0"[..], &[7, 0].repeat(100), &[0xf0, 0x9f, 0x98, 0x80].repeat(50)] {
            assert_eq!(Input::new(&mut &raw[..]).decoding.encoding, Encoding::Bytes, "{:?}", &raw[..4]);
        }
    }

    #[test]
    fn carriage_returns_end_lines_only_without_line_feeds() {
        check(b"a\rb\r", Encoding::Bytes, "a\nb\n", 0);
        check(b"a\rb\n", Encoding::Bytes, "a\rb\n", 0);
        check(&little("\u{feff}a\rb"), Encoding::Utf16Le, "\u{feff}a\nb", 0);
    }

    #[test]
    fn an_error_comes_after_the_bytes_before_it() {
        struct Broken(bool);
        impl Read for Broken {
            fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
                if std::mem::replace(&mut self.0, true) {
                    return Err(std::io::Error::other("broken"));
                }
                into[0] = b'x';
                Ok(1)
            }
        }
        let mut broken = Broken(false);
        let mut input = Input::new(&mut broken);
        let mut into = [0; 8];
        assert_eq!(input.read(&mut into).unwrap(), 1);
        assert!(input.read(&mut into).is_err());
        assert_eq!(input.read(&mut into).unwrap(), 0);
    }
}
