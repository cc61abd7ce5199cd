//! What the logs cover: an absence counts only where a log would have shown the thing.

use std::collections::BTreeMap;

use esxray_model::{FormatName, Timestamp};

use crate::outcome::{Coverage, Problem};
use crate::scan::Source;

/// Seconds between two generations of a log that still follow each other.
const SEAM_SECONDS: i64 = 3600;

/// A stretch of time that an incident spans.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    pub from: Timestamp,
    pub to: Timestamp,
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

/// The sources of the logs of one of these formats that cover a window without a gap; empty if none does.
///
/// `folders` limits it to the logs of one host; where it is empty, any host's will do if there is only one.
pub(crate) fn covering(sources: &[Source], formats: &[FormatName], folders: &[&str], window: Window) -> Vec<String> {
    let mut logs: BTreeMap<(String, FormatName), Vec<&Source>> = BTreeMap::new();
    for source in sources {
        let format = source.format();
        let of_host = folders.is_empty() || folders.contains(&source.folder()) || format == FormatName::Vpxd;
        if formats.contains(&format) && of_host {
            logs.entry((source.log(), format)).or_default().push(source);
        }
    }
    if folders.is_empty() && logs.len() > 1 && !formats.contains(&FormatName::Vpxd) {
        // Of several hosts' logs it is not known which one would show it: all of them have to.
        let each: Vec<Vec<String>> = logs.values().map(|log| covering_generations(log, window)).collect();
        return if each.iter().all(|it| !it.is_empty()) { each.concat() } else { Vec::new() };
    }
    logs.values().flat_map(|log| covering_generations(log, window)).collect()
}

/// The generations of one log that together cover a window.
pub(crate) fn covering_generations(log: &[&Source], window: Window) -> Vec<String> {
    let mut spans: Vec<(Timestamp, Timestamp, &Source)> =
        log.iter().filter_map(|it| Some((it.account.first?, it.account.last?, *it))).collect();
    spans.sort_by_key(|it| (it.0, it.1, it.2.name.as_str()));
    // A service writes all the time; the log of a VM is silent for days, and that is no gap.
    let services = log.iter().filter(|it| it.format() != FormatName::VmwareLog);
    let broken = services.flat_map(|it| &it.account.gaps).any(|gap| gap.from < window.to && gap.to > window.from);
    if broken {
        return Vec::new();
    }
    let mut used = Vec::new();
    let mut reached: Option<Timestamp> = None;
    // What a damaged generation held after its last readable record is not known, so no other one follows it.
    let mut seam = SEAM_SECONDS;
    for (first, last, source) in spans {
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
pub(crate) fn row(source: &Source) -> Coverage {
    let account = &source.account;
    Coverage {
        source: source.name.clone(),
        format: source.format().as_str(),
        dialect: account.form.map(|form| form.dialect_name()),
        product: account.header.product.clone(),
        version: account.header.version.clone(),
        build: account.header.build.clone(),
        bytes: account.bytes,
        lines: account.lines,
        records: account.records,
        continuation_lines: account.continuation_lines,
        unparsed_lines: account.unparsed_lines,
        blank_lines: account.blank_lines,
        first: account.first,
        last: account.last,
        gaps: account.gaps.iter().map(|gap| (gap.from, gap.to)).collect(),
        sha256: source.sha256.clone(),
        problems: doubts(source),
    }
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
    say(account.nul_bytes, format!("{} NUL bytes stand outside of records", account.nul_bytes));
    say(account.orphans, format!("{} continuation lines have no record before them", account.orphans));
    say(account.foreign, format!("{} records of another kind of log stand in it (low trust)", account.foreign));
    say(u64::from(account.not_utf8), "not all of it is valid UTF-8".to_owned());
    say(
        account.cut_records,
        format!(
            "{} records are longer than the limit; {} bytes beyond it were counted and not kept together",
            account.cut_records, account.cut_bytes
        ),
    );
    doubts.extend(source.remarks.iter().cloned());
    doubts
}

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
    for source in sources {
        let mut add = |problem: String, lost_bytes: Option<u64>, incomplete: bool| {
            problems.push(Problem { source: source.name.clone(), problem, lost_bytes, incomplete });
        };
        if let Some(error) = &source.account.read_error {
            add(format!("reading stopped after {} bytes: {error}", source.account.bytes), None, true);
        }
        if source.account.form.is_none() && source.account.lines > 0 {
            add("not a recognised log; it was searched only if it was named by itself".to_owned(), None, false);
        }
        if source.account.cut_records > 0 {
            let text = format!("{} records are longer than the limit and were cut", source.account.cut_records);
            add(text, Some(source.account.cut_bytes), true);
        }
        for remark in &source.remarks {
            add(remark.clone(), None, false);
        }
    }
    problems.sort();
    problems.dedup();
    problems
}
