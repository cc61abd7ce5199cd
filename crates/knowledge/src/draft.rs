//! Drafts a signature from one log line, for its author to go on with.

use std::fmt::Write as _;
use std::sync::OnceLock;

use esxray_model::FormatName;
use regex::Regex;

use crate::schema::{FieldKind, Tone};

/// A record that a signature is wanted for.
#[derive(Debug, Clone)]
pub struct DraftOf<'a> {
    /// Id of the signature to be; made up from its text where it is `None`.
    pub id: Option<&'a str>,
    /// The log that the record is from.
    pub log: FormatName,
    /// Its thread or subsystem, without what is different in every record; empty where it has none.
    pub component: &'a str,
    /// Its message, continuation lines joined by line feeds.
    pub message: &'a str,
    /// What it says.
    pub tone: Tone,
}

/// A drafted signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Its id: the stem of the file that it belongs into.
    pub id: String,
    /// The file's text.
    pub text: String,
}

/// Drafts a signature: what is different in every record becomes a field, the longest text that stays the anchor.
///
/// What is drafted passes the checks of the loader as it is; its title, its fields' names and the counter-sample are
/// for the author to better. `None` where no text of six bytes stays, so that there is nothing to search for.
///
/// # Examples
///
/// ```
/// use esxray_knowledge::{DraftOf, Tone, draft};
/// use esxray_model::FormatName;
///
/// let message = "Failed to back up \"/vmfs/volumes/ds1/APP-01/APP-01.vmdk\" after 3 tries";
/// let of = DraftOf { id: None, log: FormatName::Hostd, component: "Backup", message, tone: Tone::Failure };
/// let draft = draft(&of).unwrap();
/// assert_eq!(draft.id, "failed-to-back-up");
/// assert!(draft.text.contains("anchors = [\"Failed to back up \"]") || draft.text.contains("Failed to back up"));
/// assert!(draft.text.contains("disk = \"disk-path\""));
/// ```
pub fn draft(of: &DraftOf<'_>) -> Option<Draft> {
    let line = of.message.lines().next().unwrap_or_default().trim_end();
    let pieces = pieces(line);
    let literals = pieces.iter().filter_map(|it| if let Piece::Literal(text) = it { Some(*text) } else { None });
    let anchor = literals.max_by_key(|text| text.trim().len()).map(str::trim).filter(|text| text.len() >= FEWEST)?;
    let id = of.id.map_or_else(|| slug(anchor), str::to_owned);
    let mut regex = String::new();
    let mut fields = String::new();
    let mut captured = Vec::new();
    for piece in &pieces {
        match piece {
            Piece::Literal(text) => regex.push_str(&regex::escape(text)),
            Piece::Field { name, class, kind, value } => {
                let _ = write!(regex, "(?<{name}>{class})");
                let _ = writeln!(fields, "{name} = {}", quoted(kind.as_str()));
                captured.push(format!("{name} = {}", quoted(value)));
            }
        }
    }
    let component =
        if of.component.is_empty() { String::new() } else { format!("component = [{}]\n", quoted(of.component)) };
    let fields = if fields.is_empty() { String::new() } else { format!("\n[fields]\n{fields}") };
    let captured =
        if captured.is_empty() { String::new() } else { format!("fields = {{ {} }}\n", captured.join(", ")) };
    let text = format!(
        "title     = {title}\nlogs      = [{log}]\n{component}anchors   = [{anchor}]\nregex     = '''{regex}\\s*$'''\n\
         tone      = {tone}\nbasis     = \"verbatim\"\nsources   = [\"the log that the line is from\"]\n{fields}\n\
         [[sample]]\ntext   = {sample}\n{captured}\n\
         [[not]]\ntext = {not}\nwhy  = \"somebody quotes the line\"\n",
        title = quoted(&format!("A record says: {anchor}")),
        log = quoted(of.log.as_str()),
        anchor = quoted(anchor),
        tone = quoted(of.tone.as_str()),
        sample = quoted(line),
        not = quoted(&format!("the ticket says: {line}")),
    );
    Some(Draft { id, text })
}

/// Bytes that an anchor has to have.
const FEWEST: usize = 6;

enum Piece<'t> {
    Literal(&'t str),
    Field { name: String, class: &'static str, kind: FieldKind, value: &'t str },
}

/// What is different in every record: how it looks, what it is called, the class that takes it, and what it means.
const KINDS: &[(&str, &str, &str, FieldKind)] = &[
    (r#"/[^"'\s]*?[^"']*?\.vmdk"#, "disk", r#"/[^"'\n]+?\.vmdk"#, FieldKind::DiskPath),
    (r#"/[^"'\s]*?[^"']*?\.vmx"#, "vmx", r#"/[^"'\n]+?\.vmx"#, FieldKind::VmxPath),
    (r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", "uuid", r"[0-9a-fA-F-]{36}", FieldKind::Text),
    (r"\bvm-\d+\b", "moref", r"vm-\d+", FieldKind::Moref),
    (r"\btask-\d+\b", "task", r"task-\d+", FieldKind::Task),
    (r"\bnaa\.[0-9a-fA-F]+\b", "device", r"naa\.[0-9a-fA-F]+", FieldKind::Text),
    (r"\b\d{1,3}(?:\.\d{1,3}){3}\b", "address", r"\d{1,3}(?:\.\d{1,3}){3}", FieldKind::Text),
    (r#"/[^\s"',;:)\]]+"#, "path", r#"/[^\s"',;:)\]]+"#, FieldKind::Text),
    (r"\b[a-z][a-z0-9-]*\d[a-z0-9-]*(?:\.[a-z0-9-]+){2,}\b", "host", r"[\w.-]+", FieldKind::Host),
    (r"\b0x[0-9a-fA-F]+\b", "number", r"0x[0-9a-fA-F]+", FieldKind::Number),
    (r"\b\d+(?:\.\d+)?\b", "number", r"\d+(?:\.\d+)?", FieldKind::Number),
];

/// Splits a line into what stays and what is different in every record.
fn pieces(line: &str) -> Vec<Piece<'_>> {
    static ALL: OnceLock<Option<Regex>> = OnceLock::new();
    let all = ALL.get_or_init(|| {
        let quoted = r#""(?<quoted>[^"\n/]+)"|'(?<single>[^'\n/]+)'"#;
        let groups: Vec<String> =
            KINDS.iter().enumerate().map(|(index, it)| format!("(?<k{index}>{})", it.0)).collect();
        Regex::new(&format!("{quoted}|{}", groups.join("|"))).ok()
    });
    let Some(all) = all else { return vec![Piece::Literal(line)] };
    let mut pieces = Vec::new();
    let mut names: Vec<String> = Vec::new();
    let mut from = 0;
    for found in all.captures_iter(line) {
        let field = if let Some(value) = found.name("quoted") {
            (value, "text", r#"[^"\n]+"#, FieldKind::Text)
        } else if let Some(value) = found.name("single") {
            (value, "text", r"[^'\n]+", FieldKind::Text)
        } else {
            let kind = KINDS.iter().enumerate().find_map(|(index, it)| Some((found.name(&format!("k{index}"))?, it)));
            let Some((value, it)) = kind else { continue };
            (value, it.1, it.2, it.3)
        };
        let (value, name, class, kind) = field;
        if value.start() > from {
            pieces.push(Piece::Literal(line.get(from..value.start()).unwrap_or_default()));
        }
        from = value.end();
        let taken = names.iter().filter(|it| *it == name).count();
        names.push(name.to_owned());
        let name = if taken == 0 { name.to_owned() } else { format!("{name}_{}", taken + 1) };
        pieces.push(Piece::Field { name, class, kind, value: value.as_str() });
    }
    if from < line.len() {
        pieces.push(Piece::Literal(line.get(from..).unwrap_or_default()));
    }
    pieces
}

/// An id of the first words of a text.
fn slug(text: &str) -> String {
    let words = text.split(|it: char| !it.is_ascii_alphanumeric()).filter(|it| !it.is_empty());
    let slug = words.take(5).collect::<Vec<_>>().join("-").to_ascii_lowercase();
    if slug.is_empty() { "own-signature".to_owned() } else { slug }
}

/// A TOML string.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            letter if letter.is_control() => drop(write!(quoted, "\\u{:04X}", u32::from(letter))),
            letter => quoted.push(letter),
        }
    }
    quoted + "\""
}

#[cfg(test)]
mod tests {
    use esxray_model::FormatName;

    use super::{DraftOf, draft};
    use crate::schema::Tone;
    use crate::{Knowledge, Pack, PackFile};

    /// A draft is sound as it is: loaded as a pack, it passes every check and every test.
    #[track_caller]
    fn check(log: FormatName, component: &str, message: &str, fields: &[(&str, &str)]) {
        let of = DraftOf { id: None, log, component, message, tone: Tone::Failure };
        let draft = draft(&of).unwrap();
        let file = PackFile { path: format!("signatures/own/{}.toml", draft.id), text: draft.text.clone() };
        let pack = Pack { name: "own".to_owned(), files: vec![file] };
        let knowledge = Knowledge::load(&[pack]).unwrap_or_else(|error| panic!("{error:?}\n{}", draft.text));
        let problems: Vec<String> = knowledge.self_test().iter().map(ToString::to_string).collect();
        assert!(problems.is_empty(), "{problems:?}\n{}", draft.text);
        assert!(knowledge.check_deep().is_empty());
        let signature = knowledge.signature(&draft.id).unwrap();
        let seen = &signature.samples.first().unwrap().fields;
        for (name, value) in fields {
            assert_eq!(seen.get(*name).map(String::as_str), Some(*value), "{}", draft.text);
        }
        assert_eq!(seen.len(), fields.len(), "{}", draft.text);
    }

    #[test]
    fn what_differs_becomes_a_field() {
        check(
            FormatName::Hostd,
            "Backup",
            "Failed to back up disk \"/vmfs/volumes/ds 1/APP-01/APP-01.vmdk\" of vm-1012 after 3 tries (0x1f)",
            &[
                ("disk", "/vmfs/volumes/ds 1/APP-01/APP-01.vmdk"),
                ("moref", "vm-1012"),
                ("number", "3"),
                ("number_2", "0x1f"),
            ],
        );
        check(
            FormatName::VmwareLog,
            "vmx",
            r"Agent 'backup\01' said: [no space] on esx01.lab.example at 10.1.2.3",
            &[("text", r"backup\01"), ("host", "esx01.lab.example"), ("address", "10.1.2.3")],
        );
        check(FormatName::Vobd, "", "Nothing in here ever differs, says the agent.", &[]);
    }

    #[test]
    fn without_a_text_that_stays_there_is_no_draft() {
        let of =
            DraftOf { id: None, log: FormatName::Hostd, component: "", message: "12 34 'x' 56", tone: Tone::Context };
        assert_eq!(draft(&of), None);
    }
}
