//! Which stretches of a window no log covers: what an answer would have needed.

use esxray_model::{FormatName, Timestamp};

use super::{Generation, SEAM_SECONDS, Window, logs};
use crate::scan::Source;

/// A log that would have to cover a window, and how far it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogSeen {
    /// What sort of log.
    pub format: FormatName,
    /// Its newest source in the input; `None` where the input has none that counts.
    pub source: Option<String>,
    /// Sources that hold it.
    pub sources: usize,
    /// First record.
    pub first: Option<Timestamp>,
    /// Last record.
    pub last: Option<Timestamp>,
    /// What it does not cover.
    pub missing: Vec<(Timestamp, Timestamp)>,
    /// A source of another host that holds such a log, where the host itself has none.
    pub elsewhere: Option<String>,
}

/// How far the logs of each of these formats cover a window; a row for each log, and for each format without one.
pub(crate) fn seen(sources: &[Source], formats: &[FormatName], hosts: &[&str], window: Option<Window>) -> Vec<LogSeen> {
    let mut rows = Vec::new();
    for format in formats {
        let found = logs(sources, &[*format], hosts);
        if found.is_empty() {
            let elsewhere = logs(sources, &[*format], &[]);
            let elsewhere = elsewhere.into_values().flatten().map(|it| it.source.name.clone()).min();
            rows.push(none(*format, window, elsewhere));
        }
        for log in found.into_values() {
            let measured = log.iter().all(|it| hosts.contains(&it.source.host.as_str()));
            let window = window.map(|window| if measured { window } else { window.widened() });
            rows.push(row(*format, log, window));
        }
    }
    rows
}

/// How far the logs of one VM cover a window; a row that says so where there is none.
pub(crate) fn seen_of_vm(logs: &[Vec<&Source>], window: Option<Window>) -> Vec<LogSeen> {
    if logs.is_empty() {
        return vec![none(FormatName::VmwareLog, window, None)];
    }
    let generation = |source: &&'_ Source| -> Option<(Timestamp, Timestamp)> {
        Some((source.when(source.account.first?), source.when(source.account.last?)))
    };
    let of = |log: &Vec<&Source>| {
        let held = log.iter().filter_map(|source| {
            let (first, last) = generation(source)?;
            Some(Generation { first, last, source })
        });
        row(FormatName::VmwareLog, held.collect(), window)
    };
    logs.iter().map(of).collect()
}

fn none(format: FormatName, window: Option<Window>, elsewhere: Option<String>) -> LogSeen {
    let missing = window.map(|it| (it.from, it.to)).into_iter().collect();
    LogSeen { format, source: None, sources: 0, first: None, last: None, missing, elsewhere }
}

fn row(format: FormatName, mut log: Vec<Generation<'_>>, window: Option<Window>) -> LogSeen {
    log.sort_by_key(|it| (it.first, it.last, it.source.name.as_str()));
    let covered = stretches(&log);
    let newest = log.iter().max_by_key(|it| (it.last, it.source.name.as_str()));
    LogSeen {
        format,
        source: newest.map(|it| it.source.name.clone()),
        sources: log.len(),
        first: log.iter().map(|it| it.first).min(),
        last: log.iter().map(|it| it.last).max(),
        missing: window.map(|window| without(window, &covered)).unwrap_or_default(),
        elsewhere: None,
    }
}

/// The stretches that the generations of a log, in order, cover together.
fn stretches(log: &[Generation<'_>]) -> Vec<(Timestamp, Timestamp)> {
    let mut stretches: Vec<(Timestamp, Timestamp)> = Vec::new();
    let mut seam = SEAM_SECONDS;
    for it in log {
        match stretches.last_mut() {
            Some(last) if it.first.seconds_since(last.1) <= seam => last.1 = last.1.max(it.last),
            _ => stretches.push((it.first, it.last)),
        }
        seam = if it.source.damaged { -1 } else { SEAM_SECONDS };
    }
    let services = log.iter().filter(|it| it.source.format() != FormatName::VmwareLog);
    for source in services.map(|it| it.source) {
        for gap in source.account.gaps.iter().map(|gap| (source.when(gap.from), source.when(gap.to))) {
            let cut = |(from, to): (Timestamp, Timestamp)| {
                let parts = [(from, to.min(gap.0)), (from.max(gap.1), to)];
                parts.into_iter().filter(|part| part.0 <= part.1)
            };
            let apart = |it: &(Timestamp, Timestamp)| it.1 <= gap.0 || it.0 >= gap.1;
            stretches = stretches
                .into_iter()
                .flat_map(|it| if apart(&it) { vec![it] } else { cut(it).collect::<Vec<_>>() })
                .collect();
        }
    }
    stretches
}

/// What of a window is in none of these stretches.
fn without(window: Window, stretches: &[(Timestamp, Timestamp)]) -> Vec<(Timestamp, Timestamp)> {
    let mut missing = Vec::new();
    let mut from = window.from;
    let mut sorted = stretches.to_vec();
    sorted.sort_unstable();
    for (first, last) in sorted {
        if last < from {
            continue;
        }
        if first > window.to {
            break;
        }
        if first > from {
            missing.push((from, first));
        }
        from = last;
        if from >= window.to {
            return missing;
        }
    }
    missing.push((from, window.to));
    missing
}

#[cfg(test)]
mod tests {
    use esxray_model::Timestamp;

    use super::{Window, without};

    #[test]
    fn what_is_missing_of_a_window() {
        let at = |minute: i64| Timestamp::from_micros(minute * 60_000_000);
        let window = Window { from: at(10), to: at(30), slack: 0 };
        let missing = |stretches: &[(i64, i64)]| -> Vec<(i64, i64)> {
            let stretches: Vec<_> = stretches.iter().map(|it| (at(it.0), at(it.1))).collect();
            let minute = |it: Timestamp| it.as_micros() / 60_000_000;
            without(window, &stretches).into_iter().map(|it| (minute(it.0), minute(it.1))).collect()
        };
        assert_eq!(missing(&[]), [(10, 30)]);
        assert_eq!(missing(&[(0, 40)]), []);
        assert_eq!(missing(&[(10, 30)]), []);
        assert_eq!(missing(&[(0, 5), (35, 40)]), [(10, 30)]);
        assert_eq!(missing(&[(0, 15), (20, 40)]), [(15, 20)]);
        assert_eq!(missing(&[(12, 15), (14, 20)]), [(10, 12), (20, 30)]);
    }
}
