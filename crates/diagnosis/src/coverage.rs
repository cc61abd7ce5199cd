//! What the logs cover: an absence counts only where a log would have shown the thing.

pub(crate) mod holes;

use std::collections::BTreeMap;

use esxray_model::{FormatName, Timestamp};
use esxray_record::Encoding;

use crate::outcome::{Coverage, Problem};
use crate::scan::Source;

/// Seconds between two generations of a log that still follow each other.
const SEAM_SECONDS: i64 = 3600;

/// A stretch of time that an incident spans.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    pub from: Timestamp,
    pub to: Timestamp,
    /// Microseconds that both may be off, compared with what another host logged.
    pub slack: i64,
}

impl Window {
    /// The window by a clock that it was not measured with.
    fn widened(self) -> Self {
        let moved = |at: Timestamp, micros: i64| Timestamp::from_micros(at.as_micros().saturating_add(micros));
        Self { from: moved(self.from, -self.slack), to: moved(self.to, self.slack), slack: 0 }
    }
}

impl std::fmt::Display for Window {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.from == self.to {
            write!(f, "at {}", self.from)
        } else {
            write!(f, "between {} and {}", self.from, self.to)
        }
    }
}

/// What one source holds of one log.
#[derive(Clone, Copy)]
struct Generation<'s> {
    first: Timestamp,
    last: Timestamp,
    source: &'s Source,
}

/// The sources of the logs of one of these formats that cover a window without a gap; empty if none does.
///
/// `hosts` limits it to the logs of these; where it is empty, any host's will do if there is only one.
pub(crate) fn covering(sources: &[Source], formats: &[FormatName], hosts: &[&str], window: Window) -> Vec<String> {
    let logs = logs(sources, formats, hosts);
    let measured = |log: &[Generation<'_>]| log.iter().all(|it| hosts.contains(&it.source.host.as_str()));
    let covers: Vec<Vec<String>> = logs
        .into_values()
        .map(|log| if measured(&log) { generations(log, window) } else { generations(log, window.widened()) })
        .collect();
    // Of several hosts' logs it is not known which one would show it: all of them have to.
    let any_host = hosts.is_empty() && !formats.contains(&FormatName::Vpxd);
    if any_host && covers.iter().any(Vec::is_empty) {
        return Vec::new();
    }
    covers.concat()
}

/// The logs of these formats and hosts, by folder and name, with what each source holds of them.
fn logs<'s>(
    sources: &'s [Source],
    formats: &[FormatName],
    hosts: &[&str],
) -> BTreeMap<(String, FormatName), Vec<Generation<'s>>> {
    let mut logs: BTreeMap<(String, FormatName), Vec<Generation<'_>>> = BTreeMap::new();
    for source in sources {
        let of_host = hosts.is_empty() || hosts.contains(&source.host.as_str());
        // A syslog holds the records of many logs, and covers each as far as it holds them.
        for share in source.account.shares.iter().filter(|share| formats.contains(&share.format)) {
            if let (Some(first), Some(last)) = (share.first, share.last)
                && (of_host || share.format == FormatName::Vpxd)
            {
                let generation = Generation { first: source.when(first), last: source.when(last), source };
                logs.entry((source.log(), share.format)).or_default().push(generation);
            }
        }
    }
    logs
}

/// The generations of the log of one VM that together cover a window.
pub(crate) fn covering_vm_log(log: &[&Source], window: Window) -> Vec<String> {
    let all = log.iter().filter_map(|it| {
        let (first, last) = (it.account.first?, it.account.last?);
        Some(Generation { first: it.when(first), last: it.when(last), source: it })
    });
    generations(all.collect(), window)
}

/// The generations of one log that together cover a window.
fn generations(mut log: Vec<Generation<'_>>, window: Window) -> Vec<String> {
    log.sort_by_key(|it| (it.first, it.last, it.source.name.as_str()));
    // A service writes all the time; the log of a VM is silent for days, and that is no gap.
    let services = log.iter().filter(|it| it.source.format() != FormatName::VmwareLog);
    let mut gaps = services
        .flat_map(|it| it.source.account.gaps.iter().map(|gap| (it.source.when(gap.from), it.source.when(gap.to))));
    if gaps.any(|(from, to)| from < window.to && to > window.from) {
        return Vec::new();
    }
    let mut used = Vec::new();
    let mut reached: Option<Timestamp> = None;
    // What a damaged generation held after its last readable record is not known, so no other one follows it.
    let mut seam = SEAM_SECONDS;
    for Generation { first, last, source } in log {
        let begins = match reached {
            None => first <= window.from,
            Some(reached) => first.seconds_since(reached) <= seam,
        };
        if !begins {
            if reached.is_none() {
                continue;
            }
            break;
        }
        if last >= window.from && reached.is_none_or(|reached| reached < window.to) {
            used.push(source.name.clone());
        }
        if reached.is_none_or(|reached| reached <= last) {
            reached = Some(last);
            seam = if source.damaged { -1 } else { SEAM_SECONDS };
        }
    }
    if reached.is_some_and(|reached| reached >= window.to) { used } else { Vec::new() }
}

/// The row of a source.
pub(crate) fn row(source: Source) -> Coverage {
    let (format, problems) = (source.format().as_str(), doubts(&source));
    let Source { name, account, sha256, .. } = source;
    Coverage {
        source: name,
        format,
        dialect: account.form.map(|form| form.dialect_name()),
        product: account.header.product,
        version: account.header.version,
        build: account.header.build,
        bytes: account.bytes,
        lines: account.lines,
        records: account.records,
        continuation_lines: account.continuation_lines,
        unparsed_lines: account.unparsed_lines,
        blank_lines: account.blank_lines,
        first: account.first,
        last: account.last,
        gaps: account.gaps.iter().map(|gap| (gap.from, gap.to)).collect(),
        sha256: hex(sha256),
        problems,
    }
}

fn hex(bytes: [u8; 32]) -> String {
    bytes.iter().fold(String::with_capacity(64), |mut text, byte| {
        use std::fmt::Write;
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// What is doubtful about a source, in words.
fn doubts(source: &Source) -> Vec<String> {
    let account = &source.account;
    let mut doubts = Vec::new();
    let mut say = |count: u64, text: String| {
        if count > 0 {
            doubts.push(text);
        }
    };
    say(u64::from(account.bytes == 0), "empty (0 bytes)".to_owned());
    say(u64::from(account.form.is_none() && account.lines > 0), "not a recognised log".to_owned());
    say(
        account.without_zone,
        format!("{} records carry no time zone; their times are read in the zone assumed (--tz)", account.without_zone),
    );
    if let Some(year) = account.assumed_year {
        doubts.push(format!("{} records carry no year; {year} is assumed for the first of them", account.without_year));
    }
    if source.clock.is_some() {
        doubts.push("its clock differs from vCenter's (see `clocks`); joins use corrected times".to_owned());
    }
    let mut say = |count: u64, text: String| {
        if count > 0 {
            doubts.push(text);
        }
    };
    say(
        account.invalid_stamps,
        format!("{} records carry a stamp that is no moment (time invalid)", account.invalid_stamps),
    );
    say(
        account.steps_back,
        format!("{} records go back in time by more than a second; file order is kept", account.steps_back),
    );
    say(account.jumps, format!("{} records are more than a year away from the one before (time jump)", account.jumps));
    let decoding = account.decoding;
    if decoding.encoding != Encoding::Bytes {
        let name = if decoding.encoding == Encoding::Utf16Le { "UTF-16LE" } else { "UTF-16BE" };
        let how = if decoding.guessed { ", guessed: no byte order mark says it" } else { "" };
        doubts.push(format!("decoded as {name}{how}; offsets are those of the decoded bytes"));
    }
    if decoding.pasted {
        doubts.push(
            "a paste: escaped or curled characters are read as what they stand for; offsets are those of the decoded bytes"
                .to_owned(),
        );
    }
    if decoding.carriage_returns {
        doubts.push("lines end with a carriage return alone".to_owned());
    }
    let mut say = |count: u64, text: String| {
        if count > 0 {
            doubts.push(text);
        }
    };
    say(
        account.glued,
        format!(
            "{} records begin in the middle of a line (a second stamp in it): the line feed before them is lost",
            account.glued
        ),
    );
    say(account.nul_bytes, format!("{} NUL bytes stand outside of records", account.nul_bytes));
    say(
        account.truncated,
        format!("{} records were cut by the syslog of the host that sent them (originalLen)", account.truncated),
    );
    say(account.orphans, format!("{} continuation lines have no record before them", account.orphans));
    say(account.foreign, format!("{} records of another kind of log stand in it (low trust)", account.foreign));
    say(u64::from(account.not_utf8), "not all of it is valid UTF-8".to_owned());
    say(
        account.cut_records,
        format!(
            "{} records are longer than the limit (--max-record, --max-line); {} bytes beyond it were counted and not kept together",
            account.cut_records, account.cut_bytes
        ),
    );
    doubts.extend(dropped(source));
    if let Some(first) = account.file.as_ref().and_then(|it| it.problems().first()) {
        let count = account.file.as_ref().map_or(0, |it| it.problems().len());
        let more = if count > 1 { format!(", and {} more like it", count - 1) } else { String::new() };
        doubts.push(format!("line {}: {}{more}", first.line, first.what));
    }
    doubts.extend(source.remarks.iter().cloned());
    doubts.shrink_to_fit();
    doubts
}

/// What is said of recognised records that were not kept.
fn dropped(source: &Source) -> Option<String> {
    let Source { dropped, dropped_failures: failures, .. } = source;
    let text = format!(
        "{dropped} recognised records are beyond the limit of those with ever new values and were not kept; \
         {failures} of them may tell of a failure"
    );
    (*dropped > 0).then_some(text)
}

/// Notes on sources that are listed singly; each stands in the row of its source too.
const MOST_NOTES: usize = 1000;

/// Everything that could not be read, over all sources.
pub(crate) fn problems(sources: &[Source], read: Vec<esxray_bundle::ReadProblem>) -> Vec<Problem> {
    let mut problems: Vec<Problem> = read
        .into_iter()
        .map(|it| Problem {
            source: it.source,
            problem: it.problem,
            lost_bytes: it.lost_bytes,
            incomplete: it.incomplete,
        })
        .collect();
    let mut notes = 0;
    for source in sources {
        let mut add = |problem: String, lost_bytes: Option<u64>, incomplete: bool| {
            notes += usize::from(!incomplete);
            if incomplete || notes <= MOST_NOTES {
                problems.push(Problem { source: source.name.clone(), problem, lost_bytes, incomplete });
            }
        };
        if let Some(error) = &source.account.read_error {
            add(format!("reading stopped after {} bytes: {error}", source.account.bytes), None, true);
        }
        if source.account.form.is_none() && source.account.lines > 0 {
            add("not a recognised log; it was searched only if it was named by itself".to_owned(), None, false);
        }
        if source.account.cut_records > 0 {
            let text = format!(
                "{} records are longer than the limit (--max-record, --max-line) and were cut",
                source.account.cut_records
            );
            add(text, Some(source.account.cut_bytes), true);
        }
        if source.account.unread_bytes > 0 {
            let bytes = source.account.unread_bytes;
            add("the file is longer than the limit (--max-file), and was read up to it".to_owned(), Some(bytes), true);
        }
        if source.account.decoding.undecodable > 0 {
            let text = format!(
                "{} places are no UTF-16 character (such as 1 trailing byte)",
                source.account.decoding.undecodable
            );
            add(text, None, false);
        }
        if source.account.nul_bytes > 0 {
            add(format!("{} NUL bytes stand outside of records", source.account.nul_bytes), None, false);
        }
        if let Some(text) = dropped(source) {
            add(text, None, source.dropped_failures > 0);
        }
        for remark in &source.remarks {
            add(remark.clone(), None, false);
        }
    }
    if notes > MOST_NOTES
        && let Some(last) = sources.last()
    {
        let problem = format!("{} more notes on sources stand in their rows of the coverage only", notes - MOST_NOTES);
        problems.push(Problem { source: last.name.clone(), problem, lost_bytes: None, incomplete: false });
    }
    problems.sort();
    problems.dedup();
    problems
}
