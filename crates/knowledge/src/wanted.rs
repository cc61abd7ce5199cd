use std::fmt;

use crate::flaw::Flaw;
use crate::glob::Glob;

/// What a captured value must be: a text with `*` for any text, or a whole number of a range.
///
/// # Examples
///
/// ```
/// use esxray_knowledge::Wanted;
///
/// assert!(Wanted::parse("vpxuser*")?.fits("vpxuser:VSPHERE.LOCAL"));
/// assert!(Wanted::parse("200..")?.fits("1350"));
/// assert!(!Wanted::parse("..3")?.fits("4"));
/// assert!(Wanted::parse("5..3").is_err());
/// # Ok::<(), esxray_knowledge::Flaw>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// A text.
    Text(Glob),
    /// A whole number from the first to the last of these; `None` where there is no such end.
    Range(Option<i64>, Option<i64>),
}

impl Wanted {
    /// Reads a value as a knowledge file writes it.
    ///
    /// # Errors
    /// [`Flaw::Range`] if it looks like a range and is none.
    pub fn parse(text: &str) -> Result<Self, Flaw> {
        let flaw = || Flaw::Range { found: text.to_owned() };
        let numeric = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        let Some((from, to)) = text.split_once("..").filter(|(from, to)| numeric(from) && numeric(to)) else {
            return Ok(Self::Text(Glob::new(text)));
        };
        let end = |part: &str| match part {
            "" => Ok(None),
            part => part.parse::<i64>().map(Some).map_err(|_| flaw()),
        };
        match (end(from)?, end(to)?) {
            (None, None) => Err(flaw()),
            (Some(from), Some(to)) if from > to => Err(flaw()),
            (from, to) => Ok(Self::Range(from, to)),
        }
    }

    /// Whether a captured value is one.
    pub fn fits(&self, value: &str) -> bool {
        match self {
            Self::Text(glob) => glob.matches(value.as_bytes()),
            Self::Range(from, to) => value
                .trim()
                .parse::<i64>()
                .is_ok_and(|value| from.is_none_or(|from| from <= value) && to.is_none_or(|to| value <= to)),
        }
    }

    /// A value that fits, to prove a cause on.
    pub fn example(&self) -> String {
        match self {
            Self::Text(glob) => glob.example(),
            Self::Range(from, to) => from.or(*to).unwrap_or_default().to_string(),
        }
    }
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = |end: &Option<i64>| end.map(|it| it.to_string()).unwrap_or_default();
        match self {
            Self::Text(glob) => glob.fmt(f),
            Self::Range(from, to) => write!(f, "{}..{}", end(from), end(to)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Wanted;

    #[track_caller]
    fn check(wanted: &str, fits: &[&str], misses: &[&str]) {
        let wanted = Wanted::parse(wanted).unwrap();
        assert!(fits.iter().all(|value| wanted.fits(value)), "{wanted:?}");
        assert!(!misses.iter().any(|value| wanted.fits(value)), "{wanted:?}");
        assert!(wanted.fits(&wanted.example()), "{wanted:?}");
        assert_eq!(Wanted::parse(&wanted.to_string()).unwrap(), wanted);
    }

    #[test]
    fn texts_and_ranges() {
        check("error", &["error"], &["Error", "errors", ""]);
        check("NKP*", &["NKP", "NKP-1"], &["KMS-EXT"]);
        check("10..20", &["10", "20", " 15 "], &["9", "21", "", "x", "99999999999999999999"]);
        check("-5..", &["-5", "0"], &["-6"]);
        check("..3", &["3", "-7"], &["4"]);
        // A path with dots in it is a text.
        check("../x", &["../x"], &["x"]);
        for text in ["..", "5..3", "1..-", "--1.."] {
            assert!(Wanted::parse(text).is_err(), "{text}");
        }
    }
}
