//! The terminal report: what happened, why, the proof, what to do first; the rest below.

mod happened;
pub(crate) mod incident;
mod proof;
pub(crate) mod quote;
pub(crate) mod remedy;
mod rest;
mod roots;
mod why;

use std::collections::BTreeSet;

use esxray_diagnosis::{Diagnosis, Incident};
use esxray_model::{Lang, Place, Said, Verdict, say};

use crate::escape::Charset;
use crate::page::{Page, Phrase, Words};
use crate::paint::Style;
use crate::words::{counted, grouped, grouped_in};

/// What it is good for.
pub const ABOUT: &str = "for reading, at the terminal's width";

/// How the terminal report looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextOptions {
    /// Columns of the terminal; narrower than 60 or wider than 160 is taken as 60 or 160.
    pub width: usize,
    /// Whether meaning is shown by colour too.
    pub color: bool,
    /// Whether the terminal reads UTF-8; if not, not one byte outside ASCII is written.
    pub unicode: bool,
    /// How much is shown.
    pub verbosity: Verbosity,
    /// The language of everything that is not the input's own text.
    pub lang: Lang,
}

impl Default for TextOptions {
    fn default() -> Self {
        Self { width: 80, color: false, unicode: true, verbosity: Verbosity::Normal, lang: Lang::En }
    }
}

impl TextOptions {
    /// An empty sheet that looks like this.
    pub(crate) fn page(&self) -> Page {
        let charset = if self.unicode { Charset::Unicode } else { Charset::Ascii };
        Page::new(self.width.clamp(60, 160), self.color, charset, self.lang)
    }
}

/// How much the terminal report shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Verbosity {
    /// The verdict and nothing else.
    Quiet,
    /// What is needed to act.
    #[default]
    Normal,
    /// Everything there is.
    Verbose,
}

/// The report as text. No line is wider than `options.width`, but for commands, which are never broken.
pub fn render(diagnosis: &Diagnosis, options: &TextOptions) -> String {
    let mut page = options.page();
    if options.verbosity == Verbosity::Quiet {
        // One line, however long: it is read by scripts too.
        let (lead, sentence) = headline(&page, diagnosis);
        let line = lead.and(&sentence);
        let line = match missing(diagnosis) {
            Some(parts) => line.say("  ").styled(Style::Warning, ("INCOMPLETE", "INCOMPLET")).say("  ").say(&parts),
            None => line,
        };
        page.whole(0, &line);
        return page.finish();
    }
    let (lead, sentence) = headline(&page, diagnosis);
    page.hang(&lead, &sentence);
    incomplete(&mut page, diagnosis);
    {
        let full = options.verbosity == Verbosity::Verbose;
        roots::write(&mut page, diagnosis);
        for incident in shown_in_full(diagnosis, full) {
            page.blank();
            incident::write(&mut page, diagnosis, incident, full);
            if !full {
                roots::rows(&mut page, diagnosis, incident);
            }
        }
        page.blank();
        rest::write(&mut page, diagnosis, full);
    }
    page.finish()
}

/// Open incidents that differ; the recovered ones, and those that are alike, only where everything is wanted: one line
/// each stands for them otherwise.
fn shown_in_full(diagnosis: &Diagnosis, full: bool) -> impl Iterator<Item = &Incident> {
    let told = |incident: &&Incident| incident.recovered.is_none() && !roots::is_row(diagnosis, incident);
    diagnosis.incidents.iter().filter(move |incident| full || told(incident))
}

/// The verdict and the one sentence to remember.
fn headline(page: &Page, diagnosis: &Diagnosis) -> (Phrase, Phrase) {
    // Not green for `clean`: it means that nothing known was found, not that all is well.
    let (style, word) = match diagnosis.verdict {
        Verdict::Failure => (Style::Failure, ("FAILURE", "PANNE")),
        Verdict::Attention => (Style::Warning, ("ATTENTION", "ATTENTION")),
        Verdict::Clean => (Style::Strong, ("CLEAN", "RIEN TROUVÉ")),
        Verdict::Inconclusive => (Style::Warning, ("INCONCLUSIVE", "NON CONCLUANT")),
    };
    let lead = page.phrase().styled(style, word).say("  ");
    let (recovered, open): (Vec<_>, Vec<_>) = diagnosis.incidents.iter().partition(|one| one.recovered.is_some());
    let also = match recovered.len() as u64 {
        0 => Said::default(),
        some => say!(en: " (and {} recovered)", grouped(some); fr: " (et {} rétablis)", grouped(some)),
    };
    let sentence = match (open.as_slice(), recovered.as_slice()) {
        ([], []) => page.phrase().say(nothing_known(diagnosis)),
        ([], [first, ..]) => {
            let count = recovered.len() as u64;
            page.phrase()
                .say(say!(
                    en: "no open incident, {} recovered: ", grouped(count);
                    fr: "aucun incident ouvert, {} rétablis\u{a0}: ", grouped(count)
                ))
                .styled(Style::Strong, title_of(first))
        }
        ([first], _) => page
            .phrase()
            .say(("1 incident", "1 incident"))
            .say(&also)
            .say((": ", "\u{a0}: "))
            .styled(Style::Strong, title_of(first)),
        ([first, ..], _) => page
            .phrase()
            .say(counted(open.len() as u64, "incident"))
            .say(&also)
            .say((", worst first: ", ", le pire d’abord\u{a0}: "))
            .styled(Style::Strong, title_of(first)),
    };
    let sentence = match (diagnosis.verdict, diagnosis.incidents.is_empty()) {
        (Verdict::Inconclusive, true) => sentence.say((
            " That is no all-clear: not everything could be read and judged.",
            " Ce n’est pas un feu vert\u{a0}: tout n’a pas pu être lu et jugé.",
        )),
        _ => sentence,
    };
    (lead, sentence)
}

/// Says right below the verdict what it does not rest on: what was not read cannot have been judged.
pub(crate) fn incomplete(page: &mut Page, diagnosis: &Diagnosis) {
    if let Some(parts) = missing(diagnosis) {
        let lead = page.phrase().styled(Style::Warning, ("INCOMPLETE", "INCOMPLET")).say("  ");
        let line = page.phrase().say(&parts);
        page.hang(&lead, &line);
    }
}

/// What was not read, in a few words.
fn missing(diagnosis: &Diagnosis) -> Option<Said> {
    let lost: BTreeSet<&str> =
        diagnosis.problems.iter().filter(|one| one.incomplete).map(|one| one.source.as_str()).collect();
    let (unread, other): (Vec<&str>, Vec<&str>) = lost.iter().partition(|name| !name.starts_with("--"));
    let (sources, containers): (Vec<&str>, Vec<&str>) =
        unread.iter().partition(|name| diagnosis.sources.iter().any(|source| source == *name));
    let mut parts: Vec<Said> = Vec::new();
    if !sources.is_empty() {
        let all = counted(diagnosis.sources.len() as u64, "source");
        let some = grouped(sources.len() as u64);
        parts.push(say!(
            en: "{some} of {all} could not be read in full";
            fr: "{some} sur {} n’ont pas pu être lues en entier", all.fr()
        ));
    }
    // No name of the input stands here: a reader trusts these lines, and whoever made the input may have chosen it.
    match containers.len() as u64 {
        0 => {}
        1 => parts.push(say!(
            en: "1 archive, folder or file could not be read in full",
            fr: "1 archive, dossier ou fichier n’a pas pu être lu en entier",
        )),
        count => parts.push(say!(
            en: "{} archives, folders or files could not be read in full", grouped(count);
            fr: "{} archives, dossiers ou fichiers n’ont pas pu être lus en entier", grouped_in(Lang::Fr, count)
        )),
    }
    // A flag that means nothing in this input.
    let flags = diagnosis.problems.iter().filter(|one| one.incomplete && other.contains(&one.source.as_str()));
    parts.extend(flags.map(|one| one.problem.clone()));
    (!parts.is_empty()).then(|| Said::join(&parts, "; "))
}

/// The title, with the VM's name in front where the title does not say it.
fn title_of(incident: &Incident) -> Said {
    match incident.vm.as_ref().and_then(|vm| vm.name.as_ref()) {
        Some(name) if !incident.title.en().contains(name.as_str()) => {
            let title = &incident.title;
            say!(en: "{name}: {title}"; fr: "{name}\u{a0}: {}", title.fr())
        }
        _ => incident.title.clone(),
    }
}

/// The honest sentence for a run without findings: what was looked at, and what was not.
fn nothing_known(diagnosis: &Diagnosis) -> Said {
    let records: u64 = diagnosis.coverage.iter().map(|row| row.records).sum();
    let unparsed: u64 = diagnosis.coverage.iter().map(|row| row.unparsed_lines).sum();
    let unexplained: u64 = diagnosis.unexplained.iter().map(|one| one.count).sum();
    let first = diagnosis.coverage.iter().filter_map(|row| row.first).min();
    let last = diagnosis.coverage.iter().filter_map(|row| row.last).max();
    let when = match (first, last) {
        (Some(first), Some(last)) => {
            say!(en: "between {first} and {last}", fr: "entre {first} et {last}")
        }
        _ => say!(en: "without a time", fr: "sans heure"),
    };
    let (all, unread) = (counted(records + unparsed, "record"), unread(diagnosis));
    let errors = counted(unexplained, "error record");
    let are = if unexplained == 1 { "is" } else { "are" };
    say!(
        en: "Nothing known was found in {} of {all} {when}; {errors} {are} unexplained; {unread} unread.", grouped(records);
        fr: "Rien de connu n’a été trouvé dans {} sur {} {}\u{a0}; sans explication\u{a0}: {}\u{a0}; non lu\u{a0}: {}.",
            grouped_in(Lang::Fr, records), all.fr(), when.fr(), errors.fr(), unread.fr()
    )
}

/// How many bytes could not be read, as far as it is known.
fn unread(diagnosis: &Diagnosis) -> Said {
    let known: u64 = diagnosis.problems.iter().filter_map(|problem| problem.lost_bytes).sum();
    let unknown = diagnosis.problems.iter().any(|problem| problem.incomplete && problem.lost_bytes.is_none());
    match (known, unknown) {
        (0, true) => say!(en: "an unknown number of bytes", fr: "un nombre inconnu d’octets"),
        (_, true) => {
            let bytes = counted(known, "byte");
            say!(en: "more than {bytes}"; fr: "plus de {}", bytes.fr())
        }
        (_, false) => counted(known, "byte"),
    }
}

/// `hostd.log:48210-48214`.
pub(crate) fn place(diagnosis: &Diagnosis, place: Place) -> String {
    place_in(&diagnosis.sources, place)
}

/// The same, where there are but the names of the sources.
pub(crate) fn place_in(sources: &[String], place: Place) -> String {
    let source = usize::try_from(place.source.0).ok().and_then(|index| sources.get(index));
    let source = source.map_or("?", String::as_str);
    if place.last_line > place.line {
        format!("{source}:{}-{}", place.line, place.last_line)
    } else {
        format!("{source}:{}", place.line)
    }
}

/// A heading within an incident or below them all.
pub(crate) fn section(page: &mut Page, title: impl Words) {
    let title = page.phrase().styled(Style::Strong, title);
    page.paragraph(0, &title);
}

/// One item of a list behind a mark.
pub(crate) fn item(page: &mut Page, mark: (Style, &str), body: &Phrase) {
    let lead = page.phrase().say("  ").styled(mark.0, mark.1).say(" ");
    page.hang(&lead, body);
}
