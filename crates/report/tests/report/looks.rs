//! The terminal report as a user sees it.
//!
//! Read a changed snapshot line by line, as you would read code.

use crate::cases;
use esxray_report::{Output, TextOptions, Verbosity};

#[test]
fn as_the_user_sees_it() {
    for (name, diagnosis) in cases::all() {
        for (look, width, color, unicode, verbosity) in [
            ("80", 80, false, true, Verbosity::Normal),
            ("120", 120, false, true, Verbosity::Normal),
            ("80-ascii", 80, false, false, Verbosity::Normal),
            ("120-color", 120, true, true, Verbosity::Normal),
            ("100-verbose", 100, false, true, Verbosity::Verbose),
        ] {
            let options = TextOptions { width, color, unicode, verbosity };
            let text = Output::Text.render(&diagnosis, &options);
            let text = text.replace('\u{1b}', "␛");
            insta::assert_snapshot!(format!("{name}@{look}"), text);
        }
    }
}
