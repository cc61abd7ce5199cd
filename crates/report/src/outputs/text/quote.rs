//! A record as proof: its place, its exact text behind a bar, what was captured of it underlined.
//!
//! ```text
//!   hostd.log:48210-48214
//!   │ 2023-03-10T15:16:19.870Z error hostd[2099] [Originator@6876 sub=Vigor] […]
//!   ⋮ 2 lines
//!   │ -->    com.vmware.esx.kms.providers.not_found<The provider 'KMS-EXT' does not exist.>
//!                                                          ^^^^^^^ the host does not know the key provider
//! ```
//!
//! Only log text stands behind the bar; carets, counts and `[…]` are the tool's.

use esxray_diagnosis::Evidence;
use esxray_knowledge::Basis;
use esxray_knowledge::decode::{Decoded, decode};

use esxray_model::Said;

use super::place_in;
use crate::escape::Charset;
use crate::page::{Cell, Page, quoted_cells};
use crate::paint::Style;
use crate::words::counted;

/// Columns that one line of a record may take, in two rows at least, before something is left out.
const COLUMNS: usize = 240;

/// Columns of the start of a line that is too long: its stamp, and who wrote it.
const HEAD: usize = 36;

/// How far a cut is moved so that it falls on a blank.
const SNAP: usize = 32;

/// Lines with something recognised that are shown of one record.
const LINES: usize = 2;

/// A cell of a quoted line.
#[derive(Debug, Clone, Copy)]
struct Quoted {
    cell: Cell,
    /// The signature recognised it.
    recognised: bool,
    /// It is to be underlined: it was captured or, where nothing was, recognised.
    marked: bool,
}

/// Writes one evidence record; with `full`, all of it.
pub(crate) fn write(page: &mut Page, sources: &[String], evidence: &Evidence, full: bool) {
    let at = page.phrase().styled(Style::Dim, place_in(sources, evidence.place));
    page.paragraph(2, &at);
    let lines = lines(page, evidence);
    let chosen: Vec<usize> = if full { (0..lines.len()).collect() } else { telling(&lines) };
    let last_marked = chosen.iter().copied().rfind(|index| marked(lines.get(*index)));
    let mut next = 0;
    for index in chosen {
        skipped(page, index - next);
        next = index + 1;
        let Some(line) = lines.get(index) else { continue };
        let meaning = (last_marked == Some(index)).then_some(&evidence.meaning);
        // Of the first line of a long record, its stamp and its origin will do.
        let most = match (full, marked(Some(line)) || lines.len() == 1) {
            (true, _) => usize::MAX,
            (false, true) => (COLUMNS / page.width()).max(2),
            (false, false) => 1,
        };
        write_line(page, line, most, meaning);
    }
    skipped(page, lines.len() - next);
    if last_marked.is_none() && !evidence.meaning.is_empty() {
        let meaning = page.phrase().say(&evidence.meaning);
        page.paragraph(4, &meaning);
    }
    codes(page, &evidence.text, full);
}

/// What the numbers and names of a record mean; those that report no error, or say no more than their words, only
/// where everything is wanted.
fn codes(page: &mut Page, text: &str, full: bool) {
    const MOST: usize = 4;
    // An error of the vAPI carries its text, and that is quoted above.
    let says = |one: &Decoded| !one.meaning.is_empty() && one.kind != "vAPI error";
    let told = |one: &Decoded| full || (says(one) && !matches!(&*one.name, "OK" | "GOOD"));
    for one in decode(text).iter().filter(|one| told(one)).take(if full { usize::MAX } else { MOST }) {
        let doubt =
            if one.basis == Basis::FromMemory { page.lang().pick(" (from memory)", " (de mémoire)") } else { "" };
        let meaning = if one.meaning.is_empty() { &*one.words } else { &*one.meaning };
        let line = page.phrase();
        // A long name with its packages stands in the record above.
        let line =
            if one.code.ends_with(&*one.name) { line } else { line.styled(Style::Dim, format!("{} ", one.code)) };
        let line = line.say(&one.name).styled(Style::Dim, format!(": {meaning}{doubt}"));
        page.paragraph(4, &line);
    }
}

/// The lines of the record; what was recognised is marked.
fn lines(page: &Page, evidence: &Evidence) -> Vec<Vec<Quoted>> {
    let span = evidence.span.map_or(0..0, |(start, end)| start..end);
    let mut start = 0;
    let mut lines = Vec::new();
    for text in evidence.text.split_inclusive('\n') {
        let shown = text.strip_suffix('\n').unwrap_or(text);
        let shown = shown.strip_suffix('\r').unwrap_or(shown);
        let mut line = Vec::with_capacity(shown.len());
        quoted_cells(shown, page.charset(), |at, cell| {
            // A mark goes with its letter, so that no cut at the edge of the span can part them.
            let with_letter = line.last().filter(|_| cell.width() == 0);
            let with_letter = with_letter.map(|letter: &Quoted| (letter.recognised, letter.marked));
            let (recognised, marked) = with_letter.unwrap_or_else(|| {
                let recognised = span.contains(&(start + at));
                let captured = || evidence.captured.iter().any(|it| (it.0..it.1).contains(&(start + at)));
                (recognised, recognised && (evidence.captured.is_empty() || captured()))
            });
            let style = if recognised { Style::Strong } else { Style::Plain };
            line.push(Quoted { cell: cell.styled(style), recognised, marked });
        });
        lines.push(line);
        start += text.len();
    }
    lines
}

fn marked(line: Option<&Vec<Quoted>>) -> bool {
    line.is_some_and(|line| line.iter().any(|quoted| quoted.marked))
}

/// Which lines to show: the first, which has the stamp, and the first ones in which something is to be underlined.
fn telling(lines: &[Vec<Quoted>]) -> Vec<usize> {
    let hits = (0..lines.len()).filter(|index| marked(lines.get(*index))).take(LINES);
    let mut chosen: Vec<usize> = std::iter::once(0).chain(hits).filter(|index| *index < lines.len()).collect();
    chosen.dedup();
    chosen
}

fn skipped(page: &mut Page, count: usize) {
    if count > 0 {
        let note = page.phrase().styled(Style::Dim, counted(count as u64, "line").map(|lines| format!("⋮ {lines}")));
        page.paragraph(2, &note);
    }
}

/// Writes one line of a record behind the bar, in about `most` rows, with carets and what they mean.
fn write_line(page: &mut Page, line: &[Quoted], most: usize, meaning: Option<&Said>) {
    let bar = page.phrase().say("  ").styled(Style::Dim, "│ ");
    let room = page.width().saturating_sub(bar.width());
    let mut rows = rows_of(line, room);
    if rows.len() > most {
        rows = telling_rows(line, room, most, &gap(page));
    }
    // Where what was captured was left out, what was recognised has to do.
    if !rows.iter().flatten().any(|quoted| quoted.marked) && marked(Some(&line.to_vec())) {
        rows.iter_mut().flatten().for_each(|quoted| quoted.marked = quoted.recognised);
    }
    let last = rows.iter().rposition(|row| row.iter().any(|quoted| quoted.marked));
    for (index, row) in rows.iter().enumerate() {
        let text = bar.clone().cells(row.iter().map(|quoted| quoted.cell));
        page.whole(0, &text);
        // What was recognised is often most of the message: carets under all of it would be half of the report.
        if last == Some(index) {
            let meaning = meaning.filter(|_| index + 1 == rows.len());
            carets(page, bar.width(), row, meaning.map_or("", |it| it.r#in(page.lang())));
        }
    }
    if let Some(meaning) = meaning.filter(|_| last.is_some_and(|last| last + 1 < rows.len())) {
        page.paragraph(bar.width(), &page.phrase().say(meaning));
    }
}

/// Our mark for something left out.
fn gap(page: &Page) -> Vec<Quoted> {
    let mark = if page.charset() == Charset::Ascii { "[...]" } else { "[…]" };
    let mut gap = Vec::new();
    quoted_cells(mark, page.charset(), |_, cell| {
        gap.push(Quoted { cell: cell.styled(Style::Dim), recognised: false, marked: false });
    });
    gap
}

/// Writes the carets under a row, and behind or below them what they mean.
fn carets(page: &mut Page, indent: usize, row: &[Quoted], meaning: &str) {
    let Some(first) = row.iter().position(|quoted| quoted.marked) else { return };
    let column = |upto: usize| indent + row.iter().take(upto).map(|quoted| quoted.cell.width()).sum::<usize>();
    let last = row.iter().rposition(|quoted| quoted.marked).unwrap_or(first);
    let (start, end) = (column(first), column(last + 1));
    let mut line = page.phrase().pad(start);
    for quoted in row.iter().take(last + 1).skip(first) {
        let mark = if quoted.marked { "^" } else { " " };
        line = line.solid(Style::Failure, mark.repeat(quoted.cell.width()));
    }
    let meaning = page.phrase().say(meaning);
    if meaning.is_empty() {
        return page.whole(0, &line);
    }
    if end + 1 + meaning.width() <= page.width() {
        return page.whole(0, &line.say(" ").and(&meaning));
    }
    page.whole(0, &line);
    let left = if start + meaning.width() <= page.width() { start } else { indent };
    page.paragraph(left, &meaning);
}

/// Cuts a line into rows without losing a cell.
///
/// In front of what was recognised if that would be torn apart, else at a
/// blank or a mark if one stands in the last quarter of the row.
fn rows_of(line: &[Quoted], room: usize) -> Vec<Vec<Quoted>> {
    let mut rows = Vec::new();
    let mut left = line;
    loop {
        let fits = fitting(left, room).max(1);
        if fits >= left.len() {
            rows.push(left.to_vec());
            return rows;
        }
        let start = left.iter().position(|quoted| quoted.recognised).unwrap_or(0);
        let length = left.iter().skip(start).take_while(|quoted| quoted.recognised).count();
        let torn =
            start > 0 && start < fits && start + length > fits && fitting(left.iter().skip(start), room) >= length;
        let alone = |at: &usize| left.get(*at).is_none_or(|next| next.cell.width() > 0);
        let mut soft =
            left.iter().take(fits).enumerate().filter(|(_, quoted)| quoted.cell.is_soft()).map(|(at, _)| at + 1);
        let soft = soft.rfind(alone);
        let at = if torn { start } else { soft.filter(|at| *at > fits - fits / 4).unwrap_or(fits) };
        let (row, more) = left.split_at(at);
        rows.push(row.to_vec());
        left = more;
    }
}

/// How many cells fit into so many columns.
fn fitting<'a>(cells: impl IntoIterator<Item = &'a Quoted>, room: usize) -> usize {
    let mut used = 0;
    let fits = cells.into_iter().take_while(|quoted| {
        used += quoted.cell.width();
        used <= room
    });
    fits.count()
}

/// Of a line that is too long: its stamp, and what stands around what was recognised, or the line's end.
fn telling_rows(line: &[Quoted], room: usize, most: usize, gap: &[Quoted]) -> Vec<Vec<Quoted>> {
    let recognised = |quoted: &Quoted| quoted.recognised;
    let start = line.iter().position(recognised).unwrap_or(line.len());
    let end = line.iter().rposition(recognised).map_or(line.len(), |last| last + 1);
    if most < 2 {
        let head = snap_back(line, fitting(line, room.saturating_sub(gap.len())), 1);
        return rows_of(&parts(line, &[(0, head)], gap), room);
    }
    let head = snap_back(line, fitting(line, HEAD.min(room / 2)), 1).min(start);
    // The mark for something left out would be no shorter than a short rest.
    let short = width(line.get(end..).unwrap_or_default()) <= gap.len();
    let end = if short { line.len() } else { end };
    // Each row but the last may lose a quarter of itself to a break at a blank.
    let lost = width(line.get(..head).unwrap_or_default()) + 3 * gap.len() + (most - 1) * (room / 8);
    let window = (most * room).saturating_sub(lost).max(room / 2);
    let span = width(line.get(start..end).unwrap_or_default());
    let shown = if start < end && span <= window {
        let slack = window - span;
        let after = end + fitting(line.iter().skip(end), slack / 3);
        let after = if after < line.len() { snap_back(line, after, end) } else { after };
        let before = back(line, start, slack - width(line.get(end..after).unwrap_or_default()));
        vec![(0, head), (snap_on(line, before, start), after)]
    } else if start < end {
        // Too long because of a path, of which the end will do; or as a whole.
        let (from, to) = longest_run(line);
        let around = width(line.get(start..from).unwrap_or_default()) + width(line.get(to..end).unwrap_or_default());
        let whole = from <= start && end <= to;
        let (begin, before) = if !whole && from < to && around + SNAP <= window {
            (from, back(line, to, window - around))
        } else {
            (start + fitting(line.iter().skip(start), window / 2), back(line, end, window / 2).max(start))
        };
        let begin = if begin == from { begin } else { snap_back(line, begin, start + 1) };
        vec![(0, head), (start, begin), (snap_on(line, before, end), end)]
    } else {
        // Nothing was recognised: the end says more than the middle.
        vec![(0, head), (snap_on(line, back(line, end, window), end), end)]
    };
    rows_of(&parts(line, &shown, gap), room)
}

/// The longest stretch that is to be underlined.
fn longest_run(line: &[Quoted]) -> (usize, usize) {
    let mut longest = (0, 0);
    let mut from = 0;
    for (at, quoted) in line.iter().enumerate() {
        if !quoted.marked {
            from = at + 1;
        } else if at + 1 - from > longest.1 - longest.0 {
            longest = (from, at + 1);
        }
    }
    longest
}

/// Parts of a line behind each other, with our mark where something is left out.
fn parts(line: &[Quoted], shown: &[(usize, usize)], gap: &[Quoted]) -> Vec<Quoted> {
    let mut all = Vec::new();
    let mut upto = 0;
    for (from, to) in shown {
        let from = upto.max(*from);
        if from >= *to {
            continue;
        }
        if from > upto {
            all.extend_from_slice(gap);
        }
        all.extend_from_slice(line.get(from..*to).unwrap_or_default());
        upto = upto.max(*to);
    }
    if upto < line.len() {
        all.extend_from_slice(gap);
    }
    all
}

/// Where so many columns in front of `end` begin; a mark stays with its letter.
fn back(line: &[Quoted], end: usize, room: usize) -> usize {
    let start = end - fitting(line.iter().take(end).rev(), room);
    start + line.iter().skip(start).take_while(|quoted| quoted.cell.width() == 0).count()
}

/// A cut moved back behind a blank, if there is one near, but not in front of `least`.
fn snap_back(line: &[Quoted], cut: usize, least: usize) -> usize {
    let near = cut.saturating_sub(SNAP).max(least);
    let blank = line.iter().take(cut).skip(near).rposition(|quoted| quoted.cell.is_blank());
    blank.map_or(cut, |at| near + at + 1)
}

/// A cut moved on behind a blank or a slash, if there is one near, but not behind `most`.
fn snap_on(line: &[Quoted], cut: usize, most: usize) -> usize {
    let mut near = line.iter().take(most).skip(cut).take(SNAP).enumerate();
    let edge = near.find(|(at, quoted)| quoted.cell.is_edge() && !starts_with_mark(line, cut + at + 1));
    edge.map_or(cut, |(at, _)| cut + at + 1)
}

fn starts_with_mark(line: &[Quoted], at: usize) -> bool {
    line.get(at).is_some_and(|quoted| quoted.cell.width() == 0)
}

fn width(cells: &[Quoted]) -> usize {
    cells.iter().map(|quoted| quoted.cell.width()).sum()
}
