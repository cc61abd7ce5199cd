//! Knowledge files are printed, quoted and compared with logs, so what cannot be seen must not be in them.

use crate::{Complaint, File, Project};

const FOLDER: &str = "crates/knowledge/data/";

pub(super) fn check(project: &Project) -> Vec<Complaint> {
    let data = project.files.iter().filter(|file| file.path.starts_with(FOLDER) && file.is_a("toml"));
    data.flat_map(complaints).collect()
}

fn complaints(file: &File) -> Vec<Complaint> {
    let mut found = Vec::new();
    for (line, bytes) in (1..).zip(file.bytes.split(|byte| *byte == b'\n')) {
        let Ok(text) = std::str::from_utf8(bytes) else {
            found.push(Complaint::new(&file.path, line, "is not UTF-8; save the file as UTF-8"));
            continue;
        };
        if let Some(unseen) = text.chars().find(|it| is_unseen(*it)) {
            let name = if unseen == '\t' {
                "a tab; use spaces".to_owned()
            } else {
                format!("{}; take it out, or write it as an escape", unseen.escape_unicode())
            };
            found.push(Complaint::new(&file.path, line, name));
        }
    }
    found
}

/// Control characters, and those that hide or turn the text around them.
fn is_unseen(it: char) -> bool {
    it.is_control()
        || matches!(it, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(bytes: &[u8]) -> Vec<String> {
        let file = |path: &str| File { path: path.to_owned(), bytes: bytes.to_vec() };
        let files = vec![file("crates/knowledge/data/signatures/a.toml"), file("crates/x/src/lib.rs")];
        check(&Project { files, packages: Vec::new() }).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn plain_text_is_let_pass() {
        assert_eq!(said("event = \"é → 仮\"\n".as_bytes()), Vec::<String>::new());
    }

    #[test]
    fn what_cannot_be_seen_is_refused_with_its_line() {
        for (bytes, wants) in [
            (&b"a = 1\n\tb = 2\n"[..], "a tab"),
            (b"a = 1\nb = 2\r\n", "\\u{d}"),
            (b"a = 1\nb = \"\x1b[31m\"\n", "\\u{1b}"),
            (b"a = 1\nb = \"\xff\"\n", "is not UTF-8"),
            ("a = 1\nb = \"\u{202e}\"\n".as_bytes(), "\\u{202e}"),
        ] {
            let said = said(bytes);
            assert_eq!(said.len(), 1, "{said:?}");
            assert!(
                said[0].starts_with("crates/knowledge/data/signatures/a.toml:2: ") && said[0].contains(wants),
                "{said:?}"
            );
        }
    }
}
