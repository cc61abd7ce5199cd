use std::collections::HashMap;
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::Path;

/// Makes a name that can be shown and turned back into its bytes.
///
/// A name that is UTF-8 stays as it is, control characters included (the
/// report escapes those). In any other name each byte that is not part of
/// UTF-8 becomes `\xNN` and each backslash is doubled. A UTF-8 name that holds
/// the text of such an escape gets its backslashes doubled too, or two
/// different names could look the same.
pub(crate) fn shown(bytes: &[u8]) -> String {
    if let Ok(text) = std::str::from_utf8(bytes)
        && !holds_escape(text)
    {
        return text.to_owned();
    }
    let mut out = String::with_capacity(bytes.len() + 16);
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            if c == '\\' {
                out.push('\\');
            }
            out.push(c);
        }
        for byte in chunk.invalid() {
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    out
}

/// The name of a path as given, with `/` between its parts on every system.
pub(crate) fn shown_path(path: &Path) -> String {
    let name = shown(path.as_os_str().as_encoded_bytes());
    if cfg!(windows) { name.replace('\\', "/") } else { name }
}

fn holds_escape(text: &str) -> bool {
    let is_hex = |b: &u8| matches!(b, b'0'..=b'9' | b'a'..=b'f');
    text.as_bytes().windows(4).any(|w| matches!(w, [b'\\', b'x', high, low] if is_hex(high) && is_hex(low)))
}

/// Shortens a name from inside an archive to its last `limit` bytes, at a character.
///
/// Gives `None` when the name is short enough.
pub(crate) fn shortened(bytes: &[u8], limit: usize) -> Option<String> {
    if bytes.len() <= limit {
        return None;
    }
    // The end says more than the beginning: it holds the file's own name.
    let mut cut = bytes.len() - limit;
    while bytes.get(cut).is_some_and(|b| b & 0xc0 == 0x80) {
        cut += 1;
    }
    Some(format!("…{}", shown(bytes.get(cut..).unwrap_or_default())))
}

/// Whether a name from inside an archive would leave the folder it is unpacked to.
pub(crate) fn leads_out(bytes: &[u8]) -> bool {
    let mut parts = bytes.split(|b| matches!(b, b'/' | b'\\'));
    bytes.starts_with(b"/") || parts.any(|part| part == b"..")
}

/// A name from inside an archive as problems call it, never longer than `limit` by much.
pub(crate) fn clipped(bytes: &[u8], limit: usize) -> String {
    shortened(bytes, limit).unwrap_or_else(|| shown(bytes))
}

/// The names that one archive has used so far, as hashes, and how often.
///
/// Two names of one hash would be told apart as if they were the same name,
/// which does no harm.
#[derive(Debug, Default)]
pub(crate) struct Names(HashMap<u64, u64>);

impl Names {
    /// Gives `name`, with `#2`, `#3` … behind it if the archive has used it before.
    pub(crate) fn unique(&mut self, name: &str) -> String {
        let Some(&used) = self.0.get(&hash(name)) else {
            self.0.insert(hash(name), 1);
            return name.to_owned();
        };
        // Counting on from where the last one stopped keeps a million equal names from taking a trillion steps.
        let mut number = used + 1;
        let mut other = format!("{name}#{number}");
        while self.0.contains_key(&hash(&other)) {
            number += 1;
            other = format!("{name}#{number}");
        }
        self.0.insert(hash(name), number);
        self.0.insert(hash(&other), 1);
        other
    }

    pub(crate) fn contain(&self, name: &str) -> bool {
        self.0.contains_key(&hash(name))
    }
}

fn hash(name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Turns a shown name back into its bytes, to prove that this can be done.
    fn bytes_of(name: &str) -> Vec<u8> {
        if !holds_escape(name) {
            return name.as_bytes().to_vec();
        }
        let mut out = Vec::new();
        let mut rest = name.as_bytes();
        while let Some((&first, tail)) = rest.split_first() {
            rest = tail;
            if first != b'\\' {
                out.push(first);
            } else if tail[0] == b'\\' {
                out.push(b'\\');
                rest = &tail[1..];
            } else {
                let hex = std::str::from_utf8(&tail[1..3]).unwrap();
                out.push(u8::from_str_radix(hex, 16).unwrap());
                rest = &tail[3..];
            }
        }
        out
    }

    fn check(bytes: &[u8], name: &str) {
        assert_eq!(shown(bytes), name);
        assert_eq!(bytes_of(name), bytes);
    }

    #[test]
    fn names_come_back_from_what_is_shown() {
        check(b"vmware.log", "vmware.log");
        check("Büro/日本.log".as_bytes(), "Büro/日本.log");
        check(b"a\\b.log", "a\\b.log");
        check(b"vm\xff\xfe\xe9/vmware.log", "vm\\xff\\xfe\\xe9/vmware.log");
        check(b"\xffa\\b", "\\xffa\\\\b");
        // Two names that differ in their bytes differ in what is shown.
        check(b"\\xff", "\\\\xff");
        check(b"\\\\xff", "\\\\\\\\xff");
        check(b"\xff", "\\xff");
        check(b"esc\x1b]0;x\x07\n", "esc\x1b]0;x\x07\n");
    }

    #[test]
    fn a_long_name_keeps_its_end() {
        assert_eq!(shortened(b"short", 5), None);
        assert_eq!(shortened(b"very/long/vmware.log", 10).unwrap(), "…vmware.log");
        assert_eq!(shortened("aé.log".as_bytes(), 5).unwrap(), "….log");
    }

    #[test]
    fn a_name_that_leads_out_is_seen() {
        for name in ["../x", "a/../../x", "/tmp/x", "..\\x", "a/.."] {
            assert!(leads_out(name.as_bytes()), "{name}");
        }
        for name in ["x", "./x", "a..b/x", "..."] {
            assert!(!leads_out(name.as_bytes()), "{name}");
        }
    }

    #[test]
    fn used_names_are_told_apart() {
        let mut names = Names::default();
        let told = ["a", "a", "a#3", "a", "a#2", "b"].map(|name| names.unique(name));
        assert_eq!(told, ["a", "a#2", "a#3", "a#4", "a#2#2", "b"]);
        assert!(names.contain("b") && !names.contain("c"));
        for n in 5..50_000 {
            assert_eq!(names.unique("a"), format!("a#{n}"));
        }
    }
}
