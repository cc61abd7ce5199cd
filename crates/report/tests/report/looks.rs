//! The terminal report as a user sees it.
//!
//! Read a changed snapshot line by line, as you would read code.

use crate::cases;
use esxray_report::{Output, TextOptions, Verbosity};

#[test]
fn as_the_user_sees_it() {
    for (name, diagnosis) in cases::all() {
        for (look, width, color, unicode) in [
            ("80", 80, false, true),
            ("120", 120, false, true),
            ("80-ascii", 80, false, false),
            ("120-color", 120, true, true),
        ] {
            let options = TextOptions { width, color, unicode, verbosity: Verbosity::Normal };
            let text = Output::Text.render(&diagnosis, &options);
            let text = text.replace('\u{1b}', "␛");
            insta::assert_snapshot!(format!("{name}@{look}"), text);
        }
    }
}
