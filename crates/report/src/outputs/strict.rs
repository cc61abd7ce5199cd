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
    write(value, PrettyFormatter::new())
}

/// A value as JSON on one line with a line break at the end.
pub(crate) fn line(value: &impl Serialize) -> String {
    write(value, CompactFormatter)
}

fn write(value: &impl Serialize, layout: impl Formatter) -> String {
    let mut out = Vec::new();
    // Mirror types hold strings, numbers and maps with string keys, and a vector takes every byte: nothing can fail.
    // If that ever changes, half a value would be a lie, and an empty line fails every parser.
    if value.serialize(&mut Serializer::with_formatter(&mut out, Strict(layout))).is_err() {
        out.clear();
    }
    out.push(b'\n');
    String::from_utf8(out).unwrap_or_default()
}

/// Another layout, with strings written as described above.
struct Strict<F>(F);

impl<F: Formatter> Formatter for Strict<F> {
    fn write_string_fragment<W: io::Write + ?Sized>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut written = 0;
        for (at, c) in fragment.char_indices().filter(|(_, c)| !printable(*c)) {
            writer.write_all(fragment.get(written..at).unwrap_or_default().as_bytes())?;
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            written = at + c.len_utf8();
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

#[cfg(test)]
mod tests {
    use super::{line, pretty};
    use crate::escape::printable;

    #[test]
    fn every_character_comes_back_and_none_drives_a_terminal() {
        let all: String = (0..0x11_0000_u32).filter_map(char::from_u32).collect();
        let json = line(&all);
        assert!(json.trim_end_matches('\n').chars().all(printable));
        assert_eq!(json.matches('\n').count(), 1);
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), all);
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
