//! Text of a knowledge file as a message may print it.

use std::fmt::Write as _;

/// The longest piece of a file that a message repeats.
const LONGEST: usize = 80;

/// `text` on one line, without control or invisible characters, cut where it is long.
pub(crate) fn shown(text: &str) -> String {
    let mut out = shown_path(text.char_indices().nth(LONGEST).map_or(text, |(end, _)| text.get(..end).unwrap_or(text)));
    if text.chars().nth(LONGEST).is_some() {
        out.push('…');
    }
    out
}

/// `text` on one line, without control or invisible characters.
pub(crate) fn shown_path(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if unprintable(c) {
            // Writing to a string does not fail.
            let _ = write!(out, "<U+{:04X}>", u32::from(c));
        } else {
            out.push(c);
        }
    }
    out
}

/// Names in backticks, separated by commas.
pub(crate) fn listed<S: AsRef<str>>(names: &[S]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{}`", shown(name.as_ref()))).collect();
    quoted.join(", ")
}

/// The tail of a message that names the nearest known word, if there is one.
pub(crate) fn meant(near: Option<&String>) -> String {
    near.map(|near| format!("; did you mean `{}`?", shown(near))).unwrap_or_default()
}

/// Whether a character moves the cursor, changes the direction of writing or cannot be seen.
///
/// Such characters can make one text look like another, so they are refused
/// in knowledge files and never printed.
pub(crate) fn unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180e}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::{shown, unprintable};

    #[test]
    fn long_text_is_cut_at_a_character() {
        assert_eq!(shown(&"é".repeat(80)), "é".repeat(80));
        assert_eq!(shown(&"é".repeat(81)), format!("{}…", "é".repeat(80)));
    }

    #[test]
    fn only_what_can_be_seen_is_printable() {
        for c in ['\n', '\t', '\u{9b}', '\u{7f}', '\u{202e}', '\u{200b}', '\u{e0041}'] {
            assert!(unprintable(c), "U+{:04X}", u32::from(c));
        }
        for c in ['a', ' ', 'é', '→', '…', '日'] {
            assert!(!unprintable(c), "{c}");
        }
    }
}
