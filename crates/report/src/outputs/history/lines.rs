//! A history for programs: JSON lines, Timesketch, CSV.

use esxray_diagnosis::{History, HistoryEntry};
use esxray_model::{Lang, Said, Timestamp};
use schemars::JsonSchema;
use serde::Serialize;

use super::source_of;
use crate::outputs::csv::row;
use crate::outputs::json::{Time, Vm, schema_of, vm};
use crate::outputs::strict;

/// One entry of a history.
#[derive(Serialize, JsonSchema)]
#[expect(clippy::struct_field_names, reason = "the names of fields of the output")]
struct Line<'a> {
    /// What sort of thing happened: `power-on`, `snapshot`, `disk-open`.
    kind: &'a str,
    /// `vm`, `host`, `storage`, `ha`, `keys`, `task` or `logs`.
    lane: &'a str,
    /// `failure`, `success` or `context`.
    tone: &'a str,
    /// When it happened or began; null where the logs do not show it.
    time: Option<Time>,
    /// When a span ended; null for a point, and where the logs do not show it.
    until: Option<Time>,
    /// Microseconds from `time` to `until`.
    duration_us: Option<i64>,
    /// Whether it is a span of which the logs do not show the begin or the end.
    open: bool,
    /// The VM; null where it is about none, or not known.
    vm: Option<Vm<'a>>,
    /// Name of the host whose log tells it.
    host: Option<&'a str>,
    /// What happened.
    title: &'a str,
    /// How a span ended.
    detail: Option<&'a str>,
    /// Operation id.
    op_id: Option<&'a str>,
    /// On whose behalf.
    user: Option<&'a str>,
    /// Records that it stands for.
    count: u64,
    /// Source of the record that tells it, or its begin.
    source: &'a str,
    /// First line of that record.
    line: u64,
    /// Line of the record that tells the end of a span.
    end_line: Option<u64>,
    /// Id of the signature that knows the record.
    signature: Option<&'a str>,
    /// Text of the record.
    text: &'a str,
}

fn line<'a>(history: &'a History, entry: &'a HistoryEntry, lang: Lang) -> Line<'a> {
    Line {
        kind: entry.kind.as_str(),
        lane: entry.lane().as_str(),
        tone: entry.tone.as_str(),
        time: Time::of(entry.time),
        until: Time::of(entry.until),
        duration_us: entry.micros(),
        open: entry.open,
        vm: history.vm(entry).map(vm),
        host: entry.host.as_deref(),
        title: entry.title.r#in(lang),
        detail: entry.detail.as_ref().map(|it| it.r#in(lang)),
        op_id: entry.op_id.as_deref(),
        user: entry.user.as_deref(),
        count: entry.count,
        source: source_of(history, entry),
        line: entry.place.line,
        end_line: entry.end_place.map(|it| it.line),
        signature: entry.signature.as_deref(),
        text: &entry.text,
    }
}

/// One object a line, in the order of the history; [`schema`] describes it.
pub fn jsonl(history: &History, lang: Lang) -> String {
    each_line(history.entries.iter().map(|it| line(history, it, lang)))
}

/// The JSON Schema (2020-12) of each line of [`jsonl`]. Unknown fields are allowed: a later version may add some.
pub fn schema() -> String {
    schema_of::<Line<'_>>("timeline", "esxray timeline")
}

/// An event as Timesketch imports it: `message`, `datetime` and `timestamp_desc` are what it asks for.
#[derive(Serialize)]
struct Sketch<'a> {
    message: String,
    /// ISO 8601 with an offset.
    datetime: String,
    /// Microseconds since 1970.
    timestamp: i64,
    timestamp_desc: &'static str,
    /// Begin of a span, end of one, or a point.
    data_type: &'static str,
    #[serde(flatten)]
    line: Line<'a>,
}

/// The history as the JSON lines that Timesketch imports. A span is two events, its begin and its end; what has no
/// time is left out, because Timesketch takes nothing without one.
pub fn timesketch(history: &History, lang: Lang) -> String {
    let event = |entry, at: Timestamp, end: bool| {
        let line = line(history, entry, lang);
        let is_span = entry.until.is_some() || entry.open;
        let desc = match (is_span, end) {
            (_, true) => "End Time",
            (true, false) => "Start Time",
            _ => "Event Logged",
        };
        let message = match line.detail.filter(|_| end) {
            Some(detail) => format!("{}: {detail}", line.title),
            None => line.title.to_owned(),
        };
        let datetime = at.to_string();
        let datetime = datetime.strip_suffix('Z').map_or_else(|| datetime.clone(), |it| format!("{it}+00:00"));
        Sketch {
            message,
            datetime,
            timestamp: at.as_micros(),
            timestamp_desc: desc,
            data_type: "esxray:timeline:entry",
            line,
        }
    };
    each_line(history.entries.iter().flat_map(|entry| {
        let begin = entry.time.map(|at| event(entry, at, false));
        let end = entry.until.map(|at| event(entry, at, true));
        begin.into_iter().chain(end)
    }))
}

fn each_line(lines: impl Iterator<Item = impl Serialize>) -> String {
    let mut out: Vec<u8> = Vec::new();
    for line in lines {
        strict::line(&mut out, &line);
    }
    String::from_utf8_lossy(&out).into_owned()
}

const COLUMNS: [&str; 19] = [
    "time",
    "until",
    "duration_us",
    "open",
    "lane",
    "kind",
    "tone",
    "vm",
    "vmx_path",
    "host",
    "title",
    "detail",
    "op_id",
    "user",
    "count",
    "source",
    "line",
    "signature",
    "text",
];

/// The history as CSV of RFC 4180 with a header row. Cells are kept from being formulas as `esxray records --help`
/// tells.
pub fn csv(history: &History, lang: Lang) -> String {
    let mut table = String::new();
    row(&mut table, COLUMNS);
    let time = |it: Option<Timestamp>| it.map(|it| it.to_string()).unwrap_or_default();
    for entry in &history.entries {
        let vm = history.vm(entry);
        let said = |it: Option<&Said>| it.map(|it| it.r#in(lang).to_owned()).unwrap_or_default();
        let cells: [String; COLUMNS.len()] = [
            time(entry.time),
            time(entry.until),
            entry.micros().map(|it| it.to_string()).unwrap_or_default(),
            entry.open.to_string(),
            entry.lane().as_str().to_owned(),
            entry.kind.as_str().to_owned(),
            entry.tone.as_str().to_owned(),
            vm.and_then(|it| it.name.clone()).unwrap_or_default(),
            vm.and_then(|it| it.vmx_path.clone()).unwrap_or_default(),
            entry.host.clone().unwrap_or_default(),
            said(Some(&entry.title)),
            said(entry.detail.as_ref()),
            entry.op_id.clone().unwrap_or_default(),
            entry.user.clone().unwrap_or_default(),
            entry.count.to_string(),
            source_of(history, entry).to_owned(),
            entry.place.line.to_string(),
            entry.signature.clone().unwrap_or_default(),
            entry.text.clone(),
        ];
        row(&mut table, cells.iter().map(String::as_str));
    }
    table
}
