//! JSON in which no character of the input can drive a terminal or hide from a reader.
//!
//! JSON leaves it open which characters are escaped. Escaping all that are not
//! printable costs nothing for a parser, which gives them back, and lets a
//! report be looked at with `cat`.

use std::io;

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter, Serializer};

use crate::escape::printable;

/// A value as indented JSON with a line break at the end.
pub(crate) fn pretty(value: &impl Serialize) -> String {
    let mut out = Vec::new();
    write(&mut out, value, PrettyFormatter::new());
    out.push(b'\n');
    String::from_utf8(out).unwrap_or_default()
}

/// Adds a value as JSON on one line with a line break at the end.
pub(crate) fn line(out: &mut Vec<u8>, value: &impl Serialize) {
    write(out, value, CompactFormatter);
    out.push(b'\n');
}

/// A value as JSON on one line.
pub(crate) fn compact(value: &impl Serialize) -> String {
    let mut out = Vec::new();
    write(&mut out, value, CompactFormatter);
    String::from_utf8(out).unwrap_or_default()
}

fn write(out: &mut Vec<u8>, value: &impl Serialize, layout: impl Formatter) {
    let before = out.len();
    // Mirror types hold strings, numbers and maps with string keys, and a vector takes every byte: nothing can fail.
    // If that ever changes, half a value would be a lie, and an empty line fails every parser.
    if value.serialize(&mut Serializer::with_formatter(&mut *out, Strict(layout))).is_err() {
        out.truncate(before);
    }
}

/// Another layout, with strings written as described above.
struct Strict<F>(F);

impl<F: Formatter> Formatter for Strict<F> {
    fn write_string_fragment<W: io::Write + ?Sized>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut written = 0;
        let mut at = 0;
        // Most text is plain, and is copied in whole runs: only what is not is looked at character by character.
        while let Some(rest) = fragment.get(at..).filter(|rest| !rest.is_empty()) {
            let plain = plain_bytes(rest.as_bytes());
            at += plain;
            let Some(c) = rest.get(plain..).and_then(|rest| rest.chars().next()) else { break };
            if !printable(c) {
                writer.write_all(fragment.get(written..at).unwrap_or_default().as_bytes())?;
                for unit in c.encode_utf16(&mut [0; 2]) {
                    write!(writer, "\\u{unit:04x}")?;
                }
                written = at + c.len_utf8();
            }
            at += c.len_utf8();
        }
        writer.write_all(fragment.get(written..).unwrap_or_default().as_bytes())
    }

    fn begin_array<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_array(writer)
    }

    fn end_array<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array(writer)
    }

    fn begin_array_value<W: io::Write + ?Sized>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(writer, first)
    }

    fn end_array_value<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array_value(writer)
    }

    fn begin_object<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }

    fn end_object<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }

    fn begin_object_key<W: io::Write + ?Sized>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(writer, first)
    }

    fn begin_object_value<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }

    fn end_object_value<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }
}

/// How many bytes from the start are printable ASCII.
fn plain_bytes(bytes: &[u8]) -> usize {
    /// Bytes that are looked at together, without a way out in between: that is what makes it fast.
    const STEP: usize = 32;
    let is_plain = |byte: &u8| (b' '..=b'~').contains(byte);
    let steps = bytes.chunks_exact(STEP).take_while(|step| step.iter().fold(true, |all, byte| all & is_plain(byte)));
    let whole = steps.count() * STEP;
    let rest = bytes.get(whole..).unwrap_or_default();
    whole + rest.iter().take_while(|byte| is_plain(byte)).count()
}

#[cfg(test)]
mod tests {
    use super::{compact, plain_bytes, pretty};
    use crate::escape::printable;

    #[test]
    fn every_character_comes_back_and_none_drives_a_terminal() {
        let all: String = (0..0x11_0000_u32).filter_map(char::from_u32).collect();
        let json = compact(&all);
        assert!(json.chars().all(printable));
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), all);
    }

    #[test]
    fn wherever_a_character_stands_it_is_found() {
        for c in ['\u{7f}', '\u{9b}', 'é', '\u{202e}', '\u{10ffff}'] {
            for before in 0..100 {
                let text = format!("{}{c}{}", "x".repeat(before), "y".repeat(50));
                assert_eq!(plain_bytes(text.as_bytes()), before);
                let json = compact(&text);
                assert!(json.chars().all(printable), "{json}");
                assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
            }
        }
        assert_eq!(plain_bytes(b""), 0);
    }

    #[test]
    fn indented_as_usual() {
        assert_eq!(
            pretty(&serde_json::json!({"a": [1, "é\u{9b}"]})),
            "{\n  \"a\": [\n    1,\n    \"é\\u009b\"\n  ]\n}\n"
        );
        assert_eq!(pretty(&serde_json::json!({"a": {}, "b": []})), "{\n  \"a\": {},\n  \"b\": []\n}\n");
    }
}
