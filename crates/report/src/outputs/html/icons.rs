//! Shapes that say by themselves what a colour says beside them.

use super::markup::Html;

/// A shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Icon {
    /// Something failed: a diamond with a cross.
    Failure,
    /// Something costs or is doubtful: a triangle.
    Warning,
    /// Something was done: a disc with a tick.
    Done,
    /// Not known: a ring with a question mark.
    Unknown,
    /// Not reached: a ring with a bar.
    Skipped,
    /// Neither: a ring.
    Plain,
}

/// Draws it as large as the text; the words beside it say the same, so it is hidden from screen readers.
pub(super) fn icon(h: &mut Html, icon: Icon) {
    let (class, body, sign) = match icon {
        Icon::Failure => ("failure", "M8 .8 15.2 8 8 15.2.8 8Z", "M5.6 5.6l4.8 4.8M10.4 5.6l-4.8 4.8"),
        Icon::Warning => ("warning", "M8 1.2 15.4 14.6H.6Z", "M8 6v4M8 12v.6"),
        Icon::Done => ("done", "M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1Z", "M4.8 8.2l2.3 2.3 4.2-4.7"),
        Icon::Unknown => (
            "unknown",
            "M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1Z",
            "M5.9 6.2c.2-2.6 4.3-2.4 4.2.1C10 7.9 8 7.9 8 9.6M8 11.6v.5",
        ),
        Icon::Skipped => ("skipped", "M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1Z", "M5 8h6"),
        Icon::Plain => ("plain", "M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1Z", ""),
    };
    let attrs =
        [("class", "icon"), ("viewBox", "0 0 16 16"), ("width", "16"), ("height", "16"), ("aria-hidden", "true")];
    h.el("svg", &attrs, |h| {
        h.void("path", &[("class", &format!("body {class}")), ("d", body)]);
        if !sign.is_empty() {
            h.void("path", &[("class", &format!("sign {class}")), ("d", sign)]);
        }
    });
}
