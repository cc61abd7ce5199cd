//! Colour by meaning, as Select Graphic Rendition sequences: the only escape sequences that this crate writes.

/// What a piece of text is, which decides how it is coloured.
///
/// The sixteen basic colours alone, because the reader chose them; nothing is
/// said by colour that the words do not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(crate) enum Style {
    /// Body text.
    #[default]
    Plain,
    /// Headings and names.
    Strong,
    /// Places, ids, remarks.
    Dim,
    /// Something failed.
    Failure,
    /// Something costs, is missing or is doubtful.
    Warning,
    /// Something succeeded, or costs nothing.
    Done,
    /// To be typed.
    Command,
}

impl Style {
    /// What switches it on; empty for body text.
    pub(crate) const fn on(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Strong => "\x1b[1m",
            Self::Dim => "\x1b[2m",
            Self::Failure => "\x1b[1;31m",
            Self::Warning => "\x1b[33m",
            Self::Done => "\x1b[32m",
            Self::Command => "\x1b[36m",
        }
    }

    /// What switches it off.
    pub(crate) const fn off(self) -> &'static str {
        match self {
            Self::Plain => "",
            _ => "\x1b[0m",
        }
    }
}
