//! Stamped lines of no known form: split, stamped, searched and accounted for, and nothing more.

use esxray_model::{FormatName, Level};

use super::{
    BRACKET, Dialect, Glance, Joins, Kin, MONTH, STAMP_BRACKET, STAMP_LEVEL, STAMP_MARK, STAMP_TEXT, letters_and_number,
    plain,
};
use crate::stamp::{iso, month_day};

pub(crate) static DIALECTS: &[Dialect] = &[Dialect {
    generation: "generic",
    format: Some(FormatName::Generic),
    other: FormatName::Generic,
    kin: Kin::Any,
    opens: BRACKET | MONTH | STAMP_BRACKET | STAMP_LEVEL | STAMP_MARK | STAMP_TEXT,
    glance,
    claims,
    open: plain,
    joins: Joins::Text,
    samples: &[
        "2022-06-02T12:25:11.537Z no form that is known",
        "2023-08-08T14:13:55Z In(182)",
        "Aug 15 06:07:13.285 something",
        "[2023-10-09T08:59:22.824Z] ERROR text",
    ],
}];


fn glance(line: &[u8]) -> Option<Glance<'_>> {
    let inside = line.strip_prefix(b"[").unwrap_or(line);
    let (stamp, used) = iso(inside).or_else(|| month_day(inside))?;
    let rest = inside.get(used..)?;
    let mut glance = Glance::new(Some(stamp), b"", rest.strip_prefix(b" ").unwrap_or(rest));
    if let Some((level, more, _)) = letters_and_number(glance.body) {
        (glance.level, glance.more) = (Some(level), more);
    } else {
        let word = glance.body.split(|byte| !byte.is_ascii_alphabetic()).find(|word| !word.is_empty());
        glance.level = word.and_then(Level::from_word);
    }
    Some(glance)
}

/// What has a stamp and is nobody else's.
fn claims(line: &[u8]) -> bool {
    glance(line).is_some()
        && !super::DIALECTS.iter().flat_map(|it| it.iter()).any(|it| it.generation != "generic" && (it.claims)(line))
}
