//! Cells and rows of CSV that no spreadsheet takes for formulas, and that give back what was put into them.
//!
//! Rows are those of RFC 4180. In a cell a backslash is `\\`, and a character that is not printable is `\n`, `\r`,
//! `\t` or `\u{9b}`, so that a row is one line and can be looked at with `cat`. A cell that begins like a formula,
//! with a blank or with an apostrophe has one apostrophe more in front. To read a cell, take away one apostrophe
//! at its front, then undo the backslashes.

use std::fmt::Write as _;

use crate::escape::printable;

/// Adds a row to a table.
pub(crate) fn row<'c>(table: &mut String, cells: impl IntoIterator<Item = &'c str>) {
    for (index, text) in cells.into_iter().enumerate() {
        if index > 0 {
            table.push(',');
        }
        cell(table, text);
    }
    table.push_str("\r\n");
}

fn cell(row: &mut String, text: &str) {
    let plain = |byte: u8| (b' '..=b'~').contains(&byte) && !b"\"\\,;".contains(&byte);
    if text.bytes().all(plain) && !text.starts_with(is_led) && !text.ends_with(' ') {
        row.push_str(text);
        return;
    }
    row.push('"');
    if text.starts_with(is_led) {
        row.push('\'');
    }
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => row.push_str("\"\""),
            '\\' => row.push_str("\\\\"),
            '\n' => row.push_str("\\n"),
            '\r' => row.push_str("\\r"),
            '\t' => row.push_str("\\t"),
            // Where lists are written with semicolons, a spreadsheet may begin a cell behind one.
            ';' if chars.as_str().trim_start().starts_with(is_formula) => named(row, c),
            c if printable(c) => row.push(c),
            c => named(row, c),
        }
    }
    row.push('"');
}

fn named(row: &mut String, c: char) {
    // A string takes everything.
    let _ = write!(row, "\\u{{{:x}}}", u32::from(c));
}

/// Whether a spreadsheet could take what begins so for a formula.
fn is_formula(c: char) -> bool {
    matches!(c, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠')
}

/// Whether an apostrophe has to stand in front.
fn is_led(c: char) -> bool {
    c == '\'' || c.is_whitespace() || is_formula(c)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::row;
    use crate::escape::printable;

    /// Reads one row as RFC 4180 says; written apart from the code above.
    fn cells(row: &str) -> Vec<String> {
        let mut cells = vec![String::new()];
        let mut chars = row.strip_suffix("\r\n").unwrap().chars().peekable();
        let mut quoted = false;
        while let Some(c) = chars.next() {
            match c {
                '"' if quoted && chars.peek() == Some(&'"') => {
                    chars.next();
                    cells.last_mut().unwrap().push('"');
                }
                '"' => quoted = !quoted,
                ',' if !quoted => cells.push(String::new()),
                c => cells.last_mut().unwrap().push(c),
            }
        }
        assert!(!quoted, "{row}");
        cells
    }

    /// What a cell stands for, as the documentation says.
    fn value(cell: &str) -> String {
        let mut text = String::new();
        let mut chars = cell.strip_prefix('\'').unwrap_or(cell).chars();
        while let Some(c) = chars.next() {
            if c != '\\' {
                text.push(c);
                continue;
            }
            match chars.next().unwrap() {
                'n' => text.push('\n'),
                'r' => text.push('\r'),
                't' => text.push('\t'),
                '\\' => text.push('\\'),
                'u' => {
                    assert_eq!(chars.next(), Some('{'));
                    let number: String = chars.by_ref().take_while(|c| *c != '}').collect();
                    text.push(char::from_u32(u32::from_str_radix(&number, 16).unwrap()).unwrap());
                }
                other => panic!("\\{other}"),
            }
        }
        text
    }

    fn of(texts: &[&str]) -> String {
        let mut table = String::new();
        row(&mut table, texts.iter().copied());
        table
    }

    #[track_caller]
    fn check(text: &str) {
        let table = of(&[text, "next"]);
        let line = table.strip_suffix("\r\n").unwrap();
        assert!(line.chars().all(printable), "{text:?} became {line:?}");
        let read = cells(&table);
        assert_eq!(read.len(), 2, "{line}");
        assert_eq!(value(&read[0]), text, "{line}");
        let begin = read[0].trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '\u{200b}' | '\u{feff}'));
        assert!(!begin.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']), "{line}");
        for after in read[0].split(';').skip(1) {
            assert!(!after.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']), "{line}");
        }
    }

    #[test]
    fn cells_as_they_are_written() {
        for (text, cell) in [
            ("", ""),
            ("vcpu 0", "vcpu 0"),
            ("2023-03-10T15:16:22.314Z", "2023-03-10T15:16:22.314Z"),
            ("a,b", "\"a,b\""),
            ("he said \"no\"", "\"he said \"\"no\"\"\""),
            ("=1+1", "\"'=1+1\""),
            (" =1+1", "\"' =1+1\""),
            ("'x", "\"''x\""),
            ("\t=1", "\"'\\t=1\""),
            ("a;=1", "\"a\\u{3b}=1\""),
            ("a; b", "\"a; b\""),
            (r"C:\vm", r#""C:\\vm""#),
            ("one\ntwo", "\"one\\ntwo\""),
            ("\u{9b}2J\u{202e}", "\"\\u{9b}2J\\u{202e}\""),
            ("－1", "\"'－1\""),
            ("é", "\"é\""),
        ] {
            assert_eq!(of(&[text]).trim_end_matches("\r\n"), cell, "{text:?}");
            check(text);
        }
        assert_eq!(of(&["a", "b,c", ""]), "a,\"b,c\",\r\n");
    }

    #[test]
    fn every_character_comes_back_wherever_it_stands() {
        for c in (0..0x11_0000_u32).filter_map(char::from_u32) {
            check(&format!("{c}=x"));
        }
        let all: String = (0..0x11_0000_u32).filter_map(char::from_u32).collect();
        check(&all);
    }

    proptest! {
        #[test]
        fn every_text_comes_back(text in "[ '\"\\\\=+@;,\\-nrtu{}\t\r\n\u{0}\u{9b}\u{feff}a9é＝]{0,24}", any in any::<String>()) {
            check(&text);
            check(&any);
        }
    }
}
