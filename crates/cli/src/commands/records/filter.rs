//! Which records pass: the cheap questions first, so that most records are never looked at in full.

use esxray::diagnosis::{VmRecords, VmRecordsOfSource, each_operation};
use esxray::knowledge::Glob;
use esxray::model::Level;
use esxray::record::Record;
use regex::bytes::{Regex, RegexBuilder};

use crate::args::{Filters, Range};
use crate::failure::Failure;

/// What a record has to be like; everything that was asked for has to hold.
#[derive(Debug)]
pub(super) struct Filter<'f> {
    range: &'f Range,
    level: Option<Level>,
    /// In small letters.
    component: Option<Glob>,
    op_id: Option<&'f str>,
    grep: Option<Regex>,
    pub(super) vm: Option<VmRecords>,
}

impl<'f> Filter<'f> {
    /// Reads the flags; what `--vm` means is found out later.
    pub(super) fn new(filters: &'f Filters) -> Result<Self, Failure> {
        let grep = filters.grep.as_deref().map(|pattern| {
            let ignores_case = filters.ignore_case || !has_capital(pattern);
            regex(pattern, ignores_case).map_err(|error| unreadable(pattern, &error))
        });
        Ok(Self {
            range: &filters.range,
            level: filters.level,
            component: filters.component.as_deref().map(|glob| Glob::new(glob.to_lowercase())),
            op_id: filters.op_id.as_deref(),
            grep: grep.transpose()?,
            vm: None,
        })
    }

    /// The filter for the records of one source.
    pub(super) fn in_source(&self, name: &str) -> FilterOfSource<'_> {
        FilterOfSource { filter: self, vm: self.vm.as_ref().map(|vm| vm.in_source(name)) }
    }

    /// What needs no more than the glance that every record gets.
    fn takes_at_a_glance(&self, record: &Record<'_>) -> bool {
        // Records without a time may lie inside as well as outside: they are kept.
        let inside = record.span.time.is_none_or(|time| {
            self.range.since.is_none_or(|since| time >= since) && self.range.until.is_none_or(|until| time < until)
        });
        inside && self.level.is_none_or(|least| record.span.level.is_some_and(|level| level >= least))
    }

    fn takes_writer(&self, record: &Record<'_>) -> bool {
        self.component.as_ref().is_none_or(|glob| {
            let head = record.head();
            let is = |name: &[u8]| !name.is_empty() && glob.matches(&name.to_ascii_lowercase());
            is(head.component) || is(head.program)
        })
    }

    fn takes_text(&self, record: &Record<'_>) -> bool {
        self.grep.as_ref().is_none_or(|regex| {
            let bytes = record.bytes();
            // A regex of characters passes over bytes that are none: where there are any, as they are printed.
            regex.is_match(bytes)
                || (std::str::from_utf8(bytes).is_err() && regex.is_match(String::from_utf8_lossy(bytes).as_bytes()))
        })
    }
}

/// As [`Filter`], for the records of one source.
#[derive(Debug)]
pub(super) struct FilterOfSource<'f> {
    filter: &'f Filter<'f>,
    vm: Option<VmRecordsOfSource<'f>>,
}

impl FilterOfSource<'_> {
    /// Whether a record passes.
    pub(super) fn takes(&self, record: &Record<'_>) -> bool {
        self.filter.takes_at_a_glance(record)
            && self.filter.takes_writer(record)
            && self.filter.op_id.is_none_or(|wanted| each_operation(record, |id| comes_from(id, wanted.as_bytes())))
            && self.filter.takes_text(record)
            && self.vm.as_ref().is_none_or(|vm| vm.has(record))
    }
}

impl FilterOfSource<'_> {
    /// Whether an entry of a file that is no log passes. It has a text, and neither time, level, writer nor operation.
    pub(super) fn takes_entry(&self, text: &str) -> bool {
        let filter = self.filter;
        let is_timeless = filter.range.since.is_none()
            && filter.range.until.is_none()
            && filter.level.is_none()
            && filter.component.is_none()
            && filter.op_id.is_none();
        is_timeless
            && filter.grep.as_ref().is_none_or(|regex| regex.is_match(text.as_bytes()))
            && self.vm.as_ref().is_none_or(|vm| vm.has_entry(text))
    }
}

/// Whether an operation is this one, or came from it: each hop adds `-` and a part of its own.
fn comes_from(id: &[u8], wanted: &[u8]) -> bool {
    id.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with(b"-"))
}

fn regex(pattern: &str, ignores_case: bool) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern).case_insensitive(ignores_case).multi_line(true).crlf(true).build()
}

/// Whether a pattern asks for a capital letter, as opposed to `\W` or `\pL`.
fn has_capital(pattern: &str) -> bool {
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        if c == '\\' {
            // The name of a class stands in braces or is one letter.
            let kind = chars.next();
            let braced = chars.as_str().strip_prefix('{').and_then(|rest| rest.split_once('}'));
            match (kind, braced) {
                (Some('p' | 'P' | 'x' | 'u' | 'U' | 'b'), Some((_, rest))) => chars = rest.chars(),
                (Some('p' | 'P'), None) => drop(chars.next()),
                _ => {}
            }
        } else if c.is_uppercase() {
            return true;
        }
    }
    false
}

/// Says where a pattern cannot be read, on one line.
fn unreadable(pattern: &str, error: &regex::Error) -> Failure {
    let text = error.to_string();
    let why = match error {
        regex::Error::CompiledTooBig(limit) => format!("it takes more than {limit} bytes to search with"),
        _ => text.rsplit_once("error: ").map_or(text.as_str(), |(_, why)| why).trim().to_owned(),
    };
    // The library draws a caret below the pattern, both with four blanks in front.
    let caret = text.lines().find(|line| line.contains('^') && line.trim_matches([' ', '^']).is_empty());
    let at = caret.filter(|_| !pattern.contains('\n')).and_then(|line| line.find('^')?.checked_sub(3));
    Failure::Regex { pattern: pattern.to_owned(), why, at }
}

#[cfg(test)]
mod tests {
    use super::{comes_from, has_capital, regex, unreadable};
    use crate::failure::Failure;

    #[test]
    fn an_operation_goes_on_behind_a_hyphen() {
        assert!(comes_from(b"ab-12", b"ab-12"));
        assert!(comes_from(b"ab-12-01-9e", b"ab-12"));
        assert!(!comes_from(b"ab-123", b"ab-12"));
        assert!(!comes_from(b"ab-1", b"ab-12"));
    }

    #[test]
    fn capitals_of_classes_are_none() {
        for pattern in ["disk", r"\W\S\D", r"\pL\p{Greek}\x{AB}", "é", r"\b{start}x", ""] {
            assert!(!has_capital(pattern), "{pattern}");
        }
        for pattern in ["Disk", "É", r"\\S", r"\W[A-Z]"] {
            assert!(has_capital(pattern), "{pattern}");
        }
    }

    #[test]
    fn an_error_says_where() {
        for (pattern, says, place) in [
            ("a(bc", "unclosed group", Some(2)),
            ("[z-a]", "invalid character class range, the start must be <= the end", Some(2)),
            ("*", "repetition operator missing expression", Some(1)),
            ("é(", "unclosed group", Some(2)),
            ("a\n(", "unclosed group", None),
            ("^^^(", "unclosed group", Some(4)),
        ] {
            let Failure::Regex { why, at, .. } = unreadable(pattern, &regex(pattern, true).unwrap_err()) else {
                panic!("another failure")
            };
            assert_eq!((why.as_str(), at), (says, place), "{pattern}");
        }
        let Failure::Regex { why, at, .. } = unreadable("x", &regex(r"\w{900}{90}", true).unwrap_err()) else {
            panic!("another failure")
        };
        assert!(why.contains("bytes to search with") && at.is_none(), "{why}");
    }
}
