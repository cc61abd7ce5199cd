//! What stands below the incidents: recovered, ruled out, not judged, unexplained, what was read.

use std::collections::BTreeMap;

use esxray_diagnosis::{Coverage, Diagnosis, Unexplained};
use esxray_model::{Lang, Level, Said, say};

use super::{item, place, section, title_of, unread};
use crate::outputs::clocks;
use crate::page::Page;
use crate::paint::Style;
use crate::words::{count, counted, duration, grouped, grouped_in, span_of_time, spoken};

/// Rows of each list where not everything is wanted.
const ROWS: usize = 5;

/// Columns of a template where not everything is wanted.
const TEMPLATE: usize = 160;

/// Writes it all; with `full`, without leaving anything out.
pub(super) fn write(page: &mut Page, diagnosis: &Diagnosis, full: bool) {
    let rule = page.phrase();
    page.rule(&rule);
    let rows = if full { usize::MAX } else { ROWS };
    if !full {
        recovered(page, diagnosis);
    }
    problems(page, diagnosis, rows);
    excluded(page, diagnosis, rows);
    not_evaluated(page, diagnosis, rows);
    unexplained(page, diagnosis, rows);
    clocks::write(page, &diagnosis.clocks, full);
    coverage(page, diagnosis, full);
    knowledge(page, diagnosis, full);
}

/// `… and 7 more (-v shows all)`, where there are more.
fn more(page: &mut Page, all: usize, rows: usize) {
    if all > rows {
        let line = page.phrase().styled(
            Style::Dim,
            say!(
                en: "… and {} more (-v shows all)", all - rows;
                fr: "… et {} de plus (-v montre tout)", all - rows
            ),
        );
        page.paragraph(4, &line);
    }
}

fn recovered(page: &mut Page, diagnosis: &Diagnosis) {
    let recovered = diagnosis.incidents.iter().filter_map(|one| one.recovered.as_ref().map(|by| (one, by)));
    let recovered: Vec<_> = recovered.collect();
    if recovered.is_empty() {
        return;
    }
    section(page, ("Recovered", "Rétabli"));
    for (incident, by) in recovered {
        let line = page.phrase().styled(Style::Dim, &incident.id).say(" ").say(title_of(incident)).styled(
            Style::Dim,
            say!(
                en: "  closed by {}", place(diagnosis, by.place);
                fr: "  clos par {}", place(diagnosis, by.place)
            ),
        );
        item(page, (Style::Done, "✓"), &line);
    }
    page.blank();
}

fn excluded(page: &mut Page, diagnosis: &Diagnosis, rows: usize) {
    if diagnosis.excluded.is_empty() {
        return;
    }
    let full = rows == usize::MAX;
    let title = if full { ("Ruled out", "Exclu") } else { ("Ruled out (-v says by what)", "Exclu (-v dit par quoi)") };
    section(page, title);
    for one in diagnosis.excluded.iter().take(rows) {
        let mut line = page.phrase().say(&one.cause);
        if let Some(vm) = &one.vm {
            line = line.say((" for ", " pour ")).say(vm);
        }
        if full {
            line = line.say((": ", "\u{a0}: ")).say(&one.because);
        }
        if full && !one.covered_by.is_empty() {
            line = line.styled(
                Style::Dim,
                say!(
                    en: "  covered by {}", one.covered_by.join(", ");
                    fr: "  couvert par {}", one.covered_by.join(", ")
                ),
            );
        }
        item(page, (Style::Dim, "–"), &line);
    }
    more(page, diagnosis.excluded.len(), rows);
    page.blank();
}

/// Grouped by what is needed, because one further log often decides many causes.
fn not_evaluated(page: &mut Page, diagnosis: &Diagnosis, rows: usize) {
    let mut by_need: BTreeMap<&Said, Vec<&str>> = BTreeMap::new();
    for one in &diagnosis.not_evaluated {
        by_need.entry(&one.needs).or_default().push(&one.cause);
    }
    if by_need.is_empty() {
        return;
    }
    let mut needs: Vec<_> = by_need.into_iter().collect();
    needs.sort_by_key(|(need, causes)| (std::cmp::Reverse(causes.len()), *need));
    section(page, ("Could not be judged", "Impossible à juger"));
    let all = needs.len();
    for (need, causes) in needs.into_iter().take(rows) {
        let names = causes.iter().take(rows).copied().collect::<Vec<_>>().join(", ");
        let mut line = page.phrase().say(&names);
        if causes.len() > rows {
            line = line.styled(
                Style::Dim,
                say!(
                    en: " and {} more", causes.len() - rows;
                    fr: " et {} de plus", causes.len() - rows
                ),
            );
        }
        let line = line.say((": ", "\u{a0}: ")).styled(Style::Dim, ("needs ", "il faut ")).say(need);
        item(page, (Style::Warning, "?"), &line);
    }
    more(page, all, rows);
    page.blank();
}

fn unexplained(page: &mut Page, diagnosis: &Diagnosis, rows: usize) {
    if diagnosis.unexplained.is_empty() {
        return;
    }
    section(page, ("Errors that nothing explains", "Erreurs que rien n’explique"));
    let shown = || diagnosis.unexplained.iter().take(rows);
    let count = |one: &Unexplained| format!("{}×", grouped(one.count));
    let widest = shown().map(|one| page.phrase().say(count(one)).width()).max().unwrap_or(0);
    for one in shown() {
        let number = page.phrase().say(count(one));
        let style = if one.level >= Level::Panic { Style::Failure } else { Style::Warning };
        let lead = page.phrase().pad(2 + widest - number.width()).styled(style, count(one)).say(" ");
        let template = page.phrase().say(&one.template);
        let template = if rows == ROWS { template.cut(TEMPLATE) } else { template };
        let line = template.styled(Style::Dim, format!("  {}", place(diagnosis, one.place)));
        page.hang(&lead, &line);
        if let (true, Some(first)) = (rows > ROWS, one.first_seen) {
            let seen = span_of_time(first, one.last_seen.unwrap_or(first));
            page.paragraph(
                lead.width(),
                &page
                    .phrase()
                    .styled(Style::Dim, Said::from(spoken(one.level)).map(|level| format!("{level}  {seen}"))),
            );
        }
    }
    more(page, diagnosis.unexplained.len(), rows);
    page.blank();
}

/// What could not be read, the losses of evidence first.
fn problems(page: &mut Page, diagnosis: &Diagnosis, rows: usize) {
    if diagnosis.problems.is_empty() {
        return;
    }
    section(page, ("Not read, or doubtful", "Non lu, ou douteux"));
    let (lost, doubtful): (Vec<_>, Vec<_>) = diagnosis.problems.iter().partition(|problem| problem.incomplete);
    for problem in lost.into_iter().chain(doubtful).take(rows) {
        let mut line = page.phrase().styled(Style::Dim, &problem.source).say(": ").say(&problem.problem);
        if let Some(bytes) = problem.lost_bytes {
            let bytes = counted(bytes, "byte");
            line = line.say(say!(en: " ({bytes} lost)"; fr: " ({} perdus)", bytes.fr()));
        }
        item(page, (Style::Warning, "!"), &line);
    }
    more(page, diagnosis.problems.len(), rows);
    page.blank();
}

fn coverage(page: &mut Page, diagnosis: &Diagnosis, full: bool) {
    let sum = |of: fn(&Coverage) -> u64| diagnosis.coverage.iter().map(of).sum::<u64>();
    section(page, ("What was read", "Ce qui a été lu"));
    let sources = counted(diagnosis.coverage.len() as u64, "source");
    let what = Said::join([&sources, &counted(sum(|row| row.lines), "line")], ", ");
    let unparsed = grouped(sum(|row| row.unparsed_lines));
    let unread = unread(diagnosis);
    let mut line = page.phrase().say(&if full {
        let records = counted(sum(|row| row.records), "record");
        let (more, blank) = (sum(|row| row.continuation_lines), sum(|row| row.blank_lines));
        say!(
            en: "{what}: {records}, {} continuation, {unparsed} unparsed, {} blank; {unread} unread",
                grouped(more), grouped(blank);
            fr: "{}\u{a0}: {}, {} de continuation, {unparsed} non reconnues, {} vides\u{a0}; non lu\u{a0}: {}",
                what.fr(), records.fr(), grouped_in(Lang::Fr, more), grouped_in(Lang::Fr, blank), unread.fr()
        )
    } else if unparsed == "0" {
        say!(
            en: "{what}, all of a known form; {unread} unread";
            fr: "{}, toutes de forme connue\u{a0}; non lu\u{a0}: {}", what.fr(), unread.fr()
        )
    } else {
        say!(
            en: "{what}, all but {unparsed} of a known form; {unread} unread";
            fr: "{}, toutes sauf {unparsed} de forme connue\u{a0}; non lu\u{a0}: {}", what.fr(), unread.fr()
        )
    });
    let first = diagnosis.coverage.iter().filter_map(|row| row.first).min();
    let last = diagnosis.coverage.iter().filter_map(|row| row.last).max();
    if let (Some(first), Some(last)) = (first, last) {
        line = line.say("; ").solid(Style::Plain, span_of_time(first, last));
    }
    page.paragraph(2, &line);
    let rows = if full { usize::MAX } else { ROWS };
    for row in diagnosis.coverage.iter().take(rows) {
        source(page, row, full);
    }
    more(page, diagnosis.coverage.len(), rows);
}

fn source(page: &mut Page, row: &Coverage, full: bool) {
    let mut line = page.phrase().say(&row.source).styled(
        Style::Dim,
        counted(row.lines, "line").map(|lines| format!("  {} · {lines}", row.dialect.unwrap_or(row.format))),
    );
    if let (true, Some(first), Some(last)) = (full, row.first, row.last) {
        line = line.styled(Style::Dim, " · ").solid(Style::Dim, span_of_time(first, last));
    }
    item(page, (Style::Dim, "·"), &line);
    let doubts = row.problems.iter().map(|problem| (Style::Warning, problem.clone()));
    let mut notes: Vec<_> = doubts.collect();
    let longest = row.gaps.iter().max_by_key(|(from, to)| to.micros_since(*from));
    if full || row.gaps.len() == 1 {
        let gap = |(from, to): &(_, _)| {
            let span = span_of_time(*from, *to);
            (Style::Dim, say!(en: "no record: {span}", fr: "aucun enregistrement\u{a0}: {span}"))
        };
        notes.extend(row.gaps.iter().map(gap));
    } else if let Some((from, to)) = longest {
        let longest = format!("{} ({})", span_of_time(*from, *to), duration(to.micros_since(*from)));
        let times = row.gaps.len();
        let said = say!(
            en: "{times} times no record for long, longest {longest}",
            fr: "{times} longues absences d’enregistrement, la plus longue\u{a0}: {longest}",
        );
        notes.push((Style::Dim, said));
    }
    if full {
        let product = [&row.product, &row.version, &row.build];
        let product: Vec<&str> = product.into_iter().flatten().map(String::as_str).collect();
        if !product.is_empty() {
            notes.push((Style::Dim, Said::name(product.join(" "))));
        }
        let bytes = count(row.bytes, ("byte", "octet"), ("bytes", "octets"));
        notes.push((Style::Dim, bytes.map(|bytes| format!("{bytes}, sha256 {}", row.sha256))));
    }
    for (style, note) in notes {
        let note = page.phrase().styled(style, &note);
        page.paragraph(4, &note);
    }
}

fn knowledge(page: &mut Page, diagnosis: &Diagnosis, full: bool) {
    let used = &diagnosis.knowledge;
    let remedies = count(used.remedies as u64, ("remedy", "remède"), ("remedies", "remèdes"));
    let (causes, signatures) = (counted(used.causes as u64, "cause"), counted(used.signatures as u64, "signature"));
    let sha256: String = used.sha256.chars().take(if full { usize::MAX } else { 12 }).collect();
    let packs = match used.packs.as_slice() {
        [_] if !full => Said::default(),
        packs => say!(en: " from {}", packs.join(", "); fr: " de {}", packs.join(", ")),
    };
    let line = say!(
        en: "judged with {causes}, {signatures}, {remedies}{packs}, sha256 {sha256}";
        fr: "jugé avec {}, {}, {}{}, sha256 {sha256}", causes.fr(), signatures.fr(), remedies.fr(), packs.fr()
    );
    page.paragraph(2, &page.phrase().styled(Style::Dim, &line));
}
