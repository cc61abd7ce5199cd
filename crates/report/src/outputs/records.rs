//! One parsed record as one line of JSON, for `esxray records`.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;

use super::strict;

/// A record with all that its format gives: the parsers, usable without the diagnosis.
///
/// # Examples
///
/// ```
/// use esxray_report::outputs::records::{RecordLine, jsonl};
///
/// let record = RecordLine { source: "vmware.log", line: 7, last_line: 7, message: "Hello".into(), ..RecordLine::default() };
/// let line = jsonl(&record);
/// assert!(line.starts_with(r#"{"source":"vmware.log","line":7,"#));
/// assert!(line.ends_with("}\n"));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RecordLine<'a> {
    /// The source; `ARCHIVE!MEMBER` for a file inside an archive.
    pub source: &'a str,
    /// First line of the record, from 1.
    pub line: u64,
    /// Last line of the record.
    pub last_line: u64,
    /// Where the record starts in the decoded bytes of the source, from 0.
    pub byte_offset: u64,
    /// Format, such as `hostd` or `vmware-log`.
    pub format: &'a str,
    /// Dialect; null where none was recognised.
    pub dialect: Option<&'a str>,
    /// When it was logged, RFC 3339 in UTC.
    pub time: Option<String>,
    /// How loudly.
    pub level: Option<&'a str>,
    /// The thread or subsystem that wrote it.
    pub component: Option<Cow<'a, str>>,
    /// Operation id.
    pub op_id: Option<Cow<'a, str>>,
    /// On whose behalf.
    pub user: Option<Cow<'a, str>>,
    /// What else the header gives, by name.
    pub fields: BTreeMap<Cow<'a, str>, Cow<'a, str>>,
    /// The message; bytes that are not UTF-8 became U+FFFD.
    pub message: Cow<'a, str>,
    /// The record's further lines, without their line breaks.
    pub continuation: Vec<Cow<'a, str>>,
    /// All bytes of the record in hexadecimal, where they are not UTF-8; otherwise null.
    pub raw_hex: Option<String>,
}

/// A record as JSON on one line, with a line break at the end.
pub fn jsonl(record: &RecordLine<'_>) -> String {
    strict::line(record)
}

/// The JSON Schema (2020-12) of what [`jsonl`] gives. Unknown fields are allowed: a later version may add some.
pub fn schema() -> String {
    let generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let mut schema = generator.into_root_schema_for::<RecordLine<'_>>();
    schema.insert("$id".to_owned(), "https://github.com/esxray/esxray/schema/record-1.json".into());
    schema.insert("title".to_owned(), "esxray record".into());
    strict::pretty(&schema)
}
