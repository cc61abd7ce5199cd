//! Lines of a fixed width, made of text that went through the escaper.
//!
//! A [`Page`] takes [`Phrase`]s and nothing else, and a phrase is filled through
//! [`Shown`]'s escaper and nothing else: there is no way to print foreign text
//! as it came.

use std::borrow::Cow;

use esxray_model::{Lang, Said};

use crate::escape::{Charset, Piece, each_piece, named, width};
use crate::paint::Style;

/// What a phrase can say: a sentence in the language of its page, or a text that is the same in all of them.
pub(crate) trait Words {
    /// The text in a language.
    fn words(&self, lang: Lang) -> &str;
}

impl Words for Said {
    fn words(&self, lang: Lang) -> &str {
        self.r#in(lang)
    }
}

impl Words for str {
    fn words(&self, _: Lang) -> &str {
        self
    }
}

impl Words for String {
    fn words(&self, _: Lang) -> &str {
        self
    }
}

impl Words for Cow<'_, str> {
    fn words(&self, _: Lang) -> &str {
        self
    }
}

/// A text of the tool's own, in English and in French.
pub(crate) type Both = (&'static str, &'static str);

impl Words for Both {
    fn words(&self, lang: Lang) -> &str {
        lang.pick(self.0, self.1)
    }
}

impl<T: Words + ?Sized> Words for &T {
    fn words(&self, lang: Lang) -> &str {
        (**self).words(lang)
    }
}

/// One printable character with its style.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cell {
    c: char,
    style: Style,
    /// A line is never broken at this blank.
    solid: bool,
}

impl Cell {
    /// The same cell in another style.
    pub(crate) const fn styled(self, style: Style) -> Self {
        Self { style, ..self }
    }

    /// Whether a long line may be broken behind it.
    pub(crate) const fn is_soft(self) -> bool {
        matches!(self.c, ' ' | '/' | '\\' | '-' | '_' | '.' | ',' | ';' | '!' | ':' | '=')
    }

    /// Whether it is a blank.
    pub(crate) const fn is_blank(self) -> bool {
        self.c == ' '
    }

    /// Whether a word or a part of a path ends with it.
    pub(crate) const fn is_edge(self) -> bool {
        matches!(self.c, ' ' | '/')
    }

    /// Columns that it takes; 0 for a mark on the letter before it.
    pub(crate) fn width(self) -> usize {
        width(self.c)
    }
}

/// Styled text of any length, ready to be laid out.
#[derive(Debug, Clone, Default)]
pub(crate) struct Phrase {
    charset: Charset,
    lang: Lang,
    cells: Vec<Cell>,
    altered: bool,
}

impl Phrase {
    /// Appends text as it is.
    #[must_use]
    pub(crate) fn say(self, text: impl Words) -> Self {
        self.styled(Style::Plain, text)
    }

    /// Appends text as it is, in a style.
    #[must_use]
    pub(crate) fn styled(mut self, style: Style, text: impl Words) -> Self {
        self.push(style, text.words(self.lang), false);
        self
    }

    /// Appends text that is kept on one line where it fits on one.
    #[must_use]
    pub(crate) fn solid(mut self, style: Style, text: impl Words) -> Self {
        self.push(style, text.words(self.lang), true);
        self
    }

    /// Appends what is to be copied: not a character is replaced by a plainer one of our choice.
    #[must_use]
    pub(crate) fn exact(mut self, style: Style, text: &str) -> Self {
        self.push_escaped(style, text, true);
        self
    }

    /// Appends a paragraph of the knowledge base, in which a line break is a blank.
    #[must_use]
    pub(crate) fn prose(mut self, style: Style, text: impl Words) -> Self {
        // A no-break space is no place to break a line.
        for (index, word) in text.words(self.lang).split_ascii_whitespace().enumerate() {
            self.push(style, if index == 0 { "" } else { " " }, false);
            self.push(style, word, false);
        }
        self
    }

    /// Appends another phrase.
    #[must_use]
    pub(crate) fn and(mut self, other: &Self) -> Self {
        self.cells.extend_from_slice(&other.cells);
        self.altered |= other.altered;
        self
    }

    /// Appends cells.
    #[must_use]
    pub(crate) fn cells(mut self, cells: impl IntoIterator<Item = Cell>) -> Self {
        self.cells.extend(cells);
        self
    }

    /// Appends blanks up to a column.
    #[must_use]
    pub(crate) fn pad(mut self, column: usize) -> Self {
        let blanks = column.saturating_sub(self.width());
        self.cells.extend(std::iter::repeat_n(Cell { c: ' ', style: Style::Plain, solid: true }, blanks));
        self
    }

    /// The same, cut to about so many columns, with `…` where something is missing.
    #[must_use]
    pub(crate) fn cut(mut self, columns: usize) -> Self {
        let fits = fitting(&self.cells, columns);
        if fits < self.cells.len() {
            self.cells.truncate(fits);
            return self.styled(Style::Dim, "…");
        }
        self
    }

    /// Columns on one endless line.
    pub(crate) fn width(&self) -> usize {
        self.cells.iter().map(|cell| cell.width()).sum()
    }

    /// Whether there is nothing in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// Whether a character had to be named, so that a copy is not the original.
    pub(crate) const fn altered(&self) -> bool {
        self.altered
    }

    fn push(&mut self, style: Style, text: &str, solid: bool) {
        if self.charset == Charset::Ascii {
            let plain: String =
                text.chars().map(|c| transliterate(c).map_or_else(|| c.to_string(), str::to_owned)).collect();
            self.altered |= plain != text;
            self.push_escaped(style, &plain, solid);
        } else {
            self.push_escaped(style, text, solid);
        }
    }

    fn push_escaped(&mut self, style: Style, text: &str, solid: bool) {
        self.altered |= quoted_cells(text, self.charset, |_, cell| self.cells.push(Cell { style, solid, ..cell }));
    }
}

/// Hands out the cells of foreign text, exactly as it is, each with the byte that it comes from.
///
/// Returns whether a character had to be named.
pub(crate) fn quoted_cells(text: &str, charset: Charset, mut take: impl FnMut(usize, Cell)) -> bool {
    let mut altered = false;
    each_piece(text, charset, |at, piece| match piece {
        Piece::Same(c) => take(at, Cell { c, style: Style::Plain, solid: false }),
        Piece::Named('\t', 1) => {
            for _ in 0..TAB {
                take(at, Cell { c: ' ', style: Style::Plain, solid: false });
            }
            altered = true;
        }
        Piece::Named(c, count) => {
            for c in named(c, count, charset).chars() {
                take(at, Cell { c, style: Style::Plain, solid: false });
            }
            altered = true;
        }
    });
    altered
}

/// Blanks that stand for a tabulator, which would move the cursor.
const TAB: usize = 4;

/// What stands for our own typography where only ASCII can be shown.
const fn transliterate(c: char) -> Option<&'static str> {
    Some(match c {
        '…' => "...",
        '→' => "->",
        '–' | '—' | '─' => "-",
        '‘' | '’' => "'",
        '“' | '”' => "\"",
        '│' | '·' => "|",
        '⋮' => ":",
        '×' => "x",
        '✓' => "+",
        '✗' => "X",
        '\u{a0}' | '\u{202f}' => " ",
        _ => return None,
    })
}

/// A sheet of a fixed width that lines are written onto, top to bottom.
#[derive(Debug)]
pub(crate) struct Page {
    width: usize,
    color: bool,
    charset: Charset,
    lang: Lang,
    out: String,
}

impl Page {
    /// An empty sheet.
    pub(crate) const fn new(width: usize, color: bool, charset: Charset, lang: Lang) -> Self {
        Self { width, color, charset, lang, out: String::new() }
    }

    /// The language of its reader.
    pub(crate) const fn lang(&self) -> Lang {
        self.lang
    }

    /// Its width in columns.
    pub(crate) const fn width(&self) -> usize {
        self.width
    }

    /// What its reader's terminal can show.
    pub(crate) const fn charset(&self) -> Charset {
        self.charset
    }

    /// An empty phrase for this page.
    pub(crate) fn phrase(&self) -> Phrase {
        Phrase { charset: self.charset, lang: self.lang, ..Phrase::default() }
    }

    /// Writes a paragraph behind `lead`; further lines are indented as far as `lead` is wide.
    pub(crate) fn hang(&mut self, lead: &Phrase, body: &Phrase) {
        let rest = self.phrase().pad(lead.width());
        self.hang_under(lead, &rest, body);
    }

    /// Writes a paragraph behind `lead`, its further lines behind `rest`.
    pub(crate) fn hang_under(&mut self, lead: &Phrase, rest: &Phrase, body: &Phrase) {
        let room = |prefix: &Phrase| self.width.saturating_sub(prefix.width());
        let mut prefix = lead;
        for row in wrap(&body.cells, room(lead), room(rest)) {
            let line = prefix.clone().cells(trimmed(row).iter().copied());
            self.line(&line);
            prefix = rest;
        }
    }

    /// Writes a paragraph that is indented as a whole.
    pub(crate) fn paragraph(&mut self, indent: usize, body: &Phrase) {
        let lead = self.phrase().pad(indent);
        self.hang(&lead, body);
    }

    /// Writes one line that is never broken, however long: for what is to be copied.
    pub(crate) fn whole(&mut self, indent: usize, body: &Phrase) {
        let line = self.phrase().pad(indent).and(body);
        self.line(&line);
    }

    /// Writes a heading that reaches over the whole width.
    pub(crate) fn rule(&mut self, title: &Phrase) {
        let lead = self.phrase().styled(Style::Dim, "── ");
        let dashes = |columns: usize| "─".repeat(columns);
        let line = if title.is_empty() { self.phrase() } else { lead.clone().and(title).say(" ") };
        match self.width.checked_sub(line.width()) {
            Some(room) => self.line(&line.styled(Style::Dim, dashes(room))),
            None => self.hang(&lead, title),
        }
    }

    /// Writes an empty line, unless there is one already or nothing stands above it.
    pub(crate) fn blank(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }

    /// What was written.
    pub(crate) fn finish(self) -> String {
        self.out
    }

    fn line(&mut self, phrase: &Phrase) {
        let cells = trimmed(&phrase.cells);
        // A name made of blanks leaves no empty line that would look like the end of a section.
        if cells.is_empty() {
            return;
        }
        let mut style = Style::Plain;
        for cell in cells {
            if self.color && cell.style != style {
                self.out.push_str(style.off());
                self.out.push_str(cell.style.on());
                style = cell.style;
            }
            self.out.push(cell.c);
        }
        self.out.push_str(style.off());
        self.out.push('\n');
    }
}

fn trimmed(cells: &[Cell]) -> &[Cell] {
    let end = cells.iter().rposition(|cell| cell.c != ' ').map_or(0, |last| last + 1);
    cells.get(..end).unwrap_or(cells)
}

/// Breaks cells into rows of at most `first` columns, then at most `rest`.
///
/// At a blank where there is one; in a long path or name behind a mark of
/// punctuation; anywhere, if there is nothing else. Blanks at a break are
/// dropped. There is always at least one row.
fn wrap(cells: &[Cell], first: usize, rest: usize) -> Vec<&[Cell]> {
    let mut rows = Vec::new();
    let mut left = cells;
    let mut room = first;
    loop {
        let fits = fitting(left, room);
        if fits == left.len() {
            rows.push(left);
            return rows;
        }
        let (row, more) = left.split_at(best_break(left, fits, rest));
        rows.push(row);
        let blanks = more.iter().take_while(|cell| cell.c == ' ').count();
        left = more.get(blanks..).unwrap_or_default();
        room = rest;
        if left.is_empty() {
            return rows;
        }
    }
}

/// How many cells fit into so many columns; at least one, so that every loop ends.
fn fitting(cells: &[Cell], room: usize) -> usize {
    let mut used = 0;
    let fits = cells.iter().take_while(|cell| {
        used += cell.width();
        used <= room
    });
    fits.count().max(1).min(cells.len())
}

/// Where to break a row of which at most `fits` cells may stay and whose next row has `rest` columns.
fn best_break(cells: &[Cell], fits: usize, rest: usize) -> usize {
    let is_blank = |cell: &Cell| cell.c == ' ' && !cell.solid;
    let (row, more) = cells.split_at_checked(fits).unwrap_or((cells, &[]));
    if more.first().is_none_or(is_blank) {
        return fits;
    }
    let blank = row.iter().rposition(is_blank).filter(|at| *at > 0).map(|at| at + 1);
    if let Some(blank) = blank {
        let word = cells.iter().skip(blank).take_while(|cell| !is_blank(cell));
        if word.map(|cell| cell.width()).sum::<usize>() <= rest || blank >= fits / 2 {
            return blank;
        }
    }
    // A combining mark stays with the mark of punctuation in front of it.
    let alone = |at: &usize| cells.get(*at).is_none_or(|next| next.width() > 0);
    let mut soft = row.iter().enumerate().filter(|(_, cell)| cell.is_soft()).map(|(at, _)| at + 1);
    soft.rfind(alone).filter(|at| *at >= fits / 2).or(blank).unwrap_or(fits)
}

#[cfg(test)]
mod tests {
    use esxray_model::Lang;

    use super::{Charset, Page, Phrase, Style};

    fn page(width: usize) -> Page {
        Page::new(width, false, Charset::Unicode, Lang::En)
    }

    fn written(width: usize, lead: &str, body: impl Fn(Phrase) -> Phrase) -> String {
        let mut page = page(width);
        let lead = page.phrase().say(lead);
        let body = body(page.phrase());
        page.hang(&lead, &body);
        page.finish()
    }

    #[test]
    fn words_hang_behind_their_lead() {
        let text = written(12, "VM  ", |body| body.say("one two three four"));
        assert_eq!(text, "VM  one two\n    three\n    four\n");
    }

    #[test]
    fn a_long_name_is_broken_at_a_mark_and_a_longer_one_anywhere() {
        assert_eq!(written(12, "", |body| body.say("/vmfs/volumes/ds")), "/vmfs/\nvolumes/ds\n");
        assert_eq!(written(10, "", |body| body.say("abcdefghijklmno")), "abcdefghij\nklmno\n");
    }

    #[test]
    fn what_is_solid_moves_as_a_whole() {
        let text = written(20, "", |body| body.say("at the time ").solid(Style::Plain, "10:00 → 11:00"));
        assert_eq!(text, "at the time\n10:00 → 11:00\n");
    }

    #[test]
    fn wide_letters_take_two_columns_and_marks_none() {
        assert_eq!(written(5, "", |body| body.say("仮想マシン")), "仮想\nマシ\nン\n");
        assert_eq!(written(2, "", |body| body.say("ae\u{301}o")), "ae\u{301}\no\n");
        assert_eq!(written(60, "", |body| body.say("-\u{338}".repeat(40).as_str())).matches('-').count(), 40);
        assert!(!written(7, "", |body| body.say("ab/\u{338}cd/\u{338}ef")).contains("\n\u{338}"));
    }

    #[test]
    fn a_break_in_a_paragraph_of_knowledge_is_a_blank_and_in_a_name_it_is_named() {
        assert_eq!(written(30, "", |body| body.prose(Style::Plain, " one\n  two ")), "one two\n");
        assert_eq!(written(30, "", |body| body.say("one\ntwo")), "one<U+000A>two\n");
    }

    #[test]
    fn our_typography_has_a_plain_form_and_a_command_is_never_changed() {
        let page = Page::new(60, false, Charset::Ascii, Lang::En);
        let ours = page.phrase().say("a → b · c… ✓ é");
        let command = page.phrase().exact(Style::Command, "Get-VM 'a…'");
        assert!(command.altered());
        let mut page = page;
        page.whole(0, &ours);
        page.whole(0, &command);
        assert_eq!(page.finish(), "a -> b | c... + <U+00E9>\nGet-VM 'a<U+2026>'\n");
    }

    #[test]
    fn one_empty_line_at_most_and_none_on_top() {
        let mut page = page(60);
        page.blank();
        page.paragraph(2, &page.phrase().say("a"));
        page.blank();
        page.blank();
        page.paragraph(2, &page.phrase().say("   "));
        page.paragraph(2, &page.phrase().say("b"));
        assert_eq!(page.finish(), "  a\n\n  b\n");
    }

    #[test]
    fn colours_end_with_their_line() {
        let mut page = Page::new(10, true, Charset::Unicode, Lang::En);
        let body = page.phrase().styled(Style::Failure, "one two three");
        page.paragraph(2, &body);
        assert_eq!(page.finish(), "  \u{1b}[1;31mone two\u{1b}[0m\n  \u{1b}[1;31mthree\u{1b}[0m\n");
    }

    #[test]
    fn a_rule_fills_the_width_and_a_title_too_long_for_it_is_wrapped() {
        let ruled = |title: &str| {
            let mut page = page(12);
            page.rule(&page.phrase().say(title));
            page.finish()
        };
        assert_eq!(ruled(""), "────────────\n");
        assert_eq!(ruled("I1"), "── I1 ──────\n");
        assert_eq!(ruled("far too long"), "── far too\n   long\n");
    }
}
