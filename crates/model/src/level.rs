use std::fmt;

/// How loudly a record was logged, over all generations of all formats.
///
/// A level never decides a diagnosis: the line that names the wrong key after
/// a failed re-key is logged as information. It is used to find records that
/// nothing explains.
///
/// Order: quiet to loud.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// `trivia`, `Db(08)` and above.
    Trivia,
    /// `verbose`, `debug`, `Db(06)`.
    Verbose,
    /// `info`, `In(05)`, `I125`.
    Info,
    /// `notice`, and the audit records that `vmware.log` prints as `No(00)` or `A100`.
    Notice,
    /// `warning`, `Wa(03)`, `W115`.
    Warning,
    /// `error`, `Er(02)`, `E105` without `PANIC:`.
    Error,
    /// `panic`, `critical`, `alert`, `emergency`, `Cr(01)`, `E105: PANIC:`.
    Panic,
}

impl Level {
    /// The word that reports print.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Trivia => "trivia",
            Self::Verbose => "verbose",
            Self::Info => "info",
            Self::Notice => "notice",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Panic => "panic",
        }
    }

    /// The level behind the two letters of `In(05)` and `Er(163)`.
    ///
    /// The number is not used: it is a log level in `vmware.log` and a syslog
    /// priority elsewhere, and `No(00)` is an audit record, not an emergency.
    ///
    /// ```
    /// use esxray_model::Level;
    /// assert_eq!(Level::from_letters(b"No"), Some(Level::Notice));
    /// assert_eq!(Level::from_letters(b"Xx"), None);
    /// ```
    pub const fn from_letters(letters: &[u8]) -> Option<Self> {
        Some(match letters {
            b"Em" | b"Al" | b"Cr" => Self::Panic,
            b"Er" => Self::Error,
            b"Wa" => Self::Warning,
            b"No" => Self::Notice,
            b"In" => Self::Info,
            b"Db" => Self::Verbose,
            _ => return None,
        })
    }

    /// The level behind a word such as `info` or `WARNING`.
    pub fn from_word(word: &[u8]) -> Option<Self> {
        let is = |name: &str| word.eq_ignore_ascii_case(name.as_bytes());
        Some(if is("info") {
            Self::Info
        } else if is("verbose") || is("debug") {
            Self::Verbose
        } else if is("warning") || is("warn") {
            Self::Warning
        } else if is("error") {
            Self::Error
        } else if is("trivia") || is("trace") {
            Self::Trivia
        } else if is("panic") || is("fatal") || is("critical") {
            Self::Panic
        } else if is("notice") || is("audit") {
            Self::Notice
        } else {
            return None;
        })
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
