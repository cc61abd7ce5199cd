//! A record as the report prints it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use esxray::model::{FormatName, Level};
use esxray::record::files::Entry;
use esxray::record::{Block, Record};
use esxray::report::outputs::records::RecordLine;

/// A record as it is printed.
pub(super) fn line<'a>(source: &'a str, block: &Block<'a>, record: &Record<'a>) -> RecordLine<'a> {
    let head = record.head();
    let text = record.text();
    let mut fields: BTreeMap<Cow<'a, str>, Cow<'a, str>> = BTreeMap::new();
    let named = [("program", Some(head.program).filter(|program| !program.is_empty())), ("host", head.host)];
    let named = named.into_iter().filter_map(|(name, value)| Some((name, value?)));
    for (name, value) in named.chain(head.fields.iter().copied().filter(|(name, _)| !OWN.contains(name))) {
        // A key that stands there twice means what it said first.
        fields.entry(name.into()).or_insert_with(|| String::from_utf8_lossy(value));
    }
    let raw = record.bytes();
    let raw_hex = std::str::from_utf8(raw).is_err().then(|| hex(raw));
    let continuation = text.lines().skip(1).map(|(_, line)| Cow::Owned(String::from_utf8_lossy(line).into_owned()));
    RecordLine {
        source,
        line: record.span.line,
        last_line: record.span.line + record.span.lines.saturating_sub(1),
        byte_offset: record.offset,
        format: record.format().as_str(),
        dialect: block.form.map(|form| form.dialect_name()),
        time: record.span.time.map(|time| time.to_string()),
        level: record.span.level.map(Level::as_str),
        component: Some(head.component).filter(|component| !component.is_empty()).map(String::from_utf8_lossy),
        op_id: head.op_id.map(String::from_utf8_lossy),
        user: head.user.map(String::from_utf8_lossy),
        fields,
        continuation: continuation.collect(),
        message: String::from_utf8_lossy(head.message),
        raw_hex,
    }
}

/// An entry of a file that is no log, as it is printed: its text, without the secrets that stood in it.
pub(super) fn entry_line<'a>(source: &'a str, format: FormatName, entry: &'a Entry) -> RecordLine<'a> {
    let mut lines = entry.text.split('\n').map(Cow::Borrowed);
    let message = lines.next().unwrap_or_default();
    let continuation: Vec<Cow<'a, str>> = lines.collect();
    RecordLine {
        source,
        line: entry.line,
        last_line: entry.line + continuation.len() as u64,
        byte_offset: entry.byte_offset,
        format: format.as_str(),
        message,
        continuation,
        ..RecordLine::default()
    }
}

/// Fields of the head that have a name of their own in a printed record.
const OWN: [&str; 3] = ["sub", "opID", "user"];

fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)]).collect()
}

#[cfg(test)]
mod tests {
    use super::hex;

    #[test]
    fn bytes_in_hexadecimal() {
        assert_eq!(hex(&[0x00, 0x9b, 0xff]), "009bff");
    }
}
