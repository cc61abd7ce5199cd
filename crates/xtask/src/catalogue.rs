//! The page with every failure that the built-in base knows: `docs/catalogue.md`.
//!
//! It is written from the base alone, so it cannot say anything else than `esxray explain` does.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use esxray_knowledge::{Cause, Knowledge, Remedy, Signature};
use esxray_report::explain::{basis_means, in_order, title};

/// Where the page is, below the project's folder.
pub const PATH: &str = "docs/catalogue.md";
/// What writes it.
pub const COMMAND: &str = "cargo run -p xtask -- catalogue";

/// Signatures of a cause that are shown; `esxray explain` has all of them.
const MOST_SIGNATURES: usize = 4;
/// Remedies of a cause that are shown.
const MOST_REMEDIES: usize = 3;
/// Characters of a sample that are shown.
const MOST_TEXT: usize = 200;

/// The page.
pub fn page(knowledge: &Knowledge) -> String {
    let mut categories: BTreeMap<&str, Vec<&Cause>> = BTreeMap::new();
    for cause in &knowledge.causes {
        categories.entry(&cause.category).or_default().push(cause);
    }
    let mut page = format!(
        "# What esxray knows\n\n\
         <!-- Written by `{COMMAND}` from crates/knowledge/data; a test holds it to that. -->\n\n\
         {} causes in {} categories. Search this page for a word of the message that you have in front of you, or paste \
         the whole line into `esxray explain`, which also takes every id on this page, and says all that is known: \
         conditions, what speaks against it, every remedy with its commands, what not to do.\n\n\
         *Shows as* are real texts of the records, with invented names; what differs from case to case is captured. \
         *First* are the remedies that cost least; their order in a report depends on what the logs show. A cause whose \
         severity is *info* is no failure: it is there so that a harmless record is not taken for one.\n\n",
        knowledge.causes.len(),
        categories.len(),
    );
    page.push_str("| category | causes |\n|---|---|\n");
    for (category, causes) in &categories {
        let _ = writeln!(page, "| [{category}](#{category}) | {} |", causes.len());
    }
    for (category, causes) in &mut categories {
        // The worst first: that is what somebody in trouble looks for.
        causes.sort_by_key(|it| (std::cmp::Reverse(it.severity), &it.id));
        let _ = write!(page, "\n## {category}\n");
        for cause in causes.iter() {
            entry(&mut page, knowledge, cause);
        }
    }
    page
}

fn entry(page: &mut String, knowledge: &Knowledge, cause: &Cause) {
    // Writing to a string does not fail, here and below.
    let _ = write!(page, "\n### {}\n\n**{}** · {}", cause.id, escaped(&title(cause.title.en())), cause.severity);
    if cause.context {
        page.push_str(" · evidence only");
    }
    let _ = write!(page, "\n\n{}\n\n", escaped(cause.explanation.en()));
    shows(page, knowledge, cause);
    let remedies = in_order(knowledge, cause);
    if !remedies.is_empty() {
        let titled = |it: &&Remedy| format!("{} (`{}`)", escaped(&title(it.title.en())), it.id);
        let first: Vec<String> = remedies.iter().take(MOST_REMEDIES).map(titled).collect();
        let more = more(remedies.len(), MOST_REMEDIES);
        let _ = writeln!(page, "- First: {}{more}", first.join("; "));
    }
    let _ = writeln!(page, "- Affects: {}", escaped(cause.affected.en()));
    if !cause.aliases.is_empty() {
        let aliases: Vec<String> = cause.aliases.iter().map(|it| code(it)).collect();
        let _ = writeln!(page, "- Also: {}", aliases.join(", "));
    }
    let sources: Vec<String> = cause.sources.iter().map(|it| link(it)).collect();
    let _ = writeln!(page, "- How sure: {}. Sources: {}", basis_means(cause.basis), sources.join(", "));
}

/// How it is seen, a text for each signature.
fn shows(page: &mut String, knowledge: &Knowledge, cause: &Cause) {
    if let Some(why) = &cause.not_in_logs {
        let _ = writeln!(page, "- No log shows it: {}", escaped(why.en()));
        return;
    }
    let shown_by = knowledge.shown_by(cause);
    if shown_by.is_empty() {
        let what: Vec<String> = cause.when.iter().map(|it| escaped(it.what.en())).collect();
        let _ = writeln!(page, "- Shows in the state of the VM's files and keys: {}", what.join("; "));
        return;
    }
    page.push_str("- Shows as\n");
    for signature in shown_by.iter().take(MOST_SIGNATURES) {
        let logs: Vec<&str> = signature.logs.iter().map(|log| log.as_str()).collect();
        let _ = writeln!(page, "  - {} ({})", code(&sample(signature)), logs.join(", "));
    }
    if shown_by.len() > MOST_SIGNATURES {
        let _ = writeln!(page, "  - … and {} texts more", shown_by.len() - MOST_SIGNATURES);
    }
}

fn more(all: usize, shown: usize) -> String {
    all.checked_sub(shown).filter(|it| *it > 0).map(|it| format!("; {it} more")).unwrap_or_default()
}

/// The line of a sample that says most of it: the one with an anchor.
fn sample(signature: &Signature) -> String {
    let text = signature.samples.first().map(|it| it.text.as_str()).unwrap_or_default();
    let line = text.lines().find(|line| signature.has_anchor(line.as_bytes())).unwrap_or(text).trim();
    let mut cut: String = line.chars().take(MOST_TEXT).collect();
    if line.chars().nth(MOST_TEXT).is_some() {
        cut.push('…');
    }
    cut
}

/// Text in which nothing means something to Markdown, on one line.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        for c in word.chars() {
            if matches!(c, '\\' | '`' | '*' | '_' | '<' | '>' | '[' | ']' | '#' | '|' | '~') {
                out.push('\\');
            }
            out.push(c);
        }
    }
    out
}

/// Text as code; a fence of two where a backtick stands in it.
fn code(text: &str) -> String {
    if text.contains('`') { format!("`` {text} ``") } else { format!("`{text}`") }
}

fn link(source: &str) -> String {
    let is_link = source.starts_with("https://") && !source.contains(char::is_whitespace);
    if is_link { format!("<{source}>") } else { escaped(source) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_the_base_means_something_to_markdown() {
        assert_eq!(escaped("Disk <disk>\n of a_b *"), r"Disk \<disk\> of a\_b \*");
        assert_eq!(code("a `b` c"), "`` a `b` c ``");
        assert_eq!(link("https://example.org/a_b"), "<https://example.org/a_b>");
        assert_eq!(link("KB 1_2"), r"KB 1\_2");
    }

    #[test]
    fn every_cause_has_its_entry_once() {
        let knowledge = Knowledge::builtin().unwrap();
        let page = page(&knowledge);
        for cause in &knowledge.causes {
            assert_eq!(page.matches(&format!("\n### {}\n", cause.id)).count(), 1, "{}", cause.id);
        }
        assert!(page.contains("(Cannot decrypt disk because key or password is incorrect)"));
    }
}
