//! Finds names in a text, where nothing of a word stands beside them.

use std::ops::Range;

use aho_corasick::{AhoCorasick, Input};

use crate::Error;

/// Many names at once, in every way that logs write them.
#[derive(Debug)]
pub(crate) struct Finder {
    search: AhoCorasick,
    /// Which name each pattern is a spelling of.
    names: Vec<usize>,
}

impl Finder {
    /// `names` are told apart by their number.
    pub(crate) fn new<'n>(names: impl Iterator<Item = (usize, &'n str)>) -> Result<Self, Error> {
        let (mut patterns, mut of) = (Vec::new(), Vec::new());
        for (number, name) in names {
            for spelling in spellings(name) {
                patterns.push(spelling);
                of.push(number);
            }
        }
        let search = AhoCorasick::builder().ascii_case_insensitive(true).build(&patterns);
        Ok(Self { search: search.map_err(|_| Error::TooMany { names: patterns.len() })?, names: of })
    }

    /// The places of names in a stretch of a text: the first first, of those that begin together the longest.
    pub(crate) fn find(&self, text: &[u8], within: Range<usize>) -> Vec<(Range<usize>, usize)> {
        let mut found: Vec<(Range<usize>, usize)> = Vec::new();
        for it in self.search.find_overlapping_iter(Input::new(text).range(within)) {
            if !is_bounded(text, &it.range()) {
                continue;
            }
            let name = self.names.get(it.pattern().as_usize()).copied().unwrap_or_default();
            found.push((it.range(), name));
        }
        found.sort_by_key(|(at, _)| (at.start, std::cmp::Reverse(at.end)));
        let mut end = 0;
        found.retain(|(at, _)| {
            let free = at.start >= end;
            if free {
                end = at.end;
            }
            free
        });
        found
    }
}

/// Whether neither a letter nor a digit goes on before or behind it.
fn is_bounded(text: &[u8], at: &Range<usize>) -> bool {
    let before = text.get(..at.start).unwrap_or_default();
    let after = text.get(at.end..).unwrap_or_default();
    let inner = text.get(at.clone()).unwrap_or_default();
    let is_word = |letter: Option<char>| letter.is_some_and(|it| it != '\u{fffd}' && it.is_alphanumeric());
    // `%2fAPP-01`, `\nAPP-01`: the letter belongs to the escape.
    let escape = matches!(before, [.., b'%', a, b] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit())
        || matches!(before, [.., b'\\', b'n' | b'r' | b't']);
    let starts = is_word(bstr::decode_utf8(inner).0);
    let ends = is_word(bstr::decode_last_utf8(inner).0);
    let goes_before = starts && !escape && is_word(bstr::decode_last_utf8(before).0);
    let goes_behind = ends && is_word(bstr::decode_utf8(after).0);
    !goes_before && !goes_behind
}

/// A name as logs, configurations, XML, JSON and links write it.
pub(crate) fn spellings(name: &str) -> Vec<Vec<u8>> {
    let escaped = |special: &dyn Fn(char) -> Option<String>| {
        name.chars().map(|it| special(it).unwrap_or_else(|| it.to_string())).collect::<String>()
    };
    let percent = |it: char| {
        let mut buffer = [0; 4];
        it.encode_utf8(&mut buffer).bytes().fold(String::new(), |text, it| format!("{text}%{it:02x}"))
    };
    let mut texts = vec![
        name.to_owned(),
        name.to_lowercase(),
        name.to_uppercase(),
        escaped(&|it| matches!(it, '%' | '/' | '\\').then(|| percent(it))),
        escaped(&|it| (!it.is_ascii_alphanumeric() && !"-_.~".contains(it)).then(|| percent(it))),
        escaped(&|it| (!it.is_ascii_alphanumeric()).then(|| percent(it))),
        escaped(&|it| match it {
            '&' => Some("&amp;".to_owned()),
            '<' => Some("&lt;".to_owned()),
            '>' => Some("&gt;".to_owned()),
            '"' => Some("&quot;".to_owned()),
            '\'' => Some("&apos;".to_owned()),
            _ => None,
        }),
        escaped(&|it| matches!(it, '\\' | '"').then(|| format!("\\{it}"))),
        escaped(&|it| (it == '\'').then(|| "'\\''".to_owned())),
        escaped(&|it| (it == '"').then(|| "\"\"".to_owned())),
        escaped(&|it| matches!(it, '"' | '|' | '#').then(|| format!("|{:02X}", u32::from(it)))),
        escaped(&|it| {
            let mut buffer = [0; 2];
            let units = it.encode_utf16(&mut buffer);
            (!it.is_ascii()).then(|| units.iter().fold(String::new(), |text, it| format!("{text}\\u{it:04x}")))
        }),
    ];
    texts.sort();
    texts.dedup();
    let mut all: Vec<Vec<u8>> = texts.into_iter().map(String::into_bytes).collect();
    if !name.is_ascii() {
        // The code page of Western Windows, in which a host there writes its logs.
        let narrow: Option<Vec<u8>> = name.chars().map(|it| u8::try_from(u32::from(it)).ok()).collect();
        all.extend(narrow);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::Finder;

    fn check(names: &[&str], text: &str, expected: &[&str]) {
        let finder = Finder::new(names.iter().copied().enumerate()).unwrap();
        let found = finder.find(text.as_bytes(), 0..text.len());
        let found: Vec<&str> = found.into_iter().map(|(at, _)| &text[at]).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn names_end_where_words_end() {
        check(&["APP-1", "APP"], "APP-10 APP-1-000001.vmdk APP_x app xAPP APPx", &["APP", "APP-1", "APP", "app"]);
        check(&["a b", "a b c"], "'a b c' a b", &["a b c", "a b"]);
        check(&["Büro"], "„Büro“ BÜRO Bürokratie B\\u00fcro B%c3%bcro", &["Büro", "BÜRO", "B\\u00fcro", "B%c3%bcro"]);
        check(&["x/y"], "vm%2fx%2fy \\nx/y", &["x%2fy", "x/y"]);
        check(&["(a.*)"], "(a.*) (abc)", &["(a.*)"]);
    }
}
