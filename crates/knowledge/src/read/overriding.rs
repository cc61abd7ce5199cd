use esxray_model::Severity;

use super::Reader;
use crate::flaw::Flaw;
use crate::schema::OverrideFile;

/// What a pack changes about a cause.
#[derive(Debug)]
pub(crate) struct Override {
    pub(crate) cause: String,
    pub(crate) severity: Option<Severity>,
    pub(crate) disabled: bool,
}

pub(crate) fn overriding(reader: &mut Reader<'_, '_>, id: &str) -> Option<Override> {
    let file: OverrideFile = reader.document.parse(reader.problems)?;
    reader.text("reason", &file.reason);
    let word = |it: &String, reader: &mut Reader<'_, '_>| {
        reader.word("severity", "severity", it, Severity::ALL, Severity::as_str)
    };
    let severity = file.severity.as_ref().and_then(|it| word(it, reader));
    if file.severity.is_none() && !file.disabled {
        reader.tell("reason", || Flaw::Empty { key: "severity".to_owned() });
    }
    Some(Override { cause: id.to_owned(), severity, disabled: file.disabled })
}
