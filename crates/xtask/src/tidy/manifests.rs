//! Each dependency has its reason beside it: in the root manifest, where members take theirs from.

use std::borrow::Cow;

use crate::{Complaint, File, Project};

const ROOT: &str = "Cargo.toml";

pub(super) fn check(project: &Project) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for file in project.files.iter().filter(|file| file.name() == ROOT) {
        for (line, name) in without_reason(file) {
            let text = if file.path == ROOT {
                format!("`{name}` without a reason; say behind it in a comment what it is here for")
            } else {
                format!(
                    "`{name}` is neither taken from the workspace nor given a reason; write `{name}.workspace = true`, or a comment behind it"
                )
            };
            complaints.push(Complaint::new(&file.path, line, text));
        }
    }
    complaints
}

/// Dependencies, with their lines, that are not ours, not the workspace's and have no comment.
fn without_reason(file: &File) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut inside = false;
    let mut above: Cow<'_, str> = Cow::default();
    for (line, text) in file.lines() {
        let bare = text.trim();
        if let Some(section) = bare.strip_prefix('[') {
            let section = section.split(']').next().unwrap_or_default();
            inside = section.ends_with("dependencies");
            // `[dependencies.clap]`, a table of its own.
            if let Some((parent, name)) = section.rsplit_once('.')
                && parent.ends_with("dependencies")
                && !has_reason(&above, bare)
            {
                found.push((line, name.to_owned()));
            }
        } else if inside && let Some((name, value)) = bare.split_once('=').filter(|_| !bare.starts_with('#')) {
            let ours = value.contains("path =") || name.trim().ends_with(".workspace") || value.contains("workspace =");
            if !ours && !has_reason(&above, bare) {
                found.push((line, name.trim().to_owned()));
            }
        }
        above = text;
    }
    found
}

/// Whether a comment stands behind an entry, or on the line above it.
fn has_reason(above: &str, entry: &str) -> bool {
    let above = above.trim().strip_prefix('#');
    let comment = comment(entry).or(above).map(str::trim);
    comment.is_some_and(|comment| comment.chars().any(char::is_alphabetic))
}

/// What stands behind the first `#` that is not within quotes.
fn comment(entry: &str) -> Option<&str> {
    let mut quoted = false;
    for (at, it) in entry.char_indices() {
        match it {
            '"' => quoted = !quoted,
            '#' if !quoted => return entry.get(at + 1..),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(path: &str, text: &str) -> Vec<String> {
        check(&Project::of(&[(path, text)])).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_dependency_without_a_reason_is_refused() {
        let text = "[workspace.dependencies]\nesxray-model = { path = \"crates/model\" }\nserde = \"1\" # in and out\nnom = \"8\"\n\n[profile.dev]\ndebug = 1\n";
        let said = said("Cargo.toml", text);
        assert_eq!(said, ["Cargo.toml:4: `nom` without a reason; say behind it in a comment what it is here for"]);
    }

    #[test]
    fn a_reason_may_stand_above() {
        assert_eq!(said("Cargo.toml", "[workspace.dependencies]\n# numbers\nnum = \"1\"\n"), Vec::<String>::new());
        assert_eq!(said("Cargo.toml", "[workspace.dependencies]\n# numbers\n\nnum = \"1\"\n").len(), 1);
        assert_eq!(said("Cargo.toml", "[workspace.dependencies]\nnum = \"1\" #\n").len(), 1);
        assert_eq!(said("Cargo.toml", "[workspace.dependencies]\nnum = \"#1 of all\"\n").len(), 1);
    }

    #[test]
    fn members_take_theirs_from_the_workspace() {
        let text = "[dependencies]\nserde.workspace = true\nregex = { workspace = true, optional = true }\ntime = \"1\"\n[dev-dependencies.rand]\nversion = \"1\"\n";
        let said = said("crates/x/Cargo.toml", text);
        assert_eq!(said.len(), 2, "{said:?}");
        assert!(
            said[0].starts_with("crates/x/Cargo.toml:4: `time`")
                && said[1].starts_with("crates/x/Cargo.toml:5: `rand`")
        );
    }
}
