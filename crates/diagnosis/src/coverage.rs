//! What the logs cover: an absence counts only where a log would have shown the thing.

pub(crate) mod holes;

use std::collections::BTreeMap;

use esxray_model::{FormatName, Said, Timestamp, say};
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

impl Window {
    /// The words for it, behind an observation.
    pub(crate) fn said(self) -> Said {
        let Self { from, to, .. } = self;
        if from == to {
            say!(en: "at {from}", fr: "à {from}")
        } else {
            say!(en: "between {from} and {to}", fr: "entre {from} et {to}")
        }
    }
}

impl std::fmt::Display for Window {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.said().fmt(f)
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

/// Adds a doubt about so many records, where there are any.
fn if_any(doubts: &mut Vec<Said>, count: u64, text: fn(u64) -> Said) {
    if count > 0 {
        doubts.push(text(count));
    }
}

/// What is doubtful about a source, in words.
#[expect(clippy::too_many_lines, reason = "one doubt after the other, each with its sentence in two languages")]
fn doubts(source: &Source) -> Vec<Said> {
    let account = &source.account;
    let mut doubts: Vec<Said> = Vec::new();
    if_any(&mut doubts, u64::from(account.bytes == 0), |_| say!(en: "empty (0 bytes)", fr: "vide (0 octet)"));
    if_any(
        &mut doubts,
        u64::from(account.form.is_none() && account.lines > 0),
        |_| say!(en: "not a recognised log", fr: "ce n’est pas un journal reconnu"),
    );
    if_any(&mut doubts, account.without_zone, |count| {
        say!(
            en: "{count} records carry no time zone; their times are read in the zone assumed (--tz)",
            fr: "enregistrements sans fuseau horaire\u{a0}: {count}\u{a0}; leurs heures sont lues dans le fuseau \
                 supposé (--tz)",
        )
    });
    if let Some(year) = account.assumed_year {
        let count = account.without_year;
        doubts.push(say!(
            en: "{count} records carry no year; {year} is assumed for the first of them",
            fr: "enregistrements sans année\u{a0}: {count}\u{a0}; {year} est supposée pour le premier",
        ));
    }
    if source.clock.is_some() {
        doubts.push(say!(
            en: "its clock differs from vCenter's (see `clocks`); joins use corrected times",
            fr: "son horloge diffère de celle de vCenter (voir `clocks`)\u{a0}; les rapprochements utilisent les heures \
                 corrigées",
        ));
    }
    if_any(&mut doubts, account.invalid_stamps, |count| {
        say!(
            en: "{count} records carry a stamp that is no moment (time invalid)",
            fr: "enregistrements dont l’horodatage n’est pas un instant (heure invalide)\u{a0}: {count}",
        )
    });
    if_any(&mut doubts, account.steps_back, |count| {
        say!(
            en: "{count} records go back in time by more than a second; file order is kept",
            fr: "enregistrements qui reculent de plus d’une seconde\u{a0}: {count}\u{a0}; l’ordre du fichier est conservé",
        )
    });
    if_any(&mut doubts, account.jumps, |count| {
        say!(
            en: "{count} records are more than a year away from the one before (time jump)",
            fr: "enregistrements à plus d’un an du précédent (saut de temps)\u{a0}: {count}",
        )
    });
    let decoding = account.decoding;
    if decoding.encoding != Encoding::Bytes {
        let name = if decoding.encoding == Encoding::Utf16Le { "UTF-16LE" } else { "UTF-16BE" };
        let (how, how_fr) = if decoding.guessed {
            (", guessed: no byte order mark says it", ", supposition\u{a0}: aucun BOM ne le dit")
        } else {
            ("", "")
        };
        doubts.push(say!(
            en: "decoded as {name}{how}; offsets are those of the decoded bytes",
            fr: "décodé en {name}{how_fr}\u{a0}; les positions sont celles des octets décodés",
        ));
    }
    if decoding.pasted {
        doubts.push(say!(
            en: "a paste: escaped or curled characters are read as what they stand for; offsets are those of the decoded \
                 bytes",
            fr: "un copier-coller\u{a0}: les caractères échappés ou typographiques sont lus pour ce qu’ils représentent\u{a0}; \
                 les positions sont celles des octets décodés",
        ));
    }
    if decoding.carriage_returns {
        doubts.push(say!(
            en: "lines end with a carriage return alone",
            fr: "les lignes se terminent par un simple retour chariot",
        ));
    }
    if_any(&mut doubts, account.glued, |count| {
        say!(
            en: "{count} records begin in the middle of a line (a second stamp in it): the line feed before them is lost",
            fr: "enregistrements qui commencent au milieu d’une ligne (second horodatage)\u{a0}: {count}\u{a0}; le saut de \
                 ligne qui les précédait est perdu",
        )
    });
    if_any(&mut doubts, account.nul_bytes, nul_bytes);
    if_any(&mut doubts, account.truncated, |count| {
        say!(
            en: "{count} records were cut by the syslog of the host that sent them (originalLen)",
            fr: "enregistrements coupés par le syslog de l’hôte qui les a envoyés (originalLen)\u{a0}: {count}",
        )
    });
    if_any(&mut doubts, account.orphans, |count| {
        say!(
            en: "{count} continuation lines have no record before them",
            fr: "lignes de continuation sans enregistrement avant elles\u{a0}: {count}",
        )
    });
    if_any(&mut doubts, account.foreign, |count| {
        say!(
            en: "{count} records of another kind of log stand in it (low trust)",
            fr: "enregistrements d’un autre type de journal\u{a0}: {count} (confiance réduite)",
        )
    });
    if_any(
        &mut doubts,
        u64::from(account.not_utf8),
        |_| say!(en: "not all of it is valid UTF-8", fr: "tout n’y est pas de l’UTF-8 valide"),
    );
    if account.cut_records > 0 {
        let (count, bytes) = (account.cut_records, account.cut_bytes);
        doubts.push(say!(
            en: "{count} records are longer than the limit (--max-record, --max-line); {bytes} bytes beyond it were \
                 counted and not kept together",
            fr: "enregistrements plus longs que la limite (--max-record, --max-line)\u{a0}: {count}\u{a0}; octets au-delà, \
                 comptés mais pas gardés ensemble\u{a0}: {bytes}",
        ));
    }
    doubts.extend(dropped(source));
    if let Some(first) = account.file.as_ref().and_then(|it| it.problems().first()) {
        let count = account.file.as_ref().map_or(0, |it| it.problems().len());
        let (more, more_fr) = match count.saturating_sub(1) {
            0 => (String::new(), String::new()),
            more => (format!(", and {more} more like it"), format!(", et {more} autres du même genre")),
        };
        let (line, what) = (first.line, Said::name(&first.what));
        doubts.push(say!(en: "line {line}: {what}{more}"; fr: "ligne {line}\u{a0}: {}{more_fr}", what.fr()));
    }
    doubts.extend(source.remarks.iter().cloned());
    doubts.shrink_to_fit();
    doubts
}

fn nul_bytes(count: u64) -> Said {
    say!(en: "{count} NUL bytes stand outside of records", fr: "octets NUL hors des enregistrements\u{a0}: {count}")
}

/// What is said of recognised records that were not kept.
fn dropped(source: &Source) -> Option<Said> {
    let Source { dropped, dropped_failures: failures, .. } = source;
    (*dropped > 0).then(|| {
        say!(
            en: "{dropped} recognised records are beyond the limit of those with ever new values and were not kept; \
                 {failures} of them may tell of a failure",
            fr: "enregistrements reconnus au-delà de la limite de ceux aux valeurs toujours nouvelles, donc pas \
                 gardés\u{a0}: {dropped}\u{a0}; dont {failures} peuvent témoigner d’une panne",
        )
    })
}

/// Notes on sources that are listed singly; each stands in the row of its source too.
const MOST_NOTES: usize = 1000;

/// Everything that could not be read, over all sources.
pub(crate) fn problems(sources: &[Source], read: Vec<esxray_bundle::ReadProblem>) -> Vec<Problem> {
    let mut problems: Vec<Problem> = read
        .into_iter()
        .map(|it| Problem {
            source: it.source,
            problem: Said::name(it.problem),
            lost_bytes: it.lost_bytes,
            incomplete: it.incomplete,
        })
        .collect();
    let mut notes = 0;
    for source in sources {
        let mut add = |problem: Said, lost_bytes: Option<u64>, incomplete: bool| {
            notes += usize::from(!incomplete);
            if incomplete || notes <= MOST_NOTES {
                problems.push(Problem { source: source.name.clone(), problem, lost_bytes, incomplete });
            }
        };
        let account = &source.account;
        if let Some(error) = &account.read_error {
            let bytes = account.bytes;
            let text = say!(
                en: "reading stopped after {bytes} bytes: {error}",
                fr: "lecture arrêtée après {bytes} octets\u{a0}: {error}",
            );
            add(text, None, true);
        }
        if account.form.is_none() && account.lines > 0 {
            let text = say!(
                en: "not a recognised log; it was searched only if it was named by itself",
                fr: "ce n’est pas un journal reconnu\u{a0}; il n’a été examiné que s’il a été nommé lui-même",
            );
            add(text, None, false);
        }
        if account.cut_records > 0 {
            let count = account.cut_records;
            let text = say!(
                en: "{count} records are longer than the limit (--max-record, --max-line) and were cut",
                fr: "enregistrements plus longs que la limite (--max-record, --max-line), donc coupés\u{a0}: {count}",
            );
            add(text, Some(account.cut_bytes), true);
        }
        if account.unread_bytes > 0 {
            let text = say!(
                en: "the file is longer than the limit (--max-file), and was read up to it",
                fr: "le fichier est plus long que la limite (--max-file) et n’a été lu que jusque-là",
            );
            add(text, Some(account.unread_bytes), true);
        }
        if account.decoding.undecodable > 0 {
            let count = account.decoding.undecodable;
            let text = say!(
                en: "{count} places are no UTF-16 character (such as 1 trailing byte)",
                fr: "endroits qui ne sont pas un caractère UTF-16 (par exemple un octet final isolé)\u{a0}: {count}",
            );
            add(text, None, false);
        }
        if account.nul_bytes > 0 {
            add(nul_bytes(account.nul_bytes), None, false);
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
        let more = notes - MOST_NOTES;
        let problem = say!(
            en: "{more} more notes on sources stand in their rows of the coverage only",
            fr: "remarques qui ne figurent que dans la couverture de leur source\u{a0}: {more}",
        );
        problems.push(Problem { source: last.name.clone(), problem, lost_bytes: None, incomplete: false });
    }
    problems.sort();
    problems.dedup();
    problems
}
