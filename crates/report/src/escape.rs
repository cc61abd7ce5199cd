//! The one door through which foreign text reaches a terminal.
//!
//! Log text, file names and captured values were written by others, some of
//! them by a guest or by an attacker. A terminal obeys control characters, and
//! a reader is fooled by characters that hide or reorder what stands there. So
//! nothing but printable characters leaves; everything else is named.

use std::fmt;

/// Marks in a row on one base letter that are still shown as they are.
///
/// Real scripts stack up to four; a longer run only smears over other lines.
const MARKS_SHOWN: usize = 4;

/// What the reader's terminal can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Charset {
    /// UTF-8.
    #[default]
    Unicode,
    /// ASCII alone.
    ///
    /// Not a matter of taste: where a terminal reads Latin-1, the UTF-8 bytes of
    /// the harmless letter `ś` are `C5 9B`, and `9B` begins a control sequence.
    Ascii,
}

/// Text that may be printed: one line of printable characters, whatever it was made from.
///
/// Control characters (a line break too), bidirectional overrides, zero-width
/// and tag characters, variation selectors, private and unassigned code points
/// become their number; the same mark repeated without end becomes its number
/// and a count.
///
/// It is made to be read, not to be undone: a log that holds the seven letters
/// `<U+9B>` looks like an escape. The JSON report is the lossless one.
///
/// # Examples
///
/// ```
/// use esxray_report::{Charset, Shown};
///
/// let name = Shown::new("vm\u{1b}[2J\u{202e}xmv.né", Charset::Unicode);
/// assert_eq!(name.as_str(), "vm<U+001B>[2J<U+202E>xmv.né");
/// assert!(name.altered());
///
/// assert_eq!(Shown::new("né", Charset::Ascii).as_str(), "n<U+00E9>");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Shown {
    text: String,
    altered: bool,
}

impl Shown {
    /// Makes any text safe to print.
    pub fn new(text: &str, charset: Charset) -> Self {
        let mut shown = Self { text: String::with_capacity(text.len()), altered: false };
        each_piece(text, charset, |_, piece| match piece {
            Piece::Same(c) => shown.text.push(c),
            Piece::Named(c, count) => {
                shown.altered = true;
                shown.text.push_str(&named(c, count, charset));
            }
        });
        shown
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether anything had to be named instead of shown, so that a copy of it is not the original.
    pub const fn altered(&self) -> bool {
        self.altered
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A character as it stands, or one to be named, with how often it stands there in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Printable.
    Same(char),
    /// Not to be printed.
    Named(char, usize),
}

/// Hands out the text piece by piece, each with the byte offset at which it starts.
pub(crate) fn each_piece(text: &str, charset: Charset, mut take: impl FnMut(usize, Piece)) {
    let mut chars = text.char_indices().peekable();
    // A mark without a letter would be drawn onto what the tool itself printed before it.
    let mut marks = MARKS_SHOWN;
    while let Some((at, c)) = chars.next() {
        if !printable(c) || (charset == Charset::Ascii && !c.is_ascii()) {
            take(at, Piece::Named(c, 1));
            marks = MARKS_SHOWN;
        } else if width(c) > 0 {
            take(at, Piece::Same(c));
            marks = if c == ' ' { MARKS_SHOWN } else { 0 };
        } else if marks < MARKS_SHOWN {
            take(at, Piece::Same(c));
            marks += 1;
        } else {
            let mut count = 1;
            while chars.next_if(|(_, next)| *next == c).is_some() {
                count += 1;
            }
            take(at, Piece::Named(c, count));
        }
    }
}

/// The name of a character that is not printed, `<U+202E>`, with a count if it stands there more than once.
pub(crate) fn named(c: char, count: usize, charset: Charset) -> String {
    let times = if charset == Charset::Ascii { 'x' } else { '×' };
    match count {
        1 => format!("<U+{:04X}>", u32::from(c)),
        _ => format!("<U+{:04X}>{times}{count}", u32::from(c)),
    }
}

/// Columns that a printable character takes.
pub(crate) fn width(c: char) -> usize {
    unicode_width::UnicodeWidthChar::width(c).unwrap_or(0)
}

/// Whether a terminal may be given this character.
pub(crate) fn printable(c: char) -> bool {
    if c.is_ascii() {
        return c == ' ' || c.is_ascii_graphic();
    }
    // French writes a no-break space before `:` and `!`, Japanese an ideographic one.
    let blank = matches!(c, '\u{a0}' | '\u{202f}' | '\u{3000}');
    blank || (assigned(c) && !invisible(c))
}

/// Whether Unicode has a character here that is neither control, format, private, surrogate nor separator.
///
/// The standard library holds that table, but gives it away only through
/// `escape_debug`, which additionally escapes a combining mark at the start of
/// a string: hence the letter before it.
fn assigned(c: char) -> bool {
    let mut text = String::from("a");
    text.push(c);
    text.escape_debug().nth(1) == Some(c)
}

/// Characters that Unicode calls marks or letters and that show nothing all the same.
const fn invisible(c: char) -> bool {
    matches!(c,
        '\u{34f}'                                       // combining grapheme joiner
        | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' // Hangul fillers
        | '\u{17b4}' | '\u{17b5}'                       // Khmer inherent vowels
        | '\u{180b}'..='\u{180f}'                       // Mongolian variation selectors
        | '\u{2800}'                                    // Braille without a dot
        | '\u{fe00}'..='\u{fe0f}'                       // variation selectors
        | '\u{e0000}'..='\u{e0fff}'                     // tags, further variation selectors
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Charset, Shown, printable, width};

    fn shown(text: &str) -> String {
        Shown::new(text, Charset::Unicode).to_string()
    }

    /// Written down from the Unicode charts, apart from the code above: nothing in here may ever leave.
    const FORBIDDEN: &[(u32, u32, &str)] = &[
        (0x0, 0x1f, "C0 controls"),
        (0x7f, 0x9f, "DEL and C1 controls"),
        (0xad, 0xad, "soft hyphen"),
        (0x34f, 0x34f, "combining grapheme joiner"),
        (0x600, 0x605, "Arabic number signs"),
        (0x61c, 0x61c, "Arabic letter mark"),
        (0x6dd, 0x6dd, "Arabic end of ayah"),
        (0x70f, 0x70f, "Syriac abbreviation mark"),
        (0x115f, 0x1160, "Hangul fillers"),
        (0x17b4, 0x17b5, "Khmer inherent vowels"),
        (0x180b, 0x180f, "Mongolian selectors and vowel separator"),
        (0x200b, 0x200f, "zero-width characters, direction marks"),
        (0x2028, 0x202e, "line separators, bidirectional controls"),
        (0x2060, 0x206f, "word joiner, invisible operators, isolates"),
        (0x3164, 0x3164, "Hangul filler"),
        (0xe000, 0xf8ff, "private use"),
        (0xfdd0, 0xfdef, "noncharacters"),
        (0xfe00, 0xfe0f, "variation selectors"),
        (0xfeff, 0xfeff, "byte order mark"),
        (0xffa0, 0xffa0, "halfwidth Hangul filler"),
        (0xfff0, 0xfffb, "interlinear annotation and unassigned before it"),
        (0xfffe, 0xffff, "noncharacters"),
        (0x110bd, 0x110bd, "Kaithi number sign"),
        (0x13430, 0x1343f, "Egyptian format controls"),
        (0x1bca0, 0x1bca3, "shorthand format controls"),
        (0x1d173, 0x1d17a, "musical format controls"),
        (0x1fffe, 0x1ffff, "noncharacters"),
        (0xe0000, 0xe0fff, "tags and variation selectors"),
        (0xf0000, 0x0010_ffff, "private use and noncharacters"),
    ];

    #[test]
    fn every_code_point_is_printable_or_named() {
        let mut same = 0_u32;
        for number in 0..0x11_0000_u32 {
            let Some(c) = char::from_u32(number) else { continue };
            // The letter before it lets a combining mark stand.
            let text = shown(&format!("a{c}"));
            if text == format!("a<U+{number:04X}>") {
                assert!(!(' '..='~').contains(&c), "U+{number:04X} is plain ASCII and was named");
                continue;
            }
            assert_eq!(text, format!("a{c}"), "U+{number:04X} became something third");
            assert!(!c.is_control(), "U+{number:04X} is a control character");
            let forbidden = FORBIDDEN.iter().find(|(first, last, _)| (*first..=*last).contains(&number));
            assert_eq!(forbidden, None, "U+{number:04X} got through");
            same += 1;
        }
        assert!(same > 140_000, "only {same} characters are shown: too strict to read any language");
    }

    #[test]
    fn in_ascii_nothing_else_leaves() {
        for c in (0..0x11_0000_u32).filter_map(char::from_u32) {
            let text = Shown::new(&format!("a{c}"), Charset::Ascii).to_string();
            assert!(text.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{:04X}", u32::from(c));
        }
    }

    #[test]
    fn languages_stay_readable() {
        for text in ["Échec : clé « KMS »", "仮想マシン", "виртуальная машина", "ملف", "हिन्दी", "Tiếng Việt", "😀"]
        {
            assert_eq!(shown(text), text);
        }
    }

    #[test]
    fn a_tower_of_marks_is_cut() {
        assert_eq!(shown(&format!("a{}", "\u{300}".repeat(4))), format!("a{}", "\u{300}".repeat(4)));
        assert_eq!(shown(&format!("a{}b", "\u{300}".repeat(60))), format!("a{}<U+0300>×56b", "\u{300}".repeat(4)));
        let mixed = format!("a{}", "\u{300}\u{301}".repeat(3));
        assert_eq!(shown(&mixed), "a\u{300}\u{301}\u{300}\u{301}<U+0300><U+0301>");
    }

    #[test]
    fn a_mark_without_a_letter_is_named() {
        assert_eq!(shown("\u{338}"), "<U+0338>");
        assert_eq!(shown("a \u{338}"), "a <U+0338>");
        assert_eq!(shown("a\u{200b}\u{338}"), "a<U+200B><U+0338>");
    }

    #[test]
    fn altered_says_whether_a_copy_is_the_original() {
        assert!(!Shown::new("APP-01 (é)", Charset::Unicode).altered());
        assert!(Shown::new("APP-01 (é)", Charset::Ascii).altered());
        assert!(Shown::new("a\nb", Charset::Unicode).altered());
    }

    proptest! {
        #[test]
        fn shown_text_is_one_printable_line(text in ".*", more in proptest::collection::vec(any::<char>(), 0..80)) {
            let text: String = text.chars().chain(more).collect();
            for charset in [Charset::Unicode, Charset::Ascii] {
                let shown = Shown::new(&text, charset);
                prop_assert!(shown.as_str().chars().all(printable));
                let mut marks = 0;
                for c in shown.as_str().chars() {
                    marks = if width(c) == 0 { marks + 1 } else { 0 };
                    prop_assert!(marks <= 4);
                }
                prop_assert_eq!(shown.altered(), shown.as_str() != text);
            }
        }
    }
}
