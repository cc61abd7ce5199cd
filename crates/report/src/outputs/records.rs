//! One parsed record as one line of JSON or one row of CSV, for `esxray records`.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;

use super::{csv, strict};

/// A record with all that its format gives: the parsers, usable without the diagnosis.
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

/// Adds a record as JSON on one line, with a line break at the end.
///
/// # Examples
///
/// ```
/// use esxray_report::outputs::records::{RecordLine, add_csv, add_jsonl};
///
/// let record = RecordLine { source: "vmware.log", line: 7, last_line: 7, byte_offset: 0, message: "=1".into(), ..RecordLine::default() };
/// let mut lines = Vec::new();
/// add_jsonl(&mut lines, &record);
/// assert!(lines.starts_with(br#"{"source":"vmware.log","line":7,"#));
/// assert!(lines.ends_with(b"}\n"));
///
/// let mut rows = Vec::new();
/// add_csv(&mut rows, &record);
/// assert_eq!(rows, b"vmware.log,7,7,0,,,,,,,,,\"'=1\",\r\n");
/// ```
pub fn add_jsonl(lines: &mut Vec<u8>, record: &RecordLine<'_>) {
    strict::line(lines, record);
}

/// The columns of the table that [`add_csv`] adds to.
const COLUMNS: [&str; 14] = [
    "source",
    "line",
    "last_line",
    "byte_offset",
    "format",
    "dialect",
    "time",
    "level",
    "component",
    "op_id",
    "user",
    "fields",
    "message",
    "raw_hex",
];

/// The header row of the table.
pub fn csv_header() -> String {
    COLUMNS.join(",") + "\r\n"
}

/// Adds a record as a row of RFC 4180.
///
/// Its further lines stand in the cell of the message, each behind a line feed, `fields` are JSON, and what is null
/// is empty. How cells are kept from being formulas, and how to undo it, is told by `esxray records --help`.
pub fn add_csv(table: &mut Vec<u8>, record: &RecordLine<'_>) {
    let fields = if record.fields.is_empty() { String::new() } else { strict::compact(&record.fields) };
    let mut message = Cow::Borrowed(record.message.as_ref());
    for line in &record.continuation {
        let message = message.to_mut();
        message.push('\n');
        message.push_str(line);
    }
    let cells: [&str; COLUMNS.len()] = [
        record.source,
        &record.line.to_string(),
        &record.last_line.to_string(),
        &record.byte_offset.to_string(),
        record.format,
        record.dialect.unwrap_or_default(),
        record.time.as_deref().unwrap_or_default(),
        record.level.unwrap_or_default(),
        record.component.as_deref().unwrap_or_default(),
        record.op_id.as_deref().unwrap_or_default(),
        record.user.as_deref().unwrap_or_default(),
        &fields,
        &message,
        record.raw_hex.as_deref().unwrap_or_default(),
    ];
    let mut row = String::new();
    csv::row(&mut row, cells);
    table.extend_from_slice(row.as_bytes());
}

/// The JSON Schema (2020-12) of what [`add_jsonl`] gives. Unknown fields are allowed: a later version may add some.
pub fn schema() -> String {
    let generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let mut schema = generator.into_root_schema_for::<RecordLine<'_>>();
    schema.insert("$id".to_owned(), "https://github.com/esxray/esxray/schema/record-1.json".into());
    schema.insert("title".to_owned(), "esxray record".into());
    strict::pretty(&schema)
}
