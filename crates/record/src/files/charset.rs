//! The encodings that files of a VM say they have.

use std::borrow::Cow;

/// How the bytes of a value become text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Charset {
    /// Also what is taken where the file does not say.
    #[default]
    Utf8,
    Windows1252,
    Latin1,
    /// One that is not read: only ASCII is.
    Other,
}

impl Charset {
    /// The encoding of a name, as in `.encoding = "windows-1252"`.
    pub(crate) fn of(name: &str) -> Self {
        let letters: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
        match letters.to_ascii_lowercase().as_str() {
            "utf8" | "ascii" | "usascii" => Self::Utf8,
            "windows1252" | "cp1252" => Self::Windows1252,
            "iso88591" | "latin1" => Self::Latin1,
            _ => Self::Other,
        }
    }

    /// The text of bytes, and whether all of them are in this encoding.
    pub(crate) fn decode(self, bytes: &[u8]) -> (Cow<'_, str>, bool) {
        if bytes.is_ascii() {
            return (String::from_utf8_lossy(bytes), true);
        }
        match self {
            Self::Utf8 => {
                let text = String::from_utf8_lossy(bytes);
                let whole = matches!(text, Cow::Borrowed(_));
                (text, whole)
            }
            Self::Latin1 => (bytes.iter().map(|byte| char::from(*byte)).collect(), true),
            Self::Windows1252 => {
                let text: String = bytes.iter().map(|byte| windows_1252(*byte)).collect();
                let whole = !text.contains(char::REPLACEMENT_CHARACTER);
                (text.into(), whole)
            }
            Self::Other => {
                let shown = |byte: &u8| if byte.is_ascii() { char::from(*byte) } else { char::REPLACEMENT_CHARACTER };
                (bytes.iter().map(shown).collect(), false)
            }
        }
    }
}

/// What Windows has where Latin-1 has control characters.
const HIGH: [char; 32] = [
    '€', '\u{fffd}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{fffd}', 'Ž', '\u{fffd}', '\u{fffd}',
    '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{fffd}', 'ž', 'Ÿ',
];

fn windows_1252(byte: u8) -> char {
    let high = byte.checked_sub(0x80).and_then(|at| HIGH.get(usize::from(at)));
    high.copied().unwrap_or_else(|| char::from(byte))
}

#[cfg(test)]
mod tests {
    use super::Charset;

    #[track_caller]
    fn check(name: &str, bytes: &[u8], text: &str, whole: bool) {
        assert_eq!(Charset::of(name).decode(bytes), (text.into(), whole));
    }

    #[test]
    fn each_encoding_reads_its_own() {
        check("UTF-8", "Büro €".as_bytes(), "Büro €", true);
        check("utf8", b"B\xfcro", "B\u{fffd}ro", false);
        check("windows-1252", b"B\xfcro \x80 \x93x\x94", "Büro € “x”", true);
        check("CP1252", b"\x81", "\u{fffd}", false);
        check("ISO-8859-1", b"B\xfcro \x80", "Büro \u{80}", true);
        check("GBK", b"\xb0\xe6 ok", "\u{fffd}\u{fffd} ok", false);
        check("GBK", b"plain", "plain", true);
    }
}
